//! Reporting what is over its time, and deleting what a report listed.

use base::{Day, Error, Id, Moment, Result};
use journal::NewEntry;
use packs::{Kept, RetentionRule};
use store::Tx;

use super::model::{Area, Forgetting, Item};
use super::store as sql;
use crate::office::Context;
use crate::store as records;
use crate::{consents, requests};

/// So many records of a rule are listed in one report; the next one lists what is left.
const MOST: i64 = 5_000;
/// So many records of a person are looked at for one that is open.
const MOST_OF_ONE: i64 = 1_000;

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records and rows that are gone.
    pub deleted: i64,
    /// Records that were listed and stay: something open keeps them, or a rule changed.
    pub kept: i64,
}

/// Lists what is over its time by the rules of today, in the caller's transaction. Nothing is
/// deleted.
///
/// Errors: `Unavailable`.
pub async fn report(tx: &mut Tx, cx: Context<'_>, areas: &[Area]) -> Result<String> {
    let id = Id::new(cx.clock);
    let now = cx.clock.now();
    sql::insert(tx, id, now, cx.actor).await?;
    for rule in &cx.definitions.retention_rules {
        let Some(before) = over_before(rule, now.day()) else { continue };
        for item in over(tx, rule, before, areas).await? {
            sql::insert_item(tx, id, &item).await?;
        }
    }
    Ok(id.to_string())
}

/// Deletes what a report listed, as far as it is still over its time and nothing open keeps it, in
/// the caller's transaction. A report is applied once.
///
/// Errors: `NotFound`; `Refused` `retention.applied`.
pub async fn apply(tx: &mut Tx, cx: Context<'_>, areas: &[Area], id: &str) -> Result<Applied> {
    // Whoever opens a request meanwhile waits, or was before.
    journal::lock(tx).await?;
    let mut report = sql::find(tx, id).await?;
    if report.applied_at.is_some() {
        return Err(Error::refused("retention.applied", lang::retention::applied_already));
    }
    let now = cx.clock.now();
    let mut items = sql::items(tx, id).await?;
    let mut applied = Applied::default();
    for item in &mut items {
        let rule = cx.definitions.retention_rules.iter().find(|rule| rule.code == item.rule);
        let before = rule.and_then(|rule| over_before(rule, now.day()));
        // A rule that is gone, or longer by now, keeps what was listed by a shorter one.
        let before = before.map_or(Moment(i64::MIN), |before| before.min(item.before));
        item.deleted = delete(tx, cx, areas, (item, before)).await?;
        applied.deleted += item.deleted;
        applied.kept += i64::from(!item.record.is_empty() && item.deleted == 0);
        sql::set_deleted(tx, id, item).await?;
    }
    report.applied_at = Some(now);
    cx.actor.clone_into(&mut report.applied_by);
    let entry = NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.to_owned(),
        cause: "retention.apply",
        record_kind: "retention_report",
        record_id: report.id.clone(),
        record_version: 1,
        content_hash: report.hash(&items),
        postings: Vec::new(),
    };
    report.entry = Some(journal::append(tx, cx.clock, vec![entry]).await?);
    sql::set_applied(tx, &report).await?;
    Ok(applied)
}

/// What is older than this is over its time by a rule; none while the rule is not in force.
fn over_before(rule: &RetentionRule, today: Day) -> Option<Moment> {
    let from: Day = rule.from.parse().ok()?;
    let before = rule.keep.before(today).filter(|_| from <= today)?;
    Some(Moment::at(before, 0))
}

/// What is over its time by a rule.
async fn over(
    tx: &mut Tx,
    rule: &RetentionRule,
    before: Moment,
    areas: &[Area],
) -> Result<Vec<Item>> {
    let item = |record: String, amount, held| Item {
        rule: rule.code.clone(),
        what: rule.what,
        record,
        before,
        amount,
        held,
        deleted: 0,
    };
    let records = match rule.what {
        Kept::ClosedRequests => {
            let found = requests::store::closed_before(tx, before, MOST).await?;
            found.into_iter().map(|it| it.id).collect()
        }
        Kept::WithdrawnConsents => {
            let found = consents::store::withdrawn_before(tx, before, MOST).await?;
            found.into_iter().map(|it| it.id).collect::<Vec<_>>()
        }
        what => {
            let Some(area) = areas.iter().find(|area| area.what == what) else {
                return Ok(Vec::new());
            };
            let amount = (area.count)(tx, before).await?;
            return Ok((amount > 0)
                .then(|| item(String::new(), amount, false))
                .into_iter()
                .collect());
        }
    };
    let mut items = Vec::with_capacity(records.len());
    for record in records {
        let held = is_held(tx, &record).await?;
        items.push(item(record, 1, held));
    }
    Ok(items)
}

/// Whether an open request or complaint of the same person keeps a record.
async fn is_held(tx: &mut Tx, record: &str) -> Result<bool> {
    let Some(person) = records::person_of(tx, record).await? else { return Ok(false) };
    let damaged = |_| Error::internal("a record with a damaged index");
    let person: [u8; 32] = person.try_into().map_err(damaged)?;
    let others = records::records_of(tx, person, MOST_OF_ONE).await?;
    let ids: Vec<String> =
        others.into_iter().filter(|(kind, _)| kind == "request").map(|(_, id)| id).collect();
    requests::store::is_any_open(tx, &ids).await
}

async fn delete(
    tx: &mut Tx,
    cx: Context<'_>,
    areas: &[Area],
    (item, before): (&Item, Moment),
) -> Result<i64> {
    if item.record.is_empty() {
        return match areas.iter().find(|area| area.what == item.what) {
            Some(area) => {
                let forgetting = Forgetting { before, clock: cx.clock, actor: cx.actor };
                (area.forget)(tx, forgetting).await
            }
            None => Ok(0),
        };
    }
    if item.held || is_held(tx, &item.record).await? {
        return Ok(0);
    }
    let is_over = |at: Option<Moment>| at.is_some_and(|at| at < before);
    match item.what {
        Kept::ClosedRequests => {
            let found = requests::store::find(tx, &item.record).await?;
            let found = found.filter(|it| {
                it.standing.state == requests::State::Closed && is_over(it.standing.closed_at)
            });
            let Some(request) = found else { return Ok(0) };
            requests::erase(tx, cx, request).await?;
        }
        Kept::WithdrawnConsents => {
            let found = consents::store::find(tx, &item.record).await?;
            let found = found
                .filter(|it| it.state == consents::State::Withdrawn && is_over(it.withdrawn_at));
            let Some(consent) = found else { return Ok(0) };
            consents::erase(tx, cx, consent).await?;
        }
        Kept::SignIns | Kept::Uploads | Kept::EndedWatches | Kept::Looks => return Ok(0),
    }
    Ok(1)
}
