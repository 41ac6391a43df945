//! `/account`: what an account may do, its password, its sessions, and what was tried with it.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::{Error, FieldError, Result, grouped};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::Asker;
use web::pieces::{self, Badge, Column, Field};
use web::{Asked, Form, Frame, Notice, PageError, Query, Section, Visitor, layout};

use super::actions::{NewPassword, Own, Session, SignIn};
use crate::Access;
use crate::factor::Standing;
use crate::guard::{COOKIE, cookie};

pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(change_password))
        .route("/account/end-session", post(end_session))
        .route("/account/end-others", post(end_others))
}

#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

async fn show(
    State(access): State<Access>,
    asked: Asked,
    visitor: Visitor,
    headers: HeaderMap,
    Query(Done { done }): Query<Done>,
) -> Result<Response, PageError> {
    let lang = asked.lang;
    let done = match done.as_str() {
        "password" => Some(lang::account::done_password(lang)),
        "session" => Some(lang::account::done_session(lang)),
        "others" => Some(lang::account::done_others(lang)),
        "factor-ended" => Some(lang::account::done_factor_ended(lang)),
        _ => None,
    };
    let notice = done.map(|text| Notice::Done(text.to_owned()));
    Ok(page(&access, &asked, &visitor, &headers, (&[], notice)).await?.into_response())
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

async fn change_password(
    State(access): State<Access>,
    asked: Asked,
    asker: Asker,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<PasswordForm>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    let sent = NewPassword { old: &form.old, new: &form.new, again: &form.again };
    let token = cookie(&headers, COOKIE).unwrap_or_default();
    let (errors, notice) =
        match access.change_password(&visitor.name, &sent, (token, &asker.address)).await {
            Ok(()) => return Ok(see("/account?done=password")),
            Err(Error::Invalid(errors)) => (errors, None),
            Err(error @ Error::Refused { .. }) => {
                (Vec::new(), Some(Notice::Warning(error.say(asked.lang))))
            }
            Err(other) => return Err(other.into()),
        };
    let page = page(&access, &asked, &visitor, &headers, (&errors, notice)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

#[derive(Deserialize)]
struct SessionForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    session: String,
}

async fn end_session(
    State(access): State<Access>,
    visitor: Visitor,
    Form(form): Form<SessionForm>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    access.end_session(&visitor.name, &form.session).await?;
    Ok(see("/account?done=session"))
}

#[derive(Deserialize)]
struct BareForm {
    #[serde(default)]
    csrf: String,
}

async fn end_others(
    State(access): State<Access>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<BareForm>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    let token = cookie(&headers, COOKIE).unwrap_or_default();
    access.end_other_sessions(&visitor.name, token).await?;
    Ok(see("/account?done=others"))
}

fn see(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

async fn page(
    access: &Access,
    asked: &Asked,
    visitor: &Visitor,
    headers: &HeaderMap,
    (errors, notice): (&[FieldError], Option<Notice>),
) -> Result<Markup> {
    let lang = asked.lang;
    let token = cookie(headers, COOKIE).unwrap_or_default();
    let own = access.own(&visitor.name, token).await?;
    let mut frame = Frame::new(asked, Section::Elsewhere, lang::account::title(lang));
    frame.notice = notice;
    let csrf = Some(visitor.csrf.as_str());
    let body = html! {
        (pieces::error_summary(lang, errors))
        (pieces::heading(lang::account::title(lang), None))
        (about(lang, visitor, &own))
        h2 { (lang::account::password_title(lang)) }
        (password_form(lang, csrf, errors))
        h2 { (lang::account::sessions(lang)) }
        (sessions(lang, csrf, &own.sessions))
        h2 { (lang::account::sign_ins(lang)) }
        (sign_ins(lang, &own.sign_ins))
    };
    Ok(layout(&frame, body))
}

fn about(lang: Lang, visitor: &Visitor, own: &Own) -> Markup {
    let roles = match own.roles.as_slice() {
        [] => html! { (lang::account::no_roles(lang)) },
        roles => {
            html! { @for (at, role) in roles.iter().enumerate() { @if at > 0 { br; } (role.say(lang)) } }
        }
    };
    let factor = match own.standing {
        Standing::With { .. } => lang::account::factor_on(lang),
        Standing::Without | Standing::Begun(_) => lang::account::factor_off(lang),
    };
    pieces::definition_list(&[
        (lang::access::name(lang), html! { (visitor.name) }),
        (
            lang::account::roles(lang),
            html! { (roles) br; a href="/account/rights" { (lang::rights::mine(lang)) } br; a href="/account/reads" { (lang::trace::mine(lang)) } },
        ),
        (
            lang::factor::title(lang),
            html! {
                (factor) " "
                a href="/account/second-factor" { (lang::account::set_factor(lang)) }
            },
        ),
        (
            lang::passkeys::title(lang),
            html! {
                (lang::passkeys::how_many(lang, grouped(lang, own.passkeys))) " "
                a href="/account/passkeys" { (lang::account::set_factor(lang)) }
            },
        ),
        (
            lang::providers::title(lang),
            html! {
                (lang::providers::how_many(lang, own.identities)) " "
                a href="/account/sign-in-by" { (lang::account::set_factor(lang)) }
            },
        ),
    ])
}

fn password_form(lang: Lang, csrf: Option<&str>, errors: &[FieldError]) -> Markup {
    let field = |name, label| Field::new(lang, name, label).errors(errors);
    pieces::form(
        "/account/password",
        csrf,
        html! {
            (field("old", lang::account::old_password(lang)).password("current-password"))
            (field("new", lang::account::new_password(lang))
                .hint(lang::account::new_password_hint(lang))
                .password("new-password"))
            (field("again", lang::account::new_password_again(lang)).password("new-password"))
            (pieces::submit(lang::account::change_password(lang)))
        },
    )
}

fn sessions(lang: Lang, csrf: Option<&str>, sessions: &[Session]) -> Markup {
    let columns = [
        Column::head(lang::account::browser(lang)),
        Column::text(lang::account::address(lang)),
        Column::text(lang::account::began(lang)),
        Column::text(lang::account::seen(lang)),
        Column::text(lang::account::end_column(lang)),
    ];
    let rows: Vec<Vec<Markup>> = sessions
        .iter()
        .map(|session| {
            let end = html! {
                @if session.is_this {
                    (pieces::badge(lang, Badge::Neutral(lang::account::this_session(lang))))
                } @else {
                    (pieces::form("/account/end-session", csrf, html! {
                        input type="hidden" name="session" value=(session.id);
                        button.link type="submit" { (lang::account::end_session(lang)) }
                    }))
                }
            };
            vec![
                html! { (known(&session.browser, lang::account::other_browser(lang))) },
                html! { (known(&session.address, lang::account::unknown_address(lang))) },
                html! { (session.began.local()) },
                html! { (session.seen.local()) },
                end,
            ]
        })
        .collect();
    html! {
        (pieces::table(lang::account::sessions(lang), &columns, &rows))
        @if sessions.len() > 1 {
            (pieces::form("/account/end-others", csrf, pieces::submit_danger(lang::account::end_others(lang))))
        }
    }
}

fn sign_ins(lang: Lang, sign_ins: &[SignIn]) -> Markup {
    let columns = [
        Column::head(lang::account::when(lang)),
        Column::text(lang::account::address(lang)),
        Column::text(lang::account::outcome(lang)),
    ];
    let rows: Vec<Vec<Markup>> = sign_ins
        .iter()
        .map(|sign_in| {
            let outcome = sign_in.outcome.map_or("", |outcome| outcome.label(lang));
            vec![
                html! { (sign_in.at.local()) },
                html! { (known(&sign_in.address, lang::account::unknown_address(lang))) },
                html! { (outcome) },
            ]
        })
        .collect();
    html! {
        p { (lang::account::sign_ins_lead(lang, crate::log::KEPT_DAYS)) }
        (pieces::table(lang::account::sign_ins(lang), &columns, &rows))
    }
}

fn known<'a>(text: &'a str, unknown: &'a str) -> &'a str {
    if text.is_empty() { unknown } else { text }
}
