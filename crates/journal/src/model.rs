//! Entries and postings.

use base::{Day, Id, Moment};

/// A measure's number in the journal; its definition stands in a pack.
pub type MeasureId = i64;

/// What a change of a record means for one figure: so many more, or fewer, of a measure in a
/// unit, counting from a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Posting {
    /// What is counted.
    pub measure: MeasureId,
    /// The unit's own id (never its code): the leaf that the record belongs to.
    pub unit: i64,
    /// The day on which it counts.
    pub day: Day,
    /// How many more; negative for fewer.
    pub delta: i64,
    /// How many records more say so: 1 where one comes, −1 where one goes, 0 where only the number
    /// changes. Without any record there is no data, which is not zero.
    pub records: i64,
}

/// A sum of postings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The sum of the deltas.
    pub sum: i64,
    /// How many records stand behind it.
    pub records: i64,
}

impl Cell {
    /// Two cells together; none where that leaves the range of 64 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            sum: self.sum.checked_add(other.sum)?,
            records: self.records.checked_add(other.records)?,
        })
    }

    /// What is known by it: the sum, or nothing where no record stands behind it.
    #[must_use]
    pub const fn known(self) -> Option<i64> {
        if self.records > 0 { Some(self.sum) } else { None }
    }
}

impl Posting {
    /// What it adds to its cell.
    #[must_use]
    pub const fn cell(&self) -> Cell {
        Cell { sum: self.delta, records: self.records }
    }
}

/// An entry that is about to be made.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The entry's id.
    pub id: Id,
    /// The account that did it.
    pub actor: String,
    /// The command: `observations.report`, `territory.merge`, …
    pub cause: &'static str,
    /// The kind of record: `observation`, `operation`, …
    pub record_kind: &'static str,
    /// The record's id.
    pub record_id: String,
    /// The version of the record that this entry made.
    pub record_version: i64,
    /// SHA-256 over the record's content in its canonical form; see [`crate::content_hash`].
    pub content_hash: [u8; 32],
    /// What it means for the figures.
    pub postings: Vec<Posting>,
}

/// An entry as it stands in the journal.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place: 1, 2, 3, … without a gap.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// When it was recorded; never earlier than the entry before.
    pub recorded_at: Moment,
    /// The account that did it.
    pub actor: String,
    /// The command.
    pub cause: String,
    /// The kind of record.
    pub record_kind: String,
    /// The record's id.
    pub record_id: String,
    /// The version of the record that this entry made.
    pub record_version: i64,
    /// SHA-256 over the record's content.
    pub content_hash: Vec<u8>,
    /// What it means for the figures.
    pub postings: Vec<Posting>,
    /// SHA-256 over the hash of the entry before and all of this one.
    pub hash: Vec<u8>,
}

/// One posting beside the entry that made it, as a list of "what is behind this number" shows it.
#[derive(Clone, Debug)]
pub struct PostingRow {
    /// What it adds to which cell.
    pub posting: Posting,
    /// The entry's place in the journal.
    pub entry: i64,
    /// The posting's place in the entry.
    pub line: i64,
    /// When the entry was recorded.
    pub recorded_at: Moment,
    /// Who made it.
    pub actor: String,
    /// The command.
    pub cause: String,
    /// The kind of record.
    pub record_kind: String,
    /// The record's id.
    pub record_id: String,
    /// The version of the record that the entry made.
    pub record_version: i64,
}
