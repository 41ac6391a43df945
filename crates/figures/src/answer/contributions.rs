//! What each reporter gives to the figures of one period.

use base::Day;
use journal::Sums;
use packs::Indicator;
use territory::{Landing, Level, Territory, Unit, UnitId, apportion};

use super::How;
use super::spans::Span;

/// What is asked of one period, and what the journal says of it.
pub(crate) struct Sheet<'a> {
    pub(crate) sums: &'a Sums,
    /// The place of the period among those asked for.
    pub(crate) period: usize,
    /// The place of the sum over the days of the period alone.
    pub(crate) own_days: usize,
    pub(crate) indicator: &'a Indicator,
    /// The first day of the period.
    pub(crate) first: Day,
    /// The last day of the period.
    pub(crate) last: Day,
    pub(crate) territory: &'a Territory,
    /// For a flow: which days the counts of both measures cover.
    pub(crate) spans: Option<[&'a Span; 2]>,
}

/// A part of what a reporter said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// Whose number it is.
    pub(crate) reporter: UnitId,
    /// The unit on which it lies at its own time.
    pub(crate) lies_on: UnitId,
    /// Numerator and denominator.
    pub(crate) parts: (i64, i64),
    /// Whether it is a share of what was reported.
    pub(crate) divided: bool,
}

impl Sheet<'_> {
    /// The two parts that a unit reported for days of this period, if it reported both.
    fn parts(&self, unit: i64) -> Option<(i64, i64)> {
        let above = self.sums.get(0, unit, self.period)?;
        let is_share = self.indicator.denominator.is_some();
        let below = if is_share { self.sums.get(1, unit, self.period)? } else { 0 };
        let inside = |part: usize| self.spans.is_none_or(|spans| spans[part].is_inside(unit));
        (inside(0) && (!is_share || inside(1))).then_some((above, below))
    }

    /// Whether a unit has reported all that the figure of this period needs.
    pub(crate) fn has_reported(&self, unit: i64) -> bool {
        let is_whole = |part: usize| {
            let cell = self.sums.cell(part, unit, self.own_days);
            match self.spans {
                Some(spans) => spans[part].is_whole(unit, cell),
                None => cell.records > 0,
            }
        };
        let is_share = self.indicator.denominator.is_some();
        self.parts(unit).is_some() && is_whole(0) && (!is_share || is_whole(1))
    }

    /// Whether a unit said a part in the days of the period, and not before.
    pub(crate) fn is_anew(&self, part: usize, unit: i64) -> bool {
        self.sums.cell(part, unit, self.own_days).records > 0
    }

    /// Who should report the period: the units of the reporting level in force on its last day.
    pub(crate) fn reporters(&self) -> impl Iterator<Item = &Unit> {
        let level = Level::find(&self.indicator.reported_by);
        let there = move |unit: &&Unit| Some(unit.level) == level && unit.at(self.last).is_some();
        self.territory.units().iter().filter(there)
    }

    /// Why a unit that should report gives nothing.
    pub(crate) fn why_not(&self, unit: i64) -> How {
        let parts = if self.indicator.denominator.is_some() { 2 } else { 1 };
        let is_across = |part: usize| self.spans.is_some_and(|spans| !spans[part].is_inside(unit));
        let said = (0..parts).filter(|part| self.sums.get(*part, unit, self.period).is_some());
        if (0..parts).any(is_across) {
            How::Across
        } else if said.count() > 0 {
            How::OnePart
        } else {
            How::Missing
        }
    }

    /// What every reporter gives. The level of a unit that ended passes to its successors, and from
    /// each to its own, until one reports a level itself; the two would otherwise count the same
    /// people twice.
    pub(crate) fn contributions(&self, map: Day) -> Vec<Contribution> {
        let mut all = Vec::new();
        for unit in 0..self.sums.units() {
            let Some(parts) = self.parts(unit) else { continue };
            let reporter = UnitId(unit);
            let whole = Contribution { reporter, lies_on: reporter, parts, divided: false };
            self.pass_on(whole, reporter, map, &mut all);
        }
        all
    }

    /// Gives what `holder` holds, or what of it its heirs have not said anew.
    fn pass_on(&self, given: Contribution, holder: UnitId, map: Day, all: &mut Vec<Contribution>) {
        let (ended, heirs) = self.heirs(holder);
        if !heirs.iter().any(|heir| self.has_spoken(heir.unit)) {
            all.push(given);
            return;
        }
        let aboves = apportion(given.parts.0, &heirs);
        let belows = apportion(given.parts.1, &heirs);
        for ((heir, above), (_, below)) in aboves.into_iter().zip(belows) {
            if self.parts(heir.0).is_none() {
                let lies_on = if map >= ended { heir } else { given.lies_on };
                let parts = (above, below);
                let piece = Contribution { lies_on, parts, divided: true, ..given };
                self.pass_on(piece, heir, map, all);
            }
        }
    }

    /// Whether a unit, or one of those after it, has a level of its own.
    fn has_spoken(&self, unit: UnitId) -> bool {
        let after = || self.heirs(unit).1.iter().any(|heir| self.has_spoken(heir.unit));
        self.parts(unit.0).is_some() || after()
    }

    /// Where a level goes from a unit that ended by the end of the period, and on which day; to
    /// nobody from one that goes on. A flow stays with the days on which it was counted.
    fn heirs(&self, unit: UnitId) -> (Day, Vec<Landing>) {
        let last = self.territory.unit(unit).and_then(|unit| unit.last());
        match last.map(|version| version.valid.to) {
            Some(ended) if ended <= self.last && self.spans.is_none() => {
                let mut heirs = self.territory.landings(unit, ended);
                heirs.retain(|heir| heir.unit != unit);
                (ended, heirs)
            }
            _ => (Day::MAX, Vec::new()),
        }
    }
}
