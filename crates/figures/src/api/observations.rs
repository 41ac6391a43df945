//! Reporting, reading and correcting observations over HTTP.

use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Day, Error, FieldError, Result};
use lang::Text;
use packs::Calendar;
use serde::{Deserialize, Serialize};
use store::Tx;
use territory::{Territory, UnitRef, get_by_code};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::layers::uploads;
use web::{ApiResult, Json, Path, Visitor};

use crate::observations::{self, Change, Correction, NewObservation, Reported, Withdrawal};
use crate::{Desk, Period};

/// So many counts can be reported at once.
const MOST_COUNTS: usize = 10_000;
/// As many as that, with the sources that papers have, take about half of this.
const REPORT_BYTES: usize = 4 << 20;

/// The routes with their description.
pub(crate) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    let report = OpenApiRouter::new().routes(routes!(report)).layer(uploads(REPORT_BYTES));
    report.routes(routes!(get_observation)).routes(routes!(correct)).routes(routes!(withdraw))
}

/// Counts to report, all or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportBody {
    /// At most 10,000, in a body of at most 4 MiB.
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
    #[schema(format = Date)]
    day: Option<String>,
    /// For a flow: the period, `2025-Q2`.
    period: Option<String>,
    /// How many, from 0 to 10¹².
    value: i64,
    /// Who counted, and in which paper or system it stands; at most 500 characters.
    source: String,
}

/// The ids of the observations, in the order given.
#[derive(Serialize, ToSchema)]
struct ReportedBody {
    ids: Vec<String>,
}

/// Report counts; needs sign-in
///
/// All or none. Every mistake is named, at `N field` for the N-th count, or at `field` when there
/// is only one.
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
    let mut work = desk.begin().await?;
    let calendars = work.catalogue.calendars();
    let alone = body.items.len() == 1;
    let place = |at: usize, field: &str| match alone {
        true => field.to_owned(),
        false => format!("{} {field}", at + 1),
    };
    let (mut counts, mut places, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (at, count) in body.items.into_iter().enumerate() {
        match read_count(&work.territory, &calendars, count) {
            Ok(count) => {
                counts.push(count);
                places.push(at);
            }
            Err((field, text)) => errors.push(FieldError { place: place(at, field), text }),
        }
    }
    drop(calendars);
    let (tx, cx) = work.by(&desk, &visitor.name);
    if !errors.is_empty() {
        // What could be read is looked at as well, so that everything is told at once.
        let named = |count: usize, field: &str| place(places[count], field);
        errors.extend(observations::find_mistakes(tx, cx, &counts, named).await?);
        let number = |place: &str| place.split(' ').next()?.parse::<usize>().ok();
        errors.sort_by_key(|error| number(&error.place));
        return Err(Error::Invalid(errors).into());
    }
    let ids = observations::report(tx, cx, counts).await?;
    work.tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ReportedBody { ids })).into_response())
}

/// A count as it was sent in, or the field that cannot be read and why.
fn read_count(
    territory: &Territory,
    calendars: &[&Calendar],
    count: CountBody,
) -> std::result::Result<NewObservation, (&'static str, Text)> {
    let reported = match (count.day, count.period) {
        (Some(day), None) => {
            let bad = |_| ("day", Text::new(lang::error::bad_day));
            Reported::On(day.parse().map_err(bad)?)
        }
        (None, Some(period)) => {
            let period = Period::parse(&period, calendars);
            let bad = |_| ("period", Text::new(lang::figures::bad_period));
            Reported::Within(period.map_err(bad)?.days)
        }
        _ => return Err(("day", Text::new(lang::observations::day_or_period))),
    };
    let unit = get_by_code(territory, &count.unit, reported.day())
        .map_err(|error| ("unit", Text::new(move |lang| error.say(lang))))?;
    Ok(NewObservation {
        unit: unit.unit,
        measure: count.measure,
        reported,
        value: count.value,
        source: count.source,
        made_up: false,
        evidence: None,
    })
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
    /// How many; null once it was withdrawn.
    value: Option<i64>,
    source: String,
    made_up: bool,
    versions: Vec<VersionBody>,
}

/// One version.
#[derive(Serialize, ToSchema)]
struct VersionBody {
    version: i64,
    /// How many; null for a withdrawal.
    value: Option<i64>,
    /// Why it was corrected or withdrawn.
    reason: Option<String>,
    /// The entry of the journal that made it.
    entry: i64,
    /// When it was recorded (RFC 3339).
    recorded_at: String,
    /// Who recorded it.
    actor: String,
}

async fn body(
    tx: &mut Tx,
    territory: &Territory,
    catalogue: &packs::Catalogue,
    id: &str,
) -> Result<ObservationBody> {
    let (it, versions) = observations::get(tx, id).await?;
    let entries: Vec<i64> = versions.iter().map(|it| it.entry).collect();
    let recordings = journal::recordings(tx, &entries).await?;
    let recorded = |entry: i64| recordings.get(&entry).map(|(at, by)| (at.to_string(), by.clone()));
    let version = territory.at(it.unit, it.day).or_else(|| territory.unit(it.unit)?.last());
    let unknown = || UnitRef { id: it.unit.0, code: None, full_name: it.unit.to_string() };
    Ok(ObservationBody {
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
            .map(|it| {
                let (recorded_at, actor) = recorded(it.entry).unzip();
                VersionBody {
                    version: it.version,
                    value: it.value,
                    reason: it.reason.clone(),
                    entry: it.entry,
                    recorded_at: recorded_at.unwrap_or_default(),
                    actor: actor.unwrap_or_default(),
                }
            })
            .collect(),
    })
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
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    super::json(&headers, &body(&mut tx, &territory, &catalogue, &id).await?)
}

/// A correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectionBody {
    /// The version that was looked at.
    version: i64,
    /// The right number, from 0 to 10¹².
    value: i64,
    /// Why; at most 1,000 characters.
    reason: String,
}

/// Correct a count: the old number is reversed and the right one entered; needs sign-in
///
/// The right number must be another one than that which stands.
#[utoipa::path(post, path = "/api/v1/observations/{id}/corrections", tag = "observations",
    params(("id" = String, Path)), request_body = CorrectionBody,
    responses((status = 201, body = ObservationBody), (status = 401, body = web::problem::Problem),
    (status = 404, body = web::problem::Problem), (status = 409, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn correct(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(correction): Json<CorrectionBody>,
) -> ApiResult<Response> {
    let CorrectionBody { version, value, reason } = correction;
    let correction = Correction { id, version, value, reason };
    change(&desk, &visitor, Change::Correct(correction)).await
}

/// A withdrawal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawalBody {
    /// The version that was looked at.
    version: i64,
    /// Why; at most 1,000 characters.
    reason: String,
}

/// Withdraw a count that should not have been reported: it is reversed; needs sign-in
#[utoipa::path(post, path = "/api/v1/observations/{id}/withdrawal", tag = "observations",
    params(("id" = String, Path)), request_body = WithdrawalBody,
    responses((status = 201, body = ObservationBody), (status = 401, body = web::problem::Problem),
    (status = 404, body = web::problem::Problem), (status = 409, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn withdraw(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(WithdrawalBody { version, reason }): Json<WithdrawalBody>,
) -> ApiResult<Response> {
    change(&desk, &visitor, Change::Withdraw(Withdrawal { id, version, reason })).await
}

/// Makes a change, and shows the observation with its new version.
async fn change(desk: &Desk, visitor: &Visitor, change: Change) -> ApiResult<Response> {
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, &visitor.name);
    let id = observations::change(tx, cx, change).await?.id;
    let body = body(&mut work.tx, &work.territory, &work.catalogue, &id).await?;
    work.tx.commit().await?;
    let location = format!("/api/v1/observations/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}
