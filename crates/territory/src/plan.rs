//! A change of the territory as rows to close and rows to add, so that it can be undone exactly.

use std::collections::HashSet;

use base::{Day, DayRange, Error, Result};
use serde::{Deserialize, Serialize};

use crate::{Act, Change, Territory, Unit, UnitId, Version};

/// What an import or a merger writes. Nothing is overwritten but the end of versions still open,
/// and what of an act or change was not known.
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
    /// Acts of which more is known now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub completed_acts: Vec<CompletedAct>,
    /// Changes of which the act is known now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub completed_changes: Vec<CompletedChange>,
    /// Outlines, each of which goes before the one that its unit had. Their polygons stand beside
    /// the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlines: Vec<Drawn>,
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

/// What is known now of an act. Only fields that were empty are filled, so emptying them goes
/// back to what was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletedAct {
    /// Which act.
    pub act: i64,
    /// Its issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The day it was adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_on: Option<Day>,
    /// The day units live by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<Day>,
    /// Where its text was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A change that was known without its act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletedChange {
    /// Which change.
    pub change: i64,
    /// The act by which it happened.
    pub act: i64,
}

/// An outline that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Whose outline.
    pub unit: UnitId,
    /// Its first day.
    pub from: Day,
    /// Whether it is only a sketch; a unit may have one of each sort.
    pub schematic: bool,
    /// What it is like, as the journal keeps it, in hexadecimal.
    pub hash: String,
}

impl Drawn {
    /// What names it: of one unit, first day and sort only one is drawn.
    pub(crate) const fn key(&self) -> (UnitId, Day, bool) {
        (self.unit, self.from, self.schematic)
    }
}

/// The ids that come next: higher than any that was ever given, also to rows that were taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextIds {
    pub(crate) unit: i64,
    pub(crate) act: i64,
    pub(crate) change: i64,
}

impl NextIds {
    pub(crate) const FIRST: Self = Self { unit: 1, act: 1, change: 1 };

    /// Those that follow these rows.
    pub(crate) fn after(units: &[Unit], acts: &[Act], changes: &[Change]) -> Self {
        let next = |ids: &mut dyn Iterator<Item = i64>| ids.max().map_or(1, |id| id + 1);
        Self {
            unit: next(&mut units.iter().map(|unit| unit.id.0)),
            act: next(&mut acts.iter().map(|act| act.id)),
            change: next(&mut changes.iter().map(|change| change.id)),
        }
    }

    /// Those that follow what a plan adds.
    pub(crate) fn beyond(plan: &Plan) -> Self {
        Self::after(&plan.new_units, &plan.new_acts, &plan.new_changes)
    }

    /// The later of each.
    #[must_use]
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            unit: self.unit.max(other.unit),
            act: self.act.max(other.act),
            change: self.change.max(other.change),
        }
    }
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
        let changes: HashSet<i64> = earlier.new_changes.iter().map(|change| change.id).collect();
        let drawn: HashSet<_> = earlier.outlines.iter().map(Drawn::key).collect();
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
            || self.completed_acts.iter().any(|completed| acts.contains(&completed.act))
            || self.completed_changes.iter().any(|completed| {
                changes.contains(&completed.change) || acts.contains(&completed.act)
            })
            || self
                .outlines
                .iter()
                .any(|outline| new.contains(&outline.unit) || drawn.contains(&outline.key()))
    }
}

impl Territory {
    /// The territory after a plan, without its outlines.
    ///
    /// Errors: `Conflict` when a row to close or complete is not as the plan found it (somebody was
    /// faster); `Invalid` when the result would contradict itself, see [`Territory::new`], or when
    /// the parts that leave a unit of the plan do not make up a whole.
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
        for completed in &plan.completed_acts {
            let act = acts.iter_mut().find(|act| act.id == completed.act);
            completed.fill(act.ok_or_else(overtaken)?)?;
        }
        let mut changes = self.changes().to_vec();
        for completed in &plan.completed_changes {
            set_act(&mut changes, completed.change, None, Some(completed.act))?;
        }
        changes.extend(plan.new_changes.iter().cloned());
        let made = Self::new(units, acts, changes, self.outlines().to_vec())?;
        made.check_parts(plan)?;
        Ok(made.numbered_from(self.next_ids()))
    }

    /// The territory as it was before a plan that was applied to it; outlines of the plan's units
    /// go with them. Those that the plan's own outlines replaced are not in memory: they come back
    /// with the rows of the database.
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
        let (acts, changes) = self.without_acts_and_changes(plan)?;
        let drawn: HashSet<_> = plan.outlines.iter().map(Drawn::key).collect();
        let outlines = self.outlines().iter().filter(|outline| {
            let key = (outline.unit, outline.valid.from, outline.schematic);
            !new.contains(&outline.unit) && !drawn.contains(&key)
        });
        let made = Self::new(units, acts, changes, outlines.cloned().collect())?;
        Ok(made.numbered_from(self.next_ids()))
    }

    fn without_acts_and_changes(&self, plan: &Plan) -> Result<(Vec<Act>, Vec<Change>)> {
        let gone: HashSet<i64> = plan.new_acts.iter().map(|act| act.id).collect();
        let mut acts: Vec<Act> =
            self.acts().iter().filter(|act| !gone.contains(&act.id)).cloned().collect();
        for completed in &plan.completed_acts {
            let act = acts.iter_mut().find(|act| act.id == completed.act);
            completed.empty(act.ok_or_else(overtaken)?)?;
        }
        let gone: HashSet<i64> = plan.new_changes.iter().map(|change| change.id).collect();
        let mut changes: Vec<Change> =
            self.changes().iter().filter(|change| !gone.contains(&change.id)).cloned().collect();
        for completed in &plan.completed_changes {
            set_act(&mut changes, completed.change, Some(completed.act), None)?;
        }
        Ok((acts, changes))
    }
}

impl CompletedAct {
    /// Fills the fields, which must be empty.
    fn fill(&self, act: &mut Act) -> Result<()> {
        self.exchange(
            act,
            |field, text| exchange(field, "", text),
            |field, day| exchange(field, &None, &Some(day)),
        )
    }

    /// Empties the fields, which must be as they were filled.
    fn empty(&self, act: &mut Act) -> Result<()> {
        self.exchange(
            act,
            |field, text| exchange(field, text, ""),
            |field, day| exchange(field, &Some(day), &None),
        )
    }

    fn exchange(
        &self,
        act: &mut Act,
        text: impl Fn(&mut String, &str) -> Result<()>,
        day: impl Fn(&mut Option<Day>, Day) -> Result<()>,
    ) -> Result<()> {
        let texts = [
            (&mut act.issuer, &self.issuer),
            (&mut act.title, &self.title),
            (&mut act.source, &self.source),
        ];
        for (field, told) in texts {
            told.as_deref().map_or(Ok(()), |told| text(field, told))?;
        }
        let days =
            [(&mut act.adopted_on, self.adopted_on), (&mut act.effective_on, self.effective_on)];
        for (field, told) in days {
            told.map_or(Ok(()), |told| day(field, told))?;
        }
        Ok(())
    }
}

fn exchange<T, B>(field: &mut T, before: &B, after: &B) -> Result<()>
where
    T: std::borrow::Borrow<B>,
    B: PartialEq + ToOwned<Owned = T> + ?Sized,
{
    if (*field).borrow() != before {
        return Err(overtaken());
    }
    *field = after.to_owned();
    Ok(())
}

fn set_act(changes: &mut [Change], id: i64, before: Option<i64>, after: Option<i64>) -> Result<()> {
    let mut held = changes.iter_mut().filter(|change| change.id == id && change.act == before);
    held.next().ok_or_else(overtaken)?.act = after;
    Ok(())
}

fn overtaken() -> Error {
    Error::Conflict(lang::Text::new(lang::territory::plan_overtaken))
}
