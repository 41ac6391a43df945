//! `/campaigns/{code}/{round}/freeze` and `…/reopen`, for the signed-in.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, FieldError, Result, grouped};
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Column, Field};
use web::{Asked, Form, Frame, PageError, PageResult, Path, Section, Visitor, layout};

use super::{Board, say};
use crate::Desk;
use crate::campaigns::{self, heads, history};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    csrf: String,
    version: i64,
    reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Freeze,
    Reopen,
}

pub(super) async fn show_freeze(
    State(desk): State<Desk>,
    Path((code, round)): Path<(String, String)>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    Ok(page(&desk, &asked, Act::Freeze, (&code, &round), &Typed::default(), &[]).await?)
}

pub(super) async fn show_reopen(
    State(desk): State<Desk>,
    Path((code, round)): Path<(String, String)>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    Ok(page(&desk, &asked, Act::Reopen, (&code, &round), &Typed::default(), &[]).await?)
}

pub(super) async fn freeze(
    State(desk): State<Desk>,
    Path((code, round)): Path<(String, String)>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(&desk, visitor.actor());
    campaigns::freeze(tx, cx, &desk.atlas, (&code, &round)).await?;
    let first = first_group(cx.catalogue, &code);
    work.tx.commit().await?;
    Ok(to(&format!("/campaigns/{code}/{round}/{first}?done=frozen")))
}

pub(super) async fn reopen(
    State(desk): State<Desk>,
    Path((code, round)): Path<(String, String)>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let written = async {
        let mut work = desk.begin().await?;
        let (tx, cx) = work.by(&desk, visitor.actor());
        let what = (code.as_str(), round.as_str());
        campaigns::reopen(tx, cx, what, typed.version, &typed.reason).await?;
        let first = first_group(cx.catalogue, &code);
        work.tx.commit().await?;
        Ok(first)
    };
    match written.await {
        Ok(first) => Ok(to(&format!("/campaigns/{code}/{round}/{first}?done=reopened"))),
        Err(Error::Invalid(errors)) => {
            let what = (code.as_str(), round.as_str());
            let page = page(&desk, &asked, Act::Reopen, what, &typed, &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn first_group(catalogue: &packs::Catalogue, code: &str) -> String {
    let campaign = catalogue.campaign(code);
    let group = campaign.and_then(|campaign| campaign.groups.first());
    group.map(|group| group.code.clone()).unwrap_or_default()
}

pub(super) fn to(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    act: Act,
    (code, round): (&str, &str),
    typed: &Typed,
    errors: &[FieldError],
) -> Result<Markup> {
    let mut board = Board::open(desk, asked, code).await?;
    let (round, period) = board.round(round)?;
    let head = heads(&mut board.view.tx, &board.campaign).await?.remove(&round.period);
    let past = past(&mut board, code, &round.period, None).await?;
    let lang = board.view.lang;
    let (title, lead, word) = match act {
        Act::Freeze => {
            (lang::campaigns::freeze_title(lang), lang::campaigns::freeze_lead(lang), "freeze")
        }
        Act::Reopen => {
            (lang::campaigns::reopen_title(lang), lang::campaigns::reopen_lead(lang), "reopen")
        }
    };
    let frame = Frame::new(asked, Section::Campaigns, title).ground(board.ground(Some(&period)));
    let here = board.href();
    let crumbs = board.crumbs(&here, board.campaign.title.say(lang));
    let version = head.map_or(0, |head| head.version);
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lead)))
        (pieces::definition_list(&[
            (lang::campaigns::campaign(lang), html! { (board.campaign.title.say(lang)) }),
            (lang::campaigns::round(lang), html! { (period.title(lang)) }),
            (lang::campaigns::state(lang), say::state(
                lang, head, &period, board.view.today)),
        ]))
        (pieces::form(&format!("{here}/{}/{word}", round.period), frame.csrf.as_deref(), html! {
            input type="hidden" name="version" value=(version);
            @match act {
                Act::Freeze => { (pieces::submit(lang::campaigns::freeze(lang))) }
                Act::Reopen => {
                    (Field::new(lang, "reason", lang::campaigns::why_reopen(lang)).errors(errors)
                        .hint(lang::campaigns::public_hint(lang)).textarea(&typed.reason, 3))
                    (pieces::submit_danger(lang::campaigns::reopen(lang)))
                }
            }
        }))
        (past)
    };
    Ok(layout(&frame, body))
}

/// When the round was frozen and opened, by whom and why; with the way to each freeze, where the
/// address of a ranking is given. The one in force is the ranking itself.
pub(super) async fn past(
    board: &mut Board,
    code: &str,
    round: &str,
    ranking: Option<&str>,
) -> Result<Markup> {
    let list = history(&mut board.view.tx, code, round).await?;
    if list.is_empty() {
        return Ok(html! {});
    }
    let head = list.last().map(|(version, ..)| *version);
    let entries: Vec<i64> = list.iter().map(|(_, entry, _)| *entry).collect();
    let made = journal::recordings(&mut board.view.tx, &entries).await?;
    let lang = board.view.lang;
    let columns = [
        Column::head(lang::campaigns::what(lang)),
        Column::text(lang::observations::reason(lang)),
        Column::text(lang::drill::by(lang)),
        Column::number(lang::drill::recorded(lang)),
        Column::number(lang::drill::entry_number(lang)),
    ];
    let row = |(version, entry, reason): &(i64, i64, Option<String>)| {
        let made = made.get(entry);
        let what = match version % 2 {
            0 => lang::campaigns::did_reopen(lang),
            _ => lang::campaigns::did_freeze(lang),
        };
        vec![
            html! {
                @match ranking.filter(|_| version % 2 == 1) {
                    Some(href) if Some(*version) == head => { a href=(href) { (what) } }
                    Some(href) => {
                        a href={ (href) "?version=" (version) } { (what) }
                    }
                    None => { (what) }
                }
            },
            html! { (reason.as_deref().unwrap_or("–")) },
            html! { @if let Some((_, actor)) = made { (actor) } },
            html! { @if let Some((at, _)) = made { (at.local()) } },
            html! { a href={ "/entries/" (entry) } { (grouped(lang, *entry)) } },
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().rev().map(row).collect();
    Ok(html! {
        h2 { (lang::campaigns::past(lang)) }
        (pieces::table(lang::campaigns::past(lang), &columns, &rows))
    })
}
