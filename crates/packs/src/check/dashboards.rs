//! Checking dashboards.

use std::collections::BTreeSet;

use base::Day;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::Reader;
use super::figures::LEVELS;
use crate::{Catalogue, ChartKind, Dashboard, DashboardChart, Indicator};

const FILE: &str = "dashboards.toml";
/// A page with more charts is two pages.
const MOST_CHARTS: usize = 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DashboardsFile {
    dashboards: Vec<Spanned<Dashboard>>,
}

/// Where the charts of each dashboard stand in the file.
#[derive(Default, Deserialize)]
struct Places {
    #[serde(default)]
    dashboards: Vec<ChartPlaces>,
}

#[derive(Deserialize)]
struct ChartPlaces {
    #[serde(default)]
    charts: Vec<Spanned<IgnoredAny>>,
}

impl Reader<'_> {
    /// The dashboards of the pack. Each chart has its indicator, and what its kind needs.
    pub(super) fn dashboards(
        &mut self,
        indicators: &[Spanned<Indicator>],
        known: &Catalogue,
    ) -> Vec<Spanned<Dashboard>> {
        let dashboards = self.list(FILE, |file: DashboardsFile| file.dashboards);
        self.check_codes(FILE, "code", &dashboards, |dashboard| &dashboard.code);
        let own: BTreeSet<&str> = indicators.iter().map(|it| it.get_ref().code.as_str()).collect();
        let is_declared = |code: &str| own.contains(code) || known.indicator(code).is_some();
        let places: Places = self.places(FILE);
        for (at, table) in dashboards.iter().enumerate() {
            let it = table.get_ref();
            self.check_words(FILE, table, &[("title", &it.title), ("lead", &it.lead)]);
            if it.charts.is_empty() || it.charts.len() > MOST_CHARTS {
                self.mistake(FILE, table, "charts", |lang| {
                    lang::dashboard::bad_charts(lang, MOST_CHARTS)
                });
            }
            let spans = places.dashboards.get(at).map(|place| place.charts.as_slice());
            for (chart, span) in it.charts.iter().zip(spans.unwrap_or_default()) {
                self.check_chart(chart, span.span().start, is_declared);
            }
        }
        dashboards
    }

    fn check_chart(
        &mut self,
        chart: &DashboardChart,
        start: usize,
        is_declared: impl Fn(&str) -> bool,
    ) {
        if !is_declared(&chart.indicator) {
            let code = chart.indicator.clone();
            self.mistake_at(FILE, start, "indicator", move |lang| {
                lang::packs::unknown_indicator(lang, &code)
            });
        }
        let is_series = chart.kind == ChartKind::Series;
        match &chart.level {
            Some(_) if is_series => {
                self.mistake_at(FILE, start, "level", lang::dashboard::level_of_series);
            }
            Some(level) if LEVELS.contains(&level.as_str()) => {}
            None if is_series => {}
            _ => self.mistake_at(FILE, start, "level", lang::packs::bad_level),
        }
        let (least, most) = chart.kind.periods();
        if !(least..=most).contains(&chart.periods) {
            self.mistake_at(FILE, start, "periods", move |lang| {
                lang::dashboard::bad_periods(lang, lang::dashboard::BadPeriods { least, most })
            });
        }
        if chart.under.as_ref().is_some_and(|under| under.on.parse::<Day>().is_err()) {
            self.mistake_at(FILE, start, "under", lang::error::bad_day);
        }
    }
}
