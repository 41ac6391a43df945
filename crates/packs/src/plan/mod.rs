//! What applying a pack would change, and changing it.

mod personal;
mod refusals;

use std::collections::BTreeMap;

use base::{Clock, Error, Id, Result};
use journal::NewEntry;
use serde::Serialize;
use store::Tx;

use self::personal::refuse_used;
use self::refusals::{
    refuse_collections, refuse_levels, refuse_posted, refuse_uncounted, refuse_undrawn,
    refuse_unfitting, refuse_unfounded, refuse_unreported, refuse_untargeted,
};
use crate::Pack;
use crate::store::{self as sql, DefinitionRow};

/// What happens to one definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It is new.
    Add,
    /// It reads differently now.
    Change,
    /// The pack no longer declares it.
    Remove,
}

/// Kinds of definitions.
const KINDS: [&str; 18] = [
    "count",
    "measure",
    "indicator",
    "claim",
    "calendar",
    "plan",
    "target",
    "campaign",
    "dashboard",
    "index",
    "report",
    "collection",
    "purpose",
    "role",
    "working_year",
    "request_kind",
    "consent_purpose",
    "retention_rule",
];

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// One of the kinds of definitions; `pack` when its version changes.
    pub kind: &'static str,
    /// The definition's code.
    pub code: String,
    /// What happens to it.
    pub step: StepKind,
}

struct Wanted {
    kind: &'static str,
    code: String,
    body: String,
}

fn wanted(pack: &Pack) -> Result<Vec<Wanted>> {
    fn list<T: Serialize>(
        kind: &'static str,
        items: &[T],
        code: impl Fn(&T) -> &String,
    ) -> Result<Vec<Wanted>> {
        let wanted = |item| {
            let body = serde_json::to_string(item).map_err(Error::internal)?;
            Ok(Wanted { kind, code: code(item).clone(), body })
        };
        items.iter().map(wanted).collect()
    }
    Ok([
        list("count", &pack.counts, |count| &count.code)?,
        list("measure", &pack.measures, |measure| &measure.code)?,
        list("indicator", &pack.indicators, |indicator| &indicator.code)?,
        list("claim", &pack.claims, |claim| &claim.id)?,
        list("calendar", &pack.calendars, |calendar| &calendar.code)?,
        list("plan", &pack.plans, |plan| &plan.code)?,
        list("target", &pack.targets, |target| &target.code)?,
        list("campaign", &pack.campaigns, |campaign| &campaign.code)?,
        list("dashboard", &pack.dashboards, |dashboard| &dashboard.code)?,
        list("index", &pack.indexes, |index| &index.code)?,
        list("report", &pack.reports, |report| &report.code)?,
        list("collection", &pack.collections, |collection| &collection.code)?,
        list("purpose", &pack.purposes, |purpose| &purpose.code)?,
        list("role", &pack.roles, |role| &role.code)?,
        list("working_year", &pack.personal.working_years, |it| &it.code)?,
        list("request_kind", &pack.personal.request_kinds, |it| &it.code)?,
        list("consent_purpose", &pack.personal.consent_purposes, |it| &it.code)?,
        list("retention_rule", &pack.personal.retention_rules, |it| &it.code)?,
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// What applying the pack would change; nothing when it stands already.
///
/// Errors: `Refused` `packs.foreign` when another pack declares the same code;
/// `packs.measure_in_use` when a measure would go away that has postings; `packs.measure_posted`
/// when one that has postings would count something else, or otherwise;
/// `packs.measure_referenced` when an indicator would be left without a measure or with two that do
/// not belong together; `packs.prefix_taken` when two calendars would have one prefix;
/// `packs.count_unknown` when a unit of count would be declared by no pack;
/// `packs.target_referenced` when a target would be left without its plan or its indicator;
/// `packs.campaign_referenced` when a criterion of a campaign would be left without its indicator
/// or its target; `packs.levels_differ` when units of two levels would report one measure, `packs.level_posted`
/// `packs.indicator_referenced` when a dashboard or an index would be left without an indicator;
/// `packs.report_referenced` when a form would be left without one of its indicators or its calendar;
/// `packs.levels_differ` when units of two levels would report one measure, `packs.level_posted`
/// when those of another level than have reported it;
/// `packs.collection_referenced` when a collection would be left without a measure or its calendar,
/// `packs.collection_in_use` when one for which figures were handed in would go away or collect
/// something else; `packs.definition_in_use` when a kind of request or a purpose of consent would go
/// away that somebody used, `packs.consent_given` when the text of a consent that somebody gave would
/// be another.
pub async fn plan(tx: &mut Tx, pack: &Pack) -> Result<Vec<Step>> {
    let rows = sql::definitions(tx).await?;
    let wanted = wanted(pack)?;
    let mut stored: BTreeMap<(&str, &str), &DefinitionRow> =
        rows.iter().map(|row| ((row.kind.as_str(), row.code.as_str()), row)).collect();
    let mut steps = Vec::new();
    for Wanted { kind, code, body } in &wanted {
        let step = match stored.remove(&(*kind, code.as_str())) {
            None => StepKind::Add,
            Some(row) if row.pack != pack.header.name => {
                let (code, owner) = (code.clone(), row.pack.clone());
                return Err(Error::refused("packs.foreign", move |lang| {
                    lang::packs::foreign(lang, lang::packs::Foreign { code: &code, pack: &owner })
                }));
            }
            Some(row) if row.body != *body => StepKind::Change,
            Some(_) => continue,
        };
        steps.push(Step { kind, code: code.clone(), step });
    }
    for ((kind, code), row) in stored {
        if row.pack == pack.header.name {
            let kind = KINDS.into_iter().find(|known| *known == kind).unwrap_or("measure");
            steps.push(Step { kind, code: code.to_owned(), step: StepKind::Remove });
        }
    }
    let version = sql::find_version(tx, &pack.header.name).await?;
    if version.is_some_and(|version| version != pack.header.version) {
        let code = pack.header.name.clone();
        steps.push(Step { kind: "pack", code, step: StepKind::Change });
    }
    refuse_posted(tx, pack, &rows, &steps).await?;
    let others = rows.iter().filter(|row| row.pack != pack.header.name);
    refuse_unfitting(pack, others)?;
    refuse_uncounted(pack, &rows, &steps)?;
    refuse_untargeted(pack, &rows)?;
    refuse_unfounded(pack, &rows)?;
    refuse_undrawn(pack, &rows)?;
    refuse_unreported(pack, &rows)?;
    refuse_levels(tx, pack, &rows).await?;
    refuse_collections(tx, pack, &rows, &steps).await?;
    refuse_used(tx, pack, &rows, &steps).await?;
    Ok(steps)
}

/// Applies a pack in the caller's transaction, with an entry in the journal. Gives what changed.
///
/// Errors: those of [`plan`].
pub async fn apply(tx: &mut Tx, clock: &Clock, actor: &str, pack: &Pack) -> Result<Vec<Step>> {
    // Nobody posts under a measure between the question whether somebody has and its change.
    journal::lock(tx).await?;
    sql::lock(tx).await?;
    let steps = plan(tx, pack).await?;
    if steps.is_empty() {
        return Ok(steps);
    }
    tx.progress().begin(lang::cli::applying, steps.len() as u64);
    for Wanted { kind, code, body } in wanted(pack)? {
        if steps.iter().any(|step| step.kind == kind && step.code == code) {
            sql::save(tx, kind, &code, &pack.header.name, &body).await?;
            tx.progress().advance(1);
        }
    }
    for step in steps.iter().filter(|step| step.step == StepKind::Remove) {
        sql::delete(tx, step.kind, &step.code).await?;
        tx.progress().advance(1);
    }
    let now = clock.now();
    sql::save_pack(tx, &pack.header.name, &pack.header.version, now).await?;
    sql::bump(tx).await?;
    let entry = NewEntry {
        id: Id::new(clock),
        actor: actor.to_owned(),
        cause: "packs.apply",
        record_kind: "pack",
        record_id: pack.header.name.clone(),
        record_version: now.0,
        content_hash: seal(&pack.header.name, &pack.header.version, &sql::definitions(tx).await?),
        postings: Vec::new(),
    };
    journal::append(tx, clock, vec![entry]).await?;
    Ok(steps)
}

/// What the journal keeps of a pack: its version and its definitions as they are stored.
pub(crate) fn seal(name: &str, version: &str, definitions: &[DefinitionRow]) -> [u8; 32] {
    let numbers = definitions.iter().map(|row| row.number.to_be_bytes()).collect::<Vec<_>>();
    let mut fields = vec![b"sogoc pack 3".as_slice(), name.as_bytes(), version.as_bytes()];
    for (row, number) in definitions.iter().zip(&numbers).filter(|(row, _)| row.pack == name) {
        fields.extend([row.kind.as_bytes(), row.code.as_bytes(), number, row.body.as_bytes()]);
    }
    journal::content_hash(&fields)
}
