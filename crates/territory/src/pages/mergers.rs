//! `/tasks/mergers`: the operations carried out, and taking one back.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Response;
use base::{Moment, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Column, Crumb};
use web::{
    Asked, Form, Frame, Ground, Notice, PageError, PageResult, Path, Query, Section, Visitor,
    layout,
};

use super::import::{counts, first_lines, number};
use super::pieces::{made_up_badge, map_ground, version_link};
use super::see_other;
use super::sources::{effective_day, imported_files, say_operation, state};
use crate::{
    Atlas, Obstacles, Territory, UnitId, find_obstacles, get_undoable, operations,
    undo as undo_operation,
};

/// More units in use are only counted.
const LISTED: usize = 10;

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
    let lines = vec![lang::mergers::ground(lang).to_owned()];
    let mut frame =
        Frame::new(&asked, Section::Work, title).ground(Ground { lines, made_up: false });
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
    let obstacles = find_obstacles(&mut tx, &operation, &plan).await?;
    drop(tx);
    // Said here already when something stands in the way.
    let is_free = obstacles.is_empty() && territory.revert(&plan).is_ok();
    let new: HashSet<UnitId> = plan.new_units.iter().map(|unit| unit.id).collect();
    let own: HashSet<_> = plan.outlines.iter().map(|it| (it.unit, it.from, it.schematic)).collect();
    // Those from before outlines belonged to operations.
    let others = territory.outlines().iter().filter(|it| {
        new.contains(&it.unit) && !own.contains(&(it.unit, it.valid.from, it.schematic))
    });
    let others = others.count();
    let title = lang::mergers::undo_title(lang);
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::work::title(lang), href: "/tasks" },
            Crumb { label: lang::work::mergers(lang), href: "/tasks/mergers" },
        ]))
        (pieces::heading(title, Some(&say_operation(lang, &operation))))
        @if !imported_files(&operation).is_empty() { p.quiet { (imported_files(&operation)) } }
        @if !is_free { (in_the_way(lang, &territory, &obstacles)) }
        p { (lang::mergers::undo_what(lang)) }
        @if !own.is_empty() { p { (lang::mergers::undo_drawn(lang)) } }
        @if is_free && others > 0 {
            p { (lang::mergers::undo_outlines(lang, number(lang, others))) }
        }
        (counts(lang, &plan))
        (pieces::details(lang::mergers::lines(lang), first_lines(lang, &territory, &plan)))
        @if is_free {
            (pieces::form(
                &format!("/tasks/mergers/{}/undo", operation.id),
                Some(&visitor.csrf),
                pieces::submit(lang::mergers::undo_now(lang)),
            ))
        }
        p { a href="/tasks/mergers" { (lang::mergers::leave(lang)) } }
    };
    let ground = map_ground(lang, &territory, effective_day(&operation), None);
    Ok(layout(&Frame::new(&asked, Section::Work, title).ground(ground), body))
}

/// Why an operation cannot be taken back now, with what would have to go first.
fn in_the_way(lang: Lang, territory: &Territory, obstacles: &Obstacles) -> Markup {
    let warning = |text: &str| pieces::notice(lang, &Notice::Warning(text.to_owned()));
    let formed = |unit: UnitId| territory.unit(unit).and_then(|unit| unit.first());
    let more = obstacles.in_use.len().saturating_sub(LISTED);
    html! {
        @if !obstacles.in_use.is_empty() {
            (warning(lang::mergers::cannot_undo_in_use(lang)))
            ul {
                @for (unit, count) in obstacles.in_use.iter().take(LISTED) {
                    li {
                        @if let Some(version) = formed(*unit) {
                            (version_link(version, version.valid.from))
                            @if let Some(code) = &version.code { " (" (code) ")" }
                            (made_up_badge(lang, territory, *unit)) ": "
                        }
                        (lang::mergers::records(lang, grouped(lang, *count)))
                    }
                }
                @if more > 0 { li { (lang::unit::and_more(lang, more)) } }
            }
        }
        @if !obstacles.served.is_empty() {
            (warning(lang::territory::served(lang)))
            ul {
                @for unit in obstacles.served.iter().take(LISTED) {
                    li { @if let Some(version) = formed(*unit) { (version_link(version, version.valid.from)) } }
                }
            }
            p { a href="/tasks/organisation/operations" { (lang::mergers::to_agencies(lang)) } }
        }
        @let named = !obstacles.in_use.is_empty() || !obstacles.served.is_empty();
        @if !obstacles.later.is_empty() || !named {
            (warning(lang::mergers::cannot_undo(lang)))
        }
        @if !obstacles.later.is_empty() {
            ul {
                @for later in &obstacles.later {
                    li {
                        a href={ "/tasks/mergers/" (later.id) "/undo" } {
                            (say_operation(lang, later))
                        }
                        ", " (short_day(effective_day(later)))
                    }
                }
            }
        }
    }
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
    undo_operation(&mut tx, atlas.clock(), visitor.actor(), &id).await?;
    tx.commit().await?;
    Ok(see_other("/tasks/mergers?done=undone"))
}
