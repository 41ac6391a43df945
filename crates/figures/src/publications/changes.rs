//! What has changed since a publication: each of its numbers beside the answer to the same question
//! today.

use std::collections::HashMap;

use base::{Day, Result};
use journal::PostingRow;
use packs::Catalogue;
use store::Tx;
use territory::{Atlas, UnitId};

use super::model::Publication;
use crate::protection::shows_few_people;
use crate::reports::{Cell, Column, PartSaid, Row, cell};
use crate::{Answer, Part, Period, Question, Sight, ask, entries_of};

/// So many entries behind a change are named.
const MOST_ENTRIES: usize = 12;

/// A number of a publication that is another today.
#[derive(Clone, Debug)]
pub struct Change {
    /// The place of its row in the sheet.
    pub row: usize,
    /// The place of its column.
    pub column: usize,
    /// The indicator.
    pub indicator: String,
    /// The figure as it was frozen.
    pub frozen: Cell,
    /// The figure today; none where its indicator is no longer declared.
    pub now: Option<Cell>,
    /// The newest entries since then that make it up, each by one posting; none where the units or the definitions
    /// changed instead.
    pub entries: Vec<PostingRow>,
}

/// Answers that were given already, so that publications of one page share them.
pub type Asked = HashMap<(String, String, Day), Option<(Period, Answer)>>;

/// The numbers of a publication that are others today: asked for the same units, periods and map,
/// by what is known now. A number that nobody changed is not named, and none of few people: what
/// stood beside what stands now would differ by single reports.
///
/// Cost: one question for each indicator and period of the form, unless it is in `asked`; nothing
/// when no entry came since. Of each change, the entries behind it.
///
/// Errors: `Unavailable`.
pub async fn changed_since(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    publication: &Publication,
    asked: &mut Asked,
) -> Result<Vec<Change>> {
    let sheet = &publication.body.sheet;
    let mut changes = Vec::new();
    if !has_gone_on(tx, publication).await? {
        return Ok(changes);
    }
    for (at, row) in sheet.rows.iter().enumerate() {
        for (column_at, (frozen, column)) in row.cells.iter().zip(&sheet.columns).enumerate() {
            let Some(code) = sheet.indicator(row, column) else { continue };
            if shows_few_people(catalogue, &code) {
                continue;
            }
            let key = (code, column.period.code.clone(), sheet.map);
            if !asked.contains_key(&key) {
                let answer = answer(tx, atlas, catalogue, &key).await?;
                asked.insert(key.clone(), answer);
            }
            let answer = asked.get(&key).and_then(Option::as_ref);
            let now = answer.zip(catalogue.indicator(&key.0)).map(|((_, answer), indicator)| {
                cell(indicator, answer.get(UnitId(row.unit.id), 0))
            });
            if now.as_ref().is_some_and(|now| is_same(frozen, now, column.part)) {
                continue;
            }
            let entries = match answer {
                Some((period, _)) => {
                    let of = (row, column, period);
                    entries(tx, atlas, catalogue, publication, &key.0, of).await?
                }
                None => Vec::new(),
            };
            let (row, column) = (at, column_at);
            let (indicator, frozen) = (key.0, frozen.clone());
            changes.push(Change { row, column, indicator, frozen, now, entries });
        }
    }
    Ok(changes)
}

/// Whether any entry came that the publication did not count and did not make.
async fn has_gone_on(tx: &mut Tx, publication: &Publication) -> Result<bool> {
    let own = i64::try_from(super::FileKind::ALL.len()).unwrap_or_default();
    let last = journal::last_seq(tx).await?;
    let counted = publication.body.sheet.entries;
    Ok(last != counted + own || publication.entry != counted + 1)
}

async fn answer(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    (indicator, period, map): &(String, String, Day),
) -> Result<Option<(Period, Answer)>> {
    let period = Period::parse(period, &catalogue.calendars()).ok();
    let Some(period) = period.filter(|_| catalogue.indicator(indicator).is_some()) else {
        return Ok(None);
    };
    let question = question(indicator, &period, *map);
    let answer = ask(tx, atlas, catalogue, &question).await?;
    Ok(Some((period, answer)))
}

fn question(indicator: &str, period: &Period, map: Day) -> Question {
    let (indicator, periods) = (indicator.to_owned(), vec![period.clone()]);
    Question { indicator, periods, map, known: None, sight: Sight::Public }
}

/// Whether the number that a column shows, or a part that it is made of, is the same.
fn is_same(frozen: &Cell, now: &Cell, part: PartSaid) -> bool {
    // What may no longer be shown is not told to have changed.
    if now.flags.iter().any(|flag| flag == "hidden") {
        return true;
    }
    let parts = |cell: &Cell| (cell.numerator, cell.denominator);
    frozen.number(part) == now.number(part)
        && (part != PartSaid::Value || parts(frozen) == parts(now))
}

/// The newest postings behind both parts since the publication, the newest first.
async fn entries(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    publication: &Publication,
    indicator: &str,
    (row, column, period): (&Row, &Column, &Period),
) -> Result<Vec<PostingRow>> {
    let question = question(indicator, period, publication.body.sheet.map);
    let has_denominator =
        catalogue.indicator(indicator).is_some_and(|indicator| indicator.denominator.is_some());
    let parts: &[Part] = match column.part {
        PartSaid::Numerator => &[Part::Numerator],
        PartSaid::Denominator => &[Part::Denominator],
        PartSaid::Value if has_denominator => &[Part::Numerator, Part::Denominator],
        PartSaid::Value => &[Part::Numerator],
    };
    let since = publication.body.sheet.entries + 1;
    let mut found = Vec::new();
    for part in parts {
        let unit = UnitId(row.unit.id);
        let wanted = entries_of(tx, atlas, catalogue, &question, unit, *part).await?;
        found.extend(journal::entries_since(tx, &wanted, since, MOST_ENTRIES).await?);
    }
    found.sort_by_key(|row| std::cmp::Reverse((row.entry, row.line)));
    // One entry has several postings where it takes a number back and gives another.
    found.dedup_by_key(|row| row.entry);
    found.truncate(MOST_ENTRIES);
    Ok(found)
}
