//! Indices: mistakes are named with their line, a version holds for its days, and the packs that
//! come with the program add up.

use base::{Clock, Day, Error, Moment};
use store::testing::TestDatabase;

use crate::tests::{INDICATORS, MEASURES, files, places};
use crate::{Catalogue, IndexComponent, PackFiles, StepKind, apply, plan, read};

const INDEX: &str = r#"
[[indexes]]
code = "good"
title = { vi = "Bộ chỉ số" }

[[indexes.versions]]
version = "2022"
document = { vi = "Quyết định 1" }
from = "2022-08-01"
until = "2024-12-31"

[[indexes.versions.groups]]
code = "open"
title = { vi = "Công khai" }
most = "18.5"

[[indexes.versions.groups.components]]
code = "known"
title = { vi = "Số hộ" }
most = "12.5"
indicator = "households"
wanted = [{ year = 2022, value = "50" }, { year = 2024, value = "80" }]

[[indexes.versions.groups.components]]
code = "unknown"
title = { vi = "Chưa đo" }
most = "6"
unmeasured = { vi = "Chưa có dữ liệu" }

[[indexes.versions.groups]]
code = "more"
title = { vi = "Nhóm khác" }
most = "81.5"
count = 9
unmeasured = { vi = "Chưa nạp" }

[[indexes.versions]]
version = "2025"
document = { vi = "Quyết định 2" }
from = "2025-01-01"
unmeasured = { vi = "Chưa có danh mục" }
"#;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn pack_with(index: &str) -> PackFiles {
    files(&[("measures.toml", MEASURES), ("indicators.toml", INDICATORS), ("indexes.toml", index)])
}

#[test]
fn mistakes_in_indexes_are_named_with_their_line() {
    for (from, to, expected) in [
        ("", "", vec![]),
        ("code = \"good\"", "code = \"bộ\"", vec!["indexes.toml:3 code"]),
        ("{ vi = \"Bộ chỉ số\" }", "{ vi = \"\" }", vec!["indexes.toml:4 title"]),
        ("\"2022\"", "\"năm 2022\"", vec!["indexes.toml:7 version"]),
        ("version = \"2025\"", "version = \"2022\"", vec!["indexes.toml:38 version"]),
        ("Quyết định 1", " ", vec!["indexes.toml:8 document"]),
        ("2022-08-01", "2022-08-32", vec!["indexes.toml:9 from"]),
        ("2024-12-31", "2022-07-31", vec!["indexes.toml:10 until"]),
        ("2024-12-31", "2025-01-01", vec!["indexes.toml:40 from"]),
        ("until = \"2024-12-31\"\n", "", vec!["indexes.toml:39 from"]),
        ("unmeasured = { vi = \"Chưa có danh mục\" }\n", "", vec!["indexes.toml:37 unmeasured"]),
        ("\"18.5\"", "\"18.555\"", vec!["indexes.toml:15 most"]),
        ("\"18.5\"", "\"19\"", vec!["indexes.toml:15 most"]),
        ("\"18.5\"", "\"18\"", vec!["indexes.toml:15 most"]),
        ("\"18.5\"", "\"-1\"", vec!["indexes.toml:15 most"]),
        ("code = \"more\"", "code = \"open\"", vec!["indexes.toml:31 code"]),
        ("unmeasured = { vi = \"Chưa nạp\" }\n", "", vec!["indexes.toml:30 unmeasured"]),
        (
            "title = { vi = \"Công khai\" }",
            "title = { vi = \"Công khai\" }\ncount = 1",
            vec!["indexes.toml:15 count"],
        ),
        (
            "most = \"18.5\"",
            "most = \"18.5\"\nunmeasured = { vi = \"x\" }",
            vec!["indexes.toml:16 unmeasured"],
        ),
        ("\"12.5\"", "\"a\"", vec!["indexes.toml:20 most"]),
        ("most = \"12.5\"\n", "", vec!["indexes.toml:17 most"]),
        ("code = \"unknown\"", "code = \"known\"", vec!["indexes.toml:25 code"]),
        ("unmeasured = { vi = \"Chưa có dữ liệu\" }\n", "", vec!["indexes.toml:24 unmeasured"]),
        ("\"households\"", "\"none\"", vec!["indexes.toml:21 indicator"]),
        ("value = \"80\"", "value = \"8.5\"", vec!["indexes.toml:22 wanted"]),
        ("value = \"80\"", "value = \"0\"", vec!["indexes.toml:22 wanted"]),
        ("year = 2024", "year = 2022", vec!["indexes.toml:22 wanted"]),
        ("year = 2024", "year = 24", vec!["indexes.toml:22 wanted"]),
        (
            "wanted = [{ year = 2022, value = \"50\" }, { year = 2024, value = \"80\" }]\n",
            "",
            vec!["indexes.toml:17 wanted"],
        ),
        (
            "indicator = \"households\"",
            "indicator = \"households\"\nunmeasured = { vi = \"x\" }",
            vec!["indexes.toml:22 unmeasured"],
        ),
        ("most = \"6\"", "most = \"6\"\nodd = 1", vec!["indexes.toml:28"]),
    ] {
        let index = INDEX.replacen(from, to, 1);
        assert_eq!(places(&pack_with(&index)), expected, "{from:?} {to:?}");
    }
}

#[test]
fn a_version_holds_for_its_days_and_a_value_until_the_next_year_given() {
    let pack = read(&pack_with(INDEX), &Catalogue::default()).unwrap();
    let index = &pack.indexes[0];
    for (on, expected) in [
        ("2022-07-31", None),
        ("2022-08-01", Some("2022")),
        ("2024-12-31", Some("2022")),
        ("2025-01-01", Some("2025")),
        ("2999-12-31", Some("2025")),
    ] {
        let found = index.version_on(day(on)).map(|version| version.version.as_str());
        assert_eq!(found, expected, "{on}");
    }
    let version = index.version("2022").unwrap();
    assert_eq!(version.most(), 10_000);
    let known: &IndexComponent = &version.groups[0].components[0];
    assert_eq!(known.most(), Some(1250));
    for (year, expected) in [
        (2021, None),
        (2022, Some("50")),
        (2023, Some("50")),
        (2024, Some("80")),
        (2030, Some("80")),
    ] {
        let found = known.wanted_in(year).map(|wanted| wanted.value.as_str());
        assert_eq!(found, expected, "{year}");
    }
}

#[tokio::test]
async fn no_component_is_left_without_its_indicator() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
        let mut tx = database.write().await.unwrap();
        let base = [("measures.toml", MEASURES), ("indicators.toml", INDICATORS)];
        let first = read(&files(&base), &Catalogue::default()).unwrap();
        apply(&mut tx, &clock, "tester", &first).await.unwrap();
        let header = "name = \"second\"\nversion = \"1\"\ntitle = { vi = \"Hai\" }\n";
        let mut second = files(&[("pack.toml", header), ("indexes.toml", INDEX)]);
        second.files.remove("counts.toml");
        let known = Catalogue::load(&mut tx).await.unwrap();
        let second = read(&second, &known).unwrap();
        let steps = apply(&mut tx, &clock, "tester", &second).await.unwrap();
        assert_eq!((steps[0].kind, steps[0].step), ("index", StepKind::Add));
        let known = Catalogue::load(&mut tx).await.unwrap();
        assert_eq!(known.index("good"), Some(&second.indexes[0]), "it is kept as it was read");
        let less = read(&files(&[("measures.toml", MEASURES)]), &Catalogue::default()).unwrap();
        let refused = plan(&mut tx, &less).await;
        assert!(
            matches!(refused, Err(Error::Refused { code: "packs.indicator_referenced", .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn the_indexes_that_come_with_the_program_have_the_points_that_were_published() {
    let folder = |name: &str| {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
        PackFiles::from_folder(&root.join(name)).unwrap()
    };
    let mut known = Catalogue::default();
    for name in ["units-of-count", "reporting-calendars", "campaign-124"] {
        known = known.clone().with(&read(&folder(name), &known).unwrap());
    }
    let points = |name: &str, code: &str, version: &str| {
        let pack = read(&folder(name), &known).unwrap();
        let index = pack.indexes.iter().find(|index| index.code == code).unwrap().clone();
        let version = index.version(version).unwrap().clone();
        let of: Vec<i64> = version.groups.iter().map(|group| group.most() / 100).collect();
        (of, version)
    };
    let (of, version) = points("index-766", "766", "2022");
    assert_eq!(of, [18, 20, 22, 22, 18]);
    assert_eq!(version.most(), 10_000);
    let (of, version) = points("index-dti", "dti", "2022");
    assert_eq!(of, [100, 100, 100, 100, 100, 0, 200, 150, 150]);
    let counts: Vec<usize> = version.groups.iter().filter_map(|group| group.count).collect();
    assert_eq!(counts, [10, 11, 7, 13, 12, 3, 22, 12, 8]);
    assert_eq!(counts.iter().sum::<usize>(), 98);
    assert!(points("index-dti", "dti", "2025").0.is_empty());
}
