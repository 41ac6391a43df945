//! `/tasks/mergers`: the operations carried out, and taking one back.

use axum::extract::State;
use axum::response::Response;
use base::{Moment, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Column, Crumb};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Path, Query, Section, Visitor, layout,
};

use super::import::{counts, first_lines};
use super::see_other;
use super::sources::{effective_day, imported_files, say_operation, state};
use crate::{Atlas, get_undoable, operations, undo as undo_operation};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
}

pub(super) async fn list(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(Done { done }): Query<Done>,
) -> PageResult {
    let lang = asked.lang;
    let mut tx = atlas.database().read().await?;
    let operations = operations(&mut tx).await?;
    drop(tx);
    let title = lang::work::mergers(lang);
    let mut frame = Frame::new(&asked, Section::Work, title);
    frame.notice = match done.as_str() {
        "applied" => Some(Notice::Done(lang::mergers::applied(lang).to_owned())),
        "undone" => Some(Notice::Done(lang::mergers::undone(lang).to_owned())),
        _ => None,
    };
    let columns = [
        Column::head(lang::sources::operation(lang)),
        Column::text(lang::sources::effective(lang)),
        Column::text(lang::sources::applied(lang)),
        Column::text(lang::mergers::by(lang)),
        Column::text(lang::sources::state(lang)),
        Column::text(lang::mergers::can_do(lang)),
    ];
    let rows: Vec<Vec<Markup>> = operations
        .iter()
        .map(|operation| {
            vec![
                html! { (say_operation(lang, operation)) },
                html! { (short_day(effective_day(operation))) },
                html! { (Moment(operation.applied_at).local()) },
                html! { (operation.applied_by) },
                state(lang, operation),
                html! {
                    @if operation.undone_at.is_none() {
                        a href={ "/tasks/mergers/" (operation.id) "/undo" } {
                            (lang::mergers::undo_this(lang))
                        }
                    }
                },
            ]
        })
        .collect();
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::work::title(lang), href: "/tasks" }]))
        (pieces::heading(title, Some(lang::mergers::lead(lang))))
        p { a href="/tasks/mergers/new" { strong { (lang::mergers::new(lang)) } } }
        @if rows.is_empty() {
            (pieces::empty(lang::sources::no_operations(lang), None))
        } @else {
            (pieces::table(lang::sources::operations(lang), &columns, &rows))
        }
    };
    Ok(layout(&frame, body))
}

pub(super) async fn confirm(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
) -> PageResult {
    let lang = asked.lang;
    let mut tx = atlas.database().read().await?;
    let (operation, plan) = get_undoable(&mut tx, &id).await?;
    let territory = atlas.territory(&mut tx).await?;
    drop(tx);
    // Said here already when something later stands in the way.
    let stands = territory.revert(&plan).err();
    let title = lang::mergers::undo_title(lang);
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::work::title(lang), href: "/tasks" },
            Crumb { label: lang::work::mergers(lang), href: "/tasks/mergers" },
        ]))
        (pieces::heading(title, Some(&say_operation(lang, &operation))))
        @if !imported_files(&operation).is_empty() { p.quiet { (imported_files(&operation)) } }
        p { (lang::mergers::undo_what(lang)) }
        (counts(lang, &plan, (0, 0)))
        (pieces::details(lang::mergers::lines(lang), first_lines(lang, &territory, &plan)))
        @if stands.is_some() {
            (pieces::notice(lang, &Notice::Warning(lang::mergers::cannot_undo(lang).to_owned())))
        } @else {
            (pieces::form(
                &format!("/tasks/mergers/{}/undo", operation.id),
                Some(&visitor.csrf),
                pieces::submit(lang::mergers::undo_now(lang)),
            ))
        }
        p { a href="/tasks/mergers" { (lang::mergers::leave(lang)) } }
    };
    Ok(layout(&Frame::new(&asked, Section::Work, title), body))
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn undo(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, PageError> {
    visitor.check_form(&confirmed.csrf)?;
    let mut tx = atlas.database().write().await?;
    undo_operation(&mut tx, atlas.clock(), &visitor.name, &id).await?;
    tx.commit().await?;
    Ok(see_other("/tasks/mergers?done=undone"))
}
