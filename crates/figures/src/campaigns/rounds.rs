//! Freezing a round and opening it again, and the awards that follow from it.

use std::collections::HashMap;

use base::rights::{Act, Place};
use base::{Day, Error, Result};
use lang::Text;
use packs::{Campaign, Counted, Round};
use serde::Serialize;
use store::Tx;
use territory::{Atlas, UnitId};

use super::actions::{
    LONGEST_REASON, adjustments, filings, find_campaign, find_round, find_state, mistake,
    refuse_awarded, round_id, save, words,
};
use super::model::{Award, Awards, AwardsOf, Head, Kept, Ranking, Record, RecordKind, RoundState};
use super::ranking::{compute, period_of};
use super::store as sql;
use crate::observations::Context;

/// The number of a decision is at most this long. Units: characters.
const LONGEST_NUMBER: usize = 100;

/// Freezes a round (*chốt kết quả*): its whole ranking is kept as it stands now, with the values,
/// points and places of every unit, the rules, and the number of the last entry that was known.
/// Gives the version of the round.
///
/// Errors: `NotFound`; `campaigns.not_over` while the period runs, `campaigns.frozen` when it is
/// frozen already, `campaigns.awarded`: `Refused`.
pub async fn freeze(
    tx: &mut Tx,
    cx: Context<'_>,
    atlas: &Atlas,
    (campaign, round): (&str, &str),
) -> Result<i64> {
    cx.actor.check(Act::FreezeCampaign, Place::PROVINCE)?;
    let campaign = find_campaign(cx.catalogue, campaign)?;
    let round = find_round(campaign, round)?;
    let period = period_of(cx.catalogue, round, Counted::InRound)?;
    let today = cx.clock.today();
    if today < period.days.to {
        return Err(Error::refused("campaigns.not_over", move |lang| {
            lang::campaigns::not_over(lang, base::short_day(period.days.last()))
        }));
    }
    journal::lock(tx).await?;
    let before = find_state(tx, &campaign.code, &round.period).await?;
    if before.as_ref().is_some_and(|before| before.body.frozen.is_some()) {
        return Err(Error::refused("campaigns.frozen", lang::campaigns::is_frozen));
    }
    refuse_awarded(tx, campaign, round).await?;
    let ranking = compute(tx, atlas, cx.catalogue, campaign, &[round]).await?.into_iter().next();
    let body = RoundState {
        frozen: ranking,
        on: today,
        known: journal::last_seq(tx).await?,
        reason: None,
    };
    let before = before.map(|before| before.record);
    let record = further((campaign, round, RecordKind::Round), before, &body)?;
    let version = record.version;
    save(tx, cx, "campaigns.freeze", record).await?;
    Ok(version)
}

/// Opens a frozen round again (*mở lại kỳ đã chốt*). What was frozen stays readable.
///
/// Errors: `NotFound`; `campaigns.not_frozen`, and `campaigns.awarded` while a list of awards rests
/// on it: `Refused`; `Conflict` when it is frozen in another version; `Invalid` at `reason`.
pub async fn reopen(
    tx: &mut Tx,
    cx: Context<'_>,
    (campaign, round): (&str, &str),
    version: i64,
    reason: &str,
) -> Result<()> {
    cx.actor.check(Act::FreezeCampaign, Place::PROVINCE)?;
    let campaign = find_campaign(cx.catalogue, campaign)?;
    let round = find_round(campaign, round)?;
    let (reason, errors) = words("reason", reason, LONGEST_REASON);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    let before = frozen(tx, campaign, round).await?;
    if before.record.version != version {
        return Err(Error::Conflict(Text::new(lang::error::conflict)));
    }
    refuse_awarded(tx, campaign, round).await?;
    let body = RoundState {
        frozen: None,
        on: cx.clock.today(),
        known: journal::last_seq(tx).await?,
        reason: Some(reason),
    };
    save(tx, cx, "campaigns.reopen", before.record.next(&body)?).await?;
    Ok(())
}

/// The awards that the rules propose for a ranking: each unit has the first form of which it
/// fulfils the condition. Who shares the last place that is awarded is awarded, too.
#[must_use]
pub fn propose(ranking: &Ranking) -> Vec<Award> {
    let rules = &ranking.rules;
    let mut list = Vec::new();
    for group in &ranking.groups {
        for line in &group.lines {
            let Some(place) = line.place else { continue };
            let form = rules.awards.iter().filter(|form| form.is_for(&group.group)).find(|form| {
                let places = form.places.and_then(|places| usize::try_from(places).ok());
                let is_class = line.class.as_ref().is_some_and(|own| form.classes.contains(own));
                places.is_some_and(|places| place <= places) || is_class
            });
            list.extend(form.map(|form| Award {
                group: group.group.clone(),
                form: form.code.clone(),
                unit: line.unit,
                code: line.code.clone(),
                name: line.name.clone(),
                place,
                total: line.total,
                class: line.class.clone(),
            }));
        }
    }
    list
}

/// Confirms the awards of a frozen round with a decision (*quyết định khen thưởng*): of those that
/// the rules propose the ones that are `wanted`, by group and unit. Whoever ticked them looked at
/// one version of the round.
///
/// Errors: `NotFound`; `campaigns.not_frozen`, `campaigns.awarded`, `campaigns.undecided` while an
/// explanation or appeal is not decided, and `campaigns.not_counted` while the freeze lacks points
/// that were added or withdrawn after it: `Refused`; `Conflict` when it is frozen in another
/// version; `Invalid` at `decision`, `decided_on` (before the freeze, or to come), or `award` when
/// nobody is left.
pub async fn confirm_awards(
    tx: &mut Tx,
    cx: Context<'_>,
    (campaign, round): (&str, &str),
    version: i64,
    (decision, decided_on): (&str, Option<Day>),
    wanted: impl Fn(&str, UnitId) -> bool,
) -> Result<()> {
    cx.actor.check(Act::AwardCampaign, Place::PROVINCE)?;
    let campaign = find_campaign(cx.catalogue, campaign)?;
    let round = find_round(campaign, round)?;
    journal::lock(tx).await?;
    let state = frozen(tx, campaign, round).await?;
    refuse_awarded(tx, campaign, round).await?;
    if state.record.version != version {
        return Err(Error::Conflict(Text::new(lang::error::conflict)));
    }
    let open = filings(tx, &campaign.code, &round.period).await?;
    let open = open.iter().filter(|filing| filing.body.decision.is_none()).count();
    if open > 0 {
        return Err(Error::refused("campaigns.undecided", move |lang| {
            lang::campaigns::undecided(lang, open)
        }));
    }
    let late = not_counted(tx, (&campaign.code, &round.period), &state.body).await?;
    if late > 0 {
        return Err(Error::refused("campaigns.not_counted", move |lang| {
            lang::campaigns::not_counted(lang, late)
        }));
    }
    let (decision, mut errors) = words("decision", decision, LONGEST_NUMBER);
    let is_between = |day: &Day| state.body.on <= *day && *day <= cx.clock.today();
    let decided_on = decided_on.filter(is_between);
    if decided_on.is_none() {
        errors.push(mistake("decided_on", lang::campaigns::bad_decision_day));
    }
    let mut list = state.body.frozen.as_ref().map(propose).unwrap_or_default();
    list.retain(|award| wanted(&award.group, award.unit));
    if list.is_empty() {
        errors.push(mistake("award", lang::campaigns::nobody_awarded));
    }
    let Some(decided_on) = decided_on.filter(|_| errors.is_empty()) else {
        return Err(Error::Invalid(errors));
    };
    let before =
        sql::find(tx, RecordKind::Awards, &round_id(&campaign.code, &round.period)).await?;
    let round_version = state.record.version;
    let body = Awards { round_version, decision, decided_on, list, withdrawn: None };
    let record = further((campaign, round, RecordKind::Awards), before, &body)?;
    save(tx, cx, "campaigns.award", record).await?;
    Ok(())
}

/// How many adjustments the freeze of a round does not count as they stand: made after it, or
/// withdrawn after it. What was made and withdrawn since leaves the ranking as it is.
pub(crate) async fn not_counted(
    tx: &mut Tx,
    (campaign, round): (&str, &str),
    state: &RoundState,
) -> Result<usize> {
    let mut count = 0;
    for kept in adjustments(tx, campaign, round).await? {
        if kept.record.entry <= state.known {
            continue;
        }
        let versions = sql::history(tx, RecordKind::Adjustment, &kept.record.id).await?;
        let was_counted = versions.first().is_some_and(|(_, entry)| *entry <= state.known);
        let counts = kept.body.withdrawn.is_none();
        count += usize::from(was_counted != counts);
    }
    Ok(count)
}

/// Withdraws a list of awards, so that the round can be opened again.
///
/// Errors: `NotFound` when none stands; `Conflict` when it was changed since; `Invalid` at `reason`.
pub async fn withdraw_awards(
    tx: &mut Tx,
    cx: Context<'_>,
    (campaign, round): (&str, &str),
    version: i64,
    reason: &str,
) -> Result<()> {
    cx.actor.check(Act::AwardCampaign, Place::PROVINCE)?;
    let (reason, errors) = words("reason", reason, LONGEST_REASON);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    journal::lock(tx).await?;
    let awards = find_awards(tx, campaign, round).await?;
    let awards = awards.filter(|awards| awards.body.withdrawn.is_none());
    let awards = awards.ok_or_else(|| Error::not_found(lang::campaigns::no_awards))?;
    if awards.record.version != version {
        return Err(Error::Conflict(Text::new(lang::error::conflict)));
    }
    let mut body = awards.body;
    body.withdrawn = Some(reason);
    save(tx, cx, "campaigns.withdraw_awards", awards.record.next(&body)?).await?;
    Ok(())
}

/// The last list of awards of a round, also a withdrawn one.
pub(crate) async fn find_awards(
    tx: &mut Tx,
    campaign: &str,
    round: &str,
) -> Result<Option<AwardsOf>> {
    let found = sql::find(tx, RecordKind::Awards, &round_id(campaign, round)).await?;
    found.map(Kept::read).transpose()
}

/// When a round was frozen and opened, oldest first, without the rankings.
pub(crate) async fn history(
    tx: &mut Tx,
    campaign: &str,
    round: &str,
) -> Result<Vec<(i64, i64, Option<String>)>> {
    let id = round_id(campaign, round);
    let mut list = Vec::new();
    for (version, entry) in sql::history(tx, RecordKind::Round, &id).await? {
        // Every other version is an opening, whose body is short.
        let reason = match version % 2 {
            0 => sql::find_version(tx, RecordKind::Round, &id, version).await?,
            _ => None,
        };
        let reason = reason.map(Kept::<RoundState>::read).transpose()?;
        list.push((version, entry, reason.and_then(|kept| kept.body.reason)));
    }
    Ok(list)
}

/// Of each round of a campaign that ever was frozen: whether it is, and since which day it is that or
/// open again. The rankings are not read for it: each holds every unit.
pub(crate) async fn heads(tx: &mut Tx, campaign: &Campaign) -> Result<HashMap<String, Head>> {
    let mut heads = HashMap::new();
    for round in &campaign.rounds {
        let id = round_id(&campaign.code, &round.period);
        let last = sql::history(tx, RecordKind::Round, &id).await?.into_iter().next_back();
        let Some((version, entry)) = last else { continue };
        let made = journal::recordings(tx, &[entry]).await?;
        let on = made.get(&entry).map(|(at, _)| at.day());
        // A round is frozen, opened, frozen, and so on.
        let is_frozen = version % 2 == 1;
        heads.extend(on.map(|on| (round.period.clone(), Head { version, is_frozen, on })));
    }
    Ok(heads)
}

/// A round as it was frozen in one version.
///
/// Errors: `NotFound` when it was not.
pub(super) async fn get_frozen(
    tx: &mut Tx,
    (campaign, round): (&Campaign, &Round),
    version: i64,
) -> Result<Kept<RoundState>> {
    let id = round_id(&campaign.code, &round.period);
    let found = sql::find_version(tx, RecordKind::Round, &id, version).await?;
    let found = found.map(Kept::<RoundState>::read).transpose()?;
    let found = found.filter(|kept| kept.body.frozen.is_some());
    found.ok_or_else(|| Error::not_found(lang::campaigns::no_record))
}

async fn frozen(tx: &mut Tx, campaign: &Campaign, round: &Round) -> Result<Kept<RoundState>> {
    let state = find_state(tx, &campaign.code, &round.period).await?;
    let state = state.filter(|state| state.body.frozen.is_some());
    state.ok_or_else(|| Error::refused("campaigns.not_frozen", lang::campaigns::not_frozen))
}

/// The version of a record of a round that comes after another, or the first.
fn further<T: Serialize>(
    (campaign, round, kind): (&Campaign, &Round, RecordKind),
    before: Option<Record>,
    body: &T,
) -> Result<Record> {
    if let Some(before) = before {
        return before.next(body);
    }
    Ok(Record {
        kind,
        id: round_id(&campaign.code, &round.period),
        version: 1,
        campaign: campaign.code.clone(),
        round: round.period.clone(),
        unit: None,
        body: serde_json::to_string(body).map_err(Error::internal)?,
        evidence: None,
        entry: 0,
    })
}
