//! Observations as they stand, the last recorded first, page by page.

use std::collections::HashSet;

use base::{Cursor, Day, DayRange, Moment, Page, Result};
use store::Tx;
use territory::UnitId;

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

impl Default for Filter {
    fn default() -> Self {
        Self { units: None, measure: None, days: DayRange { from: Day::MIN, to: Day::MAX } }
    }
}

/// So many entries are looked through by one statement.
const A_STEP: i64 = 5_000;
/// So many for one page; what is rare goes on with the next page, which may hold nothing.
const A_PAGE: i64 = 50_000;

/// A page of observations, each by its last version.
///
/// Errors: `Invalid` for a cursor of another list.
pub(crate) async fn list(
    tx: &mut Tx,
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
        let rows = sql::latest(tx, (first, before), filter.measure, filter.days).await?;
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
