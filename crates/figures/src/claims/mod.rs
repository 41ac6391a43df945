//! Claims: figures that somebody published, checked against their own parts.

mod rules;

pub use rules::{Finding, Verdict, counted, judge};
