//! The second factor: codes by the time from a telephone, and recovery codes for its loss.

mod actions;
pub(crate) mod pages;
mod recovery;
pub(crate) mod store;
pub(crate) mod totp;

#[cfg(test)]
mod tests;

pub(crate) use actions::{BEGUN_MICROS, Standing};
pub(crate) use recovery::{base32, in_fours};

/// What somebody typed where a code is asked for, read and forgotten.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_typed(text: &str) {
    let _ = recovery::Typed::read(text);
}
