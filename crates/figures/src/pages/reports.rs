//! `GET /reports`: the forms of reports, and what was published last.

use axum::extract::State;
use maud::{Markup, html};
use packs::Report;
use web::pieces::{self, Column};
use web::{Asked, Frame, PageResult, Section, layout};

use super::publications::table;
use super::view::View;
use crate::Desk;
use crate::publications::{self, Asked as Answered};

/// So many of the newest publications are shown.
const NEWEST: usize = 5;

pub(crate) async fn show(State(desk): State<Desk>, asked: Asked) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let lang = view.lang;
    let title = lang::reports::title(lang);
    let newest = publications::list(&mut view.tx, None, NEWEST).await?.items;
    let newest = table(&mut view, &newest, &mut Answered::new()).await?;
    let catalogue = view.catalogue.clone();
    let columns = [
        Column::head(lang::reports::name(lang)),
        Column::text(lang::reports::form_number(lang)),
        Column::text(lang::reports::every(lang)),
    ];
    let row = |report: &&Report| {
        vec![
            html! {
                a href={ "/reports/" (report.code) } { (report.title.say(lang)) }
                p.hint { (prescribed(lang, report)) }
            },
            html! { (report.form) },
            html! { (every(lang, report)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = catalogue.reports().iter().map(row).collect();
    let body = html! {
        (pieces::heading(title, Some(lang::reports::lead(lang))))
        h2 { (lang::reports::forms(lang)) }
        @if rows.is_empty() {
            (pieces::empty(lang::reports::nothing(lang), None))
        } @else {
            (pieces::table(lang::reports::forms(lang), &columns, &rows))
        }
        h2 { (lang::publications::newest(lang)) }
        (newest)
        p { a href="/publications" { (lang::publications::all(lang)) } }
    };
    let frame = Frame::new(&asked, Section::Reports, title).ground(view.standing(None));
    Ok(layout(&frame, body))
}

fn prescribed(lang: lang::Lang, report: &Report) -> &str {
    let own = lang::reports::own_form(lang);
    report.document.as_ref().map_or(own, |document| document.say(lang))
}

/// How long the periods of a form are.
pub(crate) fn every(lang: lang::Lang, report: &Report) -> &'static str {
    match report.every {
        packs::PeriodKind::Month => lang::reports::month(lang),
        packs::PeriodKind::Quarter => lang::reports::quarter(lang),
        packs::PeriodKind::HalfYear => lang::reports::half_year(lang),
        packs::PeriodKind::NineMonths => lang::reports::nine_months(lang),
        packs::PeriodKind::Year => lang::reports::year(lang),
    }
}
