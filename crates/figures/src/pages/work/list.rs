//! `GET /tasks/observations`: what was reported, the last recorded first, and the ways to report.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{FieldError, Result};
use lang::Text;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Badge, Choice, Column, Crumb, Field};
use web::{Asked, Frame, PageResult, Query, Section, Visitor, layout};

use super::super::records;
use super::super::view::{View, read_day, taken};
use super::units::{self, Offered, Wanted};
use crate::Desk;
use crate::observations::{self, Filter, Observation};
use crate::protection::check_observation;

/// So many observations stand on a page.
const A_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    /// A unit, with all those below it.
    unit: String,
    /// What was chosen of several units of that name.
    chosen: String,
    measure: String,
    from: String,
    to: String,
    cursor: String,
}

pub(crate) async fn list(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let (filter, offered) = read(&mut view, &wish).await?;
    let lang = view.lang;
    let title = lang::observations::title(lang);
    let frame = Frame::new(&asked, Section::Work, title).ground(super::ground(&view));
    let head = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::work(lang), href: "/tasks" }]))
        (pieces::question_summary(lang, &view.wrong))
        (pieces::heading(title, Some(lang::observations::lead(lang))))
        ul {
            li { a href="/tasks/observations/new" { (lang::observations::report(lang)) } }
            li { a href="/tasks/observations/import" { (lang::observations::import(lang)) } }
        }
        h2 { (lang::observations::latest(lang)) }
        (form(&view, &wish, &offered))
    };
    let Some(filter) = filter else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, layout(&frame, head)).into_response());
    };
    let cursor = Some(wish.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = observations::list(&mut view.tx, visitor.actor(), &filter, cursor, A_PAGE).await?;
    let columns = [
        Column::head(lang::drill::unit(lang)),
        Column::text(lang::drill::measure(lang)),
        Column::number(lang::drill::day(lang)),
        Column::number(lang::observations::value(lang)),
        Column::text(lang::drill::source(lang)),
        Column::text(lang::drill::what(lang)),
    ];
    let rows: Vec<Vec<Markup>> = page.items.iter().map(|it| row(&view, it)).collect();
    let body = html! {
        (head)
        @if rows.is_empty() {
            @if page.next.is_some() {
                (pieces::empty(lang::observations::nothing_here(lang), None))
            } @else {
                (pieces::empty(lang::observations::nothing(lang), None))
            }
        } @else {
            (pieces::table(lang::observations::newest_first(lang), &columns, &rows))
        }
        (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
    };
    Ok(layout(&frame, body).into_response())
}

/// The filter, or none where something of it cannot be read: what is wrong stands in the view.
async fn read(view: &mut View, wish: &Wish) -> Result<(Option<Filter>, Vec<Offered>)> {
    let mut wrong = Vec::new();
    let from = taken(read_day("from", Some(&wish.from)), &mut wrong)?.flatten();
    let to = taken(read_day("to", Some(&wish.to)), &mut wrong)?.flatten();
    let measure = match wish.measure.as_str() {
        "" => None,
        code => {
            let found = view.catalogue.measure(code).map(|measure| measure.number);
            if found.is_none() {
                let text = Text::new(lang::observations::no_measure);
                wrong.push(FieldError { place: "measure".to_owned(), text });
            }
            found
        }
    };
    let mut offered = Vec::new();
    let mut units = None;
    if !wish.unit.trim().is_empty() || !wish.chosen.is_empty() {
        let day = to.unwrap_or(view.today);
        let wanted = Wanted { typed: &wish.unit, chosen: &wish.chosen, level: None, day };
        match units::find(view, &wanted) {
            Ok(unit) => {
                let atlas = &view.desk.atlas;
                units = Some(observations::within(&mut view.tx, atlas, unit, day).await?);
            }
            Err(unclear) => {
                let place = if unclear.offered.is_empty() { "unit" } else { "chosen" };
                wrong.push(FieldError { place: place.to_owned(), text: unclear.text });
                offered = unclear.offered;
            }
        }
    }
    let filter = taken(Filter::new(units, measure, (from, to)), &mut wrong)?;
    view.wrong = wrong;
    Ok((filter.filter(|_| view.wrong.is_empty()), offered))
}

fn form(view: &View, wish: &Wish, offered: &[Offered]) -> Markup {
    let lang = view.lang;
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(&view.wrong);
    let labels: Vec<(&str, &str)> = view
        .catalogue
        .measures()
        .map(|it| (it.definition.code.as_str(), it.definition.name.say(lang)))
        .collect();
    let measures: Vec<Choice<'_>> =
        labels.iter().map(|(value, label)| Choice { value, label }).collect();
    let units: Vec<Choice<'_>> =
        offered.iter().map(|(value, label)| Choice { value, label }).collect();
    // What was chosen is named in the field, so that another name can be typed over it.
    let named = if wish.chosen.is_empty() { &wish.unit } else { &wish.chosen };
    pieces::filter(
        "/tasks/observations",
        html! {
            (field("unit", lang::observations::unit_and_below(lang)).optional().text(named))
            @if !units.is_empty() {
                (field("chosen", lang::observations::which_unit(lang)).select(&units, ""))
            }
            (field("measure", lang::drill::measure(lang)).optional()
                .select(&measures, &wish.measure))
            (field("from", lang::observations::day_from(lang)).optional().day(&wish.from))
            (field("to", lang::observations::day_to(lang)).optional().day(&wish.to))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        },
    )
}

fn row(view: &View, it: &Observation) -> Vec<Markup> {
    let lang = view.lang;
    let measure = view.catalogue.measure_numbered(it.measure);
    let is_hidden = check_observation(&view.catalogue, it, view.sight).is_err();
    vec![
        records::unit(view, it.unit.0, it.day),
        html! { @if let Some(measure) = measure { (measure.name.say(lang)) } },
        html! { (records::days(lang, it)) },
        html! {
            @if is_hidden { (lang::protection::hidden(lang)) }
            @else { a href={ "/observations/" (it.id) } { (records::value(lang, it)) } }
        },
        html! {
            @if it.made_up { (pieces::badge(lang, Badge::MadeUp)) }
            // Words tell numbers too.
            @else if !is_hidden { (it.source) }
        },
        html! {
            @if it.value.is_some() && !is_hidden {
                a href={ "/observations/" (it.id) "/correct" } {
                    // One word, so that a narrow column does not break it.
                    (lang::observations::correct(lang).replace(' ', "\u{a0}"))
                }
            }
        },
    ]
}
