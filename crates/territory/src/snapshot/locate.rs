//! Which unit a point on the ground lies in.

use base::Day;

use super::Territory;
use crate::{Outline, UnitId};

impl Territory {
    /// The deepest unit whose outline of that day holds the point; a point on a shared edge goes
    /// to either side. None outside all outlines. Made-up sketches are never asked.
    ///
    /// Units: degrees of WGS 84.
    #[must_use]
    pub fn locate(&self, lat: f64, lon: f64, day: Day) -> Option<UnitId> {
        let holds = |outline: &&Outline| {
            !outline.schematic && self.is_drawn(outline, day) && outline.holds(lat, lon)
        };
        let level = |outline: &&Outline| self.unit(outline.unit).map(|unit| unit.level);
        self.outlines().iter().filter(holds).max_by_key(level).map(|outline| outline.unit)
    }

    /// The outlines of a unit that held on a day, true ones before sketches.
    #[must_use]
    pub fn outlines_of(&self, id: UnitId, day: Day) -> Vec<&Outline> {
        let ours = |outline: &&Outline| outline.unit == id && self.is_drawn(outline, day);
        let mut outlines: Vec<_> = self.outlines().iter().filter(ours).collect();
        outlines.sort_by_key(|outline| outline.schematic);
        outlines
    }

    /// Whether an outline shows its unit as it was on a day. An outline is not closed with its
    /// unit, so that undoing the end of the unit finds it as it was.
    pub(crate) fn is_drawn(&self, outline: &Outline, day: Day) -> bool {
        outline.valid.contains(day) && self.at(outline.unit, day).is_some()
    }
}

impl Outline {
    /// Whether a point lies inside, holes excepted.
    #[must_use]
    pub fn holds(&self, lat: f64, lon: f64) -> bool {
        let [west, south, east, north] = self.bbox;
        let near = west <= lon && lon <= east && south <= lat && lat <= north;
        near && self.rings.iter().any(|polygon| {
            let crossings = polygon.iter().map(|ring| crossings(ring, lat, lon)).sum::<usize>();
            !crossings.is_multiple_of(2)
        })
    }
}

/// How many edges of the ring a ray from the point to the east crosses.
fn crossings(ring: &[(f64, f64)], lat: f64, lon: f64) -> usize {
    let ends = ring.iter().skip(1).chain(ring.first());
    let crosses = |((x1, y1), (x2, y2)): &(&(f64, f64), &(f64, f64))| {
        (*y1 > lat) != (*y2 > lat) && lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1)
    };
    ring.iter().zip(ends).filter(crosses).count()
}
