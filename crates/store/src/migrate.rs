//! Bringing a database's schema to the present version, forward only.

use base::{Error, Result};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{PgConnection, Row as _, SqliteConnection};

use crate::database::Pools;
use crate::{Database, error};

/// The table in which the migrations that ran are noted.
pub(crate) const NOTES: &str = "_sqlx_migrations";

/// Any number that nobody else takes; those who migrate one PostgreSQL database wait for each
/// other at it.
const TURN: i64 = 0x0073_6f67_6f63;

/// Runs the migrations that the database has not seen yet, all or none of them. `sqlite` and
/// `postgres` are the two folders of the program, with the same numbers in both. Programs that
/// start at the same time wait for each other.
///
/// Errors: `Unavailable` when the database is away; `Invalid` when it was made by a newer program,
/// by another one, or by a migration that is not what it was; `Internal` when a migration fails.
pub async fn migrate(database: &Database, sqlite: &Migrator, postgres: &Migrator) -> Result<()> {
    match &database.0 {
        Pools::Sqlite { writer, .. } => {
            let mut connection = writer.acquire().await.map_err(error)?;
            if is_current_or_none(sqlite, applied_sqlite(&mut connection).await?)? {
                return Ok(());
            }
            // A table that others refer to is rebuilt by dropping it, which SQLite allows only
            // while it does not watch over references; they are looked at before the commit.
            run(&mut connection, "pragma foreign_keys = off").await?;
            let done = migrate_file(&mut connection, sqlite).await;
            run(&mut connection, "pragma foreign_keys = on").await?;
            done
        }
        Pools::Postgres(pool) => {
            let mut connection = pool.acquire().await.map_err(error)?;
            if is_current_or_none(postgres, applied_postgres(&mut connection).await?)? {
                return Ok(());
            }
            drop(connection);
            let mut tx = pool.begin().await.map_err(error)?;
            migrate_server(&mut tx, postgres).await?;
            tx.commit().await.map_err(error)
        }
    }
}

/// Whether any migration ever ran: whether it is a database of ours at all.
///
/// Errors: `Unavailable`.
pub async fn is_migrated(database: &Database) -> Result<bool> {
    let applied = match &database.0 {
        Pools::Sqlite { readers, .. } => {
            applied_sqlite(&mut *readers.acquire().await.map_err(error)?).await?
        }
        Pools::Postgres(pool) => {
            applied_postgres(&mut *pool.acquire().await.map_err(error)?).await?
        }
    };
    Ok(applied.is_some())
}

async fn migrate_file(connection: &mut SqliteConnection, migrator: &Migrator) -> Result<()> {
    use sqlx::Connection as _;
    let mut tx = connection.begin_with("begin immediate").await.map_err(error)?;
    let applied = applied_sqlite(&mut tx).await?;
    let tables = "select count(*) from sqlite_schema where type = 'table'";
    let (tables,): (i64,) = sqlx::query_as(tables).fetch_one(&mut *tx).await.map_err(error)?;
    if applied.is_none() && tables > 0 {
        return Err(Error::invalid("database", lang::error::foreign_database));
    }
    if is_current_or_none(migrator, applied)? {
        return Ok(());
    }
    migrator.run(&mut *tx).await.map_err(failed)?;
    let broken = sqlx::query("pragma foreign_key_check").fetch_optional(&mut *tx).await;
    if broken.map_err(error)?.is_some() {
        return Err(Error::internal("a migration left references that lead nowhere"));
    }
    tx.commit().await.map_err(error)
}

/// Migrates within a transaction of PostgreSQL, which has to be committed afterwards.
pub(crate) async fn migrate_server(tx: &mut PgConnection, migrator: &Migrator) -> Result<()> {
    // A migration may take longer than a question, and so may waiting for another's.
    run_on_server(tx, "set local statement_timeout = 0").await?;
    run_on_server(tx, "set local lock_timeout = 0").await?;
    let turn = sqlx::query("select pg_advisory_xact_lock($1)").bind(TURN);
    turn.execute(&mut *tx).await.map_err(error)?;
    run_on_server(tx, "set local lock_timeout = '60s'").await?;
    if is_current_or_none(migrator, applied_postgres(tx).await?)? {
        return Ok(());
    }
    // The driver's own turn outlives a migration that fails, for as long as the connection.
    let mut migrator = Migrator::with_migrations(migrator.iter().cloned().collect());
    migrator.set_locking(false).run(tx).await.map_err(failed)
}

/// A migration that ran: its number, and the checksum of its text.
type Applied = (i64, Vec<u8>);

pub(crate) async fn applied_sqlite(tx: &mut SqliteConnection) -> Result<Option<Vec<Applied>>> {
    let there = sqlx::query("select 1 from sqlite_schema where type = 'table' and name = $1");
    if there.bind(NOTES).fetch_optional(&mut *tx).await.map_err(error)?.is_none() {
        return Ok(None);
    }
    let sql = "select version, checksum from _sqlx_migrations order by version";
    sqlx::query_as(sql).fetch_all(tx).await.map(Some).map_err(error)
}

async fn applied_postgres(tx: &mut PgConnection) -> Result<Option<Vec<Applied>>> {
    let there = sqlx::query("select to_regclass($1) is not null").bind(NOTES);
    if !there.fetch_one(&mut *tx).await.and_then(|row| row.try_get(0)).map_err(error)? {
        return Ok(None);
    }
    let sql = "select version, checksum from _sqlx_migrations order by version";
    sqlx::query_as(sql).fetch_all(tx).await.map(Some).map_err(error)
}

fn is_current_or_none(migrator: &Migrator, applied: Option<Vec<Applied>>) -> Result<bool> {
    is_current(migrator, "database", &applied.unwrap_or_default())
}

/// Whether all migrations ran.
///
/// Errors: `Invalid` at `place` when others ran than the program knows.
pub(crate) fn is_current(migrator: &Migrator, place: &str, applied: &[Applied]) -> Result<bool> {
    let newest = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
    for (version, checksum) in applied {
        let known = migrator.iter().find(|migration| migration.version == *version);
        if known.is_none() && *version > newest {
            let versions = lang::error::NewerDatabase { known: newest, version: *version };
            return Err(Error::invalid(place, move |lang| {
                lang::error::newer_database(lang, versions)
            }));
        }
        if known.is_none_or(|known| known.checksum[..] != checksum[..]) {
            let version = *version;
            return Err(Error::invalid(place, move |lang| {
                lang::error::changed_migration(lang, version)
            }));
        }
    }
    Ok(applied.len() == migrator.iter().count())
}

fn failed(failure: MigrateError) -> Error {
    match failure {
        // Full, away, out of turn: nothing is wrong with the migration.
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)
            if cause.as_database_error().is_none() || crate::is_unavailable(&cause) =>
        {
            error(cause)
        }
        other => Error::internal(other),
    }
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<()> {
    sqlx::query(sql).execute(connection).await.map(|_| ()).map_err(error)
}

async fn run_on_server(tx: &mut PgConnection, sql: &'static str) -> Result<()> {
    sqlx::query(sql).execute(tx).await.map(|_| ()).map_err(error)
}
