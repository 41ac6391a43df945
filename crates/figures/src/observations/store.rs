//! The SQL of observations.

use base::rights::{Act, Actor};
use base::{Day, Error, Result};
use store::{Belongs, Tx, Value, bulk_insert, values, within};
use territory::UnitId;

use super::model::{Evidence, FileLabel, Observation};

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: String,
    version: i64,
    unit: i64,
    measure: i64,
    day_from: i64,
    day: i64,
    value: Option<i64>,
    source: String,
    made_up: i64,
    evidence: Option<Vec<u8>>,
    reason: Option<String>,
    entry: i64,
}

impl From<Row> for Observation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            unit: UnitId(row.unit),
            measure: row.measure,
            day_from: day(row.day_from),
            day: day(row.day),
            value: row.value,
            source: row.source,
            made_up: row.made_up != 0,
            evidence: row.evidence,
            reason: row.reason,
            entry: row.entry,
        }
    }
}

fn day(number: i64) -> Day {
    i32::try_from(number).map_or(Day::MAX, Day)
}

/// The observation as it stands now: its last version.
pub(crate) async fn find(tx: &mut Tx, id: &str) -> Result<Option<Observation>> {
    let sql = "select id, version, unit, measure, day_from, day, value, source, made_up, evidence, \
               reason, entry from observation_versions where id = $1 order by version desc limit 1";
    Ok(tx.find::<Row>(sql, values![id]).await?.map(Observation::from))
}

/// Whether a made-up count stands on a day.
pub(crate) async fn has_made_up_on(tx: &mut Tx, on: Day) -> Result<bool> {
    let sql = "select day from observation_versions where day = $1 and made_up = 1 limit 1";
    Ok(tx.find::<(i64,)>(sql, values![on]).await?.is_some())
}

/// All versions, oldest first.
pub(crate) async fn versions(tx: &mut Tx, id: &str) -> Result<Vec<Observation>> {
    let sql = "select id, version, unit, measure, day_from, day, value, source, made_up, evidence, \
               reason, entry from observation_versions where id = $1 order by version";
    Ok(tx.all::<Row>(sql, values![id]).await?.into_iter().map(Observation::from).collect())
}

/// What a right asks of an observation: its unit, and who reported it first.
const BELONGS: Belongs = Belongs {
    unit: "v.unit",
    maker: "(select f.actor from sealed_records f where f.seq = (select o.entry \
            from observation_versions o where o.id = v.id and o.version = 1))",
};

/// Observations by their last version that a reader may see, of the entries in a range, the newest
/// first; of one measure if it is given, and with a day in a range.
pub(crate) async fn latest(
    tx: &mut Tx,
    reader: Actor<'_>,
    (first, before): (i64, i64),
    measure: Option<i64>,
    days: base::DayRange,
) -> Result<Vec<Observation>> {
    let of_all = i64::from(measure.is_none());
    let mut values =
        values![first, before, measure.unwrap_or_default(), of_all, days.from, days.to];
    let scope = reader.rights.scope(Act::ReadObservations);
    let allowed = within(scope, BELONGS, reader.name, &mut values);
    let sql = format!(
        "select v.id, v.version, v.unit, v.measure, v.day_from, v.day, v.value, v.source, \
               v.made_up, v.evidence, v.reason, v.entry from sealed_records e \
               join observation_versions v on v.id = e.record_id \
               and v.version = e.record_version \
               where e.record_kind = 'observation' and e.seq >= $1 and e.seq < $2 \
               and (v.measure = $3 or $4 = 1) and v.day >= $5 and v.day_from < $6 \
               and not exists (select 1 from observation_versions w \
               where w.id = v.id and w.version > v.version) and {allowed} order by e.seq desc"
    );
    Ok(tx.all_built::<Row>(sql, values).await?.into_iter().map(Observation::from).collect())
}

/// A version beside what the journal sealed of it.
pub(crate) struct Sealed {
    pub(crate) version: Observation,
    pub(crate) label: Option<FileLabel>,
    /// The content hash of the entry that made it.
    pub(crate) hash: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    #[sqlx(flatten)]
    row: Row,
    content_hash: Option<Vec<u8>>,
    name: Option<String>,
    media_type: Option<String>,
}

impl From<SealedRow> for Sealed {
    fn from(row: SealedRow) -> Self {
        let label = |(name, media_type)| FileLabel { name, media_type };
        Self {
            version: row.row.into(),
            label: row.name.zip(row.media_type).map(label),
            hash: row.content_hash,
        }
    }
}

/// Versions after (id, version), each with what its entry sealed and the label of its file.
pub(crate) async fn versions_after(
    tx: &mut Tx,
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<Sealed>> {
    let sql = "select v.id, v.version, v.unit, v.measure, v.day_from, v.day, v.value, v.source, \
               v.made_up, v.evidence, v.reason, v.entry, e.content_hash, f.name, f.media_type \
               from observation_versions v left join sealed_records e on e.seq = v.entry \
               and e.record_kind = 'observation' and e.record_id = v.id \
               and e.record_version = v.version left join files f on f.hash = v.evidence \
               where (v.id, v.version) > ($1, $2) order by v.id, v.version limit $3";
    let rows: Vec<SealedRow> = tx.all(sql, values![after.0, after.1, limit]).await?;
    Ok(rows.into_iter().map(Sealed::from).collect())
}

/// Versions that an entry made and that are not there; the first hundred.
pub(crate) async fn versions_missing(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let sql = "select e.record_id, e.record_version from sealed_records e \
               left join observation_versions v \
               on v.id = e.record_id and v.version = e.record_version \
               where e.record_kind = 'observation' and v.id is null order by e.seq limit 100";
    tx.all(sql, values![]).await
}

/// Heads that are not the last version of their observation, and observations without a head that
/// were not withdrawn; the first hundred.
pub(crate) async fn heads_wrong(tx: &mut Tx) -> Result<Vec<(String,)>> {
    let sql = "select o.id from observations o left join observation_versions v \
               on v.id = o.id and v.version = o.version and v.value = o.value \
               and v.unit = o.unit and v.measure = o.measure and v.day = o.day \
               and v.day_from = o.day_from where v.id is null \
               union select v.id from observation_versions v left join observations o \
               on o.id = v.id and o.version >= v.version where o.id is null \
               and not exists (select 1 from observation_versions w \
               where w.id = v.id and w.version >= v.version and w.value is null) \
               order by 1 limit 100";
    tx.all(sql, values![]).await
}

/// The counts around a day of a measure in a unit: (`day_from`, day, value).
pub(crate) struct Neighbours {
    pub(crate) measure: i64,
    pub(crate) unit: i64,
    /// The last that ends before the day.
    pub(crate) before: Option<(Day, Day, i64)>,
    /// The first that ends on the day or later.
    pub(crate) after: Option<(Day, Day, i64)>,
}

#[derive(sqlx::FromRow)]
struct NeighboursRow {
    measure: i64,
    unit: i64,
    before_from: Option<i64>,
    before_day: Option<i64>,
    before_value: Option<i64>,
    after_from: Option<i64>,
    after_day: Option<i64>,
    after_value: Option<i64>,
}

impl From<NeighboursRow> for Neighbours {
    fn from(row: NeighboursRow) -> Self {
        let count = |from, on, value| Some((day(from?), day(on?), value?));
        Self {
            measure: row.measure,
            unit: row.unit,
            before: count(row.before_from, row.before_day, row.before_value),
            after: count(row.after_from, row.after_day, row.after_value),
        }
    }
}

/// What stands around each (measure, unit, day).
///
/// Each column is looked up by itself: both engines then take a step of the index for it, and none
/// can think of reading the table.
pub(crate) async fn neighbours(tx: &mut Tx, wanted: &[(i64, i64, Day)]) -> Result<Vec<Neighbours>> {
    let look_up = |column: &str, side: &str, order: &str| {
        format!(
            "(select o.{column} from observations o where o.unit = w.unit \
             and o.measure = w.measure and o.day {side} w.day order by o.day {order} limit 1)"
        )
    };
    let columns = [("day_from", "from"), ("day", "day"), ("value", "value")];
    let columns: Vec<String> = [("before", "<", "desc"), ("after", ">=", "asc")]
        .iter()
        .flat_map(|(which, side, order)| {
            columns.map(|(it, name)| format!("{} as {which}_{name}", look_up(it, side, order)))
        })
        .collect();
    let mut found = Vec::with_capacity(wanted.len());
    for wanted in wanted.chunks(NAMED_IN_A_STATEMENT) {
        let place = |at: usize| format!("(${}, ${}, ${})", at * 3 + 1, at * 3 + 2, at * 3 + 3);
        let places: Vec<String> = (0..wanted.len()).map(place).collect();
        let sql = format!(
            "with wanted (measure, unit, day) as (values {}) \
             select w.measure, w.unit, {} from wanted w",
            places.join(", "),
            columns.join(", ")
        );
        let values = wanted.iter().flat_map(|(measure, unit, day)| values![*measure, *unit, *day]);
        let rows: Vec<NeighboursRow> = tx.all_built(sql, values.collect()).await?;
        found.extend(rows.into_iter().map(Neighbours::from));
    }
    Ok(found)
}

/// The days for which a measure has or had counts, in order.
pub(crate) async fn days_of_versions(tx: &mut Tx, measure: i64) -> Result<Vec<(i64,)>> {
    let sql = "select distinct day from observation_versions where measure = $1 order by day";
    tx.all(sql, values![measure]).await
}

/// The counts of a measure that stand for days of a range: (unit, day, value), each with the
/// level before it where `levels` wants it.
pub(crate) async fn standing_in(
    tx: &mut Tx,
    measure: i64,
    days: base::DayRange,
    levels: bool,
) -> Result<Vec<(i64, i64, i64, Option<i64>)>> {
    let sql = "select o.unit, o.day, o.value, case when $4 = 1 then \
               (select p.value from observations p where p.unit = o.unit \
               and p.measure = o.measure and p.day < o.day order by p.day desc limit 1) end \
               from observations o where o.measure = $1 and o.day >= $2 and o.day < $3";
    tx.all(sql, values![measure, days.from, days.to, i64::from(levels)]).await
}

/// A count that stands behind a figure.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Report {
    pub(crate) unit: i64,
    pub(crate) id: String,
    day_from: i64,
    day: i64,
}

impl Report {
    pub(crate) fn days(&self) -> (Day, Day) {
        (day(self.day_from), day(self.day))
    }
}

/// So many units, or places, are named in one statement.
const NAMED_IN_A_STATEMENT: usize = 400;

/// The counts of a measure that these units reported for days of a range; with `last_only` of
/// each unit the last one.
///
/// Cost: one step of the index for each unit and count.
pub(crate) async fn reports(
    tx: &mut Tx,
    measure: i64,
    units: &[i64],
    days: base::DayRange,
    last_only: bool,
) -> Result<Vec<Report>> {
    let only = "and o.day = (select max(p.day) from observations p where p.unit = o.unit \
                and p.measure = o.measure and p.day < $3)";
    let mut found = Vec::new();
    for units in units.chunks(NAMED_IN_A_STATEMENT) {
        let places: Vec<String> = (0..units.len()).map(|at| format!("(${})", at + 4)).collect();
        let sql = format!(
            "with wanted (unit) as (values {}) select o.unit, o.id, o.day_from, o.day \
             from wanted w join observations o on o.unit = w.unit and o.measure = $1 \
             and o.day >= $2 and o.day < $3 {} order by o.unit, o.day, o.day_from",
            places.join(", "),
            if last_only { only } else { "" }
        );
        let mut values = values![measure, days.from, days.to];
        values.extend(units.iter().map(|unit| Value::from(*unit)));
        found.extend(tx.all_built::<Report>(sql, values).await?);
    }
    Ok(found)
}

/// The counts of a measure for days of a range as they stood before an entry, of all units.
pub(crate) async fn reports_before(
    tx: &mut Tx,
    measure: i64,
    days: base::DayRange,
    seq: i64,
) -> Result<Vec<Report>> {
    let sql = "select v.unit, v.id, v.day_from, v.day from observation_versions v \
               where v.measure = $1 and v.day >= $2 and v.day < $3 and v.entry < $4 \
               and v.value is not null and not exists (select 1 from observation_versions w \
               where w.id = v.id and w.version > v.version and w.entry < $4) \
               order by v.unit, v.day, v.day_from";
    tx.all(sql, values![measure, days.from, days.to, seq]).await
}

/// Whether any version holds data that was made up.
pub(crate) async fn has_made_up(tx: &mut Tx) -> Result<bool> {
    let sql = "select made_up from observation_versions where made_up = 1 limit 1";
    Ok(tx.find::<(i64,)>(sql, values![]).await?.is_some())
}

/// The source of each observation's last version, by id.
pub(crate) async fn sources(tx: &mut Tx, ids: &[&str]) -> Result<Vec<(String, String)>> {
    let places: Vec<String> = (1..=ids.len()).map(|at| format!("${at}")).collect();
    let sql = format!(
        "select v.id, v.source from observation_versions v where v.id in ({}) and v.version = \
         (select max(w.version) from observation_versions w where w.id = v.id)",
        places.join(", ")
    );
    tx.all_built(sql, ids.iter().map(|id| Value::from(*id)).collect()).await
}

/// The file of a hash: name, media type, content.
pub(crate) async fn find_file(tx: &mut Tx, hash: &[u8]) -> Result<Option<Evidence>> {
    let sql = "select name, media_type, content from files where hash = $1";
    let found = tx.find::<(String, String, Vec<u8>)>(sql, values![hash]).await?;
    Ok(found.map(|(name, media_type, content)| Evidence { name, media_type, content }))
}

/// The hashes of the files after a hash, in their order.
pub(crate) async fn file_hashes_after(
    tx: &mut Tx,
    hash: &[u8],
    limit: i64,
) -> Result<Vec<(Vec<u8>,)>> {
    let sql = "select hash from files where hash > $1 order by hash limit $2";
    tx.all(sql, values![hash, limit]).await
}

/// The label of the file of a hash.
pub(crate) async fn find_file_label(tx: &mut Tx, hash: &[u8]) -> Result<Option<FileLabel>> {
    let sql = "select name, media_type from files where hash = $1";
    let found = tx.find::<(String, String)>(sql, values![hash]).await?;
    Ok(found.map(|(name, media_type)| FileLabel { name, media_type }))
}

/// The name of the file of a hash.
pub(crate) async fn find_file_name(tx: &mut Tx, hash: &[u8]) -> Result<Option<String>> {
    let sql = "select name from files where hash = $1";
    Ok(tx.find::<(String,)>(sql, values![hash]).await?.map(|(name,)| name))
}

/// The periods for which counts of a measure stand, those that touch a range of days: (`day_from`,
/// day).
pub(crate) async fn periods(
    tx: &mut Tx,
    measure: i64,
    within: base::DayRange,
) -> Result<Vec<(i64, i64)>> {
    let sql = "select day_from, day from observation_periods where measure = $1 and day >= $2 \
               and day_from < $3 and reports > 0 order by day, day_from";
    tx.all(sql, values![measure, within.from, within.to]).await
}

/// The units that reported a measure for exactly this period.
pub(crate) async fn units_with(
    tx: &mut Tx,
    measure: i64,
    (day_from, day): (Day, Day),
) -> Result<Vec<(i64,)>> {
    let sql = "select unit from observations where measure = $1 and day = $2 and day_from = $3";
    tx.all(sql, values![measure, day, day_from]).await
}

/// Like [`periods`], of the counts that stood before an entry.
pub(crate) async fn periods_before(
    tx: &mut Tx,
    measure: i64,
    within: base::DayRange,
    entry: i64,
) -> Result<Vec<(i64, i64)>> {
    let sql = "select distinct v.day_from, v.day from observation_versions v \
               where v.measure = $1 and v.day >= $2 and v.day_from < $3 and v.entry < $4 \
               and v.value is not null and not exists (select 1 from observation_versions w \
               where w.id = v.id and w.version > v.version and w.entry < $4) \
               order by v.day, v.day_from";
    tx.all(sql, values![measure, within.from, within.to, entry]).await
}

/// Like [`units_with`], of the counts that stood before an entry.
pub(crate) async fn units_with_before(
    tx: &mut Tx,
    measure: i64,
    (day_from, day): (Day, Day),
    entry: i64,
) -> Result<Vec<(i64,)>> {
    let sql = "select v.unit from observation_versions v \
               where v.measure = $1 and v.day = $2 and v.day_from = $3 and v.entry < $4 \
               and v.value is not null and not exists (select 1 from observation_versions w \
               where w.id = v.id and w.version > v.version and w.entry < $4)";
    tx.all(sql, values![measure, day, day_from, entry]).await
}

/// Counts (measure, day, `day_from`, more) into the periods for which counts stand.
pub(crate) async fn move_periods(
    tx: &mut Tx,
    moves: impl IntoIterator<Item = (i64, Day, Day, i64)>,
) -> Result<()> {
    for (measure, day, day_from, more) in moves {
        tx.run(
            "insert into observation_periods (measure, day, day_from, reports) \
             values ($1, $2, $3, $4) on conflict (measure, day, day_from) \
             do update set reports = observation_periods.reports + excluded.reports",
            values![measure, day, day_from, more],
        )
        .await?;
    }
    Ok(())
}

/// Periods whose number of counts is not that of the counts that stand: (measure, day, `day_from`);
/// the first hundred.
pub(crate) async fn periods_wrong(tx: &mut Tx) -> Result<Vec<(i64, i64, i64)>> {
    tx.all(
        "select measure, day, day_from from ( \
            select measure, day, day_from, count(*) as standing, 0 as kept from observations \
            group by measure, day, day_from \
            union all select measure, day, day_from, 0, reports from observation_periods \
         ) as both_sides group by measure, day, day_from \
         having sum(standing) <> sum(kept) order by measure, day, day_from limit 100",
        values![],
    )
    .await
}

pub(crate) async fn insert_file(tx: &mut Tx, hash: &[u8], file: &Evidence) -> Result<()> {
    tx.run(
        "insert into files (hash, name, media_type, content) values ($1, $2, $3, $4) \
         on conflict (hash) do nothing",
        values![hash, &file.name, &file.media_type, file.content.clone()],
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_versions(tx: &mut Tx, versions: &[Observation]) -> Result<()> {
    let head = "insert into observation_versions (id, version, unit, measure, day_from, day, \
                value, source, made_up, evidence, reason, entry)";
    bulk_insert(tx, head, 12, versions.iter().map(version_values).collect()).await?;
    Ok(())
}

fn version_values(it: &Observation) -> Vec<Value> {
    values![
        &it.id,
        it.version,
        it.unit.0,
        it.measure,
        it.day_from,
        it.day,
        it.value,
        &it.source,
        i64::from(it.made_up),
        it.evidence.clone(),
        it.reason.clone(),
        it.entry,
    ]
}

/// Errors: `Conflict` when the unit reported the measure for that day already.
pub(crate) async fn insert_heads(tx: &mut Tx, versions: &[Observation]) -> Result<()> {
    let head = "insert into observations (unit, measure, day, day_from, id, version, value)";
    let rows = versions.iter().map(|it| {
        values![it.unit.0, it.measure, it.day, it.day_from, &it.id, it.version, it.value]
    });
    bulk_insert(tx, head, 7, rows.collect()).await?;
    Ok(())
}

/// The head goes on to a version; a withdrawn observation has none, so that its place is free.
///
/// Errors: `Conflict` when somebody else changed it first.
pub(crate) async fn move_head(tx: &mut Tx, to: &Observation) -> Result<()> {
    let moved = if let Some(value) = to.value {
        let sql = "update observations set version = $3, value = $4 where id = $1 and version = $2";
        tx.run(sql, values![&to.id, to.version - 1, to.version, value]).await?
    } else {
        let sql = "delete from observations where id = $1 and version = $2";
        tx.run(sql, values![&to.id, to.version - 1]).await?
    };
    if moved == 1 {
        return Ok(());
    }
    Err(Error::Conflict(lang::Text::new(lang::error::conflict)))
}
