//! Indices that others score: what of their points our figures can measure, and what moves them.

mod rules;
mod score;

#[cfg(test)]
mod tests;

pub use rules::{Reach, Step, Total, next_step, total};
pub use score::{Measured, Score, Scored, ScoredGroup, State, score};
