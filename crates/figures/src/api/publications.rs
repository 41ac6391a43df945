//! Forms of reports and publications over HTTP.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Cursor, Day, Page};
use packs::Report;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Asked, Path, Query};

use super::json;
use crate::Desk;
use crate::pages::{View, filling};
use crate::publications::{self, Asked as Answered, Change, Publication, changed_since};
use crate::reports::{Cell, Sheet, fill, find_report};

/// So many forms stand on a page.
const FORMS_A_PAGE: usize = 100;
/// Each publication is compared with today, so that a page has only so many.
const PUBLICATIONS_A_PAGE: usize = 20;

/// The routes with their description.
pub(super) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: axum::extract::FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_reports))
        .routes(routes!(fill_report))
        .routes(routes!(list_publications))
        .routes(routes!(get_publication))
}

/// A form of reports
#[derive(Serialize, ToSchema)]
struct ReportBody {
    code: String,
    /// Its number among forms.
    form: String,
    title: String,
    /// The document that prescribes it; null for a form of our own.
    document: Option<String>,
    /// `month`, `quarter`, `half_year`, `nine_months`, `year`.
    #[schema(value_type = String)]
    every: packs::PeriodKind,
    /// The code of the calendar of its periods.
    calendar: String,
    /// The codes of its indicators.
    indicators: Vec<String>,
}

impl ReportBody {
    fn new(asked: &Asked, it: &Report) -> Self {
        let mut indicators: Vec<String> = it.indicators().map(str::to_owned).collect();
        indicators.sort_unstable();
        indicators.dedup();
        Self {
            code: it.code.clone(),
            form: it.form.clone(),
            title: it.title.say(asked.lang).to_owned(),
            document: it.document.as_ref().map(|document| document.say(asked.lang).to_owned()),
            every: it.every,
            calendar: it.calendar.clone(),
            indicators,
        }
    }
}

/// A page of them
#[derive(Serialize, ToSchema)]
struct ReportList {
    /// The forms, in the order of the packs.
    items: Vec<ReportBody>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// Where a page begins.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Where the page begins.
    cursor: Option<String>,
}

/// The forms of reports in force
#[utoipa::path(get, path = "/api/v1/reports", tag = "publications", params(ListQuery),
    responses((status = 200, body = ReportList), (status = 422, body = web::problem::Problem)))]
async fn list_reports(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let first = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Cursor::decode::<u32>(cursor)?,
        None => 0,
    };
    let all = catalogue.reports().into_iter().zip(0_u32..);
    let rest = all.filter(|(_, at)| *at >= first).take(FORMS_A_PAGE + 1).collect();
    let page = Page::cut(rest, FORMS_A_PAGE, |(_, at)| at + 1);
    let Page { items, next } = page.map(|(report, _)| ReportBody::new(&asked, report));
    json(&headers, &ReportList { items, next })
}

/// What a form is filled with.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FillQuery {
    /// One of its periods.
    period: String,
    /// The day whose map the figures stand on; today by default.
    map: Option<String>,
    /// Only what was recorded by this day or this instant (RFC 3339), which may not lie in the
    /// future.
    known: Option<String>,
}

/// A form filled now: what a publication of it would freeze
#[utoipa::path(get, path = "/api/v1/reports/{code}", tag = "publications",
    params(("code" = String, Path, description = "The form's code."), FillQuery),
    responses((status = 200, body = Object), (status = 404, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn fill_report(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<FillQuery>,
) -> ApiResult<Response> {
    let (map, known) = (query.map.as_deref(), query.known.as_deref());
    let mut view = View::open(&desk, &asked, map, known).await?;
    let catalogue = view.catalogue.clone();
    let report = find_report(&catalogue, &code)?;
    let period = view.period(&query.period)?;
    let filling = filling(&mut view, report, &period).await?;
    let sheet: Sheet = fill(&mut view.tx, &desk.atlas, &catalogue, &filling).await?;
    json(&headers, &sheet)
}

/// A publication, as a list shows it
#[derive(Serialize, ToSchema)]
struct HeadBody {
    id: String,
    /// Its name in addresses.
    name: String,
    number: String,
    title: String,
    /// The code of the form.
    report: String,
    /// The code of the period.
    period: String,
    /// The day whose map the figures stand on.
    #[schema(value_type = String, format = Date)]
    map: Day,
    /// Only what was recorded by then counts.
    #[schema(format = DateTime)]
    cut_off: String,
    signer: String,
    post: String,
    /// The day on it.
    #[schema(value_type = String, format = Date)]
    on: Day,
    /// `stands`, `withdrawn`, `replaced`.
    state: &'static str,
    /// How many of its numbers are others today.
    changed: usize,
    /// The number of its entry in the journal.
    entry: i64,
}

impl HeadBody {
    fn new(it: &Publication, changed: usize) -> Self {
        let (issue, sheet) = (&it.body.issue, &it.body.sheet);
        Self {
            id: it.id.clone(),
            name: it.slug.clone(),
            number: issue.number.clone(),
            title: sheet.title.clone(),
            report: sheet.report.clone(),
            period: sheet.period.code.clone(),
            map: sheet.map,
            cut_off: sheet.cut_off.to_string(),
            signer: issue.signer.name.clone(),
            post: issue.signer.post.clone(),
            on: issue.on,
            state: match &it.ended {
                None => "stands",
                Some(ended) if ended.replaced_by.is_some() => "replaced",
                Some(_) => "withdrawn",
            },
            changed,
            entry: it.entry,
        }
    }
}

/// A page of them
#[derive(Serialize, ToSchema)]
struct PublicationList {
    /// The newest first.
    items: Vec<HeadBody>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// Publications, the newest first
#[utoipa::path(get, path = "/api/v1/publications", tag = "publications", params(ListQuery),
    responses((status = 200, body = PublicationList),
    (status = 422, body = web::problem::Problem)))]
async fn list_publications(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let page = publications::list(&mut tx, cursor, PUBLICATIONS_A_PAGE).await?;
    let mut answered = Answered::new();
    let mut items = Vec::new();
    for it in &page.items {
        let changes = changed_since(&mut tx, &desk.atlas, &catalogue, it, &mut answered).await?;
        items.push(HeadBody::new(it, changes.len()));
    }
    json(&headers, &PublicationList { items, next: page.next })
}

/// A publication with what was frozen, its files, its end, and what has changed since
#[derive(Serialize, ToSchema)]
struct PublicationBody {
    #[serde(flatten)]
    head: HeadBody,
    /// What was frozen; the same as its file of the kind JSON.
    #[schema(value_type = Object)]
    body: publications::Body,
    files: Vec<FileBody>,
    /// Why it ended; null while it stands.
    reason: Option<String>,
    /// The id of the one that took its place.
    replaced_by: Option<String>,
    /// The numbers that are others today.
    changes: Vec<ChangeBody>,
}

/// A file of a publication
#[derive(Serialize, ToSchema)]
struct FileBody {
    /// `csv`, `json`, `xlsx`.
    kind: &'static str,
    /// Its address.
    address: String,
    /// SHA-256 of its bytes, in hexadecimal; the content hash of its entry.
    sha256: String,
    /// The number of its entry in the journal.
    entry: i64,
}

/// A number that is another today
#[derive(Serialize, ToSchema)]
struct ChangeBody {
    /// The place of its row, from 0 …
    row: usize,
    /// … and of its column.
    column: usize,
    /// The code of the indicator.
    indicator: String,
    frozen: NumbersBody,
    /// Today; null where the indicator is no longer declared.
    now: Option<NumbersBody>,
    /// The numbers of the newest entries that changed it.
    entries: Vec<i64>,
}

/// A figure with its parts
#[derive(Serialize, ToSchema)]
struct NumbersBody {
    /// As a whole number of its last decimal.
    value: Option<i64>,
    decimals: u32,
    numerator: Option<i64>,
    denominator: Option<i64>,
}

impl From<&Cell> for NumbersBody {
    fn from(cell: &Cell) -> Self {
        Self {
            value: cell.value,
            decimals: cell.decimals,
            numerator: cell.numerator,
            denominator: cell.denominator,
        }
    }
}

impl From<&Change> for ChangeBody {
    fn from(change: &Change) -> Self {
        let mut entries: Vec<i64> = change.entries.iter().map(|row| row.entry).collect();
        entries.dedup();
        Self {
            row: change.row,
            column: change.column,
            indicator: change.indicator.clone(),
            frozen: (&change.frozen).into(),
            now: change.now.as_ref().map(NumbersBody::from),
            entries,
        }
    }
}

/// A publication as it was frozen, and what has changed since
#[utoipa::path(get, path = "/api/v1/publications/{id}", tag = "publications",
    params(("id" = String, Path, description = "Its id, or its name in addresses.")),
    responses((status = 200, body = PublicationBody),
    (status = 404, body = web::problem::Problem)))]
async fn get_publication(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let it = publications::find(&mut tx, &id).await?;
    let mut answered = Answered::new();
    let changes = changed_since(&mut tx, &desk.atlas, &catalogue, &it, &mut answered).await?;
    let file = |file: &publications::Rendering| FileBody {
        kind: file.kind.ending(),
        address: format!("/publications/{}.{}", it.slug, file.kind.ending()),
        sha256: file.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        entry: file.entry,
    };
    json(
        &headers,
        &PublicationBody {
            head: HeadBody::new(&it, changes.len()),
            files: it.files.iter().map(file).collect(),
            reason: it.ended.as_ref().map(|ended| ended.reason.clone()),
            replaced_by: it.ended.as_ref().and_then(|ended| ended.replaced_by.clone()),
            changes: changes.iter().map(ChangeBody::from).collect(),
            body: it.body,
        },
    )
}
