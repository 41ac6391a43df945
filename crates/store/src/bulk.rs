//! Many rows in few statements.

use base::Result;

use crate::{Engine, Tx, Value};

/// SQLite binds at most 32,766 values to a statement, PostgreSQL 65,535; beyond some thousand
/// values a longer statement is no faster.
const VALUES_A_STATEMENT: usize = 8_000;

/// Inserts rows by statements of many rows each. `head` is `insert into t (a, b)`; every row gives
/// one value a column, in that order.
///
/// Errors: `Conflict` when a row is there already; nothing of the transaction then holds.
pub async fn bulk_insert<R: IntoIterator<Item = Value> + Send>(
    tx: &mut Tx,
    head: &str,
    columns: usize,
    rows: Vec<R>,
) -> Result<u64> {
    let rows_a_statement = (VALUES_A_STATEMENT / columns).max(1);
    let engine = tx.engine();
    let full = statement(engine, head, columns, rows_a_statement);
    let mut inserted = 0;
    let mut values = Vec::with_capacity(columns * rows_a_statement);
    let mut waiting = 0;
    for row in rows {
        values.extend(row);
        waiting += 1;
        if waiting == rows_a_statement {
            inserted += tx.run_built(full.clone(), std::mem::take(&mut values)).await?;
            waiting = 0;
        }
    }
    if waiting > 0 {
        inserted += tx.run_built(statement(engine, head, columns, waiting), values).await?;
    }
    Ok(inserted)
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
