//! Observations (*số liệu báo cáo*): a count that somebody reported for a unit, a measure and a
//! day or period.

mod actions;
pub(crate) mod import;
mod model;
mod rules;
mod store;

pub use actions::{Context, correct, get, has_made_up_on, report, verify};
pub use model::{
    Correction, Evidence, LARGEST_EVIDENCE_BYTES, NewObservation, Observation, Reported,
};

pub(crate) use actions::{find_mistakes, sources};
pub(crate) use store::{find_file, find_file_name, has_made_up};
