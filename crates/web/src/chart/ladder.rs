//! Units in order as one drawing: place, name, bar, value, and how the place moved.

use lang::Lang;
use maud::{Markup, html};

use super::ranking::{Moved, Ranking, Span};
use super::scale::At;
use super::{figure, nothing, shortened};
use crate::pieces::{Badge, badge};

const WIDTH: f64 = 480.0;
/// Above the rows stand the words of the target.
const TOP: f64 = 24.0;
const ROW: f64 = 23.0;
/// The bars stand between these.
const BARS: (f64, f64) = (196.0, 350.0);
/// The right ends of values and of arrows.
const VALUES: f64 = 422.0;
/// A longer name would run into its bar; the table has it in full.
const NAME: usize = 20;

/// The same [`Ranking`] that the table of [`super::ranking()`] shows, as a drawing with its table behind: for boards, where
/// many charts stand close to each other.
#[must_use]
pub fn ladder(lang: Lang, ranking: &Ranking) -> Markup {
    if ranking.rows.is_empty() {
        return nothing(lang);
    }
    let heading = (&*ranking.title, &*ranking.unit);
    let shown = (&drawing(lang, ranking), &since(lang, ranking));
    figure(heading, shown, (lang::chart::table(lang), &behind(lang, ranking)))
}

fn since(lang: Lang, ranking: &Ranking) -> Markup {
    html! {
        @if let Some(since) = &ranking.since { p.quiet { (lang::chart::since(lang, since)) } }
    }
}

fn drawing(lang: Lang, ranking: &Ranking) -> Markup {
    let span = Span::over(ranking);
    let x = |value: f64| BARS.0 + (BARS.1 - BARS.0) * span.x(value) / 100.0;
    let height = TOP + ROW * ranking.rows.len() as f64;
    let top = |at: usize| TOP + ROW * at as f64;
    let mut bars = String::new();
    for (at, row) in ranking.rows.iter().enumerate() {
        let Some(value) = row.value.filter(|value| value.is_finite()) else { continue };
        let (from, to) = (x(value.min(0.0)), x(value.max(0.0)));
        bars.push_str(&format!(
            "M{} {}h{}v11H{}z",
            At(from),
            At(top(at) + 6.0),
            At(to - from),
            At(from)
        ));
    }
    html! {
        svg.ladder viewBox={ "0 0 " (WIDTH) " " (At(height)) } role="img" {
            title { (ranking.title) }
            desc { (describe(lang, ranking)) }
            path.bars d=(bars) {}
            @if let Some(target) = ranking.target.as_ref().filter(|target| target.value.is_finite()) {
                @let x = At(x(target.value));
                line.target x1=(x) x2=(x) y1=(TOP) y2=(At(height)) {}
                text.target x=(x) y=(TOP - 8.0) text-anchor="middle" {
                    (lang::chart::target(lang, &target.shown))
                }
            }
            // What stands in one column stands in one group: a board has many rows.
            @let y = |at: usize| At(top(at) + 16.0);
            @for (at, row) in ranking.rows.iter().enumerate() {
                text y=(y(at)) { (row.rank) " " (shortened(&row.label, NAME)) }
            }
            g.values transform={ "translate(" (VALUES) ")" } {
                @for (at, row) in ranking.rows.iter().enumerate() {
                    text y=(y(at)) { (row.shown) }
                }
            }
            g.values transform={ "translate(" (WIDTH) ")" } {
                @for (at, row) in ranking.rows.iter().enumerate() {
                    @if let Some(moved) = row.moved {
                        text class=[moved.class()] y=(y(at)) { (moved.sign()) }
                    }
                }
            }
        }
    }
}

/// Who leads, who is last, who moved most, and how many are there.
fn describe(lang: Lang, ranking: &Ranking) -> String {
    let placed = || ranking.rows.iter().filter(|row| row.value.is_some());
    let (Some(first), Some(last)) = (placed().next(), placed().next_back()) else {
        return lang::chart::no_data_at_all(lang).to_owned();
    };
    let mut words = lang::chart::ladder(
        lang,
        lang::chart::Ladder {
            count: placed().count(),
            first: &first.label,
            first_value: &first.shown,
            last: &last.label,
            last_value: &last.shown,
        },
    );
    let most = |steps: fn(Moved) -> usize| {
        let moved = placed().filter_map(|row| Some((steps(row.moved?), row)));
        moved.filter(|(steps, _)| *steps > 0).max_by_key(|(steps, _)| *steps)
    };
    let up = most(|moved| if let Moved::Up(places) = moved { places } else { 0 });
    let down = most(|moved| if let Moved::Down(places) = moved { places } else { 0 });
    for (_, row) in up.into_iter().chain(down) {
        let Some(moved) = row.moved else { continue };
        words.push_str(&format!(" {}: {}.", row.label, moved.words(lang)));
    }
    if let Some(target) = &ranking.target {
        words.push_str(&format!(" {}.", lang::chart::target(lang, &target.shown)));
    }
    words
}

/// Plain rows: a board has many of them. The first cell of a row is its head, which browsers know
/// by themselves in a table as simple as this.
fn behind(lang: Lang, ranking: &Ranking) -> Markup {
    html! {
        table.plain {
            thead {
                tr {
                    th scope="col" { (lang::chart::rank(lang)) }
                    th scope="col" { (lang::chart::unit(lang)) }
                    th scope="col" { (lang::chart::value(lang)) }
                    @if ranking.since.is_some() { th scope="col" { (lang::chart::moved(lang)) } }
                }
            }
            tbody {
                @for row in &ranking.rows {
                    tr {
                        td { (row.rank) }
                        th { (row.label) }
                        td {
                            @if row.estimated { (badge(lang, Badge::Estimated)) " " }
                            @if let Some(warning) = &row.warning { (badge(lang, Badge::Warning(warning))) " " }
                            (row.shown)
                        }
                        @if ranking.since.is_some() {
                            td { @if let Some(moved) = row.moved { (moved.sign()) } }
                        }
                    }
                }
            }
        }
    }
}
