//! `/tasks/personal-data/copy`: all that is held of one citizen number, as a file for its owner.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base::rights::{Actor, Rights};
use base::{Error, FieldError, Moment};
use lang::Lang;
use maud::{DOCTYPE, Markup, html};
use serde_json::json;
use web::pieces::{self, Choice, Field};
use web::{Asked, Form, Frame, PageError, Visitor, layout};

use super::forms::{self, Typed};
use super::{DESK, View, crumbs, desk, frame, mended, secret};
use crate::copy::{Copied, gather};
use crate::office::{Context, Office};
use crate::person::normal_number;
use crate::rights::{Act, may};
use crate::trace::{Reading, trace};

pub(super) async fn show(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
) -> Result<Response, PageError> {
    may(&visitor, Act::Copy, None)?;
    let view = View::open(&office, asked.lang).await?;
    let frame = frame(&asked, lang::subjects::copy_title(asked.lang));
    let body = page(&view, (&frame, &visitor.rights), &Typed::default(), &[]);
    Ok(secret(StatusCode::OK, layout(&frame, body)))
}

fn page(
    view: &View,
    (frame, rights): (&Frame, &Rights),
    typed: &Typed,
    errors: &[FieldError],
) -> Markup {
    let lang = view.lang;
    let formats = [
        Choice { value: "html", label: lang::subjects::copy_html(lang) },
        Choice { value: "json", label: lang::subjects::copy_json(lang) },
    ];
    let format = if typed.format.is_empty() { "html" } else { &typed.format };
    html! {
        (crumbs(lang, &[]))
        (pieces::error_summary(lang, errors))
        (pieces::heading(lang::subjects::copy_title(lang), Some(lang::subjects::copy_lead(lang))))
        (desk::tabs(lang, rights, 4))
        (forms::form(&format!("{DESK}/copy"), frame.csrf.as_deref(), html! {
            (Field::new(lang, "number", lang::subjects::field_number(lang)).errors(errors)
                .text(&typed.number))
            (forms::purpose(lang, &view.definitions.reading_purposes, typed, errors))
            (Field::new(lang, "format", lang::subjects::copy_format(lang)).radios(&formats, format))
        }, lang::subjects::copy_make(lang)))
    }
}

pub(super) async fn send(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    may(&visitor, Act::Copy, None)?;
    let error = match gathered(&office, visitor.actor(), asked.lang, &typed).await {
        Ok(copied) => return Ok(file(asked.lang, &typed, &copied, office.clock().now())),
        Err(error) => error,
    };
    let view = View::open(&office, asked.lang).await?;
    let mut frame = frame(&asked, lang::subjects::copy_title(asked.lang));
    let (status, errors) = mended(asked.lang, &mut frame, error)?;
    let body = page(&view, (&frame, &visitor.rights), &typed, &errors);
    Ok(secret(status, layout(&frame, body)))
}

/// Gathers, and records in the same transaction what was read: without that nothing is given out.
async fn gathered(
    office: &Office,
    reader: Actor<'_>,
    lang: Lang,
    typed: &Typed,
) -> Result<Vec<Copied>, Error> {
    if normal_number(&typed.number).is_empty() {
        return Err(Error::invalid("number", lang::subjects::must_be_there));
    }
    let vault = office.vault()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let (clock, actor) = (office.clock(), reader.name);
    let cx = Context { clock, actor, definitions: &definitions, vault };
    let copied = gather(&mut tx, cx, office.holders(), (&typed.number, lang)).await?;
    // One look at all that was found; that somebody looked for what is not there is told, too.
    let records: Vec<String> = copied.iter().map(|it| it.record.clone()).collect();
    let reading = Reading {
        records: &records,
        desk: None,
        number: Some(&normal_number(&typed.number)),
        purpose: &typed.purpose,
        words: &typed.words,
    };
    trace(&mut tx, (cx, reader), &reading).await?;
    tx.commit().await?;
    if copied.is_empty() {
        return Err(Error::invalid("number", lang::subjects::copy_nothing));
    }
    Ok(copied)
}

fn file(lang: Lang, typed: &Typed, copied: &[Copied], now: Moment) -> Response {
    let (name, kind, body) = match typed.format.as_str() {
        "json" => ("du-lieu-ca-nhan.json", "application/json", as_json(copied, now)),
        _ => {
            let page = as_page(lang, copied, now).into_string();
            ("du-lieu-ca-nhan.html", "text/html; charset=utf-8", page)
        }
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, &disposition)];
    secret(StatusCode::OK, (headers, body).into_response())
}

fn as_json(copied: &[Copied], now: Moment) -> String {
    let records: Vec<_> = copied
        .iter()
        .map(|it| {
            let fields: Vec<_> = it
                .shown
                .iter()
                .map(|shown| json!({"field": shown.field, "label": shown.label, "value": shown.value}))
                .collect();
            json!({"kind": it.kind, "id": it.record, "title": it.title, "fields": fields})
        })
        .collect();
    json!({"made_at": now.to_string(), "records": records}).to_string()
}

/// A file that is read without the program.
fn as_page(lang: Lang, copied: &[Copied], now: Moment) -> Markup {
    let title = lang::subjects::copy_title(lang);
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head { meta charset="utf-8"; title { (title) } }
            body {
                h1 { (title) }
                p { (lang::subjects::copy_made(lang, now.local())) }
                @for it in copied {
                    h2 { (it.title) }
                    dl { @for shown in &it.shown { dt { (shown.label) } dd { (shown.value) } } }
                }
            }
        }
    }
}
