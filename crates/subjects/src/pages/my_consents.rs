//! `/my-data/consents`: what one may agree to, and the form by which one does. Nobody's box is ticked
//! for them, whatever they sent before.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base::rights::{Act, Actor, Rights, Scope};
use base::{Clock, Error, FieldError};
use lang::Lang;
use maud::{Markup, html};
use packs::{ConsentPurpose, ConsentText};
use web::ask::Asker;
use web::pieces::{self, Field};
use web::{Asked, Form, PageError, Path, layout};

use super::forms::{self, Typed};
use super::{View, made_up, mended, public_crumbs, public_frame, secret, slow_down};
use crate::Channel;
use crate::consents::{self, Given, NewConsent};
use crate::desks;
use crate::office::{CITIZEN, Context, Office};
use crate::rights::place;

/// So many consents from one place are taken in a quarter of an hour.
const FORGIVEN: u32 = 10;

pub(super) async fn list(
    State(office): State<Office>,
    asked: Asked,
) -> Result<Response, PageError> {
    let view = View::open(&office, asked.lang).await?;
    let lang = view.lang;
    let title = lang::my_data::consents_title(lang);
    let body = html! {
        (public_crumbs(lang))
        (pieces::heading(title, Some(lang::my_data::consents_lead(lang))))
        (purposes(&view, "/my-data/consents/"))
    };
    Ok(layout(&public_frame(&asked, title), body).into_response())
}

/// What one may agree to today, each leading to its form.
pub(super) fn purposes(view: &View, base: &str) -> Markup {
    let lang = view.lang;
    let known = &view.definitions.consent_purposes;
    let purposes: Vec<&ConsentPurpose> =
        known.iter().filter(|it| it.text_on(view.today).is_some()).collect();
    html! {
        @if purposes.is_empty() {
            (pieces::empty(lang::consents::no_purposes(lang), None))
        } @else {
            ul.tasks {
                @for purpose in purposes {
                    li { a href={ (base) (purpose.code) } { (purpose.name.say(lang)) } }
                }
            }
        }
    }
}

/// The text of a purpose as it is today.
///
/// Errors: `NotFound`.
pub(super) fn text<'a>(
    view: &'a View,
    code: &str,
) -> Result<(&'a ConsentPurpose, &'a ConsentText), Error> {
    let purpose = view.definitions.consent_purpose(code);
    let found = purpose.and_then(|purpose| Some((purpose, purpose.text_on(view.today)?)));
    found.ok_or_else(|| Error::not_found(lang::consents::no_purpose))
}

pub(super) async fn show(
    State(office): State<Office>,
    asked: Asked,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    office.vault()?;
    let view = View::open(&office, asked.lang).await?;
    let form = form(&view, office.clock(), &code, &Typed::default(), &[], None)?;
    let title = view.purpose_name(&code);
    let body = html! { (public_crumbs(asked.lang)) (form) };
    Ok(secret(StatusCode::OK, layout(&public_frame(&asked, title), body)))
}

/// The form of a consent; with a token and a channel at the counter.
pub(super) fn form(
    view: &View,
    clock: &Clock,
    code: &str,
    typed: &Typed,
    errors: &[FieldError],
    counter: Option<(&str, Option<&str>, &Scope)>,
) -> Result<Markup, Error> {
    let lang = view.lang;
    let (purpose, text) = text(view, code)?;
    let everywhere = Scope::everywhere();
    let (base, csrf, scope) = counter.unwrap_or(("/my-data/consents", None, &everywhere));
    // The words that were read are those that are recorded, in their language.
    let action = format!("{base}/{code}?lang={}", lang.tag());
    Ok(html! {
        (pieces::error_summary(lang, errors))
        (pieces::heading(purpose.name.say(lang), Some(lang::consents::form_lead(lang))))
        blockquote { p { (text.text.say(lang)) } }
        p.quiet { (text.document.say(lang)) " · " (lang::consents::version(lang, text.version)) }
        (forms::form(&action, csrf, html! {
            (forms::once(typed, clock))
            input type="hidden" name="text_version" value=(text.version);
            (forms::desk(view, scope, (&typed.desk, lang::subjects::desk_hint(lang)), errors))
            @if counter.is_some() { (forms::channel(lang, typed, errors)) }
            (forms::person(lang, typed, errors))
            (Field::new(lang, "agreed", lang::consents::agree(lang)).errors(errors).tick(false))
        }, lang::consents::give(lang)))
    })
}

pub(super) async fn send(
    State(office): State<Office>,
    asked: Asked,
    asker: Asker,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    slow_down(&office, &format!("consent {}", asker.address), FORGIVEN)?;
    // Everybody may agree to something, at whichever desk.
    let mut rights = Rights::NONE;
    rights.grant(Act::RecordConsents, Scope::everywhere());
    let citizen = Actor { name: CITIZEN, rights: &rights };
    let given = give(&office, (citizen, Channel::Online), (&code, asked.lang), &typed).await;
    let view = View::open(&office, asked.lang).await?;
    let mut frame = public_frame(&asked, view.purpose_name(&code));
    match given {
        Ok(given) => {
            let body = html! { (public_crumbs(asked.lang)) (taken(&view, &given)) };
            Ok(secret(StatusCode::OK, layout(&frame, body)))
        }
        Err(error) => {
            let (status, errors) = mended(asked.lang, &mut frame, error)?;
            let form = form(&view, office.clock(), &code, &typed, &errors, None)?;
            let body = html! { (public_crumbs(asked.lang)) (form) };
            Ok(secret(status, layout(&frame, body)))
        }
    }
}

/// Records what a form carried.
pub(super) async fn give(
    office: &Office,
    (reader, channel): (Actor<'_>, Channel),
    (purpose, lang): (&str, Lang),
    typed: &Typed,
) -> Result<Given, Error> {
    let vault = office.vault()?;
    let id = typed.id()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let (clock, actor) = (office.clock(), reader.name);
    let territory = office.atlas().territory(&mut tx).await?;
    let desk = desks::read(&territory, clock.today(), &typed.desk)?;
    reader.check(Act::RecordConsents, place(desk))?;
    let cx = Context { clock, actor, definitions: &definitions, vault };
    let new = NewConsent {
        id,
        purpose: purpose.to_owned(),
        text_version: typed.text_version,
        lang,
        channel,
        person: typed.person(),
        desk,
        agreed: typed.agreed == "yes",
        made_up: false,
    };
    let given = consents::give(&mut tx, cx, new).await?;
    tx.commit().await?;
    Ok(given)
}

/// What was recorded, with the code that is shown once.
pub(super) fn taken(view: &View, given: &Given) -> Markup {
    let lang = view.lang;
    html! {
        (pieces::heading(lang::consents::taken(lang), Some(lang::consents::taken_lead(lang))))
        (pieces::definition_list(&[
            (lang::subjects::receipt(lang), html! { strong { (given.receipt) } }),
            (lang::consents::purpose(lang), html! { (view.purpose_name(&given.consent.purpose)) }),
            (lang::consents::given_at(lang), html! { (given.consent.given_at.local()) }),
        ]))
        p { (lang::subjects::receipt_how(lang)) }
    }
}

/// How a consent stands.
pub(super) fn stands(view: &View, it: &consents::Version) -> Markup {
    let lang = view.lang;
    let name = view.purpose_name(&it.purpose);
    let purpose = view.definitions.consent_purpose(&it.purpose);
    let text = purpose.and_then(|purpose| purpose.text(it.text_version));
    let spoken = Lang::from_tag(&it.lang).unwrap_or_default();
    let mut list = vec![
        (
            lang::subjects::state(lang),
            html! {
                strong { (it.state.say(lang)) } (made_up(lang, it.made_up))
            },
        ),
        (lang::consents::given_at(lang), html! { (it.given_at.local()) }),
        (lang::subjects::desk(lang), html! { (view.desk_name(it.unit)) }),
        (lang::subjects::channel(lang), html! { (it.channel.say(lang)) }),
    ];
    if let Some(text) = text {
        let version = lang::consents::version(lang, text.version);
        list.push((
            lang::consents::text(lang),
            html! {
                span lang=(spoken.tag()) { (text.text.say(spoken)) } " (" (version) ")"
            },
        ));
    }
    if let Some(at) = it.withdrawn_at {
        list.push((lang::consents::withdrawn_at(lang), html! { (at.local()) }));
    }
    html! {
        (pieces::heading(&lang::consents::titled(lang, name), None))
        (pieces::definition_list(&list))
    }
}
