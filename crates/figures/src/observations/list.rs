//! Observations as they stand, the last recorded first, page by page.

use std::collections::HashSet;

use base::rights::Actor;
use base::{Cursor, Day, DayRange, Error, Moment, Page, Result};
use store::Tx;
use territory::{Atlas, UnitId};

use super::model::Observation;
use super::store as sql;

/// Which observations are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// Of these units; of all without.
    pub(crate) units: Option<HashSet<UnitId>>,
    /// Of the measure of this number.
    pub(crate) measure: Option<i64>,
    /// With a day in this range.
    pub(crate) days: DayRange,
}

impl Filter {
    /// A filter by what was asked for: the days from the first to the last.
    ///
    /// Errors: `Invalid` at `to` when the last lies before the first.
    pub(crate) fn new(
        units: Option<HashSet<UnitId>>,
        measure: Option<i64>,
        (from, to): (Option<Day>, Option<Day>),
    ) -> Result<Self> {
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(Error::invalid("to", lang::observations::days_turned));
        }
        let (from, to) = (from.unwrap_or(Day::MIN), to.map_or(Day::MAX, |to| to.plus(1)));
        Ok(Self { units, measure, days: DayRange { from, to } })
    }
}

/// A unit and all whose numbers lie in it on the map of a day, also those that ended before.
pub(crate) async fn within(
    tx: &mut Tx,
    atlas: &Atlas,
    unit: UnitId,
    day: Day,
) -> Result<HashSet<UnitId>> {
    let (territory, map) = atlas.map(tx, day).await?;
    let lies = |other: &UnitId| {
        map.landings(*other)
            .iter()
            .any(|landing| landing.unit == unit || map.ancestors(landing.unit).contains(&unit))
    };
    Ok(territory.units().iter().map(|unit| unit.id).filter(lies).collect())
}

/// So many entries are looked through by one statement.
const A_STEP: i64 = 5_000;
/// So many for one page; what is rare goes on with the next page, which may hold nothing.
const A_PAGE: i64 = 50_000;

/// A page of the observations that a reader may see, each by its last version.
///
/// Errors: `Invalid` for a cursor of another list.
pub(crate) async fn list(
    tx: &mut Tx,
    reader: Actor<'_>,
    filter: &Filter,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Observation>> {
    let mut before = match cursor {
        Some(cursor) => Cursor::decode(cursor)?,
        None => journal::seq_known_at(tx, Moment(i64::MAX)).await?,
    };
    let end = before.saturating_sub(A_PAGE).max(1);
    let mut found = Vec::new();
    while before > end && found.len() <= limit {
        let first = before.saturating_sub(A_STEP).max(end);
        let rows = sql::latest(tx, reader, (first, before), filter.measure, filter.days).await?;
        let is_wanted =
            |it: &Observation| filter.units.as_ref().is_none_or(|units| units.contains(&it.unit));
        found.extend(rows.into_iter().filter(is_wanted));
        before = first;
    }
    let mut page = Page::cut(found, limit, |it| it.entry);
    if page.next.is_none() && before > 1 {
        page.next = Some(Cursor::encode(&before));
    }
    Ok(page)
}
