//! What the territory rests on, over HTTP: `/api/v1/acts`, `/api/v1/operations`.

use std::collections::{BTreeMap, HashMap};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Cursor, Day, Error, Moment, PAGE_LIMIT, Page, Result};
use lang::Lang;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::export::json;
use web::{ApiResult, Asked, Query};

use super::Asking;
use super::body::ActBody;
use crate::pages::{effective_day, say_operation};
use crate::{Act, Atlas, ChangeKind, Operation, Territory, operations};

/// The acts, the latest first. Those whose days are not known come last.
pub(crate) fn acts_latest_first(territory: &Territory) -> Vec<&Act> {
    let mut acts: Vec<&Act> = territory.acts().iter().collect();
    acts.sort_by_key(|act| std::cmp::Reverse((act.effective_on, act.adopted_on, act.id)));
    acts
}

/// The place behind an act in a list, where the next page of it begins.
///
/// Errors: `Invalid` at `cursor` when it names no act of the list.
pub(crate) fn place_after_act(acts: &[&Act], cursor: &str) -> Result<usize> {
    if cursor.is_empty() {
        return Ok(0);
    }
    let id: i64 = Cursor::decode(cursor)?;
    let at = acts.iter().position(|act| act.id == id);
    at.map(|at| at + 1).ok_or_else(|| Error::invalid("cursor", lang::error::bad_cursor))
}

/// How many changes of a kind an act made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    pub(crate) count: i64,
    /// How many of them are of units that were made up.
    pub(crate) made_up: i64,
}

/// What each act did, by the act's id: the changes of each kind, in the order of the kinds.
pub(crate) fn changes_by_act(territory: &Territory) -> HashMap<i64, BTreeMap<usize, Done>> {
    let mut done: HashMap<i64, BTreeMap<usize, Done>> = HashMap::new();
    for change in territory.changes() {
        let kind = ChangeKind::ALL.iter().position(|kind| *kind == change.kind);
        if let (Some(act), Some(kind)) = (change.act, kind) {
            let units = [change.from, change.to].into_iter().flatten();
            let mut units = units.filter_map(|unit| territory.unit(unit));
            let done = done.entry(act).or_default().entry(kind).or_default();
            done.count += 1;
            done.made_up += i64::from(units.any(|unit| unit.made_up));
        }
    }
    done
}

/// A legal act with what it did.
#[derive(Debug, Serialize, ToSchema)]
struct ActDone {
    #[serde(flatten)]
    act: ActBody,
    /// How many changes of units are recorded under it, by kind; who became whom stands in the
    /// history of each unit.
    changes: Vec<ChangeCount>,
}

/// How many changes of a kind.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeCount {
    /// `merge`, `partial_transfer`, `split`, `rename`, `change_of_kind`, `reparent`,
    /// `end_of_level`, `establish`, `dissolve`, `code_reissue` or `unchanged`.
    kind: &'static str,
    /// How many in all.
    count: i64,
    /// How many of them are of units that were made up for the demonstration.
    made_up: i64,
}

/// A page of acts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(super) struct ActList {
    items: Vec<ActDone>,
    next: Option<String>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Where the page begins.
    cursor: Option<String>,
}

/// The legal acts by which units changed, the latest first, each with its source and what it did
#[utoipa::path(get, path = "/api/v1/acts", tag = "sources", params(PageQuery),
    responses((status = 200, body = ActList), (status = 422, body = web::problem::Problem)))]
pub(super) async fn list_acts(
    Query(query): Query<PageQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let territory = &asking.sheet.territory;
    let acts = acts_latest_first(territory);
    let first = place_after_act(&acts, query.cursor.as_deref().unwrap_or_default())?;
    let mut done = changes_by_act(territory);
    let rows = acts.into_iter().skip(first).take(PAGE_LIMIT + 1).collect();
    let page = Page::cut(rows, PAGE_LIMIT, |act| act.id);
    asking.answer(&page.map(|act| {
        let counts = done.remove(&act.id).unwrap_or_default().into_iter();
        let count = |(kind, Done { count, made_up }): (usize, Done)| {
            let kind = ChangeKind::ALL[kind].as_str();
            ChangeCount { kind, count, made_up }
        };
        ActDone { act: ActBody::new(act), changes: counts.map(count).collect() }
    }))
}

/// A merger or import that was carried out.
#[derive(Debug, Serialize, ToSchema)]
struct OperationBody {
    id: String,
    /// `merger` or `import`.
    kind: String,
    /// What it was, in words.
    what: String,
    /// The day from which it holds.
    #[schema(value_type = String, format = Date)]
    effective_on: Day,
    /// When it was carried out.
    #[schema(value_type = String, format = DateTime)]
    applied_at: Moment,
    /// When it was taken back; none while it stands.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<Moment>,
}

impl OperationBody {
    fn new(lang: Lang, operation: &Operation) -> Self {
        Self {
            id: operation.id.clone(),
            kind: operation.kind.clone(),
            what: say_operation(lang, operation),
            effective_on: effective_day(operation),
            applied_at: Moment(operation.applied_at),
            undone_at: operation.undone_at.map(Moment),
        }
    }
}

/// The operations.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(super) struct OperationList {
    items: Vec<OperationBody>,
    next: Option<String>,
}

/// The mergers and imports that were carried out, the newest first, also those taken back
#[utoipa::path(get, path = "/api/v1/operations", tag = "sources", params(PageQuery),
    responses((status = 200, body = OperationList), (status = 422, body = web::problem::Problem)))]
pub(super) async fn list_operations(
    State(atlas): State<Atlas>,
    asked: Asked,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = atlas.database().read().await?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let page = operations::list_operations(&mut tx, cursor).await?;
    json(&headers, &page.map(|operation| OperationBody::new(asked.lang, &operation)))
}
