//! The stylesheet, the icon and the one script, under names that change with their content.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::export::digest;

static STYLESHEET: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("sogoc", "css", include_str!("../static/sogoc.css")));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("seal", "svg", include_str!("../static/seal.svg")));

static PASSKEY: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("passkey", "js", include_str!("../static/passkey.js")));

struct Asset {
    path: String,
    media_type: &'static str,
    text: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, text: &str) -> Self {
        let text = lean(text);
        let digest = digest(text.as_bytes());
        let media_type = match extension {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        Self { path: format!("/assets/{stem}-{}.{extension}", &digest[..12]), media_type, text }
    }
}

/// Without what only its writers need: indentation, empty lines and comments on lines of their own.
fn lean(text: &str) -> String {
    let is_comment = |line: &&str| line.starts_with("/*") && line.ends_with("*/");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The address of the stylesheet.
#[must_use]
pub fn stylesheet() -> &'static str {
    &STYLESHEET.path
}

/// The address of the icon.
#[must_use]
pub fn icon() -> &'static str {
    &ICON.path
}

/// The address of the module that asks the browser for a passkey. Pages do without it: it shows
/// the button that needs it.
#[must_use]
pub fn passkey_script() -> &'static str {
    &PASSKEY.path
}

/// The stylesheet itself, for pages that are written to files.
#[must_use]
pub fn stylesheet_text() -> &'static str {
    &STYLESHEET.text
}

/// `/assets/{name}`. A name holds the digest of its content, so browsers may keep it for ever.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    let known = [&*STYLESHEET, &*ICON, &*PASSKEY].into_iter();
    let Some(asset) = known.into_iter().find(|asset| asset.path.ends_with(&format!("/{name}")))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.text.as_str()).into_response()
}
