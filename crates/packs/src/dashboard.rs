//! Dashboards: which charts stand on a page, in which order.

use base::Day;
use serde::{Deserialize, Serialize};

use crate::Words;

/// A page of charts (*bảng điều hành*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// The code, for addresses.
    pub code: String,
    /// Its title.
    pub title: Words,
    /// Whom it serves and what they look for, in a sentence.
    pub lead: Words,
    /// The charts, in the order in which they stand.
    pub charts: Vec<DashboardChart>,
}

/// One chart of a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DashboardChart {
    /// How it is drawn.
    pub kind: ChartKind,
    /// The code of the indicator that it shows.
    pub indicator: String,
    /// The level of the units that are compared; none for a series, which shows one unit.
    #[serde(default)]
    pub level: Option<String>,
    /// The unit that it shows, or below which the compared ones lie; the province by default.
    #[serde(default)]
    pub under: Option<UnitThen>,
    /// How many quarters, the last of which is the newest that is over. A ranking compares its
    /// places with those of the first of them.
    pub periods: usize,
}

/// A unit by its code on a day. On another map it is the unit in which its land lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitThen {
    /// The code.
    pub code: String,
    /// The day on which it bears the code, `YYYY-MM-DD`.
    pub on: String,
}

impl UnitThen {
    /// The day.
    #[must_use]
    pub fn on(&self) -> Day {
        self.on.parse().unwrap_or(Day::MIN)
    }
}

/// How a chart of a dashboard is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// A line of one unit with the targets of plans.
    Series,
    /// Units in order, with how their places moved.
    Ranking,
    /// A small line for each unit, all on one scale.
    Multiples,
    /// Units on the map before and on the map after the last merger, in the same classes.
    Maps,
}

impl ChartKind {
    /// So many quarters it can show, from and to.
    #[must_use]
    pub const fn periods(self) -> (usize, usize) {
        match self {
            Self::Series => (2, 20),
            Self::Ranking => (1, 20),
            Self::Multiples => (2, 12),
            Self::Maps => (1, 1),
        }
    }
}
