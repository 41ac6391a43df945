//! Collections: mistakes are named with their line, dated levels hold, and what is used stays.

use base::{Clock, Day, Error, Moment};
use store::testing::TestDatabase;
use store::values;

use crate::tests::{INDICATORS, MEASURES, files, places};
use crate::{Catalogue, PackFiles, StepKind, apply, plan, read};

const CALENDARS: &str = "[[calendars]]\ncode = \"civil\"\nname = { vi = \"Kỳ\" }\nprefix = \"\"\n\
                         opens_on = 1\ndocument = { vi = \"Không\" }\n";
const COLLECTIONS: &str = r#"
[[collections]]
code = "quarterly"
title = { vi = "Số liệu quý" }
document = { vi = "Kế hoạch số 1" }
measures = ["households", "people"]
reported_by = "hamlet"
period = "quarter"
calendar = "civil"
due_days = 10
from = "2022-01-01"
until = "2026-12-31"
four_eyes = true
levels = [
    { until = "2025-06-30", checks = ["commune", "district"], approves = "province" },
    { from = "2025-07-01", checks = ["commune"], approves = "province" },
]

[[collections.rules]]
code = "steady"
words = { vi = "Giảm nhiều" }
severity = "warning"
operator = "not_below_previous"
left = ["households"]
percent = "10"
"#;

fn pack(collections: &str) -> PackFiles {
    files(&[
        ("measures.toml", MEASURES),
        ("indicators.toml", INDICATORS),
        ("calendars.toml", CALENDARS),
        ("collections.toml", collections),
    ])
}

/// The file with another rule.
fn rule(rule: &str) -> String {
    let (head, _) = COLLECTIONS.split_once("severity").unwrap();
    format!("{head}severity = \"error\"\n{rule}\n")
}

#[test]
fn mistakes_in_collections_are_named_with_their_line() {
    let with = |from: &str, to: &str| {
        assert!(COLLECTIONS.contains(from), "{from}");
        COLLECTIONS.replacen(from, to, 1)
    };
    let first = "{ until = \"2025-06-30\", checks = [\"commune\", \"district\"]";
    for (collections, expected) in [
        (COLLECTIONS.to_owned(), vec![]),
        (with("\"Số liệu quý\"", "\" \""), vec!["collections.toml:4 title"]),
        (with("\"Kế hoạch số 1\"", "\"\""), vec!["collections.toml:5 document"]),
        (with("\"quarterly\"", "\"Quý\""), vec!["collections.toml:3 code"]),
        (
            with("[\"households\", \"people\"]", "[]"),
            vec!["collections.toml:6 measures", "collections.toml:24 left"],
        ),
        (with("\"people\"", "\"cows\""), vec!["collections.toml:6 measures"]),
        (with("\"people\"", "\"households\""), vec!["collections.toml:6 measures"]),
        (
            with("reported_by = \"hamlet\"", "reported_by = \"street\""),
            vec!["collections.toml:7 reported_by", "collections.toml:7 reported_by"],
        ),
        // An indicator says that hamlets report the households.
        (
            with("reported_by = \"hamlet\"", "reported_by = \"commune\""),
            vec![
                "collections.toml:7 reported_by",
                "collections.toml:14 levels",
                "collections.toml:14 levels",
            ],
        ),
        (with("\"quarter\"", "\"fortnight\""), vec!["collections.toml:8"]),
        (with("\"civil\"", "\"lunar\""), vec!["collections.toml:9 calendar"]),
        (with("due_days = 10", "due_days = 400"), vec!["collections.toml:10 due_days"]),
        (with("due_days = 10", "due_days = -1"), vec!["collections.toml:10"]),
        (with("\"2022-01-01\"", "\"2022-13-01\""), vec!["collections.toml:11 from"]),
        (with("\"2026-12-31\"", "\"2021-12-31\""), vec!["collections.toml:12 until"]),
        (with("four_eyes = true\n", ""), vec!["collections.toml:2"]),
        (
            with("\"commune\", \"district\"", "\"district\", \"commune\""),
            vec!["collections.toml:14 levels"],
        ),
        (
            with("approves = \"province\"", "approves = \"commune\""),
            vec!["collections.toml:14 levels"],
        ),
        (with("\"2025-06-30\"", "\"2025-05-30\""), vec!["collections.toml:14 levels"]),
        (with("\"2025-06-30\"", "\"2025-08-30\""), vec!["collections.toml:14 levels"]),
        (with(first, &first.replace("until", "from")), vec!["collections.toml:14 levels"]),
        (with("from = \"2025-07-01\", ", ""), vec!["collections.toml:14 levels"]),
    ] {
        // The first line of the file is empty.
        assert_eq!(places(&pack(&collections)), expected, "{collections}");
    }
}

#[test]
fn mistakes_in_rules_are_named_with_their_line() {
    let with = |from: &str, to: &str| {
        assert!(COLLECTIONS.contains(from), "{from}");
        COLLECTIONS.replacen(from, to, 1)
    };
    for (collections, expected) in [
        (with("\"steady\"", "\"Chậm\""), vec!["collections.toml:20 code"]),
        (with("\"Giảm nhiều\"", "\"\""), vec!["collections.toml:21 words"]),
        (with("\"warning\"", "\"fatal\""), vec!["collections.toml:22"]),
        (with("not_below_previous", "about"), vec!["collections.toml:23"]),
        (with("left = [\"households\"]", "left = [\"cows\"]"), vec!["collections.toml:24 left"]),
        (with("left = [\"households\"]", "left = []"), vec!["collections.toml:24 left"]),
        (with("percent = \"10\"", "percent = \"ten\""), vec!["collections.toml:25 percent"]),
        (
            with("percent = \"10\"", "limit = \"3.5\""),
            vec!["collections.toml:19 percent", "collections.toml:25 limit"],
        ),
        (with("percent", "right = [\"people\"]\npercent"), vec!["collections.toml:25 right"]),
        (format!("{COLLECTIONS}odd = 1\n"), vec!["collections.toml:26"]),
        (
            rule("operator = \"<=\"\nleft = [\"households\"]\nright = [\"people\"]"),
            vec!["collections.toml:24 left"],
        ),
        (rule("operator = \"<=\"\nleft = [\"households\"]"), vec!["collections.toml:19 right"]),
        (rule("operator = \"together\"\nleft = [\"households\", \"people\"]"), vec![]),
        (
            rule("operator = \"together\"\nleft = [\"households\"]"),
            vec!["collections.toml:24 left"],
        ),
        (
            rule(
                "operator = \"like_siblings\"\nleft = [\"people\"]\nright = [\"households\"]\nlimit = \"3.5\"",
            ),
            vec![],
        ),
        (
            rule("operator = \"like_own_past\"\nleft = [\"people\"]\nlimit = \"0\""),
            vec!["collections.toml:25 limit"],
        ),
    ] {
        // The first line of the file is empty.
        assert_eq!(places(&pack(&collections)), expected, "{collections}");
    }
    let twice = format!("{COLLECTIONS}\n[[collections.rules]]\n{}", {
        COLLECTIONS.split("[[collections.rules]]\n").nth(1).unwrap()
    });
    assert_eq!(places(&pack(&twice)), ["collections.toml:28 code"]);
}

#[test]
fn levels_are_dated_and_periods_are_asked_for_in_the_time_of_the_collection() {
    let pack = read(&pack(COLLECTIONS), &Catalogue::default()).unwrap();
    let collection = &pack.collections[0];
    let day = |text: &str| text.parse::<Day>().unwrap();
    for (on, checks) in [
        ("1999-01-01", vec!["commune", "district"]),
        ("2025-06-30", vec!["commune", "district"]),
        ("2025-07-01", vec!["commune"]),
        ("2090-01-01", vec!["commune"]),
    ] {
        assert_eq!(collection.levels_on(day(on)).unwrap().checks, checks, "{on}");
    }
    for (last, asked) in
        [("2021-12-31", false), ("2022-01-01", true), ("2026-12-31", true), ("2027-03-31", false)]
    {
        assert_eq!(collection.asks_for(day(last)), asked, "{last}");
    }
    assert_eq!(collection.rules[0].percent_scaled(), Some(1000));
}

#[tokio::test]
async fn what_figures_were_handed_in_for_stays_what_it_is() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
        let mut tx = database.write().await.unwrap();
        let first = read(&pack(COLLECTIONS), &Catalogue::default()).unwrap();
        let steps = apply(&mut tx, &clock, "tester", &first).await.unwrap();
        assert!(steps.iter().any(|it| (it.kind, it.step) == ("collection", StepKind::Add)));
        let known = Catalogue::load(&mut tx).await.unwrap();
        assert_eq!(known.collections(), [&first.collections[0]]);
        assert_eq!(crate::verify(&mut tx).await.unwrap().1, Vec::<String>::new());

        let changed = |from: &str, to: &str| {
            let text = COLLECTIONS.replacen(from, to, 1);
            read(&pack(&text), &Catalogue::default()).unwrap()
        };
        let without = files(&[
            ("measures.toml", MEASURES),
            ("indicators.toml", INDICATORS),
            ("calendars.toml", CALENDARS),
        ]);
        let gone = read(&without, &Catalogue::default()).unwrap();
        let other = [
            changed("[\"households\", \"people\"]", "[\"households\"]"),
            changed("\"quarter\"", "\"month\""),
            gone,
        ];
        for pack in &other {
            assert!(plan(&mut tx, pack).await.is_ok(), "nobody has handed in anything yet");
        }
        let unit = "insert into units (id, level, made_up) values (1, 'hamlet', 1)";
        tx.run(unit, values![]).await.unwrap();
        let sheet = "insert into approval_versions (collection, period, unit, version, day_from, \
                     day_to, state, action, acted_on, reopened_below, made_up, entry) \
                     values ('quarterly', '2025-Q2', 1, 1, 1, 2, 'submitted', 'submit', 1, 0, 1, 1)";
        tx.run(sheet, values![]).await.unwrap();
        for pack in &other {
            let refused = plan(&mut tx, pack).await;
            assert!(
                matches!(refused, Err(Error::Refused { code: "packs.collection_in_use", .. })),
                "{refused:?}"
            );
        }
        // What does not decide about what is locked may still be put right.
        for (from, to) in [("due_days = 10", "due_days = 12"), ("\"10\"", "\"20\"")] {
            assert_eq!(plan(&mut tx, &changed(from, to)).await.unwrap().len(), 1, "{from}");
        }
        // Another pack may not take away what the collection rests on.
        let less = files(&[("measures.toml", MEASURES), ("indicators.toml", INDICATORS)]);
        let less = read(&less, &Catalogue::default()).unwrap();
        let header = "name = \"other\"\nversion = \"1\"\ntitle = { vi = \"Hai\" }\n";
        let own = files(&[("pack.toml", header), ("collections.toml", COLLECTIONS)]);
        let mut own = own;
        own.files.remove("counts.toml");
        drop(tx);
        let mut tx = database.write().await.unwrap();
        let base = files(&[
            ("measures.toml", MEASURES),
            ("indicators.toml", INDICATORS),
            ("calendars.toml", CALENDARS),
        ]);
        let base = read(&base, &Catalogue::default()).unwrap();
        apply(&mut tx, &clock, "tester", &base).await.unwrap();
        let known = Catalogue::load(&mut tx).await.unwrap();
        let own = read(&own, &known).unwrap();
        apply(&mut tx, &clock, "tester", &own).await.unwrap();
        let refused = plan(&mut tx, &less).await;
        assert!(
            matches!(refused, Err(Error::Refused { code: "packs.collection_referenced", .. })),
            "{refused:?}"
        );
    }
}
