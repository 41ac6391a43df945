//! Reporting and correcting observations, and proving that the stored ones are those entered.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::rights::{Act, Actor, Place};
use base::{Clock, Day, DayRange, Error, FieldError, Id, Result};
use journal::{EntriesBehind, NewEntry, Posting, content_hash};
use lang::Text;
use packs::{Catalogue, Nature};
use sha2::{Digest, Sha256};
use store::Tx;
use territory::{Level, Territory, UnitId};

use super::model::{
    Change, Correction, Evidence, FileLabel, NewObservation, Observation, Reported, Withdrawal,
};
use super::rules::{self, Line};
use super::series::{Known, load_around};
use super::store::{self as sql, Report};
use super::{clean, evidence};
use crate::approvals::{Touch, find_locks, refuse_locked};
use crate::period::can_be_asked;
use crate::protection;

/// Who does it, when, and against which definitions and units.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The clock.
    pub clock: &'a Clock,
    /// Who does it, and what that one may do.
    pub actor: Actor<'a>,
    /// The definitions in force.
    pub catalogue: &'a Catalogue,
    /// The units.
    pub territory: &'a Territory,
}

/// Reports counts (*báo cáo số liệu*), all or none. Gives the ids, in the order given.
///
/// Errors: `Invalid` at `N field` for the N-th count (N from 1; without number when there is only
/// one): unknown measure or unit, a unit for which the one who asks may not report, a day to come, a count that is negative or above 10¹², a source that is
/// missing or too long, a day where a period is wanted;
/// `observations.already_reported` is `Refused`: such a count is corrected instead; and so is
/// `figures.locked`, for what was approved. Of several it says which.
pub async fn report(
    tx: &mut Tx,
    cx: Context<'_>,
    counts: Vec<NewObservation>,
) -> Result<Vec<String>> {
    let counts: Vec<_> = counts.into_iter().map(clean::count).collect();
    let alone = counts.len() == 1;
    let place = |at: usize, field: &str| match alone {
        true => field.to_owned(),
        false => format!("{} {field}", at + 1),
    };
    let errors = mistakes(cx, &counts, place);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    let mut known = load_known(tx, cx, &counts).await?;
    let locks = find_locks(tx, cx, &touches(cx, &known, &counts)).await?;
    if let Some((at, text)) = locks.into_iter().next() {
        let text = if alone { text } else { of_count(at + 1, text) };
        return Err(Error::Refused { code: "figures.locked", text });
    }
    let (mut versions, mut entries) = (Vec::new(), Vec::new());
    let mut periods = BTreeMap::<(i64, Day, Day), i64>::new();
    for (at, count) in counts.into_iter().enumerate() {
        let measure = cx.catalogue.measure(&count.measure);
        let number = measure.map(|measure| measure.number).unwrap_or_default();
        let series = known.entry((count.unit, number)).or_default();
        let (from, day) = (count.reported.from(), count.reported.day());
        if let Some(text) = series.in_the_way(count.reported) {
            let text = if alone { text } else { of_count(at + 1, text) };
            return Err(Error::Refused { code: "observations.already_reported", text });
        }
        let lines = match count.reported {
            Reported::On(day) => rules::report_level(&series.levels, day, count.value),
            Reported::Within(days) => rules::report_flow(days.last(), count.value),
        };
        series.add(count.reported, count.value);
        *periods.entry((number, day, from)).or_default() += 1;
        let evidence = keep_evidence(tx, count.evidence.as_ref()).await?;
        let observation = Observation {
            id: Id::new(cx.clock).to_string(),
            version: 1,
            unit: count.unit,
            measure: number,
            day_from: count.reported.from(),
            day,
            value: Some(count.value),
            source: count.source,
            made_up: count.made_up,
            evidence,
            reason: None,
            entry: 0,
        };
        // The same file may be there already, under the name that it had first.
        let label = find_label(tx, &observation).await?;
        entries.push(entry(cx, "observations.report", (&observation, label.as_ref()), lines));
        versions.push(observation);
    }
    // What everybody could see until now stays together.
    let measures: BTreeSet<i64> = versions.iter().map(|observation| observation.measure).collect();
    protection::renew_stale_of(tx, cx.catalogue, cx.territory, measures.iter().copied()).await?;
    let first = journal::append(tx, cx.clock, entries).await?;
    for (observation, seq) in versions.iter_mut().zip(first..) {
        observation.entry = seq;
    }
    sql::insert_heads(tx, &versions).await?;
    sql::insert_versions(tx, &versions).await?;
    let moves = periods.into_iter().map(|((measure, day, from), more)| (measure, day, from, more));
    sql::move_periods(tx, moves).await?;
    protection::renew(tx, cx.catalogue, cx.territory, measures).await?;
    Ok(versions.into_iter().map(|observation| observation.id).collect())
}

/// Keeps a file of evidence, and gives its hash.
async fn keep_evidence(tx: &mut Tx, file: Option<&Evidence>) -> Result<Option<Vec<u8>>> {
    let Some(file) = file else { return Ok(None) };
    let hash = Sha256::digest(&file.content).to_vec();
    sql::insert_file(tx, &hash, file).await?;
    Ok(Some(hash))
}

/// "Count 3: …".
fn of_count(number: usize, text: Text) -> Text {
    Text::new(move |lang| {
        let (number, text) = (base::grouped(lang, number as i64), text.say(lang));
        lang::observations::of_count(lang, lang::observations::OfCount { number, text })
    })
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
    let locks = find_locks(tx, cx, &touches(cx, &known, counts)).await?;
    let locked = |(at, text): (usize, Text)| FieldError { place: place(at, "day"), text };
    errors.extend(locks.into_iter().map(locked));
    for (at, count) in counts.iter().enumerate() {
        let Some(measure) = cx.catalogue.measure(&count.measure) else { continue };
        let series = known.entry((count.unit, measure.number)).or_default();
        match series.in_the_way(count.reported) {
            Some(text) => errors.push(FieldError { place: place(at, "day"), text }),
            None => series.add(count.reported, count.value),
        }
    }
    Ok(errors)
}

/// Those of the counts that [`report`] would take, in their order: the others have a mistake, or
/// their place is taken or locked. It stays so until the transaction ends.
///
/// Errors: `Unavailable`.
pub async fn reportable(
    tx: &mut Tx,
    cx: Context<'_>,
    counts: Vec<NewObservation>,
) -> Result<Vec<NewObservation>> {
    journal::lock(tx).await?;
    let mut known = load_known(tx, cx, &counts).await?;
    let locks = find_locks(tx, cx, &touches(cx, &known, &counts)).await?;
    let locked: HashSet<usize> = locks.into_iter().map(|(at, _)| at).collect();
    let mut fitting = Vec::with_capacity(counts.len());
    let counts = counts.into_iter().enumerate().filter(|(at, _)| !locked.contains(at));
    for (_, count) in counts {
        let Some(measure) = cx.catalogue.measure(&count.measure) else { continue };
        let series = known.entry((count.unit, measure.number)).or_default();
        let is_free = series.in_the_way(count.reported).is_none();
        let no_place = |_, _: &str| String::new();
        if is_free && mistakes(cx, std::slice::from_ref(&count), no_place).is_empty() {
            series.add(count.reported, count.value);
            fitting.push(count);
        }
    }
    Ok(fitting)
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
        if let Some(text) = clean::wrong_value(count.value) {
            mistake("value", text);
        }
        if day > cx.clock.today() {
            mistake("day", Text::new(lang::observations::day_to_come));
        }
        if !can_be_asked(day) {
            mistake("day", Text::new(lang::error::bad_day));
        }
        if !cx.actor.may(Act::ReportObservations, Place::of(count.unit.0)) {
            let act = |lang| Act::ReportObservations.say(lang);
            mistake("unit", Text::new(move |lang| lang::rights::other_unit(lang, act(lang))));
        }
        if cx.territory.at(count.unit, day).is_none() {
            mistake(
                "unit",
                Text::new(move |lang| lang::observations::no_unit(lang, base::short_day(day))),
            );
        }
        let level = cx.catalogue.reported_by(&count.measure).and_then(Level::find);
        let unit_level = cx.territory.unit(count.unit).map(|unit| unit.level);
        if let Some(level) = level.filter(|level| unit_level.is_some_and(|it| it != *level)) {
            let text = move |lang| lang::observations::other_level(lang, level.say(lang));
            mistake("unit", Text::new(text));
        }
        if let Some(text) = clean::wrong_source(&count.source) {
            mistake("source", text);
        }
        if let Some(text) = count.evidence.as_ref().and_then(evidence::wrong) {
            mistake("evidence", text);
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

/// What stands around the days of these counts.
async fn load_known(tx: &mut Tx, cx: Context<'_>, counts: &[NewObservation]) -> Result<Known> {
    let number = |code: &str| cx.catalogue.measure(code).map(|it| it.number).unwrap_or_default();
    let place = |it: &NewObservation| (number(&it.measure), it.unit, it.reported.from());
    load_around(tx, counts.iter().map(place).collect()).await
}

/// What these counts touch, beside those that are known around them.
fn touches(cx: Context<'_>, known: &Known, counts: &[NewObservation]) -> Vec<Touch> {
    let touch = |count: &NewObservation| {
        let number = cx.catalogue.measure(&count.measure).map(|it| it.number).unwrap_or_default();
        let series = known.get(&(count.unit, number));
        match count.reported {
            Reported::Within(days) => {
                Touch { unit: count.unit, measure: number, days, until: None }
            }
            Reported::On(day) => level(count.unit, number, day, series.map(|it| &it.levels)),
        }
    };
    counts.iter().map(touch).collect()
}

/// What the level of a day touches: that day, and those up to the next level.
fn level(unit: UnitId, measure: i64, day: Day, levels: Option<&rules::Levels>) -> Touch {
    let next = levels.and_then(|levels| levels.range(day.plus(1)..).next());
    let until = Some(next.map_or(Day::MAX, |(next, _)| *next));
    Touch { unit, measure, days: DayRange { from: day, to: day.plus(1) }, until }
}

/// Corrects a count (*đính chính số liệu*): the old one is reversed, the right one entered.
///
/// Errors: `NotFound`; those of rights; `Conflict` when it was changed since; `observations.withdrawn` is `Refused`,
/// and so is `figures.locked`, for what was approved; `Invalid` at `value` or `reason`; a correction that changes nothing is none.
pub async fn correct(tx: &mut Tx, cx: Context<'_>, correction: Correction) -> Result<Observation> {
    let Correction { id, version, value, reason } = correction;
    let (reason, mut errors) = clean::reason(&reason);
    if let Some(text) = clean::wrong_value(value) {
        errors.insert(0, FieldError { place: "value".to_owned(), text });
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    let old = standing(tx, &id).await?;
    if old.0.version == version && old.1 == value {
        return Err(Error::invalid("value", move |lang| {
            lang::observations::same_value(lang, base::grouped(lang, value))
        }));
    }
    replace(tx, cx, old, (version, Some(value)), reason).await
}

/// Withdraws a count that should never have been reported (*rút số liệu*): it is reversed, and
/// the unit has no number for that day until somebody reports one.
///
/// Errors: those of [`correct`].
pub async fn withdraw(tx: &mut Tx, cx: Context<'_>, withdrawal: Withdrawal) -> Result<Observation> {
    let Withdrawal { id, version, reason } = withdrawal;
    let (reason, errors) = clean::reason(&reason);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    let old = standing(tx, &id).await?;
    replace(tx, cx, old, (version, None), reason).await
}

/// Corrects or withdraws a count.
///
/// Errors: those of [`correct`].
pub(crate) async fn change(tx: &mut Tx, cx: Context<'_>, change: Change) -> Result<Observation> {
    match change {
        Change::Correct(correction) => correct(tx, cx, correction).await,
        Change::Withdraw(withdrawal) => withdraw(tx, cx, withdrawal).await,
    }
}

/// An observation that was not withdrawn, with its number.
///
/// Errors: `NotFound`; `observations.withdrawn` is `Refused`.
pub(crate) async fn standing(tx: &mut Tx, id: &str) -> Result<(Observation, i64)> {
    let (now, _) = get(tx, id).await?;
    match now.value {
        Some(value) => Ok((now, value)),
        None => Err(Error::refused("observations.withdrawn", lang::observations::is_withdrawn)),
    }
}

async fn replace(
    tx: &mut Tx,
    cx: Context<'_>,
    (old, old_value): (Observation, i64),
    (version, value): (i64, Option<i64>),
    reason: String,
) -> Result<Observation> {
    let maker = maker_of(tx, &old).await?;
    let place = Place { maker: maker.as_deref(), ..Place::of(old.unit.0) };
    cx.actor.check(Act::CorrectObservations, place)?;
    if old.version != version {
        return Err(Error::Conflict(Text::new(lang::error::conflict)));
    }
    let nature = cx.catalogue.measure_numbered(old.measure).map(|measure| measure.nature);
    let (mut lines, touch);
    if nature == Some(Nature::Flow) {
        lines = rules::withdraw_flow(old.day, old_value);
        lines.extend(value.into_iter().flat_map(|value| rules::report_flow(old.day, value)));
        touch = Touch {
            unit: old.unit,
            measure: old.measure,
            days: DayRange { from: old.day_from, to: old.day.plus(1) },
            until: None,
        };
    } else {
        // The level before its day, and the one after it.
        let around = [old.day, old.day.plus(1)].map(|day| (old.measure, old.unit, day));
        let known = load_around(tx, around.into()).await?;
        let series = known.into_iter().next().map(|(_, series)| series).unwrap_or_default();
        let mut levels = series.levels;
        levels.remove(&old.day);
        touch = level(old.unit, old.measure, old.day, Some(&levels));
        lines = rules::withdraw_level(&levels, old.day, old_value);
        let report = |value| rules::report_level(&levels, old.day, value);
        lines.extend(value.into_iter().flat_map(report));
    }
    refuse_locked(tx, cx, touch).await?;
    let cause = if value.is_some() { "observations.correct" } else { "observations.withdraw" };
    let mut new = Observation { version: old.version + 1, value, reason: Some(reason), ..old };
    let label = find_label(tx, &new).await?;
    let entry = entry(cx, cause, (&new, label.as_ref()), lines);
    protection::renew_stale_of(tx, cx.catalogue, cx.territory, [new.measure]).await?;
    new.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::move_head(tx, &new).await?;
    if value.is_none() {
        sql::move_periods(tx, [(new.measure, new.day, new.day_from, -1)]).await?;
    }
    sql::insert_versions(tx, std::slice::from_ref(&new)).await?;
    protection::renew(tx, cx.catalogue, cx.territory, [new.measure]).await?;
    Ok(new)
}

/// Lets whoever may see counts as they were reported, and their evidence, see one.
///
/// Errors: those of rights.
pub(crate) async fn check_read(
    tx: &mut Tx,
    reader: Actor<'_>,
    observation: &Observation,
) -> Result<()> {
    let maker = maker_of(tx, observation).await?;
    let place = Place { maker: maker.as_deref(), ..Place::of(observation.unit.0) };
    reader.check(Act::ReadObservations, place)
}

/// The account that reported a count first.
async fn maker_of(tx: &mut Tx, observation: &Observation) -> Result<Option<String>> {
    let versions = sql::versions(tx, &observation.id).await?;
    let Some(first) = versions.first() else { return Ok(None) };
    let made = journal::recordings(tx, &[first.entry]).await?;
    Ok(made.get(&first.entry).map(|(_, actor)| actor.clone()))
}

/// The periods for which counts of a measure stand, those that touch a range of days; or stood
/// before the entry `known`.
pub(crate) async fn periods(
    tx: &mut Tx,
    measure: i64,
    within: DayRange,
    known: Option<i64>,
) -> Result<Vec<DayRange>> {
    let civil = |day: i64| i32::try_from(day).map_or(Day::MAX, Day);
    let found = match known {
        None => sql::periods(tx, measure, within).await?,
        Some(known) => sql::periods_before(tx, measure, within, known).await?,
    };
    let days = |(from, day)| DayRange { from: civil(from), to: civil(day).plus(1) };
    Ok(found.into_iter().map(days).collect())
}

/// The units that reported a measure for exactly these days; or had before the entry `known`.
pub(crate) async fn units_with(
    tx: &mut Tx,
    measure: i64,
    days: DayRange,
    known: Option<i64>,
) -> Result<Vec<i64>> {
    let days = (days.from, days.last());
    let found = match known {
        None => sql::units_with(tx, measure, days).await?,
        Some(known) => sql::units_with_before(tx, measure, days, known).await?,
    };
    Ok(found.into_iter().map(|(unit,)| unit).collect())
}

/// The counts behind a part of a figure by the unit that reported them; of a level, which holds
/// on, the last one.
pub(crate) async fn reports_behind(
    tx: &mut Tx,
    behind: &EntriesBehind,
    nature: Nature,
) -> Result<HashMap<i64, Vec<Report>>> {
    let EntriesBehind { measure, units, days, known } = behind;
    let found = match known {
        Some(seq) => sql::reports_before(tx, *measure, *days, *seq).await?,
        None => sql::reports(tx, *measure, units, *days, nature == Nature::Stock).await?,
    };
    let mut by_unit = HashMap::<i64, Vec<Report>>::new();
    for report in found {
        let reports = by_unit.entry(report.unit).or_default();
        if nature == Nature::Stock {
            // They come in the order of days.
            reports.clear();
        }
        reports.push(report);
    }
    Ok(by_unit)
}

/// Whether a count that was made up for the demonstration stands on a day.
pub async fn has_made_up_on(tx: &mut Tx, on: Day) -> Result<bool> {
    sql::has_made_up_on(tx, on).await
}

/// An observation as it stands, with all its versions.
///
/// Errors: `NotFound`.
pub async fn get(tx: &mut Tx, id: &str) -> Result<(Observation, Vec<Observation>)> {
    let id = &clean::id(id)?.to_string();
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

async fn find_label(tx: &mut Tx, observation: &Observation) -> Result<Option<FileLabel>> {
    match &observation.evidence {
        Some(hash) => sql::find_file_label(tx, hash).await,
        None => Ok(None),
    }
}

fn entry(
    cx: Context<'_>,
    cause: &'static str,
    (observation, label): (&Observation, Option<&FileLabel>),
    lines: Vec<Line>,
) -> NewEntry {
    let posting = |(day, cell): Line| Posting {
        measure: observation.measure,
        unit: observation.unit.0,
        day,
        delta: cell.sum,
        records: cell.records,
    };
    NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.name.to_owned(),
        cause,
        record_kind: "observation",
        record_id: observation.id.clone(),
        record_version: observation.version,
        content_hash: hash(observation, label),
        postings: lines.into_iter().map(posting).collect(),
    }
}

/// The content of a version, as its entry seals it: with the name and the kind of its file. Entries
/// that were made before those were sealed have the hash without them.
pub(super) fn hash(it: &Observation, label: Option<&FileLabel>) -> [u8; 32] {
    let form: &[u8] = match label {
        None => b"sogoc observation 1",
        Some(_) => b"sogoc observation 2",
    };
    let (version, value) = (it.version.to_be_bytes(), it.value.map(i64::to_be_bytes));
    let (unit, measure) = (it.unit.0.to_be_bytes(), it.measure.to_be_bytes());
    let (day_from, day) = (it.day_from.0.to_be_bytes(), it.day.0.to_be_bytes());
    let made_up = [u8::from(it.made_up)];
    let mut fields = vec![
        form,
        it.id.as_bytes(),
        &version,
        &unit,
        &measure,
        &day_from,
        &day,
        value.as_ref().map_or(&[][..], |bytes| &bytes[..]),
        it.source.as_bytes(),
        &made_up,
        it.evidence.as_deref().unwrap_or_default(),
        it.reason.as_deref().unwrap_or_default().as_bytes(),
    ];
    if let Some(FileLabel { name, media_type }) = label {
        fields.extend([name.as_bytes(), media_type.as_bytes()]);
    }
    content_hash(&fields)
}
