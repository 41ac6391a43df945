//! The SQL of passkeys, and of challenges that wait for an answer.

use base::{Id, Moment, Result};
use store::{Tx, values};

#[derive(Clone, sqlx::FromRow)]
pub(super) struct PasskeyRow {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) credential_id: Vec<u8>,
    pub(super) credential: String,
    pub(super) name: String,
    pub(super) created_at: i64,
    pub(super) used_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(super) struct ChallengeRow {
    pub(super) account: Option<String>,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) created_at: i64,
}

/// What is kept until the browser answers.
pub(super) struct NewChallenge<'a> {
    pub(super) token_hash: [u8; 32],
    pub(super) purpose: &'static str,
    pub(super) account: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) state: &'a str,
}

/// A passkey that was proved to be there.
pub(super) struct NewPasskey<'a> {
    pub(super) account: &'a str,
    pub(super) credential_id: &'a [u8],
    pub(super) credential: &'a str,
    pub(super) name: &'a str,
}

/// The oldest first.
pub(super) async fn passkeys(tx: &mut Tx, account: &str, limit: i64) -> Result<Vec<PasskeyRow>> {
    let sql = "select id, account, credential_id, credential, name, created_at, used_at \
               from passkeys where account = $1 order by created_at, id limit $2";
    tx.all(sql, values![account, limit]).await
}

pub(crate) async fn count(tx: &mut Tx, account: &str) -> Result<i64> {
    let sql = "select count(*) from passkeys where account = $1";
    let (count,) = tx.one(sql, values![account]).await?;
    Ok(count)
}

pub(super) async fn find(tx: &mut Tx, credential_id: &[u8]) -> Result<Option<PasskeyRow>> {
    let sql = "select id, account, credential_id, credential, name, created_at, used_at \
               from passkeys where credential_id = $1";
    tx.find(sql, values![credential_id]).await
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: Id,
    passkey: &NewPasskey<'_>,
    now: Moment,
) -> Result<()> {
    let NewPasskey { account, credential_id, credential, name } = *passkey;
    let sql = "insert into passkeys (id, account, credential_id, credential, name, created_at) \
               values ($1, $2, $3, $4, $5, $6)";
    tx.run(sql, values![id, account, credential_id, credential, name, now]).await?;
    Ok(())
}

/// Notes a use with the counter that it came with; nothing when another use came between.
pub(super) async fn note_use(
    tx: &mut Tx,
    id: &str,
    (before, after): (&str, &str),
    now: Moment,
) -> Result<u64> {
    let sql = "update passkeys set credential = $3, used_at = $4 \
               where id = $1 and credential = $2";
    tx.run(sql, values![id, before, after, now]).await
}

/// Removes a passkey of this account, and of no other.
pub(super) async fn remove(tx: &mut Tx, account: &str, id: &str) -> Result<u64> {
    tx.run("delete from passkeys where account = $1 and id = $2", values![account, id]).await
}

/// Removes all passkeys of an account, and the challenges that wait for one.
pub(crate) async fn remove_all(tx: &mut Tx, account: &str) -> Result<u64> {
    tx.run("delete from passkey_challenges where account = $1", values![account]).await?;
    tx.run("delete from passkeys where account = $1", values![account]).await
}

pub(super) async fn insert_challenge(
    tx: &mut Tx,
    challenge: &NewChallenge<'_>,
    now: Moment,
) -> Result<()> {
    let NewChallenge { token_hash, purpose, account, name, state } = *challenge;
    let sql = "insert into passkey_challenges (token_hash, purpose, account, name, state, \
               created_at) values ($1, $2, $3, $4, $5, $6)";
    tx.run(sql, values![token_hash, purpose, account, name, state, now]).await?;
    Ok(())
}

/// Takes a challenge away; whoever comes second finds none.
pub(super) async fn take_challenge(
    tx: &mut Tx,
    token_hash: [u8; 32],
    purpose: &'static str,
) -> Result<Option<ChallengeRow>> {
    let sql = "select account, name, state, created_at from passkey_challenges \
               where token_hash = $1 and purpose = $2";
    let found = tx.find(sql, values![token_hash, purpose]).await?;
    let sql = "delete from passkey_challenges where token_hash = $1 and purpose = $2";
    let taken = tx.run(sql, values![token_hash, purpose]).await? == 1;
    Ok(found.filter(|_| taken))
}

/// Forgets what an account asked for before with the same purpose.
pub(super) async fn forget_challenges(
    tx: &mut Tx,
    account: &str,
    purpose: &'static str,
) -> Result<()> {
    let sql = "delete from passkey_challenges where account = $1 and purpose = $2";
    tx.run(sql, values![account, purpose]).await?;
    Ok(())
}

pub(crate) async fn delete_challenges_before(tx: &mut Tx, created: Moment) -> Result<()> {
    tx.run("delete from passkey_challenges where created_at < $1", values![created]).await?;
    Ok(())
}
