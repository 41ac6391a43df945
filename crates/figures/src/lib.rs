//! Figures: observations, indicators on the map of any day, and what others claimed.
//!
//! A figure is never stored: it is summed from the journal's cells when it is asked for.

mod answer;
pub mod claims;
pub mod observations;
mod period;

pub use answer::{Answer, Figure, MOST_PERIODS, Question, ask, find_indicator, reporters};
pub use period::Period;
