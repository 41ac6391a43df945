//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderValue, header};

use crate::guard::{COOKIE, address, cookie};
use crate::vault::Keys;

/// Cookies, addresses that proxies tell, passwords over HTTP Basic.
pub fn headers(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, value.clone());
    let found = cookie(&headers, COOKIE).unwrap_or_default();
    assert!(!found.contains(';'));
    crate::guard::cookies::undress(&mut headers);
    for value in &headers.get_all(header::COOKIE) {
        let text = value.to_str().unwrap_or_default();
        let is_ours = |pair: &str| pair.trim().starts_with("sogoc_");
        let said = String::from_utf8_lossy(bytes);
        // What bears our name inside was sent under the name that only this host can have set.
        assert!(
            !text.split(';').any(is_ours) || said.contains("__Host-") || said.contains("__Secure-")
        );
    }
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(ConnectInfo(peer));
    request.headers_mut().insert("x-forwarded-for", value);
    assert!(address(&request, &[peer.ip()]).parse::<IpAddr>().is_ok());
    assert_eq!(address(&request, &[]), peer.ip().to_string(), "nobody is believed unasked");
}

/// Codes of telephones, recovery codes, files of keys.
pub fn codes(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    crate::factor::read_typed(&given);
    if let Ok(keys) = Keys::parse(&given, None) {
        let again = keys.to_text(None).and_then(|text| Keys::parse(&text, None));
        assert!(again.is_ok_and(|again| again.are(&keys)));
    }
}
