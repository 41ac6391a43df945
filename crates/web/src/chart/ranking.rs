//! Units in order, each with its bar. The table is the chart: one thing to read, at any width.

use lang::Lang;
use maud::{Markup, html};

use super::scale::At;
use super::{Target, nothing};
use crate::pieces::{Badge, badge};

/// Units in the order of their values.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// What is compared.
    pub title: String,
    /// The unit of the values.
    pub unit: String,
    /// The rows, the first place first.
    pub rows: Vec<Ranked>,
    /// What is to be reached; a line across all bars.
    pub target: Option<Target>,
    /// What a full bar stands for, such as 100%; larger values make it longer. Without it the
    /// largest value fills the bar.
    pub full: Option<f64>,
}

/// One row of a [`Ranking`].
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The place, "1" or "2–3"; empty for a unit that is not ranked.
    pub rank: String,
    /// The unit.
    pub label: String,
    /// The page of the unit or of its figure.
    pub href: String,
    /// For the length of the bar; none where nobody has given the figure.
    pub value: Option<f64>,
    /// Ready to read.
    pub shown: String,
    /// What must be known about the figure.
    pub estimated: bool,
    /// What is not right with it.
    pub warning: Option<String>,
    /// Whether this is the unit that the page is about.
    pub is_here: bool,
}

/// A table whose last column draws the values as bars from zero.
#[must_use]
pub fn ranking(lang: Lang, ranking: &Ranking) -> Markup {
    if ranking.rows.is_empty() {
        return nothing(lang);
    }
    let span = Span::over(ranking);
    html! {
        figure.chart.ranking {
            table {
                caption {
                    strong { (ranking.title) }
                    @if !ranking.unit.is_empty() { " " span.unit { (ranking.unit) } }
                    @if let Some(target) = &ranking.target {
                        " " span.target {
                            svg.key viewBox="0 0 4 10" aria-hidden="true" {
                                line.target x1="2" x2="2" y1="0" y2="10" {}
                            }
                            (lang::chart::target(lang, &target.shown))
                        }
                    }
                }
                thead {
                    tr {
                        th.number scope="col" { (lang::chart::rank(lang)) }
                        th.text scope="col" { (lang::chart::unit(lang)) }
                        th.number scope="col" { (lang::chart::value(lang)) }
                        td.bar aria-hidden="true" {}
                    }
                }
                tbody {
                    @for row in &ranking.rows {
                        tr.here[row.is_here] {
                            td.number { (row.rank) }
                            th scope="row" { a href=(row.href) { (row.label) } }
                            td.number {
                                @if row.estimated { (badge(lang, Badge::Estimated)) " " }
                                @if let Some(warning) = &row.warning { (badge(lang, Badge::Warning(warning))) " " }
                                @if row.value.is_some() { (row.shown) } @else { (badge(lang, Badge::NoData)) }
                            }
                            td.bar aria-hidden="true" { (bar(row, ranking, &span)) }
                        }
                    }
                }
            }
        }
    }
}

/// From the smallest to the largest value, with zero and what a full bar stands for.
struct Span {
    low: f64,
    high: f64,
}

impl Span {
    fn over(ranking: &Ranking) -> Self {
        let values = ranking.rows.iter().filter_map(|row| row.value);
        let values = values.chain(ranking.target.as_ref().map(|target| target.value));
        let values = values.chain(ranking.full);
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        Self { low, high: if high > low { high } else { low + 1.0 } }
    }

    fn x(&self, value: f64) -> f64 {
        100.0 * (value - self.low) / (self.high - self.low)
    }
}

fn bar(row: &Ranked, ranking: &Ranking, span: &Span) -> Markup {
    html! {
        svg viewBox="0 0 100 10" preserveAspectRatio="none" {
            @if let Some(full) = ranking.full {
                @let (from, to) = (span.x(0.0), span.x(full));
                rect.full x=(At(from)) width=(At(to - from)) height="10" {}
            }
            @if let Some(value) = row.value.filter(|value| value.is_finite()) {
                @let (from, to) = (span.x(value.min(0.0)), span.x(value.max(0.0)));
                rect x=(At(from)) width=(At(to - from)) height="10" {}
            }
            @if let Some(target) = ranking.target.as_ref().filter(|t| t.value.is_finite()) {
                @let x = At(span.x(target.value));
                line.target x1=(x) x2=(x) y1="0" y2="10" {}
            }
        }
    }
}
