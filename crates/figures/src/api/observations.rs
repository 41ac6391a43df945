//! Reporting, reading and correcting observations over HTTP.

use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Day, Error};
use serde::{Deserialize, Serialize};
use territory::{Territory, UnitRef, get_by_code};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Json, Path, Visitor};

use crate::observations::{self, Context, Correction, NewObservation, Observation, Reported};
use crate::{Desk, Period};

/// So many counts can be reported at once.
const MOST_COUNTS: usize = 10_000;

/// The routes with their description.
pub(crate) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(report))
        .routes(routes!(get_observation))
        .routes(routes!(correct))
}

/// Counts to report, all or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportBody {
    /// At most 10,000.
    items: Vec<CountBody>,
}

/// One count.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountBody {
    /// The unit's code on the day of the count.
    unit: String,
    /// The measure's code.
    measure: String,
    /// For a stock: the day.
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<Day>,
    /// For a flow: the period, `2025-Q2`.
    period: Option<String>,
    /// How many.
    value: i64,
    /// Who counted, and in which paper or system it stands.
    source: String,
}

/// The ids of the observations, in the order given.
#[derive(Serialize, ToSchema)]
struct ReportedBody {
    ids: Vec<String>,
}

/// Report counts; needs sign-in
#[utoipa::path(post, path = "/api/v1/observations", tag = "observations",
    request_body = ReportBody, responses((status = 201, body = ReportedBody),
    (status = 401, body = web::problem::Problem), (status = 409, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn report(
    State(desk): State<Desk>,
    visitor: Visitor,
    Json(body): Json<ReportBody>,
) -> ApiResult<Response> {
    if body.items.is_empty() || body.items.len() > MOST_COUNTS {
        return Err(Error::invalid("items", |lang| {
            lang::observations::too_many(lang, MOST_COUNTS)
        })
        .into());
    }
    let mut tx = desk.database().write().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let calendars = catalogue.calendars();
    let mut counts = Vec::with_capacity(body.items.len());
    for count in body.items {
        let reported = match (count.day, count.period) {
            (Some(day), None) => Reported::On(day),
            (None, Some(period)) => Reported::Within(Period::parse(&period, &calendars)?.days),
            _ => return Err(Error::invalid("day", lang::observations::day_or_period).into()),
        };
        counts.push(NewObservation {
            unit: get_by_code(&territory, &count.unit, reported.day())?.unit,
            measure: count.measure,
            reported,
            value: count.value,
            source: count.source,
            made_up: false,
            evidence: None,
        });
    }
    let cx = Context {
        clock: desk.clock(),
        actor: &visitor.name,
        catalogue: &catalogue,
        territory: &territory,
    };
    let ids = observations::report(&mut tx, cx, counts).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ReportedBody { ids })).into_response())
}

/// An observation with all its versions.
#[derive(Serialize, ToSchema)]
struct ObservationBody {
    id: String,
    unit: UnitRef,
    /// The measure's code.
    measure: String,
    /// The day on which it counts.
    #[schema(value_type = String, format = Date)]
    day: Day,
    /// The first day it covers.
    #[schema(value_type = String, format = Date)]
    day_from: Day,
    /// The version in force; send it back with a correction.
    version: i64,
    value: i64,
    source: String,
    made_up: bool,
    versions: Vec<VersionBody>,
}

/// One version.
#[derive(Serialize, ToSchema)]
struct VersionBody {
    version: i64,
    value: i64,
    /// Why it was corrected.
    reason: Option<String>,
    /// The entry of the journal that made it.
    entry: i64,
}

fn body(
    territory: &Territory,
    catalogue: &packs::Catalogue,
    it: &Observation,
    versions: &[Observation],
) -> ObservationBody {
    let version = territory.at(it.unit, it.day).or_else(|| territory.unit(it.unit)?.last());
    let unknown = || UnitRef { id: it.unit.0, code: None, full_name: it.unit.to_string() };
    ObservationBody {
        id: it.id.clone(),
        unit: version.map_or_else(unknown, UnitRef::new),
        measure: catalogue.measure_numbered(it.measure).map_or("", |it| &it.code).to_owned(),
        day: it.day,
        day_from: it.day_from,
        version: it.version,
        value: it.value,
        source: it.source.clone(),
        made_up: it.made_up,
        versions: versions
            .iter()
            .map(|it| VersionBody {
                version: it.version,
                value: it.value,
                reason: it.reason.clone(),
                entry: it.entry,
            })
            .collect(),
    }
}

/// An observation with all its versions
#[utoipa::path(get, path = "/api/v1/observations/{id}", tag = "observations",
    params(("id" = String, Path)), responses((status = 200, body = ObservationBody),
    (status = 404, body = web::problem::Problem)))]
async fn get_observation(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let (found, versions) = observations::get(&mut tx, &id).await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    super::json(&headers, &body(&territory, &catalogue, &found, &versions))
}

/// A correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectionBody {
    /// The version that was looked at.
    version: i64,
    /// The right number.
    value: i64,
    /// Why.
    reason: String,
}

/// Correct a count: the old number is reversed and the right one entered; needs sign-in
#[utoipa::path(post, path = "/api/v1/observations/{id}/corrections", tag = "observations",
    params(("id" = String, Path)), request_body = CorrectionBody,
    responses((status = 201, body = ObservationBody), (status = 409, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn correct(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(correction): Json<CorrectionBody>,
) -> ApiResult<Response> {
    let mut tx = desk.database().write().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let cx = Context {
        clock: desk.clock(),
        actor: &visitor.name,
        catalogue: &catalogue,
        territory: &territory,
    };
    let CorrectionBody { version, value, reason } = correction;
    let correction = Correction { id: id.clone(), version, value, reason };
    observations::correct(&mut tx, cx, correction).await?;
    let (found, versions) = observations::get(&mut tx, &id).await?;
    let location = format!("/api/v1/observations/{id}");
    let body = body(&territory, &catalogue, &found, &versions);
    tx.commit().await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}
