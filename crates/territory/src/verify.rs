//! Proving that the stored territory is what the operations in the journal made of it.

use std::collections::{BTreeMap, HashMap};

use base::Result;
use store::Tx;

use crate::operations::{seal_operation, seal_outline};
use crate::store::{self as sql, Operation, Seal};
use crate::{Plan, Territory, UnitId};

/// Compares every operation with its entries, every act, unit and change with what the operations
/// give one after the other, and every outline with its entry. Gives the number of operations and
/// what does not hold.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let mut faults = Vec::new();
    let (count, standing) = standing_operations(tx, &mut faults).await?;
    let mut formed_by = HashMap::new();
    let mut territory = Some(Territory::empty());
    for (seq, operation) in standing {
        let plan = serde_json::from_str::<Plan>(&operation.plan).ok();
        let after = territory.zip(plan.as_ref()).and_then(|(before, plan)| before.apply(plan).ok());
        territory = after;
        formed_by.extend(plan.iter().flat_map(|it| &it.new_units).map(|unit| (unit.id, seq)));
    }
    match territory {
        Some(territory) => compare_rows(tx, &territory, &mut faults).await?,
        None => faults.push("territory: its operations do not fit together".to_owned()),
    }
    compare_outlines(tx, &formed_by, &mut faults).await?;
    Ok((count, faults))
}

/// The operations that were not undone, each with the number of its entry, in that order.
async fn standing_operations(
    tx: &mut Tx,
    faults: &mut Vec<String>,
) -> Result<(u64, BTreeMap<i64, Operation>)> {
    let mut seals: BTreeMap<(String, i64), Seal> = sql::list_seals(tx, "operation")
        .await?
        .into_iter()
        .map(|seal| ((seal.record_id.clone(), seal.record_version), seal))
        .collect();
    let mut standing = BTreeMap::new();
    let operations = sql::list_all_operations(tx).await?;
    let count = operations.len() as u64;
    for sql::WholeOperation { operation, undone_by } in operations {
        let hash = seal_operation(&operation);
        let holds =
            |seal: &Seal, actor: &String| seal.content_hash == hash[..] && seal.actor == *actor;
        let applied = seals.remove(&(operation.id.clone(), 1));
        let undone = seals.remove(&(operation.id.clone(), 2));
        let is_undone = match (&undone, &undone_by) {
            (None, None) => operation.undone_at.is_none(),
            (Some(seal), Some(actor)) => operation.undone_at.is_some() && holds(seal, actor),
            _ => false,
        };
        match applied {
            Some(seal) if is_undone && holds(&seal, &operation.applied_by) => {
                if undone.is_none() {
                    standing.insert(seal.seq, operation);
                }
            }
            _ => faults.push(format!("operation {}: changed", operation.id)),
        }
    }
    faults.extend(seals.into_keys().map(|(id, _)| format!("operation {id}: missing")));
    Ok((count, standing))
}

async fn compare_rows(tx: &mut Tx, computed: &Territory, faults: &mut Vec<String>) -> Result<()> {
    let (acts, changes) = (sql::load_acts(tx).await?, sql::load_changes(tx).await?);
    compare("act", &acts, computed.acts(), |act| act.id, faults);
    compare("change", &changes, computed.changes(), |change| change.id, faults);
    match sql::load_units(tx).await {
        Ok(units) => compare("unit", &units, computed.units(), |unit| unit.id.0, faults),
        Err(error) => faults.push(error.cause()),
    }
    Ok(())
}

fn compare<T: PartialEq>(
    name: &str,
    stored: &[T],
    computed: &[T],
    id: impl Fn(&T) -> i64,
    faults: &mut Vec<String>,
) {
    let mut stored: BTreeMap<i64, &T> = stored.iter().map(|row| (id(row), row)).collect();
    for row in computed {
        match stored.remove(&id(row)) {
            None => faults.push(format!("{name} {}: missing", id(row))),
            Some(stored) if stored != row => faults.push(format!("{name} {}: changed", id(row))),
            Some(_) => {}
        }
    }
    faults.extend(stored.into_keys().map(|id| format!("{name} {id}: from no operation")));
}

/// Every outline has an entry, and every entry its outline, unless the unit went with the operation
/// that formed it.
async fn compare_outlines(
    tx: &mut Tx,
    formed_by: &HashMap<UnitId, i64>,
    faults: &mut Vec<String>,
) -> Result<()> {
    let mut seals: HashMap<String, Seal> = HashMap::new();
    for seal in sql::list_seals(tx, "outline").await? {
        seals.insert(seal.record_id.clone(), seal);
    }
    for outline in sql::load_outlines(tx).await? {
        let (id, hash) = seal_outline(&outline)?;
        if seals.remove(&id).is_none_or(|seal| seal.content_hash != hash) {
            faults.push(format!("outline {id}: changed"));
        }
    }
    let is_there = |seal: &Seal| {
        let unit = seal.record_id.split('/').next().and_then(|id| id.parse().ok()).map(UnitId);
        unit.and_then(|unit| formed_by.get(&unit)).is_some_and(|formed| *formed < seal.seq)
    };
    let missing = seals.into_values().filter(is_there);
    faults.extend(missing.map(|seal| format!("outline {}: missing", seal.record_id)));
    Ok(())
}
