//! Figures as charts: a line over quarters, a map, an order of units.

use std::collections::HashMap;
use std::fmt::Write as _;

use base::short_day;
use lang::Lang;
use maud::{Markup, html};
use packs::{Calendar, Direction, Indicator};
use territory::pages::{MapArea, map_notes};
use territory::{Level, UnitId, Version};
use web::chart::{
    Break, Choropleth, Chosen, Classes, Line, Moved, Point, Ranked, Ranking, Series, Shows,
    Stretch, Target, choropleth, quantile_classes, ranking, series,
};

use super::say::{self, Ground};
use super::view::View;
use crate::{Figure, Period};

/// What plans want of a share from units of a level, each value across the periods for which it
/// holds. Of a count it is wanted for a time of its own, so no line is drawn for it.
pub(crate) fn targets(
    view: &View,
    indicator: &Indicator,
    level: Level,
    periods: &[Period],
) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut held = None;
    for (at, period) in periods.iter().enumerate().filter(|_| indicator.denominator.is_some()) {
        let found = view.catalogue.wanted_on(&indicator.code, level.as_str(), period.days.last());
        let wanted = found.map(|(_, _, value)| value.value.as_str());
        match (wanted, stretches.last_mut()) {
            (Some(wanted), Some(stretch)) if held == Some(wanted) => stretch.at.end = at + 1,
            (Some(wanted), _) => {
                let shown = wanted_words(view.lang, wanted);
                let target = wanted.parse().ok().map(|value| Target { value, shown });
                stretches.extend(target.map(|target| Stretch { at: at..at + 1, target }));
            }
            (None, _) => {}
        }
        held = wanted;
    }
    stretches
}

/// The day of the last merger, where it lies among the periods. All figures stand on one map, so
/// it is a mark and parts no line.
pub(crate) fn breaks(view: &View, periods: &[Period]) -> Vec<Break> {
    let first = territory::pages::important_days(&view.territory).map(|(_, first)| first);
    let found = first.and_then(|first| {
        let before = periods.iter().position(|period| first <= period.days.last())?;
        let label = lang::dashboard::merger(view.lang, short_day(first));
        Some(Break { before, label, cuts: false })
    });
    found.into_iter().collect()
}

/// "80%" from "80", "12,5%" from "12.5".
pub(crate) fn wanted_words(lang: Lang, wanted: &str) -> String {
    let wanted = if lang == Lang::English { wanted.to_owned() } else { wanted.replace('.', ",") };
    format!("{wanted}%")
}

/// The line of one unit over periods of a calendar, with what plans want of it.
pub(crate) fn line(
    view: &View,
    indicator: &Indicator,
    named: (&str, Vec<Stretch>),
    shown: (Option<&Calendar>, &[Period], &Period),
    figures: &[Figure],
) -> Markup {
    series(view.lang, &line_of(view, indicator, named, shown, figures))
}

/// The same, to be drawn.
pub(crate) fn line_of(
    view: &View,
    indicator: &Indicator,
    (name, targets): (&str, Vec<Stretch>),
    (calendar, periods, chosen): (Option<&Calendar>, &[Period], &Period),
    figures: &[Figure],
) -> Series {
    let lang = view.lang;
    let series_of = lang::indicator::Series { count: periods.len(), name };
    let mut title = lang::indicator::series(lang, series_of);
    // Below the drawing is no room for days: whose quarters they are stands above it.
    if let Some(calendar) = calendar.filter(|calendar| calendar.opens_on != 1) {
        title = format!("{title}. {}", calendar.name.say(lang));
    }
    Series {
        title,
        unit: say::unit_of(lang, &view.catalogue, indicator).to_owned(),
        periods: periods.iter().map(|period| period.short(lang)).collect(),
        titles: periods.iter().map(|period| period.title(lang)).collect(),
        lines: vec![Line {
            name: name.to_owned(),
            points: figures.iter().map(|figure| point(lang, indicator, figure)).collect(),
        }],
        breaks: breaks(view, periods),
        targets,
        chosen: mark(lang, periods, chosen),
    }
}

/// A figure as a point of a line.
pub(crate) fn point(lang: Lang, indicator: &Indicator, figure: &Figure) -> Point {
    let scaled = figure.value(indicator);
    Point {
        value: scaled.map(|scaled| say::number(indicator, scaled)),
        shown: say::value_of(lang, indicator, *figure),
        estimated: figure.estimated,
    }
}

/// The quarters that the chosen period holds, or the one in which it lies.
fn mark(lang: Lang, periods: &[Period], chosen: &Period) -> Option<Chosen> {
    let touches = |it: &Period| it.days.from < chosen.days.to && chosen.days.from < it.days.to;
    let first = periods.iter().position(touches)?;
    let end = periods.iter().rposition(touches)? + 1;
    let label = lang::indicator::chosen_period(lang, chosen.title(lang));
    Some(Chosen { at: first..end, label })
}

/// A map of units coloured by their figures, with the worth and source of its outlines.
pub(crate) fn map(
    view: &View,
    indicator: &Indicator,
    title: String,
    areas: Vec<MapArea>,
    of: impl Fn(UnitId) -> (Figure, String),
) -> Markup {
    let lang = view.lang;
    let figures: Vec<(Figure, String)> = areas.iter().map(|area| of(area.unit)).collect();
    let scaled: Vec<Option<i64>> =
        figures.iter().map(|(figure, _)| figure.value(indicator)).collect();
    let values: Vec<Option<f64>> =
        scaled.iter().map(|value| value.map(|value| value as f64)).collect();
    let classes = quantile_classes(&values);
    let notes = map_notes(lang, &areas);
    let colour =
        |((mut area, (figure, href)), class): ((MapArea, (Figure, String)), &Option<usize>)| {
            area.href = href;
            area.coloured(*class, say::value_of(lang, indicator, figure))
        };
    let chart = Choropleth {
        shows: Shows::Values,
        title,
        unit: say::unit_of(lang, &view.catalogue, indicator).to_owned(),
        legend: legend(lang, indicator, &classes),
        areas: areas.into_iter().zip(figures).zip(&classes.of).map(colour).collect(),
        here: None,
    };
    html! { (choropleth(lang, &chart)) (notes) }
}

/// The words of classes of values: "20,00%–35,40%".
pub(crate) fn legend(lang: Lang, indicator: &Indicator, classes: &Classes) -> Vec<String> {
    let words = |value: f64| say::value(lang, indicator, value as i64);
    let span = |(low, high): &(f64, f64)| match low == high {
        true => words(*low),
        false => format!("{}–{}", words(*low), words(*high)),
    };
    classes.spans.iter().map(span).collect()
}

/// Units in the order of their values, best first where the indicator says what is better; units
/// without a value come last and have no place.
pub(crate) fn order<'a>(
    indicator: &Indicator,
    mut rows: Vec<(&'a Version, Figure)>,
) -> Vec<(String, &'a Version, Figure)> {
    let value = |figure: &Figure| figure.value(indicator);
    rows.sort_by_key(|(_, figure)| match (value(figure), indicator.direction) {
        (None, _) => (true, 0),
        (Some(value), Direction::Down) => (false, value),
        (Some(value), Direction::Up | Direction::None) => (false, -value),
    });
    let places: Vec<Option<i64>> = rows.iter().map(|(_, figure)| value(figure)).collect();
    let place = |of: Option<i64>| {
        let Some(of) = of else { return String::new() };
        let first = places.iter().position(|value| *value == Some(of)).unwrap_or_default() + 1;
        let count = places.iter().filter(|value| **value == Some(of)).count();
        if count > 1 { format!("{first}–{}", first + count - 1) } else { first.to_string() }
    };
    let ranks: Vec<String> = places.iter().map(|of| place(*of)).collect();
    ranks.into_iter().zip(rows).map(|(rank, (version, figure))| (rank, version, figure)).collect()
}

/// The places of units in an earlier period, to say how they moved since.
pub(crate) struct Before {
    /// The name of the period.
    pub(crate) period: String,
    places: HashMap<UnitId, usize>,
}

impl Before {
    /// The places of these figures.
    pub(crate) fn of(
        lang: Lang,
        indicator: &Indicator,
        period: &Period,
        rows: Vec<(&Version, Figure)>,
    ) -> Self {
        let placed = order(indicator, rows).into_iter();
        let places = placed.filter_map(|(rank, version, _)| Some((version.unit, first(&rank)?)));
        Self { period: period.title(lang), places: places.collect() }
    }
}

/// The first of the places that are shared: 2 of "2–3".
fn first(rank: &str) -> Option<usize> {
    rank.split('–').next()?.parse().ok()
}

/// Units in order, each with its bar.
pub(crate) fn rank(
    view: &View,
    indicator: &Indicator,
    title: String,
    period: &Period,
    (rows, before): (&[(String, &Version, Figure)], Option<&Before>),
) -> Markup {
    ranking(view.lang, &ranked(view, indicator, title, period, (rows, before)))
}

/// Units in order, to be drawn with their bars.
pub(crate) fn ranked(
    view: &View,
    indicator: &Indicator,
    title: String,
    period: &Period,
    (rows, before): (&[(String, &Version, Figure)], Option<&Before>),
) -> Ranking {
    let lang = view.lang;
    let ground = Ground { map: view.day, known: view.known };
    let level = rows.first().map(|(_, version, _)| version.kind.level());
    let row = |(rank, version, figure): &(String, &Version, Figure)| {
        let scaled = figure.value(indicator);
        let value = say::value_of(lang, indicator, *figure);
        let moved = |before: &Before| {
            Moved::between(before.places.get(&version.unit).copied(), first(rank))
        };
        Ranked {
            rank: rank.clone(),
            label: say::label(view, version),
            href: say::figure_href(indicator, version, period, ground),
            value: scaled.map(|scaled| say::number(indicator, scaled)),
            shown: match figure.incomplete() {
                true => format!("{value} ({}/{})", figure.reported, figure.expected),
                false => value,
            },
            estimated: figure.estimated,
            warning: figure.above_whole().then(|| lang::figures::above_whole(lang).to_owned()),
            is_here: false,
            moved: before.map(moved),
        }
    };
    let wanted = level.map(|level| targets(view, indicator, level, std::slice::from_ref(period)));
    Ranking {
        title,
        unit: say::unit_of(lang, &view.catalogue, indicator).to_owned(),
        rows: rows.iter().map(row).collect(),
        target: wanted.into_iter().flatten().map(|stretch| stretch.target).next(),
        full: indicator.denominator.as_ref().map(|_| 100.0),
        since: before.map(|before| before.period.clone()),
    }
}

/// A line small enough to stand beside a figure; its values stand in the page of the indicator.
pub(crate) fn spark(indicator: &Indicator, figures: &[Figure]) -> Markup {
    const WIDTH: f64 = 120.0;
    const HEIGHT: f64 = 28.0;
    let values: Vec<Option<f64>> =
        figures.iter().map(|figure| figure.value(indicator).map(|value| value as f64)).collect();
    let known = || values.iter().flatten().copied();
    let (low, high) = (known().fold(f64::MAX, f64::min), known().fold(f64::MIN, f64::max));
    let span = if high > low { high - low } else { 1.0 };
    let last = values.len().saturating_sub(1).max(1) as f64;
    let place = |at: usize, value: f64| {
        let (x, share) = (at as f64 / last * (WIDTH - 8.0) + 4.0, (value - low) / span);
        (x.round(), (HEIGHT - 4.0 - share * (HEIGHT - 8.0)).round())
    };
    let points = values.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?)));
    let places: Vec<(usize, (f64, f64))> =
        points.map(|(at, value)| (at, place(at, value))).collect();
    let mut path = String::new();
    let mut before = None;
    for (at, (x, y)) in &places {
        let pen = if before.is_some() && before == at.checked_sub(1) { 'L' } else { 'M' };
        let _ = write!(path, "{pen}{x} {y}");
        before = Some(*at);
    }
    html! {
        @if places.len() > 1 {
            svg width=(WIDTH) height=(HEIGHT) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } aria-hidden="true" focusable="false" {
                g.line-0 {
                    path d=(path) {}
                    @if let Some((_, (x, y))) = places.last() { circle cx=(x) cy=(y) r="3" {} }
                }
            }
        }
    }
}
