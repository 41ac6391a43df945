//! Dashboards: mistakes are named with their line, and no chart is left without its indicator.

use base::{Clock, Error, Moment};
use store::testing::TestDatabase;

use crate::tests::{INDICATORS, MEASURES, files, places};
use crate::{Catalogue, ChartKind, StepKind, apply, plan, read};

const BOARD: &str = r#"
[[dashboards]]
code = "province"
title = { vi = "Bảng" }
lead = { vi = "Cho lãnh đạo" }
charts = [
    { kind = "series", indicator = "households", periods = 12 },
    { kind = "ranking", indicator = "households", level = "commune", periods = 2 },
]

[[dashboards]]
code = "other"
title = { vi = "Bảng khác" }
lead = { vi = "Cho xã" }
[[dashboards.charts]]
kind = "maps"
indicator = "households"
level = "commune"
under = { code = "93", on = "2025-06-30" }
periods = 1
"#;

#[test]
fn mistakes_in_dashboards_are_named_with_their_line() {
    for (from, to, expected) in [
        ("", "", vec![]),
        ("Bảng khác", " ", vec!["dashboards.toml:13 title"]),
        ("Cho lãnh đạo", "", vec!["dashboards.toml:5 lead"]),
        ("code = \"other\"", "code = \"province\"", vec!["dashboards.toml:12 code"]),
        ("code = \"other\"", "code = \"Khác\"", vec!["dashboards.toml:12 code"]),
        (
            "\"households\", periods = 12",
            "\"none\", periods = 12",
            vec!["dashboards.toml:7 indicator"],
        ),
        ("periods = 12", "periods = 1", vec!["dashboards.toml:7 periods"]),
        ("periods = 12", "periods = 21", vec!["dashboards.toml:7 periods"]),
        ("periods = 12", "periods = -1", vec!["dashboards.toml:7"]),
        ("periods = 12", "periods = 12, level = \"commune\"", vec!["dashboards.toml:7 level"]),
        ("level = \"commune\", periods", "periods", vec!["dashboards.toml:8 level"]),
        (
            "level = \"commune\", periods",
            "level = \"xã\", periods",
            vec!["dashboards.toml:8 level"],
        ),
        ("kind = \"ranking\"", "kind = \"pie\"", vec!["dashboards.toml:8"]),
        (
            "indicator = \"households\"\nlevel",
            "indicator = \"none\"\nlevel",
            vec!["dashboards.toml:17 indicator"],
        ),
        ("on = \"2025-06-30\"", "on = \"2025-06-31\"", vec!["dashboards.toml:19 under"]),
        ("periods = 1\n", "periods = 2\n", vec!["dashboards.toml:20 periods"]),
        ("periods = 1\n", "periods = 1\nodd = 1\n", vec!["dashboards.toml:21"]),
    ] {
        let board = BOARD.replacen(from, to, 1);
        let files = files(&[
            ("measures.toml", MEASURES),
            ("indicators.toml", INDICATORS),
            ("dashboards.toml", &board),
        ]);
        assert_eq!(places(&files), expected, "{board}");
    }
    let none = BOARD.split_once("charts = [").unwrap().0.to_owned() + "charts = []\n";
    let files = files(&[("dashboards.toml", &none)]);
    assert_eq!(places(&files), ["dashboards.toml:6 charts"]);
}

#[tokio::test]
async fn no_chart_is_left_without_its_indicator() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
        let mut tx = database.write().await.unwrap();
        let base = [("measures.toml", MEASURES), ("indicators.toml", INDICATORS)];
        let first = read(&files(&base), &Catalogue::default()).unwrap();
        apply(&mut tx, &clock, "tester", &first).await.unwrap();
        let header = "name = \"second\"\nversion = \"1\"\ntitle = { vi = \"Hai\" }\n";
        let mut second = files(&[("pack.toml", header), ("dashboards.toml", BOARD)]);
        second.files.remove("counts.toml");
        let known = Catalogue::load(&mut tx).await.unwrap();
        let second = read(&second, &known).unwrap();
        let steps = apply(&mut tx, &clock, "tester", &second).await.unwrap();
        assert_eq!((steps[0].kind, steps[0].step), ("dashboard", StepKind::Add));
        let known = Catalogue::load(&mut tx).await.unwrap();
        let boards = known.dashboards();
        assert_eq!((boards.len(), boards[0].code.as_str()), (2, "province"));
        assert_eq!(boards[1].charts[0].kind, ChartKind::Maps);
        assert_eq!(boards[1].charts[0].under.as_ref().unwrap().on().to_string(), "2025-06-30");
        let less = read(&files(&[("measures.toml", MEASURES)]), &Catalogue::default()).unwrap();
        let refused = plan(&mut tx, &less).await;
        assert!(
            matches!(refused, Err(Error::Refused { code: "packs.indicator_referenced", .. })),
            "{refused:?}"
        );
        let (count, faults) = crate::verify(&mut tx).await.unwrap();
        assert_eq!((count, faults), (2, Vec::new()));
    }
}
