//! `GET /figures/{indicator}/{unit}/{period}`: a figure and the entries that make it up.

use std::collections::HashMap;

use axum::extract::State;
use base::{Error, Page, Result, grouped, short_day};
use journal::PostingRow;
use maud::{Markup, html};
use packs::{Indicator, Nature};
use serde::Deserialize;
use territory::Version;
use territory::pages::{find_unit, unit_href};
use web::ask::{link_with, link_without};
use web::pieces::{self, Column, Crumb, Tab};
use web::{Asked, Frame, PageResult, Path, Query, Section, layout};

use super::view::View;
use super::{indicator, records, say};
use crate::{Desk, Figure, Part, Period, answer, entries_of, find_indicator, observations};

/// Postings on one page.
const POSTINGS_A_PAGE: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Wish {
    map: Option<String>,
    known: Option<String>,
    part: Option<String>,
    cursor: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path((code, reference, period)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult {
    let mut view =
        View::open(&desk, asked.lang, wish.map.as_deref(), wish.known.as_deref()).await?;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let indicator = find_indicator(&catalogue, &code)?;
    let version = find_unit(&territory, &reference, view.day)?;
    let period = view.period(&period)?;
    let part = Part::read(indicator, wish.part.as_deref())?;
    let periods = std::slice::from_ref(&period);
    let answer = view.ask(indicator, periods).await?;
    let figure = answer.get(version.unit, 0);
    let page = behind(&mut view, indicator, version, &period, part, wish.cursor.as_deref()).await?;
    let sources = sources(&mut view, &page).await?;
    let lang = view.lang;
    let coverage = say::coverage(&view, &answer, version);
    let name = indicator.name.say(lang);
    let title = format!("{name}: {}", version.full_name);
    let mut frame =
        Frame::new(&asked, Section::Indicators, &*title).standing(view.standing(Some(&period)));
    if let Some(notice) = view.known_notice() {
        frame = frame.notice(notice);
    }
    let path = link_without(&link_without(&asked.path_and_query, "cursor"), "part");
    let indicator_href = link_with(&say::indicator_href(indicator), "map", &view.day.to_string());
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::nav::indicators(lang), href: "/indicators" },
            Crumb { label: name, href: &indicator_href },
        ]))
        (pieces::heading(&title, Some(&lang::drill::lead(lang, period.title(lang)))))
        (indicator::cards(&view, indicator, figure, &path))
        (coverage)
        @if figure.estimated { p { (lang::indicator::estimated_note(lang)) } }
        p {
            (indicator.definition.say(lang)) " " (lang::drill::about_unit(lang)) " "
            a href=(unit_href(version, view.day)) { (version.full_name) }
        }
        h2 { (lang::drill::behind(lang)) }
        (parts(&view, indicator, part, &path))
        (sum(&view, indicator, figure, part))
        (list(&view, &page, &sources))
        (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
    };
    Ok(layout(&frame, body))
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
    indicator: &Indicator,
    version: &Version,
    period: &Period,
    part: Part,
    cursor: Option<&str>,
) -> Result<Page<PostingRow>> {
    let question = view.question(indicator, std::slice::from_ref(period));
    let catalogue = view.catalogue.clone();
    let atlas = view.desk.atlas.clone();
    let wanted =
        entries_of(&mut view.tx, &atlas, &catalogue, &question, version.unit, part).await?;
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

/// What the whole list sums up to.
fn sum(view: &View, indicator: &Indicator, figure: Figure, part: Part) -> Markup {
    let lang = view.lang;
    let (count, measure) = match part {
        Part::Numerator => (figure.numerator, Some(&indicator.numerator)),
        Part::Denominator => (figure.denominator, indicator.denominator.as_ref()),
    };
    let Some((count, measure)) = count.zip(measure) else { return html! {} };
    let nature = answer::nature(&view.catalogue, indicator);
    let shown = say::part(lang, &view.catalogue, measure, Some(count));
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
