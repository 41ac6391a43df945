//! Witnesses: others who see each checkpoint, make sure that it goes on from the one before, and
//! sign it too (<https://c2sp.org/tlog-witness>). Whoever trusts one of them knows that the journal
//! shows everybody the same: it cannot have two histories without the witness's help.
//!
//! [`Submission`] sends our checkpoints to a witness; [`Witness`] is one for others' journals.

mod api;
mod client;
mod folder;
mod http;
mod server;

#[cfg(test)]
mod tests;

pub use api::routes;
pub use client::{Submission, Submitted};
pub use http::Endpoint;
pub use server::{Verdict, Witness};
