//! Requests of data subjects (*yêu cầu của chủ thể dữ liệu*): received, answered, decided, closed.
//!
//! Each step is a further version of the request with its entry in the journal; nothing is edited.

mod actions;
mod model;
mod rules;
mod say;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use actions::{Act, NewRequest, Received, act, receive};
pub(crate) use actions::{WORDS, erase};
pub use model::{How, Identity, Outcome, Standing, State, StepKind, Version};
pub(crate) use rules::possible;
pub use rules::{Late, Step, Why, can_follow, late, step};
pub use store::is_begun;
pub(crate) use store::{Filter, find, history, list, of_records};
