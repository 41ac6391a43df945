//! What a batch adds to what is known: who stays the same unit, who ends, who begins.

use std::collections::HashMap;

use base::text::tone_neutral;
use base::{Day, DayRange, Error, FieldError, Result};
use lang::{Lang, Text};

use super::batch::{Batch, ListedHamlet, ListedPart, ListedUnit};
use crate::plan::{Draft, Plan, bare_act, lineage_kind};
use crate::{Act, Change, ChangeKind, Level, Part, Territory, UnitCode, UnitId, Version};

/// Plans a batch over what is known.
///
/// A unit that is whole the only source of a later unit on its level stays itself; every other
/// source ends and the later unit is a new one, even under a former name or code. Units already
/// known (same code, level and day, name equal but for the place of tone marks) are recognised
/// and keep id and spelling, so planning a batch twice gives an empty plan the second time.
///
/// Errors: `Invalid` where the batch contradicts what is known, at `file:line field`.
pub fn plan(territory: &Territory, batch: &Batch) -> Result<Plan> {
    let mut planning = Planning {
        draft: Draft::new(territory),
        batch,
        acts: HashMap::new(),
        old: HashMap::new(),
        new: HashMap::new(),
        mistakes: Vec::new(),
    };
    for act in &batch.acts {
        planning.act(&act.number);
    }
    for level in [Level::Province, Level::District, Level::Commune] {
        for unit in batch.before.iter().filter(|unit| unit.kind.level() == level) {
            planning.earlier(unit);
        }
    }
    let sources = group(&batch.parts, |part| &part.to);
    let fates = group(&batch.parts, |part| &part.from);
    for level in [Level::Province, Level::District, Level::Commune] {
        for unit in batch.after.iter().filter(|unit| unit.kind.level() == level) {
            planning.later(unit, &sources[&unit.code]);
        }
    }
    for unit in &batch.before {
        planning.end(unit, fates.get(&unit.code).map_or(&[], Vec::as_slice));
    }
    for hamlet in &batch.hamlets {
        planning.hamlet(hamlet, &fates[&hamlet.before]);
    }
    for unit in &batch.before {
        planning.move_hamlets(unit, fates.get(&unit.code).map_or(&[], Vec::as_slice));
    }
    if !planning.mistakes.is_empty() {
        return Err(Error::Invalid(planning.mistakes));
    }
    Ok(planning.draft.plan)
}

type Parts<'a> = Vec<&'a ListedPart>;

fn group<'a>(
    parts: &'a [ListedPart],
    key: impl Fn(&'a ListedPart) -> &'a UnitCode,
) -> HashMap<&'a UnitCode, Parts<'a>> {
    let mut groups: HashMap<_, Parts<'a>> = HashMap::new();
    for part in parts {
        groups.entry(key(part)).or_default().push(part);
    }
    groups
}

struct Planning<'a> {
    draft: Draft<'a>,
    batch: &'a Batch,
    acts: HashMap<&'a str, i64>,
    old: HashMap<&'a UnitCode, UnitId>,
    new: HashMap<&'a UnitCode, UnitId>,
    mistakes: Vec<FieldError>,
}

impl<'a> Planning<'a> {
    fn mistake<S: Into<String>>(
        &mut self,
        place: String,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        if self.mistakes.len() < 50 {
            self.mistakes.push(FieldError { place, text: Text::new(say) });
        }
    }

    fn act(&mut self, number: &'a str) -> i64 {
        if let Some(id) = self.acts.get(number) {
            return *id;
        }
        let known = self.batch.acts.iter().find(|act| act.number == number);
        let act: Act = known.cloned().unwrap_or_else(|| bare_act(number, self.batch.on));
        let id = self.draft.act(&act);
        self.acts.insert(number, id);
        id
    }

    /// A unit of the list before: recognised, or new since the conventional day.
    fn earlier(&mut self, unit: &'a ListedUnit) {
        let eve = self.batch.on.plus(-1);
        let parent = unit.parent.as_ref().and_then(|code| self.old.get(code).copied());
        let known = self.draft.territory.by_code(unit.code.as_str(), eve);
        let known = known.filter(|version| version.kind.level() == unit.kind.level());
        if let Some(version) = known {
            if tone_neutral(&version.full_name) != tone_neutral(&unit.full_name) {
                let (place, name) = (unit.place.field("full_name"), version.full_name.clone());
                self.mistake(place, move |lang| lang::import::known_as(lang, &name));
            } else if version.parent != parent {
                self.mistake(unit.place.field("parent_code"), lang::import::known_elsewhere);
            }
            self.old.insert(&unit.code, version.unit);
            return;
        }
        let id = self.draft.establish(unit.kind.level(), None, false);
        let valid = DayRange { from: self.batch.known_from, to: Day::MAX };
        self.draft.open(version_of(unit, id, valid, parent, None));
        self.old.insert(&unit.code, id);
    }

    /// A unit of the list after: one that goes on, a known new one, or a new one.
    fn later(&mut self, unit: &'a ListedUnit, sources: &[&'a ListedPart]) {
        let on = self.batch.on;
        let parent = unit.parent.as_ref().and_then(|code| self.new.get(code).copied());
        let Some(first) = sources.first() else { return };
        let act = self.act(&first.act);
        let id = match self.continued(unit, sources) {
            Some(id) => {
                self.go_on(unit, id, parent, first);
                id
            }
            None => {
                let known = self.draft.territory.by_code(unit.code.as_str(), on);
                let begun = known.filter(|version| {
                    version.kind.level() == unit.kind.level() && version.valid.from == on
                });
                // A known unit that merely got a new version that day is not a new unit.
                let begun = begun.filter(|version| {
                    let known = self.draft.territory.unit(version.unit);
                    known.is_some_and(|unit| unit.valid().from == on)
                });
                match begun.cloned() {
                    Some(version) => self.recognise(unit, &version, parent),
                    None => {
                        let id = self.draft.establish(unit.kind.level(), None, false);
                        let valid = DayRange { from: on, to: Day::MAX };
                        self.draft.open(version_of(unit, id, valid, parent, Some(act)));
                        id
                    }
                }
            }
        };
        self.new.insert(&unit.code, id);
        self.lineage(id, sources);
        self.reissue(unit, id, act);
    }

    fn recognise(
        &mut self,
        unit: &ListedUnit,
        version: &Version,
        parent: Option<UnitId>,
    ) -> UnitId {
        if tone_neutral(&version.full_name) != tone_neutral(&unit.full_name) {
            let (place, name) = (unit.place.field("full_name"), version.full_name.clone());
            self.mistake(place, move |lang| lang::import::known_as(lang, &name));
        } else if version.parent != parent {
            self.mistake(unit.place.field("parent_code"), lang::import::known_elsewhere);
        }
        version.unit
    }

    /// The identity rule: one whole source on the same level means the same unit.
    fn continued(&self, unit: &ListedUnit, sources: &[&ListedPart]) -> Option<UnitId> {
        let [source] = sources else { return None };
        let id = *self.old.get(&source.from)?;
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
        let mut next = version_of(unit, id, before.valid, parent, Some(act));
        let renamed = tone_neutral(&before.name) != tone_neutral(&next.name);
        let other_kind = before.kind != next.kind;
        if !renamed {
            next.name.clone_from(&before.name);
        }
        if !renamed && !other_kind {
            next.full_name.clone_from(&before.full_name);
        }
        if self.draft.turn(next, on).is_none() {
            self.mistake(unit.place.field("code"), lang::import::known_otherwise);
        }
        let happened = [
            (ChangeKind::Rename, renamed),
            (ChangeKind::ChangeOfKind, other_kind),
            (ChangeKind::Unchanged, !renamed && !other_kind),
            (ChangeKind::Reparent, before.parent != parent),
        ];
        for (kind, _) in happened.into_iter().filter(|(_, happened)| *happened) {
            self.record(kind, (Some(id), Some(id)), Part::Whole, Some(act), &line.note);
        }
    }

    fn lineage(&mut self, id: UnitId, sources: &[&'a ListedPart]) {
        for source in sources {
            let Some(from) = self.old.get(&source.from).copied() else { continue };
            if from == id {
                continue;
            }
            let kind = lineage_kind(source.part, sources.len());
            let act = self.act(&source.act);
            self.record(kind, (Some(from), Some(id)), source.part, Some(act), &source.note);
        }
    }

    /// Records that a code now names a unit of another name.
    fn reissue(&mut self, unit: &ListedUnit, id: UnitId, act: i64) {
        let Some(holder) = self.old.get(&unit.code).copied().filter(|holder| *holder != id) else {
            return;
        };
        let name = self.draft.at(holder, self.batch.on.plus(-1)).map(|v| tone_neutral(&v.name));
        if name.is_some_and(|name| name != tone_neutral(&unit.name)) {
            let sides = (Some(holder), Some(id));
            self.record(ChangeKind::CodeReissue, sides, Part::Whole, Some(act), "");
        }
    }

    /// Ends a unit of the list before that does not go on.
    fn end(&mut self, unit: &'a ListedUnit, fates: &[&'a ListedPart]) {
        let Some(id) = self.old.get(&unit.code).copied() else { return };
        if fates.iter().any(|fate| self.new.get(&fate.to) == Some(&id)) {
            return;
        }
        self.draft.close(id, self.batch.on);
        let succeeded = fates.iter().any(|fate| fate.part == Part::Whole);
        if unit.kind.level() == Level::District && !succeeded {
            let act = self.batch.level_end.as_deref().map(|number| self.act(number));
            self.record(ChangeKind::EndOfLevel, (Some(id), None), Part::Whole, act, "");
        }
    }

    fn hamlet(&mut self, hamlet: &'a ListedHamlet, fates: &[&'a ListedPart]) {
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
                let id = version.unit;
                if tone_neutral(&name) != tone_neutral(&hamlet.full_name) {
                    let place = hamlet.place.field("full_name");
                    self.mistake(place, move |lang| lang::import::known_as(lang, &name));
                } else if elsewhere {
                    let place = hamlet.place.field("code");
                    self.mistake(place, lang::import::known_elsewhere);
                }
                id
            }
            None => {
                let id = self.draft.establish(Level::Hamlet, Some(before), true);
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
        let line = fates.iter().find(|fate| fate.to == hamlet.after);
        let act = line.map(|line| self.act(&line.act));
        if !self.draft.reparent(id, after, on, act) {
            self.mistake(hamlet.place.field("code"), lang::import::known_otherwise);
        }
    }

    /// Hamlets known before that the batch does not name follow their commune where it went as a
    /// whole; of a divided commune somebody has to say where each hamlet lies.
    fn move_hamlets(&mut self, unit: &'a ListedUnit, fates: &[&'a ListedPart]) {
        let on = self.batch.on;
        let Some(id) = self.old.get(&unit.code).copied() else { return };
        let territory = self.draft.territory;
        let children: Vec<UnitId> =
            territory.children(Some(id), on).map(|version| version.unit).collect();
        for child in children {
            let level = territory.unit(child).map(|unit| unit.level);
            let waits = self.draft.at(child, on).is_some_and(|now| now.parent == Some(id));
            if !waits || level != Some(Level::Hamlet) {
                continue;
            }
            match fates {
                [fate] if self.new.get(&fate.to) == Some(&id) => {}
                [fate] if fate.part == Part::Whole => {
                    let act = self.act(&fate.act);
                    if let Some(to) = self.new.get(&fate.to).copied() {
                        self.draft.reparent(child, to, on, Some(act));
                    }
                }
                _ => self.mistake(unit.place.field("code"), lang::import::hamlets_undecided),
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
    ) {
        let note = note.to_owned();
        self.draft.record(Change { id: 0, act, on: self.batch.on, kind, from, to, part, note });
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
