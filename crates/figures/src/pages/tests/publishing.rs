//! Forms of reports and publications: previewed by anybody, published by the signed-in, corrected
//! since.

use axum::http::StatusCode;
use lang::Lang::Vietnamese as VI;

use super::*;
use crate::publications::FileKind;
use crate::publications::tests::forms;

const FORM: &str = "/reports/digital-communes";

async fn program() -> Program {
    let program = Program::filled().await;
    program.apply(&pack("reports-hau-giang")).await;
    program.apply(&forms()).await;
    program
}

/// What a person types, percent-encoded where it must be.
fn typed(number: &str, period: &str) -> String {
    let number = number.replace('/', "%2F");
    format!(
        "csrf={CSRF}&number={number}&period={period}&map=01%2F07%2F2025&known=&place=V%E1%BB%8B+Thanh\
         &on=05%2F07%2F2025&post=GI%C3%81M+%C4%90%E1%BB%90C&signer=Ng%C6%B0%E1%BB%9Di+k%C3%BD\
         &replaces=&reason="
    )
}

#[tokio::test]
async fn anybody_sees_the_forms_and_what_they_would_say_now() {
    let program = program().await;
    let text = program.page("/reports").await;
    assert!(text.contains(&format!("href=\"{FORM}\"")), "{text}");
    assert!(text.contains(lang::reports::own_form(VI)), "{text}");
    let text = program.page(&format!("{FORM}?period=2025-Q2")).await;
    let said = [
        "Biểu số: 01/CĐS-X",
        "Kỳ báo cáo: Quý II/2025, từ 01/04/2025 đến 30/06/2025",
        "Xã Vị Thủy",
        "colspan=\"3\"",
        lang::reports::own_form(VI),
        lang::web::made_up(VI),
    ];
    for part in said {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Of state periods the days stand on the table too.
    let text = program.page("/reports/digital-indicators").await;
    assert!(text.contains("Quý III/2025, từ 15/06/2025 đến 14/09/2025"), "{text}");
    // As it was known before anybody had reported, there is nothing.
    let text = program.page(&format!("{FORM}?period=2025-Q2&known=2020-01-01")).await;
    assert!(text.contains(">…<") && !text.contains("<td class=\"number\">1"), "{text}");
    for query in
        ["period=2025-06", "period=R2025-Q2", "period=x", "map=x", "known=x", "known=2099-01-01"]
    {
        let (status, text) = program.get(&format!("{FORM}?{query}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}: {text}");
    }
    assert_eq!(program.get("/reports/none").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_is_published_downloaded_and_withdrawn() {
    let program = program().await;
    let publish = format!("{FORM}/publish");
    let text = program.page(&publish).await;
    assert!(text.contains("name=\"number\"") && text.contains("value=\"2025-Q2\""), "{text}");
    let (status, text) = program.post(&publish, &typed("", "2025-Q3")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("#field-number") && text.contains("#field-period"), "{text}");
    let forged = typed("01/BC-T", "2025-Q2").replace(CSRF, "other");
    assert_eq!(program.post(&publish, &forged).await.0, StatusCode::CONFLICT);

    let (status, location) = program.post(&publish, &typed("01/BC-T", "2025-Q2")).await;
    assert_eq!(
        (status, location.as_str()),
        (StatusCode::SEE_OTHER, "/publications/01-bc-t-2025?done=published")
    );
    let text = program.page(&location).await;
    for part in [
        lang::publications::done_published(VI),
        lang::publications::nothing_changed(VI),
        "GIÁM ĐỐC",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The sums on the page are those of the files that are handed out.
    for kind in FileKind::ALL {
        let bytes = program.bytes(&format!("/publications/01-bc-t-2025.{}", kind.ending())).await;
        assert!(text.contains(&web::export::digest(&bytes)), "{kind:?}");
    }
    assert_eq!(program.get("/publications/01-bc-t-2025.pdf").await.0, StatusCode::NOT_FOUND);
    assert_eq!(program.get("/publications/none").await.0, StatusCode::NOT_FOUND);
    let (status, text) = program.post(&publish, &typed("01/BC-T", "2025-Q2")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains(lang::publications::number_taken(VI)), "{text}");

    let second = typed("02/BC-T", "2025-Q2")
        .replace("replaces=&reason=", "replaces=01-bc-t-2025&reason=s%C3%B3t");
    let (status, location) = program.post(&publish, &second).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page("/publications/01-bc-t-2025").await;
    assert!(text.contains("href=\"/publications/02-bc-t-2025\"") && text.contains("sót"), "{text}");
    let text = program.page(&location).await;
    assert!(text.contains("Thay thế biểu số 01/BC-T"), "{text}");
    let withdraw = "/publications/02-bc-t-2025/withdraw";
    let (status, _) = program.post(withdraw, &format!("csrf={CSRF}&reason=")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, location) =
        program.post(withdraw, &format!("csrf={CSRF}&reason=nh%E1%BA%A7m")).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    assert!(text.contains(lang::publications::withdrawn(VI)) && text.contains("nhầm"), "{text}");
    let text = program.page("/publications").await;
    assert!(text.contains(lang::publications::replaced(VI)), "{text}");
    assert!(text.contains(lang::publications::withdrawn(VI)), "{text}");
}

#[tokio::test]
async fn what_was_corrected_since_stands_beside_what_was_published() {
    let program = program().await;
    let (_, location) =
        program.post(&format!("{FORM}/publish"), &typed("01/BC-T", "2025-Q2")).await;
    let page = location.split('?').next().unwrap();
    let before = program.bytes(&format!("{page}.json")).await;
    let hamlet = hamlets(&*program.territory().await)[0];
    let count = program.count(hamlet, "models", "2025-Q2", 3).await;
    let id = program.report(vec![count]).await.remove(0);
    let text = program.page(page).await;
    // Of the commune and of all together.
    assert!(text.contains(&lang::publications::says_corrected(VI, 2)), "{text}");
    let since = text.split("id=\"changes\"").nth(1).unwrap();
    assert!(since.contains(&format!("href=\"/observations/{id}\"")), "{since}");
    assert!(since.contains("<td class=\"number\">…</td>") && since.contains(">3</a>"), "{since}");
    assert!(text.contains("href=\"#change-0\""), "{text}");
    assert_eq!(program.bytes(&format!("{page}.json")).await, before);
    let list = program.page("/publications").await;
    assert!(list.contains(&lang::publications::corrected(VI, 2)), "{list}");

    let (status, text) = program.get("/api/v1/publications").await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&body["items"][0]["changed"], &body["items"][0]["state"]),
        (&2.into(), &"stands".into())
    );
    let id = body["items"][0]["id"].as_str().unwrap();
    let (_, text) = program.get(&format!("/api/v1/publications/{id}")).await;
    let one: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(one["body"], serde_json::from_slice::<serde_json::Value>(&before).unwrap());
    assert_eq!(one["changes"][0]["now"]["value"], 3, "{one}");
    assert_eq!(one["files"].as_array().unwrap().len(), 3);
    let (_, text) = program.get("/api/v1/reports").await;
    assert!(
        text.contains("\"code\":\"digital-communes\"") && text.contains("\"every\":\"quarter\""),
        "{text}"
    );
    let (_, text) = program.get("/api/v1/reports/small?period=2025-Q2&map=2025-07-01").await;
    let sheet: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(sheet["rows"][0]["stub"][1], "Tổng số", "{text}");
    for path in [
        "/api/v1/publications?cursor=x",
        "/api/v1/reports/small?period=2025",
        "/api/v1/reports?cursor=x",
    ] {
        assert_eq!(program.get(path).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    for path in ["/api/v1/publications/none", "/api/v1/reports/none?period=2025-Q2"] {
        assert_eq!(program.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn nobody_publishes_without_an_account() {
    let program = program().await;
    let stranger = page_routes::<Desk>().with_state(program.desk.clone());
    let ask = async |request: Request<Body>| stranger.clone().oneshot(request).await.unwrap();
    let publish = format!("{FORM}/publish");
    for path in [publish.as_str(), "/publications/x/withdraw"] {
        let response = ask(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let response = ask(Request::post(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let response = ask(Request::get(FORM).body(Body::empty()).unwrap()).await;
    let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(!String::from_utf8_lossy(&text).contains("/publish"));
}
