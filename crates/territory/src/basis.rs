//! The map of one day as the basis of figures.

use base::Day;

use crate::snapshot::Resolver;
use crate::{Landing, Territory, UnitId};

/// Where the numbers of every unit, of whatever time, lie on the map of one day.
///
/// Worked out once for a day and then only read. The shares of one unit always sum to exactly 1,
/// so a total is the same on every map.
#[derive(Clone, Debug)]
pub struct BasisMap {
    day: Day,
    landings: Runs<Landing>,
    above: Runs<UnitId>,
}

/// Lists of different length in one block of memory, by id of the unit.
#[derive(Clone, Debug)]
struct Runs<T> {
    /// Where the list of an id ends; it begins where that of the id before ends.
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Runs<T> {
    fn get(&self, id: UnitId) -> &[T] {
        let Ok(at) = usize::try_from(id.0) else { return &[] };
        let begin = at.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(begin);
        self.items.get(begin as usize..end as usize).unwrap_or(&[])
    }

    /// Adds the list of an id; ids come in rising order, those left out have none.
    fn push(&mut self, id: UnitId, list: impl IntoIterator<Item = T>) {
        let Ok(at) = usize::try_from(id.0) else { return };
        let end = self.ends.last().copied().unwrap_or(0);
        self.ends.resize(at, end);
        self.items.extend(list);
        self.ends.push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }
}

impl BasisMap {
    /// The map of a day.
    #[must_use]
    pub fn new(territory: &Territory, day: Day) -> Self {
        let empty = || Vec::with_capacity(territory.units().len() + 1);
        let mut resolver = Resolver::new(territory, day);
        let mut landings = Runs { ends: empty(), items: Vec::new() };
        let mut above = Runs { ends: empty(), items: Vec::new() };
        for unit in territory.units() {
            landings.push(unit.id, resolver.resolve(unit.id));
            let ancestors = territory.ancestors(unit.id, day);
            above.push(unit.id, ancestors.into_iter().map(|version| version.unit));
        }
        Self { day, landings, above }
    }

    /// The day whose map it is.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Where the numbers that hang on a unit go on this map; see [`Territory::landings`]. Empty
    /// only for an id that does not exist.
    #[must_use]
    pub fn landings(&self, unit: UnitId) -> &[Landing] {
        self.landings.get(unit)
    }

    /// The units above one on this map, from the nearest up; empty for provinces and for units
    /// that are not on this map.
    #[must_use]
    pub fn ancestors(&self, unit: UnitId) -> &[UnitId] {
        self.above.get(unit)
    }
}

#[cfg(test)]
mod tests {
    use base::DayRange;
    use proptest::prelude::*;

    use super::*;
    use crate::draft::lineage_kind;
    use crate::sample::{DAY, EVE, hau_giang, nation};
    use crate::{Change, Kind, Level, Part, Unit, Version, apportion};

    const LAST: i32 = 100;

    fn unit(id: i64, kind: Kind, parent: Option<UnitId>, from: i32) -> Unit {
        let version = Version {
            unit: UnitId(id),
            valid: DayRange { from: Day(from), to: Day(LAST) },
            code: None,
            name: id.to_string(),
            full_name: id.to_string(),
            kind,
            parent,
            act: None,
        };
        let (id, level) = (UnitId(id), kind.level());
        Unit { id, level, origin: None, made_up: true, versions: vec![version] }
    }

    /// Turns numbers into generations of communes: each commune alive goes whole, in stated
    /// shares, in unknown parts, or nowhere, into the communes of the next generation.
    fn lineage(seeds: &[Vec<(u8, u8)>]) -> Territory {
        let mut units = vec![unit(1, Kind::Province, None, 0)];
        units.extend((2..6).map(|id| unit(id, Kind::Commune, Some(UnitId(1)), 0)));
        let mut changes: Vec<Change> = Vec::new();
        let mut alive: Vec<i64> = (2..6).collect();
        for (step, seeds) in (1..).zip(seeds) {
            let on = step * 10;
            let mut next = Vec::new();
            let first = units.last().map_or(1, |unit| unit.id.0) + 1;
            let mut links: Vec<(i64, i64, Part)> = Vec::new();
            for (from, (seed, shape)) in alive.iter().zip(seeds) {
                let target = |n: u8| first + i64::from(n % 4);
                let (one, two) = (target(*seed), target(seed.wrapping_add(1 + shape % 3)));
                let stated = Part::Share { numerator: 1, denominator: 3 + i64::from(*seed) };
                match shape % 5 {
                    0 => links.push((*from, one, Part::Whole)),
                    1 => links.extend([(*from, one, stated), (*from, two, Part::Unknown)]),
                    2 => links.extend([(*from, one, Part::Unknown), (*from, two, Part::Unknown)]),
                    3 => links.extend([(*from, one, stated), (*from, two, stated)]),
                    _ => {}
                }
                if let Some(ended) = units.iter_mut().find(|unit| unit.id.0 == *from) {
                    ended.versions[0].valid.to = Day(on);
                }
            }
            for id in first..first + 4 {
                let sources = links.iter().filter(|(_, to, _)| *to == id).count();
                units.push(unit(id, Kind::Commune, Some(UnitId(1)), on));
                next.push(id);
                for (from, to, part) in links.iter().filter(|(_, to, _)| *to == id) {
                    changes.push(Change {
                        id: i64::try_from(changes.len()).unwrap(),
                        act: None,
                        on: Day(on),
                        kind: lineage_kind(*part, sources),
                        from: Some(UnitId(*from)),
                        to: Some(UnitId(*to)),
                        part: *part,
                        note: String::new(),
                    });
                }
            }
            alive = next;
        }
        Territory::new(units, Vec::new(), changes, Vec::new()).unwrap()
    }

    fn sums_to_one(territory: &Territory, day: Day) {
        let map = BasisMap::new(territory, day);
        for unit in territory.units() {
            let landings = map.landings(unit.id);
            assert!(!landings.is_empty(), "{}", unit.id);
            let whole = landings[0].share.denominator;
            let sum: i64 = landings.iter().map(|landing| landing.share.numerator).sum();
            assert_eq!(sum, whole, "{} on {day}: {landings:?}", unit.id);
            assert!(landings.iter().all(|landing| landing.share.denominator == whole));
            for landing in landings {
                let there = territory.at(landing.unit, day).is_some();
                assert!(there || (landing.raised && !landing.exact && landings.len() == 1));
            }
            if unit.id.0 % 11 == 0 {
                assert_eq!(landings, territory.landings(unit.id, day), "{}", unit.id);
            }
            for total in [0, 1, -7, 779_325] {
                let parts = apportion(total, landings);
                assert_eq!(parts.iter().map(|(_, part)| part).sum::<i64>(), total);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn shares_sum_to_one_on_every_map_of_any_lineage(
            seeds in prop::collection::vec(prop::collection::vec(any::<(u8, u8)>(), 4), 1..7)
        ) {
            let territory = lineage(&seeds);
            for day in [0, 9, 10, 25, 40, 59, 60, LAST - 1] {
                sums_to_one(&territory, Day(day));
            }
        }
    }

    #[test]
    fn shares_sum_to_one_before_and_after_the_merger() {
        for territory in [Some(hau_giang()), nation()].into_iter().flatten() {
            sums_to_one(territory, EVE);
            sums_to_one(territory, DAY);
        }
    }

    #[test]
    fn every_hamlet_has_its_commune_on_both_maps() {
        let (old, new) = (BasisMap::new(hau_giang(), EVE), BasisMap::new(hau_giang(), DAY));
        for hamlet in hau_giang().under(None, DAY, Level::Hamlet) {
            assert_eq!(old.ancestors(hamlet.unit).len(), 3);
            assert_eq!(new.ancestors(hamlet.unit).len(), 2);
            assert_eq!(old.landings(hamlet.unit)[0].unit, hamlet.unit);
        }
        assert_eq!(new.day(), DAY);
        assert!(new.landings(UnitId(0)).is_empty() && new.ancestors(UnitId(i64::MAX)).is_empty());
    }

    #[test]
    fn parts_that_come_together_again_are_a_fact_and_not_an_estimate() {
        // 2 is divided into 6 and 9, which merge into 10: all of 2 lies in 10.
        let seeds = [vec![(0, 2), (2, 0), (2, 0), (2, 0)], vec![(0, 0), (1, 0), (1, 0), (0, 0)]];
        let territory = lineage(&seeds);
        let divided = territory.landings(UnitId(2), Day(15));
        assert!(divided.len() == 2 && divided.iter().all(|landing| !landing.exact));
        let together = territory.landings(UnitId(2), Day(25));
        assert!(together.len() == 1 && together[0].exact, "{together:?}");
    }
}
