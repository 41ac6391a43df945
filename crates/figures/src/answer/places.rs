//! Which places a part of a figure is made of, and what each of them gives to it.

use std::collections::HashSet;

use base::{Error, Result};
use journal::EntriesBehind;
use packs::{Catalogue, Nature};
use store::Tx;
use territory::{Atlas, BasisMap, Landing, Level, Territory, UnitId, apportion};

use super::{Loaded, Part, Question, check_reports, find_indicator, known, measures, summed_days};

/// A place that stands behind a part of a figure, or should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Whose number it is.
    pub(crate) reporter: UnitId,
    /// The commune of the map in which the number lies; where there is none, the unit itself.
    pub(crate) commune: UnitId,
    /// What it adds to the part; none for a place that adds nothing.
    pub(crate) counted: Option<i64>,
    /// How it comes to that.
    pub(crate) how: How,
}

/// How a place counts in a part of a figure, or why it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It reported all that the period needs.
    Whole,
    /// A level that it reported before the period still holds.
    Earlier,
    /// A flow of which it reported only some of the days.
    Partly,
    /// It was divided, and only a share of this number counts here.
    Share {
        /// The number of which it is a share.
        of: i64,
    },
    /// It does not count: of a share it reported only one part.
    OnePart,
    /// It does not count: its number is for days that reach over the ends of the period.
    Across,
    /// It does not count: it has reported nothing.
    Missing,
}

/// All places behind a part of a figure, and where their reports are found.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// What counts sums up to the part; a divided place stands here once for each commune.
    pub(crate) list: Vec<Place>,
    /// The postings of those that count.
    pub(crate) entries: EntriesBehind,
    pub(crate) nature: Nature,
}

/// The places behind a part of the figure of a unit, in the first period of the question.
///
/// Errors: those of [`super::ask`].
pub(crate) async fn places_of(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    question: &Question,
    unit: UnitId,
    part: Part,
) -> Result<Places> {
    let indicator = find_indicator(catalogue, &question.indicator)?;
    check_reports(catalogue, indicator, question.sight)?;
    let (territory, map) = atlas.map(tx, question.map).await?;
    let loaded = Loaded::new(tx, catalogue, indicator, question).await?;
    let period = question.periods.first();
    let period = period.ok_or_else(|| Error::invalid("period", lang::figures::bad_period))?;
    let (measures, nature) = measures(catalogue, indicator)?;
    let sheet = loaded.sheet(0, period, &territory);
    let within = Within { territory: &territory, map: &map, unit };
    let mut list = Vec::new();
    let mut reporters = HashSet::new();
    for given in sheet.contributions(map.day()) {
        reporters.insert(given.reporter);
        let landings = map.landings(given.lies_on);
        let whole = match part {
            Part::Numerator => given.parts.0,
            Part::Denominator => given.parts.1,
        };
        // Divided in the same way as the figure, so that the places sum up to it.
        for (landing, (_, counted)) in landings.iter().zip(apportion(whole, landings)) {
            if !within.holds(landing) {
                continue;
            }
            let how = match nature {
                _ if given.divided || landings.len() > 1 => How::Share { of: whole },
                _ if sheet.has_reported(given.reporter.0) => How::Whole,
                Nature::Stock => How::Earlier,
                Nature::Flow => How::Partly,
            };
            let commune = within.commune(landing.unit);
            list.push(Place { reporter: given.reporter, commune, counted: Some(counted), how });
        }
    }
    let mut units: Vec<i64> = list.iter().map(|place| place.reporter.0).collect();
    units.dedup();
    for reporter in sheet.reporters().filter(|reporter| !reporters.contains(&reporter.id)) {
        let landings = map.landings(reporter.id).iter().filter(|landing| within.holds(landing));
        let mut communes: Vec<UnitId> =
            landings.map(|landing| within.commune(landing.unit)).collect();
        communes.dedup();
        let how = sheet.why_not(reporter.id.0);
        list.extend(communes.into_iter().map(|commune| Place {
            reporter: reporter.id,
            commune,
            counted: None,
            how,
        }));
    }
    let entries = EntriesBehind {
        measure: measures[usize::from(part == Part::Denominator)],
        units,
        days: summed_days(nature, period),
        known: known(tx, question).await?,
    };
    Ok(Places { list, entries, nature })
}

/// A unit on a map, and what lies in it.
struct Within<'a> {
    territory: &'a Territory,
    map: &'a BasisMap,
    unit: UnitId,
}

impl Within<'_> {
    fn holds(&self, landing: &Landing) -> bool {
        landing.unit == self.unit || self.map.ancestors(landing.unit).contains(&self.unit)
    }

    /// The commune that a unit is or lies in.
    fn commune(&self, unit: UnitId) -> UnitId {
        let is_commune = |id: &UnitId| {
            let version = self.territory.at(*id, self.map.day());
            version.is_some_and(|version| version.kind.level() == Level::Commune)
        };
        let mut chain = std::iter::once(unit).chain(self.map.ancestors(unit).iter().copied());
        chain.find(is_commune).unwrap_or(unit)
    }
}
