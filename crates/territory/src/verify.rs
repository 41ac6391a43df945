//! Proving that the stored territory is what the operations in the journal made of it.

use std::collections::{BTreeMap, HashMap};

use base::{Day, Result};
use store::Tx;

use crate::operations::{drawn, outline_id, seal_operation, seal_outline};
use crate::plan::NextIds;
use crate::store::{self as sql, Operation, Seal, StoredOutline};
use crate::{Drawn, Plan, Territory, UnitId};

/// Compares every operation with its entries, every act, unit and change with what the operations
/// give one after the other, every outline with its operation or entry, and the ids that come next
/// with those that were given. Gives the number of operations and what does not hold.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let mut faults = Vec::new();
    let Operations { count, standing, given } = operations(tx, &mut faults).await?;
    let next = sql::next_ids(tx).await?;
    if next.max(given) != next {
        faults.push("territory_head: an id that comes next was given already".to_owned());
    }
    let mut replay = Replay { territory: Some(Territory::empty()), ..Replay::default() };
    for (seq, operation) in standing {
        if let Err(fault) = replay.follow(seq, &operation) {
            faults.push(format!("operation {}: {fault}", operation.id));
        }
    }
    match &replay.territory {
        Some(territory) => compare_rows(tx, territory, &mut faults).await?,
        None => faults.push("territory: its operations do not fit together".to_owned()),
    }
    compare_outlines(tx, replay, &mut faults).await?;
    Ok((count, faults))
}

/// What the operations give one after the other.
#[derive(Default)]
struct Replay {
    /// None once one does not fit.
    territory: Option<Territory>,
    /// The entry by which each unit was formed.
    formed_by: HashMap<UnitId, i64>,
    /// By their key: what the operations drew, the first first, each with its operation.
    outlines: HashMap<OutlineKey, Vec<(String, String)>>,
}

/// What names an outline: whose it is, from which day, and whether it is a sketch.
type OutlineKey = (UnitId, Day, bool);

impl Replay {
    fn follow(&mut self, seq: i64, operation: &Operation) -> Result<(), String> {
        let plan = serde_json::from_str::<Plan>(&operation.plan);
        let plan = plan.map_err(|error| error.to_string())?;
        self.formed_by.extend(plan.new_units.iter().map(|unit| (unit.id, seq)));
        for drawn in &plan.outlines {
            let outline = (operation.id.clone(), drawn.hash.clone());
            self.outlines.entry(drawn.key()).or_default().push(outline);
        }
        let Some(before) = self.territory.take() else { return Ok(()) };
        self.territory = Some(before.apply(&plan).map_err(|error| error.cause())?);
        Ok(())
    }
}

/// What the list of operations says.
struct Operations {
    count: u64,
    /// Those that were not undone, each with the number of its entry, in that order.
    standing: BTreeMap<i64, Operation>,
    /// The ids that follow all that were given, also by those that were undone.
    given: NextIds,
}

async fn operations(tx: &mut Tx, faults: &mut Vec<String>) -> Result<Operations> {
    let mut seals: BTreeMap<(String, i64), Seal> = sql::list_seals(tx, "operation")
        .await?
        .into_iter()
        .map(|seal| ((seal.record_id.clone(), seal.record_version), seal))
        .collect();
    let (mut standing, mut given) = (BTreeMap::new(), NextIds::FIRST);
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
                if let Ok(plan) = serde_json::from_str::<Plan>(&operation.plan) {
                    given = given.max(NextIds::beyond(&plan));
                }
                if undone.is_none() {
                    standing.insert(seal.seq, operation);
                }
            }
            _ => faults.push(format!("operation {}: changed", operation.id)),
        }
    }
    faults.extend(seals.into_keys().map(|(id, _)| format!("operation {id}: missing")));
    Ok(Operations { count, standing, given })
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

/// Every outline has its operation, and every operation its outlines, the later ones before the
/// earlier. One that came before outlines belonged to operations has an entry, and every such
/// entry its outline, unless the unit went with the operation that formed it.
async fn compare_outlines(tx: &mut Tx, replay: Replay, faults: &mut Vec<String>) -> Result<()> {
    let mut seals: HashMap<String, Seal> = HashMap::new();
    for seal in sql::list_seals(tx, "outline").await? {
        seals.insert(seal.record_id.clone(), seal);
    }
    let mut expected = replay.outlines;
    for outlines in expected.values_mut() {
        outlines.reverse();
    }
    let mut last = None;
    loop {
        let page = sql::list_outlines(tx, last.as_ref()).await?;
        for StoredOutline { outline, operation, .. } in &page {
            let (id, hash) = seal_outline(outline)?;
            let holds = match operation {
                None => seals.remove(&id).is_some_and(|seal| seal.content_hash == hash),
                Some(operation) => {
                    let Drawn { hash, .. } = drawn(outline)?;
                    let key = (outline.unit, outline.valid.from, outline.schematic);
                    let ours = expected.get_mut(&key).and_then(Vec::pop);
                    ours.is_some_and(|ours| ours == (operation.clone(), hash))
                }
            };
            if !holds {
                faults.push(format!("outline {id}: changed"));
            }
        }
        last = page.into_iter().last();
        if last.is_none() {
            break;
        }
    }
    let is_there = |seal: &Seal| {
        let unit = seal.record_id.split('/').next().and_then(|id| id.parse().ok()).map(UnitId);
        unit.and_then(|unit| replay.formed_by.get(&unit)).is_some_and(|formed| *formed < seal.seq)
    };
    let missing = seals.into_values().filter(is_there).map(|seal| seal.record_id);
    let undrawn = expected.into_iter().filter(|(_, outlines)| !outlines.is_empty());
    let undrawn = undrawn.map(|((unit, from, schematic), _)| outline_id(unit, from, schematic));
    faults.extend(missing.chain(undrawn).map(|id| format!("outline {id}: missing")));
    Ok(())
}
