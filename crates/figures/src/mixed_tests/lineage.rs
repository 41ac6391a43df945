//! Who became whom, in the words of the steps that did it, and what follows from them: worked out
//! without the program's own shares.

use std::collections::BTreeMap;

use base::Day;
use territory::UnitId;

/// Where all of a unit went.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    Whole(UnitId),
    /// Two thirds to one unit and one third to another.
    Thirds {
        two: UnitId,
        one: UnitId,
    },
}

impl Fate {
    fn heirs(&self) -> Vec<UnitId> {
        match self {
            Self::Whole(heir) => vec![*heir],
            Self::Thirds { two, one } => vec![*two, *one],
        }
    }

    /// A whole number divided: one third of it is rounded to the nearest, the other gets the rest.
    fn divide(&self, level: i64) -> Vec<(UnitId, i64)> {
        match self {
            Self::Whole(heir) => vec![(*heir, level)],
            Self::Thirds { two, one } => {
                let third = (level + 1) / 3;
                vec![(*two, level - third), (*one, third)]
            }
        }
    }
}

/// A share of a whole: numerator and denominator.
type Share = (i128, i128);

const WHOLE: Share = (1, 1);

fn times(left: Share, right: Share) -> Share {
    (left.0 * right.0, left.1 * right.1)
}

/// A number that should lie on a unit of a map.
#[derive(Clone, Copy, Debug)]
struct Due {
    /// The number before it is divided.
    of: i64,
    share: Share,
}

/// What should stand on a unit: numbers that are all its own, and shares of others.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected(Vec<Due>);

impl Expected {
    /// Each share may be rounded to one of the two whole numbers next to it; what is not divided
    /// must be there to the last one. Without a report there is no number.
    pub(super) fn is_met_by(&self, found: Option<i64>) -> bool {
        let Some(found) = found else { return self.0.is_empty() };
        let (mut least, mut rounded) = (0, 0);
        for Due { of, share: (numerator, denominator) } in &self.0 {
            let exact = i128::from(*of) * numerator;
            least += exact / denominator;
            rounded += i128::from(exact % denominator != 0);
        }
        !self.0.is_empty() && (least..=least + rounded).contains(&i128::from(found))
    }
}

/// The fates of all units that ended.
#[derive(Default)]
pub(super) struct Lineage(BTreeMap<UnitId, (Day, Fate)>);

impl Lineage {
    pub(super) fn add(&mut self, unit: UnitId, on: Day, fate: Fate) {
        self.0.insert(unit, (on, fate));
    }

    /// Takes back what happened on a day.
    pub(super) fn undo(&mut self, on: Day) {
        self.0.retain(|_, (day, _)| *day != on);
    }

    /// The numbers of all units by the last level of each, up to a day, on the unit where they lie
    /// on a map: the level of a unit that ended goes to its heirs, step by step, and what they have
    /// said themselves since then takes its place.
    pub(super) fn pieces(
        &self,
        levels: &BTreeMap<UnitId, i64>,
        end: Day,
        map: Day,
    ) -> Vec<(UnitId, i64)> {
        let mut pieces = Vec::new();
        for (unit, level) in levels {
            self.pass_on((levels, end, map), *unit, (*unit, *level), &mut pieces);
        }
        pieces
    }

    fn pass_on(
        &self,
        said: (&BTreeMap<UnitId, i64>, Day, Day),
        holder: UnitId,
        (lies_on, level): (UnitId, i64),
        pieces: &mut Vec<(UnitId, i64)>,
    ) {
        let (levels, end, map) = said;
        match self.0.get(&holder) {
            Some((day, fate)) if *day <= end && self.have_spoken(levels, end, fate) => {
                for (heir, part) in fate.divide(level) {
                    if !levels.contains_key(&heir) {
                        let lies_on = if map >= *day { heir } else { lies_on };
                        self.pass_on(said, heir, (lies_on, part), pieces);
                    }
                }
            }
            _ => pieces.push((lies_on, level)),
        }
    }

    /// Whether any of those that came after has a level of its own.
    fn have_spoken(&self, levels: &BTreeMap<UnitId, i64>, end: Day, fate: &Fate) -> bool {
        fate.heirs().iter().any(|heir| {
            let later = self.0.get(heir).filter(|(day, _)| *day <= end);
            let after = later.is_some_and(|(_, fate)| self.have_spoken(levels, end, fate));
            levels.contains_key(heir) || after
        })
    }

    /// What should stand on each unit of a map.
    pub(super) fn expected(
        &self,
        levels: &BTreeMap<UnitId, i64>,
        end: Day,
        map: Day,
    ) -> BTreeMap<UnitId, Expected> {
        let mut expected = BTreeMap::<UnitId, Expected>::new();
        for (lies_on, of) in self.pieces(levels, end, map) {
            let mut shares = BTreeMap::<UnitId, Share>::new();
            self.land(lies_on, WHOLE, map, &mut shares);
            for (unit, share) in shares {
                expected.entry(unit).or_default().0.push(Due { of, share });
            }
        }
        expected
    }

    /// Forward along the fates to a later map; back to an earlier one, where those that became one
    /// unit had equal parts in it.
    fn land(&self, unit: UnitId, share: Share, map: Day, shares: &mut BTreeMap<UnitId, Share>) {
        let from: Vec<(&UnitId, Day)> = self
            .0
            .iter()
            .filter(|(_, (_, fate))| fate.heirs().contains(&unit))
            .map(|(member, (day, _))| (member, *day))
            .collect();
        let began = from.first().map_or(Day::MIN, |(_, day)| *day);
        match self.0.get(&unit) {
            _ if map < began => {
                for (member, _) in &from {
                    let part = (1, from.len() as i128);
                    self.land(**member, times(share, part), map, shares);
                }
            }
            Some((day, Fate::Whole(heir))) if *day <= map => self.land(*heir, share, map, shares),
            Some((day, Fate::Thirds { two, one })) if *day <= map => {
                self.land(*two, times(share, (2, 3)), map, shares);
                self.land(*one, times(share, (1, 3)), map, shares);
            }
            _ => {
                let known = shares.entry(unit).or_insert((0, 1));
                *known = (known.0 * share.1 + share.0 * known.1, known.1 * share.1);
            }
        }
    }
}
