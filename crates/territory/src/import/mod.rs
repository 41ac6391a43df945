//! Reading lists of units and of their changes, and planning what they add to what is known.

mod acts;
mod batch;
#[cfg(test)]
mod decree_tests;
mod lists;
mod parse;
mod plan;
mod read;
#[cfg(test)]
mod tests;

pub use batch::{Batch, KNOWN_FROM, ListedHamlet, ListedPart, ListedUnit, Place};
pub use lists::{File, Folder, ListSet, sort};
pub use parse::parse;
pub use plan::plan;
