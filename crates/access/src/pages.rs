//! Signing in and out.

use axum::Router;
use axum::extract::{FromRef, FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::Error;
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Field};
use web::{Asked, Form, Frame, PageError, Query, Section, Visitor, layout};

use crate::Access;
use crate::guard::{COOKIE, address, cookie, is_encrypted};

/// `GET|POST /sign-in`, `POST /sign-out`.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new().route("/sign-in", get(show).post(sign_in)).route("/sign-out", post(sign_out))
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn show(asked: Asked, Query(Next { next }): Query<Next>) -> Markup {
    page(&asked, &next, "", None)
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(State(access): State<Access>, asked: Asked, request: Request) -> Response {
    let address = address(&request, access.proxies());
    let secure = if is_encrypted(&request, access.proxies()) { "; Secure" } else { "" };
    let Form(form) = match Form::<Credentials>::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => return rejection,
    };
    match access.sign_in(&form.name, &form.password, &address).await {
        Ok(token) => {
            let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}");
            let location = local(&form.next);
            (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, location)])
                .into_response()
        }
        Err(error @ Error::Refused { .. }) => {
            let page = page(&asked, &form.next, &form.name, Some(&error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => PageError(error).into_response(),
    }
}

/// A path on this server and nothing else, so that a link cannot lead elsewhere after sign-in.
/// An address of this program. Browsers drop tabs and line ends from an address and take `\\` for
/// `/`, so that what looks like a path may lead to another host.
fn local(next: &str) -> String {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic());
    if inside && plain { next.to_owned() } else { "/tasks".to_owned() }
}

fn page(asked: &Asked, next: &str, name: &str, error: Option<&Error>) -> Markup {
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
    headers: axum::http::HeaderMap,
    Form(form): Form<SignOut>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    if let Some(token) = cookie(&headers) {
        access.sign_out(token).await?;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok((StatusCode::SEE_OTHER, [(header::SET_COOKIE, gone), (header::LOCATION, "/".to_owned())])
        .into_response())
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
