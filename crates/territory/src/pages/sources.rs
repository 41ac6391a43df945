//! `GET /sources`: the legal acts and lists on which the territory rests.

use std::collections::BTreeMap;

use axum::extract::State;
use base::{Day, Moment, PAGE_LIMIT, Page, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Badge, Column, definition_list};
use web::{Asked, Frame, Ground, PageResult, Query, Section, layout};

use crate::api::{Done, acts_latest_first, changes_by_act, place_after_act};
use crate::{Act, Atlas, ChangeKind, Operation, Territory, operations};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asking {
    cursor: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let lang = asked.lang;
    let mut tx = atlas.database().read().await?;
    let territory = atlas.territory(&mut tx).await?;
    let operations = operations(&mut tx).await?;
    drop(tx);
    let title = lang::sources::title(lang);
    let body = html! {
        (pieces::heading(title, Some(lang::sources::lead(lang))))
        h2 { (lang::sources::acts(lang)) }
        (acts(lang, &territory, &asking.cursor, &asked.path_and_query)?)
        @if asking.cursor.is_empty() {
            h2 { (lang::sources::outlines(lang)) }
            (outlines(lang, &territory))
            h2 { (lang::sources::operations(lang)) }
            (carried_out(lang, &operations))
        }
    };
    let today = short_day(atlas.clock().today());
    let made_up = territory.outlines().iter().any(|outline| outline.schematic)
        || territory.units().iter().any(|unit| unit.made_up);
    let ground = Ground { lines: vec![lang::sources::ground(lang, today)], made_up };
    Ok(layout(&Frame::new(&asked, Section::Elsewhere, title).ground(ground), body))
}

/// The acts, the latest first, each with what it did.
fn acts(lang: Lang, territory: &Territory, cursor: &str, path: &str) -> Result<Markup> {
    let acts = acts_latest_first(territory);
    let first = place_after_act(&acts, cursor)?;
    if acts.is_empty() {
        let import = ("/tasks/territory", lang::work::import(lang));
        return Ok(pieces::empty(lang::sources::no_acts(lang), Some(import)));
    }
    let done = changes_by_act(territory);
    let rows = acts.into_iter().skip(first).collect();
    let page = Page::cut(rows, PAGE_LIMIT, |act| act.id);
    Ok(html! {
        @for act in &page.items { (one(lang, act, done.get(&act.id))) }
        (pieces::pager(lang, path, page.next.as_deref()))
    })
}

fn one(lang: Lang, act: &Act, done: Option<&BTreeMap<usize, Done>>) -> Markup {
    let day = |day: Option<Day>| match day {
        Some(day) => html! { (short_day(day)) },
        None => html! { (lang::sources::day_unknown(lang)) },
    };
    let text = |text: &str| match text {
        "" => html! { (lang::sources::not_known(lang)) },
        text => html! { (text) },
    };
    let effective = html! {
        (day(act.effective_on))
        @if let Some(on) = act.effective_on {
            " · " a href={ "/units?on=" (on) } { (lang::sources::units_of_day(lang)) }
        }
    };
    let did = html! {
        @match done {
            None => (lang::sources::no_changes(lang)),
            Some(done) => {
                @for (at, (kind, done)) in done.iter().enumerate() {
                    @if at > 0 { ", " }
                    (lang::sources::change_count(lang, lang::sources::ChangeCount { count: grouped(lang, done.count), kind: say_change(lang, ChangeKind::ALL[*kind]) }))
                    @if done.made_up > 0 {
                        " (" (lang::sources::of_them_made_up(lang, grouped(lang, done.made_up)))
                        " " (pieces::badge(lang, Badge::MadeUp)) ")"
                    }
                }
            }
        }
    };
    html! {
        h3 id={ "act-" (act.id) } { (act.number) }
        @if !act.title.is_empty() { p { (act.title) } }
        (definition_list(&[
            (lang::sources::issuer(lang), text(&act.issuer)),
            (lang::sources::adopted(lang), day(act.adopted_on)),
            (lang::sources::effective(lang), effective),
            (lang::sources::changed(lang), did),
            (lang::sources::found(lang), text(&act.source)),
        ]))
    }
}

/// The name of a kind of change, "nhập nguyên trạng".
pub(super) fn say_change(lang: Lang, kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Merge => lang::change::merge(lang),
        ChangeKind::PartialTransfer => lang::change::partial_transfer(lang),
        ChangeKind::Split => lang::change::split(lang),
        ChangeKind::Rename => lang::change::rename(lang),
        ChangeKind::ChangeOfKind => lang::change::change_of_kind(lang),
        ChangeKind::Reparent => lang::change::reparent(lang),
        ChangeKind::EndOfLevel => lang::change::end_of_level(lang),
        ChangeKind::Establish => lang::change::establish(lang),
        ChangeKind::Dissolve => lang::change::dissolve(lang),
        ChangeKind::CodeReissue => lang::change::code_reissue(lang),
        ChangeKind::Unchanged => lang::change::unchanged(lang),
    }
}

fn outlines(lang: Lang, territory: &Territory) -> Markup {
    let mut sources: BTreeMap<(bool, &str), i64> = BTreeMap::new();
    for outline in territory.outlines() {
        *sources.entry((outline.schematic, &outline.source)).or_default() += 1;
    }
    if sources.is_empty() {
        return pieces::empty(lang::sources::no_outlines(lang), None);
    }
    let columns = [
        Column::head(lang::sources::found(lang)),
        Column::number(lang::sources::count(lang)),
        Column::text(lang::sources::worth(lang)),
    ];
    let rows: Vec<Vec<Markup>> = sources
        .into_iter()
        .map(|((schematic, source), count)| {
            let worth = html! {
                @if schematic {
                    (pieces::badge(lang, Badge::MadeUp)) " " (lang::unit::sketch(lang))
                } @else {
                    (lang::unit::simplified(lang))
                }
            };
            vec![html! { (source) }, html! { (grouped(lang, count)) }, worth]
        })
        .collect();
    pieces::table(lang::sources::outlines(lang), &columns, &rows)
}

fn carried_out(lang: Lang, operations: &[Operation]) -> Markup {
    if operations.is_empty() {
        return pieces::empty(lang::sources::no_operations(lang), None);
    }
    let columns = [
        Column::head(lang::sources::operation(lang)),
        Column::text(lang::sources::effective(lang)),
        Column::text(lang::sources::applied(lang)),
        Column::text(lang::sources::state(lang)),
    ];
    let rows: Vec<Vec<Markup>> = operations
        .iter()
        .map(|operation| {
            vec![
                html! { (say_operation(lang, operation)) },
                html! { (short_day(effective_day(operation))) },
                html! { (Moment(operation.applied_at).local()) },
                state(lang, operation),
            ]
        })
        .collect();
    pieces::table(lang::sources::operations(lang), &columns, &rows)
}

/// "Sắp xếp đơn vị theo 1/NQ-UBTVQH16".
pub(crate) fn say_operation(lang: Lang, operation: &Operation) -> String {
    if operation.kind == "merger" {
        lang::sources::a_merger(lang, &operation.description)
    } else {
        lang::sources::an_import(lang, imported_files(operation).split(", ").count())
    }
}

/// The files of an import, "acts.toml, changes_2025.csv"; empty for a merger.
pub(super) fn imported_files(operation: &Operation) -> &str {
    operation.description.strip_prefix("import ").unwrap_or_default()
}

/// The day from which an operation holds.
pub(crate) fn effective_day(operation: &Operation) -> Day {
    i32::try_from(operation.effective_on).map_or(Day::MAX, Day)
}

/// Whether an operation stands or was taken back.
pub(super) fn state(lang: Lang, operation: &Operation) -> Markup {
    html! {
        @match operation.undone_at {
            None => (lang::sources::in_force(lang)),
            Some(at) => {
                (pieces::badge(lang, Badge::Warning(lang::sources::undone(lang))))
                " " (Moment(at).local())
            }
        }
    }
}
