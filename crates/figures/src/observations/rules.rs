//! What a report, or its correction, means for the cells.

use std::collections::BTreeMap;

use base::Day;
use journal::Cell;

/// The levels of a stock in one unit, by day, as they were reported.
pub(crate) type Levels = BTreeMap<Day, i64>;

/// What a posting adds to its cell, and the day on which it counts.
pub(crate) type Line = (Day, Cell);

/// The postings of reporting a level. The levels of later days stay what they are.
///
/// A first report of zero changes no sum, but a record stands behind it: reported is not the same
/// as no data.
pub(crate) fn report_level(levels: &Levels, day: Day, value: i64) -> Vec<Line> {
    let before = before(levels, day);
    let mut lines = vec![comes(day, value - before)];
    if let Some(later) = after(levels, day) {
        lines.push((later, Cell { sum: before - value, records: 0 }));
    }
    lines
}

/// The postings of taking back the level of a day: what its report meant is reversed, for its own
/// day and for the next that was reported.
pub(crate) fn withdraw_level(levels: &Levels, day: Day, value: i64) -> Vec<Line> {
    let before = before(levels, day);
    let mut lines = vec![goes(day, value - before)];
    if let Some(later) = after(levels, day) {
        lines.push((later, Cell { sum: value - before, records: 0 }));
    }
    lines
}

/// The postings of reporting a flow.
pub(crate) fn report_flow(day: Day, value: i64) -> Vec<Line> {
    vec![comes(day, value)]
}

/// The postings of taking back a flow.
pub(crate) fn withdraw_flow(day: Day, value: i64) -> Vec<Line> {
    vec![goes(day, value)]
}

fn comes(day: Day, value: i64) -> Line {
    (day, Cell { sum: value, records: 1 })
}

fn goes(day: Day, value: i64) -> Line {
    (day, Cell { sum: -value, records: -1 })
}

fn before(levels: &Levels, day: Day) -> i64 {
    levels.range(..day).next_back().map_or(0, |(_, level)| *level)
}

fn after(levels: &Levels, day: Day) -> Option<Day> {
    levels.range(day.plus(1)..).next().map(|(day, _)| *day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stock_on(lines: &[Line], day: Day) -> Option<i64> {
        let until = lines.iter().filter(|(on, _)| *on <= day).map(|(_, cell)| *cell);
        until.fold(Cell::default(), |sum, more| sum.checked_add(more).unwrap()).known()
    }

    proptest! {
        /// In whatever order levels are reported, corrected and withdrawn, the sum of postings up
        /// to a day is the level last reported for it, and nothing where none stands.
        #[test]
        fn the_sum_of_postings_is_the_level(
            steps in prop::collection::vec((0_i32..12, prop::option::weighted(0.7, 0_i64..100)), 1..60)
        ) {
            let (mut levels, mut lines) = (Levels::new(), Vec::new());
            for (day, value) in steps {
                let day = Day(day);
                if let Some(old) = levels.remove(&day) {
                    lines.extend(withdraw_level(&levels, day, old));
                }
                if let Some(value) = value {
                    lines.extend(report_level(&levels, day, value));
                    levels.insert(day, value);
                }
                for day in (0..12).map(Day) {
                    let level = levels.range(..=day).next_back().map(|(_, level)| *level);
                    prop_assert_eq!(stock_on(&lines, day), level);
                }
            }
        }
    }
}
