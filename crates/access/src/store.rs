//! The SQL of accounts and sessions.

use base::{Id, Moment, Result};
use store::{Tx, values};

use crate::factor::store::delete_halves_of;
use crate::sessions::{Proof, Whence};

#[derive(sqlx::FromRow)]
pub(crate) struct AccountRow {
    pub(crate) id: String,
    pub(crate) password: String,
    pub(crate) closed_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct SessionRow {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) csrf: String,
    pub(crate) created_at: i64,
    pub(crate) seen_at: i64,
    /// Whether more was proved than a password.
    pub(crate) strong: i64,
}

pub(crate) async fn find_account(tx: &mut Tx, name: &str) -> Result<Option<AccountRow>> {
    let sql = "select id, password, closed_at from accounts where name = $1";
    tx.find(sql, values![name]).await
}

pub(crate) async fn insert_account(
    tx: &mut Tx,
    id: Id,
    name: &str,
    password: &str,
    now: Moment,
) -> Result<()> {
    let sql = "insert into accounts (id, name, password, created_at) values ($1, $2, $3, $4)";
    tx.run(sql, values![id, name, password, now]).await?;
    Ok(())
}

/// All accounts by name: id, name, when it was closed.
pub(crate) async fn accounts(tx: &mut Tx) -> Result<Vec<(String, String, Option<i64>)>> {
    tx.all("select id, name, closed_at from accounts order by name", values![]).await
}

pub(crate) async fn close_account(tx: &mut Tx, account: &str, now: Option<Moment>) -> Result<()> {
    let sql = "update accounts set closed_at = $2 where id = $1";
    tx.run(sql, values![account, now.map(|now| now.0)]).await?;
    delete_sessions_of(tx, account).await
}

pub(crate) async fn set_password(tx: &mut Tx, account: &str, password: &str) -> Result<()> {
    change_password(tx, account, password).await?;
    delete_sessions_of(tx, account).await
}

pub(crate) async fn delete_sessions_of(tx: &mut Tx, account: &str) -> Result<()> {
    tx.run("delete from sessions where account = $1", values![account]).await?;
    delete_halves_of(tx, account).await
}

/// Like [`set_password`], but sessions go on.
pub(crate) async fn change_password(tx: &mut Tx, account: &str, password: &str) -> Result<()> {
    tx.run("update accounts set password = $2 where id = $1", values![account, password]).await?;
    Ok(())
}

pub(crate) async fn name_of(tx: &mut Tx, account: &str) -> Result<Option<String>> {
    let found: Option<(String,)> =
        tx.find("select name from accounts where id = $1", values![account]).await?;
    Ok(found.map(|(name,)| name))
}

pub(crate) async fn delete_other_sessions(
    tx: &mut Tx,
    account: &str,
    kept: [u8; 32],
) -> Result<u64> {
    let sql = "delete from sessions where account = $1 and token_hash <> $2";
    tx.run(sql, values![account, kept]).await
}

/// A session that begins.
pub(crate) struct NewSession<'a> {
    pub(crate) token_hash: [u8; 32],
    pub(crate) account: &'a str,
    pub(crate) csrf: &'a str,
    pub(crate) proof: Proof,
}

pub(crate) async fn insert_session(
    tx: &mut Tx,
    session: &NewSession<'_>,
    from: &Whence<'_>,
    now: Moment,
) -> Result<()> {
    let NewSession { token_hash, account, csrf, proof } = *session;
    tx.run(
        "insert into sessions (token_hash, account, csrf, created_at, seen_at, address, browser, \
         strong, proved_at) values ($1, $2, $3, $4, $4, $5, $6, $7, $8)",
        values![
            token_hash,
            account,
            csrf,
            now,
            from.address,
            from.browser,
            i64::from(proof == Proof::Two),
            if proof == Proof::Two { now } else { Moment(0) }
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find_session(tx: &mut Tx, token_hash: [u8; 32]) -> Result<Option<SessionRow>> {
    tx.find(
        "select s.account, a.name, s.csrf, s.created_at, s.seen_at, s.strong from sessions s \
         join accounts a on a.id = s.account and a.closed_at is null where s.token_hash = $1",
        values![token_hash],
    )
    .await
}

pub(crate) async fn touch_session(tx: &mut Tx, token_hash: [u8; 32], now: Moment) -> Result<()> {
    tx.run("update sessions set seen_at = $2 where token_hash = $1", values![token_hash, now])
        .await?;
    Ok(())
}

pub(crate) async fn delete_session(tx: &mut Tx, token_hash: [u8; 32]) -> Result<()> {
    tx.run("delete from sessions where token_hash = $1", values![token_hash]).await?;
    Ok(())
}

pub(crate) async fn delete_sessions_before(
    tx: &mut Tx,
    created: Moment,
    seen: Moment,
) -> Result<()> {
    let sql = "delete from sessions where created_at < $1 or seen_at < $2";
    tx.run(sql, values![created, seen]).await?;
    Ok(())
}

pub(crate) async fn insert_sign_in(
    tx: &mut Tx,
    id: Id,
    account: &str,
    now: Moment,
    (address, outcome): (&str, &str),
) -> Result<()> {
    let sql = "insert into sign_ins (id, account, at, address, outcome) \
               values ($1, $2, $3, $4, $5)";
    tx.run(sql, values![id, account, now, address, outcome]).await?;
    Ok(())
}

pub(crate) async fn has_sign_in_since(
    tx: &mut Tx,
    account: &str,
    outcome: &str,
    since: Moment,
) -> Result<bool> {
    let sql = "select id from sign_ins where account = $1 and outcome = $2 and at >= $3 limit 1";
    Ok(tx.find::<(String,)>(sql, values![account, outcome, since]).await?.is_some())
}

pub(crate) async fn delete_sign_ins_before(tx: &mut Tx, at: Moment) -> Result<()> {
    tx.run("delete from sign_ins where at < $1", values![at]).await?;
    Ok(())
}

pub(crate) async fn count_sign_ins_before(tx: &mut Tx, at: Moment) -> Result<i64> {
    let sql = "select count(*) from sign_ins where at < $1";
    Ok(tx.one::<(i64,)>(sql, values![at]).await?.0)
}
