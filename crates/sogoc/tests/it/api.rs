//! The promises of the API, on both databases.

use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::program::Server;

async fn each(check: impl Fn(&Server)) {
    for database in TestDatabase::each().await {
        check(&Server::with_packs(&database.location));
    }
}

#[tokio::test]
async fn a_code_means_another_unit_on_another_day() {
    each(|server| {
        for (path, code, name) in [
            ("/api/v1/units/31453?on=2025-06-30", "31453", "Xã Vĩnh Thuận Tây"),
            ("/api/v1/units/31453?on=2025-07-01", "31453", "Xã Vĩnh Thuận Đông"),
            ("/api/v1/units/31441?on=2025-06-30", "31441", "Thị trấn Nàng Mau"),
            ("/api/v1/units/31441", "31441", "Xã Vị Thủy"),
            ("/api/v1/units/93?on=2025-06-30", "93", "Tỉnh Hậu Giang"),
        ] {
            let (status, body) = server.get(path);
            assert_eq!(
                (status, &body["code"], &body["full_name"]),
                (200, &json!(code), &json!(name)),
                "{path}"
            );
        }
        let (status, body) = server.get("/api/v1/units/31447?lang=en");
        assert_eq!((status, &body["code"]), (404, &json!("not_found")));
        assert!(body["detail"].as_str().unwrap().contains("Xã Vị Thủy"), "{body}");
        // Both the problem and the page lead to those who bore the code.
        let href = body["see"][0]["href"].as_str().unwrap();
        assert_eq!(server.get(href).1["full_name"], "Xã Vị Thủy");
        let (status, page) = server.page("/units/31447?lang=vi");
        assert_eq!(status, 404);
        let link = href.trim_start_matches("/api/v1");
        assert!(page.contains(&format!("href=\"{link}\"")), "{page}");
        let successor = body["see"][1]["href"].as_str().unwrap().trim_start_matches("/api/v1");
        assert!(page.contains(&format!("href=\"{successor}\"")), "{page}");
    })
    .await;
}

#[tokio::test]
async fn lineage_lists_and_search_answer() {
    each(|server| {
        let names = |path: &str| -> Vec<String> {
            let (status, body) = server.get(path);
            assert_eq!(status, 200, "{path}: {body}");
            let items = body["items"].as_array().unwrap().iter();
            items.map(|item| item["full_name"].as_str().unwrap().to_owned()).collect()
        };
        let mut members = names("/api/v1/units/31453/predecessors?on=2025-07-01");
        members.sort();
        assert_eq!(members, ["Xã Vĩnh Thuận Tây", "Xã Vĩnh Thuận Đông", "Xã Vị Thủy"]);
        assert_eq!(names("/api/v1/units/31447/successors?on=2025-06-30"), ["Xã Vĩnh Thuận Đông"]);
        assert_eq!(names("/api/v1/units?under=93&on=2025-06-30").len(), 8);
        assert_eq!(names("/api/v1/units?under=92&on=2025-07-01").len(), 28);
        assert!(names("/api/v1/units?q=nang%20mau").contains(&"Thị trấn Nàng Mau".to_owned()));
        let (_, history) = server.get("/api/v1/units/31453/history?on=2025-07-01");
        assert_eq!(history["items"][0]["act"]["number"], "1668/NQ-UBTVQH15");
        for (question, count) in [
            ("under=93&level=hamlet&on=2025-06-30", 525),
            // Every match, however many others fit before those that lie in the commune.
            ("q=ap&under=31495&on=2025-07-01", 25),
            ("q=ap&level=hamlet&under=92&on=2025-07-01", 437),
        ] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let (_, page) = server.get(&format!("/api/v1/units?{question}&cursor={cursor}"));
                let items = page["items"].as_array().unwrap();
                assert!(items.len() <= 100);
                seen.extend(items.iter().map(|item| item["id"].as_i64().unwrap()));
                match page["next"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => break,
                }
            }
            assert_eq!(seen.len(), count, "{question}");
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), count, "{question}: none twice");
        }
        for cursor in [base::Cursor::encode(&u64::MAX), base::Cursor::encode(&-1), "x".to_owned()] {
            let (status, body) = server.get(&format!("/api/v1/units?cursor={cursor}"));
            assert_eq!((status, &body["code"]), (422, &json!("invalid")), "{body}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_old_address_finds_its_new_unit() {
    let database = TestDatabase::sqlite().await;
    let server = Server::with_packs(&database.location);
    let address = web::ask::encoded("ấp 3, xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang");
    let (status, body) = server.get(&format!("/api/v1/convert?address={address}&on=2025-06-30"));
    assert_eq!(status, 200);
    assert_eq!((&body["old"]["code"], &body["new"]["code"]), (&json!("31447"), &json!("31453")));
    assert_eq!(body["new"]["full_name"], "Xã Vĩnh Thuận Đông");
    assert!(body["why"].as_str().unwrap().contains("1668/NQ-UBTVQH15"), "{body}");
    let (_, body) = server.get("/api/v1/convert?address=Vinh%20Tuong&on=2025-06-30");
    assert!(body["candidates"].as_array().unwrap().len() >= 2 && body["new"].is_null(), "{body}");
    let (status, body) = server.get("/api/v1/locate?lat=9.7843&lon=105.4701&on=2025-07-01");
    assert_eq!(status, 200, "{body}");
    assert_eq!(server.get("/api/v1/locate?lat=0&lon=0").0, 404);
}

#[tokio::test]
async fn exactly_the_claims_that_contradict_themselves_are_flagged() {
    let database = TestDatabase::sqlite().await;
    let server = Server::with_packs(&database.location);
    let (_, body) = server.get("/api/v1/claims?lang=en");
    let claims = body["items"].as_array().unwrap();
    assert_eq!(claims.len(), 23);
    let wrong: Vec<&Value> = claims.iter().filter(|claim| claim["adds_up"] == false).collect();
    let ids: Vec<&str> = wrong.iter().map(|claim| claim["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["F2", "F14", "F15", "F22"]);
    let mixed = "101.29 %, not to 100 %. By the rule of the field they stand on different bases";
    for (claim, part) in wrong.iter().zip(["31.05", "households", "19.54", mixed]) {
        assert!(claim["why"].as_str().unwrap().contains(part), "{claim}");
    }
    let shares = wrong[3]["shares"].as_array().unwrap();
    assert!(shares.iter().all(|share| share["basis"].is_null()), "{shares:?}");
    assert_eq!(shares[0]["basis_by_rule"], "the dossiers settled");
    assert!(wrong[3]["basis_rule"].as_str().unwrap().contains("766/QĐ-TTg"));
}

#[tokio::test]
async fn a_count_is_reported_corrected_and_opens_to_its_entries() {
    each(|server| {
        let count = |measure: &str, value: i64| {
            json!({"unit": "3144703", "measure": measure, "day": "2025-03-31", "value": value, "source": "test"})
        };
        let items = json!({"items": [count("households", 200), count("households_with_app", 90)]});
        assert_eq!(server.post("/api/v1/observations", &items).unwrap().0, 201);
        let (status, body) = server.post("/api/v1/observations", &items).unwrap();
        assert_eq!((status, &body["code"]), (409, &json!("observations.already_reported")));
        let bad = json!({"items": [count("nothing", -1)]});
        let (status, body) = server.post("/api/v1/observations", &bad).unwrap();
        assert_eq!((status, body["errors"].as_array().unwrap().len()), (422, 2), "{body}");

        let ask = |unit: &str, map: &str| {
            let path = format!("/api/v1/figures?indicator=households-with-app&units={unit}&periods=2025-Q1,2024-Q4&map={map}");
            let (status, body) = server.get(&path);
            assert_eq!(status, 200, "{body}");
            body["items"].as_array().unwrap().clone()
        };
        let old = ask("31447", "2025-06-30");
        assert_eq!((&old[0]["value"], &old[0]["numerator"], &old[0]["denominator"]), (&json!(45.0), &json!(90), &json!(200)));
        assert_eq!(old[0]["flags"], json!(["incomplete"]));
        assert_eq!((&old[1]["value"], &old[1]["flags"]), (&Value::Null, &json!(["no_data"])));
        let new = ask("31453", "2025-07-01");
        assert_eq!(new[0]["numerator"], json!(90));

        let (_, entries) = server.get(new[0]["numerator_entries"].as_str().unwrap());
        let id = entries["items"][0]["record_id"].as_str().unwrap().to_owned();
        let correction = json!({"version": 1, "value": 100, "reason": "counted again"});
        let path = format!("/api/v1/observations/{id}/corrections");
        assert_eq!(server.post(&path, &correction).unwrap().0, 201);
        assert_eq!(server.post(&path, &correction).unwrap().0, 409);
        assert_eq!(ask("92", "2025-07-01")[0]["value"], json!(50.0));
        let (_, entries) = server.get(new[0]["numerator_entries"].as_str().unwrap());
        let deltas: Vec<i64> = entries["items"].as_array().unwrap().iter().map(|item| item["delta"].as_i64().unwrap()).collect();
        assert_eq!(deltas, [90, -90, 100]);
        let recorded = entries["items"][0]["recorded_at"].as_str().unwrap();
        let (_, then) = server.get(&format!("/api/v1/figures?indicator=households-with-app&units=92&periods=2025-Q1&known={recorded}"));
        assert_eq!(then["items"][0]["numerator"], json!(90));

        let path = format!("/api/v1/observations/{id}/withdrawal");
        let withdrawal = json!({"version": 2, "reason": "another unit's number"});
        assert_eq!(server.post(&path, &json!({"version": 2, "reason": " "})).unwrap().0, 422);
        let (status, body) = server.post(&path, &withdrawal).unwrap();
        assert_eq!((status, &body["value"]), (201, &Value::Null), "{body}");
        let (status, body) = server.post(&path, &withdrawal).unwrap();
        assert_eq!((status, &body["code"]), (409, &json!("observations.withdrawn")));
        assert_eq!(ask("92", "2025-07-01")[0]["flags"], json!(["no_data"]));
    })
    .await;
}

#[tokio::test]
async fn writing_needs_sign_in_and_errors_are_problems() {
    let database = TestDatabase::sqlite().await;
    let mut server = Server::with_packs(&database.location);
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent: ureq::Agent = agent.into();
    let response =
        agent.post(server.url("/api/v1/observations")).send_json(json!({"items": []})).unwrap();
    assert_eq!(response.status().as_u16(), 401);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(server.get("/api/v1/observations").0, 401);
    for path in [
        "/api/v1/units?on=yesterday",
        "/api/v1/figures?indicator=households&periods=2025-Q9",
        "/api/v1/units?cursor=x",
    ] {
        let (status, body) = server.get(path);
        assert_eq!((status, &body["code"]), (422, &json!("invalid")), "{path}: {body}");
    }
    assert_eq!(server.get("/api/v1/figures?indicator=nothing").0, 404);
    assert_eq!(server.get("/api/v1/nowhere").0, 404);
    let (_, description) = server.get("/api/v1/openapi.json");
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = description["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 51);
    let both: Vec<&String> = paths["/api/v1/observations"].as_object().unwrap().keys().collect();
    assert_eq!(both, ["get", "post"]);
    // Whatever goes wrong, a program knows what it gets.
    for operation in paths.values().flat_map(|path| path.as_object().unwrap().values()) {
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
            let content = response["content"].as_object().unwrap();
            let types: Vec<&String> = content.keys().collect();
            assert_eq!(types, ["application/problem+json"], "{operation}: {status}");
        }
        assert!(responses.contains_key("default"), "{operation}");
    }
    // Whatever is looked up carries a tag, as the description says.
    for path in ["/api/v1/acts", "/api/v1/operations", "/api/v1/units", "/api/v1/indicators"] {
        let response = agent.get(server.url(path)).call().unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        assert!(response.headers().contains_key("etag"), "{path}");
    }
    let response = agent.get(server.url("/api/v1/claims")).call().unwrap();
    let tag = response.headers()["etag"].to_str().unwrap().to_owned();
    let again =
        agent.get(server.url("/api/v1/claims")).header("if-none-match", tag).call().unwrap();
    assert_eq!(again.status().as_u16(), 304);
    assert_eq!(server.page("/healthz"), (200, "ok\n".to_owned()));
    assert!(server.page("/metrics").1.contains("http_requests_total"));
    assert!(server.stop());
}
