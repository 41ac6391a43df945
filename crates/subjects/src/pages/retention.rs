//! `/tasks/personal-data/retention`: how long what is kept, what is over its time, and deleting it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use base::{Error, grouped, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Badge, Column, Crumb};
use web::{Asked, Form, Notice, PageError, PageResult, Path, Query, Visitor, layout};

use super::request::say_span;
use super::{DESK, View, crumbs, desk, frame, see_other};
use crate::office::{Context, Office};
use crate::retention::{self, Item, Report};
use crate::rights::{Act, may};

/// So many reports are listed.
const REPORTS: i64 = 20;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    done: String,
}

pub(super) async fn list(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
) -> PageResult {
    may(&visitor, Act::Retain, None)?;
    let mut view = View::open(&office, asked.lang).await?;
    let lang = view.lang;
    let reports = retention::latest(&mut view.tx, REPORTS).await?;
    let title = lang::retention::title(lang);
    let frame = frame(&asked, title);
    let body = html! {
        (crumbs(lang, &[]))
        (pieces::heading(title, Some(lang::retention::lead(lang))))
        (desk::tabs(lang, &visitor.rights, 3))
        (rules(&view))
        h2 { (lang::retention::reports(lang)) }
        (pieces::form(&format!("{DESK}/retention"), frame.csrf.as_deref(), html! {
            (pieces::submit(lang::retention::make(lang)))
        }))
        @if reports.is_empty() {
            (pieces::empty(lang::retention::no_reports(lang), None))
        } @else {
            ul {
                @for report in &reports {
                    li {
                        a href={ (DESK) "/retention/" (report.id) } { (report.made_at.local()) }
                        ": " (state(lang, report))
                    }
                }
            }
        }
    };
    Ok(layout(&frame, body))
}

fn state(lang: lang::Lang, report: &Report) -> String {
    match report.applied_at {
        Some(at) => lang::retention::applied_at(
            lang,
            lang::retention::AppliedAt { at: at.local(), by: &report.applied_by },
        ),
        None => lang::retention::not_applied(lang).to_owned(),
    }
}

fn rules(view: &View) -> Markup {
    let lang = view.lang;
    let columns = [
        Column::head(lang::retention::what(lang)),
        Column::text(lang::retention::how_long(lang)),
        Column::text(lang::retention::document(lang)),
    ];
    let rows: Vec<Vec<Markup>> = view
        .definitions
        .retention_rules
        .iter()
        .map(|rule| {
            vec![
                html! { (rule.name.say(lang)) },
                html! { (say_span(lang, rule.keep)) " " (rule.after.say(lang)) },
                html! {
                    (rule.document.say(lang))
                    @if let Some(verify) = &rule.verify {
                        " " (pieces::badge(lang, Badge::Warning(lang::subjects::to_verify(lang))))
                        " " (verify.say(lang))
                    }
                },
            ]
        })
        .collect();
    html! { (pieces::table(lang::retention::rules(lang), &columns, &rows)) }
}

pub(super) async fn make(
    State(office): State<Office>,
    visitor: Visitor,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    may(&visitor, Act::Retain, None)?;
    let vault = office.vault()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let actor = visitor.name.as_str();
    let cx = Context { clock: office.clock(), actor, definitions: &definitions, vault };
    let id = retention::report(&mut tx, cx, office.areas()).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{DESK}/retention/{id}")))
}

pub(super) async fn show(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Query(sent): Query<Sent>,
) -> PageResult {
    may(&visitor, Act::Retain, None)?;
    let mut view = View::open(&office, asked.lang).await?;
    let lang = view.lang;
    let report = retention::find(&mut view.tx, &id).await?;
    let items = retention::items(&mut view.tx, &id).await?;
    let title = lang::retention::report_of(lang, report.made_at.local());
    let mut frame = frame(&asked, &title);
    if sent.done == "yes" {
        frame.notice = Some(Notice::Done(lang::subjects::written(lang).to_owned()));
    }
    let waits = report.applied_at.is_none() && items.iter().any(|item| !item.held);
    let href = format!("{DESK}/retention");
    let above = [Crumb { label: lang::retention::title(lang), href: &href }];
    let body = html! {
        (crumbs(lang, &above))
        (pieces::heading(&title, Some(&state(lang, &report))))
        @if items.is_empty() {
            (pieces::empty(lang::retention::nothing(lang), None))
        } @else {
            (table(&view, &items))
        }
        @if waits {
            (pieces::form(&format!("{href}/{id}"), frame.csrf.as_deref(), html! {
                p { (lang::retention::apply_lead(lang)) }
                (pieces::submit_danger(lang::retention::apply(lang)))
            }))
        }
    };
    Ok(layout(&frame, body))
}

/// By rule: how much, why, what stays, and what went.
fn table(view: &View, items: &[Item]) -> Markup {
    let lang = view.lang;
    let mut by_rule: BTreeMap<&str, (i64, i64, i64)> = BTreeMap::new();
    for item in items {
        let sums = by_rule.entry(&item.rule).or_default();
        sums.0 += item.amount;
        sums.1 += i64::from(item.held);
        sums.2 += item.deleted;
    }
    let columns = [
        Column::head(lang::retention::what(lang)),
        Column::text(lang::retention::why(lang)),
        Column::number(lang::retention::amount(lang)),
        Column::number(lang::retention::held(lang)),
        Column::number(lang::retention::deleted(lang)),
    ];
    let rows: Vec<Vec<Markup>> = by_rule
        .into_iter()
        .map(|(code, (amount, held, deleted))| {
            let rule = view.definitions.retention_rules.iter().find(|rule| rule.code == code);
            let before = items.iter().find(|item| item.rule == code).map(|item| item.before.day());
            vec![
                html! { (rule.map_or(code, |rule| rule.name.say(lang))) },
                html! {
                    @if let Some(rule) = rule {
                        (say_span(lang, rule.keep)) " " (rule.after.say(lang)) "; "
                    }
                    @if let Some(day) = before { (lang::retention::before(lang, short_day(day))) }
                },
                html! { (grouped(lang, amount)) },
                html! { (grouped(lang, held)) },
                html! { (grouped(lang, deleted)) },
            ]
        })
        .collect();
    html! { (pieces::table(lang::retention::listed(lang), &columns, &rows)) }
}

pub(super) async fn apply(
    State(office): State<Office>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    may(&visitor, Act::Retain, None)?;
    let vault = office.vault()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let actor = visitor.name.as_str();
    let cx = Context { clock: office.clock(), actor, definitions: &definitions, vault };
    let applied: Result<_, Error> = retention::apply(&mut tx, cx, office.areas(), &id).await;
    applied?;
    tx.commit().await?;
    Ok(see_other(&format!("{DESK}/retention/{id}?done=yes")))
}
