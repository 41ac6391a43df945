//! The SQL of consents.

use base::rights::Scope;
use base::{Cursor, Error, Moment, Page, Result};
use store::{Tx, Value, values, within};
use territory::UnitId;

use super::model::{State, Version};
use crate::Channel;
use crate::rights::BELONGS;

const COLUMNS: &str = "v.id, v.version, v.purpose, v.text_version, v.lang, v.text_hash, v.channel, \
    v.state, v.at, v.actor, v.given_at, v.withdrawn_at, v.withdrawn_by, v.facts, v.made_up, \
    v.unit, v.entry";
const STANDS: &str =
    "not exists (select 1 from consent_versions w where w.id = v.id and w.version > v.version)";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    version: i64,
    purpose: String,
    text_version: i64,
    lang: String,
    text_hash: Vec<u8>,
    channel: String,
    state: String,
    at: i64,
    actor: String,
    given_at: i64,
    withdrawn_at: Option<i64>,
    withdrawn_by: String,
    facts: Vec<u8>,
    made_up: i64,
    unit: Option<i64>,
    entry: i64,
}

impl TryFrom<Row> for Version {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = || Error::internal("a consent that cannot be read");
        Ok(Self {
            id: row.id,
            version: row.version,
            purpose: row.purpose,
            text_version: row.text_version,
            lang: row.lang,
            text_hash: row.text_hash,
            channel: Channel::find(&row.channel).ok_or_else(damaged)?,
            state: State::find(&row.state).ok_or_else(damaged)?,
            at: Moment(row.at),
            actor: row.actor,
            given_at: Moment(row.given_at),
            withdrawn_at: row.withdrawn_at.map(Moment),
            withdrawn_by: Channel::find(&row.withdrawn_by),
            facts: row.facts,
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
    let sql = "insert into consent_versions (id, version, purpose, text_version, lang, text_hash, \
               channel, state, at, actor, given_at, withdrawn_at, withdrawn_by, facts, made_up, \
               unit, entry) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let values = values![
        &it.id,
        it.version,
        &it.purpose,
        it.text_version,
        &it.lang,
        it.text_hash.clone(),
        it.channel.as_str(),
        it.state.as_str(),
        it.at,
        &it.actor,
        it.given_at,
        it.withdrawn_at,
        it.withdrawn_by.map_or("", Channel::as_str),
        it.facts.clone(),
        i64::from(it.made_up),
        Value::Int(it.unit.map(|unit| unit.0)),
        it.entry
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// A consent as it stands.
pub(crate) async fn find(tx: &mut Tx, id: &str) -> Result<Option<Version>> {
    let sql = format!("select {COLUMNS} from consent_versions v where v.id = $1 and {STANDS}");
    Ok(read(tx.all_built(sql, values![id]).await?)?.into_iter().next())
}

/// A page of the consents of the desks within a scope, what was given or withdrawn last first.
pub(crate) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    cursor: Option<&str>,
    size: i64,
) -> Result<Page<Version>> {
    let after = cursor.map(Cursor::decode::<(i64, String)>).transpose()?;
    let (at, id) = after.unwrap_or((i64::MAX, String::new()));
    let mut values: Vec<Value> = values![at, id, size + 1];
    let reached = within(scope, BELONGS, "", &mut values);
    let sql = format!(
        "select {COLUMNS} from consent_versions v where {STANDS} and {reached} and (v.at < $1 or \
         (v.at = $1 and v.id > $2)) order by v.at desc, v.id limit $3"
    );
    let items = read(tx.all_built(sql, values).await?)?;
    let size = usize::try_from(size).unwrap_or_default();
    Ok(Page::cut(items, size, |it| (it.at.0, it.id.clone())))
}

/// Consents that were withdrawn before an instant and still have personal data, at most so many.
pub(crate) async fn withdrawn_before(tx: &mut Tx, at: Moment, most: i64) -> Result<Vec<Version>> {
    let sql = format!(
        "select {COLUMNS} from consent_versions v where v.state = 'withdrawn' \
         and v.withdrawn_at < $1 and {STANDS} order by v.withdrawn_at, v.id limit $2"
    );
    read(tx.all_built(sql, values![at, most]).await?)
}

/// Versions after one, in their order.
pub(crate) async fn versions_after(
    tx: &mut Tx,
    (id, version): (&str, i64),
    most: i64,
) -> Result<Vec<Version>> {
    let sql = format!(
        "select {COLUMNS} from consent_versions v where v.id > $1 or (v.id = $1 and v.version > $2) \
         order by v.id, v.version limit $3"
    );
    read(tx.all_built(sql, values![id, version, most]).await?)
}
