//! Linking identities to accounts, and taking the links away.

use axum::http::{Request, StatusCode, header};
use store::testing::TestDatabase;

use super::provider::{Fake, Ways};
use super::*;
use crate::guard::COOKIE;
use crate::tests::{enrolling, owner_of, read, session_of, token};
use base::rights::Actor;

async fn id_of(access: &Access, name: &str) -> String {
    access.account(name).await.unwrap().id
}

/// Comes back from a way to link that an account began, in the session of a token.
async fn link(
    access: &Access,
    fake: &Fake,
    account: &str,
    session: Option<&str>,
) -> Result<Arrived, String> {
    let owner = owner_of(access, account).await;
    let begun = access.send_to("sso", Some(&owner), "", "").await.unwrap();
    let (state, given) = fake.sign_in(&begun.url);
    let returned = Returned { state: &state, code: Some(&given), ..Returned::default() };
    code(access.arrive("sso", (&begun.token, &returned), session, &FROM).await)
}

fn subject(text: &'static str) -> Ways {
    Ways { claims: Some(Arc::new(move |claims| claims["sub"] = text.into())), ..Ways::default() }
}

#[tokio::test]
async fn an_identity_is_of_one_account_and_an_account_has_one_at_a_provider() {
    for database in TestDatabase::each().await {
        let fake = Fake::start().await;
        let (access, admin) = program(&database, &fake, Second::Never).await;
        let other = id_of(&access, "other").await;
        // Whoever comes back is signed in still, and is who began.
        let nobody = link(&access, &fake, &admin, None).await.err().unwrap();
        assert!(nobody.contains("Unauthenticated"), "{nobody}");
        let (own, others) = (session_of(&access, &admin).await, session_of(&access, &other).await);
        let (own, others) = (Some(own.as_str()), Some(others.as_str()));
        let crossed = link(&access, &fake, &admin, others).await;
        assert!(is_refused(crossed, "access.provider_expired"));
        assert!(access.identities(&admin).await.unwrap().is_empty());
        for _ in 0..2 {
            // That it is linked already is no mistake.
            assert!(matches!(link(&access, &fake, &admin, own).await, Ok(Arrived::Linked)));
        }
        let taken = link(&access, &fake, &other, others).await;
        assert!(is_refused(taken, "access.taken_identity"));
        fake.does(subject("another"));
        let second = link(&access, &fake, &admin, own).await;
        assert!(is_refused(second, "access.second_identity"));
        assert!(matches!(link(&access, &fake, &other, others).await, Ok(Arrived::Linked)));
        // Subjects are told apart as they are written.
        fake.does(subject("ANOTHER"));
        assert!(is_refused(walk(&access, &fake).await, "access.unknown_identity"));
        fake.does(subject("another"));
        let arrived = walk(&access, &fake).await.unwrap();
        assert_eq!(name_of(&access, arrived).await, "other");

        let own = access.identities(&other).await.unwrap().remove(0).id;
        let (admins, others) = (owner_of(&access, &admin).await, owner_of(&access, &other).await);
        assert!(!access.unlink(&admins, &own).await.unwrap(), "another's");
        assert!(access.unlink(&others, &own).await.unwrap());
        assert!(!access.unlink(&others, &own).await.unwrap());
        assert!(is_refused(walk(&access, &fake).await, "access.unknown_identity"));
    }
}

#[tokio::test]
async fn an_operator_links_and_unlinks() {
    for database in TestDatabase::each().await {
        let fake = Fake::start().await;
        let (access, _) = program(&database, &fake, Second::Never).await;
        access.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
        for (name, provider, subject, refused) in [
            ("nobody", "sso", "x", "NotFound"),
            ("other", "nobody", "x", "NotFound"),
            ("other", "sso", "", "Invalid"),
            ("other", "sso", SUBJECT, "access.taken_identity"),
            ("admin", "sso", "x", "access.second_identity"),
        ] {
            let done =
                code(access.link_account(Actor::operator("t"), name, provider, subject).await);
            assert!(done.unwrap_err().contains(refused), "{name} {provider} {subject}");
        }
        assert!(access.unlink_account(Actor::operator("t"), "admin", "sso").await.unwrap());
        assert!(!access.unlink_account(Actor::operator("t"), "admin", "sso").await.unwrap());
        // Without the keys nobody is known again, and that is said before anybody is sent away.
        let shut = access.keeping(None);
        let linked = code(shut.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await);
        assert_eq!(linked, Err("access.no_identities".to_owned()));
        let sent = code(shut.send_to("sso", None, "", "").await.map(|_| ()));
        assert_eq!(sent, Err("access.no_identities".to_owned()));
    }
}

#[tokio::test]
async fn the_page_wants_the_password_and_leads_on_by_a_link() {
    let database = TestDatabase::sqlite().await;
    let fake = Fake::start().await;
    let (access, admin) = program(&database, &fake, Second::Never).await;
    let session = token(&access, PASSWORD).await.unwrap();
    let program = crate::tests::program(&access);
    let cookie = format!("{COOKIE}={session}");
    let get = |path: &str| Request::get(path).header(header::COOKIE, &cookie);
    let post = |path: &str| Request::post(path).header(header::COOKIE, &cookie);
    let (_, page) = read(&program, get("/account/sign-in-by"), "").await;
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1;
    let csrf = csrf.split_once('"').unwrap().0.to_owned();
    let mistyped = StatusCode::UNPROCESSABLE_ENTITY;
    for (body, expected) in [
        ("provider=sso&password=a+good+long+one".to_owned(), StatusCode::CONFLICT),
        (format!("csrf={csrf}&provider=sso&password=wrong"), mistyped),
        (format!("csrf={csrf}&provider=&password=a+good+long+one"), mistyped),
        (format!("csrf={csrf}&provider=nobody&password=a+good+long+one"), mistyped),
    ] {
        let (status, _) = read(&program, post("/account/sign-in-by/link"), &body).await;
        assert_eq!(status, expected, "{body}");
    }
    let body = format!("csrf={csrf}&provider=sso&password=a+good+long+one");
    let (status, _) = read(&program, post("/account/sign-in-by/link"), &body).await;
    assert_eq!(status, mistyped, "without the code");
    let body = format!("{body}&{}", enrolling(&access, "code").await);
    let (status, page) = read(&program, post("/account/sign-in-by/link"), &body).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(&format!("href=\"{}/authorize?", fake.issuer)), "{page}");

    access.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
    let id = access.identities(&admin).await.unwrap().remove(0).id;
    // What an operator does ends the sessions.
    let (status, _) = read(&program, post("/account/sign-in-by/unlink"), "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let session = token(&access, PASSWORD).await.unwrap();
    let cookie = format!("{COOKIE}={session}");
    let post = |path: &str| Request::post(path).header(header::COOKIE, &cookie);
    let csrf = access.find_session(&session).await.unwrap().unwrap().csrf;
    for (body, expected) in [
        (format!("identity={id}&password-unlink=a+good+long+one"), StatusCode::CONFLICT),
        (format!("csrf={csrf}&identity={id}&password-unlink=wrong"), mistyped),
        (format!("csrf={csrf}&identity=x&password-unlink=a+good+long+one"), mistyped),
        (
            format!("csrf={csrf}&identity={id}&password-unlink=a+good+long+one"),
            StatusCode::SEE_OTHER,
        ),
    ] {
        let (status, _) = read(&program, post("/account/sign-in-by/unlink"), &body).await;
        assert_eq!(status, expected, "{body}");
    }
    assert!(access.identities(&admin).await.unwrap().is_empty());
}
