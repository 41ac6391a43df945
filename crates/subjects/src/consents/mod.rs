//! Consents (*sự đồng ý*): who agreed to which text, when, by which way, and withdrew it.

mod actions;
mod model;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use actions::erase;
pub use actions::{Given, NewConsent, give, withdraw};
pub use model::{State, Version, can_follow};
pub(crate) use store::{find, list};
