//! Addresses in one column of a spreadsheet, all converted at once.

mod column;
mod convert;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use convert::{Asked, convert};
pub(crate) use write::write;
