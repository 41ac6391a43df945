//! What must hold between the rows of a territory before anything is asked of it.

use std::collections::{BTreeSet, HashMap};

use base::{DayRange, Error, FieldError, Result, short_day};
use lang::{Lang, Text};

use super::{NOWHERE, Territory};
use crate::model::LARGEST_DENOMINATOR;
use crate::{Change, ChangeKind, Level, Part, Unit, UnitId, Version};

/// Mistakes beyond these are not listed.
const LISTED: usize = 50;

/// Ids above this are not dense.
const LARGEST_ID: i64 = 20_000_000;

#[derive(Default)]
struct Mistakes(Vec<FieldError>);

impl Mistakes {
    fn add<S: Into<String>>(
        &mut self,
        place: impl Into<String>,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        if self.0.len() < LISTED {
            self.0.push(FieldError { place: place.into(), text: Text::new(say) });
        }
    }

    fn none(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// The place of each unit by its id; the units must be sorted by id.
pub(super) fn places(units: &[Unit]) -> Result<Vec<u32>> {
    let mut mistakes = Mistakes::default();
    let last = units.last().map_or(0, |unit| unit.id.0.clamp(0, LARGEST_ID));
    let mut places = vec![NOWHERE; usize::try_from(last).map_or(0, |last| last + 1)];
    for (place, unit) in (0..).zip(units) {
        let id = unit.id.0;
        let slot = usize::try_from(id).ok().filter(|_| id > 0).and_then(|id| places.get_mut(id));
        match slot {
            Some(slot) if *slot == NOWHERE => *slot = place,
            _ => mistakes.add("unit", move |lang| lang::territory::bad_id(lang, id)),
        }
    }
    mistakes.none().map(|()| places)
}

/// Each unit by itself, and its parents: periods, levels, parents that are there all the time.
pub(super) fn units(territory: &Territory) -> Result<()> {
    let mut mistakes = Mistakes::default();
    for unit in territory.units() {
        if unit.versions.is_empty() {
            mistakes.add(place(unit), lang::territory::bad_no_version);
        }
        let mut before: Option<&Version> = None;
        for version in &unit.versions {
            let follows = before.is_none_or(|before| before.valid.to == version.valid.from);
            if !follows || version.valid.from >= version.valid.to || version.unit != unit.id {
                mistakes.add(place(unit), lang::territory::bad_gap);
            }
            if version.kind.level() != unit.level {
                let (kind, level) = (version.kind, unit.level);
                mistakes.add(place(unit), move |lang| {
                    lang::territory::bad_level(
                        lang,
                        lang::territory::BadLevel { kind: kind.say(lang), level: level.say(lang) },
                    )
                });
            }
            if !has_parent(territory, version) {
                let from = short_day(version.valid.from);
                mistakes.add(place(unit), move |lang| lang::territory::bad_parent(lang, &from));
            }
            before = Some(version);
        }
    }
    mistakes.none()
}

/// A parent stands on a higher level, which also means that there are no circles.
fn has_parent(territory: &Territory, version: &Version) -> bool {
    let Some(id) = version.parent else { return version.kind.level() == Level::Province };
    territory.unit(id).is_some_and(|parent| {
        let DayRange { from, to } = parent.valid();
        parent.level < version.kind.level() && from <= version.valid.from && version.valid.to <= to
    })
}

/// No two units of a level hold one code on one day.
pub(super) fn codes(territory: &Territory) -> Result<()> {
    let mut mistakes = Mistakes::default();
    for (code, places) in &territory.codes {
        let mut held: Vec<&Version> = places.iter().map(|at| territory.version(*at)).collect();
        held.sort_by_key(|version| (version.kind.level(), version.valid.from));
        for pair in held.windows(2) {
            let [earlier, later] = pair else { continue };
            let level = earlier.kind.level() == later.kind.level();
            if level && earlier.valid.to > later.valid.from {
                let (code, from) = (code.clone(), short_day(later.valid.from));
                let other = earlier.full_name.clone();
                mistakes.add(later.full_name.clone(), move |lang| {
                    lang::territory::bad_shared_code(
                        lang,
                        lang::territory::BadSharedCode { code: &code, from: &from, other: &other },
                    )
                });
            }
        }
    }
    mistakes.0.sort_by(|left, right| left.place.cmp(&right.place));
    mistakes.none()
}

/// Every change names units that are there, and land passes on the day one ends and one begins.
pub(super) fn lineage(territory: &Territory) -> Result<()> {
    let mut mistakes = Mistakes::default();
    let mut ids: HashMap<i64, ()> = HashMap::with_capacity(territory.changes.len());
    for change in territory.changes() {
        let (id, on) = (change.id, short_day(change.on));
        let known = |side: Option<UnitId>| side.is_none_or(|id| territory.place(id).is_some());
        let ends = known(change.from) && known(change.to);
        let unique = ids.insert(change.id, ()).is_none();
        if !ends || !unique || !meets(territory, change) {
            mistakes.add("change", move |lang| {
                lang::territory::bad_change(lang, lang::territory::BadChange { id, on: &on })
            });
        }
        if let Part::Share { numerator, denominator } = change.part
            && !(0 < numerator && numerator < denominator && denominator <= LARGEST_DENOMINATOR)
        {
            mistakes.add("change", move |lang| lang::territory::bad_part(lang, id));
        }
    }
    for outline in territory.outlines() {
        if territory.place(outline.unit).is_none() {
            mistakes.add("outline", lang::territory::bad_outline);
        }
    }
    mistakes.none()
}

/// The parts that leave each of these units on its last day make up a whole: exactly so where all
/// sizes are stated, and never a whole together with another part.
pub(super) fn parts(territory: &Territory, units: impl IntoIterator<Item = UnitId>) -> Result<()> {
    let mut mistakes = Mistakes::default();
    for id in units.into_iter().collect::<BTreeSet<_>>() {
        let Some(unit) = territory.unit(id) else { continue };
        let on = unit.valid().to;
        let leaves = |change: &&&Change| {
            change.from == Some(id) && (change.is_lineage() || change.kind == ChangeKind::Dissolve)
        };
        let changes = territory.changes_of(id);
        let parts: Vec<Part> = changes.iter().filter(leaves).map(|change| change.part).collect();
        // The land that a district itself held here and there is a part with no other part.
        let own_land = unit.level == Level::District && parts.iter().all(|p| *p == Part::Unknown);
        if !parts.is_empty() && !own_land && !Part::make_up_a_whole(&parts) {
            let on = short_day(on);
            mistakes.add(place(unit), move |lang| lang::territory::bad_parts(lang, &on));
        }
    }
    mistakes.none()
}

fn meets(territory: &Territory, change: &Change) -> bool {
    let valid = |id: Option<UnitId>| id.and_then(|id| territory.unit(id)).map(Unit::valid);
    let (from, to) = (valid(change.from), valid(change.to));
    let ended = from.is_some_and(|from| from.to == change.on);
    let began = to.is_some_and(|to| to.from == change.on);
    let same = change.from.is_some() && change.from == change.to;
    match change.kind {
        ChangeKind::Merge | ChangeKind::PartialTransfer | ChangeKind::Split => {
            ended && began && !same
        }
        ChangeKind::ChangeOfKind if !same => ended && began,
        ChangeKind::ChangeOfKind
        | ChangeKind::Rename
        | ChangeKind::Reparent
        | ChangeKind::Unchanged => same && from.is_some_and(|valid| valid.contains(change.on)),
        ChangeKind::EndOfLevel | ChangeKind::Dissolve => ended && to.is_none(),
        ChangeKind::Establish => began && from.is_none(),
        ChangeKind::CodeReissue => from.is_some() && to.is_some() && !same,
    }
}

fn place(unit: &Unit) -> String {
    unit.last().map_or_else(|| unit.id.to_string(), |version| version.full_name.clone())
}
