//! The trace (*nhật ký xem dữ liệu*): every look at personal data, export and search, with who, what,
//! when and for which purpose, in the sealed journal.

mod actions;
mod model;
pub mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use actions::look_through;
pub use actions::{Filter, list, note, unusual};
pub use model::{Look, Read};
pub use rules::{Habit, Unusual, Why, find_unusual};
pub use verify::verify;
