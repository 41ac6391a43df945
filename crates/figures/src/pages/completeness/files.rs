//! What leaves the page: all units as a table, and the list by which they are reminded.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base::{Error, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use territory::UnitCode;
use web::export::{csv_safe, tagged};
use web::pieces::{self, Crumb};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::super::approvals::choose;
use super::super::say;
use super::super::view::View;
use super::{Board, Wish, days_late, on, open, parts, under};
use crate::Desk;
use crate::approvals::Row;

/// So many units stand on a list of reminders.
const REMINDED: usize = 500;

/// `GET /completeness/table.csv`: every unit that is to report, one a row.
pub(super) async fn csv(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let view = View::open(&desk, &asked, None, None).await?;
    let catalogue = view.catalogue.clone();
    let chosen = choose(&catalogue, (&wish.collection, &wish.period), view.today)?;
    let mut board = open(view, chosen.as_ref(), &wish).await?;
    let bytes = write(asked.lang, &mut board).await?;
    let mut response = tagged(&headers, "text/csv; charset=utf-8", bytes);
    let (code, period) = (&board.scope.collection.code, &board.scope.period.code);
    let name = format!("attachment; filename=\"{code}-{period}.csv\"");
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// UTF-8 with the mark by which spreadsheets know it.
async fn write(lang: Lang, board: &mut Board<'_>) -> Result<Vec<u8>> {
    let rows: Vec<Row> =
        board.found.rows.iter().copied().filter(|row| board.is_within(row)).collect();
    let moments = board.moments(&rows).await?;
    let scope = board.scope;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::from("\u{feff}"));
    let safe = |text: &str| csv_safe(text).into_owned();
    let mut write = |fields: &[String]| writer.write_record(fields).map_err(Error::internal);
    write(&[safe(scope.collection.title.say(lang)), safe(&scope.period.title(lang))])?;
    write(&[
        lang::approvals::due(lang).to_owned(),
        short_day(scope.due()),
        lang::figures::map(lang).to_owned(),
        short_day(board.view.day),
    ])?;
    write(&[String::new()])?;
    write(&[
        lang::completeness::code(lang).to_owned(),
        lang::approvals::unit(lang).to_owned(),
        lang::completeness::above(lang).to_owned(),
        lang::approvals::reported(lang).to_owned(),
        lang::completeness::reported_on(lang).to_owned(),
        lang::completeness::late(lang).to_owned(),
        lang::approvals::state(lang).to_owned(),
    ])?;
    let territory = &board.view.territory;
    for row in &rows {
        let Some(version) = territory.at(row.unit, scope.last()) else { continue };
        let above = version.parent.map(|parent| territory.full_name(parent, scope.last()));
        let at = row.reporting.entry().and_then(|entry| moments.get(&entry));
        let late = at.and_then(|at| days_late(scope, at.day()));
        write(&[
            safe(version.code.as_ref().map_or("", UnitCode::as_str)),
            safe(&say::label(&board.view, version)),
            safe(&above.unwrap_or_default()),
            parts::words(lang, scope, row.reporting, at),
            at.map(|at| on(*at)).unwrap_or_default(),
            late.map(|days| days.to_string()).unwrap_or_default(),
            row.state.say(lang).to_owned(),
        ])?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// `GET /completeness/reminders`: who has not reported all, on paper.
pub(super) async fn reminders(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Markup> {
    let view = View::open(&desk, &asked, None, None).await?;
    let catalogue = view.catalogue.clone();
    let chosen = choose(&catalogue, (&wish.collection, &wish.period), view.today)?;
    let board = open(view, chosen.as_ref(), &wish).await?;
    let (lang, scope) = (asked.lang, board.scope);
    let title = lang::completeness::reminder(lang);
    let lead = lang::completeness::ReminderLead {
        at: short_day(board.view.today),
        collection: scope.collection.title.say(lang),
        due: &short_day(scope.due()),
        period: &scope.period.title(lang),
    };
    let lead = lang::completeness::reminder_lead(lang, lead);
    let frame = Frame::new(&asked, Section::Overview, title)
        .ground(board.view.standing(Some(&scope.period)));
    let back = format!("/completeness?{}{}", board.query(), under(&board));
    let over = days_late(scope, board.view.today);
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::completeness::title(lang), href: &back },
        ]))
        (pieces::heading(title, Some(&lead)))
        h2 { (super::heading(lang, &board)) }
        @match over {
            Some(days) => p { (lang::completeness::days_over(lang, grouped(lang, days.into()))) },
            None => p { (lang::completeness::not_due(lang)) },
        }
        (parts::missing(&board, REMINDED))
    };
    Ok(layout(&frame, body))
}
