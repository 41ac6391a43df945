//! The guard: who is signed in, and whether a request to change something is really theirs.

pub(crate) mod cookies;
pub(crate) mod doors;
pub(crate) mod rate;

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use web::ask::{Asker, OverTls};
use web::looks;
use web::{ApiError, PageError, Visitor};

use crate::{Access, trace};

/// The cookie of a session. `__Host-` would want TLS, which the demonstration has not.
pub(crate) const COOKIE: &str = "sogoc_session";

/// The cookie of whoever has given the password and not yet the code.
pub(crate) const HALF_COOKIE: &str = "sogoc_half";

/// Middleware: finds out who is asking, by the session's cookie or, for programs, by HTTP Basic,
/// and from where; and notes what the response shows of guarded data, before it leaves.
pub async fn identify(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    let credentials = Credentials::of(&request, access.proxies());
    let asker = Asker { address: address(&request, access.proxies()).into() };
    request.extensions_mut().insert(asker);
    match credentials.find_visitor(&access).await {
        Ok(None) => next.run(request).await,
        Ok(Some(visitor)) => {
            request.extensions_mut().insert(visitor.clone());
            let path = request.uri().path().to_owned();
            let (response, shown) = looks::listen(next.run(request)).await;
            let is_shown = response.status().is_success();
            let is_file = response.headers().contains_key(header::CONTENT_DISPOSITION);
            let noted = match is_shown && !shown.is_empty() {
                // What the API answers and what is for keeping is taken along, the rest is seen.
                true => {
                    let place = (path.as_str(), is_file || path.starts_with("/api/"));
                    trace::note_seen(&access, visitor.actor(), place, shown).await
                }
                false => Ok(()),
            };
            let mut response = noted.map_or_else(|error| refused(&path, error), |()| response);
            response.extensions_mut().insert(visitor);
            response
        }
        Err(error) => refused(request.uri().path(), error),
    }
}

fn refused(path: &str, error: Error) -> Response {
    match path.starts_with("/api/") {
        true => ApiError(error).into_response(),
        false => PageError(error).into_response(),
    }
}

/// By which session somebody asks, and from where.
pub(crate) struct Here {
    /// The token; empty where there is no session.
    pub(crate) token: String,
    /// The network address; empty when it is not known.
    pub(crate) address: String,
}

impl<S: Sync> FromRequestParts<S> for Here {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        let token = cookie(&parts.headers, COOKIE).unwrap_or_default().to_owned();
        let asker = parts.extensions.get::<Asker>();
        let address = asker.map(|asker| asker.address.to_string()).unwrap_or_default();
        Ok(Self { token, address })
    }
}

/// What a request says of the one who asks.
enum Credentials {
    None,
    Session(String),
    Basic { name: String, password: String, address: String },
}

impl Credentials {
    fn of(request: &Request, proxies: &[IpAddr]) -> Self {
        if let Some(token) = cookie(request.headers(), COOKIE) {
            return Self::Session(token.to_owned());
        }
        let basic = request.headers().get(header::AUTHORIZATION).and_then(|value| {
            let encoded = value.to_str().ok()?.strip_prefix("Basic ")?;
            let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
            text.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
        });
        match basic {
            Some((name, password)) if request.uri().path().starts_with("/api/") => {
                let address = address(request, proxies);
                Self::Basic { name, password, address }
            }
            _ => Self::None,
        }
    }

    async fn find_visitor(self, access: &Access) -> Result<Option<Visitor>> {
        match self {
            Self::None => Ok(None),
            Self::Session(token) => access.find_session(&token).await,
            Self::Basic { name, password, address } => {
                access.basic(&name, &password, &address).await.map(Some)
            }
        }
    }
}

/// The address of the one who asks, as far as it is known; for slowing down guesses. A proxy that
/// is not named in `proxies` is taken for the one who asks, whatever it says.
pub(crate) fn address(request: &Request, proxies: &[IpAddr]) -> String {
    let peer = request.extensions().get::<axum::extract::ConnectInfo<std::net::SocketAddr>>();
    let Some(peer) = peer.map(|peer| peer.0.ip().to_canonical()) else { return String::new() };
    let forwarded = request.headers().get_all("x-forwarded-for");
    let mut said: Vec<IpAddr> = forwarded
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        // What is no address was made up, and so was everything before it.
        .fold(Vec::new(), |mut said, hop| {
            match hop.trim().parse::<IpAddr>() {
                Ok(hop) => said.push(hop.to_canonical()),
                Err(_) => said.clear(),
            }
            said
        });
    // Each proxy appends whom it was asked by, so the last ones are true.
    let mut asking = peer;
    while proxies.contains(&asking)
        && let Some(before) = said.pop()
    {
        asking = before;
    }
    asking.to_string()
}

/// Whether the one who asks does so over TLS: with this program, or as a known proxy says.
pub(crate) fn is_encrypted(request: &Request, proxies: &[IpAddr]) -> bool {
    if request.extensions().get::<OverTls>().is_some() {
        return true;
    }
    let peer = request.extensions().get::<axum::extract::ConnectInfo<std::net::SocketAddr>>();
    let known = peer.is_some_and(|peer| proxies.contains(&peer.0.ip().to_canonical()));
    known && request.headers().get("x-forwarded-proto").is_some_and(|value| value == "https")
}

/// The token in a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';').map(str::trim))
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Middleware: refuses a request to change something that another site made the browser send.
///
/// Browsers say so in `Sec-Fetch-Site`; older ones in `Origin`, which must then name this host.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_same_origin(request.headers()) {
        return next.run(request).await;
    }
    PageError(Error::refused("access.other_site", lang::access::other_site)).into_response()
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, name)| name == host)
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_proxy_is_believed() {
        let proxies = ["127.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        for (peer, forwarded, asking) in [
            ("192.0.2.1", None, "192.0.2.1"),
            ("192.0.2.1", Some("198.51.100.7"), "192.0.2.1"),
            ("127.0.0.1", None, "127.0.0.1"),
            ("127.0.0.1", Some("198.51.100.7"), "198.51.100.7"),
            ("127.0.0.1", Some("1.2.3.4, 198.51.100.7, 10.0.0.2"), "198.51.100.7"),
            ("::ffff:127.0.0.1", Some("1.2.3.4, nonsense, 198.51.100.7"), "198.51.100.7"),
            ("127.0.0.1", Some("198.51.100.7, nonsense"), "127.0.0.1"),
            ("127.0.0.1", Some("2001:db8::1"), "2001:db8::1"),
        ] {
            let mut request = Request::new(axum::body::Body::empty());
            let peer = std::net::SocketAddr::new(peer.parse().unwrap(), 4711);
            request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
            if let Some(forwarded) = forwarded {
                request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
            }
            assert_eq!(address(&request, &proxies), asking, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn requests_that_another_site_caused_are_told_apart() {
        for (headers, same) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "http://sogoc.test"), ("host", "sogoc.test")], true),
            (&[("origin", "http://evil.test"), ("host", "sogoc.test")], false),
            (&[("origin", "null"), ("host", "sogoc.test")], false),
        ] {
            let map = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect::<HeaderMap>();
            assert_eq!(is_same_origin(&map), same, "{headers:?}");
        }
    }
}
