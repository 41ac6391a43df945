//! Protection of small groups: whoever has not the right to sees no number from which something
//! about few people could be computed.
//!
//! A measure says in its pack from which number on it is shown ([`packs::Measure::threshold`]).
//! What stands between is hidden, and with it whatever would give it away: over the hierarchy of
//! units, on the maps of all days, over periods, and with the parts and sums in which it stands.
//! [`rules`] says how; the tests attack what is shown with linear programming.
//!
//! What this does not do: somebody who kept what was shown on another day can compare the two.
//! Groups therefore only grow (they are kept in the database), and what was known on another day
//! is shown of such measures to those with the right alone.

mod family;
mod guard;
mod numbers;
mod openings;
mod readings;
mod rules;
mod store;
mod told;

#[cfg(test)]
mod attack;
#[cfg(test)]
mod tests;

pub(crate) use family::{is_protected, shows_few_people};
pub use guard::renew_stale;
pub(crate) use guard::{Guard, renew, renew_stale_of};

use base::rights::Act;
use base::{Error, Result};
use packs::Catalogue;
use web::looks::{self, Shown};
use web::{Asked, Visitor};

use crate::observations::Observation;

/// Who looks at figures, and how much they may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What everybody may see.
    Public,
    /// Small numbers as well: who has the role for it.
    Full,
}

impl Sight {
    /// What the one who asks may see.
    #[must_use]
    pub fn of(asked: &Asked) -> Self {
        Self::of_visitor(asked.visitor.as_ref())
    }

    /// What somebody may see who is or is not signed in.
    #[must_use]
    pub fn of_visitor(visitor: Option<&Visitor>) -> Self {
        match visitor.is_some_and(|visitor| visitor.rights.allow(Act::ReadProtected)) {
            true => Self::Full,
            false => Self::Public,
        }
    }
}

/// What is said to who may not see the records behind a figure of few people.
///
/// It is told apart as 403.
pub(crate) fn refused() -> Error {
    Error::refused("figures.protected", lang::protection::refused)
}

/// Refuses whoever may not see what is protected. Whoever sees it leaves a trace.
///
/// Errors: `Refused` `figures.protected`.
pub(crate) fn check(sight: Sight, is_protected: bool) -> Result<()> {
    match sees(sight, is_protected) {
        true => Ok(()),
        false => Err(refused()),
    }
}

/// Whether somebody may see it; then it is told that it is shown.
pub(crate) fn sees(sight: Sight, is_protected: bool) -> bool {
    if sight == Sight::Full && is_protected {
        tell(String::new(), 1);
    }
    sight == Sight::Full || !is_protected
}

/// Tells that the answer to this request shows so many numbers about few people, of what was asked.
pub(crate) fn tell(words: String, count: usize) {
    let (act, kind) = (Act::ReadProtected, "");
    let (record, subjects, unit) = (String::new(), Vec::new(), None);
    looks::tell(Shown { act, kind, record, subjects, unit, words, count });
}

/// Refuses single reports of measures to whoever may not see one of them.
///
/// Errors: `figures.protected` is `Refused`.
pub(crate) fn check_measures(
    catalogue: &Catalogue,
    measures: &[String],
    sight: Sight,
) -> Result<()> {
    check(sight, measures.iter().any(|code| is_protected(catalogue, code)))
}

/// Whether a number of the journal stands for a protected measure.
pub(crate) fn is_protected_number(catalogue: &Catalogue, measure: i64) -> bool {
    let measure = catalogue.measure_numbered(measure);
    measure.is_some_and(|measure| is_protected(catalogue, &measure.code))
}

/// Refuses an observation to whoever may not see its number.
///
/// Errors: `figures.protected` is `Refused`.
pub(crate) fn check_observation(
    catalogue: &Catalogue,
    observation: &Observation,
    sight: Sight,
) -> Result<()> {
    check(sight, is_protected_number(catalogue, observation.measure))
}
