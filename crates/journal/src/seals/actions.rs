//! Sealing the journal, and proving things from its seals.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{Clock, Error, Moment, Page, Result};
use store::{Database, Tx};
use tlog_tiles::{Hash, HashReader, Tile, prove_record, prove_tree, record_hash};

use super::note::{self, Checkpoint, PublicKey, SealKey};
use super::proof::{Consistency, Inclusion, ProvedEntry};
use super::store::{self as sql, CheckpointRow};
use super::tree::{Growing, HEIGHT, Kept, Place, WIDTH, open_tiles, width};
use super::verify::Trust;
use crate::read::{find_entry, last_seq};

/// So many entries are sealed in one transaction, so that nobody waits long behind it.
const ENTRIES_A_SEAL: u64 = 50_000;
const HASH_BYTES: usize = 32;

/// The seals as a part of the program's state.
#[derive(Clone, Debug)]
pub struct Sealer {
    database: Database,
    clock: Clock,
    key: Option<Arc<SealKey>>,
    witnesses: Arc<[PublicKey]>,
    waits: bool,
}

impl Sealer {
    /// One that only shows what was sealed.
    #[must_use]
    pub fn new(database: Database, clock: Clock) -> Self {
        Self { database, clock, key: None, witnesses: Arc::default(), waits: false }
    }

    /// One that seals with a key, and knows these witnesses.
    #[must_use]
    pub fn with(self, key: Option<SealKey>, witnesses: Vec<PublicKey>) -> Self {
        Self { key: key.map(Arc::new), witnesses: witnesses.into(), ..self }
    }

    /// The same that publishes a checkpoint only when a witness signed it.
    #[must_use]
    pub fn waiting_for_witnesses(self, waits: bool) -> Self {
        Self { waits, ..self }
    }

    /// The checkpoint for everybody: the newest, or where witnesses are asked the newest that one of
    /// them signed, as soon as there is one.
    ///
    /// Errors: `Unavailable`.
    pub async fn find_published(&self, tx: &mut Tx) -> Result<Option<Seal>> {
        let witnessed = match self.waits {
            true => sql::find_last_witnessed(tx).await?,
            false => None,
        };
        match witnessed {
            Some(row) => Seal::read(row).map(Some),
            None => find_last(tx).await,
        }
    }

    /// The database underneath.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// The key that others check with; none where nothing is sealed here.
    #[must_use]
    pub fn public(&self) -> Option<PublicKey> {
        self.key.as_ref().map(|key| key.public())
    }

    /// The keys of the witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[PublicKey] {
        &self.witnesses
    }

    /// What to verify the journal with.
    #[must_use]
    pub fn trust(&self) -> Trust {
        let witnesses = self.witnesses.to_vec();
        Trust { key: self.public(), witnesses, held: Vec::new() }
    }

    /// Seals what is there, see [`seal`]; nothing without a key.
    ///
    /// Errors: those of [`seal`].
    pub async fn seal(&self) -> Result<Option<(Seal, u64)>> {
        let Some(key) = &self.key else { return Ok(None) };
        let (newest, added) = seal(&self.database, &self.clock, key).await?;
        Ok(newest.map(|newest| (newest, added)))
    }
}

/// A checkpoint that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// When it was made.
    pub sealed_at: Moment,
    /// As it was signed.
    pub note: String,
    /// How many witnesses signed it.
    pub witnesses: i64,
}

impl Seal {
    fn read(row: CheckpointRow) -> Result<Self> {
        let checkpoint = Checkpoint::parse(&row.note)?;
        let CheckpointRow { sealed_at, note, witnesses, .. } = row;
        Ok(Self { checkpoint, sealed_at: Moment(sealed_at), note, witnesses })
    }
}

/// Seals all entries that are there. Gives the newest seal, and how many entries it added; none
/// where there is nothing to seal.
///
/// Of the checkpoints of a day only the last stays, and those that a witness signed: each proves
/// all before it, and whoever took another can still prove that the later ones go on from it.
///
/// Errors: `Refused` `seals.broken` when the entries are no longer those sealed before;
/// `seals.other_origin` when the journal was sealed under another name; `Unavailable`.
pub async fn seal(
    database: &Database,
    clock: &Clock,
    key: &SealKey,
) -> Result<(Option<Seal>, u64)> {
    let mut added = 0;
    // Most times there is nothing to do, and then nobody is kept waiting.
    let mut tx = database.read().await?;
    let last = find_last(&mut tx).await?;
    let size = last.as_ref().map_or(0, |last| last.checkpoint.size);
    if last_seq(&mut tx).await?.unsigned_abs() == size {
        return Ok((last, added));
    }
    drop(tx);
    loop {
        let mut tx = database.write().await?;
        let more = seal_some(&mut tx, clock, key).await?;
        if more > 0 {
            tx.commit().await?;
            added += more;
            continue;
        }
        return Ok((find_last(&mut tx).await?, added));
    }
}

/// Seals the next entries; gives how many.
async fn seal_some(tx: &mut Tx, clock: &Clock, key: &SealKey) -> Result<u64> {
    sql::lock(tx).await?;
    let last = find_last(tx).await?;
    let from = last.as_ref().map_or(0, |last| last.checkpoint.size);
    let mut tiles = Tiles::load(tx, &open_tiles(from), from).await?;
    let mut tree = Growing::resume(from, |place| tiles.hashes(place));
    if let Some(last) = &last {
        refuse_broken(last, &tree, key)?;
    }
    let new = leaves(tx, from, ENTRIES_A_SEAL).await?;
    if new.is_empty() {
        return Ok(0);
    }
    let mut kept = Vec::new();
    for leaf in &new {
        tree.push(*leaf, &mut kept);
    }
    for place in tiles.extend(kept) {
        sql::save_tile(tx, place.0, place.1, tiles.bytes(place)).await?;
    }
    let (root, at) = (tree.root(), clock.now());
    let note = key.sign(tree.size(), root, at)?;
    sql::drop_passing(tx, at.day(), tree.size()).await?;
    sql::insert(tx, (tree.size(), root.0), at, &note).await?;
    Ok(new.len() as u64)
}

/// A key never signs a tree that does not go on from what was signed before.
fn refuse_broken(last: &Seal, tree: &Growing, key: &SealKey) -> Result<()> {
    let (ours, theirs) = (key.public().name().to_owned(), last.checkpoint.origin.clone());
    if ours != theirs {
        return Err(Error::refused("seals.other_origin", move |lang| {
            let names = lang::seals::OtherOrigin { ours: &ours, theirs: &theirs };
            lang::seals::other_origin(lang, names)
        }));
    }
    if tree.root().0 != last.checkpoint.root {
        let size = last.checkpoint.size;
        return Err(Error::refused("seals.broken", move |lang| lang::seals::broken(lang, size)));
    }
    Ok(())
}

/// The hashes of level 0 from a place on.
async fn leaves(tx: &mut Tx, from: u64, count: u64) -> Result<Vec<Hash>> {
    let [first, count] = [from + 1, count].map(|it| i64::try_from(it).unwrap_or(i64::MAX));
    let hashes = sql::hashes_from(tx, first, count).await?;
    Ok(hashes.iter().map(|(hash,)| record_hash(hash)).collect())
}

/// Some tiles of a tree.
struct Tiles(BTreeMap<Place, Vec<u8>>);

impl Tiles {
    /// Reads them, of a tree of that size; a tile that is not there reads as one without hashes.
    async fn load(tx: &mut Tx, places: &[Place], size: u64) -> Result<Self> {
        let mut tiles = BTreeMap::new();
        for (level, number) in places {
            let mut bytes = match level {
                0 => {
                    let leaves = leaves(tx, number * WIDTH, WIDTH).await?;
                    leaves.iter().flat_map(|leaf| leaf.0).collect()
                }
                _ => sql::find_tile(tx, *level, *number).await?.unwrap_or_default(),
            };
            let hashes = usize::try_from(width(size, (*level, *number))).unwrap_or(usize::MAX);
            bytes.truncate(hashes.saturating_mul(HASH_BYTES));
            tiles.insert((*level, *number), bytes);
        }
        Ok(Self(tiles))
    }

    fn bytes(&self, place: Place) -> &[u8] {
        self.0.get(&place).map(Vec::as_slice).unwrap_or_default()
    }

    fn hashes(&self, place: Place) -> Vec<Hash> {
        let (hashes, _) = self.bytes(place).as_chunks::<HASH_BYTES>();
        hashes.iter().copied().map(Hash).collect()
    }

    /// Adds hashes at the end of their tiles; gives the tiles that grew.
    fn extend(&mut self, kept: Vec<Kept>) -> BTreeSet<Place> {
        let mut grown = BTreeSet::new();
        for (level, number, hash) in kept {
            let place = (level, number / WIDTH);
            self.0.entry(place).or_default().extend(hash.0);
            grown.insert(place);
        }
        grown
    }
}

/// Reads hashes out of tiles, and notes which tiles it would need.
struct Reader {
    tiles: Tiles,
    wanted: RefCell<BTreeSet<Place>>,
}

impl HashReader for Reader {
    fn read_hashes(&self, indexes: &[u64]) -> std::result::Result<Vec<Hash>, tlog_tiles::Error> {
        let tiles: Vec<Tile> = indexes.iter().map(|at| Tile::from_index(HEIGHT, *at)).collect();
        let place = |tile: &Tile| (tile.level(), tile.level_index());
        self.wanted.borrow_mut().extend(tiles.iter().map(place));
        let read = |(tile, at): (&Tile, &u64)| {
            tile.hash_at_index(self.tiles.0.get(&place(tile)).map_or(&[], Vec::as_slice), *at)
        };
        tiles.iter().zip(indexes).map(read).collect()
    }
}

/// Makes a proof over a tree of that size. The proof says itself which hashes it needs: the first
/// try finds none of them, the second all.
async fn prove(
    tx: &mut Tx,
    size: u64,
    proof: impl Fn(&Reader) -> std::result::Result<Vec<Hash>, tlog_tiles::Error>,
) -> Result<Vec<Hash>> {
    let none = Reader { tiles: Tiles(BTreeMap::new()), wanted: RefCell::default() };
    // Needs no hash at all, or fails for want of them.
    if let Ok(hashes) = proof(&none) {
        return Ok(hashes);
    }
    let places: Vec<Place> = none.wanted.take().into_iter().collect();
    let tiles = Tiles::load(tx, &places, size).await?;
    let full = Reader { tiles, wanted: RefCell::default() };
    proof(&full).map_err(|error| Error::internal(error.to_string()))
}

/// The proof that an entry is in a checkpoint: that of a size, or the first that holds it. None
/// where there is no such entry or checkpoint.
pub async fn prove_entry(tx: &mut Tx, seq: i64, size: Option<i64>) -> Result<Option<Inclusion>> {
    let row = match size {
        Some(size) if size < seq => None,
        Some(size) => sql::find_holding(tx, size).await?,
        None => sql::find_holding(tx, seq).await?,
    };
    let (Some(row), Some(entry)) = (row, find_entry(tx, seq).await?) else { return Ok(None) };
    let before = match seq {
        1 => vec![0; HASH_BYTES],
        _ => find_entry(tx, seq - 1).await?.map(|before| before.hash).unwrap_or_default(),
    };
    let (size, index) = (row.size.unsigned_abs(), (seq - 1).unsigned_abs());
    let hashes = prove(tx, size, |reader| prove_record(size, index, reader)).await?;
    Ok(Some(Inclusion::new(ProvedEntry::new(&entry, &before), hashes, row.note)))
}

/// The proof that a checkpoint goes on from an earlier one of that size. None where there is no
/// such later checkpoint, or it is the smaller one.
pub async fn prove_growth(tx: &mut Tx, old: u64, new: i64) -> Result<Option<Consistency>> {
    let Some(row) = sql::find_holding(tx, new).await? else { return Ok(None) };
    let size = row.size.unsigned_abs();
    if old > size || new < 1 {
        return Ok(None);
    }
    let hashes = match old {
        0 => Vec::new(),
        _ => prove(tx, size, |reader| prove_tree(size, old, reader)).await?,
    };
    Ok(Some(Consistency::new(old, hashes, row.note)))
}

/// The newest seal.
pub async fn find_last(tx: &mut Tx) -> Result<Option<Seal>> {
    sql::find_last(tx).await?.map(Seal::read).transpose()
}

/// The smallest seal that covers an entry; none where it is not sealed yet.
pub async fn find_covering(tx: &mut Tx, seq: i64) -> Result<Option<Seal>> {
    sql::find_holding(tx, seq).await?.map(Seal::read).transpose()
}

/// Seals, the newest first.
///
/// Errors: `Invalid` for a cursor of another list.
pub async fn list(tx: &mut Tx, cursor: Option<&str>, limit: usize) -> Result<Page<Seal>> {
    let before = cursor.map_or(Ok(i64::MAX), base::Cursor::decode::<i64>)?;
    let rows = sql::list_before(tx, before, crate::store::count(limit + 1)?).await?;
    let seals = rows.into_iter().map(Seal::read).collect::<Result<Vec<_>>>()?;
    Ok(Page::cut(seals, limit, |seal| i64::try_from(seal.checkpoint.size).unwrap_or(i64::MAX)))
}

/// The bytes of a tile of the tree in the newest checkpoint, at most so many hashes of it; none
/// where the tree has none there.
pub async fn find_tile(tx: &mut Tx, place: Place, hashes: u64) -> Result<Option<Vec<u8>>> {
    let Some(size) = sealed(tx).await? else { return Ok(None) };
    if width(size, place) < hashes || hashes == 0 {
        return Ok(None);
    }
    let mut bytes = Tiles::load(tx, &[place], size).await?.0.remove(&place).unwrap_or_default();
    bytes.truncate(usize::try_from(hashes).unwrap_or_default() * HASH_BYTES);
    Ok(Some(bytes))
}

/// The hashes of sealed entries as a bundle: each behind its length. None as for
/// [`find_tile`].
pub async fn find_bundle(tx: &mut Tx, number: u64, entries: u64) -> Result<Option<Vec<u8>>> {
    let Some(size) = sealed(tx).await? else { return Ok(None) };
    if width(size, (0, number)) < entries || entries == 0 {
        return Ok(None);
    }
    let [first, count] =
        [number * WIDTH + 1, entries].map(|it| i64::try_from(it).unwrap_or(i64::MAX));
    let hashes = sql::hashes_from(tx, first, count).await?;
    let length = u16::try_from(HASH_BYTES).unwrap_or_default().to_be_bytes();
    let bundle = hashes.iter().flat_map(|(hash,)| length.iter().chain(hash)).copied();
    Ok(Some(bundle.collect()))
}

async fn sealed(tx: &mut Tx) -> Result<Option<u64>> {
    Ok(sql::find_last(tx).await?.map(|last| last.size.unsigned_abs()))
}

/// Adds the lines of witnesses to a checkpoint. Lines that no known key made are left out.
///
/// Errors: `NotFound` when there is no checkpoint of that size; `Invalid` at `checkpoint` when the
/// lines are not of it or do not hold.
pub async fn add_witnesses(
    tx: &mut Tx,
    signed: &str,
    journal: &PublicKey,
    witnesses: &[PublicKey],
) -> Result<Seal> {
    sql::lock(tx).await?;
    let (checkpoint, _) = note::check(signed, journal, witnesses)?;
    let size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
    let row = sql::find(tx, size).await?;
    let row = row.ok_or_else(|| Error::not_found(move |lang| lang::seals::none_of(lang, size)))?;
    let kept = note::join(&row.note, signed, journal, witnesses)?;
    let (_, signatures) = note::check(&kept, journal, witnesses)?;
    let count = crate::store::count(signatures.witnesses.len())?;
    sql::save_note(tx, size, &kept, count).await?;
    Seal::read(CheckpointRow { note: kept, witnesses: count, ..row })
}

/// Adds the lines of witnesses to a checkpoint of ours, also when a later one has taken its place
/// meanwhile: a witness may take its time. Of the checkpoints of its day that no more witnesses
/// signed, it is then the last that stays.
///
/// Errors: as of [`add_witnesses`].
pub(super) async fn keep_witnessed(
    tx: &mut Tx,
    seal: &Seal,
    signed: &str,
    journal: &PublicKey,
    witnesses: &[PublicKey],
) -> Result<Seal> {
    sql::lock(tx).await?;
    let Checkpoint { size, root, .. } = seal.checkpoint;
    let number = i64::try_from(size).map_err(Error::internal)?;
    if sql::find(tx, number).await?.is_none() {
        sql::insert(tx, (size, root), seal.sealed_at, &seal.note).await?;
    }
    let kept = add_witnesses(tx, signed, journal, witnesses).await?;
    sql::drop_surpassed(tx, seal.sealed_at.day(), number, kept.witnesses).await?;
    Ok(kept)
}
