//! `GET /units`: the units of a day from the top down, and the search over all names.

use axum::extract::State;
use base::{Cursor, Day, Page, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::link_without;
use web::pieces::{self, Badge, Column, Field};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::pieces::{day_form, day_of, period, version_link};
use super::tree;
use crate::api::{day, get_by_code, sheet};
use crate::{Atlas, Match, Territory, UnitCode};

/// So many units a search shows on a page.
const HITS: usize = 50;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Asking {
    on: String,
    q: String,
    under: String,
    cursor: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let lang = asked.lang;
    let sheet = sheet(&atlas).await?;
    let territory = &sheet.territory;
    let on = day("on", Some(&asking.on), sheet.today)?;
    let skip = match asking.cursor.as_str() {
        "" => 0,
        cursor => Cursor::decode(cursor)?,
    };
    let under = match asking.under.as_str() {
        "" => None,
        code => Some(get_by_code(territory, code, on)?),
    };
    let title = lang::units::title(lang);
    let body = html! {
        (pieces::heading(title, Some(lang::units::lead(lang))))
        (search_form(lang, &asking))
        @if territory.units().is_empty() {
            (pieces::empty(
                lang::units::nothing(lang),
                Some(("/tasks/territory", lang::work::import(lang))),
            ))
        } @else if asking.q.trim().is_empty() {
            (day_form(lang, territory, &asked.path_and_query, on))
            (tree::tree(&tree::View {
                lang, territory, on, skip, path: &asked.path_and_query,
            }, under))
        } @else {
            @let day = (!asking.on.trim().is_empty()).then_some(on);
            (hits(lang, territory, (&asking.q, day), skip, &asked.path_and_query)?)
        }
    };
    Ok(layout(&Frame::new(&asked, Section::Units, title), body))
}

fn search_form(lang: Lang, asking: &Asking) -> Markup {
    pieces::filter(
        "/units",
        html! {
            @if !asking.on.is_empty() { input type="hidden" name="on" value=(asking.on); }
            (Field::new(lang, "q", lang::units::search(lang)).search(&asking.q))
            (pieces::submit_quiet(lang::units::find(lang)))
        },
    )
}

/// What fits the words, among the units of a day or of all days.
fn hits(
    lang: Lang,
    territory: &Territory,
    (query, day): (&str, Option<Day>),
    skip: usize,
    path: &str,
) -> Result<Markup> {
    let found = territory.search(query, day, skip + HITS + 1);
    let rows: Vec<_> = found.into_iter().enumerate().skip(skip).collect();
    let page = Page::cut(rows, HITS, |(at, _)| at + 1);
    let all_days = link_without(&link_without(path, "cursor"), "on");
    if page.items.is_empty() {
        let query = query.chars().take(80).collect::<String>();
        return Ok(match day.map(short_day) {
            None => pieces::empty(
                &lang::units::not_found(lang, query),
                Some(("/units", lang::units::all(lang))),
            ),
            Some(day) => pieces::empty(
                &lang::units::not_found_on(lang, lang::units::NotFoundOn { query, day }),
                Some((&all_days, lang::units::search_all_days(lang))),
            ),
        });
    }
    let caption = match day.map(short_day) {
        None => lang::units::hits(lang, query),
        Some(day) => lang::units::hits_on(lang, lang::units::HitsOn { query, day }),
    };
    let columns = [
        Column::head(lang::unit::name(lang)),
        Column::text(lang::unit::code(lang)),
        Column::text(lang::unit::valid(lang)),
    ];
    let rows: Vec<Vec<Markup>> = page
        .items
        .iter()
        .map(|(_, hit)| {
            let version = hit.version;
            let made_up = territory.unit(version.unit).is_some_and(|unit| unit.made_up);
            vec![
                html! {
                    (version_link(version, day.unwrap_or_else(|| day_of(version))))
                    @if hit.matched == Match::Exact { " " (pieces::badge(lang, Badge::Neutral(lang::units::exact(lang)))) }
                    @if made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
                    // Below the name, so that a phone has room for the periods.
                    @if !hit.above.is_empty() { br; span.quiet { (hit.above) } }
                },
                html! { (version.code.as_ref().map_or("–", UnitCode::as_str)) },
                html! { (period(lang, version)) },
            ]
        })
        .collect();
    Ok(html! {
        @if day.is_some() { p { a href=(all_days) { (lang::units::search_all_days(lang)) } } }
        (pieces::table(&caption, &columns, &rows))
        (pieces::pager(lang, path, page.next.as_deref()))
    })
}
