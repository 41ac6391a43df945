//! Publications (*công bố, phát hành biểu*): a filled form that was frozen with number, period, map,
//! cut-off and signer, in the bytes that it had then.

mod actions;
mod changes;
mod csv;
mod model;
mod rules;
mod store;
mod verify;
mod xlsx;

#[cfg(test)]
pub(crate) mod tests;

pub use actions::{exists_any, file, find, list, publish, withdraw};
pub(crate) use actions::{find_frozen, standing_or_ended_since};
pub use changes::{Asked, Change, changed_since};
pub use model::{
    Body, Checkpoint, Ended, FileKind, Issue, NewPublication, Publication, RENDERER, Rendering,
    Replaced, Replacing, Signer, Withdrawal,
};
pub use rules::slug;
pub use verify::verify;
