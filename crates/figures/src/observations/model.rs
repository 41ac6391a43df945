//! An observation and what is sent in to make or correct one.

use base::{Day, DayRange};
use territory::UnitId;

/// For when a count holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// So many there were on the day: a stock.
    On(Day),
    /// So many there were in these days: a flow.
    Within(DayRange),
}

impl Reported {
    /// The day on which it counts in the journal.
    #[must_use]
    pub const fn day(self) -> Day {
        match self {
            Self::On(day) => day,
            Self::Within(days) => days.last(),
        }
    }

    /// The first day of a flow; for a stock the day itself.
    #[must_use]
    pub const fn from(self) -> Day {
        match self {
            Self::On(day) => day,
            Self::Within(days) => days.from,
        }
    }
}

/// A file of evidence is at most this long.
pub const LARGEST_EVIDENCE_BYTES: usize = 1 << 20;

/// A file that shows where a count comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// What a file of evidence is called, and what kind of file it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileLabel {
    /// Its name.
    pub(crate) name: String,
    /// Its media type.
    pub(crate) media_type: String,
}

/// A count that is about to be reported.
#[derive(Clone, Debug)]
pub struct NewObservation {
    /// The unit.
    pub unit: UnitId,
    /// The measure's code.
    pub measure: String,
    /// For when it holds.
    pub reported: Reported,
    /// How many.
    pub value: i64,
    /// Who counted, and in which paper or system it stands.
    pub source: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// The file it was taken from.
    pub evidence: Option<Evidence>,
}

/// A correction that is about to be made.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The observation's id.
    pub id: String,
    /// The version that was looked at; another one since is a conflict.
    pub version: i64,
    /// The right number.
    pub value: i64,
    /// Why.
    pub reason: String,
}

/// A withdrawal that is about to be made.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// The observation's id.
    pub id: String,
    /// The version that was looked at; another one since is a conflict.
    pub version: i64,
    /// Why.
    pub reason: String,
}

/// What somebody does to a count that stands.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Puts it right.
    Correct(Correction),
    /// Takes it back.
    Withdraw(Withdrawal),
}

impl Change {
    /// The id of what is changed.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Correct(correction) => &correction.id,
            Self::Withdraw(withdrawal) => &withdrawal.id,
        }
    }
}

/// An observation as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Its id.
    pub id: String,
    /// Its version: 1, then one more with each correction; the last may be a withdrawal.
    pub version: i64,
    /// The unit.
    pub unit: UnitId,
    /// The measure's number.
    pub measure: i64,
    /// The first day it covers; the day itself for a stock.
    pub day_from: Day,
    /// The day on which it counts.
    pub day: Day,
    /// How many; none once it was withdrawn.
    pub value: Option<i64>,
    /// Where it comes from.
    pub source: String,
    /// Whether it was made up.
    pub made_up: bool,
    /// SHA-256 of the file with its evidence.
    pub evidence: Option<Vec<u8>>,
    /// Why it was corrected or withdrawn; none for a first version.
    pub reason: Option<String>,
    /// The entry of the journal that made this version.
    pub entry: i64,
}
