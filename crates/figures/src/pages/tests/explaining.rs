//! How a figure came to be, and the address that shows it for ever.

use axum::http::StatusCode;
use base::rights::Actor;
use lang::Lang::Vietnamese as VI;

use super::*;

const FIGURE: &str = "/figures/households-with-app/31441/2025-Q2";

#[tokio::test]
async fn a_figure_says_where_it_comes_from() {
    let program = Program::filled().await;
    let (_, text) = program.get("/api/v1/figures/explain?indicator=households-with-app&unit=31441&period=2025-Q2&map=2025-07-01").await;
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sum = |part: usize| body["parts"][part]["sum"].as_i64().unwrap();
    let (above, below) = (sum(0), sum(1));
    assert!(above > 0 && above < below, "{body}");
    let vi = |number| base::grouped(VI, number);
    let put_in = format!("{} ÷ {} × 100 = ", vi(above), vi(below));
    assert!(body["formula"].as_str().unwrap().contains(&put_in), "{body}");
    assert_eq!(body["parts"][0]["newest"][0]["cause"], "observations.report");
    assert!(body["parts"][0]["postings"].as_i64().unwrap() > 10, "{body}");
    assert_eq!(body["seal"], serde_json::Value::Null);
    assert_eq!(body["missing"], serde_json::json!([]));
    let citation = body["citation"].as_str().unwrap();
    let order = [
        "Hậu Giang",
        "Tỷ lệ hộ cài ứng dụng",
        "Xã Vị Thủy",
        "Quý II/2025",
        "01/07/2025",
        "15/09/2025",
        &vi(above),
        "/figures/households-with-app/31441/2025-Q2?map=2025-07-01&known=",
        "mục",
        lang::explain::cited_no_seal(VI),
    ];
    let mut rest = citation;
    for part in order {
        let at =
            rest.find(part).unwrap_or_else(|| panic!("no {part:?} in {rest:?} of {citation:?}"));
        rest = &rest[at + part.len()..];
    }
    let text = program.page(&format!("{FIGURE}/explain?map=2025-07-01")).await;
    for part in [
        put_in.as_str(),
        "(tiêu chí 2)",
        "124/KH-UBND",
        lang::explain::no_seal(VI),
        "sogoc verify --backup",
        "readonly",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The old communes of which it was made, which the quarter was still counted in.
    assert!(text.contains("Thị trấn Nàng Mau") && text.contains("01/07/2025"), "{text}");
    let drill = program.page(FIGURE).await;
    assert!(drill.contains(&format!("href=\"{FIGURE}/explain?map=")), "{drill}");
    // A count, and who is missing.
    let hamlet = hamlets(&*program.territory().await)[0];
    let count = program.count(hamlet, "models", "2025-Q2", 3).await;
    program.report(vec![count]).await;
    let text = program.page("/figures/digital-models/31441/2025-Q2/explain").await;
    assert!(text.contains(lang::explain::missing(VI)), "{text}");
    for (path, status) in [
        ("/figures/none/31441/2025-Q2/explain", StatusCode::NOT_FOUND),
        ("/figures/households/99999/2025-Q2/explain", StatusCode::NOT_FOUND),
        ("/figures/households/31441/x/explain", StatusCode::UNPROCESSABLE_ENTITY),
        ("/figures/households/31441/2025-Q2/explain?known=x", StatusCode::UNPROCESSABLE_ENTITY),
        (
            "/api/v1/figures/explain?indicator=households&unit=31441&period=x",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "/api/v1/figures/explain?indicator=households&unit=99999&period=2025",
            StatusCode::NOT_FOUND,
        ),
    ] {
        assert_eq!(program.get(path).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn the_address_of_a_citation_shows_the_same_number_for_ever() {
    let program = Program::filled().await;
    let ask = "/api/v1/figures/explain?indicator=households-with-app&unit=31441&period=2025-Q2";
    let (_, text) = program.get(ask).await;
    let before: serde_json::Value = serde_json::from_str(&text).unwrap();
    let permanent = before["permanent"].as_str().unwrap().to_owned();
    let shown = before["figure"]["shown"].as_str().unwrap().replace(' ', "");
    assert!(program.page(&permanent).await.contains(&shown));
    let hamlet = hamlets(&*program.territory().await)[0];
    let count = program.count(hamlet, "households_with_app", "2025-Q2", 999).await;
    let mut work = program.desk.begin().await.unwrap();
    let sql =
        "select id from observations where unit = $1 and value < 999 and day = $2 and measure = $3";
    let number = work.catalogue.measure("households_with_app").unwrap().number;
    let values = store::values![hamlet.0, count.reported.day(), number];
    let id = work.tx.one::<(String,)>(sql, values).await.unwrap().0;
    let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
    let correction =
        crate::observations::Correction { id, version: 1, value: 2, reason: "sai".to_owned() };
    crate::observations::correct(tx, cx, correction).await.unwrap();
    work.tx.commit().await.unwrap();
    let (_, text) = program.get(ask).await;
    let after: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_ne!(after["figure"]["shown"], before["figure"]["shown"]);
    assert!(program.page(&permanent).await.contains(&shown), "{permanent}");
    let pinned = before["known"].as_str().unwrap();
    let (_, text) = program.get(&format!("{ask}&known={pinned}")).await;
    let again: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(again["figure"]["value"], before["figure"]["value"]);
    for key in ["parts", "known", "entries", "citation", "permanent", "formula"] {
        assert_eq!(again[key], before[key], "{key}");
    }
}

#[tokio::test]
async fn what_was_known_earlier_is_asked_everywhere() {
    let program = Program::filled().await;
    let early = "known=2025-09-14";
    for path in [
        "/",
        "/indicators",
        "/units/31441",
        "/indicators/households-with-app",
        "/figures/households-with-app/31441/2025-Q2",
        "/targets",
        "/targets/plan-103-app",
        "/figures/households-with-app/31441/2025-Q2/explain",
    ] {
        let text = program.page(&format!("{path}?{early}")).await;
        assert!(text.contains(&lang::figures::ground_known(VI, "14/09/2025")), "{path}: {text}");
        for wrong in ["known=x", "known=2025-09-16"] {
            let (status, _) = program.get(&format!("{path}?{wrong}")).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {wrong}");
        }
    }
    // Before anybody had reported, no unit had a number.
    let text = program.page(&format!("/units/31441?{early}")).await;
    assert!(text.contains(lang::overview::no_figures(VI)), "{text}");
    let (status, text) = program.get("/api/v1/targets?known=2025-09-14T00:00:00Z").await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(text.contains("\"known\":\"2025-09-14T00:00:00Z\""), "{text}");
    assert_eq!(
        program.get("/api/v1/targets?known=2099-01-01T00:00:00Z").await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}
