//! What leaves the program as a file: strong tags for caches, cells that no spreadsheet runs.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::Error;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::ApiResult;

/// The SHA-256 digest in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An answer of the API in JSON, tagged as [`tagged`] does.
///
/// Errors: `Internal` for what cannot be written as JSON.
pub fn json(headers: &HeaderMap, body: &impl Serialize) -> ApiResult<Response> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(tagged(headers, "application/json", bytes))
}

/// A response with a strong `ETag` made from its bytes, or 304 without a body when the one who
/// asks (with `headers`) has these very bytes already. Caches ask again each time; where the
/// answer is compressed on its way, the layers make the tag a weak one.
#[must_use]
pub fn tagged(
    headers: &HeaderMap,
    media_type: &'static str,
    bytes: impl Into<Vec<u8>>,
) -> Response {
    let bytes = bytes.into();
    let tag = format!("\"{}\"", &digest(&bytes)[..32]);
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
        })
    });
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], bytes).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// A cell of a CSV file that a spreadsheet shows and does not compute.
///
/// Text beginning with `=`, `+`, `-`, `@`, their wide forms, or the end of a line or cell gets an
/// apostrophe before it. For text only: a number that the program wrote itself is not passed
/// through here.
#[must_use]
pub fn csv_safe(text: &str) -> Cow<'_, str> {
    const TRIGGERS: [char; 11] =
        ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if text.starts_with(TRIGGERS) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_made_plain_text() {
        for (text, expected) in [
            ("", ""),
            ("Xã Vị Thủy", "Xã Vị Thủy"),
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+84", "'+84"),
            ("-1+1", "'-1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(csv_safe(text), expected);
        }
    }

    #[test]
    fn bytes_already_held_are_not_sent_again() {
        let first = tagged(&HeaderMap::new(), "text/csv", "a;b");
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].clone();
        assert!(!tag.to_str().unwrap().starts_with("W/"));
        for (held, bytes, expected) in [
            (tag.to_str().unwrap().to_owned(), "a;b", StatusCode::NOT_MODIFIED),
            (format!("\"x\", W/{}", tag.to_str().unwrap()), "a;b", StatusCode::NOT_MODIFIED),
            ("*".to_owned(), "a;b", StatusCode::NOT_MODIFIED),
            (tag.to_str().unwrap().to_owned(), "a;c", StatusCode::OK),
            ("\"x\"".to_owned(), "a;b", StatusCode::OK),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, held.parse().unwrap());
            assert_eq!(tagged(&headers, "text/csv", bytes).status(), expected, "{held} {bytes}");
        }
    }
}
