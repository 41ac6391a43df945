//! The SQL of what leads to people, of their encrypted fields, and of who looked at them.

use base::{Id, Moment, Result};
use store::{Tx, values};

pub(crate) async fn insert_record(
    tx: &mut Tx,
    id: Id,
    kind: &str,
    person: [u8; 32],
    receipt: [u8; 32],
) -> Result<u64> {
    let sql = "insert into subject_records (id, kind, person, receipt) values ($1, $2, $3, $4) \
               on conflict (id) do nothing";
    tx.run(sql, values![id, kind, person, receipt]).await
}

pub(crate) async fn insert_field(
    tx: &mut Tx,
    record: &str,
    field: &str,
    sealed: Vec<u8>,
) -> Result<()> {
    let sql = "insert into subject_fields (record, field, sealed) values ($1, $2, $3)";
    tx.run(sql, values![record, field, sealed]).await?;
    Ok(())
}

/// The encrypted fields of a record: so many as it has steps and facts.
pub(crate) async fn fields(tx: &mut Tx, record: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let sql = "select field, sealed from subject_fields where record = $1 order by field";
    tx.all(sql, values![record]).await
}

/// Takes away what leads to a person.
pub(crate) async fn erase(tx: &mut Tx, record: &str, now: Moment) -> Result<()> {
    tx.run("delete from subject_fields where record = $1", values![record]).await?;
    let sql = "update subject_records set person = null, erased_at = $2 where id = $1";
    tx.run(sql, values![record, now]).await?;
    Ok(())
}

/// The record of a receipt: kind and id.
pub(crate) async fn find_receipt(
    tx: &mut Tx,
    receipt: [u8; 32],
) -> Result<Option<(String, String)>> {
    let sql = "select kind, id from subject_records where receipt = $1 and erased_at is null";
    tx.find(sql, values![receipt]).await
}

/// The records of one person, newest first, at most so many.
pub(crate) async fn records_of(
    tx: &mut Tx,
    person: [u8; 32],
    most: i64,
) -> Result<Vec<(String, String)>> {
    let sql = "select kind, id from subject_records where person = $1 order by id desc limit $2";
    tx.all(sql, values![person, most]).await
}

/// What a record's person is found by; none once it is erased.
pub(crate) async fn person_of(tx: &mut Tx, record: &str) -> Result<Option<Vec<u8>>> {
    let sql = "select person from subject_records where id = $1";
    let found = tx.find::<(Option<Vec<u8>>,)>(sql, values![record]).await?;
    Ok(found.and_then(|(person,)| person))
}

/// Who had personal data shown.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ReadingRow {
    pub(crate) id: String,
    pub(crate) record: String,
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) purpose: String,
    pub(crate) words: Vec<u8>,
    pub(crate) facts: Vec<u8>,
    pub(crate) entry: i64,
}

pub(crate) async fn insert_reading(tx: &mut Tx, row: &ReadingRow) -> Result<()> {
    let sql = "insert into subject_readings (id, record, at, actor, purpose, words, facts, entry) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let words = row.words.clone();
    let values = values![
        &row.id,
        &row.record,
        row.at,
        &row.actor,
        &row.purpose,
        words,
        row.facts.clone(),
        row.entry
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// The last ones, newest first.
pub(crate) async fn readings(tx: &mut Tx, most: i64) -> Result<Vec<ReadingRow>> {
    let sql = "select id, record, at, actor, purpose, words, facts, entry from subject_readings \
               order by at desc, id desc limit $1";
    tx.all(sql, values![most]).await
}

/// Those after an id, in its order, each with the hash in its entry.
pub(crate) async fn readings_after(
    tx: &mut Tx,
    after: &str,
    most: i64,
) -> Result<Vec<(ReadingRow, Option<Vec<u8>>)>> {
    let sql = "select id, record, at, actor, purpose, words, facts, entry from subject_readings \
               where id > $1 order by id limit $2";
    let rows: Vec<ReadingRow> = tx.all(sql, values![after, most]).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let sealed = sealed(tx, row.entry, ("subject_reading", &row.id, 1)).await?;
        found.push((row, sealed));
    }
    Ok(found)
}

/// The hash that an entry keeps of a version of a record.
pub(crate) async fn sealed(
    tx: &mut Tx,
    entry: i64,
    (kind, id, version): (&str, &str, i64),
) -> Result<Option<Vec<u8>>> {
    let sql = "select content_hash from sealed_records where seq = $1 and record_kind = $2 \
               and record_id = $3 and record_version = $4";
    Ok(tx.find::<(Vec<u8>,)>(sql, values![entry, kind, id, version]).await?.map(|(hash,)| hash))
}

/// Versions that the journal keeps a hash of and that are not there.
pub(crate) async fn missing(tx: &mut Tx) -> Result<Vec<(String, String, i64)>> {
    let sql = "select e.record_kind, e.record_id, e.record_version from sealed_records e \
               left join request_versions r on r.entry = e.seq \
               left join consent_versions c on c.entry = e.seq \
               left join subject_readings s on s.entry = e.seq \
               where e.record_kind in ('subject_request', 'subject_consent', 'subject_reading') \
               and r.id is null and c.id is null and s.id is null order by e.seq limit 100";
    tx.all(sql, values![]).await
}

/// Records whose fields are gone although nothing says that they were erased, and the other way round.
pub(crate) async fn torn(tx: &mut Tx) -> Result<Vec<(String,)>> {
    let sql = "select r.id from subject_records r where (r.erased_at is null) <> exists \
               (select 1 from subject_fields f where f.record = r.id) order by r.id limit 100";
    tx.all(sql, values![]).await
}
