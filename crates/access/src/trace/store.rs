//! The SQL of the trace.

use base::{Error, Moment, Result};
use store::{Tx, Value, Values, bulk_insert, values};
use territory::UnitId;

use super::model::{Erasure, Form, Read, Reading, SealedWords};
use super::rules::{Habit, ORDINARY, ORDINARY_KIND};
use super::verify::Found;

const READS: &str = "select r.id, r.at, r.actor, r.act, r.record_kind, r.record, r.unit, r.purpose, \
                     r.words, r.shown, r.salt, r.form, r.facts, r.erasure, r.entry from reads r";

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
    form: i64,
    facts: Vec<u8>,
    erasure: Option<String>,
    entry: i64,
}

impl TryFrom<Row> for Read {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let damaged = || Error::internal("the trace is damaged");
        Ok(Self {
            id: row.id.parse().map_err(|_| damaged())?,
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
            form: Form::find(row.form).ok_or_else(damaged)?,
            facts: row.facts,
            erasure: row.erasure,
            entry: row.entry,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, read: &Read) -> Result<()> {
    let sql = "insert into reads (id, at, actor, act, record_kind, record, unit, purpose, \
               words, shown, salt, form, facts, entry) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let mut values = values![read.id, read.at, &read.actor, &read.act, &read.record_kind];
    values.extend(values![
        &read.record,
        Value::Int(read.unit.map(|unit| unit.0)),
        &read.purpose,
        &read.words
    ]);
    values.extend(values![read.shown, &read.salt[..], read.form.number(), &read.facts[..]]);
    values.extend(values![read.entry]);
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
    let ordinary: Vec<&str> = ORDINARY.iter().map(|act| act.as_str()).collect();
    let is_told = format!(
        "r.act not in ('{}') and r.record_kind <> '{ORDINARY_KIND}'",
        ordinary.join("', '")
    );
    let of = |who: &str, different: &str| {
        format!(
            "select {who} as who, count(distinct case when r.at >= $1 then r.id end) as last_day, \
             count(distinct case when r.at >= $1 then {different} end) as different, \
             count(distinct case when r.at < $1 then r.id end) as month_before, \
             count(distinct case when r.at >= $1 and {night} then r.id end) as at_night \
             from reads r left join read_subjects s on s.read = r.id \
             where r.at >= $2 and {is_told} and {who} is not null group by {who} \
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

/// Looks behind an entry, with what the journal has of each.
pub(super) async fn after(tx: &mut Tx, entry: i64, limit: i64) -> Result<Vec<Found>> {
    let sql = format!("{READS} where r.entry > $1 order by r.entry limit {limit}");
    let rows: Vec<Row> = tx.all_built(sql, values![entry]).await?;
    let mut found = Vec::new();
    for row in rows {
        let mut read = Read::try_from(row)?;
        let sql = "select subject from read_subjects where read = $1 order by subject";
        let subjects = tx.all::<(String,)>(sql, values![read.id]).await?;
        read.subjects = subjects.into_iter().map(|(subject,)| subject).collect();
        let id = read.id.to_string();
        let sealed = sealed(tx, read.entry, ("read", &id)).await?;
        let words = sealed_words(tx, &id).await?;
        let reading = match words.as_ref().and_then(|words| words.reading.as_ref()) {
            Some(reading) => {
                self::sealed(tx, reading.entry, ("subject_reading", &reading.id)).await?
            }
            None => None,
        };
        found.push(Found { read, sealed, words, reading });
    }
    Ok(found)
}

/// The hash that an entry keeps of a record.
async fn sealed(tx: &mut Tx, entry: i64, (kind, id): (&str, &str)) -> Result<Option<Vec<u8>>> {
    let sql = "select content_hash from sealed_records where seq = $1 and record_kind = $2 \
               and record_id = $3";
    Ok(tx.find::<(Vec<u8>,)>(sql, values![entry, kind, id]).await?.map(|(hash,)| hash))
}

/// Entries whose looks are gone.
pub(super) async fn missing(tx: &mut Tx) -> Result<Vec<(i64,)>> {
    let sql = "select e.seq from sealed_records e left join reads r on r.entry = e.seq \
               left join read_words w on w.entry = e.seq left join read_erasures d on d.entry = e.seq \
               where (e.record_kind = 'read' and r.entry is null) \
               or (e.record_kind = 'subject_reading' and w.entry is null) \
               or (e.record_kind = 'read_erasure' and d.entry is null) order by 1 limit 100";
    tx.all(sql, values![]).await
}

pub(super) async fn insert_words(tx: &mut Tx, words: &SealedWords) -> Result<()> {
    let sql = "insert into read_words (read, sealed, facts) values ($1, $2, $3)";
    let sealed = Value::Bytes(words.sealed.clone());
    tx.run(sql, values![&words.read, sealed, &words.facts[..]]).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct WordsRow {
    sealed: Option<Vec<u8>>,
    facts: Vec<u8>,
    reading: Option<String>,
    at: Option<i64>,
    entry: Option<i64>,
}

/// The words in the vault that belong to a look.
pub(super) async fn sealed_words(tx: &mut Tx, read: &str) -> Result<Option<SealedWords>> {
    let sql = "select sealed, facts, reading, at, entry from read_words where read = $1";
    let row: Option<WordsRow> = tx.find(sql, values![read]).await?;
    Ok(row.map(|row| {
        let reading = row.reading.zip(row.at).zip(row.entry);
        let reading = reading.map(|((id, at), entry)| Reading { id, at, entry });
        SealedWords { read: read.to_owned(), sealed: row.sealed, facts: row.facts, reading }
    }))
}

/// How many looks are older than an instant and not erased, and the entry of the last of them.
pub(super) async fn unerased_before(tx: &mut Tx, before: Moment) -> Result<(i64, i64)> {
    let sql = "select count(*), coalesce(max(entry), 0) from reads \
               where at < $1 and erasure is null";
    tx.one(sql, values![before]).await
}

/// Takes record, people and words of the looks of an erasure away.
pub(super) async fn erase(tx: &mut Tx, erasure: &Erasure) -> Result<()> {
    let Erasure { id, at, actor, before, last_entry, amount, entry } = erasure;
    let sql = "insert into read_erasures (id, at, actor, before, last_entry, amount, entry) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    let values = values![id, *at, actor, *before, *last_entry, *amount, *entry];
    tx.run(sql, values).await?;
    let sql = "update reads set record = '', words = '', salt = $3, erasure = $1 \
               where at < $2 and erasure is null";
    tx.run(sql, values![id, *before, &b""[..]]).await?;
    let of = "in (select r.id from reads r where r.erasure = $1)";
    tx.run_built(format!("delete from read_subjects where read {of}"), values![id]).await?;
    let sql = format!("update read_words set sealed = null where read {of}");
    tx.run_built(sql, values![id]).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ErasureRow {
    id: String,
    at: i64,
    actor: String,
    before: i64,
    last_entry: i64,
    amount: i64,
    entry: i64,
}

/// All erasures, with the hash in the entry of each.
pub(super) async fn erasures(tx: &mut Tx) -> Result<Vec<(Erasure, Option<Vec<u8>>)>> {
    let sql =
        "select id, at, actor, before, last_entry, amount, entry from read_erasures order by id";
    let rows: Vec<ErasureRow> = tx.all(sql, values![]).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let ErasureRow { id, at, actor, before, last_entry, amount, entry } = row;
        let sealed = sealed(tx, entry, ("read_erasure", &id)).await?;
        found.push((Erasure { id, at, actor, before, last_entry, amount, entry }, sealed));
    }
    Ok(found)
}

/// Whether an account was noted as having seen this since a moment.
pub(super) async fn is_noted(
    tx: &mut Tx,
    actor: &str,
    (act, kind, record): (&str, &str, &str),
    since: Moment,
) -> Result<bool> {
    let sql = "select id from reads where at >= $1 and actor = $2 and act = $3 \
               and record_kind = $4 and record = $5 limit 1";
    let values = values![since, actor, act, kind, record];
    Ok(tx.find::<(String,)>(sql, values).await?.is_some())
}
