//! Rules in tables: what holds, what does not, and what is said.

use std::collections::BTreeMap;

use lang::Lang;
use packs::{Catalogue, Operator, Rule, Severity, Words};

use super::rules::stands_out;
use super::*;

fn rule(operator: Operator, left: &[&str], right: &[&str]) -> Rule {
    let codes = |list: &[&str]| list.iter().map(|code| (*code).to_owned()).collect();
    Rule {
        code: "rule".to_owned(),
        words: Words { vi: "Xem lại.".to_owned(), ..Words::default() },
        severity: Severity::Warning,
        operator,
        left: codes(left),
        right: codes(right),
        percent: operator.wants_percent().then(|| "10".to_owned()),
        limit: operator.wants_limit().then(|| "3.5".to_owned()),
    }
}

fn values(list: &[(&str, i64)]) -> BTreeMap<String, i64> {
    list.iter().map(|(code, value)| ((*code).to_owned(), *value)).collect()
}

fn found(rule: &Rule, numbers: &Numbers) -> Vec<Finding> {
    judge(&Catalogue::default(), std::slice::from_ref(rule), numbers)
}

#[test]
fn comparisons_hold_or_not_and_say_nothing_of_what_is_not_known() {
    use Operator::{AtLeast, AtMost, Less, More, Same};
    for (operator, own, holds) in [
        (AtMost, vec![("a", 3), ("b", 4), ("whole", 7)], true),
        (AtMost, vec![("a", 4), ("b", 4), ("whole", 7)], false),
        (AtMost, vec![("a", 4), ("b", 4)], true),
        (AtMost, vec![("a", 40), ("whole", 7)], true),
        (AtMost, vec![], true),
        (AtMost, vec![("a", i64::MAX), ("b", i64::MAX), ("whole", 7)], true),
        (Same, vec![("a", 3), ("b", 4), ("whole", 7)], true),
        (Same, vec![("a", 3), ("b", 3), ("whole", 7)], false),
        (Same, vec![("a", 0), ("b", 0), ("whole", 0)], true),
        (Less, vec![("a", 3), ("b", 4), ("whole", 7)], false),
        (More, vec![("a", 3), ("b", 5), ("whole", 7)], true),
        (AtLeast, vec![("a", 3), ("b", 3), ("whole", 7)], false),
    ] {
        let rule = rule(operator, &["a", "b"], &["whole"]);
        let numbers = Numbers { own: values(&own), ..Numbers::default() };
        assert_eq!(found(&rule, &numbers).is_empty(), holds, "{operator:?} {own:?}");
    }
}

#[test]
fn what_is_reported_together_is_all_there_or_not_at_all() {
    let rule = rule(Operator::Together, &["a", "b"], &[]);
    for (own, holds) in [
        (vec![], true),
        (vec![("a", 0)], false),
        (vec![("b", 1)], false),
        (vec![("a", 0), ("b", 0)], true),
    ] {
        let numbers = Numbers { own: values(&own), ..Numbers::default() };
        assert_eq!(found(&rule, &numbers).is_empty(), holds, "{own:?}");
    }
}

#[test]
fn the_period_before_is_a_border_within_some_percent() {
    let below = rule(Operator::NotBelowPrevious, &["a"], &[]);
    let above = rule(Operator::NotAbovePrevious, &["a"], &[]);
    for (before, now, low, high) in [
        (100, 90, false, false),
        (100, 89, true, false),
        (100, 110, false, false),
        (100, 111, false, true),
        (0, 0, false, false),
        (0, 1, false, true),
        (10, 0, true, false),
    ] {
        let past = vec![values(&[]), values(&[("a", before)])];
        let numbers = Numbers { own: values(&[("a", now)]), past, ..Numbers::default() };
        assert_eq!(!found(&below, &numbers).is_empty(), low, "{before} {now}");
        assert_eq!(!found(&above, &numbers).is_empty(), high, "{before} {now}");
    }
    // The period just before is not known, although an earlier one is.
    let past = vec![values(&[("a", 100)]), values(&[])];
    let numbers = Numbers { own: values(&[("a", 1)]), past, ..Numbers::default() };
    assert!(found(&below, &numbers).is_empty());
    let past = vec![values(&[("a", 200)])];
    let numbers = Numbers { own: values(&[("a", 150)]), past, ..Numbers::default() };
    let said = found(&below, &numbers)[0].text.say(Lang::Vietnamese);
    assert!(said.starts_with("Xem lại.") && said.contains("\u{2212}25,0%"), "{said}");
}

/// Scores by hand: 0.6745 times the distance from the median over the median distance, with a
/// spread of at least one and of two in a hundred of the median.
#[test]
fn outliers_by_the_robust_score() {
    for (own, others, limit, expected) in [
        // Median 100, distances 2 1 0 1 2: their median 1, but two in a hundred are 2. 115 scores
        // 0.6745 · 15 / 2 = 5.06, 110 scores 3.37.
        (115, vec![98, 99, 100, 101, 102], 350, true),
        (110, vec![98, 99, 100, 101, 102], 350, false),
        (90, vec![98, 99, 100, 101, 102], 350, false),
        (85, vec![98, 99, 100, 101, 102], 350, true),
        // Median 5, distances 4 2 0 2 4: their median 2; 16 scores 3.71, 15 scores 3.37.
        (16, vec![1, 3, 5, 7, 9], 350, true),
        (15, vec![1, 3, 5, 7, 9], 350, false),
        // An even number: median 2.5, distances 1.5 .5 .5 1.5: their median 1; 8 scores 3.71.
        (8, vec![1, 2, 3, 4], 350, true),
        (7, vec![1, 2, 3, 4], 350, false),
        // Always the same: a spread of one, or of two in a hundred.
        (5, vec![0, 0, 0, 0, 0], 350, false),
        (6, vec![0, 0, 0, 0, 0], 350, true),
        (1100, vec![1000; 8], 350, false),
        (1110, vec![1000; 8], 350, true),
        // One that stood out before does not hide the next.
        (500, vec![100, 101, 99, 100, 700, 100], 350, true),
        (115, vec![98, 99, 100, 101, 102], 600, false),
        (1_000_000_000_000, vec![0, 1, 2, 1_000_000_000_000], 350, true),
    ] {
        assert_eq!(stands_out(own, &others, limit), expected, "{own} {others:?} {limit}");
    }
}

#[test]
fn a_unit_is_held_against_its_own_past_in_words() {
    let rule = rule(Operator::LikeOwnPast, &["a"], &[]);
    let past = |list: &[i64]| list.iter().map(|value| values(&[("a", *value)])).collect::<Vec<_>>();
    for (now, before, expected) in [
        (504, vec![118, 119, 120, 120, 121, 122, 118, 124], true),
        (125, vec![118, 119, 120, 120, 121, 122, 118, 124], false),
        // Three periods say nothing.
        (504, vec![120, 120, 120], false),
        (504, vec![120, 120, 120, 120], true),
    ] {
        let own = values(&[("a", now)]);
        let numbers = Numbers { own, past: past(&before), ..Numbers::default() };
        assert_eq!(!found(&rule, &numbers).is_empty(), expected, "{now} {before:?}");
    }
    let own = values(&[("a", 504)]);
    let before = past(&[118, 119, 120, 120, 121, 122, 118, 124]);
    let numbers = Numbers { own, past: before, ..Numbers::default() };
    let said = found(&rule, &numbers)[0].text.say(Lang::Vietnamese);
    assert!(said.contains("gấp 4,2 lần trung vị của 8 kỳ trước (120)"), "{said}");
}

#[test]
fn a_unit_is_held_against_its_neighbours_by_size() {
    let rule = rule(Operator::LikeSiblings, &["a"], &["size"]);
    let beside = |list: &[(i64, i64)]| {
        list.iter().map(|(a, size)| values(&[("a", *a), ("size", *size)])).collect::<Vec<_>>()
    };
    let usual = [(50, 100), (104, 200), (147, 300), (51, 100), (99, 200), (153, 300)];
    for (own, siblings, expected) in [
        ((250, 500), &usual[..], false),
        ((250, 100), &usual[..], true),
        ((1, 100), &usual[..], true),
        // Nothing can be said of a unit without size, nor beside fewer than five.
        ((250, 0), &usual[..], false),
        ((250, 100), &usual[..4], false),
    ] {
        let own = values(&[("a", own.0), ("size", own.1)]);
        let numbers = Numbers { own, siblings: beside(siblings), past: Vec::new() };
        assert_eq!(!found(&rule, &numbers).is_empty(), expected, "{numbers:?}");
    }
}

#[test]
fn a_finding_is_known_by_the_numbers_behind_it() {
    let rule = rule(Operator::AtMost, &["a"], &["whole"]);
    let numbers = |own: &[(&str, i64)]| {
        let numbers = Numbers { own: values(own), ..Numbers::default() };
        found(&rule, &numbers)[0].numbers
    };
    let first = numbers(&[("a", 9), ("whole", 7)]);
    assert_eq!(first, numbers(&[("a", 9), ("whole", 7), ("other", 1)]));
    assert_ne!(first, numbers(&[("a", 9), ("whole", 6)]));
    assert_ne!(first, numbers(&[("a", 8), ("whole", 7)]));
}
