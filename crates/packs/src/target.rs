//! Plans, and the targets that they set.

use base::Day;
use serde::{Deserialize, Serialize};

use crate::Words;

/// A document that sets targets (*kế hoạch, đề án*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The code, for programs and addresses.
    pub code: String,
    /// What it is about.
    pub title: Words,
    /// Its number, day and issuer, as far as they are known.
    pub document: Words,
    /// The first day of its time, `YYYY-MM-DD`.
    pub from: String,
    /// The last day of its time.
    pub until: String,
    /// Who answers for it.
    pub agency: Words,
    /// What one who knows the field would add.
    #[serde(default)]
    pub note: Option<Words>,
}

/// Something that a plan wants to be reached (*chỉ tiêu kế hoạch*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// "T7".
    pub code: String,
    /// The code of its plan.
    pub plan: String,
    /// What is to be reached, in few words.
    pub title: Words,
    /// As the plan, or whoever reports on it, says it.
    pub said: Words,
    /// The code of the indicator that measures it.
    #[serde(default)]
    pub indicator: Option<String>,
    /// Why nothing measures it yet; there where no indicator is.
    #[serde(default)]
    pub unmeasured: Option<Words>,
    /// What is not clear in its words, and what must be asked.
    #[serde(default)]
    pub ambiguous: Option<Words>,
    /// Who answers for it, where that is not who answers for the plan.
    #[serde(default)]
    pub agency: Option<Words>,
    /// What is to be reached by when; of several for one level and day the one decided last holds.
    pub values: Vec<TargetValue>,
}

/// A value that units of some levels are to reach by a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetValue {
    /// The levels of the units that are to reach it, each by itself: `province`, `district`,
    /// `commune`, `hamlet`.
    pub levels: Vec<String>,
    /// "50" is 50 % of a share, and 50 of a count.
    pub value: String,
    /// The first day on which it is followed, `YYYY-MM-DD`; that of the plan by default.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day, by which it is to be reached.
    pub by: String,
    /// When it was decided, where a later decision took the place of an earlier one.
    #[serde(default)]
    pub decided_on: Option<String>,
    /// The document of that decision.
    #[serde(default)]
    pub document: Option<Words>,
}

impl Plan {
    /// Its first and its last day.
    #[must_use]
    pub fn days(&self) -> (Day, Day) {
        (day(&self.from).unwrap_or(Day::MIN), day(&self.until).unwrap_or(Day::MAX))
    }
}

impl Target {
    /// What units of a level are to reach next, as it stands on a day: the value whose last day
    /// comes first, and of several decisions about that day the last.
    #[must_use]
    pub fn value_on(&self, plan: &Plan, level: &str, on: Day) -> Option<&TargetValue> {
        let holds = |value: &&TargetValue| value.from(plan) <= on && on <= value.by();
        self.values_of(level).into_iter().filter(holds).min_by_key(|value| value.by())
    }

    /// What units of a level are to reach; of several decisions about one day the last.
    #[must_use]
    pub fn values_of(&self, level: &str) -> Vec<&TargetValue> {
        let own = self.values.iter().filter(|value| value.levels.iter().any(|own| own == level));
        let own: Vec<&TargetValue> = own.collect();
        let holds = |value: &&&TargetValue| !own.iter().any(|it| it.takes_the_place_of(value));
        own.iter().filter(holds).copied().collect()
    }
}

impl TargetValue {
    /// The first day on which it is followed.
    #[must_use]
    pub fn from(&self, plan: &Plan) -> Day {
        self.from.as_ref().and_then(|from| day(from)).unwrap_or_else(|| plan.days().0)
    }

    /// The last day, by which it is to be reached.
    #[must_use]
    pub fn by(&self) -> Day {
        day(&self.by).unwrap_or(Day::MIN)
    }

    /// The value as a whole number of the last of so many decimals; none where it has more.
    #[must_use]
    pub fn scaled(&self, decimals: u32) -> Option<i64> {
        scaled(&self.value, decimals)
    }

    /// Whether a later decision about the same day is meant.
    fn takes_the_place_of(&self, other: &Self) -> bool {
        let decided = |value: &Self| value.decided_on.as_ref().and_then(|on| day(on));
        self.by() == other.by() && decided(self) > decided(other)
    }
}

fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}

/// "12.5" with two decimals as 1250. None when it is not a plain decimal number, or has more.
pub(crate) fn scaled(text: &str, decimals: u32) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = usize::try_from(decimals).ok()?;
    if whole.is_empty() || !digits(whole) || !digits(rest) || rest.len() > decimals {
        return None;
    }
    format!("{whole}{rest:0<decimals$}").parse().ok()
}

/// Like [`scaled`], where a minus may stand before the number.
pub(crate) fn signed(text: &str, decimals: u32) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(rest) => scaled(rest, decimals).map(|value| -value),
        None => scaled(text, decimals),
    }
}
