//! Approval through the pages and the API, and a locked period against every way in.

use axum::http::StatusCode;
use lang::Lang::Vietnamese as VI;
use rust_xlsxwriter::Workbook;
use serde_json::json;
use territory::{Level, UnitId};

use super::{CSRF, Program, day};
use crate::observations::NewObservation;

const PERIOD: &str = "2025-Q2";
const SHEETS: &str = "/tasks/approvals/campaign-124/2025-Q2";

/// All that a hamlet reports for the quarter.
async fn whole(program: &Program, unit: UnitId) -> Vec<NewObservation> {
    let mut counts = Vec::new();
    for (measure, value) in [
        ("households", 300),
        ("people", 1200),
        ("dossiers", 40),
        ("dossiers_online", 10),
        ("households_with_app", 100),
        ("households_with_account", 90),
        ("farm_households", 80),
        ("farm_households_trading_online", 7),
        ("models", 0),
        ("households_with_skills", 60),
    ] {
        counts.push(program.count(unit, measure, PERIOD, value).await);
    }
    counts
}

/// The quarter of one commune of the old map, with its hamlets' codes.
async fn filled() -> (Program, Vec<String>, Vec<String>) {
    let program = Program::empty().await;
    let territory = program.territory().await;
    let on = day("2025-06-30");
    let commune = territory.by_code("31441", on).unwrap().unit;
    let hamlets = territory.under(Some(commune), on, Level::Hamlet);
    let mut counts = Vec::new();
    for hamlet in &hamlets {
        counts.extend(whole(&program, hamlet.unit).await);
    }
    let ids = program.report(counts).await;
    let codes = hamlets.iter().map(|it| it.code.as_ref().unwrap().to_string()).collect();
    (program, codes, ids)
}

async fn act(program: &Program, unit: &str, action: &str, reason: &str) -> (StatusCode, String) {
    let form = format!("csrf={CSRF}&action={action}&reason={reason}");
    program.post(&format!("{SHEETS}/{unit}"), &form).await
}

/// Hands in, checks at both levels and approves.
async fn approve(program: &Program) {
    let territory = program.territory().await;
    let on = day("2025-06-30");
    let commune = territory.by_code("31441", on).unwrap().unit;
    let above = territory.ancestors(commune, on);
    let code = |at: usize| above[at].code.as_ref().unwrap().to_string();
    let (district, province) = (code(0), code(1));
    for (unit, action) in [
        ("31441", "submit"),
        ("31441", "check"),
        (district.as_str(), "check"),
        (province.as_str(), "approve"),
    ] {
        let (status, place) = act(program, unit, action, "Minh+hoa").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{action} {unit}: {place}");
        assert!(place.contains(&format!("done={action}")), "{place}");
        program.page(&place).await;
    }
}

#[tokio::test]
async fn a_locked_quarter_is_shut_to_every_way_in() {
    let (program, codes, ids) = filled().await;
    approve(&program).await;
    let one = &codes[0];
    let locked = |text: &str| text.contains("Quý II/2025") && text.contains("Mở lại");

    // The form for one count.
    let fields = |value: &str| {
        [
            ("csrf", CSRF.to_owned()),
            ("unit", one.clone()),
            ("measure", "households".to_owned()),
            ("when", "15/06/2025".to_owned()),
            ("value", value.to_owned()),
            ("source", "x".to_owned()),
            ("confirmed", "yes".to_owned()),
        ]
    };
    let fields = fields("301");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, it)| (*name, it.as_str())).collect();
    let (status, text) = program.upload("/tasks/observations/new", &fields, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(locked(&text), "{text}");

    // The form for a correction, and for a withdrawal.
    for act in ["correct", "withdraw"] {
        let form = format!("csrf={CSRF}&version=1&value=301&reason=x");
        let (status, text) = program.post(&format!("/observations/{}/{act}", ids[0]), &form).await;
        assert_eq!(status, StatusCode::CONFLICT, "{act}");
        assert!(locked(&text), "{act}: {text}");
    }

    // A file, as CSV and as a workbook, already in the preview.
    let csv = format!("unit_code,measure,day,value,source\n{one},households,2025-06-15,301,x\n");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in ["unit_code", "measure", "day", "value", "source"].iter().enumerate() {
        sheet.write_string(0, at as u16, *name).unwrap();
    }
    for (at, text) in [one.as_str(), "households", "15/06/2025"].iter().enumerate() {
        sheet.write_string(1, at as u16, *text).unwrap();
    }
    sheet.write_number(1, 3, 301.0).unwrap();
    sheet.write_string(1, 4, "x").unwrap();
    let xlsx = book.save_to_buffer().unwrap();
    for file in [csv.as_bytes(), &xlsx[..]] {
        let form = [("csrf", CSRF)];
        let file = Some(("file", file));
        let (status, text) = program.upload("/tasks/observations/import", &form, file).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        assert!(locked(&text) && text.contains("cột day"), "{text}");
    }

    // The API.
    let item = json!({"unit": one, "measure": "households", "day": "2025-06-15", "value": 301,
                      "source": "x"});
    for (path, body) in [
        ("/api/v1/observations".to_owned(), json!({ "items": [item] })),
        (
            format!("/api/v1/observations/{}/corrections", ids[0]),
            json!({"version": 1, "value": 301, "reason": "x"}),
        ),
        (
            format!("/api/v1/observations/{}/withdrawal", ids[0]),
            json!({"version": 1, "reason": "x"}),
        ),
    ] {
        let (status, body) = program.post_json(&path, &body).await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::CONFLICT, &json!("figures.locked")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_opened_again_is_open_for_this_unit_alone() {
    let (program, codes, ids) = filled().await;
    approve(&program).await;
    let one = &codes[0];
    let (status, _) = act(&program, one, "reopen", "").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, place) = act(&program, one, "reopen", "Dem+sot").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{place}");
    let correction = json!({"version": 1, "value": 301, "reason": "x"});
    let path = format!("/api/v1/observations/{}/corrections", ids[0]);
    assert_eq!(program.post_json(&path, &correction).await.0, StatusCode::CREATED);
    let path = format!("/api/v1/observations/{}/corrections", ids[10]);
    assert_eq!(program.post_json(&path, &correction).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_pages_show_the_figures_what_waits_and_what_was_done() {
    let (program, codes, _) = filled().await;
    let list = program.page("/tasks/approvals?collection=campaign-124&period=2025-Q2").await;
    assert!(
        list.contains("Thị trấn Nàng Mau") && list.contains(lang::approvals::four_eyes_off(VI)),
        "{list}"
    );
    let sheet = program.page(&format!("{SHEETS}/{}", codes[0])).await;
    for part in ["Số hộ", "300", lang::approvals::no_findings(VI), lang::approvals::submit(VI)]
    {
        assert!(sheet.contains(part), "{part}: {sheet}");
    }
    assert!(!sheet.contains(lang::approvals::approve(VI)), "{sheet}");
    let indicator = "/indicators/households-with-app?map=2025-06-30&period=2025-Q2&under=31441";
    let before = program.page(indicator).await;
    assert!(before.contains(lang::approvals::figure_open(VI)), "{before}");
    approve(&program).await;
    let after = program.page(indicator).await;
    assert!(after.contains(lang::approvals::figure_approved(VI)), "{after}");
    let sheet = program.page(&format!("{SHEETS}/{}", codes[0])).await;
    for part in ["Cán bộ A", lang::approvals::reopen(VI), "10/07/2025"] {
        assert!(sheet.contains(part), "{part}: {sheet}");
    }
    let commune = program.page(&format!("{SHEETS}/31441")).await;
    assert!(commune.contains("Minh hoa") && commune.contains(lang::approvals::approved(VI)));
    let (_, figures) = program
        .get("/api/v1/figures?indicator=households-with-app&units=31441&periods=2025-Q2,2025-05&map=2025-06-30")
        .await;
    let figures: serde_json::Value = serde_json::from_str(&figures).unwrap();
    assert_eq!(figures["items"][0]["approval"], "approved", "{figures}");
    assert_eq!(figures["items"][1]["approval"], json!(null), "{figures}");
}

#[tokio::test]
async fn who_has_not_reported_is_named_on_the_page_in_the_file_and_on_paper() {
    let (program, codes, _) = filled().await;
    let query = "collection=campaign-124&period=2025-Q2";
    let page = program.page(&format!("/completeness?{query}")).await;
    assert!(page.contains("525") && page.contains("10/07/2025"), "{page}");
    let page = program.page(&format!("/completeness?{query}&under=31441")).await;
    assert!(page.contains(lang::completeness::nobody_missing(VI)), "{page}");
    // Reported today, which is long after the last day.
    assert!(page.contains(&lang::completeness::late_days(VI, 67)), "{page}");
    let (status, csv) = program.get(&format!("/completeness/table.csv?{query}&under=31441")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(csv.lines().count(), 4 + codes.len(), "{csv}");
    assert!(csv.contains(&codes[0]) && csv.contains("67"), "{csv}");
    let paper = program.page(&format!("/completeness/reminders?{query}")).await;
    assert!(paper.contains(&lang::completeness::days_over(VI, 67)), "{paper}");
    assert!(!paper.contains("Thị trấn Nàng Mau:"), "{paper}");
    // The same hamlets on the map of today, on which the commune is another one.
    let page = program.page(&format!("/completeness?{query}&map=2025-07-01&under=31441")).await;
    assert!(page.contains("Xã Vị Thủy"), "{page}");
    let (_, body) = program
        .get("/api/v1/collections/campaign-124/completeness?period=2025-Q2&under=31441")
        .await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["rate"]["complete"], json!(codes.len()), "{body}");
    assert_eq!(body["items"][0]["reporting"], "late", "{body}");
    let (_, body) = program.get("/api/v1/collections").await;
    assert!(body.contains("campaign-124") && body.contains("\"quarter\""), "{body}");
}

#[tokio::test]
async fn acts_over_the_api_are_those_of_the_pages() {
    let (program, codes, _) = filled().await;
    let act = |unit: &str, action: &str, reason: &str| {
        json!({"collection": "campaign-124", "period": PERIOD, "unit": unit, "action": action,
               "reason": reason})
    };
    let path = "/api/v1/approvals";
    let (status, body) = program.post_json(path, &act(&codes[0], "submit", "")).await;
    assert_eq!((status, &body["moved"]), (StatusCode::CREATED, &json!(1)), "{body}");
    for (body, expected, code) in [
        (act(&codes[0], "submit", ""), StatusCode::CONFLICT, "approvals.nothing"),
        (act(&codes[0], "reopen", "x"), StatusCode::CONFLICT, "approvals.not_locked"),
        (act(&codes[0], "bless", "x"), StatusCode::UNPROCESSABLE_ENTITY, ""),
        (act("31441", "check", ""), StatusCode::UNPROCESSABLE_ENTITY, ""),
        (act("99999", "check", ""), StatusCode::NOT_FOUND, ""),
        (
            json!({"collection": "x", "period": "2025-Q2", "unit": "31441", "action": "check"}),
            StatusCode::NOT_FOUND,
            "",
        ),
        (json!({"collection": "campaign-124", "odd": 1}), StatusCode::UNPROCESSABLE_ENTITY, ""),
    ] {
        let (status, answer) = program.post_json(path, &body).await;
        assert_eq!(status, expected, "{body}: {answer}");
        assert!(code.is_empty() || answer["code"] == code, "{answer}");
    }
    let (status, list) = program.get("/api/v1/approvals?state=submitted").await;
    assert_eq!(status, StatusCode::OK);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["items"][0]["unit"]["code"], codes[0], "{list}");
}

#[tokio::test]
async fn hostile_questions_are_refused_and_never_a_fault() {
    let (program, codes, _) = filled().await;
    let long = "x".repeat(3000);
    let one = &codes[0];
    for path in [
        "/tasks/approvals?collection=nothing".to_owned(),
        "/tasks/approvals?period=2025-13".to_owned(),
        "/tasks/approvals?period=9999-Q4".to_owned(),
        "/tasks/approvals?under=nowhere".to_owned(),
        format!("/tasks/approvals?collection={long}"),
        "/tasks/approvals/campaign-124/2025-Q2/nowhere".to_owned(),
        "/tasks/approvals/campaign-124/2025-Q2/~999999999".to_owned(),
        "/tasks/approvals/campaign-124/R2025-Q2/31441".to_owned(),
        "/tasks/approvals/%00/2025-Q2/31441".to_owned(),
        format!("{SHEETS}/{one}/findings/nothing"),
        format!("{SHEETS}/{one}/findings/%3Cscript%3E"),
        "/completeness?period=' or 1=1 --".replace(' ', "%20"),
        "/completeness?map=0001-01-01".to_owned(),
        "/completeness?under=%3Cb%3E".to_owned(),
        "/completeness?cursor=x".to_owned(),
        "/completeness/table.csv?period=2025-05".to_owned(),
        "/completeness/reminders?collection=nothing".to_owned(),
        "/api/v1/approvals?state=blessed".to_owned(),
        "/api/v1/approvals?cursor=x".to_owned(),
        "/api/v1/collections/nothing/completeness".to_owned(),
        "/api/v1/collections/campaign-124/completeness?period=2025".to_owned(),
    ] {
        let (status, text) = program.get(&path).await;
        assert!(status.is_client_error(), "{path}: {status}");
        assert!(!text.contains("<script>x") && !text.contains("<b>"), "{path}: {text}");
    }
    // A form without the token of the session, and one with nothing chosen.
    let path = format!("{SHEETS}/{one}");
    let (status, _) = program.post(&path, "csrf=x&action=submit").await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, _) = program.post(&path, &format!("csrf={CSRF}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    act(&program, one, "submit", "").await;
    let (status, _) = act(&program, one, "return", &format!("{reason}%00")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, place) = act(&program, one, "return", reason).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{place}");
    let page = program.page(&path).await;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
}
