//! The doors of the program: for every route what is asked of whoever comes, before its handler runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
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

    /// What becomes of a request.
    ///
    /// Errors: `Unauthenticated`; those of rights; `Internal` for a route that is not in the table:
    /// what nobody thought of is closed.
    fn check(&self, method: &Method, path: &str, visitor: Option<&Visitor>) -> Result<Passage> {
        let Some(need) = self.need(method, path) else {
            let Some(known) = self.0.get(path) else {
                return Err(Error::internal(format!("the route {method} {path} has no door")));
            };
            return Ok(Passage::WrongMethod(allowed(known.keys())));
        };
        if need == Need::Nothing {
            return Ok(Passage::Open);
        }
        let actor = visitor.ok_or(Error::Unauthenticated)?.actor();
        match need {
            Need::Nothing | Need::SignIn => {}
            Need::Act(act) => actor.check_somewhere(act)?,
            Need::Either(one, _) if actor.rights.allow(one) => {}
            Need::Either(_, other) => actor.check_somewhere(other)?,
        }
        Ok(Passage::Open)
    }
}

/// Whether a request goes on to its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Passage {
    /// It does.
    Open,
    /// The path is known, and has no door for the method: those that it has, as `Allow` names them.
    WrongMethod(String),
}

/// The methods of a path (RFC 9110, 10.2.1): whatever is looked at has its head, and every path says
/// what it takes.
fn allowed<'a>(methods: impl Iterator<Item = &'a &'static str>) -> String {
    let mut all = Vec::new();
    for method in methods {
        all.push(*method);
        if *method == "GET" {
            all.push("HEAD");
        }
    }
    all.push("OPTIONS");
    all.join(", ")
}

/// Middleware: asks at the door of the route that was found. The router is not asked which methods it
/// would serve: what has no door is answered here.
pub async fn ask_at_door(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return next.run(request).await;
    };
    let visitor = request.extensions().get::<Visitor>();
    let refused = match doors.check(request.method(), path.as_str(), visitor) {
        Ok(Passage::Open) => return next.run(request).await,
        Ok(Passage::WrongMethod(allow)) => return wrong_method(&request, &allow),
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

/// `OPTIONS` is told what the path takes, and nothing about other hosts, which may do nothing here.
/// Whoever looks where only forms are sent is led to the page above.
fn wrong_method(request: &Request, allow: &str) -> Response {
    let mut response = match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => web::page_above(request.method(), request.uri()),
    };
    if let Ok(allow) = HeaderValue::from_str(allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
