//! The doors of the program: for every route what is asked of whoever comes, before its handler runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::rights::Act;
use base::{Error, Result};
use web::ask::encoded;
use web::{ApiError, PageError, Visitor};

/// What is asked at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: everybody may look.
    Nothing,
    /// To be signed in: it is about one's own account.
    SignIn,
    /// An act that was granted somewhere. For which record is asked by the action, when it is known.
    Act(Act),
    /// One of two acts, where one page serves both.
    Either(Act, Act),
}

/// One door: how, where, and what is asked there.
pub type Door = (&'static str, &'static str, Need);

/// All doors, by path and method.
#[derive(Clone, Debug)]
pub struct Doors(Arc<BTreeMap<&'static str, BTreeMap<&'static str, Need>>>);

impl Doors {
    /// The doors of a table.
    #[must_use]
    pub fn new(table: &[Door]) -> Self {
        let mut doors: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (method, path, need) in table {
            doors.entry(*path).or_default().insert(*method, *need);
        }
        Self(Arc::new(doors))
    }

    /// What is asked at a route; none where nobody has said so.
    #[must_use]
    pub fn need(&self, method: &Method, path: &str) -> Option<Need> {
        let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
        self.0.get(path)?.get(method).copied()
    }

    /// Lets a request pass, or says why not.
    ///
    /// Errors: `Unauthenticated`; those of rights; `Internal` for a route that is not in the table:
    /// what nobody thought of is closed.
    fn check(&self, method: &Method, path: &str, visitor: Option<&Visitor>) -> Result<()> {
        let Some(need) = self.need(method, path) else {
            // A method that the route does not serve is refused by the router in its own words.
            let is_known = self.0.contains_key(path);
            let text = format!("the route {method} {path} has no door");
            return if is_known { Ok(()) } else { Err(Error::internal(text)) };
        };
        if need == Need::Nothing {
            return Ok(());
        }
        let actor = visitor.ok_or(Error::Unauthenticated)?.actor();
        match need {
            Need::Nothing | Need::SignIn => Ok(()),
            Need::Act(act) => actor.check_somewhere(act),
            Need::Either(one, _) if actor.rights.allow(one) => Ok(()),
            Need::Either(_, other) => actor.check_somewhere(other),
        }
    }
}

/// Middleware: asks at the door of the route that was found.
pub async fn ask_at_door(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return next.run(request).await;
    };
    let visitor = request.extensions().get::<Visitor>();
    let refused = match doors.check(request.method(), path.as_str(), visitor) {
        Ok(()) => return next.run(request).await,
        Err(error) => error,
    };
    let is_api = request.uri().path().starts_with("/api/");
    match refused {
        refused if is_api => ApiError(refused).into_response(),
        // Whoever only looks is led to sign-in and back.
        Error::Unauthenticated if request.method() == Method::GET => {
            let next = request.uri().path_and_query().map_or("/", |path| path.as_str());
            let sign_in = format!("/sign-in?next={}", encoded(next));
            (StatusCode::SEE_OTHER, [(header::LOCATION, sign_in)]).into_response()
        }
        refused => PageError(refused).into_response(),
    }
}
