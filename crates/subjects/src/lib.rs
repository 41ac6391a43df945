//! What people may ask of whoever keeps data about them (*chủ thể dữ liệu*): their requests with
//! deadlines, their consents, how long what is kept, and who looked at it.
//!
//! What tells of a person lies in the vault, and goes when its time is over; the journal keeps hashes
//! that nobody can try out, so that it holds without what was erased.

#[macro_use]
mod named;
mod api;
mod channel;
pub mod consents;
mod copy;
mod desks;
mod locker;
mod office;
mod pages;
mod person;
mod receipt;
pub mod requests;
pub mod retention;
mod rights;
mod store;
mod trace;
mod verify;

#[cfg(test)]
mod testing;

pub use api::api_routes;
pub use channel::Channel;
pub use copy::{Copied, Holder, Shown, gather};
pub use office::{Context, Definitions, Office};
pub use pages::routes;
pub use person::{Doubt, NewPerson, doubts};
pub use receipt::Receipt;
pub use trace::{Reading, trace};
pub use verify::verify;

/// The columns whose fields the vault seals.
pub const SEALED: &[access::vault::Column] = &[access::vault::Column {
    name: Some("field"),
    ..access::vault::Column::new("subject_fields", "sealed", "record")
}];
