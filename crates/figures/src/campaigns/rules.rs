//! Points, places and classes of a campaign: pure arithmetic.
//!
//! Points are whole hundredths, so that no sum of them depends on how it was rounded.

use std::cmp::Reverse;

use packs::Direction;

/// What a criterion asks of a unit in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The most that it gives. Units: hundredths of a point.
    pub most: i64,
    /// What is to be reached, in the last decimal of the indicator.
    pub wanted: i64,
    /// Whether more is better.
    pub direction: Direction,
}

/// The points for what was achieved: `most × min(1, achieved ÷ wanted)`, and for what is to be
/// small `most × min(1, wanted ÷ achieved)`, half a hundredth upwards. Nothing for no data.
#[must_use]
pub fn points(ask: Ask, achieved: Option<i64>) -> i64 {
    let Some(achieved) = achieved else { return 0 };
    let (above, below) = match ask.direction {
        Direction::Up | Direction::None => (achieved, ask.wanted),
        Direction::Down => (ask.wanted, achieved),
    };
    // Who wants nothing, or has nothing of what is to be small, is there.
    if below <= 0 || above >= below {
        return ask.most;
    }
    let above = i128::from(above.max(0));
    let scaled = (i128::from(ask.most) * above * 2 + i128::from(below)) / (i128::from(below) * 2);
    i64::try_from(scaled).unwrap_or(ask.most)
}

/// A unit with its points by criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score<U> {
    /// The unit.
    pub unit: U,
    /// The points of each criterion, in their order. Units: hundredths.
    pub points: Vec<i64>,
    /// Added or taken away by decision. Units: hundredths.
    pub adjusted: i64,
}

impl<U> Score<U> {
    /// All points together; never below zero.
    #[must_use]
    pub fn total(&self) -> i64 {
        (self.points.iter().sum::<i64>() + self.adjusted).max(0)
    }
}

/// A unit in the order of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<U> {
    /// Its score.
    pub score: Score<U>,
    /// Its place, from 1; units that nothing tells apart share the first of theirs.
    pub place: usize,
    /// How many share it.
    pub shared_by: usize,
}

/// Puts units in order: by the total, then by the criteria that decide between equals, in that
/// order (numbers of [`Score::points`]). What is still equal shares a place, and stands in the
/// order in which it came.
#[must_use]
pub fn rank<U>(mut scores: Vec<Score<U>>, ties: &[usize]) -> Vec<Placed<U>> {
    let key = |score: &Score<U>| {
        let ties = ties.iter().map(|at| score.points.get(*at).copied().unwrap_or_default());
        Reverse(std::iter::once(score.total()).chain(ties).collect::<Vec<i64>>())
    };
    scores.sort_by_cached_key(key);
    let keys: Vec<_> = scores.iter().map(key).collect();
    let mut placed = Vec::with_capacity(scores.len());
    for (score, own) in scores.into_iter().zip(&keys) {
        let first = keys.partition_point(|other| other < own);
        let shared_by = keys[first..].iter().take_while(|other| *other == own).count();
        placed.push(Placed { score, place: first + 1, shared_by });
    }
    placed
}

/// The class that so many points give, of classes with the points from which they begin; the
/// number of the highest that is reached.
#[must_use]
pub fn class(total: i64, from: &[i64]) -> Option<usize> {
    let reached = from.iter().enumerate().filter(|(_, from)| **from <= total);
    reached.max_by_key(|(_, from)| **from).map(|(at, _)| at)
}

/// Points as people write them, `2,5` or `−0.75`: at most two decimals. Units: hundredths.
#[must_use]
pub fn read_points(text: &str) -> Option<i64> {
    let plain = text.trim().replace(['\u{2212}', '\u{2013}'], "-").replace(',', ".");
    let (sign, plain) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let (whole, rest) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    format!("{whole}{rest:0<2}").parse::<i64>().ok().map(|points| sign * points)
}
