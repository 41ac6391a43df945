//! Adding and taking away points, explaining, appealing, deciding.

use base::rights::{Act, Place};
use base::text::{clean, clean_lines};
use base::{Error, FieldError, Id, Result};
use journal::{NewEntry, content_hash};
use lang::Text;
use packs::{Campaign, Catalogue, Group, Round};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::Tx;
use territory::UnitId;

use super::model::{
    Adjustment, Decision, Filing, FilingKind, Kept, NewAdjustment, NewDecision, NewFiling, Outcome,
    Record, RecordKind, RoundState,
};
use super::ranking::units_of;
use super::store as sql;
use crate::observations::{self, Context, Evidence, evidence};

/// A reason is at most this long. Units: characters.
pub(super) const LONGEST_REASON: usize = 1000;
/// What is filed is at most this long. Units: characters.
const LONGEST_TEXT: usize = 4000;
/// The office of whoever files is at most this long. Units: characters.
const LONGEST_OFFICE: usize = 200;

/// A campaign by its code.
///
/// Errors: `NotFound`.
pub fn find_campaign<'a>(catalogue: &'a Catalogue, code: &str) -> Result<&'a Campaign> {
    let found = catalogue.campaign(code);
    found.ok_or_else(|| Error::not_found(lang::campaigns::no_campaign))
}

/// A round of a campaign by its period.
///
/// Errors: `NotFound`.
pub fn find_round<'a>(campaign: &'a Campaign, period: &str) -> Result<&'a Round> {
    campaign.round(period).ok_or_else(|| Error::not_found(lang::campaigns::no_round))
}

/// A group of a campaign by its code.
///
/// Errors: `NotFound`.
pub fn find_group<'a>(campaign: &'a Campaign, code: &str) -> Result<&'a Group> {
    campaign.group(code).ok_or_else(|| Error::not_found(lang::campaigns::no_group))
}

/// Adds or takes away points (*cộng điểm, trừ điểm*). Gives the id.
///
/// Errors: `NotFound` for what is not there; `Invalid` at `kind`, `points` (outside the bounds of
/// the kind, or none), `reason`, `evidence`; `campaigns.awarded` is `Refused`.
pub async fn adjust(tx: &mut Tx, cx: Context<'_>, new: NewAdjustment) -> Result<String> {
    let campaign = find_campaign(cx.catalogue, &new.campaign)?;
    let round = find_round(campaign, &new.round)?;
    check_unit(cx, campaign, &new.group, new.unit)?;
    cx.actor.check(Act::AdjustCampaign, Place::of(new.unit.0))?;
    let (reason, mut errors) = lines("reason", &new.reason, LONGEST_REASON);
    errors.splice(0..0, wrong_points(campaign, &new.kind, new.points));
    let file = take_file(new.evidence, &mut errors);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    refuse_awarded(tx, campaign, round).await?;
    let body = Adjustment {
        group: new.group,
        kind: new.kind,
        points: new.points,
        reason,
        file: file.as_ref().map(|file| file.name.clone()),
        filing: None,
        withdrawn: None,
    };
    let record = first((campaign, round, RecordKind::Adjustment), new.unit, cx, &body)?;
    let record = with_file(tx, record, file).await?;
    save(tx, cx, "campaigns.adjust", record).await
}

/// Withdraws points that were added or taken away: they count no more, and stay readable.
///
/// Errors: `NotFound`; `Conflict` when it was changed since; `campaigns.withdrawn` and
/// `campaigns.awarded` are `Refused`; `Invalid` at `reason`.
pub async fn withdraw(
    tx: &mut Tx,
    cx: Context<'_>,
    (id, version): (&str, i64),
    reason: &str,
) -> Result<()> {
    let (reason, errors) = words("reason", reason, LONGEST_REASON);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    let Kept { record, mut body } = get_adjustment(tx, id).await?;
    let unit = record.unit.map(|unit| unit.0);
    cx.actor.check(Act::AdjustCampaign, Place { unit, maker: None })?;
    if body.withdrawn.is_some() {
        let text = lang::campaigns::is_withdrawn;
        return Err(Error::refused("campaigns.withdrawn", text));
    }
    if record.version != version {
        return Err(Error::Conflict(Text::new(lang::error::conflict)));
    }
    let campaign = find_campaign(cx.catalogue, &record.campaign)?;
    refuse_awarded(tx, campaign, find_round(campaign, &record.round)?).await?;
    body.withdrawn = Some(reason);
    save(tx, cx, "campaigns.withdraw", record.next(&body)?).await?;
    Ok(())
}

/// Files an explanation or an appeal of a unit (*giải trình, kiến nghị*) against a round that is
/// frozen. Gives the id.
///
/// Units: the days of the rules are calendar days after the day of the freeze; the last is
/// included.
/// Errors: `NotFound`; `campaigns.not_frozen` and `campaigns.too_late` are `Refused`; `Invalid` at
/// `text`, `by`, `evidence`.
pub async fn file(tx: &mut Tx, cx: Context<'_>, new: NewFiling) -> Result<String> {
    let campaign = find_campaign(cx.catalogue, &new.campaign)?;
    let round = find_round(campaign, &new.round)?;
    check_unit(cx, campaign, &new.group, new.unit)?;
    cx.actor.check(Act::ExplainCampaign, Place::of(new.unit.0))?;
    let (text, mut errors) = lines("text", &new.text, LONGEST_TEXT);
    let (by, more) = words("by", &new.by, LONGEST_OFFICE);
    errors.extend(more);
    let file = take_file(new.evidence, &mut errors);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    let state = find_state(tx, &campaign.code, &round.period).await?;
    let state = state.filter(|state| state.body.frozen.is_some());
    let state =
        state.ok_or_else(|| Error::refused("campaigns.not_frozen", lang::campaigns::not_frozen))?;
    let due_on = state.body.due_on(new.kind);
    if cx.clock.today() > due_on {
        return Err(Error::refused("campaigns.too_late", move |lang| {
            lang::campaigns::too_late(lang, base::short_day(due_on))
        }));
    }
    let body = Filing {
        group: new.group,
        kind: new.kind,
        text,
        by,
        file: file.as_ref().map(|file| file.name.clone()),
        round_version: state.record.version,
        due_on,
        decision: None,
    };
    let record = first((campaign, round, RecordKind::Filing), new.unit, cx, &body)?;
    let record = with_file(tx, record, file).await?;
    save(tx, cx, "campaigns.file", record).await
}

/// Decides an explanation or an appeal (*kết luận giải trình, giải quyết kiến nghị*). What is
/// upheld may bring an adjustment, which counts in the next freeze. Gives the adjustment's id.
///
/// Errors: `NotFound`; `Conflict` when it was changed since; `campaigns.decided` and
/// `campaigns.awarded` are `Refused`; `Invalid` at `reason`, `kind`, `points`; what is rejected
/// brings no points.
pub async fn decide(tx: &mut Tx, cx: Context<'_>, decision: NewDecision) -> Result<Option<String>> {
    let NewDecision { id, version, outcome, reason, adjustment } = decision;
    journal::lock(tx).await?;
    let Kept { record, mut body } = get_filing(tx, &id).await?;
    let unit = record.unit.map(|unit| unit.0);
    cx.actor.check(Act::DecideCampaign, Place { unit, maker: None })?;
    if body.decision.is_some() {
        return Err(Error::refused("campaigns.decided", lang::campaigns::is_decided));
    }
    if record.version != version {
        return Err(Error::Conflict(Text::new(lang::error::conflict)));
    }
    let campaign = find_campaign(cx.catalogue, &record.campaign)?;
    let round = find_round(campaign, &record.round)?;
    let (reason, mut errors) = lines("reason", &reason, LONGEST_REASON);
    match &adjustment {
        Some(_) if outcome == Outcome::Rejected => {
            errors.push(mistake("points", lang::campaigns::rejected_without));
        }
        Some((kind, points)) => errors.extend(wrong_points(campaign, kind, *points)),
        None => {}
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    refuse_awarded(tx, campaign, round).await?;
    let unit = record.unit.unwrap_or(UnitId(0));
    let mut follows = None;
    if let Some((kind, points)) = adjustment {
        let body = Adjustment {
            group: body.group.clone(),
            kind,
            points,
            reason: reason.clone(),
            file: None,
            filing: Some(record.id.clone()),
            withdrawn: None,
        };
        let record = first((campaign, round, RecordKind::Adjustment), unit, cx, &body)?;
        follows = Some(save(tx, cx, "campaigns.adjust", record).await?);
    }
    body.decision = Some(Decision { outcome, reason, adjustment: follows.clone() });
    save(tx, cx, "campaigns.decide", record.next(&body)?).await?;
    Ok(follows)
}

/// Whether a round is frozen; none where it never was.
pub(crate) async fn find_state(
    tx: &mut Tx,
    campaign: &str,
    round: &str,
) -> Result<Option<Kept<RoundState>>> {
    let found = sql::find(tx, RecordKind::Round, &round_id(campaign, round)).await?;
    found.map(Kept::read).transpose()
}

/// The id of a round among the records.
pub(super) fn round_id(campaign: &str, round: &str) -> String {
    format!("{campaign}/{round}")
}

/// The adjustments of a round, withdrawn ones too, in the order in which they were made.
pub(super) async fn adjustments(
    tx: &mut Tx,
    campaign: &str,
    round: &str,
) -> Result<Vec<Kept<Adjustment>>> {
    let found = sql::list(tx, RecordKind::Adjustment, campaign, round).await?;
    found.into_iter().map(Kept::read).collect()
}

/// The explanations and appeals of a round, in the order in which they were filed.
pub(crate) async fn filings(tx: &mut Tx, campaign: &str, round: &str) -> Result<Vec<Kept<Filing>>> {
    let found = sql::list(tx, RecordKind::Filing, campaign, round).await?;
    found.into_iter().map(Kept::read).collect()
}

/// The adjustments and the filings of a unit in a round.
pub(crate) async fn records_of(
    tx: &mut Tx,
    (campaign, round, group): (&str, &str, &str),
    unit: UnitId,
) -> Result<(Vec<Kept<Adjustment>>, Vec<Kept<Filing>>)> {
    let mut added = adjustments(tx, campaign, round).await?;
    added.retain(|it| it.record.unit == Some(unit) && it.body.group == group);
    let mut filed = filings(tx, campaign, round).await?;
    filed.retain(|it| it.record.unit == Some(unit) && it.body.group == group);
    Ok((added, filed))
}

/// An adjustment by its id.
///
/// Errors: `NotFound`.
pub(crate) async fn get_adjustment(tx: &mut Tx, id: &str) -> Result<Kept<Adjustment>> {
    Kept::read(get(tx, RecordKind::Adjustment, id).await?)
}

/// An explanation or appeal by its id.
///
/// Errors: `NotFound`.
pub(crate) async fn get_filing(tx: &mut Tx, id: &str) -> Result<Kept<Filing>> {
    Kept::read(get(tx, RecordKind::Filing, id).await?)
}

async fn get(tx: &mut Tx, kind: RecordKind, id: &str) -> Result<Record> {
    let is_id = id.parse::<Id>().is_ok_and(|own| own.to_string() == id);
    let found = if is_id { sql::find(tx, kind, id).await? } else { None };
    found.ok_or_else(|| Error::not_found(lang::campaigns::no_record))
}

impl RoundState {
    /// The last day on which something of this kind can be filed against the frozen round.
    #[must_use]
    pub fn due_on(&self, kind: FilingKind) -> base::Day {
        let rules = self.frozen.as_ref().map(|ranking| &ranking.rules);
        let days = rules.map_or(0, |rules| match kind {
            FilingKind::Explanation => rules.days_to_explain,
            FilingKind::Appeal => rules.days_to_appeal,
        });
        self.on.plus(days.into())
    }
}

/// The unit competes in the group.
fn check_unit(cx: Context<'_>, campaign: &Campaign, group: &str, unit: UnitId) -> Result<()> {
    let group = find_group(campaign, group)?;
    let competes = units_of(cx.territory, campaign, group).iter().any(|it| it.unit == unit);
    if competes { Ok(()) } else { Err(Error::not_found(lang::campaigns::no_unit)) }
}

fn wrong_points(campaign: &Campaign, kind: &str, points: i64) -> Option<FieldError> {
    let Some(kind) = campaign.adjustment(kind) else {
        return Some(mistake("kind", lang::campaigns::no_kind));
    };
    let (least, most) = kind.bounds().unwrap_or_default();
    if points != 0 && (least..=most).contains(&points) {
        return None;
    }
    let text = Text::new(move |lang| {
        let shown = |points| base::decimal(lang, points, 2);
        let (least, most) = (shown(least), shown(most));
        lang::campaigns::out_of_bounds(lang, lang::campaigns::OutOfBounds { least, most })
    });
    Some(FieldError { place: "points".to_owned(), text })
}

pub(super) fn mistake(place: &str, say: fn(lang::Lang) -> &'static str) -> FieldError {
    FieldError { place: place.to_owned(), text: Text::new(say) }
}

/// Words of one line in the form in which they are stored.
///
/// Errors, in the list: at the place when they are missing or too long.
pub(super) fn words(place: &str, text: &str, longest: usize) -> (String, Vec<FieldError>) {
    checked(place, clean(text), longest)
}

/// Like [`words`], of as many lines as were written.
fn lines(place: &str, text: &str, longest: usize) -> (String, Vec<FieldError>) {
    checked(place, clean_lines(text), longest)
}

fn checked(place: &str, text: String, longest: usize) -> (String, Vec<FieldError>) {
    let mut errors = Vec::new();
    if text.is_empty() {
        errors.push(mistake(place, lang::campaigns::lacking));
    } else if text.chars().nth(longest).is_some() {
        let say = move |lang| lang::observations::too_long(lang, longest);
        errors.push(FieldError { place: place.to_owned(), text: Text::new(say) });
    }
    (text, errors)
}

/// The file with a clean name and the kind that it is, if it may be taken.
fn take_file(file: Option<Evidence>, errors: &mut Vec<FieldError>) -> Option<Evidence> {
    let mut file = file?;
    file.name = clean(&file.name);
    if let Some(text) = evidence::wrong(&file) {
        errors.push(FieldError { place: "evidence".to_owned(), text });
        return None;
    }
    file.media_type = evidence::media_type(&file).unwrap_or_default().to_owned();
    Some(file)
}

/// The round's awards stand: nothing that they rest on may move.
pub(super) async fn refuse_awarded(tx: &mut Tx, campaign: &Campaign, round: &Round) -> Result<()> {
    let found = sql::find(tx, RecordKind::Awards, &round_id(&campaign.code, &round.period)).await?;
    let awards = found.map(Kept::<super::model::Awards>::read).transpose()?;
    if awards.is_some_and(|awards| awards.body.withdrawn.is_none()) {
        return Err(Error::refused("campaigns.awarded", lang::campaigns::is_awarded));
    }
    Ok(())
}

/// The first version of a record about a unit.
fn first<T: Serialize>(
    (campaign, round, kind): (&Campaign, &Round, RecordKind),
    unit: UnitId,
    cx: Context<'_>,
    body: &T,
) -> Result<Record> {
    Ok(Record {
        kind,
        id: Id::new(cx.clock).to_string(),
        version: 1,
        campaign: campaign.code.clone(),
        round: round.period.clone(),
        unit: Some(unit),
        body: serde_json::to_string(body).map_err(Error::internal)?,
        evidence: None,
        entry: 0,
    })
}

async fn with_file(tx: &mut Tx, mut record: Record, file: Option<Evidence>) -> Result<Record> {
    if let Some(file) = file {
        let hash = Sha256::digest(&file.content).to_vec();
        observations::insert_file(tx, &hash, &file).await?;
        record.evidence = Some(hash);
    }
    Ok(record)
}

/// Writes a version with its entry. Gives the id of the record.
pub(super) async fn save(
    tx: &mut Tx,
    cx: Context<'_>,
    cause: &'static str,
    mut record: Record,
) -> Result<String> {
    let entry = NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.name.to_owned(),
        cause,
        record_kind: record.kind.in_journal(),
        record_id: record.id.clone(),
        record_version: record.version,
        content_hash: hash(&record),
        postings: Vec::new(),
    };
    record.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::insert(tx, &record).await?;
    Ok(record.id)
}

/// The content of a version, as its entry seals it.
pub(super) fn hash(it: &Record) -> [u8; 32] {
    let (version, unit) = (it.version.to_be_bytes(), it.unit.map(|unit| unit.0.to_be_bytes()));
    content_hash(&[
        b"sogoc campaign 1",
        it.kind.as_str().as_bytes(),
        it.id.as_bytes(),
        &version,
        it.campaign.as_bytes(),
        it.round.as_bytes(),
        unit.as_ref().map_or(&[][..], |bytes| &bytes[..]),
        it.body.as_bytes(),
        it.evidence.as_deref().unwrap_or_default(),
    ])
}
