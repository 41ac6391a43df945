//! What is different over TLS: cookies that only this host can have set and no plain request carries,
//! and the promise of browsers to come over TLS only.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::Access;
use crate::guard::is_encrypted;

/// What the names of our cookies begin with, but for that of the language, which is no secret.
const OURS: &str = "sogoc_";
/// Browsers take such a name only over TLS, for the whole host and for no other.
const HOST: &str = "__Host-";
/// The same for a cookie that goes to a part of the host only.
const PART: &str = "__Secure-";

/// Browsers that were here over TLS come back over TLS only, for a year.
const STRICTLY: (header::HeaderName, HeaderValue) =
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));

/// Middleware: over TLS, cookies bear another name on the wire than inside, so that one which was set
/// over plain HTTP, or by a neighbouring host, is never taken for ours; and HSTS is said.
pub async fn over_tls(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    if !is_encrypted(&request, access.proxies()) {
        return next.run(request).await;
    }
    undress(request.headers_mut());
    let mut response = next.run(request).await;
    dress(response.headers_mut());
    let (name, value) = STRICTLY;
    response.headers_mut().entry(name).or_insert(value);
    response
}

/// Gives the cookies of a request their names inside, and leaves out those that bear them already.
pub(crate) fn undress(headers: &mut HeaderMap) {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = values.flat_map(|value| value.split(';').map(str::trim));
    let inside = |pair: &str| {
        let bare = [HOST, PART].iter().find_map(|prefix| pair.strip_prefix(prefix));
        match bare.filter(|bare| bare.starts_with(OURS)) {
            Some(bare) => Some(bare.to_owned()),
            None => (!pair.starts_with(OURS)).then(|| pair.to_owned()),
        }
    };
    let pairs: Vec<String> = pairs.filter_map(inside).collect();
    headers.remove(header::COOKIE);
    if let (false, Ok(value)) = (pairs.is_empty(), HeaderValue::try_from(pairs.join("; "))) {
        headers.insert(header::COOKIE, value);
    }
}

/// Gives the cookies of an answer their names on the wire.
fn dress(headers: &mut HeaderMap) {
    let cookies: Vec<HeaderValue> =
        headers.get_all(header::SET_COOKIE).iter().map(dressed).collect();
    headers.remove(header::SET_COOKIE);
    headers.extend(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
}

fn dressed(cookie: &HeaderValue) -> HeaderValue {
    let Ok(text) = cookie.to_str() else { return cookie.clone() };
    let has = |wanted: &str| {
        let mut parts = text.split(';').skip(1).map(str::trim);
        parts.any(|part| part.eq_ignore_ascii_case(wanted))
    };
    let prefix = match text.starts_with(OURS) {
        true if has("Path=/") => HOST,
        true => PART,
        false => "",
    };
    let secure = if has("Secure") { "" } else { "; Secure" };
    HeaderValue::try_from(format!("{prefix}{text}{secure}")).unwrap_or_else(|_| cookie.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_that_were_not_set_over_tls_are_not_taken_for_ours() {
        for (sent, taken) in [
            ("__Host-sogoc_session=a", Some("sogoc_session=a")),
            ("sogoc_session=evil; lang=vi", Some("lang=vi")),
            ("sogoc_session=evil; __Host-sogoc_session=a", Some("sogoc_session=a")),
            ("__Secure-sogoc_half=h; lang=vi", Some("sogoc_half=h; lang=vi")),
            ("__Host-other=x", Some("__Host-other=x")),
            ("__Host-__Host-sogoc_session=x", Some("__Host-__Host-sogoc_session=x")),
            ("sogoc_half=evil", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, sent.parse().unwrap());
            undress(&mut headers);
            let left = headers.get(header::COOKIE).map(|value| value.to_str().unwrap());
            assert_eq!(left.filter(|left| !left.is_empty()), taken, "{sent}");
        }
    }

    #[test]
    fn cookies_are_secure_and_bound_to_the_host() {
        for (inside, wire) in [
            (
                "sogoc_session=a; Path=/; HttpOnly",
                "__Host-sogoc_session=a; Path=/; HttpOnly; Secure",
            ),
            ("sogoc_session=a; Path=/; Secure", "__Host-sogoc_session=a; Path=/; Secure"),
            ("sogoc_half=h; Path=/sign-in", "__Secure-sogoc_half=h; Path=/sign-in; Secure"),
            ("lang=vi; Path=/", "lang=vi; Path=/; Secure"),
            ("a=secure; Path=/", "a=secure; Path=/; Secure"),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::SET_COOKIE, inside.parse().unwrap());
            headers.append(header::SET_COOKIE, "lang=km".parse().unwrap());
            dress(&mut headers);
            let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
            assert_eq!(cookies, [wire, "lang=km; Secure"]);
        }
    }
}
