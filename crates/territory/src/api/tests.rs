//! The territory's answers over HTTP, on both databases.

use axum::http::StatusCode;
use base::Cursor;
use serde_json::{Value, json};
use store::testing::TestDatabase;
use web::ask::encoded;

use crate::pages::tests::{Site, site_over};
use crate::sample::{Lists, by_invented_act, invented_act};

/// The city above the 28 communes gets another name, and nothing else changes.
fn renamed_city() -> Lists {
    let city = "92,Cần Thơ Mới,Thành phố Cần Thơ Mới,thanh_pho_tw,\n";
    invented_act(city, &by_invented_act(["92,92".to_owned()]))
}

async fn each(later: &[Lists], check: impl AsyncFn(&Site)) {
    for database in TestDatabase::each().await {
        check(&site_over(database, false, later).await).await;
    }
}

async fn ask(site: &Site, path: &str) -> Value {
    let answer = site.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn what_lies_above_is_named_as_on_the_day_that_was_asked() {
    each(&[renamed_city()], async |site: &Site| {
        let (was, is) = ("Thành phố Cần Thơ", "Thành phố Cần Thơ Mới");
        for (day, city) in [
            ("&on=2025-07-01", was),
            ("&on=2026-04-29", was),
            ("&on=2026-04-30", is),
            // Today is in November of 2026.
            ("", is),
        ] {
            for path in [
                format!("/api/v1/units/31441?{day}"),
                format!("/api/v1/units?level=commune{day}"),
                format!("/api/v1/units?q=vi+thuy&level=commune{day}"),
                format!("/api/v1/locate?lat=9.7843&lon=105.4701{day}"),
            ] {
                let body = ask(site, &path).await;
                let ours = |unit: &&Value| unit["valid_from"] == "2025-07-01";
                let found = body["items"].as_array().and_then(|list| list.iter().find(ours));
                let unit = found.unwrap_or(&body);
                assert_eq!(unit["parent"]["full_name"], city, "{path}");
                let path_of_unit = format!("{}, {city}", unit["full_name"].as_str().unwrap());
                assert_eq!(unit["path"], path_of_unit, "{path}");
                // The period is that of the unit itself, which did not change.
                assert_eq!(unit["valid_from"], "2025-07-01", "{path}");
            }
        }
        // A unit that ended is shown as it was at its end.
        let ended = ask(site, "/api/v1/units?q=nang+mau&level=commune").await;
        assert_eq!(ended["items"][0]["parent"]["full_name"], "Huyện Vị Thủy");
    })
    .await;
}

#[tokio::test]
async fn a_code_of_another_day_leads_to_those_who_bore_it_and_to_their_successors() {
    each(&[], async |site: &Site| {
        let answer = site.get("/api/v1/units/31447?lang=vi").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let problem = answer.json();
        assert_eq!(problem["code"], "not_found");
        assert_eq!(
            problem["see"],
            json!([
                {
                    "rel": "bearer",
                    "href": "/api/v1/units/31447?on=2025-06-30",
                    "title": "Xã Vị Thủy, Huyện Vị Thủy, Tỉnh Hậu Giang (từ 01/01/2004 đến hết \
                              30/06/2025)",
                },
                {
                    "rel": "successor",
                    "href": "/api/v1/units/31453?on=2026-11-22",
                    "title": "Vào ngày 22/11/2026, địa bàn đó thuộc Xã Vĩnh Thuận Đông, Thành phố \
                              Cần Thơ (mã 31453)",
                },
            ])
        );
        for see in problem["see"].as_array().unwrap() {
            ask(site, see["href"].as_str().unwrap()).await;
        }
        // Two bore it, and on the day that was asked neither was there yet.
        let problem = site.get("/api/v1/units/31453?on=1975-01-01").await.json();
        let rels: Vec<&str> = problem["see"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["rel"].as_str().unwrap())
            .collect();
        assert_eq!(rels, ["bearer", "bearer"]);
        let never = site.get("/api/v1/units/99999").await;
        assert_eq!(never.status, StatusCode::NOT_FOUND);
        assert!(never.json().get("see").is_none(), "{}", never.text());
    })
    .await;
}

#[tokio::test]
async fn an_address_with_a_hamlet_gives_the_codes_of_communes_and_marks_what_was_made_up() {
    each(&[], async |site: &Site| {
        let address = encoded("ấp Tân Lợi, xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang");
        let body = ask(site, &format!("/api/v1/convert?address={address}&on=2025-06-30")).await;
        assert_eq!(
            (&body["old"]["code"], &body["new"]["code"]),
            (&json!("31447"), &json!("31453"))
        );
        assert_eq!(body["hamlet"]["full_name"], "Ấp Tân Lợi");
        assert_eq!(body["hamlet"]["made_up"], true);
        let address = encoded("ấp 3, xã Vị Thủy, TP Cần Thơ");
        let body = ask(site, &format!("/api/v1/convert?address={address}&on=2025-07-01")).await;
        assert_eq!((&body["doubt"], &body["more"]), (&json!("hamlets"), &json!(false)));
        let candidates = body["candidates"].as_array().unwrap();
        let mut origins: Vec<&str> = candidates
            .iter()
            .map(|it| it["hamlet"]["origin"]["full_name"].as_str().unwrap())
            .collect();
        origins.sort_unstable();
        assert_eq!(origins, ["Thị trấn Nàng Mau", "Xã Vị Thắng", "Xã Vị Trung"]);
    })
    .await;
}

#[tokio::test]
async fn acts_come_in_pages_the_latest_first_with_what_they_changed() {
    each(&[renamed_city()], async |site: &Site| {
        let body = ask(site, "/api/v1/acts").await;
        let acts = body["items"].as_array().unwrap();
        assert_eq!(
            (&acts[0]["number"], &acts[0]["effective_on"], &acts[0]["changes"]),
            (
                &json!("1/NQ-MINHHOA"),
                &json!("2026-04-30"),
                &json!([{ "kind": "rename", "count": 1, "made_up": 0 }])
            )
        );
        let merger = acts.iter().find(|act| act["number"] == "1668/NQ-UBTVQH15").unwrap();
        assert_eq!(merger["adopted_on"], "2025-06-16");
        assert!(!merger["issuer"].as_str().unwrap().is_empty());
        let merged = &merger["changes"].as_array().unwrap()[0];
        assert_eq!(*merged, json!({ "kind": "merge", "count": 75, "made_up": 0 }));
        // The hamlets that followed their communes exist nowhere.
        let moved = &merger["changes"].as_array().unwrap()[1];
        assert_eq!(*moved, json!({ "kind": "reparent", "count": 525, "made_up": 525 }));
        // The page behind the first act begins with the second.
        let cursor = Cursor::encode(&acts[0]["id"]);
        let rest = ask(site, &format!("/api/v1/acts?cursor={cursor}")).await;
        assert_eq!(rest["items"].as_array().unwrap()[..], acts[1..]);
        for cursor in [Cursor::encode(&0), Cursor::encode(&u64::MAX), "x".to_owned()] {
            for path in ["/api/v1/acts", "/sources"] {
                let answer = site.get(&format!("{path}?cursor={cursor}")).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {cursor}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn operations_are_told_without_the_names_of_accounts() {
    each(&[renamed_city()], async |site: &Site| {
        let body = ask(site, "/api/v1/operations?lang=vi").await;
        let operations = body["items"].as_array().unwrap();
        assert_eq!(operations.len(), 2);
        let days: Vec<&Value> = operations.iter().map(|it| &it["effective_on"]).collect();
        assert_eq!(days, [&json!("2026-04-30"), &json!("2025-07-01")]);
        assert_eq!(operations[0]["kind"], "import");
        assert_eq!(operations[0]["what"], "Nhập danh mục từ 2 tệp");
        assert!(operations[0]["applied_at"].as_str().unwrap().starts_with("2026-11-22T01:"));
        assert!(operations[0]["undone_at"].is_null() && body["next"].is_null());
        assert!(!body.to_string().contains("tester"), "{body}");
    })
    .await;
}
