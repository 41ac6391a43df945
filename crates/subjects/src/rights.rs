//! Who may do what with personal data: which of the acts that are granted each deed here is.

use base::Result;
use base::rights::{self, Place, Scope};
use store::Belongs;
use territory::UnitId;
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
}

impl Act {
    /// The act that is granted.
    const fn granted(self) -> rights::Act {
        match self {
            Self::See | Self::Handle => rights::Act::ReceiveRequests,
            Self::Decide => rights::Act::DecideRequests,
            Self::Consent => rights::Act::RecordConsents,
            Self::Reveal | Self::Copy => rights::Act::RevealCitizens,
            Self::Retain => rights::Act::ApplyRetention,
        }
    }
}

/// What a right asks of a request or consent: the desk that has it. The commune of the desk may have
/// been merged since; whoever reaches its successor reaches it. Who made a record says nothing here:
/// most are made by citizens, who have no account.
pub(crate) const fn place(desk: Option<UnitId>) -> Place<'static> {
    let unit = match desk {
        Some(unit) => Some(unit.0),
        None => None,
    };
    Place { unit, maker: None }
}

/// The same as columns of a list.
pub(crate) const BELONGS: Belongs = Belongs { unit: "v.unit", maker: "null" };

/// Whether somebody who is signed in may do it with what a desk has.
///
/// Errors: those of rights.
pub(crate) fn may(visitor: &Visitor, act: Act, desk: Option<UnitId>) -> Result<()> {
    visitor.actor().check(act.granted(), place(desk))
}

/// Whether somebody may do it at any desk; which one is asked when it is known.
///
/// Errors: those of rights.
pub(crate) fn may_somewhere(visitor: &Visitor, act: Act) -> Result<()> {
    visitor.actor().check_somewhere(act.granted())
}

/// At which desks somebody may do it.
pub(crate) fn scope(visitor: &Visitor, act: Act) -> &Scope {
    visitor.rights.scope(act.granted())
}
