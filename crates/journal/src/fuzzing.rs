//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use crate::block::{Block, each_total};
use crate::half::Half;
use crate::hash::{pack, unpack};
use crate::seals::witness::Endpoint;
use crate::seals::{Checkpoint, Consistency, Inclusion, PublicKey, SealKey};

/// The cells of a half month and the postings of an entry: damage, or what can be written again.
pub fn blobs(bytes: &[u8]) {
    let half = Half(48_600);
    if let Ok(block) = Block::decode(half, bytes) {
        let (_, days) = block.encode(half);
        assert!(Block::decode(half, &days).is_ok_and(|again| again == block));
    }
    let _ = each_total(bytes, |_, _| {});
    if let Ok(postings) = unpack(bytes) {
        assert!(unpack(&pack(&postings)).is_ok_and(|again| again == postings));
    }
}

/// Signed notes, proofs, keys and addresses of witnesses.
pub fn notes(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let _ = Checkpoint::parse(&given);
    if let Ok(key) = PublicKey::parse(&given) {
        assert!(
            PublicKey::parse(&key.to_text()).is_ok_and(|again| again.to_text() == key.to_text())
        );
    }
    let _ = SealKey::parse(&given);
    if let Ok(proof) = Inclusion::parse(&given) {
        let _ = proof.check();
    }
    if let Ok(proof) = Consistency::parse(&given) {
        let origin = String::new();
        let _ = proof.check(&Checkpoint { origin, size: 1, root: [0; 32] });
    }
    if let Ok(endpoint) = Endpoint::parse(&given) {
        assert!(Endpoint::parse(&endpoint.to_text()).is_ok());
    }
}
