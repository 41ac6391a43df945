//! `/tasks/approvals/{collection}/{period}/{unit}`: one sheet: its figures, what stands out, what
//! can be done with it, and what was done.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::rights::{self, Act as Right};
use base::{Error, FieldError, Result, short_day};
use lang::{Lang, Text};
use maud::{Markup, html};
use serde::Deserialize;
use territory::pages::find_unit;
use territory::{Level, UnitId};
use web::pieces::{self, Choice, Column, Field};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Path, Query, Section, Visitor, layout,
};

use super::super::records;
use super::super::say;
use super::super::view::View;
use super::{crumbs, figures, mark, sheet_href, state_badge};
use crate::approvals::{
    Act, Action, Rank, Reads, Scope, Sheet, State as SheetState, Version, act as do_act,
    find_scope, history, load_sheets, load_tree, obstacles_of, offers,
};
use crate::protection::check_measures;
use crate::{Desk, Sight};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    /// What was done just now …
    done: String,
    /// … and how many sheets moved.
    count: u32,
    /// `1` when a mark was saved just now.
    marked: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    csrf: String,
    action: String,
    reason: String,
}

/// What was typed, and what is said to it.
#[derive(Default)]
struct Said<'a> {
    typed: Option<&'a Typed>,
    errors: Vec<FieldError>,
    notice: Option<Notice>,
}

type Place = (String, String, String);

pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(place): Path<Place>,
    _visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    let lang = asked.lang;
    let done = Action::find(&wish.done).map(|action| {
        let arguments = lang::approvals::Done { action: action.say(lang), count: wish.count };
        lang::approvals::done(lang, arguments)
    });
    let marked = (wish.marked == "1").then(|| lang::approvals::marked(lang).to_owned());
    let said = Said { notice: done.or(marked).map(Notice::Done), ..Said::default() };
    Ok(page(&desk, &asked, &place, said).await?)
}

pub(crate) async fn act(
    State(desk): State<Desk>,
    Path(place): Path<Place>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let (status, said) = match write(&desk, &visitor, &place, &typed).await {
        Ok(location) => {
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
        }
        Err(Error::Invalid(errors)) => {
            let typed = Some(&typed);
            (StatusCode::UNPROCESSABLE_ENTITY, Said { typed, errors, notice: None })
        }
        Err(Error::Refused { code, text }) if code.starts_with("approvals.") => {
            let notice = Some(Notice::Warning(text.say(asked.lang)));
            (StatusCode::CONFLICT, Said { typed: Some(&typed), errors: Vec::new(), notice })
        }
        Err(other) => return Err(other.into()),
    };
    Ok((status, page(&desk, &asked, &place, said).await?).into_response())
}

/// Gives the address of the page that says what was done.
async fn write(
    desk: &Desk,
    visitor: &Visitor,
    (collection, period, unit): &Place,
    typed: &Typed,
) -> Result<String> {
    let action = Action::find(&typed.action);
    let action = action.ok_or_else(|| Error::invalid("action", lang::approvals::choose_act))?;
    let mut work = desk.begin().await?;
    let today = desk.clock().today();
    let (catalogue, territory) = (work.catalogue.clone(), work.territory.clone());
    let scope = find_scope(&catalogue, collection, period, today)?;
    let version = find_unit(&territory, unit, scope.last())?;
    let (tx, cx) = work.by(desk, visitor.actor());
    let done = do_act(
        tx,
        cx,
        Sight::of_visitor(Some(visitor)),
        Act {
            collection: collection.clone(),
            period: scope.period.code.clone(),
            unit: version.unit,
            action,
            reason: typed.reason.clone(),
            made_up: false,
        },
    )
    .await?;
    work.tx.commit().await?;
    let href = sheet_href(&scope, version);
    Ok(format!("{href}?done={}&count={}", action.as_str(), done.moved))
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    (collection, period, unit): &Place,
    said: Said<'_>,
) -> Result<Markup> {
    let mut view = View::open(desk, asked, None, None).await?;
    let lang = view.lang;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let scope = find_scope(&catalogue, collection, period, view.today)?;
    check_measures(&catalogue, &scope.collection.measures, view.sight)?;
    view.day = scope.last();
    let version = find_unit(&territory, unit, scope.last())?;
    asked.actor().check(Right::ReadApprovals, rights::Place::of(version.unit.0))?;
    let rank = scope.rank(version.kind.level());
    let rank = rank.ok_or_else(|| Error::not_found(lang::approvals::not_here))?;
    let reads = if rank == Rank::Approver { Reads::States } else { Reads::All };
    let ground = (&*catalogue, &*territory);
    let (tree, standing, sheets) =
        load_tree(&mut view.tx, ground, &scope, (version.unit, reads)).await?;
    let mut sheet = sheets.get(&version.unit).cloned();
    if rank == Rank::Reporter && sheet.is_none() {
        // What is locked is no longer judged by an act, but still read.
        let own = [version.unit];
        sheet = load_sheets(&mut view.tx, ground, &scope, &own).await?.remove(&version.unit);
    }
    let key = (scope.collection.code.as_str(), scope.period.code.as_str());
    let acts = history(&mut view.tx, key, version.unit).await?;
    let now = standing.get(&version.unit);
    let shown = match &sheet {
        Some(sheet) => figures::counts(&view, &scope, sheet),
        None => figures::indicators(&mut view, &scope, version).await?,
    };
    let past = past(&mut view, &acts).await?;
    let is_over = scope.period.days.to <= view.today;
    let mut offered = offers(&tree);
    // Whole provinces are handed in unit by unit, or commune by commune.
    offered.retain(|action| *action != Action::Submit || rank != Rank::Approver);
    offered.retain(|action| is_over || matches!(action, Action::Return | Action::Reopen));
    let mut frame = Frame::new(asked, Section::Work, version.full_name.as_str())
        .ground(view.standing(Some(&scope.period)));
    frame.notice = said.notice.clone();
    let has_changed = tree.nodes.get(tree.at).is_some_and(|node| node.has_changed);
    let below = below(&view, &scope, version.unit, &standing);
    let above = above(&view, &scope, version.unit);
    let found: Vec<(UnitId, &Sheet)> = match &sheet {
        Some(sheet) => vec![(version.unit, sheet)],
        None => sheets.iter().map(|(unit, sheet)| (*unit, sheet)).collect(),
    };
    let obstacles = obstacles_of(&tree);
    let goes_on = offered.iter().any(|it| matches!(it, Action::Check | Action::Approve));
    let body = html! {
        (crumbs(lang, &scope, &above))
        (pieces::error_summary(lang, &said.errors))
        (pieces::heading(&version.full_name, Some(scope.collection.title.say(lang))))
        (facts(&view, &scope, now))
        @if has_changed && now.is_some_and(|now| !now.state.is_locked() && now.state != SheetState::Open) {
            (pieces::notice(lang, &Notice::Warning(lang::approvals::changed_note(lang).to_owned())))
        }
        h2 { (lang::approvals::figures(lang)) }
        (shown)
        @if reads == Reads::All {
            h2 { (lang::approvals::findings(lang)) }
            (mark::findings(&view, &scope, &found))
        }
        @if goes_on && !obstacles.is_empty() {
            h2 { (lang::approvals::obstacles(lang)) }
            (missing(&view, &scope, &obstacles))
        }
        h2 { (lang::approvals::act(lang)) }
        (form(lang, &sheet_href(&scope, version), frame.csrf.as_deref(), &offered, &said))
        (below)
        h2 { (lang::approvals::history(lang)) }
        (past)
    };
    Ok(layout(&frame, body))
}

fn facts(view: &View, scope: &Scope<'_>, now: Option<&Version>) -> Markup {
    let lang = view.lang;
    let state = now.map_or(SheetState::Open, |now| now.state);
    let collection = scope.collection;
    let mut terms = vec![
        (lang::approvals::state(lang), {
            state_badge(lang, state, now.is_some_and(|now| now.reopened_below))
        }),
        (lang::approvals::period(lang), html! { (scope.period.title(lang)) }),
        (lang::approvals::due(lang), html! { (short_day(scope.due())) }),
        (lang::approvals::flow(lang), html! { (flow(lang, scope)) }),
        (lang::approvals::document(lang), html! { (collection.document.say(lang)) }),
    ];
    if let Some(note) = &collection.note {
        terms.push((lang::web::note(lang), html! { (note.say(lang)) }));
    }
    pieces::definition_list(&terms)
}

/// "ấp báo cáo; xã kiểm tra; tỉnh duyệt".
pub(crate) fn flow(lang: Lang, scope: &Scope<'_>) -> String {
    let Some(levels) = scope.collection.levels_on(scope.last()) else { return String::new() };
    let say = |word: &String| Level::find(word).map_or("", |level| level.say(lang));
    let (reports, approves) = (say(&scope.collection.reported_by), say(&levels.approves));
    let checks: Vec<&str> = levels.checks.iter().map(say).collect();
    match checks.is_empty() {
        true => lang::approvals::flow_two(lang, lang::approvals::FlowTwo { approves, reports }),
        false => {
            let checks = &checks.join(", ");
            let arguments = lang::approvals::FlowWords { approves, checks, reports };
            lang::approvals::flow_words(lang, arguments)
        }
    }
}

/// The units above, the nearest last, each with its sheet.
fn above(view: &View, scope: &Scope<'_>, unit: UnitId) -> Vec<(String, String)> {
    let above = scope.above(&view.territory, unit).into_iter().rev();
    let named = above.filter_map(|unit| {
        let version = view.territory.at(unit, scope.last())?;
        Some((version.full_name.clone(), sheet_href(scope, version)))
    });
    named.collect()
}

/// Units that are not as far as they should be, by what is missing.
fn missing(view: &View, scope: &Scope<'_>, obstacles: &crate::approvals::Obstacles) -> Markup {
    let lang = view.lang;
    html! {
        @for (heading, units) in obstacles.groups() {
            (pieces::details(&format!("{} ({})", heading(lang), units.len()), html! {
                ul {
                    @for version in units.iter().filter_map(|unit| view.territory.at(*unit, scope.last())) {
                        li { a href=(sheet_href(scope, version)) { (say::label(view, version)) } }
                    }
                }
            }))
        }
    }
}

/// The units directly below, each with its state.
fn below(
    view: &View,
    scope: &Scope<'_>,
    unit: UnitId,
    standing: &HashMap<UnitId, Version>,
) -> Markup {
    let lang = view.lang;
    let territory = &view.territory;
    let units = scope.below(territory, unit).into_iter();
    let next = units.filter(|below| scope.above(territory, *below).first() == Some(&unit));
    let rows: Vec<Vec<Markup>> = next
        .filter_map(|unit| territory.at(unit, scope.last()))
        .map(|version| {
            let now = standing.get(&version.unit);
            let state = now.map_or(SheetState::Open, |now| now.state);
            vec![
                html! { a href=(sheet_href(scope, version)) { (say::label(view, version)) } },
                state_badge(lang, state, now.is_some_and(|now| now.reopened_below)),
            ]
        })
        .collect();
    let columns =
        [Column::head(lang::approvals::unit(lang)), Column::text(lang::approvals::state(lang))];
    html! {
        @if !rows.is_empty() {
            h2 { (lang::approvals::units_below(lang)) }
            (pieces::table(lang::approvals::units_below(lang), &columns, &rows))
        }
    }
}

fn form(lang: Lang, href: &str, csrf: Option<&str>, offered: &[Action], said: &Said<'_>) -> Markup {
    let (typed, reason) =
        said.typed.map_or(("", ""), |typed| (typed.action.as_str(), typed.reason.as_str()));
    let choices: Vec<Choice<'_>> = offered
        .iter()
        .map(|action| Choice { value: action.as_str(), label: action.say(lang) })
        .collect();
    let field = |name: &'static str, label: &'static str| {
        Field::new(lang, name, label).errors(&said.errors)
    };
    if choices.is_empty() {
        return pieces::empty(lang::approvals::no_acts(lang), None);
    }
    let only = offered.first().filter(|_| offered.len() == 1);
    let field_of_reason = field("reason", lang::approvals::reason(lang))
        .hint(lang::approvals::reason_hint(lang))
        .optional();
    pieces::form(
        href,
        csrf,
        html! {
            @match only {
                Some(action) => input type="hidden" name="action" value=(action.as_str());,
                None => (field("action", lang::approvals::what_to_do(lang)).radios(&choices, typed)),
            }
            @if only != Some(&Action::Submit) { (field_of_reason.textarea(reason, 3)) }
            @match only {
                Some(action @ (Action::Return | Action::Reopen)) => (pieces::submit_danger(action.say(lang))),
                Some(action) => (pieces::submit(action.say(lang))),
                None => (pieces::submit(lang::approvals::confirm(lang))),
            }
        },
    )
}

/// What was done with a sheet, the newest first.
async fn past(view: &mut View, acts: &[Version]) -> Result<Markup> {
    let lang = view.lang;
    if acts.is_empty() {
        return Ok(pieces::empty(lang::approvals::no_history(lang), None));
    }
    let entries: Vec<i64> = acts.iter().map(|act| act.entry).collect();
    let recordings = journal::recordings(&mut view.tx, &entries).await?;
    let row = |act: &Version| {
        let (at, by) = recordings.get(&act.entry).map(|(at, by)| (at.local(), by)).unzip();
        vec![
            html! {
                a href={ "/entries/" (act.entry) } { (at.unwrap_or_default()) }
            },
            html! { (by.map_or("", String::as_str)) },
            html! {
                (act.action.say(lang))
                @if act.made_up { " " (pieces::badge(lang, pieces::Badge::MadeUp)) }
            },
            html! { (state_badge(lang, act.state, act.reopened_below)) },
            records::unit(view, act.acted_on.0, act.last()),
            html! { (act.reason.as_deref().unwrap_or("–")) },
        ]
    };
    let rows: Vec<Vec<Markup>> = acts.iter().rev().map(row).collect();
    let columns = [
        Column::head(lang::approvals::when(lang)),
        Column::text(lang::approvals::who(lang)),
        Column::text(lang::approvals::what(lang)),
        Column::text(lang::approvals::state(lang)),
        Column::text(lang::approvals::at_unit(lang)),
        Column::text(lang::approvals::reason(lang)),
    ];
    Ok(pieces::table(lang::approvals::history(lang), &columns, &rows))
}

/// A mistake of a form.
pub(super) fn mistake(place: &str, say: fn(Lang) -> &'static str) -> FieldError {
    FieldError { place: place.to_owned(), text: Text::new(say) }
}
