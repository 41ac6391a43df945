//! Who did what to which record when, and what it means for every figure.
//!
//! An *entry* carries its *postings*; their sums are kept as *cells* in the same transaction.
//! Nothing is edited: a correction is a further entry. Each entry's hash covers the one before it.

mod append;
mod block;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod half;
mod hash;
mod model;
mod read;
pub mod seals;
mod store;
mod varint;
mod verify;

#[cfg(test)]
mod tests;

pub use append::{append, lock};
pub use half::Half;
pub use hash::content_hash;
pub use model::{Cell, Entry, MeasureId, NewEntry, Posting, PostingRow};
pub use read::{
    EntriesBehind, Position, Sums, cells, count_behind, entries_behind, entries_since, find_entry,
    is_posted, last_seq, position, recordings, seq_known_at, sums, touched_since,
};
pub use seals::verify::Trust;
pub use verify::{Fault, Report, verify};
