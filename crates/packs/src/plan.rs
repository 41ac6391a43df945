//! What applying a pack would change, and changing it.

use std::collections::BTreeMap;

use base::{Clock, Error, Id, Result};
use journal::NewEntry;
use serde::Serialize;
use store::Tx;

use crate::{Pack, store as sql};

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

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `measure`, `indicator`, `claim`, `calendar`.
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
        list("measure", &pack.measures, |measure| &measure.code)?,
        list("indicator", &pack.indicators, |indicator| &indicator.code)?,
        list("claim", &pack.claims, |claim| &claim.id)?,
        list("calendar", &pack.calendars, |calendar| &calendar.code)?,
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// What applying the pack would change; nothing when it stands already.
///
/// Errors: `Refused` `packs.foreign` when another pack declares the same code.
pub async fn plan(tx: &mut Tx, pack: &Pack) -> Result<Vec<Step>> {
    let rows = sql::definitions(tx).await?.into_iter();
    let mut stored: BTreeMap<(String, String), (String, String)> =
        rows.map(|row| ((row.kind, row.code), (row.pack, row.body))).collect();
    let mut steps = Vec::new();
    for Wanted { kind, code, body } in wanted(pack)? {
        let step = match stored.remove(&(kind.to_owned(), code.clone())) {
            None => StepKind::Add,
            Some((owner, _)) if owner != pack.header.name => {
                return Err(Error::refused("packs.foreign", move |lang| {
                    lang::packs::foreign(lang, &code, &owner)
                }));
            }
            Some((_, old)) if old != body => StepKind::Change,
            Some(_) => continue,
        };
        steps.push(Step { kind, code, step });
    }
    for ((kind, code), (owner, _)) in stored {
        if owner == pack.header.name {
            let known = ["measure", "indicator", "claim", "calendar"];
            let kind = known.into_iter().find(|known| **known == *kind).unwrap_or("measure");
            steps.push(Step { kind, code, step: StepKind::Remove });
        }
    }
    Ok(steps)
}

/// Applies a pack in the caller's transaction, with an entry in the journal. Gives what changed.
///
/// Errors: those of [`plan`]; `Refused` `packs.measure_in_use` when a measure would go away that
/// has postings.
pub async fn apply(tx: &mut Tx, clock: &Clock, actor: &str, pack: &Pack) -> Result<Vec<Step>> {
    sql::lock(tx).await?;
    let steps = plan(tx, pack).await?;
    if steps.is_empty() {
        return Ok(steps);
    }
    for Wanted { kind, code, body } in wanted(pack)? {
        if steps.iter().any(|step| step.kind == kind && step.code == code) {
            sql::save(tx, kind, &code, &pack.header.name, &body).await?;
        }
    }
    for step in steps.iter().filter(|step| step.step == StepKind::Remove) {
        remove(tx, step).await?;
    }
    let now = clock.now();
    sql::save_pack(tx, &pack.header.name, &pack.header.version, now).await?;
    sql::bump(tx).await?;
    let content = wanted(pack)?
        .into_iter()
        .flat_map(|it| [it.kind.as_bytes().to_vec(), it.code.into_bytes(), it.body.into_bytes()])
        .collect::<Vec<_>>();
    let mut fields: Vec<&[u8]> = vec![b"sogoc pack 1"];
    fields.extend(content.iter().map(Vec::as_slice));
    let entry = NewEntry {
        id: Id::new(clock),
        actor: actor.to_owned(),
        cause: "packs.apply",
        record_kind: "pack",
        record_id: pack.header.name.clone(),
        record_version: now.0,
        content_hash: journal::content_hash(&fields),
        postings: Vec::new(),
    };
    journal::append(tx, clock, vec![entry]).await?;
    Ok(steps)
}

async fn remove(tx: &mut Tx, step: &Step) -> Result<()> {
    if step.kind == "measure" {
        let number = sql::measure_number(tx, &step.code).await?;
        if journal::is_posted(tx, number).await? {
            let code = step.code.clone();
            return Err(Error::refused("packs.measure_in_use", move |lang| {
                lang::packs::measure_in_use(lang, &code)
            }));
        }
    }
    sql::delete(tx, step.kind, &step.code).await
}
