//! Observations (*số liệu báo cáo*): a count that somebody reported for a unit, a measure and a
//! day or period.

mod actions;
pub(crate) mod clean;
mod doubts;
pub(crate) mod evidence;
pub(crate) mod import;
mod list;
mod model;
mod rules;
mod series;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub use actions::{Context, correct, get, has_made_up_on, report, reportable, withdraw};
pub use model::{
    Correction, Evidence, LARGEST_EVIDENCE_BYTES, NewObservation, Observation, Reported, Withdrawal,
};

pub use verify::verify;

pub(crate) use actions::{
    change, check_read, find_mistakes, periods, reports_behind, sources, standing, units_with,
};
pub(crate) use doubts::find_doubts;
pub(crate) use list::{Filter, list, within};
pub(crate) use model::Change;
pub(crate) use store::{Report, find_file, find_file_name, has_made_up, insert_file};
