//! What an order would do, worked out without writing anything.

use std::collections::BTreeSet;

use base::text::{clean, tone_neutral};
use base::{Day, DayRange, Error, FieldError, Result};
use lang::Text;

use super::check::check;
use super::{Homonym, MergerOrder, Moved, NewUnit, Parent, Records, Rehearsal, Reissued, Warning};
use crate::draft::{Draft, KnownField, lineage_kind};
use crate::{Act, Change, ChangeKind, Level, Part, Plan, Territory, UnitId, Version};

/// Works out everything an order touches.
///
/// The identity rule: a new unit made of one whole unit is that unit, with another name, kind,
/// code or parent; any other is a new unit and its members end, even the one whose name or code
/// it carries. Children of an ended unit pass to the unit that took it as a whole; those of a
/// divided one as the order says.
///
/// What the order says of an act that is known already completes what is not known of it.
///
/// Errors: `Invalid` at `into[2].code` and the like: a code that another unit keeps, a parent or
/// member that is not there, parts that do not make up a unit; at `title` and the like of an act
/// that is known otherwise. Nothing is written in any case.
pub fn rehearse(territory: &Territory, order: &MergerOrder) -> Result<Rehearsal> {
    check(territory, order)?;
    let mut draft = Draft::new(territory);
    let act = draft.act(&order.act);
    complete(&mut draft, act, order)?;
    let formed = vec![UnitId(0); order.into.len()];
    let mut rehearsing = Rehearsing { draft, order, act, formed };
    // Units above are there before those that the order puts under them.
    for level in Level::ALL {
        for (at, unit) in order.into.iter().enumerate() {
            if unit.kind.level() == level {
                rehearsing.formed[at] = rehearsing.form(unit);
            }
        }
    }
    let ended = rehearsing.end();
    let (moved, undecided) = rehearsing.move_children(&ended);
    let reissued = rehearsing.reissue();
    let Rehearsing { draft, formed, .. } = rehearsing;
    let plan = draft.plan;
    // What would contradict itself is found here, not when it is written.
    territory.apply(&plan)?;
    let new: BTreeSet<UnitId> = plan.new_units.iter().map(|unit| unit.id).collect();
    let (established, kept) = formed.iter().partition(|id| new.contains(id));
    let mut warnings = warnings(territory, order);
    warnings.extend(undecided.into_iter().map(|child| Warning::Undecided { child }));
    let homonyms = homonyms(territory, order, &formed);
    let records = Records::default();
    let rehearsal = Rehearsal {
        plan,
        formed,
        ended,
        established,
        kept,
        moved,
        reissued,
        homonyms,
        warnings,
        records,
    };
    Ok(rehearsal)
}

/// What the order says of an act that is known already. Units may live by one act from several
/// days on, so the day of the order is not held against that of the act.
fn complete(draft: &mut Draft<'_>, act: i64, order: &MergerOrder) -> Result<()> {
    let otherwise = draft.complete(act, &Act { effective_on: None, ..order.act.clone() });
    let mistake = |KnownField { field, known }: KnownField| FieldError {
        place: field.to_owned(),
        text: Text::new(move |lang| lang::import::known_field(lang, &known)),
    };
    let mistakes: Vec<FieldError> = otherwise.into_iter().map(mistake).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Invalid(mistakes)) }
}

impl Rehearsal {
    /// The plan, once nothing is left to decide.
    ///
    /// Errors: `Refused` `territory.undecided` while children of divided units wait for a word.
    pub fn into_plan(self) -> Result<Plan> {
        let waits = |warning: &&Warning| matches!(warning, Warning::Undecided { .. });
        let count = self.warnings.iter().filter(waits).count();
        if count > 0 {
            return Err(Error::refused("territory.undecided", move |lang| {
                lang::merger::still_undecided(lang, count)
            }));
        }
        Ok(self.plan)
    }
}

struct Rehearsing<'a> {
    draft: Draft<'a>,
    order: &'a MergerOrder,
    act: i64,
    formed: Vec<UnitId>,
}

impl Rehearsing<'_> {
    fn form(&mut self, unit: &NewUnit) -> UnitId {
        let on = self.order.on;
        let parent = unit.parent.map(|parent| match parent {
            Parent::Known(id) => id,
            Parent::Formed(at) => self.formed[at],
        });
        let version = |id, valid| Version {
            unit: id,
            valid,
            code: Some(unit.code.clone()),
            name: clean(&unit.name),
            full_name: clean(&unit.full_name),
            kind: unit.kind,
            parent,
            act: Some(self.act),
        };
        if let [(source, Part::Whole)] = unit.from[..] {
            let before = self.draft.at(source, on.plus(-1)).cloned();
            let next = version(source, DayRange { from: on, to: Day::MAX });
            if let Some(before) = before {
                self.alter(&before, next);
            }
            return source;
        }
        let next = version(UnitId(0), DayRange { from: on, to: Day::MAX });
        let id = self.draft.establish(unit.kind.level(), None, false);
        self.draft.open(Version { unit: id, ..next });
        if unit.from.is_empty() {
            self.record(ChangeKind::Establish, (None, Some(id)), Part::Whole);
        }
        for (source, part) in &unit.from {
            let kind = lineage_kind(*part, unit.from.len());
            self.record(kind, (Some(*source), Some(id)), *part);
        }
        id
    }

    fn alter(&mut self, before: &Version, next: Version) {
        let unit = before.unit;
        let renamed = tone_neutral(&before.name) != tone_neutral(&next.name);
        let other_kind = before.kind != next.kind;
        let happened = [
            (ChangeKind::Rename, renamed),
            (ChangeKind::ChangeOfKind, other_kind),
            (ChangeKind::Reparent, before.parent != next.parent),
            (ChangeKind::Unchanged, !renamed && !other_kind),
        ];
        self.draft.turn(next, self.order.on);
        for (kind, _) in happened.into_iter().filter(|(_, happened)| *happened) {
            self.record(kind, (Some(unit), Some(unit)), Part::Whole);
        }
    }

    /// Ends the members that do not go on.
    fn end(&mut self) -> Vec<UnitId> {
        let members = self.order.into.iter().flat_map(|unit| &unit.from).map(|(unit, _)| *unit);
        let ended: BTreeSet<UnitId> = members.filter(|id| !self.formed.contains(id)).collect();
        for unit in &ended {
            self.draft.close(*unit, self.order.on);
        }
        ended.into_iter().collect()
    }

    fn move_children(&mut self, ended: &[UnitId]) -> (Vec<Moved>, Vec<UnitId>) {
        let (on, territory) = (self.order.on, self.draft.territory);
        let (mut moved, mut undecided) = (Vec::new(), Vec::new());
        let members: BTreeSet<UnitId> =
            self.order.into.iter().flat_map(|unit| &unit.from).map(|(unit, _)| *unit).collect();
        for from in ended {
            let takers: Vec<(usize, Part)> = self.takers(*from);
            let children: Vec<UnitId> =
                territory.children(Some(*from), on).map(|version| version.unit).collect();
            // What the order itself ends or alters is where the order puts it.
            let children = children.into_iter().filter(|child| !members.contains(child));
            for unit in children {
                let said = self.order.children.iter().find(|(child, _)| *child == unit);
                let into = match (&takers[..], said) {
                    (_, Some((_, into))) if takers.iter().any(|(at, _)| at == into) => *into,
                    ([(into, Part::Whole)], _) => *into,
                    (takers, _) => {
                        undecided.push(unit);
                        takers.first().map_or(0, |(at, _)| *at)
                    }
                };
                let to = self.formed[into];
                self.draft.reparent(unit, to, on, Some(self.act));
                moved.push(Moved { unit, from: *from, to });
            }
        }
        (moved, undecided)
    }

    /// The places in the order of the units that take a unit or parts of it.
    fn takers(&self, from: UnitId) -> Vec<(usize, Part)> {
        let into = self.order.into.iter().enumerate();
        let parts = into.flat_map(|(at, unit)| unit.from.iter().map(move |part| (at, *part)));
        parts.filter(|(_, (unit, _))| *unit == from).map(|(at, (_, part))| (at, part)).collect()
    }

    fn reissue(&mut self) -> Vec<Reissued> {
        let eve = self.order.on.plus(-1);
        let mut reissued = Vec::new();
        for (unit, id) in self.order.into.iter().zip(self.formed.clone()) {
            let holder = self.draft.territory.by_code(unit.code.as_str(), eve);
            let Some(holder) = holder.filter(|holder| holder.unit != id) else { continue };
            if tone_neutral(&holder.name) != tone_neutral(&unit.name) {
                let from = holder.unit;
                self.record(ChangeKind::CodeReissue, (Some(from), Some(id)), Part::Whole);
                reissued.push(Reissued { code: unit.code.clone(), from, to: id });
            }
        }
        reissued
    }

    fn record(
        &mut self,
        kind: ChangeKind,
        (from, to): (Option<UnitId>, Option<UnitId>),
        part: Part,
    ) {
        let (act, on) = (Some(self.act), self.order.on);
        self.draft.record(Change { id: 0, act, on, kind, from, to, part, note: String::new() });
    }
}

fn warnings(territory: &Territory, order: &MergerOrder) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut unknown = BTreeSet::new();
    for (into, unit) in order.into.iter().enumerate() {
        for (unit, _) in unit.from.iter().filter(|(_, part)| *part == Part::Unknown) {
            if unknown.insert(*unit) {
                warnings.push(Warning::SizeUnknown { unit: *unit });
            }
        }
        let parent = |id: &UnitId| territory.at(*id, order.on).and_then(|version| version.parent);
        let parents: BTreeSet<_> = unit.from.iter().map(|(id, _)| parent(id)).collect();
        if parents.len() > 1 {
            warnings.push(Warning::CrossesParents { into });
        }
    }
    warnings
}

/// The provinces of the day before in which a new unit will lie; none for a province itself.
fn provinces(
    territory: &Territory,
    order: &MergerOrder,
    unit: &NewUnit,
) -> Option<BTreeSet<UnitId>> {
    let eve = order.on.plus(-1);
    let top = |id: UnitId| territory.ancestors(id, eve).last().map_or(id, |version| version.unit);
    match unit.parent? {
        Parent::Known(parent) => Some(BTreeSet::from([top(parent)])),
        Parent::Formed(at) => {
            let above = order.into.get(at)?;
            let members = above.from.iter().map(|(member, _)| top(*member)).collect();
            Some(provinces(territory, order, above).unwrap_or(members))
        }
    }
}

fn homonyms(territory: &Territory, order: &MergerOrder, formed: &[UnitId]) -> Vec<Homonym> {
    let eve = order.on.plus(-1);
    let top = |id: UnitId| territory.ancestors(id, eve).last().map_or(id, |version| version.unit);
    let mut homonyms = Vec::new();
    for (unit, id) in order.into.iter().zip(formed) {
        let provinces = provinces(territory, order, unit);
        let name = tone_neutral(&unit.name);
        let mut others: Vec<UnitId> = territory
            .named(&crate::snapshot::key(&unit.name))
            .filter(|version| version.valid.contains(eve) && tone_neutral(&version.name) == name)
            .map(|version| version.unit)
            .filter(|other| unit.from.iter().all(|(member, _)| member != other))
            .filter(|other| provinces.as_ref().is_none_or(|known| known.contains(&top(*other))))
            .collect();
        // Two new ones of one name, too.
        let new = order
            .into
            .iter()
            .zip(formed)
            .filter(|(other, at)| *at != id && tone_neutral(&other.name) == name);
        others.extend(new.map(|(_, id)| *id));
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            homonyms.push(Homonym { unit: *id, others });
        }
    }
    homonyms
}
