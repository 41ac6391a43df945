//! Data entry, for those who are signed in: reporting, correcting, importing, and what came last.

mod correct;
mod import;
mod report;

pub(crate) use correct::{correct, show_correct, show_withdraw, withdraw};
pub(crate) use import::{apply as apply_import, preview as preview_import, show_import};
pub(crate) use report::{report, show_report};

use axum::extract::State;
use base::{Moment, Result};
use maud::{Markup, html};
use packs::{Measure, Nature};
use web::pieces::{self, Badge, Column, Crumb};
use web::{Asked, Frame, PageResult, Section, Visitor, layout};

use super::records;
use super::view::View;
use crate::observations::{self, Observation};
use crate::{Desk, claims};

/// So many of the last observations are shown.
const LATEST: usize = 50;
/// So many entries are looked through for them; other records have entries too.
const LOOKED_AT: usize = 200;

/// The page above all pages of data entry.
fn crumbs(lang: lang::Lang) -> Markup {
    pieces::breadcrumbs(
        lang,
        &[
            Crumb { label: lang::nav::work(lang), href: "/tasks" },
            Crumb { label: lang::observations::title(lang), href: "/tasks/observations" },
        ],
    )
}

/// "Số hộ (số có đến ngày, hộ)".
fn measure_label(lang: lang::Lang, measure: &Measure) -> String {
    let nature = match measure.nature {
        Nature::Stock => lang::indicator::stock(lang),
        Nature::Flow => lang::indicator::flow(lang),
    };
    format!("{} ({nature}, {})", measure.name.say(lang), claims::counted(lang, &measure.counted))
}

pub(crate) async fn list(State(desk): State<Desk>, _visitor: Visitor, asked: Asked) -> PageResult {
    let mut view = View::open(&desk, asked.lang, None, None).await?;
    let latest = latest(&mut view).await?;
    let lang = view.lang;
    let title = lang::observations::title(lang);
    let frame = Frame::new(&asked, Section::Work, title).standing(view.standing(None));
    let columns = [
        Column::head(lang::drill::unit(lang)),
        Column::text(lang::drill::measure(lang)),
        Column::number(lang::drill::day(lang)),
        Column::number(lang::observations::value(lang)),
        Column::text(lang::drill::source(lang)),
        Column::text(lang::drill::what(lang)),
    ];
    let rows: Vec<Vec<Markup>> = latest.iter().map(|it| row(&view, it)).collect();
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::work(lang), href: "/tasks" }]))
        (pieces::heading(title, Some(lang::observations::lead(lang))))
        ul {
            li { a href="/tasks/observations/new" { (lang::observations::report(lang)) } }
            li { a href="/tasks/observations/import" { (lang::observations::import(lang)) } }
        }
        h2 { (lang::observations::latest(lang)) }
        @if rows.is_empty() {
            (pieces::empty(lang::observations::nothing(lang), None))
        } @else {
            (pieces::table(lang::observations::newest_first(lang), &columns, &rows))
        }
    };
    Ok(layout(&frame, body))
}

/// The last observations, each as it stands now, newest first.
async fn latest(view: &mut View) -> Result<Vec<Observation>> {
    let next = journal::seq_known_at(&mut view.tx, Moment(i64::MAX)).await?;
    let mut found: Vec<Observation> = Vec::new();
    for seq in (1..next).rev().take(LOOKED_AT) {
        let entry = journal::find_entry(&mut view.tx, seq).await?;
        let Some(entry) = entry.filter(|entry| entry.record_kind == "observation") else {
            continue;
        };
        if found.iter().all(|observation| observation.id != entry.record_id) {
            found.push(observations::get(&mut view.tx, &entry.record_id).await?.0);
        }
        if found.len() == LATEST {
            break;
        }
    }
    Ok(found)
}

fn row(view: &View, it: &Observation) -> Vec<Markup> {
    let lang = view.lang;
    let measure = view.catalogue.measure_numbered(it.measure);
    vec![
        records::unit(view, it.unit.0, it.day),
        html! { @if let Some(measure) = measure { (measure.name.say(lang)) } },
        html! { (records::days(lang, it)) },
        html! { a href={ "/observations/" (it.id) } { (records::value(lang, it)) } },
        html! { @if it.made_up { (pieces::badge(lang, Badge::MadeUp)) } @else { (it.source) } },
        html! {
            @if it.value.is_some() {
                a href={ "/observations/" (it.id) "/correct" } {
                    // One word, so that a narrow column does not break it.
                    (lang::observations::correct(lang).replace(' ', "\u{a0}"))
                }
            }
        },
    ]
}
