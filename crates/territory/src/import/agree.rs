//! Where a batch says something else of what is known already.

use std::collections::BTreeSet;

use base::text::tone_neutral;

use super::acts::ends_districts;
use super::batch::{ListedAct, ListedPart, ListedUnit};
use super::plan::{Former, Planning};
use crate::draft::{Known, KnownField};
use crate::{Change, ChangeKind, Kind, Level, Part, UnitId};

impl<'a> Planning<'a> {
    /// Adds an act of the list of acts, or completes what is not known of it.
    pub(super) fn tell(&mut self, listed: &'a ListedAct) {
        let id = self.act(&listed.act.number);
        for KnownField { field, known } in self.draft.complete(id, &listed.act) {
            let say = move |lang| lang::import::known_field(lang, &known);
            self.mistakes.add(listed.place(field), say);
        }
        let Some(on) = ends_districts(listed, self.batch.on) else { return };
        let territory = self.draft.territory;
        let ends = |change: &&Change| change.kind == ChangeKind::EndOfLevel && change.on == on;
        for change in territory.changes().iter().filter(ends) {
            match change.act {
                None => self.draft.complete_change(change.id, id),
                Some(known) if known == id => {}
                Some(known) => {
                    self.known_by(listed.place("ends_level"), known);
                    return;
                }
            }
        }
    }

    /// A change of a line that is known with another part or by another act.
    pub(super) fn known_otherwise(
        &mut self,
        line: &ListedPart,
        known: Known,
        (part, act): (Part, i64),
    ) {
        if known.part != part {
            let part = known.part;
            let say = move |lang| lang::import::known_part(lang, part.say(lang));
            self.mistakes.add(line.place_of_part(), say);
        }
        if let Some(known) = known.act.filter(|known| *known != act) {
            self.known_by(line.place.field("resolution"), known);
        }
    }

    fn known_by(&mut self, place: String, act: i64) {
        let number = self.draft.territory.act(act).map_or_else(String::new, |a| a.number.clone());
        self.mistakes.add(place, move |lang| lang::import::known_act(lang, &number));
    }

    pub(super) fn known_kind(&mut self, place: String, kind: Kind) {
        self.mistakes.add(place, move |lang| lang::import::known_kind(lang, kind.say(lang)));
    }

    /// Where it is known what became of a unit, the lines say the same, no more and no less.
    pub(super) fn check_fate(&mut self, unit: &Former<'a>, fates: &[&'a ListedPart]) {
        let (on, territory) = (self.batch.on, self.draft.territory);
        let leaves = |change: &&&Change| {
            let tells = change.is_lineage() || change.kind == ChangeKind::Dissolve;
            change.from == Some(unit.id) && change.on == on && tells
        };
        let changes = territory.changes_of(unit.id);
        let known: Vec<&&Change> = changes.iter().filter(leaves).collect();
        // The land that a district itself held here and there is not in every list.
        let own_land = unit.level == Level::District
            && known.iter().all(|change| change.part == Part::Unknown);
        if known.is_empty() || own_land {
            return;
        }
        let known: BTreeSet<Option<UnitId>> = known.iter().map(|change| change.to).collect();
        let units: Vec<Option<String>> =
            known.iter().map(|to| to.map(|to| territory.full_name(to, on))).collect();
        let say = move |lang: lang::Lang| {
            lang::import::known_fate(lang, names(&units, lang::change::dissolve(lang)))
        };
        let mut told = BTreeSet::new();
        for line in fates {
            let Some(to) = resolve(line.to.as_ref(), |code| self.new.get(code)) else { return };
            told.insert(to);
            if !known.contains(&to) {
                self.mistakes.add(line.place.field("new_code"), say.clone());
            }
        }
        if !known.is_subset(&told) {
            self.mistakes.add(unit.place.clone(), say);
        }
    }

    /// Where it is known what a unit was made of, the lines say the same, no more and no less.
    pub(super) fn check_sources(
        &mut self,
        unit: &ListedUnit,
        id: UnitId,
        sources: &[&'a ListedPart],
    ) {
        let (on, territory) = (self.batch.on, self.draft.territory);
        let is_own_land = |from: Option<UnitId>, part: Part| {
            let level = from.and_then(|from| territory.unit(from)).map(|from| from.level);
            part == Part::Unknown && level == Some(Level::District)
        };
        let arrives = |change: &&&Change| {
            let tells = change.is_lineage() || change.kind == ChangeKind::Establish;
            let own_land = is_own_land(change.from, change.part);
            change.to == Some(id) && change.on == on && tells && !own_land
        };
        let changes = territory.changes_of(id);
        let known: BTreeSet<Option<UnitId>> =
            changes.iter().filter(arrives).map(|change| change.from).collect();
        if known.is_empty() {
            return;
        }
        let units: Vec<Option<String>> =
            known.iter().map(|it| it.map(|it| territory.full_name(it, on.plus(-1)))).collect();
        let say = move |lang: lang::Lang| {
            lang::import::known_sources(lang, names(&units, lang::change::establish(lang)))
        };
        let mut told = BTreeSet::new();
        for line in sources {
            let Some(from) = resolve(line.from.as_ref(), |code| self.old.get(code)) else { return };
            told.insert(from);
            if !known.contains(&from) && !is_own_land(from, line.part) {
                self.mistakes.add(line.place.field("old_code"), say.clone());
            }
        }
        if !known.is_subset(&told) {
            self.mistakes.add(unit.place.field("code"), say);
        }
    }

    /// Where an act of the day is known to have named a unit that goes on, its name, kind, code
    /// and parent of that day are known. Whether the list says something else, which is a mistake.
    pub(super) fn check_told(
        &mut self,
        unit: &ListedUnit,
        id: UnitId,
        parent: Option<UnitId>,
    ) -> bool {
        let (on, territory) = (self.batch.on, self.draft.territory);
        let tells = |change: &&Change| {
            let kinds = [ChangeKind::Rename, ChangeKind::ChangeOfKind, ChangeKind::Unchanged];
            change.on == on && change.from == change.to && kinds.contains(&change.kind)
        };
        let told = territory.changes_of(id).into_iter().any(|change| tells(&change));
        let Some(now) = territory.at(id, on).filter(|_| told) else { return false };
        let before = self.mistakes.count();
        if tone_neutral(&now.full_name) != tone_neutral(&unit.full_name) {
            let (place, name) = (unit.place.field("full_name"), now.full_name.clone());
            self.mistakes.add(place, move |lang| lang::import::known_as(lang, &name));
        } else if now.kind != unit.kind {
            self.known_kind(unit.place.field("type"), now.kind);
        }
        if now.code.as_ref() != Some(&unit.code) {
            self.mistakes.add(unit.place.field("code"), lang::import::known_otherwise);
        }
        if now.parent != parent {
            self.mistakes.add(unit.place.field("parent_code"), lang::import::known_elsewhere);
        }
        self.mistakes.count() > before
    }
}

/// The unit of a code of a line, nothing where the field is empty; none after another mistake.
fn resolve<'u, C>(
    code: Option<C>,
    find: impl Fn(C) -> Option<&'u UnitId>,
) -> Option<Option<UnitId>> {
    match code {
        None => Some(None),
        Some(code) => find(code).copied().map(Some),
    }
}

/// Names of units, and a word for where there is none.
fn names(units: &[Option<String>], none: &str) -> String {
    units.iter().map(|name| name.as_deref().unwrap_or(none)).collect::<Vec<_>>().join(", ")
}
