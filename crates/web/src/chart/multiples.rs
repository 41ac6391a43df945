//! The same small line for many units, all on one scale.

use lang::Lang;
use maud::{Markup, html};

use super::scale::{At, Scale};
use super::series::drawn;
use super::{Break, Point, Stretch, figure, nothing, shortened};

const WIDTH: f64 = 480.0;
const COLUMNS: usize = 3;
/// Between two columns.
const GAP: f64 = 18.0;
/// A panel: the line of its name, and below it the drawing.
const NAME: f64 = 20.0;
const LINE: f64 = 36.0;
const ROW: f64 = 72.0;
/// The last value stands beside the end of the line.
const VALUE: f64 = 50.0;
/// A longer name would run into the next panel; the table has it in full.
const LETTERS: usize = 16;

/// One line for each of many units.
#[derive(Clone, Debug, Default)]
pub struct Multiples {
    /// What the chart shows.
    pub title: String,
    /// The unit of the values.
    pub unit: String,
    /// The names of the periods, oldest first.
    pub periods: Vec<String>,
    /// The units; the drawing and the table keep their order.
    pub units: Vec<Multiple>,
    /// What is to be reached, and when.
    pub targets: Vec<Stretch>,
    /// Where the administrative map changed; a mark in every panel.
    pub breaks: Vec<Break>,
}

/// One unit of [`Multiples`].
#[derive(Clone, Debug)]
pub struct Multiple {
    /// The unit.
    pub name: String,
    /// One for each period.
    pub points: Vec<Point>,
}

/// A grid of small lines with its table.
#[must_use]
pub fn multiples(lang: Lang, chart: &Multiples) -> Markup {
    let values = chart.units.iter().flat_map(|unit| &unit.points);
    let values = values.filter_map(|point| point.value);
    let scale = if values.clone().any(f64::is_finite) {
        Scale::over(values.chain(chart.targets.iter().map(|stretch| stretch.target.value)))
    } else {
        None
    };
    let (drawing, legend) = match scale {
        Some(scale) => (drawing(lang, chart, &Grid { scale, chart }), legend(lang, chart, scale)),
        None => (nothing(lang), html! {}),
    };
    let heading = (&*chart.title, &*chart.unit);
    figure(heading, (&drawing, &legend), (lang::chart::table(lang), &behind(lang, chart)))
}

struct Grid<'a> {
    scale: Scale,
    chart: &'a Multiples,
}

impl Grid<'_> {
    /// The upper left corner of a panel.
    fn corner(unit: usize) -> (f64, f64) {
        let width = (WIDTH + GAP) / COLUMNS as f64;
        ((unit % COLUMNS) as f64 * width, (unit / COLUMNS) as f64 * ROW)
    }

    fn x(&self, unit: usize, period: f64) -> f64 {
        let last = self.chart.periods.len().saturating_sub(1).max(1) as f64;
        let width = (WIDTH + GAP) / COLUMNS as f64 - GAP - VALUE;
        Self::corner(unit).0 + 3.0 + period / last * (width - 3.0)
    }

    fn y(&self, unit: usize, value: f64) -> f64 {
        Self::corner(unit).1 + NAME + 4.0 + (1.0 - self.scale.share(value)) * LINE
    }

    /// All lines as one path, in relative steps: a board has many of them.
    fn lines(&self) -> String {
        let mut path = String::new();
        for (unit, multiple) in self.chart.units.iter().enumerate() {
            let mut held: Option<(usize, f64, f64)> = None;
            for (period, value, _) in drawn(&multiple.points) {
                let is_cut = self.chart.breaks.iter().any(|it| it.cuts && it.before == period);
                let tenth = |place: f64| (place * 10.0).round() / 10.0;
                let x = self.x(unit, period as f64).round();
                let y = tenth(self.y(unit, value));
                match held.filter(|(before, ..)| before + 1 == period && !is_cut) {
                    None => path.push_str(&format!("M{x} {y}")),
                    Some((_, from_x, from_y)) => {
                        let down = At(y - from_y).to_string();
                        let between = if down.starts_with('-') { "" } else { " " };
                        path.push_str(&format!("l{}{between}{down}", x - from_x));
                    }
                }
                held = Some((period, x, y));
            }
        }
        path
    }

    /// A dot at the end of each line.
    fn ends(&self) -> String {
        let mut path = String::new();
        for (unit, multiple) in self.chart.units.iter().enumerate() {
            if let Some((period, value, _)) = drawn(&multiple.points).last() {
                let (x, y) = (self.x(unit, period as f64), self.y(unit, value));
                path.push_str(&format!("M{} {}h0", x.round(), At(y)));
            }
        }
        path
    }

    /// What is to be reached, in every panel.
    fn targets(&self) -> String {
        let mut path = String::new();
        let last = self.chart.periods.len().saturating_sub(1) as f64;
        for unit in 0..self.chart.units.len() {
            for stretch in &self.chart.targets {
                let from = (stretch.at.start as f64 - 0.5).max(0.0);
                let to = (stretch.at.end as f64 - 0.5).min(last);
                let y = At(self.y(unit, stretch.target.value));
                let (from, to) = (self.x(unit, from).round(), self.x(unit, to).round());
                path.push_str(&format!("M{from} {y}H{to}"));
            }
        }
        path
    }

    /// Where the map changed, in every panel.
    fn breaks(&self) -> String {
        let mut path = String::new();
        for unit in 0..self.chart.units.len() {
            for change in self.inner_breaks() {
                let x = self.x(unit, change.before as f64 - 0.5).round();
                let y = Self::corner(unit).1 + NAME + 4.0;
                path.push_str(&format!("M{x} {y}v{LINE}"));
            }
        }
        path
    }

    fn inner_breaks(&self) -> impl Iterator<Item = &Break> {
        let periods = self.chart.periods.len();
        self.chart.breaks.iter().filter(move |it| it.before > 0 && it.before < periods)
    }
}

fn drawing(lang: Lang, chart: &Multiples, grid: &Grid<'_>) -> Markup {
    let rows = chart.units.len().div_ceil(COLUMNS);
    html! {
        svg.multiples viewBox={ "0 0 " (WIDTH) " " (At(rows as f64 * ROW)) } role="img" {
            title { (chart.title) }
            desc { (describe(lang, chart)) }
            path.change d=(grid.breaks()) {}
            path.wanted d=(grid.targets()) {}
            g.line-0 { path d=(grid.lines()) {} path.end d=(grid.ends()) {} }
            @for (at, unit) in chart.units.iter().enumerate() {
                @let (x, y) = Grid::corner(at);
                text x=(x.round()) y=(y + 14.0) { (shortened(&unit.name, LETTERS)) }
            }
            // The right end of each panel.
            g.values transform={ "translate(" ((WIDTH + GAP) / COLUMNS as f64 - GAP) ")" } {
                @for (at, unit) in chart.units.iter().enumerate() {
                    @let (x, y) = Grid::corner(at);
                    @let end = drawn(&unit.points).last();
                    @let beside = end.map_or(0.5 * LINE, |(_, value, _)| grid.y(at, value) - y - NAME);
                    text x=(x.round()) y=((y + NAME + beside.clamp(8.0, LINE + 2.0) + 4.0).round()) {
                        @match end {
                            Some((.., point)) => (point.shown),
                            None => "–",
                        }
                    }
                }
            }
        }
    }
}

/// The scale that all share, the periods, what is to be reached and where the map changed.
fn legend(lang: Lang, chart: &Multiples, scale: Scale) -> Markup {
    let ticks = scale.ticks(lang);
    let end = |tick: Option<&(f64, String)>| tick.map(|(_, word)| word.clone()).unwrap_or_default();
    let period = |name: Option<&String>| name.cloned().unwrap_or_default();
    let words = lang::chart::SameScale {
        first: period(chart.periods.first()),
        high: end(ticks.last()),
        last: period(chart.periods.last()),
        low: end(ticks.first()),
    };
    html! {
        ul.legend {
            li { (lang::chart::same_scale(lang, words)) }
            @if let Some(stretch) = chart.targets.last() {
                li {
                    svg.key viewBox="0 0 24 10" aria-hidden="true" { path.wanted d="M0 5H24" {} }
                    (lang::chart::target(lang, &stretch.target.shown))
                }
            }
            @for change in chart.breaks.iter().filter(|it| it.before > 0 && it.before < chart.periods.len()) {
                li {
                    svg.key viewBox="0 0 8 10" aria-hidden="true" { path.change d="M4 0V10" {} }
                    (change.label)
                }
            }
        }
    }
}

/// Who is highest and lowest at the end, and how many rose.
fn describe(lang: Lang, chart: &Multiples) -> String {
    let lasts = || chart.units.iter().filter_map(|unit| Some((unit, drawn(&unit.points).last()?)));
    let highest = lasts().max_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
    let lowest = lasts().min_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
    let (Some((high, (.., high_point))), Some((low, (.., low_point)))) = (highest, lowest) else {
        return lang::chart::no_data_at_all(lang).to_owned();
    };
    let rose = lasts().filter(|(unit, (_, last, _))| {
        drawn(&unit.points).next().is_some_and(|(_, first, _)| first < *last)
    });
    lang::chart::multiples(
        lang,
        lang::chart::Multiples {
            count: chart.units.len(),
            high: &high.name,
            high_value: &high_point.shown,
            low: &low.name,
            low_value: &low_point.shown,
            rose: rose.count(),
        },
    )
}

/// Plain cells: a board has many of them. The first cell of a row is its head, which browsers know
/// by themselves in a table as simple as this.
fn behind(lang: Lang, chart: &Multiples) -> Markup {
    html! {
        div.scroll role="region" aria-label=(chart.title) tabindex="0" {
            table.plain {
                thead {
                    tr {
                        th scope="col" { (lang::chart::unit(lang)) }
                        @for period in &chart.periods { th scope="col" { (period) } }
                    }
                }
                tbody {
                    @for unit in &chart.units {
                        tr {
                            th { (unit.name) }
                            @for point in &unit.points {
                                td { @if point.estimated { "~" } (point.shown) }
                            }
                        }
                    }
                }
            }
        }
    }
}
