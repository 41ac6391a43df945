//! Indices: the arithmetic in tables, and what holds for any counts.

use packs::Direction;
use proptest::prelude::*;

use super::rules::{Reach, Step, Total, next_step, total};
use crate::campaigns::{Ask, points};

#[test]
fn the_next_point_takes_the_smallest_change_of_the_numerator() {
    // Six points for 80 %, in hundredths of a percent.
    let up = Ask { most: 600, wanted: 8000, direction: Direction::Up };
    let share =
        |numerator, denominator| Reach { numerator, denominator: Some(denominator), decimals: 2 };
    let count = |numerator| Reach { numerator, denominator: None, decimals: 0 };
    let down = Ask { wanted: 1000, direction: Direction::Down, ..up };
    let step = |by, gain| Some(Step { by, gain });
    for (ask, reach, expected) in [
        // 40 % give 3,00 points; 53,3 % give 3,9975, which is rounded to 4,00.
        (up, share(400, 1000), step(133, 100)),
        (up, share(4000, 10_000), step(1327, 100)),
        (up, share(0, 1000), step(133, 100)),
        // 5,63 points: 37 hundredths are missing, which is all that can be gained.
        (up, share(750, 1000), step(50, 37)),
        (up, share(800, 1000), None),
        (up, share(999, 1000), None),
        (up, share(0, 0), None),
        // A part cannot be more than its whole.
        (Ask { wanted: 20_000, ..up }, share(90, 100), None),
        (Ask { wanted: 20_000, ..up }, share(50, 100), step(34, 102)),
        (Ask { wanted: 30, most: 600, direction: Direction::Up }, count(10), step(5, 100)),
        (Ask { wanted: 2, most: 600, direction: Direction::None }, count(0), step(1, 300)),
        // Fewer are better: 20 % where 10 % are wanted give 3,00.
        (down, share(200, 1000), step(-50, 100)),
        (down, share(1000, 1000), step(-624, 100)),
        (down, share(100, 1000), None),
        (down, share(105, 1000), step(-5, 29)),
    ] {
        assert_eq!(next_step(ask, reach), expected, "{ask:?} {reach:?}");
    }
}

#[test]
fn what_is_not_measured_is_neither_nothing_nor_the_same_share() {
    for (all, measured, expected) in [
        (10_000, vec![], Total { measured: 0, possible: 0, unmeasured: 10_000 }),
        (10_000, vec![(1050, 1200)], Total { measured: 1050, possible: 1200, unmeasured: 8800 }),
        (1200, vec![(0, 600), (600, 600)], Total { measured: 600, possible: 1200, unmeasured: 0 }),
    ] {
        assert_eq!(total(all, measured), expected);
    }
}

proptest! {
    #[test]
    fn the_step_is_enough_and_one_less_is_not(
        most in 1_i64..2000, wanted in 1_i64..12_000, below in 1_i64..5000, part in 0.0_f64..1.0,
        down: bool
    ) {
        let numerator = (below as f64 * part) as i64;
        let direction = if down { Direction::Down } else { Direction::Up };
        let ask = Ask { most, wanted, direction };
        let reach = Reach { numerator, denominator: Some(below), decimals: 2 };
        let with = |numerator| points(ask, Reach { numerator, ..reach }.value());
        let now = with(numerator);
        let goal = (now + 100).min(most);
        match next_step(ask, reach) {
            Some(Step { by, gain }) => {
                prop_assert!(by != 0 && (by < 0) == down);
                prop_assert!((0..=below).contains(&(numerator + by)));
                prop_assert_eq!(with(numerator + by), now + gain);
                prop_assert!(now + gain >= goal);
                prop_assert!(with(numerator + by - by.signum()) < goal);
            }
            None => {
                let best = if down { 0 } else { below };
                prop_assert!(now == most || with(best) < goal);
            }
        }
    }

    #[test]
    fn points_measured_and_not_make_up_all(
        parts in prop::collection::vec((0_i64..500, 0_i64..500), 0..20), more in 0_i64..10_000
    ) {
        let measured: Vec<(i64, i64)> =
            parts.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
        let all = measured.iter().map(|(_, most)| most).sum::<i64>() + more;
        let sum = total(all, measured);
        prop_assert_eq!(sum.possible + sum.unmeasured, all);
        prop_assert!(sum.measured <= sum.possible);
    }
}
