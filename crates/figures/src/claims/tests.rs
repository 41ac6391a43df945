//! Claims that were made up, one for each thing that can be found.

use lang::Lang;
use packs::{Catalogue, Claim, PackFiles};
use serde_json::{Value, json};

use super::{Verdict, judge};

fn claim(check: &str, parts: &Value) -> Claim {
    let mut claim = json!({
        "id": "X1", "title": {"vi": "Thử"}, "said": {"vi": "Thử"}, "source": {"vi": "Tự đặt"},
        "said_on": "2025-01-01", "unit": "93", "unit_on": "2025-01-01", "counted": "household",
        "check": check, "note": {"vi": "Tự đặt"},
    });
    for (key, value) in parts.as_object().unwrap() {
        claim[key] = value.clone();
    }
    serde_json::from_value(claim).unwrap()
}

fn part(value: i64, counted: &str) -> Value {
    json!({"value": value, "name": {"vi": "Phần"}, "counted": counted})
}

fn ratio(above: i64, below: i64, claimed: &str) -> Value {
    let decimals = claimed.split_once('.').map_or(0, |(_, digits)| digits.len());
    json!({
        "claimed_percent": claimed, "decimals": decimals,
        "numerator": part(above, "household"), "denominator": part(below, "household"),
    })
}

fn shares(list: &[(&str, &str)]) -> Value {
    let share = |(percent, basis): &(&str, &str)| json!({"name": {"vi": "Phần"}, "percent": percent, "basis": {"vi": basis}});
    json!({"shares": list.iter().map(share).collect::<Vec<_>>()})
}

fn equality(terms: &[i64], total: i64) -> Value {
    let terms: Vec<Value> = terms.iter().map(|term| part(*term, "unit")).collect();
    json!({"terms": terms, "total": part(total, "unit")})
}

/// A catalogue with the names of what is counted.
fn catalogue() -> Catalogue {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let files = PackFiles::from_folder(&folder.join("units-of-count")).unwrap();
    let pack = packs::read(&files, &Catalogue::default()).unwrap();
    Catalogue::default().with(&pack)
}

/// The bases as the source states them and as the rule has them, beside what is said of them.
#[test]
fn bases_by_the_rule_stand_beside_those_that_the_source_states() {
    use Verdict::{AddsUp, Contradicts};
    let basis = |text: &str| (!text.is_empty()).then(|| json!({"vi": text}));
    for (parts, verdict, said, not_said) in [
        // The source states none, and by the rule they are several: that is why they do not add up.
        (
            [("77.98", "", "settled"), ("1.58", "", "settled"), ("21.73", "", "all")],
            Contradicts,
            "The shares sum to 101.29 %, not to 100 %. By the rule of the field they stand on \
             different bases (settled; all), so they cannot be added. The source states no base.",
            "published",
        ),
        // Each of them is said once, and the source's are never passed off as the rule's.
        (
            [("77.98", "x", "settled"), ("1.58", "x", "settled"), ("21.73", "", "all")],
            Contradicts,
            "(settled; all), so they cannot be added. The bases that the source states: x; a base \
             that the source does not state.",
            "no base",
        ),
        // That they happen to make a whole does not make them addable.
        (
            [("70", "", "settled"), ("10", "", "settled"), ("20", "", "all")],
            Contradicts,
            "The shares sum to 100 %. By the rule",
            "not to 100",
        ),
        (
            [("70", "x", "all"), ("10", "x", "all"), ("20", "x", "all")],
            AddsUp,
            "sum to 100 % on one basis",
            "rule",
        ),
        (
            [("70", "", ""), ("10", "", ""), ("22", "", "")],
            Contradicts,
            "The shares sum to 102 %, not to 100 %.",
            "rule",
        ),
        (
            [("70", "x", ""), ("10", "", ""), ("20", "x", "")],
            Contradicts,
            "not stand on one",
            "rule",
        ),
    ] {
        let shares = parts.map(|(percent, stated, by_rule)| {
            json!({"name": {"vi": "Phần"}, "percent": percent, "basis": basis(stated),
                   "basis_by_rule": basis(by_rule)})
        });
        let finding = judge(&claim("shares", &json!({"shares": shares})));
        let why = finding.why(Lang::English, &catalogue());
        assert_eq!(finding.verdict, verdict, "{why}");
        assert!(why.contains(said) && !why.contains(not_said), "{why}");
    }
}

/// Verdict, the percentage as a card shows it, and a part of the sentence.
#[test]
fn a_claim_is_judged_by_its_own_parts() {
    use Verdict::{AddsUp, CannotBeChecked, Contradicts};
    let catalogue = catalogue();
    let mixed = json!({
        "claimed_percent": "8.4", "decimals": 1,
        "numerator": part(84, "household"), "denominator": part(1000, "person"),
    });
    for (check, parts, verdict, shown, why) in [
        ("ratio", ratio(118, 248, "47.58"), AddsUp, Some("47.58"), "47.58 %, as published"),
        ("ratio", ratio(118, 380, "47.58"), Contradicts, Some("31.05"), "31.05 %, but 47.58 %"),
        // As many decimals as were published, and no more are cut off or asked for.
        ("ratio", ratio(118, 248, "47.6"), AddsUp, Some("47.58"), "47.6 %, as published"),
        ("ratio", ratio(118, 248, "47.5"), Contradicts, Some("47.58"), "47.6 %, but 47.5 %"),
        ("ratio", ratio(118, 248, "48"), AddsUp, Some("47.58"), "48 %, as published"),
        ("ratio", ratio(1, 30, "3.3333"), AddsUp, Some("3.3333"), "3.3333 %, as"),
        // 12.34499 % is 12.34 % when it is rounded once, and 12.35 % when twice.
        ("ratio", ratio(1_234_499, 10_000_000, "12.3"), AddsUp, Some("12.34"), "12.3 %, as"),
        ("ratio", ratio(1, 0, "1"), CannotBeChecked, None, "no parts"),
        ("ratio", mixed, Contradicts, None, "numerator counts households, the denominator people"),
        ("shares", shares(&[("60", "a"), ("40", "a")]), AddsUp, Some("100"), "sum to 100 % on one"),
        (
            "shares",
            shares(&[("33.3", "a"), ("33.3", "a"), ("33.3", "a")]),
            AddsUp,
            Some("99.9"),
            "sum to 99.9 % on one basis; rounding",
        ),
        ("shares", shares(&[("50.1", "a"), ("50", "a")]), AddsUp, Some("100.1"), "rounding"),
        ("shares", shares(&[("50.1", "a"), ("50.0", "a")]), AddsUp, Some("100.1"), "rounding"),
        (
            "shares",
            shares(&[("50.2", "a"), ("50.0", "a")]),
            Contradicts,
            Some("100.2"),
            "not to 100",
        ),
        (
            "shares",
            shares(&[("33.333", "a"), ("66.664", "a")]),
            Contradicts,
            Some("99.997"),
            "sum to 99.997 %, not to 100 %.",
        ),
        (
            "shares",
            shares(&[("60", "a"), ("40", "b")]),
            Contradicts,
            Some("100"),
            "cannot be added",
        ),
        ("shares", shares(&[("60", "a"), ("42", "b")]), Contradicts, Some("102"), "because they"),
        ("unit_of_count", json!({"claimed_counted": "household"}), AddsUp, None, "is households"),
        (
            "unit_of_count",
            json!({"claimed_counted": "person"}),
            Contradicts,
            None,
            "speaks of people",
        ),
        ("equality", equality(&[7, 21], 28), AddsUp, None, "sum to 28, as"),
        ("equality", equality(&[7, 21], 1028), Contradicts, None, "sum to 28, but 1,028"),
        ("equality", equality(&[i64::MAX, 1], 1), CannotBeChecked, None, "no parts"),
        ("none", json!({}), CannotBeChecked, None, "no parts"),
    ] {
        let finding = judge(&claim(check, &parts));
        let said = finding.why(Lang::English, &catalogue);
        assert_eq!(finding.verdict, verdict, "{parts}: {said}");
        assert_eq!(finding.computed_words(Lang::English).as_deref(), shown, "{parts}");
        assert!(said.contains(why), "{parts}: {said}");
    }
}
