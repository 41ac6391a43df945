//! `/account/passkeys`: an account's passkeys; and the ways to sign in by one.

use axum::extract::{FromRef, FromRequest as _, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Error, FieldError, Result};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use web::pieces::{self, Field};
use web::{Asked, Form, Frame, Notice, PageError, Query, Section, Visitor, layout};

use super::CHALLENGE_MICROS;
use super::actions::{Begun, MOST, Shown};
use crate::Access;
use crate::guard::{COOKIE, HALF_COOKIE, Here, cookie};
use crate::pages::{Sender, code_page, local, see_other, sign_in_page};
use crate::proof::pieces::{Removal, Way, crumbs, fields, list, mended, removing};
use crate::proof::{Besides, Change, Given};

/// The cookie by which the answer to a challenge finds it again.
const CHALLENGE_COOKIE: &str = "sogoc_passkey";
const HERE: &str = "/account/passkeys";

pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route(HERE, get(show))
        .route("/account/passkeys/begin", post(begin))
        .route("/account/passkeys/add", post(add))
        .route("/account/passkeys/remove", post(remove))
}

/// Signing in by a passkey, in the place of the password and of the code.
pub(crate) fn sign_in_routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route("/sign-in/passkey", post(sign_in))
        .route("/sign-in/passkey/begin", post(ask))
        .route("/sign-in/code/passkey", post(enter))
        .route("/sign-in/code/passkey/begin", post(ask_half))
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
    here: Here,
    Query(Done { done }): Query<Done>,
) -> Result<Response, PageError> {
    let done = match done.as_str() {
        "added" => Some(lang::passkeys::done_added(asked.lang)),
        "removed" => Some(lang::passkeys::done_removed(asked.lang)),
        _ => None,
    };
    let notice = done.map(|text| Notice::Done(text.to_owned()));
    let page = page(&access, &asked, (&visitor, &here), &Typed::default(), (&[], notice)).await?;
    Ok(page.into_response())
}

/// What was typed into the forms of the page.
#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    passkey: String,
    #[serde(default, alias = "password-remove")]
    password: String,
    #[serde(default, alias = "code-remove")]
    code: String,
}

impl Typed {
    fn given<'a>(&'a self, visitor: &'a Visitor, here: &'a Here, suffix: &'a str) -> Given<'a> {
        Given::of((&visitor.name, here), (&self.password, &self.code), suffix)
    }
}

async fn begin(
    State(access): State<Access>,
    asked: Asked,
    visitor: Visitor,
    here: Here,
    request: Request,
) -> Response {
    let sender = Sender::of(&access, &request);
    let Form(typed) = match Form::<Typed>::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => return rejection,
    };
    let begun = async {
        visitor.check_form(&typed.csrf)?;
        let owner = access.prove(Change::Adding, typed.given(&visitor, &here, "")).await?;
        access.begin_passkey((&owner, &visitor.name), &typed.name).await
    };
    match begun.await {
        Ok(begun) => {
            let cookie = challenge_cookie(&sender, &begun.token, HERE);
            let page = make_page(&access, &asked, &visitor, &typed.name, &begun);
            let headers = [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, NOT_KEPT.into())];
            (headers, page).into_response()
        }
        Err(error) => refused(&access, &asked, (&visitor, &here), &typed, error).await,
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    next: String,
}

async fn add(
    State(access): State<Access>,
    asked: Asked,
    here: Here,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<Answer>,
) -> Result<Response, PageError> {
    visitor.check_form(&form.csrf)?;
    let token = cookie(&headers, CHALLENGE_COOKIE).unwrap_or_default();
    let owner = access.owner(&visitor.name, &here).await?;
    match access.add_passkey(&owner, (token, &form.answer)).await {
        Ok(()) => Ok(see_other("/account/passkeys?done=added", &[])),
        Err(error) => {
            Ok(refused(&access, &asked, (&visitor, &here), &Typed::default(), error).await)
        }
    }
}

async fn remove(
    State(access): State<Access>,
    asked: Asked,
    here: Here,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Response {
    let removed = async {
        visitor.check_form(&typed.csrf)?;
        let given = typed.given(&visitor, &here, "-remove");
        let owner = access.prove(Change::Removing, given).await?;
        match access.remove_passkey(&owner, &typed.passkey).await? {
            true => Ok(()),
            false => Err(Error::invalid("passkey", lang::passkeys::choose_one)),
        }
    };
    match removed.await {
        Ok(()) => see_other("/account/passkeys?done=removed", &[]),
        Err(error) => refused(&access, &asked, (&visitor, &here), &typed, error).await,
    }
}

async fn ask(State(access): State<Access>, asked: Asked, request: Request) -> Response {
    let sender = Sender::of(&access, &request);
    told(&asked, &sender, access.ask_for_passkey(&sender.address).await)
}

async fn ask_half(State(access): State<Access>, asked: Asked, request: Request) -> Response {
    let sender = Sender::of(&access, &request);
    let half = cookie(request.headers(), HALF_COOKIE).unwrap_or_default();
    told(&asked, &sender, access.ask_half_for_passkey(half, &sender.address).await)
}

/// A challenge for the script, or a sentence that it shows.
fn told(asked: &Asked, sender: &Sender, begun: Result<Begun>) -> Response {
    match begun {
        Ok(begun) => {
            let cookie = challenge_cookie(sender, &begun.token, "/sign-in");
            let headers = [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, NOT_KEPT.into())];
            (headers, Json(begun.options)).into_response()
        }
        Err(error @ Error::Refused { .. }) => {
            let said = json!({ "message": error.say(asked.lang) });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(said)).into_response()
        }
        Err(error) => PageError(error).into_response(),
    }
}

async fn sign_in(State(access): State<Access>, asked: Asked, request: Request) -> Response {
    let sender = Sender::of(&access, &request);
    let token = cookie(request.headers(), CHALLENGE_COOKIE).unwrap_or_default().to_owned();
    let Form(form) = match Form::<Answer>::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => return rejection,
    };
    match access.sign_in_by_passkey((&token, &form.answer), &sender.whence()).await {
        Ok(session) => {
            let cookies = [sender.cookie(COOKIE, &session, "/"), gone(&sender)];
            see_other(&local(&form.next), &cookies)
        }
        Err(error @ Error::Refused { .. }) => {
            let page = sign_in_page(&access, &asked, &form.next, "", Some(&error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => PageError(error).into_response(),
    }
}

async fn enter(State(access): State<Access>, asked: Asked, request: Request) -> Response {
    let sender = Sender::of(&access, &request);
    let half = cookie(request.headers(), HALF_COOKIE).unwrap_or_default().to_owned();
    let token = cookie(request.headers(), CHALLENGE_COOKIE).unwrap_or_default().to_owned();
    let Form(form) = match Form::<Answer>::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => return rejection,
    };
    match access.enter_passkey(&half, (&token, &form.answer), &sender.whence()).await {
        Ok(session) => {
            let no_half = sender.gone(HALF_COOKIE, "/sign-in");
            let cookies = [sender.cookie(COOKIE, &session, "/"), no_half, gone(&sender)];
            see_other(&local(&form.next), &cookies)
        }
        Err(error @ Error::Refused { code: "access.sign_in_expired", .. }) => {
            let page = sign_in_page(&access, &asked, &form.next, "", Some(&error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error @ Error::Refused { .. }) => {
            let page = code_page(&access, &asked, &form.next, true, Some(&error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => PageError(error).into_response(),
    }
}

/// What stands on these answers is kept by no browser.
const NOT_KEPT: &str = "no-store";

fn challenge_cookie(sender: &Sender, token: &str, path: &str) -> String {
    let seconds = CHALLENGE_MICROS / 1_000_000;
    format!("{}; Max-Age={seconds}", sender.cookie(CHALLENGE_COOKIE, token, path))
}

fn gone(sender: &Sender) -> String {
    sender.gone(CHALLENGE_COOKIE, "/sign-in")
}

/// The page again, with what is to be mended.
async fn refused(
    access: &Access,
    asked: &Asked,
    (visitor, here): (&Visitor, &Here),
    typed: &Typed,
    error: Error,
) -> Response {
    let (errors, notice) = match mended(asked.lang, error) {
        Ok(mended) => mended,
        Err(other) => return PageError(other).into_response(),
    };
    match page(access, asked, (visitor, here), typed, (&errors, notice)).await {
        Ok(page) => (StatusCode::UNPROCESSABLE_ENTITY, page).into_response(),
        Err(error) => PageError(error).into_response(),
    }
}

async fn page(
    access: &Access,
    asked: &Asked,
    (visitor, here): (&Visitor, &Here),
    typed: &Typed,
    (errors, notice): (&[FieldError], Option<Notice>),
) -> Result<Markup> {
    let lang = asked.lang;
    let owner = access.owner(&visitor.name, here).await?;
    let passkeys = access.passkeys(&owner.id).await?;
    let to_add = access.besides(&owner, Change::Adding).await?;
    let to_remove = access.besides(&owner, Change::Removing).await?;
    let ways = passkeys.iter().map(|Shown { id, name, made, used }| Way {
        id,
        name,
        made: *made,
        used: *used,
    });
    let ways: Vec<Way<'_>> = ways.collect();
    let heads =
        (lang::passkeys::title(lang), lang::passkeys::name(lang), lang::passkeys::made(lang));
    let removal = Removal {
        action: "/account/passkeys/remove",
        field: ("passkey", lang::passkeys::which(lang)),
        button: lang::passkeys::remove(lang),
        suffix: "-remove",
        besides: (to_remove, HERE),
    };
    let mut frame = Frame::new(asked, Section::Elsewhere, lang::passkeys::title(lang));
    frame.notice = notice;
    let csrf = Some(visitor.csrf.as_str());
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(lang::passkeys::title(lang), Some(lang::passkeys::lead(lang))))
        (list(lang, heads, &ways, lang::passkeys::none(lang)))
        h2 { (lang::passkeys::add_title(lang)) }
        (adding((access, lang, csrf), &typed.name, to_add, errors))
        @if !passkeys.is_empty() {
            h2 { (lang::passkeys::remove_title(lang)) }
            p { (lang::passkeys::remove_lead(lang)) }
            (removing((lang, csrf), &removal, (&ways, &typed.passkey), errors))
        }
    };
    Ok(layout(&frame, body))
}

fn adding(
    (access, lang, csrf): (&Access, Lang, Option<&str>),
    name: &str,
    besides: Besides,
    errors: &[FieldError],
) -> Markup {
    let Some(site) = usable(access) else {
        let text = lang::passkeys::not_set_up(lang).to_owned();
        return pieces::notice(lang, &Notice::Note(text));
    };
    let form = pieces::form(
        "/account/passkeys/begin",
        csrf,
        html! {
            (Field::new(lang, "name", lang::passkeys::name(lang))
                .hint(lang::passkeys::name_hint(lang))
                .errors(errors)
                .text(name))
            (fields(lang, (besides, HERE), "", errors))
            (pieces::submit(lang::passkeys::add(lang)))
        },
    );
    html! {
        p { (lang::passkeys::add_lead(lang, MOST)) }
        noscript { p { (lang::passkeys::needs_script(lang)) } }
        div hidden data-passkeys=(site) { (form) }
        (elsewhere(lang, site))
        (script())
    }
}

/// The second step of adding one: the browser makes the key once a button is pressed.
fn make_page(
    access: &Access,
    asked: &Asked,
    visitor: &Visitor,
    name: &str,
    begun: &Begun,
) -> Markup {
    let lang = asked.lang;
    let frame = Frame::new(asked, Section::Elsewhere, lang::passkeys::add_title(lang));
    let options = begun.options.to_string();
    let site = usable(access).unwrap_or_default();
    let body = html! {
        (crumbs(lang))
        (pieces::heading(lang::passkeys::add_title(lang), Some(lang::passkeys::make_lead(lang))))
        (pieces::definition_list(&[(lang::passkeys::name(lang), html! { (base::text::clean(name)) })]))
        noscript { p { (lang::passkeys::needs_script(lang)) } }
        div hidden data-passkeys=(site) {
            form method="post" action="/account/passkeys/add" data-passkey="create"
                data-options=(options) data-failed=(lang::passkeys::not_made(lang))
                data-known=(lang::passkeys::known(lang)) {
                input type="hidden" name="csrf" value=(visitor.csrf);
                input type="hidden" name="answer" value="";
                (said())
                (pieces::submit(lang::passkeys::make(lang)))
            }
        }
        (elsewhere(lang, site))
        p { a href=(HERE) { (lang::passkeys::back(lang)) } }
        (script())
    };
    layout(&frame, body)
}

/// The button of a page on which somebody signs in; nothing where passkeys are not set up. It shows
/// itself only where the browser has passkeys.
pub(crate) fn sign_in_form(access: &Access, lang: Lang, action: &str, next: &str) -> Markup {
    let Some(site) = usable(access) else { return html! {} };
    html! {
        div hidden data-passkeys=(site) {
            p { (lang::passkeys::or(lang)) }
            form method="post" action=(action) data-passkey="get" data-begin={ (action) "/begin" }
                data-failed=(lang::passkeys::not_shown(lang)) {
                input type="hidden" name="next" value=(next);
                input type="hidden" name="answer" value="";
                (said())
                (pieces::submit_quiet(lang::passkeys::sign_in(lang)))
            }
        }
        (elsewhere(lang, site))
        (script())
    }
}

/// Where the script says what went wrong.
fn said() -> Markup {
    html! { p.error role="alert" hidden {} }
}

/// Shown where the page was opened under another address, at which no passkey works.
fn elsewhere(lang: Lang, site: &str) -> Markup {
    html! {
        p hidden data-elsewhere=(site) {
            (lang::passkeys::elsewhere(lang)) " " a href=(site) { (site) }
        }
    }
}

fn script() -> Markup {
    html! { script type="module" src=(web::assets::passkey_script()) {} }
}

/// The address at which passkeys work.
fn usable(access: &Access) -> Option<&str> {
    let ways = access.ways();
    ways.webauthn.as_ref().and(ways.site.as_deref())
}
