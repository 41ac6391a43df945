//! Proving that the stored observations are those that were entered, and the cells what they give.

use std::collections::{BTreeMap, BTreeSet};

use base::{Day, DayRange, Error, Result};
use journal::{Cell, Half, Sums};
use packs::{Catalogue, Measure, Nature, Numbered};
use sha2::{Digest, Sha256};
use store::Tx;

use super::actions::hash;
use super::store::{self as sql, Sealed};
use crate::period::can_be_asked;

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
        for Sealed { version, label, hash: sealed } in batch {
            count += 1;
            after = (version.id.clone(), version.version);
            // What was sealed before the labels of files were has the hash without one; no label
            // can be given to it later, and none that was sealed be taken away.
            let is_sealed = |label| sealed.as_deref() == Some(&hash(&version, label)[..]);
            let holds = is_sealed(label.as_ref()) || (label.is_some() && is_sealed(None));
            if !holds && faults.len() < NAMED_VERSIONS {
                let what = if label.is_some() { ", or the name of its file" } else { "" };
                faults.push(format!("observation {} version {}: changed{what}", after.0, after.1));
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
///
/// Only the cells and counts of one half month are in memory at a time.
async fn wrong_cells(tx: &mut Tx, faults: &mut Vec<String>) -> Result<()> {
    let catalogue = Catalogue::load(tx).await?;
    for measure in catalogue.measures() {
        let days = sql::days_of_versions(tx, measure.number).await?.into_iter();
        let days = days.map(|(day,)| civil(day)).filter(|day| can_be_asked(*day));
        let halves: BTreeSet<Half> = days.map(Half::of).collect();
        let mut found = Vec::new();
        let mut from = Day::MIN;
        for days in halves.into_iter().map(Half::days) {
            between(tx, measure, DayRange { from, to: days.from }, &mut found).await?;
            within(tx, measure, days, &mut found).await?;
            from = days.to;
        }
        between(tx, measure, DayRange { from, to: Day::MAX }, &mut found).await?;
        let code = &measure.definition.code;
        faults.extend(found.into_iter().map(|it| format!("measure {code} {it}")));
    }
    Ok(())
}

/// The cells of a half month are what its counts give.
async fn within(
    tx: &mut Tx,
    measure: &Numbered<Measure>,
    days: DayRange,
    found: &mut Vec<String>,
) -> Result<()> {
    let is_level = measure.definition.nature == Nature::Stock;
    let mut expected = BTreeMap::<(i64, Day), Cell>::new();
    for (unit, day, value, before) in sql::standing_in(tx, measure.number, days, is_level).await? {
        let more = value.checked_sub(before.unwrap_or_default());
        let cell = expected.entry((unit, civil(day))).or_default();
        match more.and_then(|sum| cell.checked_add(Cell { sum, records: 1 })) {
            Some(sum) => *cell = sum,
            // No report can have brought a count as large as that.
            None => {
                found.push(format!("unit {unit}: a count is out of range"));
                return Ok(());
            }
        }
    }
    let single = |day: i32| DayRange { from: Day(day), to: Day(day + 1) };
    let ranges: Vec<DayRange> = (days.from.0..days.to.0).map(single).collect();
    let Some(sums) = stored(tx, measure.number, &ranges).await? else { return Ok(()) };
    let mut wrong = |unit: i64, day: Day| {
        if found.len() < NAMED {
            found.push(format!("unit {unit} day {day}: the cell is not what the counts give"));
        }
    };
    for unit in 0..sums.units() {
        for (at, range) in ranges.iter().enumerate() {
            let right = expected.remove(&(unit, range.from)).unwrap_or_default();
            if sums.cell(0, unit, at) != right {
                wrong(unit, range.from);
            }
        }
    }
    expected.into_keys().for_each(|(unit, day)| wrong(unit, day));
    Ok(())
}

/// For days for which no count ever was, there is nothing.
async fn between(
    tx: &mut Tx,
    measure: &Numbered<Measure>,
    days: DayRange,
    found: &mut Vec<String>,
) -> Result<()> {
    if days.from >= days.to {
        return Ok(());
    }
    let Some(sums) = stored(tx, measure.number, &[days]).await? else { return Ok(()) };
    let wrong = (0..sums.units()).filter(|unit| sums.cell(0, *unit, 0) != Cell::default());
    found.extend(wrong.take(NAMED.saturating_sub(found.len())).map(|unit| {
        let (from, to) = (days.from, days.to);
        format!("unit {unit} between {from} and {to}: cells that no count gives")
    }));
    Ok(())
}

/// The cells of a measure; none where they cannot be read, which the journal says of itself.
async fn stored(tx: &mut Tx, measure: i64, ranges: &[DayRange]) -> Result<Option<Sums>> {
    match journal::sums(tx, [measure, measure], ranges, None).await {
        Ok(sums) => Ok(Some(sums)),
        Err(Error::Internal(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

async fn wrong_files(tx: &mut Tx, faults: &mut Vec<String>) -> Result<()> {
    let mut after = Vec::new();
    loop {
        let batch = sql::file_hashes_after(tx, &after, BATCH).await?;
        for (hash,) in &batch {
            let file = sql::find_file(tx, hash).await?;
            if file.is_none_or(|file| Sha256::digest(&file.content)[..] != hash[..]) {
                let name: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                faults.push(format!("file {name}: changed"));
            }
        }
        match batch.into_iter().next_back() {
            Some((last,)) => after = last,
            None => return Ok(()),
        }
    }
}

fn civil(day: i64) -> Day {
    i32::try_from(day).map_or(Day::MAX, Day)
}
