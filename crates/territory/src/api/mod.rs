//! The territory's questions over HTTP: `/api/v1/units`, `convert`, `locate`.
#![expect(unused_qualifications, reason = "utoipa's attribute names each extractor in full")]

mod body;

use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Cursor, Day, Error, PAGE_LIMIT, Page, Result};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Asked, Path, Query, export};

use body::{ConversionBody, EventBody, LinkBody};
pub use body::{UnitBody, UnitRef};

use crate::address::convert as convert_address;
use crate::{Atlas, Level, Territory, UnitId, Version};

/// The routes with their description.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Atlas: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_units))
        .routes(routes!(get_unit))
        .routes(routes!(list_predecessors))
        .routes(routes!(list_successors))
        .routes(routes!(list_history))
        .routes(routes!(convert))
        .routes(routes!(locate))
}

/// Everything that a handler needs besides its own parameters.
pub(crate) struct Sheet {
    pub(crate) territory: std::sync::Arc<Territory>,
    pub(crate) today: Day,
}

impl Sheet {
    /// The day by whose map old papers were written: that before the largest merger so far.
    pub(crate) fn eve(&self) -> Day {
        let merger = self.territory.largest_merger(self.today);
        merger.map_or(self.today, |on| on.plus(-1))
    }
}

pub(crate) async fn sheet(atlas: &Atlas) -> Result<Sheet> {
    let mut tx = atlas.database().read().await?;
    let territory = atlas.territory(&mut tx).await?;
    Ok(Sheet { territory, today: atlas.clock().today() })
}

/// Reads a day of the query.
///
/// Errors: `Invalid` at the parameter's name.
pub(crate) fn day(name: &'static str, text: Option<&str>, default: Day) -> Result<Day> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| Error::invalid(name, lang::error::bad_day)),
    }
}

/// The unit that bears a code on a day.
///
/// Errors: `NotFound`, naming the units that bore the code on other days.
pub fn get_by_code<'a>(territory: &'a Territory, code: &str, on: Day) -> Result<&'a Version> {
    territory.by_code(code, on).ok_or_else(|| {
        let code = code.chars().take(20).collect::<String>();
        let others: Vec<String> = territory
            .code_holders(&code)
            .into_iter()
            .map(|version| version.full_name.clone())
            .collect();
        let others = others.join(", ");
        Error::not_found(move |lang| {
            let on = base::short_day(on);
            if others.is_empty() {
                lang::territory::code_unknown(lang, &code, on)
            } else {
                lang::territory::code_elsewhen(lang, &code, on, &others)
            }
        })
    })
}

fn json(headers: &HeaderMap, body: &impl Serialize) -> ApiResult<Response> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(export::tagged(headers, "application/json", bytes))
}

/// Which units.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// The day; today by default. With `q` and without a day, old names are searched too.
    on: Option<String>,
    /// Only units directly below the one with this code on that day.
    under: Option<String>,
    /// Only units of this level: `province`, `district`, `commune`, `hamlet`.
    level: Option<String>,
    /// Words of a name, old or new, with or without tones; or a code.
    q: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// Units of a day: all provinces, those below a unit, or those found by name
#[utoipa::path(get, path = "/api/v1/units", tag = "units", params(ListQuery),
    responses((status = 200, body = body::UnitList)))]
async fn list_units(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> ApiResult<Response> {
    let sheet = sheet(&atlas).await?;
    let territory = &sheet.territory;
    let on = day("on", query.on.as_deref(), sheet.today)?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let skip: usize = cursor.map(Cursor::decode).transpose()?.unwrap_or(0);
    let level = query.level.as_deref().map(level).transpose()?;
    let under = match query.under.as_deref().filter(|code| !code.is_empty()) {
        Some(code) => Some(get_by_code(territory, code, on)?.unit),
        None => None,
    };
    let found: Vec<&Version> = if let Some(words) = query.q.as_deref() {
        let day = query.on.is_some().then_some(on);
        let hits = territory.search(words, day, skip + PAGE_LIMIT + 1).into_iter();
        let inside = |version: &&Version| {
            under.is_none_or(|under| territory.is_within(version.unit, under, on))
        };
        hits.map(|hit| hit.version).filter(inside).collect()
    } else if let Some(level) = level {
        territory.under(under, on, level)
    } else {
        territory.children(under, on).collect()
    };
    let of_level = |version: &&Version| level.is_none_or(|level| version.kind.level() == level);
    let rows: Vec<(usize, &Version)> =
        found.into_iter().filter(of_level).enumerate().skip(skip).take(PAGE_LIMIT + 1).collect();
    let page = Page::cut(rows, PAGE_LIMIT, |(at, _)| at + 1);
    json(&headers, &page.map(|(_, version)| UnitBody::new(territory, version)))
}

fn level(text: &str) -> Result<Level> {
    Level::find(text).ok_or_else(|| Error::invalid("level", lang::packs::bad_level))
}

/// The day of a question about one unit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OnQuery {
    /// The day; today by default. The same code can mean another unit on another day.
    on: Option<String>,
}

/// The unit that bears a code on a day
#[utoipa::path(get, path = "/api/v1/units/{code}", tag = "units",
    params(("code" = String, Path, description = "State code, text with leading zeros"), OnQuery),
    responses((status = 200, body = UnitBody), (status = 404, body = web::problem::Problem)))]
async fn get_unit(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
) -> ApiResult<Response> {
    let sheet = sheet(&atlas).await?;
    let on = day("on", query.on.as_deref(), sheet.today)?;
    let version = get_by_code(&sheet.territory, &code, on)?;
    json(&headers, &UnitBody::new(&sheet.territory, version))
}

/// The units that a unit was made of
#[utoipa::path(get, path = "/api/v1/units/{code}/predecessors", tag = "units",
    params(("code" = String, Path), OnQuery), responses((status = 200, body = body::LinkList)))]
async fn list_predecessors(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
) -> ApiResult<Response> {
    let sheet = sheet(&atlas).await?;
    let on = day("on", query.on.as_deref(), sheet.today)?;
    let unit = get_by_code(&sheet.territory, &code, on)?.unit;
    let links = sheet.territory.predecessors(unit);
    let links =
        links.iter().filter_map(|link| LinkBody::new(&sheet.territory, link, link.on.plus(-1)));
    json(&headers, &Page { items: links.collect(), next: None })
}

/// The units that a unit went into
#[utoipa::path(get, path = "/api/v1/units/{code}/successors", tag = "units",
    params(("code" = String, Path), OnQuery), responses((status = 200, body = body::LinkList)))]
async fn list_successors(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
) -> ApiResult<Response> {
    let sheet = sheet(&atlas).await?;
    let on = day("on", query.on.as_deref(), sheet.today)?;
    let unit = get_by_code(&sheet.territory, &code, on)?.unit;
    let links = sheet.territory.successors(unit);
    let links = links.iter().filter_map(|link| LinkBody::new(&sheet.territory, link, link.on));
    json(&headers, &Page { items: links.collect(), next: None })
}

/// What happened to a unit, with the acts
#[utoipa::path(get, path = "/api/v1/units/{code}/history", tag = "units",
    params(("code" = String, Path), OnQuery), responses((status = 200, body = body::EventList)))]
async fn list_history(
    State(atlas): State<Atlas>,
    asked: Asked,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
) -> ApiResult<Response> {
    let sheet = sheet(&atlas).await?;
    let on = day("on", query.on.as_deref(), sheet.today)?;
    let unit = get_by_code(&sheet.territory, &code, on)?.unit;
    let events = sheet.territory.history(unit);
    let events = events.iter().map(|event| EventBody::new(asked.lang, &sheet.territory, event));
    json(&headers, &Page { items: events.collect(), next: None })
}

/// An address to convert.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ConvertQuery {
    /// Free text: "ấp 3, xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang".
    address: String,
    /// The day on which the address was written; by default the day before the largest merger,
    /// such as 2025-06-30.
    on: Option<String>,
    /// The day of the map to convert to; today by default.
    to: Option<String>,
}

/// An address of one day on the map of another, or the candidates; never a guess
#[utoipa::path(get, path = "/api/v1/convert", tag = "units", params(ConvertQuery),
    responses((status = 200, body = ConversionBody)))]
async fn convert(
    State(atlas): State<Atlas>,
    asked: Asked,
    headers: HeaderMap,
    Query(query): Query<ConvertQuery>,
) -> ApiResult<Response> {
    let sheet = sheet(&atlas).await?;
    let on = day("on", query.on.as_deref(), sheet.eve())?;
    let to = day("to", query.to.as_deref(), sheet.today)?;
    let conversion = convert_address(&sheet.territory, &query.address, on, to);
    let body = ConversionBody::new(asked.lang, &sheet.territory, &conversion, on, to);
    json(&headers, &body)
}

/// A point on the ground.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LocateQuery {
    /// Latitude, degrees WGS 84.
    lat: f64,
    /// Longitude, degrees WGS 84.
    lon: f64,
    /// The day of the map; today by default.
    on: Option<String>,
}

/// The unit in which a point lies
#[utoipa::path(get, path = "/api/v1/locate", tag = "units", params(LocateQuery),
    responses((status = 200, body = UnitBody), (status = 404, body = web::problem::Problem)))]
async fn locate(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Query(query): Query<LocateQuery>,
) -> ApiResult<Response> {
    let sheet = sheet(&atlas).await?;
    let on = day("on", query.on.as_deref(), sheet.today)?;
    let unit: Option<UnitId> = sheet.territory.locate(query.lat, query.lon, on);
    let version = unit.and_then(|unit| sheet.territory.at(unit, on));
    let version = version.ok_or_else(|| Error::not_found(lang::territory::nowhere))?;
    json(&headers, &UnitBody::new(&sheet.territory, version))
}
