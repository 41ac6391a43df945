//! The SQL of requests.

use base::rights::Scope;
use base::{Cursor, Day, Error, Moment, Page, Result};
use store::{Tx, Value, values, within};
use territory::UnitId;

use super::model::{How, Identity, Outcome, Standing, State, StepKind, Version};
use crate::Channel;
use crate::rights::BELONGS;

const COLUMNS: &str = "v.id, v.version, v.year, v.number, v.kind, v.channel, v.step, v.state, v.at, \
    v.actor, v.received_at, v.answer_due, v.complete_due, v.identity, v.identity_how, \
    v.answered_at, v.extensions, v.outcome, v.law, v.closed_at, v.facts, v.words, v.made_up, \
    v.unit, v.entry";
const STANDS: &str =
    "not exists (select 1 from request_versions w where w.id = v.id and w.version > v.version)";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    version: i64,
    year: i64,
    number: i64,
    kind: String,
    channel: String,
    step: String,
    state: String,
    at: i64,
    actor: String,
    received_at: i64,
    answer_due: Option<i64>,
    complete_due: Option<i64>,
    identity: String,
    identity_how: String,
    answered_at: Option<i64>,
    extensions: i64,
    outcome: String,
    law: String,
    closed_at: Option<i64>,
    facts: Vec<u8>,
    words: Vec<u8>,
    made_up: i64,
    unit: Option<i64>,
    entry: i64,
}

impl TryFrom<Row> for Version {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = || Error::internal("a request that cannot be read");
        let day = |day: Option<i64>| {
            day.map(|day| i32::try_from(day).map(Day).map_err(Error::internal)).transpose()
        };
        let standing = Standing {
            state: State::find(&row.state).ok_or_else(damaged)?,
            identity: Identity::find(&row.identity).ok_or_else(damaged)?,
            how: How::find(&row.identity_how),
            answer_due: day(row.answer_due)?,
            complete_due: day(row.complete_due)?,
            answered_at: row.answered_at.map(Moment),
            extensions: row.extensions,
            outcome: Outcome::find(&row.outcome),
            closed_at: row.closed_at.map(Moment),
        };
        Ok(Self {
            id: row.id,
            version: row.version,
            year: row.year,
            number: row.number,
            kind: row.kind,
            channel: Channel::find(&row.channel).ok_or_else(damaged)?,
            step: StepKind::find(&row.step).ok_or_else(damaged)?,
            at: Moment(row.at),
            actor: row.actor,
            received_at: Moment(row.received_at),
            standing,
            law: row.law,
            facts: row.facts,
            words: row.words,
            made_up: row.made_up != 0,
            unit: row.unit.map(UnitId),
            entry: row.entry,
        })
    }
}

fn read(rows: Vec<Row>) -> Result<Vec<Version>> {
    rows.into_iter().map(Version::try_from).collect()
}

pub(super) async fn insert(tx: &mut Tx, it: &Version) -> Result<()> {
    let sql = "insert into request_versions (id, version, year, number, kind, channel, step, state, \
               at, actor, received_at, answer_due, complete_due, next_due, identity, identity_how, \
               answered_at, extensions, outcome, law, closed_at, facts, words, made_up, unit, \
               entry) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
               $18, $19, $20, $21, $22, $23, $24, $25, $26)";
    let standing = &it.standing;
    let values = values![
        &it.id,
        it.version,
        it.year,
        it.number,
        &it.kind,
        it.channel.as_str(),
        it.step.as_str(),
        standing.state.as_str(),
        it.at,
        &it.actor,
        it.received_at,
        standing.answer_due,
        standing.complete_due,
        standing.next_due(),
        standing.identity.as_str(),
        standing.how.map_or("", How::as_str),
        standing.answered_at,
        standing.extensions,
        standing.outcome.map_or("", Outcome::as_str),
        &it.law,
        standing.closed_at,
        it.facts.clone(),
        it.words.clone(),
        i64::from(it.made_up),
        Value::Int(it.unit.map(|unit| unit.0)),
        it.entry
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// The number that the next request of a year gets. Whoever asks holds the journal's lock.
pub(super) async fn next_number(tx: &mut Tx, year: i64) -> Result<i64> {
    let sql = "select coalesce(max(number), 0) + 1 from request_versions where year = $1";
    Ok(tx.one::<(i64,)>(sql, values![year]).await?.0)
}

/// A request as it stands.
pub(crate) async fn find(tx: &mut Tx, id: &str) -> Result<Option<Version>> {
    let sql = format!("select {COLUMNS} from request_versions v where v.id = $1 and {STANDS}");
    Ok(read(tx.all_built(sql, values![id]).await?)?.into_iter().next())
}

/// All versions of a request, the first one first.
pub(crate) async fn history(tx: &mut Tx, id: &str) -> Result<Vec<Version>> {
    let sql =
        format!("select {COLUMNS} from request_versions v where v.id = $1 order by v.version");
    read(tx.all_built(sql, values![id]).await?)
}

/// These requests as they stand.
pub(crate) async fn of_records(tx: &mut Tx, ids: &[String]) -> Result<Vec<Version>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(find(tx, id).await?);
    }
    Ok(found)
}

/// Which requests are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Those that wait for somebody: what is late, or not known, comes first.
    Open,
    /// Those that do not, by number.
    Closed,
}

/// A page of the requests of the desks within a scope.
pub(crate) async fn list(
    tx: &mut Tx,
    filter: Filter,
    scope: &Scope,
    cursor: Option<&str>,
    size: i64,
) -> Result<Page<Version>> {
    let after = cursor.map(Cursor::decode::<(i64, String)>).transpose()?;
    let (states, key, order) = match filter {
        Filter::Open => ("('received', 'answered', 'decided')", "coalesce(v.next_due, -1)", ">"),
        Filter::Closed => ("('closed', 'erased')", "coalesce(v.closed_at, 0)", "<"),
    };
    let way = if order == ">" { "asc" } else { "desc" };
    let begin = if order == ">" { i64::MIN } else { i64::MAX };
    let (due, id) = after.unwrap_or((begin, String::new()));
    let mut values: Vec<Value> = values![due, id, size + 1];
    let reached = within(scope, BELONGS, "", &mut values);
    let sql = format!(
        "select {COLUMNS} from request_versions v where v.state in {states} and {STANDS} \
         and {reached} and ({key} {order} $1 or ({key} = $1 and v.id > $2)) \
         order by {key} {way}, v.id limit $3"
    );
    let items = read(tx.all_built(sql, values).await?)?;
    let key = |it: &Version| match filter {
        Filter::Open => it.standing.next_due().map_or(-1, |day| i64::from(day.0)),
        Filter::Closed => it.standing.closed_at.map_or(0, |at| at.0),
    };
    Ok(Page::cut(items, usize::try_from(size).unwrap_or_default(), |it| (key(it), it.id.clone())))
}

/// Whether there is any request.
///
/// Errors: `Unavailable`.
pub async fn is_begun(tx: &mut Tx) -> Result<bool> {
    let sql = "select id from request_versions limit 1";
    Ok(tx.find::<(String,)>(sql, values![]).await?.is_some())
}

/// How many at the desks within a scope wait for somebody, and how many of them are late on a day.
pub(crate) async fn counts(tx: &mut Tx, scope: &Scope, today: Day) -> Result<(i64, i64)> {
    let mut values: Vec<Value> = values![today];
    let reached = within(scope, BELONGS, "", &mut values);
    let sql = format!(
        "select count(*), coalesce(sum(case when v.next_due < $1 then 1 else 0 end), 0) \
         from request_versions v where v.state in ('received', 'answered', 'decided') and {STANDS} \
         and {reached}"
    );
    let rows: Vec<(i64, i64)> = tx.all_built(sql, values).await?;
    Ok(rows.first().copied().unwrap_or_default())
}

/// Requests that were closed before an instant and still have personal data, at most so many.
pub(crate) async fn closed_before(tx: &mut Tx, at: Moment, most: i64) -> Result<Vec<Version>> {
    let sql = format!(
        "select {COLUMNS} from request_versions v where v.state = 'closed' and v.closed_at < $1 \
         and {STANDS} order by v.closed_at, v.id limit $2"
    );
    read(tx.all_built(sql, values![at, most]).await?)
}

/// Those of these records that are open requests.
pub(crate) async fn is_any_open(tx: &mut Tx, ids: &[String]) -> Result<bool> {
    let found = of_records(tx, ids).await?;
    Ok(found.iter().any(|it| it.standing.state.is_open()))
}

/// Versions after one, in their order.
pub(crate) async fn versions_after(
    tx: &mut Tx,
    (id, version): (&str, i64),
    most: i64,
) -> Result<Vec<Version>> {
    let sql = format!(
        "select {COLUMNS} from request_versions v where v.id > $1 or (v.id = $1 and v.version > $2) \
         order by v.id, v.version limit $3"
    );
    read(tx.all_built(sql, values![id, version, most]).await?)
}
