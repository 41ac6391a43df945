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
        // A level of today would stand for a day of which nobody can know.
        (format!("{figures}&periods=2025-Q3,2025-Q4"), "period"),
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
        "/figures/households/92/2025-Q4",
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

/// The values of all pages of a list, in their order.
async fn values(program: &Program, path: &str) -> Vec<Value> {
    let (mut values, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, body) = ask(program, &format!("{path}&cursor={cursor}")).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        let items = body["items"].as_array().unwrap();
        assert!(items.len() <= 100, "{path}");
        values.extend(items.iter().map(|item| item["value"].clone()));
        match body["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return values,
        }
    }
}

#[tokio::test]
async fn observations_are_listed_and_narrowed_as_on_their_page() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let mut items: Vec<Value> = (0..120)
            .map(|at| count("3144703", &base::Day(19_000 + at).to_string(), at.into(), "test"))
            .collect();
        items.push(count("3131801", "2025-03-31", 500, "test"));
        let mut people = count("3131801", "2025-03-31", 600, "test");
        people["measure"] = json!("people");
        items.push(people);
        let (status, body) =
            program.post_json("/api/v1/observations", &json!({"items": items})).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let ids: Vec<&str> =
            body["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        let change = json!({"version": 1, "value": 501, "reason": "đếm lại"});
        let path = format!("/api/v1/observations/{}/corrections", ids[120]);
        assert_eq!(program.post_json(&path, &change).await.0, StatusCode::CREATED);
        let path = format!("/api/v1/observations/{}/withdrawal", ids[0]);
        let change = json!({"version": 1, "reason": "nhầm ấp"});
        assert_eq!(program.post_json(&path, &change).await.0, StatusCode::CREATED);

        // The last recorded first: what was changed moves to the front with its last version.
        let many = |from: i32, to: i32| (from..=to).rev().map(|it| json!(it)).collect::<Vec<_>>();
        let all = [vec![Value::Null, json!(501), json!(600)], many(1, 119)].concat();
        for (query, expected) in [
            ("", all),
            ("measure=people", vec![json!(600)]),
            ("unit=31321", vec![json!(501), json!(600)]),
            ("unit=31318&to=2025-06-30", vec![json!(501), json!(600)]),
            ("unit=31441", vec![]),
            ("from=2025-01-01", vec![json!(501), json!(600)]),
            ("from=1/1/2025&to=1/1/2026&measure=households", vec![json!(501)]),
        ] {
            let found = values(&program, &format!("/api/v1/observations?{query}")).await;
            assert_eq!(found, expected, "{query}");
        }
        for (query, place) in [
            ("measure=nothing", "measure"),
            ("from=tomorrow", "from"),
            ("to=0001-01-01", "to"),
            ("from=2025-02-01&to=2025-01-01", "to"),
            ("cursor=x", "cursor"),
        ] {
            let (status, body) = ask(&program, &format!("/api/v1/observations?{query}")).await;
            assert_eq!((status, places(&body)), (INVALID, vec![place]), "{query}: {body}");
        }
        assert_eq!(program.get("/api/v1/observations?unit=31318").await.0, MISSING);
        let (_, body) = ask(&program, "/api/v1/observations?measure=people").await;
        let item = &body["items"][0];
        assert_eq!(
            (&item["unit"]["code"], &item["measure"]),
            (&json!("3131801"), &json!("people"))
        );
        let last = &item["last"];
        assert_eq!((&last["version"], &last["actor"]), (&json!(1), &json!("Cán bộ A")));
        let (_, one) = ask(&program, &format!("/api/v1/observations/{}", ids[121])).await;
        assert_eq!((&one["versions"][0], &one["value"]), (last, &item["value"]));
        assert_eq!(one["evidence"], Value::Null);
    }
}

#[tokio::test]
async fn an_entry_is_asked_by_its_number_and_leads_to_its_record() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let items = json!({"items": [
            count("3144703", "2025-03-31", 200, "test"),
            count("3144703", "2024-12-31", 190, "test"),
        ]});
        let (_, body) = program.post_json("/api/v1/observations", &items).await;
        let id = body["ids"][1].as_str().unwrap();
        let (_, observation) = ask(&program, &format!("/api/v1/observations/{id}")).await;
        let seq = observation["versions"][0]["entry"].as_i64().unwrap();
        let (status, entry) = ask(&program, &format!("/api/v1/entries/{seq}")).await;
        assert_eq!(status, StatusCode::OK, "{entry}");
        assert_eq!(
            (&entry["entry"], &entry["cause"]),
            (&json!(seq), &json!("observations.report"))
        );
        assert_eq!((&entry["record_id"], &entry["actor"]), (&json!(id), &json!("Cán bộ A")));
        // The level of a later day stays what it is.
        let postings = entry["postings"].as_array().unwrap();
        let lines: Vec<_> =
            postings.iter().map(|it| (&it["day"], &it["delta"], &it["records"])).collect();
        let (first, later) = (json!("2024-12-31"), json!("2025-03-31"));
        assert_eq!(lines, [(&first, &json!(190), &json!(1)), (&later, &json!(-190), &json!(0))]);
        assert_eq!(postings[0]["measure"], "households");
        assert_eq!(postings[0]["unit"]["code"], "3144703");
        assert_eq!(entry["hash"].as_str().unwrap().len(), 64);
        let (status, record) = ask(&program, entry["record"].as_str().unwrap()).await;
        assert_eq!((status, &record["id"]), (StatusCode::OK, &json!(id)));
        // Of what is no observation there is nothing more to ask.
        let (_, first) = ask(&program, "/api/v1/entries/1").await;
        assert_eq!((&first["record"], &first["postings"]), (&Value::Null, &json!([])), "{first}");
        for missing in ["0", "-1", "999999", "9223372036854775807"] {
            assert_eq!(program.get(&format!("/api/v1/entries/{missing}")).await.0, MISSING);
        }
        assert_eq!(program.get("/api/v1/entries/first").await.0, MISSING);
    }
}

#[tokio::test]
async fn calendars_and_names_of_what_is_counted_come_from_the_packs() {
    let program = Program::over(TestDatabase::sqlite().await).await;
    let (_, body) = ask(&program, "/api/v1/calendars?lang=en").await;
    let calendars = body["items"].as_array().unwrap();
    let told: Vec<_> = calendars.iter().map(|it| (&it["prefix"], &it["opens_on"])).collect();
    assert_eq!(told, [(&json!(""), &json!(1)), (&json!("R"), &json!(15))]);
    assert!(calendars.iter().all(|it| !it["name"].as_str().unwrap().is_empty()), "{body}");
    let (_, body) = ask(&program, "/api/v1/indicators?lang=en").await;
    let measure = &body["items"][0]["numerator"];
    assert_eq!(
        (&measure["counted"], &measure["counted_name"]),
        (&json!("dossier"), &json!("dossiers"))
    );
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
