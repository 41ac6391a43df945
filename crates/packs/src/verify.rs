//! Proving that the stored definitions are those that were applied.

use base::Result;
use store::Tx;

use crate::plan::seal;
use crate::store as sql;

/// Compares every pack and its definitions with what the journal sealed when it was applied.
/// Gives the number of packs and what does not hold.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let definitions = sql::definitions(tx).await?;
    let packs = sql::applied(tx).await?;
    let mut faults = Vec::new();
    for pack in &packs {
        let Some(version) = &pack.version else {
            faults.push(format!("pack {}: missing", pack.name));
            continue;
        };
        let computed = seal(&pack.name, version, &definitions);
        let holds = pack.sealed.as_deref() == Some(&computed[..]);
        if !holds || pack.applied_at != pack.sealed_at {
            faults.push(format!("pack {}: its definitions are not those applied", pack.name));
        }
    }
    Ok((packs.len() as u64, faults))
}
