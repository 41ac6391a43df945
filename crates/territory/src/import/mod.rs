//! Reading lists of units and of their changes, and planning what they add to what is known.

mod acts;
mod agree;
mod batch;
#[cfg(test)]
mod correct_tests;
#[cfg(test)]
mod decree_tests;
mod lists;
mod parse;
mod plan;
mod read;
#[cfg(test)]
mod tests;

pub use acts::read_acts;
pub use batch::{
    Batch, KNOWN_FROM_UNLESS_TOLD, ListedAct, ListedHamlet, ListedPart, ListedUnit, Place,
};
pub use lists::{File, Folder, ListSet, sort};
pub use parse::parse;
pub use plan::plan;
