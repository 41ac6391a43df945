//! Two maps of the same land side by side, the units before and after a merger, in the same
//! classes.

use lang::Lang;
use maud::{Markup, html};

use super::choropleth::{Area, hatch, key, reasons};
use super::land::{Land, path, thinned};
use super::{figure, nothing};

/// The width of each drawing: it stands in half of a column, so finer steps are not seen.
const WIDTH: f64 = 240.0;
/// Corners that lie nearer than this to the straight line are left out.
const TOLERANCE: f64 = 1.0;
/// Colours.
const CLASSES: usize = 5;

/// Two maps with one legend.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    /// Names the pair among all on a page; letters, digits and hyphens.
    pub id: String,
    /// What the maps show.
    pub title: String,
    /// The unit of the values.
    pub unit: String,
    /// The words of each class, lowest first; both sides have the same.
    pub legend: Vec<String>,
    /// Before and after.
    pub sides: [Side; 2],
}

/// One of the maps of a [`Pair`].
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Which units it shows: "75 đơn vị cấp xã đến hết 30/06/2025".
    pub caption: String,
    /// What must be known about its outlines, such as that they are a sketch.
    pub note: Option<String>,
    /// The areas; the table behind keeps their order.
    pub areas: Vec<Area>,
}

/// Two maps with their legend and their tables.
#[must_use]
pub fn pair(lang: Lang, pair: &Pair) -> Markup {
    let drawings = html! {
        div.pair { @for (at, side) in pair.sides.iter().enumerate() { (drawing(lang, pair, at, side)) } }
    };
    let tables = html! { div.pair { @for side in &pair.sides { (behind(lang, side)) } } };
    let shown = (&drawings, &legend(lang, pair));
    figure((&pair.title, &pair.unit), shown, (lang::chart::table(lang), &tables))
}

fn drawing(lang: Lang, pair: &Pair, at: usize, side: &Side) -> Markup {
    // Both sides lie on the same piece of the earth, so that a place is found on both.
    let rings = pair.sides.iter().flat_map(|side| &side.areas).flat_map(|area| &area.rings);
    let Some(land) = Land::of_width(WIDTH, rings) else { return nothing(lang) };
    let outlines: Vec<_> = side.areas.iter().map(|area| land.outlines(&area.rings)).collect();
    let outlines = thinned(outlines, TOLERANCE);
    // Areas of one class are one path: the map says as much and weighs little.
    let class = |wanted: Option<usize>| {
        let of = side.areas.iter().zip(&outlines);
        let own = of.filter(|(area, _)| area.class.map(|class| class.min(CLASSES - 1)) == wanted);
        own.map(|(_, outlines)| path(outlines)).collect::<String>()
    };
    let pattern = format!("no-data-{}-{at}", pair.id);
    let unread = class(None);
    html! {
        div {
            svg.land viewBox={ "0 0 " (WIDTH) " " (land.height) } role="img" {
                title { (pair.title) ": " (side.caption) }
                desc { (describe(lang, side)) }
                @if !unread.is_empty() {
                    (hatch(&pattern))
                    path fill={ "url(#" (pattern) ")" } d=(unread) {}
                }
                @for wanted in 0..CLASSES {
                    @let areas = class(Some(wanted));
                    @if !areas.is_empty() { path class={ "class-" (wanted) } d=(areas) {} }
                }
            }
            p { (side.caption) }
            @if let Some(note) = &side.note { p.quiet { (note) } }
        }
    }
}

/// So many units of a class are named.
const NAMED: usize = 5;

/// How many units, and which of them are highest and lowest: the first by their order, and how many
/// more there are.
fn describe(lang: Lang, side: &Side) -> String {
    let of = |wanted: Option<usize>| {
        let own = side.areas.iter().filter(|area| area.class.is_some() && area.class == wanted);
        let own: Vec<&str> = own.map(|area| area.label.as_str()).collect();
        let (named, others) = own.split_at(own.len().min(NAMED));
        let names = named.join(", ");
        match others.len() {
            0 => names,
            count => lang::chart::and_others(lang, lang::chart::AndOthers { count, names }),
        }
    };
    let classes = || side.areas.iter().filter_map(|area| area.class);
    let (low, high) = (classes().min(), classes().max());
    if high.is_none() {
        return lang::chart::no_data_at_all(lang).to_owned();
    }
    lang::chart::side(
        lang,
        lang::chart::Side { count: side.areas.len(), high: of(high), low: of(low) },
    )
}

fn legend(lang: Lang, pair: &Pair) -> Markup {
    let reasons = reasons(pair.sides.iter().flat_map(|side| &side.areas));
    html! {
        ul.legend aria-label=(lang::chart::legend(lang)) {
            @for (class, words) in pair.legend.iter().take(CLASSES).enumerate() {
                li { (key(Some(class))) (words) }
            }
            @if !reasons.is_empty() { li { (key(None)) (reasons) } }
        }
    }
}

fn behind(lang: Lang, side: &Side) -> Markup {
    html! {
        table.plain {
            caption { (side.caption) }
            thead {
                tr {
                    th scope="col" { (lang::chart::unit(lang)) }
                    th scope="col" { (lang::chart::value(lang)) }
                }
            }
            tbody {
                @for area in &side.areas {
                    tr {
                        th { (area.label) }
                        td { (area.shown) }
                    }
                }
            }
        }
    }
}
