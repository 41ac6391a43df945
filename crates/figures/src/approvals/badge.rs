//! How far the figures of a period have come, beside the figures themselves.

use std::collections::HashMap;

use base::Result;
use lang::Lang;
use packs::{Catalogue, Collection, Indicator};
use store::Tx;
use territory::{Atlas, UnitId};

use super::model::State;
use super::store as sql;
use super::tree::{Scope, calendar_of};
use crate::Period;

/// How far a figure has come: it is as far as the units that report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    /// Nobody has handed in anything (*chưa duyệt*).
    Open,
    /// Some of it is handed in, or even approved, and may still change (*số liệu sơ bộ*).
    Provisional,
    /// All of it is locked; of so many units without having come all the way (*đã duyệt*).
    Approved {
        /// Units whose figures were locked as they were.
        closed: u32,
    },
}

impl Approval {
    /// As programs are told.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Provisional => "provisional",
            Self::Approved { .. } => "approved",
        }
    }

    /// In words.
    pub(crate) fn say(self, lang: Lang) -> String {
        match self {
            Self::Open => lang::approvals::figure_open(lang).to_owned(),
            Self::Provisional => lang::approvals::figure_provisional(lang).to_owned(),
            Self::Approved { closed: 0 } => lang::approvals::figure_approved(lang).to_owned(),
            Self::Approved { closed } => lang::approvals::figure_closed(lang, closed),
        }
    }
}

/// Reporting units by how far they have come.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    all: u32,
    begun: u32,
    locked: u32,
    closed: u32,
}

impl Tally {
    fn add(&mut self, state: State) {
        self.all += 1;
        self.begun += u32::from(state != State::Open);
        self.locked += u32::from(state.is_locked());
        self.closed += u32::from(state == State::Closed);
    }
}

/// The approval of an indicator's figures, by unit and period.
#[derive(Clone, Debug, Default)]
pub(crate) struct Approvals(Vec<HashMap<UnitId, Tally>>);

impl Approvals {
    /// Of a unit in the period of that place; none where nobody collects it.
    pub(crate) fn get(&self, unit: UnitId, period: usize) -> Option<Approval> {
        let tally = self.0.get(period)?.get(&unit)?;
        Some(match tally {
            Tally { all, locked, closed, .. } if all == locked => {
                Approval::Approved { closed: *closed }
            }
            Tally { begun: 0, .. } => Approval::Open,
            _ => Approval::Provisional,
        })
    }
}

/// Looks up how far the figures of an indicator have come, on the map of a day, as it stood before
/// the entry `known` if that is given.
///
/// Cost: the sheets of each period that a collection has; nothing where none collects it.
pub(crate) async fn approvals_of(
    tx: &mut Tx,
    (atlas, map): (&Atlas, base::Day),
    catalogue: &Catalogue,
    (indicator, periods): (&Indicator, &[Period]),
    known: Option<i64>,
) -> Result<Approvals> {
    let codes = [Some(&indicator.numerator), indicator.denominator.as_ref()];
    let collects = |it: &&Collection| {
        codes.iter().flatten().all(|code| it.measures.iter().any(|own| own == *code))
    };
    let collections: Vec<&Collection> =
        catalogue.collections().into_iter().filter(collects).collect();
    let mut approvals = Approvals::default();
    if collections.is_empty() {
        return Ok(approvals);
    }
    let (territory, basis) = atlas.map(tx, map).await?;
    for period in periods {
        let mut tallies = HashMap::<UnitId, Tally>::new();
        let mut touched = Vec::new();
        for (scope, states) in standing(tx, catalogue, (&collections, period), known).await? {
            for reporter in scope.all_reporters(&territory) {
                touched.clear();
                for landing in basis.landings(reporter) {
                    touched.push(landing.unit);
                    touched.extend(basis.ancestors(landing.unit));
                }
                touched.sort_unstable();
                touched.dedup();
                let state = states.get(&reporter).copied().unwrap_or(State::Open);
                for unit in &touched {
                    tallies.entry(*unit).or_default().add(state);
                }
            }
        }
        approvals.0.push(tallies);
    }
    Ok(approvals)
}

/// How the sheets of units stand.
type States = HashMap<UnitId, State>;

/// The sheets for a period of the collection that somebody has acted on; of the first one where
/// nobody has.
async fn standing<'a>(
    tx: &mut Tx,
    catalogue: &Catalogue,
    (collections, period): (&[&'a Collection], &Period),
    known: Option<i64>,
) -> Result<Vec<(Scope<'a>, States)>> {
    let mut first = None;
    for collection in collections {
        let Some(scopes) = parts(catalogue, collection, period) else { continue };
        let mut all = Vec::with_capacity(scopes.len());
        for scope in scopes {
            let key = (scope.collection.code.as_str(), scope.period.code.as_str());
            let versions = sql::list_standing(tx, key, known).await?.into_iter();
            let states: States = versions.map(|version| (version.unit, version.state)).collect();
            all.push((scope, states));
        }
        if all.iter().any(|(_, states)| !states.is_empty()) {
            return Ok(all);
        }
        first = first.or(Some(all));
    }
    Ok(first.unwrap_or_default())
}

/// The periods of a collection that make up a period exactly; none where they do not.
fn parts<'a>(
    catalogue: &Catalogue,
    collection: &'a Collection,
    period: &Period,
) -> Option<Vec<Scope<'a>>> {
    /// Months of a year.
    const MOST: usize = 12;
    let calendar = calendar_of(catalogue, collection);
    let mut parts = Period::last_over(collection.period, calendar, period.days.to, MOST);
    parts.retain(|part| period.days.from <= part.days.from);
    let begins = parts.first().is_some_and(|first| first.days.from == period.days.from);
    let ends = parts.last().is_some_and(|last| last.days.to == period.days.to);
    let asked = parts.iter().all(|part| collection.asks_for(part.days.last()));
    if !(begins && ends && asked) {
        return None;
    }
    parts.into_iter().map(|part| Scope::new(collection, part).ok()).collect()
}
