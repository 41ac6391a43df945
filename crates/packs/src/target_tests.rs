//! Plans and targets: mistakes are named, later decisions hold, and nothing is left without what
//! it rests on.

use base::{Clock, Day, Error, Moment};
use store::testing::TestDatabase;
use store::values;

use crate::tests::{INDICATORS, MEASURES, files, places};
use crate::{Catalogue, StepKind, apply, plan, read};

const PLANS: &str = r#"
[[plans]]
code = "plan"
title = { vi = "Kế hoạch" }
document = { vi = "Kế hoạch số 1" }
from = "2022-01-01"
until = "2022-12-31"
agency = { vi = "Sở A" }
"#;
const TARGETS: &str = r#"
[[targets]]
code = "T1"
plan = "plan"
title = { vi = "Số hộ" }
said = { vi = "200 hộ" }
indicator = "households"
values = [{ levels = ["commune"], value = "200", by = "2022-12-31" }]
"#;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The targets file with one value in the place of the usual one.
fn with_values(values: &str) -> String {
    let (head, _) = TARGETS.split_once("values = ").unwrap();
    format!("{head}values = [{values}]\n")
}

#[test]
fn mistakes_in_plans_and_targets_are_named_with_their_line() {
    let ok = "levels = [\"commune\"], value = \"200\", by = \"2022-12-31\"";
    let value = |text: &str| with_values(&format!("{{ {text} }}"));
    for (plans, targets, expected) in [
        (PLANS.to_owned(), TARGETS.to_owned(), vec![]),
        (PLANS.replace("2022-01-01", "2022-13-01"), TARGETS.to_owned(), vec!["plans.toml:6 from"]),
        (PLANS.replace("2022-12-31", "2021-12-31"), TARGETS.to_owned(), vec!["plans.toml:7 until"]),
        (PLANS.replace("Sở A", " "), TARGETS.to_owned(), vec!["plans.toml:8 agency"]),
        (PLANS.replace("\"plan\"", "\"other\""), TARGETS.to_owned(), vec!["targets.toml:4 plan"]),
        (PLANS.to_owned(), TARGETS.replace("200 hộ", ""), vec!["targets.toml:6 said"]),
        (PLANS.to_owned(), TARGETS.replace("households", "none"), vec!["targets.toml:7 indicator"]),
        (
            PLANS.to_owned(),
            TARGETS.replace("indicator = \"households\"\n", ""),
            vec!["targets.toml:2 unmeasured"],
        ),
        (
            PLANS.to_owned(),
            TARGETS.replace("values", "unmeasured = { vi = \"x\" }\nvalues"),
            vec!["targets.toml:8 unmeasured"],
        ),
        (PLANS.to_owned(), with_values(""), vec!["targets.toml:8 values"]),
        (PLANS.to_owned(), value(&ok.replace("200", "2.5")), vec!["targets.toml:8 values"]),
        (PLANS.to_owned(), value(&ok.replace("200", "-2")), vec!["targets.toml:8 values"]),
        (PLANS.to_owned(), value(&ok.replace("commune", "xã")), vec!["targets.toml:8 values"]),
        (PLANS.to_owned(), value(&ok.replace("\"commune\"", "")), vec!["targets.toml:8 values"]),
        (PLANS.to_owned(), value(&ok.replace("12-31", "12-32")), vec!["targets.toml:8 values"]),
        (
            PLANS.to_owned(),
            value(&format!("{ok}, from = \"2023-01-01\"")),
            vec!["targets.toml:8 values"],
        ),
        (PLANS.to_owned(), value(&format!("{ok}, odd = 1")), vec!["targets.toml:8"]),
    ] {
        let files = files(&[
            ("measures.toml", MEASURES),
            ("indicators.toml", INDICATORS),
            ("plans.toml", &plans),
            ("targets.toml", &targets),
        ]);
        assert_eq!(places(&files), expected, "{plans}{targets}");
    }
}

#[test]
fn the_next_value_holds_and_of_two_decisions_the_later() {
    let targets = with_values(
        "{ levels = [\"commune\", \"province\"], value = \"30\", by = \"2022-09-30\" }, \
         { levels = [\"commune\"], value = \"50\", from = \"2022-10-01\", by = \"2022-12-31\" }, \
         { levels = [\"commune\"], value = \"60\", from = \"2022-10-01\", by = \"2022-12-31\", \
           decided_on = \"2022-08-01\" }",
    );
    let files = files(&[
        ("measures.toml", MEASURES),
        ("indicators.toml", INDICATORS),
        ("plans.toml", PLANS),
        ("targets.toml", &targets),
    ]);
    let pack = read(&files, &Catalogue::default()).unwrap();
    let (plan, target) = (&pack.plans[0], &pack.targets[0]);
    for (level, on, expected) in [
        ("commune", "2021-12-31", None),
        ("commune", "2022-01-01", Some("30")),
        ("commune", "2022-09-30", Some("30")),
        ("commune", "2022-10-01", Some("60")),
        ("commune", "2022-12-31", Some("60")),
        ("commune", "2023-01-01", None),
        ("province", "2022-09-30", Some("30")),
        ("province", "2022-10-01", None),
        ("hamlet", "2022-09-30", None),
    ] {
        let found = target.value_on(plan, level, day(on)).map(|value| value.value.as_str());
        assert_eq!(found, expected, "{level} {on}");
    }
    assert_eq!(target.values.len(), 3, "what no longer holds is kept");
    assert_eq!(target.values[0].scaled(2), Some(3000));
}

#[tokio::test]
async fn no_target_is_left_without_its_plan_or_its_indicator() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
        let mut tx = database.write().await.unwrap();
        let base = [("measures.toml", MEASURES), ("indicators.toml", INDICATORS)];
        let all = [&base[..], &[("plans.toml", PLANS)]].concat();
        let first = read(&files(&all), &Catalogue::default()).unwrap();
        apply(&mut tx, &clock, "tester", &first).await.unwrap();
        let header = "name = \"second\"\nversion = \"1\"\ntitle = { vi = \"Hai\" }\n";
        let second =
            files(&[("pack.toml", header), ("counts.toml", ""), ("targets.toml", TARGETS)]);
        let mut second = second;
        second.files.remove("counts.toml");
        let known = Catalogue::load(&mut tx).await.unwrap();
        let second = read(&second, &known).unwrap();
        let steps = apply(&mut tx, &clock, "tester", &second).await.unwrap();
        assert_eq!((steps[0].kind, steps[0].step), ("target", StepKind::Add));
        let known = Catalogue::load(&mut tx).await.unwrap();
        let (_, target, value) =
            known.wanted_on("households", "commune", day("2022-06-01")).unwrap();
        assert_eq!((target.code.as_str(), value.value.as_str()), ("T1", "200"));
        for without in [&base[..], &[("measures.toml", MEASURES), ("plans.toml", PLANS)]] {
            let less = read(&files(without), &Catalogue::default()).unwrap();
            let refused = plan(&mut tx, &less).await;
            assert!(
                matches!(refused, Err(Error::Refused { code: "packs.target_referenced", .. })),
                "{refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn definitions_of_an_earlier_time_are_read() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
        let mut tx = database.write().await.unwrap();
        let now = files(&[("measures.toml", MEASURES), ("indicators.toml", INDICATORS)]);
        let pack = read(&now, &Catalogue::default()).unwrap();
        apply(&mut tx, &clock, "tester", &pack).await.unwrap();
        let sql = "update definitions set body = $1 || substr(body, 2) where kind = 'indicator'";
        let former = "{\"wanted\":\"50\",\"wanted_from\":null,\"wanted_until\":\"2022-12-31\",";
        tx.run(sql, values![former]).await.unwrap();
        let known = Catalogue::load(&mut tx).await.unwrap();
        assert_eq!(known.indicator("households").unwrap(), &pack.indicators[0]);
        let steps = plan(&mut tx, &pack).await.unwrap();
        assert_eq!(steps.len(), 1);
        assert_eq!((steps[0].kind, steps[0].step), ("indicator", StepKind::Change));
    }
}
