//! An index scored with our figures, for one unit on one day.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use base::{Day, Moment, Result};
use packs::{Catalogue, IndexComponent, IndexVersion, Indicator};
use store::Tx;
use territory::{Atlas, UnitId, Version};

use super::rules::{Reach, Step, Total, next_step, total};
use crate::campaigns::{Ask, points};
use crate::{Answer, Figure, Period, Question, Sight, ask};

/// So many quarters that were over by the day are scored.
const QUARTERS: usize = 8;

/// An index with the points of one unit.
#[derive(Clone, Debug)]
pub struct Score {
    /// The unit; none where nobody reports anything.
    pub unit: Option<Version>,
    /// The quarters, oldest first; the last is the one that the groups show.
    pub periods: Vec<Period>,
    /// The points of each quarter by the same version.
    pub course: Vec<Total>,
    /// The groups, in the order of the document.
    pub groups: Vec<ScoredGroup>,
    /// The points of the last quarter.
    pub total: Total,
}

/// A group with its components. Its title and its most stand in the version, at the same place.
#[derive(Clone, Debug)]
pub struct ScoredGroup {
    /// Its points.
    pub total: Total,
    /// Its components, in the order of the document.
    pub components: Vec<Scored>,
}

/// A component and what is known of it.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The component.
    pub component: IndexComponent,
    /// What is known.
    pub state: State,
}

/// How far a component is measured.
#[derive(Clone, Debug)]
pub enum State {
    /// It has points.
    Measured(Box<Measured>),
    /// Nobody reported its indicator for the quarter.
    NoData,
    /// What is to be reached in the year of the quarter is not known.
    NoneWanted,
    /// No indicator measures it.
    Unmeasured,
}

/// The points of a component.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its points. Units: hundredths.
    pub points: i64,
    /// The most that it gives. Units: hundredths.
    pub most: i64,
    /// What gives all of them, in the last decimal of the indicator.
    pub wanted: i64,
    /// What was achieved, in the last decimal of the indicator.
    pub value: i64,
    /// The indicator.
    pub indicator: Indicator,
    /// The figure behind it.
    pub figure: Figure,
    /// What brings the next point.
    pub next: Option<Step>,
}

impl Measured {
    /// The points that are still missing. Units: hundredths.
    #[must_use]
    pub const fn missing(&self) -> i64 {
        self.most - self.points
    }
}

impl Score {
    /// The measured components, those with the most missing points first.
    #[must_use]
    pub fn moves(&self) -> Vec<(&IndexComponent, &Measured)> {
        let components = self.groups.iter().flat_map(|group| &group.components);
        let mut moves: Vec<_> = components
            .filter_map(|scored| match &scored.state {
                State::Measured(measured) => Some((&scored.component, measured.as_ref())),
                _ => None,
            })
            .collect();
        moves.sort_by_key(|(_, measured)| Reverse(measured.missing()));
        moves
    }
}

/// Scores a version of an index for the quarters that were over by a day, on the map of another.
/// Without a unit it is the province that most reports come from. With an instant, only what was
/// recorded until then counts.
///
/// Errors: `Unavailable`.
pub async fn score(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    version: &IndexVersion,
    (on, map): (Day, Day),
    (unit, known): (Option<UnitId>, Option<Moment>),
) -> Result<Score> {
    let periods = Period::last_quarters(None, on, QUARTERS);
    let components = version.groups.iter().flat_map(|group| &group.components);
    let mut answers = BTreeMap::new();
    for code in components.filter_map(|component| component.indicator.as_ref()) {
        if !answers.contains_key(code) {
            let (indicator, periods) = (code.clone(), periods.clone());
            let question = Question { indicator, periods, map, known, sight: Sight::Public };
            answers.insert(code.clone(), ask(tx, atlas, catalogue, &question).await?);
        }
    }
    let territory = atlas.territory(tx).await?;
    let unit = match unit {
        Some(unit) => territory.at(unit, map),
        None => answers.values().next().and_then(|answer| answer.top(&territory)),
    };
    let sheet = Sheet { catalogue, answers, periods: &periods, unit: unit.map(|it| it.unit) };
    let last = periods.len().saturating_sub(1);
    let course = (0..periods.len()).map(|at| sheet.of_version(version, at).1).collect();
    let (groups, total) = sheet.of_version(version, last);
    Ok(Score { unit: unit.cloned(), periods, course, groups, total })
}

/// What the components are scored with.
struct Sheet<'a> {
    catalogue: &'a Catalogue,
    /// By the code of the indicator.
    answers: BTreeMap<String, Answer>,
    periods: &'a [Period],
    unit: Option<UnitId>,
}

impl Sheet<'_> {
    fn of_version(&self, version: &IndexVersion, at: usize) -> (Vec<ScoredGroup>, Total) {
        let mut measured = Vec::new();
        let mut groups = Vec::with_capacity(version.groups.len());
        for group in &version.groups {
            let score = |component: &IndexComponent| Scored {
                component: component.clone(),
                state: self.state(component, at),
            };
            let components: Vec<Scored> = group.components.iter().map(score).collect();
            let own = || components.iter().filter_map(|scored| scored.points());
            measured.extend(own());
            groups.push(ScoredGroup { total: total(group.most(), own()), components });
        }
        (groups, total(version.most(), measured))
    }

    fn state(&self, component: &IndexComponent, at: usize) -> State {
        let code = component.indicator.as_deref();
        let indicator = code.and_then(|code| self.catalogue.indicator(code));
        let Some((indicator, most)) = indicator.zip(component.most()) else {
            return State::Unmeasured;
        };
        let decimals = indicator.denominator.as_ref().map_or(0, |_| indicator.decimals);
        let year = self.periods.get(at).map(|period| period.days.last().civil().year());
        let wanted = year.and_then(|year| component.wanted_in(year)?.scaled(decimals));
        let Some(wanted) = wanted else { return State::NoneWanted };
        let figure = self.unit.zip(self.answers.get(&indicator.code));
        let figure = figure.map(|(unit, answer)| answer.get(unit, at)).unwrap_or_default();
        let Some((value, numerator)) = figure.value(indicator).zip(figure.numerator) else {
            return State::NoData;
        };
        let ask = Ask { most, wanted, direction: indicator.direction };
        let reach = Reach { numerator, denominator: figure.denominator, decimals };
        State::Measured(Box::new(Measured {
            points: points(ask, Some(value)),
            most,
            wanted,
            value,
            indicator: indicator.clone(),
            figure,
            next: next_step(ask, reach),
        }))
    }
}

impl Scored {
    /// Its points and the most that it gives, where it is measured.
    fn points(&self) -> Option<(i64, i64)> {
        match &self.state {
            State::Measured(measured) => Some((measured.points, measured.most)),
            _ => None,
        }
    }
}
