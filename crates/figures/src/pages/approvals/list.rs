//! `GET /tasks/approvals`: what waits for whom in a period of a collection.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::rights::{Act, Place};
use base::{Result, grouped};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use territory::pages::find_unit;
use territory::{UnitId, Version};
use web::ask::link_with;
use web::pieces::{self, Column, Crumb};
use web::{Asked, Frame, Notice, PageResult, Query, Section, Visitor, layout};

use super::super::again::again;
use super::super::say;
use super::super::view::View;
use super::{choices, choose, list_href, sheet_href, state_badge};
use crate::Desk;
use crate::approvals::{self, Rank, Rate, Scope, completeness, list_standing};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    collection: String,
    period: String,
    /// Only what lies in this unit.
    under: String,
}

/// A unit that checks or approves, as it stands.
struct Row<'a> {
    version: &'a Version,
    rank: Rank,
    state: approvals::State,
    reopened_below: bool,
    rate: Rate,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let lang = view.lang;
    let title = lang::approvals::title(lang);
    let catalogue = view.catalogue.clone();
    let chosen = match choose(&catalogue, (&wish.collection, &wish.period), view.today) {
        Err(base::Error::Invalid(errors)) => {
            return Ok(again(&view, &asked, (Section::Work, title), &errors));
        }
        other => other?,
    };
    let head = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::work(lang), href: "/tasks" }]))
        (pieces::heading(title, Some(lang::approvals::lead(lang))))
    };
    let mut frame = Frame::new(&asked, Section::Work, title);
    let Some(chosen) = chosen else {
        let body = html! { (head) (pieces::empty(lang::approvals::no_collections(lang), None)) };
        return Ok(layout(&frame.ground(view.standing(None)), body).into_response());
    };
    let Some(scope) = &chosen.scope else {
        let body = html! { (head) (pieces::empty(lang::approvals::no_periods(lang), None)) };
        return Ok(layout(&frame.ground(view.standing(None)), body).into_response());
    };
    view.day = scope.last();
    if view.made_up {
        frame.notice = Some(Notice::Note(lang::approvals::made_up(lang).to_owned()));
    }
    let frame = frame.ground(view.standing(Some(&scope.period)));
    let territory = view.territory.clone();
    let under = match wish.under.trim() {
        "" => None,
        reference => Some(find_unit(&territory, reference, scope.last())?.unit),
    };
    let mut rows = rows(&mut view, scope, under).await?;
    let may = |unit: UnitId| visitor.actor().may(Act::ReadApprovals, Place::of(unit.0));
    rows.retain(|row| may(row.version.unit));
    let four_eyes = match scope.collection.four_eyes {
        true => lang::approvals::four_eyes_on(lang),
        false => lang::approvals::four_eyes_off(lang),
    };
    let href =
        format!("/completeness?collection={}&period={}", scope.collection.code, scope.period.code);
    let body = html! {
        (head)
        (pieces::filter("/tasks/approvals", html! {
            (choices(lang, &catalogue, &chosen))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        }))
        h2 { (scope.collection.title.say(lang)) ", " (scope.period.title(lang)) }
        p { (four_eyes) " " (lang::approvals::anybody(lang)) }
        p { a href=(href) { (lang::approvals::to_completeness(lang)) } }
        (table(lang, scope, &rows))
    };
    Ok(layout(&frame, body).into_response())
}

/// The units that approve and check, each above those below it. Where several approve, only they,
/// each with a page of its own.
async fn rows<'a>(
    view: &'a mut View,
    scope: &Scope<'_>,
    under: Option<UnitId>,
) -> Result<Vec<Row<'a>>> {
    let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
    let territory = view.territory.clone();
    let ground = (&*catalogue, &*territory);
    let found = completeness(&mut view.tx, ground, scope, view.today).await?;
    let (_, map) = atlas.map(&mut view.tx, scope.last()).await?;
    let rates = found.rates(&map);
    let key = (scope.collection.code.as_str(), scope.period.code.as_str());
    let states: HashMap<UnitId, _> = list_standing(&mut view.tx, key, None)
        .await?
        .into_iter()
        .map(|version| (version.unit, (version.state, version.reopened_below)))
        .collect();
    let level = |unit: UnitId| territory.unit(unit).map(|unit| unit.level);
    let rank = |unit: UnitId| level(unit).and_then(|level| scope.rank(level));
    let approvers: Vec<UnitId> =
        rates.keys().copied().filter(|unit| rank(*unit) == Some(Rank::Approver)).collect();
    let mut units = Vec::new();
    match (under, &approvers[..]) {
        (Some(unit), _) | (None, &[unit]) => {
            units.push(unit);
            units.extend(scope.below(&territory, unit));
        }
        (None, several) => units.extend_from_slice(several),
    }
    let view: &'a View = view;
    let row = |unit: UnitId| {
        let (state, reopened_below) =
            states.get(&unit).copied().unwrap_or((approvals::State::Open, false));
        let rank = rank(unit).filter(|rank| *rank != Rank::Reporter)?;
        let version = view.territory.at(unit, scope.last())?;
        Some(Row { version, rank, state, reopened_below, rate: *rates.get(&unit)? })
    };
    Ok(units.into_iter().filter_map(row).collect())
}

fn table(lang: Lang, scope: &Scope<'_>, rows: &[Row<'_>]) -> Markup {
    if rows.is_empty() {
        return pieces::empty(lang::approvals::no_units(lang), None);
    }
    let columns = [
        Column::head(lang::approvals::unit(lang)),
        Column::text(lang::approvals::state(lang)),
        Column::number(lang::approvals::reported(lang)),
        Column::number(lang::approvals::handed_in(lang)),
        Column::number(lang::approvals::locked_count(lang)),
        Column::text(lang::approvals::next_step(lang)),
    ];
    let several = rows.iter().filter(|row| row.rank == Rank::Approver).count() > 1;
    let cells = |row: &Row<'_>| {
        let of = |part: u32| html! { (part) "/" (row.rate.expected) };
        let href = match several {
            true => link_with(&list_href(scope), "under", &say::reference(row.version)),
            false => sheet_href(scope, row.version),
        };
        vec![
            html! {
                @if row.rank == Rank::Approver {
                    strong { a href=(href) { (row.version.full_name) } }
                } @else {
                    a href=(href) { (row.version.full_name) }
                }
            },
            state_badge(lang, row.state, row.reopened_below),
            of(row.rate.whole),
            of(row.rate.handed_in),
            of(row.rate.locked),
            html! { (next_step(lang, row)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = rows.iter().map(cells).collect();
    pieces::table(lang::approvals::who_acts(lang), &columns, &rows)
}

/// What has to be done next, the first of it first.
fn next_step(lang: Lang, row: &Row<'_>) -> String {
    let rate = &row.rate;
    if row.state.is_locked() && !row.reopened_below {
        return lang::approvals::nothing_waits(lang).to_owned();
    }
    let count = |count: u32| grouped(lang, count.into());
    let mut steps = Vec::new();
    let unlocked_missing = rate.missing().min(rate.expected - rate.locked);
    if unlocked_missing > 0 {
        steps.push(lang::approvals::wait_report(lang, count(unlocked_missing)));
    }
    if rate.waiting > 0 {
        steps.push(lang::approvals::wait_submit(lang, count(rate.waiting)));
    }
    let is_checker = row.rank == Rank::Checker;
    if is_checker && rate.submitted > 0 {
        steps.push(lang::approvals::wait_check(lang).to_owned());
    } else if steps.is_empty() {
        let text = match (is_checker, row.state) {
            (true, approvals::State::Open) => lang::approvals::wait_check(lang),
            _ => lang::approvals::wait_approve(lang),
        };
        steps.push(text.to_owned());
    }
    steps.join("; ")
}
