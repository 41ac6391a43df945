//! Signing in, with a code where one is asked for, and out.

use axum::Router;
use axum::extract::{FromRef, FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::Error;
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::encoded;
use web::pieces::{self, Field};
use web::{Asked, Form, Frame, PageError, Query, Section, Visitor, layout};

use crate::guard::{COOKIE, HALF_COOKIE, address, cookie, is_encrypted};
use crate::own::browser_of;
use crate::sessions::{Entry, HALF_MICROS, Whence};
use crate::{Access, factor, own, passkeys, providers};

/// `/sign-in` and `/account` with all that is below them, and `POST /sign-out`.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route("/sign-in", get(show).post(sign_in))
        .route("/sign-in/code", get(show_code).post(enter_code))
        .route("/sign-out", post(sign_out))
        .merge(passkeys::sign_in_routes())
        .merge(own::pages::routes())
        .merge(passkeys::pages::routes())
        .merge(providers::pages::routes())
        .merge(factor::pages::routes())
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn show(
    State(access): State<Access>,
    asked: Asked,
    Query(Next { next }): Query<Next>,
) -> Markup {
    sign_in_page(&access, &asked, &next, "", None)
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(State(access): State<Access>, asked: Asked, request: Request) -> Response {
    let sender = Sender::of(&access, &request);
    let Form(form) = match Form::<Credentials>::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => return rejection,
    };
    match access.sign_in(&form.name, &form.password, &sender.whence()).await {
        Ok(Entry::Session(token)) => {
            see_other(&local(&form.next), &[sender.cookie(COOKIE, &token, "/")])
        }
        Ok(Entry::Half(token)) => {
            let seconds = HALF_MICROS / 1_000_000;
            let half = sender.cookie(HALF_COOKIE, &token, "/sign-in");
            let next = format!("/sign-in/code?next={}", encoded(&local(&form.next)));
            see_other(&next, &[format!("{half}; Max-Age={seconds}")])
        }
        Err(error @ Error::Refused { .. }) => {
            let page = sign_in_page(&access, &asked, &form.next, &form.name, Some(&error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => PageError(error).into_response(),
    }
}

/// Who sends a form, as far as a session needs to know.
pub(crate) struct Sender {
    pub(crate) address: String,
    browser: String,
    secure: &'static str,
}

impl Sender {
    pub(crate) fn of(access: &Access, request: &Request) -> Self {
        let agent = request.headers().get(header::USER_AGENT);
        Self {
            address: address(request, access.proxies()),
            browser: browser_of(agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default()),
            secure: if is_encrypted(request, access.proxies()) { "; Secure" } else { "" },
        }
    }

    pub(crate) fn whence(&self) -> Whence<'_> {
        Whence { address: &self.address, browser: &self.browser }
    }

    pub(crate) fn cookie(&self, name: &str, value: &str, path: &str) -> String {
        format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{}", self.secure)
    }

    /// Takes a cookie away.
    pub(crate) fn gone(&self, name: &str, path: &str) -> String {
        format!("{}; Max-Age=0", self.cookie(name, "", path))
    }
}

pub(crate) fn see_other(place: &str, cookies: &[String]) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
    let values = cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok());
    response.headers_mut().extend(values.map(|value| (header::SET_COOKIE, value)));
    response
}

async fn show_code(
    State(access): State<Access>,
    asked: Asked,
    headers: HeaderMap,
    Query(Next { next }): Query<Next>,
) -> Result<Response, PageError> {
    let half = cookie(&headers, HALF_COOKIE).unwrap_or_default();
    let Some(has_passkeys) = access.has_half_passkeys(half).await? else {
        let start = format!("/sign-in?next={}", encoded(&local(&next)));
        return Ok(see_other(&start, &[]));
    };
    Ok(code_page(&access, &asked, &next, has_passkeys, None).into_response())
}

#[derive(Deserialize)]
struct CodeForm {
    code: String,
    #[serde(default)]
    next: String,
}

async fn enter_code(State(access): State<Access>, asked: Asked, request: Request) -> Response {
    let sender = Sender::of(&access, &request);
    let half = cookie(request.headers(), HALF_COOKIE).unwrap_or_default().to_owned();
    let Form(form) = match Form::<CodeForm>::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => return rejection,
    };
    match access.enter_code(&half, &form.code, &sender.whence()).await {
        Ok(token) => {
            let gone = sender.gone(HALF_COOKIE, "/sign-in");
            let cookies = [sender.cookie(COOKIE, &token, "/"), gone];
            see_other(&local(&form.next), &cookies)
        }
        Err(error @ Error::Refused { code: "access.sign_in_expired", .. }) => {
            let page = sign_in_page(&access, &asked, &form.next, "", Some(&error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error @ Error::Refused { .. }) => {
            let has_passkeys = access.has_half_passkeys(&half).await.ok().flatten();
            let has_passkeys = has_passkeys.unwrap_or_default();
            let page = code_page(&access, &asked, &form.next, has_passkeys, Some(&error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => PageError(error).into_response(),
    }
}

/// A path on this server and nothing else, so that a link cannot lead elsewhere after sign-in. Browsers drop tabs and line ends from an address and take `\\` for
/// `/`, so that what looks like a path may lead to another host.
pub(crate) fn local(next: &str) -> String {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic());
    if inside && plain { next.to_owned() } else { "/tasks".to_owned() }
}

pub(crate) fn sign_in_page(
    access: &Access,
    asked: &Asked,
    next: &str,
    name: &str,
    error: Option<&Error>,
) -> Markup {
    let lang = asked.lang;
    let title = lang::access::sign_in_title(lang);
    let frame = Frame::new(asked, Section::Elsewhere, title);
    layout(
        &frame,
        html! {
            @if let Some(error) = error { (refusal(lang, error)) }
            (pieces::heading(title, Some(lang::access::sign_in_lead(lang))))
            (pieces::form("/sign-in", None, html! {
                input type="hidden" name="next" value=(next);
                (Field::new(lang, "name", lang::access::name(lang)).text(name))
                (Field::new(lang, "password", lang::access::password(lang)).password("current-password"))
                (pieces::submit(lang::access::sign_in(lang)))
            }))
            (passkeys::sign_in_form(access, lang, "/sign-in/passkey", next))
            (providers::sign_in_links(access, lang, next))
        },
    )
}

/// Asks for a code, or for a passkey where the account has one.
pub(crate) fn code_page(
    access: &Access,
    asked: &Asked,
    next: &str,
    has_passkeys: bool,
    error: Option<&Error>,
) -> Markup {
    let lang = asked.lang;
    let title = lang::access::code_title(lang);
    let frame = Frame::new(asked, Section::Elsewhere, title);
    layout(
        &frame,
        html! {
            @if let Some(error) = error { (refusal(lang, error)) }
            (pieces::heading(title, Some(lang::access::code_lead(lang))))
            (pieces::form("/sign-in/code", None, html! {
                input type="hidden" name="next" value=(next);
                (Field::new(lang, "code", lang::access::code(lang))
                    .hint(lang::access::code_hint(lang))
                    .one_time_code())
                (pieces::submit(lang::access::sign_in(lang)))
            }))
            @if has_passkeys {
                (passkeys::sign_in_form(access, lang, "/sign-in/code/passkey", next))
            }
            p { a href={ "/sign-in?next=" (encoded(&local(next))) } { (lang::access::start_again(lang)) } }
        },
    )
}

fn refusal(lang: Lang, error: &Error) -> Markup {
    pieces::notice(lang, &web::Notice::Warning(error.say(lang)))
}

#[derive(Deserialize)]
struct SignOut {
    #[serde(default)]
    csrf: String,
}

async fn sign_out(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    if let Some(token) = cookie(&headers, COOKIE) {
        access.sign_out(token).await?;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    let headers = [
        (header::SET_COOKIE, gone),
        (header::LOCATION, "/".to_owned()),
        // What the browser kept of the pages goes too; the language may stay.
        (HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"".to_owned()),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_sign_in_one_stays_in_the_program() {
        for (next, place) in [
            ("/units/31333?on=2025-06-30", "/units/31333?on=2025-06-30"),
            ("", "/tasks"),
            ("https://evil.test", "/tasks"),
            ("//evil.test", "/tasks"),
            ("/\\evil.test", "/tasks"),
            ("/\t/evil.test", "/tasks"),
            ("/\r\n/evil.test", "/tasks"),
            ("/\u{1}", "/tasks"),
            ("/ /evil.test", "/tasks"),
            ("/ấp", "/tasks"),
        ] {
            assert_eq!(local(next), place, "{next:?}");
        }
    }
}
