//! Observations (*số liệu báo cáo*): a count that somebody reported for a unit, a measure and a
//! day or period.

mod actions;
mod model;
mod rules;
mod store;

pub use actions::{Context, correct, get, report, verify};
pub use model::{Correction, Evidence, NewObservation, Observation, Reported};
