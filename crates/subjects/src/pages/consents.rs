//! `/tasks/personal-data/consents`: what was agreed to, taken at the counter, and withdrawn.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::rights::{self, Scope};
use base::{Error, FieldError};
use maud::{Markup, html};
use serde::Deserialize;
use store::Tx;
use web::pieces::{self, Column, Crumb};
use web::{Asked, Form, Frame, Notice, PageError, PageResult, Path, Query, Visitor, layout};

use super::forms::{self, Typed};
use super::my_consents::{self, give};
use super::request::{person_list, recorded};
use super::{DESK, View, crumbs, desk, frame, made_up, mended, secret, see_other};
use crate::Channel;
use crate::consents::{self, State as Stands, Version};
use crate::locker;
use crate::office::{Context, Office};
use crate::person::{ADDRESS, NAME, NUMBER, PHONE};
use crate::rights::{Act, may, may_somewhere, scope};
use crate::trace::tell_masked;

/// So many consents stand on a page.
const A_PAGE: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wish {
    cursor: String,
    done: String,
}

pub(super) async fn list(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    may_somewhere(&visitor, Act::Consent)?;
    let mut view = View::open(&office, asked.lang).await?;
    let lang = view.lang;
    let cursor = Some(wish.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let scope = scope(&visitor, Act::Consent);
    let page = consents::list(&mut view.tx, scope, cursor, A_PAGE).await?;
    let shown = (None, page.items.len());
    tell_masked(rights::Act::RecordConsents, "subject_consents", "", shown);
    let title = lang::consents::title(lang);
    let columns = [
        Column::head(lang::consents::purpose(lang)),
        Column::text(lang::subjects::state(lang)),
        Column::text(lang::consents::given_at(lang)),
        Column::text(lang::subjects::channel(lang)),
        Column::text(lang::consents::withdrawn_at(lang)),
    ];
    let row = |it: &Version| {
        vec![
            html! {
                a href={ (DESK) "/consents/" (it.id) } { (view.purpose_name(&it.purpose)) }
                (made_up(lang, it.made_up))
            },
            html! { (it.state.say(lang)) },
            html! { (it.given_at.local()) },
            html! { (it.channel.say(lang)) },
            html! { @if let Some(at) = it.withdrawn_at { (at.local()) } },
        ]
    };
    let rows: Vec<Vec<Markup>> = page.items.iter().map(row).collect();
    let body = html! {
        (crumbs(lang, &[]))
        (pieces::heading(title, Some(lang::consents::lead(lang))))
        (desk::tabs(lang, &visitor.rights, 2))
        h2 { (lang::consents::take(lang)) }
        (my_consents::purposes(&view, &format!("{DESK}/consents/new/")))
        h2 { (lang::consents::recorded(lang)) }
        @if rows.is_empty() {
            (pieces::empty(lang::consents::none(lang), None))
        } @else {
            (pieces::table(title, &columns, &rows))
        }
        (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
    };
    Ok(layout(&frame(&asked, title), body))
}

fn above(lang: lang::Lang) -> Markup {
    let href = format!("{DESK}/consents");
    crumbs(lang, &[Crumb { label: lang::consents::title(lang), href: &href }])
}

/// The form at the counter.
fn counter_form(
    office: &Office,
    view: &View,
    (code, frame, scope): (&str, &Frame, &Scope),
    (typed, errors): (&Typed, &[FieldError]),
) -> Result<Markup, Error> {
    let base = format!("{DESK}/consents/new");
    let counter = Some((base.as_str(), frame.csrf.as_deref(), scope));
    let form = my_consents::form(view, office.clock(), code, typed, errors, counter)?;
    Ok(html! { (above(view.lang)) (form) })
}

pub(super) async fn show_new(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    may_somewhere(&visitor, Act::Consent)?;
    office.vault()?;
    let view = View::open(&office, asked.lang).await?;
    let frame = frame(&asked, view.purpose_name(&code));
    let counter = (code.as_str(), &frame, scope(&visitor, Act::Consent));
    let body = counter_form(&office, &view, counter, (&Typed::default(), &[]))?;
    Ok(secret(StatusCode::OK, layout(&frame, body)))
}

pub(super) async fn send_new(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    may_somewhere(&visitor, Act::Consent)?;
    let channel = if typed.channel == "letter" { Channel::Letter } else { Channel::Counter };
    let given = give(&office, (visitor.actor(), channel), (&code, asked.lang), &typed).await;
    let view = View::open(&office, asked.lang).await?;
    let mut frame = frame(&asked, view.purpose_name(&code));
    match given {
        Ok(given) => {
            let body = html! { (above(asked.lang)) (my_consents::taken(&view, &given)) };
            Ok(secret(StatusCode::OK, layout(&frame, body)))
        }
        Err(error) => {
            let (status, errors) = mended(asked.lang, &mut frame, error)?;
            let counter = (code.as_str(), &frame, scope(&visitor, Act::Consent));
            let body = counter_form(&office, &view, counter, (&typed, &errors))?;
            Ok(secret(status, layout(&frame, body)))
        }
    }
}

pub(super) async fn show(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response, PageError> {
    may_somewhere(&visitor, Act::Consent)?;
    let mut view = View::open(&office, asked.lang).await?;
    let desk = known(&mut view.tx, &id).await?.unit;
    may(&visitor, Act::Consent, desk)?;
    tell_masked(rights::Act::RecordConsents, "subject_consent", &id, (desk, 1));
    let mut frame = frame(&asked, lang::consents::one(asked.lang));
    if wish.done == "yes" {
        frame.notice = Some(Notice::Done(lang::subjects::written(asked.lang).to_owned()));
    }
    let body = page(&office, &mut view, (&id, &frame), (&Typed::default(), &[]), false).await?;
    Ok(secret(StatusCode::OK, layout(&frame, body)))
}

pub(super) async fn reveal(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let mut view = View::open(&office, asked.lang).await?;
    let desk = known(&mut view.tx, &id).await?.unit;
    may(&visitor, Act::Reveal, desk)?;
    drop(view);
    let traced = recorded(&office, &visitor, (&id, desk), &typed).await;
    let mut view = View::open(&office, asked.lang).await?;
    let mut frame = frame(&asked, lang::consents::one(asked.lang));
    let (status, errors) = match traced {
        Ok(()) => (StatusCode::OK, Vec::new()),
        Err(error) => mended(asked.lang, &mut frame, error)?,
    };
    let reveals = status == StatusCode::OK;
    let body = page(&office, &mut view, (&id, &frame), (&typed, &errors), reveals).await?;
    Ok(secret(status, layout(&frame, body)))
}

/// A consent as it stands.
///
/// Errors: `NotFound`.
async fn known(tx: &mut Tx, id: &str) -> Result<Version, Error> {
    let found = consents::find(tx, id).await?;
    found.ok_or_else(|| Error::not_found(lang::consents::no_consent))
}

async fn page(
    office: &Office,
    view: &mut View,
    (id, frame): (&str, &Frame),
    (typed, errors): (&Typed, &[FieldError]),
    reveals: bool,
) -> Result<Markup, Error> {
    let consent = known(&mut view.tx, id).await?;
    let fields = match office.vault() {
        Ok(vault) => locker::open(&mut view.tx, vault, id).await?,
        Err(_) => locker::Fields::new(),
    };
    let lang = view.lang;
    let csrf = frame.csrf.as_deref();
    let action = format!("{DESK}/consents/{id}");
    Ok(html! {
        (above(lang))
        (pieces::error_summary(lang, errors))
        (my_consents::stands(view, &consent))
        h2 { (lang::consents::who(lang)) }
        @if fields.is_empty() {
            p { (lang::subjects::erased_note(lang)) }
        } @else {
            (person_list(view, &fields, &[NAME, NUMBER, PHONE, ADDRESS], reveals))
            @if !reveals {
                (pieces::details(lang::subjects::reveal(lang), html! {
                    p { (lang::subjects::reveal_lead(lang)) }
                    (forms::form(&action, csrf,
                        forms::purpose(lang, &view.definitions.reading_purposes, typed, errors),
                        lang::subjects::reveal(lang)))
                }))
            }
        }
        @if consent.state == Stands::Given {
            h2 { (lang::consents::withdraw(lang)) }
            p { (lang::consents::withdraw_lead(lang)) }
            (pieces::form(&format!("{action}/withdraw"), csrf, html! {
                (forms::channel(lang, typed, &[]))
                (pieces::submit_danger(lang::consents::withdraw(lang)))
            }))
        }
    })
}

pub(super) async fn withdraw(
    State(office): State<Office>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    may_somewhere(&visitor, Act::Consent)?;
    let by = if typed.channel == "letter" { Channel::Letter } else { Channel::Counter };
    let vault = office.vault()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let actor = visitor.name.as_str();
    let cx = Context { clock: office.clock(), actor, definitions: &definitions, vault };
    may(&visitor, Act::Consent, known(&mut tx, &id).await?.unit)?;
    consents::withdraw(&mut tx, cx, &id, by).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{DESK}/consents/{id}?done=yes")))
}
