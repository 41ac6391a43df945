//! The SQL of what leads to people, and of their encrypted fields.

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

/// What a record is called in the journal and the trace.
pub(crate) async fn kind_of(tx: &mut Tx, record: &str) -> Result<&'static str> {
    let sql = "select kind from subject_records where id = $1";
    let found = tx.find::<(String,)>(sql, values![record]).await?;
    Ok(match found.as_ref().map(|(kind,)| kind.as_str()) {
        Some("request") => "subject_request",
        Some("consent") => "subject_consent",
        _ => "subject",
    })
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
               where e.record_kind in ('subject_request', 'subject_consent') \
               and r.id is null and c.id is null order by e.seq limit 100";
    tx.all(sql, values![]).await
}

/// Records whose fields are gone although nothing says that they were erased, and the other way round.
pub(crate) async fn torn(tx: &mut Tx) -> Result<Vec<(String,)>> {
    let sql = "select r.id from subject_records r where (r.erased_at is null) <> exists \
               (select 1 from subject_fields f where f.record = r.id) order by r.id limit 100";
    tx.all(sql, values![]).await
}
