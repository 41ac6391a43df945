//! The guard of what changes data: a handler that asks for a [`Visitor`] refuses everybody else.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::rights::{Actor, Rights};
use base::{Error, Result, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::ask::{Visitor, encoded};
use crate::problem::{ApiError, PageError};

impl Visitor {
    /// The visitor of a session. Forms of this response carry its token under a mask that is drawn
    /// anew each time: pages are compressed, and whoever can make a browser ask for them and see
    /// how long the answers are must not find the token out piece by piece (BREACH).
    #[must_use]
    pub fn of_session(name: String, token: &str, rights: Arc<Rights>) -> Self {
        Self { name, csrf: masked(token.as_bytes()), rights }
    }

    /// On whose behalf actions are called.
    #[must_use]
    pub fn actor(&self) -> Actor<'_> {
        Actor { name: &self.name, rights: &self.rights }
    }

    /// Checks what a form carried, under whatever mask.
    ///
    /// Errors: `Refused` `web.form_expired` when it is another's, or the session's is over.
    pub fn check_form(&self, sent: &str) -> Result<()> {
        let same = unmasked(&self.csrf).ct_eq(&unmasked(sent));
        if !self.csrf.is_empty() && bool::from(same) {
            return Ok(());
        }
        Err(Error::refused("web.form_expired", lang::web::form_expired))
    }
}

/// The longest token; one of a session has 32 letters.
const LONGEST: usize = 64;

/// Random bytes, and behind them the token added to them bit by bit.
fn masked(token: &[u8]) -> String {
    let mask = random_bytes::<LONGEST>();
    let mask = mask.get(..token.len()).unwrap_or_default();
    URL_SAFE_NO_PAD.encode([mask, &added(mask, token)].concat())
}

/// What stands under the mask; what bears none stands for itself.
fn unmasked(text: &str) -> Vec<u8> {
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.len().is_multiple_of(2) => {
            let (mask, token) = bytes.split_at(bytes.len() / 2);
            added(mask, token)
        }
        _ => text.as_bytes().to_vec(),
    }
}

fn added(left: &[u8], right: &[u8]) -> Vec<u8> {
    left.iter().zip(right).map(|(left, right)| left ^ right).collect()
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Response;

    /// Pages lead to sign-in and back; the API asks for HTTP Basic.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            if parts.uri.path().starts_with("/api/") {
                ApiError(Error::Unauthenticated).into_response()
            } else if parts.method == Method::GET {
                let next = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                let sign_in = format!("/sign-in?next={}", encoded(next));
                (StatusCode::SEE_OTHER, [(header::LOCATION, sign_in)]).into_response()
            } else {
                PageError(Error::Unauthenticated).into_response()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "pheEM9lLhd40oixfG-jieYz5yye1JpRT";

    fn visitor(token: &str) -> Visitor {
        Visitor::of_session("an".to_owned(), token, Arc::default())
    }

    #[test]
    fn no_two_pages_carry_the_same_letters() {
        let pages: Vec<String> = (0..100).map(|_| visitor(TOKEN).csrf).collect();
        for (at, page) in pages.iter().enumerate() {
            assert!(!page.contains(TOKEN) && !pages[..at].contains(page), "{page}");
            assert_eq!(page.len(), 86);
        }
        // Not even in one place: each letter takes many values over the pages.
        for place in 0..pages[0].len() - 1 {
            let mut letters: Vec<u8> = pages.iter().map(|page| page.as_bytes()[place]).collect();
            letters.sort_unstable();
            letters.dedup();
            assert!(letters.len() > 20, "{place}: {letters:?}");
        }
    }

    #[test]
    fn a_form_of_the_same_session_is_taken_and_any_other_refused() {
        let (page, later) = (visitor(TOKEN), visitor(TOKEN));
        later.check_form(&page.csrf).unwrap();
        page.check_form(&later.csrf).unwrap();
        let other = visitor("another-session-with-its-own-tok").csrf;
        let mut changed = page.csrf.clone().into_bytes();
        changed[50] = if changed[50] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let twice = format!("{}{}", page.csrf, page.csrf);
        let shorter = &page.csrf[..page.csrf.len() - 4];
        for wrong in ["", "A", "AA", &other, &changed, &twice, shorter, TOKEN, "không"] {
            later.check_form(wrong).unwrap_err();
        }
        // A program that signs in with each request has no session, and so no form.
        let program = Visitor { name: "an".to_owned(), ..visitor("") };
        for wrong in ["", "AA", &page.csrf] {
            program.check_form(wrong).unwrap_err();
        }
    }

    proptest! {
        #[test]
        fn what_was_masked_comes_out_again(token in proptest::collection::vec(any::<u8>(), 0..=64)) {
            prop_assert_eq!(unmasked(&masked(&token)), token);
        }
    }
}
