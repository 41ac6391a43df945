//! `/my-data`: what everybody may ask for, and how one's own request or consent stands.
//!
//! Nothing is shown here of a person beyond what the reader has typed: the state, the days, and what
//! was decided with the law that it names.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Result};
use lang::{Lang, Text};
use maud::{Markup, html};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use web::ask::Asker;
use web::pieces::{self, Field};
use web::{Asked, Form, PageError, Path, layout};

use super::{View, due, made_up, mended, my_looks, public_crumbs, public_frame, secret, slow_down};
use crate::office::{CITIZEN, Context, Office};
use crate::person::{NUMBER, last_signs, normal_number};
use crate::{Channel, Receipt, consents, locker, requests, store as sql};

/// So many tries from one place in a quarter of an hour, and with one code from anywhere: of four
/// signs somebody else guesses one in two thousand then.
const FORGIVEN: u32 = 20;
const FORGIVEN_A_CODE: u32 = 5;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    code: String,
    digits: String,
}

/// What a code leads to.
enum Found {
    Request(Box<requests::Version>),
    Consent(Box<consents::Version>),
}

pub(super) async fn show(
    State(office): State<Office>,
    asked: Asked,
) -> Result<Response, PageError> {
    let view = View::open(&office, asked.lang).await?;
    let body = start(&view, &Typed::default(), &[]);
    let frame = public_frame(&asked, lang::my_data::title(asked.lang));
    Ok(layout(&frame, body).into_response())
}

fn start(view: &View, typed: &Typed, errors: &[FieldError]) -> Markup {
    let lang = view.lang;
    html! {
        (pieces::error_summary(lang, errors))
        (pieces::heading(lang::my_data::title(lang), Some(lang::my_data::lead(lang))))
        ul.tasks {
            li { p {
                a href="/my-data/new" { strong { (lang::my_data::new_title(lang)) } } br;
                (lang::my_data::new_what(lang))
            } }
            li { p {
                a href="/my-data/consents" { strong { (lang::my_data::consents_title(lang)) } } br;
                (lang::my_data::consents_what(lang))
            } }
        }
        h2 { (lang::my_data::look_title(lang)) }
        p { (lang::my_data::look_lead(lang)) }
        (pieces::form("/my-data/look", None, html! {
            (Field::new(lang, "code", lang::subjects::receipt(lang)).errors(errors).text(&typed.code))
            (digits(lang, typed, errors))
            (pieces::submit(lang::my_data::look(lang)))
        }))
    }
}

fn digits(lang: Lang, typed: &Typed, errors: &[FieldError]) -> Markup {
    Field::new(lang, "digits", lang::my_data::digits(lang))
        .hint(lang::my_data::digits_hint(lang))
        .errors(errors)
        .text(&typed.digits)
}

/// `POST /my-data/look`.
pub(super) async fn look(
    State(office): State<Office>,
    asked: Asked,
    asker: Asker,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    answer(&office, (&asked, &asker), &typed, start).await
}

/// `GET /my-data/{code}`: asks for the last signs of the number.
pub(super) async fn show_code(
    State(office): State<Office>,
    asked: Asked,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    if Receipt::read(&code).is_none() {
        return Err(Error::not_found(lang::my_data::not_found).into());
    }
    let view = View::open(&office, asked.lang).await?;
    let body = ask_digits(&view, &Typed { code, ..Typed::default() }, &[]);
    let frame = public_frame(&asked, lang::my_data::look_title(asked.lang));
    Ok(secret(StatusCode::OK, layout(&frame, body)))
}

fn ask_digits(view: &View, typed: &Typed, errors: &[FieldError]) -> Markup {
    let lang = view.lang;
    let action = format!("/my-data/{}", web::ask::encoded(&typed.code));
    html! {
        (public_crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(lang::my_data::look_title(lang), None))
        (pieces::form(&action, None, html! {
            (digits(lang, typed, errors))
            (pieces::submit(lang::my_data::look(lang)))
        }))
    }
}

/// `POST /my-data/{code}`.
pub(super) async fn look_code(
    State(office): State<Office>,
    asked: Asked,
    asker: Asker,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let typed = Typed { code, digits: typed.digits };
    answer(&office, (&asked, &asker), &typed, ask_digits).await
}

async fn answer(
    office: &Office,
    (asked, asker): (&Asked, &Asker),
    typed: &Typed,
    again: fn(&View, &Typed, &[FieldError]) -> Markup,
) -> Result<Response, PageError> {
    let mut view = View::open(office, asked.lang).await?;
    let mut frame = public_frame(asked, lang::my_data::look_title(asked.lang));
    let error = match find(office, &mut view, asker, typed).await {
        Ok(found) => {
            let looks = my_looks::load(office, &mut view, found.id()).await?;
            let body = found_page(&view, typed, &found, &looks);
            return Ok(secret(StatusCode::OK, layout(&frame, body)));
        }
        Err(error) => error,
    };
    let (status, errors) = mended(asked.lang, &mut frame, error)?;
    Ok(secret(status, layout(&frame, again(&view, typed, &errors))))
}

/// What a code with the last signs of the number leads to. Whether the code or the signs are wrong is
/// not told.
///
/// Errors: `Invalid` at `digits`; `Refused` `subjects.too_many`, `subjects.no_vault`.
async fn find(office: &Office, view: &mut View, asker: &Asker, typed: &Typed) -> Result<Found> {
    let vault = office.vault()?;
    let wrong = || {
        let text = Text::new(lang::my_data::not_found);
        Error::Invalid(vec![FieldError { place: "digits".to_owned(), text }])
    };
    slow_down(office, &format!("look {}", asker.address), FORGIVEN)?;
    let receipt = Receipt::read(&typed.code).ok_or_else(wrong)?;
    let found = sql::find_receipt(&mut view.tx, receipt.hash()).await?;
    let (kind, id) = found.ok_or_else(wrong)?;
    let fields = locker::open(&mut view.tx, vault, &id).await?;
    let number = fields.get(NUMBER).ok_or_else(wrong)?;
    let typed_signs = normal_number(&typed.digits);
    let fits = last_signs(number).as_bytes().ct_eq(typed_signs.as_bytes());
    if typed_signs.is_empty() || !bool::from(fits) {
        slow_down(office, &format!("code {id}"), FORGIVEN_A_CODE)?;
        return Err(wrong());
    }
    // Whoever guessed too often with this code is not told when they are right.
    access_is_open(office, &id)?;
    match kind.as_str() {
        "request" => {
            let request = requests::find(&mut view.tx, &id).await?;
            Ok(Found::Request(Box::new(request.ok_or_else(wrong)?)))
        }
        _ => {
            let consent = consents::find(&mut view.tx, &id).await?;
            Ok(Found::Consent(Box::new(consent.ok_or_else(wrong)?)))
        }
    }
}

fn access_is_open(office: &Office, id: &str) -> Result<()> {
    let keys = [access::Key::of_place(&format!("code {id}"), FORGIVEN_A_CODE)];
    let checked = office.throttle().check(&keys, office.clock().now());
    checked.map_err(|_| Error::refused("subjects.too_many", lang::subjects::too_many))
}

impl Found {
    fn id(&self) -> &str {
        match self {
            Self::Request(request) => &request.id,
            Self::Consent(consent) => &consent.id,
        }
    }
}

fn found_page(view: &View, typed: &Typed, found: &Found, looks: &[my_looks::Mine]) -> Markup {
    let lang = view.lang;
    html! {
        (public_crumbs(lang))
        @match found {
            Found::Request(request) => (request_found(view, request)),
            Found::Consent(consent) => {
                (super::my_consents::stands(view, consent))
                @if consent.state == consents::State::Given {
                    @let action = format!("/my-data/{}/withdraw", web::ask::encoded(&typed.code));
                    (pieces::form(&action, None, html! {
                        input type="hidden" name="digits" value=(typed.digits);
                        p { (lang::consents::withdraw_lead(lang)) }
                        (pieces::submit_danger(lang::consents::withdraw(lang)))
                    }))
                }
            },
        }
        (my_looks::section(lang, looks))
        p { a href="/my-data" { (lang::my_data::title(lang)) } }
    }
}

fn request_found(view: &View, it: &requests::Version) -> Markup {
    let lang = view.lang;
    let standing = &it.standing;
    let mut list = vec![
        (
            lang::subjects::state(lang),
            html! {
                strong { (standing.state.say(lang)) } (made_up(lang, it.made_up))
            },
        ),
        (lang::subjects::received(lang), html! { (it.received_at.local()) }),
        (lang::subjects::desk(lang), html! { (view.desk_name(it.unit)) }),
    ];
    match standing.answered_at {
        Some(at) => list.push((lang::my_data::answered(lang), html! { (at.local()) })),
        None => list.push((lang::subjects::answer_due(lang), due(lang, standing.answer_due))),
    }
    if standing.state.is_open() {
        list.push((lang::subjects::complete_due(lang), due(lang, standing.complete_due)));
    }
    if let Some(outcome) = standing.outcome {
        list.push((lang::subjects::outcome(lang), html! { (outcome.say(lang)) }));
    }
    if !it.law.is_empty() {
        list.push((lang::subjects::law(lang), html! { (it.law) }));
    }
    if let Some(at) = standing.closed_at {
        list.push((lang::my_data::closed(lang), html! { (at.local()) }));
    }
    let (kind, reference) = (view.kind_name(&it.kind), it.reference());
    let title =
        lang::subjects::request_titled(lang, lang::subjects::RequestTitled { kind, reference });
    html! {
        (pieces::heading(&title, None))
        (pieces::definition_list(&list))
        p { (lang::my_data::reason_elsewhere(lang)) }
    }
}

/// `POST /my-data/{code}/withdraw`: as easy as it was given.
pub(super) async fn withdraw(
    State(office): State<Office>,
    asked: Asked,
    asker: Asker,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let typed = Typed { code, digits: typed.digits };
    let done = withdrawn(&office, (&asked, &asker), &typed).await;
    if let Err(error) = done {
        let mut frame = public_frame(&asked, lang::my_data::look_title(asked.lang));
        let (status, errors) = mended(asked.lang, &mut frame, error)?;
        let view = View::open(&office, asked.lang).await?;
        return Ok(secret(status, layout(&frame, ask_digits(&view, &typed, &errors))));
    }
    answer(&office, (&asked, &asker), &typed, ask_digits).await
}

async fn withdrawn(office: &Office, (asked, asker): (&Asked, &Asker), typed: &Typed) -> Result<()> {
    let mut view = View::open(office, asked.lang).await?;
    let Found::Consent(consent) = find(office, &mut view, asker, typed).await? else {
        return Err(Error::not_found(lang::my_data::not_found));
    };
    drop(view);
    let vault = office.vault()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let cx = Context { clock: office.clock(), actor: CITIZEN, definitions: &definitions, vault };
    consents::withdraw(&mut tx, cx, &consent.id, Channel::Online).await?;
    tx.commit().await
}
