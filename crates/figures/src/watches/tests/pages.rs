//! Asking, confirming and ending through the pages, and who misuses them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use lang::Lang::Vietnamese as VI;

use super::*;

#[tokio::test]
async fn nothing_is_told_before_it_is_confirmed_and_everything_goes_with_the_last_watch() {
    for database in TestDatabase::each().await {
        let program = province(database).await;
        let city = city(&program).await;
        let page = program.page("/targets/half").await;
        for part in ["action=\"/watch\"", "type=\"email\"", "/watch/targets/half.atom?unit=~"] {
            assert!(page.contains(part), "{part}");
        }
        let asked = program.post("/watch", &form("target", "half", city, ADDRESS)).await;
        assert_eq!(asked, (StatusCode::SEE_OTHER, "/watch/asked".to_owned()));
        assert!(program.page("/watch/asked").await.contains("48"));
        set(&program, "households_with_app", 320).await;
        assert_eq!(look_again(&program.desk).await.unwrap().letters, 0, "not confirmed");
        let letter = take_letter(&program).await;
        assert!(
            letter.unsubscribe.is_none() && letter.text.contains("Một nửa số hộ"),
            "{letter:?}"
        );
        let token = link(&letter, "/watch/confirm/");
        let token = token.strip_suffix("?lang=vi").unwrap();
        let mut tx = program.desk.database().read().await.unwrap();
        let kept: (Vec<u8>,) = tx.one("select confirm from watches", values![]).await.unwrap();
        assert!(kept.0.len() == 32 && kept.0 != token.as_bytes(), "only its hash is kept");
        drop(tx);
        // A program that opens every link confirms nothing.
        let path = format!("/watch/confirm/{token}");
        let page = program.page(&path).await;
        assert!(page.contains("Một nửa số hộ") && page.contains("Thành phố Cần Thơ"), "{page}");
        assert_eq!(watched(&program).await, [false]);
        let (status, place) = program.post(&path, "").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(watched(&program).await, [true]);
        assert_eq!(program.get(&path).await.0, StatusCode::NOT_FOUND, "used");
        assert_eq!(program.post(&path, "").await.0, StatusCode::NOT_FOUND, "used");
        let mine = program.page(&place).await;
        assert!(mine.contains("Một nửa số hộ") && mine.contains(lang::watch::mine_confirmed(VI)));
        set(&program, "households_with_app", 40).await;
        assert_eq!(look_again(&program.desk).await.unwrap().letters, 1);
        // One click ends it, and the letter that waits goes too.
        let letter = letters(&program).await.pop().unwrap().1;
        let end = letter.unsubscribe.unwrap();
        let end = end.strip_prefix(SITE).unwrap();
        assert!(program.page(end).await.contains(lang::watch::end_lead(VI)));
        assert_eq!(count(&program, "watches").await, 1, "opening it ends nothing");
        let (status, page) = program.post(end, "List-Unsubscribe=One-Click").await;
        assert_eq!(status, StatusCode::OK, "{page}");
        for table in ["watches", "watchers", "outbox"] {
            assert_eq!(count(&program, table).await, 0, "{table}");
        }
        assert_eq!(program.post(end, "List-Unsubscribe=One-Click").await.0, StatusCode::OK);
        assert!(program.page(&place).await.contains(lang::watch::mine_none(VI)));
    }
}

/// Of each watch whether it is confirmed.
async fn watched(program: &Program) -> Vec<bool> {
    let mut tx = program.desk.database().read().await.unwrap();
    let sql = "select confirmed_at from watches order by id";
    let rows: Vec<(Option<i64>,)> = tx.all(sql, values![]).await.unwrap();
    rows.into_iter().map(|(at,)| at.is_some()).collect()
}

#[tokio::test]
async fn who_does_not_confirm_in_time_is_forgotten() {
    for database in TestDatabase::each().await {
        let program = province(database).await;
        let city = city(&program).await;
        program.post("/watch", &form("target", "half", city, ADDRESS)).await;
        let token = link(&letters(&program).await.pop().unwrap().1, "/watch/confirm/");
        let hours = |hours: i64| format!("{}", hours * 3_600_000_000);
        run(&program, &format!("update watches set asked_at = asked_at - {}", hours(47))).await;
        assert_eq!(program.get(&format!("/watch/confirm/{token}")).await.0, StatusCode::OK);
        sweep_now(&program).await;
        assert_eq!(count(&program, "watchers").await, 1);
        run(&program, &format!("update watches set asked_at = asked_at - {}", hours(2))).await;
        let (status, _) = program.post(&format!("/watch/confirm/{token}"), "").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        sweep_now(&program).await;
        for table in ["watches", "watchers", "outbox"] {
            assert_eq!(count(&program, table).await, 0, "{table}");
        }
    }
}

async fn sweep_now(program: &Program) {
    let mut tx = program.desk.database().write().await.unwrap();
    sweep(&mut tx, program.desk.clock()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn nobody_learns_who_watches_and_nobody_is_flooded() {
    for database in TestDatabase::each().await {
        let program = province(database).await;
        let city = city(&program).await;
        watch(&program, "target", "half", city).await;
        // The same answer to an address that is known; its owner is told by letter.
        let again = program.post("/watch", &form("target", "half", city, "AN@example.vn")).await;
        let new = program.post("/watch", &form("target", "half", city, "b@example.vn")).await;
        assert_eq!(again, new);
        assert_eq!(count(&program, "watchers").await, 2);
        let first = &letters(&program).await[0].1;
        assert!(first.subject.starts_with("Quý vị đang theo dõi"), "{first:?}");
        run(&program, "delete from outbox").await;
        // So many letters a day to one address, however often it is asked.
        for _ in 0..5 {
            let asked = program.post("/watch", &form("target", "half", city, "b@example.vn")).await;
            assert_eq!(asked, new);
        }
        assert_eq!(letters(&program).await.len(), 2, "three with the first");
        // So many wishes from one network.
        let mut refused = StatusCode::OK;
        for at in 0..20 {
            let address = format!("c{at}@example.vn");
            refused = program.post("/watch", &form("target", "half", city, &address)).await.0;
        }
        assert_eq!(refused, StatusCode::CONFLICT);
        assert!(count(&program, "watchers").await <= 10);
    }
}

#[tokio::test]
async fn an_address_watches_so_much_and_no_more() {
    let program = province(TestDatabase::sqlite().await).await;
    let city = city(&program).await;
    watch(&program, "target", "half", city).await;
    let mut tx = program.desk.database().write().await.unwrap();
    let sql = "insert into watches (id, watcher, kind, code, unit, confirm, asked_at, confirmed_at) \
               select $1, id, 'target', $2, 1, x'', 1, 1 from watchers";
    for at in 0..19 {
        tx.run(sql, values![format!("w{at}"), format!("t{at}")]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let form = form("indicator", "households-with-app", city, ADDRESS);
    assert_eq!(program.post("/watch", &form).await.1, "/watch/asked");
    assert_eq!(count(&program, "watches").await, 20);
    assert!(letters(&program).await.is_empty());
}

#[tokio::test]
async fn what_was_typed_wrongly_is_shown_at_its_field_and_what_is_not_there_is_not_found() {
    let program = province(TestDatabase::sqlite().await).await;
    let city = city(&program).await;
    let nasty = "a@b.vn\r\nBcc: <script>@d.vn";
    let (status, page) = program.post("/watch", &form("target", "half", city, nasty)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(lang::watch::bad_address(VI)) && page.contains("aria-invalid=\"true\""));
    assert!(!page.contains("<script>"), "{page}");
    let described = "aria-describedby=\"field-address-hint field-address-error\"";
    assert!(page.contains(described) && page.contains("id=\"field-address-error\""), "{page}");
    let without = form("target", "half", city, ADDRESS).replace("language=vi", "language=xx");
    assert_eq!(program.post("/watch", &without).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for (kind, code, unit) in [
        ("target", "none", city),
        ("target", "unclear", city),
        ("publication", "x", city),
        ("indicator", "%27%3B--", city),
        ("target", "half", UnitId(i64::MAX)),
        ("target", "half", UnitId(-1)),
    ] {
        let (status, _) = program.post("/watch", &form(kind, code, unit, ADDRESS)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{kind} {code} {unit}");
        let path = format!("/watch?kind={kind}&code={code}&unit={unit}");
        assert_eq!(program.get(&path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    // Nobody ever looks at hamlets, nor at units that are over; at those of a plan of their time
    // somebody does.
    let territory = program.territory().await;
    let hamlet = crate::pages::tests::hamlets(&territory)[0];
    let past = territory.by_code("93", "2022-12-31".parse().unwrap()).unwrap().unit;
    for (kind, code, unit, expected) in [
        ("indicator", "households-with-app", hamlet, StatusCode::NOT_FOUND),
        ("indicator", "households-with-app", past, StatusCode::NOT_FOUND),
        ("target", "half", hamlet, StatusCode::NOT_FOUND),
        ("target", "half", past, StatusCode::NOT_FOUND),
        ("target", "plan-103-app", past, StatusCode::OK),
    ] {
        let path = format!("/watch?kind={kind}&code={code}&unit={unit}");
        assert_eq!(program.get(&path).await.0, expected, "{path}");
    }
    let page = program.page("/indicators/households-with-app?map=2022-12-31").await;
    assert!(!page.contains("action=\"/watch\""), "a province that is over: {page}");
    assert_eq!(count(&program, "watchers").await, 0);
    let long = "x".repeat(5000);
    for token in ["x", "%00", "..%2F..", &long, &"A".repeat(43)] {
        let (status, _) = program.get(&format!("/watch/confirm/{token}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{token:.50}");
        assert_ne!(
            program.get(&format!("/watch/{token}")).await.0,
            StatusCode::INTERNAL_SERVER_ERROR
        );
        let ended = program.post(&format!("/watch/{token}/end/x"), "").await;
        assert_ne!(ended.0, StatusCode::INTERNAL_SERVER_ERROR);
    }
    let page = program.page(&format!("/watch?kind=target&code=half&unit={city}")).await;
    assert!(page.contains("Một nửa số hộ") && page.contains("type=\"email\""), "{page}");
}

#[tokio::test]
async fn the_pages_of_letters_are_kept_nowhere() {
    let program = province(TestDatabase::sqlite().await).await;
    let city = city(&program).await;
    let token = watch(&program, "target", "half", city).await;
    for path in [format!("/watch/{token}"), format!("/watch/{token}/end/x")] {
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let answer = program.answer(request).await;
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(answer.headers()[header::REFERRER_POLICY], "no-referrer", "{path}");
    }
}

#[tokio::test]
async fn without_a_mail_server_the_pages_say_so_and_feeds_go_on() {
    let program = Program::filled().await;
    with_plan(&program).await;
    look_again(&program.desk).await.unwrap();
    let page = program.page("/targets/half").await;
    assert!(page.contains(lang::watch::no_mail(VI)) && page.contains("half.atom"), "{page}");
    assert!(!page.contains("type=\"email\""), "{page}");
    let city = city(&program).await;
    let (status, page) = program.post("/watch", &form("target", "half", city, ADDRESS)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains(lang::watch::no_mail(VI)), "{page}");
    assert_eq!(count(&program, "watchers").await, 0);
    set(&program, "households_with_app", 320).await;
    let looked = look_again(&program.desk).await.unwrap();
    assert!(looked.changes > 0 && looked.letters == 0, "{looked:?}");
    assert!(program.page("/watch/all.atom").await.contains("<entry>"));
}

#[tokio::test]
async fn an_operator_sees_what_was_given_up_and_tries_it_again() {
    let program = province(TestDatabase::sqlite().await).await;
    let city = city(&program).await;
    program.post("/watch", &form("target", "half", city, ADDRESS)).await;
    let page = program.page("/tasks/outbox").await;
    assert!(page.contains(lang::watch::outbox_none(VI)), "{page}");
    run(&program, "update outbox set given_up = 1, tries = 16, failure = '<550>'").await;
    let page = program.page("/tasks/outbox").await;
    assert!(page.contains("&lt;550&gt;") && !page.contains(ADDRESS), "{page}");
    assert_eq!(program.post("/tasks/outbox", "act=again&csrf=x").await.0, StatusCode::CONFLICT);
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let act = |act: &str| format!("act={act}&csrf={}", web::ask::encoded(csrf));
    assert_eq!(program.post("/tasks/outbox", &act("again")).await.1, "/tasks/outbox");
    let mut tx = program.desk.database().read().await.unwrap();
    let extent = ::store::outbox::extent(&mut tx).await.unwrap();
    assert_eq!((extent.waiting, extent.given_up), (1, 0));
}
