//! A witness for others' journals: it signs a checkpoint only when that goes on from the last one
//! it signed.

use std::collections::BTreeMap;
use std::path::Path;

use base::{Clock, Error, Result};
use tlog_tiles::EMPTY_HASH;
use tokio::sync::Mutex;

use super::super::note::{self, Checkpoint, PublicKey, SealKey};
use super::super::proof::Consistency;
use super::folder::Folder;

/// A witness.
#[derive(Debug)]
pub struct Witness {
    key: SealKey,
    clock: Clock,
    /// The journals that are witnessed, by name.
    logs: BTreeMap<String, PublicKey>,
    /// Held from the look at the last checkpoint until the next one is kept: of two that come at
    /// once, the second sees the first.
    folder: Mutex<Folder>,
}

/// What a witness says to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Signed; the line of its signature (200).
    Signed(String),
    /// The request cannot be read, or wants to go back (400).
    Malformed,
    /// The journal's key did not sign it (403).
    Unsigned,
    /// The journal is not known (404).
    UnknownLog,
    /// The last one that was signed has so many entries (409).
    Conflict(u64),
    /// It does not go on from the last one (422).
    Inconsistent,
}

impl Witness {
    /// One that signs with a key, for these journals, and keeps their last checkpoints in a folder.
    ///
    /// Errors: `Invalid` at the folder.
    pub fn open(key: SealKey, clock: Clock, logs: Vec<PublicKey>, folder: &Path) -> Result<Self> {
        let logs = logs.into_iter().map(|log| (log.name().to_owned(), log)).collect();
        Ok(Self { key, clock, logs, folder: Mutex::new(Folder::open(folder)?) })
    }

    /// Looks at a checkpoint with its proof, and signs it if all is right. What it signed is kept
    /// before anybody gets the signature.
    ///
    /// Errors: `Unavailable` when the last checkpoint cannot be read or the next one not be kept.
    pub async fn add(&self, request: &str) -> Result<Verdict> {
        let Ok(growth) = Consistency::parse(request) else { return Ok(Verdict::Malformed) };
        let Ok(checkpoint) = Checkpoint::parse(&growth.note) else {
            return Ok(Verdict::Malformed);
        };
        let Some(log) = self.logs.get(&checkpoint.origin) else { return Ok(Verdict::UnknownLog) };
        if note::check(&growth.note, log, &[]).is_err() {
            return Ok(Verdict::Unsigned);
        }
        if growth.old_size > checkpoint.size {
            return Ok(Verdict::Malformed);
        }
        let folder = self.folder.lock().await;
        let name = Folder::name(&checkpoint.origin);
        let last = match folder.find(&name)? {
            // A file that cannot be understood must not make the journal begin anew.
            Some(note) => {
                note::check(&note, log, &[])
                    .map_err(|_| {
                        Error::Unavailable(format!("the checkpoint in {name} is damaged").into())
                    })?
                    .0
            }
            None => Checkpoint { origin: checkpoint.origin.clone(), size: 0, root: EMPTY_HASH.0 },
        };
        if growth.old_size != last.size {
            return Ok(Verdict::Conflict(last.size));
        }
        let is_empty = checkpoint.size == 0;
        if (is_empty && checkpoint.root != EMPTY_HASH.0) || growth.check(&last).is_err() {
            return Ok(Verdict::Inconsistent);
        }
        let signed = note::only_by(&growth.note, log)?;
        let line = self.key.cosign(&signed, self.clock.now())?;
        folder.keep(&name, &format!("{signed}{line}"))?;
        Ok(Verdict::Signed(line))
    }

    /// The last checkpoint that was signed, with the signature, by the hash of the journal's name.
    ///
    /// Errors: `Unavailable`.
    pub async fn find(&self, name: &str) -> Result<Option<String>> {
        let is_known = self.logs.keys().any(|origin| Folder::name(origin) == name);
        if !is_known {
            return Ok(None);
        }
        self.folder.lock().await.find(name)
    }
}
