//! Slowing down whoever tries something too often: guesses passwords, has letters sent.

use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::sync::Mutex;

use base::{Error, Moment, Result};

/// Failures, or whatever else is counted, are counted for this long.
const WINDOW_MICROS: i64 = 15 * 60 * 1_000_000;
/// Beyond this many keys old ones are dropped, so that nobody fills the memory with names.
const KEYS: usize = 10_000;

/// What failures are counted for, with how many of them are forgiven within the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    name: String,
    forgiven: u32,
}

impl Key {
    /// The place that an address belongs to; so many tries are forgiven it.
    #[must_use]
    pub fn of_place(address: &str, forgiven: u32) -> Self {
        Self { name: format!("address:{}", place(address)), forgiven }
    }

    /// The beginnings of sign-ins from a place that leave something in the database, however they
    /// end; a whole office may begin its day at one place.
    pub(crate) fn of_beginnings(address: &str) -> Self {
        Self { name: format!("beginning:{}", place(address)), forgiven: 500 }
    }
}

/// So many failures are forgiven a place, which many may share.
pub(crate) const OF_A_PLACE: u32 = 20;

/// The keys of an attempt. Few for one account from one place; more from a place, which many may
/// share; most for an account from anywhere, so that a stranger does not lock it for its owner
/// (at most 100 in a row: NIST SP 800-63B, 5.2.2).
pub(crate) fn keys(account: &str, address: &str) -> [Key; 3] {
    let address = place(address);
    [
        Key { name: format!("pair:{account}@{address}"), forgiven: 5 },
        Key { name: format!("address:{address}"), forgiven: OF_A_PLACE },
        Key { name: format!("account:{account}"), forgiven: 100 },
    ]
}

/// The keys of a try with a code. Whoever tries one has the password, so that fewer are forgiven
/// from anywhere; and the right password, which opens only the way to the next try, forgives none.
pub(crate) fn keys_of_codes(account: &str, address: &str) -> [Key; 3] {
    let address = place(address);
    [
        Key { name: format!("code-pair:{account}@{address}"), forgiven: 5 },
        Key { name: format!("address:{address}"), forgiven: OF_A_PLACE },
        Key { name: format!("code:{account}"), forgiven: 20 },
    ]
}

/// The network of an address: whoever has one of IPv6 has as many as they like of its first half.
fn place(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(it) if it.to_ipv4_mapped().is_none() => {
            let network = it.to_bits() >> 64 << 64;
            format!("{}/64", Ipv6Addr::from_bits(network))
        }
        _ => address.to_owned(),
    }
}

/// Counts failures by key; forgotten when the program starts anew.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, (u32, Moment)>>);

impl Throttle {
    /// Errors: `Refused` `access.too_many_attempts` while any of the keys has too many failures.
    pub fn check(&self, keys: &[Key], now: Moment) -> Result<()> {
        let failures = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let wait = keys
            .iter()
            .filter_map(|key| failures.get(&key.name).filter(|(count, _)| *count >= key.forgiven))
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
    pub fn fail(&self, keys: &[Key], now: Moment) {
        let mut failures = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if failures.len() > KEYS {
            failures.retain(|_, (_, since)| since.0 + WINDOW_MICROS > now.0);
        }
        if failures.len() > KEYS {
            // Those with many failures are the ones to remember.
            let mut counts: Vec<u32> = failures.values().map(|(count, _)| *count).collect();
            let (_, middle, _) = counts.select_nth_unstable(KEYS / 2);
            let middle = *middle;
            failures.retain(|_, (count, _)| *count > middle);
        }
        for key in keys {
            let (count, since) = failures.entry(key.name.clone()).or_insert((0, now));
            if since.0 + WINDOW_MICROS <= now.0 {
                (*count, *since) = (0, now);
            }
            *count += 1;
        }
    }

    /// Forgets the failures of an account at one place, and those of the account.
    pub(crate) fn forgive(&self, [pair, _, account]: &[Key; 3]) {
        let mut failures = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        failures.remove(&pair.name);
        failures.remove(&account.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(throttle: &Throttle, keys: &[Key], times: u32) {
        (0..times).for_each(|_| throttle.fail(keys, Moment(0)));
    }

    #[test]
    fn after_five_failures_one_waits_for_the_window_to_pass() {
        let throttle = Throttle::default();
        let keys = keys("admin", "127.0.0.1");
        fail(&throttle, &keys, 4);
        throttle.check(&keys, Moment(0)).unwrap();
        fail(&throttle, &keys, 1);
        assert!(throttle.check(&keys, Moment(1)).is_err());
        throttle.check(&keys, Moment(WINDOW_MICROS)).unwrap();
        throttle.forgive(&keys);
        throttle.check(&keys, Moment(1)).unwrap();
    }

    #[test]
    fn a_stranger_locks_neither_the_account_nor_the_place_at_once() {
        let throttle = Throttle::default();
        fail(&throttle, &keys("admin", "192.0.2.1"), 5);
        throttle.check(&keys("admin", "192.0.2.2"), Moment(1)).unwrap();
        throttle.check(&keys("other", "192.0.2.1"), Moment(1)).unwrap();
        fail(&throttle, &keys("other", "192.0.2.1"), 15);
        assert!(throttle.check(&keys("third", "192.0.2.1"), Moment(1)).is_err());
        for host in 10..100 {
            fail(&throttle, &keys("admin", &format!("192.0.2.{host}")), 2);
        }
        assert!(throttle.check(&keys("admin", "192.0.2.200"), Moment(1)).is_err());
    }

    #[test]
    fn the_right_password_forgives_no_wrong_code() {
        let throttle = Throttle::default();
        let codes = keys_of_codes("admin", "192.0.2.1");
        for _ in 0..5 {
            fail(&throttle, &codes, 1);
            throttle.forgive(&keys("admin", "192.0.2.1"));
        }
        assert!(throttle.check(&codes, Moment(1)).is_err());
        throttle.check(&keys("admin", "192.0.2.1"), Moment(1)).unwrap();
        for host in 10..20 {
            fail(&throttle, &keys_of_codes("admin", &format!("192.0.2.{host}")), 2);
        }
        assert!(throttle.check(&keys_of_codes("admin", "192.0.2.200"), Moment(1)).is_err());
    }

    #[test]
    fn the_addresses_of_one_network_are_one_place() {
        assert_eq!(keys("a", "2001:db8::1"), keys("a", "2001:db8::ffff:2"));
        assert_ne!(keys("a", "2001:db8::1"), keys("a", "2001:db8:0:1::1"));
        assert_ne!(keys("a", "::ffff:192.0.2.1"), keys("a", "::ffff:192.0.2.2"));
    }

    #[test]
    fn who_failed_often_is_remembered_among_many_names() {
        let throttle = Throttle::default();
        let guessed = keys("admin", "192.0.2.1");
        fail(&throttle, &guessed, 5);
        for at in 0..KEYS {
            fail(&throttle, &keys(&at.to_string(), &at.to_string()), 1);
        }
        assert!(throttle.check(&guessed, Moment(1)).is_err());
        assert!(throttle.0.lock().unwrap().len() <= KEYS + 3);
    }
}
