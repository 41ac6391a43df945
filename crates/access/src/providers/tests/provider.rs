//! A provider that tells the truth, unless it is told otherwise.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{SITE, START, SUBJECT};

pub(super) const SECRET: &str = "made-up";

/// Changes something before it is sent.
pub(super) type Change = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What it does otherwise than it should.
#[derive(Clone, Default)]
pub(super) struct Ways {
    pub(super) metadata: Option<Change>,
    pub(super) claims: Option<Change>,
    pub(super) head: Option<Change>,
    pub(super) answer: Option<Change>,
    /// Signs with a key that it does not show.
    pub(super) has_other_key: bool,
    /// Signs with nothing.
    pub(super) is_unsigned: bool,
    /// The path at which it gives this instead.
    pub(super) instead: Option<(&'static str, Instead)>,
}

/// What it gives instead of an answer.
#[derive(Clone, Copy)]
pub(super) enum Instead {
    Nothing,
    Huge,
    Noise,
    Elsewhere,
    Trouble,
    Refusal,
}

struct Inner {
    issuer: String,
    key: EcdsaKeyPair,
    ways: Mutex<Ways>,
    /// The code that it gave last, with the challenge and the nonce that it was given.
    given: Mutex<(String, String, String)>,
    asked: Mutex<Vec<String>>,
}

/// A provider on a port of its own; it goes away with the value.
pub(super) struct Fake {
    pub(super) issuer: String,
    inner: Arc<Inner>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn new_key() -> EcdsaKeyPair {
    let (random, form) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let key = EcdsaKeyPair::generate_pkcs8(form, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(form, key.as_ref(), &random).unwrap()
}

impl Fake {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            issuer: issuer.clone(),
            key: new_key(),
            ways: Mutex::default(),
            given: Mutex::default(),
            asked: Mutex::default(),
        });
        let routes = Router::new().fallback(answer).with_state(inner.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { issuer, inner, serving }
    }

    /// From now on it does otherwise than it should.
    pub(super) fn does(&self, ways: Ways) {
        *self.inner.ways.lock().unwrap() = ways;
    }

    /// Signs somebody in who was sent to an address of it. Gives state and code.
    pub(super) fn sign_in(&self, url: &str) -> (String, String) {
        let asked = questions(url.split_once('?').unwrap().1);
        assert!(url.starts_with(&format!("{}/authorize?", self.issuer)), "{url}");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], "sogoc");
        assert_eq!(asked["scope"], "openid profile");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["redirect_uri"], format!("{SITE}/sign-in/by/sso/return"));
        let code = format!("code-of-{}", asked["state"]);
        let given = (code.clone(), asked["code_challenge"].clone(), asked["nonce"].clone());
        *self.inner.given.lock().unwrap() = given;
        (asked["state"].clone(), code)
    }

    /// The paths that it was asked for.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.asked.lock().unwrap())
    }
}

/// The pairs of a query or form.
pub(super) fn questions(text: &str) -> HashMap<String, String> {
    let pairs = openidconnect::url::Url::parse(&format!("http://a/?{text}")).unwrap();
    pairs.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let path = uri.path();
    inner.asked.lock().unwrap().push(path.to_owned());
    let ways = inner.ways.lock().unwrap().clone();
    if let Some((_, instead)) = ways.instead.filter(|(place, _)| *place == path) {
        return give_instead(instead).await;
    }
    let mut said = match path {
        "/.well-known/openid-configuration" => metadata(&inner.issuer),
        "/keys" => keys(&inner.key),
        "/token" => return token(&inner, &ways, &headers, &body),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if path.starts_with("/.well")
        && let Some(change) = &ways.metadata
    {
        change(&mut said);
    }
    axum::Json(said).into_response()
}

async fn give_instead(instead: Instead) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    match instead {
        Instead::Nothing => std::future::pending().await,
        Instead::Huge => (json, Body::from(vec![b' '; 8 << 20])).into_response(),
        Instead::Noise => (json, "{\"issuer\":").into_response(),
        Instead::Elsewhere => {
            (StatusCode::FOUND, [(header::LOCATION, "/token-elsewhere")]).into_response()
        }
        Instead::Trouble => StatusCode::BAD_GATEWAY.into_response(),
        Instead::Refusal => {
            let said = axum::Json(json!({ "error": "invalid_grant" }));
            (StatusCode::BAD_REQUEST, said).into_response()
        }
    }
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
}

fn keys(key: &EcdsaKeyPair) -> Value {
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
    let key = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "1", "x": x, "y": y,
    });
    json!({ "keys": [key] })
}

/// Gives a token for the code that it gave, to the client that it gave it for.
fn token(inner: &Inner, ways: &Ways, headers: &HeaderMap, body: &str) -> Response {
    let (code, challenge, nonce) = inner.given.lock().unwrap().clone();
    let sent = questions(body);
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(sent["code_verifier"].as_bytes()));
    let login = format!("Basic {}", STANDARD.encode(format!("sogoc:{SECRET}")));
    let is_client = headers.get(header::AUTHORIZATION).is_some_and(|it| *it == *login);
    let is_back = sent["redirect_uri"] == format!("{SITE}/sign-in/by/sso/return");
    let is_code = sent["grant_type"] == "authorization_code" && sent["code"] == code;
    if !is_client || !is_back || !is_code || proof != challenge {
        let said = axum::Json(json!({ "error": "invalid_grant" }));
        return (StatusCode::BAD_REQUEST, said).into_response();
    }
    let now = START / 1_000_000;
    let mut claims = json!({
        "iss": inner.issuer, "sub": SUBJECT, "aud": "sogoc", "iat": now, "exp": now + 3600,
        "nonce": nonce,
    });
    let mut head = json!({ "alg": "ES256", "typ": "JWT", "kid": "1" });
    if let Some(change) = &ways.claims {
        change(&mut claims);
    }
    if let Some(change) = &ways.head {
        change(&mut head);
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&head), part(&claims));
    let other = new_key();
    let key = if ways.has_other_key { &other } else { &inner.key };
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    let signature = if ways.is_unsigned { &[][..] } else { signature.as_ref() };
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
    let mut said =
        json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token });
    if let Some(change) = &ways.answer {
        change(&mut said);
    }
    axum::Json(said).into_response()
}
