//! The SQL of identities at other providers, and of those who are on the way to one.

use base::{Id, Moment, Result};
use store::{Tx, values};

#[derive(Clone, sqlx::FromRow)]
pub(super) struct IdentityRow {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) issuer: String,
    pub(super) created_at: i64,
    pub(super) used_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(super) struct RequestRow {
    pub(super) provider: String,
    pub(super) account: Option<String>,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) next: String,
    pub(super) created_at: i64,
}

/// Somebody who sets out for a provider.
pub(super) struct NewRequest<'a> {
    pub(super) token_hash: [u8; 32],
    pub(super) state_hash: [u8; 32],
    pub(super) provider: &'a str,
    pub(super) account: Option<&'a str>,
    pub(super) nonce: &'a str,
    pub(super) verifier: &'a str,
    pub(super) next: &'a str,
}

/// Whom a provider knows as the owner of an account.
pub(super) struct NewIdentity<'a> {
    pub(super) subject: [u8; 32],
    pub(super) account: &'a str,
    pub(super) issuer: &'a str,
}

pub(super) async fn insert_request(
    tx: &mut Tx,
    request: &NewRequest<'_>,
    now: Moment,
) -> Result<()> {
    let NewRequest { token_hash, state_hash, provider, account, nonce, verifier, next } = *request;
    let sql = "insert into provider_requests (token_hash, state_hash, provider, account, nonce, \
               verifier, next, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = values![token_hash, state_hash, provider, account, nonce, verifier, next, now];
    tx.run(sql, values).await?;
    Ok(())
}

/// Takes away what somebody set out with; whoever comes second finds none.
pub(super) async fn take_request(
    tx: &mut Tx,
    token_hash: [u8; 32],
    state_hash: [u8; 32],
) -> Result<Option<RequestRow>> {
    let sql = "select provider, account, nonce, verifier, next, created_at \
               from provider_requests where token_hash = $1 and state_hash = $2";
    let found = tx.find(sql, values![token_hash, state_hash]).await?;
    let sql = "delete from provider_requests where token_hash = $1 and state_hash = $2";
    let taken = tx.run(sql, values![token_hash, state_hash]).await? == 1;
    Ok(found.filter(|_| taken))
}

pub(crate) async fn delete_requests_before(tx: &mut Tx, created: Moment) -> Result<()> {
    tx.run("delete from provider_requests where created_at < $1", values![created]).await?;
    Ok(())
}

pub(super) async fn find(tx: &mut Tx, subject: [u8; 32]) -> Result<Option<IdentityRow>> {
    let sql = "select id, account, issuer, created_at, used_at from identities where subject = $1";
    tx.find(sql, values![subject]).await
}

/// The oldest first.
pub(super) async fn identities(tx: &mut Tx, account: &str) -> Result<Vec<IdentityRow>> {
    let sql = "select id, account, issuer, created_at, used_at from identities \
               where account = $1 order by created_at, id limit 100";
    tx.all(sql, values![account]).await
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: Id,
    identity: &NewIdentity<'_>,
    now: Moment,
) -> Result<()> {
    let NewIdentity { subject, account, issuer } = *identity;
    let sql = "insert into identities (subject, id, account, issuer, created_at) \
               values ($1, $2, $3, $4, $5)";
    tx.run(sql, values![subject, id, account, issuer, now]).await?;
    Ok(())
}

pub(super) async fn note_use(tx: &mut Tx, id: &str, now: Moment) -> Result<u64> {
    tx.run("update identities set used_at = $2 where id = $1", values![id, now]).await
}

/// Removes an identity of this account, and of no other.
pub(super) async fn remove(tx: &mut Tx, account: &str, id: &str) -> Result<u64> {
    tx.run("delete from identities where account = $1 and id = $2", values![account, id]).await
}

/// Removes all identities of an account, and who is on the way to link one.
pub(crate) async fn remove_all(tx: &mut Tx, account: &str) -> Result<u64> {
    tx.run("delete from provider_requests where account = $1", values![account]).await?;
    tx.run("delete from identities where account = $1", values![account]).await
}
