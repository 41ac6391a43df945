//! Ids that the program makes itself, so that they sort by time and need no counter.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Error, Result};

/// A UUID of version 7 (RFC 9562), made from the clock and random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id(Uuid);

impl Id {
    /// A new id for an event at the clock's present instant.
    #[must_use]
    pub fn new(clock: &Clock) -> Self {
        let millis = u64::try_from(clock.now().0 / 1000).unwrap_or_default();
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random_bytes()).into_uuid())
    }

    /// The sixteen bytes, most significant first.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::str::FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Uuid::parse_str(text).map(Self).map_err(|_| Error::invalid("id", lang::error::bad_id))
    }
}

/// Random bytes from the operating system, for ids, tokens and salts.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "a machine without randomness must not go on")]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
