//! Who may do what: roles as packs declare them, given to posts and accounts, worked out for whoever
//! asks.

mod api;
mod load;
pub mod pages;
mod role;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use api::api_routes;
pub use load::{Book, Rules, given_on, rights_on};
pub use role::{ADMINISTRATOR, Grant, Purpose, Reach, Role};
pub use rules::{Facts, Given, Standing, rights, work_out};
