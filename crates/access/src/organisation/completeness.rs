//! Which units have not supplied their organisation: no agency, no head, no account.

use std::collections::{BTreeMap, BTreeSet};

use base::Day;
use territory::{Level, Territory, UnitId};

use super::model::{Agency, AgencyId};

/// What a unit lacks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// No agency serves it.
    Agency,
    /// Nobody leads an agency that serves it.
    Head,
    /// Nobody of its agencies has an account.
    Account,
}

impl Lack {
    /// All, the first first.
    pub const ALL: [Self; 3] = [Self::Agency, Self::Head, Self::Account];
}

/// The units of a level on a day, and what each lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// The level.
    pub level: Level,
    /// So many units it has on that day.
    pub units: usize,
    /// The units by what they lack first, in the order of the territory.
    pub lacking: BTreeMap<Lack, Vec<UnitId>>,
}

impl Lacking {
    /// So many units lack nothing.
    #[must_use]
    pub fn complete(&self) -> usize {
        self.units - self.lacking.values().map(Vec::len).sum::<usize>()
    }
}

/// What the units of a day's map lack, level by level from the top; hamlets have no agencies.
/// `heads` and `accounts` are the agencies with a head and with an account on that day.
#[must_use]
pub fn completeness(
    territory: &Territory,
    agencies: &BTreeMap<AgencyId, Agency>,
    (heads, accounts): (&BTreeSet<AgencyId>, &BTreeSet<AgencyId>),
    on: Day,
) -> Vec<Lacking> {
    let mut of_unit: BTreeMap<UnitId, Vec<AgencyId>> = BTreeMap::new();
    for version in agencies.values().filter_map(|agency| agency.at(on)) {
        if let Some(unit) = version.facts.unit {
            of_unit.entry(unit).or_default().push(version.id);
        }
    }
    let lack = |unit: UnitId| {
        let serving = of_unit.get(&unit).map_or(&[][..], Vec::as_slice);
        let any = |set: &BTreeSet<AgencyId>| serving.iter().any(|id| set.contains(id));
        match (serving.is_empty(), any(heads), any(accounts)) {
            (true, ..) => Some(Lack::Agency),
            (_, false, _) => Some(Lack::Head),
            (_, _, false) => Some(Lack::Account),
            _ => None,
        }
    };
    let mut levels = Vec::new();
    for level in [Level::Province, Level::District, Level::Commune] {
        let units = territory.under(None, on, level);
        if units.is_empty() {
            continue;
        }
        let mut lacking: BTreeMap<Lack, Vec<UnitId>> = BTreeMap::new();
        for version in &units {
            if let Some(lack) = lack(version.unit) {
                lacking.entry(lack).or_default().push(version.unit);
            }
        }
        levels.push(Lacking { level, units: units.len(), lacking });
    }
    levels
}
