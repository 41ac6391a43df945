//! Requests of data subjects and consents over HTTP: how they stand, never of whom. Whoever may see the
//! person does so on the page, for a purpose that is noted there.

#![expect(unused_qualifications, reason = "utoipa's attribute names each extractor in full")]

use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base::{Day, Error, Page, rights};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::export::json;
use web::{ApiResult, Json, Path, Query, Visitor};

use crate::office::{Context, Office};
use crate::requests::{self, Filter, NewRequest, Version};
use crate::rights::{Act, may, may_somewhere, place, scope};
use crate::trace::tell_masked;
use crate::{Channel, NewPerson, consents, desks};

/// So many rows stand on a page.
const A_PAGE: i64 = 100;

/// The routes with their description.
pub fn api_routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Office: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_requests, receive))
        .routes(routes!(get_request))
        .routes(routes!(list_consents))
}

/// A request as it stands. Nothing in it tells of the person.
#[derive(Serialize, ToSchema)]
struct RequestBody {
    id: String,
    /// As people speak of it: `12/2026`.
    reference: String,
    /// The code of its kind.
    kind: String,
    /// The unit whose desk has it; none for the province's.
    desk: Option<i64>,
    /// By which way it came.
    channel: &'static str,
    /// `received`, `answered`, `decided`, `closed`, `erased`.
    state: &'static str,
    /// When it came (RFC 3339).
    received_at: String,
    /// The last day for the first answer; none while the calendar of its year is not known.
    #[schema(value_type = Option<String>, format = Date)]
    answer_due: Option<Day>,
    /// The last day for carrying it out; none as above.
    #[schema(value_type = Option<String>, format = Date)]
    complete_due: Option<Day>,
    /// `unchecked`, `confirmed`, `failed`.
    identity: &'static str,
    /// `granted`, `partly`, `refused`, `withdrawn`.
    outcome: Option<&'static str>,
    /// The law that the decision names.
    law: Option<String>,
    version: i64,
    /// Its entry in the journal.
    entry: i64,
    made_up: bool,
}

/// A page of requests
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct RequestList {
    items: Vec<RequestBody>,
    next: Option<String>,
}

impl From<Version> for RequestBody {
    fn from(it: Version) -> Self {
        Self {
            reference: it.reference(),
            desk: it.unit.map(|unit| unit.0),
            channel: it.channel.as_str(),
            state: it.standing.state.as_str(),
            received_at: it.received_at.to_string(),
            answer_due: it.standing.answer_due,
            complete_due: it.standing.complete_due,
            identity: it.standing.identity.as_str(),
            outcome: it.standing.outcome.map(requests::Outcome::as_str),
            law: Some(it.law).filter(|law| !law.is_empty()),
            version: it.version,
            entry: it.entry,
            made_up: it.made_up,
            id: it.id,
            kind: it.kind,
        }
    }
}

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// `open` for those that wait for somebody, by their deadline; `closed` for the others, the last
    /// first.
    state: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
}

/// Requests of data subjects at the desks of whoever asks, without the persons; needs sign-in
#[utoipa::path(get, path = "/api/v1/personal-data/requests", tag = "personal data",
    params(RequestsQuery), responses((status = 200, body = RequestList),
    (status = 401, body = web::problem::Problem), (status = 403, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn list_requests(
    State(office): State<Office>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(query): Query<RequestsQuery>,
) -> ApiResult<Response> {
    may_somewhere(&visitor, Act::See)?;
    let filter = match query.state.as_deref().unwrap_or_default() {
        "" | "open" => Filter::Open,
        "closed" => Filter::Closed,
        _ => return Err(Error::invalid("state", lang::subjects::choose_again).into()),
    };
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let mut tx = office.database().read().await?;
    let scope = scope(&visitor, Act::See);
    let page = requests::list(&mut tx, filter, scope, cursor, A_PAGE).await?;
    let shown = (None, page.items.len());
    tell_masked(rights::Act::ReceiveRequests, "subject_requests", "", shown);
    json(&headers, &page.map(RequestBody::from))
}

/// One step of a request
#[derive(Serialize, ToSchema)]
struct StepBody {
    version: i64,
    /// `receive`, `identify`, `answer`, `extend`, `decide`, `close`, `withdraw`, `erase`.
    step: &'static str,
    /// When (RFC 3339).
    at: String,
    /// By whom; `citizen` for whoever has no account.
    actor: String,
    /// Its entry in the journal.
    entry: i64,
}

/// A request with its steps
#[derive(Serialize, ToSchema)]
struct WholeRequest {
    #[serde(flatten)]
    request: RequestBody,
    steps: Vec<StepBody>,
}

/// A request as it stands with its steps, without the person; needs sign-in
#[utoipa::path(get, path = "/api/v1/personal-data/requests/{id}", tag = "personal data",
    params(("id" = String, Path)), responses((status = 200, body = WholeRequest),
    (status = 401, body = web::problem::Problem), (status = 403, body = web::problem::Problem),
    (status = 404, body = web::problem::Problem)))]
async fn get_request(
    State(office): State<Office>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    may_somewhere(&visitor, Act::See)?;
    let mut tx = office.database().read().await?;
    let history = requests::history(&mut tx, &id).await?;
    let step = |it: &Version| StepBody {
        version: it.version,
        step: it.step.as_str(),
        at: it.at.to_string(),
        actor: it.actor.clone(),
        entry: it.entry,
    };
    let steps = history.iter().map(step).collect();
    let last = history.into_iter().next_back();
    let last = last.ok_or_else(|| Error::not_found(lang::subjects::no_request))?;
    may(&visitor, Act::See, last.unit)?;
    tell_masked(rights::Act::ReceiveRequests, "subject_request", &id, (last.unit, 1));
    json(&headers, &WholeRequest { request: last.into(), steps })
}

/// A request that another system hands in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceiveBody {
    /// A UUID that the sender draws once, so that what is sent twice is there once.
    id: String,
    /// The code of its kind.
    kind: String,
    /// The day on which it came; today by default.
    #[serde(default)]
    received_on: String,
    /// Who asks: the full name …
    name: String,
    /// … the citizen number, or that of an older paper or a passport …
    number: String,
    /// … a telephone number, or …
    #[serde(default)]
    phone: String,
    /// … an address for letters.
    #[serde(default)]
    address: String,
    /// For what, in their words.
    text: String,
    /// The number of the commune whose desk receives it; the province's by default.
    #[serde(default)]
    desk: String,
}

/// What was received
#[derive(Serialize, ToSchema)]
struct ReceivedBody {
    request: RequestBody,
    /// The code for whoever asks; it is told once and stored nowhere.
    receipt: String,
}

/// Hand a request in for a data subject; needs sign-in
///
/// What was received under the same `id` is refused with 409 `subjects.twice`; look it up by its id.
#[utoipa::path(post, path = "/api/v1/personal-data/requests", tag = "personal data",
    request_body = ReceiveBody, responses((status = 201, body = ReceivedBody),
    (status = 401, body = web::problem::Problem), (status = 403, body = web::problem::Problem),
    (status = 409, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
async fn receive(
    State(office): State<Office>,
    visitor: Visitor,
    Json(sent): Json<ReceiveBody>,
) -> ApiResult<Response> {
    may_somewhere(&visitor, Act::Handle)?;
    let vault = office.vault()?;
    let wrong = |_| Error::invalid("id", lang::subjects::choose_again);
    let id = sent.id.parse().map_err(wrong)?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let cx =
        Context { clock: office.clock(), actor: &visitor.name, definitions: &definitions, vault };
    let territory = office.atlas().territory(&mut tx).await?;
    let desk = desks::read(&territory, cx.clock.today(), &sent.desk)?;
    visitor.actor().check(rights::Act::ReceiveRequests, place(desk))?;
    let person = NewPerson {
        name: sent.name,
        number: sent.number,
        phone: sent.phone,
        address: sent.address,
    };
    let new = NewRequest {
        id,
        kind: sent.kind,
        channel: Channel::Online,
        received_on: sent.received_on,
        person,
        text: sent.text,
        desk,
        made_up: false,
    };
    let received = requests::receive(&mut tx, cx, new).await?;
    tx.commit().await?;
    let location = format!("/api/v1/personal-data/requests/{}", received.request.id);
    let receipt = received.receipt.to_string();
    let body = ReceivedBody { request: received.request.into(), receipt };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store".to_owned())];
    Ok((StatusCode::CREATED, headers, Json(body)).into_response())
}

/// A consent as it stands. Nothing in it tells of the person.
#[derive(Serialize, ToSchema)]
struct ConsentBody {
    id: String,
    /// The code of what was agreed to.
    purpose: String,
    /// The number of the text that was agreed to, in `lang`.
    text_version: i64,
    lang: String,
    channel: &'static str,
    /// `given`, `withdrawn`, …
    state: &'static str,
    /// When it was given (RFC 3339).
    given_at: String,
    withdrawn_at: Option<String>,
    version: i64,
    /// Its entry in the journal.
    entry: i64,
    made_up: bool,
}

/// A page of consents
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct ConsentList {
    items: Vec<ConsentBody>,
    next: Option<String>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Where the page begins.
    cursor: Option<String>,
}

/// Consents as they stand, what was given or withdrawn last first, without the persons; needs sign-in
#[utoipa::path(get, path = "/api/v1/personal-data/consents", tag = "personal data",
    params(PageQuery), responses((status = 200, body = ConsentList),
    (status = 401, body = web::problem::Problem), (status = 403, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
async fn list_consents(
    State(office): State<Office>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    may_somewhere(&visitor, Act::Consent)?;
    let scope = scope(&visitor, Act::Consent);
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let mut tx = office.database().read().await?;
    let page: Page<consents::Version> = consents::list(&mut tx, scope, cursor, A_PAGE).await?;
    let shown = (None, page.items.len());
    tell_masked(rights::Act::RecordConsents, "subject_consents", "", shown);
    let body = page.map(|it| ConsentBody {
        channel: it.channel.as_str(),
        state: it.state.as_str(),
        given_at: it.given_at.to_string(),
        withdrawn_at: it.withdrawn_at.map(|at| at.to_string()),
        id: it.id,
        purpose: it.purpose,
        text_version: it.text_version,
        lang: it.lang,
        version: it.version,
        entry: it.entry,
        made_up: it.made_up,
    });
    json(&headers, &body)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use base::rights::{self, Rights, Scope};
    use serde_json::{Value, json};
    use tower::ServiceExt as _;
    use web::layers::{self, Options};

    use super::*;
    use crate::testing::{Desk, MONDAY, NAME, NUMBER, PHONE};

    const REQUESTS: &str = "/api/v1/personal-data/requests";
    const CONSENTS: &str = "/api/v1/personal-data/consents";
    const ID: &str = "01a203df-1000-7000-8000-000000000001";

    #[derive(Clone)]
    struct App(Office);

    impl FromRef<App> for Office {
        fn from_ref(app: &App) -> Self {
            app.0.clone()
        }
    }

    fn routes(desk: &Desk, acts: Option<&[rights::Act]>) -> Router {
        let options = Options {
            place: "Hậu Giang".to_owned(),
            clock: base::Clock::fixed(MONDAY.parse().unwrap()),
            timeout: std::time::Duration::from_secs(60),
        };
        let (mut routes, _) = api_routes::<App>().split_for_parts();
        if let Some(acts) = acts {
            let mut rights = Rights::NONE;
            for act in acts {
                rights.grant(*act, Scope::everywhere());
            }
            let (name, csrf) = ("cong-dich-vu".to_owned(), String::new());
            let visitor = Visitor { name, csrf, rights: rights.into() };
            routes = routes.layer(axum::Extension(visitor));
        }
        layers::around(routes, &options).with_state(App(desk.office()))
    }

    async fn ask(routes: &Router, path: &str, sent: Option<&Value>) -> (u16, String, Value) {
        let request = match sent {
            None => Request::get(path).body(Body::empty()).unwrap(),
            Some(sent) => Request::post(path)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(sent.to_string()))
                .unwrap(),
        };
        let response = routes.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        (status, text, body)
    }

    #[tokio::test]
    async fn a_portal_hands_in_once_and_nobody_is_told_of_whom() {
        for desk in Desk::each().await {
            let stranger = routes(&desk, None);
            let other = routes(&desk, Some(&[rights::Act::RecordConsents]));
            let portal = routes(&desk, Some(&[rights::Act::ReceiveRequests]));
            let kind = &desk.definitions.request_kinds[0].code;
            let sent = json!({"id": ID, "kind": kind, "name": NAME, "number": NUMBER, "phone": PHONE,
                "text": "Xin xem dữ liệu của tôi."});
            for (path, sent) in [(REQUESTS, Some(&sent)), (REQUESTS, None), (CONSENTS, None)] {
                assert_eq!(ask(&stranger, path, sent).await.0, 401, "{path}");
            }
            assert_eq!(ask(&other, REQUESTS, Some(&sent)).await.0, 403);
            assert_eq!(ask(&other, REQUESTS, None).await.0, 403);
            assert_eq!(ask(&portal, CONSENTS, None).await.0, 403);
            let with = |name: &str, value: &str| {
                let mut changed = sent.clone();
                changed[name] = json!(value);
                changed
            };
            for (wrong, place) in [
                (with("id", "x"), "id"),
                (with("kind", "x"), "kind"),
                (with("received_on", "x"), "received"),
                (with("name", ""), "name"),
                (with("number", "1"), "number"),
                (with("phone", "x"), "phone"),
                (with("text", ""), "text"),
            ] {
                let (status, _, body) = ask(&portal, REQUESTS, Some(&wrong)).await;
                assert_eq!((status, &body["errors"][0]["place"]), (422, &json!(place)), "{wrong}");
            }
            let (status, _, received) = ask(&portal, REQUESTS, Some(&sent)).await;
            assert_eq!((status, &received["request"]["id"]), (201, &json!(ID)), "{received}");
            assert!(crate::Receipt::read(received["receipt"].as_str().unwrap()).is_some());
            // Sent twice, it is there once; the receipt is not told again.
            let (status, _, body) = ask(&portal, REQUESTS, Some(&sent)).await;
            assert_eq!((status, &body["code"]), (409, &json!("subjects.twice")));
            let (status, list, body) = ask(&portal, REQUESTS, None).await;
            assert_eq!((status, &body["items"]), (200, &json!([received["request"]])));
            let one = format!("{REQUESTS}/{ID}");
            let (status, whole, body) = ask(&portal, &one, None).await;
            assert_eq!((status, &body["steps"][0]["actor"]), (200, &json!("cong-dich-vu")));
            for text in [list, whole] {
                for told in [NAME, NUMBER, PHONE, "dữ liệu của tôi"] {
                    assert!(!text.contains(told), "{text}");
                }
            }
            for (path, status) in [
                (format!("{REQUESTS}/x"), 404),
                (format!("{REQUESTS}?state=closed"), 200),
                (format!("{REQUESTS}?state=x"), 422),
                (format!("{REQUESTS}?cursor=x"), 422),
            ] {
                assert_eq!(ask(&portal, &path, None).await.0, status, "{path}");
            }
            let (status, _, body) = ask(&other, CONSENTS, None).await;
            assert_eq!((status, &body["items"]), (200, &json!([])));
            // What somebody was shown has left no reading, since nobody was shown.
            let mut tx = desk.database().read().await.unwrap();
            let all = access::trace::Filter::default();
            let looks = access::trace::list(&mut tx, &all, None, 1).await.unwrap();
            assert!(looks.items.is_empty());
        }
    }
}
