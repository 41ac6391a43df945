//! What can be watched, how it stands, and what has become of it.

use std::collections::BTreeMap;

use base::Day;
use serde::{Deserialize, Serialize};
use territory::UnitId;

use crate::reports::{Cell, PartSaid};
use crate::targets::Status;

/// What somebody can watch, by its code in the packs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A target of a plan: whether it falls behind, catches up, is reached or missed.
    Target(String),
    /// An indicator: whether a figure has changed though nobody else has reported, or became complete.
    Indicator(String),
    /// A publication, by its name in addresses: whether a number in it was corrected, whether it was
    /// withdrawn or replaced. Its unit is the one of its first row.
    Publication(String),
}

impl Topic {
    /// The word that stands for the kind in addresses and in the database.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Target(_) => "target",
            Self::Indicator(_) => "indicator",
            Self::Publication(_) => "publication",
        }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Target(code) | Self::Indicator(code) | Self::Publication(code) => code,
        }
    }

    /// A topic of its two words; none of a kind that cannot be watched.
    #[must_use]
    pub fn of(kind: &str, code: &str) -> Option<Self> {
        let code = code.to_owned();
        match kind {
            "target" => Some(Self::Target(code)),
            "indicator" => Some(Self::Indicator(code)),
            "publication" => Some(Self::Publication(code)),
            _ => None,
        }
    }
}

/// A topic of one unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// What is watched.
    pub topic: Topic,
    /// Of which unit.
    pub unit: UnitId,
}

/// How a topic of a unit stands; what is kept to be compared with later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Of a target.
    Target(Standing),
    /// Of an indicator.
    Indicator(Series),
    /// Of a publication.
    Publication(Since),
}

/// How a unit stands with a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// In one word.
    pub status: Status,
    /// The newest value, as a whole number of the last decimal.
    pub value: Option<i64>,
    /// The end of its period.
    pub on: Option<Day>,
    /// What is to be reached.
    pub wanted: i64,
    /// By when.
    pub by: Day,
    /// The end of the first period since which it has been behind.
    pub since: Option<Day>,
    /// Decimals of a percentage; none of a count.
    pub decimals: Option<u32>,
}

/// The figures of a unit in the last quarters that are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Decimals of a percentage; none of counts.
    pub decimals: Option<u32>,
    /// By the code of the quarter.
    pub figures: BTreeMap<String, Seen>,
    /// Whether they are of few people: that they changed is told, and not what they were or are.
    #[serde(default)]
    pub is_protected: bool,
}

/// A figure as it was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The value as a whole number of its last decimal; none without data.
    pub value: Option<i64>,
    /// How many of the units that report it have.
    pub reported: u32,
    /// How many there are.
    pub expected: u32,
    /// Whether it may not be shown.
    #[serde(default)]
    pub hidden: bool,
}

impl Seen {
    /// Whether all have reported.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.value.is_some() && self.reported >= self.expected
    }
}

/// What has become of a publication since it was frozen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// The numbers that are others now, by row and column.
    pub corrected: BTreeMap<String, Corrected>,
    /// How it ended; none while it stands.
    pub ended: Option<Ending>,
}

/// A number of a publication and what it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// The name of its row.
    pub row: String,
    /// The head of its column.
    pub column: String,
    /// Which number of the figure the column shows.
    pub part: PartSaid,
    /// As it was published.
    pub frozen: Cell,
    /// As it is now; none where its indicator is no longer declared.
    pub now: Option<Cell>,
}

/// How a publication ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Why.
    pub reason: String,
    /// The number of the one that took its place; none when it was withdrawn.
    pub replaced_by: Option<String>,
}

/// What has become of something that is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Of a target.
    Target {
        /// In one word.
        event: Event,
        /// How it stands now.
        now: Standing,
    },
    /// Of an indicator.
    Indicator {
        /// Decimals of a percentage; none of counts.
        decimals: Option<u32>,
        /// The quarters whose figure is another than before, the earliest first.
        moved: Vec<Moved>,
    },
    /// Of a publication.
    Publication {
        /// The numbers that are others than when somebody looked last.
        corrected: Vec<Corrected>,
        /// How it ended, if it did since.
        ended: Option<Ending>,
    },
}

/// What becomes of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// On the present way it will not be reached (*chậm*).
    FellBehind,
    /// It will be again (*trở lại đúng tiến độ*).
    CaughtUp,
    /// The day has passed, and it was not reached (*không đạt*).
    Missed,
    /// It is reached (*đạt*).
    Reached,
}

/// A figure that is another than before, or that became complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The code of the quarter.
    pub period: String,
    /// The value before; none of one that became complete.
    pub before: Option<i64>,
    /// The value now; none when there are no data any more. Of few people neither is told.
    pub now: Option<i64>,
}
