//! Writing a plan, and taking it back row by row.

use base::{Error, Result};
use store::{Tx, Value, bulk_insert, values};

use super::{bump, touched};
use crate::plan::NextIds;
use crate::{Change, CompletedAct, CompletedChange, Drawn, Outline, Part, Plan, UnitCode, Version};

/// Writes a plan.
pub(crate) async fn save(tx: &mut Tx, plan: &Plan) -> Result<()> {
    let units = plan.new_units.len() + plan.new_versions.len();
    let rows = plan.new_acts.len() + units + plan.new_changes.len();
    tx.progress().begin(lang::cli::importing, rows as u64);
    let acts = plan.new_acts.iter().map(|act| {
        values![
            act.id,
            &act.number,
            &act.issuer,
            &act.title,
            act.adopted_on,
            act.effective_on,
            &act.source
        ]
    });
    let head = "insert into acts (id, number, issuer, title, adopted_on, effective_on, source)";
    bulk_insert(tx, head, 7, acts.collect()).await?;
    let units = plan.new_units.iter().map(|unit| {
        let origin = unit.origin.map(|origin| origin.0);
        values![unit.id.0, unit.level.as_str(), origin, i64::from(unit.made_up)]
    });
    bulk_insert(tx, "insert into units (id, level, origin, made_up)", 4, units.collect()).await?;
    for closed in &plan.closed_versions {
        let sql = "update unit_versions set valid_to = $3 \
                   where unit = $1 and valid_from = $2 and valid_to = $4";
        let values = values![closed.unit.0, closed.from, closed.to, closed.was_to];
        touched(tx.run(sql, values).await?)?;
    }
    let head = "insert into unit_versions \
                (unit, valid_from, valid_to, code, name, full_name, kind, parent, act)";
    bulk_insert(tx, head, 9, plan.new_versions.iter().map(version_values).collect()).await?;
    let head = "insert into unit_changes (id, act, happened_on, kind, from_unit, to_unit, part, \
                share_numerator, share_denominator, note)";
    bulk_insert(tx, head, 10, plan.new_changes.iter().map(change_values).collect()).await?;
    for completed in &plan.completed_acts {
        fill_act(tx, completed).await?;
    }
    for CompletedChange { change, act } in &plan.completed_changes {
        let sql = "update unit_changes set act = $2 where id = $1 and act is null";
        touched(tx.run(sql, values![*change, *act]).await?)?;
    }
    raise_ids(tx, plan).await?;
    bump(tx).await
}

/// Lets the ids of later rows follow those of the plan. Only whoever holds the territory writes,
/// so nobody else takes the same ones.
async fn raise_ids(tx: &mut Tx, plan: &Plan) -> Result<()> {
    let next = NextIds::beyond(plan);
    let sql = "update territory_head set \
               next_unit = case when next_unit < $1 then $1 else next_unit end, \
               next_act = case when next_act < $2 then $2 else next_act end, \
               next_change = case when next_change < $3 then $3 else next_change end where id = 1";
    touched(tx.run(sql, values![next.unit, next.act, next.change]).await?)
}

/// Fills fields of an act that must be empty.
async fn fill_act(tx: &mut Tx, completed: &CompletedAct) -> Result<()> {
    let sql = "update acts set issuer = coalesce($2, issuer), title = coalesce($3, title), \
               source = coalesce($4, source), adopted_on = coalesce($5, adopted_on), \
               effective_on = coalesce($6, effective_on) where id = $1 \
               and ($2 is null or issuer = '') and ($3 is null or title = '') \
               and ($4 is null or source = '') and ($5 is null or adopted_on is null) \
               and ($6 is null or effective_on is null)";
    touched(tx.run(sql, act_values(completed)).await?)
}

/// Empties fields of an act that must be as they were filled.
async fn empty_act(tx: &mut Tx, completed: &CompletedAct) -> Result<()> {
    let sql = "update acts set issuer = case when $2 is null then issuer else '' end, \
               title = case when $3 is null then title else '' end, \
               source = case when $4 is null then source else '' end, \
               adopted_on = case when $5 is null then adopted_on else null end, \
               effective_on = case when $6 is null then effective_on else null end where id = $1 \
               and ($2 is null or issuer = $2) and ($3 is null or title = $3) \
               and ($4 is null or source = $4) and ($5 is null or adopted_on = $5) \
               and ($6 is null or effective_on = $6)";
    touched(tx.run(sql, act_values(completed)).await?)
}

fn act_values(completed: &CompletedAct) -> Vec<Value> {
    let CompletedAct { act, issuer, title, adopted_on, effective_on, source } = completed;
    values![
        *act,
        issuer.as_deref(),
        title.as_deref(),
        source.as_deref(),
        *adopted_on,
        *effective_on,
    ]
}

fn version_values(version: &Version) -> Vec<Value> {
    values![
        version.unit.0,
        version.valid.from,
        version.valid.to,
        version.code.as_ref().map(UnitCode::as_str),
        &version.name,
        &version.full_name,
        version.kind.as_str(),
        version.parent.map(|parent| parent.0),
        version.act,
    ]
}

fn change_values(change: &Change) -> Vec<Value> {
    let (part, numerator, denominator) = match change.part {
        Part::Whole => ("whole", None, None),
        Part::Share { numerator, denominator } => ("share", Some(numerator), Some(denominator)),
        Part::Unknown => ("unknown", None, None),
    };
    values![
        change.id,
        change.act,
        change.on,
        change.kind.as_str(),
        change.from.map(|unit| unit.0),
        change.to.map(|unit| unit.0),
        part,
        numerator,
        denominator,
        &change.note,
    ]
}

/// Takes back a plan that an operation wrote, row by row. Outlines that it replaced are drawn
/// again; those of its units that came before outlines belonged to operations go with the units.
///
/// Errors: `Conflict` when a row is no longer as it was written; `Refused` `territory.unit_in_use`
/// when records hang on a unit that would go.
pub(crate) async fn take_back(tx: &mut Tx, operation: &str, plan: &Plan) -> Result<()> {
    for Drawn { unit, from, schematic, .. } in &plan.outlines {
        let sql = "delete from outlines where unit = $1 and valid_from = $2 and schematic = $3 \
                   and operation = $4";
        let values = values![unit.0, *from, i64::from(*schematic), operation];
        touched(tx.run(sql, values).await?)?;
    }
    for CompletedChange { change, act } in &plan.completed_changes {
        let sql = "update unit_changes set act = null where id = $1 and act = $2";
        touched(tx.run(sql, values![*change, *act]).await?)?;
    }
    for completed in &plan.completed_acts {
        empty_act(tx, completed).await?;
    }
    for change in &plan.new_changes {
        touched(tx.run("delete from unit_changes where id = $1", values![change.id]).await?)?;
    }
    for version in &plan.new_versions {
        let sql = "delete from unit_versions where unit = $1 and valid_from = $2 and valid_to = $3";
        let values = values![version.unit.0, version.valid.from, version.valid.to];
        touched(tx.run(sql, values).await?)?;
    }
    for closed in &plan.closed_versions {
        let sql = "update unit_versions set valid_to = $4 \
                   where unit = $1 and valid_from = $2 and valid_to = $3";
        let values = values![closed.unit.0, closed.from, closed.to, closed.was_to];
        touched(tx.run(sql, values).await?)?;
    }
    for unit in plan.new_units.iter().rev() {
        let sql = "delete from outlines where unit = $1 and operation is null";
        tx.run(sql, values![unit.id.0]).await?;
        let gone = tx.run("delete from units where id = $1", values![unit.id.0]).await;
        touched(gone.map_err(in_use)?)?;
    }
    for act in &plan.new_acts {
        touched(tx.run("delete from acts where id = $1", values![act.id]).await?)?;
    }
    bump(tx).await
}

/// Writes the outlines of an operation; each goes before the one that its unit had.
pub(crate) async fn save_outlines(
    tx: &mut Tx,
    operation: &str,
    outlines: &[Outline],
) -> Result<()> {
    for outline in outlines {
        let polygons = serde_json::to_string(&outline.rings).map_err(Error::internal)?;
        let (from, schematic) = (outline.valid.from, i64::from(outline.schematic));
        let sql = "select coalesce(max(version), 0) from outlines \
                   where unit = $1 and valid_from = $2 and schematic = $3";
        let (last,): (i64,) = tx.one(sql, values![outline.unit.0, from, schematic]).await?;
        tx.run(
            "insert into outlines (unit, valid_from, valid_to, schematic, source, polygons, \
             version, operation) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                outline.unit.0,
                from,
                outline.valid.to,
                schematic,
                &outline.source,
                polygons,
                last + 1,
                operation
            ],
        )
        .await?;
    }
    bump(tx).await
}

/// Records of other areas point to units; the database refuses to leave them hanging.
fn in_use(error: Error) -> Error {
    let driver = match &error {
        Error::Internal(cause) => cause.downcast_ref::<sqlx::Error>(),
        _ => None,
    };
    let is_held = driver
        .and_then(sqlx::Error::as_database_error)
        .is_some_and(|cause| cause.is_foreign_key_violation());
    if is_held {
        Error::refused("territory.unit_in_use", lang::territory::unit_in_use)
    } else {
        error
    }
}
