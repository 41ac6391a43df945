//! Operations on the territory: mergers that are rehearsed, applied and undone.

use base::{Clock, Day, Error, Id, Result};
use journal::{NewEntry, content_hash};
use store::Tx;

use crate::Plan;
use crate::merger::{MergerOrder, Rehearsal, rehearse};
use crate::store::{self as sql, Operation};

/// Makes other changes of the territory wait until this transaction ends, so that what was worked
/// out in it is still so when it is written.
pub async fn hold(tx: &mut Tx) -> Result<()> {
    sql::lock(tx).await
}

/// Everything that a merger would touch.
///
/// Errors: `Invalid` where the order contradicts the territory.
pub async fn rehearse_merger(tx: &mut Tx, order: &MergerOrder) -> Result<Rehearsal> {
    let territory = sql::load(tx).await?;
    rehearse(&territory, order)
}

/// Carries out a merger (*thực hiện sắp xếp đơn vị hành chính*) for its effective day. Gives the
/// operation's id. No record is touched: they hang on units' own ids, which go on resolving.
///
/// Errors: those of [`rehearse_merger`].
pub async fn apply_merger(
    tx: &mut Tx,
    clock: &Clock,
    actor: &str,
    order: &MergerOrder,
) -> Result<String> {
    sql::lock(tx).await?;
    let territory = sql::load(tx).await?;
    let plan = rehearse(&territory, order)?.into_plan()?;
    territory.apply(&plan)?;
    let description = order.act.number.clone();
    let deed = Deed { clock, actor, kind: "merger", description: &description, on: order.on };
    perform(tx, deed, &plan).await
}

/// Takes an operation back exactly (*hoàn tác*).
///
/// Errors: `NotFound`; `Refused` `territory.undone_already`, `territory.unit_in_use` when records
/// hang on units that it formed; `Conflict` or `Invalid` when something later rests on it.
pub async fn undo(tx: &mut Tx, clock: &Clock, actor: &str, id: &str) -> Result<()> {
    sql::lock(tx).await?;
    let (operation, plan) = get_undoable(tx, id).await?;
    sql::load(tx).await?.revert(&plan)?;
    sql::take_back(tx, &plan).await?;
    sql::mark_undone(tx, id, actor, clock.now()).await?;
    record(tx, clock, actor, "territory.undo", id, &operation.plan).await
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

/// The operations carried out, newest first; the last 100, without the rows they wrote.
pub async fn operations(tx: &mut Tx) -> Result<Vec<Operation>> {
    sql::list_operations(tx).await
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

/// Writes a plan, with its line in the list of operations and in the journal.
pub(crate) async fn perform(tx: &mut Tx, deed: Deed<'_>, plan: &Plan) -> Result<String> {
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
        applied_at: clock.now().0,
        applied_by: actor.to_owned(),
        undone_at: None,
    };
    sql::insert_operation(tx, &operation).await?;
    record(tx, clock, actor, "territory.apply", &id, &operation.plan).await?;
    Ok(id)
}

async fn record(
    tx: &mut Tx,
    clock: &Clock,
    actor: &str,
    cause: &'static str,
    id: &str,
    plan: &str,
) -> Result<()> {
    let entry = NewEntry {
        id: Id::new(clock),
        actor: actor.to_owned(),
        cause,
        record_kind: "operation",
        record_id: id.to_owned(),
        record_version: if cause == "territory.undo" { 2 } else { 1 },
        content_hash: content_hash(&[b"sogoc operation 1", id.as_bytes(), plan.as_bytes()]),
        postings: Vec::new(),
    };
    journal::append(tx, clock, vec![entry]).await?;
    Ok(())
}
