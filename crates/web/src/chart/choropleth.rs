//! A map whose areas are coloured by the class of their value.

use std::collections::BTreeSet;

use lang::Lang;
use maud::{Markup, html};

use super::land::{Land, WIDTH, label_place, path};
use super::{figure, nothing};
use crate::pieces::{Badge, Column, badge, table};

/// What the colours of a map say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// How high the value of each area is.
    #[default]
    Values,
    /// Where areas lie: nothing is valued, and the one of the page stands out.
    Places,
}

/// A map of areas with their values, or with what names them.
#[derive(Clone, Debug, Default)]
pub struct Choropleth {
    /// What its colours say.
    pub shows: Shows,
    /// What the map shows.
    pub title: String,
    /// The unit of the values; of a map of places, what stands beside each name.
    pub unit: String,
    /// The areas; the table behind the map keeps their order.
    pub areas: Vec<Area>,
    /// The words of each class, lowest first: "20,0–35,4".
    pub legend: Vec<String>,
    /// The id of the area that the page is about.
    pub here: Option<String>,
}

/// One area of a [`Choropleth`].
#[derive(Clone, Debug)]
pub struct Area {
    /// Names the area among the others.
    pub id: String,
    /// The unit.
    pub label: String,
    /// The page of the unit or of its figure.
    pub href: String,
    /// Ready to read: the value, or why there is none.
    pub shown: String,
    /// 0 (lowest) to 4; none where there is no figure to show.
    pub class: Option<usize>,
    /// Outlines as longitude and latitude in degrees, holes included.
    pub rings: Vec<Vec<(f64, f64)>>,
}

/// A map with its legend and table. Areas are links.
#[must_use]
pub fn choropleth(lang: Lang, map: &Choropleth) -> Markup {
    let drawing = match Land::over(map.areas.iter().flat_map(|area| &area.rings)) {
        Some(land) => drawing(lang, map, &land),
        None => nothing(lang),
    };
    let (unit, summary) = match map.shows {
        Shows::Values => (map.unit.as_str(), lang::chart::table(lang)),
        Shows::Places => ("", lang::chart::units(lang)),
    };
    let shown = (&drawing, &legend(lang, map));
    figure((&map.title, unit), shown, (summary, &behind(lang, map)))
}

/// The drawing in words, for those who do not see it.
fn description(lang: Lang, map: &Choropleth) -> String {
    let count = map.areas.len();
    let here = map.areas.iter().find(|area| map.here.as_ref() == Some(&area.id));
    match (map.shows, here) {
        (Shows::Values, _) => lang::chart::map_description(lang, count),
        (Shows::Places, None) => lang::chart::places_description(lang, count),
        (Shows::Places, Some(here)) => {
            let name = &here.label;
            lang::chart::place_description(lang, lang::chart::PlaceDescription { count, name })
        }
    }
}

fn drawing(lang: Lang, map: &Choropleth, land: &Land) -> Markup {
    let is_here = |area: &Area| map.here.as_ref() == Some(&area.id);
    // The area of the page is drawn last, so that no neighbour covers its outline.
    let mut areas: Vec<&Area> = map.areas.iter().collect();
    areas.sort_by_key(|area| is_here(area));
    html! {
        // A group and not an image, since an image would hide its links from screen readers.
        svg.map viewBox={ "0 0 " (WIDTH) " " (land.height) } role="group" {
            title { (map.title) }
            desc { (description(lang, map)) }
            (hatch("no-data"))
            @for area in &areas {
                @let outlines = land.outlines(&area.rings);
                @let path = path(&outlines);
                a.here[is_here(area)] href=(area.href) {
                    title { (area.label) ": " (area.shown) }
                    path class=[area.class.map(|class| format!("class-{}", class.min(4)))]
                        fill=[area.class.is_none().then_some("url(#no-data)")]
                        fill-rule="evenodd" d=(path) {}
                    @if is_here(area) { path.halo d=(path) {} path.outline d=(path) {} }
                    @if let Some((x, y)) = label_place(&outlines, &area.label) {
                        text.(tone(area)) x=(x) y=(y) text-anchor="middle" aria-hidden="true" {
                            (area.label)
                        }
                    }
                }
            }
        }
    }
}

/// Words on strong colours take the colour of the paper.
fn tone(area: &Area) -> &'static str {
    match area.class {
        None => "on-hatch",
        Some(class) if class > 2 => "on-strong",
        Some(_) => "on-weak",
    }
}

/// The pattern of areas without a figure, under a name of its own in the page.
pub(crate) fn hatch(id: &str) -> Markup {
    html! {
        defs {
            pattern id=(id) width="12" height="12" patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)" {
                rect.hatch-paper width="12" height="12" {}
                path.hatch-line d="M0 0V12" {}
            }
        }
    }
}

/// Why areas have no class, each reason once: "không có số liệu", "không hiển thị".
pub(crate) fn reasons<'a>(areas: impl IntoIterator<Item = &'a Area>) -> String {
    let none = areas.into_iter().filter(|area| area.class.is_none());
    let reasons: BTreeSet<&str> = none.map(|area| area.shown.as_str()).collect();
    reasons.into_iter().collect::<Vec<_>>().join("; ")
}

fn legend(lang: Lang, map: &Choropleth) -> Markup {
    if map.shows == Shows::Places {
        return html! {};
    }
    html! {
        ul.legend aria-label=(lang::chart::legend(lang)) {
            @for (class, words) in map.legend.iter().take(5).enumerate() {
                li { (key(Some(class))) (words) }
            }
            @let reasons = reasons(&map.areas);
            @if !reasons.is_empty() { li { (key(None)) (reasons) } }
        }
    }
}

/// The colour of a class, or of what has none, beside its words.
pub(crate) fn key(class: Option<usize>) -> Markup {
    html! {
        svg.key viewBox="0 0 16 10" aria-hidden="true" {
            @match class {
                Some(class) => rect class={ "class-" (class) } width="16" height="10" {},
                None => {
                    rect.none x="0.5" y="0.5" width="15" height="9" {}
                    path.hatch-line d="M2 10L10 0M8 10L16 0" {}
                }
            }
        }
    }
}

fn behind(lang: Lang, map: &Choropleth) -> Markup {
    let columns = match map.shows {
        Shows::Values => {
            [Column::head(lang::chart::unit(lang)), Column::number(lang::chart::value(lang))]
        }
        Shows::Places => [Column::head(lang::chart::unit(lang)), Column::text(&map.unit)],
    };
    let rows: Vec<Vec<Markup>> = map
        .areas
        .iter()
        .map(|area| {
            let shown = html! {
                @if area.class.is_some() { (area.shown) } @else { (badge(lang, Badge::None(&area.shown))) }
            };
            vec![html! { a href=(area.href) { (area.label) } }, shown]
        })
        .collect();
    table(&map.title, &columns, &rows)
}

/// Values put into at most five classes of about the same number of members.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    /// For each value its class, 0 lowest; none for what is no number.
    pub of: Vec<Option<usize>>,
    /// For each class its smallest and its largest value, for the legend.
    pub spans: Vec<(f64, f64)>,
}

/// Quantile classes. Equal values share a class, so there may be fewer than five.
#[must_use]
pub fn quantile_classes(values: &[Option<f64>]) -> Classes {
    let mut sorted: Vec<f64> = values.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut spans: Vec<(f64, f64)> = Vec::new();
    let mut held = None;
    for (at, value) in sorted.iter().enumerate() {
        let class = at * 5 / sorted.len();
        match spans.last_mut() {
            Some(span) if held == Some(class) || span.1 == *value => span.1 = *value,
            _ => {
                spans.push((*value, *value));
                held = Some(class);
            }
        }
    }
    let class = |value: f64| spans.iter().position(|span| span.0 <= value && value <= span.1);
    Classes { of: values.iter().map(|value| value.and_then(class)).collect(), spans }
}
