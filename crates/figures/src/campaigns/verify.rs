//! Proving that the records of campaigns are those that were made.

use base::Result;
use store::Tx;

use super::actions::hash;
use super::store as sql;

/// So many changed versions are named.
const NAMED: usize = 100;
/// Versions read at a time: those of rounds hold whole rankings.
const BATCH: i64 = 50;

/// Compares every version with the hash in its entry. Gives the number of versions read and the
/// places that do not hold.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let (mut count, mut faults) = (0, Vec::new());
    let mut after = (String::new(), String::new(), 0);
    loop {
        let batch = sql::versions_after(tx, (&after.0, &after.1, after.2), BATCH).await?;
        let end = (batch.len() as i64) < BATCH;
        for (record, sealed) in batch {
            count += 1;
            after = (record.kind.as_str().to_owned(), record.id.clone(), record.version);
            if sealed.as_deref() != Some(&hash(&record)[..]) && faults.len() < NAMED {
                faults
                    .push(format!("campaign {} {} version {}: changed", after.0, after.1, after.2));
            }
        }
        if end {
            break;
        }
    }
    for (kind, id, version) in sql::versions_missing(tx).await? {
        let kind = kind.trim_start_matches("campaign_");
        faults.push(format!("campaign {kind} {id} version {version}: missing"));
    }
    Ok((count, faults))
}
