//! Claims: figures that somebody published, checked against their own parts.

mod rules;
#[cfg(test)]
mod tests;

pub use rules::{Finding, Verdict, judge};
