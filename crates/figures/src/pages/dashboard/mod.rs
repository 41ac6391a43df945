//! `GET /dashboard`, `GET /dashboard/{code}`: the charts that a pack puts on one page.

mod draw;
mod gather;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Day, Error, FieldError, Result, short_day};
use lang::Text;
use maud::{Markup, html};
use packs::Dashboard;
use serde::Deserialize;
use web::ask::{encoded, link_with};
use web::pieces::{self, Crumb, Field, Tab};
use web::{Asked, Frame, Notice, PageResult, Path, Query, Section, layout};

use self::gather::Gathered;
use super::overview;
use super::view::{Known, View, read_day, taken};
use crate::Desk;

#[derive(Deserialize)]
pub(crate) struct Wish {
    on: Option<String>,
    map: Option<String>,
    known: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    page(&desk, &asked, None, &wish).await
}

pub(crate) async fn show_one(
    State(desk): State<Desk>,
    asked: Asked,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    page(&desk, &asked, Some(&code), &wish).await
}

/// The first dashboard on the map of a page.
pub(crate) fn href(view: &View) -> String {
    let path = "/dashboard".to_owned();
    if view.day == view.today { path } else { link_with(&path, "map", &view.day.to_string()) }
}

async fn page(desk: &Desk, asked: &Asked, code: Option<&str>, wish: &Wish) -> PageResult<Response> {
    let lang = asked.lang;
    let mut view =
        View::open_anyway(desk, asked, wish.map.as_deref(), wish.known.as_deref()).await?;
    let on = day_of(&mut view, wish)?;
    let catalogue = view.catalogue.clone();
    let boards = catalogue.dashboards();
    let chosen = match code {
        None => boards.first(),
        Some(code) => {
            let found = boards.iter().find(|board| board.code == code);
            Some(found.ok_or_else(|| Error::not_found(lang::dashboard::no_dashboard))?)
        }
    };
    let title = chosen.map_or(lang::dashboard::title(lang), |board| board.title.say(lang));
    let frame = Frame::new(asked, Section::Overview, title);
    let crumbs = [Crumb { label: lang::nav::overview(lang), href: "/" }];
    let Some(board) = chosen else {
        let body = html! {
            (pieces::breadcrumbs(lang, &crumbs))
            (pieces::heading(title, None))
            (pieces::empty(lang::dashboard::nothing(lang), None))
        };
        return Ok(layout(&frame, body).into_response());
    };
    let head = html! {
        (pieces::heading(title, Some(board.lead.say(lang))))
        (tabs(&view, &boards, board))
    };
    if !view.wrong.is_empty() {
        let body = html! {
            (pieces::breadcrumbs(lang, &crumbs))
            (pieces::question_summary(lang, &view.wrong))
            (head)
            (choices(&view, asked, wish, on))
        };
        let page = layout(&frame.ground(view.standing(None)), body);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let gathered = Gathered::of(&mut view, board, on).await?;
    let mut frame = frame.ground(view.standing(gathered.periods.last()));
    if let Some(notice) = view.known_notice() {
        frame = frame.notice(notice);
    }
    let warning = Notice::Warning(lang::targets::made_up(lang).to_owned());
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (head)
        @if view.made_up { (pieces::notice(lang, &warning)) }
        (overview::maps(&view, &asked.path_and_query, None))
        (choices(&view, asked, wish, on))
        (draw::board(&view, &gathered, board))
    };
    Ok(layout(&frame, body).into_response())
}

/// The day by which the quarters were over; today unless another is named.
///
/// Errors: none but those of the machine; what is wrong is put to the other mistakes of the view.
fn day_of(view: &mut View, wish: &Wish) -> Result<Day> {
    let named = taken(read_day("on", wish.on.as_deref()), &mut view.wrong)?.flatten();
    if named.is_some_and(|on| on > view.today) {
        let text = Text::new(lang::figures::period_to_come);
        view.wrong.push(FieldError { place: "on".to_owned(), text });
    }
    Ok(named.unwrap_or(view.today))
}

fn tabs(view: &View, boards: &[&Dashboard], chosen: &Dashboard) -> Markup {
    let lang = view.lang;
    let hrefs: Vec<String> =
        boards.iter().map(|board| format!("/dashboard/{}", encoded(&board.code))).collect();
    let tabs = boards.iter().zip(&hrefs);
    let tabs: Vec<Tab<'_>> =
        tabs.map(|(board, href)| Tab { label: board.title.say(lang), href }).collect();
    let current = boards.iter().position(|board| board.code == chosen.code).unwrap_or_default();
    html! {
        @if tabs.len() > 1 { (pieces::tabs(lang::dashboard::boards(lang), &tabs, current)) }
    }
}

/// The day, the map and what was known.
fn choices(view: &View, asked: &Asked, wish: &Wish, on: Day) -> Markup {
    let lang = view.lang;
    let is_wrong = |name: &str| view.wrong.iter().any(|error| error.place == name);
    let shown = |name: &str, typed: &Option<String>, read: String| match is_wrong(name) {
        true => typed.clone().unwrap_or_default(),
        false => read,
    };
    let known = view.known.map(Known::typed).unwrap_or_default();
    let field = |name: &'static str, label: &'static str| {
        Field::new(lang, name, label).optional().errors(&view.wrong)
    };
    let path = asked.path_and_query.split('?').next().unwrap_or_default();
    pieces::filter(
        path,
        html! {
            (field("on", lang::dashboard::on(lang)).day(&shown("on", &wish.on, short_day(on))))
            (field("map", lang::figures::map(lang)).day(&shown("map", &wish.map, short_day(view.day))))
            (field("known", lang::indicator::known(lang)).day(&shown("known", &wish.known, known)))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        },
    )
}
