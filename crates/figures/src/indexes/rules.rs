//! Points of an index and what brings the next one: pure arithmetic.
//!
//! Points are whole hundredths, as in [`crate::campaigns`], whose formula holds here too.

use base::percent;
use packs::Direction;

use crate::campaigns::{Ask, points};

/// One point, in hundredths.
const POINT: i64 = 100;

/// The two counts behind what was achieved in a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The count above the line, or the count itself.
    pub numerator: i64,
    /// The count below the line; none for a count.
    pub denominator: Option<i64>,
    /// Decimals of the percentage.
    pub decimals: u32,
}

impl Reach {
    /// The value as a whole number of its last decimal; none for a share of nothing.
    #[must_use]
    pub fn value(self) -> Option<i64> {
        match self.denominator {
            None => Some(self.numerator),
            Some(below) => percent(self.numerator, below, self.decimals),
        }
    }
}

/// What brings the next point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// So many more in the numerator; fewer where that is negative.
    pub by: i64,
    /// What it gives. Units: hundredths of a point; at least one point, or the rest to the most.
    pub gain: i64,
}

/// The smallest change of the numerator, with the denominator as it is, that brings one more
/// point, or the rest to the most. None where all points are there, and where the numerator alone
/// cannot bring it: a part cannot be more than its whole, nor less than nothing.
#[must_use]
pub fn next_step(ask: Ask, reach: Reach) -> Option<Step> {
    let now = points(ask, Some(reach.value()?));
    if now >= ask.most {
        return None;
    }
    let goal = now.saturating_add(POINT).min(ask.most);
    let with = |numerator: i64| points(ask, Reach { numerator, ..reach }.value());
    // Points never fall on the way from `near` to `far`, so the first place with enough is found
    // by halving.
    let (mut near, mut far) = (
        reach.numerator,
        match (ask.direction, reach.denominator) {
            (Direction::Down, _) => 0,
            (Direction::Up | Direction::None, Some(below)) => below,
            (Direction::Up | Direction::None, None) => ask.wanted,
        },
    );
    if with(far) < goal {
        return None;
    }
    while near.abs_diff(far) > 1 {
        let middle = near + (far - near) / 2;
        if with(middle) >= goal { far = middle } else { near = middle }
    }
    Some(Step { by: far - reach.numerator, gain: with(far) - now })
}

/// The points of an index, as far as they are measured. Units: hundredths of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// What the measured components gave.
    pub measured: i64,
    /// What they could have given.
    pub possible: i64,
    /// What all others could give: it is neither nothing nor the same share.
    pub unmeasured: i64,
}

/// The total of an index that gives `all`, from the points and the most of each measured
/// component.
#[must_use]
pub fn total(all: i64, measured: impl IntoIterator<Item = (i64, i64)>) -> Total {
    let mut total = Total::default();
    for (points, most) in measured {
        total.measured += points;
        total.possible += most;
    }
    total.unmeasured = (all - total.possible).max(0);
    total
}
