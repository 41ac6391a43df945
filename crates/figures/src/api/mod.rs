//! Figures, claims and observations over HTTP.

#![expect(unused_qualifications, reason = "utoipa's attribute names each extractor in full")]

mod approvals;
mod body;
mod campaigns;
mod entries;
mod explain;
mod indexes;
mod observations;
mod publications;
mod targets;
#[cfg(test)]
mod tests;

use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Cursor, Day, Error, Moment, Page, Result};
use serde::Deserialize;
use store::Tx;
use territory::{Level, Territory, UnitId, Version, get_by_code, place_after};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::export::json;
use web::{ApiResult, Asked, Query};

use crate::answer::{self, Question};
use crate::approvals::approvals_of;
use crate::pages::{begun, read_day};
use crate::{Desk, Period, Sight, claims};
use body::{CalendarBody, ClaimBody, EntryBody, FigureBody, FiguresBody, IndicatorBody};

/// So many figures stand on a page: those of a level of a province in a few periods.
const FIGURES_A_PAGE: usize = 1000;
/// So many units can be named in one question.
const MOST_UNITS: usize = 500;

/// The routes with their description.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_indicators))
        .routes(routes!(list_figures))
        .routes(routes!(list_entries))
        .routes(routes!(entries::get_entry))
        .routes(routes!(list_claims))
        .routes(routes!(list_calendars))
        .merge(observations::routes())
        .merge(targets::routes())
        .merge(campaigns::routes())
        .merge(indexes::routes())
        .merge(publications::routes())
        .routes(routes!(explain::explain))
        .merge(approvals::routes())
}

/// The indicators in force
#[utoipa::path(get, path = "/api/v1/indicators", tag = "figures",
    responses((status = 200, body = body::IndicatorList)))]
async fn list_indicators(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let items = catalogue.indicators().into_iter();
    let items = items.map(|it| IndicatorBody::new(asked.lang, &catalogue, it)).collect();
    json(&headers, &Page { items, next: None })
}

/// The calendars of reporting periods in force
#[utoipa::path(get, path = "/api/v1/calendars", tag = "figures",
    responses((status = 200, body = body::CalendarList)))]
async fn list_calendars(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let items = catalogue.calendars().into_iter();
    let items = items.map(|it| CalendarBody::new(asked.lang, it)).collect();
    json(&headers, &Page { items, next: None })
}

/// What is asked.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FiguresQuery {
    /// The indicator's code.
    indicator: String,
    /// Codes of units on the day of the map, with commas between, at most 500; all provinces by
    /// default.
    units: Option<String>,
    /// Instead of `units`: all units of this level …
    level: Option<String>,
    /// … below the unit with this code.
    under: Option<String>,
    /// Periods with commas between: `2025-Q2,R2025-Q2,2025-06-30`; the last eight quarters by
    /// default.
    periods: Option<String>,
    /// The day whose map the figures stand on; today by default.
    map: Option<String>,
    /// Only what was recorded by this instant (RFC 3339), which may not lie in the future.
    known: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// Figures of one indicator, each with its parts, its flags and the way to its entries
///
/// A page has the figures of as many units as make up at most 1,000; all periods of a unit stand
/// on one page.
#[utoipa::path(get, path = "/api/v1/figures", tag = "figures", params(FiguresQuery),
    responses((status = 200, body = FiguresBody), (status = 422, body = web::problem::Problem)))]
async fn list_figures(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Query(query): Query<FiguresQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let indicator = answer::find_indicator(&catalogue, &query.indicator)?;
    let question = read_question(&desk, &mut tx, &query, Sight::of(&asked)).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let units = read_units(&territory, &query, question.map)?;
    let first = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => place_after(&units, UnitId(Cursor::decode(cursor)?))?,
        None => 0,
    };
    let a_page = (FIGURES_A_PAGE / question.periods.len().max(1)).max(1);
    let answer = crate::ask(&mut tx, &desk.atlas, &catalogue, &question).await?;
    let known = match question.known {
        Some(known) => Some(journal::seq_known_at(&mut tx, known).await?),
        None => None,
    };
    let asked_for = (indicator, &question.periods[..]);
    let ground = (&desk.atlas, question.map);
    let approvals = approvals_of(&mut tx, ground, &catalogue, asked_for, known).await?;
    let mut items = Vec::new();
    let rest = units.iter().skip(first).copied().take(a_page + 1).collect();
    let page = Page::cut(rest, a_page, |version: &&Version| version.unit.0);
    for version in &page.items {
        for (at, period) in question.periods.iter().enumerate() {
            let figure = answer.get(version.unit, at);
            let approval = approvals.get(version.unit, at);
            let body = FigureBody::new(asked.lang, indicator, &question, version, period, figure);
            items.push(body.approved(approval));
        }
    }
    json(
        &headers,
        &FiguresBody {
            indicator: IndicatorBody::new(asked.lang, &catalogue, indicator),
            map: question.map,
            known: question.known.map(|moment| moment.to_string()),
            items,
            next: page.next,
        },
    )
}

async fn read_question(
    desk: &Desk,
    tx: &mut Tx,
    query: &FiguresQuery,
    sight: Sight,
) -> Result<Question> {
    let catalogue = desk.catalogue(tx).await?;
    let today = desk.clock().today();
    let calendars = catalogue.calendars();
    let periods = match query.periods.as_deref().filter(|text| !text.is_empty()) {
        Some(codes) => {
            let codes = codes.split(',').take(crate::MOST_PERIODS + 1);
            let read = |code: &str| begun(Period::parse(code.trim(), &calendars)?, today);
            codes.map(read).collect::<Result<_>>()?
        }
        None => Period::last_quarters(None, today, 8),
    };
    let map = read_day("map", query.map.as_deref())?.unwrap_or(today);
    let known = read_known(desk, query.known.as_deref())?;
    Ok(Question { indicator: query.indicator.clone(), periods, map, known, sight })
}

/// The instant until which what was recorded counts.
///
/// Errors: `Invalid` at `known`, also when it lies in the future.
fn read_known(desk: &Desk, text: Option<&str>) -> Result<Option<Moment>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let known = text.parse::<Moment>();
    let known = known.map_err(|_| Error::invalid("known", lang::error::bad_instant))?;
    match known > desk.clock().now() {
        true => Err(Error::invalid("known", lang::figures::known_to_come)),
        false => Ok(Some(known)),
    }
}

fn read_units<'a>(
    territory: &'a Territory,
    query: &FiguresQuery,
    map: Day,
) -> Result<Vec<&'a Version>> {
    if let Some(codes) = query.units.as_deref().filter(|codes| !codes.is_empty()) {
        let codes: Vec<&str> = codes.split(',').map(str::trim).take(MOST_UNITS + 1).collect();
        if codes.len() > MOST_UNITS {
            return Err(Error::invalid("units", |lang| {
                lang::figures::too_many_units(lang, MOST_UNITS)
            }));
        }
        let mut units: Vec<&Version> = Vec::with_capacity(codes.len());
        for code in codes {
            let version = get_by_code(territory, code, map)?;
            if units.iter().all(|known| known.unit != version.unit) {
                units.push(version);
            }
        }
        return Ok(units);
    }
    let under = match query.under.as_deref().filter(|code| !code.is_empty()) {
        Some(code) => Some(get_by_code(territory, code, map)?.unit),
        None => None,
    };
    match query.level.as_deref() {
        None => Ok(territory.children(under, map).collect()),
        Some(level) => {
            let level = Level::find(level);
            let level = level.ok_or_else(|| Error::invalid("level", lang::packs::bad_level))?;
            Ok(territory.under(under, map, level))
        }
    }
}

/// Which part of which figure.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EntriesQuery {
    /// The indicator's code.
    indicator: String,
    /// The unit's code on the day of the map.
    unit: String,
    /// The period.
    period: String,
    /// `numerator` or, of a share, `denominator`.
    part: Option<String>,
    /// The day of the map; today by default.
    map: Option<String>,
    /// Only what was recorded by this instant, which may not lie in the future.
    known: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// The entries behind a part of a figure
///
/// The sum of all pages is the part. Of a figure that is estimated it is not: the entries of a
/// divided unit stand here in full, and only a share of them counts.
#[utoipa::path(get, path = "/api/v1/figures/entries", tag = "figures", params(EntriesQuery),
    responses((status = 200, body = body::EntryList), (status = 404, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn list_entries(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Query(query): Query<EntriesQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let figures = FiguresQuery {
        indicator: query.indicator,
        units: None,
        level: None,
        under: None,
        periods: Some(query.period),
        map: query.map,
        known: query.known,
        cursor: None,
    };
    let question = read_question(&desk, &mut tx, &figures, Sight::of(&asked)).await?;
    let unit = get_by_code(&territory, &query.unit, question.map)?.unit;
    let indicator = answer::find_indicator(&catalogue, &question.indicator)?;
    let part = answer::Part::read(indicator, query.part.as_deref())?;
    let wanted =
        answer::entries_of(&mut tx, &desk.atlas, &catalogue, &question, unit, part).await?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let mut page = journal::entries_behind(&mut tx, &wanted, cursor, base::PAGE_LIMIT).await?;
    crate::disclosure::rows(&mut tx, (asked.lang, asked.actor()), &mut page.items).await?;
    json(&headers, &page.map(|row| EntryBody::new(&territory, &row)))
}

/// Published figures, checked against their own parts
#[utoipa::path(get, path = "/api/v1/claims", tag = "figures",
    responses((status = 200, body = body::ClaimList)))]
async fn list_claims(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let claims = catalogue.claims().into_iter();
    let items = claims.map(|it| ClaimBody::new(asked.lang, &catalogue, it, &claims::judge(it)));
    json(&headers, &Page { items: items.collect(), next: None })
}
