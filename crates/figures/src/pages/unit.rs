//! `GET /units/{code}`: a unit on a day: what it is, what it was, and all its figures.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::{FieldError, PAGE_LIMIT, Result, grouped, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use territory::pages::{
    coverage_note, day_form, find_unit, unit_facts, unit_href, unit_lineage, unit_map,
    unit_timeline,
};
use territory::{UnitId, Version};
use web::ask::link_with;
use web::pieces::{self, Badge, Column, Crumb};
use web::{Asked, Frame, PageResult, Path, Query, Section, layout};

use super::again::again;
use super::say::{self, Ground};
use super::view::View;
use crate::{Desk, Period};

#[derive(Deserialize)]
pub(crate) struct Wish {
    on: Option<String>,
    known: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path(reference): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let (on, known) = (wish.on.as_deref(), wish.known.as_deref());
    let mut view = View::open_anyway(&desk, asked.lang, on, known).await?;
    if !view.wrong.is_empty() {
        // Here the day of the map is called `on`.
        let place = |place: String| if place == "map" { "on".to_owned() } else { place };
        let errors = view.wrong.drain(..);
        let errors: Vec<_> = errors.map(|it| FieldError { place: place(it.place), ..it }).collect();
        let title = lang::nav::units(view.lang);
        return Ok(again(&view, &asked, (Section::Units, title), &errors));
    }
    let territory = view.territory.clone();
    let version = find_unit(&territory, &reference, view.day)?;
    let periods = view.quarters(view.calendar(None)?);
    let figures = figures(&mut view, version, &periods).await?;
    let (lang, day) = (view.lang, view.day);
    let name = version.full_name.as_str();
    let mut frame = Frame::new(&asked, Section::Units, name).ground(view.standing(periods.last()));
    frame.notice = view.known_notice();
    let facts = unit_facts(lang, &territory, version, day);
    let map = unit_map(lang, &territory, version, day);
    let body = html! {
        (above(&view, version))
        (pieces::heading(name, None))
        (day_form(lang, &territory, &asked.path_and_query, day))
        (coverage_note(lang, &territory, version, day))
        @if map.0.is_empty() { (facts) } @else { (pieces::beside(&[facts, map])) }
        h2 { (lang::overview::unit_figures(lang)) }
        (figures)
        h2 { (lang::overview::unit_lineage(lang)) }
        (unit_lineage(lang, &territory, version.unit, day))
        (unit_timeline(lang, &territory, version.unit, day))
        (below(&view, version.unit))
    };
    Ok(layout(&frame, body).into_response())
}

/// The list of units and those above this one, from the top down.
fn above(view: &View, version: &Version) -> Markup {
    let lang = view.lang;
    let above = view.territory.ancestors(version.unit, view.day);
    let mut crumbs = vec![(lang::nav::units(lang).to_owned(), format!("/units?on={}", view.day))];
    crumbs.extend(
        above.iter().rev().map(|above| (above.full_name.clone(), unit_href(above, view.day))),
    );
    let crumbs: Vec<Crumb<'_>> = crumbs.iter().map(|(label, href)| Crumb { label, href }).collect();
    pieces::breadcrumbs(lang, &crumbs)
}

/// All indicators over the last quarters, the newest first: a phone shows the beginning of a row.
async fn figures(view: &mut View, version: &Version, periods: &[Period]) -> Result<Markup> {
    let lang = view.lang;
    let catalogue = view.catalogue.clone();
    let ground = Ground { map: view.day, known: view.known };
    let mut rows = Vec::new();
    let mut anything = false;
    for indicator in catalogue.indicators().into_iter().take(PAGE_LIMIT) {
        let answer = view.ask(indicator, periods).await?;
        let mut row = vec![html! {
            a href=(ground.keep(&link_with(&say::indicator_href(indicator), "map", &view.day.to_string()))) {
                (indicator.name.say(lang))
            }
        }];
        for (at, period) in periods.iter().enumerate().rev() {
            let figure = answer.get(version.unit, at);
            anything |= figure.numerator.is_some();
            row.push(html! {
                @match figure.value(indicator) {
                    Some(value) => {
                        a href=(say::figure_href(indicator, version, period, ground)) {
                            (say::value(lang, indicator, value))
                        }
                        @if figure.above_whole() { br; (say::above_whole(lang, figure)) }
                        @if figure.estimated { br; (pieces::badge(lang, Badge::Estimated)) }
                        @if figure.incomplete() { br; (figure.reported) "/" (figure.expected) }
                    }
                    None => "–",
                }
            });
        }
        rows.push(row);
    }
    if !anything {
        return Ok(pieces::empty(lang::overview::no_figures(lang), None));
    }
    let heads: Vec<(String, String)> =
        periods.iter().rev().map(|period| (period.short(lang), period.title(lang))).collect();
    let mut columns = vec![Column::head(lang::indicator::name(lang))];
    columns.extend(heads.iter().map(|(head, title)| Column::number(head).titled(title)));
    Ok(html! {
        (pieces::table(lang::overview::unit_quarters(lang), &columns, &rows))
        p.quiet { (lang::overview::unit_legend(lang, short_day(view.day))) }
    })
}

/// The units directly below, as a list to open.
fn below(view: &View, unit: UnitId) -> Markup {
    let lang = view.lang;
    let units: Vec<&Version> = view.territory.children(Some(unit), view.day).collect();
    if units.is_empty() {
        return html! {};
    }
    let count = grouped(lang, i64::try_from(units.len()).unwrap_or_default());
    let list = html! {
        ul {
            @for version in units {
                li { a href=(unit_href(version, view.day)) { (version.full_name) } }
            }
        }
    };
    pieces::details(&lang::overview::unit_below(lang, count), list)
}
