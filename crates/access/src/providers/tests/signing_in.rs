//! The way there and back.

use axum::http::{Request, StatusCode, header};
use lang::Lang;
use store::testing::TestDatabase;
use store::values;

use super::provider::{Fake, Ways, questions};
use super::*;
use crate::guard::HALF_COOKIE;
use crate::tests::{place_of, read, send};
use base::rights::Actor;

#[tokio::test]
async fn whom_a_provider_knows_signs_in_to_the_account_that_is_linked() {
    for database in TestDatabase::each().await {
        let fake = Fake::start().await;
        let (access, _) = program(&database, &fake, Second::Never).await;
        // A stranger is told what to do, and gets no account.
        assert!(is_refused(walk(&access, &fake).await, "access.unknown_identity"));
        assert_eq!(rows(&database, "select count(*) from accounts").await, 2);
        access.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
        let arrived = walk(&access, &fake).await.unwrap();
        assert_eq!(name_of(&access, arrived).await, "admin");
        let sql = "select count(*) from sign_ins where outcome = 'signed-in-by-provider'";
        assert_eq!(rows(&database, sql).await, 1);
        // Nobody who reads the database learns the subject.
        let mut tx = database.read().await.unwrap();
        let sql = "select subject from identities";
        let (subject,): (Vec<u8>,) = tx.one(sql, values![]).await.unwrap();
        assert_eq!(subject.len(), 32);
        drop(tx);
        assert!(crate::vault::is_used(&mut database.read().await.unwrap()).await.unwrap());
        access.reset_password(Actor::operator("t"), "admin").await.unwrap();
        assert!(is_refused(walk(&access, &fake).await, "access.unknown_identity"));
    }
}

#[tokio::test]
async fn each_way_back_is_taken_once_in_the_browser_that_went_and_within_minutes() {
    for database in TestDatabase::each().await {
        let fake = Fake::start().await;
        let vault = Vault::new(Keys::generate());
        let access = program_at(&database, &vault, (&fake, Second::Never), 0);
        access.ensure_administrator(Some(PASSWORD)).await.unwrap();
        access.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
        let go = async || access.send_to("sso", None, "", "").await.unwrap();
        let expired = "access.provider_expired";
        let begun = go().await;
        come_back(&access, &fake, &begun).await.unwrap();
        assert!(is_refused(come_back(&access, &fake, &begun).await, expired), "twice");
        let (mine, others) = (go().await, go().await);
        let crossed = Begun { url: mine.url.clone(), token: others.token.clone() };
        assert!(is_refused(come_back(&access, &fake, &crossed).await, expired), "another's");
        let nobody = Begun { url: mine.url.clone(), token: String::new() };
        assert!(is_refused(come_back(&access, &fake, &nobody).await, expired), "no cookie");
        // A stranger who sends the browser back with nonsense does not spoil the way.
        come_back(&access, &fake, &mine).await.unwrap();
        let begun = go().await;
        let (state, given) = fake.sign_in(&begun.url);
        let returned = Returned { state: &state, code: Some(&given), ..Returned::default() };
        let arrived = access.arrive("other", (&begun.token, &returned), None, &FROM).await;
        assert!(is_refused(code(arrived), expired), "from another provider");
        let begun = go().await;
        let late = program_at(&database, &vault, (&fake, Second::Never), 601);
        assert!(is_refused(come_back(&late, &fake, &begun).await, expired), "too late");
        go().await;
        late.sweep().await.unwrap();
        assert_eq!(rows(&database, "select count(*) from provider_requests").await, 0);
    }
}

#[tokio::test]
async fn the_code_is_asked_for_unless_the_provider_counts_as_the_second_factor() {
    let class = |class: &'static str| Ways {
        claims: Some(Arc::new(move |claims| claims["acr"] = class.into())),
        ..Ways::default()
    };
    let two = || Second::When(vec!["urn:two".to_owned(), "urn:more".to_owned()]);
    for database in TestDatabase::each().await {
        let fake = Fake::start().await;
        let vault = Vault::new(Keys::generate());
        let first = program_at(&database, &vault, (&fake, Second::Never), 0);
        first.ensure_administrator(Some(PASSWORD)).await.unwrap();
        first.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
        let admin = first.account("admin").await.unwrap().id;
        for has_factor in [false, true] {
            if has_factor {
                let mut tx = database.write().await.unwrap();
                let sql = "insert into second_factors (account, secret, begun_at, confirmed_at, \
                           last_step) values ($1, $2, 1, 1, 1)";
                tx.run(sql, values![&admin, vec![0_u8]]).await.unwrap();
                tx.commit().await.unwrap();
            }
            for (second, ways, counts) in [
                (Second::Never, Ways::default(), false),
                (Second::Never, class("urn:two"), false),
                (Second::Always, Ways::default(), true),
                (two(), Ways::default(), false),
                (two(), class("urn:one"), false),
                (two(), class("urn:two"), true),
                (two(), class("urn:more"), true),
            ] {
                let access = program_at(&database, &vault, (&fake, second.clone()), 0);
                fake.does(ways);
                let arrived = walk(&access, &fake).await.unwrap();
                let Arrived::Entered { entry, next } = arrived else { panic!("linked") };
                assert_eq!(next, "/units");
                let is_half = matches!(entry, Entry::Half(_));
                assert_eq!(is_half, has_factor && !counts, "{second:?}");
            }
        }
        let access = program_at(&database, &vault, (&fake, two()), 0);
        let begun = access.send_to("sso", None, "", "").await.unwrap();
        let asked = questions(begun.url.split_once('?').unwrap().1);
        assert_eq!(asked["acr_values"], "urn:two urn:more", "it is asked for them");
    }
}

#[tokio::test]
async fn the_browser_is_led_there_and_back_by_cookies_of_its_own() {
    let database = TestDatabase::sqlite().await;
    let fake = Fake::start().await;
    let (access, admin) = program(&database, &fake, Second::Never).await;
    let program = crate::tests::program(&access);
    let (_, page) = read(&program, Request::get("/sign-in?next=/units"), "").await;
    assert!(page.contains("href=\"/sign-in/by/sso?next=%2Funits\""), "{page}");
    let (status, _) = read(&program, Request::get("/sign-in/by/nobody"), "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    let go = async || {
        let (status, headers) =
            send(&program, Request::get("/sign-in/by/sso?next=/units"), "").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let cookie = headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly; SameSite=Lax") && cookie.ends_with("Max-Age=600"));
        assert!(cookie.contains("Path=/sign-in/by;"), "{cookie}");
        let (state, code) = fake.sign_in(place_of(&headers));
        let back = format!("/sign-in/by/sso/return?state={state}&code={code}");
        (back, cookie.split(';').next().unwrap().to_owned())
    };
    let with = |back: &str, cookie: &str| Request::get(back).header(header::COOKIE, cookie);
    let (back, cookie) = go().await;
    let (status, page) = read(&program, with(&back, &cookie), "").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let name = "Đăng nhập một lần (minh họa)";
    assert!(page.contains(&lang::providers::stranger(Lang::Vietnamese, name)), "{page}");
    assert!(page.contains("field-password"), "the password may be given at once");

    access.link_account(Actor::operator("t"), "admin", "sso", SUBJECT).await.unwrap();
    let (back, cookie) = go().await;
    assert_eq!(send(&program, Request::get(&*back), "").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, headers) = send(&program, with(&back, &cookie), "").await;
    assert_eq!((status, place_of(&headers)), (StatusCode::SEE_OTHER, "/units"));
    let cookies: Vec<&str> =
        headers.get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
    assert!(cookies[0].starts_with("sogoc_session=") && cookies[1].ends_with("Max-Age=0"));

    let mut tx = database.write().await.unwrap();
    let sql = "insert into second_factors (account, secret, begun_at, confirmed_at, last_step) \
               values ($1, $2, 1, 1, 1)";
    tx.run(sql, values![&admin, vec![0_u8]]).await.unwrap();
    tx.commit().await.unwrap();
    let (back, cookie) = go().await;
    let (_, headers) = send(&program, with(&back, &cookie), "").await;
    assert_eq!(place_of(&headers), "/sign-in/code?next=%2Funits");
    assert!(headers[header::SET_COOKIE].to_str().unwrap().starts_with(HALF_COOKIE));

    // That somebody breaks it off there is said, and is no failure of a password.
    let (back, cookie) = go().await;
    let denied = format!("{}&error=access_denied", back.split("&code").next().unwrap());
    let (status, page) = read(&program, with(&denied, &cookie), "").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(&lang::providers::denied(Lang::Vietnamese, name)), "{page}");
}
