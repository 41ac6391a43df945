//! Proving that the stored observations are those that were entered, and the cells what they give.

use std::collections::BTreeMap;

use base::{Day, Result};
use journal::Cell;
use packs::{Catalogue, Nature};
use sha2::{Digest, Sha256};
use store::Tx;

use super::actions::hash;
use super::store as sql;

/// So many changed versions are named.
const NAMED_VERSIONS: usize = 100;
/// So many wrong cells of a measure are named.
const NAMED: usize = 20;
/// Versions read at a time while verifying.
const BATCH: i64 = 10_000;

/// Compares every stored version with the hash in its entry, every head with its last version,
/// every cell with the counts that stand, and every file of evidence with its hash. Gives the
/// number of versions read and the places that do not hold.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let mut faults = Vec::new();
    let mut count = 0;
    let mut after = (String::new(), 0);
    loop {
        let batch = sql::versions_after(tx, (&after.0, after.1), BATCH).await?;
        let end = (batch.len() as i64) < BATCH;
        for (version, sealed) in batch {
            count += 1;
            after = (version.id.clone(), version.version);
            let holds = sealed.as_deref() == Some(&hash(&version)[..]);
            if !holds && faults.len() < NAMED_VERSIONS {
                faults.push(format!("observation {} version {}: changed", after.0, after.1));
            }
        }
        if end {
            break;
        }
    }
    for (id, version) in sql::versions_missing(tx).await? {
        faults.push(format!("observation {id} version {version}: missing"));
    }
    for (id,) in sql::heads_wrong(tx).await? {
        faults.push(format!("observation {id}: its head is not its last version"));
    }
    for (measure, day, from) in sql::periods_wrong(tx).await? {
        faults.push(format!(
            "counts of measure {measure} for {} to {}: miscounted",
            civil(from),
            civil(day)
        ));
    }
    wrong_cells(tx, &mut faults).await?;
    wrong_files(tx, &mut faults).await?;
    Ok((count, faults))
}

/// Recomputes the cells of every measure from the counts that stand, and compares: the journal may
/// be whole in itself and still not say what the counts say.
async fn wrong_cells(tx: &mut Tx, faults: &mut Vec<String>) -> Result<()> {
    let catalogue = Catalogue::load(tx).await?;
    for measure in catalogue.measures() {
        let code = &measure.definition.code;
        let Some(expected) = expected_cells(tx, measure.number, measure.definition.nature).await?
        else {
            faults.push(format!("measure {code}: a count is out of range"));
            continue;
        };
        let Ok(cells) = journal::cells(tx, measure.number).await else { continue };
        let stored: BTreeMap<(i64, Day), Cell> = cells
            .into_iter()
            .filter(|(.., cell)| *cell != Cell::default())
            .map(|(unit, day, cell)| ((unit, day), cell))
            .collect();
        let places = stored.keys().chain(expected.keys().filter(|it| !stored.contains_key(it)));
        let wrong = places.filter(|place| stored.get(place) != expected.get(place));
        faults.extend(wrong.take(NAMED).map(|(unit, day)| {
            format!("measure {code} unit {unit} day {day}: the cell is not what the counts give")
        }));
    }
    Ok(())
}

/// None where a count is so large that no report can have brought it.
async fn expected_cells(
    tx: &mut Tx,
    measure: i64,
    nature: Nature,
) -> Result<Option<BTreeMap<(i64, Day), Cell>>> {
    let mut counts: Vec<(i64, Day, i64)> = sql::series_of_measure(tx, measure)
        .await?
        .into_iter()
        .map(|(unit, day, _, value)| (unit, civil(day), value))
        .collect();
    counts.sort_unstable();
    let mut cells = BTreeMap::new();
    let mut before = (0, 0);
    for (unit, day, value) in counts {
        let level = if before.0 == unit && nature == Nature::Stock { before.1 } else { 0 };
        let Some(sum) = value.checked_sub(level) else { return Ok(None) };
        cells.insert((unit, day), Cell { sum, records: 1 });
        before = (unit, value);
    }
    Ok(Some(cells))
}

async fn wrong_files(tx: &mut Tx, faults: &mut Vec<String>) -> Result<()> {
    for (hash,) in sql::file_hashes(tx).await? {
        let file = sql::find_file(tx, &hash).await?;
        if file.is_none_or(|file| Sha256::digest(&file.content)[..] != hash[..]) {
            let name: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            faults.push(format!("file {name}: changed"));
        }
    }
    Ok(())
}

fn civil(day: i64) -> Day {
    i32::try_from(day).map_or(Day::MAX, Day)
}
