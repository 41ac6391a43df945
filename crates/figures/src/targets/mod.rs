//! Targets of plans: how far each has come, and where.

pub mod rules;

#[cfg(test)]
mod tests;
