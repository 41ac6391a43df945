//! `/tasks/organisation/operations`: what was done with agencies in one step, and taking it back.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use territory::Atlas;
use web::pieces::{self, Badge, Column, Crumb, Field};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Path, Query, Section, Visitor, layout,
};

use super::{View, number, say_period, see_other, unprocessable};
use crate::grants::{Book, Rules};
use crate::organisation::actions::{self, Context, Obstacle, Undoing, plan_undo};
use crate::organisation::model::{Listed, OperationId, PostId};
use crate::organisation::record::Record;

const LIST: &str = "/tasks/organisation/operations";

pub(super) fn href(id: OperationId) -> String {
    format!("{LIST}/{id}")
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    cursor: String,
}

pub(super) async fn list(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let mut view = View::open(&atlas, asked.lang, "").await?;
    let lang = view.lang;
    let cursor = Some(asking.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = actions::operations(&mut view.tx, cursor).await?;
    let title = lang::organisation::operations(lang);
    let columns = [
        Column::head(lang::organisation::operation(lang)),
        Column::text(lang::organisation::operation_agency(lang)),
        Column::text(lang::organisation::from_day(lang)),
        Column::text(lang::organisation::decision(lang)),
        Column::text(lang::organisation::operation_done(lang)),
        Column::text(lang::organisation::operation_state(lang)),
    ];
    let row = |it: &Listed| {
        let operation = &it.operation;
        vec![
            html! { a href=(href(operation.id)) { (operation.kind.say(lang)) } },
            html! {
                (operation.name)
                @if operation.made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
            },
            html! { (short_day(operation.on)) },
            html! { (operation.decision) },
            html! { (it.at.local()) br; (it.by) },
            state(lang, it),
        ]
    };
    let rows: Vec<Vec<Markup>> = page.items.iter().map(row).collect();
    let body = html! {
        (super::crumbs(lang))
        (pieces::heading(title, Some(lang::organisation::operations_lead(lang))))
        @if rows.is_empty() {
            (pieces::empty(lang::organisation::no_operations(lang), None))
        } @else {
            (pieces::table(title, &columns, &rows))
            (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
        }
    };
    let made_up = page.items.iter().any(|it| it.operation.made_up);
    Ok(layout(&Frame::new(&asked, Section::Work, title).ground(view.ground(made_up)), body))
}

fn state(lang: Lang, it: &Listed) -> Markup {
    html! {
        @match &it.undone {
            None => (lang::organisation::operation_stands(lang)),
            Some((at, by, decision)) => {
                (pieces::badge(lang, Badge::Warning(lang::organisation::event_undone(lang))))
                " " (at.local()) ", " (by) br; (decision)
            }
        }
    }
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
) -> PageResult {
    let id = read_id(&id)?;
    Ok(page(&atlas, &asked, id, ("", None)).await?)
}

#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    decision: String,
}

pub(super) async fn undo(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let id = read_id(&id)?;
    let mut tx = atlas.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = atlas.territory(&mut tx).await?;
    let cx = Context { clock: atlas.clock(), actor: visitor.actor(), territory: &territory };
    let error = match actions::undo(&mut tx, cx, id, &sent.decision).await {
        Ok(()) => {
            tx.commit().await?;
            return Ok(see_other(&href(id)));
        }
        Err(error @ (Error::Invalid(_) | Error::Refused { .. })) => error,
        Err(error) => return Err(error.into()),
    };
    drop(tx);
    let page = page(&atlas, &asked, id, (&sent.decision, Some(&error))).await?;
    Ok(match error {
        Error::Invalid(_) => unprocessable(page),
        // Who may not is told so as everywhere.
        Error::Refused { code, .. } if !code.starts_with("organisation.") => {
            return Err(error.into());
        }
        _ => (axum::http::StatusCode::CONFLICT, page).into_response(),
    })
}

fn read_id(text: &str) -> Result<OperationId> {
    text.parse().map_err(|_| Error::not_found(lang::organisation::no_operation))
}

async fn page(
    atlas: &Atlas,
    asked: &Asked,
    id: OperationId,
    (decision, error): (&str, Option<&Error>),
) -> Result<Markup> {
    let mut view = View::open(atlas, asked.lang, "").await?;
    let lang = view.lang;
    let listed = actions::operation(&mut view.tx, id).await?;
    let operation = &listed.operation;
    let undoing = plan_undo(&mut view.tx, operation, "").await?;
    let rules = Book::default().rules(&mut view.tx).await?;
    let title = operation.kind.say(lang);
    let mut frame = Frame::new(asked, Section::Work, title).ground(view.ground(operation.made_up));
    let errors: &[FieldError] = match error {
        Some(Error::Invalid(errors)) => errors,
        Some(other) => {
            frame.notice = Some(Notice::Warning(other.say(lang)));
            &[]
        }
        None if listed.undone.is_some() => {
            let done = lang::organisation::operation_undone(lang).to_owned();
            frame.notice = Some(Notice::Done(done));
            &[]
        }
        None => &[],
    };
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::nav::work(lang), href: "/tasks" },
            Crumb { label: lang::organisation::title(lang), href: "/tasks/organisation" },
            Crumb { label: lang::organisation::operations(lang), href: LIST },
        ]))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(&operation.name)))
        (facts(&view, &listed))
        (wrote(lang, &listed, &undoing))
        @if listed.undone.is_none() {
            h2 { (lang::organisation::undo_operation(lang)) }
            @if undoing.obstacles.is_empty() {
                p { (lang::organisation::undo_operation_what(lang)) }
                @if !undoing.along.is_empty() {
                    p { (lang::organisation::goes_along(lang)) }
                    ul { @for post in &undoing.along { li { (post.title) } } }
                }
                (pieces::form(&href(id), frame.csrf.as_deref(), html! {
                    (Field::new(lang, "decision", lang::organisation::undo_decision(lang))
                        .errors(errors).hint(lang::organisation::undo_decision_hint(lang))
                        .text(decision))
                    (pieces::submit_danger(lang::organisation::undo_operation(lang)))
                }))
            } @else {
                (in_the_way(lang, &undoing, &rules))
            }
        }
    };
    Ok(layout(&frame, body))
}

fn facts(view: &View, listed: &Listed) -> Markup {
    let lang = view.lang;
    let operation = &listed.operation;
    let mut list = vec![
        (lang::organisation::from_day(lang), html! { (short_day(operation.on)) }),
        (lang::organisation::decision(lang), html! { (operation.decision) }),
        (lang::organisation::operation_done(lang), html! { (listed.at.local()) ", " (listed.by) }),
        (lang::organisation::operation_state(lang), state(lang, listed)),
    ];
    if let Some(path) = operation.unit.and_then(|unit| view.territory.path(unit, operation.on)) {
        list.push((lang::organisation::unit(lang), html! { (path) }));
    }
    pieces::definition_list(&list)
}

/// How much of which kind it wrote, with the agencies.
fn wrote(lang: Lang, listed: &Listed, undoing: &Undoing) -> Markup {
    let on = listed.operation.on;
    let kinds: [(&str, &str); 4] = [
        ("post", lang::organisation::wrote_posts(lang)),
        ("holding", lang::organisation::wrote_holdings(lang)),
        ("delegation", lang::organisation::wrote_delegations(lang)),
        ("assignment", lang::organisation::wrote_roles(lang)),
    ];
    let count = |kind: &str| undoing.written.iter().filter(|it| it.kind() == kind).count();
    let agencies = undoing.written.iter().filter_map(|record| match record {
        Record::Agency(it) => Some(it),
        _ => None,
    });
    html! {
        h2 { (lang::organisation::operation_wrote(lang)) }
        ul {
            @for it in agencies {
                @let day = if it.event == crate::organisation::Event::Ended { on.plus(-1) } else { on };
                li {
                    @if undoing.agencies.contains_key(&it.id) {
                        a href={ "/agencies/" (it.id) "?on=" (day) } { (it.facts.name) }
                    } @else { (it.facts.name) }
                    ": " (it.event.say(lang))
                }
            }
            @for (kind, label) in kinds {
                @if count(kind) > 0 { li { (label) ": " (number(lang, count(kind))) } }
            }
        }
    }
}

/// What was entered later and rests on it, each with where it is dealt with.
fn in_the_way(lang: Lang, undoing: &Undoing, rules: &Rules) -> Markup {
    let mut seen = BTreeSet::new();
    let operations: Vec<&Listed> = undoing
        .obstacles
        .iter()
        .filter_map(|it| it.operation.as_ref())
        .filter(|it| seen.insert(it.operation.id))
        .collect();
    let alone = undoing.obstacles.iter().filter(|it| it.operation.is_none());
    let notice = Notice::Warning(lang::organisation::rests_on(lang).to_owned());
    html! {
        (pieces::notice(lang, &notice))
        ul {
            @for it in operations {
                li {
                    (lang::organisation::rests_operation(lang)) " "
                    a href=(href(it.operation.id)) { (it.operation.kind.say(lang)) ": " (it.operation.name) }
                    ", " (short_day(it.operation.on))
                }
            }
            @for obstacle in alone { li { (one(lang, undoing, rules, obstacle)) } }
        }
        p { (lang::organisation::rests_what(lang)) }
    }
}

fn one(lang: Lang, undoing: &Undoing, rules: &Rules, obstacle: &Obstacle) -> Markup {
    let title = |post: PostId| undoing.chart.posts.get(&post).map_or("", |it| it.title.as_str());
    let valid = obstacle.record.valid();
    let agency = || format!("/agencies/{}?on={}", obstacle.agency, valid.from);
    let (words, href) = match &obstacle.record {
        Record::Post(it) => (lang::organisation::rests_post(lang, &it.title), agency()),
        Record::Holding(it) => {
            let end = format!("/tasks/organisation/do/end-holding/{}", it.id);
            (lang::organisation::rests_holding(lang, title(it.post)), end)
        }
        Record::Delegation(it) => {
            let end = format!("/tasks/organisation/do/end-delegation/{}", it.id);
            (lang::organisation::rests_delegation(lang, &it.subject), end)
        }
        Record::Assignment(it) => {
            let role = rules.say(lang, [&it.role]);
            let post = it.bearer.apart().0.map_or("", title);
            let words = lang::organisation::RestsRole { post, role };
            let end = format!("/tasks/rights/{}/end", it.id);
            (lang::organisation::rests_role(lang, words), end)
        }
        Record::Agency(it) => (format!("{}: {}", it.facts.name, it.event.say(lang)), agency()),
        Record::Person(_) | Record::Operation(_) => (String::new(), agency()),
    };
    html! { a href=(href) { (words) } ", " (say_period(lang, valid)) }
}
