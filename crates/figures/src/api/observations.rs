//! Reporting, reading and correcting observations over HTTP.

use std::collections::HashMap;

use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::rights::Actor;
use base::{Day, Error, FieldError, Moment, Result};
use lang::{Lang, Text};
use packs::{Calendar, Catalogue};
use serde::{Deserialize, Serialize};
use store::Tx;
use territory::{Territory, UnitRef, get_by_code};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::layers::uploads;
use web::{ApiResult, Asked, Json, Path, Query, Visitor};

use super::body::unit_ref;
use crate::observations::{
    self, Change, Correction, Filter, NewObservation, Observation, Reported, Withdrawal,
};
use crate::pages::read_day;
use crate::protection::check_observation;
use crate::{Desk, Period, Sight, disclosure};

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
    let report = report.routes(routes!(list_observations)).routes(routes!(get_observation));
    report.routes(routes!(correct)).routes(routes!(withdraw))
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
    let (tx, cx) = work.by(&desk, visitor.actor());
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

/// An observation as it stands.
#[derive(Serialize, ToSchema)]
struct StandingBody {
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
    /// Empty for whoever may not see counts as they were reported.
    source: String,
    made_up: bool,
    /// Where the file is found that it was taken from, if one was handed in.
    evidence: Option<String>,
}

impl StandingBody {
    fn new(territory: &Territory, catalogue: &Catalogue, it: &Observation) -> Self {
        let measure = catalogue.measure_numbered(it.measure).map_or("", |measure| &measure.code);
        let evidence = it.evidence.as_ref().map(|_| format!("/observations/{}/evidence", it.id));
        Self {
            id: it.id.clone(),
            unit: unit_ref(territory, it.unit, it.day),
            measure: measure.to_owned(),
            day: it.day,
            day_from: it.day_from,
            version: it.version,
            value: it.value,
            source: it.source.clone(),
            made_up: it.made_up,
            evidence,
        }
    }
}

/// An observation with all its versions.
#[derive(Serialize, ToSchema)]
struct ObservationBody {
    #[serde(flatten)]
    standing: StandingBody,
    versions: Vec<VersionBody>,
}

/// One version.
#[derive(Serialize, ToSchema)]
struct VersionBody {
    version: i64,
    /// How many; null for a withdrawal.
    value: Option<i64>,
    /// Why it was corrected or withdrawn; empty for whoever may not see counts as they were reported.
    reason: Option<String>,
    /// The entry of the journal that made it.
    entry: i64,
    /// When it was recorded (RFC 3339).
    recorded_at: String,
    /// Who recorded it: the account for whoever may see counts as they were reported, the post and its
    /// agency for everybody else.
    actor: String,
}

impl VersionBody {
    fn new(recordings: &HashMap<i64, (Moment, String)>, it: &Observation) -> Self {
        let recorded = recordings.get(&it.entry);
        Self {
            version: it.version,
            value: it.value,
            reason: it.reason.clone(),
            entry: it.entry,
            recorded_at: recorded.map(|(at, _)| at.to_string()).unwrap_or_default(),
            actor: recorded.map(|(_, actor)| actor.clone()).unwrap_or_default(),
        }
    }
}

async fn body(
    tx: &mut Tx,
    territory: &Territory,
    catalogue: &Catalogue,
    (id, to): (&str, (Lang, Actor<'_>)),
) -> Result<ObservationBody> {
    let (mut it, mut versions) = observations::get(tx, id).await?;
    let entries: Vec<i64> = versions.iter().map(|it| it.entry).collect();
    let mut recordings = journal::recordings(tx, &entries).await?;
    if !disclosure::versions(tx, to, &mut versions, &mut recordings).await? {
        (it.source, it.evidence) = (String::new(), None);
    }
    let versions = versions.iter().map(|it| VersionBody::new(&recordings, it));
    let standing = StandingBody::new(territory, catalogue, &it);
    Ok(ObservationBody { standing, versions: versions.collect() })
}

/// Which observations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ObservationsQuery {
    /// The code of a unit on the day `to`, or today: its own and those of all units in it.
    unit: Option<String>,
    /// The measure's code.
    measure: Option<String>,
    /// Only those that cover this day or later ones …
    from: Option<String>,
    /// … and this day or earlier ones.
    to: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// One of many observations: as it stands, with its last version.
#[derive(Serialize, ToSchema)]
struct ListedBody {
    #[serde(flatten)]
    standing: StandingBody,
    /// The version in force.
    last: VersionBody,
    /// Whether its number may not be shown: it is about few people.
    hidden: bool,
}

/// A page of observations.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct ObservationList {
    items: Vec<ListedBody>,
    next: Option<String>,
}

/// Observations as they stand, the last recorded first; needs sign-in
///
/// Where few fit, a page may hold fewer than 100, or none, and still have a `next`.
#[utoipa::path(get, path = "/api/v1/observations", tag = "observations",
    params(ObservationsQuery), responses((status = 200, body = ObservationList),
    (status = 401, body = web::problem::Problem), (status = 404, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn list_observations(
    State(desk): State<Desk>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(query): Query<ObservationsQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let days = (read_day("from", query.from.as_deref())?, read_day("to", query.to.as_deref())?);
    let measure = given(&query.measure).map(|code| {
        let measure = catalogue.measure(&code).map(|measure| measure.number);
        measure.ok_or_else(|| Error::invalid("measure", lang::observations::no_measure))
    });
    let mut units = None;
    if let Some(code) = given(&query.unit) {
        let on = days.1.unwrap_or(desk.clock().today());
        let unit = get_by_code(&territory, &code, on)?.unit;
        units = Some(observations::within(&mut tx, &desk.atlas, unit, on).await?);
    }
    let filter = Filter::new(units, measure.transpose()?, days)?;
    let cursor = given(&query.cursor);
    let page =
        observations::list(&mut tx, visitor.actor(), &filter, cursor.as_deref(), base::PAGE_LIMIT)
            .await?;
    let entries: Vec<i64> = page.items.iter().map(|it| it.entry).collect();
    let recordings = journal::recordings(&mut tx, &entries).await?;
    let sight = Sight::of_visitor(Some(&visitor));
    let page = page.map(|mut it| {
        let hidden = check_observation(&catalogue, &it, sight).is_err();
        if hidden {
            // Words tell numbers too: "corrected from 3 to 4".
            (it.value, it.reason, it.evidence) = (None, None, None);
            it.source = String::new();
        }
        ListedBody {
            standing: StandingBody::new(&territory, &catalogue, &it),
            last: VersionBody::new(&recordings, &it),
            hidden,
        }
    });
    super::json(&headers, &page)
}

/// An observation with all its versions
#[utoipa::path(get, path = "/api/v1/observations/{id}", tag = "observations",
    params(("id" = String, Path)), responses((status = 200, body = ObservationBody),
    (status = 404, body = web::problem::Problem)))]
async fn get_observation(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let (now, _) = observations::get(&mut tx, &id).await?;
    check_observation(&catalogue, &now, Sight::of(&asked))?;
    let territory = desk.atlas.territory(&mut tx).await?;
    super::json(
        &headers,
        &body(&mut tx, &territory, &catalogue, (&id, (asked.lang, asked.actor()))).await?,
    )
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
    let (now, _) = observations::get(&mut work.tx, change.id()).await?;
    check_observation(&work.catalogue, &now, Sight::of_visitor(Some(visitor)))?;
    let (tx, cx) = work.by(desk, visitor.actor());
    let id = observations::change(tx, cx, change).await?.id;
    let to = (Lang::Vietnamese, visitor.actor());
    let body = body(&mut work.tx, &work.territory, &work.catalogue, (&id, to)).await?;
    work.tx.commit().await?;
    let location = format!("/api/v1/observations/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}
