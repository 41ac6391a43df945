//! Working calendars: which days offices are closed, and which days of rest they work.

use std::collections::BTreeSet;

use base::{Day, WorkingYear as Calendar};
use serde::{Deserialize, Serialize};

use crate::Words;

/// The working days of one year (*lịch làm việc*), as the documents of that year set them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingYear {
    /// The year, as `2026`.
    pub code: String,
    /// The documents.
    pub document: Words,
    /// What of it must still be compared with them.
    #[serde(default)]
    pub verify: Option<Words>,
    /// The days of the week that are off.
    pub rest: Vec<Weekday>,
    /// When offices close, `17:00`: what comes later counts as of the next working day.
    pub closes: String,
    /// Days off beside them.
    pub off: Vec<DaysOff>,
    /// Days of rest that are worked.
    #[serde(default)]
    pub worked: Vec<WorkedDay>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they name themselves")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Days on which offices are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    /// The first, `YYYY-MM-DD`.
    pub from: String,
    /// The last, where there are several.
    #[serde(default)]
    pub until: Option<String>,
    /// Which holiday it is.
    pub name: Words,
}

/// A day of rest that is worked for another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedDay {
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// The day that is off for it.
    pub instead_of: String,
}

impl DaysOff {
    /// Its days; nothing where they cannot be read.
    #[must_use]
    pub fn days(&self) -> Vec<Day> {
        let until = self.until.as_ref().unwrap_or(&self.from);
        match (self.from.parse::<Day>(), until.parse::<Day>()) {
            (Ok(from), Ok(until)) => (from.0..=until.0).map(Day).collect(),
            _ => Vec::new(),
        }
    }
}

impl WorkingYear {
    /// The year; none where it is no year.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        let year = self.code.parse().ok()?;
        (self.code.len() == 4 && (1900..=2999).contains(&year)).then_some(year)
    }

    /// Minutes after midnight; none where it is no time.
    #[must_use]
    pub fn closes(&self) -> Option<i32> {
        let (hours, minutes) = self.closes.split_once(':')?;
        let is_written = |text: &str| text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        if !is_written(hours) || !is_written(minutes) {
            return None;
        }
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    }

    /// As deadlines are counted by it; none where something of it cannot be read.
    #[must_use]
    pub fn calendar(&self) -> Option<Calendar> {
        let number = |day: &Weekday| match day {
            Weekday::Monday => 1,
            Weekday::Tuesday => 2,
            Weekday::Wednesday => 3,
            Weekday::Thursday => 4,
            Weekday::Friday => 5,
            Weekday::Saturday => 6,
            Weekday::Sunday => 7,
        };
        let worked: BTreeSet<Day> =
            self.worked.iter().map(|it| it.day.parse().ok()).collect::<Option<_>>()?;
        Some(Calendar {
            year: self.year()?,
            rest: self.rest.iter().map(number).collect(),
            off: self.off.iter().flat_map(DaysOff::days).collect(),
            worked,
            closes: self.closes()?,
        })
    }
}
