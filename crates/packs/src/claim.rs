//! Figures that somebody published, with the parts they gave.

use serde::{Deserialize, Serialize};

use crate::Words;

/// A published figure (*số liệu đã công bố*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// "F2".
    pub id: String,
    /// What it is about.
    pub title: Words,
    /// As it was published.
    pub said: Words,
    /// Who published it, and when.
    pub source: Words,
    /// The day of publication, or the first of its month; `YYYY-MM-DD`.
    pub said_on: String,
    /// The code of the unit that it speaks of …
    pub unit: String,
    /// … on this day; `YYYY-MM-DD`.
    pub unit_on: String,
    /// What is really counted: `person`, `household`, …
    pub counted: String,
    /// How it can be checked.
    pub check: Check,
    /// What the text says is counted, where that is another thing.
    #[serde(default)]
    pub claimed_counted: Option<String>,
    /// The percentage as published, with all its digits.
    #[serde(default)]
    pub claimed_percent: Option<String>,
    /// The decimals it was published with.
    #[serde(default)]
    pub decimals: u32,
    /// The part above the line.
    #[serde(default)]
    pub numerator: Option<Part>,
    /// The part below the line.
    #[serde(default)]
    pub denominator: Option<Part>,
    /// Shares that ought to make up a whole.
    #[serde(default)]
    pub shares: Vec<Share>,
    /// Why the shares must stand on the bases that are given as `basis_by_rule`: the rule of the
    /// field, and where it is written.
    #[serde(default)]
    pub basis_rule: Option<Words>,
    /// Numbers that ought to add up to `total`.
    #[serde(default)]
    pub terms: Vec<Term>,
    /// The sum that was published.
    #[serde(default)]
    pub total: Option<Term>,
    /// What one who knows the field would add.
    pub note: Words,
}

/// How a claim can be checked from its own parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The numerator in a hundred of the denominator is the published percentage.
    Ratio,
    /// The shares sum to 100 % and stand on one basis.
    Shares,
    /// What the text says is counted is what is counted.
    UnitOfCount,
    /// The terms sum to the total.
    Equality,
    /// Nothing can be computed; the note says why.
    None,
}

/// A number with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The number.
    pub value: i64,
    /// What it is the number of.
    pub name: Words,
    /// Its unit of count.
    pub counted: String,
}

/// A term of a sum has the same shape.
pub type Term = Part;

/// One of several shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// What it is the share of.
    pub name: Words,
    /// As published.
    pub percent: String,
    /// What the hundred is, as the source states it; none where it does not.
    #[serde(default)]
    pub basis: Option<Words>,
    /// What the hundred must be, by the rule of the field: never taken for what the source says.
    #[serde(default)]
    pub basis_by_rule: Option<Words>,
}

impl Claim {
    /// The codes of all units of count that it names, each with the key it stands under.
    pub(crate) fn units_of_count(&self) -> Vec<(&'static str, &str)> {
        let own =
            [("counted", Some(&self.counted)), ("claimed_counted", self.claimed_counted.as_ref())];
        let parts = [
            ("numerator", &self.numerator),
            ("denominator", &self.denominator),
            ("total", &self.total),
        ];
        let parts = parts.into_iter().filter_map(|(key, part)| Some((key, part.as_ref()?)));
        let parts = parts.chain(self.terms.iter().map(|term| ("terms", term)));
        let own = own.into_iter().filter_map(|(key, code)| Some((key, code?.as_str())));
        own.chain(parts.map(|(key, part)| (key, part.counted.as_str()))).collect()
    }
}
