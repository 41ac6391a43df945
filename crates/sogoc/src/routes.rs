//! Every route of the program, mounted in one place.

use std::time::Duration;

use access::{Doors, grants};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use web::layers::{self, Options};

use crate::app::App;
use crate::doors::DOORS;
use crate::metrics;

/// The whole program as a service.
pub(crate) fn all(app: &App, place: &str) -> Router {
    let options = Options {
        place: place.to_owned(),
        clock: app.clock().clone(),
        timeout: Duration::from_secs(60),
    };
    let routes = bare()
        .layer(from_fn_with_state(app.desk.clone(), figures::guard_entries))
        .layer(from_fn_with_state(Doors::new(DOORS), access::ask_at_door))
        .layer(from_fn_with_state(app.rate.clone(), access::limit))
        .layer(from_fn_with_state(app.access.clone(), access::identify))
        .layer(from_fn(access::same_origin));
    layers::around(routes, &options)
        .layer(from_fn_with_state(app.access.clone(), access::over_tls))
        .layer(from_fn(metrics::count))
        .with_state(app.clone())
}

/// The routes without anything around them.
pub(crate) fn bare() -> Router<App> {
    Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(metrics::show))
        .merge(access::routes())
        .merge(access::organisation::routes())
        .merge(grants::pages::routes())
        .merge(access::trace::pages::routes())
        .merge(subjects::routes())
        .merge(territory::page_routes())
        .merge(figures::page_routes())
        .merge(journal::seals::page_routes())
        .merge(journal::seals::log_routes())
        .merge(crate::api::routes())
        .merge(web::assets::routes())
}

/// `GET /healthz`: 200 when the database answers.
async fn health(State(app): State<App>) -> Response {
    match app.database().read().await {
        Ok(_) => (StatusCode::OK, "ok\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "database unavailable\n").into_response(),
    }
}
