//! A change of the territory as rows to close and rows to add, so that it can be undone exactly.

use std::collections::{HashMap, HashSet};

use base::{Day, DayRange, Error, Result};
use serde::{Deserialize, Serialize};

use crate::{Act, Change, ChangeKind, Level, Part, Territory, Unit, UnitId, Version};

/// What an import or a merger writes. Nothing is overwritten but the end of versions still open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Whether this plan, written after another, builds on what that one wrote.
    #[must_use]
    pub fn rests_on(&self, earlier: &Self) -> bool {
        let new: HashSet<UnitId> = earlier.new_units.iter().map(|unit| unit.id).collect();
        let altered: HashSet<UnitId> =
            earlier.new_versions.iter().map(|version| version.unit).collect();
        let acts: HashSet<i64> = earlier.new_acts.iter().map(|act| act.id).collect();
        let is_new = |unit: Option<UnitId>| unit.is_some_and(|unit| new.contains(&unit));
        let is_act = |act: Option<i64>| act.is_some_and(|act| acts.contains(&act));
        self.closed_versions.iter().any(|closed| altered.contains(&closed.unit))
            || self.new_units.iter().any(|unit| is_new(unit.origin))
            || self.new_versions.iter().any(|version| {
                altered.contains(&version.unit) || is_new(version.parent) || is_act(version.act)
            })
            || self
                .new_changes
                .iter()
                .any(|change| is_new(change.from) || is_new(change.to) || is_act(change.act))
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

    /// The territory as it was before a plan that was applied to it; outlines of the plan's units
    /// go with them.
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
            self.outlines().iter().filter(|o| !new.contains(&o.unit)).cloned().collect(),
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
    /// By unit: the places of its versions in the plan.
    drafted: HashMap<UnitId, Vec<usize>>,
    /// By unit: the day from which the version known before has ended.
    closed: HashMap<UnitId, Day>,
}

type ChangeKey = (Day, ChangeKind, Option<UnitId>, Option<UnitId>);

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
            drafted: HashMap::new(),
            closed: HashMap::new(),
        }
    }

    /// The id of the act with this number; the act is added when it is not known yet.
    pub(crate) fn act(&mut self, act: &Act) -> i64 {
        let number = base::text::clean(&act.number);
        let mut known = self.territory.acts().iter().chain(&self.plan.new_acts);
        if let Some(known) = known.find(|known| known.number == number) {
            return known.id;
        }
        let id = self.next_act;
        self.next_act += 1;
        self.plan.new_acts.push(Act { id, number, ..act.clone() });
        id
    }

    /// A new unit; its versions are still to be opened.
    pub(crate) fn establish(
        &mut self,
        level: Level,
        origin: Option<UnitId>,
        made_up: bool,
    ) -> UnitId {
        let id = UnitId(self.next_unit);
        self.next_unit += 1;
        self.plan.new_units.push(Unit { id, level, origin, made_up, versions: Vec::new() });
        id
    }

    /// Begins a version.
    pub(crate) fn open(&mut self, version: Version) {
        self.drafted.entry(version.unit).or_default().push(self.plan.new_versions.len());
        self.plan.new_versions.push(version);
    }

    /// The unit as it is on a day, with what is planned so far.
    pub(crate) fn at(&self, unit: UnitId, day: Day) -> Option<&Version> {
        let drafted = self.drafted.get(&unit).into_iter().flatten();
        let mut drafted = drafted.map(|at| &self.plan.new_versions[*at]);
        let drafted = drafted.find(|version| version.valid.contains(day));
        drafted.or_else(|| self.territory.at(unit, day).filter(|_| !self.is_closed(unit, day)))
    }

    fn is_closed(&self, unit: UnitId, day: Day) -> bool {
        self.closed.get(&unit).is_some_and(|to| *to <= day)
    }

    /// Ends the unit's present version; nothing happens when it has ended or just begun. False
    /// when something later is known of the unit, which stays as it is then.
    pub(crate) fn close(&mut self, unit: UnitId, on: Day) -> bool {
        let Some(DayRange { from, to }) = self.at(unit, on).map(|version| version.valid) else {
            return true;
        };
        if from >= on {
            return true;
        }
        if to != Day::MAX {
            return false;
        }
        let drafted = self.drafted.get(&unit).into_iter().flatten().copied();
        let mut drafted = drafted.filter(|at| self.plan.new_versions[*at].valid.from == from);
        match drafted.next() {
            Some(at) => self.plan.new_versions[at].valid.to = on,
            None => {
                self.plan.closed_versions.push(Closed { unit, from, was_to: to, to: on });
                self.closed.insert(unit, on);
            }
        }
        true
    }

    /// Lets the unit go on from `on` as `next` says.
    ///
    /// Nothing happens when it is so already. Errors: `None` when another version of it already
    /// begins on that day or later, or when the unit is not there.
    pub(crate) fn turn(&mut self, next: Version, on: Day) -> Option<()> {
        let now = self.at(next.unit, on)?;
        let next = Version { valid: DayRange { from: on, to: now.valid.to }, ..next };
        let same = Version { valid: next.valid, act: next.act, ..now.clone() } == next;
        if same {
            return Some(());
        }
        if now.valid.from >= on || now.valid.to != Day::MAX {
            return None;
        }
        self.close(next.unit, on);
        self.open(next);
        Some(())
    }

    /// Puts a unit under another parent; whether that could be done.
    pub(crate) fn reparent(
        &mut self,
        unit: UnitId,
        parent: UnitId,
        on: Day,
        act: Option<i64>,
    ) -> bool {
        let Some(now) = self.at(unit, on).cloned() else { return false };
        if now.parent == Some(parent) {
            return true;
        }
        if self.turn(Version { parent: Some(parent), act, ..now }, on).is_none() {
            return false;
        }
        self.record(Change {
            id: 0,
            act,
            on,
            kind: ChangeKind::Reparent,
            from: Some(unit),
            to: Some(unit),
            part: Part::Whole,
            note: String::new(),
        });
        true
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

/// What happened to one of `sources` units that a new unit was made of.
pub(crate) const fn lineage_kind(part: Part, sources: usize) -> ChangeKind {
    match (part, sources) {
        (Part::Whole, 1) => ChangeKind::ChangeOfKind,
        (Part::Whole, _) => ChangeKind::Merge,
        (_, 1) => ChangeKind::Split,
        _ => ChangeKind::PartialTransfer,
    }
}

/// An act of which only the number is known; its end tells who issued it.
pub(crate) fn bare_act(number: &str, effective_on: Day) -> Act {
    let issuers = [
        ("UBTVQH", "Ủy ban Thường vụ Quốc hội"),
        ("QĐ-TTg", "Thủ tướng Chính phủ"),
        ("NĐ-CP", "Chính phủ"),
        ("NQ-CP", "Chính phủ"),
        ("QH", "Quốc hội"),
    ];
    let issuer = issuers.iter().find(|(part, _)| number.contains(part));
    Act {
        id: 0,
        number: number.to_owned(),
        issuer: issuer.map_or_else(String::new, |(_, issuer)| (*issuer).to_owned()),
        title: String::new(),
        adopted_on: None,
        effective_on: Some(effective_on),
        source: String::new(),
    }
}
