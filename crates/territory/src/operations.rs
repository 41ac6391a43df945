//! Operations on the territory: mergers that are rehearsed, applied and undone.

use std::collections::BTreeSet;

use base::rights::{Act, Actor, Place};
use base::{Clock, Cursor, Day, Error, Id, PAGE_LIMIT, Page, Result};
use journal::{NewEntry, content_hash};
use store::Tx;

use crate::merger::{MergerOrder, Records, Rehearsal, rehearse};
use crate::store::{self as sql, Operation};
use crate::{Drawn, Outline, Plan, UnitId};

/// So many units are asked for in one statement.
const UNITS_A_STATEMENT: usize = 500;
/// Operations in the way beyond these are not listed.
const LISTED: usize = 100;

/// Makes other changes of the territory wait until this transaction ends, so that what was worked
/// out in it is still so when it is written.
pub async fn hold(tx: &mut Tx) -> Result<()> {
    sql::lock(tx).await
}

/// Everything that a merger would touch, and what hangs on the units that it would end.
///
/// Errors: `Invalid` where the order contradicts the territory.
pub async fn rehearse_merger(tx: &mut Tx, order: &MergerOrder) -> Result<Rehearsal> {
    let territory = sql::load(tx).await?;
    let rehearsal = rehearse(&territory, order)?;
    let records = find_records(tx, &rehearsal.ended).await?;
    Ok(Rehearsal { records, ..rehearsal })
}

/// The records of other areas that hang on these units.
pub(crate) async fn find_records(tx: &mut Tx, units: &[UnitId]) -> Result<Records> {
    let (mut records, mut measures) = (Records::default(), BTreeSet::new());
    for units in units.chunks(UNITS_A_STATEMENT) {
        for (unit, count) in sql::count_records(tx, units).await? {
            records.add(UnitId(unit), count);
        }
        measures.extend(sql::list_measures(tx, units).await?);
    }
    records.measures = measures.len();
    Ok(records)
}

/// Carries out a merger (*thực hiện sắp xếp đơn vị hành chính*) for its effective day. Gives the
/// operation's id. No record is touched: they hang on units' own ids, which go on resolving.
///
/// Errors: those of [`rehearse_merger`] and of rights.
pub async fn apply_merger(
    tx: &mut Tx,
    clock: &Clock,
    actor: Actor<'_>,
    order: &MergerOrder,
) -> Result<String> {
    actor.check(Act::ChangeTerritory, Place::PROVINCE)?;
    sql::lock(tx).await?;
    let territory = sql::load(tx).await?;
    let plan = rehearse(&territory, order)?.into_plan()?;
    territory.apply(&plan)?;
    let description = order.act.number.clone();
    let (actor, on) = (actor.name, order.on);
    let deed = Deed { clock, actor, kind: "merger", description: &description, on };
    perform(tx, deed, &plan, &[]).await
}

/// Takes an operation back exactly (*hoàn tác*).
///
/// Errors: `NotFound`; `Refused` `territory.undone_already`, `territory.rests_on` when a later
/// operation rests on it, `territory.served` when an agency serves a unit that it formed,
/// `territory.unit_in_use` when other records hang on one;
/// `Conflict` or `Invalid` when what it wrote is not there any more as it was written; those of rights.
pub async fn undo(tx: &mut Tx, clock: &Clock, actor: Actor<'_>, id: &str) -> Result<()> {
    actor.check(Act::ChangeTerritory, Place::PROVINCE)?;
    sql::lock(tx).await?;
    // Whoever writes of units that may go waits, and is seen.
    journal::lock(tx).await?;
    let (operation, plan) = get_undoable(tx, id).await?;
    let obstacles = find_obstacles(tx, &operation, &plan).await?;
    if !obstacles.later.is_empty() {
        return Err(Error::refused("territory.rests_on", lang::mergers::cannot_undo));
    }
    if !obstacles.served.is_empty() {
        return Err(Error::refused("territory.served", lang::territory::served));
    }
    if !obstacles.in_use.is_empty() {
        return Err(Error::refused("territory.unit_in_use", lang::territory::unit_in_use));
    }
    sql::load(tx).await?.revert(&plan)?;
    sql::take_back(tx, id, &plan).await?;
    sql::mark_undone(tx, id, actor.name, clock.now()).await?;
    record(tx, clock, actor.name, "territory.undo", &operation).await
}

/// What stands in the way of taking an operation back.
#[derive(Clone, Debug, Default)]
pub struct Obstacles {
    /// The last operations that came later and rest on it, newest first, without their plans.
    pub later: Vec<Operation>,
    /// Units that it formed and that agencies serve.
    pub served: Vec<UnitId>,
    /// Units that it formed and on which other records hang, with their number.
    pub in_use: Vec<(UnitId, i64)>,
}

impl Obstacles {
    /// Whether nothing stands in the way.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.later.is_empty() && self.served.is_empty() && self.in_use.is_empty()
    }
}

/// Looks for what stands in the way of taking back an operation with this plan.
///
/// Errors: `Internal` when a stored plan cannot be read.
pub async fn find_obstacles(tx: &mut Tx, operation: &Operation, plan: &Plan) -> Result<Obstacles> {
    let mut obstacles = Obstacles::default();
    let mut place = (operation.applied_at, operation.id.clone());
    // As many as there are, but not all in memory at once.
    loop {
        let later = sql::list_later_operations(tx, (place.0, &place.1)).await?;
        let Some(last) = later.last() else { break };
        place = (last.applied_at, last.id.clone());
        for later in later {
            let its: Plan = serde_json::from_str(&later.plan).map_err(Error::internal)?;
            if its.rests_on(plan) {
                obstacles.later.push(Operation { plan: String::new(), ..later });
            }
        }
    }
    obstacles.later.reverse();
    obstacles.later.truncate(LISTED);
    let new: BTreeSet<UnitId> = plan.new_units.iter().map(|unit| unit.id).collect();
    if let Some((first, last)) = new.first().zip(new.last()) {
        let counts = sql::count_records_between(tx, *first, *last).await?;
        for (unit, kind, count) in counts {
            let unit = UnitId(unit);
            match (kind.as_str(), obstacles.in_use.last_mut()) {
                _ if !new.contains(&unit) => {}
                ("agency", _) => obstacles.served.push(unit),
                (_, Some((last, sum))) if *last == unit => *sum += count,
                _ => obstacles.in_use.push((unit, count)),
            }
        }
    }
    Ok(obstacles)
}

/// An operation that can still be taken back, with the rows it wrote.
///
/// Errors: `NotFound`; `Refused` `territory.undone_already`.
pub async fn get_undoable(tx: &mut Tx, id: &str) -> Result<(Operation, Plan)> {
    let operation = sql::find_operation(tx, id).await?;
    let operation = operation.ok_or_else(|| Error::not_found(lang::territory::no_operation))?;
    if operation.undone_at.is_some() {
        return Err(Error::refused("territory.undone_already", lang::territory::undone_already));
    }
    let plan: Plan = serde_json::from_str(&operation.plan).map_err(Error::internal)?;
    Ok((operation, plan))
}

/// The last operations carried out, newest first, without the rows they wrote.
pub async fn operations(tx: &mut Tx) -> Result<Vec<Operation>> {
    Ok(list_operations(tx, None).await?.items)
}

/// All operations carried out, page by page, newest first, without the rows they wrote.
///
/// Errors: `Invalid` for a cursor of another list.
pub(crate) async fn list_operations(tx: &mut Tx, cursor: Option<&str>) -> Result<Page<Operation>> {
    let before = cursor.map_or(Ok((i64::MAX, String::new())), Cursor::decode::<(i64, String)>)?;
    let limit = i64::try_from(PAGE_LIMIT + 1).map_err(Error::internal)?;
    let rows = sql::list_operations(tx, (before.0, &before.1), limit).await?;
    Ok(Page::cut(rows, PAGE_LIMIT, |last| (last.applied_at, last.id.clone())))
}

/// Who does what, for the list of operations and the journal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) actor: &'a str,
    /// `merger` or `import`.
    pub(crate) kind: &'a str,
    /// In words, for people.
    pub(crate) description: &'a str,
    /// The day from which it holds.
    pub(crate) on: Day,
}

/// Writes a plan and its outlines, with its line in the list of operations and in the journal.
pub(crate) async fn perform(
    tx: &mut Tx,
    deed: Deed<'_>,
    plan: &Plan,
    outlines: &[Outline],
) -> Result<String> {
    let Deed { clock, actor, kind, description, on } = deed;
    let id = Id::new(clock).to_string();
    let json = serde_json::to_string(plan).map_err(Error::internal)?;
    sql::save(tx, plan).await?;
    let operation = Operation {
        id: id.clone(),
        kind: kind.to_owned(),
        description: description.to_owned(),
        effective_on: i64::from(on.0),
        plan: json,
        // Which of two rests on the other is told by this, also where the clock was put back.
        applied_at: clock.now().0.max(sql::last_applied_at(tx).await? + 1),
        applied_by: actor.to_owned(),
        undone_at: None,
    };
    sql::insert_operation(tx, &operation).await?;
    sql::save_outlines(tx, &id, outlines).await?;
    record(tx, clock, actor, "territory.apply", &operation).await?;
    Ok(id)
}

/// An outline as a plan names it.
pub(crate) fn drawn(outline: &Outline) -> Result<Drawn> {
    let Outline { unit, valid, schematic, .. } = outline;
    let hash = seal_outline(outline)?.1.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Drawn { unit: *unit, from: valid.from, schematic: *schematic, hash })
}

/// The name under which the journal knows an outline, and what it keeps of it.
pub(crate) fn seal_outline(outline: &Outline) -> Result<(String, [u8; 32])> {
    let Outline { unit, valid, schematic, source, rings, .. } = outline;
    let id = outline_id(*unit, valid.from, *schematic);
    let polygons = serde_json::to_vec(rings).map_err(Error::internal)?;
    let fields = [
        b"sogoc outline 2".as_slice(),
        id.as_bytes(),
        &valid.to.0.to_be_bytes(),
        source.as_bytes(),
        &polygons,
    ];
    let hash = content_hash(&fields);
    Ok((id, hash))
}

pub(crate) fn outline_id(unit: UnitId, from: Day, schematic: bool) -> String {
    format!("{}/{from}/{}", unit.0, if schematic { "sketch" } else { "surveyed" })
}

/// What the journal keeps of an operation: all but who did it when, which the entry says itself.
pub(crate) fn seal_operation(operation: &Operation) -> [u8; 32] {
    let Operation { id, kind, description, effective_on, plan, .. } = operation;
    content_hash(&[
        b"sogoc operation 2",
        id.as_bytes(),
        kind.as_bytes(),
        description.as_bytes(),
        &effective_on.to_be_bytes(),
        plan.as_bytes(),
    ])
}

async fn record(
    tx: &mut Tx,
    clock: &Clock,
    actor: &str,
    cause: &'static str,
    operation: &Operation,
) -> Result<()> {
    let entry = NewEntry {
        id: Id::new(clock),
        actor: actor.to_owned(),
        cause,
        record_kind: "operation",
        record_id: operation.id.clone(),
        record_version: if cause == "territory.undo" { 2 } else { 1 },
        content_hash: seal_operation(operation),
        postings: Vec::new(),
    };
    journal::append(tx, clock, vec![entry]).await?;
    Ok(())
}
