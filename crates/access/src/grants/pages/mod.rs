//! The pages of rights: the roles for everybody, one's own rights for whoever is signed in, giving
//! roles and accounts for whoever may.

mod accounts;
mod give;
mod mine;
mod roles;
mod say;
mod why;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use lang::Lang;
use maud::Markup;
use web::pieces::{self, Crumb};

use crate::Access;

pub(super) use give::Sent;
pub(super) use why::Question;

/// `/roles`, `/account/rights`, `/tasks/rights`, `/tasks/accounts`.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route("/roles", get(roles::show))
        .route("/roles/{code}", get(roles::show_one))
        .route("/account/rights", get(mine::show))
        .route("/tasks/rights", get(give::list))
        .route("/tasks/rights/give", get(give::show).post(give::give))
        .route("/tasks/rights/why", get(why::show))
        .route("/tasks/rights/{id}/end", get(give::show_end).post(give::end))
        .route("/tasks/accounts", get(accounts::show).post(accounts::add))
        .route("/tasks/accounts/{name}/{act}", post(accounts::change))
}

/// The pages above those of this work.
fn crumbs(lang: Lang, is_below: bool) -> Markup {
    let all = [
        Crumb { label: lang::nav::work(lang), href: "/tasks" },
        Crumb { label: lang::rights::work(lang), href: "/tasks/rights" },
    ];
    pieces::breadcrumbs(lang, if is_below { &all } else { &all[..1] })
}

fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location.to_owned())]).into_response()
}
