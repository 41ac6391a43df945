//! The second factor on both databases, through the router.

use axum::Router;
use axum::http::{Request, StatusCode, header};
use base::rights::Actor;
use base::{Clock, Moment};
use lang::Lang;
use store::testing::TestDatabase;
use store::{Database, values};

use super::totp::{STEP_SECONDS, code_at, step_at};
use crate::Access;
use crate::guard::{COOKIE, HALF_COOKIE};
use crate::proof::Owner;
use crate::sessions::{Entry, Whence};
use crate::tests::{enrolling, owner_of, place_of, program, read, send, token};
use crate::vault::{Keys, Vault};

pub(crate) const PASSWORD: &str = "a good long one";
const START: i64 = 1_751_331_600_000_000;
const FROM: Whence<'_> = Whence { address: "192.0.2.7", browser: "" };

/// The program so many seconds after the start, over one database and vault.
struct Time<'a> {
    database: &'a Database,
    vault: Vault,
}

impl Time<'_> {
    fn at(&self, second: i64) -> Access {
        let clock = Clock::fixed(Moment(START + second * 1_000_000));
        Access::new(self.database.clone(), clock).keeping(Some(self.vault.clone()))
    }
}

fn code(secret: &[u8], second: i64) -> String {
    format!("{:06}", code_at(secret, step_at(Moment(START + second * 1_000_000))))
}

fn from_base32(text: &str) -> Vec<u8> {
    let value = |letter: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
    let bits: String = text.chars().map(|letter| format!("{:05b}", value(letter))).collect();
    let byte = |chunk: &[char]| u8::from_str_radix(&chunk.iter().collect::<String>(), 2).unwrap();
    bits.chars().collect::<Vec<_>>().chunks_exact(8).map(byte).collect()
}

/// What stands between two texts of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}")).1;
    rest.split_once(after).unwrap().0
}

fn with(request: axum::http::request::Builder, token: &str) -> axum::http::request::Builder {
    request.header(header::COOKIE, format!("{COOKIE}={token}"))
}

/// Sends a form of a page with the token that the page hides in it.
async fn post(program: &Router, token: &str, path: &str, fields: &str) -> (StatusCode, String) {
    let (_, page) = read(program, with(Request::get("/account/second-factor"), token), "").await;
    let csrf = between(&page, "name=\"csrf\" value=\"", "\"");
    let body = format!("csrf={csrf}&{fields}");
    read(program, with(Request::post(path), token), &body).await
}

/// Sets a second factor up. Gives its secret and the recovery codes.
async fn set_up(access: &Access, token: &str, second: i64) -> (Vec<u8>, Vec<String>) {
    let program = program(access);
    let begin = "/account/second-factor/begin";
    let fields = format!("password=a+good+long+one&{}", enrolling(access, "code").await);
    let (status, _) = post(&program, token, begin, &fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = read(&program, with(Request::get("/account/second-factor"), token), "").await;
    let secret = between(&page, "<code class=\"secret\">", "</code>").replace(' ', "");
    assert_eq!(between(&page, "?secret=", "&amp;"), secret, "the link has the same secret");
    assert!(page.contains("otpauth://totp/S%E1%BB%95%20G%E1%BB%91c:admin?"), "{page}");
    assert!(page.contains("<svg class=\"qr\""), "{page}");
    let secret = from_base32(&secret);
    let fields = format!("code={}", code(&secret, second));
    let (status, page) = post(&program, token, "/account/second-factor/confirm", &fields).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let codes = page.split("<li><code>").skip(1);
    let codes: Vec<String> = codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

async fn half(access: &Access) -> String {
    match access.sign_in("admin", PASSWORD, &FROM).await.unwrap() {
        Entry::Half(token) => token,
        Entry::Session(_) => panic!("no code is asked for"),
    }
}

fn code_of(error: &base::Error) -> String {
    error.to_string().split(':').next().unwrap().to_owned()
}

#[tokio::test]
async fn signing_in_asks_for_a_code_that_is_taken_once() {
    for database in TestDatabase::each().await {
        let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
        let access = time.at(0);
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        let (first, other) =
            (token(&access, PASSWORD).await.unwrap(), token(&access, PASSWORD).await.unwrap());
        let (secret, _) = set_up(&access, &first, 0).await;
        // Sessions that began without a code end, but for the one in which it was set up.
        assert!(access.find_session(&first).await.unwrap().is_some());
        assert!(access.find_session(&other).await.unwrap().is_none());

        let later = time.at(STEP_SECONDS);
        let program = program(&later);
        let body = "name=admin&password=a+good+long+one&next=/units";
        let (status, headers) = send(&program, Request::post("/sign-in"), body).await;
        let place = headers[header::LOCATION].to_str().unwrap();
        assert_eq!((status, place), (StatusCode::SEE_OTHER, "/sign-in/code?next=%2Funits"));
        let cookie = headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with(HALF_COOKIE) && cookie.contains("HttpOnly"), "{cookie}");
        assert!(cookie.contains("Path=/sign-in;") && cookie.ends_with("Max-Age=300"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        // It is no session, whatever it is called.
        let half = cookie.split_once('=').unwrap().1;
        let (status, _) = send(&program, with(Request::get("/tasks"), half), "").await;
        assert_eq!(status, StatusCode::SEE_OTHER);

        let with_half =
            |request: axum::http::request::Builder| request.header(header::COOKIE, cookie.clone());
        let (status, page) = read(&program, with_half(Request::get(place)), "").await;
        assert!(status == StatusCode::OK && page.contains("one-time-code"), "{page}");
        // The code by which it was set up was taken.
        for wrong in [&code(&secret, 0), "000000", "x", "", &"9".repeat(100_000)] {
            let body = format!("code={wrong}&next=/units");
            let enter = with_half(Request::post("/sign-in/code"));
            let (status, page) = read(&program, enter, &body).await;
            let said = lang::access::wrong_code(Lang::Vietnamese);
            assert_eq!((status, page.contains(said)), (StatusCode::UNPROCESSABLE_ENTITY, true));
            later.throttle().forgive(&crate::throttle::keys_of_codes("admin", ""));
        }
        let body = format!("code={}&next=//evil.test", code(&secret, STEP_SECONDS));
        let enter = || with_half(Request::post("/sign-in/code"));
        let foreign = enter().header("sec-fetch-site", "cross-site");
        assert_eq!(send(&program, foreign, &body).await.0, StatusCode::CONFLICT);
        let (status, headers) = send(&program, enter(), &body).await;
        assert_eq!((status, place_of(&headers)), (StatusCode::SEE_OTHER, "/tasks"));
        let cookies: Vec<&str> =
            headers.get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
        assert!(cookies[1].contains("Max-Age=0"), "{cookies:?}");
        let token = cookies[0].split(';').next().unwrap().split_once('=').unwrap().1;
        assert!(later.find_session(token).await.unwrap().is_some());
        // Neither the way nor the code can be gone twice.
        assert_eq!(send(&program, enter(), &body).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        let again = self::half(&later).await;
        let error = later.enter_code(&again, &code(&secret, STEP_SECONDS), &FROM).await;
        assert_eq!(code_of(&error.unwrap_err()), "access.wrong_code");
    }
}

#[tokio::test]
async fn a_recovery_code_works_once_and_without_the_vault() {
    for database in TestDatabase::each().await {
        let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
        let access = time.at(0);
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        let first = token(&access, PASSWORD).await.unwrap();
        let (secret, codes) = set_up(&access, &first, 0).await;

        let typed = codes[0].to_lowercase().replace('-', " ");
        access.enter_code(&half(&access).await, &typed, &FROM).await.unwrap();
        let again = access.enter_code(&half(&access).await, &codes[0], &FROM).await;
        assert_eq!(code_of(&again.unwrap_err()), "access.wrong_code");
        let (_, page) = read(
            &program(&access),
            with(Request::get("/account/second-factor?lang=en"), &first),
            "",
        )
        .await;
        assert!(page.contains('9'), "{page}");

        let shut = time.at(60).keeping(None);
        let refused = shut.enter_code(&half(&shut).await, &code(&secret, 60), &FROM).await;
        assert_eq!(code_of(&refused.unwrap_err()), "access.no_vault");
        shut.enter_code(&half(&shut).await, &codes[1], &FROM).await.unwrap();

        // New ones put the others out of force.
        let account = access.account("admin").await.unwrap().id;
        let new = access.renew_codes(&owner_of(&access, &account).await).await.unwrap();
        assert!(access.enter_code(&half(&access).await, &codes[2], &FROM).await.is_err());
        access.enter_code(&half(&access).await, &new[2], &FROM).await.unwrap();
    }
}

#[tokio::test]
async fn neither_secret_nor_codes_stand_in_the_database_as_they_are() {
    for database in TestDatabase::each().await {
        let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
        let access = time.at(0);
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        access.add_account(Actor::operator("t"), "other").await.unwrap();
        let first = token(&access, PASSWORD).await.unwrap();
        let (secret, codes) = set_up(&access, &first, 0).await;
        let mut tx = database.database.write().await.unwrap();
        let stored: Vec<(Vec<u8>,)> =
            tx.all("select secret from second_factors", values![]).await.unwrap();
        assert!(!stored[0].0.windows(8).any(|part| part == &secret[..8]));
        let stored: Vec<(Vec<u8>,)> =
            tx.all("select code_hash from recovery_codes", values![]).await.unwrap();
        let letters = codes[0].replace('-', "");
        assert!(stored.iter().all(|(hash,)| hash.len() == 32 && *hash != letters.as_bytes()));
        // Moved into another account's row, it opens nothing there.
        let other = access.account("other").await.unwrap().id;
        let moved = "update second_factors set account = $1";
        tx.run(moved, values![other.as_str()]).await.unwrap();
        tx.run("update recovery_codes set account = $1", values![other.as_str()]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.database.write().await.unwrap();
        let taken = access.take_code(&mut tx, &other, &code(&secret, 0), access.now()).await;
        assert!(taken.is_err());
        let taken = access.take_code(&mut tx, &other, &codes[0], access.now()).await;
        assert!(!taken.unwrap());
    }
}

#[tokio::test]
async fn the_time_for_a_code_is_short_and_so_are_tries() {
    let database = TestDatabase::sqlite().await;
    let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
    let access = time.at(0);
    access.ensure_administrator(Some(PASSWORD)).await.unwrap();
    let first = token(&access, PASSWORD).await.unwrap();
    let (secret, codes) = set_up(&access, &first, 0).await;

    let waiting = half(&access).await;
    assert!(time.at(300).half(&waiting).await.is_ok());
    let late = time.at(301);
    assert!(late.half(&waiting).await.is_err());
    for (token, code) in [(&waiting, code(&secret, 301)), (&first, codes[0].clone())] {
        let error = late.enter_code(token, &code, &FROM).await.unwrap_err();
        assert_eq!(code_of(&error), "access.sign_in_expired");
    }
    let (status, headers) = send(
        &program(&late),
        Request::get("/sign-in/code?next=/units")
            .header(header::COOKIE, format!("{HALF_COOKIE}={waiting}")),
        "",
    )
    .await;
    assert_eq!((status, place_of(&headers)), (StatusCode::SEE_OTHER, "/sign-in?next=%2Funits"));

    // The right password in between does not forgive wrong codes.
    for _ in 0..5 {
        let error = late.enter_code(&half(&late).await, "000000", &FROM).await.unwrap_err();
        assert_eq!(code_of(&error), "access.wrong_code");
    }
    let error = late.enter_code(&half(&late).await, &code(&secret, 301), &FROM).await.unwrap_err();
    assert_eq!(code_of(&error), "access.too_many_attempts");
    let elsewhere = Whence { address: "192.0.2.8", browser: "" };
    late.enter_code(&half(&late).await, &code(&secret, 301), &elsewhere).await.unwrap();
}

#[tokio::test]
async fn codes_sent_at_the_same_moment_are_taken_once() {
    for database in TestDatabase::each().await {
        let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
        let access = time.at(0);
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        let first = token(&access, PASSWORD).await.unwrap();
        let (secret, _) = set_up(&access, &first, 0).await;
        // Two programs over one database take no turns.
        let programs = [time.at(60), time.at(60), time.at(60)];
        let mut halves = Vec::new();
        for access in &programs {
            halves.push(half(access).await);
        }
        let mut entering = tokio::task::JoinSet::new();
        for (access, half) in programs.into_iter().zip(halves) {
            let code = code(&secret, 60);
            entering.spawn(async move { access.enter_code(&half, &code, &FROM).await.is_ok() });
        }
        let entered = entering.join_all().await;
        assert_eq!(entered.iter().filter(|entered| **entered).count(), 1);
    }
}

#[tokio::test]
async fn setting_up_asks_for_the_password_and_is_forgotten_when_left() {
    let database = TestDatabase::sqlite().await;
    let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
    let access = time.at(0);
    access.ensure_administrator(Some(PASSWORD)).await.unwrap();
    let first = token(&access, PASSWORD).await.unwrap();
    let program = program(&access);
    let begin = "/account/second-factor/begin";
    let (status, page) = post(&program, &first, begin, "password=wrong").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("aria-invalid"), "{page}");
    for path in [
        begin,
        "/account/second-factor/confirm",
        "/account/second-factor/codes",
        "/account/second-factor/end",
    ] {
        let sent = with(Request::post(path), &first);
        assert_eq!(send(&program, sent, "password=a+good+long+one").await.0, StatusCode::CONFLICT);
        let nobody = Request::post(path);
        assert_eq!(send(&program, nobody, "csrf=x").await.0, StatusCode::UNAUTHORIZED);
    }
    // The password alone is not enough where the account may give power to others.
    let (status, page) = post(&program, &first, begin, "password=a+good+long+one").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = lang::proof::enrolment_wanted(Lang::Vietnamese);
    assert!(page.contains(said), "{page}");
    let fields = format!("password=a+good+long+one&{}", enrolling(&access, "code").await);
    let (status, _) = post(&program, &first, begin, &fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    // Not confirmed, it asks for nothing.
    token(&access, PASSWORD).await.unwrap();
    let account = access.account("admin").await.unwrap().id;
    let owner = Owner::of(account.clone(), &first, "");
    for wrong in ["000000", "", "x", "ABCD-EFGH-IJKL-MNOP"] {
        let error = access.confirm_factor(&owner, wrong).await.unwrap_err();
        assert_eq!(code_of(&error), "access.wrong_code");
    }
    let late = time.at(3601);
    let error = late.confirm_factor(&owner, "000000").await.unwrap_err();
    assert_eq!(code_of(&error), "access.not_begun");
    late.sweep().await.unwrap();
    let mut tx = database.database.read().await.unwrap();
    assert!(super::store::find(&mut tx, &account).await.unwrap().is_none());
    // Without keys nobody begins, and the pages say so.
    let shut = late.clone().keeping(None);
    let (status, page) = post(&self::program(&shut), &first, begin, &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(lang::access::no_vault(Lang::Vietnamese)), "{page}");
    let error = late.keeping(None).begin_factor(&owner).await.unwrap_err();
    assert_eq!(code_of(&error), "access.no_vault");
}

#[tokio::test]
async fn it_is_turned_off_with_the_password_or_by_the_operator() {
    for database in TestDatabase::each().await {
        let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
        let access = time.at(0);
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        let first = token(&access, PASSWORD).await.unwrap();
        set_up(&access, &first, 0).await;
        let program = program(&access);
        let account = access.account("admin").await.unwrap().id;
        // One that counts is not overwritten.
        let owner = Owner::of(account, &first, "");
        let error = access.begin_factor(&owner).await.unwrap_err();
        assert_eq!(code_of(&error), "access.has_factor");
        let end = "/account/second-factor/end";
        let (status, _) = post(&program, &first, end, "password-end=wrong").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        half(&access).await;
        let (status, _) = post(&program, &first, end, "password-end=a+good+long+one").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        token(&access, PASSWORD).await.unwrap();

        set_up(&time.at(60), &first, 60).await;
        let waiting = half(&access).await;
        assert!(access.reset_factor(Actor::operator("t"), "admin").await.unwrap());
        assert!(!access.reset_factor(Actor::operator("t"), "admin").await.unwrap());
        access.reset_factor(Actor::operator("t"), "nobody").await.unwrap_err();
        assert!(access.half(&waiting).await.is_err());
        token(&access, PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn programs_are_told_that_a_name_and_a_password_are_not_enough() {
    let database = TestDatabase::sqlite().await;
    let time = Time { database: &database.database, vault: Vault::new(Keys::generate()) };
    let access = time.at(0);
    access.ensure_administrator(Some(PASSWORD)).await.unwrap();
    let first = token(&access, PASSWORD).await.unwrap();
    set_up(&access, &first, 0).await;
    let program = program(&access);
    // admin:a good long one, and admin:no
    for (login, status) in [
        ("Basic YWRtaW46YSBnb29kIGxvbmcgb25l", StatusCode::FORBIDDEN),
        ("Basic YWRtaW46bm8=", StatusCode::UNAUTHORIZED),
    ] {
        let request = Request::get("/api/v1/me").header(header::AUTHORIZATION, login);
        let (answered, problem) = read(&program, request, "").await;
        assert_eq!(answered, status, "{problem}");
        assert_eq!(problem.contains("access.code_needed"), status == StatusCode::FORBIDDEN);
    }
}
