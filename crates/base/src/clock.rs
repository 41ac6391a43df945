//! Where the time comes from.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Day, Error, Result, ZONE};

const MINUTE_MICROS: i64 = 60 * 1_000_000;
const DAY_MICROS: i64 = 24 * 60 * MINUTE_MICROS;
/// UTC+7, without summer time.
const ZONE_MICROS: i64 = 7 * 60 * MINUTE_MICROS;

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(pub i64);

impl Moment {
    /// The civil day in Vietnam (UTC+7) at this instant.
    #[must_use]
    pub fn day(self) -> Day {
        Day::from_civil(self.timestamp().to_zoned(ZONE.to_time_zone()).date())
    }

    /// The instant of a minute of a civil day in Vietnam. Units: minutes after midnight.
    #[must_use]
    pub fn at(day: Day, minute: i32) -> Self {
        let minutes = i64::from(minute) * MINUTE_MICROS;
        Self(i64::from(day.0) * DAY_MICROS + minutes - ZONE_MICROS)
    }

    /// How far its civil day in Vietnam has come. Units: minutes after midnight, begun ones not
    /// counted.
    #[must_use]
    pub fn minute(self) -> i32 {
        let since_midnight = (self.0 + ZONE_MICROS).rem_euclid(DAY_MICROS);
        i32::try_from(since_midnight / MINUTE_MICROS).unwrap_or_default()
    }

    /// Local date and time, `22/11/2026 14:05`.
    #[must_use]
    pub fn local(self) -> String {
        self.timestamp().to_zoned(ZONE.to_time_zone()).strftime("%d/%m/%Y %H:%M").to_string()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.timestamp())
    }
}

impl std::str::FromStr for Moment {
    type Err = Error;

    /// Reads an RFC 3339 instant.
    fn from_str(text: &str) -> Result<Self> {
        let timestamp: Timestamp =
            text.parse().map_err(|_| Error::invalid("instant", lang::error::bad_instant))?;
        Ok(Self(timestamp.as_microsecond()))
    }
}

impl TryFrom<String> for Moment {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

/// The source of "now": the system's clock, or one that a test sets.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `moment`; every reading moves it on by one microsecond, so that
    /// two events never share an instant.
    #[must_use]
    pub fn fixed(moment: Moment) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(moment.0))))
    }

    /// The present instant.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System => Moment(Timestamp::now().as_microsecond()),
            Source::Fixed(at) => Moment(at.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// The present day in Vietnam.
    #[must_use]
    pub fn today(&self) -> Day {
        self.now().day()
    }
}
