//! Maps of units: outlines for a choropleth, and where a unit lies among its neighbours.

use std::collections::{BTreeSet, HashMap};

use base::{Day, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::chart::{Area, Choropleth, Shows, choropleth};

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

/// A unit among its neighbours, to show where it lies.
///
/// The neighbours are the units of its level under the same province; of a province, its
/// communes. Nothing where no outline of it is known.
#[must_use]
pub fn unit_map(lang: Lang, territory: &Territory, version: &Version, day: Day) -> Markup {
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
    let here = province.map(|_| version.unit);
    let title = match here {
        Some(_) => lang::unit::map(lang, &version.full_name),
        None => lang::units::map(
            lang,
            lang::units::Map { day: short_day(day), name: &version.full_name },
        ),
    };
    places(lang, territory, day, title, (areas, here))
}

/// Units on the ground with their codes, the one of the page standing out.
pub(crate) fn places(
    lang: Lang,
    territory: &Territory,
    day: Day,
    title: String,
    (areas, here): (Vec<MapArea>, Option<UnitId>),
) -> Markup {
    let notes = map_notes(lang, &areas);
    let placed = |area: MapArea| {
        let code = territory.at(area.unit, day).and_then(|version| version.code.as_ref());
        let class = if here == Some(area.unit) { 3 } else { 0 };
        area.coloured(Some(class), code.map(UnitCode::to_string).unwrap_or_default())
    };
    let map = Choropleth {
        shows: Shows::Places,
        title,
        unit: lang::unit::code(lang).to_owned(),
        areas: areas.into_iter().map(placed).collect(),
        here: here.map(|unit| unit.to_string()),
        ..Choropleth::default()
    };
    html! { (choropleth(lang, &map)) (notes) }
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
