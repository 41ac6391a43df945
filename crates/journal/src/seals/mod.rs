//! Seals: signed checkpoints of the journal, so that anybody who keeps one can prove later that
//! nothing before it was changed or taken away.
//!
//! The entries are the leaves of a Merkle tree (RFC 6962); a leaf is the hash of an entry, so the
//! tree holds no personal data and nothing in it has to be erased. Tree, checkpoints and proofs
//! have the forms of transparency logs (<https://c2sp.org/tlog-tiles>), which others' tools read.

mod actions;
mod api;
mod note;
mod pages;
mod proof;
pub(crate) mod store;
pub(crate) mod tree;
pub(crate) mod verify;
pub mod witness;

#[cfg(test)]
mod tests;

pub use actions::{
    Seal, Sealer, add_witnesses, find_bundle, find_covering, find_last, find_tile, list,
    prove_entry, prove_growth, seal,
};
pub use api::{api_routes, log_routes};
pub use note::{Checkpoint, PublicKey, SealKey, Signatures, check};
pub use pages::page_routes;
pub use proof::{Consistency, Inclusion, ProvedEntry};
