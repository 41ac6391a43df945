//! The second factor: codes by the time from a telephone, and recovery codes for its loss.

mod actions;
pub(crate) mod pages;
mod recovery;
pub(crate) mod store;
pub(crate) mod totp;

#[cfg(test)]
mod tests;

pub(crate) use actions::{BEGUN_MICROS, Standing};
