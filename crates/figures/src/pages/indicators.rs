//! `GET /indicators`: what is measured, by which document, and how it stands.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::PAGE_LIMIT;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Column};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::again::again;
use super::say::{self, Ground};
use super::view::View;
use crate::Desk;

#[derive(Deserialize)]
pub(crate) struct Wish {
    map: Option<String>,
    known: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let (map, known) = (wish.map.as_deref(), wish.known.as_deref());
    let mut view = View::open_anyway(&desk, &asked, map, known).await?;
    if !view.wrong.is_empty() {
        let title = lang::nav::indicators(view.lang);
        return Ok(again(&view, &asked, (Section::Indicators, title), &view.wrong));
    }
    let catalogue = view.catalogue.clone();
    let periods = view.quarters(view.calendar(None)?);
    let last = periods.len().saturating_sub(1);
    let lang = view.lang;
    let ground = Ground { map: view.day, known: view.known };
    let mut rows: Vec<Vec<Markup>> = Vec::new();
    for indicator in catalogue.indicators().into_iter().take(PAGE_LIMIT) {
        let answer = view.ask(indicator, &periods).await?;
        let top = view.top(&answer).zip(periods.last());
        rows.push(vec![
            html! {
                a href=(ground.keep(&say::indicator_href(indicator))) { (indicator.name.say(lang)) }
                p.hint { (indicator.definition.say(lang)) }
                p.hint { (lang::indicator::document(lang)) ": " (indicator.document.say(lang)) }
            },
            html! {
                @if let Some((top, period)) = top {
                    @let figure = answer.get(top.unit, last);
                    a href=(say::figure_href(indicator, top, period, ground)) {
                        (say::value_of(lang, indicator, figure))
                    }
                    @if indicator.denominator.is_none() {
                        " " (say::counted(lang, &catalogue, &indicator.numerator))
                    }
                    @if figure.incomplete() || figure.above_whole() || figure.estimated {
                        br; (say::flags(lang, figure))
                    }
                }
            },
        ]);
    }
    let title = lang::nav::indicators(lang);
    let mut frame =
        Frame::new(&asked, Section::Indicators, title).ground(view.standing(periods.last()));
    frame.notice = view.known_notice();
    let period = periods.last().map(|period| period.title(lang)).unwrap_or_default();
    let columns = [Column::head(lang::indicator::name(lang)), Column::number(&period)];
    let body = html! {
        (pieces::heading(title, Some(lang::indicator::lead(lang))))
        @if rows.is_empty() {
            (pieces::empty(lang::overview::nothing(lang), None))
        } @else {
            (pieces::table(lang::indicator::list(lang), &columns, &rows))
        }
    };
    Ok(layout(&frame, body).into_response())
}
