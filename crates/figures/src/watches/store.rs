//! The SQL of watches.

use std::collections::HashMap;

use base::{Day, Error, Id, Moment, Result};
use store::{Tx, bulk_insert, values};
use territory::UnitId;

use super::model::{Change, State, Subject, Topic};

/// What was looked at when somebody looked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Head {
    /// So many entries; -1 before the first time.
    pub(crate) entries: i64,
    pub(crate) looked_on: i64,
    pub(crate) definitions: i64,
    pub(crate) territory: i64,
    pub(crate) began_at: i64,
    pub(crate) next_seq: i64,
}

/// Somebody who gave an address.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Watcher {
    pub(crate) id: String,
    pub(crate) lang: String,
    pub(crate) token: String,
    pub(crate) asked: i64,
    pub(crate) asked_since: i64,
}

/// A watch of somebody.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct WatchRow {
    pub(crate) id: String,
    pub(crate) watcher: String,
    pub(crate) kind: String,
    pub(crate) code: String,
    pub(crate) unit: i64,
    pub(crate) confirmed_at: Option<i64>,
}

impl WatchRow {
    pub(crate) fn subject(&self) -> Option<Subject> {
        let topic = Topic::of(&self.kind, &self.code)?;
        Some(Subject { topic, unit: UnitId(self.unit) })
    }
}

/// A watch to which a letter goes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Told {
    pub(crate) watch: String,
    pub(crate) lang: String,
    pub(crate) token: String,
}

/// A change as it was written.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ChangeRow {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) code: String,
    pub(crate) unit: i64,
    pub(crate) told_at: i64,
    pub(crate) told_on: i64,
    pub(crate) made_up: i64,
    pub(crate) change: String,
}

/// Makes others who ask for letters or end watches wait until this transaction ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    tx.run("update revisions set number = number + 1 where name = 'watches'", values![]).await?;
    Ok(())
}

pub(crate) async fn head(tx: &mut Tx) -> Result<Head> {
    let sql = "select entries, looked_on, definitions, territory, began_at, next_seq \
               from watch_head where id = 1";
    tx.one(sql, values![]).await
}

/// Moves the head on, unless somebody else did since it was read.
pub(crate) async fn move_head(tx: &mut Tx, from: &Head, to: &Head) -> Result<bool> {
    let sql = "update watch_head set entries = $1, looked_on = $2, definitions = $3, \
               territory = $4, began_at = $5, next_seq = $6 \
               where id = 1 and entries = $7 and looked_on = $8 and next_seq = $9";
    let moved = tx.run(
        sql,
        values![
            to.entries,
            to.looked_on,
            to.definitions,
            to.territory,
            to.began_at,
            to.next_seq,
            from.entries,
            from.looked_on,
            from.next_seq
        ],
    );
    Ok(moved.await? == 1)
}

pub(crate) async fn set_next_seq(tx: &mut Tx, next_seq: i64) -> Result<()> {
    tx.run("update watch_head set next_seq = $1 where id = 1", values![next_seq]).await?;
    Ok(())
}

/// How the units stood with a topic; a state that this program cannot read is as none.
pub(crate) async fn states(tx: &mut Tx, topic: &Topic) -> Result<HashMap<UnitId, State>> {
    let sql = "select unit, state from watch_states where kind = $1 and code = $2";
    let rows: Vec<(i64, String)> = tx.all(sql, values![topic.kind(), topic.code()]).await?;
    let read =
        |(unit, state): (i64, String)| Some((UnitId(unit), serde_json::from_str(&state).ok()?));
    Ok(rows.into_iter().filter_map(read).collect())
}

pub(crate) async fn save_state(tx: &mut Tx, subject: &Subject, state: &State) -> Result<()> {
    let state = serde_json::to_string(state).map_err(Error::internal)?;
    let Subject { topic, unit } = subject;
    tx.run(
        "insert into watch_states (kind, code, unit, state) values ($1, $2, $3, $4) \
         on conflict (kind, code, unit) do update set state = excluded.state",
        values![topic.kind(), topic.code(), unit.0, state],
    )
    .await?;
    Ok(())
}

/// Writes how units stand of which nothing was known.
pub(crate) async fn insert_states(tx: &mut Tx, new: &[(Subject, State)]) -> Result<()> {
    let mut rows = Vec::with_capacity(new.len());
    for (Subject { topic, unit }, state) in new {
        let state = serde_json::to_string(state).map_err(Error::internal)?;
        rows.push(values![topic.kind(), topic.code(), unit.0, state]);
    }
    bulk_insert(tx, "insert into watch_states (kind, code, unit, state)", 4, rows).await?;
    Ok(())
}

pub(crate) async fn insert_change(
    tx: &mut Tx,
    (seq, id): (i64, Id),
    subject: &Subject,
    (at, on, made_up): (Moment, Day, bool),
    change: &Change,
) -> Result<()> {
    let change = serde_json::to_string(change).map_err(Error::internal)?;
    let Subject { topic, unit } = subject;
    let made_up = i64::from(made_up);
    tx.run(
        "insert into watch_changes (seq, id, kind, code, unit, told_at, told_on, made_up, change) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        values![seq, id, topic.kind(), topic.code(), unit.0, at, on, made_up, change],
    )
    .await?;
    Ok(())
}

/// Whoever is to be told of a subject.
pub(crate) async fn watchers_of(tx: &mut Tx, subject: &Subject) -> Result<Vec<Told>> {
    let sql = "select w.id as watch, s.lang, s.token from watches w \
               join watchers s on s.id = w.watcher \
               where w.kind = $1 and w.code = $2 and w.unit = $3 and w.confirmed_at is not null \
               order by w.id";
    let Subject { topic, unit } = subject;
    tx.all(sql, values![topic.kind(), topic.code(), unit.0]).await
}

/// The codes of a kind that somebody watches; the first thousand.
pub(crate) async fn watched(tx: &mut Tx, kind: &str) -> Result<Vec<(String,)>> {
    let sql = "select distinct code from watches where kind = $1 and confirmed_at is not null \
               order by code limit 1000";
    tx.all(sql, values![kind]).await
}

/// Changes before a number, the newest first: of one topic, of one unit, of everything.
pub(crate) async fn changes(
    tx: &mut Tx,
    topic: Option<&Topic>,
    unit: Option<UnitId>,
    (before, limit): (i64, i64),
) -> Result<Vec<ChangeRow>> {
    let mut sql = "select seq, id, kind, code, unit, told_at, told_on, made_up, change \
                   from watch_changes where seq < $1"
        .to_owned();
    let mut values = values![before];
    if let Some(topic) = topic {
        sql.push_str(" and kind = $2 and code = $3");
        values.extend(values![topic.kind(), topic.code()]);
    }
    if let Some(unit) = unit {
        sql.push_str(&format!(" and unit = ${}", values.len() + 1));
        values.extend(values![unit.0]);
    }
    sql.push_str(&format!(" order by seq desc limit ${}", values.len() + 1));
    values.extend(values![limit]);
    tx.all_built(sql, values).await
}

pub(crate) async fn find_watcher(tx: &mut Tx, address: &str) -> Result<Option<Watcher>> {
    let sql = "select id, lang, token, asked, asked_since from watchers where address = $1";
    tx.find(sql, values![address]).await
}

pub(crate) async fn find_by_token(tx: &mut Tx, token: &str) -> Result<Option<Watcher>> {
    let sql = "select id, lang, token, asked, asked_since from watchers where token = $1";
    tx.find(sql, values![token]).await
}

pub(crate) async fn find_by_id(tx: &mut Tx, id: &str) -> Result<Option<Watcher>> {
    let sql = "select id, lang, token, asked, asked_since from watchers where id = $1";
    tx.find(sql, values![id]).await
}

pub(crate) async fn insert_watcher(
    tx: &mut Tx,
    watcher: &Watcher,
    address: &str,
    now: Moment,
) -> Result<()> {
    tx.run(
        "insert into watchers (id, address, lang, token, made_at, asked, asked_since) \
         values ($1, $2, $3, $4, $5, 0, $5)",
        values![&watcher.id, address, &watcher.lang, &watcher.token, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_asked(tx: &mut Tx, id: &str, asked: i64, since: Moment) -> Result<()> {
    let sql = "update watchers set asked = $1, asked_since = $2 where id = $3";
    tx.run(sql, values![asked, since, id]).await?;
    Ok(())
}

pub(crate) async fn set_lang(tx: &mut Tx, id: &str, lang: &str) -> Result<()> {
    tx.run("update watchers set lang = $1 where id = $2", values![lang, id]).await?;
    Ok(())
}

const WATCH: &str = "select id, watcher, kind, code, unit, confirmed_at from watches where ";

/// The watches of somebody, the first confirmed first; those that wait at the end.
pub(crate) async fn watches_of(tx: &mut Tx, watcher: &str) -> Result<Vec<WatchRow>> {
    let sql = format!("{WATCH} watcher = $1 order by coalesce(confirmed_at, $2), id limit 100");
    tx.all_built(sql, values![watcher, i64::MAX]).await
}

/// A watch that waits for its confirmation and was asked for after an instant.
pub(crate) async fn find_pending(
    tx: &mut Tx,
    confirm: [u8; 32],
    since: Moment,
) -> Result<Option<WatchRow>> {
    let sql = format!("{WATCH} confirm = $1 and confirmed_at is null and asked_at > $2");
    Ok(tx.all_built(sql, values![confirm, since]).await?.pop())
}

pub(crate) async fn insert_watch(
    tx: &mut Tx,
    (id, watcher): (&str, &str),
    subject: &Subject,
    confirm: [u8; 32],
    now: Moment,
) -> Result<()> {
    let Subject { topic, unit } = subject;
    tx.run(
        "insert into watches (id, watcher, kind, code, unit, confirm, asked_at, confirmed_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![id, watcher, topic.kind(), topic.code(), unit.0, confirm, now, None::<i64>],
    )
    .await?;
    Ok(())
}

/// A further token takes the place of the one before.
pub(crate) async fn ask_again(tx: &mut Tx, id: &str, confirm: [u8; 32], now: Moment) -> Result<()> {
    let sql = "update watches set confirm = $1, asked_at = $2 where id = $3";
    tx.run(sql, values![confirm, now, id]).await?;
    Ok(())
}

pub(crate) async fn confirm(tx: &mut Tx, id: &str, now: Moment) -> Result<()> {
    let sql = "update watches set confirmed_at = $1, confirm = $2 where id = $3";
    tx.run(sql, values![now, Vec::<u8>::new(), id]).await?;
    Ok(())
}

pub(crate) async fn delete_watch(tx: &mut Tx, id: &str) -> Result<()> {
    tx.run("delete from watches where id = $1", values![id]).await?;
    Ok(())
}

/// Whose time to confirm is over.
pub(crate) async fn overdue(tx: &mut Tx, before: Moment) -> Result<Vec<(String,)>> {
    let sql = "select id from watches where confirmed_at is null and asked_at < $1 limit 1000";
    tx.all(sql, values![before]).await
}

/// Addresses without a watch are forgotten.
pub(crate) async fn delete_idle_watchers(tx: &mut Tx) -> Result<u64> {
    let sql = "delete from watchers where not exists \
               (select 1 from watches where watches.watcher = watchers.id)";
    tx.run(sql, values![]).await
}

/// The address to which the letters of a watch go.
pub(crate) async fn address_of(tx: &mut Tx, watch: &str) -> Result<Option<String>> {
    let sql = "select s.address from watches w join watchers s on s.id = w.watcher where w.id = $1";
    Ok(tx.find::<(String,)>(sql, values![watch]).await?.map(|(address,)| address))
}
