//! The guard of entries of protected measures: they are open to those with the role alone.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::Result;
use web::{ApiError, PageError, Visitor};

use crate::protection::{check, is_protected_number};
use crate::{Desk, Sight};

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
