//! A plan while it is being made: what it adds to what is known, and where it contradicts it.

use std::collections::HashMap;

use base::text::{clean, tone_neutral};
use base::{Day, DayRange, short_day};

use crate::plan::{Closed, CompletedAct, CompletedChange, NextIds, Plan};
use crate::{Act, Change, ChangeKind, Level, Part, Territory, Unit, UnitId, Version};

/// A plan while it is being made, with the ids that follow those already given.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) territory: &'a Territory,
    pub(crate) plan: Plan,
    next: NextIds,
    known_changes: HashMap<ChangeKey, Known>,
    /// By unit: the places of its versions in the plan.
    drafted: HashMap<UnitId, Vec<usize>>,
    /// By unit: the day from which the version known before has ended.
    closed: HashMap<UnitId, Day>,
}

/// What names a change. Land passes from one unit to another but once, whatever that is called.
type ChangeKey = (Day, Option<ChangeKind>, Option<UnitId>, Option<UnitId>);

/// What is known of a change beside its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) part: Part,
    pub(crate) act: Option<i64>,
}

/// What came of recording a change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Recorded {
    /// It was not known.
    New,
    /// It is known like this.
    Same,
    /// It is known otherwise, and stays so.
    Otherwise(Known),
}

/// A field of an act that is known otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownField {
    /// Its name in lists and forms.
    pub(crate) field: &'static str,
    /// What is known.
    pub(crate) known: String,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(territory: &'a Territory) -> Self {
        let known =
            |change: &Change| (change_key(change), Known { part: change.part, act: change.act });
        Self {
            territory,
            plan: Plan::default(),
            next: territory.next_ids(),
            known_changes: territory.changes().iter().map(known).collect(),
            drafted: HashMap::new(),
            closed: HashMap::new(),
        }
    }

    /// The id of the act with this number; the act is added when it is not known yet.
    pub(crate) fn act(&mut self, act: &Act) -> i64 {
        let number = clean(&act.number);
        let mut known = self.territory.acts().iter().chain(&self.plan.new_acts);
        if let Some(known) = known.find(|known| known.number == number) {
            return known.id;
        }
        let id = self.next.act;
        self.next.act += 1;
        self.plan.new_acts.push(Act { id, number, ..act.clone() });
        id
    }

    /// Fills what is empty of a known act with what is told of it. Gives the fields that are known
    /// otherwise, and fills nothing then. Texts are compared but for blanks, case and the place of
    /// tone marks.
    pub(crate) fn complete(&mut self, id: i64, told: &Act) -> Vec<KnownField> {
        let Some(known) = self.territory.act(id) else { return Vec::new() };
        let mut otherwise = Vec::new();
        let mut text = |field, known: &str, told: &str| {
            let told = clean(told);
            if known.is_empty() && !told.is_empty() {
                return Some(told);
            }
            if !told.is_empty() && tone_neutral(known) != tone_neutral(&told) {
                otherwise.push(KnownField { field, known: known.to_owned() });
            }
            None
        };
        let mut completed = CompletedAct {
            act: id,
            issuer: text("issuer", &known.issuer, &told.issuer),
            title: text("title", &known.title, &told.title),
            source: text("source", &known.source, &told.source),
            ..CompletedAct::default()
        };
        let mut day = |field, known: Option<Day>, told: Option<Day>| match (known, told) {
            (Some(known), Some(told)) if known != told => {
                otherwise.push(KnownField { field, known: short_day(known) });
                None
            }
            (None, told) => told,
            _ => None,
        };
        completed.adopted_on = day("adopted_on", known.adopted_on, told.adopted_on);
        completed.effective_on = day("effective_on", known.effective_on, told.effective_on);
        if otherwise.is_empty() && completed != (CompletedAct { act: id, ..Default::default() }) {
            self.plan.completed_acts.push(completed);
        }
        otherwise
    }

    /// Says by which act a change happened that is known without one.
    pub(crate) fn complete_change(&mut self, change: i64, act: i64) {
        self.plan.completed_changes.push(CompletedChange { change, act });
    }

    /// A new unit; its versions are still to be opened.
    pub(crate) fn establish(
        &mut self,
        level: Level,
        origin: Option<UnitId>,
        made_up: bool,
    ) -> UnitId {
        let id = UnitId(self.next.unit);
        self.next.unit += 1;
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

    /// Ends the unit's present version; nothing happens when it has ended. False when something of
    /// that day or later is known of the unit, which stays as it is then.
    pub(crate) fn close(&mut self, unit: UnitId, on: Day) -> bool {
        let Some(DayRange { from, to }) = self.at(unit, on).map(|version| version.valid) else {
            return true;
        };
        if from >= on || to != Day::MAX || self.territory.is_settled(unit, on) {
            return false;
        }
        self.end_version(unit, DayRange { from, to }, on);
        true
    }

    fn end_version(&mut self, unit: UnitId, DayRange { from, to }: DayRange, on: Day) {
        let drafted = self.drafted.get(&unit).into_iter().flatten().copied();
        let mut drafted = drafted.filter(|at| self.plan.new_versions[*at].valid.from == from);
        match drafted.next() {
            Some(at) => self.plan.new_versions[at].valid.to = on,
            None => {
                self.plan.closed_versions.push(Closed { unit, from, was_to: to, to: on });
                self.closed.insert(unit, on);
            }
        }
    }

    /// Lets the unit go on from `on` as `next` says.
    ///
    /// Nothing happens when it is so already. Errors: `None` when something else of that day or
    /// later is known of it, or when the unit is not there.
    pub(crate) fn turn(&mut self, next: Version, on: Day) -> Option<()> {
        let is_same = is_same(self.at(next.unit, on)?, &next);
        if !is_same && self.territory.is_settled(next.unit, on) {
            return None;
        }
        self.alter(next, on)
    }

    fn alter(&mut self, next: Version, on: Day) -> Option<()> {
        let now = self.at(next.unit, on)?;
        if is_same(now, &next) {
            return Some(());
        }
        let valid = now.valid;
        if valid.from >= on || valid.to != Day::MAX {
            return None;
        }
        self.end_version(next.unit, valid, on);
        self.open(Version { valid: DayRange { from: on, to: valid.to }, ..next });
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
        // An act that names it as staying as it was does not say where what is above it goes.
        if self.alter(Version { parent: Some(parent), act, ..now }, on).is_none() {
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

    /// Records a change, unless it is known; its id is given here.
    pub(crate) fn record(&mut self, change: Change) -> Recorded {
        let key = change_key(&change);
        if let Some(known) = self.known_changes.get(&key) {
            let same_act = known.act.zip(change.act).is_none_or(|(known, told)| known == told);
            let same = known.part == change.part && same_act;
            return if same { Recorded::Same } else { Recorded::Otherwise(*known) };
        }
        self.known_changes.insert(key, Known { part: change.part, act: change.act });
        let id = self.next.change;
        self.next.change += 1;
        self.plan.new_changes.push(Change { id, ..change });
        Recorded::New
    }
}

fn change_key(change: &Change) -> ChangeKey {
    let kind = (!change.is_lineage()).then_some(change.kind);
    (change.on, kind, change.from, change.to)
}

/// Whether two versions say the same of a unit, whenever and by whichever act.
fn is_same(now: &Version, next: &Version) -> bool {
    Version { valid: next.valid, act: next.act, ..now.clone() } == *next
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
        ("/QH", "Quốc hội"),
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
