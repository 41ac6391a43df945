//! Targets: the board, one target, and what is told of the days.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use packs::{Catalogue, PackFiles};

use lang::Lang::Vietnamese as VI;

use super::Program;

/// What 2025 is to bring: half of the households, in every commune.
pub(crate) async fn with_plan(program: &Program) {
    let files = [
        ("pack.toml", "name = \"plan-2025\"\nversion = \"1\"\ntitle = { vi = \"Kế hoạch\" }\n"),
        (
            "plans.toml",
            "[[plans]]\ncode = \"plan-2025\"\ntitle = { vi = \"Kế hoạch năm 2025\" }\n\
             document = { vi = \"Kế hoạch số 7/KH-UBND\" }\nfrom = \"2025-01-01\"\n\
             until = \"2025-12-31\"\nagency = { vi = \"Sở A\" }\n",
        ),
        (
            "targets.toml",
            "[[targets]]\ncode = \"half\"\nplan = \"plan-2025\"\ntitle = { vi = \"Một nửa số hộ\" }\n\
             said = { vi = \"50% số hộ\" }\nindicator = \"households-with-app\"\nvalues = [\n\
             { levels = [\"commune\", \"province\"], value = \"50\", by = \"2025-12-31\" },\n\
             { levels = [\"commune\", \"province\"], value = \"30\", by = \"2025-06-30\" },\n]\n\
             [[targets]]\ncode = \"unclear\"\nplan = \"plan-2025\"\ntitle = { vi = \"Chưa rõ\" }\n\
             said = { vi = \"50% của một việc\" }\nambiguous = { vi = \"Mẫu số nào?\" }\n\
             unmeasured = { vi = \"Chờ hướng dẫn\" }\n\
             values = [{ levels = [\"province\"], value = \"50\", by = \"2025-12-31\" }]\n",
        ),
    ];
    let files: BTreeMap<String, Vec<u8>> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    let files = PackFiles { folder: "plan-2025".to_owned(), files };
    let mut tx = program.desk.database().write().await.unwrap();
    let known = Catalogue::load(&mut tx).await.unwrap();
    let pack = packs::read(&files, &known).unwrap();
    packs::apply(&mut tx, program.desk.clock(), "tester", &pack).await.unwrap();
    tx.commit().await.unwrap();
}

/// More than any quarter brings.
const ONE_VALUE: &str = "[[targets]]\ncode = \"whole\"\nplan = \"one\"\ntitle = { vi = \"Gần hết\" }\n\
    said = { vi = \"90% số hộ\" }\nindicator = \"households-with-app\"\nvalues = [\n\
    { levels = [\"province\"], value = \"90\", by = \"2025-12-31\" },\n]\n";

/// A pack with a plan until the end of 2025, a count of what happened, and targets.
pub(crate) fn plan(code: &str, from: &str, targets: &str) -> PackFiles {
    let files = [
        (
            "pack.toml",
            format!("name = \"{code}\"\nversion = \"1\"\ntitle = {{ vi = \"Kế hoạch\" }}\n"),
        ),
        (
            "indicators.toml",
            "[[indicators]]\ncode = \"filed\"\nname = { vi = \"Hồ sơ nộp\" }\n\
             definition = { vi = \"x\" }\nnumerator = \"dossiers_online\"\ndirection = \"up\"\n\
             document = { vi = \"x\" }\nreported_by = \"hamlet\"\n\
             [[indicators]]\ncode = \"the-fewer\"\nname = { vi = \"Càng ít càng tốt\" }\n\
             definition = { vi = \"x\" }\nnumerator = \"households_with_app\"\n\
             denominator = \"households\"\ndecimals = 2\ndirection = \"down\"\n\
             document = { vi = \"x\" }\nreported_by = \"hamlet\"\n"
                .to_owned(),
        ),
        (
            "plans.toml",
            format!(
                "[[plans]]\ncode = \"{code}\"\ntitle = {{ vi = \"Kế hoạch nhiều năm\" }}\n\
                 document = {{ vi = \"Kế hoạch số 8/KH-UBND\" }}\nfrom = \"{from}\"\n\
                 until = \"2025-12-31\"\nagency = {{ vi = \"Sở B\" }}\n"
            ),
        ),
        ("targets.toml", targets.to_owned()),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    PackFiles { folder: code.to_owned(), files }
}

#[tokio::test]
async fn the_board_says_what_is_behind_where_and_who_answers_for_it() {
    let program = Program::filled().await;
    with_plan(&program).await;
    let text = program.page("/targets").await;
    let caption = format!("<caption>{}</caption>", lang::targets::behind_list(VI));
    let behind = text.split(&caption).nth(1).unwrap();
    let behind = behind.split("</table>").next().unwrap();
    assert!(behind.contains("Một nửa số hộ") && behind.contains("Sở A"), "{behind}");
    assert!(behind.contains("30/06/2025"), "since when: {behind}");
    assert!(text.contains(lang::targets::ambiguous(VI)), "{text}");
    assert!(text.contains(lang::targets::unmeasured(VI)), "{text}");
    // The plans of 2022 are over, and without a count of that time nobody knows what was reached.
    let over = text.split(&format!("<h2>{}</h2>", lang::targets::over(VI))).nth(1).unwrap();
    assert!(over.contains("124/KH-UBND"), "{over}");
    assert!(over.contains(lang::targets::over_no_data(VI)), "{over}");
    assert!(!over.contains(lang::targets::missed(VI)), "{over}");
    // They are judged among the units of their time, and nobody real is blamed by made-up counts.
    assert!(over.contains(&lang::targets::on_map(VI, "31/12/2022")), "{over}");
    assert!(text.contains(lang::targets::made_up(VI)), "{text}");
    // Before the half year was over, another value was wanted, and nothing had been reported late.
    let text = program.page("/targets?on=2025-04-15").await;
    let plan = text.split("Kế hoạch năm 2025").nth(1).unwrap();
    assert!(plan.contains("30%") || plan.contains("30,00%"), "{plan}");
    assert!(plan.contains(lang::targets::reached(VI)), "{plan}");
    // One quarter tells no pace, and the half is not reached.
    let one = self::plan("one", "2025-01-01", ONE_VALUE);
    program.apply(&one).await;
    let text = program.page("/targets?on=2025-04-15").await;
    let plan = text.split("Kế hoạch nhiều năm").nth(1).unwrap();
    assert!(plan.contains(lang::targets::too_few(VI)), "{plan}");
    let text = program.page("/targets/whole?on=2025-04-15").await;
    let said = lang::targets::SaysTooFew { by: "31/12/2025", wanted: "90,00%" };
    assert!(text.contains(&lang::targets::says_too_few(VI, said)), "{text}");
    let text = program.page("/targets?on=2024-12-31").await;
    assert!(text.contains(lang::targets::to_come(VI)), "{text}");
}

#[tokio::test]
async fn where_less_is_better_whoever_has_most_too_much_comes_first() {
    const FEWER: &str = "[[targets]]\ncode = \"fewer\"\nplan = \"fewer\"\ntitle = { vi = \"Ít hơn\" }\n\
        said = { vi = \"10%\" }\nindicator = \"the-fewer\"\nvalues = [\n\
        { levels = [\"commune\"], value = \"10\", by = \"2025-12-31\" },\n]\n";
    let program = Program::filled().await;
    program.apply(&plan("fewer", "2025-01-01", FEWER)).await;
    let text = program.page("/targets").await;
    let rows = text.split("<tr>").filter(|row| row.contains("/targets/fewer"));
    let latest = |row: &str| -> Option<f64> {
        let cell = row.split("<td").nth(2)?.split('>').nth(1)?;
        cell.split('%').next()?.replace(',', ".").parse().ok()
    };
    let latest: Vec<f64> = rows.filter_map(latest).collect();
    assert!(latest.len() == 2 && latest[0] > latest[1], "{latest:?}: {text}");
}

#[tokio::test]
async fn a_target_has_its_forecast_its_units_and_its_document() {
    let program = Program::filled().await;
    with_plan(&program).await;
    let text = program.page("/targets/half").await;
    for part in ["Kế hoạch số 7/KH-UBND", "31/12/2025", "30/06/2025", "50,00%", "Xã Vị Thủy"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let standing = lang::web::standing_day(VI, "30/06/2025");
    assert!(text.contains(&standing), "{standing}: {text}");
    // Two quarters make no forecast; then the straight way says why.
    let below = text.split(&format!("<h2>{}</h2>", "Thành phố Cần Thơ")).nth(1).unwrap();
    assert!(below.contains("Thấp hơn mức cần có theo tiến độ ("), "{below}");
    // A plan that is over stands, with its units, on the map of its last day.
    let over = program.page("/targets/plan-103-app").await;
    let ground =
        [lang::web::standing_map(VI, "31/12/2022"), lang::web::standing_day(VI, "31/12/2022")];
    assert!(ground.iter().all(|line| over.contains(line)), "{ground:?}: {over}");
    assert!(over.contains("Tỉnh Hậu Giang") && !over.contains("Xã Vị Thanh 1"), "{over}");
    assert!(over.contains("on=2022-12-31"), "{over}");
    assert!(over.contains(&lang::targets::says_over_no_data(VI, "31/12/2022")), "{over}");
    let text = program.page("/targets/unclear").await;
    assert!(text.contains("Mẫu số nào?") && text.contains("Chờ hướng dẫn"), "{text}");
    let indicator = program.page("/indicators/households-with-app").await;
    assert!(indicator.contains("href=\"/targets/half\""), "{indicator}");
    let nothing = program.get("/targets/none").await;
    assert_eq!(nothing.0, StatusCode::NOT_FOUND);
    for path in ["/targets?on=31/02/2025", "/targets/half?on=x", "/targets?map=x"] {
        let (status, text) = program.get(path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {text}");
    }
}

#[tokio::test]
async fn programs_are_told_the_same_of_targets() {
    let program = Program::filled().await;
    with_plan(&program).await;
    let (status, text) = program.get("/api/v1/targets?on=2025-09-15").await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    let find = |code: &str| {
        let items = body["items"].as_array().unwrap().iter();
        items.clone().find(|item| item["code"] == code).unwrap().clone()
    };
    let half = find("half");
    assert_eq!(half["course"]["status"], "behind", "{half}");
    assert_eq!(
        (&half["course"]["wanted"], &half["course"]["by"]),
        (&"50".into(), &"2025-12-31".into())
    );
    assert_eq!(half["course"]["behind_since"], "2025-06-30");
    assert_eq!(half["agency"], "Sở A");
    assert!(find("unclear")["course"].is_null() && find("unclear")["unmeasured"].is_string());
    let (_, text) = program.get("/api/v1/targets?on=2025-09-15&unit=31441").await;
    assert!(text.contains("\"latest_on\":\"2025-06-30\""), "{text}");
    // A unit that began after a plan has nothing to do with it.
    let (_, text) = program.get("/api/v1/targets?unit=31441").await;
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    let over = body["items"].as_array().unwrap().iter().filter(|item| item["plan"] == "plan-124");
    let over: Vec<_> = over.filter(|item| item["indicator"].is_string()).collect();
    assert!(!over.is_empty() && over.iter().all(|item| item["course"].is_null()), "{over:?}");
    for path in ["/api/v1/targets?on=x", "/api/v1/targets?cursor=x"] {
        assert_eq!(program.get(path).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    assert_eq!(program.get("/api/v1/targets?unit=00000").await.0, StatusCode::NOT_FOUND);
}
