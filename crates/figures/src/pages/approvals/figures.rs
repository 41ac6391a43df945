//! The figures of a sheet beside those of the period before: the counts of a unit that reports, the
//! indicators of those above.

use base::{Result, grouped};
use maud::{Markup, html};
use packs::Indicator;
use territory::Version;
use web::pieces::{self, Badge, Column};

use super::super::say::{self, Ground};
use super::super::view::View;
use crate::approvals::{Scope, Sheet};

/// The counts of a unit that reports, each with its observation.
pub(super) fn counts(view: &View, scope: &Scope<'_>, sheet: &Sheet) -> Markup {
    let lang = view.lang;
    let columns = [
        Column::head(lang::approvals::measure(lang)),
        Column::number(lang::approvals::this_period(lang)),
        Column::number(lang::approvals::last_period(lang)),
        Column::number(lang::approvals::difference(lang)),
    ];
    let row = |code: &String| {
        let (now, before) = (sheet.values.get(code), sheet.before.get(code));
        let difference = now.zip(before).map(|(now, before)| now - before);
        let shown = |value: i64| format!("{} {}", grouped(lang, value), counted(view, code));
        vec![
            html! { (say::measure(lang, &view.catalogue, code)) },
            html! {
                @match (now, sheet.observations.get(code)) {
                    (Some(now), Some(id)) => {
                        a href={ "/observations/" (id) } { (shown(*now)) }
                    }
                    (Some(now), None) => { (shown(*now)) }
                    (None, _) => {
                        (pieces::badge(lang, Badge::Warning(lang::approvals::not_reported(lang))))
                    }
                }
            },
            html! { @if let Some(before) = before { (grouped(lang, *before)) } @else { "–" } },
            html! {
                @match difference {
                    Some(more) if more > 0 => { "+" (grouped(lang, more)) }
                    Some(more) => { (grouped(lang, more)) }
                    None => { "–" }
                }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = scope.collection.measures.iter().map(row).collect();
    html! {
        (pieces::table(lang::approvals::figures(lang), &columns, &rows))
        @if !sheet.missing.is_empty() {
            p { a href="/tasks/observations/new" { (lang::approvals::to_report(lang)) } }
        }
    }
}

fn counted<'a>(view: &'a View, code: &str) -> &'a str {
    say::counted(view.lang, &view.catalogue, code)
}

/// The indicators over the measures of the collection, for a unit above those that report.
pub(super) async fn indicators(
    view: &mut View,
    scope: &Scope<'_>,
    version: &Version,
) -> Result<Markup> {
    let lang = view.lang;
    let catalogue = view.catalogue.clone();
    let mut periods = scope.before(&catalogue, 1);
    periods.push(scope.period.clone());
    let last = periods.len() - 1;
    let collects = |it: &&Indicator| {
        let codes = [Some(&it.numerator), it.denominator.as_ref()];
        codes.into_iter().flatten().all(|code| scope.collection.measures.contains(code))
    };
    let ground = Ground { map: view.day, known: None };
    let mut rows = Vec::new();
    for indicator in catalogue.indicators().into_iter().filter(collects) {
        let answer = view.ask(indicator, &periods).await?;
        let figure = answer.get(version.unit, last);
        let before = last.checked_sub(1).map(|at| answer.get(version.unit, at));
        let before = before.and_then(|before| before.value(indicator));
        let value = figure.value(indicator);
        let change = before.zip(value);
        rows.push(vec![
            html! { (indicator.name.say(lang)) },
            html! {
                @match value {
                    Some(value) => {
                        a href=(say::figure_href(indicator, version, &scope.period, ground)) {
                            (say::value(lang, indicator, value))
                        }
                    }
                    None => { (pieces::badge(lang, Badge::NoData)) }
                }
                " " (say::flags(lang, figure))
            },
            html! {
                @if let Some(before) = before { (say::value(lang, indicator, before)) } @else { "–" }
            },
            html! {
                @match change {
                    Some((before, now)) => (say::change(lang, indicator, before, now)),
                    None => "–",
                }
            },
        ]);
    }
    let columns = [
        Column::head(lang::approvals::indicator(lang)),
        Column::number(lang::approvals::this_period(lang)),
        Column::number(lang::approvals::last_period(lang)),
        Column::number(lang::approvals::difference(lang)),
    ];
    Ok(pieces::table(lang::approvals::figures(lang), &columns, &rows))
}
