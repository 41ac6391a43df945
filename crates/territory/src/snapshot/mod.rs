//! The whole territory in memory, unchanging; every question about it is a pure function.

mod check;
mod coverage;
mod history;
mod landing;
mod locate;
mod names;
mod say;
mod search;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use base::{Day, Result};

use crate::plan::NextIds;
use crate::{Act, Change, Level, Outline, Part, Plan, Unit, UnitCode, UnitId, Version};

pub use coverage::PartlyHeld;
pub use history::{Event, Happening};
pub(crate) use landing::Resolver;
pub use landing::{Landing, Share, apportion};
pub(crate) use names::{Forms, Named, key, roman};
pub use search::{Hit, Match};

/// All units of the nation with their history, acts, changes and outlines.
///
/// Made once from the database and replaced, never edited, when a merger is carried out.
#[derive(Clone, Debug)]
pub struct Territory {
    units: Vec<Unit>,
    acts: Vec<Act>,
    changes: Vec<Change>,
    outlines: Vec<Outline>,
    /// Place in `units` by id; [`NOWHERE`] where there is no such unit.
    places: Vec<u32>,
    codes: HashMap<UnitCode, Vec<At>>,
    /// By place of the parent: the versions that name it, in Vietnamese order of their names.
    below: Vec<Vec<At>>,
    top: Vec<At>,
    /// By place of the unit: places in `changes` that lead from it and to it.
    leaving: Vec<Vec<u32>>,
    arriving: Vec<Vec<u32>>,
    names: names::Names,
    next_ids: NextIds,
}

/// Where a version stands: place of its unit, place of the version in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    unit: u32,
    version: u32,
}

const NOWHERE: u32 = u32::MAX;

/// One step of lineage: the other unit, how much passed, by which act, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The unit at the other end.
    pub unit: UnitId,
    /// How much of the earlier unit passed.
    pub part: Part,
    /// The act; none when not known.
    pub act: Option<i64>,
    /// The day from which it holds.
    pub on: Day,
}

impl Territory {
    /// The snapshot of these rows.
    ///
    /// Errors: `Invalid` with one line for each row that contradicts another: periods with gaps,
    /// two units with one code on one day, a parent that is not there, a lineage that does not
    /// meet on its day.
    pub fn new(
        mut units: Vec<Unit>,
        mut acts: Vec<Act>,
        mut changes: Vec<Change>,
        outlines: Vec<Outline>,
    ) -> Result<Self> {
        units.sort_by_key(|unit| unit.id);
        acts.sort_by_key(|act| act.id);
        changes.sort_by_key(|change| (change.on, change.id));
        let places = check::places(&units)?;
        let count = units.len();
        let next_ids = NextIds::after(&units, &acts, &changes);
        let mut made = Self {
            units,
            acts,
            changes,
            outlines,
            places,
            codes: HashMap::new(),
            below: vec![Vec::new(); count],
            top: Vec::new(),
            leaving: vec![Vec::new(); count],
            arriving: vec![Vec::new(); count],
            names: names::Names::default(),
            next_ids,
        };
        check::units(&made)?;
        made.index();
        check::codes(&made)?;
        check::lineage(&made)?;
        Ok(made)
    }

    /// A territory without any unit, to import into.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            units: Vec::new(),
            acts: Vec::new(),
            changes: Vec::new(),
            outlines: Vec::new(),
            places: Vec::new(),
            codes: HashMap::new(),
            below: Vec::new(),
            top: Vec::new(),
            leaving: Vec::new(),
            arriving: Vec::new(),
            names: names::Names::default(),
            next_ids: NextIds::FIRST,
        }
    }

    /// The same, where ids up to these were given already, to rows that may be gone.
    #[must_use]
    pub(crate) fn numbered_from(self, ids: NextIds) -> Self {
        Self { next_ids: self.next_ids.max(ids), ..self }
    }

    pub(crate) const fn next_ids(&self) -> NextIds {
        self.next_ids
    }

    /// Whether what leaves each unit of which a plan says it makes up the whole unit. Older rows
    /// are not asked: what was written once is shown as it is.
    ///
    /// Errors: `Invalid` at the unit's name.
    pub(crate) fn check_parts(&self, plan: &Plan) -> Result<()> {
        check::parts(self, plan.new_changes.iter().filter_map(|change| change.from))
    }

    fn index(&mut self) {
        for (unit, row) in (0..).zip(&self.units) {
            for (version, row) in (0..).zip(&row.versions) {
                let at = At { unit, version };
                if let Some(code) = &row.code {
                    self.codes.entry(code.clone()).or_default().push(at);
                }
                match row.parent.and_then(|parent| self.place(parent)) {
                    Some(parent) => self.below[parent].push(at),
                    None => self.top.push(at),
                }
            }
        }
        for (at, change) in (0..).zip(&self.changes) {
            if let Some(from) = change.from.and_then(|id| self.place(id)) {
                self.leaving[from].push(at);
            }
            if let Some(to) = change.to.and_then(|id| self.place(id)) {
                self.arriving[to].push(at);
            }
        }
        // Each name is brought into its sorted form once: comparing names anew takes most of the time.
        let key = |version: &Version| (base::text::sort_key(&version.name), version.name.clone());
        let keys = |unit: &Unit| unit.versions.iter().map(key).collect::<Vec<_>>();
        let keys: Vec<_> = self.units.iter().map(keys).collect();
        for list in self.below.iter_mut().chain([&mut self.top]) {
            list.sort_by(|left, right| {
                let key = |at: &At| &keys[at.unit as usize][at.version as usize];
                key(left).cmp(key(right)).then(left.cmp(right))
            });
        }
        self.names = names::Names::new(&self.units);
    }

    pub(crate) fn place(&self, id: UnitId) -> Option<usize> {
        let place = *self.places.get(usize::try_from(id.0).ok()?)?;
        (place != NOWHERE).then_some(place as usize)
    }

    fn version(&self, at: At) -> &Version {
        &self.units[at.unit as usize].versions[at.version as usize]
    }

    /// All units, by id.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// All acts, by id.
    #[must_use]
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// All changes, by day and id.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// All outlines.
    #[must_use]
    pub fn outlines(&self) -> &[Outline] {
        &self.outlines
    }

    /// The unit of an id.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        Some(&self.units[self.place(id)?])
    }

    /// The act of an id.
    #[must_use]
    pub fn act(&self, id: i64) -> Option<&Act> {
        let place = self.acts.binary_search_by_key(&id, |act| act.id).ok()?;
        self.acts.get(place)
    }

    /// The unit as it was on a day; none when it was not there.
    #[must_use]
    pub fn at(&self, id: UnitId, day: Day) -> Option<&Version> {
        self.unit(id)?.at(day)
    }

    /// The unit that held a code on a day.
    #[must_use]
    pub fn by_code(&self, code: &str, day: Day) -> Option<&Version> {
        let valid = self.holders(code).filter(|version| version.valid.contains(day));
        valid.min_by_key(|version| version.kind.level())
    }

    /// Every version that ever held a code, oldest first.
    #[must_use]
    pub fn code_holders(&self, code: &str) -> Vec<&Version> {
        let mut holders: Vec<_> = self.holders(code).collect();
        holders.sort_by_key(|version| (version.valid.from, version.unit));
        holders
    }

    fn holders(&self, code: &str) -> impl Iterator<Item = &Version> {
        let level = match code.len() {
            2 => Level::Province,
            3 => Level::District,
            5 => Level::Commune,
            _ => Level::Hamlet,
        };
        // A hamlet's code may have the length of another level's, so both shapes are one text.
        let key = UnitCode::new(level, code).or_else(|_| UnitCode::new(Level::Hamlet, code));
        let places = key.ok().and_then(|key| self.codes.get(&key));
        places.into_iter().flatten().map(|at| self.version(*at))
    }

    /// The versions of provinces, districts and communes that bear a name, by [`key`] of it.
    pub(crate) fn named(&self, key: &str) -> impl Iterator<Item = &Version> {
        self.with_forms(key).map(|named| named.version)
    }

    /// Like [`Self::named`], with the forms of the names.
    pub(crate) fn with_forms(&self, key: &str) -> impl Iterator<Item = Named<'_>> {
        self.names.of_key(key).iter().map(|at| self.named_at(*at))
    }

    fn named_at(&self, at: At) -> Named<'_> {
        Named { version: self.version(at), forms: self.names.forms(at) }
    }

    /// The units directly under one (or the provinces) on a day, in Vietnamese order.
    pub fn children(&self, id: Option<UnitId>, day: Day) -> impl Iterator<Item = &Version> {
        self.children_with_forms(id, day).map(|named| named.version)
    }

    /// Like [`Self::children`], with the forms of the names.
    pub(crate) fn children_with_forms(
        &self,
        id: Option<UnitId>,
        day: Day,
    ) -> impl Iterator<Item = Named<'_>> {
        let list = match id {
            None => Some(&self.top),
            Some(id) => self.place(id).map(|place| &self.below[place]),
        };
        let named = list.into_iter().flatten().map(|at| self.named_at(*at));
        named.filter(move |named| named.version.valid.contains(day))
    }

    /// The units above one on a day, from the nearest up.
    #[must_use]
    pub fn ancestors(&self, id: UnitId, day: Day) -> Vec<&Version> {
        let mut above = Vec::new();
        let mut next = self.at(id, day).and_then(|version| version.parent);
        while let Some(version) = next.and_then(|id| self.at(id, day)) {
            above.push(version);
            next = version.parent;
        }
        above
    }

    /// Whether a unit is another one or lies in it on a day.
    #[must_use]
    pub fn is_within(&self, id: UnitId, other: UnitId, day: Day) -> bool {
        id == other || self.ancestors(id, day).iter().any(|version| version.unit == other)
    }

    /// All units of a level under one (or in the nation) on a day, each branch in Vietnamese
    /// order.
    #[must_use]
    pub fn under(&self, id: Option<UnitId>, day: Day, level: Level) -> Vec<&Version> {
        let mut found = Vec::new();
        self.collect_under(id, day, level, &mut found);
        found
    }

    fn collect_under<'a>(
        &'a self,
        id: Option<UnitId>,
        day: Day,
        level: Level,
        found: &mut Vec<&'a Version>,
    ) {
        for child in self.children(id, day) {
            if child.kind.level() == level {
                found.push(child);
            } else if child.kind.level() < level {
                self.collect_under(Some(child.unit), day, level, found);
            }
        }
    }

    /// Its full name with those above it, "Xã Vị Thủy, Huyện Vị Thủy, Tỉnh Hậu Giang".
    ///
    /// None when it was not there on that day.
    #[must_use]
    pub fn path(&self, id: UnitId, day: Day) -> Option<String> {
        let mut names = vec![self.at(id, day)?.full_name.as_str()];
        names.extend(self.ancestors(id, day).iter().map(|version| version.full_name.as_str()));
        Some(names.join(", "))
    }

    /// The units that gave a unit its land, one step back.
    #[must_use]
    pub fn predecessors(&self, id: UnitId) -> Vec<Link> {
        let Some(place) = self.place(id) else { return Vec::new() };
        self.links(&self.arriving[place], |change| change.from)
    }

    /// The units that took over a unit's land, one step on.
    #[must_use]
    pub fn successors(&self, id: UnitId) -> Vec<Link> {
        let Some(place) = self.place(id) else { return Vec::new() };
        self.links(&self.leaving[place], |change| change.to)
    }

    fn links(&self, places: &[u32], other: impl Fn(&Change) -> Option<UnitId>) -> Vec<Link> {
        let changes = places.iter().map(|at| &self.changes[*at as usize]);
        changes
            .filter(|change| change.is_lineage())
            .filter_map(|change| {
                let unit = other(change)?;
                Some(Link { unit, part: change.part, act: change.act, on: change.on })
            })
            .collect()
    }

    /// The changes that name a unit, by day and id.
    #[must_use]
    pub fn changes_of(&self, id: UnitId) -> Vec<&Change> {
        let Some(place) = self.place(id) else { return Vec::new() };
        let mut places = self.leaving[place].clone();
        places.extend(&self.arriving[place]);
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|at| &self.changes[at as usize]).collect()
    }
}

impl Unit {
    /// The version that held on a day.
    #[must_use]
    pub fn at(&self, day: Day) -> Option<&Version> {
        self.versions.iter().find(|version| version.valid.contains(day))
    }

    /// The first version.
    #[must_use]
    pub fn first(&self) -> Option<&Version> {
        self.versions.first()
    }

    /// The last version, of now or of the end.
    #[must_use]
    pub fn last(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// From its first day to its end.
    #[must_use]
    pub fn valid(&self) -> base::DayRange {
        base::DayRange {
            from: self.first().map_or(Day::MAX, |version| version.valid.from),
            to: self.last().map_or(Day::MAX, |version| version.valid.to),
        }
    }
}
