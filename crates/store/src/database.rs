//! Opening a database and beginning transactions.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use base::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use crate::{Tx, error};

/// How long a writer waits for its turn before the request is given back as unavailable.
const PATIENCE: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;

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

impl Database {
    /// Opens it. The schema is not touched: see [`crate::migrate`].
    ///
    /// Errors: `Unavailable` when it cannot be reached.
    pub async fn open(location: &Location) -> Result<Self> {
        match location {
            Location::File(file) => Self::open_file(file).await,
            Location::Server(address) => Self::open_server(address).await,
        }
    }

    async fn open_file(file: &Path) -> Result<Self> {
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
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_with(options.clone())
            .await
            .map_err(error)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(error)?;
        Ok(Self(Pools::Sqlite { readers, writer, file: file.to_owned() }))
    }

    async fn open_server(address: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(address).map_err(error)?.options([
            ("timezone", "UTC"),
            ("statement_timeout", "600000"),
            ("lock_timeout", "10000"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(error)?;
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
            Pools::Sqlite { writer, .. } => {
                Tx::sqlite(writer.begin_with("begin immediate").await.map_err(error)?)
            }
            Pools::Postgres(pool) => Tx::postgres(pool.begin().await.map_err(error)?),
        })
    }

    /// Copies the whole database, as one consistent state, into a new SQLite file while others go
    /// on working.
    ///
    /// Errors: `Invalid` for PostgreSQL, which has its own tools for this; `Unavailable` when the
    /// file cannot be written.
    pub async fn copy_to(&self, file: &Path) -> Result<()> {
        let Pools::Sqlite { readers, .. } = &self.0 else {
            return Err(Error::invalid("database", lang::cli::backup_postgres));
        };
        let mut connection = readers.acquire().await.map_err(error)?;
        let file = file.to_string_lossy().into_owned();
        sqlx::query("pragma query_only = off").execute(&mut *connection).await.map_err(error)?;
        let copied = sqlx::query("vacuum into $1").bind(file).execute(&mut *connection).await;
        sqlx::query("pragma query_only = on").execute(&mut *connection).await.map_err(error)?;
        copied.map(|_| ()).map_err(error)
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
