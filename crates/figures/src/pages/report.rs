//! `GET /reports/{code}`: a form filled now, frozen by nobody.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::{Error, Result, short_day};
use maud::{Markup, html};
use packs::Report;
use serde::Deserialize;
use web::ask::{link_with, link_without};
use web::pieces::{self, Choice, Crumb, Field};
use web::{Asked, Frame, Notice, PageResult, Path, Query, Section, layout};

use super::again::again;
use super::paper::paper;
use super::view::{Known, View, taken};
use crate::reports::{Wish as Filling, fill, find_report};
use crate::{Desk, Period};

/// So many periods are offered.
const PERIODS: usize = 12;

#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    pub(crate) period: Option<String>,
    pub(crate) map: Option<String>,
    pub(crate) known: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let (map, known) = (wish.map.as_deref(), wish.known.as_deref());
    let mut view = View::open_anyway(&desk, &asked, map, known).await?;
    let lang = view.lang;
    let catalogue = view.catalogue.clone();
    let report = find_report(&catalogue, &code)?;
    let title = report.title.say(lang);
    let mut wrong = std::mem::take(&mut view.wrong);
    let periods = offered(&view, report);
    let wished = wish.period.as_deref().map(str::trim).filter(|period| !period.is_empty());
    let period = match wished {
        Some(code) => taken(view.period(code), &mut wrong)?,
        None => periods.first().cloned(),
    };
    let sheet = match period.as_ref().filter(|_| wrong.is_empty()) {
        Some(period) => {
            let filling = filling(&mut view, report, period).await?;
            taken(fill(&mut view.tx, &desk.atlas, &catalogue, &filling).await, &mut wrong)?
        }
        None => None,
    };
    let (Some(sheet), Some(period)) = (sheet, period) else {
        if wrong.is_empty() {
            return Err(Error::internal("no period of the form is over").into());
        }
        return Ok(again(&view, &asked, (Section::Reports, title), &wrong));
    };
    let mut frame =
        Frame::new(&asked, Section::Reports, title).ground(view.standing(Some(&period)));
    frame.notice = view.known_notice().or_else(|| view.running_notice(&period));
    let publish = link_without(&asked.path_and_query, "lang");
    let publish = publish.replacen(&code, &format!("{code}/publish"), 1);
    let publish = link_with(&publish, "period", &period.code);
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::reports::title(lang), href: "/reports" },
        ]))
        (pieces::heading(title, Some(lang::reports::preview(lang))))
        (choices(&view, report, &periods, &period))
        @if sheet.rows.is_empty() {
            (pieces::notice(lang, &Notice::Note(lang::reports::no_rows(lang).to_owned())))
        }
        (paper(&sheet, None, &[]))
        @if asked.visitor.is_some() {
            p { a href=(publish) { (lang::publications::publish(lang)) } }
        }
    };
    Ok(layout(&frame, body).into_response())
}

/// What a form is filled with, as the view knows it.
pub(crate) async fn filling<'a>(
    view: &mut View,
    report: &'a Report,
    period: &Period,
) -> Result<Filling<'a>> {
    // The last entry, and not the present instant: while nothing is recorded the page is the same.
    let position = journal::position(&mut view.tx).await?;
    let wished = view.known.map(Known::moment);
    let entries = match wished {
        Some(wished) => journal::seq_known_at(&mut view.tx, wished).await? - 1,
        None => position.entries,
    };
    Ok(Filling {
        report,
        period: period.clone(),
        map: view.day,
        known: wished,
        cut_off: wished.map_or(position.at, |wished| wished.min(position.at)),
        entries,
        made_up: view.made_up,
        lang: view.lang,
    })
}

/// The last periods of the form's length and calendar that are over, the newest first.
pub(crate) fn offered(view: &View, report: &Report) -> Vec<Period> {
    let calendars = view.catalogue.calendars();
    let calendar = calendars.into_iter().find(|calendar| calendar.code == report.calendar);
    let last = |calendar| Period::last_over(report.every, Some(calendar), view.today, PERIODS);
    let mut periods = calendar.map(last).unwrap_or_default();
    periods.reverse();
    periods
}

fn choices(view: &View, report: &Report, periods: &[Period], chosen: &Period) -> Markup {
    let lang = view.lang;
    let mut offered: Vec<&Period> = periods.iter().collect();
    if !periods.contains(chosen) {
        offered.push(chosen);
    }
    let labels: Vec<(&str, String)> =
        offered.iter().map(|period| (period.code.as_str(), period.choice(lang))).collect();
    let labels: Vec<Choice<'_>> =
        labels.iter().map(|(value, label)| Choice { value, label }).collect();
    let known = view.known.map(Known::typed).unwrap_or_default();
    pieces::filter(
        &format!("/reports/{}", report.code),
        html! {
            (Field::new(lang, "period", lang::chart::period(lang)).select(&labels, &chosen.code))
            (Field::new(lang, "map", lang::figures::map(lang)).day(&short_day(view.day)))
            (Field::new(lang, "known", lang::indicator::known(lang)).optional().text(&known))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        },
    )
}
