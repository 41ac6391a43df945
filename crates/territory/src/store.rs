//! The SQL of the territory: loading it whole, and writing or taking back a plan.

use base::{Day, DayRange, Error, Moment, Result};
use store::{Tx, Value, bulk_insert, values};

use crate::{
    Act, Change, ChangeKind, Kind, Level, Outline, Part, Plan, Territory, Unit, UnitCode, UnitId,
    Version,
};

#[derive(sqlx::FromRow)]
struct VersionRow {
    unit: i64,
    valid_from: i64,
    valid_to: i64,
    code: Option<String>,
    name: String,
    full_name: String,
    kind: String,
    parent: Option<i64>,
    act: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    id: i64,
    act: Option<i64>,
    happened_on: i64,
    kind: String,
    from_unit: Option<i64>,
    to_unit: Option<i64>,
    part: String,
    share_numerator: Option<i64>,
    share_denominator: Option<i64>,
    note: String,
}

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

/// Loads the whole territory.
///
/// Errors: `Internal` when what is stored contradicts itself.
pub(crate) async fn load(tx: &mut Tx) -> Result<Territory> {
    let acts = load_acts(tx).await?;
    let units = load_units(tx).await?;
    let changes = load_changes(tx).await?;
    Territory::new(units, acts, changes, load_outlines(tx).await?)
}

pub(crate) async fn load_changes(tx: &mut Tx) -> Result<Vec<Change>> {
    let sql = "select id, act, happened_on, kind, from_unit, to_unit, part, share_numerator, \
               share_denominator, note from unit_changes order by id";
    let changes: Vec<ChangeRow> = tx.all(sql, values![]).await?;
    changes.into_iter().map(change).collect()
}

pub(crate) async fn load_acts(tx: &mut Tx) -> Result<Vec<Act>> {
    type Row = (i64, String, String, String, Option<i64>, Option<i64>, String);
    let sql =
        "select id, number, issuer, title, adopted_on, effective_on, source from acts order by id";
    let rows: Vec<Row> = tx.all(sql, values![]).await?;
    let act = |(id, number, issuer, title, adopted_on, effective_on, source): Row| Act {
        id,
        number,
        issuer,
        title,
        adopted_on: adopted_on.map(day),
        effective_on: effective_on.map(day),
        source,
    };
    Ok(rows.into_iter().map(act).collect())
}

pub(crate) async fn load_units(tx: &mut Tx) -> Result<Vec<Unit>> {
    let sql = "select id, level, origin, made_up from units order by id";
    let rows: Vec<(i64, String, Option<i64>, i64)> = tx.all(sql, values![]).await?;
    let mut units = Vec::with_capacity(rows.len());
    for (id, level, origin, made_up) in rows {
        let level = Level::find(&level).ok_or_else(|| damaged("level", &level))?;
        let origin = origin.map(UnitId);
        units.push(Unit { id: UnitId(id), level, origin, made_up: made_up != 0, versions: vec![] });
    }
    let sql = "select unit, valid_from, valid_to, code, name, full_name, kind, parent, act \
               from unit_versions order by unit, valid_from";
    let versions: Vec<VersionRow> = tx.all(sql, values![]).await?;
    let mut at = 0;
    for row in versions {
        while units.get(at).is_some_and(|unit| unit.id.0 < row.unit) {
            at += 1;
        }
        let unit = units.get_mut(at).filter(|unit| unit.id.0 == row.unit);
        let unit = unit.ok_or_else(|| damaged("unit", &row.unit.to_string()))?;
        unit.versions.push(version(row, unit.level)?);
    }
    Ok(units)
}

fn version(row: VersionRow, level: Level) -> Result<Version> {
    Ok(Version {
        unit: UnitId(row.unit),
        valid: DayRange { from: day(row.valid_from), to: day(row.valid_to) },
        code: row.code.map(|code| UnitCode::new(level, &code)).transpose()?,
        name: row.name,
        full_name: row.full_name,
        kind: Kind::find(&row.kind).ok_or_else(|| damaged("kind", &row.kind))?,
        parent: row.parent.map(UnitId),
        act: row.act,
    })
}

fn change(row: ChangeRow) -> Result<Change> {
    let part = match (row.part.as_str(), row.share_numerator, row.share_denominator) {
        ("whole", ..) => Part::Whole,
        ("share", Some(numerator), Some(denominator)) => Part::Share { numerator, denominator },
        _ => Part::Unknown,
    };
    Ok(Change {
        id: row.id,
        act: row.act,
        on: day(row.happened_on),
        kind: ChangeKind::find(&row.kind).ok_or_else(|| damaged("change", &row.kind))?,
        from: row.from_unit.map(UnitId),
        to: row.to_unit.map(UnitId),
        part,
        note: row.note,
    })
}

pub(crate) async fn load_outlines(tx: &mut Tx) -> Result<Vec<Outline>> {
    type Row = (i64, i64, i64, i64, String, String);
    let sql = "select unit, valid_from, valid_to, schematic, source, polygons from outlines \
               order by unit, valid_from, schematic";
    let rows: Vec<Row> = tx.all(sql, values![]).await?;
    let outline = |(unit, from, to, schematic, source, polygons): Row| {
        let rings: Vec<Vec<Vec<(f64, f64)>>> =
            serde_json::from_str(&polygons).map_err(Error::internal)?;
        Ok(Outline {
            unit: UnitId(unit),
            valid: DayRange { from: day(from), to: day(to) },
            schematic: schematic != 0,
            source,
            bbox: Outline::bbox_of(&rings),
            rings,
        })
    };
    rows.into_iter().map(outline).collect()
}

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
    bump(tx).await
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

/// Takes back a plan that was written, row by row.
///
/// Errors: `Conflict` when a row is no longer as it was written; `Refused` `territory.unit_in_use`
/// when records hang on a unit that would go.
pub(crate) async fn take_back(tx: &mut Tx, plan: &Plan) -> Result<()> {
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
        tx.run("delete from outlines where unit = $1", values![unit.id.0]).await?;
        let gone = tx.run("delete from units where id = $1", values![unit.id.0]).await;
        touched(gone.map_err(in_use)?)?;
    }
    for act in &plan.new_acts {
        touched(tx.run("delete from acts where id = $1", values![act.id]).await?)?;
    }
    bump(tx).await
}

/// Writes outlines; one that is there already is replaced.
pub(crate) async fn save_outlines(tx: &mut Tx, outlines: &[Outline]) -> Result<()> {
    for outline in outlines {
        let polygons = serde_json::to_string(&outline.rings).map_err(Error::internal)?;
        tx.run(
            "insert into outlines (unit, valid_from, valid_to, schematic, source, polygons) \
             values ($1, $2, $3, $4, $5, $6) on conflict (unit, valid_from, schematic) do update \
             set valid_to = excluded.valid_to, source = excluded.source, \
             polygons = excluded.polygons",
            values![
                outline.unit.0,
                outline.valid.from,
                outline.valid.to,
                i64::from(outline.schematic),
                &outline.source,
                polygons
            ],
        )
        .await?;
    }
    bump(tx).await
}

/// The number of the territory's present state.
pub(crate) async fn revision(tx: &mut Tx) -> Result<i64> {
    let sql = "select number from revisions where name = 'territory'";
    Ok(tx.one::<(i64,)>(sql, values![]).await?.0)
}

/// Also makes writers of the territory wait for each other.
async fn bump(tx: &mut Tx) -> Result<()> {
    let sql = "update revisions set number = number + 1 where name = 'territory'";
    tx.run(sql, values![]).await?;
    Ok(())
}

/// Makes other writers of the territory wait until this transaction ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    let sql = "update revisions set number = number where name = 'territory'";
    tx.run(sql, values![]).await?;
    Ok(())
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

/// The last operations, newest first, without their plans.
pub(crate) async fn list_operations(tx: &mut Tx) -> Result<Vec<Operation>> {
    let sql = "select id, kind, description, effective_on, '' as plan, applied_at, applied_by, \
               undone_at from unit_operations order by applied_at desc, id desc limit 100";
    tx.all(sql, values![]).await
}

/// Operations that came after one and stand, newest first, at most 100, with their plans.
pub(crate) async fn list_later_operations(tx: &mut Tx, than: &Operation) -> Result<Vec<Operation>> {
    let sql = "select id, kind, description, effective_on, plan, applied_at, applied_by, undone_at \
               from unit_operations where (applied_at, id) > ($1, $2) and undone_at is null \
               order by applied_at desc, id desc limit 100";
    tx.all(sql, values![than.applied_at, &than.id]).await
}

/// How many records hang on each of the units whose ids lie between these; those without are
/// left out.
pub(crate) async fn count_records(
    tx: &mut Tx,
    first: UnitId,
    last: UnitId,
) -> Result<Vec<(i64, i64)>> {
    let sql = "select unit, count(*) from records_on_units where unit between $1 and $2 \
               group by unit order by unit";
    tx.all(sql, values![first.0, last.0]).await
}

pub(crate) async fn mark_undone(tx: &mut Tx, id: &str, by: &str, now: Moment) -> Result<()> {
    let sql = "update unit_operations set undone_at = $2, undone_by = $3 \
               where id = $1 and undone_at is null";
    touched(tx.run(sql, values![id, now, by]).await?)
}

fn touched(rows: u64) -> Result<()> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Error::Conflict(lang::Text::new(lang::territory::plan_overtaken)))
    }
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

fn day(number: i64) -> Day {
    i32::try_from(number).map_or(Day::MAX, Day)
}

fn damaged(what: &str, value: &str) -> Error {
    Error::internal(format!("the stored territory is damaged: {what} {value}"))
}
