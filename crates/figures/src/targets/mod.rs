//! Targets of plans: how far each has come, where, and how it will go on.

mod follow;
mod rules;

#[cfg(test)]
mod tests;

pub use follow::{Course, Followed, Stage, follow, follow_known, stage};
pub use rules::{Goal, Point, Standing, Status, standing};
