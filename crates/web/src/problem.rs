//! Errors at the edge: an HTML page for people, problem details (RFC 9457) for programs.

use std::any::Any;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base::{Error, See};
use lang::Lang;
use maud::{Markup, html};
use serde::Serialize;

use crate::ask::{Asked, Visitor, encoded, link_without};
use crate::page::{Frame, Section, layout};
use crate::pieces;

/// An error of a page. [`crate::layers::around`] words it in the reader's language.
#[derive(Debug)]
pub struct PageError(pub Error);

/// An error of the API. [`crate::layers::around`] words it in the caller's language.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        unspoken(self.0, Shape::Page)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        unspoken(self.0, Shape::Problem)
    }
}

/// The answer to an address that nobody serves.
pub(crate) async fn no_such_page() -> PageError {
    PageError(Error::not_found(lang::web::no_such_page))
}

/// The answer to an address that only takes what forms send. Who looks there, by changing the
/// language on the page that answered a form or by going back in the browser, is led to the page
/// above, from which the form is sent.
#[must_use]
pub fn page_above(method: &Method, uri: &Uri) -> Response {
    let looks = *method == Method::GET || *method == Method::HEAD;
    if !looks || uri.path().starts_with("/api/") {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let above = uri.path().rsplit_once('/').map_or("/", |(above, _)| above);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = link_without(&format!("{above}{query}"), "");
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// The answer after a panic, whose message goes to the log alone.
pub(crate) fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let message = cause
        .downcast::<String>()
        .map(|message| *message)
        .or_else(|cause| cause.downcast::<&str>().map(|message| (*message).to_owned()))
        .unwrap_or_else(|_| "panic without a message".to_owned());
    PageError(Error::internal(message)).into_response()
}

/// Problem details as RFC 9457 has them, with our stable code and the mistakes field by field.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Where the kind of problem is described.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, in the caller's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, in the caller's language.
    pub detail: String,
    /// Stable, for programs: `not_found`, or `area.reason` of a refusal.
    pub code: String,
    /// The mistakes in what was sent; empty unless `code` is `invalid`.
    pub errors: Vec<ProblemField>,
    /// Where to look instead: of a code that no unit bears on the day, those that bore it on others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub see: Vec<ProblemLink>,
    /// The number of the request in the log of the server.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

/// One mistake in what was sent.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// The field.
    pub place: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

/// Something to ask for instead of what is not there.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemLink {
    /// What it is to what was asked: `bearer` of the code on another day, `successor` on the day
    /// that was asked.
    pub rel: String,
    /// Its address, with the day.
    pub href: String,
    /// What it is, in the caller's language.
    pub title: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Page,
    Problem,
}

/// Travels in the extensions of a response until the reader's language is known.
#[derive(Clone, Debug)]
struct Unspoken(Arc<Error>, Shape);

fn unspoken(error: Error, shape: Shape) -> Response {
    match &error {
        Error::Internal(cause) => tracing::error!(cause = &**cause, "internal error"),
        Error::Unavailable(cause) => tracing::error!(cause = &**cause, "unavailable"),
        Error::Unsettled(cause) => tracing::error!(cause = &**cause, "unsettled"),
        Error::Refused { code, .. } => tracing::info!(code, "refused"),
        _ => {}
    }
    let error = Arc::new(error);
    let mut response = written(&Fault::Known(&error), shape, &Asked::default());
    response.extensions_mut().insert(Unspoken(error, shape));
    response
}

/// Words an error in the language of the one who asked. Errors that axum and tower made without
/// a word of ours (405, 413, a timeout) get a page or a problem too.
pub(crate) fn in_words(mut response: Response, asked: &Asked) -> Response {
    let mut asked = asked.clone();
    asked.visitor = response.extensions_mut().remove::<Visitor>();
    let is_api = asked.path_and_query.starts_with("/api/");
    let unspoken = response.extensions_mut().remove::<Unspoken>();
    let (fault, shape) = match &unspoken {
        Some(Unspoken(error, shape)) => (Fault::Known(error), *shape),
        None if is_bare(&response) => (Fault::Bare(response.status()), Shape::Page),
        None => return response,
    };
    let shape = if is_api { Shape::Problem } else { shape };
    let mut worded = written(&fault, shape, &asked);
    // Headers such as Allow and Set-Cookie stay; those of the old body go.
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        response.headers_mut().remove(name);
    }
    for (name, value) in worded.headers() {
        response.headers_mut().insert(name, value.clone());
    }
    *response.status_mut() = worded.status();
    *response.body_mut() = std::mem::take(worded.body_mut());
    response
}

fn is_bare(response: &Response) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE);
    let plain = media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    let status = response.status();
    (status.is_client_error() && (plain || media_type.is_none()))
        || (status.is_server_error() && media_type.is_none())
}

/// The refusals that another account, or this one with more rights, would not meet.
const FORBIDDEN: [&str; 7] = [
    "access.code_needed",
    "access.factor_needed",
    "access.four_eyes",
    "access.no_right",
    "access.other_unit",
    "access.stronger_account",
    "figures.protected",
];

enum Fault<'a> {
    Known(&'a Error),
    Bare(StatusCode),
}

impl Fault<'_> {
    fn status(&self) -> StatusCode {
        match self {
            Self::Bare(status) => *status,
            Self::Known(error) => match error {
                Error::NotFound(_) | Error::Elsewhen { .. } => StatusCode::NOT_FOUND,
                Error::Unauthenticated => StatusCode::UNAUTHORIZED,
                Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                // What keeps somebody from signing in has statuses of its own (RFC 9110, RFC 6585).
                Error::Refused { code: "access.wrong_password", .. } => StatusCode::UNAUTHORIZED,
                Error::Refused {
                    code: "access.too_many_attempts" | "access.too_many_requests",
                    ..
                } => StatusCode::TOO_MANY_REQUESTS,
                Error::Refused { code, .. } if FORBIDDEN.contains(code) => StatusCode::FORBIDDEN,
                Error::Refused { .. } | Error::Conflict(_) => StatusCode::CONFLICT,
                Error::Unavailable(_) | Error::Unsettled(_) => StatusCode::SERVICE_UNAVAILABLE,
                Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Known(Error::Refused { code, .. }) => return code,
            Self::Known(Error::Unsettled(_)) => return "unsettled",
            // What took too long was stopped wherever it was.
            Self::Bare(StatusCode::SERVICE_UNAVAILABLE) => return "took_too_long",
            _ => {}
        }
        match self.status() {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::UNAUTHORIZED => "unauthenticated",
            StatusCode::UNPROCESSABLE_ENTITY => "invalid",
            StatusCode::CONFLICT => "conflict",
            StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            StatusCode::REQUEST_TIMEOUT => "too_slow",
            status if status.is_server_error() => "internal",
            _ => "bad_request",
        }
    }

    /// Where to look instead of what is not there.
    fn see(&self) -> &[See] {
        match self {
            Self::Known(Error::Elsewhen { see, .. }) => see,
            _ => &[],
        }
    }

    fn title(&self, lang: Lang) -> &'static str {
        if let Self::Known(Error::Refused { .. }) = self {
            return lang::web::refused_title(lang);
        }
        match self.code() {
            "not_found" => lang::web::not_found_title(lang),
            "forbidden" => lang::web::forbidden_title(lang),
            "unauthenticated" => lang::web::unauthenticated_title(lang),
            "invalid" => lang::web::invalid_title(lang),
            "conflict" => lang::web::conflict_title(lang),
            "unavailable" | "took_too_long" => lang::web::unavailable_title(lang),
            "unsettled" => lang::web::unsettled_title(lang),
            "internal" => lang::web::internal_title(lang),
            _ => lang::web::bad_request_title(lang),
        }
    }

    fn detail(&self, lang: Lang) -> String {
        match self {
            Self::Known(error) => error.say(lang),
            Self::Bare(_) => match self.code() {
                "not_found" => lang::web::no_such_page(lang).to_owned(),
                "too_large" => lang::web::too_large(lang).to_owned(),
                "method_not_allowed" => lang::web::wrong_method(lang).to_owned(),
                "unsupported_media_type" => lang::web::wrong_media_type(lang).to_owned(),
                "too_slow" => lang::web::too_slow(lang).to_owned(),
                "took_too_long" => lang::web::took_too_long(lang).to_owned(),
                "internal" => lang::error::internal(lang).to_owned(),
                _ => lang::web::bad_request(lang).to_owned(),
            },
        }
    }
}

fn written(fault: &Fault<'_>, shape: Shape, asked: &Asked) -> Response {
    let mut response = match shape {
        Shape::Page => page(fault, asked).into_response(),
        Shape::Problem => problem(fault, asked),
    };
    *response.status_mut() = fault.status();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if fault.status() == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

fn problem(fault: &Fault<'_>, asked: &Asked) -> Response {
    let fields = match fault {
        Fault::Known(Error::Invalid(fields)) => fields.as_slice(),
        _ => &[],
    };
    let code = fault.code();
    let problem = Problem {
        kind: format!("/api/v1/docs#problem-{code}"),
        title: fault.title(asked.lang).to_owned(),
        status: fault.status().as_u16(),
        detail: fault.detail(asked.lang),
        code: code.to_owned(),
        errors: fields
            .iter()
            .map(|field| ProblemField {
                place: field.place.clone(),
                detail: field.text.say(asked.lang),
            })
            .collect(),
        see: fault.see().iter().filter_map(|see| linked(see, asked.lang)).collect(),
        request_id: asked.request_id.to_string(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(asked.lang.tag())),
    ];
    let mut response = (headers, Body::from(body)).into_response();
    if fault.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Basic realm=\"sogoc\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

fn linked(see: &See, lang: Lang) -> Option<ProblemLink> {
    let (rel, href) = (see.rel.to_owned(), see.data.clone()?);
    Some(ProblemLink { rel, href, title: see.text.say(lang) })
}

/// What people call a field whose form does not stand on the page; programs know it by its own name.
fn name_of(lang: Lang, place: &str) -> Option<&'static str> {
    Some(match place {
        "account" => lang::field::account(lang),
        "act" => lang::field::act(lang),
        "code" => lang::field::code(lang),
        "cursor" => lang::field::cursor(lang),
        "file" | "files" => lang::field::file(lang),
        "from" => lang::field::from(lang),
        "kind" => lang::field::kind(lang),
        "known" => lang::field::known(lang),
        "level" => lang::field::level(lang),
        "map" => lang::field::map(lang),
        "measure" => lang::field::measure(lang),
        "name" => lang::field::name(lang),
        "number" => lang::field::number(lang),
        "on" | "day" => lang::field::on(lang),
        "password" => lang::field::password(lang),
        "period" | "periods" => lang::field::period(lang),
        "post" => lang::field::post(lang),
        "purpose" => lang::field::purpose(lang),
        "role" => lang::field::role(lang),
        "subject" => lang::field::subject(lang),
        "text" => lang::field::text(lang),
        "to" => lang::field::to(lang),
        "unit" | "units" => lang::field::unit(lang),
        "value" => lang::field::value(lang),
        "words" => lang::field::words(lang),
        _ => return None,
    })
}

fn page(fault: &Fault<'_>, asked: &Asked) -> Markup {
    let lang = asked.lang;
    let title = fault.title(lang);
    let sign_in = format!("/sign-in?next={}", encoded(&asked.path_and_query));
    let body = html! {
        (pieces::heading(title, None))
        @match fault {
            Fault::Known(Error::Invalid(errors)) => {
                @for error in errors.iter() {
                    p {
                        @if let Some(name) = name_of(lang, &error.place) { strong { (name) } ": " }
                        (error.text.say(lang))
                    }
                }
            },
            _ => { @for line in fault.detail(lang).lines() { p { (line) } } }
        }
        h2 { (lang::web::recover(lang)) }
        ul {
            @for see in fault.see() { li { a href=(see.page) { (see.text.say(lang)) } } }
            @match fault.code() {
                "unauthenticated" => li { a href=(sign_in) { (lang::nav::sign_in(lang)) } },
                "access.factor_needed" => li {
                    a href="/account/second-factor" { (lang::web::recover_factor(lang)) }
                },
                "access.no_right" | "access.other_unit" => li {
                    a href="/account/rights" { (lang::web::recover_rights(lang)) }
                },
                "forbidden" => li { a href=(sign_in) { (lang::web::recover_account(lang)) } },
                "not_found" => li { a href="/units" { (lang::web::recover_units(lang)) } },
                "unavailable" | "unsettled" | "took_too_long" | "internal" | "conflict" => li {
                    a href=(link_without(&asked.path_and_query, "")) {
                        (lang::web::recover_back(lang))
                    }
                },
                _ => {}
            }
            li { a href="/" { (lang::web::recover_home(lang)) } }
        }
        @if !asked.request_id.is_empty() {
            p.quiet { (lang::web::request_id(lang, &asked.request_id)) }
        }
    };
    layout(&Frame::new(asked, Section::Elsewhere, title), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_calls_the_field_of_a_mistake_as_people_do() {
        let error = |place| Error::invalid(place, lang::error::bad_day);
        for (place, lang, name) in [
            ("purpose", Lang::Vietnamese, Some("Mục đích")),
            ("purpose", Lang::English, Some("Purpose")),
            ("day", Lang::Vietnamese, Some("Ngày")),
            ("items[3].x", Lang::Vietnamese, None),
        ] {
            let error = error(place);
            let asked = Asked { lang, ..Asked::default() };
            let text = page(&Fault::Known(&error), &asked).into_string();
            assert!(!text.contains(&format!("{place}: ")), "{text}");
            assert!(text.contains(lang::error::bad_day(lang)), "{text}");
            assert!(name.is_none_or(|name| text.contains(&format!("{name}</strong>"))), "{text}");
        }
    }
}
