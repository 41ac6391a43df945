//! `/observations/{id}/correct`: putting a count right.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::text::clean;
use base::{Error, FieldError, Result, grouped};
use lang::Text;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Crumb, Field};
use web::{Asked, Form, Frame, PageError, PageResult, Path, Section, Visitor, layout};

use super::super::records;
use super::super::view::View;
use crate::observations::import::read_count;
use crate::observations::{self, Context, Correction, Observation};
use crate::{Desk, claims};

#[derive(Debug, Deserialize)]
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
    let mut view = View::open(&desk, asked.lang, None, None).await?;
    let (now, _) = observations::get(&mut view.tx, &id).await?;
    Ok(page(&view, &asked, &now, ("", ""), &[]))
}

pub(crate) async fn correct(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    match write(&desk, &visitor, &id, &typed).await {
        Ok(_) => {
            let location = format!("/observations/{id}?done=corrected");
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let mut view = View::open(&desk, asked.lang, None, None).await?;
            let (now, _) = observations::get(&mut view.tx, &id).await?;
            let page = page(&view, &asked, &now, (&typed.value, &typed.reason), &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn write(desk: &Desk, visitor: &Visitor, id: &str, typed: &Typed) -> Result<Observation> {
    let value = read_count(&typed.value);
    let mut tx = desk.database().write().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let cx = Context {
        clock: desk.clock(),
        actor: &visitor.name,
        catalogue: &catalogue,
        territory: &territory,
    };
    let Some(value) = value else {
        let mut errors = vec![FieldError {
            place: "value".to_owned(),
            text: Text::new(lang::observations::bad_value),
        }];
        if typed.reason.trim().is_empty() {
            let text = Text::new(lang::observations::no_reason);
            errors.push(FieldError { place: "reason".to_owned(), text });
        }
        return Err(Error::Invalid(errors));
    };
    let correction = Correction {
        id: id.to_owned(),
        version: typed.version,
        value,
        reason: clean(&typed.reason),
    };
    let new = observations::correct(&mut tx, cx, correction).await?;
    tx.commit().await?;
    Ok(new)
}

fn page(
    view: &View,
    asked: &Asked,
    now: &Observation,
    (value, reason): (&str, &str),
    errors: &[FieldError],
) -> Markup {
    let lang = view.lang;
    let measure = view.catalogue.measure_numbered(now.measure);
    let name = measure.map_or("", |measure| measure.name.say(lang));
    let title = lang::observations::correct_title(lang);
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
        (pieces::heading(title, Some(lang::observations::correct_lead(lang))))
        (pieces::definition_list(&[
            (lang::drill::measure(lang), html! { (name) }),
            (lang::drill::unit(lang), records::unit(view, now.unit.0, now.day)),
            (lang::drill::day(lang), html! { (records::days(lang, now)) }),
            (lang::observations::value_now(lang), html! {
                strong { (grouped(lang, now.value)) } " " (counted)
            }),
        ]))
        (pieces::form(&format!("{here}/correct"), frame.csrf.as_deref(), html! {
            input type="hidden" name="version" value=(now.version);
            (field("value", lang::observations::right_value(lang)).number(value))
            (field("reason", lang::observations::reason(lang))
                .hint(lang::observations::reason_hint(lang)).textarea(reason, 3))
            (pieces::submit(lang::observations::save_correction(lang)))
        }))
    };
    layout(&frame, body)
}
