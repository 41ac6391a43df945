//! Reading lists of units and of their changes, and planning what they add to what is known.

mod batch;
mod parse;
mod plan;
#[cfg(test)]
mod tests;

pub use batch::{Batch, KNOWN_FROM, ListedHamlet, ListedPart, ListedUnit, Place};
pub use parse::{Files, parse};
pub use plan::plan;
