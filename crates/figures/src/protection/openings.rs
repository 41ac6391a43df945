//! When a group is shown: not where what is shown of it at several times, and in several
//! indicators, would tell a small number together.
//!
//! A level holds on until the next report. So two sums of different days may add the same numbers
//! but for those of one unit, and so may two indicators, of which one counts only who reported
//! both its parts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::Day;
use packs::Nature;
use territory::UnitId;

use super::guard::Ground;
use super::numbers::Nowhere;
use super::readings::{Reading, Readings, Time};
use super::rules::{Leaf, Place, Row};
use super::told::can_be_computed;

/// A number that was reported: the unit, and the times at which it said the parts that it is made
/// of.
type Number = (UnitId, [usize; 2]);
/// The numbers of a sum.
type Sum = BTreeMap<Number, i64>;

/// A group, and what is shown of it so far.
pub(crate) struct Openings {
    members: BTreeSet<UnitId>,
    /// Its members in units of some map that hold not all of them, as far as something about them
    /// is small in some row at some time; single ones among them. No number of theirs may come out:
    /// from one that is not small the small rest of a whole that everybody sees would follow.
    cells: Vec<BTreeSet<UnitId>>,
    /// The sums of each measure, and of what is left of a whole without its part.
    shown: HashMap<String, Vec<Sum>>,
}

impl Openings {
    pub(crate) fn new(ground: &Ground, rows: &[Row], leaves: &[&Leaf]) -> Self {
        let mut by_place = BTreeMap::<Place, BTreeSet<UnitId>>::new();
        for leaf in leaves {
            for place in &leaf.around {
                let units = leaf.members.iter().map(|at| ground.units[*at]);
                by_place.entry(*place).or_default().extend(units);
            }
        }
        let members: BTreeSet<UnitId> = by_place.values().flatten().copied().collect();
        let is_small = |cell: &BTreeSet<UnitId>| {
            let places = || cell.iter().filter_map(|unit| ground.places.get(unit));
            let sum = |row: &Row| places().map(|place| row.values[*place]).sum();
            rows.iter().any(|row| !row.shows(sum(row)))
        };
        let single = members.iter().map(|unit| BTreeSet::from([*unit]));
        let parts = by_place.into_values().filter(|cell| cell.len() < members.len());
        let mut cells: Vec<BTreeSet<UnitId>> = parts.chain(single).filter(is_small).collect();
        cells.sort();
        cells.dedup();
        Self { members, cells, shown: HashMap::new() }
    }

    /// By indicator, the days on which the group is not shown.
    pub(crate) fn closed(
        mut self,
        readings: &Readings,
        nowhere: &Nowhere,
    ) -> BTreeMap<String, BTreeSet<Day>> {
        let levels = readings.shown.iter().filter(|reading| reading.nature == Nature::Stock);
        let levels: Vec<&Reading> = levels.collect();
        let mut said_at = vec![[HashMap::new(), HashMap::new()]; levels.len()];
        let mut closed = BTreeMap::<String, BTreeSet<Day>>::new();
        let times = levels.iter().map(|reading| reading.times.len()).max().unwrap_or_default();
        for at in 0..times {
            for (reading, said_at) in levels.iter().zip(&mut said_at) {
                let Some(time) = reading.times.get(at) else { continue };
                for part in [0, 1] {
                    let anew = time.anew[part].iter().filter(|unit| self.members.contains(unit));
                    said_at[part].extend(anew.map(|unit| (*unit, at)));
                }
                if !nowhere.holds(reading, at) && !self.open(reading, time, said_at) {
                    closed.entry(reading.code.clone()).or_default().insert(time.last);
                }
            }
        }
        closed
    }

    /// Takes the sums of a time to what is shown, if together they tell no small number.
    fn open(
        &mut self,
        reading: &Reading,
        time: &Time,
        said_at: &[HashMap<UnitId, usize>; 2],
    ) -> bool {
        let sums = self.sums(reading, time, said_at);
        if sums.iter().any(|(key, sum)| self.tells(key, sum)) {
            return false;
        }
        for (key, sum) in sums {
            let shown = self.shown.entry(key).or_default();
            if !sum.is_empty() && !shown.contains(&sum) {
                shown.push(sum);
            }
        }
        true
    }

    /// What a reading shows of the group at a time.
    fn sums(
        &self,
        reading: &Reading,
        time: &Time,
        said_at: &[HashMap<UnitId, usize>; 2],
    ) -> Vec<(String, Sum)> {
        let said = || time.said.iter().filter(|(unit, _)| self.members.contains(unit));
        let at = |part: usize, unit: &UnitId| said_at[part].get(unit).copied().unwrap_or_default();
        let (above, below) = reading.thresholds;
        let (upper, lower) = &reading.measures;
        let mut sums = Vec::new();
        if above.is_some() {
            let sum = said().map(|(unit, (part, _))| ((*unit, [at(0, unit), 0]), *part));
            sums.push((upper.clone(), sum.collect()));
        }
        if below.is_some() {
            let sum = said().map(|(unit, (_, whole))| ((*unit, [at(1, unit), 0]), *whole));
            sums.push((lower.clone().unwrap_or_default(), sum.collect()));
        }
        if reading.is_share && above.or(below).is_some() {
            let rest = said()
                .map(|(unit, (part, whole))| ((*unit, [at(0, unit), at(1, unit)]), whole - part));
            let key = format!("{} {upper}", lower.as_deref().unwrap_or_default());
            sums.push((key, rest.collect()));
        }
        sums
    }

    /// Whether a sum, with those that share numbers with it, tells one that may not come out.
    fn tells(&self, key: &str, sum: &Sum) -> bool {
        let Some(shown) = self.shown.get(key).filter(|shown| !shown.contains(sum)) else {
            return false;
        };
        let mut linked = vec![sum];
        let mut rest: Vec<&Sum> = shown.iter().collect();
        let mut at = 0;
        while at < linked.len() {
            let own = linked[at];
            let (more, others) = rest
                .into_iter()
                .partition(|other: &&Sum| other.keys().any(|number| own.contains_key(number)));
            linked.extend::<Vec<&Sum>>(more);
            rest = others;
            at += 1;
        }
        if linked.len() == 1 {
            return false;
        }
        let mut wanted: Vec<BTreeSet<Number>> = Vec::new();
        for sum in &linked {
            for cell in &self.cells {
                let inside = sum.keys().filter(|(unit, _)| cell.contains(unit)).copied();
                let inside: BTreeSet<Number> = inside.collect();
                if !inside.is_empty() && !wanted.contains(&inside) {
                    wanted.push(inside);
                }
            }
        }
        let linked: Vec<BTreeSet<Number>> =
            linked.iter().map(|sum| sum.keys().copied().collect()).collect();
        can_be_computed(&linked, &wanted)
    }
}
