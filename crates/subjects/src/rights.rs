//! Who may do what with personal data: which of the acts that are granted each deed here is.

use base::Result;
use base::rights::{self, Place};
use web::Visitor;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// See the lists and what is masked.
    See,
    /// Take a request, and go on with one.
    Handle,
    /// Decide on a request, which ends it.
    Decide,
    /// Take a consent, and its withdrawal.
    Consent,
    /// Have personal data shown.
    Reveal,
    /// Gather all that is held of one person.
    Copy,
    /// Report what is kept too long, and delete it.
    Retain,
    /// See who had what shown.
    Watch,
}

/// Whether somebody who is signed in may do it. What is here belongs to the province: who asks has
/// rights in all of it, whichever commune the request was handed in at.
///
/// Errors: those of rights.
pub(crate) fn may(visitor: &Visitor, act: Act) -> Result<()> {
    let granted = match act {
        Act::See | Act::Handle => rights::Act::ReceiveRequests,
        Act::Decide => rights::Act::DecideRequests,
        Act::Consent => rights::Act::RecordConsents,
        Act::Reveal | Act::Copy => rights::Act::RevealCitizens,
        Act::Retain => rights::Act::ApplyRetention,
        Act::Watch => rights::Act::ReadTrace,
    };
    visitor.actor().check(granted, Place::PROVINCE)
}
