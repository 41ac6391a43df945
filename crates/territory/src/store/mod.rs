//! The SQL of the territory: loading it whole, writing or taking back a plan, and the operations.

mod operations;
mod write;

use base::{Day, DayRange, Error, Result};
use store::{Tx, values};

use crate::plan::NextIds;
use crate::{
    Act, Change, ChangeKind, Kind, Level, Outline, Part, Territory, Unit, UnitCode, UnitId, Version,
};

pub use operations::Operation;
pub(crate) use operations::{
    Seal, WholeOperation, count_records, count_records_between, find_operation, insert_operation,
    last_applied_at, list_all_operations, list_later_operations, list_measures, list_operations,
    list_seals, mark_undone,
};
pub(crate) use write::{save, save_outlines, take_back};

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

/// Loads the whole territory.
///
/// Errors: `Internal` when what is stored contradicts itself.
pub(crate) async fn load(tx: &mut Tx) -> Result<Territory> {
    let acts = load_acts(tx).await?;
    let units = load_units(tx).await?;
    let changes = load_changes(tx).await?;
    let territory = Territory::new(units, acts, changes, load_outlines(tx).await?)?;
    Ok(territory.numbered_from(next_ids(tx).await?))
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

/// The outlines that are drawn: of each sort the one that came last.
async fn load_outlines(tx: &mut Tx) -> Result<Vec<Outline>> {
    let sql = "select unit, valid_from, valid_to, schematic, source, polygons, version, operation \
               from outlines as drawn where version = \
               (select max(version) from outlines as later where later.unit = drawn.unit \
               and later.valid_from = drawn.valid_from and later.schematic = drawn.schematic) \
               order by unit, valid_from, schematic";
    let rows: Vec<OutlineRow> = tx.all(sql, values![]).await?;
    rows.into_iter().map(|row| row.read().map(|stored| stored.outline)).collect()
}

/// So many outlines are read at once.
const OUTLINES: i64 = 200;

/// The next outlines after one, with those that were replaced; none when there are no more.
pub(crate) async fn list_outlines(
    tx: &mut Tx,
    after: Option<&StoredOutline>,
) -> Result<Vec<StoredOutline>> {
    let sql = "select unit, valid_from, valid_to, schematic, source, polygons, version, operation \
               from outlines where (unit, valid_from, schematic, version) > ($1, $2, $3, $4) \
               order by unit, valid_from, schematic, version limit $5";
    let place = after.map_or_else(
        || values![-1, i64::MIN, 0, 0, OUTLINES],
        |StoredOutline { outline: Outline { unit, valid, schematic, .. }, version, .. }| {
            values![unit.0, valid.from, i64::from(*schematic), *version, OUTLINES]
        },
    );
    let rows: Vec<OutlineRow> = tx.all(sql, place).await?;
    rows.into_iter().map(OutlineRow::read).collect()
}

/// An outline as it is stored.
#[derive(Debug)]
pub(crate) struct StoredOutline {
    pub(crate) outline: Outline,
    /// The later ones of a sort go before the earlier.
    pub(crate) version: i64,
    /// The operation that brought it; none when it came before outlines belonged to one.
    pub(crate) operation: Option<String>,
}

#[derive(sqlx::FromRow)]
struct OutlineRow {
    unit: i64,
    valid_from: i64,
    valid_to: i64,
    schematic: i64,
    source: String,
    polygons: String,
    version: i64,
    operation: Option<String>,
}

impl OutlineRow {
    fn read(self) -> Result<StoredOutline> {
        let rings: Vec<Vec<Vec<(f64, f64)>>> =
            serde_json::from_str(&self.polygons).map_err(Error::internal)?;
        let outline = Outline {
            unit: UnitId(self.unit),
            valid: DayRange { from: day(self.valid_from), to: day(self.valid_to) },
            schematic: self.schematic != 0,
            source: self.source,
            bbox: Outline::bbox_of(&rings),
            rings,
        };
        Ok(StoredOutline { outline, version: self.version, operation: self.operation })
    }
}

/// The ids that come next, which taking an operation back does not lower.
pub(crate) async fn next_ids(tx: &mut Tx) -> Result<NextIds> {
    let sql = "select next_unit, next_act, next_change from territory_head where id = 1";
    let (unit, act, change) = tx.one(sql, values![]).await?;
    Ok(NextIds { unit, act, change })
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

fn touched(rows: u64) -> Result<()> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Error::Conflict(lang::Text::new(lang::territory::plan_overtaken)))
    }
}

fn day(number: i64) -> Day {
    i32::try_from(number).map_or(Day::MAX, Day)
}

fn damaged(what: &str, value: &str) -> Error {
    Error::internal(format!("the stored territory is damaged: {what} {value}"))
}
