//! Who is asking, and who stands where: accounts, sign-in, the guard before everything that changes
//! data; agencies, their posts and who holds them.

mod accounts;
mod factor;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod grants;
mod guard;
mod log;
pub mod organisation;
mod own;
mod pages;
mod passkeys;
mod password;
mod proof;
mod providers;
pub mod retention;
mod sessions;
mod store;
mod throttle;
pub mod trace;
pub mod vault;
mod ways;

#[cfg(test)]
mod tests;

pub use guard::cookies::over_tls;
pub use guard::doors::{Door, Doors, Need, ask_at_door};
pub use guard::rate::{Rate, limit};
pub use guard::{identify, same_origin};
pub use pages::routes;
pub use proof::notices::{NOTICES, Notice, notice_of};
pub use providers::{Names, Provider, Second, Setup};
pub use sessions::{Access, Administrator};
pub use throttle::{Key, Throttle};

/// The columns whose fields the vault seals.
pub const SEALED: &[vault::Column] = &[
    vault::Column::new("second_factors", "secret", "account"),
    trace::WORDS,
    trace::WORDS_OF_READINGS,
];

/// The name under which sign-ins that failed are counted, with their `reason`.
pub const FAILURES: &str = "sogoc_sign_in_failures_total";
