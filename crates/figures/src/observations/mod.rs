//! Observations (*số liệu báo cáo*): a count that somebody reported for a unit, a measure and a
//! day or period.

mod actions;
mod clean;
pub(crate) mod import;
mod model;
mod rules;
mod store;
mod verify;

pub use actions::{Context, correct, get, has_made_up_on, report, withdraw};
pub use model::{
    Correction, Evidence, LARGEST_EVIDENCE_BYTES, NewObservation, Observation, Reported, Withdrawal,
};

pub use verify::verify;

pub(crate) use actions::{find_mistakes, periods, sources, standing, units_with};
pub(crate) use store::{find_file, find_file_name, has_made_up};
