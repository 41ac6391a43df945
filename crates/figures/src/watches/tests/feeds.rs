//! Web feeds: what they tell, to whom it is new, and where they end.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::*;

#[tokio::test]
async fn feeds_tell_what_has_changed_of_everything_of_a_topic_and_of_a_unit() {
    for database in TestDatabase::each().await {
        let program = province(database).await;
        let empty = program.page("/watch/all.atom").await;
        assert!(empty.contains("<feed ") && !empty.contains("<entry>"), "{empty}");
        set(&program, "households_with_app", 320).await;
        let looked = look_again(&program.desk).await.unwrap();
        let entries = |text: &str| text.matches("<entry>").count();
        let all = program.page("/watch/all.atom").await;
        assert_eq!(entries(&all), looked.changes.min(50));
        let city = city(&program).await;
        let target = program.page("/watch/targets/half.atom?unit=92").await;
        assert_eq!(entries(&target), 1, "{target}");
        assert_eq!(
            target.replace("unit=92", ""),
            program
                .page(&format!("/watch/targets/half.atom?unit=~{city}"))
                .await
                .replace(&format!("unit=~{city}"), "")
        );
        for part in [
            "<title>[Dữ liệu minh họa] Thành phố Cần Thơ: đã đạt – Một nửa số hộ</title>",
            "<id>tag:sogoc.example.vn,2026-11-29:watch/change/",
            "href=\"https://sogoc.example.vn/targets/half?on=2025-09-15&amp;known=2025-09-15\"",
            "50,00%",
        ] {
            assert!(target.contains(part), "{part}: {target}");
        }
        let indicator = program.page("/watch/indicators/households-with-app.atom?unit=92").await;
        assert!(entries(&indicator) == 1 && indicator.contains("nay là "), "{indicator}");
        // The same change has the same name whenever, wherever and in which language it is read.
        let id = |text: &str| {
            let rest = text.split("watch/change/").nth(1).unwrap();
            rest.split('<').next().unwrap().to_owned()
        };
        let english = program.page("/watch/targets/half.atom?unit=92&lang=en").await;
        assert!(id(&english) == id(&target) && all.contains(&id(&target)));
        assert!(english.contains("[Made-up data]") && english.contains("xml:lang=\"en\""));
    }
}

#[tokio::test]
async fn who_has_a_feed_already_is_not_sent_it_again() {
    let program = province(TestDatabase::sqlite().await).await;
    let ask = |tag: Option<header::HeaderValue>| {
        let mut request = Request::get("/watch/all.atom");
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        request.body(Body::empty()).unwrap()
    };
    let first = program.answer(ask(None)).await;
    assert_eq!(first.headers()[header::CONTENT_TYPE], "application/atom+xml; charset=utf-8");
    let tag = first.headers()[header::ETAG].clone();
    let again = program.answer(ask(Some(tag.clone()))).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    set(&program, "households_with_app", 320).await;
    look_again(&program.desk).await.unwrap();
    assert_eq!(program.answer(ask(Some(tag))).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_long_feed_has_pages_and_nothing_is_left_out() {
    let program = province(TestDatabase::sqlite().await).await;
    set(&program, "households_with_app", 320).await;
    look_again(&program.desk).await.unwrap();
    let sql = "insert into watch_changes select seq + 1000 * n.n, id || n.n, kind, code, unit, \
               told_at, told_on, made_up, change from watch_changes \
               join (select 1 as n union select 2 union select 3 union select 4 union select 5 \
                     union select 6 union select 7 union select 8 union select 9) n";
    run(&program, sql).await;
    let sql = "insert into watch_changes select seq + 100000, id || 'x', kind, code, unit, told_at, \
               told_on, made_up, change from watch_changes";
    run(&program, sql).await;
    let all = count(&program, "watch_changes").await;
    assert!(all > 50, "{all}");
    let (mut path, mut ids) = ("/watch/all.atom".to_owned(), Vec::new());
    loop {
        let text = program.page(&path).await;
        let parts = text.split("watch/change/").skip(1);
        ids.extend(parts.map(|part| part.split('<').next().unwrap().to_owned()));
        let next = text.split("rel=\"next\" href=\"").nth(1);
        let Some(next) = next else { break };
        let next = next.split('"').next().unwrap();
        path = next.strip_prefix(SITE).unwrap().to_owned();
    }
    let count = ids.len() as i64;
    ids.sort();
    ids.dedup();
    assert_eq!((count, ids.len() as i64), (all, all));
}

#[tokio::test]
async fn what_nobody_can_mean_is_no_feed() {
    let program = province(TestDatabase::sqlite().await).await;
    let long = format!("/watch/targets/{}.atom", "x".repeat(3000));
    for (path, status) in [
        ("/watch/targets/half", StatusCode::NOT_FOUND),
        ("/watch/targets/none.atom", StatusCode::NOT_FOUND),
        ("/watch/indicators/half.atom", StatusCode::NOT_FOUND),
        ("/watch/targets/half.atom?unit=00000", StatusCode::NOT_FOUND),
        ("/watch/targets/half.atom?unit=~-1", StatusCode::NOT_FOUND),
        ("/watch/targets/half.atom?unit=~99999999999999999999", StatusCode::NOT_FOUND),
        ("/watch/targets/half.atom?cursor=x", StatusCode::UNPROCESSABLE_ENTITY),
        ("/watch/targets/half.atom?unit=%00", StatusCode::UNPROCESSABLE_ENTITY),
        ("/watch/targets/%27%20or%201=1--.atom", StatusCode::NOT_FOUND),
        ("/watch/targets/..%2F..%2Fx.atom", StatusCode::NOT_FOUND),
        (&*long, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(program.get(path).await.0, status, "{path:.80}");
    }
}
