//! What is told, and which addresses are taken: tables, and what holds for anything.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::reports::{Cell, PartSaid};
use crate::targets::Status;

fn standing(status: Status, by: &str) -> State {
    State::Target(Standing {
        status,
        value: Some(4000),
        on: None,
        wanted: 5000,
        by: by.parse().unwrap(),
        since: None,
        decimals: Some(2),
    })
}

#[test]
fn of_a_target_what_matters_is_told() {
    use Event::{CaughtUp, FellBehind, Missed, Reached};
    let (june, december) = ("2025-06-30", "2025-12-31");
    for (before, now, event) in [
        (Status::OnTrack, Status::Behind, Some(FellBehind)),
        (Status::NoData, Status::Behind, Some(FellBehind)),
        (Status::Reached, Status::Behind, Some(FellBehind)),
        (Status::Behind, Status::OnTrack, Some(CaughtUp)),
        (Status::Behind, Status::Reached, Some(Reached)),
        (Status::OnTrack, Status::Reached, Some(Reached)),
        (Status::Missed, Status::Reached, Some(Reached)),
        (Status::Behind, Status::Missed, Some(Missed)),
        (Status::NoData, Status::Missed, Some(Missed)),
        // Nobody is told that it was missed when nobody knows.
        (Status::Missed, Status::NoData, None),
        (Status::NoData, Status::OnTrack, None),
        (Status::NoData, Status::TooFew, None),
        (Status::TooFew, Status::OnTrack, None),
        (Status::TooFew, Status::Behind, Some(FellBehind)),
        (Status::Reached, Status::OnTrack, None),
        (Status::Behind, Status::NoData, None),
        (Status::Behind, Status::Behind, None),
    ] {
        let told = compare(&standing(before, december), &standing(now, december));
        let told = told.map(|change| match change {
            Change::Target { event, .. } => event,
            other => panic!("{other:?}"),
        });
        assert_eq!(told, event, "{before:?} {now:?}");
    }
    // Another goal follows one that was not reached: it is not caught up with by that.
    let next = compare(&standing(Status::Behind, june), &standing(Status::OnTrack, december));
    assert_eq!(next, None);
}

/// Value, reported, expected.
type Figure = (Option<i64>, u32, u32);

fn series(decimals: Option<u32>, figures: &[(&str, Figure)]) -> State {
    let figures = figures.iter().map(|(period, (value, reported, expected))| {
        let (value, reported, expected) = (*value, *reported, *expected);
        ((*period).to_owned(), Seen { value, reported, expected, hidden: false })
    });
    State::Indicator(Series { decimals, figures: figures.collect(), is_protected: false })
}

#[test]
fn of_an_indicator_a_figure_is_told_that_was_corrected_or_is_complete() {
    for (before, now, told) in [
        ((Some(1), 2, 2), (Some(1), 2, 2), None),
        ((Some(1), 2, 2), (Some(5), 2, 2), Some((Some(1), Some(5)))),
        // Corrected while others are still awaited.
        ((Some(1), 2, 9), (Some(5), 2, 9), Some((Some(1), Some(5)))),
        // Another one has reported: no news until all have.
        ((Some(1), 2, 9), (Some(5), 3, 9), None),
        ((None, 0, 9), (Some(5), 1, 9), None),
        ((Some(1), 8, 9), (Some(5), 9, 9), Some((None, Some(5)))),
        ((None, 0, 1), (Some(5), 1, 1), Some((None, Some(5)))),
        ((Some(5), 8, 9), (Some(5), 9, 9), Some((None, Some(5)))),
        // Withdrawn: from one of several, and altogether.
        ((Some(5), 9, 9), (Some(4), 8, 9), Some((Some(5), Some(4)))),
        ((Some(5), 1, 1), (None, 0, 1), Some((Some(5), None))),
        // That more are to report changes no figure.
        ((Some(5), 9, 9), (Some(5), 9, 12), None),
        ((None, 0, 1), (None, 0, 1), None),
    ] {
        let states = [before, now].map(|figure| series(Some(2), &[("Q2", figure)]));
        let expected = told.map(|(before, now)| Change::Indicator {
            decimals: Some(2),
            moved: vec![Moved { period: "Q2".to_owned(), before, now }],
        });
        assert_eq!(compare(&states[0], &states[1]), expected, "{before:?} {now:?}");
    }
    let complete = (Some(5), 1, 1);
    let (before, now) = (series(None, &[("Q1", complete)]), series(None, &[("Q2", complete)]));
    let Some(Change::Indicator { moved, .. }) = compare(&before, &now) else { panic!("nothing") };
    assert!(moved.len() == 1 && moved[0].period == "Q2", "a quarter that is over: {moved:?}");
    let finer = series(Some(1), &[("Q1", (Some(50), 1, 1))]);
    assert_eq!(compare(&before, &finer), None, "another precision");
    assert_eq!(compare(&before, &standing(Status::Behind, "2025-06-30")), None);
}

#[test]
fn addresses_in_use_are_taken_and_nothing_else() {
    for (text, taken) in [
        ("An@Example.VN", Some("an@example.vn")),
        ("  an.b+c@mail.haugiang.gov.vn ", Some("an.b+c@mail.haugiang.gov.vn")),
        ("an@localhost", None),
        ("an@127.0.0.1", None),
        ("an@[127.0.0.1]", None),
        ("\"an b\"@example.vn", None),
        ("an@example.vn, b@example.vn", None),
        ("an@example.vn\r\nBcc: b@example.vn", None),
        ("an@example.vn\0", None),
        ("<an@example.vn>", None),
        ("an@@example.vn", None),
        (".an@example.vn", None),
        ("an@-example.vn", None),
        ("ấp@example.vn", None),
        ("@example.vn", None),
        ("", None),
    ] {
        assert_eq!(address(text).ok().as_deref(), taken, "{text:?}");
    }
    assert!(address(&format!("{}@example.vn", "x".repeat(65))).is_err());
}

#[test]
fn the_site_is_an_address_without_a_path() {
    for (text, taken) in [
        ("https://SoGoc.example.gov.vn/", Some("sogoc.example.gov.vn")),
        ("http://localhost:8080", Some("localhost")),
        ("https://sogoc.example.gov.vn/x", None),
        ("sogoc.example.gov.vn", None),
        ("https://a b.vn", None),
        ("https://a.vn:99999", None),
        ("https://", None),
        ("https://a.vn\r\nX: y", None),
    ] {
        let site = Site::parse(text);
        assert_eq!(site.as_ref().ok().map(Site::host), taken, "{text:?}");
    }
    let site = Site::parse("http://localhost:8080/").unwrap();
    assert_eq!(site.url("/x"), "http://localhost:8080/x");
}

proptest! {
    #[test]
    fn what_is_the_same_has_not_changed_and_what_is_kept_can_be_read(
        figures in proptest::collection::btree_map(
            "[0-9]{4}-Q[1-4]", (any::<Option<i64>>(), 0_u32..5, 0_u32..5), 0..8),
        more in any::<i64>(),
    ) {
        let seen = |change: i64| -> BTreeMap<String, Seen> {
            let seen = figures.iter().map(|(period, (value, reported, expected))| {
                let value = value.map(|value| value ^ change);
                (period.clone(), Seen { value, reported: *reported, expected: *expected, hidden: false })
            });
            seen.collect()
        };
        let state = State::Indicator(Series { decimals: None, figures: seen(0), is_protected: false });
        prop_assert_eq!(compare(&state, &state), None);
        let kept: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        prop_assert_eq!(&kept, &state);
        let known = figures.values().filter(|(value, ..)| value.is_some()).count();
        let other = State::Indicator(Series { decimals: None, figures: seen(more | 1), is_protected: false });
        let count = compare(&state, &other).map_or(0, |change| match change {
            Change::Indicator { moved, .. } => moved.len(),
            _ => usize::MAX,
        });
        prop_assert_eq!(count, known);
    }

    #[test]
    fn nothing_in_an_address_can_end_a_line_or_name_another(text in "\\PC{0,40}@\\PC{0,40}|.{0,80}") {
        if let Ok(address) = address(&text) {
            let is_plain = |byte: u8| byte.is_ascii_graphic() && !b",;<>()[]\"\\:".contains(&byte);
            prop_assert!(address.bytes().all(is_plain), "{address:?}");
            prop_assert_eq!(address.matches('@').count(), 1);
        }
    }
}

fn since(numbers: &[(&str, i64)], ended: bool) -> State {
    let cell = |value: i64| Cell {
        value: Some(value),
        decimals: 0,
        numerator: Some(value),
        denominator: None,
        flags: Vec::new(),
        reported: 1,
        expected: 1,
    };
    let corrected = |(place, now): &(&str, i64)| {
        let (row, column) = ((*place).to_owned(), "Số hộ".to_owned());
        let (frozen, now) = (cell(100), Some(cell(*now)));
        let part = PartSaid::Value;
        ((*place).to_owned(), Corrected { row, column, part, frozen, now })
    };
    let ended = ended.then(|| Ending { reason: "sai".to_owned(), replaced_by: None });
    State::Publication(Since { corrected: numbers.iter().map(corrected).collect(), ended })
}

#[test]
fn of_a_publication_each_correction_is_told_once_and_that_it_is_right_again() {
    for (before, now, told) in [
        (since(&[], false), since(&[], false), None),
        (since(&[], false), since(&[("a", 90)], false), Some((vec![("a", 90)], false))),
        (since(&[("a", 90)], false), since(&[("a", 90)], false), None),
        (
            since(&[("a", 90)], false),
            since(&[("a", 90), ("b", 7)], false),
            Some((vec![("b", 7)], false)),
        ),
        (since(&[("a", 90)], false), since(&[("a", 80)], false), Some((vec![("a", 80)], false))),
        (since(&[("a", 90)], false), since(&[], false), Some((vec![("a", 100)], false))),
        (since(&[("a", 90)], false), since(&[("a", 90)], true), Some((vec![], true))),
        (since(&[], true), since(&[], true), None),
    ] {
        let change = compare(&before, &now).map(|change| match change {
            Change::Publication { corrected, ended } => (corrected, ended.is_some()),
            other => panic!("{other:?}"),
        });
        let value = |it: &Corrected| it.now.as_ref().unwrap().value.unwrap();
        let change = change.as_ref().map(|(corrected, ended)| {
            (corrected.iter().map(|it| (it.row.as_str(), value(it))).collect(), *ended)
        });
        assert_eq!(change, told, "{before:?} {now:?}");
    }
}
