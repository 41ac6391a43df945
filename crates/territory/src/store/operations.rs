//! Operations: what was carried out, what came later, and what hangs on units.

use base::{Moment, Result};
use store::{Tx, Value, values};

use super::touched;
use crate::UnitId;

/// An operation that was applied: a merger or an import, and whether it was undone.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// `merger` or `import`.
    pub kind: String,
    /// What it was, in words.
    pub description: String,
    /// The day from which it holds, as a day number.
    pub effective_on: i64,
    /// The rows it wrote, as JSON.
    pub plan: String,
    /// When it was applied, in microseconds.
    pub applied_at: i64,
    /// By whom.
    pub applied_by: String,
    /// When it was undone.
    pub undone_at: Option<i64>,
}

pub(crate) async fn insert_operation(tx: &mut Tx, operation: &Operation) -> Result<()> {
    tx.run(
        "insert into unit_operations \
         (id, kind, description, effective_on, plan, applied_at, applied_by) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        values![
            &operation.id,
            &operation.kind,
            &operation.description,
            operation.effective_on,
            &operation.plan,
            operation.applied_at,
            &operation.applied_by
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find_operation(tx: &mut Tx, id: &str) -> Result<Option<Operation>> {
    let sql = "select id, kind, description, effective_on, plan, applied_at, applied_by, undone_at \
               from unit_operations where id = $1";
    tx.find(sql, values![id]).await
}

/// An operation with its plan and by whom it was undone.
#[derive(sqlx::FromRow)]
pub(crate) struct WholeOperation {
    #[sqlx(flatten)]
    pub(crate) operation: Operation,
    pub(crate) undone_by: Option<String>,
}

/// Every operation that was ever carried out.
pub(crate) async fn list_all_operations(tx: &mut Tx) -> Result<Vec<WholeOperation>> {
    let sql = "select id, kind, description, effective_on, plan, applied_at, applied_by, \
               undone_at, undone_by from unit_operations";
    tx.all(sql, values![]).await
}

/// What the journal says of a record.
#[derive(sqlx::FromRow)]
pub(crate) struct Seal {
    pub(crate) seq: i64,
    pub(crate) actor: String,
    pub(crate) record_id: String,
    pub(crate) record_version: i64,
    pub(crate) content_hash: Vec<u8>,
}

/// What the journal says of all records of a kind, in its order.
pub(crate) async fn list_seals(tx: &mut Tx, kind: &str) -> Result<Vec<Seal>> {
    let sql = "select seq, actor, record_id, record_version, content_hash from sealed_records \
               where record_kind = $1 order by seq";
    tx.all(sql, values![kind]).await
}

/// Operations before one, given by when it was applied and its id: newest first, without their
/// plans.
pub(crate) async fn list_operations(
    tx: &mut Tx,
    (applied_at, id): (i64, &str),
    limit: i64,
) -> Result<Vec<Operation>> {
    let sql = "select id, kind, description, effective_on, '' as plan, applied_at, applied_by, \
               undone_at from unit_operations where (applied_at, id) < ($1, $2) \
               order by applied_at desc, id desc limit $3";
    tx.all(sql, values![applied_at, id, limit]).await
}

/// When the newest operation was carried out; 0 where none was. Units: microseconds.
pub(crate) async fn last_applied_at(tx: &mut Tx) -> Result<i64> {
    let sql = "select coalesce(max(applied_at), 0) from unit_operations";
    Ok(tx.one::<(i64,)>(sql, values![]).await?.0)
}

/// The next operations that stand after one, given by when it was applied and its id: oldest first,
/// at most 20, with their plans.
pub(crate) async fn list_later_operations(
    tx: &mut Tx,
    (applied_at, id): (i64, &str),
) -> Result<Vec<Operation>> {
    let sql = "select id, kind, description, effective_on, plan, applied_at, applied_by, undone_at \
               from unit_operations where (applied_at, id) > ($1, $2) and undone_at is null \
               order by applied_at, id limit 20";
    tx.all(sql, values![applied_at, id]).await
}

/// How many records of each kind hang on each of the units whose ids lie between these; those
/// without are left out.
pub(crate) async fn count_records_between(
    tx: &mut Tx,
    first: UnitId,
    last: UnitId,
) -> Result<Vec<(i64, String, i64)>> {
    let sql = "select unit, kind, count(*) from records_on_units where unit between $1 and $2 \
               group by unit, kind order by unit, kind";
    tx.all(sql, values![first.0, last.0]).await
}

/// How many records hang on each of these units, of which there are not too many for one
/// statement; those without are left out.
pub(crate) async fn count_records(tx: &mut Tx, units: &[UnitId]) -> Result<Vec<(i64, i64)>> {
    let sql = format!(
        "select unit, count(*) from records_on_units where unit in ({}) group by unit order by unit",
        places(units.len())
    );
    tx.all_built(sql, units.iter().map(|unit| Value::from(unit.0)).collect()).await
}

/// The measures in which records on these units are counted, likewise.
pub(crate) async fn list_measures(tx: &mut Tx, units: &[UnitId]) -> Result<Vec<(i64,)>> {
    let sql = format!(
        "select distinct measure from records_on_units where unit in ({}) and measure is not null",
        places(units.len())
    );
    tx.all_built(sql, units.iter().map(|unit| Value::from(unit.0)).collect()).await
}

/// `$1, $2, $3`.
fn places(count: usize) -> String {
    (1..=count).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}

pub(crate) async fn mark_undone(tx: &mut Tx, id: &str, by: &str, now: Moment) -> Result<()> {
    let sql = "update unit_operations set undone_at = $2, undone_by = $3 \
               where id = $1 and undone_at is null";
    touched(tx.run(sql, values![id, now, by]).await?)
}
