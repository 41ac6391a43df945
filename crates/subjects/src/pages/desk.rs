//! `/tasks/personal-data`: requests by deadline; and who read what.

use axum::extract::State;
use base::short_day;
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Badge, Column, Tab};
use web::{Asked, PageResult, Query, Visitor, layout};

use super::{DESK, View, crumbs, frame, made_up};
use crate::office::Office;
use crate::requests::store::counts;
use crate::requests::{self, Filter, Late, Version, late};
use crate::rights::{Act, may};
use crate::store as sql;

/// So many requests stand on a page.
const A_PAGE: i64 = 50;
/// So many readings are shown.
const READINGS: i64 = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wish {
    state: String,
    cursor: String,
}

/// The views of the desk; `current` is lit.
pub(super) fn tabs(lang: Lang, current: usize) -> Markup {
    let at = |path: &str| format!("{DESK}{path}");
    let (closed, consents) = (at("?state=closed"), at("/consents"));
    let (retention, copy, reading) = (at("/retention"), at("/copy"), at("/reading"));
    pieces::tabs(
        lang::subjects::title(lang),
        &[
            Tab { label: lang::subjects::tab_open(lang), href: DESK },
            Tab { label: lang::subjects::tab_closed(lang), href: &closed },
            Tab { label: lang::consents::title(lang), href: &consents },
            Tab { label: lang::retention::title(lang), href: &retention },
            Tab { label: lang::subjects::copy_title(lang), href: &copy },
            Tab { label: lang::subjects::reading_title(lang), href: &reading },
        ],
        current,
    )
}

pub(super) async fn show(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    may(&visitor, Act::See)?;
    let mut view = View::open(&office, asked.lang).await?;
    let lang = view.lang;
    let filter = if wish.state == "closed" { Filter::Closed } else { Filter::Open };
    let cursor = Some(wish.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = requests::list(&mut view.tx, filter, cursor, A_PAGE).await?;
    let (open, overdue) = counts(&mut view.tx, view.today).await?;
    let title = lang::subjects::title(lang);
    let columns = [
        Column::head(lang::subjects::reference(lang)),
        Column::text(lang::subjects::kind(lang)),
        Column::text(lang::subjects::state(lang)),
        Column::text(match filter {
            Filter::Open => lang::subjects::next_due(lang),
            Filter::Closed => lang::subjects::outcome(lang),
        }),
        Column::text(lang::subjects::channel(lang)),
        Column::text(lang::subjects::received(lang)),
    ];
    let rows: Vec<Vec<Markup>> = page.items.iter().map(|it| row(&view, filter, it)).collect();
    let caption = match filter {
        Filter::Open => lang::subjects::tab_open(lang),
        Filter::Closed => lang::subjects::tab_closed(lang),
    };
    let body = html! {
        (crumbs_above(lang))
        (pieces::heading(title, Some(lang::subjects::lead(lang))))
        (tabs(lang, usize::from(filter == Filter::Closed)))
        p {
            (lang::subjects::how_many(lang, lang::subjects::HowMany { open, overdue }))
            " " a href={ (DESK) "/requests/new" } { (lang::subjects::new_title(lang)) }
        }
        @if rows.is_empty() {
            (pieces::empty(lang::subjects::none(lang), None))
        } @else {
            (pieces::table(caption, &columns, &rows))
        }
        (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
    };
    Ok(layout(&frame(&asked, title), body))
}

fn crumbs_above(lang: Lang) -> Markup {
    pieces::breadcrumbs(lang, &[pieces::Crumb { label: lang::nav::work(lang), href: "/tasks" }])
}

fn row(view: &View, filter: Filter, it: &Version) -> Vec<Markup> {
    let lang = view.lang;
    vec![
        html! {
            a href={ (DESK) "/requests/" (it.id) } { (it.reference()) } (made_up(lang, it.made_up))
        },
        html! { (view.kind_name(&it.kind)) },
        html! { (it.standing.state.say(lang)) },
        match filter {
            Filter::Open => next_due(view, it),
            Filter::Closed => html! {
                @if let Some(outcome) = it.standing.outcome { (outcome.say(lang)) }
            },
        },
        html! { (it.channel.say(lang)) },
        html! { (it.received_at.local()) },
    ]
}

/// The next last day, and whether it is over.
pub(super) fn next_due(view: &View, it: &Version) -> Markup {
    let lang = view.lang;
    let late = late(&it.standing, view.today);
    let badge = match late {
        Late::No => None,
        Late::Answer => Some(lang::subjects::late_answer(lang)),
        Late::Completion => Some(lang::subjects::late_completion(lang)),
        Late::Unknown => Some(lang::subjects::due_unknown(lang)),
    };
    html! {
        @if let Some(due) = it.standing.next_due() { (short_day(due)) " " }
        @if let Some(badge) = badge { (pieces::badge(lang, Badge::Warning(badge))) }
    }
}

/// `GET /tasks/personal-data/reading`: who had personal data shown, and for what.
pub(super) async fn show_reading(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
) -> PageResult {
    may(&visitor, Act::Watch)?;
    let mut view = View::open(&office, asked.lang).await?;
    let lang = view.lang;
    let readings = sql::readings(&mut view.tx, READINGS).await?;
    let title = lang::subjects::reading_title(lang);
    let columns = [
        Column::head(lang::subjects::when(lang)),
        Column::text(lang::subjects::who(lang)),
        Column::text(lang::subjects::purpose(lang)),
        Column::text(lang::subjects::record(lang)),
    ];
    let name = |code: &str| {
        let purposes = &view.definitions.reading_purposes;
        let found = purposes.iter().find(|purpose| purpose.code == code);
        found.map_or(code.to_owned(), |purpose| purpose.name.say(lang).to_owned())
    };
    let mut rows: Vec<Vec<Markup>> = Vec::with_capacity(readings.len());
    for it in &readings {
        let request = requests::find(&mut view.tx, &it.record).await?;
        rows.push(vec![
            html! { (base::Moment(it.at).local()) },
            html! { (it.actor) },
            html! { (name(&it.purpose)) },
            match request {
                Some(request) => html! {
                    a href={ (DESK) "/requests/" (request.id) } { (request.reference()) }
                },
                None if it.record.is_empty() => html! { (lang::subjects::copy_title(lang)) },
                None => html! { a href={ (DESK) "/consents/" (it.record) } { (lang::consents::one(lang)) } },
            },
        ]);
    }
    let body = html! {
        (crumbs(lang, &[]))
        (pieces::heading(title, Some(lang::subjects::reading_lead(lang))))
        (tabs(lang, 5))
        @if rows.is_empty() {
            (pieces::empty(lang::subjects::reading_none(lang), None))
        } @else {
            (pieces::table(title, &columns, &rows))
        }
    };
    Ok(layout(&frame(&asked, title), body))
}
