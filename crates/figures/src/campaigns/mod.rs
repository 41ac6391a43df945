//! Emulation campaigns: points for criteria, places within groups, classes.

mod rules;

#[cfg(test)]
mod tests;

pub use rules::{Ask, Placed, Score, class, points, rank};
