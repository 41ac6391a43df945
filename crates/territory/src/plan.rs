//! A change of the territory as rows to close and rows to add, so that it can be undone exactly.

use std::collections::HashSet;

use base::{Day, DayRange, Error, Result};

use crate::{Act, Change, Territory, Unit, UnitId, Version};

/// What an import or a merger writes. Nothing is overwritten but the end of versions still open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Acts not known before.
    pub new_acts: Vec<Act>,
    /// Units not known before; their versions stand in `new_versions`.
    pub new_units: Vec<Unit>,
    /// Versions that come to an end.
    pub closed_versions: Vec<Closed>,
    /// Versions that begin, of new units and of old ones.
    pub new_versions: Vec<Version>,
    /// What the acts did.
    pub new_changes: Vec<Change>,
}

/// A version whose end is moved forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Whose version.
    pub unit: UnitId,
    /// The version's first day, which with the unit names it.
    pub from: Day,
    /// The end before, to go back to.
    pub was_to: Day,
    /// The end now: the day after its last.
    pub to: Day,
}

impl Plan {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Territory {
    /// The territory after a plan.
    ///
    /// Errors: `Conflict` when a version to close is not as the plan found it (somebody was
    /// faster); `Invalid` when the result would contradict itself, see [`Territory::new`].
    pub fn apply(&self, plan: &Plan) -> Result<Self> {
        let mut units = self.units().to_vec();
        for closed in &plan.closed_versions {
            let held = self.place(closed.unit).and_then(|place| {
                let mut versions = units[place].versions.iter_mut();
                versions.find(|version| version.valid.from == closed.from)
            });
            match held {
                Some(version) if version.valid.to == closed.was_to => {
                    version.valid.to = closed.to;
                }
                _ => return Err(overtaken()),
            }
        }
        units.extend(plan.new_units.iter().cloned());
        units.sort_by_key(|unit| unit.id);
        for version in &plan.new_versions {
            let place = units.binary_search_by_key(&version.unit, |unit| unit.id);
            let unit = &mut units[place.map_err(|_| overtaken())?];
            unit.versions.push(version.clone());
        }
        for unit in &mut units {
            unit.versions.sort_by_key(|version| version.valid.from);
        }
        let mut acts = self.acts().to_vec();
        acts.extend(plan.new_acts.iter().cloned());
        let mut changes = self.changes().to_vec();
        changes.extend(plan.new_changes.iter().cloned());
        Self::new(units, acts, changes, self.outlines().to_vec())
    }

    /// The territory as it was before a plan that was applied to it.
    ///
    /// Errors: `Conflict` when a row of the plan is not there any more as it was written;
    /// `Invalid` when something later rests on it.
    pub fn revert(&self, plan: &Plan) -> Result<Self> {
        let written: HashSet<(UnitId, DayRange)> =
            plan.new_versions.iter().map(|version| (version.unit, version.valid)).collect();
        let new: HashSet<UnitId> = plan.new_units.iter().map(|unit| unit.id).collect();
        let mut units = self.units().to_vec();
        let mut removed = 0;
        for unit in &mut units {
            let before = unit.versions.len();
            unit.versions.retain(|version| !written.contains(&(version.unit, version.valid)));
            removed += before - unit.versions.len();
        }
        for closed in &plan.closed_versions {
            let versions = self.place(closed.unit).map(|place| &mut units[place].versions);
            let held = versions.and_then(|versions| {
                versions.iter_mut().find(|v| v.valid.from == closed.from && v.valid.to == closed.to)
            });
            held.ok_or_else(overtaken)?.valid.to = closed.was_to;
        }
        if removed != plan.new_versions.len() {
            return Err(overtaken());
        }
        units.retain(|unit| !new.contains(&unit.id));
        let acts: HashSet<i64> = plan.new_acts.iter().map(|act| act.id).collect();
        let changes: HashSet<i64> = plan.new_changes.iter().map(|change| change.id).collect();
        Self::new(
            units,
            self.acts().iter().filter(|act| !acts.contains(&act.id)).cloned().collect(),
            self.changes().iter().filter(|c| !changes.contains(&c.id)).cloned().collect(),
            self.outlines().to_vec(),
        )
    }
}

fn overtaken() -> Error {
    Error::Conflict(lang::Text::new(lang::territory::plan_overtaken))
}

/// A plan while it is being made, with the ids that follow those already given.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) territory: &'a Territory,
    pub(crate) plan: Plan,
    next_unit: i64,
    next_act: i64,
    next_change: i64,
    known_changes: HashSet<ChangeKey>,
}

type ChangeKey = (Day, crate::ChangeKind, Option<UnitId>, Option<UnitId>);

impl<'a> Draft<'a> {
    pub(crate) fn new(territory: &'a Territory) -> Self {
        let changes = territory.changes();
        Self {
            territory,
            plan: Plan::default(),
            next_unit: territory.units().last().map_or(1, |unit| unit.id.0 + 1),
            next_act: territory.acts().last().map_or(1, |act| act.id + 1),
            next_change: changes.iter().map(|change| change.id).max().map_or(1, |id| id + 1),
            known_changes: changes.iter().map(change_key).collect(),
        }
    }

    /// The id of the act with this number; the act is added when it is not known yet.
    pub(crate) fn act(&mut self, act: &Act) -> i64 {
        let mut known = self.territory.acts().iter().chain(&self.plan.new_acts);
        if let Some(known) = known.find(|known| known.number == act.number) {
            return known.id;
        }
        let id = self.next_act;
        self.next_act += 1;
        self.plan.new_acts.push(Act { id, ..act.clone() });
        id
    }

    /// A new unit; its versions are still to be opened.
    pub(crate) fn establish(
        &mut self,
        level: crate::Level,
        origin: Option<UnitId>,
        made_up: bool,
    ) -> UnitId {
        let id = UnitId(self.next_unit);
        self.next_unit += 1;
        self.plan.new_units.push(Unit { id, level, origin, made_up, versions: Vec::new() });
        id
    }

    pub(crate) fn open(&mut self, version: Version) {
        self.plan.new_versions.push(version);
    }

    /// Ends what the unit is, from `on`. Whether there was still something to end.
    pub(crate) fn close(&mut self, unit: UnitId, on: Day) -> bool {
        let mut drafted = self.plan.new_versions.iter_mut();
        let ours = |version: &&mut Version| version.unit == unit && version.valid.contains(on);
        if let Some(version) = drafted.find(ours) {
            version.valid.to = on;
            return true;
        }
        match self.territory.unit(unit).and_then(|unit| unit.at(on)) {
            Some(version) if version.valid.from < on => {
                let DayRange { from, to: was_to } = version.valid;
                self.plan.closed_versions.push(Closed { unit, from, was_to, to: on });
                true
            }
            _ => false,
        }
    }

    /// A change, unless the same one is known; its id is given here.
    pub(crate) fn record(&mut self, change: Change) {
        if self.known_changes.insert(change_key(&change)) {
            let id = self.next_change;
            self.next_change += 1;
            self.plan.new_changes.push(Change { id, ..change });
        }
    }
}

fn change_key(change: &Change) -> ChangeKey {
    (change.on, change.kind, change.from, change.to)
}
