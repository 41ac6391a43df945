//! Sign-in on both databases, through the router.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use base::{Clock, Moment, Result};
use store::testing::TestDatabase;
use tower::ServiceExt as _;

use web::Visitor;

use crate::proof::Owner;
use crate::sessions::{Entry, Whence};
use crate::{Access, identify, routes, same_origin};

pub(crate) fn clock(text: &str) -> Clock {
    Clock::fixed(text.parse::<Moment>().unwrap())
}

/// Signs in as the administrator, who has no second factor. Gives the token of the session.
pub(crate) async fn token(access: &Access, password: &str) -> Result<String> {
    let from = Whence { address: "::1", browser: "" };
    match access.sign_in("admin", password, &from).await? {
        Entry::Session(token) => Ok(token),
        Entry::Half(_) => panic!("a code is asked for"),
    }
}

/// A session of an account beside the log, that proved no more than a password. Gives its token.
pub(crate) async fn session_of(access: &Access, account: &str) -> String {
    let token = crate::sessions::new_token();
    let session = crate::store::NewSession {
        token_hash: crate::sessions::hash_token(&token),
        account,
        csrf: "x",
        proof: crate::sessions::Proof::Password,
    };
    let from = Whence { address: "192.0.2.7", browser: "" };
    let mut tx = access.database().write().await.unwrap();
    crate::store::insert_session(&mut tx, &session, &from, access.now()).await.unwrap();
    tx.commit().await.unwrap();
    token
}

/// The same, as whoever changes the ways in.
pub(crate) async fn owner_of(access: &Access, account: &str) -> Owner {
    Owner::of(account.to_owned(), &session_of(access, account).await, "192.0.2.7")
}

/// The field of a form with an enrolment code of the administrator.
pub(crate) async fn enrolling(access: &Access, name: &str) -> String {
    let drawn = access.draw_enrolment(base::rights::Actor::operator("t"), "admin").await;
    format!("{name}={}", drawn.unwrap())
}

async fn guarded(visitor: Visitor) -> String {
    visitor.name
}

pub(crate) fn program(access: &Access) -> Router {
    Router::new()
        .route("/tasks", get(guarded))
        .route("/api/v1/me", get(guarded))
        .merge(routes())
        .layer(axum::middleware::from_fn_with_state(access.clone(), identify))
        .layer(axum::middleware::from_fn(same_origin))
        .with_state(access.clone())
}

pub(crate) async fn send(
    program: &Router,
    request: axum::http::request::Builder,
    body: &str,
) -> (StatusCode, axum::http::HeaderMap) {
    let request = request
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = program.clone().oneshot(request).await.unwrap();
    (response.status(), response.headers().clone())
}

pub(crate) fn place_of(headers: &axum::http::HeaderMap) -> &str {
    headers[header::LOCATION].to_str().unwrap()
}

/// The page that answers.
pub(crate) async fn read(
    program: &Router,
    request: axum::http::request::Builder,
    body: &str,
) -> (StatusCode, String) {
    let request = request
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = program.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_administrator_signs_in_works_and_signs_out() {
    for database in TestDatabase::each().await {
        let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
        let first = access.ensure_administrator(None).await.unwrap();
        let password = first.new_password.unwrap();
        assert_eq!(access.ensure_administrator(None).await.unwrap().new_password, None);
        let program = program(&access);

        let (status, headers) = send(&program, Request::get("/tasks"), "").await;
        assert_eq!(
            (status, &headers[header::LOCATION]),
            (StatusCode::SEE_OTHER, &"/sign-in?next=%2Ftasks".parse().unwrap())
        );

        let body = format!("name=Admin&password={password}&next=//evil.test");
        let (status, headers) = send(&program, Request::post("/sign-in"), &body).await;
        assert_eq!(
            (status, headers[header::LOCATION].to_str().unwrap()),
            (StatusCode::SEE_OTHER, "/tasks")
        );
        let cookie =
            headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();

        let with = || Request::get("/tasks").header(header::COOKIE, &cookie);
        assert_eq!(send(&program, with(), "").await.0, StatusCode::OK);
        let out = || Request::post("/sign-out").header(header::COOKIE, &cookie);
        assert_eq!(send(&program, out(), "csrf=wrong").await.0, StatusCode::CONFLICT);
        let token = cookie.split_once('=').unwrap().1;
        let csrf = access.find_session(token).await.unwrap().unwrap().csrf;
        let foreign = out().header("sec-fetch-site", "cross-site");
        assert_eq!(send(&program, foreign, &format!("csrf={csrf}")).await.0, StatusCode::CONFLICT);
        assert_eq!(send(&program, out(), &format!("csrf={csrf}")).await.0, StatusCode::SEE_OTHER);
        assert_eq!(send(&program, with(), "").await.0, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn each_page_hides_the_token_of_its_forms_anew_and_every_one_of_them_can_be_sent() {
    for database in TestDatabase::each().await {
        let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
        access.ensure_administrator(Some("a good long one")).await.unwrap();
        let sign_in = async || token(&access, "a good long one").await.unwrap();
        let (token, other) = (sign_in().await, sign_in().await);
        let csrf = async |token: &str| access.find_session(token).await.unwrap().unwrap().csrf;
        let (first, second, foreign) = (csrf(&token).await, csrf(&token).await, csrf(&other).await);
        assert_ne!(first, second);
        let program = program(&access);
        let out = async |csrf: &str| {
            let cookie = format!("{}={token}", crate::guard::COOKIE);
            let request = Request::post("/sign-out").header(header::COOKIE, cookie);
            send(&program, request, &format!("csrf={csrf}")).await.0
        };
        assert_eq!(out(&foreign).await, StatusCode::CONFLICT);
        // The page that was loaded first is sent after another was loaded.
        assert_eq!(out(&first).await, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_even_with_the_right_password_at_last() {
    let database = TestDatabase::sqlite().await;
    let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
    access.ensure_administrator(Some("a good long one")).await.unwrap();
    for _ in 0..5 {
        assert!(token(&access, "wrong").await.is_err());
    }
    let error = token(&access, "a good long one").await.unwrap_err();
    assert!(error.to_string().starts_with("access.too_many_attempts"), "{error}");
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_for_long() {
    let database = TestDatabase::sqlite().await;
    let early = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
    early.ensure_administrator(Some("a good long one")).await.unwrap();
    let token = token(&early, "a good long one").await.unwrap();
    let later = Access::new(database.database.clone(), clock("2025-07-01T02:30:00Z"));
    assert!(later.find_session(&token).await.unwrap().is_some());
    // The visit kept it open.
    let later = Access::new(database.database.clone(), clock("2025-07-01T04:20:00Z"));
    assert!(later.find_session(&token).await.unwrap().is_some());
    let much_later = Access::new(database.database.clone(), clock("2025-07-01T06:21:00Z"));
    assert!(much_later.find_session(&token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_ends_after_half_a_day_however_busy_it_was() {
    let database = TestDatabase::sqlite().await;
    let at = |hour: i64, minute: i64| {
        let start = "2025-07-01T01:00:00Z".parse::<Moment>().unwrap();
        Clock::fixed(Moment(start.0 + (hour * 60 + minute) * 60_000_000))
    };
    let access = Access::new(database.database.clone(), at(0, 0));
    access.ensure_administrator(Some("a good long one")).await.unwrap();
    let token = token(&access, "a good long one").await.unwrap();
    for hour in 1..=12 {
        let access = Access::new(database.database.clone(), at(hour, 0));
        assert!(access.find_session(&token).await.unwrap().is_some(), "{hour}");
    }
    let access = Access::new(database.database.clone(), at(12, 1));
    assert!(access.find_session(&token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_visit_does_not_wait_for_whoever_writes() {
    let database = TestDatabase::sqlite().await;
    let early = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
    early.ensure_administrator(Some("a good long one")).await.unwrap();
    let token = token(&early, "a good long one").await.unwrap();
    let later = Access::new(database.database.clone(), clock("2025-07-01T01:30:00Z"));
    let writer = database.write().await.unwrap();
    assert!(later.find_session(&token).await.unwrap().is_some());
    drop(writer);
}

#[tokio::test]
async fn programs_send_name_and_password_with_each_request() {
    let database = TestDatabase::sqlite().await;
    let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
    access.ensure_administrator(Some("a good long one")).await.unwrap();
    let program = program(&access);
    let (status, headers) = send(&program, Request::get("/api/v1/me"), "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(headers.contains_key(header::WWW_AUTHENTICATE));
    // admin:a good long one
    let right = Request::get("/api/v1/me")
        .header(header::AUTHORIZATION, "Basic YWRtaW46YSBnb29kIGxvbmcgb25l");
    assert_eq!(send(&program, right, "").await.0, StatusCode::OK);
    let wrong = Request::get("/api/v1/me").header(header::AUTHORIZATION, "Basic YWRtaW46bm8=");
    let (status, headers) = send(&program, wrong, "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(headers[header::WWW_AUTHENTICATE], "Basic realm=\"sogoc\"");
}

#[tokio::test]
async fn guesses_sent_at_the_same_moment_are_not_all_tried() {
    let database = TestDatabase::sqlite().await;
    let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
    access.ensure_administrator(Some("a good long one")).await.unwrap();
    let program = program(&access);
    let guess = || Request::get("/api/v1/me").header(header::AUTHORIZATION, "Basic YWRtaW46bm8=");
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let program = program.clone();
        guesses.spawn(async move { send(&program, guess(), "").await.0 });
    }
    let answers = guesses.join_all().await;
    let tried = answers.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count();
    assert!((5..=6).contains(&tried), "{tried} of 20 were tried");
    let late = answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count();
    assert_eq!(tried + late, 20);
}

#[tokio::test]
async fn a_name_that_no_database_takes_is_a_wrong_name() {
    for database in TestDatabase::each().await {
        let access = Access::new(database.database.clone(), clock("2025-07-01T01:00:00Z"));
        let program = program(&access);
        // a\0b:x
        let name = Request::get("/api/v1/me").header(header::AUTHORIZATION, "Basic YQBiOng=");
        assert_eq!(send(&program, name, "").await.0, StatusCode::UNAUTHORIZED);
    }
}
