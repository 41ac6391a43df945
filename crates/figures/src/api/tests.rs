//! What other programs ask and send, over the real territory.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::pages::tests::Program;

const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const MISSING: StatusCode = StatusCode::NOT_FOUND;

/// Status and JSON.
async fn ask(program: &Program, path: &str) -> (StatusCode, Value) {
    let (status, text) = program.get(path).await;
    (status, serde_json::from_str(&text).unwrap_or_default())
}

fn count(unit: &str, day: &str, value: i64, source: &str) -> Value {
    json!({"unit": unit, "measure": "households", "day": day, "value": value, "source": source})
}

/// Place and text of every mistake.
fn places(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().filter_map(|error| error["place"].as_str()).collect()
}

#[tokio::test]
async fn questions_beyond_all_bounds_are_refused_and_never_a_fault() {
    let program = Program::filled().await;
    let figures = "/api/v1/figures?indicator=households&units=92";
    let entries = "/api/v1/figures/entries?indicator=households&unit=92";
    let far = base::Cursor::encode(&u64::MAX);
    let nobody = base::Cursor::encode(&999_999_999_i64);
    for (path, place) in [
        (format!("{figures}&periods=0500,2025"), "period"),
        (format!("{figures}&periods=9999"), "period"),
        (format!("{figures}&map=0001-01-01"), "map"),
        (format!("{figures}&map=9999-12-31"), "map"),
        (format!("{figures}&map=tomorrow"), "map"),
        (format!("{figures}&known=2099-01-01T00:00:00Z"), "known"),
        (format!("{figures}&known=2025-09-15"), "known"),
        (format!("{figures}&cursor={far}"), "cursor"),
        (format!("{figures}&cursor={nobody}"), "cursor"),
        (format!("{entries}&period=0500"), "period"),
        (format!("{entries}&period=2025&part=denominator"), "part"),
        (format!("{entries}&period=2025&part=half"), "part"),
        (format!("{entries}&period=2025&known=2099-01-01T00:00:00Z"), "known"),
    ] {
        let (status, body) = ask(&program, &path).await;
        assert_eq!((status, places(&body)), (INVALID, vec![place]), "{path}: {body}");
    }
    for path in [
        "/indicators/households?period=0500",
        "/indicators/households/table.csv?period=0500",
        "/indicators/households/table.xlsx?period=9999",
        "/indicators/households?period=2025-Q02",
        "/indicators/households?map=0500-01-01",
        "/indicators/households?known=2099-01-01",
        "/figures/households/92/0500",
        "/figures/households/92/2025-Q2?known=16/09/2025",
    ] {
        assert_eq!(program.get(path).await.0, INVALID, "{path}");
    }
    // Whoever writes a day as people do gets links and file names that hold.
    let page = program.page("/indicators/households?period=30/06/2025").await;
    assert!(page.contains("/2025-06-30?map="), "{page}");
    program.page("/indicators/households/table.csv?period=1/7/2025%0D%0A").await;
}

#[tokio::test]
async fn pages_of_figures_go_on_behind_the_last_unit() {
    let program = Program::filled().await;
    let periods: Vec<String> =
        (2010..2025).flat_map(|year| (1..=4).map(move |q| format!("{year}-Q{q}"))).collect();
    let path = format!(
        "/api/v1/figures?indicator=households&level=commune&under=92&map=2025-07-01&periods={}",
        periods.join(",")
    );
    let (mut units, mut next, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let (status, body) = ask(&program, &format!("{path}&cursor={next}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let items = body["items"].as_array().unwrap();
        assert!(items.len() <= 1000 && items.len().is_multiple_of(periods.len()));
        units.extend(items.iter().step_by(periods.len()).map(|it| it["unit"]["code"].clone()));
        pages += 1;
        match body["next"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => break,
        }
    }
    assert_eq!((units.len(), pages), (28, 2));
    units.sort_by_key(Value::to_string);
    units.dedup();
    assert_eq!(units.len(), 28);
}

#[tokio::test]
async fn no_text_that_is_sent_breaks_a_database_and_none_is_stored_as_it_came() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        for path in [
            "/observations/a%00b",
            "/observations/a%00b/correct",
            "/observations/a%00b/evidence",
            "/api/v1/observations/a%00b",
            "/api/v1/observations/none",
        ] {
            assert_eq!(program.get(path).await.0, MISSING, "{path}");
        }
        let sent = "Sô\u{309} \u{202e}hộ\u{7}\ncu\u{309}a  ấp";
        let items = json!({"items": [count("3144703", "2025-03-31", 200, sent)]});
        let (status, body) = program.post_json("/api/v1/observations", &items).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let id = body["ids"][0].as_str().unwrap();
        let (_, body) = ask(&program, &format!("/api/v1/observations/{id}")).await;
        assert_eq!(body["source"], "Sổ hộ của ấp");
        let path = format!("/api/v1/observations/{id}/corrections");
        let change =
            |reason: &str, value: i64| json!({"version": 1, "value": value, "reason": reason});
        for (reason, value, place) in [
            ("\u{7}", 1, "reason"),
            ("a\u{0}b", 1, "body"),
            (&"x".repeat(1001), 1, "reason"),
            ("x", 1_000_000_000_001, "value"),
            ("x", i64::MAX, "value"),
            ("x", -1, "value"),
        ] {
            let (status, body) = program.post_json(&path, &change(reason, value)).await;
            assert_eq!((status, places(&body)), (INVALID, vec![place]), "{body}");
        }
        let (status, body) = program.post_json(&path, &change("a\u{7}b", 1_000_000_000_000)).await;
        assert_eq!((status, &body["versions"][1]["reason"]), (StatusCode::CREATED, &json!("a b")));
        let path = format!("/api/v1/observations/{id}/withdrawal");
        let withdrawal = json!({"version": 2, "reason": "\u{202e}"});
        assert_eq!(program.post_json(&path, &withdrawal).await.0, INVALID);
    }
}

#[tokio::test]
async fn every_mistake_of_a_report_is_told_with_its_number() {
    let program = Program::over(TestDatabase::sqlite().await).await;
    let long = "x".repeat(501);
    let flow = |period: &str| {
        let mut count = count("3144703", "", 1, "test");
        count.as_object_mut().unwrap().remove("day");
        count["measure"] = json!("dossiers");
        count["period"] = json!(period);
        count
    };
    let (mut both, mut neither) = (flow("2025-Q1"), flow(""));
    both["day"] = json!("2025-03-31");
    neither.as_object_mut().unwrap().remove("period");
    let items = json!({"items": [
        count("3144703", "2025-03-31", 200, "test"),
        count("99999", "2025-03-31", 200, "test"),
        flow("0500"),
        count("3144703", "31/02/2025", 200, "test"),
        count("3144703", "2025-06-30", -1, &long),
        both,
        neither,
        count("3144703", "2099-06-30", i64::MAX, "test"),
    ]});
    let (status, body) = program.post_json("/api/v1/observations", &items).await;
    assert_eq!(status, INVALID);
    let expected = [
        "2 unit", "3 period", "4 day", "5 value", "5 source", "6 day", "7 day", "8 value", "8 day",
    ];
    assert_eq!(places(&body), expected, "{body}");
    // Of one alone the field is enough, and nothing was written.
    let (status, body) = program
        .post_json(
            "/api/v1/observations",
            &json!({"items": [count("99999", "2025-03-31", 1, "t")]}),
        )
        .await;
    assert_eq!((status, places(&body)), (INVALID, vec!["unit"]), "{body}");
    let one = json!({"items": [count("3144703", "2025-03-31", 200, "test")]});
    assert_eq!(program.post_json("/api/v1/observations", &one).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn as_many_counts_as_promised_fit_into_one_body() {
    let program = Program::over(TestDatabase::sqlite().await).await;
    let source = "Sổ theo dõi hộ gia đình của ấp, quyển số 2, do trưởng ấp ghi";
    let items: Vec<Value> =
        (0..10_000).map(|at| count("99999", "2025-03-31", at, source)).collect();
    let (status, body) = program.post_json("/api/v1/observations", &json!({"items": items})).await;
    assert_eq!((status, places(&body).len()), (INVALID, 10_000));
    let mut items = items;
    items.push(items[0].clone());
    let (_, body) = program.post_json("/api/v1/observations", &json!({"items": items})).await;
    assert_eq!(places(&body), ["items"]);
}
