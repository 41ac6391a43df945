//! Reporting and correcting observations, and proving that the stored ones are those entered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Clock, Day, Error, FieldError, Id, Result};
use journal::{NewEntry, Posting, content_hash};
use lang::Text;
use packs::{Catalogue, Nature};
use sha2::{Digest, Sha256};
use store::Tx;
use territory::{Territory, UnitId};

use super::model::{Correction, NewObservation, Observation, Reported};
use super::rules::{self, Levels};
use super::store as sql;

/// Who does it, when, and against which definitions and units.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The clock.
    pub clock: &'a Clock,
    /// The account.
    pub actor: &'a str,
    /// The definitions in force.
    pub catalogue: &'a Catalogue,
    /// The units.
    pub territory: &'a Territory,
}

/// Series of more units than this are read in one statement for each measure.
const SERIES_ONE_BY_ONE: usize = 64;

/// What was reported so far in each (unit, measure).
type Known = BTreeMap<(UnitId, i64), Levels>;

/// Reports counts (*báo cáo số liệu*), all or none. Gives the ids, in the order given.
///
/// Errors: `Invalid` at `N field` for the N-th count (N from 1; without number when there is only
/// one): unknown measure or unit, a day to come, a negative count, a day where a period is wanted;
/// `observations.already_reported` is `Refused`: such a count is corrected instead.
pub async fn report(
    tx: &mut Tx,
    cx: Context<'_>,
    counts: Vec<NewObservation>,
) -> Result<Vec<String>> {
    let alone = counts.len() == 1;
    let place = |at: usize, field: &str| match alone {
        true => field.to_owned(),
        false => format!("{} {field}", at + 1),
    };
    let errors = mistakes(cx, &counts, place);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let mut known = load_known(tx, cx, &counts).await?;
    let (mut versions, mut entries) = (Vec::new(), Vec::new());
    for count in counts {
        let measure = cx.catalogue.measure(&count.measure);
        let number = measure.map(|measure| measure.number).unwrap_or_default();
        let levels = known.entry((count.unit, number)).or_default();
        let day = count.reported.day();
        if levels.contains_key(&day) {
            return Err(Error::refused("observations.already_reported", move |lang| {
                lang::observations::already_reported(lang, base::short_day(day))
            }));
        }
        let lines = match count.reported {
            Reported::On(day) => rules::set_level(levels, day, count.value),
            Reported::Within(days) => vec![(days.last(), count.value)],
        };
        levels.insert(day, count.value);
        let evidence = match &count.evidence {
            Some(file) => {
                let hash = Sha256::digest(&file.content).to_vec();
                sql::insert_file(tx, &hash, file).await?;
                Some(hash)
            }
            None => None,
        };
        let observation = Observation {
            id: Id::new(cx.clock).to_string(),
            version: 1,
            unit: count.unit,
            measure: number,
            day_from: count.reported.from(),
            day,
            value: count.value,
            source: count.source,
            made_up: count.made_up,
            evidence,
            reason: None,
            entry: 0,
        };
        entries.push(entry(cx, "observations.report", &observation, lines));
        versions.push(observation);
    }
    let first = journal::append(tx, cx.clock, entries).await?;
    for (observation, seq) in versions.iter_mut().zip(first..) {
        observation.entry = seq;
    }
    sql::insert_heads(tx, &versions).await?;
    sql::insert_versions(tx, &versions).await?;
    Ok(versions.into_iter().map(|observation| observation.id).collect())
}

/// What [`report`] would refuse in these counts, and at which of them: `place` names the field of
/// the count at a position (from 0). Nothing is written.
pub(crate) async fn find_mistakes(
    tx: &mut Tx,
    cx: Context<'_>,
    counts: &[NewObservation],
    place: impl Fn(usize, &str) -> String,
) -> Result<Vec<FieldError>> {
    let mut errors = mistakes(cx, counts, &place);
    let mut known = load_known(tx, cx, counts).await?;
    for (at, count) in counts.iter().enumerate() {
        let Some(measure) = cx.catalogue.measure(&count.measure) else { continue };
        let day = count.reported.day();
        let levels = known.entry((count.unit, measure.number)).or_default();
        if levels.insert(day, count.value).is_some() {
            let text = Text::new(move |lang| {
                lang::observations::already_reported(lang, base::short_day(day))
            });
            errors.push(FieldError { place: place(at, "day"), text });
        }
    }
    Ok(errors)
}

fn mistakes(
    cx: Context<'_>,
    counts: &[NewObservation],
    place: impl Fn(usize, &str) -> String,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (at, count) in counts.iter().enumerate() {
        let mut mistake =
            |field: &str, text: Text| errors.push(FieldError { place: place(at, field), text });
        let day = count.reported.day();
        if count.value < 0 {
            mistake("value", Text::new(lang::observations::negative));
        }
        if day > cx.clock.today() {
            mistake("day", Text::new(lang::observations::day_to_come));
        }
        if cx.territory.at(count.unit, day).is_none() {
            mistake(
                "unit",
                Text::new(move |lang| lang::observations::no_unit(lang, base::short_day(day))),
            );
        }
        if count.source.trim().is_empty() {
            mistake("source", Text::new(lang::observations::no_source));
        }
        match (cx.catalogue.measure(&count.measure).map(|it| it.definition.nature), count.reported)
        {
            (None, _) => mistake("measure", Text::new(lang::observations::no_measure)),
            (Some(Nature::Stock), Reported::Within(_)) => {
                mistake("day", Text::new(lang::observations::wants_day));
            }
            (Some(Nature::Flow), Reported::On(_)) => {
                mistake("period", Text::new(lang::observations::wants_period));
            }
            _ => {}
        }
    }
    errors
}

async fn load_known(tx: &mut Tx, cx: Context<'_>, counts: &[NewObservation]) -> Result<Known> {
    let number = |code: &str| cx.catalogue.measure(code).map(|it| it.number).unwrap_or_default();
    let wanted: BTreeSet<(i64, UnitId)> =
        counts.iter().map(|count| (number(&count.measure), count.unit)).collect();
    let mut rows = Vec::new();
    if wanted.len() <= SERIES_ONE_BY_ONE {
        for (measure, unit) in wanted {
            let series = sql::series_of_unit(tx, measure, unit.0).await?;
            rows.extend(series.into_iter().map(|row| (measure, row)));
        }
    } else {
        let measures: BTreeSet<i64> = wanted.into_iter().map(|(measure, _)| measure).collect();
        for measure in measures {
            let series = sql::series_of_measure(tx, measure).await?;
            rows.extend(series.into_iter().map(|row| (measure, row)));
        }
    }
    let mut known = Known::new();
    for (measure, (unit, day, _, value)) in rows {
        let day = i32::try_from(day).map_or(Day::MAX, Day);
        known.entry((UnitId(unit), measure)).or_default().insert(day, value);
    }
    Ok(known)
}

/// Corrects a count (*đính chính số liệu*): the old one is reversed, the right one entered.
///
/// Errors: `NotFound`; `Conflict` when it was corrected since; `Invalid` at `value` or `reason`.
pub async fn correct(tx: &mut Tx, cx: Context<'_>, correction: Correction) -> Result<Observation> {
    let mut errors = Vec::new();
    if correction.value < 0 {
        let text = Text::new(lang::observations::negative);
        errors.push(FieldError { place: "value".to_owned(), text });
    }
    if correction.reason.trim().is_empty() {
        let text = Text::new(lang::observations::no_reason);
        errors.push(FieldError { place: "reason".to_owned(), text });
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let (old, _) = get(tx, &correction.id).await?;
    if old.version != correction.version {
        return Err(Error::Conflict(Text::new(lang::error::conflict)));
    }
    let nature = cx.catalogue.measure_numbered(old.measure).map(|measure| measure.nature);
    let lines = if nature == Some(Nature::Flow) {
        rules::change_flow(old.day, old.value, correction.value)
    } else {
        let series = sql::series_of_unit(tx, old.measure, old.unit.0).await?;
        let levels = series
            .into_iter()
            .map(|(_, day, _, value)| (i32::try_from(day).map_or(Day::MAX, Day), value))
            .collect();
        rules::change_level(&levels, old.day, old.value, correction.value)
    };
    let mut new = Observation {
        version: old.version + 1,
        value: correction.value,
        reason: Some(correction.reason),
        ..old
    };
    let entry = entry(cx, "observations.correct", &new, lines);
    new.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::move_head(tx, &new).await?;
    sql::insert_versions(tx, std::slice::from_ref(&new)).await?;
    Ok(new)
}

/// Whether a count that was made up for the demonstration stands on a day.
pub async fn has_made_up_on(tx: &mut Tx, on: Day) -> Result<bool> {
    sql::has_made_up_on(tx, on).await
}

/// An observation as it stands, with all its versions.
///
/// Errors: `NotFound`.
pub async fn get(tx: &mut Tx, id: &str) -> Result<(Observation, Vec<Observation>)> {
    let found = sql::find(tx, id).await?;
    let found = found.ok_or_else(|| Error::not_found(lang::observations::unknown))?;
    Ok((found, sql::versions(tx, id).await?))
}

/// The sources of observations, by their ids.
pub(crate) async fn sources(tx: &mut Tx, ids: &[&str]) -> Result<HashMap<String, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(sql::sources(tx, ids).await?.into_iter().collect())
}

fn entry(
    cx: Context<'_>,
    cause: &'static str,
    observation: &Observation,
    lines: Vec<(Day, i64)>,
) -> NewEntry {
    let posting = |(day, delta)| Posting {
        measure: observation.measure,
        unit: observation.unit.0,
        day,
        delta,
    };
    NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.to_owned(),
        cause,
        record_kind: "observation",
        record_id: observation.id.clone(),
        record_version: observation.version,
        content_hash: hash(observation),
        postings: lines.into_iter().map(posting).collect(),
    }
}

/// The content of a version, as its entry seals it.
fn hash(it: &Observation) -> [u8; 32] {
    content_hash(&[
        b"sogoc observation 1",
        it.id.as_bytes(),
        &it.version.to_be_bytes(),
        &it.unit.0.to_be_bytes(),
        &it.measure.to_be_bytes(),
        &it.day_from.0.to_be_bytes(),
        &it.day.0.to_be_bytes(),
        &it.value.to_be_bytes(),
        it.source.as_bytes(),
        &[u8::from(it.made_up)],
        it.evidence.as_deref().unwrap_or_default(),
        it.reason.as_deref().unwrap_or_default().as_bytes(),
    ])
}

/// Versions read at a time while verifying.
const BATCH: i64 = 10_000;

/// Compares every stored version with the hash in its entry, and every head with its last
/// version. Gives the number of versions read and the places that do not hold.
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
            if sealed.as_deref() != Some(&hash(&version)[..]) {
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
    Ok((count, faults))
}
