//! The SQL of proofs: what a session proved and when, enrolment codes, and who could have come in.

use base::{Moment, Result};
use store::{Tx, values};

/// An account waits here for whoever changes it or signs in with it at the same moment. False when it
/// is closed or gone.
pub(crate) async fn lock(tx: &mut Tx, account: &str) -> Result<bool> {
    let sql = "update accounts set name = name where id = $1 and closed_at is null";
    Ok(tx.run(sql, values![account]).await? == 1)
}

/// The same, and the password is still the one that was checked.
pub(crate) async fn lock_with(tx: &mut Tx, account: &str, password: &str) -> Result<bool> {
    let sql = "update accounts set name = name \
               where id = $1 and password = $2 and closed_at is null";
    Ok(tx.run(sql, values![account, password]).await? == 1)
}

/// When a session of this account last proved more than a password; none when it is no such session.
pub(super) async fn proved_at(
    tx: &mut Tx,
    account: &str,
    session: [u8; 32],
) -> Result<Option<Moment>> {
    let sql = "select proved_at from sessions where account = $1 and token_hash = $2";
    let found: Option<(i64,)> = tx.find(sql, values![account, session]).await?;
    Ok(found.map(|(at,)| Moment(at)))
}

/// A session of this account proved more than a password just now.
pub(super) async fn set_proved(
    tx: &mut Tx,
    (account, session): (&str, [u8; 32]),
    now: Moment,
) -> Result<bool> {
    let sql = "update sessions set strong = 1, proved_at = $3 \
               where account = $1 and token_hash = $2";
    Ok(tx.run(sql, values![account, session, now]).await? == 1)
}

/// A session proved no more than a password, as far as anything is left to prove it by.
pub(super) async fn set_unproved(tx: &mut Tx, (account, session): (&str, [u8; 32])) -> Result<()> {
    let sql = "update sessions set strong = 0, proved_at = 0 \
               where account = $1 and token_hash = $2";
    tx.run(sql, values![account, session]).await?;
    Ok(())
}

/// Puts an enrolment code in the place of any other.
pub(super) async fn set_enrolment(
    tx: &mut Tx,
    account: &str,
    code_hash: [u8; 32],
    now: Moment,
) -> Result<()> {
    end_enrolment(tx, account).await?;
    let sql = "insert into enrolment_codes (account, code_hash, made_at) values ($1, $2, $3)";
    tx.run(sql, values![account, code_hash, now]).await?;
    Ok(())
}

/// Takes an enrolment code for a session; the one that took it may begin again with it.
pub(super) async fn take_enrolment(
    tx: &mut Tx,
    (account, session): (&str, [u8; 32]),
    code_hash: [u8; 32],
    made_since: Moment,
) -> Result<bool> {
    let sql = "update enrolment_codes set taken_by = $3 where account = $1 and code_hash = $2 \
               and made_at >= $4 and (taken_by is null or taken_by = $3)";
    Ok(tx.run(sql, values![account, code_hash, session, made_since]).await? == 1)
}

pub(super) async fn end_enrolment(tx: &mut Tx, account: &str) -> Result<()> {
    tx.run("delete from enrolment_codes where account = $1", values![account]).await?;
    Ok(())
}

pub(crate) async fn delete_enrolments_before(tx: &mut Tx, made: Moment) -> Result<()> {
    tx.run("delete from enrolment_codes where made_at < $1", values![made]).await?;
    Ok(())
}

/// Notes who drew something by which an account is opened.
pub(crate) async fn note_opener(tx: &mut Tx, account: &str, actor: &str) -> Result<()> {
    let sql = "insert into account_openers (account, actor) values ($1, $2) \
               on conflict (account, actor) do nothing";
    tx.run(sql, values![account, actor]).await?;
    Ok(())
}

/// Whether somebody drew something by which an account is opened.
pub(crate) async fn has_opened(tx: &mut Tx, account: &str, actor: &str) -> Result<bool> {
    let sql = "select actor from account_openers where account = $1 and actor = $2";
    Ok(tx.find::<(String,)>(sql, values![account, actor]).await?.is_some())
}
