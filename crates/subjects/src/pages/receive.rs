//! Taking a request: at the counter, and at `/my-data/new` from everybody.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::rights::{self, Actor, Rights, Scope};
use base::{Error, FieldError};
use maud::{Markup, html};
use packs::RequestKind;
use web::ask::Asker;
use web::pieces::{self, Choice, Field};
use web::{Asked, Form, Frame, PageError, Visitor, layout};

use super::forms::{self, Typed};
use super::{
    DESK, View, crumbs, due, frame, mended, public_crumbs, public_frame, secret, slow_down,
};
use crate::Channel;
use crate::desks;
use crate::office::{CITIZEN, Context, Office};
use crate::requests::{self, NewRequest, Received};
use crate::rights::{Act, may_somewhere, place, scope};

/// So many tries to hand in a request are taken from one place in a quarter of an hour.
const FORGIVEN: u32 = 5;

/// Who fills the form in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Desk {
    Counter,
    Public,
}

impl Desk {
    fn frame(self, asked: &Asked) -> Frame {
        match self {
            Self::Counter => frame(asked, lang::subjects::new_title(asked.lang)),
            Self::Public => public_frame(asked, lang::my_data::new_title(asked.lang)),
        }
    }

    fn action(self) -> String {
        match self {
            Self::Counter => format!("{DESK}/requests/new"),
            Self::Public => "/my-data/new".to_owned(),
        }
    }
}

pub(super) async fn show_counter(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
) -> Result<Response, PageError> {
    may_somewhere(&visitor, Act::Handle)?;
    office.vault()?;
    show(&office, &asked, (Desk::Counter, scope(&visitor, Act::Handle))).await
}

pub(super) async fn show_public(
    State(office): State<Office>,
    asked: Asked,
) -> Result<Response, PageError> {
    office.vault()?;
    show(&office, &asked, (Desk::Public, &Scope::everywhere())).await
}

async fn show(
    office: &Office,
    asked: &Asked,
    (desk, scope): (Desk, &Scope),
) -> Result<Response, PageError> {
    let view = View::open(office, asked.lang).await?;
    let body = form(office, &view, (desk, &desk.frame(asked), scope), &Typed::default(), &[]);
    Ok(secret(StatusCode::OK, layout(&desk.frame(asked), body)))
}

pub(super) async fn send_counter(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    may_somewhere(&visitor, Act::Handle)?;
    let channel = match typed.channel.as_str() {
        "letter" => Channel::Letter,
        _ => Channel::Counter,
    };
    send(&office, &asked, (Desk::Counter, channel), (visitor.actor(), typed)).await
}

pub(super) async fn send_public(
    State(office): State<Office>,
    asked: Asked,
    asker: Asker,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    slow_down(&office, &format!("request {}", asker.address), FORGIVEN)?;
    // The day is now, whatever is sent along.
    let typed = Typed { received: String::new(), ..typed };
    // Everybody may hand in a request, at whichever desk.
    let mut rights = Rights::NONE;
    rights.grant(rights::Act::ReceiveRequests, Scope::everywhere());
    let citizen = Actor { name: CITIZEN, rights: &rights };
    send(&office, &asked, (Desk::Public, Channel::Online), (citizen, typed)).await
}

async fn send(
    office: &Office,
    asked: &Asked,
    (desk, channel): (Desk, Channel),
    (actor, typed): (Actor<'_>, Typed),
) -> Result<Response, PageError> {
    let scope = actor.rights.scope(rights::Act::ReceiveRequests);
    let received = receive(office, (actor, channel), &typed).await;
    let view = View::open(office, asked.lang).await?;
    let mut frame = desk.frame(asked);
    match received {
        Ok(received) => {
            let body = taken(&view, desk, &received);
            Ok(secret(StatusCode::OK, layout(&frame, body)))
        }
        Err(error) => {
            let (status, errors) = mended(asked.lang, &mut frame, error)?;
            let body = form(office, &view, (desk, &frame, scope), &typed, &errors);
            Ok(secret(status, layout(&frame, body)))
        }
    }
}

async fn receive(
    office: &Office,
    (reader, channel): (Actor<'_>, Channel),
    typed: &Typed,
) -> Result<Received, Error> {
    let vault = office.vault()?;
    let id = typed.id()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let (clock, actor) = (office.clock(), reader.name);
    let territory = office.atlas().territory(&mut tx).await?;
    let desk = desks::read(&territory, clock.today(), &typed.desk)?;
    reader.check(rights::Act::ReceiveRequests, place(desk))?;
    let cx = Context { clock, actor, definitions: &definitions, vault };
    let new = NewRequest {
        id,
        kind: typed.kind.clone(),
        channel,
        received_on: typed.received.clone(),
        person: typed.person(),
        text: typed.text.clone(),
        desk,
        made_up: false,
    };
    let received = requests::receive(&mut tx, cx, new).await?;
    tx.commit().await?;
    Ok(received)
}

fn form(
    office: &Office,
    view: &View,
    (desk, frame, scope): (Desk, &Frame, &Scope),
    typed: &Typed,
    errors: &[FieldError],
) -> Markup {
    let lang = view.lang;
    let (title, lead) = match desk {
        Desk::Counter => (lang::subjects::new_title(lang), lang::subjects::new_lead(lang)),
        Desk::Public => (lang::my_data::new_title(lang), lang::my_data::new_lead(lang)),
    };
    let kinds = &view.definitions.request_kinds;
    let choices: Vec<Choice<'_>> = kinds
        .iter()
        .filter(|kind| kind.terms_on(view.today).is_some())
        .map(|kind| Choice { value: &kind.code, label: kind.name.say(lang) })
        .collect();
    let csrf = frame.csrf.as_deref().filter(|_| desk == Desk::Counter);
    html! {
        @match desk {
            Desk::Counter => (crumbs(lang, &[])),
            Desk::Public => (public_crumbs(lang)),
        }
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lead)))
        @if choices.is_empty() {
            (pieces::empty(lang::subjects::no_kinds(lang), None))
        } @else {
            (explained(view))
            (forms::form(&desk.action(), csrf, html! {
                (forms::once(typed, office.clock()))
                (Field::new(lang, "kind", lang::subjects::kind(lang)).errors(errors)
                    .select(&choices, &typed.kind))
                (forms::desk(view, scope, (&typed.desk, lang::subjects::desk_hint(lang)), errors))
                @if desk == Desk::Counter {
                    (forms::channel(lang, typed, errors))
                    (Field::new(lang, "received", lang::subjects::received_on(lang)).optional()
                        .hint(lang::subjects::received_hint(lang)).errors(errors)
                        .day(&typed.received))
                }
                (forms::person(lang, typed, errors))
                (Field::new(lang, "text", lang::subjects::field_text(lang))
                    .hint(lang::subjects::text_hint(lang)).errors(errors).textarea(&typed.text, 6))
                p.quiet { (lang::subjects::privacy(lang)) }
            }, lang::subjects::send(lang)))
        }
    }
}

/// What one may ask for, with how long it takes.
fn explained(view: &View) -> Markup {
    let lang = view.lang;
    let line = |kind: &RequestKind| {
        let terms = kind.terms_on(view.today);
        html! {
            li {
                strong { (kind.name.say(lang)) } ": " (kind.explains.say(lang))
                @if let Some(terms) = terms {
                    " " (super::request::say_terms(lang, terms))
                }
            }
        }
    };
    pieces::details(
        lang::subjects::kinds_explained(lang),
        html! { ul { @for kind in &view.definitions.request_kinds { (line(kind)) } } },
    )
}

/// What was taken, with the code that is shown once.
fn taken(view: &View, desk: Desk, received: &Received) -> Markup {
    let lang = view.lang;
    let request = &received.request;
    let code = received.receipt.to_string();
    html! {
        @match desk {
            Desk::Counter => (crumbs(lang, &[])),
            Desk::Public => (public_crumbs(lang)),
        }
        (pieces::heading(lang::subjects::taken(lang), Some(lang::subjects::taken_lead(lang))))
        (pieces::definition_list(&[
            (lang::subjects::receipt(lang), html! { strong { (code) } }),
            (lang::subjects::reference(lang), html! { (request.reference()) }),
            (lang::subjects::kind(lang), html! { (view.kind_name(&request.kind)) }),
            (lang::subjects::desk(lang), html! { (view.desk_name(request.unit)) }),
            (lang::subjects::received(lang), html! { (request.received_at.local()) }),
            (lang::subjects::answer_due(lang), due(lang, request.standing.answer_due)),
            (lang::subjects::complete_due(lang), due(lang, request.standing.complete_due)),
        ]))
        p { (lang::subjects::receipt_how(lang)) }
        @match desk {
            Desk::Counter => p {
                a href={ (DESK) "/requests/" (request.id) } { (lang::subjects::open_request(lang)) }
            },
            Desk::Public => p { a href="/my-data" { (lang::my_data::title(lang)) } },
        }
    }
}
