//! Which units are shown together only, so that no small number can be computed: pure arithmetic.
//!
//! Reporters whose numbers are small stand in groups, and a figure is shown only where it holds
//! each group whole. Whatever is computed from figures that are shown, on whatever maps and for
//! whatever periods, is then computed from sums of groups, and none of these is small. Within a
//! group one number can be larger and another smaller by as much without any figure showing it.
//!
//! In the words of the field: the numbers that are small are the primary suppression, the others
//! in their groups the complementary one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A unit on one of the maps that are considered: (place of the map, id).
pub(crate) type Place = (usize, i64);

/// A reporter with those that came of it or that it came of: their numbers are one number over
/// time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leaf {
    /// The reporters, by their places in [`Row::values`].
    pub(crate) members: Vec<usize>,
    /// The units that hold some of it, in order.
    pub(crate) around: Vec<Place>,
    /// The units that hold all of it, in order.
    pub(crate) within: Vec<Place>,
}

/// What all reporters said of one thing at one time.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The smallest number other than zero that is shown.
    pub(crate) threshold: i64,
    /// By reporter; zero for who said nothing.
    pub(crate) values: Vec<i64>,
    /// Of what is left of a whole without its part: the place of the row of the part.
    pub(crate) rest_of: Option<usize>,
}

impl Row {
    /// Whether a number by itself may be shown.
    pub(crate) const fn shows(&self, value: i64) -> bool {
        value == 0 || value >= self.threshold
    }
}

/// Reporters that are shown together only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Their places, in order.
    pub(crate) members: Vec<usize>,
    /// Whether their sums may be shown; if not, nothing that holds one of them is.
    pub(crate) is_safe: bool,
}

/// Groups reporters until no sum of a group is small. Those that stand alone, and may be shown
/// each by itself, are in no group. `given` were grouped before, by members, and stay together.
///
/// A small one joins whom it costs least to join: first where the fewest units are hidden more,
/// then who makes the group large enough, then who is small itself.
pub(crate) fn group(leaves: &[Leaf], rows: &[Row], given: &[Vec<usize>]) -> Vec<Group> {
    let mut all = beginnings(leaves, rows, given);
    let unsafe_ones = |all: &[Draft]| {
        let small = all.iter().enumerate().filter(|(_, it)| it.is_closed && !it.is_safe(rows));
        small.map(|(at, it)| (it.size, it.first(), at)).min().map(|(.., at)| at)
    };
    while let Some(at) = unsafe_ones(&all) {
        if all.len() == 1 {
            break;
        }
        let small = all.swap_remove(at);
        let cost = |(at, other): (usize, &Draft)| {
            let hidden = small.hidden_with(other) - other.hidden();
            (hidden, at)
        };
        // Who has nothing of what is small is no help, unless nobody has.
        let mut costs: Vec<(isize, usize)> = all
            .iter()
            .enumerate()
            .filter(|(_, it)| small.is_helped_by(it, rows))
            .map(cost)
            .collect();
        if costs.is_empty() {
            costs = all.iter().enumerate().map(cost).collect();
        }
        // Sums are looked at only where as few units as possible are hidden.
        let least = costs.iter().map(|(cost, _)| *cost).min().unwrap_or_default();
        let best = costs.iter().filter(|(cost, _)| *cost == least).map(|(_, at)| *at);
        let best = best.min_by_key(|at| {
            let other = &all[*at];
            (Reverse(small.is_safe_with(other, rows)), other.size, other.first())
        });
        let Some(best) = best else { break };
        let other = all.swap_remove(best);
        all.push(small.joined(other));
    }
    let mut groups: Vec<Group> = all
        .into_iter()
        .filter(|draft| draft.is_closed)
        .map(|draft| Group { is_safe: draft.is_safe(rows), members: draft.members })
        .collect();
    groups.sort_by(|one, other| one.members.cmp(&other.members));
    groups
}

/// A group while it is made.
#[derive(Debug)]
struct Draft {
    members: Vec<usize>,
    /// Its sum in each row.
    sums: Vec<i64>,
    /// All sums together; what is hidden with it.
    size: i64,
    around: Vec<Place>,
    within: Vec<Place>,
    /// Whether its members are not shown each by itself.
    is_closed: bool,
    /// Of how many leaves it is made.
    leaves: usize,
}

/// Each leaf by itself, and together what was together before.
fn beginnings(leaves: &[Leaf], rows: &[Row], given: &[Vec<usize>]) -> Vec<Draft> {
    let mut drafts: Vec<Option<Draft>> =
        leaves.iter().map(|leaf| Some(Draft::new(leaf, rows))).collect();
    // Where each member is found: in its leaf at first, then in whatever that was joined to.
    let mut draft_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, leaf) in leaves.iter().enumerate() {
        draft_of.extend(leaf.members.iter().map(|member| (*member, at)));
    }
    for members in given {
        let together: BTreeSet<usize> =
            members.iter().filter_map(|member| draft_of.get(member).copied()).collect();
        let Some(first) = together.first().copied() else { continue };
        for at in together.into_iter().skip(1) {
            let (Some(draft), Some(other)) = (drafts[first].take(), drafts[at].take()) else {
                continue;
            };
            draft_of.extend(other.members.iter().map(|member| (*member, first)));
            drafts[first] = Some(draft.joined(other));
        }
    }
    drafts.into_iter().flatten().collect()
}

impl Draft {
    fn new(leaf: &Leaf, rows: &[Row]) -> Self {
        let of = |row: &Row| leaf.members.iter().map(|member| row.values[*member]).sum();
        let sums: Vec<i64> = rows.iter().map(of).collect();
        let mut values = rows.iter().flat_map(|row| leaf.members.iter().map(move |at| (row, *at)));
        Self {
            members: leaf.members.clone(),
            size: size(rows, &sums),
            sums,
            around: leaf.around.clone(),
            within: leaf.within.clone(),
            is_closed: !values.all(|(row, at)| row.shows(row.values[at])),
            leaves: 1,
        }
    }

    fn first(&self) -> usize {
        self.members.first().copied().unwrap_or_default()
    }

    fn is_safe(&self, rows: &[Row]) -> bool {
        all_safe(rows, |at| self.sums[at])
    }

    fn is_safe_with(&self, other: &Self, rows: &[Row]) -> bool {
        all_safe(rows, |at| self.sums[at] + other.sums[at])
    }

    /// Whether another one has something of what is small here.
    fn is_helped_by(&self, other: &Self, rows: &[Row]) -> bool {
        let is_small = |at: &usize| !is_safe(rows, *at, |at| self.sums[at]);
        (0..rows.len()).filter(is_small).any(|at| other.sums[at] > 0)
    }

    /// How many units it hides.
    fn hidden(&self) -> isize {
        match self.leaves {
            1 => isize::from(self.is_closed),
            _ => count(self.around.len()) - count(self.within.len()),
        }
    }

    /// How many units the two would hide together.
    fn hidden_with(&self, other: &Self) -> isize {
        let around = count(self.around.len() + other.around.len())
            - count(common(&self.around, &other.around).count());
        around - count(common(&self.within, &other.within).count())
    }

    fn joined(mut self, other: Self) -> Self {
        self.within = common(&self.within, &other.within).copied().collect();
        self.around.extend(other.around);
        self.around.sort_unstable();
        self.around.dedup();
        self.members.extend(other.members);
        self.members.sort_unstable();
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum += more;
        }
        self.size += other.size;
        self.leaves += other.leaves;
        self.is_closed = true;
        self
    }
}

/// Whether a sum of several is not small. What is left of a whole without its part may not be
/// nothing either: all members would then be known to be wholly of the part.
pub(crate) fn is_safe(rows: &[Row], at: usize, sum: impl Fn(usize) -> i64) -> bool {
    let row = &rows[at];
    match row.rest_of {
        Some(part) => sum(part) == 0 || sum(at) >= row.threshold,
        None => row.shows(sum(at)),
    }
}

fn all_safe(rows: &[Row], sum: impl Fn(usize) -> i64) -> bool {
    (0..rows.len()).all(|at| is_safe(rows, at, &sum))
}

fn size(rows: &[Row], sums: &[i64]) -> i64 {
    let counts = rows.iter().zip(sums).filter(|(row, _)| row.rest_of.is_none());
    counts.map(|(_, sum)| *sum).fold(0, i64::saturating_add)
}

const fn count(number: usize) -> isize {
    number.cast_signed()
}

/// What two lists, both in order, have in common.
fn common<'a>(one: &'a [Place], other: &'a [Place]) -> impl Iterator<Item = &'a Place> {
    one.iter().filter(|place| other.binary_search(place).is_ok())
}
