//! Many rows in few statements.

use base::Result;

use crate::{Engine, Tx, Value};

/// SQLite binds at most 32,766 values to a statement, PostgreSQL 65,535; beyond some thousand
/// values a longer statement is no faster.
const VALUES_A_STATEMENT: usize = 8_000;
/// Long texts and files fill the memory before they fill the number of values.
const BYTES_A_STATEMENT: usize = 4 << 20;

/// Inserts rows by statements of many rows each. `head` is `insert into t (a, b)`; every row gives
/// one value a column, in that order. Whoever watches the transaction is told of each statement.
///
/// Errors: `Conflict` when a row is there already; nothing of the transaction then holds.
pub async fn bulk_insert<R: IntoIterator<Item = Value> + Send>(
    tx: &mut Tx,
    head: &str,
    columns: usize,
    rows: Vec<R>,
) -> Result<u64> {
    let mut bulk = Bulk::new(tx.engine(), head, columns);
    for row in rows {
        bulk.push(tx, row).await?;
    }
    bulk.end(tx).await
}

/// Rows on their way into one table.
pub(crate) struct Bulk<'a> {
    head: &'a str,
    columns: usize,
    rows_a_statement: usize,
    full: String,
    values: Vec<Value>,
    waiting: usize,
    bytes: usize,
    inserted: u64,
}

impl<'a> Bulk<'a> {
    pub(crate) fn new(engine: Engine, head: &'a str, columns: usize) -> Self {
        let rows_a_statement = (VALUES_A_STATEMENT / columns).max(1);
        Self {
            head,
            columns,
            rows_a_statement,
            full: statement(engine, head, columns, rows_a_statement),
            values: Vec::with_capacity(columns * rows_a_statement),
            waiting: 0,
            bytes: 0,
            inserted: 0,
        }
    }

    /// Takes a row, and writes those that wait when they are many.
    pub(crate) async fn push(
        &mut self,
        tx: &mut Tx,
        row: impl IntoIterator<Item = Value>,
    ) -> Result<()> {
        for value in row {
            self.bytes += value.size_bytes();
            self.values.push(value);
        }
        self.waiting += 1;
        if self.waiting == self.rows_a_statement {
            self.write(tx, self.full.clone()).await?;
        } else if self.bytes > BYTES_A_STATEMENT {
            self.write_some(tx).await?;
        }
        Ok(())
    }

    /// Writes what still waits. Gives the number of rows written in all.
    pub(crate) async fn end(mut self, tx: &mut Tx) -> Result<u64> {
        if self.waiting > 0 {
            self.write_some(tx).await?;
        }
        Ok(self.inserted)
    }

    async fn write_some(&mut self, tx: &mut Tx) -> Result<()> {
        let sql = statement(tx.engine(), self.head, self.columns, self.waiting);
        self.write(tx, sql).await
    }

    async fn write(&mut self, tx: &mut Tx, sql: String) -> Result<()> {
        let room = Vec::with_capacity(self.values.capacity());
        let values = std::mem::replace(&mut self.values, room);
        let written = tx.run_built(sql, values).await?;
        tx.progress().advance(written);
        self.inserted += written;
        (self.waiting, self.bytes) = (0, 0);
        Ok(())
    }
}

fn statement(engine: Engine, head: &str, columns: usize, rows: usize) -> String {
    let mut sql = String::with_capacity(head.len() + rows * columns * 7);
    sql.push_str(head);
    sql.push_str(" values ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for column in 1..=columns {
            if column > 1 {
                sql.push(',');
            }
            match engine {
                // SQLite looks a named placeholder up in a list, each time from its beginning.
                Engine::Sqlite => sql.push('?'),
                Engine::Postgres => {
                    sql.push('$');
                    sql.push_str(&(row * columns + column).to_string());
                }
            }
        }
        sql.push(')');
    }
    sql
}
