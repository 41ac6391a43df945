//! `GET /tasks/outbox`: letters that wait, and those that could not be sent.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Moment, grouped};
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Column, Crumb};
use web::{Asked, Form, Frame, Notice, PageResult, Section, Visitor, layout};

use crate::Desk;
use crate::watches::{Settled, letters, settle_letters};

/// So many that were given up are shown.
const SHOWN: i64 = 50;

pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
) -> PageResult<Markup> {
    let lang = asked.lang;
    let mut tx = desk.database().read().await?;
    let (extent, given_up) = letters(&mut tx, visitor.actor(), SHOWN).await?;
    let title = lang::watch::outbox_title(lang);
    let frame = Frame::new(&asked, Section::Work, title);
    let csrf = frame.csrf.clone();
    let columns = [
        Column::head(lang::watch::outbox_made(lang)),
        Column::number(lang::watch::outbox_tries(lang)),
        Column::text(lang::watch::outbox_failure(lang)),
    ];
    let rows: Vec<Vec<Markup>> = given_up
        .iter()
        .map(|message| {
            vec![
                html! { (Moment(message.made_at).local()) },
                html! { (grouped(lang, message.tries)) },
                html! { (message.failure) },
            ]
        })
        .collect();
    let act = |act: &str, button: Markup| {
        let body = html! { input type="hidden" name="act" value=(act); (button) };
        pieces::form("/tasks/outbox", csrf.as_deref(), body)
    };
    Ok(layout(
        &frame,
        html! {
            (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::work(lang), href: "/tasks" }]))
            (pieces::heading(title, Some(lang::watch::outbox_lead(lang))))
            @if !desk.post().sends {
                (pieces::notice(lang, &Notice::Note(lang::watch::no_mail(lang).to_owned())))
            }
            (pieces::definition_list(&[
                (lang::watch::outbox_waiting(lang), html! { (grouped(lang, extent.waiting)) }),
                (lang::watch::outbox_oldest(lang), html! {
                    (extent.oldest.map_or_else(|| "–".to_owned(), Moment::local))
                }),
                (lang::watch::outbox_given_up(lang), html! { (grouped(lang, extent.given_up)) }),
            ]))
            h2 { (lang::watch::outbox_given_up(lang)) }
            @if rows.is_empty() {
                (pieces::empty(lang::watch::outbox_none(lang), None))
            } @else {
                (pieces::table(lang::watch::outbox_given_up(lang), &columns, &rows))
                (act("again", pieces::submit(lang::watch::outbox_try(lang))))
                (act("drop", pieces::submit_danger(lang::watch::outbox_drop(lang))))
            }
        },
    ))
}

#[derive(Deserialize)]
pub(crate) struct Act {
    #[serde(default)]
    csrf: String,
    /// `again` or `drop`.
    act: String,
}

/// `POST /tasks/outbox`: tries what was given up once more, or drops it.
pub(crate) async fn change(
    State(desk): State<Desk>,
    visitor: Visitor,
    Form(form): Form<Act>,
) -> PageResult<Response> {
    visitor.check_form(&form.csrf)?;
    let mut tx = desk.database().write().await?;
    let settled = match &*form.act {
        "again" => Some(Settled::Again),
        "drop" => Some(Settled::Dropped),
        _ => None,
    };
    if let Some(settled) = settled {
        settle_letters(&mut tx, desk.clock(), visitor.actor(), settled).await?;
    }
    tx.commit().await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/tasks/outbox")]).into_response())
}
