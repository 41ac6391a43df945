//! Targets with the figures that measure them, for every unit of a map.

use base::{Day, Moment, Result};
use packs::{Catalogue, Indicator, Plan, Target, TargetValue};
use territory::{Atlas, Level, UnitId};

use super::rules::{Goal, Point, Standing, standing, sums};
use crate::answer::{MOST_PERIODS, nature};
use crate::{Answer, Period, Question, Sight, ask};

/// Quarters before the day that a series goes back at least.
const QUARTERS: usize = 12;

/// A target with the figures behind it.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its plan.
    pub plan: Plan,
    /// The target.
    pub target: Target,
    /// What measures it.
    pub indicator: Indicator,
    /// The quarters that were over by the day, oldest first.
    pub periods: Vec<Period>,
    /// The figures of all units in these quarters.
    pub answer: Answer,
    /// Whether the quarters add up, as of a count of what happened.
    adds_up: bool,
    on: Day,
}

/// A value that a unit is to reach, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// What was decided.
    pub value: &'a TargetValue,
    /// The value as a whole number of the indicator's last decimal.
    pub wanted: i64,
    /// How far it has come.
    pub standing: Standing,
}

/// Whether a plan is still to begin, is followed, or is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is followed on the day.
    Followed,
    /// Its last day is over.
    Over,
    /// Its first day is to come.
    ToCome,
}

/// The stage of a plan on a day.
#[must_use]
pub fn stage(plan: &Plan, on: Day) -> Stage {
    let (from, until) = plan.days();
    if on < from {
        Stage::ToCome
    } else if on > until {
        Stage::Over
    } else {
        Stage::Followed
    }
}

/// The figures of a target as they stand on a day, on its map unless another day is named. None
/// where nothing measures it.
///
/// A plan that is over is judged by its own time: the quarters until its end, on the map of its
/// last day. A merger that came later neither blames the units it made nor hides the old ones.
/// With an instant, only what was recorded until then counts.
///
/// Errors: `Unavailable`.
pub async fn follow(
    tx: &mut store::Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    (plan, target): (&Plan, &Target),
    (on, map): (Day, Option<Day>),
    (known, sight): (Option<Moment>, Sight),
) -> Result<Option<Followed>> {
    let indicator = target.indicator.as_deref().and_then(|code| catalogue.indicator(code));
    let Some(indicator) = indicator else { return Ok(None) };
    let until = plan.days().1;
    let map = map.unwrap_or(on.min(until));
    let periods = quarters((plan, target), on.min(until.plus(1)));
    let question = Question { indicator: indicator.code.clone(), periods, map, known, sight };
    let answer = ask(tx, atlas, catalogue, &question).await?;
    let is_flow = nature(catalogue, indicator) == packs::Nature::Flow;
    Ok(Some(Followed {
        plan: plan.clone(),
        target: target.clone(),
        indicator: indicator.clone(),
        periods: question.periods,
        answer,
        adds_up: is_flow && indicator.denominator.is_none(),
        on,
    }))
}

/// The quarters that were over by a day since the target is followed: what happened in them adds up,
/// and none of them may be missing. They are as many as a question can ask at most.
fn quarters((plan, target): (&Plan, &Target), by: Day) -> Vec<Period> {
    let from = target.values.iter().map(|value| value.from(plan)).min();
    let from = from.unwrap_or_else(|| plan.days().0);
    let mut periods = Period::last_quarters(None, by, MOST_PERIODS);
    let before = periods.iter().take_while(|period| period.days.last() < from).count();
    periods.drain(..before.min(periods.len().saturating_sub(QUARTERS)));
    periods
}

impl Followed {
    /// The day whose map the figures stand on.
    #[must_use]
    pub fn map(&self) -> Day {
        self.answer.map
    }

    /// What a unit of a level is to reach and where it stands; none where the target does not
    /// speak of the level.
    #[must_use]
    pub fn course(&self, unit: UnitId, level: Level) -> Option<Course<'_>> {
        let value = self.value(level)?;
        let decimals = self.indicator.denominator.as_ref().map_or(0, |_| self.indicator.decimals);
        let wanted = value.scaled(decimals)?;
        let goal = Goal {
            from: value.from(&self.plan),
            by: value.by(),
            value: wanted,
            direction: self.indicator.direction,
        };
        let standing = standing(goal, &self.series(unit, goal.from), self.on);
        Some(Course { value, wanted, standing })
    }

    /// The value that holds on the day; of a plan that is over the last one.
    fn value(&self, level: Level) -> Option<&TargetValue> {
        let level = level.as_str();
        let of = || self.target.values_of(level).into_iter();
        let now = self.target.value_on(&self.plan, level, self.on);
        let next =
            || of().filter(|value| value.from(&self.plan) > self.on).min_by_key(|it| it.by());
        now.or_else(next).or_else(|| of().max_by_key(|value| value.by()))
    }

    /// The values of a unit. What happened in quarters adds up from the first quarter of the
    /// target on, where all of them could be asked; a level or a share stands for itself.
    fn series(&self, unit: UnitId, from: Day) -> Vec<Point> {
        let point = |(at, period): (usize, &Period)| {
            let value = self.answer.get(unit, at).value(&self.indicator);
            Point { day: period.days.last(), value }
        };
        let own: Vec<Point> = self.periods.iter().enumerate().map(point).collect();
        if !self.adds_up {
            return own;
        }
        let is_whole = self.periods.first().is_some_and(|first| first.days.from <= from)
            || self.periods.len() < MOST_PERIODS;
        if is_whole { sums(&own, from) } else { Vec::new() }
    }
}
