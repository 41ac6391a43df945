//! Outlines from GeoJSON (RFC 7946), checked before they are believed.

use std::collections::HashSet;

use base::{Day, DayRange, Error, FieldError, Result};
use lang::Text;
use serde::Deserialize;

use crate::{Outline, Territory};

/// A file has at most so many features …
const MOST_FEATURES: usize = 20_000;
/// … and so many points in all.
const MOST_POINTS: usize = 5_000_000;
/// Mistakes beyond these are not listed.
const LISTED: usize = 50;

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    licence: String,
    #[serde(default)]
    schematic: bool,
    /// The day whose units the outlines show; goes before what the import says.
    #[serde(default)]
    on: Option<Day>,
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    geometry: Option<Geometry>,
    properties: Option<Properties>,
}

#[derive(Deserialize)]
struct Properties {
    code: Option<String>,
    #[serde(default)]
    schematic: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<Vec<f64>>>),
    MultiPolygon(Vec<Vec<Vec<Vec<f64>>>>),
}

/// Reads outlines of the units that bear these codes on a day, which the file itself may name as
/// `on`. Features of unknown units are left out and counted.
///
/// An outline is held for as long as its unit may live: it is not closed with it, so that undoing
/// the end of the unit finds it as it was.
///
/// Errors: `Invalid` at `file feature N`: no GeoJSON, no code, a ring that is not closed, a point
/// that is not on the earth, too many of them, a second feature of one unit (of which the first
/// would be lost; a unit of several pieces is one `MultiPolygon`).
pub fn read_outlines(
    territory: &Territory,
    file: &str,
    bytes: &[u8],
    day: Day,
) -> Result<(Vec<Outline>, usize)> {
    let collection: Collection = serde_json::from_slice(bytes).map_err(|error| {
        let reason = error.to_string();
        Error::invalid(format!("{file}:{}", error.line()), move |lang| {
            lang::territory::bad_geojson(lang, &reason)
        })
    })?;
    if collection.kind != "FeatureCollection" || collection.features.len() > MOST_FEATURES {
        return Err(Error::invalid(file, |lang| {
            lang::territory::no_collection(lang, MOST_FEATURES)
        }));
    }
    let day = collection.on.unwrap_or(day);
    let source = match (collection.source.as_str(), collection.licence.as_str()) {
        ("", "") => file.to_owned(),
        (source, "") => source.to_owned(),
        (source, licence) => format!("{source} ({licence})"),
    };
    let (mut outlines, mut errors, mut unknown, mut points) = (Vec::new(), Vec::new(), 0, 0);
    let mut keys = HashSet::new();
    let mut mistake = |at: usize, text: Text| {
        if errors.len() < LISTED {
            errors.push(FieldError { place: format!("{file} feature {}", at + 1), text });
        }
    };
    for (at, feature) in collection.features.into_iter().enumerate() {
        let properties = feature.properties.unwrap_or(Properties { code: None, schematic: false });
        let read = properties.code.as_deref().zip(feature.geometry).and_then(|(code, geometry)| {
            let rings = polygons(geometry)?;
            points += rings.iter().flatten().map(Vec::len).sum::<usize>();
            Some((code.to_owned(), rings))
        });
        let Some((code, rings)) = read.filter(|_| points <= MOST_POINTS) else {
            mistake(at, Text::new(lang::territory::bad_shape));
            continue;
        };
        let Some(version) = territory.by_code(&code, day) else {
            unknown += 1;
            continue;
        };
        let valid = territory.unit(version.unit).map_or(version.valid, crate::Unit::valid);
        let schematic = collection.schematic || properties.schematic;
        let valid = DayRange { from: valid.from, to: Day::MAX };
        if !keys.insert((version.unit, schematic)) {
            let name = version.full_name.clone();
            mistake(at, Text::new(move |lang| lang::import::drawn_twice(lang, &name)));
            continue;
        }
        let (unit, bbox, source) = (version.unit, Outline::bbox_of(&rings), source.clone());
        outlines.push(Outline { unit, valid, schematic, source, rings, bbox });
    }
    if errors.is_empty() { Ok((outlines, unknown)) } else { Err(Error::Invalid(errors)) }
}

/// Polygons, each an outer ring and its holes, as in [`Outline::rings`].
type Polygons = Vec<Vec<Vec<(f64, f64)>>>;

/// None when a ring is not closed or a point is not on the earth.
fn polygons(geometry: Geometry) -> Option<Polygons> {
    let polygons = match geometry {
        Geometry::Polygon(rings) => vec![rings],
        Geometry::MultiPolygon(polygons) => polygons,
    };
    let point = |point: Vec<f64>| match point[..] {
        [lon, lat, ..] if lon.abs() <= 180.0 && lat.abs() <= 90.0 => Some((lon, lat)),
        _ => None,
    };
    let ring = |ring: Vec<Vec<f64>>| {
        let points: Vec<(f64, f64)> = ring.into_iter().map(point).collect::<Option<_>>()?;
        (points.len() >= 4 && points.first() == points.last()).then_some(points)
    };
    let polygon = |rings: Vec<Vec<Vec<f64>>>| -> Option<Vec<_>> {
        if rings.is_empty() { None } else { rings.into_iter().map(ring).collect() }
    };
    polygons.into_iter().map(polygon).collect()
}
