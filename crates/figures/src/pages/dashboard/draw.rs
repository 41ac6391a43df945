//! The charts of a dashboard from the answers behind them.

use std::collections::BTreeSet;

use base::{Day, grouped, short_day};
use maud::{Markup, html};
use packs::{ChartKind, Dashboard, DashboardChart, Indicator};
use territory::pages::areas;
use territory::{Level, Version};
use web::ask::link_with;
use web::chart::{
    Multiple, Multiples, Pair, Side, ladder, multiples, pair, quantile_classes, series,
};
use web::pieces;

use super::gather::{Gathered, days, unit_of};
use crate::Figure;
use crate::pages::view::View;
use crate::pages::{charts, say};

/// All charts in their order, and where the outlines of the maps come from.
pub(super) fn board(view: &View, gathered: &Gathered, board: &Dashboard) -> Markup {
    let lang = view.lang;
    let sheet = Sheet { view, gathered };
    let mut sources = BTreeSet::new();
    let drawn: Vec<(bool, &Indicator, Markup)> = board
        .charts
        .iter()
        .enumerate()
        .filter_map(|(at, chart)| {
            let indicator = view.catalogue.indicator(&chart.indicator)?;
            let markup = sheet.draw(at, chart, indicator, &mut sources);
            Some((chart.kind == ChartKind::Maps, indicator, markup))
        })
        .collect();
    html! {
        div.beside.board {
            @for (is_wide, indicator, chart) in drawn {
                div.wide[is_wide] {
                    (chart)
                    p.quiet {
                        a href=(sheet.href(indicator)) {
                            (lang::dashboard::open(lang, indicator.name.say(lang)))
                        }
                    }
                }
            }
        }
        @if !sources.is_empty() {
            p.quiet { @for source in sources { (lang::unit::outline_source(lang, source)) " " } }
        }
    }
}

/// What all charts are drawn from.
struct Sheet<'a> {
    view: &'a View,
    gathered: &'a Gathered,
}

impl Sheet<'_> {
    fn draw(
        &self,
        at: usize,
        chart: &DashboardChart,
        indicator: &Indicator,
        sources: &mut BTreeSet<String>,
    ) -> Markup {
        let drawn = match chart.kind {
            ChartKind::Series => self.series(chart, indicator),
            ChartKind::Ranking => self.ranking(chart, indicator),
            ChartKind::Multiples => self.multiples(chart, indicator),
            ChartKind::Maps => self.maps(at, chart, indicator, sources),
        };
        drawn.unwrap_or_else(|| {
            let lang = self.view.lang;
            let why = match chart.kind {
                ChartKind::Maps if days(self.view).is_none() => {
                    lang::dashboard::no_merger(lang).to_owned()
                }
                _ => lang::dashboard::not_there(lang, short_day(self.view.day)),
            };
            let name = indicator.name.say(lang);
            html! { h3 { (name) } (pieces::empty(&why, None)) }
        })
    }

    /// The page of an indicator on the same map, as known then.
    fn href(&self, indicator: &Indicator) -> String {
        let (view, mut href) = (self.view, say::indicator_href(indicator));
        if view.day != view.today {
            href = link_with(&href, "map", &view.day.to_string());
        }
        match view.known {
            Some(known) => link_with(&href, "known", &known.to_string()),
            None => href,
        }
    }

    fn series(&self, chart: &DashboardChart, indicator: &Indicator) -> Option<Markup> {
        let (view, lang) = (self.view, self.view.lang);
        let on = self.gathered.on(view, indicator, view.day)?;
        let unit = unit_of(view, chart, on.answer)?;
        let first = self.gathered.first(chart);
        let periods = &self.gathered.periods[first..];
        let figures: Vec<Figure> =
            (first..=on.last).map(|at| on.answer.get(unit.unit, at)).collect();
        let targets = charts::targets(view, indicator, unit.kind.level(), periods);
        let named = (unit.full_name.as_str(), targets);
        let shown = (None, periods, periods.last()?);
        let mut line = charts::line_of(view, indicator, named, shown, &figures);
        line.title = lang::dashboard::line(
            lang,
            lang::dashboard::Line { name: indicator.name.say(lang), unit: &unit.full_name },
        );
        // All charts end with the same quarter, so none of them needs a mark for it.
        line.chosen = None;
        // Of a civil quarter the name in full is the short one.
        line.titles = Vec::new();
        Some(series(lang, &line))
    }

    /// The compared units in the order of the last quarter.
    fn rows(
        &self,
        chart: &DashboardChart,
        indicator: &Indicator,
        at: usize,
    ) -> Option<Vec<(&Version, Figure)>> {
        let view = self.view;
        let on = self.gathered.on(view, indicator, view.day)?;
        let under = unit_of(view, chart, on.answer)?;
        let rows = view.reported(on.answer, Some(under.unit), level(chart)?, at);
        Some(rows).filter(|rows| !rows.is_empty())
    }

    fn ranking(&self, chart: &DashboardChart, indicator: &Indicator) -> Option<Markup> {
        let (view, lang) = (self.view, self.view.lang);
        let last = self.gathered.periods.len().checked_sub(1)?;
        let period = &self.gathered.periods[last];
        let rows = charts::order(indicator, self.rows(chart, indicator, last)?);
        let first = self.gathered.first(chart);
        let before = (first < last).then(|| {
            let rows = self.rows(chart, indicator, first).unwrap_or_default();
            charts::Before::of(lang, indicator, &self.gathered.periods[first], rows)
        });
        let title = lang::dashboard::ranked(
            lang,
            lang::dashboard::Ranked { name: indicator.name.say(lang), period: period.title(lang) },
        );
        let ranked = charts::ranked(view, indicator, title, period, (&rows, before.as_ref()));
        Some(ladder(lang, &ranked))
    }

    fn multiples(&self, chart: &DashboardChart, indicator: &Indicator) -> Option<Markup> {
        let (view, lang) = (self.view, self.view.lang);
        let on = self.gathered.on(view, indicator, view.day)?;
        let rows = charts::order(indicator, self.rows(chart, indicator, on.last)?);
        let first = self.gathered.first(chart);
        let periods = &self.gathered.periods[first..];
        let unit = |(_, version, _): &(String, &Version, Figure)| Multiple {
            name: say::label(view, version),
            points: (first..=on.last)
                .map(|at| charts::point(lang, indicator, &on.answer.get(version.unit, at)))
                .collect(),
        };
        let drawn = Multiples {
            title: lang::dashboard::small(lang, indicator.name.say(lang)),
            unit: say::unit_of(lang, &view.catalogue, indicator).to_owned(),
            periods: periods.iter().map(|period| period.short(lang)).collect(),
            units: rows.iter().map(unit).collect(),
            targets: charts::targets(view, indicator, level(chart)?, periods),
            breaks: charts::breaks(view, periods),
        };
        Some(multiples(lang, &drawn))
    }

    fn maps(
        &self,
        at: usize,
        chart: &DashboardChart,
        indicator: &Indicator,
        sources: &mut BTreeSet<String>,
    ) -> Option<Markup> {
        let (view, lang) = (self.view, self.view.lang);
        let period = self.gathered.periods.last()?;
        let [old, new] = days(view)?;
        let mut sides = [self.side(chart, indicator, old)?, self.side(chart, indicator, new)?];
        // One set of classes for both, so that a colour means the same on either side.
        let values: Vec<Option<f64>> = sides
            .iter()
            .flat_map(|side| &side.figures)
            .map(|figure| figure.value(indicator).map(|value| value as f64))
            .collect();
        let classes = quantile_classes(&values);
        let mut of = classes.of.iter().copied();
        for side in &mut sides {
            for area in &mut side.drawn.areas {
                area.class = of.next().flatten();
            }
            sources.append(&mut side.sources);
        }
        let name = indicator.name.say(lang);
        let maps = lang::dashboard::Maps { name, period: period.title(lang) };
        Some(pair(
            lang,
            &Pair {
                id: at.to_string(),
                title: lang::dashboard::maps(lang, maps),
                unit: say::unit_of(lang, &view.catalogue, indicator).to_owned(),
                legend: charts::legend(lang, indicator, &classes),
                sides: sides.map(|side| side.drawn),
            },
        ))
    }

    /// The units of a map with their figures, not yet coloured.
    fn side(
        &self,
        chart: &DashboardChart,
        indicator: &Indicator,
        map: Day,
    ) -> Option<UncolouredSide> {
        let (view, lang) = (self.view, self.view.lang);
        let on = self.gathered.on(view, indicator, map)?;
        let (under, level) = (unit_of(view, chart, on.answer)?, level(chart)?);
        let rows = view.reported(on.answer, Some(under.unit), level, on.last);
        let mut outlined = areas(&view.territory, map, level, Some(under.unit));
        outlined.retain(|area| rows.iter().any(|(version, _)| version.unit == area.unit));
        let count = grouped(lang, i64::try_from(outlined.len()).unwrap_or_default());
        let is_old = view.maps().is_some_and(|(eve, _)| map <= eve);
        let caption = if is_old {
            let side = lang::dashboard::OldSide { count, day: short_day(map) };
            lang::dashboard::old_side(lang, side)
        } else {
            let first = view.maps().map_or(map, |(eve, _)| eve.plus(1));
            let side = lang::dashboard::NewSide { count, day: short_day(first) };
            lang::dashboard::new_side(lang, side)
        };
        let is_sketch = outlined.iter().any(|area| area.schematic);
        let sources = outlined.iter().map(|area| area.source.clone()).collect();
        let figures: Vec<Figure> =
            outlined.iter().map(|area| on.answer.get(area.unit, on.last)).collect();
        let coloured = outlined
            .into_iter()
            .zip(&figures)
            .map(|(area, figure)| area.coloured(None, say::value_of(lang, indicator, *figure)));
        let drawn = Side {
            caption,
            note: is_sketch.then(|| lang::dashboard::sketch(lang).to_owned()),
            areas: coloured.collect(),
        };
        Some(UncolouredSide { drawn, figures, sources })
    }
}

/// A side of two maps before its classes are known.
struct UncolouredSide {
    drawn: Side,
    /// In the order of the areas.
    figures: Vec<Figure>,
    sources: BTreeSet<String>,
}

fn level(chart: &DashboardChart) -> Option<Level> {
    Level::find(chart.level.as_deref()?)
}
