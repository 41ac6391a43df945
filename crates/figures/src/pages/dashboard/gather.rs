//! The figures behind a dashboard: each indicator is asked once for each map, and its charts share
//! the answer.

use std::collections::{BTreeMap, BTreeSet};

use base::{Day, Result};
use packs::{ChartKind, Dashboard, DashboardChart, Indicator};
use territory::{UnitId, Version};

use crate::pages::overview::on_map;
use crate::pages::view::View;
use crate::{Answer, Period, Question};

/// The answers that the charts of a dashboard are drawn from.
pub(super) struct Gathered {
    /// The quarters of the longest chart, oldest first.
    pub(super) periods: Vec<Period>,
    /// By indicator and the day of the map. Only on the map of the page for all quarters; on
    /// others for the last one.
    answers: BTreeMap<(String, Day), Answer>,
}

/// Units on one map with the place of the last quarter in their answer.
pub(super) struct OnMap<'a> {
    pub(super) answer: &'a Answer,
    pub(super) last: usize,
}

impl Gathered {
    pub(super) async fn of(view: &mut View, board: &Dashboard, on: Day) -> Result<Self> {
        let most = board.charts.iter().map(|chart| chart.periods).max().unwrap_or(1);
        let periods = Period::last_quarters(None, on, most);
        let mut wanted = BTreeSet::new();
        for chart in &board.charts {
            let sides = Some(chart).filter(|chart| chart.kind == ChartKind::Maps).and(days(view));
            let days = sides.map_or_else(|| vec![view.day], Vec::from);
            wanted.extend(days.into_iter().map(|day| (chart.indicator.clone(), day)));
        }
        let catalogue = view.catalogue.clone();
        let mut answers = BTreeMap::new();
        for (code, map) in wanted {
            let Some(indicator) = catalogue.indicator(&code) else { continue };
            let first = if map == view.day { 0 } else { periods.len().saturating_sub(1) };
            let question = Question { map, ..view.question(indicator, &periods[first..]) };
            let answer = crate::ask(&mut view.tx, &view.desk.atlas, &catalogue, &question).await?;
            answers.insert((code, map), answer);
        }
        Ok(Self { periods, answers })
    }

    /// The answer for an indicator on the map of a day.
    pub(super) fn on(&self, view: &View, indicator: &Indicator, map: Day) -> Option<OnMap<'_>> {
        let answer = self.answers.get(&(indicator.code.clone(), map))?;
        let last = if map == view.day { self.periods.len().saturating_sub(1) } else { 0 };
        Some(OnMap { answer, last })
    }

    /// The first of the quarters that a chart shows.
    pub(super) fn first(&self, chart: &DashboardChart) -> usize {
        self.periods.len().saturating_sub(chart.periods)
    }
}

/// The days of the two maps: before the last merger and after it, one of them that of the page.
/// None where nothing was merged.
pub(super) fn days(view: &View) -> Option<[Day; 2]> {
    let (eve, now) = view.maps()?;
    Some([view.day.min(eve), if view.day > eve { view.day } else { now }])
}

/// The unit of a chart on the map of an answer: the one that is named, as it is there, or the
/// province; none where the named one is not there.
pub(super) fn unit_of<'a>(
    view: &'a View,
    chart: &DashboardChart,
    answer: &Answer,
) -> Option<&'a Version> {
    let Some(under) = &chart.under else { return view.top(answer) };
    let then: UnitId = view.territory.by_code(&under.code, under.on())?.unit;
    on_map(view, then, answer.map)
}
