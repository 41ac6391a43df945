//! Making entries.

use std::collections::BTreeMap;

use base::{Clock, Error, Result};
use store::Tx;

use crate::block::{Block, UNITS};
use crate::store::{self as sql, EntryRow};
use crate::{Half, MeasureId, NewEntry, Posting, hash};

/// Waits for whoever writes to the journal. An action that reads before it writes begins with
/// this, so that what it read still holds when it appends.
///
/// Errors: `Unavailable`.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    sql::lock(tx).await
}

/// Appends entries with their postings and moves the cells, all in the caller's transaction.
/// Gives the number of the first; the others follow without a gap.
///
/// Many at once are cheaper: a cell's block is written once a call, not once an entry.
///
/// Errors: `Unavailable`; `Internal` when a cell would overflow or a unit's id is out of range.
pub async fn append(tx: &mut Tx, clock: &Clock, entries: Vec<NewEntry>) -> Result<i64> {
    if entries.is_empty() {
        return Ok(sql::head(tx).await?.next_seq);
    }
    let mut units = entries.iter().flat_map(|entry| &entry.postings).map(|posting| posting.unit);
    if let Some(unit) = units.find(|unit| !UNITS.contains(unit)) {
        return Err(Error::internal(format!("no unit can have the id {unit}")));
    }
    // The time is taken when nobody else can append, so that times follow the order of entries.
    sql::lock(tx).await?;
    let head = sql::take_numbers(tx, sql::count(entries.len())?, clock.now().0).await?;
    let first = head.next_seq;
    let damaged = |_| Error::internal("the head of the journal is damaged: run `sogoc verify`");
    let mut before: [u8; 32] = head.hash.try_into().map_err(damaged)?;
    let (mut rows, mut lines) = (Vec::with_capacity(entries.len()), Vec::new());
    for (seq, entry) in (first..).zip(entries) {
        let row = seal_entry(seq, head.last_at, entry, &mut before, &mut lines);
        rows.push(row);
    }
    sql::insert_entries(tx, rows).await?;
    move_cells(tx, lines.iter().map(|(posting, ..)| posting)).await?;
    // In the order of the table, so that it grows at few places.
    lines.sort_unstable_by_key(|(posting, seq, line)| {
        (posting.measure, posting.day, posting.unit, *seq, *line)
    });
    let rows = lines.into_iter().map(|(p, seq, line)| {
        let day = i64::from(p.day.0);
        [p.measure, day, p.unit, seq, line, p.delta, p.records].map(store::Value::from)
    });
    let rows: Vec<_> = rows.collect();
    sql::insert_postings(tx, rows).await?;
    sql::set_head_hash(tx, before).await?;
    Ok(first)
}

fn seal_entry(
    seq: i64,
    recorded_at: i64,
    entry: NewEntry,
    before: &mut [u8; 32],
    lines: &mut Vec<(Posting, i64, i64)>,
) -> EntryRow {
    let mut row = EntryRow {
        seq,
        id: entry.id.to_string(),
        recorded_at,
        actor: entry.actor,
        cause: entry.cause.to_owned(),
        record_kind: entry.record_kind.to_owned(),
        record_id: entry.record_id,
        record_version: entry.record_version,
        content_hash: entry.content_hash.to_vec(),
        postings: hash::pack(&entry.postings),
        hash: Vec::new(),
    };
    *before = row.sealed().hash(before);
    row.hash = before.to_vec();
    lines.extend(entry.postings.into_iter().zip(0..).map(|(posting, line)| (posting, seq, line)));
    row
}

impl EntryRow {
    pub(crate) fn sealed(&self) -> hash::Sealed<'_> {
        hash::Sealed {
            seq: self.seq,
            id: &self.id,
            recorded_at: self.recorded_at,
            actor: &self.actor,
            cause: &self.cause,
            record_kind: &self.record_kind,
            record_id: &self.record_id,
            record_version: self.record_version,
            content_hash: &self.content_hash,
            postings: &self.postings,
        }
    }
}

async fn move_cells(tx: &mut Tx, postings: impl Iterator<Item = &Posting>) -> Result<()> {
    let mut moves = BTreeMap::<(MeasureId, Half), Vec<&Posting>>::new();
    for posting in postings {
        moves.entry((posting.measure, Half::of(posting.day))).or_default().push(posting);
    }
    for ((measure, half), postings) in moves {
        let days = sql::find_block_days(tx, measure, half).await?;
        let mut block = Block::decode(half, &days.unwrap_or_default())?;
        block
            .add(postings.into_iter().map(|posting| (posting.unit, posting.day, posting.cell())))?;
        sql::save_block(tx, measure, half, block.encode(half)).await?;
    }
    Ok(())
}
