//! Figures: observations, indicators on the map of any day, and what others claimed.
//!
//! A figure is never stored: it is summed from the journal's cells when it is asked for.

mod answer;
mod api;
pub mod approvals;
pub mod campaigns;
pub mod claims;
mod desk;
mod disclosure;
mod explain;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod indexes;
#[cfg(test)]
mod mixed_tests;
#[cfg(test)]
mod nation_tests;
pub mod observations;
pub mod pages;
mod period;
pub mod protection;
pub mod publications;
pub mod reports;
pub mod targets;
mod validation;
pub mod watches;

pub use answer::{Answer, Figure, MOST_PERIODS, Part, Question, ask, entries_of, find_indicator};
pub use api::routes as api_routes;
pub use desk::Desk;
pub use pages::{guard_entries, page_routes};
pub use period::Period;
pub use protection::Sight;
