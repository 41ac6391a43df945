//! A witness over HTTP, as <https://c2sp.org/tlog-witness> has it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::super::api::TEXT;
use super::{Verdict, Witness};

/// A request with its proof is far shorter.
const LONGEST_REQUEST_BYTES: usize = 64 << 10;
/// Whoever sends it drop by drop is not waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Of the answer that says which size was signed last.
const SIZE: &str = "text/x.tlog.size";

/// `POST /add-checkpoint` and `GET /{hash of the name}/checkpoint`.
pub fn routes(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add))
        .route("/{name}/checkpoint", get(show))
        .with_state(witness)
}

async fn add(State(witness): State<Arc<Witness>>, request: Request) -> Response {
    let reading = to_bytes(request.into_body(), LONGEST_REQUEST_BYTES);
    let read = match tokio::time::timeout(PATIENCE, reading).await {
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Ok(Ok(read)) => read,
    };
    let Ok(text) = std::str::from_utf8(&read) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match witness.add(text).await {
        Ok(Verdict::Signed(line)) => line.into_response(),
        Ok(Verdict::Malformed) => StatusCode::BAD_REQUEST.into_response(),
        Ok(Verdict::Unsigned) => StatusCode::FORBIDDEN.into_response(),
        Ok(Verdict::UnknownLog) => StatusCode::NOT_FOUND.into_response(),
        Ok(Verdict::Conflict(size)) => {
            (StatusCode::CONFLICT, [(header::CONTENT_TYPE, SIZE)], format!("{size}\n"))
                .into_response()
        }
        Ok(Verdict::Inconsistent) => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
        Err(error) => web::ApiError(error).into_response(),
    }
}

async fn show(State(witness): State<Arc<Witness>>, Path(name): Path<String>) -> Response {
    match witness.find(&name).await {
        Ok(Some(note)) => ([(header::CONTENT_TYPE, TEXT)], note).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => web::ApiError(error).into_response(),
    }
}
