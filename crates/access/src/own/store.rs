//! The SQL of what an account's owner is shown.

use base::Result;
use store::{Tx, values};

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    pub(super) token_hash: Vec<u8>,
    pub(super) created_at: i64,
    pub(super) seen_at: i64,
    pub(super) address: String,
    pub(super) browser: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct SignInRow {
    pub(super) at: i64,
    pub(super) address: String,
    pub(super) outcome: String,
}

/// The newest first.
pub(super) async fn sessions(tx: &mut Tx, account: &str, limit: i64) -> Result<Vec<SessionRow>> {
    let sql = "select token_hash, created_at, seen_at, address, browser from sessions \
               where account = $1 order by created_at desc, token_hash limit $2";
    tx.all(sql, values![account, limit]).await
}

/// The newest first.
pub(super) async fn sign_ins(tx: &mut Tx, account: &str, limit: i64) -> Result<Vec<SignInRow>> {
    let sql = "select at, address, outcome from sign_ins \
               where account = $1 order by at desc, id desc limit $2";
    tx.all(sql, values![account, limit]).await
}

/// Ends a session of this account, and of no other.
pub(super) async fn delete_session(tx: &mut Tx, account: &str, token_hash: Vec<u8>) -> Result<u64> {
    let sql = "delete from sessions where account = $1 and token_hash = $2";
    tx.run(sql, values![account, token_hash]).await
}
