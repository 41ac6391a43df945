//! The SQL of packs and their definitions.

use base::{Moment, Result};
use store::{Tx, values};

/// A stored definition.
#[derive(sqlx::FromRow)]
pub(crate) struct DefinitionRow {
    pub(crate) kind: String,
    pub(crate) code: String,
    pub(crate) number: i64,
    pub(crate) pack: String,
    pub(crate) body: String,
}

/// A pack as it was applied last, beside what the journal says of it.
#[derive(sqlx::FromRow)]
pub(crate) struct AppliedRow {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) applied_at: Option<i64>,
    /// The hash that was sealed last.
    pub(crate) sealed: Option<Vec<u8>>,
    /// When that was.
    pub(crate) sealed_at: Option<i64>,
}

/// Every pack that is stored, sealed or named by a definition, by name.
pub(crate) async fn applied(tx: &mut Tx) -> Result<Vec<AppliedRow>> {
    let sql = "with sealed as (select record_id, record_version, content_hash from sealed_records \
               where record_kind = 'pack' and seq in (select max(seq) from sealed_records \
               where record_kind = 'pack' group by record_id)), \
               names as (select name from packs union select record_id from sealed \
               union select pack from definitions) \
               select n.name, p.version, p.applied_at, s.content_hash as sealed, \
               s.record_version as sealed_at from names n left join packs p on p.name = n.name \
               left join sealed s on s.record_id = n.name order by n.name";
    tx.all(sql, values![]).await
}

/// All definitions, by kind and code.
pub(crate) async fn definitions(tx: &mut Tx) -> Result<Vec<DefinitionRow>> {
    let sql = "select kind, code, number, pack, body from definitions order by kind, code";
    tx.all(sql, values![]).await
}

/// The number of the definitions' present state.
pub(crate) async fn revision(tx: &mut Tx) -> Result<i64> {
    let sql = "select number from revisions where name = 'definitions'";
    Ok(tx.one::<(i64,)>(sql, values![]).await?.0)
}

/// Makes others who apply a pack wait until this transaction ends, so that no number is given
/// twice.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    tx.run("update revisions set number = number where name = 'definitions'", values![]).await?;
    Ok(())
}

/// Says that the definitions are not what they were.
pub(crate) async fn bump(tx: &mut Tx) -> Result<()> {
    tx.run("update revisions set number = number + 1 where name = 'definitions'", values![])
        .await?;
    Ok(())
}

/// The version in which a pack was applied last.
pub(crate) async fn find_version(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    let sql = "select version from packs where name = $1";
    Ok(tx.find::<(String,)>(sql, values![name]).await?.map(|(version,)| version))
}

pub(crate) async fn save_pack(tx: &mut Tx, name: &str, version: &str, now: Moment) -> Result<()> {
    tx.run(
        "insert into packs (name, version, applied_at) values ($1, $2, $3) \
         on conflict (name) do update set version = excluded.version, \
         applied_at = excluded.applied_at",
        values![name, version, now],
    )
    .await?;
    Ok(())
}

/// Writes a definition; a new one gets the next number of its kind, a known one keeps its own.
pub(crate) async fn save(
    tx: &mut Tx,
    kind: &str,
    code: &str,
    pack: &str,
    body: &str,
) -> Result<()> {
    tx.run(
        "insert into definitions (kind, code, number, pack, body) \
         select $1, $2, coalesce((select max(number) from definitions where kind = $1), 0) + 1, \
         $3, $4 where 1 = 1 \
         on conflict (kind, code) do update set body = excluded.body",
        values![kind, code, pack, body],
    )
    .await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, kind: &str, code: &str) -> Result<()> {
    let sql = "delete from definitions where kind = $1 and code = $2";
    tx.run(sql, values![kind, code]).await?;
    Ok(())
}

/// Whether figures were handed in for a collection.
pub(crate) async fn is_collected(tx: &mut Tx, collection: &str) -> Result<bool> {
    let sql = "select code from used_collections where code = $1";
    Ok(tx.find::<(String,)>(sql, values![collection]).await?.is_some())
}

/// What of the definitions of personal data somebody used: kind, code, and of a consent the number of
/// its text.
pub(crate) async fn used(tx: &mut Tx) -> Result<Vec<(String, String, i64)>> {
    let sql =
        "select kind, code, text_version from used_definitions order by kind, code, text_version";
    tx.all(sql, values![]).await
}
