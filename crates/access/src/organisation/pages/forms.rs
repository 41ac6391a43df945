//! `/tasks/organisation/do/{task}` and `…/{task}/{id}`: one form for each thing that is done.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Result};
use maud::{Markup, html};
use territory::Atlas;
use web::pieces;
use web::{Asked, Form, Frame, Notice, PageError, PageResult, Path, Section, Visitor, layout};

use super::tasks::{Scene, Task};
use super::{View, crumbs, see_other, unprocessable};
use crate::organisation::actions::Context;

/// What a form carried.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Vec<(String, String)>);

impl Sent {
    /// The value of a field; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }

    /// Puts in what the form says before anybody has written.
    pub(super) fn preset(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }
}

type Pairs = Vec<(String, String)>;

pub(super) async fn show_new(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Path(task): Path<String>,
) -> PageResult {
    show(&atlas, &asked, &task, "").await
}

pub(super) async fn show_of(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Path((task, id)): Path<(String, String)>,
) -> PageResult {
    show(&atlas, &asked, &task, &id).await
}

pub(super) async fn send_new(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    Path(task): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, PageError> {
    send(&atlas, (&visitor, &asked), (&task, ""), Sent(pairs)).await
}

pub(super) async fn send_of(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    Path((task, id)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, PageError> {
    send(&atlas, (&visitor, &asked), (&task, &id), Sent(pairs)).await
}

async fn show(atlas: &Atlas, asked: &Asked, task: &str, id: &str) -> PageResult {
    let task = Task::find(task, id)?;
    let mut view = View::open(atlas, asked.lang, "").await?;
    let scene = Scene::load(&mut view.tx, task).await?;
    let sent = scene.preset(view.today);
    Ok(page(&view, asked, (task, &scene), (&sent, None)))
}

async fn send(
    atlas: &Atlas,
    (visitor, asked): (&Visitor, &Asked),
    (task, id): (&str, &str),
    sent: Sent,
) -> Result<Response, PageError> {
    visitor.check_form(sent.get("csrf"))?;
    let task = Task::find(task, id)?;
    let mut tx = atlas.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = atlas.territory(&mut tx).await?;
    let cx = Context { clock: atlas.clock(), actor: visitor.actor(), territory: &territory };
    let error = match task.run(&mut tx, cx, &sent).await {
        Ok(location) => {
            tx.commit().await?;
            return Ok(see_other(&location));
        }
        Err(error @ (Error::Invalid(_) | Error::Refused { .. })) => error,
        Err(error) => return Err(error.into()),
    };
    drop(tx);
    let mut view = View::open(atlas, asked.lang, "").await?;
    let scene = Scene::load(&mut view.tx, task).await?;
    let page = page(&view, asked, (task, &scene), (&sent, Some(&error)));
    Ok(match error {
        Error::Invalid(_) => unprocessable(page),
        _ => (axum::http::StatusCode::CONFLICT, page).into_response(),
    })
}

fn page(
    view: &View,
    asked: &Asked,
    (task, scene): (Task, &Scene),
    (sent, error): (&Sent, Option<&Error>),
) -> Markup {
    let lang = view.lang;
    let title = task.title(lang);
    let mut frame = Frame::new(asked, Section::Work, title).ground(view.ground(false));
    let errors: &[FieldError] = match error {
        Some(Error::Invalid(errors)) => errors,
        Some(other) => {
            frame.notice = Some(Notice::Warning(other.say(lang)));
            &[]
        }
        None => &[],
    };
    let what = scene.what(view.today);
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, (!what.is_empty()).then_some(what.as_str())))
        (pieces::form(&task.action(), frame.csrf.as_deref(), html! {
            (scene.fields(lang, sent, errors))
            @if task.takes_away() {
                (pieces::submit_danger(title))
            } @else {
                (pieces::submit(title))
            }
        }))
    };
    layout(&frame, body)
}
