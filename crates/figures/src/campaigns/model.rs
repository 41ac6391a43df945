//! A ranking, and what people record in a campaign.

use base::{Day, Error, Result};
use packs::Campaign;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use territory::UnitId;

use crate::observations::Evidence;

/// The ranking of one round in all groups, with the rules by which it was computed: all that is
/// needed to read it again when the rules have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// The rules.
    pub rules: Campaign,
    /// The round, by its period.
    pub round: String,
    /// The groups, in the order of the rules.
    pub groups: Vec<GroupRanking>,
}

/// The ranking of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRanking {
    /// The group's code.
    pub group: String,
    /// What each criterion asks in the round, in the order of [`Line::scores`].
    pub asked: Vec<AskedOf>,
    /// The units: by place, then those without data.
    pub lines: Vec<Line>,
}

/// What a criterion asks of the units of a group in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedOf {
    /// The criterion's code.
    pub criterion: String,
    /// The code of the period over which it counts.
    pub period: String,
    /// What is to be reached, in the last decimal of the indicator; none where nothing was decided.
    pub wanted: Option<i64>,
    /// The most points; none where it gives none. Units: hundredths.
    pub most: Option<i64>,
}

/// A unit with its points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The unit's own id.
    pub unit: UnitId,
    /// Its code on the map of the campaign.
    pub code: Option<String>,
    /// Its name there.
    pub name: String,
    /// What it achieved in each criterion.
    pub scores: Vec<Scored>,
    /// Added or taken away by decision. Units: hundredths.
    pub adjusted: i64,
    /// All points. Units: hundredths.
    pub total: i64,
    /// Its place, from 1; none without any data.
    pub place: Option<usize>,
    /// How many share the place.
    pub shared_by: usize,
    /// The class that the points give, by its code.
    pub class: Option<String>,
}

/// What a unit achieved in a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The part above the line, or the count.
    pub numerator: Option<i64>,
    /// The part below the line.
    pub denominator: Option<i64>,
    /// The value in the last decimal of the indicator; none without data.
    pub achieved: Option<i64>,
    /// The points for it; none where the criterion gives none. Units: hundredths.
    pub points: Option<i64>,
    /// Whether a part of it comes from a unit that was split, by shares.
    pub estimated: bool,
    /// How many of those who report it have reported.
    pub reported: u32,
    /// How many report it.
    pub expected: u32,
}

impl Scored {
    /// Whether some of those who report it have not.
    #[must_use]
    pub const fn incomplete(&self) -> bool {
        self.achieved.is_some() && self.reported < self.expected
    }
}

impl Ranking {
    /// The ranking of a group.
    #[must_use]
    pub fn group(&self, code: &str) -> Option<&GroupRanking> {
        self.groups.iter().find(|group| group.group == code)
    }
}

impl GroupRanking {
    /// The line of a unit.
    #[must_use]
    pub fn line(&self, unit: UnitId) -> Option<&Line> {
        self.lines.iter().find(|line| line.unit == unit)
    }
}

/// What is recorded in a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// Points added or taken away: [`Adjustment`].
    Adjustment,
    /// An explanation or an appeal: [`Filing`].
    Filing,
    /// A round that is frozen or open: [`RoundState`].
    Round,
    /// A list of awards: [`Awards`].
    Awards,
}

impl RecordKind {
    pub(crate) const ALL: [Self; 4] = [Self::Adjustment, Self::Filing, Self::Round, Self::Awards];

    /// As the table says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adjustment => "adjustment",
            Self::Filing => "filing",
            Self::Round => "round",
            Self::Awards => "awards",
        }
    }

    /// As the journal says it.
    pub(crate) const fn in_journal(self) -> &'static str {
        match self {
            Self::Adjustment => "campaign_adjustment",
            Self::Filing => "campaign_filing",
            Self::Round => "campaign_round",
            Self::Awards => "campaign_awards",
        }
    }

    pub(crate) fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One version of a record, as it is stored and sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub kind: RecordKind,
    /// Its id.
    pub id: String,
    /// Its version, from 1.
    pub version: i64,
    /// The campaign's code.
    pub campaign: String,
    /// The round, by its period.
    pub round: String,
    /// The unit that it is about, where it is about one.
    pub unit: Option<UnitId>,
    /// What it says, as JSON.
    pub body: String,
    /// SHA-256 of its file of evidence.
    pub evidence: Option<Vec<u8>>,
    /// The entry of the journal that made this version.
    pub entry: i64,
}

impl Record {
    /// What it says.
    ///
    /// Errors: `Internal` when this program cannot read it.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.body).map_err(Error::internal)
    }

    /// A further version with another body.
    pub(crate) fn next<T: Serialize>(&self, body: &T) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self { version: self.version + 1, body, ..self.clone() })
    }
}

/// A record with what it says.
#[derive(Clone, Debug)]
pub(crate) struct Kept<T> {
    pub(crate) record: Record,
    pub(crate) body: T,
}

impl<T: DeserializeOwned> Kept<T> {
    pub(crate) fn read(record: Record) -> Result<Self> {
        Ok(Self { body: record.read()?, record })
    }
}

/// Points added or taken away by decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The group in which the unit competes.
    pub group: String,
    /// The kind, by its code.
    pub kind: String,
    /// How many points. Units: hundredths.
    pub points: i64,
    /// Why.
    pub reason: String,
    /// The name of the file of evidence.
    pub file: Option<String>,
    /// The filing that was decided by it.
    pub filing: Option<String>,
    /// Why it was withdrawn; it counts no more then.
    pub withdrawn: Option<String>,
}

/// What a unit files after a round was frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingKind {
    /// It explains how its figures came about (*giải trình*).
    Explanation,
    /// It asks for another result (*kiến nghị*).
    Appeal,
}

/// An explanation or an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// The group in which the unit competes.
    pub group: String,
    /// Which of the two.
    pub kind: FilingKind,
    /// What is filed.
    pub text: String,
    /// Who files it for the unit, by office.
    pub by: String,
    /// The name of the file of evidence.
    pub file: Option<String>,
    /// The version of the round against which it was filed.
    pub round_version: i64,
    /// The last day on which it could be filed.
    pub due_on: Day,
    /// What was decided.
    pub decision: Option<Decision>,
}

/// How a filing was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As the unit asked.
    Upheld,
    /// In part.
    Partly,
    /// Not at all.
    Rejected,
}

/// The decision about a filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// How.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// The adjustment that follows from it, by its id.
    pub adjustment: Option<String>,
}

/// Whether a round is frozen, and how it stood then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundState {
    /// The ranking as it stood; none while the round is open again.
    pub frozen: Option<Ranking>,
    /// The civil day on which it was frozen or opened.
    pub on: Day,
    /// The number of the last entry that was known.
    pub known: i64,
    /// Why it was opened again.
    pub reason: Option<String>,
}

/// Whether a round is frozen, without its ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The version of the round.
    pub(crate) version: i64,
    pub(crate) is_frozen: bool,
    /// Since when it is that, or open again.
    pub(crate) on: Day,
}

impl Kept<RoundState> {
    pub(crate) fn head(&self) -> Head {
        let is_frozen = self.body.frozen.is_some();
        Head { version: self.record.version, is_frozen, on: self.body.on }
    }
}

/// A list of awards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awards {
    /// The version of the round from which it was made.
    pub round_version: i64,
    /// The number of the decision.
    pub decision: String,
    /// Its day.
    pub decided_on: Day,
    /// Who is awarded what.
    pub list: Vec<Award>,
    /// Why the list was withdrawn.
    pub withdrawn: Option<String>,
}

/// One award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// The group.
    pub group: String,
    /// The form of award, by its code.
    pub form: String,
    /// The unit's own id.
    pub unit: UnitId,
    /// Its code on the map of the campaign.
    pub code: Option<String>,
    /// Its name there.
    pub name: String,
    /// Its place.
    pub place: usize,
    /// Its points. Units: hundredths.
    pub total: i64,
    /// Its class, by its code.
    pub class: Option<String>,
}

pub(crate) type AwardsOf = Kept<Awards>;

/// Points that somebody is about to add or take away.
#[derive(Clone, Debug)]
pub struct NewAdjustment {
    /// The campaign's code.
    pub campaign: String,
    /// The round, by its period.
    pub round: String,
    /// The group.
    pub group: String,
    /// The unit.
    pub unit: UnitId,
    /// The kind, by its code.
    pub kind: String,
    /// How many points. Units: hundredths.
    pub points: i64,
    /// Why.
    pub reason: String,
    /// The file that shows it.
    pub evidence: Option<Evidence>,
}

/// What somebody is about to file for a unit.
#[derive(Clone, Debug)]
pub struct NewFiling {
    /// The campaign's code.
    pub campaign: String,
    /// The round, by its period.
    pub round: String,
    /// The group.
    pub group: String,
    /// The unit.
    pub unit: UnitId,
    /// Explanation or appeal.
    pub kind: FilingKind,
    /// What is filed.
    pub text: String,
    /// Who files it for the unit, by office.
    pub by: String,
    /// The file that shows it.
    pub evidence: Option<Evidence>,
}

/// What somebody is about to decide about a filing.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// The filing's id.
    pub id: String,
    /// The version that was looked at; another one since is a conflict.
    pub version: i64,
    /// How.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// The kind of adjustment and its points, where one follows. Units: hundredths.
    pub adjustment: Option<(String, i64)>,
}
