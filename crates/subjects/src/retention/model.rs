//! Reports of what is over its time, and the areas that delete what they keep.

use std::pin::Pin;

use base::{Clock, Moment, Result};
use packs::Kept;
use store::Tx;

/// Something that an area does in the caller's transaction.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// An area that keeps things for a time. Its tables are its own: it is asked by these two.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// What it keeps.
    pub what: Kept,
    /// How much of it is older than an instant.
    pub count: for<'a> fn(&'a mut Tx, Moment) -> Doing<'a, i64>,
    /// Deletes what is older than an instant; gives how much it was.
    pub forget: for<'a> fn(&'a mut Tx, Forgetting<'a>) -> Doing<'a, i64>,
}

/// What is deleted, by whom and when.
#[derive(Clone, Copy, Debug)]
pub struct Forgetting<'a> {
    /// What is older than this.
    pub before: Moment,
    /// The source of "now" and of ids.
    pub clock: &'a Clock,
    /// The account, for the journal.
    pub actor: &'a str,
}

/// What a report lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The code of the rule.
    pub rule: String,
    /// What it is for.
    pub what: Kept,
    /// The id of a record; empty where all that is older goes at once.
    pub record: String,
    /// What is older than this is over its time.
    pub before: Moment,
    /// How much it is.
    pub amount: i64,
    /// Whether an open request of the same person keeps it.
    pub held: bool,
    /// How much of it was deleted.
    pub deleted: i64,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The id.
    pub id: String,
    /// When it was made.
    pub made_at: Moment,
    /// By whom.
    pub actor: String,
    /// When what it lists was deleted.
    pub applied_at: Option<Moment>,
    /// By whom.
    pub applied_by: String,
    /// The entry that says so.
    pub entry: Option<i64>,
}

impl Report {
    /// What the journal covers of what was deleted.
    #[must_use]
    pub fn hash(&self, items: &[Item]) -> [u8; 32] {
        let mut parts = vec![b"sogoc retention 1".to_vec(), self.id.as_bytes().to_vec()];
        for item in items {
            parts.push(item.rule.as_bytes().to_vec());
            parts.push(item.record.as_bytes().to_vec());
            parts.push(item.deleted.to_be_bytes().to_vec());
        }
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        journal::content_hash(&parts)
    }
}
