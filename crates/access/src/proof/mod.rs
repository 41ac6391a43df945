//! Proving anew who one is before the ways to sign in change, and what follows once they did.
//!
//! Whoever has the password alone must get no further way in. So each change asks for the password, and
//! besides for a factor that the account has already; where it has none yet and may do what asks for
//! one, for an enrolment code that somebody else handed over.

mod actions;
mod enrolment;
pub(crate) mod notices;
pub(crate) mod pieces;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use actions::{Besides, Change, Given, Owner};
pub(crate) use enrolment::ENROLMENT_DAYS;
pub(crate) use store::delete_enrolments_before;

/// A proof of a second factor counts for changes for so long.
pub(crate) const FRESH_MICROS: i64 = 10 * 60 * 1_000_000;
