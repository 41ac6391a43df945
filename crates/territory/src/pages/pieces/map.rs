//! Maps of units: outlines for a choropleth, and where a unit lies among its neighbours.

use std::collections::{BTreeSet, HashMap};

use base::Day;
use lang::Lang;
use maud::{Markup, html};
use web::chart::{Area, Choropleth, choropleth};

use super::unit_href;
use crate::{Level, Outline, Territory, UnitCode, UnitId, Version};

/// A unit with its outline, to be coloured.
#[derive(Clone, Debug)]
pub struct MapArea {
    /// The unit.
    pub unit: UnitId,
    /// Its full name.
    pub label: String,
    /// Its page on that day.
    pub href: String,
    /// Outlines as longitude and latitude in degrees (WGS 84), holes included.
    pub rings: Vec<Vec<(f64, f64)>>,
    /// Whether the outline is a made-up sketch.
    pub schematic: bool,
    /// Where the outline comes from, with its licence.
    pub source: String,
}

impl MapArea {
    /// The area as a chart draws it. `class` is 0 (lowest) to 4, none where there is no figure;
    /// `shown` is the value, ready to read.
    #[must_use]
    pub fn coloured(self, class: Option<usize>, shown: String) -> Area {
        let Self { unit, label, href, rings, .. } = self;
        Area { id: unit.to_string(), label, href, shown, class, rings }
    }
}

/// The values that a map of a unit and its neighbours shows.
#[expect(missing_debug_implementations, reason = "holds a function")]
#[derive(Clone, Copy)]
pub struct MapValues<'a> {
    /// What the map shows.
    pub title: &'a str,
    /// The unit of the values.
    pub unit: &'a str,
    /// The words of each class, lowest first.
    pub legend: &'a [String],
    /// Class (0 to 4, none without a figure) and value, ready to read, of a unit.
    pub of: &'a dyn Fn(UnitId) -> (Option<usize>, String),
}

/// The units of a level under one (or in the nation) of which an outline of that day is known, in
/// Vietnamese order; a true outline goes before a sketch.
#[must_use]
pub fn areas(territory: &Territory, day: Day, level: Level, under: Option<UnitId>) -> Vec<MapArea> {
    outlined(territory, day, &territory.under(under, day, level))
}

fn outlined(territory: &Territory, day: Day, versions: &[&Version]) -> Vec<MapArea> {
    let mut outlines: HashMap<UnitId, &Outline> = HashMap::new();
    for outline in territory.outlines().iter().filter(|outline| territory.is_drawn(outline, day)) {
        let held = outlines.entry(outline.unit).or_insert(outline);
        if held.schematic && !outline.schematic {
            *held = outline;
        }
    }
    let area = |version: &&Version| {
        let outline = outlines.get(&version.unit)?;
        Some(MapArea {
            unit: version.unit,
            label: version.full_name.clone(),
            href: unit_href(version, day),
            rings: outline.rings.iter().flatten().cloned().collect(),
            schematic: outline.schematic,
            source: outline.source.clone(),
        })
    };
    versions.iter().filter_map(area).collect()
}

/// A unit among its neighbours, coloured by `values` or, without them, to show where it lies.
///
/// The neighbours are the units of its level under the same province; of a province, its
/// communes. Nothing where no outline of it is known.
#[must_use]
pub fn unit_map(
    lang: Lang,
    territory: &Territory,
    version: &Version,
    day: Day,
    values: Option<MapValues<'_>>,
) -> Markup {
    let level = version.kind.level();
    let province = territory.ancestors(version.unit, day).last().map(|above| above.unit);
    let areas = match province {
        Some(province) => areas(territory, day, level, Some(province)),
        None => areas(territory, day, Level::Commune, Some(version.unit)),
    };
    let outlined = areas.iter().any(|area| area.unit == version.unit);
    if areas.is_empty() || (province.is_some() && !outlined) {
        return html! {};
    }
    let notes = map_notes(lang, &areas);
    let here = (province.is_some()).then(|| version.unit.to_string());
    let (title, unit, legend) = match values {
        Some(values) => (values.title.to_owned(), values.unit.to_owned(), values.legend.to_vec()),
        None => (
            lang::unit::map(lang, &version.full_name),
            lang::unit::code(lang).to_owned(),
            Vec::new(),
        ),
    };
    let locate = |other: UnitId| {
        let code = territory.at(other, day).and_then(|version| version.code.as_ref());
        let class = if other == version.unit { 3 } else { 0 };
        (Some(class), code.map(UnitCode::to_string).unwrap_or_default())
    };
    let areas = areas
        .into_iter()
        .map(|area| {
            let (class, shown) = match values {
                Some(values) => (values.of)(area.unit),
                None => locate(area.unit),
            };
            area.coloured(class, shown)
        })
        .collect();
    html! {
        (choropleth(lang, &Choropleth { title, unit, areas, legend, here }))
        (notes)
    }
}

/// Below a map: what its outlines are worth and where they come from.
#[must_use]
pub fn map_notes(lang: Lang, areas: &[MapArea]) -> Markup {
    let sources: BTreeSet<&str> = areas.iter().map(|area| area.source.as_str()).collect();
    html! {
        p.quiet {
            @if areas.iter().any(|area| area.schematic) {
                strong { (lang::unit::sketch(lang)) }
            } @else {
                (lang::unit::simplified(lang))
            }
            @for source in sources { " " (lang::unit::outline_source(lang, source)) }
        }
    }
}
