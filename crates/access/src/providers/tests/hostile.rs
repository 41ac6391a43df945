//! A provider that lies, or somebody in its place; one that is away, slow or endless.

use axum::http::{Request, StatusCode};
use lang::Lang;
use serde_json::{Value, json};
use store::testing::TestDatabase;

use super::provider::{Fake, Instead, Ways};
use super::*;
use crate::tests::read;
use base::rights::Actor;

fn claims(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Ways {
    Ways { claims: Some(Arc::new(change)), ..Ways::default() }
}

fn head(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Ways {
    Ways { head: Some(Arc::new(change)), ..Ways::default() }
}

fn metadata(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Ways {
    Ways { metadata: Some(Arc::new(change)), ..Ways::default() }
}

fn answer(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Ways {
    Ways { answer: Some(Arc::new(change)), ..Ways::default() }
}

fn instead(path: &'static str, what: Instead) -> Ways {
    Ways { instead: Some((path, what)), ..Ways::default() }
}

const NOW: i64 = START / 1_000_000;

#[tokio::test]
async fn tokens_that_do_not_hold_are_refused() {
    for database in TestDatabase::each().await {
        let fake = Fake::start().await;
        let vault = Vault::new(Keys::generate());
        let new = || program_at(&database, &vault, (&fake, Second::Never), 0);
        new().ensure_administrator(Some(PASSWORD)).await.unwrap();
        new().link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
        walk(&new(), &fake).await.unwrap();
        for (what, ways) in [
            ("another nonce", claims(|it| it["nonce"] = json!("another"))),
            ("no nonce", claims(|it| it["nonce"] = Value::Null)),
            ("another audience", claims(|it| it["aud"] = json!("another"))),
            ("two audiences", claims(|it| it["aud"] = json!(["sogoc", "another"]))),
            ("no audience", claims(|it| it["aud"] = json!([]))),
            ("another issuer", claims(|it| it["iss"] = json!("https://evil.example"))),
            ("expired", claims(|it| it["exp"] = json!(NOW - 1))),
            ("no end", claims(|it| it["exp"] = Value::Null)),
            ("no subject", claims(|it| it["sub"] = Value::Null)),
            ("another key", Ways { has_other_key: true, ..Ways::default() }),
            ("no signature", Ways { is_unsigned: true, ..Ways::default() }),
            ("none", Ways { is_unsigned: true, ..head(|it| it["alg"] = json!("none")) }),
            ("a shared secret", head(|it| it["alg"] = json!("HS256"))),
            ("another algorithm", head(|it| it["alg"] = json!("RS256"))),
            ("a key that it has not", head(|it| it["kid"] = json!("2"))),
            ("no token", answer(|it| it["id_token"] = Value::Null)),
            ("no words", answer(|it| it["id_token"] = json!("a.b.c"))),
            ("refused", instead("/token", Instead::Refusal)),
            ("noise", instead("/token", Instead::Noise)),
            ("sent elsewhere", instead("/token", Instead::Elsewhere)),
        ] {
            fake.does(ways);
            fake.asked();
            assert!(is_refused(walk(&new(), &fake).await, "access.provider_wrong"), "{what}");
            assert!(!fake.asked().contains(&"/token-elsewhere".to_owned()), "{what}");
        }
        fake.does(Ways::default());
        walk(&new(), &fake).await.unwrap();
        assert_eq!(rows(&database, "select count(*) from provider_requests").await, 0);
    }
}

#[tokio::test]
async fn what_a_provider_says_of_itself_must_be_of_it_and_safe() {
    let database = TestDatabase::sqlite().await;
    let fake = Fake::start().await;
    let vault = Vault::new(Keys::generate());
    let new = || program_at(&database, &vault, (&fake, Second::Never), 0);
    new().ensure_administrator(Some(PASSWORD)).await.unwrap();
    new().link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
    for (what, ways, refused) in [
        ("another issuer", metadata(|it| it["issuer"] = json!("https://evil.example")), "wrong"),
        ("no keys", metadata(|it| it["jwks_uri"] = Value::Null), "wrong"),
        ("noise", instead("/.well-known/openid-configuration", Instead::Noise), "wrong"),
        ("elsewhere", instead("/.well-known/openid-configuration", Instead::Elsewhere), "wrong"),
        ("endless", instead("/.well-known/openid-configuration", Instead::Huge), "away"),
        ("endless keys", instead("/keys", Instead::Huge), "away"),
        ("endless token", instead("/token", Instead::Huge), "away"),
        ("trouble", instead("/.well-known/openid-configuration", Instead::Trouble), "away"),
        ("silent", instead("/.well-known/openid-configuration", Instead::Nothing), "away"),
        ("silent later", instead("/token", Instead::Nothing), "away"),
        (
            "a page without TLS",
            metadata(|it| it["authorization_endpoint"] = json!("http://evil.example/authorize")),
            "wrong",
        ),
        (
            "keys without TLS",
            metadata(|it| it["jwks_uri"] = json!("http://evil.example/keys")),
            "away",
        ),
        (
            "tokens without TLS",
            metadata(|it| it["token_endpoint"] = json!("http://evil.example/token")),
            "away",
        ),
        ("no tokens", metadata(|it| it["token_endpoint"] = Value::Null), "wrong"),
    ] {
        fake.does(ways);
        let refused = format!("access.provider_{refused}");
        assert!(is_refused(walk(&new(), &fake).await, &refused), "{what}");
    }
}

#[tokio::test]
async fn who_sends_somebody_back_must_be_whom_they_were_sent_to() {
    let database = TestDatabase::sqlite().await;
    let fake = Fake::start().await;
    let vault = Vault::new(Keys::generate());
    let says = |says: bool| {
        metadata(move |it| it["authorization_response_iss_parameter_supported"] = json!(says))
    };
    for (ways, issuer, taken) in [
        (says(false), None, true),
        (says(false), Some("own"), true),
        (says(false), Some("https://evil.example"), false),
        (says(true), Some("own"), true),
        (says(true), None, false),
        (says(true), Some("https://evil.example"), false),
    ] {
        let access = program_at(&database, &vault, (&fake, Second::Never), 0);
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        let _ = access.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await;
        fake.does(ways);
        let begun = access.send_to("sso", None, "", "").await.unwrap();
        let (state, given) = fake.sign_in(&begun.url);
        let issuer = if issuer == Some("own") { Some(&*fake.issuer) } else { issuer };
        let returned = Returned { state: &state, code: Some(&given), error: None, issuer };
        fake.asked();
        let arrived = access.arrive("sso", (&begun.token, &returned), None, &FROM).await;
        assert_eq!(arrived.is_ok(), taken, "{issuer:?}");
        assert_eq!(fake.asked().contains(&"/token".to_owned()), taken, "the code is kept from it");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_to_be_and_is_not_asked_at_once_again() {
    let database = TestDatabase::sqlite().await;
    let fake = Fake::start().await;
    let (access, _) = program(&database, &fake, Second::Never).await;
    let program = crate::tests::program(&access);
    fake.does(instead("/.well-known/openid-configuration", Instead::Trouble));
    for _ in 0..2 {
        let (status, page) = read(&program, Request::get("/sign-in/by/sso"), "").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        let name = "Đăng nhập một lần (minh họa)";
        assert!(page.contains(&lang::providers::away(Lang::Vietnamese, name)), "{page}");
        assert!(page.contains("field-password"), "the password signs in as ever");
    }
    assert_eq!(fake.asked().len(), 1);
    drop(fake);
    let nobody = Fake::start().await;
    let vault = Vault::new(Keys::generate());
    let access = program_at(&database, &vault, (&nobody, Second::Never), 0);
    drop(nobody);
    let sent = code(access.send_to("sso", None, "", "").await.map(|_| ()));
    assert_eq!(sent, Err("access.provider_away".to_owned()));
}

#[tokio::test]
async fn a_place_that_comes_back_with_nonsense_waits() {
    let database = TestDatabase::sqlite().await;
    let fake = Fake::start().await;
    let (access, _) = program(&database, &fake, Second::Never).await;
    let returned = Returned { state: "x", code: Some("x"), ..Returned::default() };
    for _ in 0..20 {
        let arrived = access.arrive("sso", ("x", &returned), None, &FROM).await;
        assert!(is_refused(code(arrived), "access.provider_expired"));
    }
    let arrived = access.arrive("sso", ("x", &returned), None, &FROM).await;
    assert!(is_refused(code(arrived), "access.too_many_attempts"));
    assert!(fake.asked().is_empty(), "nobody was asked for any of it");
}
