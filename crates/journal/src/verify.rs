//! Proving that the journal is whole: hashes, postings, cells and seals.
//!
//! Three accounts of the same facts must agree: the postings inside each entry (covered by its
//! hash), the rows of `postings` (for searching), and the cells (their sums). The seals say the
//! same of all entries together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::{Day, Error, Result};
use store::{Database, Tx};

use crate::block::Block;
use crate::seals::verify::{Trust, Walk};
use crate::store::{self as sql, EntryRow, PostedDay};
use crate::{Cell, Half, MeasureId, Posting, hash};

/// Entries read at a time.
const ENTRIES_A_BATCH: i64 = 20_000;
/// Faults that are named one by one; the rest is only counted.
const NAMED_FAULTS: usize = 100;
/// So many measures are recomputed at the same time.
const WALKERS: usize = 2;
/// Days of postings lie between these two.
const FIRST_DAY: Day = Day(-25_567);
const LAST_DAY: Day = Day(109_573);
/// So often it is tried to see one state from all of them.
const TRIES: usize = 1_000;

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
        stored: Option<Cell>,
        /// What the postings give, if there are any.
        computed: Option<Cell>,
    },
    /// A unit's total in a block that is not the sum of its days.
    TotalsWrong {
        /// The measure.
        measure: MeasureId,
        /// The first day of the half month.
        from: Day,
    },
    /// A block of cells that cannot be read, or is not written as the program writes it.
    BlockWrong {
        /// The measure.
        measure: MeasureId,
        /// The first day of the half month.
        from: Day,
    },
    /// Rows of `postings` on days that no entry can have.
    PostingsAstray {
        /// The measure.
        measure: MeasureId,
        /// How many.
        count: i64,
    },
    /// The entries are not those that were sealed; the first seal that says so.
    SealBroken {
        /// The entries up to this number are still those sealed.
        after: u64,
        /// How many entries the seal has.
        size: i64,
    },
    /// A seal that is not signed, or does not say what stands beside it.
    SealForged {
        /// How many entries it has.
        size: i64,
    },
    /// The entries are not those of a checkpoint that was kept elsewhere.
    HeldCheckpointBroken {
        /// How many entries it has.
        size: u64,
    },
    /// A checkpoint that was kept elsewhere has more entries than there are: these data are older,
    /// or entries were removed at the end.
    HeldCheckpointAhead {
        /// How many entries it has.
        size: u64,
        /// How many there are.
        entries: u64,
    },
    /// A tile of the tree that is not made of the entries.
    TileWrong {
        /// Its level.
        level: u8,
        /// Its number in the level.
        number: u64,
    },
    /// Tiles that no sealed tree has.
    TilesInvented {
        /// How many.
        count: i64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |cell: &Option<Cell>| {
            cell.map_or_else(|| "-".to_owned(), |it| format!("{} of {}", it.sum, it.records))
        };
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
            Self::BlockWrong { measure, from } => {
                write!(formatter, "cells measure {measure} from {from}: damaged")
            }
            Self::PostingsAstray { measure, count } => {
                write!(formatter, "postings measure {measure}: {count} on impossible days")
            }
            Self::SealBroken { after, size } => {
                write!(formatter, "seal {size}: the entries after {after} are not those sealed")
            }
            Self::SealForged { size } => write!(formatter, "seal {size}: forged"),
            Self::HeldCheckpointBroken { size } => {
                write!(formatter, "checkpoint {size}: the entries are not those that it has")
            }
            Self::HeldCheckpointAhead { size, entries } => write!(
                formatter,
                "checkpoint {size}: here are only {entries} entries: older data, or entries removed"
            ),
            Self::TileWrong { level, number } => {
                write!(formatter, "tree tile {level}/{number}: changed")
            }
            Self::TilesInvented { count } => write!(formatter, "tree tiles: {count} too many"),
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
    /// Seals compared.
    pub seals: u64,
    /// The first faults, each with its place.
    pub faults: Vec<Fault>,
    /// How many faults there are in all.
    pub fault_count: u64,
}

impl Report {
    pub(crate) fn fault(&mut self, fault: Fault) {
        if self.faults.len() < NAMED_FAULTS {
            self.faults.push(fault);
        }
        self.fault_count += 1;
    }

    fn add(&mut self, other: Self) {
        self.entries += other.entries;
        self.postings += other.postings;
        self.cells += other.cells;
        self.seals += other.seals;
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
type Checksums = HashMap<(MeasureId, Half), (u64, u64)>;

struct Keyed(RandomState);

impl Keyed {
    fn hash(&self, entry: i64, line: i64, it: &Posting) -> u64 {
        self.0.hash_one((entry, line, it.measure, it.unit, it.day.0, it.delta, it.records))
    }
}

/// Recomputes every hash, every cell and every seal from what is stored, and compares; also with
/// what is known from elsewhere.
///
/// Memory: a batch of entries, the postings of one measure and half month, and a checksum for
/// each of these; never the whole.
///
/// Errors: `Unavailable`. What does not hold is in the report, not an error.
pub async fn verify(database: &Database, trust: &Trust) -> Result<Report> {
    let key = Arc::new(Keyed(RandomState::new()));
    let mut readers = same_state(database, WALKERS + 1).await?;
    let mut tx = readers.pop().ok_or_else(|| Error::internal("no reader"))?;
    let measures = Arc::new(sql::measures(&mut tx).await?);
    let next = Arc::new(AtomicUsize::new(0));
    let mut walkers = Vec::new();
    for reader in readers {
        let walk = walk_measures(reader, key.clone(), measures.clone(), next.clone());
        walkers.push(tokio::spawn(walk));
    }
    let (mut report, sealed) = walk_entries(&mut tx, &key, trust).await?;
    let mut posted = Checksums::new();
    for walker in walkers {
        let (part, sums) = walker.await.map_err(Error::internal)??;
        report.add(part);
        posted.extend(sums);
    }
    let mut places: Vec<_> = sealed.keys().chain(posted.keys()).copied().collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        if sealed.get(&place) != posted.get(&place) {
            name_postings(&mut tx, place, &mut report).await?;
        }
    }
    Ok(report)
}

/// Opens readers that all see the same state of the journal, while others may go on writing.
///
/// Errors: `Unavailable` when the journal moves on each time.
async fn same_state(database: &Database, count: usize) -> Result<Vec<Tx>> {
    for _ in 0..TRIES {
        let mut readers = Vec::with_capacity(count);
        let mut heads = HashSet::new();
        for _ in 0..count {
            let mut tx = database.read().await?;
            let head = sql::head(&mut tx).await?;
            heads.insert((head.next_seq, head.hash));
            readers.push(tx);
        }
        if heads.len() == 1 {
            return Ok(readers);
        }
    }
    Err(Error::Unavailable("the journal is being written to".into()))
}

/// Follows the chain of hashes, compares it with the seals, and sums up the postings inside the
/// entries.
async fn walk_entries(tx: &mut Tx, key: &Keyed, trust: &Trust) -> Result<(Report, Checksums)> {
    let head = sql::head(tx).await?;
    let mut seals = Walk::begin(tx, trust).await?;
    let (mut report, mut sums) = (Report::default(), Checksums::new());
    // Most entries speak of a day that was just seen.
    let mut halves = HashMap::<i32, Half>::new();
    let (mut next, mut before, mut last_at) = (1, vec![0; 32], 0);
    loop {
        // The first batch begins before the first number, where nothing may be.
        let from = if next == 1 { i64::MIN } else { next };
        let batch = sql::entries_from(tx, from, ENTRIES_A_BATCH).await?;
        for row in &batch {
            if row.seq < next {
                report.fault(Fault::EntryChanged { seq: row.seq });
                continue;
            }
            if row.seq != next {
                report.fault(Fault::EntriesMissing { seq: next });
            } else if !is_intact(row, &before) {
                report.fault(Fault::EntryChanged { seq: row.seq });
            }
            for (posting, line) in hash::unpack(&row.postings).unwrap_or_default().iter().zip(0..) {
                let half = *halves.entry(posting.day.0).or_insert_with(|| Half::of(posting.day));
                let sum = sums.entry((posting.measure, half)).or_default();
                *sum = (sum.0 + 1, sum.1.wrapping_add(key.hash(row.seq, line, posting)));
            }
            seals.entry(&row.hash, &mut report);
            report.entries += 1;
            next = row.seq + 1;
            // Goes on from what is stored, so that one changed entry is one fault.
            before.clone_from(&row.hash);
            last_at = row.recorded_at;
        }
        if (batch.len() as i64) < ENTRIES_A_BATCH {
            break;
        }
    }
    if next < head.next_seq {
        report.fault(Fault::EntriesMissing { seq: next });
    } else if next > head.next_seq || before != head.hash || last_at != head.last_at {
        report.fault(Fault::HeadChanged);
    }
    seals.end(tx, &mut report).await?;
    Ok((report, sums))
}

fn is_intact(row: &EntryRow, before: &[u8]) -> bool {
    row.sealed().hash(before) == row.hash[..]
}

/// Recomputes the cells of measures, each taken from the common list by whoever is free.
async fn walk_measures(
    mut tx: Tx,
    key: Arc<Keyed>,
    measures: Arc<Vec<(MeasureId,)>>,
    next: Arc<AtomicUsize>,
) -> Result<(Report, Checksums)> {
    let (mut report, mut posted) = (Report::default(), Checksums::new());
    while let Some((measure,)) = measures.get(next.fetch_add(1, Ordering::Relaxed)) {
        report.add(walk_measure(&mut tx, &key, *measure, &mut posted).await?);
    }
    Ok((report, posted))
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
    let mut read = 0;
    if let Some((first, last)) = sql::posted_days(tx, measure).await? {
        let within = |day: i64| Half::of(day_of(day).clamp(FIRST_DAY, LAST_DAY)).0;
        for half in within(first)..=within(last) {
            let half = Half(half);
            let rows = postings_of(tx, measure, half).await?;
            let sum = rows.iter().fold(0_u64, |sum, (entry, line, posting)| {
                sum.wrapping_add(key.hash(*entry, *line, posting))
            });
            if !rows.is_empty() {
                posted.insert((measure, half), (rows.len() as u64, sum));
            }
            let mut computed = Block::default();
            read += rows.len() as i64;
            let cells = rows.iter().map(|(_, _, it)| (it.unit, it.day, it.cell()));
            if computed.add(cells).is_err() {
                stored.remove(&half);
                report.fault(Fault::BlockWrong { measure, from: half.first() });
                continue;
            }
            let (totals, days) = stored.remove(&half).unwrap_or_default();
            compare(&mut report, measure, half, &computed, (&totals, &days));
        }
    }
    for (half, (totals, days)) in stored {
        compare(&mut report, measure, half, &Block::default(), (&totals, &days));
    }
    let there = sql::count_postings(tx, measure).await?;
    if there != read {
        report.fault(Fault::PostingsAstray { measure, count: there - read });
    }
    report.postings = there.unsigned_abs();
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
    report.cells += computed.cells().len() as u64;
    let from = half.first();
    let before = report.fault_count;
    if right_days != days {
        let cells = |block: &Block| -> BTreeMap<(i64, Day), Cell> {
            block.cells().iter().map(|(unit, day, cell)| ((*unit, *day), *cell)).collect()
        };
        let right = cells(computed);
        let stored = match Block::decode(half, days) {
            Ok(block) => cells(&block),
            Err(_) => return report.fault(Fault::BlockWrong { measure, from }),
        };
        for place in right.keys().chain(stored.keys().filter(|place| !right.contains_key(place))) {
            let (stored, computed) = (stored.get(place).copied(), right.get(place).copied());
            if stored != computed {
                let (unit, day) = *place;
                report.fault(Fault::CellWrong { measure, unit, day, stored, computed });
            }
        }
        // The same cells in other bytes: written twice, say, so that a reader sees another sum.
        if report.fault_count == before {
            report.fault(Fault::BlockWrong { measure, from });
        }
    }
    if right_totals != totals && report.fault_count == before {
        report.fault(Fault::TotalsWrong { measure, from });
    }
}

/// Names the postings of one block in which the entries and the rows disagree.
async fn name_postings(
    tx: &mut Tx,
    (measure, half): (MeasureId, Half),
    report: &mut Report,
) -> Result<()> {
    let rows = postings_of(tx, measure, half).await?;
    let mut rows: BTreeMap<(i64, i64), Posting> =
        rows.into_iter().map(|(entry, line, posting)| ((entry, line), posting)).collect();
    let mut next = 1;
    loop {
        let batch = sql::entries_from(tx, next, ENTRIES_A_BATCH).await?;
        for row in &batch {
            for (posting, line) in hash::unpack(&row.postings).unwrap_or_default().iter().zip(0..) {
                if posting.measure != measure || Half::of(posting.day) != half {
                    continue;
                }
                if rows.remove(&(row.seq, line)).as_ref() != Some(posting) {
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

/// The rows of `postings` of one block: entry, line, posting.
async fn postings_of(
    tx: &mut Tx,
    measure: MeasureId,
    half: Half,
) -> Result<Vec<(i64, i64, Posting)>> {
    let mut rows = Vec::new();
    for posted in sql::postings_of(tx, measure, half.days()).await? {
        let PostedDay { day, units, entries, lines, deltas, records } = &posted;
        let columns = [units, entries, lines, deltas, records];
        let mut columns = columns.map(|column| column.split(',').map(str::parse::<i64>));
        while let Some(unit) = columns[0].next() {
            let mut next = |at: usize| columns[at].next()?.ok();
            let row = (|| {
                let (entry, line) = (next(1)?, next(2)?);
                let (delta, records) = (next(3)?, next(4)?);
                let posting =
                    Posting { measure, unit: unit.ok()?, day: day_of(*day), delta, records };
                Some((entry, line, posting))
            })();
            rows.push(row.ok_or_else(|| Error::internal("postings do not read as numbers"))?);
        }
    }
    Ok(rows)
}

fn day_of(number: i64) -> Day {
    i32::try_from(number).map_or(Day::MAX, Day)
}
