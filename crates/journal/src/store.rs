//! The journal's SQL.

use base::{Error, Result};
use store::{Tx, bulk_insert, values};

use crate::{Half, MeasureId};

#[derive(sqlx::FromRow)]
pub(crate) struct Head {
    pub(crate) next_seq: i64,
    pub(crate) last_at: i64,
    pub(crate) hash: Vec<u8>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct EntryRow {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) recorded_at: i64,
    pub(crate) actor: String,
    pub(crate) cause: String,
    pub(crate) record_kind: String,
    pub(crate) record_id: String,
    pub(crate) record_version: i64,
    pub(crate) content_hash: Vec<u8>,
    pub(crate) postings: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct BehindRow {
    pub(crate) measure: i64,
    pub(crate) day: i64,
    pub(crate) unit: i64,
    pub(crate) entry: i64,
    pub(crate) line: i64,
    pub(crate) delta: i64,
    pub(crate) records: i64,
    pub(crate) recorded_at: i64,
    pub(crate) actor: String,
    pub(crate) cause: String,
    pub(crate) record_kind: String,
    pub(crate) record_id: String,
    pub(crate) record_version: i64,
}

pub(crate) async fn head(tx: &mut Tx) -> Result<Head> {
    tx.one("select next_seq, last_at, hash from journal_head where id = 1", values![]).await
}

/// Waits until nobody else writes to the journal, and keeps others waiting until the transaction
/// ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    let sql = "update journal_head set next_seq = next_seq where id = 1";
    tx.run(sql, values![]).await?;
    Ok(())
}

/// Takes `count` numbers off the head. The row stays locked until the transaction ends, so
/// entries stand in the journal in the order in which they were committed. Each call records later
/// than the one before, whatever the clock says, so that an instant names one state of the journal.
pub(crate) async fn take_numbers(tx: &mut Tx, count: i64, now: i64) -> Result<Head> {
    let mut head: Head = tx
        .one(
            "update journal_head set next_seq = next_seq + $1, \
             last_at = case when last_at >= $2 then last_at + 1 else $2 end \
             where id = 1 returning next_seq, last_at, hash",
            values![count, now],
        )
        .await?;
    head.next_seq -= count;
    Ok(head)
}

pub(crate) async fn set_head_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<()> {
    tx.run("update journal_head set hash = $1 where id = 1", values![hash]).await?;
    Ok(())
}

pub(crate) async fn insert_entries(tx: &mut Tx, rows: Vec<EntryRow>) -> Result<()> {
    let head = "insert into entries (seq, id, recorded_at, actor, cause, record_kind, record_id, \
                record_version, content_hash, postings, hash)";
    let row = |row: EntryRow| {
        values![
            row.seq,
            row.id,
            row.recorded_at,
            row.actor,
            row.cause,
            row.record_kind,
            row.record_id,
            row.record_version,
            row.content_hash,
            row.postings,
            row.hash,
        ]
    };
    bulk_insert(tx, head, 11, rows.into_iter().map(row).collect()).await?;
    Ok(())
}

/// Rows of (measure, day, unit, entry, line, delta, records).
pub(crate) async fn insert_postings(tx: &mut Tx, rows: Vec<[store::Value; 7]>) -> Result<()> {
    let head = "insert into postings (measure, day, unit, entry, line, delta, records)";
    bulk_insert(tx, head, 7, rows).await?;
    Ok(())
}

pub(crate) async fn find_block_days(
    tx: &mut Tx,
    measure: MeasureId,
    half: Half,
) -> Result<Option<Vec<u8>>> {
    let sql = "select days from cells where measure = $1 and half = $2";
    Ok(tx.find::<(Vec<u8>,)>(sql, values![measure, half.0]).await?.map(|(days,)| days))
}

pub(crate) async fn save_block(
    tx: &mut Tx,
    measure: MeasureId,
    half: Half,
    (totals, days): (Vec<u8>, Vec<u8>),
) -> Result<()> {
    tx.run(
        "insert into cells (measure, half, totals, days) values ($1, $2, $3, $4) \
         on conflict (measure, half) do update set totals = excluded.totals, days = excluded.days",
        values![measure, half.0, totals, days],
    )
    .await?;
    Ok(())
}

/// (measure, half, totals) of all blocks of two measures in a span of halves.
pub(crate) async fn totals(
    tx: &mut Tx,
    measures: (MeasureId, MeasureId),
    from: Half,
    to: Half,
) -> Result<Vec<(i64, i64, Vec<u8>)>> {
    tx.all(
        "select measure, half, totals from cells \
         where measure in ($1, $2) and half >= $3 and half < $4",
        values![measures.0, measures.1, from.0, to.0],
    )
    .await
}

/// (half, totals, days) of all blocks of a measure.
pub(crate) async fn blocks(
    tx: &mut Tx,
    measure: MeasureId,
) -> Result<Vec<(i64, Vec<u8>, Vec<u8>)>> {
    let sql = "select half, totals, days from cells where measure = $1 order by half";
    tx.all(sql, values![measure]).await
}

/// (unit, day, sum, records) of a measure over the entries before `seq`, for days before `to`.
pub(crate) async fn sums_before(
    tx: &mut Tx,
    measure: MeasureId,
    to: i64,
    seq: i64,
) -> Result<Vec<(i64, i64, i64, i64)>> {
    tx.all(
        "select unit, day, cast(sum(delta) as bigint), cast(sum(records) as bigint) from postings \
         where measure = $1 and day < $2 and entry < $3 group by day, unit",
        values![measure, to, seq],
    )
    .await
}

pub(crate) async fn recorded_at(tx: &mut Tx, seq: i64) -> Result<i64> {
    let sql = "select recorded_at from entries where seq = $1";
    Ok(tx.one::<(i64,)>(sql, values![seq]).await?.0)
}

pub(crate) async fn find_entry(tx: &mut Tx, seq: i64) -> Result<Option<EntryRow>> {
    let sql = "select seq, id, recorded_at, actor, cause, record_kind, record_id, record_version, \
               content_hash, postings, hash from entries where seq = $1";
    tx.find(sql, values![seq]).await
}

/// (seq, `recorded_at`, actor) of these entries; the caller bounds how many.
pub(crate) async fn recordings(tx: &mut Tx, seqs: &[i64]) -> Result<Vec<(i64, i64, String)>> {
    let places: Vec<String> = (1..=seqs.len()).map(|at| format!("${at}")).collect();
    let sql =
        format!("select seq, recorded_at, actor from entries where seq in ({})", places.join(", "));
    tx.all_built(sql, seqs.iter().map(|seq| store::Value::from(*seq)).collect()).await
}

pub(crate) async fn entries_from(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<EntryRow>> {
    let sql = "select seq, id, recorded_at, actor, cause, record_kind, record_id, record_version, \
               content_hash, postings, hash from entries where seq >= $1 order by seq limit $2";
    tx.all(sql, values![seq, limit]).await
}

/// Every measure that has a posting or a cell.
pub(crate) async fn measures(tx: &mut Tx) -> Result<Vec<(i64,)>> {
    // A loose scan: one step of the index for each measure, not one for each posting.
    tx.all(
        "with recursive seen (measure) as ( \
            select min(measure) from postings \
            union all \
            select (select min(measure) from postings where measure > seen.measure) \
            from seen where seen.measure is not null \
         ) \
         select measure from seen where measure is not null \
         union select measure from cells order by 1",
        values![],
    )
    .await
}

/// Postings of a measure with their entries, after a key, for units of a list if one is given.
pub(crate) async fn behind(
    tx: &mut Tx,
    measure: MeasureId,
    days: base::DayRange,
    after: (i64, i64, i64, i64),
    before_seq: i64,
    (units, limit): (&[i64], i64),
) -> Result<Vec<BehindRow>> {
    let mut sql = String::from(
        "select p.measure, p.day, p.unit, p.entry, p.line, p.delta, p.records, e.recorded_at, e.actor, \
         e.cause, e.record_kind, e.record_id, e.record_version \
         from postings p join entries e on e.seq = p.entry \
         where p.measure = $1 and p.day >= $2 and p.day < $3 and p.entry < $4 \
         and (p.day, p.unit, p.entry, p.line) > ($5, $6, $7, $8)",
    );
    let mut values =
        values![measure, days.from, days.to, before_seq, after.0, after.1, after.2, after.3];
    if !units.is_empty() {
        let places: Vec<String> = (0..units.len()).map(|at| format!("${}", at + 9)).collect();
        sql.push_str(&format!(" and p.unit in ({})", places.join(", ")));
        values.extend(units.iter().map(|unit| store::Value::from(*unit)));
    }
    sql.push_str(&format!(" order by p.day, p.unit, p.entry, p.line limit {limit}"));
    let rows = tx.all_built(sql, values).await?;
    Ok(rows)
}

/// The latest postings of a measure in these units for days of a range, of the entries from
/// `since` on and before `before`, the newest first.
pub(crate) async fn behind_since(
    tx: &mut Tx,
    (measure, units): (MeasureId, &[i64]),
    days: base::DayRange,
    (since, before): (i64, i64),
    limit: i64,
) -> Result<Vec<BehindRow>> {
    let places: Vec<String> = (0..units.len()).map(|at| format!("${}", at + 6)).collect();
    let sql = format!(
        "select p.measure, p.day, p.unit, p.entry, p.line, p.delta, p.records, e.recorded_at, \
         e.actor, e.cause, e.record_kind, e.record_id, e.record_version \
         from postings p join entries e on e.seq = p.entry \
         where p.measure = $1 and p.day >= $2 and p.day < $3 and p.entry >= $4 and p.entry < $5 \
         and p.unit in ({}) order by p.entry desc, p.line desc limit {limit}",
        places.join(", ")
    );
    let mut values = values![measure, days.from, days.to, since, before];
    values.extend(units.iter().map(|unit| store::Value::from(*unit)));
    tx.all_built(sql, values).await
}

/// How many postings a measure has in these units for days of a range before an entry, and the
/// last entry among them.
pub(crate) async fn count_behind(
    tx: &mut Tx,
    (measure, units): (MeasureId, &[i64]),
    days: base::DayRange,
    before: i64,
) -> Result<(i64, Option<i64>)> {
    let places: Vec<String> = (0..units.len()).map(|at| format!("${}", at + 5)).collect();
    let sql = format!(
        "select count(*), max(entry) from postings where measure = $1 and day >= $2 \
         and day < $3 and entry < $4 and unit in ({})",
        places.join(", ")
    );
    let mut values = values![measure, days.from, days.to, before];
    values.extend(units.iter().map(|unit| store::Value::from(*unit)));
    let rows = tx.all_built(sql, values).await?;
    Ok(rows.into_iter().next().unwrap_or((0, None)))
}

/// The postings of a measure on one day, as columns of decimal numbers with commas between.
#[derive(sqlx::FromRow)]
pub(crate) struct PostedDay {
    pub(crate) day: i64,
    pub(crate) units: String,
    pub(crate) entries: String,
    pub(crate) lines: String,
    pub(crate) deltas: String,
    pub(crate) records: String,
}

/// The rows of a measure between two days.
///
/// They come as five texts a day, because handing over a row costs more than writing and reading
/// five numbers. Both engines feed all columns of a group in the same order.
pub(crate) async fn postings_of(
    tx: &mut Tx,
    measure: MeasureId,
    days: base::DayRange,
) -> Result<Vec<PostedDay>> {
    tx.all(
        "select day, string_agg(cast(unit as text), ',') as units, \
         string_agg(cast(entry as text), ',') as entries, \
         string_agg(cast(line as text), ',') as lines, \
         string_agg(cast(delta as text), ',') as deltas, \
         string_agg(cast(records as text), ',') as records from postings \
         where measure = $1 and day >= $2 and day < $3 group by day",
        values![measure, days.from, days.to],
    )
    .await
}

pub(crate) async fn is_posted(tx: &mut Tx, measure: MeasureId) -> Result<bool> {
    let sql = "select entry from postings where measure = $1 limit 1";
    Ok(tx.find::<(i64,)>(sql, values![measure]).await?.is_some())
}

pub(crate) async fn count_postings(tx: &mut Tx, measure: MeasureId) -> Result<i64> {
    let sql = "select count(*) from postings where measure = $1";
    Ok(tx.one::<(i64,)>(sql, values![measure]).await?.0)
}

/// The span of days of a measure's postings.
pub(crate) async fn posted_days(tx: &mut Tx, measure: MeasureId) -> Result<Option<(i64, i64)>> {
    let sql = "select min(day), max(day) from postings where measure = $1";
    let (first, last) = tx.one::<(Option<i64>, Option<i64>)>(sql, values![measure]).await?;
    Ok(first.zip(last))
}

pub(crate) fn count(rows: usize) -> Result<i64> {
    i64::try_from(rows).map_err(Error::internal)
}
