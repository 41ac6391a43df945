//! Targets: the arithmetic in tables, and what holds for any series.

use base::Day;
use packs::Direction;
use proptest::prelude::*;

use super::follow::follow;
use super::rules::{Goal, Point, Status, standing, sums};
use crate::Sight;
use crate::pages::tests::Program;
use crate::pages::tests::targets::plan;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// 30 % by the end of September and 80 % by the end of the year, in hundredths of a percent.
fn goal(by: &str, value: i64) -> Goal {
    Goal { from: day("2022-01-01"), by: day(by), value, direction: Direction::Up }
}

fn series(values: &[(&str, Option<i64>)]) -> Vec<Point> {
    values.iter().map(|(on, value)| Point { day: day(on), value: *value }).collect()
}

const QUARTERS: [&str; 4] = ["2022-03-31", "2022-06-30", "2022-09-30", "2022-12-31"];

#[test]
fn a_target_is_told_in_one_word() {
    let q = |values: &[i64]| -> Vec<Point> {
        QUARTERS
            .iter()
            .zip(values)
            .map(|(on, it)| Point { day: day(on), value: Some(*it) })
            .collect()
    };
    let end = "2022-12-31";
    for (values, value, by, today, status) in [
        (q(&[]), 8000, end, "2022-10-05", Status::NoData),
        (q(&[]), 8000, end, "2023-01-01", Status::NoData),
        // One value tells no pace, whatever it is.
        (q(&[1000]), 8000, end, "2022-04-05", Status::TooFew),
        (q(&[8000]), 8000, end, "2022-04-05", Status::Reached),
        (q(&[1000]), 8000, end, "2023-01-01", Status::Missed),
        (q(&[1000, 3000, 5900]), 8000, end, "2022-10-05", Status::OnTrack),
        (q(&[1000, 2000, 3000]), 8000, end, "2022-10-05", Status::Behind),
        (q(&[1000, 2000, 8000]), 8000, end, "2022-10-05", Status::Reached),
        // Fallen back below it: reached once is not reached.
        (q(&[1000, 8100, 7000]), 8000, end, "2022-10-05", Status::OnTrack),
        (q(&[1000, 2000, 3000, 7999]), 8000, end, "2023-01-01", Status::Missed),
        (q(&[1000, 2000, 3000, 8000]), 8000, end, "2023-01-01", Status::Reached),
        // What is reached after the day is too late.
        (q(&[1000, 2000, 2999, 9000]), 3000, "2022-09-30", "2023-01-01", Status::Missed),
        // A quarter that is not over does not count yet.
        (q(&[1000, 2000, 8000]), 8000, end, "2022-09-30", Status::Behind),
        // Two points: the straight way to the goal is 1000 + 7000 × 91/275 = 3316.
        (q(&[1000, 3316]), 8000, end, "2022-07-05", Status::OnTrack),
        (q(&[1000, 3315]), 8000, end, "2022-07-05", Status::Behind),
    ] {
        let found = standing(goal(by, value), &values, day(today));
        assert_eq!(found.status, status, "{values:?} {value} {by} {today}: {found:?}");
    }
}

#[test]
fn what_is_missing_and_what_a_month_must_bring_is_counted_from_the_newest_value() {
    let values = series(&[
        ("2021-12-31", Some(9)),
        ("2022-03-31", Some(1000)),
        ("2022-06-30", Some(2000)),
        ("2022-09-30", Some(3000)),
        ("2022-12-31", None),
    ]);
    let found = standing(goal("2022-12-31", 8000), &values, day("2022-10-05"));
    assert_eq!(found.latest, Some((day("2022-09-30"), 3000)));
    assert_eq!(found.missing, Some(5000));
    // 5000 in 92 days, 30.44 days a month.
    assert_eq!(found.pace_needed, Some(1654));
    // 1000 in each of 91 and 92 days: a slope of 183000/16744.67 a day through their mean.
    assert_eq!((found.pace, found.forecast, found.forecast_points), (Some(333), Some(4007), 3));
    assert_eq!(found.expected, Some(1000 + 7000 * 183 / 275));
    assert_eq!(found.behind_since, Some(day("2022-06-30")));
}

#[test]
fn fewer_is_better_where_the_indicator_says_so() {
    let down = Goal { direction: Direction::Down, ..goal("2022-12-31", 500) };
    let values = |last| {
        series(&[("2022-03-31", Some(900)), ("2022-06-30", Some(800)), ("2022-09-30", Some(last))])
    };
    for (last, status) in [
        (500, Status::Reached),
        (499, Status::Reached),
        (590, Status::OnTrack),
        (790, Status::Behind),
    ] {
        assert_eq!(standing(down, &values(last), day("2022-10-01")).status, status, "{last}");
    }
    assert_eq!(standing(down, &values(790), day("2022-10-01")).missing, Some(-290));
}

#[test]
fn since_when_it_is_behind_is_the_beginning_of_the_last_run() {
    let values = series(&[
        ("2022-01-31", Some(100)),
        ("2022-02-28", Some(120)),
        ("2022-03-31", Some(2900)),
        ("2022-04-30", Some(3000)),
        ("2022-05-31", Some(3000)),
        ("2022-06-30", Some(3000)),
        ("2022-07-31", Some(3000)),
    ]);
    let found = standing(goal("2022-12-31", 8000), &values, day("2022-08-01"));
    assert_eq!(found.status, Status::Behind);
    assert_eq!(found.behind_since, Some(day("2022-06-30")), "{found:?}");
    let reached = standing(goal("2022-12-31", 2500), &values, day("2022-08-01"));
    assert_eq!((reached.status, reached.behind_since), (Status::Reached, None));
}

#[test]
fn what_happened_adds_up_and_a_period_without_data_has_no_sum() {
    let of = |values: &[Option<i64>], from| {
        let points = QUARTERS.iter().zip(values);
        let points: Vec<Point> =
            points.map(|(on, value)| Point { day: day(on), value: *value }).collect();
        let sums: Vec<Option<i64>> = sums(&points, day(from)).iter().map(|it| it.value).collect();
        sums
    };
    for (values, from, expected) in [
        ([Some(5), Some(7), None, Some(1)], "2022-01-01", [Some(5), Some(12), None, Some(13)]),
        ([Some(5), Some(7), Some(0), None], "2022-04-01", [None, Some(7), Some(7), None]),
        ([None, None, None, Some(2)], "2022-01-01", [None, None, None, Some(2)]),
    ] {
        assert_eq!(of(&values, from), expected, "{values:?} {from}");
    }
}

/// A count over five years, of which the program knows two quarters.
const YEARS: &str = "[[targets]]\ncode = \"filed\"\nplan = \"years\"\ntitle = { vi = \"Hồ sơ\" }\n\
    said = { vi = \"1.000.000 hồ sơ\" }\nindicator = \"filed\"\nvalues = [\n\
    { levels = [\"province\"], value = \"1000000\", by = \"2025-12-31\" },\n]\n";

#[tokio::test]
async fn a_count_is_asked_for_every_quarter_since_it_is_followed() {
    let program = Program::filled().await;
    program.apply(&plan("years", "2020-07-01", YEARS)).await;
    let mut tx = program.desk.database().read().await.unwrap();
    let catalogue = program.desk.catalogue(&mut tx).await.unwrap();
    let found = catalogue.targets().into_iter().find(|(_, target)| target.code == "filed").unwrap();
    let (atlas, seen) = (&program.desk.atlas, (None, Sight::Public));
    let days = (day("2025-10-05"), None);
    let followed = follow(&mut tx, atlas, &catalogue, found, days, seen).await.unwrap().unwrap();
    assert_eq!((followed.periods[0].code.as_str(), followed.periods.len()), ("2020-Q3", 21));
    let city = program.territory().await.by_code("92", days.0).unwrap().unit;
    let course = followed.course(city, territory::Level::Province).unwrap();
    let of = |at: usize| followed.answer.get(city, at).value(&followed.indicator).unwrap();
    // Nobody has reported for quarter III.
    assert_eq!(course.standing.latest, Some((day("2025-06-30"), of(18) + of(19))));
    assert_eq!(course.standing.forecast_points, 0, "two values make no line");
}

proptest! {
    #[test]
    fn a_straight_series_is_forecast_exactly(
        first in 0_i64..5_000, step in -300_i64..300, count in 3_usize..20, ahead in 1_i32..400
    ) {
        let start = day("2022-01-31");
        let values: Vec<Point> = (0..count)
            .map(|at| Point { day: start.plus(at as i32 * 10), value: Some(first + at as i64 * step) })
            .collect();
        let last = values[count - 1].day;
        let by = last.plus(ahead * 10);
        let goal = Goal { from: day("2022-01-01"), by, value: 1_000_000, direction: Direction::Up };
        let found = standing(goal, &values, last.plus(1));
        let expected = first + (count as i64 - 1 + i64::from(ahead)) * step;
        prop_assert_eq!(found.forecast, Some(expected));
    }

    #[test]
    fn whatever_the_series_the_parts_agree(
        values in prop::collection::vec(prop::option::of(0_i64..20_000), 0..12),
        value in 0_i64..20_000, up: bool, today in 0_i32..500
    ) {
        let start = day("2022-01-31");
        let series: Vec<Point> = values
            .iter()
            .zip(0..)
            .map(|(value, at)| Point { day: start.plus(at * 30), value: *value })
            .collect();
        let direction = if up { Direction::Up } else { Direction::Down };
        let goal = Goal { from: start, by: start.plus(300), value, direction };
        let found = standing(goal, &series, start.plus(today));
        let is_over = today > 300;
        match found.status {
            Status::Reached => {
                prop_assert!(goal.is_met_by(found.latest.unwrap().1));
                prop_assert_eq!((found.missing, found.pace_needed), (Some(0), None));
            }
            Status::Missed => prop_assert!(is_over && found.latest.is_some()),
            Status::NoData => prop_assert!(found.latest.is_none()),
            Status::Behind | Status::OnTrack | Status::TooFew => {
                prop_assert!(!is_over && !goal.is_met_by(found.latest.unwrap().1));
                let count = series.iter().filter(|it| it.value.is_some() && it.day < start.plus(today));
                let is_one = count.count() == 1;
                prop_assert_eq!(is_one, found.status == Status::TooFew);
                if let Some(forecast) = found.forecast {
                    prop_assert_eq!(goal.is_met_by(forecast), found.status == Status::OnTrack);
                }
            }
        }
        prop_assert_eq!(found.is_over, is_over);
        let is_behind = matches!(found.status, Status::Behind | Status::Missed);
        if let Some(since) = found.behind_since {
            prop_assert!(is_behind && series.iter().any(|point| point.day == since));
        }
    }
}
