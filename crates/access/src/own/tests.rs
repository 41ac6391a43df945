//! My account on both databases, through the router.

use axum::Router;
use axum::http::{Request, StatusCode, header};
use base::rights::Actor;
use base::{Clock, Moment};
use lang::Lang;
use store::testing::TestDatabase;

use crate::Access;
use crate::guard::COOKIE;
use crate::log::{DAY_MICROS, KEPT_DAYS};
use crate::sessions::{Entry, Whence};
use crate::tests::{clock, place_of, program, read, send, token};

const PASSWORD: &str = "a good long one";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0";

fn with(request: axum::http::request::Builder, token: &str) -> axum::http::request::Builder {
    request.header(header::COOKIE, format!("{COOKIE}={token}"))
}

async fn account_page(program: &Router, token: &str) -> String {
    let (status, page) = read(program, with(Request::get("/account"), token), "").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page
}

fn value<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let before = format!("name=\"{name}\" value=\"");
    page.split(&before).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

async fn post(program: &Router, token: &str, path: &str, fields: &str) -> (StatusCode, String) {
    let page = account_page(program, token).await;
    let body = format!("csrf={}&{fields}", value(&page, "csrf")[0]);
    read(program, with(Request::post(path), token), &body).await
}

async fn sign_in(access: &Access, name: &str, password: &str) -> String {
    let from = Whence { address: "192.0.2.9", browser: "Edge, Windows" };
    match access.sign_in(name, password, &from).await.unwrap() {
        Entry::Session(token) => token,
        Entry::Half(_) => panic!("a code is asked for"),
    }
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_the_old_one() {
    for database in TestDatabase::each().await {
        let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        let (first, other) =
            (token(&access, PASSWORD).await.unwrap(), token(&access, PASSWORD).await.unwrap());
        let program = program(&access);
        let lang = Lang::Vietnamese;
        for (old, new, again, said) in [
            ("wrong", "con trau gam co", "con trau gam co", lang::account::wrong_old(lang)),
            (PASSWORD, "con trau gam co", "con trau", lang::account::not_again(lang)),
            (PASSWORD, "Mat khau 123", "Mat khau 123", lang::account::guessable(lang)),
            (PASSWORD, "admin2025!", "admin2025!", lang::account::guessable(lang)),
            (PASSWORD, PASSWORD, PASSWORD, lang::account::same_password(lang)),
            (PASSWORD, "ngan", "ngan", &crate::password::says_length(lang)),
        ] {
            let fields = format!("old={old}&new={new}&again={again}").replace(' ', "+");
            let (status, page) = post(&program, &first, "/account/password", &fields).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
            assert!(page.contains(said), "{new}: {page}");
        }
        let fields = "old=a+good+long+one&new=con+trau+gam+co&again=con+trau+gam+co";
        let bare = with(Request::post("/account/password"), &first);
        assert_eq!(send(&program, bare, fields).await.0, StatusCode::CONFLICT);
        let (status, _) = post(&program, &first, "/account/password", fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert!(access.find_session(&first).await.unwrap().is_some());
        assert!(access.find_session(&other).await.unwrap().is_none());
        assert!(token(&access, PASSWORD).await.is_err());
        token(&access, "con trau gam co").await.unwrap();
    }
}

#[tokio::test]
async fn sessions_are_shown_and_ended_by_their_owner_alone() {
    for database in TestDatabase::each().await {
        let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        let drawn = access.add_account(Actor::operator("t"), "other").await.unwrap();
        let program = program(&access);
        let body = "name=admin&password=a+good+long+one";
        let request = Request::post("/sign-in").header(header::USER_AGENT, FIREFOX);
        let (_, headers) = send(&program, request, body).await;
        let cookie = headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        let first = cookie.split_once('=').unwrap().1.to_owned();
        let (second, third) =
            (sign_in(&access, "admin", PASSWORD).await, sign_in(&access, "admin", PASSWORD).await);
        let stranger = sign_in(&access, "other", &drawn).await;

        let page = account_page(&program, &first).await;
        assert!(page.contains("Firefox, Windows") && page.contains("Edge, Windows"), "{page}");
        assert!(page.contains("192.0.2.9") && page.contains("01/07/2025 08:00"), "{page}");
        // One's own session has no button, and no token is shown.
        assert_eq!(value(&page, "session").len(), 2);
        for token in [&first, &second, &third] {
            assert!(!page.contains(token.as_str()));
        }
        let of_stranger = account_page(&program, &stranger).await;
        assert!(
            !of_stranger.contains("Edge, Windows</td>")
                && value(&of_stranger, "session").is_empty()
        );

        // Another account's session stays, whatever is sent.
        let ids: Vec<String> = value(&page, "session").into_iter().map(str::to_owned).collect();
        for id in [&ids[0], "", "x", "%00", &"A".repeat(10_000)] {
            let fields = format!("session={id}");
            let (status, _) = post(&program, &stranger, "/account/end-session", &fields).await;
            // No text of ours has a NUL.
            let expected = if id == "%00" { 422 } else { 303 };
            assert_eq!(status.as_u16(), expected, "{id}");
        }
        for token in [&first, &second, &third] {
            assert!(access.find_session(token).await.unwrap().is_some());
        }
        let bare = with(Request::post("/account/end-others"), &first);
        assert_eq!(send(&program, bare, "csrf=wrong").await.0, StatusCode::CONFLICT);
        let fields = format!("session={}", ids[0]);
        post(&program, &first, "/account/end-session", &fields).await;
        let open = async |token: &str| access.find_session(token).await.unwrap().is_some();
        assert!(open(&second).await != open(&third).await);
        post(&program, &first, "/account/end-others", "").await;
        assert!(!open(&second).await && !open(&third).await);
        assert!(open(&first).await && open(&stranger).await);
    }
}

/// Failures are noted while nobody waits.
async fn noted(access: &Access, name: &str, outcomes: &[&str]) {
    let account = access.account(name).await.unwrap().id;
    let mut seen = Vec::new();
    for _ in 0..500 {
        let mut tx = access.database().read().await.unwrap();
        let rows = super::store::sign_ins(&mut tx, &account, 50).await.unwrap();
        seen = rows.into_iter().map(|row| row.outcome).collect();
        seen.sort();
        if seen == outcomes {
            return;
        }
        drop(tx);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{seen:?}, not {outcomes:?}");
}

#[tokio::test]
async fn what_was_tried_is_shown_to_the_owner_and_forgotten_in_time() {
    for database in TestDatabase::each().await {
        let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        access.add_account(Actor::operator("t"), "other").await.unwrap();
        let first = token(&access, PASSWORD).await.unwrap();
        noted(&access, "admin", &["signed-in"]).await;
        for _ in 0..5 {
            token(&access, "wrong").await.unwrap_err();
        }
        let wrong = ["wrong-password"; 5];
        noted(&access, "admin", &[&["signed-in"], &wrong[..]].concat()).await;
        // Whoever goes on is noted once.
        token(&access, PASSWORD).await.unwrap_err();
        let all = [&["signed-in", "throttled"], &wrong[..]].concat();
        noted(&access, "admin", &all).await;
        token(&access, PASSWORD).await.unwrap_err();
        token(&access, PASSWORD).await.unwrap_err();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        noted(&access, "admin", &all).await;
        noted(&access, "other", &[]).await;

        let page = account_page(&program(&access), &first).await;
        let lang = Lang::Vietnamese;
        for said in [
            lang::account::signed_in(lang),
            lang::account::wrong_password(lang),
            lang::account::throttled(lang),
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let start = access.now().0;
        let at = |days: i64| {
            let clock = Clock::fixed(Moment(start + days * DAY_MICROS));
            Access::new(database.database.clone(), clock)
        };
        at(KEPT_DAYS - 1).sweep().await.unwrap();
        noted(&access, "admin", &all).await;
        at(KEPT_DAYS + 1).sweep().await.unwrap();
        noted(&access, "admin", &[]).await;
    }
}

#[tokio::test]
async fn the_account_is_shown_to_whoever_is_signed_in() {
    let database = TestDatabase::sqlite().await;
    let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
    access.ensure_administrator(Some(PASSWORD)).await.unwrap();
    let program = program(&access);
    let (status, headers) = send(&program, Request::get("/account"), "").await;
    assert_eq!((status, place_of(&headers)), (StatusCode::SEE_OTHER, "/sign-in?next=%2Faccount"));
    let first = token(&access, PASSWORD).await.unwrap();
    let page = account_page(&program, &first).await;
    assert!(page.contains(lang::rights::administrator(Lang::Vietnamese)), "{page}");
    assert!(page.contains("href=\"/account\"") && page.contains(">admin</a>"), "{page}");
    for path in ["/account/password", "/account/end-session", "/account/end-others"] {
        let nobody = Request::post(path);
        assert_eq!(send(&program, nobody, "csrf=x").await.0, StatusCode::UNAUTHORIZED);
    }
}
