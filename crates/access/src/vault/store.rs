//! The SQL of the vault: which keys sealed something, and what they sealed.

use base::{Moment, Result};
use store::{Tx, values};

use super::columns::Column;

/// The name of a field in a table of one; PostgreSQL does not sort by a bare constant.
const NO_NAME: &str = "cast('' as text)";

/// A key that sealed something.
#[derive(sqlx::FromRow)]
pub(super) struct Noted {
    pub(super) id: i64,
    /// What tells it from others.
    pub(super) mark: Vec<u8>,
    /// Empty while it is in use.
    pub(super) ended: String,
}

/// A sealed field and where it stands.
#[derive(sqlx::FromRow)]
pub(super) struct Field {
    pub(super) row: String,
    /// The column's name of its place, where one table holds many; else empty.
    pub(super) name: String,
    pub(super) sealed: Vec<u8>,
}

pub(super) async fn note(tx: &mut Tx, id: i64, mark: &[u8; 32], now: Moment) -> Result<()> {
    let sql = "insert into vault_keys (id, mark, noted_at) values ($1, $2, $3) \
               on conflict (id) do nothing";
    tx.run(sql, values![id, *mark, now]).await?;
    Ok(())
}

pub(super) async fn noted(tx: &mut Tx) -> Result<Vec<Noted>> {
    tx.all("select id, mark, ended from vault_keys order by id", values![]).await
}

pub(super) async fn is_over(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "select ended from vault_keys where id = $1";
    let ended: Option<(String,)> = tx.find(sql, values![id]).await?;
    Ok(ended.is_some_and(|(ended,)| !ended.is_empty()))
}

pub(super) async fn end(tx: &mut Tx, id: i64, over: &str, now: Moment) -> Result<()> {
    let sql = "update vault_keys set ended = $2, ended_at = $3 where id = $1 and ended = ''";
    tx.run(sql, values![id, over, now]).await?;
    Ok(())
}

/// How many fields of a column begin alike: as those that one key sealed.
pub(super) async fn heads(tx: &mut Tx, column: &Column) -> Result<Vec<(Vec<u8>, i64)>> {
    let Column { table, sealed, rows, .. } = column;
    let sql = format!(
        "select substr({sealed}, 1, 5), count(*) from {table} \
         where {sealed} is not null and {rows} group by substr({sealed}, 1, 5)"
    );
    tx.all_built(sql, values![]).await
}

/// The next fields behind this one that begin so, in the order of their place.
pub(super) async fn fields(
    tx: &mut Tx,
    column: &Column,
    head: &[u8],
    (row, name): (&str, &str),
    limit: i64,
) -> Result<Vec<Field>> {
    let Column { table, sealed, row: id, rows, .. } = column;
    let field = column.name.unwrap_or(NO_NAME);
    let sql = format!(
        "select {id} as row, {field} as name, {sealed} as sealed from {table} \
         where {rows} and substr({sealed}, 1, 5) = $1 and ({id} > $2 or ({id} = $2 and {field} > $3)) \
         order by {id}, {field} limit $4"
    );
    tx.all_built(sql, values![head, row, name, limit]).await
}

/// Puts a field in the place of what was sealed before, if that is what still stands there.
pub(super) async fn replace(
    tx: &mut Tx,
    column: &Column,
    before: &Field,
    after: Vec<u8>,
) -> Result<bool> {
    let Column { table, sealed, row: id, .. } = column;
    let field = column.name.unwrap_or(NO_NAME);
    let sql = format!(
        "update {table} set {sealed} = $4 where {id} = $1 and {field} = $2 and {sealed} = $3"
    );
    let values = values![&before.row, &before.name, &before.sealed[..], after];
    Ok(tx.run_built(sql, values).await? > 0)
}
