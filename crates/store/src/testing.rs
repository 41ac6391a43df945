//! Databases for tests: a SQLite file each, and a database each in a private PostgreSQL cluster.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must stop")]

mod cluster;
mod notice;

pub use cluster::Cluster;
pub use notice::skip;

use std::path::Path;

use sqlx::migrate::Migrator;

use crate::schema::{self, ColumnKind};
use crate::{Database, Location};

/// An empty, migrated database that goes away with the value.
#[derive(Debug)]
pub struct TestDatabase {
    /// The open database.
    pub database: Database,
    /// Where it is, to open it once more or from another process.
    pub location: Location,
    _folder: Option<tempfile::TempDir>,
}

impl std::ops::Deref for TestDatabase {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.database
    }
}

impl TestDatabase {
    /// A SQLite file.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = Location::File(folder.path().join("sogoc.db"));
        Self::open(location, Some(folder)).await
    }

    /// A database in the private cluster; none, with a notice, where PostgreSQL is not installed.
    pub async fn postgres() -> Option<Self> {
        let address =
            tokio::task::spawn_blocking(cluster::new_database).await.expect("a database")?;
        Some(Self::open(Location::Server(address), None).await)
    }

    /// One of each engine that is to be had: every storage test runs on all of them.
    pub async fn each() -> Vec<Self> {
        let mut databases = vec![Self::sqlite().await];
        databases.extend(Self::postgres().await);
        databases
    }

    /// How many values of the whole database begin with these five bytes, whichever column it is.
    pub async fn beginning(&self, head: [u8; 5]) -> i64 {
        let mut tx = self.database.read().await.expect("a transaction");
        let mut all = 0;
        for table in schema::tables(&mut tx).await.expect("the tables") {
            for column in table.columns.iter().filter(|column| column.kind == ColumnKind::Bytes) {
                let (table, column) = (&table.name, &column.name);
                let sql = format!("select count(*) from {table} where substr({column}, 1, 5) = $1");
                let counted = tx.all_built(sql, crate::values![head.as_slice()]).await;
                all += counted.expect("a count").iter().map(|(count,): &(i64,)| count).sum::<i64>();
            }
        }
        all
    }

    async fn open(location: Location, folder: Option<tempfile::TempDir>) -> Self {
        let database = Database::open(&location).await.expect("the test database opens");
        let (sqlite, postgres) = migrators().await;
        crate::migrate(&database, &sqlite, &postgres).await.expect("the migrations run");
        Self { database, location, _folder: folder }
    }
}

/// The migrations of the working tree, read at run time so that a new one rebuilds nothing.
pub async fn migrators() -> (Migrator, Migrator) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let sqlite = Migrator::new(root.join("sqlite")).await.expect("the SQLite migrations");
    let postgres = Migrator::new(root.join("postgres")).await.expect("the PostgreSQL migrations");
    (sqlite, postgres)
}
