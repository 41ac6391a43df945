//! The trace (*nhật ký xem dữ liệu*): every look at personal data, export and search, with who, what,
//! when and for which purpose, in the sealed journal.

mod actions;
mod erase;
mod model;
pub mod pages;
mod rules;
mod seen;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use actions::look_through;
pub use actions::{Filter, list, note, unusual};
pub use erase::{count_before, erase_before};
pub use model::{Form, Look, Read};
pub(crate) use model::{WORDS, WORDS_OF_READINGS};
pub use rules::{Habit, Unusual, Why, find_unusual};
pub(crate) use seen::note_seen;
pub use verify::{Verified, verify};
