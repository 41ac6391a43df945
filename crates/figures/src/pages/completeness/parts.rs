//! The parts of the page: rates, units, the last periods, who is missing.

use std::collections::{BTreeMap, HashMap};

use base::{Moment, Result, decimal, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::Catalogue;
use territory::{UnitId, Version};
use web::pieces::{self, Badge, Column};

use super::super::approvals::state_badge;
use super::super::say;
use super::{Board, days_late, on, periods};
use crate::Period;
use crate::approvals::{Rate, Reporting, Row, Scope, completeness};

/// "95,2%", or a dash.
fn share(lang: Lang, part: u32, whole: u32) -> String {
    let share = Rate::share(part, whole);
    share.map_or_else(|| "–".to_owned(), |share| format!("{}%", decimal(lang, share, 1)))
}

/// The unit that is looked at as a whole.
pub(super) fn summary(board: &Board<'_>) -> Markup {
    let lang = board.view.lang;
    let rate = board.rate();
    let of = |part: u32| {
        html! { strong { (grouped(lang, part.into())) } " (" (share(lang, part, rate.expected)) ")" }
    };
    pieces::definition_list(&[
        (lang::approvals::collection(lang), html! { (board.scope.collection.title.say(lang)) }),
        (
            lang::approvals::due(lang),
            html! {
                (short_day(board.scope.due()))
                @if !board.found.is_due { " (" (lang::completeness::not_due(lang)) ")" }
            },
        ),
        (
            lang::completeness::expected(lang),
            html! { strong { (grouped(lang, rate.expected.into())) } },
        ),
        (lang::completeness::whole(lang), of(rate.whole)),
        (lang::completeness::in_time(lang), of(rate.in_time)),
        (lang::completeness::late(lang), of(rate.whole - rate.in_time)),
        (lang::completeness::missing(lang), of(rate.missing())),
        (lang::approvals::handed_in(lang), of(rate.handed_in)),
        (lang::approvals::locked_count(lang), of(rate.locked)),
    ])
}

/// The units of a page, with their rates; those that report themselves with what they have done.
pub(super) fn by_unit(
    board: &Board<'_>,
    shown: &[UnitId],
    rows: &[Row],
    moments: &HashMap<i64, Moment>,
) -> Markup {
    let lang = board.view.lang;
    let units = shown.iter().filter_map(|unit| board.view.territory.at(*unit, board.view.day));
    let units: Vec<&Version> = units.collect();
    if units.is_empty() {
        return pieces::empty(lang::approvals::no_units(lang), None);
    }
    if units.iter().all(|version| rows.iter().any(|row| row.unit == version.unit)) {
        return reporters(board, &units, rows, moments);
    }
    let columns = [
        Column::head(lang::approvals::unit(lang)),
        Column::number(lang::completeness::expected(lang)),
        Column::number(lang::completeness::whole(lang)),
        Column::number(lang::completeness::rate(lang)),
        Column::number(lang::completeness::rate_in_time(lang)),
        Column::number(lang::completeness::missing(lang)),
        Column::number(lang::approvals::handed_in(lang)),
        Column::number(lang::approvals::locked_count(lang)),
    ];
    let row = |version: &&Version| {
        let rate = board.rates.get(&version.unit).copied().unwrap_or_default();
        let number = |count: u32| html! { (grouped(lang, count.into())) };
        vec![
            html! { a href=(board.href(version)) { (version.full_name) } },
            number(rate.expected),
            number(rate.whole),
            html! { (share(lang, rate.whole, rate.expected)) },
            html! { (share(lang, rate.in_time, rate.expected)) },
            number(rate.missing()),
            number(rate.handed_in),
            number(rate.locked),
        ]
    };
    let rows: Vec<Vec<Markup>> = units.iter().map(row).collect();
    pieces::table(lang::completeness::by_unit(lang), &columns, &rows)
}

fn reporters(
    board: &Board<'_>,
    units: &[&Version],
    rows: &[Row],
    moments: &HashMap<i64, Moment>,
) -> Markup {
    let lang = board.view.lang;
    let columns = [
        Column::head(lang::approvals::unit(lang)),
        Column::text(lang::approvals::reported(lang)),
        Column::number(lang::completeness::reported_on(lang)),
        Column::text(lang::approvals::state(lang)),
    ];
    let line = |version: &&Version| {
        let row = rows.iter().find(|row| row.unit == version.unit)?;
        let at = row.reporting.entry().and_then(|entry| moments.get(&entry));
        Some(vec![
            html! { (say::label(&board.view, version)) },
            status(lang, board.scope, row.reporting, at),
            html! { @if let Some(at) = at { (on(*at)) } @else { "–" } },
            state_badge(lang, row.state, false),
        ])
    };
    let lines: Vec<Vec<Markup>> = units.iter().filter_map(line).collect();
    pieces::table(lang::completeness::by_unit(lang), &columns, &lines)
}

/// What a unit has done, in a word.
fn status(lang: Lang, scope: &Scope<'_>, done: Reporting, at: Option<&Moment>) -> Markup {
    let text = words(lang, scope, done, at);
    match done {
        Reporting::InTime(_) => pieces::badge(lang, Badge::Neutral(&text)),
        _ => pieces::badge(lang, Badge::Warning(&text)),
    }
}

/// "đúng hạn", "muộn 12 ngày", "thiếu một phần", "chưa báo cáo".
pub(super) fn words(lang: Lang, scope: &Scope<'_>, done: Reporting, at: Option<&Moment>) -> String {
    match (done, at.and_then(|at| days_late(scope, at.day()))) {
        (Reporting::InTime(_), _) => lang::completeness::is_in_time(lang).to_owned(),
        (Reporting::Late(_), Some(days)) => {
            lang::completeness::late_days(lang, grouped(lang, days.into()))
        }
        (Reporting::Late(_), None) => lang::completeness::is_late(lang).to_owned(),
        (Reporting::Partly, _) => lang::completeness::partly(lang).to_owned(),
        (Reporting::Nothing, _) => lang::completeness::nothing(lang).to_owned(),
    }
}

/// The units of the page over the last periods, on the same map.
pub(super) async fn matrix(
    board: &mut Board<'_>,
    catalogue: &Catalogue,
    shown: &[UnitId],
) -> Result<Markup> {
    let lang = board.view.lang;
    let periods = periods(board.scope, catalogue);
    let mut all: Vec<BTreeMap<UnitId, Rate>> = Vec::with_capacity(periods.len());
    for period in &periods {
        if *period == board.scope.period {
            all.push(board.rates.clone());
            continue;
        }
        let scope = Scope::new(board.scope.collection, period.clone())?;
        let territory = board.view.territory.clone();
        let ground = (catalogue, &*territory);
        let found = completeness(&mut board.view.tx, ground, &scope, board.view.today).await?;
        all.push(found.rates(&board.map));
    }
    let territory = &board.view.territory;
    let units = shown.iter().filter_map(|unit| territory.at(*unit, board.view.day));
    let row = |version: &Version| {
        let mut cells = vec![html! { (say::label(&board.view, version)) }];
        cells.extend(all.iter().rev().map(|rates| match rates.get(&version.unit) {
            None => html! { "–" },
            Some(rate) if rate.missing() > 0 => {
                html! { strong { (rate.whole) "/" (rate.expected) } }
            }
            Some(rate) => html! { (rate.whole) "/" (rate.expected) },
        }));
        cells
    };
    let rows: Vec<Vec<Markup>> = units.map(row).collect();
    let heads: Vec<(String, String)> =
        periods.iter().rev().map(|it: &Period| (it.short(lang), it.title(lang))).collect();
    let mut columns = vec![Column::head(lang::approvals::unit(lang))];
    columns.extend(heads.iter().map(|(head, title)| Column::number(head).titled(title)));
    Ok(html! {
        @if !rows.is_empty() {
            h2 { (lang::completeness::matrix(lang)) }
            (pieces::table(lang::completeness::matrix(lang), &columns, &rows))
            p.quiet { (lang::completeness::matrix_note(lang, short_day(board.view.day))) }
        }
    })
}

/// Who has not reported all, under the units in which they lie; of many the first.
pub(super) fn missing(board: &Board<'_>, most: usize) -> Markup {
    let lang = board.view.lang;
    let groups = board.missing();
    let all: usize = groups.iter().map(|(_, units)| units.len()).sum();
    if all == 0 {
        return html! { p { (lang::completeness::nobody_missing(lang)) } };
    }
    let mut left = most;
    let named = groups.iter().map(|(parent, units)| {
        let names: Vec<String> =
            units.iter().take(left).map(|version| say::label(&board.view, version)).collect();
        left -= names.len();
        (in_commune(lang, parent, units.len()), names)
    });
    let named: Vec<(String, Vec<String>)> = named.filter(|(_, names)| !names.is_empty()).collect();
    html! {
        ul {
            @for (commune, names) in &named {
                li { strong { (commune) } " – " (names.join(", ")) }
            }
        }
        @if all > most { p.quiet { (lang::completeness::too_many(lang, most)) } }
    }
}

fn in_commune(lang: Lang, parent: &Version, count: usize) -> String {
    let name = &parent.full_name;
    lang::completeness::in_commune(lang, lang::completeness::InCommune { count, name })
}
