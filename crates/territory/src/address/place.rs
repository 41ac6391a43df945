//! A candidate as administrative units. A hamlet is none: what has a state code is the commune
//! around it.

use base::Day;

use super::Candidate;
use crate::{Level, Territory, UnitId, Version};

/// Where a candidate lies, each unit as it is on its day.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The administrative unit of the day of writing.
    pub old: Option<&'a Version>,
    /// The administrative unit of the target day.
    pub new: Option<&'a Version>,
    /// The hamlet on the target day, where one was recognised.
    pub hamlet: Option<&'a Version>,
}

impl Candidate {
    /// The candidate's administrative units on the day of writing and on the target day.
    #[must_use]
    pub fn placed<'a>(&self, territory: &'a Territory, on: Day, to: Day) -> Placed<'a> {
        let (old, _) = around(territory, self.old, on);
        let (new, hamlet) = around(territory, self.new, to);
        Placed { old, new, hamlet }
    }
}

/// The administrative unit that a unit is or lies in, and the hamlet that it is.
fn around(territory: &Territory, unit: UnitId, day: Day) -> (Option<&Version>, Option<&Version>) {
    match near(territory, unit, day) {
        Some(hamlet) if hamlet.kind.level() == Level::Hamlet => {
            let commune = hamlet.parent.and_then(|above| near(territory, above, day));
            (commune, Some(hamlet))
        }
        unit => (unit, None),
    }
}

/// Of a hamlet, the commune in which it was first known, as it was then.
pub(crate) fn origin(territory: &Territory, hamlet: UnitId) -> Option<&Version> {
    let unit = territory.unit(hamlet)?;
    near(territory, unit.origin?, unit.first()?.valid.from)
}

/// The unit as it was on that day, or as it last was before or first was after it.
pub(crate) fn near(territory: &Territory, unit: UnitId, day: Day) -> Option<&Version> {
    let unit = territory.unit(unit)?;
    let held = unit.at(day);
    held.or_else(|| unit.first().filter(|first| day < first.valid.from)).or_else(|| unit.last())
}

/// The names of a unit and of those above it, as near to that day as it was there.
pub(crate) fn path_near(territory: &Territory, unit: UnitId, day: Day) -> String {
    let version = near(territory, unit, day);
    let path = version.and_then(|version| territory.path(unit, version.nearest(day)));
    path.unwrap_or_default()
}
