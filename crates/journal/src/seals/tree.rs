//! The Merkle tree over the entries (RFC 6962) while it grows, cut into tiles of 256 hashes.
//!
//! A tile of level 0 holds the hashes of entries; one of a level above holds the roots of full
//! tiles below (<https://c2sp.org/tlog-tiles>). Level 0 is made from the entries when it is asked
//! for; the levels above are kept.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash};

/// A full tile has 2^8 hashes.
pub(crate) const HEIGHT: u8 = 8;
/// Hashes in a full tile.
pub(crate) const WIDTH: u64 = 1 << HEIGHT;
/// A tree of 2^63 entries has no level above.
const LEVELS: u8 = 8;

/// The place of a tile.
pub(crate) type Place = (u8, u64);

/// A hash that belongs into a kept tile: its level, its number in the level, itself.
pub(crate) type Kept = (u8, u64, Hash);

/// A tree to which entries are added one after the other; it holds a hash for each full subtree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Growing {
    size: u64,
    /// The roots of the full subtrees, the largest first, each with its height.
    peaks: Vec<(u8, Hash)>,
}

impl Growing {
    /// The tree of so many entries, of which `hashes` gives the open tiles: those that are not
    /// full, at each level.
    pub(crate) fn resume(size: u64, hashes: impl Fn(Place) -> Vec<Hash>) -> Self {
        let mut tree = Self::default();
        for (level, number) in open_tiles(size).into_iter().rev() {
            for hash in hashes((level, number)) {
                tree.add(level * HEIGHT, hash, &mut Vec::new());
            }
        }
        tree.size = size;
        tree
    }

    /// How many entries it has.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of an entry. Each tile that becomes full by it gives a hash to `kept`.
    pub(crate) fn push(&mut self, leaf: Hash, kept: &mut Vec<Kept>) {
        self.size += 1;
        self.add(0, leaf, kept);
    }

    fn add(&mut self, mut height: u8, mut hash: Hash, kept: &mut Vec<Kept>) {
        while let Some((_, left)) = self.peaks.pop_if(|peak| peak.0 == height) {
            hash = node_hash(left, hash);
            height += 1;
            if height.is_multiple_of(HEIGHT) {
                kept.push((height / HEIGHT, (self.size >> height) - 1, hash));
            }
        }
        self.peaks.push((height, hash));
    }

    /// The root of the whole.
    pub(crate) fn root(&self) -> Hash {
        let peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        peaks.reduce(|right, left| node_hash(left, right)).unwrap_or(EMPTY_HASH)
    }
}

/// The tiles of a tree of this size that are begun and not full, from level 0 up.
pub(crate) fn open_tiles(size: u64) -> Vec<Place> {
    let levels = (0..LEVELS).map(|level| (level, size >> (level * HEIGHT)));
    levels
        .filter(|(_, hashes)| hashes % WIDTH > 0)
        .map(|(level, hashes)| (level, hashes / WIDTH))
        .collect()
}

/// How many hashes a tile has in a tree of this size.
pub(crate) fn width(size: u64, (level, number): Place) -> u64 {
    let hashes = if level < LEVELS { size >> (level * HEIGHT) } else { 0 };
    hashes.saturating_sub(number.saturating_mul(WIDTH)).min(WIDTH)
}
