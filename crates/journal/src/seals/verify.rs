//! Proving that the seals are those of the entries.

use std::collections::BTreeMap;

use base::Result;
use store::Tx;
use tlog_tiles::record_hash;

use super::note::{self, Checkpoint, PublicKey};
use super::store::{self as sql, CheckpointRow};
use super::tree::{Growing, Place, WIDTH};
use crate::verify::{Fault, Report};

const CHECKPOINTS_A_BATCH: i64 = 1_000;

/// What whoever verifies knows from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The key of the journal; without it no signature is checked.
    pub key: Option<PublicKey>,
    /// The keys of witnesses.
    pub witnesses: Vec<PublicKey>,
    /// Checkpoints that were kept elsewhere.
    pub held: Vec<Checkpoint>,
}

/// Walks along the entries and compares the tree over them with every seal.
pub(crate) struct Walk<'a> {
    trust: &'a Trust,
    /// Seals that are still ahead, the next one last.
    ahead: Vec<CheckpointRow>,
    /// How many entries are sealed.
    sealed: u64,
    tree: Growing,
    /// The tiles as they should be.
    tiles: BTreeMap<Place, Vec<u8>>,
    /// How many entries the last seal that holds has.
    good: u64,
    is_broken: bool,
}

impl<'a> Walk<'a> {
    pub(crate) async fn begin(tx: &mut Tx, trust: &'a Trust) -> Result<Self> {
        let mut ahead: Vec<CheckpointRow> = Vec::new();
        loop {
            let last = ahead.last().map_or(i64::MIN, |row| row.size);
            let batch = sql::list_after(tx, last, CHECKPOINTS_A_BATCH).await?;
            if batch.is_empty() {
                break;
            }
            ahead.extend(batch);
        }
        let sealed = ahead.last().map_or(0, |row| row.size.max(0).unsigned_abs());
        ahead.reverse();
        Ok(Self {
            trust,
            ahead,
            sealed,
            tree: Growing::default(),
            tiles: BTreeMap::new(),
            good: 0,
            is_broken: false,
        })
    }

    /// The next entry, by the hash that is stored with it.
    pub(crate) fn entry(&mut self, hash: &[u8], report: &mut Report) {
        self.compare(report);
        let mut kept = Vec::new();
        self.tree.push(record_hash(hash), &mut kept);
        if self.tree.size() <= self.sealed {
            for (level, number, hash) in kept {
                self.tiles.entry((level, number / WIDTH)).or_default().extend(hash.0);
            }
        }
    }

    /// Compares the tree as it is now with the seals of this size.
    fn compare(&mut self, report: &mut Report) {
        let size = self.tree.size();
        while let Some(row) = self.ahead.pop_if(|row| row.size.unsigned_abs() <= size) {
            report.seals += 1;
            self.seal(&row, report);
        }
        for held in self.trust.held.iter().filter(|held| held.size == size) {
            if self.tree.root().0 != held.root {
                report.fault(Fault::HeldCheckpointBroken { size });
            }
        }
    }

    fn seal(&mut self, row: &CheckpointRow, report: &mut Report) {
        let (size, root) = (self.tree.size(), self.tree.root().0);
        // What follows a broken one is broken by the same change.
        let is_right = row.size.unsigned_abs() == size && row.root == root;
        if is_right {
            self.good = size;
        } else if !self.is_broken {
            self.is_broken = true;
            report.fault(Fault::SealBroken { after: self.good, size: row.size });
        }
        let says = match &self.trust.key {
            Some(key) => note::check(&row.note, key, &self.trust.witnesses).map(|it| it.0),
            None => Checkpoint::parse(&row.note),
        };
        let is_said = says.is_ok_and(|says| {
            says.size == row.size.unsigned_abs() && says.root[..] == row.root[..]
        });
        if !is_said {
            report.fault(Fault::SealForged { size: row.size });
        }
    }

    pub(crate) async fn end(mut self, tx: &mut Tx, report: &mut Report) -> Result<()> {
        self.compare(report);
        for row in std::mem::take(&mut self.ahead).into_iter().rev() {
            report.seals += 1;
            report.fault(Fault::SealBroken { after: self.tree.size(), size: row.size });
        }
        let size = self.tree.size();
        for held in self.trust.held.iter().filter(|held| held.size > size) {
            report.fault(Fault::HeldCheckpointAhead { size: held.size, entries: size });
        }
        for ((level, number), hashes) in &self.tiles {
            if sql::find_tile(tx, *level, *number).await?.as_ref() != Some(hashes) {
                report.fault(Fault::TileWrong { level: *level, number: *number });
            }
        }
        let more = sql::count_tiles(tx).await? - crate::store::count(self.tiles.len())?;
        if more > 0 {
            report.fault(Fault::TilesInvented { count: more });
        }
        Ok(())
    }
}
