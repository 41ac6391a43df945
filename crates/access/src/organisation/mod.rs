//! Agencies, their posts, people, who holds which post on a day, and who signs for whom.
//!
//! Each change is a further version of a record with its entry in the journal; nothing is edited.

mod actions;
mod chart;
mod clean;
mod completeness;
mod import;
mod merger;
mod model;
pub mod pages;
mod rules;
mod signature;
pub(crate) mod store;
#[cfg(test)]
pub(crate) mod tests;
mod verify;

pub(crate) use actions::carry_over;
pub use actions::{
    Context, Ended, Into, NewAgency, NewAssignment, NewDelegation, NewHolding, NewPerson, NewPost,
    Whose, add_post, appoint, assign, change_agency, delegate, end_agency, end_assignment,
    end_delegation, end_holding, establish, form_committees, link_account, merge,
};
pub use chart::Chart;
pub use completeness::{Lack, Lacking, completeness};
pub use merger::{PlannedPost, Rehearsed, Vacated, apply as apply_merger, rehearse};
pub use model::{
    Agency, AgencyFacts, AgencyId, AgencyKind, AgencyVersion, Assignment, AssignmentId, Bearer,
    Delegate, Delegation, DelegationId, Event, Form, Holding, HoldingId, Manner, Person, PersonId,
    Places, Post, PostId,
};
pub use pages::routes;
pub use rules::who_held;
pub use signature::{NoSignature, Signature, signature_block};
pub use verify::verify;
