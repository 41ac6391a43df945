//! How far a long piece of work has come.

use lang::Lang;

/// Told by a long piece of work how far it has come. Rules, actions and stores know nothing of
/// terminals: whoever asked for the work decides how, and whether, it is shown.
pub trait Progress: Send + Sync {
    /// A part of the work begins, which has so many steps; 0 where nobody knows.
    fn begin(&self, what: fn(Lang) -> &'static str, steps: u64);

    /// Further steps of the part are done.
    fn advance(&self, steps: u64);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: fn(Lang) -> &'static str, _: u64) {}

    fn advance(&self, _: u64) {}
}
