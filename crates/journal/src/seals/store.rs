//! The SQL of seals: tiles of the tree, and checkpoints.

use base::{Day, Error, Moment, Result};
use store::{Tx, values};

/// A checkpoint as it was made.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct CheckpointRow {
    /// How many entries it has.
    pub(crate) size: i64,
    pub(crate) root: Vec<u8>,
    pub(crate) sealed_at: i64,
    /// The signed note.
    pub(crate) note: String,
    /// How many witnesses signed it.
    pub(crate) witnesses: i64,
}

/// Makes others who seal wait until this transaction ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    tx.run("update revisions set number = number + 1 where name = 'seals'", values![]).await?;
    Ok(())
}

/// The hashes of entries from a number on, at most so many.
pub(crate) async fn hashes_from(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<(Vec<u8>,)>> {
    let sql = "select hash from entries where seq >= $1 order by seq limit $2";
    tx.all(sql, values![seq, limit]).await
}

pub(crate) async fn find_tile(tx: &mut Tx, level: u8, number: u64) -> Result<Option<Vec<u8>>> {
    let sql = "select hashes from tree_tiles where level = $1 and number = $2";
    let found = tx.find::<(Vec<u8>,)>(sql, values![i64::from(level), int(number)?]).await?;
    Ok(found.map(|(hashes,)| hashes))
}

pub(crate) async fn save_tile(tx: &mut Tx, level: u8, number: u64, hashes: &[u8]) -> Result<()> {
    tx.run(
        "insert into tree_tiles (level, number, hashes) values ($1, $2, $3) \
         on conflict (level, number) do update set hashes = excluded.hashes",
        values![i64::from(level), int(number)?, hashes],
    )
    .await?;
    Ok(())
}

/// How many tiles have hashes.
pub(crate) async fn count_tiles(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from tree_tiles where length(hashes) > 0";
    Ok(tx.one::<(i64,)>(sql, values![]).await?.0)
}

/// The newest checkpoint.
pub(crate) async fn find_last(tx: &mut Tx) -> Result<Option<CheckpointRow>> {
    let sql = "select size, root, sealed_at, note, witnesses from checkpoints \
               order by size desc limit 1";
    tx.find(sql, values![]).await
}

pub(crate) async fn find(tx: &mut Tx, size: i64) -> Result<Option<CheckpointRow>> {
    let sql = "select size, root, sealed_at, note, witnesses from checkpoints where size = $1";
    tx.find(sql, values![size]).await
}

/// The first checkpoint that holds an entry.
pub(crate) async fn find_holding(tx: &mut Tx, seq: i64) -> Result<Option<CheckpointRow>> {
    let sql = "select size, root, sealed_at, note, witnesses from checkpoints \
               where size >= $1 order by size limit 1";
    tx.find(sql, values![seq]).await
}

/// Checkpoints below a size, the newest first.
pub(crate) async fn list_before(tx: &mut Tx, size: i64, limit: i64) -> Result<Vec<CheckpointRow>> {
    let sql = "select size, root, sealed_at, note, witnesses from checkpoints \
               where size < $1 order by size desc limit $2";
    tx.all(sql, values![size, limit]).await
}

/// Checkpoints above a size, the oldest first.
pub(crate) async fn list_after(tx: &mut Tx, size: i64, limit: i64) -> Result<Vec<CheckpointRow>> {
    let sql = "select size, root, sealed_at, note, witnesses from checkpoints \
               where size > $1 order by size limit $2";
    tx.all(sql, values![size, limit]).await
}

pub(crate) async fn insert(
    tx: &mut Tx,
    (size, root): (u64, [u8; 32]),
    at: Moment,
    note: &str,
) -> Result<()> {
    tx.run(
        "insert into checkpoints (size, root, sealed_at, sealed_on, note, witnesses) \
         values ($1, $2, $3, $4, $5, 0)",
        values![int(size)?, root, at, at.day(), note],
    )
    .await?;
    Ok(())
}

/// Drops the checkpoints of a day below a size that no witness signed.
pub(crate) async fn drop_passing(tx: &mut Tx, day: Day, size: u64) -> Result<()> {
    let sql = "delete from checkpoints where sealed_on = $1 and size < $2 and witnesses = 0";
    tx.run(sql, values![day, int(size)?]).await?;
    Ok(())
}

/// The newest checkpoint that a witness signed.
pub(crate) async fn find_last_witnessed(tx: &mut Tx) -> Result<Option<CheckpointRow>> {
    let sql = "select size, root, sealed_at, note, witnesses from checkpoints \
               where witnesses > 0 order by size desc limit 1";
    tx.find(sql, values![]).await
}

/// Drops the checkpoints of a day below a size that no more witnesses signed than that one.
pub(crate) async fn drop_surpassed(tx: &mut Tx, day: Day, size: i64, witnesses: i64) -> Result<()> {
    let sql = "delete from checkpoints where sealed_on = $1 and size < $2 and witnesses <= $3";
    tx.run(sql, values![day, size, witnesses]).await?;
    Ok(())
}

/// Keeps a note with more signatures.
pub(crate) async fn save_note(tx: &mut Tx, size: i64, note: &str, witnesses: i64) -> Result<()> {
    let sql = "update checkpoints set note = $1, witnesses = $2 where size = $3";
    tx.run(sql, values![note, witnesses, size]).await?;
    Ok(())
}

fn int(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(Error::internal)
}
