//! The database: SQLite or PostgreSQL behind one face.
//!
//! One SQL text serves both engines: `$1` placeholders, integers as BIGINT, days and instants as
//! numbers or ISO text, no booleans, no engine's own functions. What differs stands in the two
//! migration folders and in this crate.

mod bulk;
mod database;
mod migrate;
mod transaction;
mod value;

#[cfg(feature = "testing")]
pub mod testing;

pub use bulk::bulk_insert;
pub use database::{Database, Engine, Location};
pub use migrate::migrate;
pub use transaction::{Record, Tx};
pub use value::{Value, Values};

/// Binds values of different types: `values![unit.0, day, "text", None::<i64>]`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

/// Turns what the driver reports into our error: a busy, full or absent database is
/// `Unavailable`, a broken uniqueness is `Conflict`, the rest is a fault.
pub(crate) fn error(error: sqlx::Error) -> base::Error {
    use sqlx::Error as Driver;
    let conflict = error.as_database_error().is_some_and(|e| e.is_unique_violation());
    if conflict {
        return base::Error::Conflict(lang::Text::new(lang::error::conflict));
    }
    let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
    let away = match &error {
        Driver::Io(_) | Driver::PoolTimedOut | Driver::PoolClosed | Driver::WorkerCrashed => true,
        Driver::Database(_) => is_away(&code),
        _ => false,
    };
    if away { base::Error::Unavailable(error.into()) } else { base::Error::internal(error) }
}

/// SQLite: busy, locked, I/O error, full, cannot open. PostgreSQL: classes 08 (connection),
/// 40 (serialisation), 53 (resources), 55 (lock), 57 (operator intervention).
fn is_away(code: &str) -> bool {
    if let (true, Ok(number)) = (code.len() < 5, code.parse::<i32>()) {
        return matches!(number & 0xff, 5 | 6 | 10 | 13 | 14);
    }
    ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class))
}
