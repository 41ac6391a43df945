//! Who has reported a period and when: completeness and timeliness (*đầy đủ, đúng hạn*).

use std::collections::{BTreeMap, HashMap};

use base::{Day, Result};
use packs::{Catalogue, Nature};
use store::Tx;
use territory::{BasisMap, Territory, UnitId};

use super::model::State;
use super::store as sql;
use super::tree::Scope;
use crate::period::end_of;

/// What a unit has done for a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reporting {
    /// All measures, in time: with this entry the last of them came.
    InTime(i64),
    /// All measures, the last of them after the last day.
    Late(i64),
    /// Some measures are missing.
    Partly,
    /// Nothing was reported.
    Nothing,
}

impl Reporting {
    /// Whether all was reported.
    pub(crate) const fn is_whole(self) -> bool {
        matches!(self, Self::InTime(_) | Self::Late(_))
    }

    /// The entry with which the last measure came.
    pub(crate) const fn entry(self) -> Option<i64> {
        match self {
            Self::InTime(entry) | Self::Late(entry) => Some(entry),
            Self::Partly | Self::Nothing => None,
        }
    }
}

/// A unit that is to report, and what it has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) unit: UnitId,
    pub(crate) reporting: Reporting,
    pub(crate) state: State,
}

/// How many have reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) expected: u32,
    pub(crate) whole: u32,
    pub(crate) in_time: u32,
    /// Handed in, or further.
    pub(crate) handed_in: u32,
    /// Handed in, and no further.
    pub(crate) submitted: u32,
    /// All reported, and not handed in.
    pub(crate) waiting: u32,
    pub(crate) locked: u32,
}

impl Rate {
    /// Counts one unit more.
    pub(crate) fn add(&mut self, row: &Row) {
        self.expected += 1;
        self.whole += u32::from(row.reporting.is_whole());
        self.in_time += u32::from(matches!(row.reporting, Reporting::InTime(_)));
        self.handed_in += u32::from(row.state != State::Open);
        self.submitted += u32::from(row.state == State::Submitted);
        self.waiting += u32::from(row.reporting.is_whole() && row.state == State::Open);
        self.locked += u32::from(row.state.is_locked());
    }

    /// Both together.
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            expected: self.expected + other.expected,
            whole: self.whole + other.whole,
            in_time: self.in_time + other.in_time,
            handed_in: self.handed_in + other.handed_in,
            submitted: self.submitted + other.submitted,
            waiting: self.waiting + other.waiting,
            locked: self.locked + other.locked,
        }
    }

    /// How many have not reported all.
    pub(crate) const fn missing(self) -> u32 {
        self.expected - self.whole
    }

    /// Tenths of a percent; none where nobody is to report.
    pub(crate) fn share(part: u32, whole: u32) -> Option<i64> {
        base::percent(part.into(), whole.into(), 1)
    }
}

/// Who has reported a period.
#[derive(Clone, Debug)]
pub(crate) struct Completeness {
    /// The units that are to report: those of the reporting level on its last day.
    pub(crate) rows: Vec<Row>,
    /// Whether the last day for reporting is over.
    pub(crate) is_due: bool,
}

impl Completeness {
    /// The rates of every unit of a map, by the units that lie in it on that map.
    pub(crate) fn rates(&self, map: &BasisMap) -> BTreeMap<UnitId, Rate> {
        let mut rates = BTreeMap::<UnitId, Rate>::new();
        let mut touched = Vec::new();
        for row in &self.rows {
            touched.clear();
            for landing in map.landings(row.unit) {
                touched.push(landing.unit);
                touched.extend(map.ancestors(landing.unit));
            }
            touched.sort_unstable();
            touched.dedup();
            for unit in &touched {
                rates.entry(*unit).or_default().add(row);
            }
        }
        rates
    }
}

/// Looks up who has reported a period of a collection, and when, by the instants of the journal.
///
/// Cost: the counts of the period.
pub(crate) async fn completeness(
    tx: &mut Tx,
    (catalogue, territory): (&Catalogue, &Territory),
    scope: &Scope<'_>,
    today: Day,
) -> Result<Completeness> {
    let measures: HashMap<i64, Nature> = scope
        .collection
        .measures
        .iter()
        .filter_map(|code| catalogue.measure(code))
        .map(|measure| (measure.number, measure.definition.nature))
        .collect();
    let mut numbers: Vec<i64> = measures.keys().copied().collect();
    numbers.sort_unstable();
    let days = scope.period.days;
    let length = i64::from(days.to.0 - days.from.0);
    // Of each unit: how many measures are whole, how many were begun, and the last entry.
    let mut done = HashMap::<i64, (usize, i64)>::new();
    for row in sql::reported(tx, &numbers, days).await? {
        let (whole, last) = done.entry(row.unit).or_default();
        let is_level = measures.get(&row.measure) == Some(&Nature::Stock);
        if is_level || row.covered == length {
            *whole += 1;
            *last = (*last).max(if is_level { row.first } else { row.last });
        }
    }
    let key = (scope.collection.code.as_str(), scope.period.code.as_str());
    let states: HashMap<UnitId, State> = sql::list_standing(tx, key, None)
        .await?
        .into_iter()
        .map(|version| (version.unit, version.state))
        .collect();
    let late_from = journal::seq_known_at(tx, end_of(scope.due())).await?;
    let row = |unit: UnitId| Row {
        unit,
        state: states.get(&unit).copied().unwrap_or(State::Open),
        reporting: match done.get(&unit.0) {
            None => Reporting::Nothing,
            Some((whole, _)) if *whole < numbers.len() => Reporting::Partly,
            Some((_, last)) if *last < late_from => Reporting::InTime(*last),
            Some((_, last)) => Reporting::Late(*last),
        },
    };
    let rows = scope.all_reporters(territory).into_iter().map(row).collect();
    Ok(Completeness { rows, is_due: scope.due() < today })
}
