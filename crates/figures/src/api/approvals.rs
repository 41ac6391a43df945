//! Collections, who has reported them, and the approval of figures over HTTP.

use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::{Cursor, Day, Error, PAGE_LIMIT, Page};
use lang::Lang;
use packs::{Catalogue, Collection, PeriodKind, Severity};
use serde::{Deserialize, Serialize};
use territory::{Territory, UnitId, UnitRef, get_by_code};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Asked, Json, Path, Query, Visitor};

use super::body::unit_ref;
use super::json;
use crate::approvals::{
    self, Act, Action, Rate, Reporting, Scope, completeness, find_scope, list_latest, periods_of,
};
use crate::{Desk, Sight};

/// The routes with their description.
pub(super) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_collections))
        .routes(routes!(get_completeness))
        .routes(routes!(list_approvals, act))
}

/// Measures that are reported together
#[derive(Serialize, ToSchema)]
struct CollectionBody {
    code: String,
    title: String,
    /// The document that orders it.
    document: String,
    /// What must be known of it.
    note: Option<String>,
    /// The codes of its measures.
    measures: Vec<String>,
    /// The level of the units that report.
    reported_by: String,
    /// `year`, `half_year`, `quarter`, `month`.
    period: &'static str,
    /// The code of the calendar of its periods.
    calendar: String,
    /// So many days after the last day of a period it is due.
    due_days: u32,
    /// Whether whoever handed figures in may not check or approve them.
    four_eyes: bool,
    /// Who checks and approves, by the last day of the period.
    levels: Vec<LevelsBody>,
    /// What must hold between the numbers.
    rules: Vec<RuleBody>,
}

/// Which levels act on periods that end within some days
#[derive(Serialize, ToSchema)]
struct LevelsBody {
    #[schema(format = Date)]
    from: Option<String>,
    #[schema(format = Date)]
    until: Option<String>,
    checks: Vec<String>,
    approves: String,
}

/// A rule
#[derive(Serialize, ToSchema)]
struct RuleBody {
    code: String,
    /// What is said when it does not hold.
    words: String,
    /// `error` or `warning`.
    severity: &'static str,
}

/// All collections
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct CollectionList {
    items: Vec<CollectionBody>,
    next: Option<String>,
}

impl CollectionBody {
    fn new(lang: Lang, it: &Collection) -> Self {
        let levels = it.levels.iter().map(|levels| LevelsBody {
            from: levels.from.clone(),
            until: levels.until.clone(),
            checks: levels.checks.clone(),
            approves: levels.approves.clone(),
        });
        let rules = it.rules.iter().map(|rule| RuleBody {
            code: rule.code.clone(),
            words: rule.words.say(lang).to_owned(),
            severity: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
        });
        Self {
            code: it.code.clone(),
            title: it.title.say(lang).to_owned(),
            document: it.document.say(lang).to_owned(),
            note: it.note.as_ref().map(|note| note.say(lang).to_owned()),
            measures: it.measures.clone(),
            reported_by: it.reported_by.clone(),
            period: match it.period {
                PeriodKind::Year => "year",
                PeriodKind::HalfYear => "half_year",
                PeriodKind::NineMonths => "nine_months",
                PeriodKind::Quarter => "quarter",
                PeriodKind::Month => "month",
            },
            calendar: it.calendar.clone(),
            due_days: it.due_days,
            four_eyes: it.four_eyes,
            levels: levels.collect(),
            rules: rules.collect(),
        }
    }
}

/// The measures that are reported together, when they are due, and who checks and approves them
#[utoipa::path(get, path = "/api/v1/collections", tag = "approvals",
    responses((status = 200, body = CollectionList)))]
async fn list_collections(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let items = catalogue.collections().into_iter();
    let items = items.map(|it| CollectionBody::new(asked.lang, it)).collect();
    json(&headers, &Page { items, next: None })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompletenessQuery {
    /// The period; the last one that is over by default.
    period: Option<String>,
    /// Only units in the one of this code, on the last day of the period.
    under: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// How many have reported
#[derive(Serialize, ToSchema)]
struct RateBody {
    /// Units that are to report.
    expected: u32,
    /// Those that reported all measures for the whole period.
    complete: u32,
    /// Those of them that did so by the last day.
    in_time: u32,
    /// Those whose figures were handed in, or came further.
    handed_in: u32,
    /// Those whose figures are locked.
    locked: u32,
}

/// What a unit has done
#[derive(Serialize, ToSchema)]
struct ReportingBody {
    unit: UnitRef,
    /// `in_time`, `late`, `partly`, `nothing`.
    reporting: &'static str,
    /// When the last measure was recorded (RFC 3339).
    reported_at: Option<String>,
    /// `open`, `submitted`, `checked`, `approved`, `closed`.
    state: &'static str,
}

/// Who has reported a period
#[derive(Serialize, ToSchema)]
struct CompletenessBody {
    period: String,
    /// The last day on which a report is in time.
    #[schema(value_type = String, format = Date)]
    due: Day,
    /// The day whose map it stands on: the last day of the period.
    #[schema(value_type = String, format = Date)]
    map: Day,
    rate: RateBody,
    items: Vec<ReportingBody>,
    next: Option<String>,
}

/// Who has reported a period of a collection, and when, by the instants of the journal
#[utoipa::path(get, path = "/api/v1/collections/{code}/completeness", tag = "approvals",
    params(("code" = String, Path), CompletenessQuery),
    responses((status = 200, body = CompletenessBody), (status = 404, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn get_completeness(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<CompletenessQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let today = desk.clock().today();
    let scope = scope(&catalogue, &code, query.period.as_deref(), today)?;
    let found = completeness(&mut tx, (&catalogue, &territory), &scope, today).await?;
    let under = query.under.as_deref().filter(|code| !code.is_empty());
    let under = under.map(|code| get_by_code(&territory, code, scope.last())).transpose()?;
    let is_within = |unit: UnitId| {
        under.is_none_or(|under| territory.is_within(unit, under.unit, scope.last()))
    };
    let rows: Vec<_> = found.rows.into_iter().filter(|row| is_within(row.unit)).collect();
    let rate = rows.iter().fold(Rate::default(), |mut rate, row| {
        rate.add(row);
        rate
    });
    let after = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Cursor::decode::<i64>(cursor)?,
        None => i64::MIN,
    };
    let rest = rows.into_iter().filter(|row| row.unit.0 > after).take(PAGE_LIMIT + 1).collect();
    let page = Page::cut(rest, PAGE_LIMIT, |row| row.unit.0);
    let entries: Vec<i64> = page.items.iter().filter_map(|row| row.reporting.entry()).collect();
    let recordings = journal::recordings(&mut tx, &entries).await?;
    let page = page.map(|row| ReportingBody {
        unit: unit_ref(&territory, row.unit, scope.last()),
        reporting: match row.reporting {
            Reporting::InTime(_) => "in_time",
            Reporting::Late(_) => "late",
            Reporting::Partly => "partly",
            Reporting::Nothing => "nothing",
        },
        reported_at: row
            .reporting
            .entry()
            .and_then(|entry| Some(recordings.get(&entry)?.0.to_string())),
        state: row.state.as_str(),
    });
    let Rate { expected, whole, in_time, handed_in, locked, .. } = rate;
    let rate = RateBody { expected, complete: whole, in_time, handed_in, locked };
    json(
        &headers,
        &CompletenessBody {
            period: scope.period.code.clone(),
            due: scope.due(),
            map: scope.last(),
            rate,
            items: page.items,
            next: page.next,
        },
    )
}

/// A collection and its period; the last one that is over by default.
fn scope<'a>(
    catalogue: &'a Catalogue,
    code: &str,
    period: Option<&str>,
    today: Day,
) -> base::Result<Scope<'a>> {
    let given = period.filter(|period| !period.is_empty()).map(str::to_owned);
    let newest = || {
        let collection = catalogue.collection(code)?;
        Some(periods_of(catalogue, collection, today, 1).pop()?.code)
    };
    find_scope(catalogue, code, &given.or_else(newest).unwrap_or_default(), today)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ApprovalsQuery {
    /// The collection's code.
    collection: Option<String>,
    /// The period's code.
    period: Option<String>,
    /// Only sheets in this state: `open`, `submitted`, `checked`, `approved`, `closed`.
    state: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// A sheet: the figures of a unit for a period of a collection, as far as they have come
#[derive(Serialize, ToSchema)]
struct SheetBody {
    collection: String,
    period: String,
    unit: UnitRef,
    /// `open`, `submitted`, `checked`, `approved`, `closed`; the last two are locked.
    state: &'static str,
    /// Whether a unit below was opened again since.
    reopened_below: bool,
    /// The act that brought it there: `submit`, `check`, `approve`, `return`, `reopen`.
    action: &'static str,
    /// The unit on whose sheet that act was done.
    acted_on: UnitRef,
    reason: Option<String>,
    version: i64,
    /// Its entry in the journal.
    entry: i64,
    made_up: bool,
}

/// A page of sheets
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct SheetList {
    items: Vec<SheetBody>,
    next: Option<String>,
}

impl SheetBody {
    fn new(territory: &Territory, it: &approvals::Version) -> Self {
        Self {
            collection: it.collection.clone(),
            period: it.period.clone(),
            unit: unit_ref(territory, it.unit, it.last()),
            state: it.state.as_str(),
            reopened_below: it.reopened_below,
            action: it.action.as_str(),
            acted_on: unit_ref(territory, it.acted_on, it.last()),
            reason: it.reason.clone(),
            version: it.version,
            entry: it.entry,
            made_up: it.made_up,
        }
    }
}

/// Sheets that somebody has acted on, the last act first; needs sign-in
#[utoipa::path(get, path = "/api/v1/approvals", tag = "approvals", params(ApprovalsQuery),
    responses((status = 200, body = SheetList), (status = 401, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn list_approvals(
    State(desk): State<Desk>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(query): Query<ApprovalsQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let state = query.state.unwrap_or_default();
    if !state.is_empty() && approvals::State::find(&state).is_none() {
        return Err(Error::invalid("state", lang::approvals::bad_state).into());
    }
    let before = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Cursor::decode::<i64>(cursor)?,
        None => i64::MAX,
    };
    let (collection, period) =
        (query.collection.unwrap_or_default(), query.period.unwrap_or_default());
    let wanted = (collection.as_str(), period.as_str(), state.as_str());
    let limit = i64::try_from(PAGE_LIMIT).unwrap_or_default() + 1;
    let rows = list_latest(&mut tx, visitor.actor(), wanted, before, limit).await?;
    let page = Page::cut(rows, PAGE_LIMIT, |it| it.entry);
    json(&headers, &page.map(|it| SheetBody::new(&territory, &it)))
}

/// An act on a sheet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActBody {
    /// The collection's code.
    collection: String,
    /// The period's code.
    period: String,
    /// The unit's code on the last day of the period.
    unit: String,
    /// `submit`, `check`, `approve`, `return`, `reopen`.
    action: String,
    /// Why; needed to give back, to open again, and to go on although something is missing.
    #[serde(default)]
    reason: String,
}

/// What the act brought about.
#[derive(Serialize, ToSchema)]
struct DoneBody {
    /// So many sheets moved.
    moved: usize,
    /// So many of them were locked without having come all the way.
    closed: usize,
}

/// Hand in, check, approve, give back or open again; needs sign-in
///
/// An act on a unit above those that report moves the sheets below it too. What is missing is named
/// at `reason`; with a reason the act goes on without it.
#[utoipa::path(post, path = "/api/v1/approvals", tag = "approvals", request_body = ActBody,
    responses((status = 201, body = DoneBody), (status = 401, body = web::problem::Problem),
    (status = 404, body = web::problem::Problem), (status = 409, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn act(
    State(desk): State<Desk>,
    visitor: Visitor,
    Json(body): Json<ActBody>,
) -> ApiResult<Response> {
    let action = Action::find(&body.action);
    let action = action.ok_or_else(|| Error::invalid("action", lang::approvals::bad_action))?;
    let mut work = desk.begin().await?;
    let (catalogue, territory) = (work.catalogue.clone(), work.territory.clone());
    let today = desk.clock().today();
    let scope = find_scope(&catalogue, &body.collection, &body.period, today)?;
    let unit = get_by_code(&territory, &body.unit, scope.last())?.unit;
    let (tx, cx) = work.by(&desk, visitor.actor());
    let act = Act {
        collection: body.collection,
        period: scope.period.code.clone(),
        unit,
        action,
        reason: body.reason,
        made_up: false,
    };
    let done = approvals::act(tx, cx, Sight::of_visitor(Some(&visitor)), act).await?;
    work.tx.commit().await?;
    let body = DoneBody { moved: done.moved, closed: done.closed };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}
