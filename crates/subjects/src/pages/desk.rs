//! `/tasks/personal-data`: requests by deadline.

use axum::extract::State;
use base::rights::{self, Rights};
use base::short_day;
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Badge, Column, Tab};
use web::{Asked, PageResult, Query, Visitor, layout};

use super::{DESK, View, frame, made_up};
use crate::office::Office;
use crate::requests::store::counts;
use crate::requests::{self, Filter, Late, Version, late};
use crate::rights::{Act, may_somewhere, scope};
use crate::trace::tell_masked;

/// So many requests stand on a page.
const A_PAGE: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wish {
    state: String,
    cursor: String,
}

/// The views of the desk; `current` is lit.
pub(super) fn tabs(lang: Lang, rights: &Rights, current: usize) -> Markup {
    let at = |path: &str| format!("{DESK}{path}");
    let (closed, consents) = (at("?state=closed"), at("/consents"));
    let (retention, copy) = (at("/retention"), at("/copy"));
    let trace = "/tasks/trace?act=request.reveal";
    // What would be refused is not offered.
    let all = [
        (rights::Act::ReceiveRequests, lang::subjects::tab_open(lang), DESK),
        (rights::Act::ReceiveRequests, lang::subjects::tab_closed(lang), closed.as_str()),
        (rights::Act::RecordConsents, lang::consents::title(lang), consents.as_str()),
        (rights::Act::ApplyRetention, lang::retention::title(lang), retention.as_str()),
        (rights::Act::RevealCitizens, lang::subjects::copy_title(lang), copy.as_str()),
        (rights::Act::ReadTrace, lang::trace::title(lang), trace),
    ];
    let may = |act| match act {
        // Copies and deletions go over all desks.
        rights::Act::ApplyRetention | rights::Act::RevealCitizens => rights.scope(act).everywhere,
        act => rights.allow(act),
    };
    let before = all.iter().take(current).filter(|(act, ..)| may(*act)).count();
    let offered = all.iter().filter(|(act, ..)| may(*act));
    let offered: Vec<Tab<'_>> = offered.map(|(_, label, href)| Tab { label, href }).collect();
    pieces::tabs(lang::subjects::title(lang), &offered, before)
}

pub(super) async fn show(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    may_somewhere(&visitor, Act::See)?;
    let scope = scope(&visitor, Act::See);
    let mut view = View::open(&office, asked.lang).await?;
    let lang = view.lang;
    let filter = if wish.state == "closed" { Filter::Closed } else { Filter::Open };
    let cursor = Some(wish.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = requests::list(&mut view.tx, filter, scope, cursor, A_PAGE).await?;
    let (open, overdue) = counts(&mut view.tx, scope, view.today).await?;
    let shown = (None, page.items.len());
    tell_masked(rights::Act::ReceiveRequests, "subject_requests", "", shown);
    let title = lang::subjects::title(lang);
    let columns = [
        Column::head(lang::subjects::reference(lang)),
        // What one looks for first stays in sight where the screen is narrow.
        Column::text(match filter {
            Filter::Open => lang::subjects::next_due(lang),
            Filter::Closed => lang::subjects::outcome(lang),
        }),
        Column::text(lang::subjects::kind(lang)),
        Column::text(lang::subjects::state(lang)),
        Column::text(lang::subjects::desk(lang)),
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
        (tabs(lang, &visitor.rights, usize::from(filter == Filter::Closed)))
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
        match filter {
            Filter::Open => next_due(view, it),
            Filter::Closed => html! {
                @if let Some(outcome) = it.standing.outcome { (outcome.say(lang)) }
            },
        },
        html! { (view.kind_name(&it.kind)) },
        html! { (it.standing.state.say(lang)) },
        html! { (view.desk_name(it.unit)) },
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
