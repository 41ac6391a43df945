//! The SQL of second factors, recovery codes, and of sign-ins that wait for a code.

use base::{Moment, Result};
use store::{Tx, values};

#[derive(sqlx::FromRow)]
pub(crate) struct FactorRow {
    pub(crate) secret: Vec<u8>,
    pub(crate) begun_at: i64,
    pub(crate) confirmed_at: Option<i64>,
    pub(crate) last_step: i64,
    /// The session in which it was begun.
    pub(crate) begun_by: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct HalfRow {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) created_at: i64,
}

pub(crate) async fn find(tx: &mut Tx, account: &str) -> Result<Option<FactorRow>> {
    let sql = "select secret, begun_at, confirmed_at, last_step, begun_by from second_factors \
               where account = $1";
    tx.find(sql, values![account]).await
}

/// Whether the account has to give a code.
pub(crate) async fn is_confirmed(tx: &mut Tx, account: &str) -> Result<bool> {
    Ok(find(tx, account).await?.is_some_and(|factor| factor.confirmed_at.is_some()))
}

/// Puts a secret in the place of one that was never confirmed.
pub(super) async fn begin(
    tx: &mut Tx,
    (account, session): (&str, [u8; 32]),
    secret: Vec<u8>,
    now: Moment,
) -> Result<u64> {
    let sql = "insert into second_factors (account, secret, begun_at, last_step, begun_by) \
               values ($1, $2, $3, 0, $4) on conflict (account) do update \
               set secret = excluded.secret, begun_at = excluded.begun_at, \
               begun_by = excluded.begun_by where second_factors.confirmed_at is null";
    tx.run(sql, values![account, secret, now, session]).await
}

pub(super) async fn confirm(tx: &mut Tx, account: &str, step: i64, now: Moment) -> Result<u64> {
    let sql = "update second_factors set confirmed_at = $2, last_step = $3 \
               where account = $1 and confirmed_at is null";
    tx.run(sql, values![account, now, step]).await
}

/// Takes the code of a step, which must be behind the last one.
pub(super) async fn take_step(tx: &mut Tx, account: &str, step: i64) -> Result<u64> {
    let sql = "update second_factors set last_step = $2 \
               where account = $1 and last_step < $2 and confirmed_at is not null";
    tx.run(sql, values![account, step]).await
}

/// Takes the second factor away, with its codes and with sign-ins that wait for one.
pub(super) async fn remove(tx: &mut Tx, account: &str) -> Result<u64> {
    tx.run("delete from recovery_codes where account = $1", values![account]).await?;
    delete_halves_of(tx, account).await?;
    tx.run("delete from second_factors where account = $1", values![account]).await
}

/// Puts new recovery codes in the place of all others.
pub(super) async fn set_codes(tx: &mut Tx, account: &str, hashes: &[[u8; 32]]) -> Result<()> {
    tx.run("delete from recovery_codes where account = $1", values![account]).await?;
    for hash in hashes {
        let sql = "insert into recovery_codes (account, code_hash) values ($1, $2)";
        tx.run(sql, values![account, *hash]).await?;
    }
    Ok(())
}

pub(super) async fn use_code(
    tx: &mut Tx,
    account: &str,
    hash: [u8; 32],
    now: Moment,
) -> Result<u64> {
    let sql = "update recovery_codes set used_at = $3 \
               where account = $1 and code_hash = $2 and used_at is null";
    tx.run(sql, values![account, hash, now]).await
}

pub(super) async fn codes_left(tx: &mut Tx, account: &str) -> Result<i64> {
    let sql = "select count(*) from recovery_codes where account = $1 and used_at is null";
    let (left,) = tx.one(sql, values![account]).await?;
    Ok(left)
}

pub(crate) async fn insert_half(
    tx: &mut Tx,
    token_hash: [u8; 32],
    account: &str,
    now: Moment,
) -> Result<()> {
    let sql = "insert into half_sessions (token_hash, account, created_at) values ($1, $2, $3)";
    tx.run(sql, values![token_hash, account, now]).await?;
    Ok(())
}

pub(super) async fn find_half(tx: &mut Tx, token_hash: [u8; 32]) -> Result<Option<HalfRow>> {
    let sql = "select h.account, a.name, h.created_at from half_sessions h \
               join accounts a on a.id = h.account where h.token_hash = $1";
    tx.find(sql, values![token_hash]).await
}

pub(super) async fn delete_half(tx: &mut Tx, token_hash: [u8; 32]) -> Result<u64> {
    tx.run("delete from half_sessions where token_hash = $1", values![token_hash]).await
}

pub(crate) async fn delete_halves_of(tx: &mut Tx, account: &str) -> Result<()> {
    tx.run("delete from half_sessions where account = $1", values![account]).await?;
    Ok(())
}

pub(crate) async fn delete_halves_before(tx: &mut Tx, created: Moment) -> Result<()> {
    tx.run("delete from half_sessions where created_at < $1", values![created]).await?;
    Ok(())
}

/// Secrets that nobody confirmed.
pub(crate) async fn delete_begun_before(tx: &mut Tx, begun: Moment) -> Result<()> {
    let sql = "delete from second_factors where confirmed_at is null and begun_at < $1";
    tx.run(sql, values![begun]).await?;
    Ok(())
}
