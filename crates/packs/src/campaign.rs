//! Emulation campaigns: who competes, what gives points, and what is awarded.

use base::Day;
use serde::{Deserialize, Serialize};

use crate::Words;
use crate::target::{scaled, signed};

/// A campaign in which units compete (*phong trào, đợt thi đua*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// The code, for programs and addresses.
    pub code: String,
    /// What it is called.
    pub title: Words,
    /// The document that launched it, with its number and day as far as they are known.
    pub document: Words,
    /// The first day of its time, `YYYY-MM-DD`.
    pub from: String,
    /// The last day of its time.
    pub until: String,
    /// Who answers for it.
    pub agency: Words,
    /// The day of the map on which its units are ranked, whatever merges meanwhile.
    pub map: String,
    /// The code, on that map, of the unit in which they lie; the whole map by default.
    #[serde(default)]
    pub within: Option<String>,
    /// What one who knows the field would add.
    #[serde(default)]
    pub note: Option<Words>,
    /// What in the rules below is the pack's own and must be compared with the document.
    #[serde(default)]
    pub unsure: Option<Words>,
    /// Whether the campaign exists nowhere and only shows the program.
    #[serde(default)]
    pub made_up: bool,
    /// A unit may explain itself for so many days after a round was frozen.
    pub days_to_explain: u16,
    /// A unit may appeal for so many days after a round was frozen.
    pub days_to_appeal: u16,
    /// The criteria that tell equals apart, in this order.
    #[serde(default)]
    pub ties: Vec<String>,
    /// The groups that compete, each among itself.
    pub groups: Vec<Group>,
    /// The periods that are evaluated, in their order.
    pub rounds: Vec<Round>,
    /// What gives points, and what is only shown.
    pub criteria: Vec<Criterion>,
    /// What may be added or taken away by decision.
    #[serde(default)]
    pub adjustments: Vec<AdjustmentKind>,
    /// Classes by points.
    #[serde(default)]
    pub classes: Vec<Class>,
    /// What is awarded, the highest first.
    #[serde(default)]
    pub awards: Vec<AwardForm>,
}

/// Units that compete with each other (*khối, nhóm thi đua*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The code, for addresses.
    pub code: String,
    /// The level of its units: `hamlet`, `commune`, `district`.
    pub level: String,
    /// What it is called.
    pub title: Words,
}

/// A period that is evaluated (*kỳ đánh giá*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// The code of the period: `2022-Q3`.
    pub period: String,
    /// The code of the period from the beginning of the campaign to the end of this round, for
    /// what is counted so far; that of the round by default.
    #[serde(default)]
    pub so_far: Option<String>,
}

/// Which days of a round count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// What happened in the round, or how it stood at its end (*trong kỳ*).
    InRound,
    /// What happened since the campaign began (*lũy kế*).
    SoFar,
}

/// What gives points, bound to one indicator and so to one denominator (*tiêu chí*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// "C1".
    pub code: String,
    /// What is asked, in few words.
    pub title: Words,
    /// As the document, or whoever reports on it, says it.
    #[serde(default)]
    pub said: Option<Words>,
    /// The code of the indicator that measures it.
    pub indicator: String,
    /// The most points; none for what is shown and gives none.
    #[serde(default)]
    pub points: Option<String>,
    /// The groups to which it applies; all by default.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Which days count.
    pub counted: Counted,
    /// The code of the target of a plan whose values are to be reached.
    #[serde(default)]
    pub target: Option<String>,
    /// In its place, what is to be reached in each round.
    #[serde(default)]
    pub wanted: Vec<RoundValue>,
    /// What is not clear in its words, and what must be asked.
    #[serde(default)]
    pub ambiguous: Option<Words>,
    /// How it is kept from being gamed.
    #[serde(default)]
    pub fairness: Option<Words>,
}

/// What is to be reached in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundValue {
    /// The round, by its period.
    pub round: String,
    /// "50" is 50 % of a share, and 50 of a count.
    pub value: String,
}

/// Points that are added or taken away by decision (*điểm thưởng, điểm trừ*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentKind {
    /// The code.
    pub code: String,
    /// What it is for.
    pub title: Words,
    /// The fewest points of one decision; negative takes away.
    pub least: String,
    /// The most points of one decision.
    pub most: String,
}

/// A class by points (*xếp loại*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: Words,
    /// The points from which it begins.
    pub from: String,
}

/// A form of award and who it is proposed for (*hình thức khen thưởng*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwardForm {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: Words,
    /// The groups in which it is given; all by default.
    #[serde(default)]
    pub groups: Vec<String>,
    /// For the first so many places …
    #[serde(default)]
    pub places: Option<u32>,
    /// … or for these classes.
    #[serde(default)]
    pub classes: Vec<String>,
}

impl Campaign {
    /// Its first and its last day.
    #[must_use]
    pub fn days(&self) -> (Day, Day) {
        (day(&self.from).unwrap_or(Day::MIN), day(&self.until).unwrap_or(Day::MAX))
    }

    /// The day of its own map.
    #[must_use]
    pub fn map_day(&self) -> Day {
        day(&self.map).unwrap_or(Day::MIN)
    }

    /// A group by its code.
    #[must_use]
    pub fn group(&self, code: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.code == code)
    }

    /// A round by its period.
    #[must_use]
    pub fn round(&self, period: &str) -> Option<&Round> {
        self.rounds.iter().find(|round| round.period == period)
    }

    /// The round before one.
    #[must_use]
    pub fn round_before(&self, period: &str) -> Option<&Round> {
        let at = self.rounds.iter().position(|round| round.period == period)?;
        self.rounds.get(at.checked_sub(1)?)
    }

    /// The criteria of a group, in their order.
    pub fn criteria_of<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Criterion> {
        self.criteria.iter().filter(move |it| applies(&it.groups, group))
    }

    /// A kind of adjustment by its code.
    #[must_use]
    pub fn adjustment(&self, code: &str) -> Option<&AdjustmentKind> {
        self.adjustments.iter().find(|kind| kind.code == code)
    }

    /// A class by its code.
    #[must_use]
    pub fn class(&self, code: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.code == code)
    }

    /// A form of award by its code.
    #[must_use]
    pub fn award(&self, code: &str) -> Option<&AwardForm> {
        self.awards.iter().find(|award| award.code == code)
    }
}

impl Round {
    /// The period over which a criterion counts in this round.
    #[must_use]
    pub fn counted(&self, counted: Counted) -> &str {
        match (counted, &self.so_far) {
            (Counted::SoFar, Some(so_far)) => so_far,
            _ => &self.period,
        }
    }
}

impl Criterion {
    /// The most points. Units: hundredths.
    #[must_use]
    pub fn most(&self) -> Option<i64> {
        scaled(self.points.as_deref()?, 2)
    }

    /// What its own list wants in a round.
    #[must_use]
    pub fn wanted_in(&self, round: &str) -> Option<&RoundValue> {
        self.wanted.iter().find(|wanted| wanted.round == round)
    }
}

impl RoundValue {
    /// The value as a whole number of the last of so many decimals; none where it has more.
    #[must_use]
    pub fn scaled(&self, decimals: u32) -> Option<i64> {
        scaled(&self.value, decimals)
    }
}

impl AdjustmentKind {
    /// The fewest and the most points of one decision. Units: hundredths.
    #[must_use]
    pub fn bounds(&self) -> Option<(i64, i64)> {
        Some((signed(&self.least, 2)?, signed(&self.most, 2)?))
    }
}

impl Class {
    /// The points from which it begins. Units: hundredths.
    #[must_use]
    pub fn begins(&self) -> Option<i64> {
        scaled(&self.from, 2)
    }
}

impl AwardForm {
    /// Whether it is given in a group.
    #[must_use]
    pub fn is_for(&self, group: &str) -> bool {
        applies(&self.groups, group)
    }
}

/// A list that names nothing holds for all.
fn applies(list: &[String], code: &str) -> bool {
    list.is_empty() || list.iter().any(|own| own == code)
}

fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}
