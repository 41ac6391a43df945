//! Opening a database and beginning transactions.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use base::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, PgPool, Sqlite, SqlitePool, Transaction};

use crate::{Tx, error, private};

/// How long a writer waits for its turn before the request is given back as unavailable.
const PATIENCE: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;
/// The oldest PostgreSQL that the program is tried with.
const OLDEST_POSTGRES: u32 = 15;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The bundled one, a file.
    Sqlite,
    /// A server of version 15 or later.
    Postgres,
}

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file; it is made when it is not there.
    File(PathBuf),
    /// A PostgreSQL server's address, `postgres://…`.
    Server(String),
}

impl FromStr for Location {
    type Err = Error;

    /// Reads `postgres://…`, `sqlite:PATH` or a path.
    fn from_str(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Server(text.to_owned()));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            let scheme = scheme.to_owned();
            return Err(Error::invalid("database", move |lang| {
                lang::error::bad_database(lang, &scheme)
            }));
        }
        Ok(Self::File(PathBuf::from(text.strip_prefix("sqlite:").unwrap_or(text))))
    }
}

/// A database: one writer and several readers for SQLite, one pool for PostgreSQL.
#[derive(Clone, Debug)]
pub struct Database(pub(crate) Pools);

#[derive(Clone, Debug)]
pub(crate) enum Pools {
    Sqlite { readers: SqlitePool, writer: SqlitePool, file: PathBuf },
    Postgres(PgPool),
}

/// How many connections a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// `readers`, `writer` or `server`.
    pub name: &'static str,
    /// How many there may be.
    pub most: u32,
    /// How many there are.
    pub open: u32,
    /// How many of them wait for work.
    pub idle: u32,
}

impl Database {
    /// Opens it. The schema is not touched: see [`crate::migrate`].
    ///
    /// Errors: `Unavailable` when it cannot be reached; `Invalid` when the file is none of SQLite or
    /// may not be written, when the server does not accept the login or is too old.
    pub async fn open(location: &Location) -> Result<Self> {
        match location {
            Location::File(file) => Self::open_file(file).await,
            Location::Server(address) => Self::open_server(address).await,
        }
    }

    async fn open_file(file: &Path) -> Result<Self> {
        private::make_database(file);
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged must survive a power cut, not only a crash of the program.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "memory")
            .pragma("mmap_size", "268435456")
            .statement_cache_capacity(256);
        let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
        let writer = connect_when_free(writer, &options).await;
        let writer = writer.map_err(|failure| not_opened(file, failure))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(PATIENCE);
        let readers = connect_when_free(readers, &options.pragma("query_only", "on")).await;
        let readers = readers.map_err(|failure| not_opened(file, failure))?;
        private::keep_database(file);
        Ok(Self(Pools::Sqlite { readers, writer, file: file.to_owned() }))
    }

    async fn open_server(address: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(address).map_err(bad_address)?.options([
            ("timezone", "UTC"),
            ("statement_timeout", "600000"),
            ("lock_timeout", "10000"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options.clone())
            .await;
        let pool = match pool {
            // It tried again and again, and forgot why it failed.
            Err(sqlx::Error::PoolTimedOut) => {
                let again = PgConnection::connect_with(&options).await;
                return Err(not_reached(
                    &options,
                    again.err().unwrap_or(sqlx::Error::PoolTimedOut),
                ));
            }
            other => other.map_err(|failure| not_reached(&options, failure))?,
        };
        let connection = pool.acquire().await.map_err(error)?;
        let version = connection.server_version_num().map_or(OLDEST_POSTGRES, |it| it / 10_000);
        drop(connection);
        if version < OLDEST_POSTGRES {
            let versions = lang::error::OldServer { version, wanted: OLDEST_POSTGRES };
            return Err(Error::invalid("database", move |lang| {
                lang::error::old_server(lang, versions)
            }));
        }
        Ok(Self(Pools::Postgres(pool)))
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.0 {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The SQLite file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Pools::Sqlite { file, .. } => Some(file),
            Pools::Postgres(_) => None,
        }
    }

    /// How busy its connections are.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolState> {
        fn state<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> PoolState {
            let most = pool.options().get_max_connections();
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            PoolState { name, most, open: pool.size(), idle }
        }
        match &self.0 {
            Pools::Sqlite { readers, writer, .. } => {
                vec![state("readers", readers), state("writer", writer)]
            }
            Pools::Postgres(pool) => vec![state("server", pool)],
        }
    }

    /// Begins a transaction that only reads, and sees one state of the database throughout.
    ///
    /// Errors: `Unavailable` when the database is away or all readers are busy for long.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match &self.0 {
            Pools::Sqlite { readers, .. } => Tx::sqlite(readers.begin().await.map_err(error)?),
            Pools::Postgres(pool) => Tx::postgres(
                pool.begin_with("begin isolation level repeatable read read only")
                    .await
                    .map_err(error)?,
            ),
        })
    }

    /// Begins a transaction that writes. Dropped without [`Tx::commit`] it leaves no trace.
    ///
    /// Errors: `Unavailable` when the database is away or other writers take too long.
    pub async fn write(&self) -> Result<Tx> {
        Ok(match &self.0 {
            Pools::Sqlite { writer, .. } => Tx::sqlite(begin_immediately(writer).await?),
            Pools::Postgres(pool) => Tx::postgres(pool.begin().await.map_err(error)?),
        })
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { readers, writer, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins a transaction of the writer.
///
/// Where a disk is full, SQLite ends a transaction by itself, and the driver goes on counting it: it
/// would never begin another. Such a connection is replaced by a new one.
async fn begin_immediately(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>> {
    const BEGIN: &str = "begin immediate";
    let begun = match writer.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            let broken = writer.acquire().await.map_err(error)?;
            broken.close().await.map_err(error)?;
            writer.begin_with(BEGIN).await
        }
        begun => begun,
    };
    begun.map_err(error)
}

/// Connects, and tries again where others are opening the file. The first one switches it to the
/// write-ahead log, and while it does SQLite turns others away at once, whatever time they have.
async fn connect_when_free(
    pool: SqlitePoolOptions,
    options: &SqliteConnectOptions,
) -> std::result::Result<SqlitePool, sqlx::Error> {
    const PAUSE: Duration = Duration::from_millis(10);
    let begin = Instant::now();
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(failure) if is_busy(&failure) && begin.elapsed() < PATIENCE => {
                tokio::time::sleep(PAUSE).await;
            }
            connected => return connected,
        }
    }
}

/// `SQLITE_BUSY` and its extended codes.
fn is_busy(failure: &sqlx::Error) -> bool {
    let code = failure.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == 5)
}

/// Why a file could not be opened: what an operator can mend, and the rest.
fn not_opened(file: &Path, failure: sqlx::Error) -> Error {
    let code = failure.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    let place = file.display().to_string();
    match code.map(|code| code & 0xff) {
        // Read-only, cannot be opened.
        Some(8 | 14) => {
            let cause = message(&failure);
            Error::invalid(place, move |lang| lang::error::cannot_open(lang, &cause))
        }
        Some(26) => Error::invalid(place, lang::error::not_a_database),
        _ => error(failure),
    }
}

fn bad_address(failure: sqlx::Error) -> Error {
    let cause = match failure {
        sqlx::Error::Configuration(cause) => cause.to_string(),
        other => other.to_string(),
    };
    Error::invalid("database", move |lang| lang::error::bad_address(lang, &cause))
}

fn not_reached(options: &PgConnectOptions, failure: sqlx::Error) -> Error {
    let code = failure.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    // Invalid authorisation, invalid name of a database.
    if code.starts_with("28") || code.starts_with("3D") {
        let cause = message(&failure);
        return Error::invalid("database", move |lang| lang::error::bad_login(lang, &cause));
    }
    if let sqlx::Error::Io(cause) = &failure {
        let place = format!("{}:{}: {cause}", options.get_host(), options.get_port());
        return Error::Unavailable(place.into());
    }
    error(failure)
}

/// What the database says, without what the driver puts around it.
fn message(failure: &sqlx::Error) -> String {
    let said = failure.as_database_error().map(|error| error.message().to_owned());
    said.unwrap_or_else(|| failure.to_string())
}

/// What the database takes on the disk, without a log that is yet to be taken over.
///
/// Errors: `Unavailable`.
pub async fn size_bytes(tx: &mut Tx) -> Result<i64> {
    let sql = match tx.engine() {
        Engine::Sqlite => {
            "select c.page_count * s.page_size from pragma_page_count c, pragma_page_size s"
        }
        Engine::Postgres => "select pg_database_size(current_database())",
    };
    Ok(tx.one::<(i64,)>(sql, Vec::new()).await?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_that_open_a_new_file_at_once_all_get_in() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let location = Location::File(folder.path().join("new.db"));
            let open = || {
                let location = location.clone();
                tokio::spawn(async move { Database::open(&location).await })
            };
            let opening: Vec<_> = (0..12).map(|_| open()).collect();
            for opened in opening {
                opened.await.unwrap().unwrap().close().await;
            }
        }
    }
}
