//! The guard of entries that tell of few people, or of who looked at whom: they are open to those
//! with the right alone.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::rights::{Act, Actor, NOBODY, Place};
use base::{Error, Result};
use web::looks::{self, Shown};
use web::{ApiError, PageError, Visitor};

use crate::protection::{self, check, is_protected_number};
use crate::{Desk, Sight};

/// Kinds of records whose entries say who looked at people, who asked for what, or what was done with
/// an account.
const ABOUT_PEOPLE: [&str; 5] =
    ["account", "read", "subject_consent", "subject_reading", "subject_request"];

/// Middleware: refuses to show an entry of the journal, or to prove it, to whoever may not see the
/// numbers in it. A proof is made of the whole entry.
pub async fn guard_entries(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let Some(number) = entry_of(request.uri().path()).map(str::to_owned) else {
        return next.run(request).await;
    };
    let visitor = request.extensions().get::<Visitor>().cloned();
    let sight = Sight::of_visitor(visitor.as_ref());
    let nobody = Actor { name: "", rights: &NOBODY };
    let reader = visitor.as_ref().map_or(nobody, Visitor::actor);
    match check_entry(&desk, (reader, sight), &number).await {
        Ok(()) => next.run(request).await,
        Err(error) if request.uri().path().starts_with("/api/") => ApiError(error).into_response(),
        Err(error) => PageError(error).into_response(),
    }
}

/// The number of the entry that an address is about, as it is written there: `/entries/7`,
/// `/api/v1/entries/7/proof`.
fn entry_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/api/v1").unwrap_or(path).strip_prefix("/entries/")?;
    rest.split('/').next().filter(|number| !number.is_empty())
}

/// A number is written in digits. Whatever else a later reader would take for one, such as `%37`,
/// would pass by here.
///
/// Errors: `NotFound` for anything else; `Refused` `figures.protected`; those of rights.
async fn check_entry(desk: &Desk, (reader, sight): (Actor<'_>, Sight), number: &str) -> Result<()> {
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let seq = number.parse::<i64>().ok().filter(|_| is_plain);
    let seq = seq.ok_or_else(|| Error::not_found(lang::drill::no_entry))?;
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let Some(entry) = journal::find_entry(&mut tx, seq).await? else { return Ok(()) };
    if ABOUT_PEOPLE.contains(&&*entry.record_kind) {
        if reader.name.is_empty() {
            return Err(Error::Unauthenticated);
        }
        reader.check(Act::ReadTrace, Place::PROVINCE)?;
        let (act, kind, record) = (Act::ReadTrace, "entry", number.to_owned());
        let (subjects, words) = (Vec::new(), String::new());
        looks::tell(Shown { act, kind, record, subjects, unit: None, words, count: 1 });
    }
    let mut measures = entry.postings.iter().map(|posting| posting.measure);
    let is_protected = measures.any(|number| is_protected_number(&catalogue, number));
    // The hash of a sheet or of a mark is made of its numbers alone: small ones could be tried out.
    let is_made_of_numbers = ["approval", "finding_mark"].contains(&&*entry.record_kind);
    let may_hold = || {
        let mut measures = catalogue.collections().into_iter().flat_map(|it| &it.measures);
        measures.any(|code| protection::is_protected(&catalogue, code))
    };
    check(sight, is_protected || is_made_of_numbers && may_hold())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_about_an_entry_whatever_it_shows_of_it() {
        for (path, entry) in [
            ("/entries/7", Some("7")),
            ("/entries/7/proof", Some("7")),
            ("/api/v1/entries/7", Some("7")),
            ("/api/v1/entries/7/proof", Some("7")),
            ("/entries/", None),
            ("/entries/%37", Some("%37")),
            ("/api/v1/figures/entries", None),
            ("/observations/7", None),
        ] {
            assert_eq!(entry_of(path), entry, "{path}");
        }
    }
}
