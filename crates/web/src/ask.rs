//! What was asked: language, address, and the values of path, query, form and body.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base::Error;
use base::rights::{Actor, NOBODY, Rights};
use lang::Lang;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::layers::BodyLimit;
use crate::problem::{ApiError, PageError};

/// Who asks and how; read once for each request by [`crate::layers::around`].
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// From `?lang=`, else the cookie `lang`, else what the browser says (English only for
    /// programs), else Vietnamese.
    pub lang: Lang,
    /// The address on this server.
    pub path_and_query: String,
    /// The name of the province.
    pub place: Arc<str>,
    /// The number of this request in the log; empty outside the layers.
    pub request_id: Arc<str>,
    /// Who is signed in, when whatever checks sign-in has put a [`Visitor`] into the request.
    pub visitor: Option<Visitor>,
}

impl Asked {
    /// On whose behalf something is read: of nobody without sign-in.
    #[must_use]
    pub fn actor(&self) -> Actor<'_> {
        self.visitor.as_ref().map_or(Actor { name: "", rights: &NOBODY }, Visitor::actor)
    }
}

/// The one who is signed in, as far as the frame of a page needs to know.
///
/// The middleware that checks sign-in puts it into the extensions of the request, for [`Asked`],
/// and of the response, for pages that report an error.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The name to show.
    pub name: String,
    /// What the forms of this response carry: the session's token under a mask of its own, see
    /// [`Visitor::of_session`]. Empty without a session.
    pub csrf: String,
    /// What this one may do.
    pub rights: Arc<Rights>,
}

/// From where somebody asks, as far as it is known; for slowing down who asks too often. It is
/// neither kept nor logged, but for tries to sign in, which the owner of the account is shown. The middleware that checks sign-in puts it into
/// the extensions of the request.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    /// The network address; empty when it is not known.
    pub address: Arc<str>,
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Stands among the extensions of a request that came over TLS which the program itself speaks.
#[derive(Clone, Copy, Debug)]
pub struct OverTls;

impl Asked {
    pub(crate) fn read(uri: &Uri, headers: &HeaderMap) -> Self {
        let path = uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let lang = lang_of_query(uri)
            .or_else(|| lang_of_cookie(headers))
            .or_else(|| lang_of_browser(uri, headers))
            .unwrap_or_default();
        Self { lang, path_and_query: path, ..Self::default() }
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let asked = parts.extensions.get::<Self>().cloned();
        let mut asked = asked.unwrap_or_else(|| Self::read(&parts.uri, &parts.headers));
        asked.visitor = parts.extensions.get::<Visitor>().cloned();
        Ok(asked)
    }
}

/// What the browser says by itself. Pages do not believe it about English: most machines of the
/// administration were set up in English, and their users read Vietnamese.
fn lang_of_browser(uri: &Uri, headers: &HeaderMap) -> Option<Lang> {
    let wishes = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let lang = Lang::from_accept_language(wishes)?;
    let is_program = uri.path().starts_with("/api/") && !uri.path().ends_with("/docs");
    (is_program || lang != Lang::English).then_some(lang)
}

/// The language that `?lang=` asks for.
pub(crate) fn lang_of_query(uri: &Uri) -> Option<Lang> {
    let pairs = uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Lang::from_tag)
}

fn lang_of_cookie(headers: &HeaderMap) -> Option<Lang> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = values.flat_map(|value| value.split(';').map(str::trim));
    cookies.find_map(|cookie| Lang::from_tag(cookie.strip_prefix("lang=")?))
}

/// An address with one value of its query set, the others kept.
///
/// Example: `link_with("/units?q=vi+thuy&lang=vi", "lang", "en")` is `/units?q=vi+thuy&lang=en`.
#[must_use]
pub fn link_with(path_and_query: &str, key: &str, value: &str) -> String {
    let mut link = link_without(path_and_query, key);
    link.push(if link.contains('?') { '&' } else { '?' });
    link.push_str(&encoded(key));
    link.push('=');
    link.push_str(&encoded(value));
    link
}

/// An address without one value of its query.
#[must_use]
pub fn link_without(path_and_query: &str, key: &str) -> String {
    // Two slashes at the beginning would lead to another server.
    let local = format!("/{}", path_and_query.trim_start_matches(['/', '\\']));
    let (path, query) = local.split_once('?').unwrap_or((&local, ""));
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(key))
        .collect::<Vec<_>>()
        .join("&");
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{kept}") }
}

/// The values of an address's query, decoded; none where it cannot be read.
#[must_use]
pub fn values_of(path_and_query: &str) -> Vec<(String, String)> {
    let uri: Option<Uri> = path_and_query.parse().ok();
    let values = uri.and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    values.map(|axum::extract::Query(values)| values).unwrap_or_default()
}

/// Percent-encoding for one part of an address (RFC 3986: all but the unreserved characters).
#[must_use]
pub fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The values of the query; a wrong one becomes 422 in the form that the address speaks.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        if parts.uri.query().is_some_and(|query| query.contains(ZERO_ENCODED)) {
            return Err(refuse(&parts.uri, Error::invalid("query", lang::error::zero_byte)));
        }
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(refuse(&parts.uri, bad_value(&rejection.body_text()))),
        }
    }
}

/// The values of the path. One that cannot be read names nothing, so it is 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let nothing = |parts: &Parts| refuse(&parts.uri, Error::not_found(lang::web::no_such_page));
        if parts.uri.path().contains(ZERO_ENCODED) {
            return Err(nothing(parts));
        }
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(nothing(parts)),
        }
    }
}

/// The values of a form that was sent in; a wrong one becomes 422.
#[derive(Clone, Copy, Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let uri = request.uri().clone();
        let (request, bytes) = received(request, state).await?;
        if bytes.contains(&0) || bytes.windows(3).any(|three| three == ZERO_ENCODED.as_bytes()) {
            return Err(refuse(&uri, Error::invalid("form", lang::error::zero_byte)));
        }
        match axum::extract::Form::from_request(request, state).await {
            Ok(axum::extract::Form(value)) => Ok(Self(value)),
            Err(rejection) if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Err(rejection.status().into_response())
            }
            Err(rejection) => Err(refuse(&uri, bad_value(&rejection.body_text()))),
        }
    }
}

/// A JSON body, read and written; a wrong one becomes a problem of 422.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (request, bytes) = received(request, state).await?;
        match axum::extract::Json::from_request(request, state).await {
            Ok(_) if has_zero(&bytes) => {
                Err(ApiError(Error::invalid("body", lang::error::zero_byte)).into_response())
            }
            Ok(axum::extract::Json(value)) => Ok(Self(value)),
            Err(rejection) if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Err(rejection.status().into_response())
            }
            Err(rejection) => {
                let reason = rejection.body_text();
                let error = Error::invalid("body", move |lang| lang::web::bad_json(lang, &reason));
                Err(ApiError(error).into_response())
            }
        }
    }
}

/// A body that takes longer to arrive is not waited for, so that whoever sends it drop by drop
/// holds nothing up.
const LONGEST_SENDING: Duration = Duration::from_secs(45);

/// A zero byte in an address or a form. No text has one, and the two databases differ about it.
const ZERO_ENCODED: &str = "%00";

/// The body, when all of it is there, and the request with it once more.
async fn received<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<(Request, Bytes), Response> {
    let (parts, body) = announced(request).map_err(IntoResponse::into_response)?.into_parts();
    let reading = Bytes::from_request(Request::from_parts(parts.clone(), body), state);
    let bytes = in_time(reading).await?.map_err(|rejection| rejection.status().into_response())?;
    Ok((Request::from_parts(parts, Body::from(bytes.clone())), bytes))
}

/// The request, unless it says of itself that it is longer than it may be: then nobody need send it
/// to its end to be told.
pub(crate) fn announced(request: Request) -> Result<Request, StatusCode> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let limit = request.extensions().get::<BodyLimit>();
    match (length, limit) {
        (Some(length), Some(limit)) if length > limit.0 as u64 => {
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        _ => Ok(request),
    }
}

/// Waits for what is being sent, and not for ever.
pub(crate) async fn in_time<T>(receiving: impl Future<Output = T>) -> Result<T, Response> {
    let received = tokio::time::timeout(LONGEST_SENDING, receiving).await;
    received.map_err(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

/// Whether a text in a JSON body holds a zero byte, which is written `\u0000` there; with another
/// backslash before it, it is five letters.
fn has_zero(json: &[u8]) -> bool {
    const ZERO: &[u8] = b"u0000";
    let mut places = json.windows(ZERO.len()).enumerate().filter(|(_, it)| *it == ZERO);
    places.any(|(at, _)| {
        let before = json[..at].iter().rev().take_while(|byte| **byte == b'\\');
        before.count() % 2 == 1
    })
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn refuse(uri: &Uri, error: Error) -> Response {
    if uri.path().starts_with("/api/") {
        ApiError(error).into_response()
    } else {
        PageError(error).into_response()
    }
}

/// The field is named in axum's message as `…: field: reason`; the reason is for programmers.
fn bad_value(message: &str) -> Error {
    let mut parts = message.split(": ").skip(1);
    let field = parts.next().filter(|_| parts.next().is_some()).unwrap_or("query");
    Error::invalid(field, lang::web::bad_value)
}
