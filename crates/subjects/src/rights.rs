//! Who may do what with personal data: the one place that is asked.

use base::Result;
use web::Visitor;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// See the lists and what is masked.
    See,
    /// Take a request or a consent, and go on with one.
    Handle,
    /// Have personal data shown.
    Reveal,
    /// Gather all that is held of one person.
    Copy,
    /// Report what is kept too long, and delete it.
    Retain,
}

/// Whether somebody who is signed in may do it. Today everybody may; what roles grant comes here.
///
/// Errors: `Refused` when not.
#[expect(clippy::unnecessary_wraps, reason = "grants will refuse here")]
pub(crate) fn may(_visitor: &Visitor, _act: Act) -> Result<()> {
    Ok(())
}
