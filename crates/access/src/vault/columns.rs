//! Where sealed fields stand, and sealing all of them anew by the newest key while people work.

use std::collections::BTreeMap;

use base::{Clock, Error, Result, random_bytes};
use store::{Database, Tx};

use super::store as sql;
use super::{ID_BYTES, Place, Vault, head, note, sealed_by};

/// So many fields are sealed anew in one transaction: others wait for it on SQLite.
const BATCH: i64 = 500;

/// A column of sealed fields, and how the place of each is found.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// The column that holds what is sealed.
    pub sealed: &'static str,
    /// The column that holds the row's id of the place.
    pub row: &'static str,
    /// The column that holds the column's name of the place, in tables of many fields.
    pub name: Option<&'static str>,
    /// Table and column of the place. They are not those above where a table was moved.
    pub place: (&'static str, &'static str),
    /// Which rows of the table they are, in SQL.
    pub rows: &'static str,
}

/// How many fields each key sealed.
pub type Use = BTreeMap<u32, i64>;

impl Column {
    /// All fields of a column that are there.
    #[must_use]
    pub const fn new(table: &'static str, sealed: &'static str, row: &'static str) -> Self {
        Self { table, sealed, row, name: None, place: (table, sealed), rows: "1 = 1" }
    }

    fn place<'a>(&'a self, field: &'a sql::Field) -> Place<'a> {
        let (table, column) = self.place;
        let column = if self.name.is_some() { &field.name } else { column };
        Place { table, column, row: &field.row }
    }
}

/// How many fields of these columns each key sealed.
///
/// Errors: `Unavailable`; `Internal` when one was not sealed by any.
pub async fn usage(tx: &mut Tx, columns: &[Column]) -> Result<Use> {
    let mut all = Use::new();
    for column in columns {
        for (head, count) in sql::heads(tx, column).await? {
            let id = head.get(1..=ID_BYTES).and_then(|id| id.try_into().ok());
            let id = id.ok_or_else(|| Error::internal("a sealed field without its key"))?;
            *all.entry(u32::from_be_bytes(id)).or_default() += count;
        }
    }
    Ok(all)
}

impl Vault {
    /// Seals anew by the newest key whatever other keys of this vault sealed in these columns, a few
    /// hundred at a time, and tells after each how many that were. Gives the sum. What was cut off
    /// goes on where it stopped; what somebody changes meanwhile is sealed by the newest anyway.
    ///
    /// Errors: `Unavailable`; `Internal` when a field does not open.
    pub async fn reseal(
        &self,
        database: &Database,
        columns: &[Column],
        clock: &Clock,
        mut tell: impl FnMut(i64),
    ) -> Result<i64> {
        let keys = self.keys();
        let newest = keys.newest();
        let mut all = 0;
        for column in columns {
            for (id, _) in keys.numbers().filter(|(id, _)| *id != newest.id) {
                let mut last = (String::new(), String::new());
                loop {
                    let mut tx = database.write().await?;
                    let behind = (&*last.0, &*last.1);
                    let fields = sql::fields(&mut tx, column, &head(id), behind, BATCH).await?;
                    let Some(end) = fields.last() else { break };
                    last = (end.row.clone(), end.name.clone());
                    note(&mut tx, newest, clock.now()).await?;
                    let mut done = 0;
                    for field in &fields {
                        let place = column.place(field);
                        let opened = self.open(place, &field.sealed)?;
                        let sealed = sealed_by(newest, place, &opened, random_bytes())?;
                        done += i64::from(sql::replace(&mut tx, column, field, sealed).await?);
                    }
                    tx.commit().await?;
                    all += done;
                    tell(done);
                }
            }
        }
        Ok(all)
    }
}
