//! Campaigns: points and places in tables, what holds for any scores, and the work in a round.

mod work;
mod world;

use packs::Direction;
use proptest::prelude::*;

use crate::campaigns::rules::{Ask, Score, class, points, rank, read_points};

#[test]
fn points_grow_with_what_was_achieved_up_to_the_most() {
    let up = Ask { most: 2000, wanted: 5000, direction: Direction::Up };
    let down = Ask { direction: Direction::Down, wanted: 500, ..up };
    for (ask, achieved, expected) in [
        (up, None, 0),
        (up, Some(0), 0),
        (up, Some(2500), 1000),
        (up, Some(4999), 2000),
        (up, Some(4998), 1999),
        (up, Some(5000), 2000),
        (up, Some(9900), 2000),
        (up, Some(1), 0),
        (up, Some(2), 1),
        (Ask { wanted: 0, ..up }, Some(0), 2000),
        (Ask { wanted: 3, most: 1000, ..up }, Some(1), 333),
        (Ask { wanted: 3, most: 1000, ..up }, Some(2), 667),
        (down, Some(500), 2000),
        (down, Some(0), 2000),
        (down, Some(1000), 1000),
        (down, None, 0),
        (Ask { wanted: i64::MAX, most: i64::MAX, ..up }, Some(i64::MAX - 1), i64::MAX - 1),
    ] {
        assert_eq!(points(ask, achieved), expected, "{ask:?} {achieved:?}");
    }
}

#[test]
fn equals_are_told_apart_by_the_criteria_named_and_else_share_a_place() {
    let score = |unit: &'static str, points: [i64; 2], adjusted| Score {
        unit,
        points: points.into(),
        adjusted,
    };
    let scores = vec![
        score("a", [500, 500], 0),
        score("b", [400, 600], 0),
        score("c", [600, 400], 0),
        score("d", [500, 500], 0),
        score("e", [0, 0], -300),
        score("f", [500, 400], 150),
    ];
    let places = |ties: &[usize]| -> Vec<(&str, usize, usize)> {
        let placed = rank(scores.clone(), ties);
        placed.iter().map(|it| (it.score.unit, it.place, it.shared_by)).collect()
    };
    assert_eq!(
        places(&[]),
        [("f", 1, 1), ("a", 2, 4), ("b", 2, 4), ("c", 2, 4), ("d", 2, 4), ("e", 6, 1)]
    );
    assert_eq!(
        places(&[0]),
        [("f", 1, 1), ("c", 2, 1), ("a", 3, 2), ("d", 3, 2), ("b", 5, 1), ("e", 6, 1)]
    );
    assert_eq!(rank(scores.clone(), &[])[5].score.total(), 0, "never below zero");
}

#[test]
fn a_class_is_the_highest_whose_points_are_reached() {
    let from = [9000, 8000, 5000];
    for (total, expected) in
        [(10_000, Some(0)), (9000, Some(0)), (8999, Some(1)), (5000, Some(2)), (4999, None)]
    {
        assert_eq!(class(total, &from), expected, "{total}");
    }
    assert_eq!(class(0, &[]), None);
}

proptest! {
    #[test]
    fn more_achieved_never_gives_fewer_points(
        most in 0_i64..100_000, wanted in 0_i64..100_000, achieved in 0_i64..200_000, more in 0_i64..10_000
    ) {
        for direction in [Direction::Up, Direction::Down] {
            let ask = Ask { most, wanted, direction };
            let (less, more) = (points(ask, Some(achieved)), points(ask, Some(achieved + more)));
            prop_assert!((0..=most).contains(&less));
            let (worse, better) =
                if direction == Direction::Up { (less, more) } else { (more, less) };
            prop_assert!(worse <= better);
        }
    }

    #[test]
    fn places_follow_the_totals_whatever_the_order(
        totals in prop::collection::vec((0_i64..20, 0_i64..20), 0..40), turn in 0_usize..40
    ) {
        let scores: Vec<Score<usize>> = totals
            .iter()
            .enumerate()
            .map(|(unit, (one, two))| Score { unit, points: vec![*one, *two], adjusted: 0 })
            .collect();
        let placed = rank(scores.clone(), &[0]);
        for pair in placed.windows(2) {
            let key = |at: usize| (pair[at].score.total(), pair[at].score.points[0]);
            prop_assert!(key(0) >= key(1));
            prop_assert_eq!(key(0) == key(1), pair[0].place == pair[1].place);
        }
        let mut turned = scores;
        let middle = turn % turned.len().max(1);
        turned.rotate_left(middle);
        let mut again: Vec<_> =
            rank(turned, &[0]).iter().map(|it| (it.score.unit, it.place)).collect();
        let mut first: Vec<_> = placed.iter().map(|it| (it.score.unit, it.place)).collect();
        again.sort_unstable();
        first.sort_unstable();
        prop_assert_eq!(again, first);
    }
}

#[test]
fn points_are_read_as_people_write_them() {
    for (text, expected) in [
        ("2", Some(200)),
        (" 2,5 ", Some(250)),
        ("2.25", Some(225)),
        ("+1", Some(100)),
        ("-1,5", Some(-150)),
        ("\u{2212}0,75", Some(-75)),
        ("–3", Some(-300)),
        ("0", Some(0)),
        ("", None),
        ("-", None),
        (",5", None),
        ("1,234", None),
        ("1.2.3", None),
        ("hai", None),
        ("--1", None),
        ("9999999", None),
    ] {
        assert_eq!(read_points(text), expected, "{text:?}");
    }
}
