//! The groups of a family in force, and what they hide of an answer.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Day, Error, Result};
use packs::{Catalogue, Indicator};
use serde::{Deserialize, Serialize};
use store::Tx;
use territory::{BasisMap, Territory, UnitId};

use super::family::Family;
use super::is_protected_number;
use super::numbers::{self, Nowhere};
use super::openings::Openings;
use super::readings::Readings;
use super::rules::{self, Leaf, Place};
use super::store::{self as sql, Kept};
use crate::Answer;
use crate::answer::{Contribution, Sheet};

/// So many maps, the newest, are looked at for what a group would hide.
const MOST_MAPS: usize = 6;

/// Which units are shown together only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Guard {
    groups: Vec<Together>,
    /// By indicator the last days of the times of which nothing is shown anywhere: all units
    /// together are small.
    nowhere: BTreeMap<String, BTreeSet<Day>>,
    /// The days on which levels were said, in order.
    days: Vec<Day>,
}

/// Units that are shown together only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Together {
    /// The units; in a list of their own those that came of each other.
    units: Vec<Vec<i64>>,
    /// Whether their sum may be shown.
    is_safe: bool,
    /// By indicator the days of levels of which nothing is shown: compared with what is shown, it
    /// would tell a small number.
    closed: BTreeMap<String, BTreeSet<Day>>,
}

/// Works out again the groups of every family with one of these measures, and keeps them.
/// What is written and what is shown of it go in one transaction.
pub(crate) async fn renew(
    tx: &mut Tx,
    catalogue: &Catalogue,
    territory: &Territory,
    measures: impl IntoIterator<Item = i64>,
) -> Result<()> {
    let mut done = BTreeSet::new();
    for number in measures.into_iter().collect::<BTreeSet<i64>>() {
        let Some(measure) = catalogue.measure_numbered(number) else { continue };
        if done.contains(&measure.code) {
            continue;
        }
        let Some(family) = Family::around(catalogue, [measure.code.as_str()]) else { continue };
        let (_, given) = Guard::kept(tx, catalogue, &family).await?;
        let guard = Guard::work_out(tx, catalogue, territory, &family, &given).await?;
        let (territory, definitions) = sql::state(tx).await?;
        let body = serde_json::to_string(&guard).map_err(Error::internal)?;
        let kept = Kept { territory, definitions, body };
        for code in &family.measures {
            if let Some(measure) = catalogue.measure(code) {
                sql::keep(tx, measure.number, &kept).await?;
            }
        }
        done.extend(family.measures);
    }
    Ok(())
}

/// Keeps the groups of families that were worked out before units or definitions changed. Until
/// that is done, visitors see what is worked out for each of their questions, and nobody keeps it.
///
/// Cost: a row for each protected measure; of a family that is kept for another state, everything
/// that was ever said of it.
pub async fn renew_stale(tx: &mut Tx, catalogue: &Catalogue, territory: &Territory) -> Result<()> {
    let measures: Vec<i64> = catalogue.measures().map(|it| it.number).collect();
    renew_stale_of(tx, catalogue, territory, measures).await
}

/// The same for the families with one of these measures.
pub(crate) async fn renew_stale_of(
    tx: &mut Tx,
    catalogue: &Catalogue,
    territory: &Territory,
    measures: impl IntoIterator<Item = i64>,
) -> Result<()> {
    let state = sql::state(tx).await?;
    let mut stale = Vec::new();
    for number in measures.into_iter().collect::<BTreeSet<i64>>() {
        if !is_protected_number(catalogue, number) {
            continue;
        }
        let kept = sql::find(tx, number).await?;
        if kept.is_none_or(|kept| (kept.territory, kept.definitions) != state) {
            stale.push(number);
        }
    }
    renew(tx, catalogue, territory, stale).await
}

impl Guard {
    /// The groups for an indicator; none where everybody may see all of it.
    ///
    /// Cost: a row for each measure of the family; after a change of units or definitions, until
    /// somebody reports again, everything that was ever said of the family.
    pub(crate) async fn load(
        tx: &mut Tx,
        catalogue: &Catalogue,
        territory: &Territory,
        indicator: &Indicator,
    ) -> Result<Option<Self>> {
        let Some(family) = Family::of(catalogue, indicator) else { return Ok(None) };
        let (kept, given) = Self::kept(tx, catalogue, &family).await?;
        match kept {
            Some(guard) => Ok(Some(guard)),
            None => Self::work_out(tx, catalogue, territory, &family, &given).await.map(Some),
        }
    }

    /// The kept groups if they are those of the present state, and in any case what was grouped.
    async fn kept(
        tx: &mut Tx,
        catalogue: &Catalogue,
        family: &Family,
    ) -> Result<(Option<Self>, Vec<Vec<i64>>)> {
        let mut rows = Vec::new();
        for code in &family.measures {
            if let Some(measure) = catalogue.measure(code) {
                rows.push(sql::find(tx, measure.number).await?);
            }
        }
        let state = sql::state(tx).await?;
        let is_present = |kept: &Kept| {
            (kept.territory, kept.definitions) == state && Some(kept) == rows[0].as_ref()
        };
        let are_present = rows.iter().all(|row| row.as_ref().is_some_and(is_present));
        let mut guards = Vec::new();
        for kept in rows.iter().flatten() {
            guards.push(serde_json::from_str::<Self>(&kept.body).map_err(Error::internal)?);
        }
        let groups = guards.iter().flat_map(|guard| &guard.groups);
        let given = groups.map(|group| group.units.concat()).collect();
        Ok((guards.into_iter().next().filter(|_| are_present), given))
    }

    async fn work_out(
        tx: &mut Tx,
        catalogue: &Catalogue,
        territory: &Territory,
        family: &Family,
        given: &[Vec<i64>],
    ) -> Result<Self> {
        let readings = Readings::load(tx, catalogue, territory, family).await?;
        let ground = Ground::new(territory, &readings, given);
        let (rows, nowhere) = numbers::rows(&readings, &ground);
        let place = |unit: &i64| ground.places.get(&UnitId(*unit)).copied();
        let given: Vec<Vec<usize>> =
            given.iter().map(|units| units.iter().filter_map(place).collect()).collect();
        let groups = rules::group(&ground.leaves, &rows, &given);
        let groups = groups
            .iter()
            .map(|group| ground.together(&readings, (&rows, &nowhere), group))
            .collect();
        let nowhere = nowhere.days(&readings);
        Ok(Self { groups, nowhere, days: readings.days })
    }

    /// Hides what a period of an answer would give away: every unit that holds a part of a group
    /// and not all of it, and every unit that holds one whose sum may not be shown.
    pub(crate) fn hide(
        &self,
        answer: &mut Answer,
        sheet: &Sheet<'_>,
        map: &BasisMap,
        all: &[Contribution],
    ) {
        if self.is_shown_nowhere(sheet) {
            return answer.hide_all(sheet.period);
        }
        let group_of: HashMap<i64, usize> = (0..)
            .zip(&self.groups)
            .flat_map(|(at, group)| group.units.iter().flatten().map(move |unit| (*unit, at)))
            .collect();
        let mut pieces = vec![0_usize; self.groups.len()];
        let mut held = HashMap::<(usize, UnitId), usize>::new();
        for given in all {
            let Some(group) = group_of.get(&given.reporter.0) else { continue };
            for landing in map.landings(given.lies_on) {
                pieces[*group] += 1;
                for unit in std::iter::once(&landing.unit).chain(map.ancestors(landing.unit)) {
                    *held.entry((*group, *unit)).or_default() += 1;
                }
            }
        }
        let spoke: HashSet<i64> = all.iter().map(|given| given.reporter.0).collect();
        let may_be_shown: Vec<bool> =
            self.groups.iter().map(|group| self.is_shown(group, sheet, &spoke)).collect();
        for ((group, unit), held) in held {
            if !may_be_shown[group] || held < pieces[group] {
                answer.hide(unit, sheet.period);
            }
        }
    }

    /// Whether the sum of a group is shown for a period. What happened is shown where all have
    /// reported all of it: the sums of parts of a period would differ by single reports.
    fn is_shown(&self, group: &Together, sheet: &Sheet<'_>, spoke: &HashSet<i64>) -> bool {
        if sheet.spans.is_some() {
            let has_said = |unit: i64| spoke.contains(&unit) && sheet.has_reported(unit);
            let is_whole =
                |units: &Vec<i64>| is_whole(sheet.territory, units, sheet.last, has_said);
            return group.is_safe && group.units.iter().all(is_whole);
        }
        let closed = group.closed.get(&sheet.indicator.code);
        let is_closed = closed.zip(self.day_of(sheet)).is_some_and(|(it, day)| it.contains(&day));
        group.is_safe && !is_closed
    }

    fn is_shown_nowhere(&self, sheet: &Sheet<'_>) -> bool {
        let Some(days) = self.nowhere.get(&sheet.indicator.code) else { return false };
        match sheet.spans {
            Some(_) => days.range(sheet.first..=sheet.last).next().is_some(),
            None => self.day_of(sheet).is_some_and(|day| days.contains(&day)),
        }
    }

    /// The day on which the levels were said that hold at the end of a period.
    fn day_of(&self, sheet: &Sheet<'_>) -> Option<Day> {
        let before = self.days.partition_point(|day| *day <= sheet.last);
        before.checked_sub(1).and_then(|at| self.days.get(at).copied())
    }
}

/// Whether of units that came of each other those that are there on a day have said something, or
/// one that was before them has.
fn is_whole(territory: &Territory, units: &[i64], on: Day, has_said: impl Fn(i64) -> bool) -> bool {
    let is_there =
        |unit: &&i64| territory.unit(UnitId(**unit)).is_some_and(|unit| unit.at(on).is_some());
    let (there, gone): (Vec<&i64>, Vec<&i64>) = units.iter().partition(is_there);
    let by_those_before = gone.into_iter().any(|unit| has_said(*unit));
    by_those_before || there.into_iter().all(|unit| has_said(*unit))
}

/// The units that said something, with those that came of them, and where they lie.
pub(crate) struct Ground {
    pub(crate) units: Vec<UnitId>,
    pub(crate) places: HashMap<UnitId, usize>,
    leaves: Vec<Leaf>,
}

impl Ground {
    fn new(territory: &Territory, readings: &Readings, given: &[Vec<i64>]) -> Self {
        let mut units = readings.units();
        units.extend(given.iter().flatten().map(|unit| UnitId(*unit)));
        let mut heirs = BTreeMap::new();
        for unit in units.clone() {
            let Some(own) = territory.unit(unit) else { continue };
            let landings = territory.landings(unit, Day::MAX.plus(-1)).into_iter();
            let of_level = landings
                .map(|landing| landing.unit)
                .filter(|heir| territory.unit(*heir).is_some_and(|heir| heir.level == own.level));
            let of_level: Vec<UnitId> = of_level.collect();
            units.extend(&of_level);
            heirs.insert(unit, of_level);
        }
        let units: Vec<UnitId> = units.into_iter().collect();
        let places: HashMap<UnitId, usize> =
            units.iter().enumerate().map(|(at, unit)| (*unit, at)).collect();
        let maps: Vec<BasisMap> = map_days(territory, readings)
            .into_iter()
            .map(|day| BasisMap::new(territory, day))
            .collect();
        let mut leaves: Vec<Leaf> = Vec::new();
        for members in connected(units.len(), &heirs, &places) {
            leaves.push(leaf(members, &units, &maps));
        }
        Self { units, places, leaves }
    }

    /// A group with the units that it is made of, and what is closed of it.
    fn together(
        &self,
        readings: &Readings,
        (rows, nowhere): (&[rules::Row], &Nowhere),
        group: &rules::Group,
    ) -> Together {
        let leaves: Vec<&Leaf> = self
            .leaves
            .iter()
            .filter(|leaf| group.members.binary_search(&leaf.members[0]).is_ok())
            .collect();
        let ids = |leaf: &&Leaf| leaf.members.iter().map(|at| self.units[*at].0).collect();
        Together {
            units: leaves.iter().map(ids).collect(),
            is_safe: group.is_safe,
            closed: Openings::new(self, rows, &leaves).closed(readings, nowhere),
        }
    }
}

/// Days whose maps differ and for which something was said: today's, and each before a change.
fn map_days(territory: &Territory, readings: &Readings) -> Vec<Day> {
    let times = readings.shown.iter().flat_map(|reading| &reading.times).map(|time| time.last);
    let (first, last) =
        times.fold((Day::MAX, Day::MIN), |(first, last), day| (first.min(day), last.max(day)));
    let changes = territory.changes().iter().map(|change| change.on);
    let mut days: BTreeSet<Day> = changes.filter(|on| *on > first).map(|on| on.plus(-1)).collect();
    days.insert(days.last().map_or(last, |eve| eve.plus(1).max(last)));
    days.into_iter().rev().take(MOST_MAPS).collect()
}

/// The places of units that came of each other, each list in order.
fn connected(
    count: usize,
    heirs: &BTreeMap<UnitId, Vec<UnitId>>,
    places: &HashMap<UnitId, usize>,
) -> Vec<Vec<usize>> {
    let mut root: Vec<usize> = (0..count).collect();
    fn find(root: &mut [usize], mut at: usize) -> usize {
        while root[at] != at {
            root[at] = root[root[at]];
            at = root[at];
        }
        at
    }
    for (unit, heirs) in heirs {
        for heir in heirs {
            let (Some(one), Some(other)) = (places.get(unit), places.get(heir)) else { continue };
            let (one, other) = (find(&mut root, *one), find(&mut root, *other));
            root[one.max(other)] = one.min(other);
        }
    }
    let mut lists = BTreeMap::<usize, Vec<usize>>::new();
    for at in 0..count {
        let first = find(&mut root, at);
        lists.entry(first).or_default().push(at);
    }
    lists.into_values().collect()
}

fn leaf(members: Vec<usize>, units: &[UnitId], maps: &[BasisMap]) -> Leaf {
    let mut around = BTreeSet::new();
    let mut within = BTreeSet::new();
    for (at, map) in maps.iter().enumerate() {
        let mut on_map: Option<BTreeSet<Place>> = None;
        for member in &members {
            for landing in map.landings(units[*member]) {
                let chain = std::iter::once(&landing.unit).chain(map.ancestors(landing.unit));
                let chain: BTreeSet<Place> = chain.map(|unit| (at, unit.0)).collect();
                around.extend(chain.iter().copied());
                on_map = Some(match on_map {
                    Some(common) => common.intersection(&chain).copied().collect(),
                    None => chain,
                });
            }
        }
        within.extend(on_map.unwrap_or_default());
    }
    Leaf { members, around: around.into_iter().collect(), within: within.into_iter().collect() }
}
