//! What happened to a unit, in the order of time.

use std::collections::BTreeMap;

use base::Day;

use super::{Link, Territory};
use crate::{Change, ChangeKind, Kind, Part, UnitCode, UnitId, Version};

/// Something that happened to a unit, for a time line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The day from which it held.
    pub on: Day,
    /// The act; none when not known.
    pub act: Option<i64>,
    /// What it was.
    pub what: Happening,
}

/// What can happen to a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Our knowledge of it begins; it may be older.
    FirstKnown,
    /// Formed out of nothing before it.
    Established,
    /// Formed from these units or parts of them.
    FormedFrom(Vec<(UnitId, Part)>),
    /// It got another name; full names.
    Renamed {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// It became another kind of unit.
    KindChanged {
        /// Before.
        from: Kind,
        /// After.
        to: Kind,
    },
    /// It passed to another parent.
    Moved {
        /// Before.
        from: Option<UnitId>,
        /// After.
        to: Option<UnitId>,
    },
    /// It got another code.
    Recoded {
        /// Before.
        from: Option<UnitCode>,
        /// After.
        to: Option<UnitCode>,
    },
    /// An act names it as staying as it was.
    Unchanged,
    /// It ended as a whole in another unit.
    MergedInto(UnitId),
    /// It ended and its parts went to these units.
    DividedInto(Vec<(UnitId, Part)>),
    /// It ended with its level.
    LevelEnded,
    /// It ended without a successor.
    Dissolved,
    /// Its code passed to a unit of another name.
    CodePassedTo(UnitId),
    /// It got the code of a unit of another name.
    CodeTakenFrom(UnitId),
}

impl Territory {
    /// The first day of the rearrangement that moved most units, among those up to a day; of two
    /// alike the later one. Old papers were written by the map of the day before it.
    ///
    /// None when nothing was merged or divided until then.
    #[must_use]
    pub fn largest_merger(&self, until: Day) -> Option<Day> {
        let mut moved: BTreeMap<Day, usize> = BTreeMap::new();
        for change in self.changes().iter().filter(|change| change.is_lineage()) {
            *moved.entry(change.on).or_default() += 1;
        }
        let known = moved.into_iter().filter(|(on, _)| *on <= until);
        known.max_by_key(|(on, count)| (*count, *on)).map(|(on, _)| on)
    }

    /// Whether an act of that day or later names the unit as staying as it was, which leaves no
    /// version behind but says how the unit was on that day.
    pub(crate) fn is_settled(&self, id: UnitId, on: Day) -> bool {
        let mut changes = self.changes_of(id).into_iter();
        changes.any(|change| change.kind == ChangeKind::Unchanged && change.on >= on)
    }

    /// The life of a unit, oldest first; empty for an id that does not exist.
    #[must_use]
    pub fn history(&self, id: UnitId) -> Vec<Event> {
        let Some(unit) = self.unit(id) else { return Vec::new() };
        let changes = self.changes_of(id);
        let mut events = self.beginning(id, &changes);
        for pair in unit.versions.windows(2) {
            if let [before, after] = pair {
                between(before, after, &mut events);
            }
        }
        for change in &changes {
            let what = match (change.kind, change.from, change.to) {
                (ChangeKind::Unchanged, ..) => Happening::Unchanged,
                (ChangeKind::CodeReissue, Some(from), Some(to)) if from == id => {
                    Happening::CodePassedTo(to)
                }
                (ChangeKind::CodeReissue, Some(from), _) => Happening::CodeTakenFrom(from),
                (ChangeKind::EndOfLevel, ..) => Happening::LevelEnded,
                (ChangeKind::Dissolve, ..) => Happening::Dissolved,
                _ => continue,
            };
            events.push(Event { on: change.on, act: change.act, what });
        }
        events.extend(ending(&self.successors(id)));
        events.sort_by_key(|event| event.on);
        events
    }

    fn beginning(&self, id: UnitId, changes: &[&Change]) -> Vec<Event> {
        let earlier = self.predecessors(id);
        let parts = earlier.iter().map(|link| (link.unit, link.part)).collect();
        if let Some(link) = earlier.first() {
            let what = Happening::FormedFrom(parts);
            return vec![Event { on: link.on, act: link.act, what }];
        }
        let established = changes.iter().find(|change| change.kind == ChangeKind::Establish);
        if let Some(change) = established {
            let what = Happening::Established;
            return vec![Event { on: change.on, act: change.act, what }];
        }
        let first = self.unit(id).and_then(|unit| unit.first());
        let known = first.map(|version| Event {
            on: version.valid.from,
            act: version.act,
            what: Happening::FirstKnown,
        });
        known.into_iter().collect()
    }
}

fn between(before: &Version, after: &Version, events: &mut Vec<Event>) {
    let mut add = |what| events.push(Event { on: after.valid.from, act: after.act, what });
    if before.name != after.name {
        let (from, to) = (before.full_name.clone(), after.full_name.clone());
        add(Happening::Renamed { from, to });
    }
    if before.kind != after.kind {
        add(Happening::KindChanged { from: before.kind, to: after.kind });
    }
    if before.parent != after.parent {
        add(Happening::Moved { from: before.parent, to: after.parent });
    }
    if before.code != after.code {
        add(Happening::Recoded { from: before.code.clone(), to: after.code.clone() });
    }
}

fn ending(links: &[Link]) -> Option<Event> {
    let first = links.first()?;
    let what = match links {
        [link] if link.part == Part::Whole => Happening::MergedInto(link.unit),
        links => Happening::DividedInto(links.iter().map(|link| (link.unit, link.part)).collect()),
    };
    Some(Event { on: first.on, act: first.act, what })
}
