//! Signing in by another provider (OpenID Connect): a single sign-on of the province, or VNeID.

mod actions;
mod http;
mod model;
mod openid;
pub(crate) mod pages;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub(crate) use actions::count;
pub(crate) use http::Http;
pub use model::{Names, Provider, Second, Setup};
pub(crate) use openid::Known;
pub(crate) use pages::sign_in_links;

/// Whoever was sent to a provider has so long to come back.
pub(crate) const AWAY_MICROS: i64 = 10 * 60 * 1_000_000;
