//! Slowing down whoever guesses passwords.

use std::collections::HashMap;
use std::sync::Mutex;

use base::{Error, Moment, Result};

/// So many wrong passwords are forgiven within the window, for an account and for an address.
const FORGIVEN: u32 = 5;
const WINDOW_MICROS: i64 = 15 * 60 * 1_000_000;
/// Beyond this many keys old ones are dropped, so that nobody fills the memory with names.
const KEYS: usize = 10_000;

/// Counts failures by key; forgotten when the program starts anew.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, (u32, Moment)>>);

impl Throttle {
    /// Errors: `Refused` `access.too_many_attempts` while any of the keys has too many failures.
    pub(crate) fn check(&self, keys: &[String], now: Moment) -> Result<()> {
        let failures = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let wait = keys
            .iter()
            .filter_map(|key| failures.get(key))
            .filter(|(count, _)| *count >= FORGIVEN)
            .map(|(_, since)| since.0 + WINDOW_MICROS - now.0)
            .max()
            .filter(|wait| *wait > 0);
        match wait {
            None => Ok(()),
            Some(wait) => Err(Error::refused("access.too_many_attempts", move |lang| {
                lang::access::too_many_attempts(lang, wait / 60_000_000 + 1)
            })),
        }
    }

    /// Counts a failure for each key.
    pub(crate) fn fail(&self, keys: &[String], now: Moment) {
        let mut failures = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if failures.len() > KEYS {
            failures.retain(|_, (_, since)| since.0 + WINDOW_MICROS > now.0);
        }
        if failures.len() > KEYS {
            failures.clear();
        }
        for key in keys {
            let (count, since) = failures.entry(key.clone()).or_insert((0, now));
            if since.0 + WINDOW_MICROS <= now.0 {
                (*count, *since) = (0, now);
            }
            *count += 1;
        }
    }

    /// Forgets the failures of a key.
    pub(crate) fn forgive(&self, key: &str) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_failures_one_waits_for_the_window_to_pass() {
        let throttle = Throttle::default();
        let keys = ["name:admin".to_owned(), "address:127.0.0.1".to_owned()];
        for _ in 0..FORGIVEN {
            throttle.check(&keys, Moment(0)).unwrap();
            throttle.fail(&keys, Moment(0));
        }
        assert!(throttle.check(&keys, Moment(1)).is_err());
        assert!(throttle.check(&keys[1..], Moment(1)).is_err());
        throttle.check(&["name:other".to_owned()], Moment(1)).unwrap();
        throttle.check(&keys, Moment(WINDOW_MICROS)).unwrap();
        throttle.forgive(&keys[0]);
        throttle.check(&keys[..1], Moment(1)).unwrap();
    }
}
