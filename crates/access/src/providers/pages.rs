//! `/sign-in/by/…`: to a provider and back; `/account/sign-in-by`: linking one to an account.

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::{Error, FieldError, Result};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::encoded;
use web::pieces::{self, Choice, Field};
use web::{Asked, Form, Frame, Notice, PageError, Path, Query, Section, Visitor, layout};

use super::AWAY_MICROS;
use super::actions::{Arrived, Begun, Returned, Shown};
use super::model::Provider;
use crate::Access;
use crate::guard::{COOKIE, HALF_COOKIE, Here, cookie};
use crate::pages::{Sender, local, see_other, sign_in_page};
use crate::proof::pieces::{Removal, Way, crumbs, fields, list, mended, removing};
use crate::proof::{Besides, Change, Given};
use crate::sessions::{Entry, HALF_MICROS};

/// The cookie by which whoever comes back from a provider is known to be the one who went.
const AWAY_COOKIE: &str = "sogoc_away";
const BY: &str = "/sign-in/by";
const HERE: &str = "/account/sign-in-by";

pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new()
        .route("/sign-in/by/{provider}", get(go))
        .route("/sign-in/by/{provider}/return", get(come_back))
        .route(HERE, get(show))
        .route("/account/sign-in-by/link", post(link))
        .route("/account/sign-in-by/unlink", post(unlink))
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

/// Sends somebody on at once. A form could not: the policy of our pages lets no form lead to another
/// host, and a link that a stranger makes somebody follow only brings them to their own sign-in.
async fn go(
    State(access): State<Access>,
    asked: Asked,
    Path(provider): Path<String>,
    Query(Next { next }): Query<Next>,
    request: Request,
) -> Response {
    let sender = Sender::of(&access, &request);
    match access.send_to(&provider, None, &next, &sender.address).await {
        Ok(begun) => {
            let mut response = see_other(&begun.url, &[away_cookie(&sender, &begun)]);
            response.headers_mut().insert(header::CACHE_CONTROL, NOT_KEPT);
            response
        }
        Err(error) => not_signed_in(&access, &asked, &next, error),
    }
}

const NOT_KEPT: axum::http::HeaderValue = axum::http::HeaderValue::from_static("no-store");

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

async fn come_back(
    State(access): State<Access>,
    asked: Asked,
    Path(provider): Path<String>,
    Query(back): Query<Back>,
    here: Here,
    request: Request,
) -> Response {
    let sender = Sender::of(&access, &request);
    let token = cookie(request.headers(), AWAY_COOKIE).unwrap_or_default().to_owned();
    let returned = Returned {
        state: &back.state,
        code: back.code.as_deref(),
        error: back.error.as_deref(),
        issuer: back.iss.as_deref(),
    };
    let visitor = asked.visitor.as_ref();
    let session = visitor.map(|_| here.token.as_str());
    let arrived = access.arrive(&provider, (&token, &returned), session, &sender.whence()).await;
    let gone = sender.gone(AWAY_COOKIE, BY);
    match (arrived, visitor) {
        (Ok(Arrived::Linked), _) => see_other("/account/sign-in-by?done=linked", &[gone]),
        (Ok(Arrived::Entered { entry: Entry::Session(token), next }), _) => {
            see_other(&local(&next), &[sender.cookie(COOKIE, &token, "/"), gone])
        }
        (Ok(Arrived::Entered { entry: Entry::Half(token), next }), _) => {
            let seconds = HALF_MICROS / 1_000_000;
            let half = sender.cookie(HALF_COOKIE, &token, "/sign-in");
            let next = format!("/sign-in/code?next={}", encoded(&local(&next)));
            see_other(&next, &[format!("{half}; Max-Age={seconds}"), gone])
        }
        (Err(error), Some(visitor)) => refused(&access, &asked, (visitor, &here), error).await,
        (Err(error), None) => not_signed_in(&access, &asked, "", error),
    }
}

/// The page of the sign-in with what came in between; the password is asked for there as ever.
fn not_signed_in(access: &Access, asked: &Asked, next: &str, error: Error) -> Response {
    match error {
        Error::Refused { code, .. } => {
            let page = sign_in_page(access, asked, next, "", Some(&error));
            (status_of(code), page).into_response()
        }
        other => PageError(other).into_response(),
    }
}

fn status_of(code: &str) -> StatusCode {
    match code {
        "access.provider_away" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn away_cookie(sender: &Sender, begun: &Begun) -> String {
    let seconds = AWAY_MICROS / 1_000_000;
    format!("{}; Max-Age={seconds}", sender.cookie(AWAY_COOKIE, &begun.token, BY))
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
        "linked" => Some(lang::providers::done_linked(asked.lang)),
        "unlinked" => Some(lang::providers::done_unlinked(asked.lang)),
        _ => None,
    };
    let notice = done.map(|text| Notice::Done(text.to_owned()));
    Ok(page(&access, &asked, (&visitor, &here), (&[], notice)).await?.into_response())
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    identity: String,
    #[serde(default, alias = "password-unlink")]
    password: String,
    #[serde(default, alias = "code-unlink")]
    code: String,
}

async fn link(
    State(access): State<Access>,
    asked: Asked,
    visitor: Visitor,
    here: Here,
    request: Request,
) -> Response {
    use axum::extract::FromRequest as _;
    let sender = Sender::of(&access, &request);
    let Form(typed) = match Form::<Typed>::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => return rejection,
    };
    let begun = async {
        visitor.check_form(&typed.csrf)?;
        if typed.provider.is_empty() {
            return Err(Error::invalid("provider", lang::providers::choose_one));
        }
        let given = Given::of((&visitor.name, &here), (&typed.password, &typed.code), "");
        let owner = access.prove(Change::Adding, given).await?;
        access.send_to(&typed.provider, Some(&owner), "", &sender.address).await
    };
    let begun = begun.await.and_then(|begun| Ok((access.provider(&typed.provider)?, begun)));
    match begun {
        Ok((provider, begun)) => {
            let cookie = away_cookie(&sender, &begun);
            let page = on_page(&asked, provider, &begun);
            let headers =
                [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, "no-store".into())];
            (headers, page).into_response()
        }
        Err(error) => refused(&access, &asked, (&visitor, &here), error).await,
    }
}

async fn unlink(
    State(access): State<Access>,
    asked: Asked,
    here: Here,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Response {
    let removed = async {
        visitor.check_form(&typed.csrf)?;
        let given = Given::of((&visitor.name, &here), (&typed.password, &typed.code), "-unlink");
        let owner = access.prove(Change::Removing, given).await?;
        match access.unlink(&owner, &typed.identity).await? {
            true => Ok(()),
            false => Err(Error::invalid("identity", lang::providers::choose_one)),
        }
    };
    match removed.await {
        Ok(()) => see_other("/account/sign-in-by?done=unlinked", &[]),
        Err(error) => refused(&access, &asked, (&visitor, &here), error).await,
    }
}

/// The page again, with what is to be mended.
async fn refused(
    access: &Access,
    asked: &Asked,
    (visitor, here): (&Visitor, &Here),
    error: Error,
) -> Response {
    let status = match &error {
        Error::Refused { code, .. } => status_of(code),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let (errors, notice) = match mended(asked.lang, error) {
        Ok(mended) => mended,
        Err(other) => return PageError(other).into_response(),
    };
    match page(access, asked, (visitor, here), (&errors, notice)).await {
        Ok(page) => (status, page).into_response(),
        Err(error) => PageError(error).into_response(),
    }
}

async fn page(
    access: &Access,
    asked: &Asked,
    (visitor, here): (&Visitor, &Here),
    (errors, notice): (&[FieldError], Option<Notice>),
) -> Result<Markup> {
    let lang = asked.lang;
    let owner = access.owner(&visitor.name, here).await?;
    let identities = access.identities(&owner.id).await?;
    let to_add = access.besides(&owner, Change::Adding).await?;
    let to_remove = access.besides(&owner, Change::Removing).await?;
    let providers = &access.ways().providers;
    let free: Vec<&Provider> = providers
        .iter()
        .filter(|it| identities.iter().all(|own| own.issuer != it.issuer.as_str()))
        .collect();
    let ways = identities.iter().map(|it| Way {
        id: &it.id,
        name: name_of(lang, providers, it),
        made: it.made,
        used: it.used,
    });
    let ways: Vec<Way<'_>> = ways.collect();
    let heads = (
        lang::providers::title(lang),
        lang::providers::system(lang),
        lang::providers::linked(lang),
    );
    let removal = Removal {
        action: "/account/sign-in-by/unlink",
        field: ("identity", lang::providers::system(lang)),
        button: lang::providers::unlink(lang),
        suffix: "-unlink",
        besides: (to_remove, HERE),
    };
    let mut frame = Frame::new(asked, Section::Elsewhere, lang::providers::title(lang));
    frame.notice = notice;
    let csrf = Some(visitor.csrf.as_str());
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(lang::providers::title(lang), Some(lang::providers::lead(lang))))
        @if providers.is_empty() {
            (pieces::notice(lang, &Notice::Note(lang::providers::not_set_up(lang).to_owned())))
        }
        (list(lang, heads, &ways, lang::providers::none(lang)))
        @if !free.is_empty() {
            h2 { (lang::providers::link_title(lang)) }
            (linking((lang, csrf), &free, to_add, errors))
        }
        @if !identities.is_empty() {
            h2 { (lang::providers::unlink_title(lang)) }
            (removing((lang, csrf), &removal, (&ways, ""), errors))
        }
    };
    Ok(layout(&frame, body))
}

/// What a provider is called; its address where it is configured no more.
fn name_of<'a>(lang: Lang, providers: &'a [Provider], identity: &'a Shown) -> &'a str {
    let known = providers.iter().find(|it| it.issuer.as_str() == identity.issuer);
    known.map_or(&identity.issuer, |provider| provider.name(lang))
}

fn linking(
    (lang, csrf): (Lang, Option<&str>),
    free: &[&Provider],
    besides: Besides,
    errors: &[FieldError],
) -> Markup {
    let choices: Vec<Choice<'_>> =
        free.iter().map(|it| Choice { value: &it.id, label: it.name(lang) }).collect();
    // Of one there is nothing to choose.
    let only = (choices.len() == 1).then(|| choices.first().map_or("", |choice| choice.value));
    pieces::form(
        "/account/sign-in-by/link",
        csrf,
        html! {
            (Field::new(lang, "provider", lang::providers::system(lang))
                .errors(errors)
                .select(&choices, only.unwrap_or_default()))
            (fields(lang, (besides, HERE), "", errors))
            (pieces::submit(lang::providers::link(lang)))
        },
    )
}

/// Between the form and the provider stands a link: no form of ours leads to another host.
fn on_page(asked: &Asked, provider: &Provider, begun: &Begun) -> Markup {
    let lang = asked.lang;
    let name = provider.name(lang);
    let frame = Frame::new(asked, Section::Elsewhere, lang::providers::link_title(lang));
    let body = html! {
        (crumbs(lang))
        (pieces::heading(lang::providers::link_title(lang), Some(&lang::providers::on_lead(lang, name))))
        p { a href=(begun.url) { (lang::providers::on(lang, name)) } }
        p { a href=(HERE) { (lang::providers::back(lang)) } }
    };
    layout(&frame, body)
}

/// The links of the page on which somebody signs in; nothing where no provider is set up.
pub(crate) fn sign_in_links(access: &Access, lang: Lang, next: &str) -> Markup {
    let providers = &access.ways().providers;
    if providers.is_empty() {
        return html! {};
    }
    html! {
        h2 { (lang::providers::sign_in_title(lang)) }
        ul {
            @for provider in providers {
                li {
                    a href={ (BY) "/" (provider.id) "?next=" (encoded(&local(next))) } {
                        (lang::providers::sign_in(lang, provider.name(lang)))
                    }
                }
            }
        }
    }
}
