//! What a report, or its correction, means for the cells.

use std::collections::BTreeMap;

use base::Day;

/// The levels of a stock in one unit, by day, as they were reported.
pub(crate) type Levels = BTreeMap<Day, i64>;

/// The postings of setting a level: (day, delta). The levels of later days stay what they are.
///
/// A first report of zero gives a posting of zero: reported is not the same as no data.
pub(crate) fn set_level(levels: &Levels, day: Day, value: i64) -> Vec<(Day, i64)> {
    let before = before(levels, day);
    let mut lines = vec![(day, value - before)];
    if let Some((later, _)) = after(levels, day) {
        lines.push((later, before - value));
    }
    lines
}

/// The postings of changing the level of a day from `old` to `new`: what the old one meant is
/// reversed, what the new one means is entered, for its own day and for the next that was reported.
pub(crate) fn change_level(levels: &Levels, day: Day, old: i64, new: i64) -> Vec<(Day, i64)> {
    let before = before(levels, day);
    let mut lines = vec![(day, before - old), (day, new - before)];
    if let Some((later, level)) = after(levels, day) {
        lines.push((later, old - level));
        lines.push((later, level - new));
    }
    lines
}

/// The postings of changing a flow: the old number goes, the new one comes.
pub(crate) fn change_flow(day: Day, old: i64, new: i64) -> Vec<(Day, i64)> {
    vec![(day, -old), (day, new)]
}

fn before(levels: &Levels, day: Day) -> i64 {
    levels.range(..day).next_back().map_or(0, |(_, level)| *level)
}

fn after(levels: &Levels, day: Day) -> Option<(Day, i64)> {
    levels.range(day.plus(1)..).next().map(|(day, level)| (*day, *level))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stock_on(lines: &[(Day, i64)], day: Day) -> i64 {
        lines.iter().filter(|(on, _)| *on <= day).map(|(_, delta)| delta).sum()
    }

    proptest! {
        /// In whatever order levels are reported and corrected, the sum of postings up to a day
        /// is the level last reported for it.
        #[test]
        fn the_sum_of_postings_is_the_level(reports in prop::collection::vec((0_i32..12, 0_i64..100), 1..60)) {
            let (mut levels, mut lines) = (Levels::new(), Vec::new());
            for (day, value) in reports {
                let day = Day(day);
                match levels.get(&day) {
                    None => lines.extend(set_level(&levels, day, value)),
                    Some(old) => lines.extend(change_level(&levels, day, *old, value)),
                }
                levels.insert(day, value);
                for day in (0..12).map(Day) {
                    let level = levels.range(..=day).next_back().map_or(0, |(_, level)| *level);
                    prop_assert_eq!(stock_on(&lines, day), level);
                }
            }
        }
    }
}
