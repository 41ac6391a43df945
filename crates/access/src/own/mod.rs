//! My account: its password, its sessions, and what was tried with it.

mod actions;
mod browser;
mod guessable;
pub(crate) mod pages;
mod store;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use actions::NewPassword;
pub(crate) use browser::browser_of;
