//! Proving that the trace is what was noted.

use base::Result;
use store::Tx;

use super::store as sql;

/// Rows read at a time.
const BATCH: i64 = 2_000;
/// So many faults are named.
const NAMED: usize = 100;

/// Compares every look with the hash in its entry. Gives the number of rows read and the places that
/// do not hold.
///
/// Errors: `Internal` when a row cannot be read at all.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let (mut count, mut faults, mut before) = (0, Vec::new(), 0);
    loop {
        let batch = sql::after(tx, before, BATCH).await?;
        let Some((last, _)) = batch.last() else { break };
        before = last.entry;
        for (read, sealed) in batch {
            count += 1;
            if sealed.as_deref() != Some(&read.hash()[..]) && faults.len() < NAMED {
                faults.push(format!("read {}: changed", read.id));
            }
        }
    }
    for (seq,) in sql::missing(tx).await? {
        faults.push(format!("read of entry {seq}: missing"));
    }
    Ok((count, faults))
}
