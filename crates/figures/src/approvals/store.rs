//! The SQL of approvals and marks.

use base::rights::{Act, Actor};
use base::{Day, DayRange, Error, Result};
use store::{Belongs, Tx, Value, bulk_insert, values, within};
use territory::UnitId;

use super::marks::Mark;
use super::model::{Action, State, Verdict, Version};

/// So many units are named in one statement.
const NAMED_IN_A_STATEMENT: usize = 400;

#[derive(sqlx::FromRow)]
struct VersionRow {
    collection: String,
    period: String,
    unit: i64,
    version: i64,
    day_from: i64,
    day_to: i64,
    state: String,
    action: String,
    acted_on: i64,
    reopened_below: i64,
    figures: Option<Vec<u8>>,
    reason: Option<String>,
    made_up: i64,
    entry: i64,
}

impl TryFrom<VersionRow> for Version {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Self> {
        let state = State::find(&row.state);
        let action = Action::find(&row.action);
        let unknown = || Error::internal("an approval with an unknown state or action");
        Ok(Self {
            collection: row.collection,
            period: row.period,
            unit: UnitId(row.unit),
            version: row.version,
            days: DayRange { from: day(row.day_from), to: day(row.day_to) },
            state: state.ok_or_else(unknown)?,
            action: action.ok_or_else(unknown)?,
            acted_on: UnitId(row.acted_on),
            reopened_below: row.reopened_below != 0,
            figures: row.figures,
            reason: row.reason,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

fn day(number: i64) -> Day {
    i32::try_from(number).map_or(Day::MAX, Day)
}

fn versions(rows: Vec<VersionRow>) -> Result<Vec<Version>> {
    rows.into_iter().map(Version::try_from).collect()
}

const COLUMNS: &str = "v.collection, v.period, v.unit, v.version, v.day_from, v.day_to, v.state, \
                       v.action, v.acted_on, v.reopened_below, v.figures, v.reason, v.made_up, \
                       v.entry";
/// Of a sheet the version that stands.
const LAST: &str = "not exists (select 1 from approval_versions w \
                    where w.collection = v.collection and w.period = v.period \
                    and w.unit = v.unit and w.version > v.version)";

/// The sheets of a period as they stand, or stood before an entry.
pub(crate) async fn list_standing(
    tx: &mut Tx,
    (collection, period): (&str, &str),
    known: Option<i64>,
) -> Result<Vec<Version>> {
    let sql = format!(
        "select {COLUMNS} from approval_versions v where v.collection = $1 and v.period = $2 \
         and v.entry < $3 and not exists (select 1 from approval_versions w \
         where w.collection = v.collection and w.period = v.period and w.unit = v.unit \
         and w.version > v.version and w.entry < $3) order by v.unit"
    );
    let known = known.unwrap_or(i64::MAX);
    versions(tx.all_built(sql, values![collection, period, known]).await?)
}

/// The sheets of these units in a period as they stand.
pub(crate) async fn find_standing(
    tx: &mut Tx,
    (collection, period): (&str, &str),
    units: &[UnitId],
) -> Result<Vec<Version>> {
    let mut found = Vec::new();
    for units in units.chunks(NAMED_IN_A_STATEMENT) {
        let sql = format!(
            "select {} from approval_versions v where v.collection = $1 and v.period = $2 \
             and v.unit in ({}) and {}",
            COLUMNS,
            places(3, units.len()),
            LAST
        );
        let mut bound = values![collection, period];
        bound.extend(units.iter().map(|unit| Value::from(unit.0)));
        found.extend(versions(tx.all_built(sql, bound).await?)?);
    }
    Ok(found)
}

/// Sheets that stand, from the newest act back, after an entry.
pub(crate) async fn list_latest(
    tx: &mut Tx,
    reader: Actor<'_>,
    (collection, period, state): (&str, &str, &str),
    before: i64,
    limit: i64,
) -> Result<Vec<Version>> {
    let mut values = values![collection, period, state, before, limit];
    let belongs = Belongs { unit: "v.unit", maker: "''" };
    let scope = reader.rights.scope(Act::ReadApprovals);
    let allowed = within(scope, belongs, reader.name, &mut values);
    let sql = format!(
        "select {COLUMNS} from approval_versions v where v.entry < $4 and {allowed} \
         and (v.collection = $1 or $1 = '') and (v.period = $2 or $2 = '') \
         and (v.state = $3 or $3 = '') and {LAST} order by v.entry desc limit $5"
    );
    versions(tx.all_built(sql, values).await?)
}

/// All versions of a sheet, oldest first.
pub(crate) async fn history(
    tx: &mut Tx,
    (collection, period): (&str, &str),
    unit: UnitId,
) -> Result<Vec<Version>> {
    let sql = format!(
        "select {COLUMNS} from approval_versions v where v.collection = $1 and v.period = $2 \
         and v.unit = $3 order by v.version"
    );
    versions(tx.all_built(sql, values![collection, period, unit.0]).await?)
}

/// The locked sheets of these units whose periods touch a range of days.
///
/// Cost: some steps of an index for each unit.
pub(crate) async fn locks(tx: &mut Tx, units: &[i64], days: DayRange) -> Result<Vec<Version>> {
    let mut found = Vec::new();
    for units in units.chunks(NAMED_IN_A_STATEMENT) {
        let sql = format!(
            "select {} from approval_versions v where v.unit in ({}) and v.day_to > $1 \
             and v.day_from < $2 and v.state in ('approved', 'closed') and {} \
             order by v.unit, v.day_from, v.collection",
            COLUMNS,
            places(3, units.len()),
            LAST
        );
        let mut bound = values![days.from, days.to];
        bound.extend(units.iter().map(|unit| Value::from(*unit)));
        found.extend(versions(tx.all_built(sql, bound).await?)?);
    }
    Ok(found)
}

/// Who handed in what stands of these units' sheets: (unit, account).
pub(crate) async fn submitters(
    tx: &mut Tx,
    (collection, period): (&str, &str),
    units: &[UnitId],
) -> Result<Vec<(i64, String)>> {
    let mut found = Vec::new();
    for units in units.chunks(NAMED_IN_A_STATEMENT) {
        let sql = format!(
            "select v.unit, e.actor from approval_versions v join sealed_records e \
             on e.seq = v.entry where v.collection = $1 and v.period = $2 and v.unit in ({}) \
             and v.action = 'submit' and not exists (select 1 from approval_versions w \
             where w.collection = v.collection and w.period = v.period and w.unit = v.unit \
             and w.action = 'submit' and w.version > v.version)",
            places(3, units.len())
        );
        let mut bound = values![collection, period];
        bound.extend(units.iter().map(|unit| Value::from(unit.0)));
        found.extend(tx.all_built::<(i64, String)>(sql, bound).await?);
    }
    Ok(found)
}

/// Errors: `Conflict` when somebody else made such a version first.
pub(crate) async fn insert_versions(tx: &mut Tx, versions: &[Version]) -> Result<()> {
    let head = "insert into approval_versions (collection, period, unit, version, day_from, \
                day_to, state, action, acted_on, reopened_below, figures, reason, made_up, entry)";
    let row = |it: &Version| {
        values![
            &it.collection,
            &it.period,
            it.unit.0,
            it.version,
            it.days.from,
            it.days.to,
            it.state.as_str(),
            it.action.as_str(),
            it.acted_on.0,
            i64::from(it.reopened_below),
            it.figures.clone(),
            it.reason.clone(),
            i64::from(it.made_up),
            it.entry,
        ]
    };
    bulk_insert(tx, head, 14, versions.iter().map(row).collect()).await?;
    Ok(())
}

/// A count that stands within a period.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct CountRow {
    pub(crate) unit: i64,
    pub(crate) measure: i64,
    day_from: i64,
    day: i64,
    pub(crate) value: i64,
    pub(crate) id: String,
    pub(crate) version: i64,
}

impl CountRow {
    pub(crate) fn days(&self) -> DayRange {
        DayRange { from: day(self.day_from), to: day(self.day).plus(1) }
    }
}

/// The counts of these measures that units reported wholly within some days, in the order of unit,
/// measure and day.
pub(crate) async fn counts(
    tx: &mut Tx,
    units: &[UnitId],
    measures: &[i64],
    days: DayRange,
) -> Result<Vec<CountRow>> {
    let mut found = Vec::new();
    if measures.is_empty() {
        return Ok(found);
    }
    for units in units.chunks(NAMED_IN_A_STATEMENT) {
        let wanted: Vec<String> =
            (0..units.len()).map(|at| format!("(${})", at + 3 + measures.len())).collect();
        let sql = format!(
            "with wanted (unit) as (values {}) select o.unit, o.measure, o.day_from, o.day, \
             o.value, o.id, o.version from wanted w join observations o on o.unit = w.unit \
             and o.measure in ({}) and o.day >= $1 and o.day < $2 and o.day_from >= $1 \
             order by o.unit, o.measure, o.day",
            wanted.join(", "),
            places(3, measures.len())
        );
        let mut bound = values![days.from, days.to];
        bound.extend(measures.iter().map(|measure| Value::from(*measure)));
        bound.extend(units.iter().map(|unit| Value::from(unit.0)));
        found.extend(tx.all_built::<CountRow>(sql, bound).await?);
    }
    Ok(found)
}

/// What a unit has reported of a measure within a period.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(crate) struct ReportedRow {
    pub(crate) unit: i64,
    pub(crate) measure: i64,
    /// How many days its counts cover.
    pub(crate) covered: i64,
    /// The entry with which the first of them was reported.
    pub(crate) first: i64,
    /// The entry with which the last of them was reported.
    pub(crate) last: i64,
}

/// What every unit has reported of these measures wholly within some days. A correction does not
/// make a report late, so the first version of each count decides.
///
/// Cost: the counts of the period.
pub(crate) async fn reported(
    tx: &mut Tx,
    measures: &[i64],
    days: DayRange,
) -> Result<Vec<ReportedRow>> {
    if measures.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select o.unit, o.measure, cast(sum(o.day - o.day_from + 1) as bigint) as covered, \
         min(v.entry) as first, max(v.entry) as last from observations o \
         join observation_versions v on v.id = o.id and v.version = 1 \
         where o.measure in ({}) and o.day >= $1 and o.day < $2 and o.day_from >= $1 \
         group by o.unit, o.measure",
        places(3, measures.len())
    );
    let mut bound = values![days.from, days.to];
    bound.extend(measures.iter().map(|measure| Value::from(*measure)));
    tx.all_built(sql, bound).await
}

#[derive(sqlx::FromRow)]
struct MarkRow {
    id: String,
    collection: String,
    period: String,
    unit: i64,
    rule: String,
    numbers: Vec<u8>,
    verdict: String,
    reason: String,
    made_up: i64,
    entry: i64,
}

impl TryFrom<MarkRow> for Mark {
    type Error = Error;

    fn try_from(row: MarkRow) -> Result<Self> {
        let verdict = Verdict::find(&row.verdict);
        Ok(Self {
            id: row.id,
            collection: row.collection,
            period: row.period,
            unit: UnitId(row.unit),
            rule: row.rule,
            numbers: row.numbers,
            verdict: verdict.ok_or_else(|| Error::internal("a mark with an unknown verdict"))?,
            reason: row.reason,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

/// The marks of these units in a period, oldest first.
pub(crate) async fn marks(
    tx: &mut Tx,
    (collection, period): (&str, &str),
    units: &[UnitId],
) -> Result<Vec<Mark>> {
    let mut found = Vec::new();
    for units in units.chunks(NAMED_IN_A_STATEMENT) {
        let sql = format!(
            "select id, collection, period, unit, rule, numbers, verdict, reason, made_up, entry \
             from finding_marks where collection = $1 and period = $2 and unit in ({}) \
             order by entry",
            places(3, units.len())
        );
        let mut bound = values![collection, period];
        bound.extend(units.iter().map(|unit| Value::from(unit.0)));
        let rows: Vec<MarkRow> = tx.all_built(sql, bound).await?;
        for row in rows {
            found.push(Mark::try_from(row)?);
        }
    }
    Ok(found)
}

pub(crate) async fn insert_mark(tx: &mut Tx, it: &Mark) -> Result<()> {
    tx.run(
        "insert into finding_marks (id, collection, period, unit, rule, numbers, verdict, reason, \
         made_up, entry) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        values![
            &it.id,
            &it.collection,
            &it.period,
            it.unit.0,
            &it.rule,
            it.numbers.clone(),
            it.verdict.as_str(),
            &it.reason,
            i64::from(it.made_up),
            it.entry
        ],
    )
    .await?;
    Ok(())
}

/// Whether any sheet of a period was acted on.
pub(crate) async fn is_begun(tx: &mut Tx, (collection, period): (&str, &str)) -> Result<bool> {
    let sql = "select unit from approval_versions where collection = $1 and period = $2 limit 1";
    Ok(tx.find::<(i64,)>(sql, values![collection, period]).await?.is_some())
}

/// A record beside the content hash that its entry sealed.
pub(crate) type Sealed<T> = (T, Option<Vec<u8>>);

/// Versions after one, in the order of their key, each with what its entry sealed.
pub(crate) async fn versions_after(
    tx: &mut Tx,
    after: (&str, &str, i64, i64),
    limit: i64,
) -> Result<Vec<Sealed<Version>>> {
    let sql = format!(
        "select {COLUMNS}, e.content_hash from approval_versions v left join sealed_records e \
         on e.seq = v.entry and e.record_kind = 'approval' and e.record_version = v.version \
         and e.record_id = v.collection || '/' || v.period || '/' || v.unit \
         where (v.collection, v.period, v.unit, v.version) > ($1, $2, $3, $4) \
         order by v.collection, v.period, v.unit, v.version limit $5"
    );
    let bound = values![after.0, after.1, after.2, after.3, limit];
    let rows: Vec<SealedVersionRow> = tx.all_built(sql, bound).await?;
    rows.into_iter().map(|row| Ok((row.row.try_into()?, row.content_hash))).collect()
}

#[derive(sqlx::FromRow)]
struct SealedVersionRow {
    #[sqlx(flatten)]
    row: VersionRow,
    content_hash: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct SealedMarkRow {
    #[sqlx(flatten)]
    row: MarkRow,
    content_hash: Option<Vec<u8>>,
}

/// Marks after one, in the order of their ids, each with what its entry sealed.
pub(crate) async fn marks_after(tx: &mut Tx, after: &str, limit: i64) -> Result<Vec<Sealed<Mark>>> {
    let sql = "select m.id, m.collection, m.period, m.unit, m.rule, m.numbers, m.verdict, \
               m.reason, m.made_up, m.entry, e.content_hash from finding_marks m \
               left join sealed_records e on e.seq = m.entry and e.record_kind = 'finding_mark' \
               and e.record_id = m.id and e.record_version = 1 \
               where m.id > $1 order by m.id limit $2";
    let rows: Vec<SealedMarkRow> = tx.all(sql, values![after, limit]).await?;
    rows.into_iter().map(|row| Ok((row.row.try_into()?, row.content_hash))).collect()
}

/// Sheets and marks that an entry made and that are not there; the first hundred.
pub(crate) async fn missing(tx: &mut Tx) -> Result<Vec<(String, String, i64)>> {
    let sql = "select e.record_kind, e.record_id, e.record_version from sealed_records e \
               left join approval_versions v on v.entry = e.seq \
               where e.record_kind = 'approval' and v.entry is null \
               union all select e.record_kind, e.record_id, e.record_version \
               from sealed_records e left join finding_marks m on m.id = e.record_id \
               where e.record_kind = 'finding_mark' and m.id is null order by 1, 2, 3 limit 100";
    tx.all(sql, values![]).await
}

/// `$3, $4, …`, so many from a number on.
fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}
