//! What a batch adds to what is known: who stays the same unit, who ends, who begins.

use std::collections::{HashMap, HashSet};

use base::text::tone_neutral;
use base::{Day, DayRange, Result, short_day};

use super::batch::{Batch, ListedHamlet, ListedPart, ListedUnit};
use super::read::Mistakes;
use crate::draft::{Draft, Recorded, bare_act, lineage_kind};
use crate::{Change, ChangeKind, Level, Part, Plan, Territory, UnitCode, UnitId, Version};

/// Plans a batch over what is known.
///
/// A unit that is whole the only source of a later unit on its level stays itself; every other
/// source ends and the later unit is a new one, even under a former name or code. Units already
/// known (same code, level and day, name equal but for the place of tone marks) are recognised
/// and keep id and spelling, so planning a batch twice gives an empty plan the second time.
/// What lies below a unit that goes whole into another goes with it, unless the batch says
/// otherwise. What is not known of a known act is completed.
///
/// Errors: `Invalid` where the batch contradicts what is known, at `file:line field`: what is known
/// is corrected by taking its import back, never by a second one beside it.
pub fn plan(territory: &Territory, batch: &Batch) -> Result<Plan> {
    let mut planning = Planning {
        draft: Draft::new(territory),
        batch,
        acts: HashMap::new(),
        old: HashMap::new(),
        named: HashSet::new(),
        new: HashMap::new(),
        fates: group(&batch.parts, |part| part.from.as_ref()),
        mistakes: Mistakes::default(),
    };
    for listed in &batch.acts {
        planning.tell(listed);
    }
    let former = planning.former();
    planning.mistakes.done()?;
    let sources = group(&batch.parts, |part| part.to.as_ref());
    for level in Level::ALL {
        for unit in batch.after.iter().filter(|unit| unit.kind.level() == level) {
            planning.later(unit, sources.get(&unit.code).map_or(&[], Vec::as_slice));
        }
    }
    for unit in &former {
        planning.end(unit);
    }
    for hamlet in &batch.hamlets {
        planning.hamlet(hamlet);
    }
    for unit in &former {
        planning.move_children(unit);
    }
    planning.mistakes.done()?;
    Ok(planning.draft.plan)
}

type Parts<'a> = Vec<&'a ListedPart>;

fn group<'a>(
    parts: &'a [ListedPart],
    key: impl Fn(&'a ListedPart) -> Option<&'a UnitCode>,
) -> HashMap<&'a UnitCode, Parts<'a>> {
    let mut groups: HashMap<_, Parts<'a>> = HashMap::new();
    for part in parts {
        if let Some(key) = key(part) {
            groups.entry(key).or_default().push(part);
        }
    }
    groups
}

/// A unit of the day before that the batch names.
pub(super) struct Former<'a> {
    pub(super) id: UnitId,
    pub(super) level: Level,
    code: &'a UnitCode,
    /// Where it is named, for messages.
    pub(super) place: String,
}

pub(super) struct Planning<'a> {
    pub(super) draft: Draft<'a>,
    pub(super) batch: &'a Batch,
    acts: HashMap<&'a str, i64>,
    pub(super) old: HashMap<&'a UnitCode, UnitId>,
    /// The units of `old`.
    named: HashSet<UnitId>,
    pub(super) new: HashMap<&'a UnitCode, UnitId>,
    /// By code of the day before: what became of the unit.
    fates: HashMap<&'a UnitCode, Parts<'a>>,
    pub(super) mistakes: Mistakes,
}

impl<'a> Planning<'a> {
    pub(super) fn act(&mut self, number: &'a str) -> i64 {
        if let Some(id) = self.acts.get(number) {
            return *id;
        }
        let mut listed = self.batch.acts.iter().map(|listed| &listed.act);
        let listed = listed.find(|act| act.number == number).cloned();
        let id = self.draft.act(&listed.unwrap_or_else(|| bare_act(number, self.batch.on)));
        self.acts.insert(number, id);
        id
    }

    /// The units of the day before, from the list of them or, without one, those that are known.
    fn former(&mut self) -> Vec<Former<'a>> {
        let batch = self.batch;
        let mut former = Vec::new();
        if let Some(before) = &batch.before {
            for level in Level::ALL {
                for unit in before.iter().filter(|unit| unit.kind.level() == level) {
                    let id = self.earlier(unit);
                    let (code, place) = (&unit.code, unit.place.field("code"));
                    former.push(Former { id, level, code, place });
                }
            }
            return former;
        }
        let (territory, eve) = (self.draft.territory, batch.on.plus(-1));
        for part in &batch.parts {
            let Some(code) = part.from.as_ref().filter(|code| !self.old.contains_key(*code)) else {
                continue;
            };
            let place = part.place.field("old_code");
            match territory.by_code(code.as_str(), eve) {
                Some(version) => {
                    self.old.insert(code, version.unit);
                    self.named.insert(version.unit);
                    let (id, level) = (version.unit, version.kind.level());
                    former.push(Former { id, level, code, place });
                }
                None => {
                    let (code, on) = (code.to_string(), short_day(eve));
                    self.mistakes.add(place, move |lang| {
                        let on = &on;
                        let args = lang::territory::CodeUnknown { code: &code, on };
                        lang::territory::code_unknown(lang, args)
                    });
                }
            }
        }
        former
    }

    /// A unit of the list before: recognised, or new since the conventional day.
    fn earlier(&mut self, unit: &'a ListedUnit) -> UnitId {
        let eve = self.batch.on.plus(-1);
        let parent = unit.parent.as_ref().and_then(|code| self.old.get(code).copied());
        let known = self.draft.territory.by_code(unit.code.as_str(), eve);
        let known = known.filter(|version| version.kind.level() == unit.kind.level());
        let id = match known {
            Some(version) => self.recognise(unit, version, parent),
            None => {
                let id = self.draft.establish(unit.kind.level(), None, unit.place.is_made_up());
                let valid = DayRange { from: self.batch.known_from, to: Day::MAX };
                self.draft.open(version_of(unit, id, valid, parent, None));
                id
            }
        };
        self.old.insert(&unit.code, id);
        self.named.insert(id);
        id
    }

    fn recognise(
        &mut self,
        unit: &ListedUnit,
        version: &Version,
        parent: Option<UnitId>,
    ) -> UnitId {
        if tone_neutral(&version.full_name) != tone_neutral(&unit.full_name) {
            let (place, name) = (unit.place.field("full_name"), version.full_name.clone());
            self.mistakes.add(place, move |lang| lang::import::known_as(lang, &name));
        } else if version.kind != unit.kind {
            self.known_kind(unit.place.field("type"), version.kind);
        } else if version.parent != parent {
            self.mistakes.add(unit.place.field("parent_code"), lang::import::known_elsewhere);
        }
        version.unit
    }

    /// A unit of the list after: one that goes on, a known new one, or a new one.
    fn later(&mut self, unit: &'a ListedUnit, sources: &[&'a ListedPart]) {
        let on = self.batch.on;
        let Some(first) = sources.first() else { return };
        let (act, parent) = (self.act(&first.act), self.parent(unit));
        self.check_levels(unit, sources);
        let id = match self.continued(unit, sources) {
            Some(id) => {
                self.go_on(unit, id, parent, first);
                id
            }
            None => match self.begun(unit) {
                Some(version) => {
                    self.check_sources(unit, version.unit, sources);
                    self.recognise(unit, &version, parent)
                }
                None => {
                    let level = unit.kind.level();
                    let origin = parent.filter(|_| level == Level::Hamlet);
                    let id = self.draft.establish(level, origin, unit.place.is_made_up());
                    let valid = DayRange { from: on, to: Day::MAX };
                    self.draft.open(version_of(unit, id, valid, parent, Some(act)));
                    id
                }
            },
        };
        self.new.insert(&unit.code, id);
        self.lineage(id, sources);
        self.take_code(unit, id, act);
    }

    /// The unit above one of the list after: of the list, or one that stays.
    fn parent(&mut self, unit: &ListedUnit) -> Option<UnitId> {
        let code = unit.parent.as_ref()?;
        if let Some(id) = self.new.get(code) {
            return Some(*id);
        }
        let known = self.draft.territory.by_code(code.as_str(), self.batch.on);
        let stays = known.filter(|version| {
            !self.named.contains(&version.unit) && version.kind.level() < unit.kind.level()
        });
        if stays.is_none() {
            self.mistakes.add(unit.place.field("parent_code"), lang::import::unknown_parent);
        }
        stays.map(|version| version.unit)
    }

    /// Land passes between units of one level; only of the districts did some become communes.
    fn check_levels(&mut self, unit: &ListedUnit, sources: &[&ListedPart]) {
        let eve = self.batch.on.plus(-1);
        for source in sources {
            let from = source.from.as_ref().and_then(|code| self.old.get(code));
            let level = from.and_then(|id| self.draft.at(*id, eve)).map(|from| from.kind.level());
            let fits = level.is_none_or(|l| l == unit.kind.level() || l == Level::District);
            if !fits {
                self.mistakes.add(source.place.field("new_code"), lang::merger::other_level);
            }
        }
    }

    /// The known unit of that code that began on the day. One that merely got a new version that
    /// day is not a new unit.
    fn begun(&self, unit: &ListedUnit) -> Option<Version> {
        let territory = self.draft.territory;
        let known = territory.by_code(unit.code.as_str(), self.batch.on)?;
        let began = territory.unit(known.unit)?.valid().from == self.batch.on;
        (began && known.kind.level() == unit.kind.level()).then(|| known.clone())
    }

    /// The identity rule: one whole source on the same level means the same unit.
    fn continued(&self, unit: &ListedUnit, sources: &[&ListedPart]) -> Option<UnitId> {
        let [source] = sources else { return None };
        let id = *self.old.get(source.from.as_ref()?)?;
        let level = self.draft.at(id, self.batch.on.plus(-1))?.kind.level();
        (source.part == Part::Whole && level == unit.kind.level()).then_some(id)
    }

    fn go_on(
        &mut self,
        unit: &ListedUnit,
        id: UnitId,
        parent: Option<UnitId>,
        line: &'a ListedPart,
    ) {
        let (on, act) = (self.batch.on, self.act(&line.act));
        let Some(before) = self.draft.at(id, on.plus(-1)).cloned() else { return };
        if self.check_told(unit, id, parent) {
            return;
        }
        let mut next = version_of(unit, id, before.valid, parent, Some(act));
        let renamed = tone_neutral(&before.name) != tone_neutral(&next.name);
        let other_kind = before.kind != next.kind;
        if !renamed {
            // The spelling that is known stays, behind whatever kind.
            let kind = next.full_name.strip_suffix(&next.name).unwrap_or_default();
            next.full_name = match (kind, other_kind) {
                (kind, true) if !kind.is_empty() => format!("{kind}{}", before.name),
                (_, true) => next.full_name,
                (_, false) => before.full_name.clone(),
            };
            next.name.clone_from(&before.name);
        }
        if self.draft.turn(next, on).is_none() {
            self.mistakes.add(unit.place.field("code"), lang::import::known_otherwise);
        }
        let happened = [
            (ChangeKind::Rename, renamed),
            (ChangeKind::ChangeOfKind, other_kind),
            (ChangeKind::Unchanged, !renamed && !other_kind),
            (ChangeKind::Reparent, before.parent != parent),
        ];
        for (kind, _) in happened.into_iter().filter(|(_, happened)| *happened) {
            self.record_line(line, kind, (Some(id), Some(id)), Part::Whole);
        }
    }

    fn lineage(&mut self, id: UnitId, sources: &[&'a ListedPart]) {
        for source in sources {
            let Some(code) = &source.from else {
                self.record_line(source, ChangeKind::Establish, (None, Some(id)), Part::Whole);
                continue;
            };
            let Some(from) = self.old.get(code).copied().filter(|from| *from != id) else {
                continue;
            };
            let kind = lineage_kind(source.part, sources.len());
            self.record_line(source, kind, (Some(from), Some(id)), source.part);
        }
    }

    /// Gives a unit its code: another unit must have let go of it, and where that one has another
    /// name, the code was re-issued.
    fn take_code(&mut self, unit: &ListedUnit, id: UnitId, act: i64) {
        let (territory, on) = (self.draft.territory, self.batch.on);
        let holder = territory.by_code(unit.code.as_str(), on).filter(|holder| {
            let free = holder.unit == id || self.named.contains(&holder.unit);
            holder.kind.level() == unit.kind.level() && !free
        });
        if holder.is_some() {
            self.mistakes.add(unit.place.field("code"), lang::merger::code_taken);
        }
        let before = territory.by_code(unit.code.as_str(), on.plus(-1)).map(|before| before.unit);
        let before = self.old.get(&unit.code).copied().or(before);
        let Some(before) = before.filter(|before| *before != id) else { return };
        let name = self.draft.at(before, on.plus(-1)).map(|v| tone_neutral(&v.name));
        if name.is_some_and(|name| name != tone_neutral(&unit.name)) {
            let sides = (Some(before), Some(id));
            self.record(ChangeKind::CodeReissue, sides, Part::Whole, Some(act), "");
        }
    }

    /// The lines that say what became of a unit.
    fn fates(&self, unit: &Former<'a>) -> Parts<'a> {
        self.fates.get(unit.code).cloned().unwrap_or_default()
    }

    /// Ends a unit of the day before that does not go on.
    fn end(&mut self, unit: &Former<'a>) {
        let (id, fates) = (unit.id, self.fates(unit));
        let goes_on =
            |fate: &&ListedPart| fate.to.as_ref().is_some_and(|to| self.new.get(to) == Some(&id));
        if fates.iter().any(goes_on) {
            return;
        }
        self.check_fate(unit, &fates);
        if !self.draft.close(id, self.batch.on) {
            self.mistakes.add(unit.place.clone(), lang::import::known_otherwise);
        }
        for fate in fates.iter().filter(|fate| fate.to.is_none()) {
            self.record_line(fate, ChangeKind::Dissolve, (Some(id), None), Part::Whole);
        }
        let told = fates.iter().any(|fate| fate.part == Part::Whole);
        if unit.level == Level::District && !told {
            let act = self.batch.level_end.as_deref().map(|number| self.act(number));
            self.record(ChangeKind::EndOfLevel, (Some(id), None), Part::Whole, act, "");
        }
    }

    fn hamlet(&mut self, hamlet: &'a ListedHamlet) {
        let on = self.batch.on;
        let (Some(before), Some(after)) =
            (self.old.get(&hamlet.before).copied(), self.new.get(&hamlet.after).copied())
        else {
            return;
        };
        let known = self.draft.territory.by_code(hamlet.code.as_str(), on.plus(-1));
        let known = known.filter(|version| version.kind.level() == Level::Hamlet);
        let id = match known {
            Some(version) => {
                let (name, elsewhere) = (version.full_name.clone(), version.parent != Some(before));
                let (id, kind) = (version.unit, version.kind);
                if tone_neutral(&name) != tone_neutral(&hamlet.full_name) {
                    let place = hamlet.place.field("full_name");
                    self.mistakes.add(place, move |lang| lang::import::known_as(lang, &name));
                } else if kind != hamlet.kind {
                    self.known_kind(hamlet.place.field("type"), kind);
                } else if elsewhere {
                    let place = hamlet.place.field("code");
                    self.mistakes.add(place, lang::import::known_elsewhere);
                }
                id
            }
            None => {
                let made_up = hamlet.place.is_made_up();
                let id = self.draft.establish(Level::Hamlet, Some(before), made_up);
                let valid = DayRange { from: self.batch.known_from, to: Day::MAX };
                self.draft.open(Version {
                    unit: id,
                    valid,
                    code: Some(hamlet.code.clone()),
                    name: hamlet.name.clone(),
                    full_name: hamlet.full_name.clone(),
                    kind: hamlet.kind,
                    parent: Some(before),
                    act: None,
                });
                id
            }
        };
        let fates = self.fates.get(&hamlet.before).into_iter().flatten();
        let line = fates.copied().find(|fate| fate.to.as_ref() == Some(&hamlet.after));
        let act = line.map(|line| self.act(&line.act));
        if !self.draft.reparent(id, after, on, act) {
            self.mistakes.add(hamlet.place.field("code"), lang::import::known_otherwise);
        }
    }

    /// What is known below a unit and the batch does not name goes where the unit went as a
    /// whole; of a divided or dissolved unit somebody has to say where each of them lies.
    fn move_children(&mut self, unit: &Former<'a>) {
        let (on, id, territory) = (self.batch.on, unit.id, self.draft.territory);
        let children: Vec<UnitId> =
            territory.children(Some(id), on).map(|version| version.unit).collect();
        let fates = self.fates(unit);
        for child in children {
            if self.draft.at(child, on).is_none_or(|now| now.parent != Some(id)) {
                continue;
            }
            let to = match &fates[..] {
                [fate] if fate.part == Part::Whole => fate.to.as_ref(),
                _ => None,
            };
            let to = to.and_then(|code| self.new.get(code).copied());
            match (to, fates.first()) {
                (Some(to), _) if to == id => {}
                (Some(to), Some(fate)) => {
                    let act = self.act(&fate.act);
                    if !self.draft.reparent(child, to, on, Some(act)) {
                        self.mistakes.add(unit.place.clone(), lang::import::known_otherwise);
                    }
                }
                _ => {
                    self.mistakes.add(unit.place.clone(), lang::import::children_undecided);
                    return;
                }
            }
        }
    }

    /// Records what a line says; a change that is known with another part or act is a mistake.
    fn record_line(
        &mut self,
        line: &'a ListedPart,
        kind: ChangeKind,
        sides: (Option<UnitId>, Option<UnitId>),
        part: Part,
    ) {
        let act = self.act(&line.act);
        if let Recorded::Otherwise(known) = self.record(kind, sides, part, Some(act), &line.note) {
            // Whoever is below a unit that moved has moved by the act that moved it.
            if kind != ChangeKind::Reparent {
                self.known_otherwise(line, known, (part, act));
            }
        }
    }

    fn record(
        &mut self,
        kind: ChangeKind,
        (from, to): (Option<UnitId>, Option<UnitId>),
        part: Part,
        act: Option<i64>,
        note: &str,
    ) -> Recorded {
        let note = note.to_owned();
        self.draft.record(Change { id: 0, act, on: self.batch.on, kind, from, to, part, note })
    }
}

fn version_of(
    listed: &ListedUnit,
    unit: UnitId,
    valid: DayRange,
    parent: Option<UnitId>,
    act: Option<i64>,
) -> Version {
    Version {
        unit,
        valid,
        code: Some(listed.code.clone()),
        name: listed.name.clone(),
        full_name: listed.full_name.clone(),
        kind: listed.kind,
        parent,
        act,
    }
}
