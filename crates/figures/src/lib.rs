//! Figures: observations, indicators on the map of any day, and what others claimed.
//!
//! A figure is never stored: it is summed from the journal's cells when it is asked for.

mod answer;
pub mod claims;
mod desk;
pub mod observations;
mod period;

pub use answer::{Answer, Figure, MOST_PERIODS, Question, ask, find_indicator, reporters};
pub use desk::Desk;
pub use period::Period;

/// The routes of pages and API.
pub fn routes<S>() -> axum::Router<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: axum::extract::FromRef<S>,
{
    axum::Router::new()
}
