//! Charts drawn by the server, each beside the table that it shows.
//!
//! Figures come ready to read, with a number that serves for the position alone. No data is not
//! zero: it leaves a gap, a hatched area, an empty bar.

mod choropleth;
mod ladder;
mod land;
mod multiples;
mod pair;
mod ranking;
mod scale;
mod series;
mod timeline;

pub use choropleth::{Area, Choropleth, Classes, Shows, choropleth, quantile_classes};
pub use ladder::ladder;
pub use multiples::{Multiple, Multiples, multiples};
pub use pair::{Pair, Side, pair};
pub use ranking::{Moved, Ranked, Ranking, ranking};
pub use series::{Break, Chosen, Line, Point, Series, series};
pub use timeline::{Event, timeline};

use lang::Lang;
use maud::{Markup, html};

/// A value that is to be reached, drawn across a chart.
#[derive(Clone, Debug)]
pub struct Target {
    /// For the position.
    pub value: f64,
    /// Ready to read.
    pub shown: String,
}

/// A value that is to be reached during a run of periods.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// The indexes of its periods.
    pub at: std::ops::Range<usize>,
    /// The value.
    pub target: Target,
}

/// The frame of a chart: title, unit of the values, drawing, legend, and the table behind it.
fn figure(
    (title, unit): (&str, &str),
    (drawing, legend): (&Markup, &Markup),
    (summary, table): (&str, &Markup),
) -> Markup {
    html! {
        figure.chart {
            figcaption { strong { (title) } @if !unit.is_empty() { " " span.unit { (unit) } } }
            (drawing)
            (legend)
            details { summary { (summary) } (table) }
        }
    }
}

/// A name that fits; the table behind has it in full.
fn shortened(name: &str, letters: usize) -> String {
    if name.chars().count() <= letters {
        return name.to_owned();
    }
    let kept: String = name.chars().take(letters.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Stands in the place of a drawing that would have nothing on it.
fn nothing(lang: Lang) -> Markup {
    html! { p.nothing { (lang::chart::no_data_at_all(lang)) } }
}

#[cfg(test)]
mod tests;
