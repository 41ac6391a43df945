//! Proving that the journal is whole: hashes, postings and cells.
//!
//! Three accounts of the same facts must agree: the postings inside each entry (sealed by its
//! hash), the rows of `postings` (for searching), and the cells (their sums).

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use base::{Day, Result};
use store::{Database, Tx};

use crate::block::Block;
use crate::store::{self as sql, EntryRow};
use crate::{Half, MeasureId, seal};

/// Entries read at a time.
const ENTRIES_A_BATCH: i64 = 20_000;
/// Faults that are named one by one; the rest is only counted.
const NAMED_FAULTS: usize = 100;

/// Something that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The entry's own content and its hash disagree, or the chain is broken there.
    EntryChanged {
        /// The entry's number.
        seq: i64,
    },
    /// Entries are missing: this number follows one that is not its predecessor.
    EntriesMissing {
        /// The first number that is missing.
        seq: i64,
    },
    /// The head of the journal does not fit the last entry.
    HeadChanged,
    /// A row of `postings` that no entry holds.
    PostingInvented {
        /// The entry it names.
        entry: i64,
        /// The line it names.
        line: i64,
    },
    /// A posting of an entry that has no row of its own, or another content there.
    PostingLost {
        /// The entry.
        entry: i64,
        /// The line.
        line: i64,
    },
    /// A cell that is not the sum of its postings.
    CellWrong {
        /// The measure.
        measure: MeasureId,
        /// The unit.
        unit: i64,
        /// The day.
        day: Day,
        /// What the cell says, if it is there.
        stored: Option<i64>,
        /// What the postings give, if there are any.
        computed: Option<i64>,
    },
    /// A unit's total in a block that is not the sum of its days.
    TotalsWrong {
        /// The measure.
        measure: MeasureId,
        /// The first day of the half month.
        from: Day,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |sum: &Option<i64>| sum.map_or_else(|| "-".to_owned(), |sum| sum.to_string());
        match self {
            Self::EntryChanged { seq } => write!(formatter, "entry {seq}: changed"),
            Self::EntriesMissing { seq } => write!(formatter, "entry {seq}: missing"),
            Self::HeadChanged => write!(formatter, "journal head: changed"),
            Self::PostingInvented { entry, line } => {
                write!(formatter, "posting {entry}/{line}: in no entry")
            }
            Self::PostingLost { entry, line } => write!(formatter, "posting {entry}/{line}: lost"),
            Self::CellWrong { measure, unit, day, stored, computed } => write!(
                formatter,
                "cell measure {measure} unit {unit} day {day}: stored {}, computed {}",
                number(stored),
                number(computed)
            ),
            Self::TotalsWrong { measure, from } => {
                write!(formatter, "cell totals measure {measure} from {from}: changed")
            }
        }
    }
}

/// What a verification found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Entries read.
    pub entries: u64,
    /// Postings read.
    pub postings: u64,
    /// Cells recomputed.
    pub cells: u64,
    /// The first faults, each with its place.
    pub faults: Vec<Fault>,
    /// How many faults there are in all.
    pub fault_count: u64,
}

impl Report {
    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < NAMED_FAULTS {
            self.faults.push(fault);
        }
        self.fault_count += 1;
    }

    fn add(&mut self, other: Self) {
        self.entries += other.entries;
        self.postings += other.postings;
        self.cells += other.cells;
        self.fault_count += other.fault_count;
        self.faults.extend(other.faults);
        self.faults.truncate(NAMED_FAULTS);
    }

    /// Whether everything holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.fault_count == 0
    }
}

/// A sum over hashes of postings under a key that is drawn anew each time. Two sets of postings
/// with the same sum are the same set, but for a chance of 1 in 2^64 that nobody can steer.
type Checksums = BTreeMap<(MeasureId, Half), (u64, u64)>;

struct Keyed(RandomState);

impl Keyed {
    fn add(&self, sums: &mut Checksums, line: (i64, i64), posting: (MeasureId, i64, i64, i64)) {
        let (measure, day, unit, delta) = posting;
        let half = Half::of(day_of(day));
        let hash = self.0.hash_one((line, measure, day, unit, delta));
        let sum = sums.entry((measure, half)).or_default();
        *sum = (sum.0 + 1, sum.1.wrapping_add(hash));
    }
}

/// Recomputes every hash and every cell from what is stored, and compares.
///
/// Memory: a batch of entries, the postings of one measure and half month, and a checksum for
/// each of these; never the whole.
///
/// Errors: `Unavailable`. What does not hold is in the report, not an error.
pub async fn verify(database: &Database) -> Result<Report> {
    let key = Keyed(RandomState::new());
    let mut tx = database.read().await?;
    let mut report = Report::default();
    let sealed = walk_entries(&mut tx, &key, &mut report).await?;
    let measures = sql::measures(&mut tx).await?;
    let mut posted = Checksums::new();
    for (measure,) in measures {
        report.add(walk_measure(&mut tx, &key, measure, &mut posted).await?);
    }
    for place in sealed.keys().chain(posted.keys().filter(|place| !sealed.contains_key(place))) {
        if sealed.get(place) != posted.get(place) {
            name_postings(&mut tx, *place, &mut report).await?;
        }
    }
    Ok(report)
}

/// Follows the chain of hashes and sums up the postings inside the entries.
async fn walk_entries(tx: &mut Tx, key: &Keyed, report: &mut Report) -> Result<Checksums> {
    let head = sql::head(tx).await?;
    let mut sums = Checksums::new();
    let (mut next, mut before) = (1, vec![0; 32]);
    loop {
        let batch = sql::entries_from(tx, next, ENTRIES_A_BATCH).await?;
        for row in &batch {
            if row.seq != next {
                report.fault(Fault::EntriesMissing { seq: next });
            } else if !is_intact(row, &before) {
                report.fault(Fault::EntryChanged { seq: row.seq });
            }
            for (posting, line) in seal::unpack(&row.postings).unwrap_or_default().iter().zip(0..) {
                let day = i64::from(posting.day.0);
                let posting = (posting.measure, day, posting.unit, posting.delta);
                key.add(&mut sums, (row.seq, line), posting);
            }
            report.entries += 1;
            next = row.seq + 1;
            // Goes on from what is stored, so that one changed entry is one fault.
            before.clone_from(&row.hash);
        }
        if (batch.len() as i64) < ENTRIES_A_BATCH {
            break;
        }
    }
    if next < head.next_seq {
        report.fault(Fault::EntriesMissing { seq: next });
    } else if next > head.next_seq || before != head.hash {
        report.fault(Fault::HeadChanged);
    }
    Ok(sums)
}

fn is_intact(row: &EntryRow, before: &[u8]) -> bool {
    row.sealed().hash(before) == row.hash[..]
}

/// Recomputes the cells of one measure from its rows of `postings`.
async fn walk_measure(
    tx: &mut Tx,
    key: &Keyed,
    measure: MeasureId,
    posted: &mut Checksums,
) -> Result<Report> {
    let mut report = Report::default();
    let mut stored: BTreeMap<Half, (Vec<u8>, Vec<u8>)> = sql::blocks(tx, measure)
        .await?
        .into_iter()
        .map(|(half, totals, days)| (Half(half), (totals, days)))
        .collect();
    if let Some((first, last)) = sql::posted_days(tx, measure).await? {
        for half in Half::of(day_of(first)).0..=Half::of(day_of(last)).0 {
            let half = Half(half);
            let rows = sql::postings_of(tx, measure, half.days()).await?;
            let mut computed = Block::default();
            for (day, unit, entry, line, delta) in &rows {
                key.add(posted, (*entry, *line), (measure, *day, *unit, *delta));
                computed.add(*unit, day_of(*day), *delta)?;
            }
            report.postings += rows.len() as u64;
            let (totals, days) = stored.remove(&half).unwrap_or_default();
            compare(&mut report, measure, half, &computed, (&totals, &days));
        }
    }
    for (half, (totals, days)) in stored {
        compare(&mut report, measure, half, &Block::default(), (&totals, &days));
    }
    Ok(report)
}

fn compare(
    report: &mut Report,
    measure: MeasureId,
    half: Half,
    computed: &Block,
    (totals, days): (&[u8], &[u8]),
) {
    let (right_totals, right_days) = computed.encode(half);
    report.cells += computed.cells().count() as u64;
    if right_days != days {
        let cells = |block: &Block| -> BTreeMap<(i64, Day), i64> {
            block.cells().map(|(unit, day, sum)| ((unit, day), sum)).collect()
        };
        let right = cells(computed);
        let stored = cells(&Block::decode(half, days).unwrap_or_default());
        for place in right.keys().chain(stored.keys().filter(|place| !right.contains_key(place))) {
            let (stored, computed) = (stored.get(place).copied(), right.get(place).copied());
            if stored != computed {
                let (unit, day) = *place;
                report.fault(Fault::CellWrong { measure, unit, day, stored, computed });
            }
        }
    } else if right_totals != totals {
        report.fault(Fault::TotalsWrong { measure, from: half.first() });
    }
}

/// Names the postings of one block in which the entries and the rows disagree.
async fn name_postings(
    tx: &mut Tx,
    (measure, half): (MeasureId, Half),
    report: &mut Report,
) -> Result<()> {
    let rows = sql::postings_of(tx, measure, half.days()).await?;
    let mut rows: BTreeMap<(i64, i64), (i64, i64, i64)> = rows
        .into_iter()
        .map(|(day, unit, entry, line, delta)| ((entry, line), (day, unit, delta)))
        .collect();
    let mut next = 1;
    loop {
        let batch = sql::entries_from(tx, next, ENTRIES_A_BATCH).await?;
        for row in &batch {
            for (posting, line) in seal::unpack(&row.postings).unwrap_or_default().iter().zip(0..) {
                if posting.measure != measure || Half::of(posting.day) != half {
                    continue;
                }
                let content = (i64::from(posting.day.0), posting.unit, posting.delta);
                if rows.remove(&(row.seq, line)) != Some(content) {
                    report.fault(Fault::PostingLost { entry: row.seq, line });
                }
            }
            next = row.seq + 1;
        }
        if (batch.len() as i64) < ENTRIES_A_BATCH {
            break;
        }
    }
    for (entry, line) in rows.into_keys() {
        report.fault(Fault::PostingInvented { entry, line });
    }
    Ok(())
}

fn day_of(number: i64) -> Day {
    i32::try_from(number).map_or(Day::MAX, Day)
}
