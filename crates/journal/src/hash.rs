//! What a hash covers, byte for byte.

use base::{Day, Error, Result};
use sha2::{Digest, Sha256};

use crate::{Posting, varint};

/// SHA-256 over the fields of a record, each with its length before it, so that no two different
/// records give the same bytes. The first field names the kind and version of the form.
#[must_use]
pub fn content_hash(fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// The part of an entry that its hash covers beside the hash of the entry before.
pub(crate) struct Sealed<'a> {
    pub(crate) seq: i64,
    pub(crate) id: &'a str,
    pub(crate) recorded_at: i64,
    pub(crate) actor: &'a str,
    pub(crate) cause: &'a str,
    pub(crate) record_kind: &'a str,
    pub(crate) record_id: &'a str,
    pub(crate) record_version: i64,
    pub(crate) content_hash: &'a [u8],
    pub(crate) postings: &'a [u8],
}

impl Sealed<'_> {
    /// SHA-256 over the hash of the entry before and this one.
    pub(crate) fn hash(&self, before: &[u8]) -> [u8; 32] {
        content_hash(&[
            b"sogoc entry 1",
            before,
            &self.seq.to_be_bytes(),
            self.id.as_bytes(),
            &self.recorded_at.to_be_bytes(),
            self.actor.as_bytes(),
            self.cause.as_bytes(),
            self.record_kind.as_bytes(),
            self.record_id.as_bytes(),
            &self.record_version.to_be_bytes(),
            self.content_hash,
            self.postings,
        ])
    }
}

/// An entry's postings as the bytes that stand in its row.
pub(crate) fn pack(postings: &[Posting]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(postings.len() * 8);
    for posting in postings {
        varint::put(&mut bytes, posting.measure);
        varint::put(&mut bytes, posting.unit);
        varint::put(&mut bytes, i64::from(posting.day.0));
        varint::put(&mut bytes, posting.delta);
        varint::put(&mut bytes, posting.records);
    }
    bytes
}

/// Reads them back.
///
/// Errors: `Internal` when the bytes are damaged.
pub(crate) fn unpack(mut bytes: &[u8]) -> Result<Vec<Posting>> {
    let mut postings = Vec::new();
    while !bytes.is_empty() {
        let mut next = || varint::take(&mut bytes);
        let posting = (|| {
            let (measure, unit) = (next()?, next()?);
            let day = Day(i32::try_from(next()?).ok()?);
            Some(Posting { measure, unit, day, delta: next()?, records: next()? })
        })();
        postings.push(posting.ok_or_else(|| Error::internal("an entry's postings are damaged"))?);
    }
    Ok(postings)
}
