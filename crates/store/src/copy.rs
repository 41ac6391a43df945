//! All rows of a database, from either engine into either engine.

use std::sync::Arc;

use base::{Error, Progress, Result};
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, Type};

use crate::bulk::Bulk;
use crate::schema::{Column, ColumnKind, Table, tables};
use crate::transaction::Inner;
use crate::{Engine, Tx, Value, error};

/// So many rows are read before whoever watches is told.
const ROWS_A_STEP: u64 = 1_000;

/// What a table holds, in a few bytes: the same rows give the same sum on either engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    /// The table.
    pub(crate) table: String,
    /// How many rows it has.
    pub(crate) rows: u64,
    /// SHA-256 over its rows in the order of its key.
    pub(crate) hash: Vec<u8>,
}

/// Puts the rows of these tables in the place of those that are there, table by table in this
/// order, and reads them again. Memory: a statement's rows at a time.
///
/// Errors: `Internal` when a table is another on the other side, or holds something else afterwards.
pub(crate) async fn copy(
    from: &mut Tx,
    to: &mut Tx,
    these: &[Table],
    progress: &Arc<dyn Progress>,
) -> Result<Vec<Sum>> {
    let total = count(from, these).await?;
    let deferred = defer_references(to, these).await?;
    for table in these.iter().rev() {
        to.run_built(format!("delete from {}", quoted(&table.name)), Vec::new()).await?;
    }
    to.watch(progress.clone());
    progress.begin(lang::cli::copying, total);
    let mut sums = Vec::with_capacity(these.len());
    for table in these {
        sums.push(copy_table(from, to, table).await?);
    }
    check_references(to, deferred).await?;
    let copied = sum(to, these, lang::cli::comparing, &**progress).await?;
    match sums.iter().zip(&copied).find(|(read, written)| read != written) {
        Some((sum, _)) => {
            Err(Error::internal(format!("table {} is not what it was copied from", sum.table)))
        }
        None => Ok(sums),
    }
}

/// The sums of these tables.
pub(crate) async fn sum(
    tx: &mut Tx,
    these: &[Table],
    what: fn(lang::Lang) -> &'static str,
    progress: &dyn Progress,
) -> Result<Vec<Sum>> {
    progress.begin(what, count(tx, these).await?);
    let mut sums = Vec::with_capacity(these.len());
    for table in these {
        let mut summing = Summing::new(table);
        let mut rows = rows(tx, table)?;
        while let Some(row) = rows.try_next().await? {
            summing.add(&row);
            if summing.rows.is_multiple_of(ROWS_A_STEP) {
                progress.advance(ROWS_A_STEP);
            }
        }
        progress.advance(summing.rows % ROWS_A_STEP);
        sums.push(summing.end(table));
    }
    Ok(sums)
}

/// Whether `tx` has each of these tables with the same columns.
pub(crate) async fn has_same_tables(tx: &mut Tx, these: &[Table]) -> Result<()> {
    let theirs = tables(tx).await?;
    let plain = |table: &Table| -> Vec<(String, ColumnKind)> {
        table.columns.iter().map(|column| (column.name.clone(), column.kind.clone())).collect()
    };
    for table in these {
        let same = theirs.iter().find(|other| other.name == table.name);
        if same.is_none_or(|other| plain(other) != plain(table)) {
            return Err(Error::internal(format!("table {} is another or missing", table.name)));
        }
    }
    for other in theirs.iter().filter(|other| these.iter().all(|table| table.name != other.name)) {
        tracing::warn!(table = other.name, "not a table of ours, left out");
    }
    Ok(())
}

async fn count(tx: &mut Tx, these: &[Table]) -> Result<u64> {
    let mut total = 0;
    for table in these {
        let sql = format!("select count(*) from {}", quoted(&table.name));
        let rows = tx.all_built::<(i64,)>(sql, Vec::new()).await?;
        total += rows.first().map_or(0, |(count,)| count.unsigned_abs());
    }
    Ok(total)
}

async fn copy_table(from: &mut Tx, to: &mut Tx, table: &Table) -> Result<Sum> {
    let head = format!("insert into {} ({})", quoted(&table.name), list(&table.columns));
    let mut bulk = Bulk::new(to.engine(), &head, table.columns.len());
    let mut summing = Summing::new(table);
    let mut rows = rows(from, table)?;
    while let Some(row) = rows.try_next().await? {
        summing.add(&row);
        bulk.push(to, row).await?;
    }
    bulk.end(to).await?;
    Ok(summing.end(table))
}

/// The rows of a table in the order of its key, as they come.
fn rows<'tx>(tx: &'tx mut Tx, table: &'tx Table) -> Result<BoxStream<'tx, Result<Vec<Value>>>> {
    let other = table.columns.iter().any(|column| matches!(column.kind, ColumnKind::Other(_)));
    if table.key.is_empty() || other {
        let what = format!("table {} cannot be copied: no key, or an unknown type", table.name);
        return Err(Error::internal(what));
    }
    let key = table.key.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let (columns, name) = (list(&table.columns), quoted(&table.name));
    let sql = AssertSqlSafe(format!("select {columns} from {name} order by {key}"));
    let columns = &table.columns;
    Ok(match &mut tx.inner {
        Inner::Sqlite(tx) => sqlx::query(sql)
            .persistent(false)
            .fetch(&mut **tx)
            .map(|row| read(&row.map_err(error)?, columns))
            .boxed(),
        Inner::Postgres(tx) => sqlx::query(sql)
            .persistent(false)
            .fetch(&mut **tx)
            .map(|row| read(&row.map_err(error)?, columns))
            .boxed(),
    })
}

fn read<'row, R: Row>(row: &'row R, columns: &[Column]) -> Result<Vec<Value>>
where
    usize: ColumnIndex<R>,
    i64: Decode<'row, R::Database> + Type<R::Database>,
    f64: Decode<'row, R::Database> + Type<R::Database>,
    String: Decode<'row, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'row, R::Database> + Type<R::Database>,
{
    let value = |(at, column): (usize, &Column)| {
        Ok(match &column.kind {
            ColumnKind::Int => Value::Int(row.try_get(at)?),
            ColumnKind::Real => Value::Real(row.try_get(at)?),
            ColumnKind::Text => Value::Text(row.try_get(at)?),
            ColumnKind::Bytes | ColumnKind::Other(_) => Value::Bytes(row.try_get(at)?),
        })
    };
    columns.iter().enumerate().map(value).collect::<sqlx::Result<_>>().map_err(error)
}

/// Lets references wait that a row may have to one that comes after it. Gives the statements that
/// make them watchful again.
async fn defer_references(to: &mut Tx, these: &[Table]) -> Result<Vec<String>> {
    if to.engine() == Engine::Sqlite {
        // Until the end of the transaction.
        to.run("pragma defer_foreign_keys = on", Vec::new()).await?;
        return Ok(Vec::new());
    }
    let sql = "select c.conname::text, child.relname::text, parent.relname::text \
               from pg_constraint c join pg_class child on child.oid = c.conrelid \
               join pg_class parent on parent.oid = c.confrelid \
               where c.contype = 'f' and c.connamespace = current_schema()::regnamespace";
    let place = |name: &str| these.iter().position(|table| table.name == name);
    let mut afterwards = Vec::new();
    for (name, child, parent) in to.all::<(String, String, String)>(sql, Vec::new()).await? {
        if place(&child).is_some() && place(&parent) >= place(&child) {
            let alter =
                format!("alter table {} alter constraint {}", quoted(&child), quoted(&name));
            to.run_built(format!("{alter} deferrable initially deferred"), Vec::new()).await?;
            afterwards.push(format!("{alter} not deferrable"));
        }
    }
    Ok(afterwards)
}

async fn check_references(to: &mut Tx, deferred: Vec<String>) -> Result<()> {
    if to.engine() == Engine::Postgres {
        to.run("set constraints all immediate", Vec::new()).await?;
    }
    for sql in deferred {
        to.run_built(sql, Vec::new()).await?;
    }
    Ok(())
}

fn list(columns: &[Column]) -> String {
    columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

/// A name from the schema, as a word of SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A sum in the making.
struct Summing {
    rows: u64,
    hash: Sha256,
}

impl Summing {
    fn new(table: &Table) -> Self {
        let mut summing = Self { rows: 0, hash: Sha256::new() };
        for column in &table.columns {
            summing.add_value(3, column.name.as_bytes());
        }
        summing
    }

    fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            match value {
                Value::Int(Some(value)) => self.add_value(1, &value.to_le_bytes()),
                Value::Real(Some(value)) => self.add_value(2, &value.to_le_bytes()),
                Value::Text(Some(text)) => self.add_value(3, text.as_bytes()),
                Value::Bytes(Some(bytes)) => self.add_value(4, bytes),
                Value::Int(None) | Value::Real(None) | Value::Text(None) | Value::Bytes(None) => {
                    self.add_value(0, &[]);
                }
            }
        }
    }

    /// With its kind and length before it, so that two neighbours cannot lend each other a part.
    fn add_value(&mut self, kind: u8, bytes: &[u8]) {
        self.hash.update([kind]);
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }

    fn end(self, table: &Table) -> Sum {
        Sum { table: table.name.clone(), rows: self.rows, hash: self.hash.finalize().to_vec() }
    }
}
