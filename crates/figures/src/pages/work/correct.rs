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
use web::{Asked, Form, Frame, Notice, PageError, PageResult, Path, Section, Visitor, layout};

use super::super::records;
use super::super::view::View;
use crate::observations::import::read_count;
use crate::observations::{self, Change, Correction, Observation, Withdrawal};
use crate::protection::check_observation;
use crate::{Desk, Sight};

/// What the signed-in person does to a count; the last part of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Act {
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

pub(crate) async fn show_change(
    State(desk): State<Desk>,
    Path((id, act)): Path<(String, Act)>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let (now, value) = observations::standing(&mut view.tx, &id).await?;
    check_observation(&view.catalogue, &now, view.sight)?;
    let said = Said { typed: &Typed::default(), errors: &[], notice: None };
    Ok(page(&view, &asked, act, (&now, value), said))
}

pub(crate) async fn change(
    State(desk): State<Desk>,
    Path((id, act)): Path<(String, Act)>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    may_change(&desk, &visitor, &id).await?;
    let (status, errors) = match write(&desk, &visitor, act, &id, &typed).await {
        Ok(()) => {
            let location = format!("/observations/{id}?done={}", act.done());
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
        }
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(Error::Conflict(_)) => (StatusCode::CONFLICT, Vec::new()),
        Err(other) => return Err(other.into()),
    };
    let mut view = View::open(&desk, &asked, None, None).await?;
    let (now, value) = observations::standing(&mut view.tx, &id).await?;
    let notice = overtaken(&mut view, &typed, &now, value).await?;
    let said = Said { typed: &typed, errors: &errors, notice };
    Ok((status, page(&view, &asked, act, (&now, value), said)).into_response())
}

/// Whoever may not see a number may not change it either.
async fn may_change(desk: &Desk, visitor: &Visitor, id: &str) -> Result<()> {
    let mut tx = desk.database().read().await?;
    let (now, _) = observations::get(&mut tx, id).await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    check_observation(&catalogue, &now, Sight::of_visitor(Some(visitor)))
}

async fn write(desk: &Desk, visitor: &Visitor, act: Act, id: &str, typed: &Typed) -> Result<()> {
    let (id, version, reason) = (id.to_owned(), typed.version, clean(&typed.reason));
    let change = match act {
        Act::Correct => {
            let value = read_count(&typed.value).ok_or_else(|| bad_value(&reason))?;
            Change::Correct(Correction { id, version, value, reason })
        }
        Act::Withdraw => Change::Withdraw(Withdrawal { id, version, reason }),
    };
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, visitor.actor());
    observations::change(tx, cx, change).await?;
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

/// Says who changed the count since the person looked at it. The form shows the newer number and
/// will be sent for it, so nobody's correction goes unseen.
async fn overtaken(
    view: &mut View,
    typed: &Typed,
    now: &Observation,
    value: i64,
) -> Result<Option<Notice>> {
    if typed.version == now.version {
        return Ok(None);
    }
    let recordings = journal::recordings(&mut view.tx, &[now.entry]).await?;
    let (at, by) = recordings.get(&now.entry).map(|(at, by)| (at.local(), by)).unzip();
    let lang = view.lang;
    Ok(Some(Notice::Warning(lang::observations::overtaken(
        lang,
        lang::observations::Overtaken {
            at: at.unwrap_or_default(),
            by: by.map_or("", String::as_str),
            reason: now.reason.as_deref().unwrap_or_default(),
            value: &grouped(lang, value),
        },
    ))))
}

/// What was typed, and what is said to it.
struct Said<'a> {
    typed: &'a Typed,
    errors: &'a [FieldError],
    notice: Option<Notice>,
}

fn page(
    view: &View,
    asked: &Asked,
    act: Act,
    (now, value): (&Observation, i64),
    Said { typed, errors, notice }: Said<'_>,
) -> Markup {
    let lang = view.lang;
    let measure = view.catalogue.measure_numbered(now.measure);
    let name = measure.map_or("", |measure| measure.name.say(lang));
    let (title, lead) = match act {
        Act::Correct => {
            (lang::observations::correct_title(lang), lang::observations::correct_lead(lang))
        }
        Act::Withdraw => {
            (lang::observations::withdraw_title(lang), lang::observations::withdraw_lead(lang))
        }
    };
    let mut frame = Frame::new(asked, Section::Work, title).ground(records::ground(lang, now));
    frame.notice = notice;
    let here = format!("/observations/{}", now.id);
    let counted = measure.map_or("", |measure| view.catalogue.counted(lang, &measure.counted));
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
            @match act {
                Act::Correct => (pieces::submit(lang::observations::save_correction(lang))),
                Act::Withdraw => {
                    (pieces::submit_danger(lang::observations::save_withdrawal(lang)))
                }
            }
        }))
    };
    layout(&frame, body)
}
