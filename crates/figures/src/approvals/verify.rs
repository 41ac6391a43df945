//! Proving that the stored sheets and marks are those that were entered, and that every state came
//! about by the acts that lead to it.

use base::Result;
use store::Tx;

use super::model::{State, Version};
use super::rules::can_follow;
use super::store as sql;

/// Rows read at a time.
const BATCH: i64 = 10_000;
/// So many faults are named.
const NAMED: usize = 100;

/// Compares every version and mark with the hash in its entry, and every version with the one
/// before it. Gives the number of rows read and the places that do not hold.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let mut faults = Vec::new();
    let mut count = sheets(tx, &mut faults).await?;
    count += marks(tx, &mut faults).await?;
    for (kind, record, version) in sql::missing(tx).await? {
        faults.push(format!("{kind} {record} version {version}: missing"));
    }
    Ok((count, faults))
}

async fn sheets(tx: &mut Tx, faults: &mut Vec<String>) -> Result<u64> {
    let mut count = 0;
    let mut before: Option<Version> = None;
    loop {
        let (collection, period, unit, version) = match &before {
            None => ("", "", 0, 0),
            Some(it) => (it.collection.as_str(), it.period.as_str(), it.unit.0, it.version),
        };
        let batch = sql::versions_after(tx, (collection, period, unit, version), BATCH).await?;
        let end = (batch.len() as i64) < BATCH;
        for (version, sealed) in batch {
            count += 1;
            let mut fault = |what: &str| {
                if faults.len() < NAMED {
                    let (record, number) = (version.record(), version.version);
                    faults.push(format!("approval {record} version {number}: {what}"));
                }
            };
            if sealed.as_deref() != Some(&version.hash()[..]) {
                fault("changed");
            }
            let former = before.take().filter(|former| former.record() == version.record());
            let (number, state) =
                former.map_or((0, State::Open), |former| (former.version, former.state));
            let is_own = version.acted_on == version.unit;
            let step = (state, version.action, version.state);
            if version.version != number + 1 || !can_follow(step, is_own) {
                fault("does not follow from the one before");
            }
            before = Some(version);
        }
        if end {
            return Ok(count);
        }
    }
}

async fn marks(tx: &mut Tx, faults: &mut Vec<String>) -> Result<u64> {
    let mut count = 0;
    let mut after = String::new();
    loop {
        let batch = sql::marks_after(tx, &after, BATCH).await?;
        let end = (batch.len() as i64) < BATCH;
        for (mark, sealed) in batch {
            count += 1;
            if sealed.as_deref() != Some(&mark.hash()[..]) && faults.len() < NAMED {
                faults.push(format!("finding mark {}: changed", mark.id));
            }
            after = mark.id;
        }
        if end {
            return Ok(count);
        }
    }
}
