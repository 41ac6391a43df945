//! Approval (*duyệt số liệu*): the figures of a period are handed in, checked, approved and locked,
//! level by level; who has reported and when; what stands out.

mod actions;
mod badge;
mod completeness;
mod locks;
mod marks;
mod model;
mod obstacles;
mod rules;
mod sheets;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod verify;

pub use actions::{Done, act, is_begun, mark, warnings};
pub use model::{Act, Action, NewMark, State, Verdict};
pub use tree::{Scope, find_scope, periods_of};
pub use verify::verify;

pub(crate) use actions::{Reads, load_tree, obstacles_of};
pub(crate) use badge::{Approval, Approvals, approvals_of};
pub(crate) use completeness::{Completeness, Rate, Reporting, Row, completeness};
pub(crate) use locks::{Touch, find_locks, refuse_locked};
pub(crate) use model::Version;
pub(crate) use obstacles::Obstacles;
pub(crate) use rules::{Rank, offers};
pub(crate) use sheets::{Sheet, load_sheets};
pub(crate) use store::{history, list_latest, list_standing};
