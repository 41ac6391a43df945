//! Roles for everybody, one's own rights, and who has which role, over HTTP.

#![expect(unused_qualifications, reason = "utoipa's attribute names each extractor in full")]

use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base::rights::{Act, Place};
use base::{Cursor, Day, Error, PAGE_LIMIT, Page, Result};
use lang::Lang;
use serde::{Deserialize, Serialize};
use territory::{Territory, UnitRef};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::export::json;
use web::{ApiResult, Asked, Json, Path, Query, Visitor};

use super::pages::{Question, Sent};
use super::{Given, Grant, Role, Standing, given_on};
use crate::Access;
use crate::guard::{COOKIE, cookie};
use crate::organisation::api::{last_day, unit_ref};
use crate::organisation::{
    Assignment, AssignmentId, Bearer, Context, assign, end_assignment, store as sql,
};

/// The routes with their description.
pub fn api_routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_roles))
        .routes(routes!(get_role))
        .routes(routes!(list_rights))
        .routes(routes!(why))
        .routes(routes!(list_assignments, give))
        .routes(routes!(end))
        .routes(routes!(list_accounts))
}

/// One line of a role
#[derive(Serialize, ToSchema)]
struct GrantBody {
    /// What may be done, `observation.report`.
    acts: Vec<String>,
    /// `own`, `unit`, `subtree`, `province`.
    reach: &'static str,
    /// The highest class of data that it opens: `internal`, `personal`, `sensitive`.
    data: String,
    /// For what personal data may be looked at.
    purposes: Vec<String>,
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// The last day; none while it is in force.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// The document that gives the power.
    document: String,
}

/// A role
#[derive(Serialize, ToSchema)]
struct RoleBody {
    code: String,
    name: String,
    about: String,
    /// Whether whoever has it proves more than a password.
    second_factor: bool,
    grants: Vec<GrantBody>,
}

/// All roles
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct RoleList {
    items: Vec<RoleBody>,
    next: Option<String>,
}

impl RoleBody {
    fn new(lang: Lang, role: &Role) -> Self {
        let grant = |it: &Grant| GrantBody {
            acts: it.acts.clone(),
            reach: it.reach.as_str(),
            data: it.data.clone(),
            purposes: it.purposes.clone(),
            from: it.valid().from,
            to: last_day(it.valid()),
            document: it.document.say(lang).to_owned(),
        };
        Self {
            code: role.code.clone(),
            name: role.name.say(lang).to_owned(),
            about: role.about.say(lang).to_owned(),
            second_factor: role.wants_second_factor(),
            grants: role.grants.iter().map(grant).collect(),
        }
    }
}

/// The roles with their grants
#[utoipa::path(get, path = "/api/v1/roles", tag = "rights",
    responses((status = 200, body = RoleList)))]
async fn list_roles(
    State(access): State<Access>,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = access.database().read().await?;
    let rules = access.book().rules(&mut tx).await?;
    let items = rules.roles.iter().map(|role| RoleBody::new(asked.lang, role)).collect();
    json(&headers, &Page { items, next: None })
}

/// One role with its grants
#[utoipa::path(get, path = "/api/v1/roles/{code}", tag = "rights",
    params(("code" = String, Path)), responses((status = 200, body = RoleBody),
    (status = 404, body = web::problem::Problem)))]
async fn get_role(
    State(access): State<Access>,
    asked: Asked,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> ApiResult<Response> {
    let mut tx = access.database().read().await?;
    let rules = access.book().rules(&mut tx).await?;
    let role = rules.role(&code).ok_or_else(|| Error::not_found(lang::rights::no_role))?;
    json(&headers, &RoleBody::new(asked.lang, role))
}

/// One line of what was given to somebody
#[derive(Serialize, ToSchema)]
struct RightBody {
    /// What may be done.
    act: &'static str,
    /// `own`, `unit`, `subtree`, `province`.
    reach: &'static str,
    /// From which unit on, where the reach asks for one.
    unit: Option<UnitRef>,
    /// The code of the role.
    role: String,
    /// The title of the post by which it is had; none where the account itself has it.
    post: Option<String>,
    /// For what personal data may be looked at.
    purposes: Vec<String>,
    #[schema(value_type = String, format = Date)]
    from: Day,
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// The document that gives the power to the role.
    document: String,
    /// The document that gave the role.
    decision: String,
    /// `in_force`, or why it does not count: `awaits_factor`, `not_held`, `not_assigned`,
    /// `not_granted`, `no_unit`.
    standing: &'static str,
}

/// What somebody was given
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct RightList {
    items: Vec<RightBody>,
    next: Option<String>,
}

impl RightBody {
    fn new(lang: Lang, (territory, today): (&Territory, Day), it: Given) -> Self {
        Self {
            act: it.act.as_str(),
            reach: it.reach.as_str(),
            unit: it.root.map(|unit| unit_ref(territory, unit, today)),
            role: it.role,
            post: it.post.map(|post| post.title),
            purposes: it.purposes,
            from: it.valid.from,
            to: last_day(it.valid),
            document: it.document.say(lang).to_owned(),
            decision: it.decision,
            standing: match it.standing {
                Standing::InForce => "in_force",
                Standing::AwaitsFactor => "awaits_factor",
                Standing::NotHeld => "not_held",
                Standing::NotAssigned => "not_assigned",
                Standing::NotGranted => "not_granted",
                Standing::NoUnit => "no_unit",
            },
        }
    }
}

/// What I may do, and what was given to me that does not count now; needs sign-in
#[utoipa::path(get, path = "/api/v1/rights", tag = "rights",
    responses((status = 200, body = RightList), (status = 401, body = web::problem::Problem)))]
async fn list_rights(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let account = access.account(&visitor.name).await?.id;
    let is_strong = access.is_strong(cookie(&headers, COOKIE).unwrap_or_default()).await?;
    let mut tx = access.database().read().await?;
    let today = access.clock().today();
    let territory = access.atlas().territory(&mut tx).await?;
    let given = given_on(&mut tx, access.book(), (&account, is_strong), today).await?;
    let with = (&*territory, today);
    let items = given.into_iter().map(|it| RightBody::new(asked.lang, with, it)).collect();
    json(&headers, &Page { items, next: None })
}

/// What is asked.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhyQuery {
    /// What is to be done, `observation.report`.
    act: String,
    /// For the unit with this code; for the province as a whole by default.
    unit: Option<String>,
    /// Whose right; one's own by default. Others' are for whoever gives roles.
    account: Option<String>,
}

/// Yes or no, and every line that bears on it
#[derive(Serialize, ToSchema)]
struct WhyBody {
    act: &'static str,
    unit: Option<UnitRef>,
    may: bool,
    lines: Vec<RightBody>,
}

/// Why somebody may do something in a place, or why not; needs sign-in
#[utoipa::path(get, path = "/api/v1/rights/why", tag = "rights", params(WhyQuery),
    responses((status = 200, body = WhyBody), (status = 401, body = web::problem::Problem),
    (status = 403, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
async fn why(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    headers: HeaderMap,
    Query(query): Query<WhyQuery>,
) -> ApiResult<Response> {
    let name = query.account.filter(|name| !name.is_empty()).unwrap_or(visitor.name.clone());
    let is_own = name == visitor.name;
    if !is_own {
        visitor.actor().check(Act::AssignRights, Place::PROVINCE)?;
    }
    let is_strong =
        is_own && access.is_strong(cookie(&headers, COOKIE).unwrap_or_default()).await?;
    let mut tx = access.database().read().await?;
    let account = crate::store::find_account(&mut tx, &name).await?;
    let wrong = || Error::invalid("account", lang::organisation::choose_again);
    let account = account.ok_or_else(wrong)?.id;
    let (act, unit) = (query.act, query.unit.unwrap_or_default());
    let question = Question { account: name.clone(), act, unit };
    let answer = question.answer(&mut tx, &access, (&name, &account, is_strong)).await?;
    let wrong = || Error::invalid("act", lang::organisation::choose_again);
    let answer = answer.ok_or_else(wrong)?;
    let today = access.clock().today();
    let territory = access.atlas().territory(&mut tx).await?;
    let line = |it: Given| RightBody::new(asked.lang, (&territory, today), it);
    let body = WhyBody {
        act: answer.act.as_str(),
        unit: answer.unit.map(|(unit, _)| unit_ref(&territory, unit, today)),
        may: answer.is_yes,
        lines: answer.lines.into_iter().map(line).collect(),
    };
    json(&headers, &body)
}

/// Which assignments.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssignmentsQuery {
    /// Only those of this role.
    role: Option<String>,
    /// Only those of this account itself.
    account: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// That a post or an account has a role
#[derive(Serialize, ToSchema)]
struct AssignmentBody {
    id: String,
    /// The code of the role.
    role: String,
    /// The id of the post.
    post: Option<String>,
    /// The name of the account.
    account: Option<String>,
    /// Where it holds, if not in the unit of the post's agency.
    unit: Option<UnitRef>,
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// The last day; none until it is taken away.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    decision: String,
    version: i64,
    /// Its entry in the journal.
    entry: i64,
    made_up: bool,
}

/// A page of assignments
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct AssignmentList {
    items: Vec<AssignmentBody>,
    next: Option<String>,
}

impl AssignmentBody {
    fn new(territory: &Territory, accounts: &[(String, String)], it: &Assignment) -> Self {
        let account = |id: &String| {
            let found = accounts.iter().find(|(known, _)| known == id);
            found.map_or_else(|| id.clone(), |(_, name)| name.clone())
        };
        let (post, account) = match &it.bearer {
            Bearer::Post(post) => (Some(post.to_string()), None),
            Bearer::Account(id) => (None, Some(account(id))),
        };
        Self {
            id: it.id.to_string(),
            role: it.role.clone(),
            post,
            account,
            unit: it.unit.map(|unit| unit_ref(territory, unit, it.valid.from)),
            from: it.valid.from,
            to: last_day(it.valid),
            decision: it.decision.clone(),
            version: it.version,
            entry: it.entry,
            made_up: it.made_up,
        }
    }
}

/// Who has which role, today or later; needs sign-in
#[utoipa::path(get, path = "/api/v1/assignments", tag = "rights", params(AssignmentsQuery),
    responses((status = 200, body = AssignmentList), (status = 401, body = web::problem::Problem),
    (status = 403, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
async fn list_assignments(
    State(access): State<Access>,
    headers: HeaderMap,
    Query(query): Query<AssignmentsQuery>,
) -> ApiResult<Response> {
    let mut tx = access.database().read().await?;
    let territory = access.atlas().territory(&mut tx).await?;
    let today = access.clock().today();
    let accounts = account_names(&mut tx).await?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let account = match given(&query.account) {
        None => None,
        Some(name) => {
            let found = accounts.iter().find(|(_, known)| *known == name);
            let wrong = || Error::invalid("account", lang::organisation::choose_again);
            Some(found.ok_or_else(wrong)?.0.clone())
        }
    };
    let role = given(&query.role);
    let after = given(&query.cursor).map(|cursor| Cursor::decode::<String>(&cursor)).transpose()?;
    let mut rows = sql::assignments(&mut tx).await?;
    rows.retain(|it| {
        let bearer = match (&account, &it.bearer) {
            (None, _) => true,
            (Some(id), Bearer::Account(of)) => id == of,
            (Some(_), Bearer::Post(_)) => false,
        };
        bearer
            && it.valid.to > today
            && role.as_ref().is_none_or(|role| it.role == *role)
            && after.as_ref().is_none_or(|after| it.id.to_string() > *after)
    });
    rows.truncate(PAGE_LIMIT + 1);
    let page = Page::cut(rows, PAGE_LIMIT, |it| it.id.to_string());
    json(&headers, &page.map(|it| AssignmentBody::new(&territory, &accounts, &it)))
}

async fn account_names(tx: &mut store::Tx) -> Result<Vec<(String, String)>> {
    let accounts = crate::store::accounts(tx).await?.into_iter();
    Ok(accounts.map(|(id, name, _)| (id, name)).collect())
}

/// A role to give.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiveBody {
    /// The code of the role.
    role: String,
    /// The id of the post; or …
    #[serde(default)]
    post: String,
    /// … the name of the account.
    #[serde(default)]
    account: String,
    /// The code of the unit where it holds, if not in that of the post's agency.
    #[serde(default)]
    unit: String,
    /// The first day.
    #[schema(format = Date)]
    from: String,
    /// The last day, if it is known.
    #[serde(default)]
    to: String,
    /// The document that decides it.
    decision: String,
}

async fn body(access: &Access, tx: &mut store::Tx, id: AssignmentId) -> Result<AssignmentBody> {
    let found = sql::assignments_by(tx, "id", &[id]).await?.into_iter().next();
    let found = found.ok_or_else(|| Error::not_found(lang::rights::no_assignment))?;
    let territory = access.atlas().territory(tx).await?;
    let accounts = account_names(tx).await?;
    Ok(AssignmentBody::new(&territory, &accounts, &found))
}

/// Give a role to a post or an account; needs sign-in
///
/// The same role that is had already then is refused at `from`, so that what is sent twice is there
/// once.
#[utoipa::path(post, path = "/api/v1/assignments", tag = "rights", request_body = GiveBody,
    responses((status = 201, body = AssignmentBody), (status = 401, body = web::problem::Problem),
    (status = 403, body = web::problem::Problem), (status = 404, body = web::problem::Problem),
    (status = 409, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
async fn give(
    State(access): State<Access>,
    visitor: Visitor,
    Json(sent): Json<GiveBody>,
) -> ApiResult<Response> {
    let sent = Sent {
        role: sent.role,
        post: sent.post,
        account: sent.account,
        unit: sent.unit,
        from: sent.from,
        to: sent.to,
        decision: sent.decision,
        ..Sent::default()
    };
    let mut tx = access.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = access.atlas().territory(&mut tx).await?;
    let cx = Context { clock: access.clock(), actor: visitor.actor(), territory: &territory };
    let new = sent.read(&mut tx, cx).await?;
    let id = assign(&mut tx, (cx, access.book()), new).await?;
    let body = body(&access, &mut tx, id).await?;
    tx.commit().await?;
    let location = format!("/api/v1/assignments/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}

/// The end of a role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndBody {
    /// The first day on which it is not had any more; on its first day it never took effect.
    #[schema(format = Date)]
    on: String,
    /// The document that decides it.
    decision: String,
}

/// Take a role away; needs sign-in
#[utoipa::path(post, path = "/api/v1/assignments/{id}/end", tag = "rights",
    params(("id" = String, Path)), request_body = EndBody,
    responses((status = 201, body = AssignmentBody), (status = 401, body = web::problem::Problem),
    (status = 403, body = web::problem::Problem), (status = 404, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn end(
    State(access): State<Access>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(sent): Json<EndBody>,
) -> ApiResult<Response> {
    let nothing = |_| Error::not_found(lang::rights::no_assignment);
    let id: AssignmentId = id.parse().map_err(nothing)?;
    let bad = |_| Error::invalid("on", lang::error::bad_day);
    let on: Day = sent.on.parse().map_err(bad)?;
    let mut tx = access.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = access.atlas().territory(&mut tx).await?;
    let cx = Context { clock: access.clock(), actor: visitor.actor(), territory: &territory };
    end_assignment(&mut tx, cx, id, (on, &sent.decision)).await?;
    let body = body(&access, &mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// An account
#[derive(Serialize, ToSchema)]
struct AccountBody {
    name: String,
    /// Whether nobody signs in with it any more.
    closed: bool,
    /// The codes of the roles that were given to it alone and count today.
    roles: Vec<String>,
}

/// All accounts
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct AccountList {
    items: Vec<AccountBody>,
    next: Option<String>,
}

/// Accounts with their own roles; needs sign-in
#[utoipa::path(get, path = "/api/v1/accounts", tag = "rights",
    responses((status = 200, body = AccountList), (status = 401, body = web::problem::Problem),
    (status = 403, body = web::problem::Problem)))]
async fn list_accounts(State(access): State<Access>, headers: HeaderMap) -> ApiResult<Response> {
    let today = access.clock().today();
    let accounts = access.accounts().await?;
    let items = accounts.into_iter().map(|it| AccountBody {
        closed: it.is_closed,
        roles: it
            .assignments
            .iter()
            .filter(|given| given.valid.contains(today))
            .map(|given| given.role.clone())
            .collect(),
        name: it.name,
    });
    json(&headers, &Page { items: items.collect(), next: None })
}
