//! What applying a pack would change, and changing it.

use std::collections::{BTreeMap, BTreeSet};

use base::{Clock, Error, Id, Result};
use journal::NewEntry;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Tx;

use crate::catalogue::as_of_now;
use crate::store::{self as sql, DefinitionRow};
use crate::{Calendar, Claim, Indicator, Measure, Pack, Target, UnitOfCount};

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
const KINDS: [&str; 7] = ["count", "measure", "indicator", "claim", "calendar", "plan", "target"];

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `count`, `measure`, `indicator`, `claim`, `calendar`, `plan`, `target`; `pack` when its
    /// version changes.
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
/// `packs.target_referenced` when a target would be left without its plan or its indicator.
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
    Ok(steps)
}

fn parsed<T: DeserializeOwned>(row: &DefinitionRow) -> Result<T> {
    serde_json::from_value(as_of_now(&row.kind, &row.body)?).map_err(Error::internal)
}

/// What was posted was counted by a definition. It stays a stock or a flow, of what it was.
async fn refuse_posted(
    tx: &mut Tx,
    pack: &Pack,
    rows: &[DefinitionRow],
    steps: &[Step],
) -> Result<()> {
    for step in steps.iter().filter(|step| step.kind == "measure") {
        let Some(row) = rows.iter().find(|row| row.kind == "measure" && row.code == step.code)
        else {
            continue;
        };
        let before: Measure = parsed(row)?;
        let after = pack.measures.iter().find(|measure| measure.code == step.code);
        let is_same = after.is_some_and(|after| {
            (after.nature, &after.counted) == (before.nature, &before.counted)
        });
        if is_same || !journal::is_posted(tx, row.number).await? {
            continue;
        }
        let code = step.code.clone();
        return Err(match after {
            None => Error::refused("packs.measure_in_use", move |lang| {
                lang::packs::measure_in_use(lang, &code)
            }),
            Some(_) => Error::refused("packs.measure_posted", move |lang| {
                lang::packs::measure_posted(lang, &code)
            }),
        });
    }
    Ok(())
}

/// What all packs declare together must fit: each indicator has its measures, and each period's
/// code one calendar.
fn refuse_unfitting<'a>(
    pack: &Pack,
    others: impl Iterator<Item = &'a DefinitionRow>,
) -> Result<()> {
    let (mut measures, mut indicators, mut calendars) =
        (pack.measures.clone(), pack.indicators.clone(), pack.calendars.clone());
    for row in others {
        match row.kind.as_str() {
            "measure" => measures.push(parsed::<Measure>(row)?),
            "indicator" => indicators.push(parsed::<Indicator>(row)?),
            "calendar" => calendars.push(parsed::<Calendar>(row)?),
            _ => {}
        }
    }
    let measures: BTreeMap<&str, &Measure> =
        measures.iter().map(|measure| (measure.code.as_str(), measure)).collect();
    for indicator in &indicators {
        let above = measures.get(indicator.numerator.as_str());
        let below = match &indicator.denominator {
            Some(code) => measures.get(code.as_str()),
            None => above,
        };
        let fits = above.zip(below).is_some_and(|(above, below)| {
            (above.nature, &above.counted) == (below.nature, &below.counted)
        });
        if !fits {
            let code = indicator.code.clone();
            return Err(Error::refused("packs.measure_referenced", move |lang| {
                lang::packs::measure_referenced(lang, &code)
            }));
        }
    }
    let mut prefixes = BTreeMap::new();
    for calendar in &calendars {
        if let Some(other) = prefixes.insert(&calendar.prefix, &calendar.code) {
            let (code, other) = (calendar.code.clone(), other.clone());
            return Err(Error::refused("packs.prefix_taken", move |lang| {
                lang::packs::prefix_taken(
                    lang,
                    lang::packs::PrefixTaken { code: &code, other: &other },
                )
            }));
        }
    }
    Ok(())
}

/// Every unit of count that the pack names is declared, by itself or by another; and none that
/// another pack names goes away.
fn refuse_uncounted(pack: &Pack, rows: &[DefinitionRow], steps: &[Step]) -> Result<()> {
    let refuse = |code: &str| {
        let code = code.to_owned();
        Error::refused("packs.count_unknown", move |lang| lang::packs::unknown_count(lang, &code))
    };
    let others = || rows.iter().filter(|row| row.pack != pack.header.name);
    let foreign = others().filter(|row| row.kind == "count").map(|row| row.code.as_str());
    let own = pack.counts.iter().map(|UnitOfCount { code, .. }| code.as_str());
    let declared: BTreeSet<&str> = foreign.chain(own).collect();
    let measures = pack.measures.iter().map(|measure| measure.counted.as_str());
    let claims = pack.claims.iter().flat_map(Claim::units_of_count).map(|(_, code)| code);
    if let Some(code) = measures.chain(claims).find(|code| !declared.contains(code)) {
        return Err(refuse(code));
    }
    let goes = |code: &str| {
        let is_it = |step: &&Step| step.kind == "count" && step.code == code;
        steps.iter().find(is_it).is_some_and(|step| step.step == StepKind::Remove)
    };
    for row in others() {
        let named: Vec<String> = match row.kind.as_str() {
            "measure" => vec![parsed::<Measure>(row)?.counted],
            "claim" => {
                let claim = parsed::<Claim>(row)?;
                claim.units_of_count().into_iter().map(|(_, code)| code.to_owned()).collect()
            }
            _ => continue,
        };
        if let Some(code) = named.iter().find(|code| goes(code)) {
            return Err(refuse(code));
        }
    }
    Ok(())
}

/// Each target, of whatever pack, has its plan, and the indicator that measures it.
fn refuse_untargeted(pack: &Pack, rows: &[DefinitionRow]) -> Result<()> {
    let others = || rows.iter().filter(|row| row.pack != pack.header.name);
    let codes = |kind: &'static str| {
        others().filter(move |row| row.kind == kind).map(|row| row.code.as_str())
    };
    let plans: BTreeSet<&str> =
        codes("plan").chain(pack.plans.iter().map(|plan| plan.code.as_str())).collect();
    let own = pack.indicators.iter().map(|indicator| indicator.code.as_str());
    let indicators: BTreeSet<&str> = codes("indicator").chain(own).collect();
    let foreign = others().filter(|row| row.kind == "target").map(parsed::<Target>);
    let foreign = foreign.collect::<Result<Vec<_>>>()?;
    for target in pack.targets.iter().chain(&foreign) {
        let is_measured =
            target.indicator.as_ref().is_none_or(|code| indicators.contains(code.as_str()));
        if !plans.contains(target.plan.as_str()) || !is_measured {
            let code = target.code.clone();
            return Err(Error::refused("packs.target_referenced", move |lang| {
                lang::packs::target_referenced(lang, &code)
            }));
        }
    }
    Ok(())
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
