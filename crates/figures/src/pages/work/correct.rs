//! `/observations/{id}/correct` and `…/withdraw`: putting a count right, or taking it back.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::text::clean;
use base::{Error, FieldError, Result, grouped};
use lang::{Lang, Text};
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Crumb, Field};
use web::{Asked, Form, Frame, PageError, PageResult, Path, Section, Visitor, layout};

use super::super::records;
use super::super::view::View;
use crate::observations::import::read_count;
use crate::observations::{self, Correction, Observation, Withdrawal};
use crate::{Desk, claims};

/// What the signed-in person does to a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Correct,
    Withdraw,
}

impl Act {
    const fn path(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Withdraw => "withdraw",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Correct => "corrected",
            Self::Withdraw => "withdrawn",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    csrf: String,
    /// The version that the person looked at.
    version: i64,
    #[serde(default)]
    value: String,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn show_correct(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
) -> PageResult {
    show(&desk, &asked, Act::Correct, &id).await
}

pub(crate) async fn show_withdraw(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
) -> PageResult {
    show(&desk, &asked, Act::Withdraw, &id).await
}

async fn show(desk: &Desk, asked: &Asked, act: Act, id: &str) -> PageResult {
    let mut view = View::open(desk, asked.lang, None, None).await?;
    let (now, value) = observations::standing(&mut view.tx, id).await?;
    Ok(page(&view, asked, act, (&now, value), &Typed::default(), &[]))
}

pub(crate) async fn correct(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    answer(&desk, &visitor, &asked, Act::Correct, &id, &typed).await
}

pub(crate) async fn withdraw(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    answer(&desk, &visitor, &asked, Act::Withdraw, &id, &typed).await
}

async fn answer(
    desk: &Desk,
    visitor: &Visitor,
    asked: &Asked,
    act: Act,
    id: &str,
    typed: &Typed,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    match write(desk, visitor, act, id, typed).await {
        Ok(()) => {
            let location = format!("/observations/{id}?done={}", act.done());
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let mut view = View::open(desk, asked.lang, None, None).await?;
            let (now, value) = observations::standing(&mut view.tx, id).await?;
            let page = page(&view, asked, act, (&now, value), typed, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn write(desk: &Desk, visitor: &Visitor, act: Act, id: &str, typed: &Typed) -> Result<()> {
    let (id, version, reason) = (id.to_owned(), typed.version, clean(&typed.reason));
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, &visitor.name);
    match act {
        Act::Correct => {
            let value = read_count(&typed.value).ok_or_else(|| bad_value(&reason))?;
            let correction = Correction { id, version, value, reason };
            observations::correct(tx, cx, correction).await?;
        }
        Act::Withdraw => {
            observations::withdraw(tx, cx, Withdrawal { id, version, reason }).await?;
        }
    }
    work.tx.commit().await
}

fn bad_value(reason: &str) -> Error {
    let mistake = |place: &str, say: fn(Lang) -> &'static str| FieldError {
        place: place.to_owned(),
        text: Text::new(say),
    };
    let mut errors = vec![mistake("value", lang::observations::bad_value)];
    if reason.is_empty() {
        errors.push(mistake("reason", lang::observations::no_reason));
    }
    Error::Invalid(errors)
}

fn page(
    view: &View,
    asked: &Asked,
    act: Act,
    (now, value): (&Observation, i64),
    typed: &Typed,
    errors: &[FieldError],
) -> Markup {
    let lang = view.lang;
    let measure = view.catalogue.measure_numbered(now.measure);
    let name = measure.map_or("", |measure| measure.name.say(lang));
    let (title, lead, save) = match act {
        Act::Correct => (
            lang::observations::correct_title(lang),
            lang::observations::correct_lead(lang),
            lang::observations::save_correction(lang),
        ),
        Act::Withdraw => (
            lang::observations::withdraw_title(lang),
            lang::observations::withdraw_lead(lang),
            lang::observations::save_withdrawal(lang),
        ),
    };
    let mut standing = view.standing(None);
    (standing.map, standing.made_up) = (now.day, now.made_up);
    let frame = Frame::new(asked, Section::Work, title).standing(standing);
    let here = format!("/observations/{}", now.id);
    let counted = measure.map_or("", |measure| claims::counted(lang, &measure.counted));
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::nav::work(lang), href: "/tasks" },
            Crumb { label: lang::observations::title(lang), href: "/tasks/observations" },
            Crumb { label: name, href: &here },
        ]))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lead)))
        (pieces::definition_list(&[
            (lang::drill::measure(lang), html! { (name) }),
            (lang::drill::unit(lang), records::unit(view, now.unit.0, now.day)),
            (lang::drill::day(lang), html! { (records::days(lang, now)) }),
            (lang::observations::value_now(lang), html! {
                strong { (grouped(lang, value)) } " " (counted)
            }),
            (lang::drill::source(lang), html! { (now.source) }),
        ]))
        (pieces::form(&format!("{here}/{}", act.path()), frame.csrf.as_deref(), html! {
            input type="hidden" name="version" value=(now.version);
            @if act == Act::Correct {
                (field("value", lang::observations::right_value(lang)).number(&typed.value))
            }
            (field("reason", lang::observations::reason(lang))
                .hint(lang::observations::reason_hint(lang)).textarea(&typed.reason, 3))
            (pieces::submit(save))
        }))
    };
    layout(&frame, body)
}
