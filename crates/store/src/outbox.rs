//! Messages on their way out of the program.
//!
//! A message is written in the transaction that does what it tells of, so that either both are
//! there or neither. Somebody who delivers claims some for a while (a *lease*), sends them outside
//! of any transaction, and says of each what became of it. Whoever is killed meanwhile leaves the
//! lease to run out, and another goes on: a message is delivered at least once, and twice only when
//! the program ended between its delivery and the note of it. Its id is the same both times, so
//! that whoever receives it can tell.

use base::{Clock, Id, Moment, Result};

use crate::{Tx, Value, bulk_insert, values};

const MINUTE_US: i64 = 60 * 1_000_000;
/// Who claimed messages and has not said by then what became of them, is held to be gone.
/// Longer than [`MOST_AT_ONCE`] deliveries may take. Units: minutes.
pub const LEASE_MINUTES: i64 = 15;
/// So many messages are claimed at a time.
pub const MOST_AT_ONCE: i64 = 8;
/// After so many failures nobody tries any more: with the pauses between, more than two days.
pub const MOST_TRIES: i64 = 17;
/// No pause is longer. Units: minutes.
const LONGEST_PAUSE_MINUTES: i64 = 6 * 60;
/// What was given up is kept for this long, so that somebody sees it. Units: minutes.
const KEPT_MINUTES: i64 = 30 * 24 * 60;
/// So much is kept of why a delivery failed. Units: characters.
const LONGEST_FAILURE: usize = 200;

/// A message that is to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id, also for whoever receives it.
    pub id: Id,
    /// Who delivers it: `mail`.
    pub kind: &'static str,
    /// The id of the record that knows where it goes; never an address.
    pub recipient: String,
    /// What is in it, in the form that its kind knows.
    pub payload: String,
}

/// A message that is claimed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Claimed {
    /// Its id.
    pub id: String,
    /// Who it is for.
    pub recipient: String,
    /// What is in it.
    pub payload: String,
    /// When it was written. Units: microseconds since 1970 UTC.
    pub made_at: i64,
    /// How often it failed so far.
    pub tries: i64,
    leased_until: i64,
}

/// What became of a delivery that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again from then on.
    Again(Moment),
    /// Nobody tries it again by itself.
    GivenUp,
    /// It is no longer there, or somebody else has it.
    Gone,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Messages that are still to be delivered.
    pub waiting: i64,
    /// When the oldest of them was written.
    pub oldest: Option<Moment>,
    /// Messages that were given up.
    pub given_up: i64,
}

/// A message that was given up.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct GivenUp {
    /// Its id.
    pub id: String,
    /// When it was written. Units: microseconds since 1970 UTC.
    pub made_at: i64,
    /// How often it was tried.
    pub tries: i64,
    /// Why the last try failed.
    pub failure: String,
}

/// Puts messages on their way, as a part of the caller's transaction.
///
/// Errors: `Unavailable`.
pub async fn put(tx: &mut Tx, clock: &Clock, messages: Vec<Message>) -> Result<()> {
    let now = clock.now();
    let row = |message: Message| -> Vec<Value> {
        let Message { id, kind, recipient, payload } = message;
        values![id, kind, recipient, payload, now, now, 0_i64, "", 0_i64, 0_i64, ""]
    };
    let rows: Vec<_> = messages.into_iter().map(row).collect();
    bulk_insert(
        tx,
        "insert into outbox (id, kind, recipient, payload, made_at, due_at, tries, lease, \
         leased_until, given_up, failure)",
        11,
        rows,
    )
    .await?;
    Ok(())
}

/// Claims messages that are due, the oldest first. `lease` is a name that nobody else has. The
/// caller commits before it delivers.
///
/// Errors: `Unavailable`.
pub async fn claim(tx: &mut Tx, clock: &Clock, kind: &str, lease: &str) -> Result<Vec<Claimed>> {
    let now = clock.now();
    let until = Moment(now.0 + LEASE_MINUTES * MINUTE_US);
    let due: Vec<Claimed> = tx
        .all(
            "select id, recipient, payload, made_at, tries, leased_until from outbox \
             where given_up = 0 and kind = $1 and due_at <= $2 and leased_until <= $2 \
             order by due_at, id limit $3",
            values![kind, now, MOST_AT_ONCE],
        )
        .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for message in due {
        // Somebody else may have taken it since it was read; then nothing is changed here.
        let taken = tx
            .run(
                "update outbox set lease = $1, leased_until = $2 \
                 where id = $3 and leased_until = $4 and given_up = 0",
                values![lease, until, &message.id, message.leased_until],
            )
            .await?;
        if taken == 1 {
            claimed.push(message);
        }
    }
    Ok(claimed)
}

/// Whether any message is due that nobody has.
///
/// Errors: `Unavailable`.
pub async fn is_due(tx: &mut Tx, clock: &Clock, kind: &str) -> Result<bool> {
    let sql = "select id from outbox where given_up = 0 and kind = $1 and due_at <= $2 \
               and leased_until <= $2 limit 1";
    Ok(tx.find::<(String,)>(sql, values![kind, clock.now()]).await?.is_some())
}

/// Gives back what was claimed and not tried.
///
/// Errors: `Unavailable`.
pub async fn release(tx: &mut Tx, lease: &str) -> Result<u64> {
    let sql = "update outbox set lease = '', leased_until = 0 where lease = $1";
    tx.run(sql, values![lease]).await
}

/// Notes that a message was delivered: it goes. False when somebody else has it by now.
///
/// Errors: `Unavailable`.
pub async fn delivered(tx: &mut Tx, id: &str, lease: &str) -> Result<bool> {
    let sql = "delete from outbox where id = $1 and lease = $2";
    Ok(tx.run(sql, values![id, lease]).await? == 1)
}

/// Notes that a delivery failed: it is tried again after a pause that grows, or given up when it
/// was tried often or can never succeed.
///
/// Errors: `Unavailable`.
pub async fn failed(
    tx: &mut Tx,
    clock: &Clock,
    (message, lease): (&Claimed, &str),
    (reason, for_good): (&str, bool),
) -> Result<Next> {
    let tries = message.tries + 1;
    let gives_up = for_good || tries >= MOST_TRIES;
    let due = Moment(clock.now().0 + pause_minutes(tries) * MINUTE_US);
    let reason: String = reason.chars().take(LONGEST_FAILURE).collect();
    let noted = tx
        .run(
            "update outbox set tries = $1, due_at = $2, given_up = $3, failure = $4, lease = '', \
             leased_until = 0 where id = $5 and lease = $6",
            values![tries, due, i64::from(gives_up), reason, &message.id, lease],
        )
        .await?;
    Ok(match (noted, gives_up) {
        (0, _) => Next::Gone,
        (_, true) => Next::GivenUp,
        (_, false) => Next::Again(due),
    })
}

/// How long to wait after so many failures: twice as long each time.
const fn pause_minutes(tries: i64) -> i64 {
    // Beyond the tenth doubling the longest pause holds in any case.
    let doublings = if tries > 10 { 10 } else { tries - 1 };
    let pause = 1 << doublings;
    if pause > LONGEST_PAUSE_MINUTES { LONGEST_PAUSE_MINUTES } else { pause }
}

/// Forgets every message for a recipient, delivered or not.
///
/// Errors: `Unavailable`.
pub async fn forget(tx: &mut Tx, recipient: &str) -> Result<u64> {
    tx.run("delete from outbox where recipient = $1", values![recipient]).await
}

/// How much there is.
///
/// Errors: `Unavailable`.
pub async fn extent(tx: &mut Tx) -> Result<Extent> {
    let sql = "select count(*), min(made_at) from outbox where given_up = 0";
    let (waiting, oldest) = tx.one::<(i64, Option<i64>)>(sql, values![]).await?;
    let sql = "select count(*) from outbox where given_up = 1";
    let (given_up,) = tx.one::<(i64,)>(sql, values![]).await?;
    Ok(Extent { waiting, oldest: oldest.map(Moment), given_up })
}

/// Messages that were given up, the newest first, at most so many.
///
/// Errors: `Unavailable`.
pub async fn given_up(tx: &mut Tx, limit: i64) -> Result<Vec<GivenUp>> {
    let sql = "select id, made_at, tries, failure from outbox where given_up = 1 \
               order by made_at desc, id limit $1";
    tx.all(sql, values![limit]).await
}

/// Tries what was given up once more from the beginning; gives how many.
///
/// Errors: `Unavailable`.
pub async fn try_again(tx: &mut Tx, clock: &Clock) -> Result<u64> {
    let sql = "update outbox set given_up = 0, tries = 0, due_at = $1 where given_up = 1";
    tx.run(sql, values![clock.now()]).await
}

/// Forgets what was given up; gives how many.
///
/// Errors: `Unavailable`.
pub async fn drop_given_up(tx: &mut Tx) -> Result<u64> {
    tx.run("delete from outbox where given_up = 1", values![]).await
}

/// Forgets what was given up long ago.
///
/// Errors: `Unavailable`.
pub async fn sweep(tx: &mut Tx, clock: &Clock) -> Result<u64> {
    let since = Moment(clock.now().0 - KEPT_MINUTES * MINUTE_US);
    tx.run("delete from outbox where given_up = 1 and made_at < $1", values![since]).await
}

#[cfg(test)]
mod tests;
