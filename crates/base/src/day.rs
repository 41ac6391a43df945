//! Civil days, as the law counts them.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The zone in which the law's days begin and end: Asia/Ho_Chi_Minh, UTC+7 without summer time.
pub const ZONE: Zone = Zone;

/// See [`ZONE`].
#[derive(Clone, Copy, Debug)]
pub struct Zone;

impl Zone {
    /// As jiff's time zone.
    #[must_use]
    pub const fn to_time_zone(self) -> TimeZone {
        TimeZone::fixed(Offset::constant(7))
    }
}

/// A civil day, kept as the count of days since 1970-01-01; written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub i32);

impl Day {
    /// Before every day that a record can have.
    pub const MIN: Self = Self(-365_000);
    /// After every day that a record can have; the end of what is still in force.
    pub const MAX: Self = Self(2_000_000);

    /// The day of a civil date.
    #[must_use]
    pub fn from_civil(date: Date) -> Self {
        Self(date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days()))
    }

    /// A day from year, month and day of month.
    ///
    /// Errors: `Invalid` when there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self> {
        let date =
            Date::new(year, month, day).map_err(|_| Error::invalid("day", lang::error::bad_day))?;
        Ok(Self::from_civil(date))
    }

    /// As a civil date; days beyond year 9999 are shown as its last day.
    #[must_use]
    pub fn civil(self) -> Date {
        let span = jiff::Span::new().try_days(self.0);
        span.and_then(|span| Date::constant(1970, 1, 1).checked_add(span)).unwrap_or(Date::MAX)
    }

    /// `days` later, or earlier when negative.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.civil())
    }
}

impl std::str::FromStr for Day {
    type Err = Error;

    /// Reads `2025-07-01`, and `01/07/2025` or `1/7/2025` as people write it.
    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::invalid("day", lang::error::bad_day);
        let text = text.trim();
        let is_slashed = text.contains('/');
        let parts: Vec<&str> = text.split(if is_slashed { '/' } else { '-' }).collect();
        let [first, month, last] = parts[..] else { return Err(bad()) };
        let (year, day) = if is_slashed { (last, first) } else { (first, last) };
        // A number may not bring a sign of its own: "+6" is no month.
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return Err(bad());
        }
        Self::new(
            year.parse().map_err(|_| bad())?,
            month.parse().map_err(|_| bad())?,
            day.parse().map_err(|_| bad())?,
        )
    }
}

impl TryFrom<String> for Day {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// Days from `from` up to, but without, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DayRange {
    /// The first day.
    pub from: Day,
    /// The day after the last; [`Day::MAX`] for what is still in force.
    pub to: Day,
}

impl DayRange {
    /// Whether the day is inside.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.from <= day && day < self.to
    }

    /// The last day inside.
    #[must_use]
    pub const fn last(self) -> Day {
        self.to.plus(-1)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn a_day_is_read_in_both_ways_of_writing_and_refused_otherwise() {
        for text in ["2025-07-01", "01/07/2025", "1/7/2025", " 1/7/2025 "] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), "2025-07-01", "{text}");
        }
        for text in [
            "",
            "2025",
            "30/02/2025",
            "01-07-25",
            "1/7/25",
            "2025-13-01",
            "a/b/2025",
            "01/07-2025",
            "2025-07/01",
            "2025-+6-01",
            "+1/7/2025",
            "2025-007-1",
            "２025-07-01",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        assert_eq!(Day(0).to_string(), "1970-01-01");
        assert_eq!("1969-12-31".parse::<Day>().unwrap(), Day(-1));
    }
}
