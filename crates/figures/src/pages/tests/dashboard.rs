//! The dashboard: what stands on it, what every chart owes its reader, and what it may weigh.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use base::DayRange;
use lang::Lang::Vietnamese as VI;
use packs::{Catalogue, Nature, PackFiles};
use territory::Level;

use super::targets::with_plan;
use super::{Program, day, pack};
use crate::Period;
use crate::observations::{NewObservation, Reported};

/// The page as it leaves the program may have so many bytes, before it is compressed.
const HEAVIEST_BYTES: usize = 150_000;

/// Applies a pack of the repository, or one that is made here.
pub(super) async fn with_pack(program: &Program, files: &PackFiles) {
    let mut tx = program.desk.database().write().await.unwrap();
    let known = Catalogue::load(&mut tx).await.unwrap();
    let pack = packs::read(files, &known).unwrap();
    packs::apply(&mut tx, program.desk.clock(), "tester", &pack).await.unwrap();
    tx.commit().await.unwrap();
}

/// A pack with one file.
fn made(name: &str, file: &str, text: &str) -> PackFiles {
    let header = format!("name = \"{name}\"\nversion = \"1\"\ntitle = {{ vi = \"Thử\" }}\n");
    let files = [("pack.toml", header.as_str()), (file, text)];
    let files: BTreeMap<String, Vec<u8>> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    PackFiles { folder: name.to_owned(), files }
}

/// One hamlet of each of the 75 old communes reports everything, each quarter of two years, so
/// that all 28 new ones have figures and their places change.
async fn filled() -> Program {
    let program = Program::empty().await;
    let territory = program.territory().await;
    let old = day("2025-06-30");
    let mut tx = program.desk.database().read().await.unwrap();
    let catalogue = program.desk.catalogue(&mut tx).await.unwrap();
    drop(tx);
    let mut counts = Vec::new();
    for commune in territory.under(None, old, Level::Commune) {
        let Some(hamlet) = territory.under(Some(commune.unit), old, Level::Hamlet).first().copied()
        else {
            continue;
        };
        for (quarter, days) in quarters().into_iter().enumerate() {
            for measure in catalogue.measures() {
                let code = measure.definition.code.as_str();
                let seed = (hamlet.unit.0 * 31 + quarter as i64 * (hamlet.unit.0 % 13)) % 60;
                counts.push(NewObservation {
                    unit: hamlet.unit,
                    measure: code.to_owned(),
                    reported: match measure.definition.nature {
                        Nature::Stock => Reported::On(days.last()),
                        Nature::Flow => Reported::Within(days),
                    },
                    value: match code {
                        "households" | "people" | "dossiers" | "farm_households" => 100,
                        _ => 20 + seed,
                    },
                    source: "Tự đặt".to_owned(),
                    made_up: true,
                    evidence: None,
                });
            }
        }
    }
    program.report(counts).await;
    with_pack(&program, &pack("dashboard-hau-giang")).await;
    program
}

fn quarters() -> Vec<DayRange> {
    let of = |year: i16| (1..=4).map(move |quarter| format!("{year}-Q{quarter}"));
    let codes = of(2023).chain(of(2024)).chain(of(2025)).take(10);
    codes.map(|code| Period::parse(&code, &[]).unwrap().days).collect()
}

/// What stands between an opening and the next closing.
fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let (_, rest) = text.split_once(open).unwrap_or_else(|| panic!("{open}: {text}"));
    rest.split_once(close).map_or("", |(inside, _)| inside)
}

#[tokio::test]
async fn every_chart_of_the_dashboard_has_its_words_and_its_table_and_the_page_weighs_little() {
    let program = filled().await;
    with_plan(&program).await;
    let text = program.page("/dashboard").await;
    let charts: Vec<&str> = text.split("<figure class=\"chart\">").skip(1).collect();
    assert_eq!(charts.len(), 20);
    for chart in &charts {
        let chart = chart.split("</figure>").next().unwrap();
        let drawings: Vec<&str> =
            chart.split("<svg ").filter(|it| it.contains("role=\"img\">")).collect();
        assert!(!drawings.is_empty(), "{chart}");
        for drawing in drawings {
            assert!(!between(drawing, "role=\"img\"><title>", "</title>").is_empty(), "{drawing}");
            let said = between(drawing, "</title><desc>", "</desc>");
            assert!(said.trim().len() > 20, "{said}");
        }
        let behind = between(chart, "<details>", "</details>");
        assert!(behind.contains("<table") && behind.contains("<td"), "{chart}");
    }
    // All communes of today stand in a ranking and in the small multiples, those of before on a
    // map.
    for part in [
        lang::dashboard::new_side(VI, lang::dashboard::NewSide { count: 28, day: "01/07/2025" }),
        lang::dashboard::old_side(VI, lang::dashboard::OldSide { count: 75, day: "30/06/2025" }),
        lang::dashboard::sketch(VI).to_owned(),
        "28 đơn vị có số liệu.".to_owned(),
        "28 đơn vị trên cùng một thang đo.".to_owned(),
        "Mức đề ra 30%".to_owned(),
        lang::targets::made_up(VI).to_owned(),
        lang::chart::since(VI, "Quý I/2025"),
    ] {
        assert!(text.contains(&part), "{part}");
    }
    assert!(text.contains(">▲ ") && text.contains(">▼ "), "places move");
    assert!(text.len() < HEAVIEST_BYTES, "the dashboard weighs {} bytes", text.len());
    // The same on the map before, where a chart of today's map has 75 rows.
    let old = program.page("/dashboard?map=2025-06-30").await;
    assert!(old.contains("75 đơn vị có số liệu."), "{}", old.len());
    assert!(old.contains(&lang::web::standing_map(VI, "30/06/2025")));
    // By an earlier day nothing of the last quarter counts.
    let earlier = program.page("/dashboard?on=2024-04-01").await;
    assert!(earlier.contains(&lang::web::standing_day(VI, "31/03/2024")), "{}", earlier.len());
    assert!(!earlier.contains("Quý II/2024"));
}

#[tokio::test]
async fn a_merger_among_the_quarters_is_marked_in_the_series() {
    let program = Program::filled().await;
    // The state's quarter from 15/06 to 14/09/2025 is over and holds the day of the merger.
    let text = program.page("/indicators/households-with-app?periods=state").await;
    let mark = lang::dashboard::merger(VI, "01/07/2025");
    assert!(text.contains(&format!(">{mark}</text>")), "{text}");
    let civil = program.page("/indicators/households-with-app").await;
    assert!(!civil.contains(&mark), "no civil quarter after the merger is over");
}

#[tokio::test]
async fn places_are_compared_with_the_quarter_before_on_the_page_of_an_indicator() {
    let program = Program::filled().await;
    let text = program.page("/indicators/households-with-app").await;
    let ranking = between(&text, "<figure class=\"chart ranking\">", "</figure>");
    assert!(ranking.contains(lang::chart::moved(VI)), "{ranking}");
    assert!(ranking.contains(&lang::chart::since(VI, "Quý I/2025")), "{ranking}");
    // A whole year has no quarter before it.
    let year = program.page("/indicators/households-with-app?period=2024").await;
    assert!(!year.contains(lang::chart::moved(VI)));
}

const BOARDS: &str = r#"
[[dashboards]]
code = "old-units"
title = { vi = "Theo đơn vị cũ" }
lead = { vi = "Để thử" }
charts = [
    { kind = "series", indicator = "households-with-app", under = { code = "31444", on = "2025-06-30" }, periods = 4 },
    { kind = "ranking", indicator = "households-with-app", level = "commune", under = { code = "93", on = "2025-06-30" }, periods = 1 },
    { kind = "series", indicator = "households-with-app", under = { code = "99999", on = "2025-06-30" }, periods = 4 },
]

[[dashboards]]
code = "second"
title = { vi = "Bảng thứ hai" }
lead = { vi = "Để thử" }
charts = [{ kind = "maps", indicator = "households-with-app", level = "commune", periods = 1 }]
"#;

#[tokio::test]
async fn a_chart_that_names_a_unit_of_before_shows_where_its_land_lies() {
    let program = Program::filled().await;
    with_pack(&program, &made("boards", "dashboards.toml", BOARDS)).await;
    let text = program.page("/dashboard").await;
    // 31444 was Xã Vị Trung; its land lies in Xã Vị Thủy.
    let titles: Vec<&str> = text
        .split("role=\"img\"><title>")
        .skip(1)
        .map(|it| it.split('<').next().unwrap())
        .collect();
    assert!(titles[0].ends_with(": Xã Vị Thủy"), "{titles:?}");
    assert_eq!(titles.len(), 2, "{titles:?}");
    assert!(!text.contains(">▲ ") && !text.contains(lang::chart::moved(VI)), "one quarter only");
    assert!(text.contains(&lang::dashboard::not_there(VI, "15/09/2025")), "{text}");
    assert!(text.contains("href=\"/dashboard/second\""), "{text}");
    let old = program.page("/dashboard/old-units?map=2025-06-30").await;
    assert!(old.contains(": Xã Vị Trung</title>"), "{old}");
    let second = program.page("/dashboard/second").await;
    assert_eq!(second.matches("class=\"land\"").count(), 2);
}

#[tokio::test]
async fn wrong_days_are_told_at_their_fields_without_any_chart() {
    let program = Program::filled().await;
    with_pack(&program, &made("boards", "dashboards.toml", BOARDS)).await;
    for (query, field) in [
        ("on=31/02/2025", "field-on"),
        ("on=2025-09-16", "field-on"),
        ("map=x", "field-map"),
        ("known=2025-09-16", "field-known"),
    ] {
        let (status, text) = program.get(&format!("/dashboard?{query}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(text.contains(&format!("href=\"#{field}\"")), "{query}: {text}");
        assert!(text.contains(&format!("id=\"{field}\"")), "{query}: {text}");
        assert!(!text.contains("<figure"), "{query}: {text}");
    }
    assert_eq!(program.get("/dashboard/none").await.0, StatusCode::NOT_FOUND);
    let known = program.page("/dashboard?known=2025-09-15").await;
    assert!(known.contains("known=2025-09-15\">"), "links keep it: {known}");
}

#[tokio::test]
async fn without_a_dashboard_the_page_says_so_and_nothing_links_to_it() {
    let program = Program::filled().await;
    let text = program.page("/dashboard").await;
    assert!(text.contains(lang::dashboard::nothing(VI)), "{text}");
    assert!(!program.page("/").await.contains("href=\"/dashboard"));
    with_pack(&program, &made("boards", "dashboards.toml", BOARDS)).await;
    assert!(program.page("/").await.contains("href=\"/dashboard\""));
    let old = program.page("/?map=2025-06-30").await;
    assert!(old.contains("href=\"/dashboard?map=2025-06-30\""));
}
