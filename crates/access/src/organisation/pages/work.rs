//! `GET /tasks/organisation`: what can be done with the organisation.

use axum::extract::State;
use maud::html;
use serde::Deserialize;
use territory::Atlas;
use web::pieces::{self, Crumb};
use web::{Asked, Frame, PageResult, Query, Section, Visitor, layout};

use super::{View, done};
use crate::organisation::store as sql;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    done: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let mut view = View::open(&atlas, asked.lang, "").await?;
    let lang = view.lang;
    let is_empty = sql::is_empty(&mut view.tx).await?;
    let title = lang::organisation::title(lang);
    let tasks = [
        ("/agencies", lang::organisation::agencies(lang), lang::organisation::agencies_what(lang)),
        (
            "/tasks/organisation/completeness",
            lang::organisation::lacking_title(lang),
            lang::organisation::lacking_lead(lang),
        ),
        (
            "/tasks/organisation/import",
            lang::organisation::import_title(lang),
            lang::organisation::import_lead(lang),
        ),
        (
            "/tasks/organisation/do/new",
            lang::organisation::task_new(lang),
            lang::organisation::task_new_what(lang),
        ),
        (
            "/tasks/organisation/do/committees",
            lang::organisation::task_committees(lang),
            lang::organisation::task_committees_what(lang),
        ),
        (
            "/tasks/organisation/do/merge",
            lang::organisation::task_merge(lang),
            lang::organisation::task_merge_what(lang),
        ),
        (
            "/tasks/organisation/merger",
            lang::organisation::merger_title(lang),
            lang::organisation::merger_lead(lang),
        ),
        (
            "/tasks/organisation/operations",
            lang::organisation::operations(lang),
            lang::organisation::operations_lead(lang),
        ),
    ];
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::work(lang), href: "/tasks" }]))
        (pieces::heading(title, Some(lang::organisation::lead(lang))))
        @if is_empty { p { (lang::organisation::begin_here(lang)) } }
        ul.tasks {
            @for (href, label, what) in tasks {
                li { p { a href=(href) { strong { (label) } } br; (what) } }
            }
        }
    };
    let mut frame = Frame::new(&asked, Section::Work, title).ground(view.ground(false));
    frame.notice = done(lang, &asking.done);
    Ok(layout(&frame, body))
}
