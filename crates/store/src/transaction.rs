//! One transaction, on either engine.

use std::fmt;
use std::sync::Arc;

use base::{Error, Progress, Result};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Postgres, Sqlite, Transaction};

use crate::value::bind;
use crate::{Engine, Values, commit_error, error};

/// A row that both engines can give: a tuple of columns, or a struct with `derive(FromRow)`.
pub trait Record:
    for<'row> FromRow<'row, SqliteRow> + for<'row> FromRow<'row, PgRow> + Send + Unpin
{
}

impl<T> Record for T where
    T: for<'row> FromRow<'row, SqliteRow> + for<'row> FromRow<'row, PgRow> + Send + Unpin
{
}

/// A transaction. Every function that touches the database takes `&mut Tx`, so that any two of
/// them can stand in one transaction.
pub struct Tx {
    pub(crate) inner: Inner,
    progress: Option<Arc<dyn Progress>>,
}

#[derive(Debug)]
pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl fmt::Debug for Tx {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tx").field(&self.inner).finish()
    }
}

impl Tx {
    pub(crate) fn sqlite(transaction: Transaction<'static, Sqlite>) -> Self {
        Self { inner: Inner::Sqlite(transaction), progress: None }
    }

    pub(crate) fn postgres(transaction: Transaction<'static, Postgres>) -> Self {
        Self { inner: Inner::Postgres(transaction), progress: None }
    }

    /// Which engine it runs on.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Lets somebody watch how far the work in this transaction has come. Whoever writes many rows
    /// says how many at [`Tx::progress`]; [`crate::bulk_insert`] counts those that it wrote.
    pub fn watch(&mut self, progress: Arc<dyn Progress>) {
        self.progress = Some(progress);
    }

    /// To tell whoever watches, if anybody does.
    #[must_use]
    pub fn progress(&self) -> &dyn Progress {
        self.progress.as_deref().unwrap_or(&base::Unwatched)
    }

    /// All rows. The statement must bound their number itself.
    pub async fn all<T: Record>(&mut self, sql: &'static str, values: Values) -> Result<Vec<T>> {
        self.all_built(sql.to_owned(), values).await
    }

    /// The row, if there is one.
    pub async fn find<T: Record>(
        &mut self,
        sql: &'static str,
        values: Values,
    ) -> Result<Option<T>> {
        match &mut self.inner {
            Inner::Sqlite(tx) => bind!(sqlx::query_as(sql), values).fetch_optional(&mut **tx).await,
            Inner::Postgres(tx) => {
                bind!(sqlx::query_as(sql), values).fetch_optional(&mut **tx).await
            }
        }
        .map_err(error)
    }

    /// The row of a statement that always gives one, such as a count.
    pub async fn one<T: Record>(&mut self, sql: &'static str, values: Values) -> Result<T> {
        self.find(sql, values).await?.ok_or_else(|| Error::internal(format!("no row: {sql}")))
    }

    /// Runs a statement; gives the number of rows it touched.
    pub async fn run(&mut self, sql: &'static str, values: Values) -> Result<u64> {
        self.run_built(sql.to_owned(), values).await
    }

    /// Like [`Tx::all`], for a statement put together by the program. Values from outside are
    /// bound, never written into it.
    pub async fn all_built<T: Record>(&mut self, sql: String, values: Values) -> Result<Vec<T>> {
        let sql = AssertSqlSafe(sql);
        match &mut self.inner {
            Inner::Sqlite(tx) => bind!(sqlx::query_as(sql), values).fetch_all(&mut **tx).await,
            Inner::Postgres(tx) => bind!(sqlx::query_as(sql), values).fetch_all(&mut **tx).await,
        }
        .map_err(error)
    }

    /// Like [`Tx::run`], for a statement put together by the program.
    pub async fn run_built(&mut self, sql: String, values: Values) -> Result<u64> {
        let sql = AssertSqlSafe(sql);
        match &mut self.inner {
            Inner::Sqlite(tx) => bind!(sqlx::query(sql), values)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            Inner::Postgres(tx) => bind!(sqlx::query(sql), values)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(error)
    }

    /// Makes everything lasting. After this returned, nothing of it can be lost.
    ///
    /// Errors: `Unsettled` when the database went away meanwhile; with any other, nothing was
    /// written.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await,
        }
        .map_err(commit_error)
    }
}
