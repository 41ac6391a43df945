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
