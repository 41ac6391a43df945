//! Asking the journal: sums of cells, and the entries behind them.

use std::collections::{BTreeSet, HashMap};

use base::{Cursor, Day, DayRange, Moment, Page, Result};
use store::Tx;

use crate::store as sql;
use crate::{Cell, Entry, Half, MeasureId, Posting, PostingRow, block, hash};

/// Sums of two measures (the parts of an indicator) over ranges of days, for every unit.
#[derive(Debug)]
pub struct Sums {
    ranges: usize,
    /// (part, unit, range).
    cells: [Vec<Cell>; 2],
}

impl Sums {
    /// The sum of a part (0 or 1) for a unit in the range of that place; none where no record
    /// stands behind it: no data is not zero.
    #[must_use]
    pub fn get(&self, part: usize, unit: i64, range: usize) -> Option<i64> {
        self.cell(part, unit, range).known()
    }

    /// The sum with the records behind it, for a part, a unit and a range as in [`Self::get`].
    #[must_use]
    pub fn cell(&self, part: usize, unit: i64, range: usize) -> Cell {
        let place = || {
            let at = usize::try_from(unit).ok()? * self.ranges + range;
            self.cells.get(part)?.get(at).copied()
        };
        place().unwrap_or_default()
    }

    /// Units beyond this id have no sums.
    #[must_use]
    pub fn units(&self) -> i64 {
        let longest = self.cells.iter().map(Vec::len).max().unwrap_or_default();
        i64::try_from(longest / self.ranges.max(1)).unwrap_or(i64::MAX)
    }
}

/// Sums while they are collected, by the segments between all bounds of the ranges.
struct Segments {
    bounds: Vec<Day>,
    cells: [Vec<Cell>; 2],
}

impl Segments {
    fn new(ranges: &[DayRange]) -> Self {
        let mut bounds: Vec<Day> = ranges.iter().flat_map(|range| [range.from, range.to]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        Self { bounds, cells: [Vec::new(), Vec::new()] }
    }

    fn width(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    /// The segment that a day lies in.
    fn of(&self, day: Day) -> Option<usize> {
        let after = self.bounds.partition_point(|bound| *bound <= day);
        (after > 0 && after < self.bounds.len()).then(|| after - 1)
    }

    fn add(&mut self, part: usize, unit: i64, segment: usize, more: Cell) {
        let width = self.width();
        let at = usize::try_from(unit).unwrap_or_default() * width + segment;
        let cells = &mut self.cells[part];
        if at >= cells.len() {
            cells.resize((at / width + 1) * width, Cell::default());
        }
        cells[at] = sum([cells[at], more]);
    }

    /// Each range is a run of segments.
    fn into_sums(self, ranges: &[DayRange]) -> Sums {
        let width = self.width().max(1);
        let place = |day: Day| self.bounds.partition_point(|bound| *bound < day);
        let runs: Vec<_> = ranges.iter().map(|range| place(range.from)..place(range.to)).collect();
        let cells = self.cells.map(|segments| {
            let mut cells = Vec::with_capacity(segments.len() / width * ranges.len());
            for unit in segments.chunks_exact(width) {
                cells.extend(runs.iter().map(|run| sum(unit[run.clone()].iter().copied())));
            }
            cells
        });
        Sums { ranges: ranges.len(), cells }
    }
}

/// Cells were checked against overflow when they were made; what stands in one is far from it.
fn sum(cells: impl IntoIterator<Item = Cell>) -> Cell {
    cells.into_iter().fold(Cell::default(), |sum, more| Cell {
        sum: sum.sum.wrapping_add(more.sum),
        records: sum.records.wrapping_add(more.records),
    })
}

/// Sums two measures over ranges of days. For a stock the range begins at [`Day::MIN`].
/// `known` is a number of [`seq_known_at`]: only entries before it count.
///
/// Cost: one small row for each half month and measure; with `known`, one pass over the measure's
/// postings.
pub async fn sums(
    tx: &mut Tx,
    measures: [MeasureId; 2],
    ranges: &[DayRange],
    known: Option<i64>,
) -> Result<Sums> {
    let mut segments = Segments::new(ranges);
    if let Some(seq) = known {
        let last = segments.bounds.last().copied().unwrap_or(Day::MIN);
        for (part, measure) in parts(measures) {
            let rows = sql::sums_before(tx, measure, i64::from(last.0), seq).await?;
            for (unit, day, sum, records) in rows {
                if let Some(segment) = segments.of(day_of(day)) {
                    segments.add(part, unit, segment, Cell { sum, records });
                }
            }
        }
    } else if let [first, .., last] = segments.bounds[..] {
        let span = (Half::of(first), Half(Half::of(last.plus(-1)).0 + 1));
        for (measure, half, totals) in
            sql::totals(tx, (measures[0], measures[1]), span.0, span.1).await?
        {
            let half = Half(half);
            let days = half.days();
            let whole = segments.of(days.from).filter(|at| segments.bounds[at + 1] >= days.to);
            for (part, _) in parts(measures).filter(|(_, wanted)| *wanted == measure) {
                if let Some(segment) = whole {
                    block::each_total(&totals, |unit, cell| {
                        segments.add(part, unit, segment, cell);
                    })?;
                } else {
                    let days = sql::find_block_days(tx, measure, half).await?.unwrap_or_default();
                    block::each_day(half, &days, |unit, day, cell| {
                        if let Some(segment) = segments.of(day) {
                            segments.add(part, unit, segment, cell);
                        }
                    })?;
                }
            }
        }
    }
    Ok(segments.into_sums(ranges))
}

/// The parts to fill; a count has one measure, given twice.
fn parts(measures: [MeasureId; 2]) -> impl Iterator<Item = (usize, MeasureId)> {
    let count = if measures[0] == measures[1] { 1 } else { 2 };
    measures.into_iter().enumerate().take(count)
}

/// The number of the last entry, which is also how many there are: they are numbered without gaps.
pub async fn last_seq(tx: &mut Tx) -> Result<i64> {
    Ok(sql::head(tx).await?.next_seq - 1)
}

/// How far the journal has come in the state that a transaction sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// How many entries there are.
    pub entries: i64,
    /// When the last was recorded. Whatever comes later is recorded later, so that this instant
    /// asks for the same state again, for ever.
    pub at: Moment,
}

/// How far the journal has come.
pub async fn position(tx: &mut Tx) -> Result<Position> {
    let head = sql::head(tx).await?;
    Ok(Position { entries: head.next_seq - 1, at: Moment(head.last_at) })
}

/// The measures on which the entries behind a number have postings; none when there are more
/// entries than `most`, which would take long to read.
///
/// Errors: `Internal` when an entry's postings are damaged.
pub async fn touched_since(
    tx: &mut Tx,
    seq: i64,
    most: usize,
) -> Result<Option<BTreeSet<MeasureId>>> {
    let entries = sql::entries_from(tx, seq + 1, sql::count(most + 1)?).await?;
    if entries.len() > most {
        return Ok(None);
    }
    let mut touched = BTreeSet::new();
    for entry in entries {
        let postings = hash::unpack(&entry.postings)?;
        touched.extend(postings.into_iter().map(|posting| posting.measure));
    }
    Ok(Some(touched))
}

/// The number before which all entries were recorded by `moment`, for "as known on".
pub async fn seq_known_at(tx: &mut Tx, moment: Moment) -> Result<i64> {
    // Entries are numbered without gaps and never recorded earlier than the one before, so the
    // place is found by halving.
    let (mut low, mut high) = (1, sql::head(tx).await?.next_seq);
    while low < high {
        let middle = low + (high - low) / 2;
        if sql::recorded_at(tx, middle).await? <= moment.0 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Which postings a list of "what is behind this number" wants.
#[derive(Clone, Debug)]
pub struct EntriesBehind {
    /// The measure of the part.
    pub measure: MeasureId,
    /// The units whose cells make up the number.
    pub units: Vec<i64>,
    /// The days that count.
    pub days: DayRange,
    /// Only entries before this number, if given.
    pub known: Option<i64>,
}

/// So many numbers are named in one statement. With more units than this a list is read as it
/// comes and sorted out here.
const NAMED_IN_A_STATEMENT: usize = 400;

/// The postings behind a number with their entries, in the order of day, unit and entry.
///
/// Errors: `Invalid` for a cursor of another list.
pub async fn entries_behind(
    tx: &mut Tx,
    wanted: &EntriesBehind,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<PostingRow>> {
    let mut after = match cursor {
        Some(cursor) => Cursor::decode(cursor)?,
        None => (i64::from(Day::MIN.0), 0, 0, 0),
    };
    let known = wanted.known.unwrap_or(i64::MAX);
    let few = wanted.units.len() <= NAMED_IN_A_STATEMENT;
    if wanted.units.is_empty() {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let chosen: std::collections::HashSet<i64> = wanted.units.iter().copied().collect();
    let (listed, batch) = if few { (&wanted.units[..], limit + 1) } else { (&[][..], 2000) };
    let mut rows = Vec::new();
    loop {
        let found = sql::behind(
            tx,
            wanted.measure,
            wanted.days,
            after,
            known,
            (listed, sql::count(batch)?),
        )
        .await?;
        let end = found.len() < batch;
        if let Some(last) = found.last() {
            after = (last.day, last.unit, last.entry, last.line);
        }
        rows.extend(found.into_iter().filter(|row| few || chosen.contains(&row.unit)));
        if end || rows.len() > limit {
            break;
        }
    }
    let page = Page::cut(rows, limit, |row| (row.day, row.unit, row.entry, row.line));
    Ok(page.map(PostingRow::from))
}

impl From<sql::BehindRow> for PostingRow {
    fn from(row: sql::BehindRow) -> Self {
        let (day, delta, records) = (day_of(row.day), row.delta, row.records);
        Self {
            posting: Posting { measure: row.measure, unit: row.unit, day, delta, records },
            entry: row.entry,
            line: row.line,
            recorded_at: Moment(row.recorded_at),
            actor: row.actor,
            cause: row.cause,
            record_kind: row.record_kind,
            record_id: row.record_id,
            record_version: row.record_version,
        }
    }
}

/// The newest postings behind a number that were recorded from the entry `since` on, the newest
/// first, at most so many.
pub async fn entries_since(
    tx: &mut Tx,
    wanted: &EntriesBehind,
    since: i64,
    limit: usize,
) -> Result<Vec<PostingRow>> {
    let span = (since, wanted.known.unwrap_or(i64::MAX));
    let mut rows = Vec::new();
    for units in wanted.units.chunks(NAMED_IN_A_STATEMENT) {
        let (of, most) = ((wanted.measure, units), sql::count(limit)?);
        rows.extend(sql::behind_since(tx, of, wanted.days, span, most).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.entry, row.line)));
    rows.truncate(limit);
    Ok(rows.into_iter().map(PostingRow::from).collect())
}

/// How many postings are behind a number, and the last entry among them; none without any.
pub async fn count_behind(tx: &mut Tx, wanted: &EntriesBehind) -> Result<(i64, Option<i64>)> {
    let before = wanted.known.unwrap_or(i64::MAX);
    let (mut count, mut last) = (0, None);
    for units in wanted.units.chunks(NAMED_IN_A_STATEMENT) {
        let of = (wanted.measure, units);
        let (more, newest) = sql::count_behind(tx, of, wanted.days, before).await?;
        count += more;
        last = last.max(newest);
    }
    Ok((count, last))
}

/// All cells of a measure, sorted by unit within each half month.
///
/// Errors: `Internal` when a block is damaged.
pub async fn cells(tx: &mut Tx, measure: MeasureId) -> Result<Vec<(i64, Day, Cell)>> {
    let mut cells = Vec::new();
    for (half, _, days) in sql::blocks(tx, measure).await? {
        block::each_day(Half(half), &days, |unit, day, cell| cells.push((unit, day, cell)))?;
    }
    Ok(cells)
}

/// Whether a measure has any posting.
pub async fn is_posted(tx: &mut Tx, measure: MeasureId) -> Result<bool> {
    sql::is_posted(tx, measure).await
}

/// One entry.
pub async fn find_entry(tx: &mut Tx, seq: i64) -> Result<Option<Entry>> {
    let Some(row) = sql::find_entry(tx, seq).await? else { return Ok(None) };
    Ok(Some(Entry {
        postings: hash::unpack(&row.postings)?,
        seq: row.seq,
        id: row.id,
        recorded_at: Moment(row.recorded_at),
        actor: row.actor,
        cause: row.cause,
        record_kind: row.record_kind,
        record_id: row.record_id,
        record_version: row.record_version,
        content_hash: row.content_hash,
        hash: row.hash,
    }))
}

/// When these entries were recorded, and by whom, by their numbers.
pub async fn recordings(tx: &mut Tx, entries: &[i64]) -> Result<HashMap<i64, (Moment, String)>> {
    let mut found = HashMap::with_capacity(entries.len());
    for entries in entries.chunks(NAMED_IN_A_STATEMENT) {
        let rows = sql::recordings(tx, entries).await?.into_iter();
        found.extend(rows.map(|(seq, at, actor)| (seq, (Moment(at), actor))));
    }
    Ok(found)
}

fn day_of(number: i64) -> Day {
    i32::try_from(number).map_or(Day::MAX, Day)
}
