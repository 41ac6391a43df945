//! Agencies, posts and what is lacking over HTTP: the same rows as the pages, by the same rights.

#![expect(unused_qualifications, reason = "utoipa's attribute names each extractor in full")]

use std::collections::BTreeMap;

use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::rights::{Act, Place};
use base::text::sort_key;
use base::{Cursor, Day, DayRange, Error, PAGE_LIMIT, Page, Result};
use serde::{Deserialize, Serialize};
use store::Tx;
use territory::{Atlas, Level, Territory, UnitId, UnitRef, get_by_code};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::export::json;
use web::{ApiResult, Asked, Path, Query};

use super::actions::{self, unit_of};
use super::chart::Chart;
use super::completeness::{Lack, completeness};
use super::model::{Agency, AgencyId, AgencyKind, AgencyVersion, Holding, Listed, Places, Post};
use super::store as sql;

/// The routes with their description.
pub fn api_routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Atlas: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_agencies))
        .routes(routes!(get_agency))
        .routes(routes!(list_posts))
        .routes(routes!(list_operations))
        .routes(routes!(get_completeness))
}

/// Reads a day of the query; today by default.
fn read_day(text: Option<&str>, today: Day) -> Result<Day> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(today),
        Some(text) => {
            let day = text.parse().ok().filter(|day| *day < Day::MAX);
            day.ok_or_else(|| Error::invalid("on", lang::error::bad_day))
        }
    }
}

/// The last day of a period, none while it is in force.
pub(crate) fn last_day(valid: DayRange) -> Option<Day> {
    (valid.to != Day::MAX).then(|| valid.last())
}

pub(crate) fn unit_ref(territory: &Territory, unit: UnitId, day: Day) -> UnitRef {
    let version = territory.at(unit, day).or_else(|| territory.unit(unit)?.last());
    let unknown = || UnitRef { id: unit.0, code: None, full_name: unit.to_string() };
    version.map_or_else(unknown, UnitRef::new)
}

/// Which agencies.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AgenciesQuery {
    /// The day; today by default.
    on: Option<String>,
    /// Only those that serve the unit with this code on that day.
    unit: Option<String>,
    /// Only those directly below the agency with this id; `none` for those with none above them.
    under: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// An agency in short
#[derive(Serialize, ToSchema)]
struct AgencyRef {
    id: String,
    name: String,
}

/// An agency on a day
#[derive(Serialize, ToSchema)]
struct AgencyBody {
    id: String,
    name: String,
    /// None where it has no other.
    short_name: Option<String>,
    /// As in the symbols of its documents on that day.
    symbol: String,
    /// `committee`, `department`, `board`, `office`, `division`, `centre`, `other`.
    kind: &'static str,
    /// The agency above it.
    parent: Option<AgencyRef>,
    /// The unit that it serves.
    unit: Option<UnitRef>,
    /// Whether it was made up to show the program.
    made_up: bool,
}

/// A page of agencies
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct AgencyList {
    items: Vec<AgencyBody>,
    next: Option<String>,
}

type Agencies = BTreeMap<AgencyId, Agency>;

fn agency_ref(agencies: &Agencies, id: AgencyId, day: Day) -> AgencyRef {
    let name = agencies.get(&id).map_or("", |it| it.name(day)).to_owned();
    AgencyRef { id: id.to_string(), name }
}

impl AgencyBody {
    fn new(territory: &Territory, agencies: &Agencies, it: &AgencyVersion, on: Day) -> Self {
        let facts = &it.facts;
        Self {
            id: it.id.to_string(),
            name: facts.name.clone(),
            short_name: Some(facts.short_name.clone()).filter(|name| !name.is_empty()),
            symbol: facts.symbol.clone(),
            kind: facts.kind.as_str(),
            parent: facts.parent.map(|id| agency_ref(agencies, id, on)),
            unit: facts.unit.map(|unit| unit_ref(territory, unit, on)),
            made_up: it.made_up,
        }
    }
}

fn find(agencies: &Agencies, id: &str) -> Result<AgencyId> {
    let nothing = || Error::not_found(lang::organisation::no_agency);
    let id: AgencyId = id.parse().map_err(|_| nothing())?;
    agencies.contains_key(&id).then_some(id).ok_or_else(nothing)
}

/// The agencies of a day, by kind and name
#[utoipa::path(get, path = "/api/v1/agencies", tag = "organisation", params(AgenciesQuery),
    responses((status = 200, body = AgencyList), (status = 404, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn list_agencies(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Query(query): Query<AgenciesQuery>,
) -> ApiResult<Response> {
    let mut tx = atlas.database().read().await?;
    let territory = atlas.territory(&mut tx).await?;
    let on = read_day(query.on.as_deref(), atlas.clock().today())?;
    let agencies = sql::agencies(&mut tx).await?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let unit = given(&query.unit).map(|code| get_by_code(&territory, &code, on)).transpose()?;
    let under = match given(&query.under).as_deref() {
        None => None,
        Some("none") => Some(None),
        Some(id) => Some(Some(find(&agencies, id)?)),
    };
    let is_there = |id: AgencyId| agencies.get(&id).is_some_and(|it| it.at(on).is_some());
    let fits = |it: &&AgencyVersion| {
        let above = it.facts.parent.filter(|id| is_there(*id));
        unit.is_none_or(|unit| it.facts.unit == Some(unit.unit))
            && under.is_none_or(|under| above == under)
    };
    let mut found: Vec<&AgencyVersion> =
        agencies.values().filter_map(|it| it.at(on)).filter(fits).collect();
    found.sort_by_cached_key(|it| {
        let kind = AgencyKind::ALL.iter().position(|kind| *kind == it.facts.kind);
        (kind, sort_key(&it.facts.name), it.id)
    });
    let first = match given(&query.cursor) {
        None => 0,
        Some(cursor) => {
            let last: String = Cursor::decode(&cursor)?;
            let at = found.iter().position(|it| it.id.to_string() == last);
            at.ok_or_else(|| Error::invalid("cursor", lang::error::bad_cursor))? + 1
        }
    };
    let rest = found.into_iter().skip(first).take(PAGE_LIMIT + 1).collect();
    let page = Page::cut(rest, PAGE_LIMIT, |it: &&AgencyVersion| it.id.to_string());
    json(&headers, &page.map(|it| AgencyBody::new(&territory, &agencies, it, on)))
}

/// The day of a question about one agency.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OnQuery {
    /// The day; today by default.
    on: Option<String>,
}

/// One change in the life of an agency
#[derive(Serialize, ToSchema)]
struct EventBody {
    /// `established`, `changed` or `ended`.
    event: &'static str,
    /// From which day.
    #[schema(value_type = String, format = Date)]
    on: Day,
    name: String,
    symbol: String,
    /// Of one that ended, the agency that took over.
    successor: Option<AgencyRef>,
    /// The document that decided it.
    decision: String,
    /// Its entry in the journal.
    entry: i64,
}

/// An agency with its life
#[derive(Serialize, ToSchema)]
struct LineageBody {
    id: String,
    /// What is said of it on the day; none before it began and after it ended.
    now: Option<AgencyBody>,
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// Its last day; none while it goes on.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    history: Vec<EventBody>,
    /// The agencies that it took over.
    took_over: Vec<AgencyRef>,
}

/// An agency with its life, and what it took over
#[utoipa::path(get, path = "/api/v1/agencies/{id}", tag = "organisation",
    params(("id" = String, Path), OnQuery), responses((status = 200, body = LineageBody),
    (status = 404, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
async fn get_agency(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(query): Query<OnQuery>,
) -> ApiResult<Response> {
    let mut tx = atlas.database().read().await?;
    let territory = atlas.territory(&mut tx).await?;
    let on = read_day(query.on.as_deref(), atlas.clock().today())?;
    let agencies = sql::agencies(&mut tx).await?;
    let id = find(&agencies, &id)?;
    let agency =
        agencies.get(&id).ok_or_else(|| Error::not_found(lang::organisation::no_agency))?;
    let valid = agency.valid();
    let event = |it: &AgencyVersion| EventBody {
        event: it.event.as_str(),
        on: it.on,
        name: it.facts.name.clone(),
        symbol: it.facts.symbol.clone(),
        successor: it.successor.map(|id| agency_ref(&agencies, id, it.on)),
        decision: it.decision.clone(),
        entry: it.entry,
    };
    let into_this = |it: &&Agency| it.last().is_some_and(|it| it.successor == Some(id));
    let took_over = agencies.values().filter(into_this);
    let body = LineageBody {
        id: id.to_string(),
        now: agency.at(on).map(|it| AgencyBody::new(&territory, &agencies, it, on)),
        from: valid.from,
        to: last_day(valid),
        history: agency.versions.iter().map(event).collect(),
        took_over: took_over.map(|it| agency_ref(&agencies, it.id, it.valid().last())).collect(),
    };
    json(&headers, &body)
}

/// Who holds a post. How officials are reached is not told here: that asks for a purpose.
#[derive(Serialize, ToSchema)]
struct HolderBody {
    name: String,
    /// `appointed`, `acting`, `in_charge`.
    manner: &'static str,
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// The last day; none while it is not known.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    made_up: bool,
}

/// A post on a day
#[derive(Serialize, ToSchema)]
struct PostBody {
    id: String,
    title: String,
    /// As it stands under a document.
    signs_as: String,
    /// Whether whoever holds it leads the agency.
    leads: bool,
    /// The order of signatures; 1 comes first.
    rank: i64,
    /// Whether one person at a time holds it.
    single: bool,
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// The last day; none while there is such a post.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// Empty while it is vacant.
    holders: Vec<HolderBody>,
    made_up: bool,
}

/// The posts of an agency
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct PostList {
    items: Vec<PostBody>,
    next: Option<String>,
}

impl PostBody {
    fn new(chart: &Chart, post: &Post, on: Day) -> Self {
        let holder = |it: &Holding| HolderBody {
            name: chart.name(it.person).to_owned(),
            manner: it.manner.as_str(),
            from: it.valid.from,
            to: last_day(it.valid),
            made_up: it.made_up,
        };
        Self {
            id: post.id.to_string(),
            title: post.title.clone(),
            signs_as: post.signs_as.clone(),
            leads: post.leads,
            rank: post.rank,
            single: post.places == Places::One,
            from: post.valid.from,
            to: last_day(post.valid),
            holders: chart.who_held(post.id, on).into_iter().map(holder).collect(),
            made_up: post.made_up,
        }
    }
}

/// What somebody may see of an agency's posts: all of them for whoever works on it, those that lead for
/// everybody.
pub(super) async fn visible_chart(
    tx: &mut Tx,
    asked: &Asked,
    (id, unit): (AgencyId, Option<i64>),
) -> Result<(Chart, bool)> {
    let may = |act| asked.actor().may(act, Place { unit, maker: None });
    let inside = [Act::ReadPeople, Act::Appoint, Act::ChangeAgencies].into_iter().any(may);
    let chart = match inside {
        true => sql::chart(tx, &[id]).await?,
        false => sql::heads(tx, &[id]).await?,
    };
    Ok((chart, inside))
}

/// The posts of an agency on a day with who holds them: those that lead for everybody, all for whoever
/// works on the agency
#[utoipa::path(get, path = "/api/v1/agencies/{id}/posts", tag = "organisation",
    params(("id" = String, Path), OnQuery), responses((status = 200, body = PostList),
    (status = 404, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
async fn list_posts(
    State(atlas): State<Atlas>,
    asked: Asked,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(query): Query<OnQuery>,
) -> ApiResult<Response> {
    let mut tx = atlas.database().read().await?;
    let today = atlas.clock().today();
    let on = read_day(query.on.as_deref(), today)?;
    let agencies = sql::agencies(&mut tx).await?;
    let id = find(&agencies, &id)?;
    let (chart, _) = visible_chart(&mut tx, &asked, (id, unit_of(&agencies, id, today))).await?;
    let items = chart.posts_of(id, on).into_iter();
    let items = items.map(|post| PostBody::new(&chart, post, on)).collect();
    json(&headers, &Page { items, next: None })
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Where the page begins.
    cursor: Option<String>,
}

/// A reorganisation that was carried out
#[derive(Serialize, ToSchema)]
struct OperationBody {
    id: String,
    /// `establish`, `committees`, `merge`, `change`, `end`.
    kind: &'static str,
    /// The agency that began, took over, changed or ended, with its name by it.
    agency: AgencyRef,
    /// The day from which it holds.
    #[schema(value_type = String, format = Date)]
    on: Day,
    /// The document.
    decision: String,
    /// So many records it wrote.
    records: i64,
    /// When it was carried out (RFC 3339).
    applied_at: String,
    applied_by: String,
    /// When it was taken back; none while it stands.
    undone_at: Option<String>,
    undone_by: Option<String>,
    /// By which document it was taken back.
    undone_decision: Option<String>,
    /// Its entry in the journal.
    entry: i64,
    made_up: bool,
}

/// A page of reorganisations
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct OperationList {
    items: Vec<OperationBody>,
    next: Option<String>,
}

impl From<Listed> for OperationBody {
    fn from(it: Listed) -> Self {
        let operation = it.operation;
        let (undone_at, undone_by, undone_decision) = match it.undone {
            Some((at, by, decision)) => (Some(at.to_string()), Some(by), Some(decision)),
            None => (None, None, None),
        };
        Self {
            id: operation.id.to_string(),
            kind: operation.kind.as_str(),
            agency: AgencyRef { id: operation.agency.to_string(), name: operation.name },
            on: operation.on,
            decision: operation.decision,
            records: operation.records,
            applied_at: it.at.to_string(),
            applied_by: it.by,
            undone_at,
            undone_by,
            undone_decision,
            entry: operation.entry,
            made_up: operation.made_up,
        }
    }
}

/// Reorganisations of agencies, the last first, also those taken back; needs sign-in
#[utoipa::path(get, path = "/api/v1/agency-operations", tag = "organisation", params(PageQuery),
    responses((status = 200, body = OperationList), (status = 401, body = web::problem::Problem),
    (status = 403, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
async fn list_operations(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    let mut tx = atlas.database().read().await?;
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let page = actions::operations(&mut tx, cursor).await?;
    json(&headers, &page.map(OperationBody::from))
}

/// Which units.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LackingQuery {
    /// The day; today by default.
    on: Option<String>,
    /// Only units of this level: `province`, `district`, `commune`.
    level: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// What a unit has not supplied
#[derive(Serialize, ToSchema)]
struct LackingBody {
    unit: UnitRef,
    /// `province`, `district`, `commune`.
    level: &'static str,
    /// What it lacks first: `agency`, `head`, `account`; none where it lacks nothing.
    lacks: Option<&'static str>,
}

/// A page of units
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct LackingList {
    items: Vec<LackingBody>,
    next: Option<String>,
}

const fn lack_word(lack: Lack) -> &'static str {
    match lack {
        Lack::Agency => "agency",
        Lack::Head => "head",
        Lack::Account => "account",
    }
}

/// Which units have supplied their agencies, heads and accounts, from the top down; needs sign-in
#[utoipa::path(get, path = "/api/v1/organisation/completeness", tag = "organisation",
    params(LackingQuery), responses((status = 200, body = LackingList),
    (status = 401, body = web::problem::Problem), (status = 403, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn get_completeness(
    State(atlas): State<Atlas>,
    headers: HeaderMap,
    Query(query): Query<LackingQuery>,
) -> ApiResult<Response> {
    let mut tx = atlas.database().read().await?;
    let territory = atlas.territory(&mut tx).await?;
    let on = read_day(query.on.as_deref(), atlas.clock().today())?;
    let wanted = match query.level.as_deref().filter(|level| !level.is_empty()) {
        None => None,
        Some(word) => {
            let level = Level::find(word).filter(|level| *level != Level::Hamlet);
            Some(level.ok_or_else(|| Error::invalid("level", lang::packs::bad_level))?)
        }
    };
    let agencies = sql::agencies(&mut tx).await?;
    let (heads, accounts) = sql::supplied(&mut tx, on).await?;
    let mut rows = Vec::new();
    for level in completeness(&territory, &agencies, (&heads, &accounts), on) {
        if wanted.is_some_and(|wanted| wanted != level.level) {
            continue;
        }
        let lacks: BTreeMap<UnitId, Lack> = level
            .lacking
            .iter()
            .flat_map(|(lack, units)| units.iter().map(|unit| (*unit, *lack)))
            .collect();
        let units = territory.under(None, on, level.level);
        rows.extend(units.iter().map(|it| (level.level, it.unit, lacks.get(&it.unit).copied())));
    }
    let first = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => {
            let last: i64 = Cursor::decode(cursor)?;
            let at = rows.iter().position(|(_, unit, _)| unit.0 == last);
            at.ok_or_else(|| Error::invalid("cursor", lang::error::bad_cursor))? + 1
        }
    };
    let rest = rows.into_iter().skip(first).take(PAGE_LIMIT + 1).collect();
    let page = Page::cut(rest, PAGE_LIMIT, |(_, unit, _)| unit.0);
    json(
        &headers,
        &page.map(|(level, unit, lack)| LackingBody {
            unit: unit_ref(&territory, unit, on),
            level: level.as_str(),
            lacks: lack.map(lack_word),
        }),
    )
}
