//! The counts that stand around those that are about to come: nothing else decides what these mean.

use std::collections::{BTreeMap, BTreeSet};

use base::{Day, Result};
use lang::Text;
use store::Tx;
use territory::UnitId;

use super::model::Reported;
use super::rules::Levels;
use super::store::{self as sql, Neighbours};

/// What stands around days of each (unit, measure).
pub(super) type Known = BTreeMap<(UnitId, i64), Series>;

/// The counts of a measure that stand for one unit, as far as they were asked for.
#[derive(Default)]
pub(super) struct Series {
    /// By the day on which they count.
    pub(super) levels: Levels,
    /// The first day of each.
    from: BTreeMap<Day, Day>,
}

impl Series {
    pub(super) fn add(&mut self, reported: Reported, value: i64) {
        self.insert((reported.from(), reported.day()), value);
    }

    fn insert(&mut self, (from, day): (Day, Day), value: i64) {
        self.levels.insert(day, value);
        self.from.insert(day, from);
    }

    /// What was reported: a level holds on, a flow is for just these days.
    pub(super) fn holds_for(&self, reported: Reported) -> Option<i64> {
        match reported {
            Reported::On(day) => self.levels.range(..=day).next_back().map(|(_, level)| *level),
            Reported::Within(days) => {
                let is_same = self.from.get(&days.last()) == Some(&days.from);
                self.levels.get(&days.last()).copied().filter(|_| is_same)
            }
        }
    }

    /// Why a count cannot stand beside those that are there: no day is counted twice.
    pub(super) fn in_the_way(&self, reported: Reported) -> Option<Text> {
        let (from, day) = (reported.from(), reported.day());
        // Counts do not overlap, so the next one by its last day is the only one to ask.
        let (last, first) = self.from.range(from..).next().map(|(last, first)| (*last, *first))?;
        if first > day {
            return None;
        }
        Some(Text::new(move |lang| match first == last {
            true => lang::observations::already_reported(lang, base::short_day(last)),
            false => lang::observations::period_reported(
                lang,
                lang::observations::PeriodReported {
                    from: base::short_day(first),
                    to: base::short_day(last),
                },
            ),
        }))
    }
}

/// Of each measure and unit the last count that ends before a day, and the first that ends on it
/// or later. For the first day of a count they say whether its place is free, which level was
/// before it and which comes after it, however many others there are.
///
/// Cost: some steps of an index for each, whatever was reported before.
pub(super) async fn load_around(
    tx: &mut Tx,
    wanted: BTreeSet<(i64, UnitId, Day)>,
) -> Result<Known> {
    let wanted: Vec<_> =
        wanted.into_iter().map(|(measure, unit, day)| (measure, unit.0, day)).collect();
    let mut known = Known::new();
    for Neighbours { measure, unit, before, after } in sql::neighbours(tx, &wanted).await? {
        let series = known.entry((UnitId(unit), measure)).or_default();
        for (from, day, value) in before.into_iter().chain(after) {
            series.insert((from, day), value);
        }
    }
    Ok(known)
}
