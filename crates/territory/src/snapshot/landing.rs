//! Where the land and numbers of a unit lie on the map of another day.

use std::collections::{BTreeMap, HashMap};

use base::Day;

use super::{Link, Territory};
use crate::fraction::{Fraction, greatest_common, least_common, sum};
use crate::model::LARGEST_DENOMINATOR;
use crate::{ChangeKind, Part, UnitId};

/// A share of a whole, `0 < numerator <= denominator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Share {
    /// The upper number.
    pub numerator: i64,
    /// The lower number; the same for all landings of one unit.
    pub denominator: i64,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self { numerator: 1, denominator: 1 };
}

/// One unit of a map on which (a share of) another unit's numbers come to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The unit on that map.
    pub unit: UnitId,
    /// The share that goes there; the shares of all landings of one unit sum to exactly 1.
    pub share: Share,
    /// Whether the share is a fact (the whole unit lies there) and not an estimate.
    pub exact: bool,
    /// Whether the unit left no successor and its numbers were raised to a unit above it.
    pub raised: bool,
}

/// Splits a whole number over landings by their shares so that nothing is lost or won: the parts
/// sum to the number, the largest remainders getting what rounding left.
#[must_use]
pub fn apportion(total: i64, landings: &[Landing]) -> Vec<(UnitId, i64)> {
    let shares = landings.iter().map(|landing| i128::from(landing.share.numerator));
    let whole = landings.first().map_or(1, |landing| i128::from(landing.share.denominator));
    let parts = round(i128::from(total), &shares.collect::<Vec<_>>(), whole);
    let part = |part: i128| i64::try_from(part).unwrap_or_default();
    landings.iter().zip(parts).map(|(landing, n)| (landing.unit, part(n))).collect()
}

/// `total` split by weights that sum to `whole`, in integers that sum to `total`.
fn round(total: i128, weights: &[i128], whole: i128) -> Vec<i128> {
    let size = total.abs();
    let mut parts: Vec<i128> = weights.iter().map(|weight| size * weight / whole).collect();
    let left = size - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(size * weights[*at] % whole), *at));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        parts[at] += 1;
    }
    parts.into_iter().map(|part| part * total.signum()).collect()
}

impl Territory {
    /// The units of the map of `day` on which the numbers of a unit lie, through any number of
    /// steps of lineage, forward or backward.
    ///
    /// - A unit that is there on that day: itself, exactly. Hamlets outlive mergers this way.
    /// - A unit that ended before: its successors. A merger is exact; of a split unit the stated
    ///   shares are taken and the rest goes in equal shares, which is an estimate.
    /// - A unit that began later: its predecessors, each weighing as much of itself as it gave.
    ///   Exact only where there is one.
    /// - Nobody succeeded it (a district after 2025-07-01): the nearest unit above, `raised`;
    ///   where there is none either, itself, `raised` and not exact.
    ///
    /// Empty only for an id that does not exist.
    #[must_use]
    pub fn landings(&self, id: UnitId, day: Day) -> Vec<Landing> {
        Resolver::new(self, day).resolve(id)
    }

    /// Links that carry numbers. The land that an ended district itself held here and there
    /// (a mud-flat without commune) says nothing of the district's numbers.
    fn carrying(&self, links: Vec<Link>, from: impl Fn(&Link) -> UnitId) -> Vec<Link> {
        let carries =
            |link: &Link| link.part == Part::Whole || !self.ended_with_its_level(from(link));
        links.into_iter().filter(carries).collect()
    }

    fn ended_with_its_level(&self, id: UnitId) -> bool {
        let Some(place) = self.place(id) else { return false };
        let mut leaving = self.leaving[place].iter().map(|at| &self.changes[*at as usize]);
        leaving.any(|change| change.kind == ChangeKind::EndOfLevel)
    }
}

/// Landings on the map of one day, each unit worked out once.
pub(crate) struct Resolver<'a> {
    territory: &'a Territory,
    day: Day,
    /// Of units that are not there on the day.
    known: HashMap<UnitId, Resolved>,
}

#[derive(Clone)]
struct Resolved {
    landings: Vec<Landing>,
    /// Whether all that the unit held is accounted for by stated steps.
    complete: bool,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(territory: &'a Territory, day: Day) -> Self {
        Self { territory, day, known: HashMap::new() }
    }

    pub(crate) fn resolve(&mut self, id: UnitId) -> Vec<Landing> {
        self.look(id).map_or_else(Vec::new, |resolved| resolved.landings)
    }

    // Ends: each step goes to a unit that ends later (or begins earlier, going back) or stands
    // higher, so no unit comes back.
    fn look(&mut self, id: UnitId) -> Option<Resolved> {
        let unit = self.territory.unit(id)?;
        let valid = unit.valid();
        if valid.contains(self.day) {
            let landing = Landing { unit: id, share: Share::WHOLE, exact: true, raised: false };
            return Some(Resolved { landings: vec![landing], complete: true });
        }
        if let Some(known) = self.known.get(&id) {
            return Some(known.clone());
        }
        let forward = valid.to <= self.day;
        let steps = if forward { self.steps_on(id) } else { self.steps_back(id) };
        let edge = if forward { unit.last() } else { unit.first() };
        let resolved = if steps.is_empty() {
            self.raise(id, edge.and_then(|version| version.parent))
        } else {
            let complete = !forward || covers(&self.territory.successors(id));
            self.combine(&steps, complete)
        };
        self.known.insert(id, resolved.clone());
        Some(resolved)
    }

    fn steps_on(&self, id: UnitId) -> Vec<(UnitId, Fraction)> {
        let links = self.territory.carrying(self.territory.successors(id), |_| id);
        let weights = weights(&links);
        links.iter().map(|link| link.unit).zip(weights).collect()
    }

    fn steps_back(&self, id: UnitId) -> Vec<(UnitId, Fraction)> {
        let links = self.territory.carrying(self.territory.predecessors(id), |link| link.unit);
        let weight = |earlier: UnitId| {
            let given = share_out(&self.steps_on(earlier));
            let ours = given.iter().find(|(unit, _)| *unit == id);
            ours.map(|(_, share)| (i128::from(share.numerator), i128::from(share.denominator)))
        };
        links.iter().filter_map(|link| Some((link.unit, weight(link.unit)?))).collect()
    }

    fn raise(&mut self, id: UnitId, parent: Option<UnitId>) -> Resolved {
        let above = parent.and_then(|parent| self.look(parent));
        let mut resolved = above.unwrap_or_else(|| {
            let itself = Landing { unit: id, share: Share::WHOLE, exact: false, raised: true };
            Resolved { landings: vec![itself], complete: false }
        });
        resolved.landings.iter_mut().for_each(|landing| landing.raised = true);
        resolved
    }

    fn combine(&mut self, steps: &[(UnitId, Fraction)], complete: bool) -> Resolved {
        let mut terms = Vec::new();
        let mut complete = complete;
        let mut raised = BTreeMap::new();
        for (next, share) in share_out(steps) {
            let Some(resolved) = self.look(next) else { continue };
            complete &= resolved.complete;
            for landing in resolved.landings {
                let times = |left: i64, right: i64| i128::from(left) * i128::from(right);
                let term = (
                    times(share.numerator, landing.share.numerator),
                    times(share.denominator, landing.share.denominator),
                );
                terms.push((landing.unit, term));
                *raised.entry(landing.unit).or_insert(false) |= landing.raised;
            }
        }
        let shares = share_out(&terms);
        let exact = complete && shares.len() == 1;
        let landing = |(unit, share)| Landing { unit, share, exact, raised: raised[&unit] };
        Resolved { landings: shares.into_iter().map(landing).collect(), complete }
    }
}

/// Whether the links tell where all of a unit went.
fn covers(links: &[Link]) -> bool {
    let stated = links.iter().filter_map(|link| match link.part {
        Part::Share { numerator, denominator } => Some((numerator.into(), denominator.into())),
        Part::Whole | Part::Unknown => None,
    });
    match links {
        [link] => link.part == Part::Whole,
        links if links.iter().any(|link| link.part == Part::Unknown) => true,
        _ => sum(stated, FINE) == Some((1, 1)),
    }
}

/// What of a unit goes along each link, before they are made to sum to one.
fn weights(links: &[Link]) -> Vec<Fraction> {
    let whole = links.iter().any(|link| link.part == Part::Whole);
    let unknown = links.iter().filter(|link| link.part == Part::Unknown).count();
    let stated = links.iter().filter_map(|link| match link.part {
        Part::Share { numerator, denominator } => Some((numerator.into(), denominator.into())),
        Part::Whole | Part::Unknown => None,
    });
    // Each part of unstated size gets an equal share of what the stated ones leave.
    let rest = sum(stated, FINE).and_then(|(numerator, denominator)| {
        let rest = (denominator - numerator, denominator * i128::try_from(unknown).ok()?);
        (unknown > 0 && rest.0 > 0).then_some(rest)
    });
    let weight = |link: &Link| match link.part {
        Part::Whole => (1, 1),
        _ if whole => (0, 1),
        Part::Share { .. } if unknown > 0 && rest.is_none() => (1, 1),
        Part::Share { numerator, denominator } => (numerator.into(), denominator.into()),
        Part::Unknown => rest.unwrap_or((1, 1)),
    };
    links.iter().map(weight).collect()
}

/// Weights of units as shares over one denominator that sum to exactly one; the weights of one
/// unit are put together.
///
/// Shares are exact fractions; where the common denominator would pass a thousand million, they
/// are rounded to its parts by the largest remainders.
fn share_out(terms: &[(UnitId, Fraction)]) -> Vec<(UnitId, Share)> {
    let mut common = Some(1);
    for (_, (_, denominator)) in terms {
        common = common.and_then(|common| least_common(common, *denominator, FINE));
    }
    let mut weights: BTreeMap<UnitId, i128> = BTreeMap::new();
    for (unit, (numerator, denominator)) in terms {
        let weight = match common {
            Some(common) => numerator * (common / denominator),
            None => numerator * FINE / denominator,
        };
        *weights.entry(*unit).or_insert(0) += weight;
    }
    weights.retain(|_, weight| *weight > 0);
    let (units, weights): (Vec<UnitId>, Vec<i128>) = weights.into_iter().unzip();
    let whole: i128 = weights.iter().sum();
    let divisor = weights.iter().fold(whole, |divisor, weight| greatest_common(divisor, *weight));
    let limit = i128::from(LARGEST_DENOMINATOR);
    let (parts, whole) = if whole / divisor.max(1) <= limit {
        (weights.iter().map(|weight| weight / divisor).collect(), whole / divisor.max(1))
    } else {
        (round(limit, &weights, whole), limit)
    };
    let share = |part: i128| Share {
        numerator: i64::try_from(part).unwrap_or_default(),
        denominator: i64::try_from(whole).unwrap_or(1),
    };
    let shares = units.into_iter().zip(parts.into_iter().map(share));
    shares.filter(|(_, share)| share.numerator > 0).collect()
}

/// The grain to which fractions are brought whose common denominator grows too large.
const FINE: i128 = 1_000_000_000_000_000_000;
