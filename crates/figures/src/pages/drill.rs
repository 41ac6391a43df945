//! `GET /figures/{indicator}/{unit}/{period}`: a figure, the places and the entries behind it.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, Page, Result, grouped, short_day};
use journal::PostingRow;
use maud::{Markup, html};
use packs::{Indicator, Nature};
use serde::Deserialize;
use territory::pages::{find_unit, unit_href};
use web::ask::{link_with, link_without};
use web::pieces::{self, Column, Crumb, Tab};
use web::{Asked, Frame, PageResult, Path, Query, Section, layout};

use super::again::again;
use super::explain;
use super::places::{self, About};
use super::view::{View, taken};
use super::{indicator, records, say};
use crate::answer::check_reports;
use crate::{Desk, Figure, Part, answer, entries_of, find_indicator, observations};

/// Postings on one page.
const POSTINGS_A_PAGE: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Wish {
    map: Option<String>,
    known: Option<String>,
    part: Option<String>,
    /// `entries` for the postings instead of the places.
    list: Option<String>,
    /// Another period than that of the path, from the form of a period that could not be read.
    period: Option<String>,
    cursor: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path((code, reference, period)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let (map, known) = (wish.map.as_deref(), wish.known.as_deref());
    let mut view = View::open_anyway(&desk, &asked, map, known).await?;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let indicator = find_indicator(&catalogue, &code)?;
    let name = indicator.name.say(view.lang);
    let other = wish.period.as_deref().map(str::trim).filter(|other| !other.is_empty());
    let mut wrong = std::mem::take(&mut view.wrong);
    let found = taken(view.period(other.unwrap_or(&period)), &mut wrong)?;
    let Some(period) = found.filter(|_| wrong.is_empty()) else {
        return Ok(again(&view, &asked, (Section::Indicators, name), &wrong));
    };
    let version = find_unit(&territory, &reference, view.day)?;
    if other.is_some() {
        let ground = say::Ground { map: view.day, known: view.known };
        let location = say::figure_href(indicator, version, &period, ground);
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
    }
    let part = Part::read(indicator, wish.part.as_deref())?;
    let answer = view.ask(indicator, std::slice::from_ref(&period)).await?;
    let figure = answer.get(version.unit, 0);
    let about = About { indicator, version, period: &period, part };
    let lists_entries = wish.list.as_deref() == Some("entries");
    let cursor = wish.cursor.as_deref();
    let path = link_without(&link_without(&asked.path_and_query, "cursor"), "part");
    let is_refused = check_reports(&catalogue, indicator, view.sight).is_err();
    let behind = match lists_entries {
        _ if is_refused => html! { p { (lang::protection::reports(view.lang)) } },
        true => entries(&mut view, &asked, &about, figure, cursor).await?,
        false => places(&mut view, &about, figure, &asked.path_and_query).await?,
    };
    let lang = view.lang;
    let title = format!("{name}: {}", version.full_name);
    let mut frame =
        Frame::new(&asked, Section::Indicators, &*title).ground(view.standing(Some(&period)));
    if let Some(notice) = view.known_notice().or_else(|| view.running_notice(&period)) {
        frame = frame.notice(notice);
    }
    let ground = say::Ground { map: view.day, known: view.known };
    let indicator_href = link_with(&say::indicator_href(indicator), "map", &view.day.to_string());
    let indicator_href = ground.keep(&indicator_href);
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::nav::indicators(lang), href: "/indicators" },
            Crumb { label: name, href: &indicator_href },
        ]))
        (pieces::heading(&title, Some(&lang::drill::lead(lang, period.title(lang)))))
        (say::protection(&view, indicator))
        (indicator::cards(&view, indicator, figure, &path))
        (say::coverage(&view, &answer, version))
        @if figure.estimated { p { (lang::indicator::estimated_note(lang)) } }
        p {
            (indicator.definition.say(lang)) " " (lang::drill::about_unit(lang)) " "
            a href=(unit_href(version, view.day)) { (version.full_name) }
        }
        p {
            a href=(explain::href(indicator, version, &period, ground)) {
                (lang::explain::title(lang))
            }
        }
        h2 {
            @if lists_entries { (lang::drill::behind(lang)) } @else { (lang::drill::places(lang)) }
        }
        @if !is_refused { (parts(&view, indicator, part, &path)) }
        (behind)
    };
    Ok(layout(&frame, body).into_response())
}

/// The places that count, which answer most questions, and the way to every posting.
async fn places(view: &mut View, about: &About<'_>, figure: Figure, path: &str) -> Result<Markup> {
    let list = places::section(view, about).await?;
    let lang = view.lang;
    let shown = part_of(view, about, figure);
    Ok(html! {
        @if let Some(shown) = shown { p { (lang::drill::places_sum(lang, shown)) } }
        (list)
        p { a href=(link_with(path, "list", "entries")) { (lang::drill::to_entries(lang)) } }
    })
}

/// Every posting, page by page.
async fn entries(
    view: &mut View,
    asked: &Asked,
    about: &About<'_>,
    figure: Figure,
    cursor: Option<&str>,
) -> Result<Markup> {
    let mut page = behind(view, about, cursor).await?;
    let mut sources = sources(view, &page).await?;
    let inside = view.disclose(&mut page.items).await?;
    sources.retain(|id, _| inside.contains(id));
    let lang = view.lang;
    let path = asked.path_and_query.as_str();
    let places = link_without(&link_without(path, "cursor"), "list");
    Ok(html! {
        p { a href=(places) { (lang::drill::to_places(lang)) } }
        (sum(view, about, figure))
        (list(view, &page, &sources))
        (pieces::pager(lang, path, page.next.as_deref()))
    })
}

impl Part {
    /// Reads a part of an indicator; a count has no denominator.
    ///
    /// Errors: `Invalid` at `part`.
    pub(crate) fn read(indicator: &Indicator, text: Option<&str>) -> Result<Self> {
        match text {
            None | Some("" | "numerator") => Ok(Self::Numerator),
            Some("denominator") if indicator.denominator.is_some() => Ok(Self::Denominator),
            Some(_) => Err(Error::invalid("part", lang::figures::bad_part)),
        }
    }
}

async fn behind(
    view: &mut View,
    about: &About<'_>,
    cursor: Option<&str>,
) -> Result<Page<PostingRow>> {
    let question = view.question(about.indicator, std::slice::from_ref(about.period));
    let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
    let (unit, part) = (about.version.unit, about.part);
    let wanted = entries_of(&mut view.tx, &atlas, &catalogue, &question, unit, part).await?;
    let cursor = cursor.filter(|cursor| !cursor.is_empty());
    journal::entries_behind(&mut view.tx, &wanted, cursor, POSTINGS_A_PAGE).await
}

/// The sources of the observations on the page, by id.
async fn sources(view: &mut View, page: &Page<PostingRow>) -> Result<HashMap<String, String>> {
    let mut ids: Vec<&str> = page
        .items
        .iter()
        .filter(|row| row.record_kind == "observation")
        .map(|row| row.record_id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    observations::sources(&mut view.tx, &ids).await
}

/// Both parts of a share as tabs.
fn parts(view: &View, indicator: &Indicator, part: Part, path: &str) -> Markup {
    let lang = view.lang;
    let Some(below) = &indicator.denominator else { return html! {} };
    let label = |part: &str, measure: &str| {
        format!("{part}: {}", say::measure(lang, &view.catalogue, measure))
    };
    let above = label(lang::drill::numerator(lang), &indicator.numerator);
    let below = label(lang::drill::denominator(lang), below);
    let (to_above, to_below) = (path.to_owned(), link_with(path, "part", "denominator"));
    let tabs = [Tab { label: &above, href: &to_above }, Tab { label: &below, href: &to_below }];
    pieces::tabs(lang::drill::parts(lang), &tabs, usize::from(part == Part::Denominator))
}

/// The part with its unit of count.
fn part_of(view: &View, about: &About<'_>, figure: Figure) -> Option<String> {
    let (count, measure) = match about.part {
        Part::Numerator => (figure.numerator, Some(&about.indicator.numerator)),
        Part::Denominator => (figure.denominator, about.indicator.denominator.as_ref()),
    };
    Some(say::part(view.lang, &view.catalogue, measure?, Some(count?)))
}

/// What the whole list sums up to.
fn sum(view: &View, about: &About<'_>, figure: Figure) -> Markup {
    let lang = view.lang;
    let Some(shown) = part_of(view, about, figure) else { return html! {} };
    let nature = answer::nature(&view.catalogue, about.indicator);
    html! {
        p {
            @if figure.estimated {
                (lang::drill::sum_estimated(lang, shown))
            } @else {
                (lang::drill::sum(lang, shown))
            }
            @if nature == Nature::Stock { " " (lang::drill::stock(lang)) }
        }
    }
}

fn list(view: &View, page: &Page<PostingRow>, sources: &HashMap<String, String>) -> Markup {
    let lang = view.lang;
    if page.items.is_empty() {
        return pieces::empty(lang::drill::nothing(lang), None);
    }
    // Sources are long and repeat: each stands once below the table and has a number in it.
    let mut named: Vec<&str> = Vec::new();
    let columns = [
        Column::head(lang::drill::unit(lang)),
        Column::number(lang::drill::day(lang)),
        Column::number(lang::drill::delta(lang)),
        Column::text(lang::drill::what(lang)),
        Column::number(lang::drill::source(lang)),
        Column::number(lang::drill::recorded(lang)),
        Column::text(lang::drill::by(lang)),
        Column::number(lang::drill::entry_number(lang)),
    ];
    let mut rows: Vec<Vec<Markup>> = Vec::new();
    for row in &page.items {
        let source = sources.get(&row.record_id).map(|source| {
            let known = named.iter().position(|named| named == source);
            known.unwrap_or_else(|| {
                named.push(source);
                named.len() - 1
            }) + 1
        });
        let posting = row.posting;
        rows.push(vec![
            records::unit(view, posting.unit, posting.day),
            html! { (short_day(posting.day)) },
            html! { (records::delta(lang, posting.delta)) },
            what(view, row),
            html! {
                @if let Some(source) = source { a href={ "#source-" (source) } { (source) } }
            },
            html! { (row.recorded_at.local()) },
            html! { (row.actor) },
            html! { a href={ "/entries/" (row.entry) } { (grouped(lang, row.entry)) } },
        ]);
    }
    html! {
        (pieces::table(lang::drill::list(lang), &columns, &rows))
        @for (at, source) in named.iter().enumerate() {
            p.quiet id={ "source-" (at + 1) } {
                (lang::drill::source(lang)) " " (at + 1) ": " (source)
            }
        }
    }
}

/// What was done, with a link to the record.
fn what(view: &View, row: &PostingRow) -> Markup {
    // One word, so that a narrow column does not break it.
    let cause = records::cause(view.lang, &row.cause).replace(' ', "\u{a0}");
    html! {
        @if row.record_kind == "observation" {
            a href={ "/observations/" (row.record_id) } { (cause) }
        } @else {
            (cause)
        }
    }
}
