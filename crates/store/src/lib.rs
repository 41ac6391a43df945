//! The database: SQLite or PostgreSQL behind one face.
//!
//! One SQL text serves both engines: `$1` placeholders, integers as BIGINT, days and instants as
//! numbers or ISO text, no booleans, no engine's own functions. What differs stands in the two
//! migration folders and in this crate.

mod backup;
mod bulk;
mod copy;
mod database;
pub mod encrypted;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod migrate;
pub mod outbox;
pub mod private;
mod schema;
mod transaction;
pub mod uploads;
mod value;
mod within;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use backup::{back_up, fill_server, has_schema, unpack};
pub use bulk::bulk_insert;
pub use database::{Database, Engine, Location, PoolState, size_bytes};
pub use migrate::{is_migrated, migrate};
pub use schema::{Column, ColumnKind, Table, tables};
pub use transaction::{Record, Tx};
pub use value::{Value, Values};
pub use within::{Belongs, within};

/// Binds values of different types: `values![unit.0, day, "text", None::<i64>]`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

/// Turns what the driver reports into our error: a busy, full or absent database is
/// `Unavailable`, a broken uniqueness is `Conflict`, the rest is a fault.
pub(crate) fn error(error: sqlx::Error) -> base::Error {
    let conflict = error.as_database_error().is_some_and(|e| e.is_unique_violation());
    if conflict {
        return base::Error::Conflict(lang::Text::new(lang::error::conflict));
    }
    let code = error.as_database_error().and_then(|it| it.code()).unwrap_or_default();
    // A zero byte in a text, which SQLite would keep: what was asked is wrong, not the program.
    if code == "22021" {
        return base::Error::invalid("text", lang::error::zero_byte);
    }
    let away = is_unavailable(&error);
    if away { base::Error::Unavailable(error.into()) } else { base::Error::internal(error) }
}

/// The same of a commit, after which it may be unknown whether it was done.
pub(crate) fn commit_error(failure: sqlx::Error) -> base::Error {
    if is_unsettled(&failure) { base::Error::Unsettled(failure.into()) } else { error(failure) }
}

/// SQLite: the log is whole, but the disk did not say that it has it. PostgreSQL: the connection
/// broke, or the server stopped (classes 08 and 57), before it answered.
fn is_unsettled(error: &sqlx::Error) -> bool {
    const SQLITE_IOERR_FSYNC: &str = "1034";
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code == SQLITE_IOERR_FSYNC
                || (code.len() == 5 && (code.starts_with("08") || code.starts_with("57")))
        }),
        _ => false,
    }
}

/// Whether the database is busy, full or absent, as against a fault of a statement.
pub(crate) fn is_unavailable(error: &sqlx::Error) -> bool {
    use sqlx::Error as Driver;
    match error {
        Driver::Io(_) | Driver::PoolTimedOut | Driver::PoolClosed | Driver::WorkerCrashed => true,
        Driver::Database(error) => is_away(&error.code().unwrap_or_default()),
        _ => false,
    }
}

/// SQLite: busy, locked, I/O error, full, cannot open. PostgreSQL: classes 08 (connection),
/// 40 (serialisation), 53 (resources), 55 (lock), 57 (operator intervention).
fn is_away(code: &str) -> bool {
    if let (true, Ok(number)) = (code.len() < 5, code.parse::<i32>()) {
        return matches!(number & 0xff, 5 | 6 | 10 | 13 | 14);
    }
    ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class))
}
