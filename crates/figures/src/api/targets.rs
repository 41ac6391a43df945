//! Targets over HTTP.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Cursor, Day, Page};
use packs::{Plan, Target};
use serde::{Deserialize, Serialize};
use territory::{Version, get_by_code};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Asked, Query};

use super::{json, read_known};
use crate::pages::read_day;
use crate::targets::{Followed, Status, follow};
use crate::{Desk, Sight};

/// So many targets stand on a page.
const TARGETS_A_PAGE: usize = 50;

/// The routes with their description.
pub(super) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: axum::extract::FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(list_targets))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TargetsQuery {
    /// The day on which it is judged; today by default. A plan that is over by then is judged on
    /// the map of its last day.
    on: Option<String>,
    /// The code of the unit on that day; the province that most reports come from by default.
    unit: Option<String>,
    /// Only what was recorded by this instant (RFC 3339), which may not lie in the future.
    known: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// What is wanted of a unit, and how far it has come
#[derive(Serialize, ToSchema)]
struct CourseBody {
    /// `missed`, `behind`, `no_data`, `too_few` (one value tells no pace), `on_track`, `reached`.
    status: &'static str,
    /// What is to be reached, as the plan says it.
    wanted: String,
    /// The last day.
    #[schema(format = Date)]
    by: String,
    /// The end of the newest period with a value.
    #[schema(format = Date)]
    latest_on: Option<String>,
    /// Its value: a percentage with its decimals, or a count.
    latest: Option<f64>,
    /// The value on the last day if all goes on as before: by a straight line through the newest
    /// quarters.
    forecast: Option<f64>,
    /// What a month must bring.
    pace_needed: Option<f64>,
    /// What a month brought.
    pace: Option<f64>,
    /// The end of the first period since which it has been behind.
    #[schema(format = Date)]
    behind_since: Option<String>,
}

/// A target of a plan
#[derive(Serialize, ToSchema)]
struct TargetBody {
    /// The target's code.
    code: String,
    /// Its title.
    title: String,
    /// The plan's code.
    plan: String,
    /// The document of the plan.
    document: String,
    /// Who answers for it.
    agency: String,
    /// The indicator that measures it.
    indicator: Option<String>,
    /// Why nothing measures it.
    unmeasured: Option<String>,
    /// What is not clear in its words.
    ambiguous: Option<String>,
    /// For the unit; none where the target does not speak of units of its level.
    course: Option<CourseBody>,
}

/// A page of them
#[derive(Serialize, ToSchema)]
struct TargetList {
    /// The day on which they are judged.
    #[schema(value_type = String, format = Date)]
    on: Day,
    /// Only what was recorded by then, if it was asked so.
    known: Option<String>,
    /// The targets, in the order of the packs.
    items: Vec<TargetBody>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// The targets of plans, and how far a unit has come with each
#[utoipa::path(get, path = "/api/v1/targets", tag = "figures", params(TargetsQuery),
    responses((status = 200, body = TargetList), (status = 422, body = web::problem::Problem)))]
async fn list_targets(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Query(query): Query<TargetsQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let on = read_day("on", query.on.as_deref())?.unwrap_or_else(|| desk.clock().today());
    let known = read_known(&desk, query.known.as_deref())?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let unit = query.unit.as_deref().filter(|code| !code.is_empty());
    let unit = unit.map(|code| get_by_code(&territory, code, on)).transpose()?;
    let first = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Cursor::decode::<u32>(cursor)?,
        None => 0,
    };
    let all = catalogue.targets().into_iter().zip(0_u32..);
    let rest: Vec<_> = all.filter(|(_, at)| *at >= first).take(TARGETS_A_PAGE + 1).collect();
    let mut page = Page::cut(rest, TARGETS_A_PAGE, |(_, at)| at + 1);
    let mut items = Vec::new();
    for ((plan, target), _) in page.items.drain(..) {
        let (of, days, seen) = ((plan, target), (on, None), (known, Sight::of(&asked)));
        let followed = follow(&mut tx, &desk.atlas, &catalogue, of, days, seen).await?;
        let own = followed.as_ref().and_then(|followed| match unit {
            Some(unit) => territory.at(unit.unit, followed.map()),
            None => followed.answer.top(&territory),
        });
        let course = followed.as_ref().zip(own).and_then(|(it, unit)| CourseBody::new(it, unit));
        items.push(TargetBody::new(&asked, plan, target, course));
    }
    json(
        &headers,
        &TargetList { on, known: known.map(|known| known.to_string()), items, next: page.next },
    )
}

impl TargetBody {
    fn new(asked: &Asked, plan: &Plan, target: &Target, course: Option<CourseBody>) -> Self {
        let lang = asked.lang;
        Self {
            code: target.code.clone(),
            title: target.title.say(lang).to_owned(),
            plan: plan.code.clone(),
            document: plan.document.say(lang).to_owned(),
            agency: target.agency.as_ref().unwrap_or(&plan.agency).say(lang).to_owned(),
            indicator: target.indicator.clone(),
            unmeasured: target.unmeasured.as_ref().map(|words| words.say(lang).to_owned()),
            ambiguous: target.ambiguous.as_ref().map(|words| words.say(lang).to_owned()),
            course,
        }
    }
}

impl CourseBody {
    fn new(followed: &Followed, unit: &Version) -> Option<Self> {
        let course = followed.course(unit.unit, unit.kind.level())?;
        let standing = course.standing;
        let number = |scaled: Option<i64>| {
            scaled.map(|scaled| crate::pages::number(&followed.indicator, scaled))
        };
        Some(Self {
            status: match standing.status {
                Status::Missed => "missed",
                Status::Behind => "behind",
                Status::NoData => "no_data",
                Status::TooFew => "too_few",
                Status::OnTrack => "on_track",
                Status::Reached => "reached",
            },
            wanted: course.value.value.clone(),
            by: course.value.by().to_string(),
            latest_on: standing.latest.map(|(day, _)| day.to_string()),
            latest: number(standing.latest.map(|(_, value)| value)),
            forecast: number(standing.forecast),
            pace_needed: number(standing.pace_needed),
            pace: number(standing.pace),
            behind_since: standing.behind_since.map(|day| day.to_string()),
        })
    }
}
