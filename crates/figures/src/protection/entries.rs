//! Entries and observations of protected measures: open to those with the right alone.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::Result;
use packs::Catalogue;
use web::{ApiError, PageError, Visitor};

use super::{Sight, check, is_protected};
use crate::Desk;
use crate::observations::Observation;

/// Middleware: refuses to show an entry of the journal, or to prove it, to whoever may not see the
/// numbers in it. A proof is made of the whole entry.
pub async fn guard_entries(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let sight = Sight::of_visitor(request.extensions().get::<Visitor>());
    let Some(seq) = entry_of(request.uri().path()).filter(|_| sight == Sight::Public) else {
        return next.run(request).await;
    };
    match check_entry(&desk, seq).await {
        Ok(()) => next.run(request).await,
        Err(error) if request.uri().path().starts_with("/api/") => ApiError(error).into_response(),
        Err(error) => PageError(error).into_response(),
    }
}

/// The number of the entry that an address is about: `/entries/7`, `/api/v1/entries/7/proof`.
fn entry_of(path: &str) -> Option<i64> {
    let rest = path.strip_prefix("/api/v1").unwrap_or(path).strip_prefix("/entries/")?;
    rest.split('/').next()?.parse().ok()
}

async fn check_entry(desk: &Desk, seq: i64) -> Result<()> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let Some(entry) = journal::find_entry(&mut tx, seq).await? else { return Ok(()) };
    let mut measures = entry.postings.iter().map(|posting| posting.measure);
    check(Sight::Public, measures.any(|number| is_protected_number(&catalogue, number)))
}

/// Whether a number of the journal stands for a protected measure.
fn is_protected_number(catalogue: &Catalogue, measure: i64) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_about_an_entry_whatever_it_shows_of_it() {
        for (path, entry) in [
            ("/entries/7", Some(7)),
            ("/entries/7/proof", Some(7)),
            ("/api/v1/entries/7", Some(7)),
            ("/api/v1/entries/7/proof", Some(7)),
            ("/entries/", None),
            ("/entries/x", None),
            ("/api/v1/figures/entries", None),
            ("/observations/7", None),
        ] {
            assert_eq!(entry_of(path), entry, "{path}");
        }
    }
}
