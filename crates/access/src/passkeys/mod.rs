//! Passkeys (WebAuthn): a key on a device that its owner unlocks by a finger, a face or a PIN.

mod actions;
pub(crate) mod pages;
mod rules;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub(crate) use pages::{sign_in_form, sign_in_routes};

/// A challenge waits so long for its answer.
pub(crate) const CHALLENGE_MICROS: i64 = 5 * 60 * 1_000_000;
