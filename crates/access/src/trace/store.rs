//! The SQL of the trace.

use base::{Error, Moment, Result};
use store::{Tx, Value, Values, bulk_insert, values};
use territory::UnitId;

use super::model::Read;
use super::rules::Habit;

const READS: &str = "select r.id, r.at, r.actor, r.act, r.record_kind, r.record, \
                     r.unit, r.purpose, r.words, r.shown, r.salt, r.entry from reads r";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    at: i64,
    actor: String,
    act: String,
    record_kind: String,
    record: String,
    unit: Option<i64>,
    purpose: String,
    words: String,
    shown: i64,
    salt: Vec<u8>,
    entry: i64,
}

impl TryFrom<Row> for Read {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.parse().map_err(|_| Error::internal("the trace is damaged"))?,
            at: Moment(row.at),
            actor: row.actor,
            act: row.act,
            record_kind: row.record_kind,
            record: row.record,
            subjects: Vec::new(),
            unit: row.unit.map(UnitId),
            purpose: row.purpose,
            words: row.words,
            shown: row.shown,
            salt: row.salt,
            entry: row.entry,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, read: &Read) -> Result<()> {
    let sql = "insert into reads (id, at, actor, act, record_kind, record, unit, purpose, \
               words, shown, salt, entry) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let mut values = values![read.id, read.at, &read.actor, &read.act, &read.record_kind];
    values.extend(values![
        &read.record,
        Value::Int(read.unit.map(|unit| unit.0)),
        &read.purpose,
        &read.words
    ]);
    values.extend(values![read.shown, &read.salt[..], read.entry]);
    tx.run(sql, values).await?;
    let rows: Vec<Values> = read.subjects.iter().map(|subject| values![read.id, subject]).collect();
    if !rows.is_empty() {
        bulk_insert(tx, "insert into read_subjects (read, subject)", 2, rows).await?;
    }
    Ok(())
}

/// What is looked for in the trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) actor: &'a str,
    pub(super) act: &'a str,
    /// One of these people; of all people without.
    pub(super) subjects: Option<&'a [String]>,
    pub(super) from: Option<Moment>,
    pub(super) before: Option<Moment>,
    pub(super) before_entry: i64,
}

/// Looks, the last first.
pub(super) async fn list(tx: &mut Tx, wanted: &Wanted<'_>, limit: i64) -> Result<Vec<Read>> {
    let mut values: Values = values![wanted.before_entry];
    let mut sql = format!("{READS} where r.entry < $1");
    let mut and = |condition: &str, value: Value| {
        values.push(value);
        sql.push_str(&format!(" and {condition} ${}", values.len()));
    };
    if !wanted.actor.is_empty() {
        and("r.actor =", wanted.actor.into());
    }
    if !wanted.act.is_empty() {
        and("r.act =", wanted.act.into());
    }
    if let Some(from) = wanted.from {
        and("r.at >=", from.into());
    }
    if let Some(before) = wanted.before {
        and("r.at <", before.into());
    }
    if let Some(subjects) = wanted.subjects {
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        let first = values.len() + 1;
        values.extend(subjects.iter().map(Value::from));
        let places: Vec<String> =
            (first..first + subjects.len()).map(|at| format!("${at}")).collect();
        sql.push_str(&format!(
            " and exists (select 1 from read_subjects s where s.read = r.id and s.subject in ({}))",
            places.join(", ")
        ));
    }
    sql.push_str(&format!(" order by r.entry desc limit {limit}"));
    let rows: Vec<Row> = tx.all_built(sql, values).await?;
    rows.into_iter().map(Read::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct HabitRow {
    who: String,
    last_day: i64,
    different: i64,
    month_before: i64,
    at_night: i64,
}

/// How accounts looked in the day before `now`, and how people were looked at.
pub(super) async fn habits(tx: &mut Tx, now: Moment) -> Result<(Vec<Habit>, Vec<Habit>)> {
    const DAY: i64 = 86_400_000_000;
    const HOUR: i64 = 3_600_000_000;
    let day = now.0 - DAY;
    // The hour in Vietnam, which keeps one time the year round.
    let night = format!(
        "((r.at + {seven}) % {DAY} < {six} or (r.at + {seven}) % {DAY} >= {twenty})",
        seven = 7 * HOUR,
        six = 6 * HOUR,
        twenty = 20 * HOUR
    );
    let of = |who: &str, different: &str| {
        format!(
            "select {who} as who, count(distinct case when r.at >= $1 then r.id end) as last_day, \
             count(distinct case when r.at >= $1 then {different} end) as different, \
             count(distinct case when r.at < $1 then r.id end) as month_before, \
             count(distinct case when r.at >= $1 and {night} then r.id end) as at_night \
             from reads r left join read_subjects s on s.read = r.id \
             where r.at >= $2 and {who} is not null group by {who} \
             having count(case when r.at >= $1 then 1 end) > 0 order by {who} limit 1000"
        )
    };
    let mut both = Vec::new();
    for sql in [of("r.actor", "s.subject"), of("s.subject", "r.actor")] {
        let rows: Vec<HabitRow> = tx.all_built(sql, values![day, day - 30 * DAY]).await?;
        let habits = rows.into_iter().map(|row| Habit {
            who: row.who,
            last_day: row.last_day,
            different: row.different,
            month_before: row.month_before,
            at_night: row.at_night,
        });
        both.push(habits.collect());
    }
    let people = both.pop().unwrap_or_default();
    Ok((both.pop().unwrap_or_default(), people))
}

/// Looks behind an entry with the hash that the journal has of each.
pub(super) async fn after(
    tx: &mut Tx,
    entry: i64,
    limit: i64,
) -> Result<Vec<(Read, Option<Vec<u8>>)>> {
    let sql = format!("{READS} where r.entry > $1 order by r.entry limit {limit}");
    let rows: Vec<Row> = tx.all_built(sql, values![entry]).await?;
    let mut found = Vec::new();
    for row in rows {
        let mut read = Read::try_from(row)?;
        let sql = "select subject from read_subjects where read = $1 order by subject";
        let subjects = tx.all::<(String,)>(sql, values![read.id]).await?;
        read.subjects = subjects.into_iter().map(|(subject,)| subject).collect();
        let sql = "select content_hash from sealed_records where seq = $1 \
                   and record_kind = 'read' and record_id = $2";
        let hash = tx.find::<(Vec<u8>,)>(sql, values![read.entry, read.id]).await?;
        found.push((read, hash.map(|(hash,)| hash)));
    }
    Ok(found)
}

/// Entries whose looks are gone.
pub(super) async fn missing(tx: &mut Tx) -> Result<Vec<(i64,)>> {
    let sql = "select e.seq from sealed_records e left join reads r on r.entry = e.seq \
               where e.record_kind = 'read' and r.entry is null order by 1 limit 100";
    tx.all(sql, values![]).await
}
