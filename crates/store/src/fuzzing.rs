//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use base::Unwatched;

use crate::Location;
use crate::encrypted::{Identities, Recipient, open};

/// A key that was made up for this.
const KEY: &str = include_str!("../tests/age/made-up.key");

/// Encrypted backups and their keys: nothing is opened that was not encrypted for the key.
pub fn backups(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let _ = (given.parse::<Recipient>(), given.parse::<Location>());
    if let Ok(keys) = Identities::parse(&given) {
        assert!(!keys.recipients().is_empty());
    }
    let Ok(keys) = Identities::parse(KEY) else { return };
    let mut plain = Vec::new();
    let opened = open(bytes, &mut plain, Some(&keys), "x", &Unwatched).is_ok();
    if !bytes.starts_with(b"age-encryption.org/v1\n") {
        assert!(opened && plain == bytes);
    }
}
