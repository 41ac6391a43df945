//! Backups: every row of a database of either engine in one SQLite file, and the way back.
//!
//! The file has the same tables as any database of that version. Beside them stands
//! `_sogoc_backup` with the sum of each table, so that no row of any of them changes unnoticed.

use std::path::Path;
use std::sync::Arc;

use base::{Error, Progress, Result};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::copy::{Sum, copy, has_same_tables, sum};
use crate::database::Pools;
use crate::migrate::{applied_sqlite, is_current, migrate_server};
use crate::schema::{Table, tables};
use crate::transaction::Inner;
use crate::{Database, Engine, Tx, error, private, values};

/// Copies the whole database, as one state of it, into a file that is made or empty, while others
/// go on working. When this returned, the file is on the disk. Gives the number of rows.
///
/// Errors: `Unavailable` when the database is away or the disk is full; the file is of no use then.
pub async fn back_up(
    from: &Database,
    file: &Path,
    schema: &Migrator,
    progress: &Arc<dyn Progress>,
) -> Result<u64> {
    let mut from = read_for_long(from).await?;
    let backup = open_alone(file).await?;
    crate::migrate(&backup, schema, schema).await?;
    let mut to = backup.write().await?;
    let these = tables(&mut to).await?;
    has_same_tables(&mut from, &these).await?;
    let sums = copy(&mut from, &mut to, &these, progress).await?;
    write_sums(&mut to, &sums).await?;
    to.commit().await?;
    backup.close().await;
    let synced = std::fs::File::open(file).and_then(|file| file.sync_all());
    synced.map_err(|cause| Error::Unavailable(cause.into()))?;
    Ok(sums.iter().map(|sum| sum.rows).sum())
}

/// Compares a backup with its own sums and makes a plain database of it, which has still to be
/// migrated. The file is changed: give it a copy.
///
/// Errors: `Invalid` at `place` when it is no backup, was made by a newer program, or is not as it
/// was written.
pub async fn unpack(
    file: &Path,
    place: &str,
    schema: &Migrator,
    progress: &dyn Progress,
) -> Result<()> {
    let refuse = |say: fn(lang::Lang) -> &'static str| Error::invalid(place, say);
    let backup = open_alone(file).await.map_err(|_| refuse(lang::error::no_backup))?;
    let mut tx = backup.write().await.map_err(|_| refuse(lang::error::no_backup))?;
    if let Inner::Sqlite(tx) = &mut tx.inner {
        let applied = applied_sqlite(tx).await.map_err(|_| refuse(lang::error::no_backup))?;
        let applied = applied.ok_or_else(|| refuse(lang::error::no_backup))?;
        is_current(schema, place, &applied)?;
    }
    let stored = read_sums(&mut tx).await.map_err(|_| refuse(lang::error::no_backup))?;
    let damaged = |cause: Error| {
        let cause = cause.cause();
        Error::invalid(place, move |lang| lang::error::damaged_backup(lang, &cause))
    };
    is_intact(&mut tx).await.map_err(damaged)?;
    let these = tables(&mut tx).await.map_err(damaged)?;
    let mut sums = sum(&mut tx, &these, lang::cli::checking, progress).await.map_err(damaged)?;
    sums.sort_by(|left, right| left.table.cmp(&right.table));
    if let Some(table) = first_difference(&stored, &sums) {
        return Err(damaged(Error::internal(format!("table {table}: changed"))));
    }
    tx.run("drop table _sogoc_backup", values![]).await?;
    tx.commit().await?;
    backup.close().await;
    Ok(())
}

/// Whether a SQLite database has the tables, indexes, views and triggers that the migrations make,
/// and no others, and its tables the same columns, keys and references.
///
/// The words of the schema are not compared: how SQLite rewrites them is its own affair.
///
/// Errors: `Internal` naming the first that is another, missing or too many.
pub async fn has_schema(database: &Database, schema: &Migrator) -> Result<()> {
    let fresh = open_in_memory(schema).await?;
    let expected = parts(&mut fresh.read().await?).await?;
    let found = parts(&mut database.read().await?).await?;
    let other = found.iter().find(|part| !expected.contains(part));
    match other.or_else(|| expected.iter().find(|part| !found.contains(part))) {
        Some((kind, name, _)) => Err(Error::internal(format!("{kind} {name}: changed"))),
        None => Ok(()),
    }
}

/// What a schema consists of: kind, name, and of a table what it is like.
async fn parts(tx: &mut Tx) -> Result<Vec<(String, String, Option<Table>)>> {
    let sql = "select type, name from sqlite_schema where name not like 'sqlite\\_%' escape '\\' \
               and name not like '\\_%' escape '\\' order by type, name";
    let these = tables(tx).await?;
    let part = |(kind, name): (String, String)| {
        let table = these.iter().find(|table| kind == "table" && table.name == name);
        (kind, name, table.cloned())
    };
    Ok(tx.all::<(String, String)>(sql, values![]).await?.into_iter().map(part).collect())
}

/// Fills a PostgreSQL database that holds nothing yet with the rows of another, schema and all,
/// in one transaction. `from` has the schema that `sqlite` makes.
///
/// Errors: `Invalid` at `database` when it holds something; those of [`crate::migrate`].
pub async fn fill_server(
    to: &Database,
    from: &Database,
    sqlite: &Migrator,
    postgres: &Migrator,
    progress: &Arc<dyn Progress>,
) -> Result<()> {
    let mut to = to.write().await?;
    if let Inner::Postgres(tx) = &mut to.inner {
        migrate_server(tx, postgres).await?;
    }
    let mut from = from.read().await?;
    let these = tables(&mut from).await?;
    has_same_tables(&mut to, &these).await?;
    let mut fresh = open_in_memory(sqlite).await?.read().await?;
    let nothing = sum(&mut fresh, &these, lang::cli::checking, &base::Unwatched).await?;
    if sum(&mut to, &these, lang::cli::checking, &base::Unwatched).await? != nothing {
        return Err(Error::invalid("database", lang::error::not_empty));
    }
    copy(&mut from, &mut to, &these, progress).await?;
    to.commit().await
}

/// A transaction that reads everything, however long that takes.
async fn read_for_long(database: &Database) -> Result<Tx> {
    let mut tx = database.read().await?;
    if tx.engine() == Engine::Postgres {
        tx.run("set local statement_timeout = 0", values![]).await?;
        tx.run("set local idle_in_transaction_session_timeout = 0", values![]).await?;
    }
    Ok(tx)
}

/// A file that nobody else works with: without a log beside it, and given to the disk at the end.
async fn open_alone(file: &Path) -> Result<Database> {
    private::make_database(file);
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(true)
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory");
    open(options, file).await
}

/// An empty database at the newest version that is nowhere.
async fn open_in_memory(schema: &Migrator) -> Result<Database> {
    let options = SqliteConnectOptions::new().in_memory(true);
    let database = open(options, Path::new("")).await?;
    crate::migrate(&database, schema, schema).await?;
    Ok(database)
}

async fn open(options: SqliteConnectOptions, file: &Path) -> Result<Database> {
    // One connection that stays: another would see another database in memory.
    let pool = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(error)?;
    Ok(Database(Pools::Sqlite { readers: pool.clone(), writer: pool, file: file.to_owned() }))
}

async fn write_sums(tx: &mut Tx, sums: &[Sum]) -> Result<()> {
    let sql = "create table _sogoc_backup (\"table\" text not null primary key, \
               \"rows\" integer not null, hash blob not null) strict, without rowid";
    tx.run(sql, values![]).await?;
    for sum in sums {
        let sql = "insert into _sogoc_backup (\"table\", \"rows\", hash) values ($1, $2, $3)";
        let rows = i64::try_from(sum.rows).unwrap_or(i64::MAX);
        tx.run(sql, values![&sum.table, rows, &sum.hash[..]]).await?;
    }
    Ok(())
}

/// The sums in the file, by the table's name.
async fn read_sums(tx: &mut Tx) -> Result<Vec<Sum>> {
    let sql = "select \"table\", \"rows\", hash from _sogoc_backup order by \"table\"";
    let rows: Vec<(String, i64, Vec<u8>)> = tx.all(sql, values![]).await?;
    let sum = |(table, rows, hash): (String, i64, Vec<u8>)| Sum {
        table,
        rows: rows.unsigned_abs(),
        hash,
    };
    Ok(rows.into_iter().map(sum).collect())
}

/// Whether the pages and indexes of the file are sound, and every reference leads somewhere.
async fn is_intact(tx: &mut Tx) -> Result<()> {
    let found: Vec<(String,)> = tx.all("pragma integrity_check(1)", values![]).await?;
    if let Some((what,)) = found.first().filter(|(what,)| what != "ok") {
        return Err(Error::internal(what.replace('\n', " ")));
    }
    let broken: Option<(String,)> =
        tx.find("select \"table\" from pragma_foreign_key_check limit 1", values![]).await?;
    match broken {
        Some((table,)) => Err(Error::internal(format!("table {table}: a reference leads nowhere"))),
        None => Ok(()),
    }
}

fn first_difference<'a>(stored: &'a [Sum], found: &'a [Sum]) -> Option<&'a str> {
    let missing = |these: &'a [Sum], those: &[Sum]| {
        these.iter().find(|sum| !those.contains(sum)).map(|sum| sum.table.as_str())
    };
    missing(found, stored).or_else(|| missing(stored, found))
}
