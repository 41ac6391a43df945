//! The end of the time of looks: record, people and words go; that somebody looked, when and for
//! what stays, with the entry.

use base::{Clock, Id, Moment, Result};
use journal::NewEntry;
use store::Tx;

use super::model::Erasure;
use super::store as sql;

/// How many looks are older than an instant and not erased yet.
///
/// Errors: `Unavailable`.
pub async fn count_before(tx: &mut Tx, before: Moment) -> Result<i64> {
    Ok(sql::unerased_before(tx, before).await?.0)
}

/// Erases record, people and words of all looks that are older than an instant; gives how many they
/// were. Its entry says up to which look, so that none but these can be gone.
///
/// Errors: `Unavailable`.
pub async fn erase_before(tx: &mut Tx, clock: &Clock, actor: &str, before: Moment) -> Result<i64> {
    journal::lock(tx).await?;
    let (amount, last_entry) = sql::unerased_before(tx, before).await?;
    if amount == 0 {
        return Ok(0);
    }
    let mut erasure = Erasure {
        id: Id::new(clock).to_string(),
        at: clock.now().0,
        actor: actor.to_owned(),
        before: before.0,
        last_entry,
        amount,
        entry: 0,
    };
    let entry = NewEntry {
        id: Id::new(clock),
        actor: erasure.actor.clone(),
        cause: "access.erase_reads",
        record_kind: "read_erasure",
        record_id: erasure.id.clone(),
        record_version: 1,
        content_hash: erasure.hash(),
        postings: Vec::new(),
    };
    erasure.entry = journal::append(tx, clock, vec![entry]).await?;
    sql::erase(tx, &erasure).await?;
    Ok(amount)
}
