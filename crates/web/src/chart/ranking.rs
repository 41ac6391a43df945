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
    /// The period with whose places those of the rows are compared.
    pub since: Option<String>,
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
    /// For the length of the bar; none where there is no figure to show.
    pub value: Option<f64>,
    /// Ready to read: the value, or why there is none.
    pub shown: String,
    /// What must be known about the figure.
    pub estimated: bool,
    /// What is not right with it.
    pub warning: Option<String>,
    /// Whether this is the unit that the page is about.
    pub is_here: bool,
    /// How its place moved, where two periods are compared.
    pub moved: Option<Moved>,
}

/// How a place moved since an earlier period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// So many places nearer to the first.
    Up(usize),
    /// So many places further from it.
    Down(usize),
    /// The same place.
    Stayed,
    /// There was no place, or there is none.
    New,
}

impl Moved {
    /// From one place to another.
    #[must_use]
    pub fn between(before: Option<usize>, now: Option<usize>) -> Self {
        match before.zip(now) {
            None => Self::New,
            Some((before, now)) if now < before => Self::Up(before - now),
            Some((before, now)) if now > before => Self::Down(now - before),
            Some(_) => Self::Stayed,
        }
    }

    /// An arrow and a number: "▲ 3". The arrow says it without its colour.
    #[must_use]
    pub fn sign(self) -> String {
        match self {
            Self::Up(places) => format!("▲ {places}"),
            Self::Down(places) => format!("▼ {places}"),
            Self::Stayed => "=".to_owned(),
            Self::New => "–".to_owned(),
        }
    }

    /// The same in words: "lên 3 bậc".
    #[must_use]
    pub fn words(self, lang: Lang) -> String {
        match self {
            Self::Up(places) => lang::chart::moved_up(lang, places),
            Self::Down(places) => lang::chart::moved_down(lang, places),
            Self::Stayed => lang::chart::moved_not(lang).to_owned(),
            Self::New => lang::chart::moved_new(lang).to_owned(),
        }
    }

    /// For the colour.
    pub(crate) const fn class(self) -> Option<&'static str> {
        match self {
            Self::Up(_) => Some("up"),
            Self::Down(_) => Some("down"),
            Self::Stayed | Self::New => None,
        }
    }
}

/// A table whose last column draws the values as bars from zero.
#[must_use]
pub fn ranking(lang: Lang, ranking: &Ranking) -> Markup {
    if ranking.rows.is_empty() {
        return nothing(lang);
    }
    let span = Span::over(ranking);
    let since = ranking.since.as_deref();
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
                        @if let Some(since) = since {
                            th.number scope="col" title=(lang::chart::since(lang, since)) { (lang::chart::moved(lang)) }
                        }
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
                                @if row.value.is_some() { (row.shown) } @else { (badge(lang, Badge::None(&row.shown))) }
                            }
                            @if since.is_some() { td.number.moved { (moved(lang, row.moved)) } }
                            td.bar aria-hidden="true" { (bar(row, ranking, &span)) }
                        }
                    }
                }
            }
        }
    }
}

/// The arrow for the eye, the words for the ear.
fn moved(lang: Lang, moved: Option<Moved>) -> Markup {
    html! {
        @if let Some(moved) = moved {
            span class=[moved.class()] role="img" aria-label=(moved.words(lang)) { (moved.sign()) }
        }
    }
}

/// From the smallest to the largest value, with zero and what a full bar stands for.
pub(crate) struct Span {
    low: f64,
    high: f64,
}

impl Span {
    pub(crate) fn over(ranking: &Ranking) -> Self {
        let values = ranking.rows.iter().filter_map(|row| row.value);
        let values = values.chain(ranking.target.as_ref().map(|target| target.value));
        let values = values.chain(ranking.full);
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        Self { low, high: if high > low { high } else { low + 1.0 } }
    }

    /// The place of a value, 0 to 100.
    pub(crate) fn x(&self, value: f64) -> f64 {
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
