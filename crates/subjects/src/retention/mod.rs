//! How long what is kept (*thời hạn lưu giữ*): a report says what would be deleted and why, and only
//! what a report listed is deleted.

mod actions;
mod model;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use actions::{Applied, apply, report};
pub use model::{Area, Doing, Forgetting, Item, Report};
pub use store::{find, items, latest};
