//! A merger, split or renaming of units as one operation that can be rehearsed and undone.

mod check;
mod order;
mod rehearse;
#[cfg(test)]
mod tests;

use base::Day;
use lang::Lang;

use crate::{Act, Kind, Part, Plan, Territory, UnitCode, UnitId};

pub use order::{CHILD_COLUMNS, UNIT_COLUMNS, read_order};
pub use rehearse::rehearse;

/// What an act orders: from a day on, these units are made of those.
#[derive(Clone, Debug)]
pub struct MergerOrder {
    /// The act; one with the same number that is known already is taken instead.
    pub act: Act,
    /// The first day of the new units.
    pub on: Day,
    /// The new units.
    pub into: Vec<NewUnit>,
    /// Of divided units, to which of `into` each child (hamlet) goes.
    pub children: Vec<(UnitId, usize)>,
}

/// A unit that an act forms, or that goes on under another name, kind, code or parent.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// Its code.
    pub code: UnitCode,
    /// Its name without the kind.
    pub name: String,
    /// Its name with the kind.
    pub full_name: String,
    /// Its kind.
    pub kind: Kind,
    /// The unit above it; none for provinces.
    pub parent: Option<Parent>,
    /// What it is made of; nothing when it is newly founded.
    pub from: Vec<(UnitId, Part)>,
}

/// The unit above a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// One that the order does not touch.
    Known(UnitId),
    /// The one in that place of the same order.
    Formed(usize),
}

impl From<UnitId> for Parent {
    fn from(unit: UnitId) -> Self {
        Self::Known(unit)
    }
}

/// What an order would do, before anything is written.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The rows to write, for [`Territory::apply`] and its like in the database.
    pub plan: Plan,
    /// The unit that each of the order's new units is, in its order.
    pub formed: Vec<UnitId>,
    /// Units that end.
    pub ended: Vec<UnitId>,
    /// Units that begin.
    pub established: Vec<UnitId>,
    /// Units that go on with another name, kind, code or parent.
    pub kept: Vec<UnitId>,
    /// Children of ended units that pass to a new parent.
    pub moved: Vec<Moved>,
    /// Codes that from then on name a unit of another name.
    pub reissued: Vec<Reissued>,
    /// Namesakes that people will take for each other.
    pub homonyms: Vec<Homonym>,
    /// What should be looked at before signing.
    pub warnings: Vec<Warning>,
    /// What of other areas hangs on units that end. [`rehearse()`] asks no database and leaves it
    /// empty; [`crate::rehearse_merger`] fills it.
    pub records: Records,
}

/// Records of other areas, such as reported figures, that hang on units. They stay as they are: a
/// unit that ended goes on resolving to those that came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// How many there are.
    pub count: i64,
    /// On how many units.
    pub units: usize,
    /// In how many measures of the journal they are counted.
    pub measures: usize,
    /// The first [`Records::LISTED`] of the units, by id, each with how many hang on it.
    pub by_unit: Vec<(UnitId, i64)>,
}

impl Records {
    /// Further units are only counted.
    pub const LISTED: usize = 200;

    pub(crate) fn add(&mut self, unit: UnitId, count: i64) {
        self.count += count;
        self.units += 1;
        if self.by_unit.len() < Self::LISTED {
            self.by_unit.push((unit, count));
        }
    }
}

/// A child that passes from an ended unit to a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The child.
    pub unit: UnitId,
    /// The ended unit.
    pub from: UnitId,
    /// The unit that takes it.
    pub to: UnitId,
}

/// A code that passes to a unit of another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reissued {
    /// The code.
    pub code: UnitCode,
    /// Its holder so far.
    pub from: UnitId,
    /// Its holder from then on.
    pub to: UnitId,
}

/// A new unit and those of the same province that bear, or bore until the day before, its name
/// without having become part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Homonym {
    /// The new unit.
    pub unit: UnitId,
    /// The others.
    pub others: Vec<UnitId>,
}

/// What should be looked at before an order is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A unit is divided and the act states no sizes: its numbers will be estimated.
    SizeUnknown {
        /// The divided unit.
        unit: UnitId,
    },
    /// The members of a new unit lie in different units above.
    CrossesParents {
        /// The new unit's place in the order.
        into: usize,
    },
    /// A child of a divided unit for which the order does not say where it goes; it was put to
    /// the first, and must be decided before the plan may be written.
    Undecided {
        /// The child.
        child: UnitId,
    },
}

impl Warning {
    /// The warning as a sentence.
    #[must_use]
    pub fn say(self, lang: Lang, territory: &Territory, order: &MergerOrder) -> String {
        let name = |unit: UnitId| {
            let version = territory.at(unit, order.on.plus(-1));
            version.map_or_else(String::new, |version| version.full_name.clone())
        };
        match self {
            Self::SizeUnknown { unit } => lang::merger::size_unknown(lang, name(unit)),
            Self::CrossesParents { into } => {
                let unit = order.into.get(into).map_or("", |unit| &unit.full_name);
                lang::merger::crosses_parents(lang, unit)
            }
            Self::Undecided { child } => lang::merger::undecided(lang, name(child)),
        }
    }
}
