//! Proving that what is stored of the organisation is what was entered.

use base::Result;
use store::Tx;

use super::store as sql;

/// Rows read at a time.
const BATCH: i64 = 5_000;
/// So many faults are named.
const NAMED: usize = 100;
/// The kinds of record, each with its table.
const KINDS: [&str; 7] =
    ["agency", "post", "person", "holding", "delegation", "assignment", "agency_operation"];

/// Compares every version with the hash in its entry, and its number with the one before it. Gives
/// the number of rows read and the places that do not hold.
///
/// Errors: `Internal` when a row cannot be read at all.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let (mut count, mut faults) = (0, Vec::new());
    for kind in KINDS {
        let mut before = (String::new(), 0);
        loop {
            let batch = sql::versions_after(tx, kind, (&before.0, before.1), BATCH).await?;
            let is_last = (batch.len() as i64) < BATCH;
            for (record, sealed) in batch {
                count += 1;
                let (id, version) = (record.id().to_string(), record.version());
                let mut fault = |what: &str| {
                    if faults.len() < NAMED {
                        faults.push(format!("{kind} {id} version {version}: {what}"));
                    }
                };
                if sealed.as_deref() != Some(&record.hash()[..]) {
                    fault("changed");
                }
                let expected = if before.0 == id { before.1 + 1 } else { 1 };
                if version != expected {
                    fault("does not follow from the one before");
                }
                before = (id, version);
            }
            if is_last {
                break;
            }
        }
        for (id, version) in sql::missing(tx, kind).await? {
            faults.push(format!("{kind} {id} version {version}: missing"));
        }
    }
    Ok((count, faults))
}
