//! Lines over periods.

use lang::Lang;
use maud::{Markup, html};

use super::scale::{At, Scale};
use super::{Stretch, figure, nothing};
use crate::pieces::{Badge, Column, badge, table};

/// Values of one or more lines over the same periods.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// What the chart shows.
    pub title: String,
    /// The unit of the values: "%", "hộ".
    pub unit: String,
    /// The names of the periods, oldest first, short enough to stand below the drawing.
    pub periods: Vec<String>,
    /// Their names in full, for the table behind; where there are none, the short ones serve.
    pub titles: Vec<String>,
    /// At most four lines, each with one point, or none, for each period.
    pub lines: Vec<Line>,
    /// Where the administrative map changed.
    pub breaks: Vec<Break>,
    /// What is to be reached, and when; in the order of its periods.
    pub targets: Vec<Stretch>,
    /// The periods that the reader chose, drawn with a band behind them.
    pub chosen: Option<Chosen>,
}

/// A run of periods that stands out.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The indexes of its periods.
    pub at: std::ops::Range<usize>,
    /// Its name, below the drawing.
    pub label: String,
}

/// One line of a [`Series`].
#[derive(Clone, Debug)]
pub struct Line {
    /// Whose values these are.
    pub name: String,
    /// One for each period.
    pub points: Vec<Point>,
}

/// One figure of a line.
#[derive(Clone, Debug)]
pub struct Point {
    /// For the position; none where there is no figure to show.
    pub value: Option<f64>,
    /// Ready to read: the value, or why there is none.
    pub shown: String,
    /// Whether the figure rests on shares; drawn as a ring.
    pub estimated: bool,
}

/// A change of the map between two periods.
#[derive(Clone, Debug)]
pub struct Break {
    /// The index of the first period after the change.
    pub before: usize,
    /// What happened on which day: "sáp nhập 01/07/2025".
    pub label: String,
    /// Whether the lines are cut there, because their two sides do not count the same units.
    /// Figures on one basis map count the same units throughout.
    pub cuts: bool,
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 250.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 220.0;
const SIDE: f64 = 34.0;
const LINES: usize = 4;

/// A line chart with its table.
#[must_use]
pub fn series(lang: Lang, series: &Series) -> Markup {
    let values = series.lines.iter().take(LINES).flat_map(|line| &line.points);
    let values = values.filter_map(|point| point.value);
    let scale = if values.clone().any(f64::is_finite) {
        Scale::over(values.chain(series.targets.iter().map(|stretch| stretch.target.value)))
    } else {
        None
    };
    let drawing = match scale {
        Some(scale) => drawing(lang, series, &Plot { scale, periods: series.periods.len() }),
        None => nothing(lang),
    };
    let (heading, table) = ((&*series.title, &*series.unit), &behind(lang, series));
    figure(heading, (&drawing, &legend(series)), (lang::chart::table(lang), table))
}

struct Plot {
    scale: Scale,
    periods: usize,
}

impl Plot {
    fn x(&self, at: f64) -> At {
        let last = self.periods.saturating_sub(1) as f64;
        let share = if last > 0.0 { at / last } else { 0.5 };
        At(SIDE + share * (WIDTH - 2.0 * SIDE))
    }

    /// The ends of a run of periods, half a step to both sides, so that a single one has a span
    /// too.
    fn span(&self, at: &std::ops::Range<usize>) -> (f64, f64) {
        let last = self.periods.saturating_sub(1);
        let (first, end) = (at.start.min(last), at.end.saturating_sub(1).min(last));
        let half = if last > 0 { (WIDTH - 2.0 * SIDE) / last as f64 / 2.0 } else { SIDE };
        let from = if first == 0 { 0.0 } else { self.x(first as f64).0 - half };
        let to = if end == last { WIDTH } else { self.x(end as f64).0 + half };
        (from.max(0.0), to.min(WIDTH))
    }

    fn y(&self, value: f64) -> At {
        At(BOTTOM - self.scale.share(value) * (BOTTOM - TOP))
    }
}

fn drawing(lang: Lang, series: &Series, plot: &Plot) -> Markup {
    let lines: Vec<&Line> = series.lines.iter().take(LINES).collect();
    html! {
        svg.series viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" {
            title { (series.title) }
            desc {
                @for line in &lines { (describe(lang, series, line)) " " }
                (surroundings(lang, series))
            }
            @if let Some(chosen) = &series.chosen { (band(chosen, plot)) }
            (axes(lang, series, plot))
            (targets(lang, series, plot))
            @for (at, line) in lines.iter().enumerate() {
                g class={ "line-" (at) } {
                    path d=(path(line, &series.breaks, plot)) {}
                    @for (period, value, point) in drawn(&line.points) {
                        circle.estimated[point.estimated]
                            cx=(plot.x(period as f64)) cy=(plot.y(value)) r="3" {
                            title { (name(series, period)) ": " (point.shown) }
                        }
                    }
                    @if lines.len() == 1 { (last_value(line, &series.targets, plot)) }
                }
            }
        }
    }
}

/// What is to be reached, each value across its own periods; the last one in full words.
fn targets(lang: Lang, series: &Series, plot: &Plot) -> Markup {
    let last = series.targets.len().saturating_sub(1);
    html! {
        @for (at, stretch) in series.targets.iter().enumerate() {
            @let (from, to) = plot.span(&stretch.at);
            @let y = plot.y(stretch.target.value);
            line.target x1=(At(from)) x2=(At(to)) y1=(y) y2=(y) {}
            // Beside the end of the drawing there is no room for words that begin there.
            @let is_late = to > 0.5 * WIDTH;
            text.target x=(At(if is_late { to } else { from })) y=(At(y.0 - 4.0))
                text-anchor=[is_late.then_some("end")] {
                @if at == last { (lang::chart::target(lang, &stretch.target.shown)) }
                @else { (stretch.target.shown) }
            }
        }
    }
}

/// The band behind the chosen periods.
fn band(chosen: &Chosen, plot: &Plot) -> Markup {
    let (from, to) = plot.span(&chosen.at);
    html! {
        g.chosen {
            rect x=(At(from)) y=(TOP - 12.0) width=(At(to - from)) height=(BOTTOM - TOP + 12.0) {
                title { (chosen.label) }
            }
        }
    }
}

/// Grid, names of values and periods, and the changes of the map.
fn axes(lang: Lang, series: &Series, plot: &Plot) -> Markup {
    // On the narrowest phone a letter takes about 9 of the 480 units.
    let longest = series.periods.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let fitting = (((WIDTH - 2.0 * SIDE) / (longest as f64 * 9.0 + 8.0)) as usize).max(1);
    let every = plot.periods.saturating_sub(1) / fitting + 1;
    let last = plot.periods.saturating_sub(1);
    html! {
        g.axes {
            @for (value, words) in plot.scale.ticks(lang) {
                @let y = plot.y(value);
                line x1="0" x2=(WIDTH) y1=(y) y2=(y) {}
                text x="0" y=(At(y.0 - 3.0)) { (words) }
            }
            @for (at, period) in series.periods.iter().enumerate() {
                @if (last - at).is_multiple_of(every) {
                    text x=(plot.x(at as f64)) y=(HEIGHT - 8.0) text-anchor="middle" { (period) }
                }
            }
        }
        @for change in &series.breaks {
            @if change.before > 0 && change.before < plot.periods {
                @let x = plot.x(change.before as f64 - 0.5);
                @let anchor = if x.0 > 0.6 * WIDTH { "end" } else if x.0 < 0.4 * WIDTH { "start" } else { "middle" };
                g.break {
                    line x1=(x) x2=(x) y1=(TOP - 12.0) y2=(BOTTOM) {}
                    text x=(x) y=(TOP - 17.0) text-anchor=(anchor) { (change.label) }
                }
            }
        }
    }
}

/// The last figure of a line in words: above its point, or below where the words of the target
/// stand already.
fn last_value(line: &Line, targets: &[Stretch], plot: &Plot) -> Markup {
    html! {
        @if let Some((period, value, point)) = drawn(&line.points).last() {
            @let y = plot.y(value).0;
            @let near = targets.iter().rfind(|stretch| stretch.at.end + 3 > period);
            @let above = near.map_or(f64::INFINITY, |near| y - plot.y(near.target.value).0);
            @let y = if (-4.0..34.0).contains(&above) { y + 20.0 } else { y - 8.0 };
            text.value x=(plot.x(period as f64)) y=(At(y)) text-anchor="middle" { (point.shown) }
        }
    }
}

/// The points that have a place in a drawing, each with its period and its value.
pub(super) fn drawn(points: &[Point]) -> impl DoubleEndedIterator<Item = (usize, f64, &Point)> {
    points.iter().enumerate().filter_map(|(at, point)| {
        let value = point.value.filter(|value| value.is_finite())?;
        Some((at, value, point))
    })
}

fn path(line: &Line, breaks: &[Break], plot: &Plot) -> String {
    let mut path = String::new();
    let mut before: Option<usize> = None;
    for (at, value, _) in drawn(&line.points) {
        let follows = at.checked_sub(1).is_some() && before == at.checked_sub(1);
        let is_cut = breaks.iter().any(|change| change.cuts && change.before == at);
        let pen = if follows && !is_cut { 'L' } else { 'M' };
        path.push_str(&format!("{pen}{} {}", plot.x(at as f64), plot.y(value)));
        before = Some(at);
    }
    path
}

fn name(series: &Series, period: usize) -> &str {
    series.periods.get(period).map_or("", String::as_str)
}

fn describe(lang: Lang, series: &Series, line: &Line) -> String {
    let (Some(first), Some(last)) = (drawn(&line.points).next(), drawn(&line.points).last()) else {
        return String::new();
    };
    lang::chart::series_description(
        lang,
        lang::chart::SeriesDescription {
            first: name(series, first.0),
            first_value: &first.2.shown,
            last: name(series, last.0),
            last_value: &last.2.shown,
            name: &line.name,
        },
    )
}

/// In words: what is to be reached when, and where the map changed.
fn surroundings(lang: Lang, series: &Series) -> Markup {
    let within = |stretch: &Stretch| {
        let last = stretch.at.end.saturating_sub(1);
        lang::chart::target_within(
            lang,
            lang::chart::TargetWithin {
                first: name(series, stretch.at.start),
                last: name(series, last),
                value: &stretch.target.shown,
            },
        )
    };
    let before = |change: &Break| {
        let (label, period) = (&change.label, name(series, change.before));
        lang::chart::change_before(lang, lang::chart::ChangeBefore { label, period })
    };
    html! {
        @for stretch in &series.targets { (within(stretch)) " " }
        @for change in &series.breaks { (before(change)) " " }
    }
}

fn legend(series: &Series) -> Markup {
    html! {
        @if let Some(chosen) = &series.chosen {
            ul.legend {
                li {
                    svg.key viewBox="0 0 24 10" aria-hidden="true" {
                        g.chosen { rect x="1" y="0.5" width="22" height="9" {} }
                    }
                    (chosen.label)
                }
            }
        }
        @if series.lines.len() > 1 {
            ul.legend {
                @for (at, line) in series.lines.iter().take(LINES).enumerate() {
                    li {
                        svg.key viewBox="0 0 24 10" aria-hidden="true" {
                            g class={ "line-" (at) } { path d="M0 5H24" {} circle cx="12" cy="5" r="3" {} }
                        }
                        (line.name)
                    }
                }
            }
        }
    }
}

fn behind(lang: Lang, series: &Series) -> Markup {
    let mut columns = vec![Column::head(lang::chart::period(lang))];
    columns.extend(series.lines.iter().map(|line| Column::number(&line.name)));
    let rows: Vec<Vec<Markup>> = series
        .periods
        .iter()
        .enumerate()
        .map(|(at, period)| {
            let is_chosen = series.chosen.as_ref().is_some_and(|chosen| chosen.at.contains(&at));
            let title = series.titles.get(at).unwrap_or(period);
            let mut row = vec![html! { @if is_chosen { strong { (title) } } @else { (title) } }];
            row.extend(series.lines.iter().map(|line| {
                html! {
                    @if let Some(point) = line.points.get(at) {
                        @if point.estimated { (badge(lang, Badge::Estimated)) " " }
                        @if point.value.is_some() { (point.shown) }
                        @else { (badge(lang, Badge::None(&point.shown))) }
                    }
                }
            }));
            row
        })
        .collect();
    table(&series.title, &columns, &rows)
}
