//! What must hold between the numbers of a unit: the rules that packs declare, judged in one place.
//!
//! The same rules are asked when a count is about to be reported ([`crate::observations`]) and when
//! the figures of a period are handed in, checked and approved ([`crate::approvals`]).

mod rules;
#[cfg(test)]
mod tests;

pub(crate) use rules::{Finding, Numbers, compared, implied, judge};
