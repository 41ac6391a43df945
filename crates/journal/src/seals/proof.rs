//! Proofs as texts that can be checked without the journal.
//!
//! That an entry is in a checkpoint (<https://c2sp.org/tlog-proof>), and that a checkpoint goes on
//! from an earlier one (the lines of <https://c2sp.org/tlog-witness#add-checkpoint>).

use base::{Error, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use tlog_tiles::{Hash, check_record, check_tree, record_hash};

use super::note::Checkpoint;
use crate::Entry;
use crate::hash::{Sealed, pack};

const HEADING: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^63 entries needs no more hashes.
const MOST_HASHES: usize = 63;
/// A proof with a very large entry is still read.
const LONGEST_BYTES: usize = 4 << 20;

/// All that an entry's hash covers, so that it can be computed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvedEntry {
    /// Its place in the journal, from 1.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// When it was recorded. Units: microseconds since 1970 UTC.
    pub recorded_at: i64,
    /// Who did it.
    pub actor: String,
    /// The command.
    pub cause: String,
    /// The kind of record.
    pub record_kind: String,
    /// The record's id.
    pub record_id: String,
    /// The version of the record that the entry made.
    pub record_version: i64,
    /// SHA-256 over the record's content, in Base64.
    pub content_hash: String,
    /// What it means for the figures, packed as in the journal, in Base64.
    pub postings: String,
    /// The hash of the entry before, in Base64.
    pub before: String,
}

impl ProvedEntry {
    pub(super) fn new(entry: &Entry, before: &[u8]) -> Self {
        Self {
            seq: entry.seq,
            id: entry.id.clone(),
            recorded_at: entry.recorded_at.0,
            actor: entry.actor.clone(),
            cause: entry.cause.clone(),
            record_kind: entry.record_kind.clone(),
            record_id: entry.record_id.clone(),
            record_version: entry.record_version,
            content_hash: BASE64_STANDARD.encode(&entry.content_hash),
            postings: BASE64_STANDARD.encode(pack(&entry.postings)),
            before: BASE64_STANDARD.encode(before),
        }
    }

    /// The content hash in hexadecimal, as tools print the SHA-256 of a file; empty where the proof
    /// has none.
    #[must_use]
    pub fn content_hash_text(&self) -> String {
        let bytes = BASE64_STANDARD.decode(&self.content_hash).unwrap_or_default();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The entry's hash, computed anew.
    fn hash(&self) -> Option<[u8; 32]> {
        let bytes = |text: &str| BASE64_STANDARD.decode(text).ok();
        let (content_hash, postings) = (bytes(&self.content_hash)?, bytes(&self.postings)?);
        let sealed = Sealed {
            seq: self.seq,
            id: &self.id,
            recorded_at: self.recorded_at,
            actor: &self.actor,
            cause: &self.cause,
            record_kind: &self.record_kind,
            record_id: &self.record_id,
            record_version: self.record_version,
            content_hash: &content_hash,
            postings: &postings,
        };
        Some(sealed.hash(&bytes(&self.before)?))
    }
}

/// A proof that an entry is in a checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Inclusion {
    /// The entry.
    pub entry: ProvedEntry,
    /// The checkpoint as it was signed.
    pub note: String,
    hashes: Vec<Hash>,
}

impl Inclusion {
    pub(super) fn new(entry: ProvedEntry, hashes: Vec<Hash>, note: String) -> Self {
        Self { entry, note, hashes }
    }

    /// The proof as text.
    ///
    /// Errors: `Internal` when the entry cannot be written.
    pub fn to_text(&self) -> Result<String> {
        let extra = serde_json::to_vec(&self.entry).map_err(Error::internal)?;
        let mut text = format!("{HEADING}\nextra {}\n", BASE64_STANDARD.encode(extra));
        text.push_str(&format!("index {}\n", self.entry.seq - 1));
        for hash in &self.hashes {
            text.push_str(&format!("{hash}\n"));
        }
        Ok(text + "\n" + &self.note)
    }

    /// Reads a proof, without checking it.
    ///
    /// Errors: `Invalid` at `proof` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| Error::invalid("proof", lang::seals::no_proof))
    }

    /// Checks all but the signatures of its checkpoint: that the entry is as the journal had it
    /// when the checkpoint was made. Gives the checkpoint.
    ///
    /// Errors: `Invalid` at `proof` when it does not hold.
    pub fn check(&self) -> Result<Checkpoint> {
        let fails = || Error::invalid("proof", lang::seals::proof_fails);
        let checkpoint = Checkpoint::parse(&self.note)?;
        let index = self.entry.seq.checked_sub(1).and_then(|it| u64::try_from(it).ok());
        let leaf = self.entry.hash().map(|hash| record_hash(&hash));
        let (index, leaf) = index.zip(leaf).ok_or_else(fails)?;
        check_record(&self.hashes, checkpoint.size, checkpoint.root_hash(), index, leaf)
            .map_err(|_| fails())?;
        Ok(checkpoint)
    }

    fn read(text: &str) -> Option<Self> {
        let (head, note) = text.split_once("\n\n").filter(|_| text.len() <= LONGEST_BYTES)?;
        let mut lines = head.lines();
        let extra = lines.next().filter(|line| *line == HEADING).and(lines.next())?;
        let extra = BASE64_STANDARD.decode(extra.strip_prefix("extra ")?).ok()?;
        let entry: ProvedEntry = serde_json::from_slice(&extra).ok()?;
        let index = lines.next()?.strip_prefix("index ")?;
        if entry.seq.checked_sub(1)?.to_string() != index {
            return None;
        }
        Some(Self { entry, hashes: hashes(lines)?, note: note.to_owned() })
    }
}

/// A proof that a checkpoint holds all that an earlier one held, unchanged.
#[derive(Clone, Debug, PartialEq)]
pub struct Consistency {
    /// How many entries the earlier checkpoint has.
    pub old_size: u64,
    /// The later checkpoint as it was signed.
    pub note: String,
    hashes: Vec<Hash>,
}

impl Consistency {
    pub(super) fn new(old_size: u64, hashes: Vec<Hash>, note: String) -> Self {
        Self { old_size, note, hashes }
    }

    /// The proof as text, as it is also sent to a witness.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.hashes {
            text.push_str(&format!("{hash}\n"));
        }
        text + "\n" + &self.note
    }

    /// Reads a proof.
    ///
    /// Errors: `Invalid` at `proof`.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || {
            let (head, note) = text.split_once("\n\n").filter(|_| text.len() <= LONGEST_BYTES)?;
            let mut lines = head.lines();
            let old = lines.next()?.strip_prefix("old ")?;
            // Neither a sign nor zeros before it.
            let old_size = old.parse::<u64>().ok().filter(|size| size.to_string() == old)?;
            Some(Self { old_size, hashes: hashes(lines)?, note: note.to_owned() })
        };
        read().ok_or_else(|| Error::invalid("proof", lang::seals::no_proof))
    }

    /// Checks all but the signatures: that the later checkpoint goes on from the earlier one.
    ///
    /// Errors: `Invalid` at `proof` when it does not.
    pub fn check(&self, earlier: &Checkpoint) -> Result<Checkpoint> {
        let fails = || Error::invalid("proof", lang::seals::inconsistent);
        let later = Checkpoint::parse(&self.note)?;
        if earlier.origin != later.origin || earlier.size != self.old_size {
            return Err(fails());
        }
        let (size, old) = (later.size, earlier.size);
        if old > 0 && old <= size {
            let root = (later.root_hash(), earlier.root_hash());
            check_tree(&self.hashes, size, root.0, old, root.1).map_err(|_| fails())?;
        } else if old > size || !self.hashes.is_empty() {
            return Err(fails());
        }
        Ok(later)
    }
}

fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Vec<Hash>> {
    let hashes: Option<Vec<Hash>> = lines.map(|line| Hash::parse_hash(line).ok()).collect();
    hashes.filter(|hashes| hashes.len() <= MOST_HASHES)
}
