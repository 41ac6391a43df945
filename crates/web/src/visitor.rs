//! The guard of what changes data: a handler that asks for a [`Visitor`] refuses everybody else.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, Result};

use crate::ask::{Visitor, encoded};
use crate::problem::{ApiError, PageError};

impl Visitor {
    /// Checks the token that a form of this session carries.
    ///
    /// Errors: `Refused` `web.form_expired` when it is another's, or the session's is over.
    pub fn check_form(&self, token: &str) -> Result<()> {
        if !self.csrf.is_empty() && self.csrf == token {
            return Ok(());
        }
        Err(Error::refused("web.form_expired", lang::web::form_expired))
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Response;

    /// Pages lead to sign-in and back; the API asks for HTTP Basic.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            if parts.uri.path().starts_with("/api/") {
                let refusal = ApiError(Error::Unauthenticated).into_response();
                ([(header::WWW_AUTHENTICATE, "Basic realm=\"sogoc\"")], refusal).into_response()
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
