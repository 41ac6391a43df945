//! For which days counts of a flow were reported, beside the days that are asked for.
//!
//! A count for January to March says nothing about 15 March to 14 June, and April alone is not a
//! quarter. The journal knows only the last day of a count, so its whole period is looked up here.

use std::collections::{HashMap, HashSet};

use base::{Day, DayRange, Result};
use journal::{Cell, MeasureId};
use store::Tx;

use crate::observations;

/// What the counts of a measure cover in one period.
#[derive(Debug, Default)]
pub(crate) struct Span {
    /// Units with a count that lies partly in the period and partly outside: what they have in it
    /// is not known.
    across: HashSet<i64>,
    whole: Whole,
}

/// When a unit has reported all days of the period.
#[derive(Debug)]
enum Whole {
    /// With so many counts; none where the counts of nobody reach over the whole period.
    Counts(Option<i64>),
    /// Units reported for different periods, so these were looked at one by one.
    Units(HashSet<i64>),
}

impl Default for Whole {
    /// Where no counts were reported, the numbers come from records, which are always whole.
    fn default() -> Self {
        Self::Counts(Some(1))
    }
}

impl Span {
    /// Whether a unit's sum is a sum over days of the period alone.
    pub(crate) fn is_inside(&self, unit: i64) -> bool {
        !self.across.contains(&unit)
    }

    /// Whether a unit has reported all days of the period.
    pub(crate) fn is_whole(&self, unit: i64, cell: Cell) -> bool {
        match &self.whole {
            Whole::Counts(needed) => needed.is_some_and(|needed| cell.records >= needed),
            Whole::Units(units) => units.contains(&unit),
        }
    }
}

/// The spans of a measure in each of these periods, by the counts that stood before the entry
/// `known`, if that is given.
pub(crate) async fn spans(
    tx: &mut Tx,
    measure: MeasureId,
    periods: &[DayRange],
    known: Option<i64>,
) -> Result<Vec<Span>> {
    let first = periods.iter().map(|days| days.from).min().unwrap_or(Day::MAX);
    let last = periods.iter().map(|days| days.to).max().unwrap_or(Day::MIN);
    let within = DayRange { from: first, to: last };
    let reported = observations::periods(tx, measure, within, known).await?;
    let mut spans = Vec::with_capacity(periods.len());
    for period in periods {
        spans.push(span(tx, (measure, known), *period, &reported).await?);
    }
    Ok(spans)
}

async fn span(
    tx: &mut Tx,
    (measure, known): (MeasureId, Option<i64>),
    period: DayRange,
    reported: &[DayRange],
) -> Result<Span> {
    let touching = reported.iter().filter(|days| days.from < period.to && period.from < days.to);
    let (inside, across): (Vec<DayRange>, Vec<DayRange>) =
        touching.partition(|days| period.from <= days.from && days.to <= period.to);
    let mut span = Span::default();
    for days in &across {
        span.across.extend(observations::units_with(tx, measure, *days, known).await?);
    }
    if inside.is_empty() {
        return Ok(span);
    }
    let length = |days: &DayRange| days.to.0 - days.from.0;
    let overlaps = |(at, days): (usize, &DayRange)| {
        inside.iter().skip(at + 1).any(|other| days.from < other.to && other.from < days.to)
    };
    if inside.iter().enumerate().any(overlaps) {
        let mut covered = HashMap::<i64, i32>::new();
        for days in &inside {
            for unit in observations::units_with(tx, measure, *days, known).await? {
                *covered.entry(unit).or_default() += length(days);
            }
        }
        let whole = covered.into_iter().filter(|(_, days)| *days == length(&period));
        span.whole = Whole::Units(whole.map(|(unit, _)| unit).collect());
    } else {
        let reaches = inside.iter().map(length).sum::<i32>() == length(&period);
        span.whole = Whole::Counts(reaches.then_some(inside.len() as i64));
    }
    Ok(span)
}
