//! What a pack can declare about figures.

use base::Words;
use serde::{Deserialize, Serialize};

/// `pack.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The pack's name: lower-case letters, digits, hyphens.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its title.
    pub title: Words,
}

/// What is counted in (*đơn vị đếm*): a person, a household, a dossier. Shares over different ones
/// are never mixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitOfCount {
    /// The code, by which measures and claims name it: `household`.
    pub code: String,
    /// The name as it stands behind a number: "hộ", "households".
    pub name: Words,
}

/// How a measure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// How many there are on a day (*số có đến ngày*).
    Stock,
    /// How many there were in a period (*số phát sinh trong kỳ*).
    Flow,
}

/// Something that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The code, for programs.
    pub code: String,
    /// The name.
    pub name: Words,
    /// What one counts exactly.
    pub definition: Words,
    /// The code of its [`UnitOfCount`]: `person`, `household`, `dossier`, …
    pub counted: String,
    /// Stock or flow.
    pub nature: Nature,
    /// Whether it counts a group so small that a number could tell of single people; see
    /// [`Measure::threshold`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<Protected>,
    /// The measures of which it is the sum, or whose sum is at most this: part and rest are then
    /// protected together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sum_of: Vec<String>,
}

/// Numbers from 1 up to a threshold are shown to nobody without the right to see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Protected {
    /// `protected = true`: below [`Protected::USUAL`].
    Usual(bool),
    /// `protected = 10`: below ten.
    Below(i64),
}

impl Protected {
    /// The smallest number that is shown of a small group, where the pack names none.
    pub const USUAL: i64 = 5;
}

impl Measure {
    /// The smallest number other than zero that everybody may see; none where all may be seen.
    #[must_use]
    pub fn threshold(&self) -> Option<i64> {
        match self.protected? {
            Protected::Usual(is_protected) => is_protected.then_some(Protected::USUAL),
            Protected::Below(threshold) => Some(threshold),
        }
    }
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither.
    None,
}

/// A figure that is asked for by name: a count, or one count in a hundred of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// The code, for programs and addresses.
    pub code: String,
    /// The name.
    pub name: Words,
    /// What it says and how it is computed.
    pub definition: Words,
    /// The measure above the line.
    pub numerator: String,
    /// The measure below the line; a plain count has none.
    #[serde(default)]
    pub denominator: Option<String>,
    /// Decimals of the percentage.
    #[serde(default)]
    pub decimals: u32,
    /// Which way is better.
    pub direction: Direction,
    /// The document that defines it.
    pub document: Words,
    /// The level of the units that report it: `hamlet`, `commune`.
    pub reported_by: String,
}

impl Indicator {
    /// The codes of its measures.
    pub fn measures(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.numerator).chain(self.denominator.as_deref())
    }
}

/// A calendar of reporting periods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The code.
    pub code: String,
    /// The name.
    pub name: Words,
    /// What stands before the year in a period's code, such as `R` in `R2025-Q2`: capital letters
    /// that no other calendar has; none for the civil one.
    #[serde(default)]
    pub prefix: String,
    /// The day of the month on which a period begins. From 2 on, it is in the month before the
    /// one that the period is named for.
    pub opens_on: i8,
    /// The document that sets it.
    pub document: Words,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    /// A month (*tháng*).
    Month,
    /// Three months (*quý*).
    Quarter,
    /// Six months (*sáu tháng*).
    HalfYear,
    /// The first nine months of a year (*chín tháng*).
    NineMonths,
    /// A year (*năm*).
    Year,
}
