//! What stands around every route: language, security headers, limits, compression, errors in words.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::Response;
use axum::{Extension, Router};
use base::{Clock, Id};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::ask::{Asked, Visitor, lang_of_query};
use crate::problem;

/// The largest body of a request whose route says nothing else.
pub const BODY_LIMIT_BYTES: usize = 1 << 20;

/// What [`around`] must be told.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the province, for the header of every page.
    pub place: String,
    /// Where the numbers of requests take their time from.
    pub clock: Clock,
    /// After this a request ends with 503.
    pub timeout: Duration,
}

/// Puts all layers around the routes, and a page behind the addresses that nobody serves.
pub fn around<S: Clone + Send + Sync + 'static>(routes: Router<S>, options: &Options) -> Router<S> {
    let asking = Asking { place: options.place.as_str().into(), clock: options.clock.clone() };
    routes
        .method_not_allowed_fallback(above)
        .fallback(problem::no_such_page)
        .layer(uploads(BODY_LIMIT_BYTES))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, options.timeout))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_response(DefaultOnResponse::new().level(Level::INFO))
                .on_failure(()),
        )
        .layer(from_fn_with_state(asking, ask))
        .layer(map_response(harden))
        .layer(CompressionLayer::new())
        .layer(map_response(weaken))
}

async fn above(method: Method, uri: Uri) -> Response {
    problem::page_above(&method, &uri)
}

/// A larger limit for a route that takes uploads: `.layer(layers::uploads(20 << 20))`.
pub fn uploads(limit_bytes: usize) -> (Extension<BodyLimit>, DefaultBodyLimit) {
    (Extension(BodyLimit(limit_bytes)), DefaultBodyLimit::max(limit_bytes))
}

/// How long the body of a request may be, for those who refuse one before it is there.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub(crate) usize);

#[derive(Clone)]
struct Asking {
    place: Arc<str>,
    clock: Clock,
}

async fn ask(State(asking): State<Asking>, mut request: Request, next: Next) -> Response {
    let request_id = Id::new(&asking.clock).to_string();
    let asked = Asked {
        place: asking.place,
        request_id: request_id.as_str().into(),
        ..Asked::read(request.uri(), request.headers())
    };
    let wished = lang_of_query(request.uri());
    request.extensions_mut().insert(asked.clone());
    let response = next.run(request).await;
    let is_signed_in = response.extensions().get::<Visitor>().is_some();
    let mut response = problem::in_words(response, &asked);
    let headers = response.headers_mut();
    if is_signed_in {
        keep_nowhere(headers);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", value);
    }
    if let Some(lang) = wished {
        let cookie =
            format!("lang={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", lang.tag());
        headers.extend(HeaderValue::from_str(&cookie).ok().map(|v| (header::SET_COOKIE, v)));
    }
    if is_html(headers) {
        // The same address has three languages and, for the signed in, another header.
        headers.append(header::VARY, HeaderValue::from_static("cookie, accept-language"));
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-cache"));
    }
    response
}

/// What was made for somebody who is signed in may name people: it is kept neither by the browser nor
/// on the way. What is the same for everybody says so itself.
fn keep_nowhere(headers: &mut HeaderMap) {
    let kept = headers.get(header::CACHE_CONTROL);
    if kept.is_none_or(|kept| !kept.as_bytes().starts_with(b"public")) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE);
    media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// The query stays out of the log: people search for people. So do the parts of a path that are as
/// long as a secret: whoever has the link of a letter may do what it says. Whatever is logged at
/// all bears the number of its request, which the reader of an error page is asked for.
fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<Asked>().map(|asked| asked.request_id.clone());
    tracing::error_span!(
        "request",
        id = id.as_deref().unwrap_or_default(),
        method = %request.method(),
        path = %without_secrets(request.uri().path()),
    )
}

/// Tokens have 32 random bytes, which are 43 letters; no other part of an address is as long.
fn without_secrets(path: &str) -> Cow<'_, str> {
    const SECRET: usize = 43;
    let is_secret = |part: &str| part.len() >= SECRET || is_receipt(part);
    if !path.split('/').any(is_secret) {
        return path.into();
    }
    let shown = path.split('/').map(|part| if is_secret(part) { "…" } else { part });
    shown.collect::<Vec<_>>().join("/").into()
}

/// A code that people type, with or without what stands between its groups: `7K3M-9QXT-…`, of twenty
/// letters and digits.
fn is_receipt(part: &str) -> bool {
    let part = part.replace("%20", "").replace(['-', '+'], "");
    let is_made_of = part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    part.len() == 20 && is_made_of && part.bytes().any(|byte| byte.is_ascii_digit())
}

/// What pages never use. Passkeys are not among it, nor what browsers complain of as unknown.
const NOT_USED: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
                        display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), \
                        geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), \
                        magnetometer=(), microphone=(), midi=(), payment=(), \
                        picture-in-picture=(), screen-wake-lock=(), serial=(), usb=(), \
                        xr-spatial-tracking=()";

/// The list of OWASP's secure headers; HSTS is said where TLS is spoken.
const SECURITY: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", NOT_USED),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("x-permitted-cross-domain-policies", "none"),
];

/// A header that a route set itself is left as it is.
async fn harden(mut response: Response) -> Response {
    for (name, value) in SECURITY {
        response
            .headers_mut()
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A strong tag promises the same bytes, and compressed bytes are others (RFC 9110, 8.8.3.3).
async fn weaken(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING) {
        let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let weak = tag.filter(|tag| !tag.starts_with("W/")).map(|tag| format!("W/{tag}"));
        if let Some(Ok(weak)) = weak.map(HeaderValue::try_from) {
            headers.insert(header::ETAG, weak);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_in_a_path_is_not_logged() {
        let token = "x".repeat(43);
        for (path, logged) in [
            ("/units/31441".to_owned(), "/units/31441"),
            (format!("/watch/{token}"), "/watch/…"),
            (format!("/watch/{token}/end/7"), "/watch/…/end/7"),
            (format!("/{}", "x".repeat(42)), &*format!("/{}", "x".repeat(42))),
            ("/my-data/7K3M-9QXT-0000-ABCD-EFGH".to_owned(), "/my-data/…"),
            ("/my-data/7k3m9qxt%200000abcdefgh/withdraw".to_owned(), "/my-data/…/withdraw"),
            ("/my-data/consents/notices".to_owned(), "/my-data/consents/notices"),
            ("/indicators/households-with-an-app".to_owned(), "/indicators/households-with-an-app"),
        ] {
            assert_eq!(without_secrets(&path), logged);
        }
    }
}
