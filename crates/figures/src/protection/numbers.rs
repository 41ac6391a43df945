//! Every number that must not be small: each protected part, what is left of a whole without its
//! part, and of a sum without those parts that are shown.

use std::collections::{BTreeMap, BTreeSet};

use base::Day;
use packs::Nature;

use super::guard::Ground;
use super::readings::{Reading, Readings};
use super::rules::{Row, is_safe};

/// Measures at times at which all units together are small: nothing is shown of them anywhere.
#[derive(Debug, Default)]
pub(crate) struct Nowhere(BTreeSet<(bool, usize, String)>);

/// A row with the measure that is shown nowhere if all units together are small in it.
struct Number {
    row: Row,
    measure: String,
    time: (bool, usize),
}

impl Nowhere {
    /// Whether a reading is not shown at a time.
    pub(crate) fn holds(&self, reading: &Reading, at: usize) -> bool {
        let (above, below) = &reading.measures;
        let mut measures = std::iter::once(above).chain(below);
        measures.any(|measure| self.has(reading, at, measure))
    }

    fn has(&self, reading: &Reading, at: usize, measure: &str) -> bool {
        self.0.contains(&(is_level(reading), at, measure.to_owned()))
    }

    /// The last days of these times by indicator.
    pub(crate) fn days(&self, readings: &Readings) -> BTreeMap<String, BTreeSet<Day>> {
        let mut days = BTreeMap::<String, BTreeSet<Day>>::new();
        for reading in &readings.shown {
            let times = reading.times.iter().enumerate();
            let hidden = times.filter(|(at, _)| self.holds(reading, *at));
            let hidden: BTreeSet<Day> = hidden.map(|(_, time)| time.last).collect();
            if !hidden.is_empty() {
                days.entry(reading.code.clone()).or_default().extend(hidden);
            }
        }
        days
    }
}

fn is_level(reading: &Reading) -> bool {
    reading.nature == Nature::Stock
}

/// The rows of all numbers that are shown somewhere. What is small for all units together goes
/// first: then other numbers are what is left of sums, and may be small in turn.
pub(crate) fn rows(readings: &Readings, ground: &Ground) -> (Vec<Row>, Nowhere) {
    let mut nowhere = Nowhere::default();
    loop {
        let numbers = numbers(readings, ground, &nowhere);
        let rows: Vec<Row> = numbers.iter().map(|number| number.row.clone()).collect();
        let total = |at: usize| rows[at].values.iter().sum::<i64>();
        let small: Vec<&Number> = (0..)
            .zip(&numbers)
            .filter(|(at, _)| !is_safe(&rows, *at, total))
            .map(|(_, number)| number)
            .collect();
        if small.is_empty() {
            return (rows, nowhere);
        }
        let hidden = small.iter().map(|it| (it.time.0, it.time.1, it.measure.clone()));
        nowhere.0.extend(hidden);
    }
}

fn numbers(readings: &Readings, ground: &Ground, nowhere: &Nowhere) -> Vec<Number> {
    let mut numbers = Vec::new();
    for reading in &readings.shown {
        for at in 0..reading.times.len() {
            if !nowhere.holds(reading, at) {
                parts(reading, at, ground, &mut numbers);
            }
        }
    }
    for (whole, parts) in &readings.sums {
        let whole = &readings.shown[*whole];
        let parts: Vec<&Reading> = parts.iter().map(|part| &readings.shown[*part]).collect();
        for at in 0..whole.times.len() {
            let shown = |part: &&&Reading| !nowhere.holds(part, at);
            let parts: Vec<&Reading> = parts.iter().filter(shown).copied().collect();
            if !nowhere.holds(whole, at) {
                numbers.extend(rest_of_sum(whole, &parts, at, ground));
            }
        }
    }
    numbers
}

/// The parts of a reading at a time, and what is left of the whole.
fn parts(reading: &Reading, at: usize, ground: &Ground, numbers: &mut Vec<Number>) {
    let count = ground.units.len();
    let mut columns = [vec![0; count], vec![0; count], vec![0; count]];
    for (unit, (part, whole)) in &reading.times[at].said {
        let Some(place) = ground.places.get(unit) else { continue };
        columns[0][*place] = *part;
        columns[1][*place] = *whole;
        columns[2][*place] = whole - part;
    }
    let [part, whole, rest] = columns;
    let (above, below) = reading.thresholds;
    let (upper, lower) = &reading.measures;
    let part_at = numbers.len();
    let mut add = |threshold, values, measure: &str, rest_of| {
        let (row, time) = (Row { threshold, values, rest_of }, (is_level(reading), at));
        numbers.push(Number { row, measure: measure.to_owned(), time });
    };
    // A part that everybody may see is looked at as the part of its whole alone.
    add(above.unwrap_or(0), part, upper, None);
    if let (Some(threshold), Some(lower)) = (below, lower) {
        add(threshold, whole, lower, None);
    }
    if let Some(threshold) = above.max(below).filter(|_| reading.is_share) {
        // What is shown nowhere then is the protected one.
        let measure = if above.is_some() { Some(upper) } else { lower.as_ref() };
        add(threshold, rest, measure.unwrap_or(upper), Some(part_at));
    }
}

/// What is left of a sum without its parts; none where no part is shown.
fn rest_of_sum(whole: &Reading, parts: &[&Reading], at: usize, ground: &Ground) -> Option<Number> {
    let thresholds = std::iter::once(&whole).chain(parts);
    let threshold = thresholds.filter_map(|reading| reading.thresholds.0).max()?;
    let protected = parts.iter().rev().find(|part| part.thresholds.0.is_some());
    let hidden = protected.copied().unwrap_or(whole);
    parts.first()?;
    let mut values = vec![0; ground.units.len()];
    for (unit, (said, _)) in &whole.times[at].said {
        let Some(place) = ground.places.get(unit) else { continue };
        let of = |part: &&Reading| part.times.get(at)?.said.get(unit).map(|said| said.0);
        values[*place] = said - parts.iter().filter_map(of).sum::<i64>();
    }
    let row = Row { threshold, values, rest_of: None };
    Some(Number { row, measure: hidden.measures.0.clone(), time: (is_level(whole), at) })
}
