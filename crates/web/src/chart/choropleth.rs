//! A map whose areas are coloured by the class of their value.

use lang::Lang;
use maud::{Markup, html};

use super::{figure, nothing};
use crate::pieces::{Badge, Column, badge, table};

/// A map of areas with their values.
#[derive(Clone, Debug, Default)]
pub struct Choropleth {
    /// What the map shows.
    pub title: String,
    /// The unit of the values.
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
    /// The value, ready to read; unread when there is no class.
    pub shown: String,
    /// 0 (lowest) to 4; none where nobody has given the figure.
    pub class: Option<usize>,
    /// Outlines as longitude and latitude in degrees, holes included.
    pub rings: Vec<Vec<(f64, f64)>>,
}

/// The width of the drawing; its height follows the land.
const WIDTH: f64 = 1000.0;
/// A letter of a label takes about this much of the width.
const LETTER: f64 = 11.0;

/// A map with its legend and table. Areas are links.
#[must_use]
pub fn choropleth(lang: Lang, map: &Choropleth) -> Markup {
    let drawing = match Projection::of(&map.areas) {
        Some(projection) => drawing(lang, map, &projection),
        None => nothing(lang),
    };
    figure(lang, &map.title, &map.unit, (&drawing, &legend(lang, map)), &behind(lang, map))
}

/// Equirectangular, with longitudes shortened by the cosine of the middle latitude.
struct Projection {
    west: f64,
    north: f64,
    shorten: f64,
    scale: f64,
    height: f64,
}

impl Projection {
    fn of(areas: &[Area]) -> Option<Self> {
        let (mut west, mut east) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut south, mut north) = (f64::INFINITY, f64::NEG_INFINITY);
        for (longitude, latitude) in areas.iter().flat_map(|area| &area.rings).flatten() {
            if longitude.is_finite() && latitude.is_finite() {
                (west, east) = (west.min(*longitude), east.max(*longitude));
                (south, north) = (south.min(*latitude), north.max(*latitude));
            }
        }
        let shorten = f64::midpoint(south, north).to_radians().cos();
        let (across, down) = ((east - west) * shorten, north - south);
        if !(across > 0.0 && down > 0.0) {
            return None;
        }
        // A narrow land would otherwise be drawn taller than a screen.
        let scale = (WIDTH / across).min(1.2 * WIDTH / down);
        Some(Self { west, north, shorten, scale, height: (down * scale).ceil() })
    }

    fn place(&self, (longitude, latitude): (f64, f64)) -> (i32, i32) {
        let x = (longitude - self.west) * self.shorten * self.scale;
        let y = (self.north - latitude) * self.scale;
        (x.round() as i32, y.round() as i32)
    }

    fn outline(&self, ring: &[(f64, f64)]) -> Vec<(i32, i32)> {
        let known = ring.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
        let mut places: Vec<(i32, i32)> = known.map(|corner| self.place(*corner)).collect();
        places.dedup();
        places
    }
}

fn drawing(lang: Lang, map: &Choropleth, projection: &Projection) -> Markup {
    let is_here = |area: &&Area| map.here.as_ref() == Some(&area.id);
    // The area of the page is drawn last, so that no neighbour covers its outline.
    let (here, others): (Vec<&Area>, Vec<&Area>) = map.areas.iter().partition(is_here);
    html! {
        // A group and not an image, since an image would hide its links from screen readers.
        svg.map viewBox={ "0 0 " (WIDTH) " " (projection.height) } role="group" {
            title { (map.title) }
            desc { (lang::chart::map_description(lang, map.areas.len())) }
            (hatch())
            @for area in others.iter().chain(&here) {
                a.here[is_here(area)] href=(area.href) {
                    title { (area.label) ": " (value(lang, area)) }
                    path class=[area.class.map(|class| format!("class-{}", class.min(4)))]
                        fill=[area.class.is_none().then_some("url(#no-data)")]
                        fill-rule="evenodd" d=(path(area, projection)) {}
                }
            }
            @for area in &map.areas {
                @if let Some((x, y)) = place_of_label(area, projection) {
                    text x=(x) y=(y) text-anchor="middle" aria-hidden="true" { (area.label) }
                }
            }
        }
    }
}

fn hatch() -> Markup {
    html! {
        defs {
            pattern id="no-data" width="12" height="12" patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)" {
                rect.hatch-paper width="12" height="12" {}
                path.hatch-line d="M0 0V12" {}
            }
        }
    }
}

/// Outlines with relative steps of whole numbers.
fn path(area: &Area, projection: &Projection) -> String {
    let mut path = String::new();
    for ring in &area.rings {
        let outline = projection.outline(ring);
        let Some((mut x, mut y)) = outline.first().copied() else { continue };
        path.push_str(&format!("M{x} {y}l"));
        for (at, corner) in outline.iter().enumerate().skip(1) {
            let (dx, dy) = (corner.0 - x, corner.1 - y);
            let gap = if at == 1 || dx < 0 { "" } else { " " };
            let between = if dy < 0 { "" } else { " " };
            path.push_str(&format!("{gap}{dx}{between}{dy}"));
            (x, y) = *corner;
        }
        path.push('z');
    }
    path
}

/// The centre of the largest outline, where the name is not wider than the area.
fn place_of_label(area: &Area, projection: &Projection) -> Option<(i32, i32)> {
    let outlines = area.rings.iter().map(|ring| projection.outline(ring));
    let outline = outlines.max_by_key(|outline| doubled_area(outline).abs())?;
    let doubled = doubled_area(&outline);
    let (west, east) = (outline.iter().map(|p| p.0).min()?, outline.iter().map(|p| p.0).max()?);
    let width = area.label.chars().count() as f64 * LETTER;
    if doubled == 0 || f64::from(east - west) * 0.9 < width {
        return None;
    }
    let (mut x, mut y) = (0_i64, 0_i64);
    for (from, to) in edges(&outline) {
        let cross = cross(from, to);
        x += i64::from(from.0 + to.0) * cross;
        y += i64::from(from.1 + to.1) * cross;
    }
    let middle = |sum: i64| i32::try_from(sum / (3 * doubled)).ok();
    Some((middle(x)?, middle(y)?))
}

fn doubled_area(outline: &[(i32, i32)]) -> i64 {
    edges(outline).map(|(from, to)| cross(from, to)).sum()
}

fn edges(outline: &[(i32, i32)]) -> impl Iterator<Item = ((i32, i32), (i32, i32))> {
    let next = outline.iter().cycle().skip(1);
    outline.iter().copied().zip(next.copied())
}

fn cross(from: (i32, i32), to: (i32, i32)) -> i64 {
    i64::from(from.0) * i64::from(to.1) - i64::from(to.0) * i64::from(from.1)
}

fn value(lang: Lang, area: &Area) -> &str {
    if area.class.is_some() { &area.shown } else { lang::web::no_data(lang) }
}

fn legend(lang: Lang, map: &Choropleth) -> Markup {
    html! {
        ul.legend aria-label=(lang::chart::legend(lang)) {
            @for (class, words) in map.legend.iter().take(5).enumerate() {
                li {
                    svg.key viewBox="0 0 16 10" aria-hidden="true" {
                        rect class={ "class-" (class) } width="16" height="10" {}
                    }
                    (words)
                }
            }
            @if map.areas.iter().any(|area| area.class.is_none()) {
                li {
                    svg.key viewBox="0 0 16 10" aria-hidden="true" {
                        rect.none x="0.5" y="0.5" width="15" height="9" {}
                        path.hatch-line d="M2 10L10 0M8 10L16 0" {}
                    }
                    (lang::web::no_data(lang))
                }
            }
        }
    }
}

fn behind(lang: Lang, map: &Choropleth) -> Markup {
    let columns = [Column::head(lang::chart::unit(lang)), Column::number(lang::chart::value(lang))];
    let rows: Vec<Vec<Markup>> = map
        .areas
        .iter()
        .map(|area| {
            let shown = html! {
                @if area.class.is_some() { (area.shown) } @else { (badge(lang, Badge::NoData)) }
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
