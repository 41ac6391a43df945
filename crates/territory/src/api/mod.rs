//! The territory's questions over HTTP: `/api/v1/units`, `convert`, `locate`, `acts`, `operations`.
#![expect(unused_qualifications, reason = "utoipa's attribute names each extractor in full")]

mod body;
mod find;
mod sources;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use base::{Day, Error, PAGE_LIMIT, Page, Result};
use lang::Lang;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::export::json;
use web::{ApiError, ApiResult, Asked, Path, Query};

use body::{ConversionBody, EventBody, LinkBody};
pub use body::{UnitBody, UnitRef};
pub use find::{get_by_code, place_after};
pub(crate) use find::{get_by_id, read_cursor};
pub(crate) use sources::{Done, acts_latest_first, changes_by_act, place_after_act};

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
        .routes(routes!(sources::list_acts))
        .routes(routes!(sources::list_operations))
}

/// The territory as a request finds it.
pub(crate) struct Sheet {
    pub(crate) territory: Arc<Territory>,
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
    match text.filter(|text| !text.trim().is_empty()) {
        None => Ok(default),
        Some(text) => read_day(text).ok_or_else(|| Error::invalid(name, lang::error::bad_day)),
    }
}

/// A day as people write it. Behind the last one there is nothing to ask.
pub(crate) fn read_day(text: &str) -> Option<Day> {
    text.trim().parse().ok().filter(|day| *day < Day::MAX)
}

/// Longer words are not searched for: no unit is called so, and each of them costs. Units: letters.
const LONGEST_QUERY: usize = 100;

/// The words to search for; none where only blanks were sent.
///
/// Errors: `Invalid` at `q` when they are too long.
pub(crate) fn search_words(text: &str) -> Result<Option<&str>> {
    let text = text.trim();
    if text.chars().count() > LONGEST_QUERY {
        return Err(Error::invalid("q", |lang| {
            lang::territory::query_too_long(lang, LONGEST_QUERY)
        }));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// What every question needs besides its own parameters.
struct Asking {
    sheet: Sheet,
    lang: Lang,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Asking
where
    Atlas: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(asked) = Asked::from_request_parts(parts, state).await;
        let sheet = sheet(&Atlas::from_ref(state)).await?;
        Ok(Self { sheet, lang: asked.lang, headers: parts.headers.clone() })
    }
}

impl Asking {
    /// The day of the question; today by default.
    fn on(&self, day: Option<&str>) -> Result<Day> {
        self::day("on", day, self.sheet.today)
    }

    /// The unit that bears a code on the day of the question.
    fn unit(&self, code: &str, query: &OnQuery) -> Result<&Version> {
        get_by_code(&self.sheet.territory, code, self.on(query.on.as_deref())?)
    }

    fn answer(&self, body: &impl Serialize) -> ApiResult<Response> {
        json(&self.headers, body)
    }

    /// A list that is always whole.
    fn answer_all<T: Serialize>(&self, items: impl Iterator<Item = T>) -> ApiResult<Response> {
        self.answer(&Page { items: items.collect(), next: None })
    }
}

/// Which units.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// The day; today by default. With `q` and without a day, old names are searched too.
    on: Option<String>,
    /// Only units directly below the one with this code on that day; with `q` or `level`, all
    /// units below it, however far, and itself if it fits.
    under: Option<String>,
    /// Only units of this level: `province`, `district`, `commune`, `hamlet`.
    level: Option<String>,
    /// Words of a name, old or new, with or without tones; or a code. At most 100 letters.
    q: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// Units of a day: all provinces, those below a unit, or those found by name
#[utoipa::path(get, path = "/api/v1/units", tag = "units", params(ListQuery),
    responses((status = 200, body = body::UnitList)))]
async fn list_units(Query(query): Query<ListQuery>, asking: Asking) -> ApiResult<Response> {
    let territory = &asking.sheet.territory;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (day, code) = (given(&query.on), given(&query.under));
    let on = asking.on(day.as_deref())?;
    let level = given(&query.level).map(|it| level(&it)).transpose()?;
    let under = code.map(|code| get_by_code(territory, &code, on)).transpose()?;
    let under = under.map(|version| version.unit);
    let words = search_words(query.q.as_deref().unwrap_or_default())?;
    let found: Vec<&Version> = if let Some(words) = words {
        territory.search_all(words, day.map(|_| on), |version| {
            level.is_none_or(|level| version.kind.level() == level)
                && under.is_none_or(|under| territory.is_within(version.unit, under, on))
        })
    } else if let Some(level) = level {
        territory.under(under, on, level)
    } else {
        territory.children(under, on).collect()
    };
    let first = match read_cursor(query.cursor.as_deref().unwrap_or_default())? {
        Some(unit) => place_after(&found, unit)?,
        None => 0,
    };
    let rows = found.into_iter().skip(first).take(PAGE_LIMIT + 1).collect();
    let page = Page::cut(rows, PAGE_LIMIT, |version| version.unit.0);
    asking.answer(&page.map(|version| UnitBody::new(territory, version, on)))
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
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let version = asking.unit(&code, &query)?;
    let on = asking.on(query.on.as_deref())?;
    asking.answer(&UnitBody::new(&asking.sheet.territory, version, on))
}

/// The units that a unit was made of
#[utoipa::path(get, path = "/api/v1/units/{code}/predecessors", tag = "units",
    params(("code" = String, Path), OnQuery), responses((status = 200, body = body::LinkList)))]
async fn list_predecessors(
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let territory = &asking.sheet.territory;
    let links = territory.predecessors(asking.unit(&code, &query)?.unit);
    let before = |link| LinkBody::new(territory, link, link.on.plus(-1));
    asking.answer_all(links.iter().filter_map(before))
}

/// The units that a unit went into
#[utoipa::path(get, path = "/api/v1/units/{code}/successors", tag = "units",
    params(("code" = String, Path), OnQuery), responses((status = 200, body = body::LinkList)))]
async fn list_successors(
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let territory = &asking.sheet.territory;
    let links = territory.successors(asking.unit(&code, &query)?.unit);
    asking.answer_all(links.iter().filter_map(|link| LinkBody::new(territory, link, link.on)))
}

/// What happened to a unit, with the acts
#[utoipa::path(get, path = "/api/v1/units/{code}/history", tag = "units",
    params(("code" = String, Path), OnQuery), responses((status = 200, body = body::EventList)))]
async fn list_history(
    Path(code): Path<String>,
    Query(query): Query<OnQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let territory = &asking.sheet.territory;
    let events = territory.history(asking.unit(&code, &query)?.unit);
    asking.answer_all(events.iter().map(|event| EventBody::new(asking.lang, territory, event)))
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
async fn convert(Query(query): Query<ConvertQuery>, asking: Asking) -> ApiResult<Response> {
    let Sheet { territory, today } = &asking.sheet;
    let on = day("on", query.on.as_deref(), asking.sheet.eve())?;
    let to = day("to", query.to.as_deref(), *today)?;
    let conversion = convert_address(territory, &query.address, on, to);
    asking.answer(&ConversionBody::new(asking.lang, territory, &conversion, on, to))
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
async fn locate(Query(query): Query<LocateQuery>, asking: Asking) -> ApiResult<Response> {
    let territory = &asking.sheet.territory;
    let on = asking.on(query.on.as_deref())?;
    for (place, value, most) in [("lat", query.lat, 90.0), ("lon", query.lon, 180.0)] {
        if !(-most..=most).contains(&value) {
            return Err(Error::invalid(place, lang::api::bad_degrees).into());
        }
    }
    let unit: Option<UnitId> = territory.locate(query.lat, query.lon, on);
    let version = unit.and_then(|unit| territory.at(unit, on));
    let version = version.ok_or_else(|| Error::not_found(lang::territory::nowhere))?;
    asking.answer(&UnitBody::new(territory, version, on))
}
