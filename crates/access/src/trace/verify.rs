//! Proving that the trace is what was noted, and that what is gone of it was erased in its time.

use std::collections::BTreeMap;

use base::Result;
use store::Tx;

use super::model::{Erasure, Form, Read, SealedWords};
use super::store as sql;
use crate::vault::Vault;

/// Rows read at a time.
const BATCH: i64 = 2_000;
/// So many faults are named.
const NAMED: usize = 100;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Looks that were read.
    pub looks: u64,
    /// Those of them whose record, people and words were erased in their time.
    pub erased: u64,
    /// What does not hold.
    pub faults: Vec<String>,
}

/// Compares every look with the hash in its entry, what is erased with the erasure that says so and,
/// where the vault is open, the words in it with what the journal covers.
///
/// Errors: `Internal` when a row cannot be read at all.
pub async fn verify(tx: &mut Tx, vault: Option<&Vault>) -> Result<Verified> {
    let mut verified = Verified::default();
    let mut erasures: BTreeMap<String, (Erasure, i64)> = BTreeMap::new();
    for (erasure, sealed) in sql::erasures(tx).await? {
        if sealed.as_deref() != Some(&erasure.hash()[..]) {
            verified.faults.push(format!("erasure of reads {}: changed", erasure.id));
        }
        erasures.insert(erasure.id.clone(), (erasure, 0));
    }
    let mut before = 0;
    loop {
        let batch = sql::after(tx, before, BATCH).await?;
        let Some(last) = batch.last() else { break };
        before = last.read.entry;
        for found in batch {
            verified.looks += 1;
            let fault = match &found.read.erasure {
                None => fault_of(&found, vault),
                Some(erasure) => {
                    verified.erased += 1;
                    let erasure = erasures.get_mut(erasure).map(|(erasure, count)| {
                        *count += 1;
                        &*erasure
                    });
                    fault_of_erased(&found, erasure)
                }
            };
            if let Some(fault) = fault {
                verified.faults.push(format!("read {}: {fault}", found.read.id));
            }
        }
    }
    for (erasure, count) in erasures.into_values() {
        if erasure.amount != count {
            let id = erasure.id;
            verified.faults.push(format!("erasure of reads {id}: more or fewer are gone"));
        }
    }
    for (seq,) in sql::missing(tx).await? {
        verified.faults.push(format!("read of entry {seq}: missing"));
    }
    verified.faults.truncate(NAMED);
    Ok(verified)
}

/// A look with all that belongs to it, and what the journal keeps of it.
pub(super) struct Found {
    pub(super) read: Read,
    /// The hash in its entry; of [`Form::Reading`] there is none.
    pub(super) sealed: Option<Vec<u8>>,
    pub(super) words: Option<SealedWords>,
    /// The hash in the entry of the reading that the words belonged to.
    pub(super) reading: Option<Vec<u8>>,
}

/// What does not hold of a look.
fn fault_of(found: &Found, vault: Option<&Vault>) -> Option<&'static str> {
    let Found { read, sealed, words, reading } = found;
    let is_covered = match read.form {
        Form::Reading => words.as_ref().is_some_and(|words| words.reading.is_some()),
        Form::Whole | Form::Apart => sealed.as_deref() == Some(&read.hash()[..]),
    };
    let hash = words.as_ref().and_then(|words| words.reading_hash(read));
    let are_facts = read.form != Form::Apart || {
        let words = words.as_ref().map_or(&[][..], |words| &words.facts);
        read.facts[..] == read.facts(words)
    };
    if !is_covered || !are_facts || hash.is_some_and(|hash| reading.as_deref() != Some(&hash[..])) {
        return Some("changed");
    }
    let words = words.as_ref()?;
    let is_open = match vault {
        Some(vault) => words.open(vault).is_some(),
        None => words.sealed.is_some(),
    };
    (!is_open).then_some("its words are not those written")
}

/// What does not hold of a look whose time was over.
fn fault_of_erased(found: &Found, erasure: Option<&Erasure>) -> Option<&'static str> {
    let Found { read, sealed, words, reading } = found;
    let in_time = erasure.is_some_and(|it| read.at.0 < it.before && read.entry <= it.last_entry);
    if !in_time {
        return Some("erased before its time");
    }
    let is_left = !read.record.is_empty() || !read.words.is_empty() || !read.subjects.is_empty();
    if is_left || words.as_ref().is_some_and(|words| words.sealed.is_some()) {
        return Some("not all of it is erased");
    }
    let is_covered = match read.form {
        // What the hash stands for is gone with what was erased; that it stands is what is left.
        Form::Reading => reading.is_some(),
        Form::Whole => sealed.is_some(),
        Form::Apart => sealed.as_deref() == Some(&read.hash()[..]),
    };
    (!is_covered).then_some("changed")
}
