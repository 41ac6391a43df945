//! `GET /indexes`: the indices that others score, and what of each our figures measure.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{decimal, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Index, IndexVersion};
use web::ask::link_with;
use web::pieces::{self, Column, Crumb};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::targets::{Board, Wish};
use super::view::Known;
use crate::indexes::{Score, Total, score};
use crate::{Desk, Period};

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let mut board = Board::open(&desk, &asked, &wish).await?;
    let lang = asked.lang;
    let title = lang::indexes::title(lang);
    let frame = Frame::new(&asked, Section::Targets, title);
    let head = html! {
        (pieces::heading(title, Some(lang::indexes::lead(lang))))
        @if board.wrong.is_empty() { (board.made_up()) }
        (board.day_form("/indexes", &wish))
    };
    let crumbs = [Crumb { label: lang::targets::title(lang), href: "/targets" }];
    if !board.wrong.is_empty() {
        let body = html! {
            (pieces::breadcrumbs(lang, &crumbs))
            (pieces::question_summary(lang, &board.wrong))
            (head)
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, layout(&frame, body)).into_response());
    }
    let catalogue = board.view.catalogue.clone();
    let (days, known) = ((board.on, board.view.day), board.view.known);
    let whose = (None, known.map(Known::moment));
    let mut rows = Vec::new();
    for index in catalogue.indexes() {
        let version = index.version_on(board.on);
        let view = &mut board.view;
        let score = match version {
            Some(version) => {
                Some(score(&mut view.tx, &view.desk.atlas, &catalogue, version, days, whose).await?)
            }
            None => None,
        };
        rows.push(row(lang, index, (version, board.on, known), score.as_ref()));
    }
    let columns = [
        Column::head(title),
        Column::text(lang::indexes::document(lang)),
        Column::text(lang::indexes::points(lang)),
    ];
    let mut frame =
        frame.ground(board.view.standing(Period::last_quarters(None, board.on, 1).first()));
    frame.notice = board.view.known_notice();
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (head)
        @if rows.is_empty() {
            (pieces::empty(lang::indexes::nothing(lang), None))
        } @else {
            (pieces::table(title, &columns, &rows))
        }
    };
    Ok(layout(&frame, body).into_response())
}

fn row(
    lang: Lang,
    index: &Index,
    (version, on, known): (Option<&IndexVersion>, base::Day, Option<Known>),
    score: Option<&Score>,
) -> Vec<Markup> {
    let name = html! { a href=(href(index, (on, known), None)) { (index.title.say(lang)) } };
    let Some((version, score)) = version.zip(score) else {
        let none = lang::indexes::none_on(lang, short_day(on));
        return vec![name, html! { (none) }, html! { "–" }];
    };
    let document = html! { (version.document.say(lang)) " (" (time(lang, version)) ")" };
    let said = match &version.unmeasured {
        Some(words) => words.say(lang).to_owned(),
        None => measured(lang, score.total, version.most()),
    };
    vec![name, document, html! { (said) }]
}

/// "Đo được 10,5 trên 12 điểm; 88 điểm chưa đo được."
pub(crate) fn measured(lang: Lang, total: Total, all: i64) -> String {
    if total.possible == 0 {
        return lang::indexes::measured_none(lang, points(lang, all));
    }
    lang::indexes::measured(
        lang,
        lang::indexes::Measured {
            measured: points(lang, total.measured),
            possible: points(lang, total.possible),
            rest: points(lang, total.unmeasured),
        },
    )
}

/// Hundredths of a point as people write points: "18", "10,5", "4,33".
pub(crate) fn points(lang: Lang, hundredths: i64) -> String {
    let (scaled, decimals) = match hundredths {
        whole if whole % 100 == 0 => (whole / 100, 0),
        tenths if tenths % 10 == 0 => (tenths / 10, 1),
        other => (other, 2),
    };
    if decimals == 0 { base::grouped(lang, scaled) } else { decimal(lang, scaled, decimals) }
}

/// The time of a version in words.
pub(crate) fn time(lang: Lang, version: &IndexVersion) -> String {
    let (from, until) = version.days();
    let from = short_day(from);
    match &version.until {
        None => lang::indexes::since(lang, from),
        Some(_) => {
            lang::indexes::within(lang, lang::indexes::Within { from, until: short_day(until) })
        }
    }
}

/// The page of an index, or of one of its versions, as of a day, and as it was known by then.
pub(crate) fn href(
    index: &Index,
    (on, known): (base::Day, Option<Known>),
    version: Option<&IndexVersion>,
) -> String {
    let version = version.map(|version| format!("/{}", version.version)).unwrap_or_default();
    let path = format!("/indexes/{}{version}?on={on}", index.code);
    known.map_or_else(|| path.clone(), |known| link_with(&path, "known", &known.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_written_with_no_more_decimals_than_they_have() {
        for (hundredths, expected) in [
            (0, "0"),
            (1800, "18"),
            (1050, "10,5"),
            (433, "4,33"),
            (100_000, "1.000"),
            (101, "1,01"),
        ] {
            assert_eq!(points(Lang::Vietnamese, hundredths), expected);
        }
    }
}
