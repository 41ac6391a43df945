//! Watches: who wants to be told of what, what has changed, and the words that tell it.
//!
//! What can be watched is a [`Topic`] of a unit. How each stands is kept; after the journal grew,
//! [`look_again`] compares that with how it stands now, and writes what has changed, the letters to
//! those who watch it, and the new state in one transaction: each change is told once. Web feeds
//! read the changes; letters go out through the outbox.

mod actions;
mod check;
mod letters;
mod look;
mod model;
mod rules;
mod site;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub(crate) use actions::{
    Context, Settled, Wish, ask, can_be_watched, confirm, end, find_mine, find_pending,
    is_looked_at, letters, settle_letters,
};
pub use actions::{address_of, count_unconfirmed, forget_unconfirmed, sweep};
pub(crate) use check::last_told;
pub use check::{Looked, look_again};
pub use letters::Letter;
pub(crate) use letters::{Subject as SubjectWords, end_path, words};
pub(crate) use look::unit_of;
pub use model::{
    Change, Corrected, Ending, Event, Moved, Seen, Series, Since, Standing, State, Subject, Topic,
};
pub use rules::compare;
pub(crate) use rules::{CONFIRM_HOURS, address};
pub use site::{Post, Site};

/// The kind of messages in the outbox that are letters.
pub const LETTERS: &str = "mail";
