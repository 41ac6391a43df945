//! Collections: the measures that units report together, when they are due, who checks and approves
//! them, and what must hold between their numbers.

use base::Day;
use serde::{Deserialize, Serialize};

use crate::target::scaled;
use crate::{PeriodKind, Words};

/// Measures that are reported together (*bộ số liệu báo cáo*).
///
/// While a pack is read its rules carry their places in the file; see [`crate::read`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection<R = Rule> {
    /// The code, for programs and addresses.
    pub code: String,
    /// What it is.
    pub title: Words,
    /// The document that orders it.
    pub document: Words,
    /// What must be known of it, such as that it is a proposal.
    #[serde(default)]
    pub note: Option<Words>,
    /// The codes of its measures.
    pub measures: Vec<String>,
    /// The level of the units that report: `hamlet`, `commune`.
    pub reported_by: String,
    /// For which periods.
    pub period: PeriodKind,
    /// The code of the calendar whose periods these are.
    pub calendar: String,
    /// So many days after the last day of the period it is due.
    pub due_days: u32,
    /// The first day of its time, `YYYY-MM-DD`: periods that ended before are not asked for.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day of its time: periods that end later are not asked for.
    #[serde(default)]
    pub until: Option<String>,
    /// Whether whoever handed figures in may not be the one who checks or approves them.
    pub four_eyes: bool,
    /// Who checks and who approves, by the last day of the period; in the order of time.
    pub levels: Vec<ApprovalLevels>,
    /// What must hold.
    #[serde(default = "Vec::new")]
    pub rules: Vec<R>,
}

/// Which levels check and approve the periods that end within some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalLevels {
    /// The first day, `YYYY-MM-DD`; open in the first entry.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day; open in the last entry.
    #[serde(default)]
    pub until: Option<String>,
    /// The levels that check, from the nearest to the reporting units up.
    pub checks: Vec<String>,
    /// The level that approves, above all of them.
    pub approves: String,
}

/// Something that must hold between the numbers of a unit, or is at least to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The code, of its own in the collection.
    pub code: String,
    /// What is said when it does not hold.
    pub words: Words,
    /// What it does to figures that break it.
    pub severity: Severity,
    /// How the sides are compared.
    pub operator: Operator,
    /// Measures on the left side; of several their sum counts.
    pub left: Vec<String>,
    /// Measures on the right side, for those operators that have one.
    #[serde(default)]
    pub right: Vec<String>,
    /// "10": so many percent below, or above, the period before are still taken.
    #[serde(default)]
    pub percent: Option<String>,
    /// "3.5": a robust z-score further from zero than this stands out.
    #[serde(default)]
    pub limit: Option<String>,
}

/// What a finding does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The figures cannot be handed in.
    Error,
    /// Somebody must say that they looked and that the numbers are right.
    Warning,
}

/// How the sides of a rule are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// Left is at most right: a part and its whole.
    #[serde(rename = "<=")]
    AtMost,
    /// Left is less than right.
    #[serde(rename = "<")]
    Less,
    /// Left is right: the sum of the parts and their whole.
    #[serde(rename = "=")]
    Same,
    /// Left is at least right.
    #[serde(rename = ">=")]
    AtLeast,
    /// Left is more than right.
    #[serde(rename = ">")]
    More,
    /// The measures on the left are reported together, or none of them.
    #[serde(rename = "together")]
    Together,
    /// Left is not below its own number of the period before by more than some percent.
    #[serde(rename = "not_below_previous")]
    NotBelowPrevious,
    /// Left is not above its own number of the period before by more than some percent.
    #[serde(rename = "not_above_previous")]
    NotAbovePrevious,
    /// Left does not stand out from its own numbers of the periods before.
    #[serde(rename = "like_own_past")]
    LikeOwnPast,
    /// Left for each of right does not stand out from the units beside it.
    #[serde(rename = "like_siblings")]
    LikeSiblings,
}

impl Operator {
    /// Whether it compares the left side with the right.
    #[must_use]
    pub const fn compares(self) -> bool {
        matches!(self, Self::AtMost | Self::Less | Self::Same | Self::AtLeast | Self::More)
    }

    /// Whether it has a right side.
    #[must_use]
    pub const fn has_right(self) -> bool {
        self.compares() || matches!(self, Self::LikeSiblings)
    }

    /// Whether it wants `percent`.
    #[must_use]
    pub const fn wants_percent(self) -> bool {
        matches!(self, Self::NotBelowPrevious | Self::NotAbovePrevious)
    }

    /// Whether it wants `limit`.
    #[must_use]
    pub const fn wants_limit(self) -> bool {
        matches!(self, Self::LikeOwnPast | Self::LikeSiblings)
    }
}

impl Rule {
    /// The codes of its measures.
    pub fn measures(&self) -> impl Iterator<Item = &str> {
        self.left.iter().chain(&self.right).map(String::as_str)
    }

    /// Hundredths of a percent.
    #[must_use]
    pub fn percent_scaled(&self) -> Option<i64> {
        scaled(self.percent.as_deref()?, 2)
    }

    /// Hundredths of a z-score.
    #[must_use]
    pub fn limit_scaled(&self) -> Option<i64> {
        scaled(self.limit.as_deref()?, 2)
    }
}

impl<R> Collection<R> {
    /// The same with its rules turned into something else.
    pub fn with_rules<S>(self, turn: impl FnMut(R) -> S) -> Collection<S> {
        Collection {
            rules: self.rules.into_iter().map(turn).collect(),
            code: self.code,
            title: self.title,
            document: self.document,
            note: self.note,
            measures: self.measures,
            reported_by: self.reported_by,
            period: self.period,
            calendar: self.calendar,
            due_days: self.due_days,
            from: self.from,
            until: self.until,
            four_eyes: self.four_eyes,
            levels: self.levels,
        }
    }

    /// Whether a period that ends on a day is asked for.
    #[must_use]
    pub fn asks_for(&self, last: Day) -> bool {
        let from = self.from.as_deref().and_then(day).unwrap_or(Day::MIN);
        let until = self.until.as_deref().and_then(day).unwrap_or(Day::MAX);
        from <= last && last <= until
    }

    /// Who checks and who approves a period that ends on a day.
    #[must_use]
    pub fn levels_on(&self, last: Day) -> Option<&ApprovalLevels> {
        self.levels.iter().find(|levels| {
            let (from, until) = levels.days();
            from <= last && last <= until
        })
    }

    /// What never changes once figures were handed in for it.
    #[must_use]
    pub(crate) fn fixed(&self) -> (&[String], &str, PeriodKind, &str) {
        (&self.measures, &self.reported_by, self.period, &self.calendar)
    }
}

impl ApprovalLevels {
    /// Its first and last day.
    #[must_use]
    pub fn days(&self) -> (Day, Day) {
        let from = self.from.as_deref().and_then(day).unwrap_or(Day::MIN);
        (from, self.until.as_deref().and_then(day).unwrap_or(Day::MAX))
    }
}

fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}
