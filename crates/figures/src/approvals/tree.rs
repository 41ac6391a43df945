//! Who reports, checks and approves a period: the units of the map on its last day.

use base::{Day, Error, Result};
use packs::{Calendar, Catalogue, Collection};
use territory::{Level, Territory, UnitId};

use super::rules::Rank;
use crate::Period;

/// A collection and one of its periods, with the levels that act in it.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The collection.
    pub collection: &'a Collection,
    /// The period.
    pub period: Period,
    /// The reporting level, those that check from the nearest up, the one that approves.
    chain: Vec<Level>,
}

impl<'a> Scope<'a> {
    /// The levels of a collection for one of its periods.
    ///
    /// Errors: `Internal` when a definition that packs refuse is stored.
    pub(crate) fn new(collection: &'a Collection, period: Period) -> Result<Self> {
        let levels = collection.levels_on(period.days.last());
        let levels = levels.ok_or_else(|| Error::internal("a period without approval levels"))?;
        let words = std::iter::once(&collection.reported_by)
            .chain(&levels.checks)
            .chain([&levels.approves]);
        let chain: Option<Vec<Level>> = words.map(|word| Level::find(word)).collect();
        let chain = chain.ok_or_else(|| Error::internal("an unknown level"))?;
        Ok(Self { collection, period, chain })
    }

    /// The last day of the period, whose map it stands on.
    #[must_use]
    pub const fn last(&self) -> Day {
        self.period.days.last()
    }

    /// The last day on which it is in time.
    #[must_use]
    pub fn due(&self) -> Day {
        self.last().plus(i32::try_from(self.collection.due_days).unwrap_or_default())
    }

    /// The level of the units that report.
    #[must_use]
    pub fn reporting_level(&self) -> Level {
        self.chain.first().copied().unwrap_or(Level::Hamlet)
    }

    /// What units of a level are in the flow; none where they have no part in it.
    pub(crate) fn rank(&self, level: Level) -> Option<Rank> {
        let place = self.chain.iter().position(|it| *it == level)?;
        Some(match place {
            0 => Rank::Reporter,
            _ if place + 1 == self.chain.len() => Rank::Approver,
            _ => Rank::Checker,
        })
    }

    /// The units above one that have a part in the flow, from the nearest up.
    pub(crate) fn above(&self, territory: &Territory, unit: UnitId) -> Vec<UnitId> {
        let above = territory.ancestors(unit, self.last()).into_iter();
        let has_part = above.filter(|version| self.rank(version.kind.level()).is_some());
        has_part.map(|version| version.unit).collect()
    }

    /// The units below one that have a part in the flow, those of a higher level first.
    pub(crate) fn below(&self, territory: &Territory, unit: UnitId) -> Vec<UnitId> {
        let own = territory.unit(unit).map(|unit| unit.level);
        let lower = self.chain.iter().rev().filter(|level| own.is_some_and(|own| own < **level));
        let units = lower.flat_map(|level| territory.under(Some(unit), self.last(), *level));
        units.map(|version| version.unit).collect()
    }

    /// The reporting units below one, or itself where it reports.
    #[must_use]
    pub fn reporters(&self, territory: &Territory, unit: UnitId) -> Vec<UnitId> {
        if territory.unit(unit).is_some_and(|unit| unit.level == self.reporting_level()) {
            return vec![unit];
        }
        let units = territory.under(Some(unit), self.last(), self.reporting_level());
        units.into_iter().map(|version| version.unit).collect()
    }

    /// The units below one that check and have somebody to check, those nearest to the reporting
    /// units first.
    #[must_use]
    pub fn checkers(&self, territory: &Territory, unit: UnitId) -> Vec<UnitId> {
        let level = |unit: UnitId| territory.unit(unit).map(|unit| unit.level);
        let rank = |unit: UnitId| level(unit).and_then(|level| self.rank(level));
        let mut units = self.below(territory, unit);
        units.retain(|it| rank(*it) == Some(Rank::Checker));
        units.retain(|it| !self.reporters(territory, *it).is_empty());
        units.sort_by_key(|it| std::cmp::Reverse(level(*it)));
        units
    }

    /// All units that report the period, in the order of their ids.
    pub(crate) fn all_reporters(&self, territory: &Territory) -> Vec<UnitId> {
        let level = self.reporting_level();
        let units = territory.units().iter();
        let there = units.filter(|unit| unit.level == level && unit.at(self.last()).is_some());
        let mut units: Vec<UnitId> = there.map(|unit| unit.id).collect();
        units.sort_unstable();
        units
    }

    /// The periods before this one, oldest first.
    pub(crate) fn before(&self, catalogue: &Catalogue, count: usize) -> Vec<Period> {
        let calendar = calendar_of(catalogue, self.collection);
        Period::last_over(self.collection.period, calendar, self.period.days.from, count)
    }
}

/// The calendar of a collection.
pub(crate) fn calendar_of<'a>(
    catalogue: &'a Catalogue,
    collection: &Collection,
) -> Option<&'a Calendar> {
    catalogue.calendars().into_iter().find(|calendar| calendar.code == collection.calendar)
}

/// The last periods of a collection that were over before a day, oldest first.
#[must_use]
pub fn periods_of(
    catalogue: &Catalogue,
    collection: &Collection,
    today: Day,
    count: usize,
) -> Vec<Period> {
    let calendar = calendar_of(catalogue, collection);
    let mut periods = Period::last_over(collection.period, calendar, today, count);
    periods.retain(|period| collection.asks_for(period.days.last()));
    periods
}

/// A collection and one of its periods by their codes.
///
/// Errors: `NotFound` for an unknown collection; `Invalid` at `period` for what is no period of it,
/// or one that has not begun.
pub fn find_scope<'a>(
    catalogue: &'a Catalogue,
    collection: &str,
    period: &str,
    today: Day,
) -> Result<Scope<'a>> {
    let found = catalogue.collection(collection);
    let found = found.ok_or_else(|| {
        let code = collection.to_owned();
        Error::not_found(move |lang| lang::approvals::no_collection(lang, &code))
    })?;
    let period = Period::parse(period, &catalogue.calendars())?;
    if period.days.from > today {
        return Err(Error::invalid("period", lang::figures::period_to_come));
    }
    let calendar = calendar_of(catalogue, found);
    let is_own = period.kind() == Some(found.period)
        && period.prefix() == calendar.map_or("", |calendar| &calendar.prefix)
        && found.asks_for(period.days.last());
    if !is_own {
        return Err(Error::invalid("period", lang::approvals::other_period));
    }
    Scope::new(found, period)
}
