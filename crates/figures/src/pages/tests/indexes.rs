//! Indices: what is measured and what is not, versions by their days, and the same over the API.

use axum::http::StatusCode;
use base::percent;
use lang::Lang::Vietnamese as VI;
use packs::Direction;
use serde_json::Value;

use super::dashboard::with_pack;
use super::{Program, hamlets, pack};
use crate::campaigns::{Ask, points};

async fn filled() -> Program {
    let program = Program::filled().await;
    with_pack(&program, &pack("index-766")).await;
    with_pack(&program, &pack("index-dti")).await;
    program
}

/// The dossiers of the last quarter, filed online and in all, as [`Program::filled`] reports them.
async fn dossiers(program: &Program) -> (i64, i64) {
    let hamlets = hamlets(&*program.territory().await);
    hamlets
        .iter()
        .fold((0, 0), |(online, all), hamlet| (online + 10 + hamlet.0 % 7, all + 40 + hamlet.0 % 7))
}

#[tokio::test]
async fn an_index_says_what_is_measured_and_never_hides_or_scales_the_rest() {
    let program = filled().await;
    let (online, all) = dossiers(&program).await;
    let value = percent(online, all, 2).unwrap();
    let ask = Ask { most: 600, wanted: 8000, direction: Direction::Up };
    let own = points(ask, Some(value));
    let said = lang::indexes::Measured {
        measured: crate::pages::indexes::points(VI, own),
        possible: "6",
        rest: "94",
    };
    let said = lang::indexes::measured(VI, said);
    let text = program.page("/indexes/766").await;
    for part in [
        said.as_str(),
        lang::indexes::not_scaled(VI),
        "766/QĐ-TTg",
        "Thành phố Cần Thơ, Quý II/2025",
        "80,00%",
        lang::indexes::verify(VI),
        "Chưa có số liệu thanh toán.",
        "Công khai, minh bạch, 18 điểm",
        &lang::web::standing_day(VI, "30/06/2025"),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(program.page("/indexes").await.contains(&said));
    // The step: one more point needs so many dossiers, and one fewer would not do.
    let with = |more: i64| points(ask, percent(online + more, all, 2));
    let more = (1..).find(|more| with(*more) >= own + 100).unwrap();
    let step = lang::indexes::MoreNeeded {
        count: base::grouped(VI, more),
        points: crate::pages::indexes::points(VI, with(more) - own),
        unit: "hồ sơ",
    };
    let step = lang::indexes::more_needed(VI, step);
    assert!(text.contains(&step), "{step}: {text}");

    let (status, body) = program.get("/api/v1/indexes/766").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["total"]["measured"], own as f64 / 100.0);
    assert_eq!(body["total"]["possible"], 6.0);
    assert_eq!(body["total"]["unmeasured"], 94.0);
    assert_eq!((&body["period"], &body["unit"]), (&"2025-Q2".into(), &"92".into()));
    assert_eq!(body["moves"], serde_json::json!(["dossiers-online"]));
    let component = &body["groups"][3]["components"][1];
    assert_eq!((&component["state"], &component["next_by"]), (&"measured".into(), &more.into()));
    let other = &body["groups"][3]["components"][0];
    assert_eq!((&other["state"], &other["points"]), (&"unmeasured".into(), &Value::Null));
}

#[tokio::test]
async fn a_unit_and_a_day_are_chosen_and_no_data_is_no_point() {
    let program = filled().await;
    let text = program.page("/indexes/766?unit=31441").await;
    assert!(text.contains("Xã Vị Thủy, Quý II/2025"), "{text}");
    // In the year 2024 nobody had reported: not measured, and not zero.
    let text = program.page("/indexes/766?on=2024-12-31").await;
    assert!(text.contains(&lang::indexes::measured_none(VI, "100")), "{text}");
    assert!(text.contains(lang::indexes::moves_none(VI)), "{text}");
    // Half of all was enough then.
    assert!(!text.contains("80,00%"), "{text}");
    let none = program.page("/indexes/766?on=2022-07-31").await;
    assert!(none.contains(&lang::indexes::none_on(VI, "31/07/2022")), "{none}");
    for (path, field) in [
        ("/indexes/766?on=x", "field-on"),
        ("/indexes/766?unit=00000", "field-unit"),
        ("/indexes/766?map=x", "field-map"),
        ("/indexes?on=x", "field-on"),
    ] {
        let (status, text) = program.get(path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(text.contains(&format!("href=\"#{field}\"")), "{path}: {text}");
    }
}

#[tokio::test]
async fn what_was_known_earlier_gives_the_points_of_then() {
    let program = filled().await;
    // Everything was reported on 15/09/2025.
    let none = lang::indexes::measured_none(VI, "100");
    for path in ["/indexes", "/indexes/766"] {
        let text = program.page(&format!("{path}?known=2025-09-14")).await;
        assert!(text.contains(&none), "{path}: {text}");
        assert!(text.contains(&lang::indicator::as_known(VI, "14/09/2025")), "{path}: {text}");
        assert!(!program.page(path).await.contains(&none), "{path}");
        let (status, text) = program.get(&format!("{path}?known=x")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {text}");
    }
    let list = program.page("/indexes?known=2025-09-14").await;
    assert!(list.contains("/indexes/766?on=2025-09-15&amp;known=2025-09-14"), "{list}");
    let (_, body) = program.get("/api/v1/indexes/766?known=2025-09-14T16:00:00Z").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["total"]["possible"], body["known"].is_string()), (&0.0.into(), true));
    let wrong = program.get("/api/v1/indexes/766?known=x").await.0;
    assert_eq!(wrong, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_version_is_chosen_by_the_day_or_by_its_name() {
    let program = filled().await;
    let today = program.page("/indexes/dti").await;
    assert!(today.contains("405/QĐ-BKHCN") && today.contains("Chưa có danh mục"), "{today}");
    assert!(!today.contains("Nhận thức số"), "{today}");
    for path in ["/indexes/dti?on=2025-04-02", "/indexes/dti/2022"] {
        let text = program.page(path).await;
        for part in ["922/QĐ-BTTTT", "Nhận thức số", "22 chỉ số thành phần", "1.000"]
        {
            assert!(text.contains(part), "{path}: {part}: {text}");
        }
        assert!(text.contains(&lang::indexes::measured_none(VI, "1.000")), "{path}: {text}");
    }
    for path in ["/indexes/none", "/indexes/dti/1999", "/api/v1/indexes/none"] {
        assert_eq!(program.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, list) = program.get("/api/v1/indexes").await;
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert_eq!(list["items"][1]["versions"][0]["most"], 1000.0);
    assert_eq!(list["items"][1]["versions"][1]["most"], Value::Null);
    let (status, body) = program.get("/api/v1/indexes/dti?version=2025").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("\"groups\":[]"), "{body}");
}

#[tokio::test]
async fn the_targets_lead_to_the_indexes_where_there_are_any() {
    let program = Program::filled().await;
    assert!(!program.page("/targets").await.contains("href=\"/indexes\""));
    assert!(program.page("/indexes").await.contains(lang::indexes::nothing(VI)));
    with_pack(&program, &pack("index-766")).await;
    assert!(program.page("/targets").await.contains("href=\"/indexes\""));
}
