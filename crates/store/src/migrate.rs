//! Bringing a database's schema to the present version, forward only.

use base::{Error, Result};
use sqlx::migrate::Migrator;

use crate::Database;
use crate::database::Pools;

/// Runs the migrations that the database has not seen yet. `sqlite` and `postgres` are the two
/// folders of the program, with the same numbers in both.
///
/// Errors: `Unavailable` when the database is away; `Internal` when it was made by a newer
/// program or a migration was changed after it had run.
pub async fn migrate(database: &Database, sqlite: &Migrator, postgres: &Migrator) -> Result<()> {
    match &database.0 {
        Pools::Sqlite { writer, .. } => sqlite.run(writer).await,
        Pools::Postgres(pool) => postgres.run(pool).await,
    }
    .map_err(|failure| match failure {
        sqlx::migrate::MigrateError::Execute(cause) => crate::error(cause),
        other => Error::internal(other),
    })
}
