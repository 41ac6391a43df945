//! `GET /agencies`: the agencies of a day from the top down, with who leads them.

use std::collections::BTreeMap;

use axum::extract::State;
use base::text::sort_key;
use base::{Cursor, Error, PAGE_LIMIT, Page, Result, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use territory::{Atlas, pages::day_form};
use web::pieces::{self, Badge, Column, Crumb};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::{View, number, say_holder};
use crate::organisation::chart::Chart;
use crate::organisation::model::{Agency, AgencyId, AgencyVersion};
use crate::organisation::store as sql;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    on: String,
    under: String,
    cursor: String,
}

type Agencies = BTreeMap<AgencyId, Agency>;

pub(super) async fn show(
    State(atlas): State<Atlas>,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let mut view = View::open(&atlas, asked.lang, &asking.on).await?;
    let lang = view.lang;
    let agencies = sql::agencies(&mut view.tx).await?;
    let under = match asking.under.as_str() {
        "" => None,
        id => Some(find(&view, &agencies, id)?),
    };
    let mut below = parts(&agencies, under.map(|it| it.id), &view);
    // A single agency above all others is opened at once.
    let under = match (under, &below[..]) {
        (None, [only]) if !parts(&agencies, Some(only.id), &view).is_empty() => {
            let only = *only;
            below = parts(&agencies, Some(only.id), &view);
            Some(only)
        }
        (under, _) => under,
    };
    let first = match asking.cursor.as_str() {
        "" => 0,
        cursor => {
            let last: String = Cursor::decode(cursor)?;
            let at = below.iter().position(|it| it.id.to_string() == last);
            at.ok_or_else(|| Error::invalid("cursor", lang::error::bad_cursor))? + 1
        }
    };
    let rest: Vec<&AgencyVersion> = below.iter().skip(first).copied().collect();
    let page = Page::cut(rest, PAGE_LIMIT, |it| it.id.to_string());
    let mut ids: Vec<AgencyId> = page.items.iter().map(|it| it.id).collect();
    ids.extend(under.map(|it| it.id));
    let chart = sql::heads(&mut view.tx, &ids).await?;
    let made_up = agencies.values().any(Agency::made_up);
    let title = lang::organisation::agencies(lang);
    let body = html! {
        (pieces::heading(title, Some(lang::organisation::agencies_lead(lang))))
        (day_form(lang, &view.territory, &asked.path_and_query, view.on))
        @if let Some(version) = under {
            (path(&view, &agencies, version))
            h2 { a href=(href(&view, version.id)) { (version.facts.name) } }
            p { (heads(&view, &chart, version.id)) }
        }
        @if page.items.is_empty() {
            @let why = match under {
                Some(_) => lang::organisation::no_parts(lang).to_owned(),
                None => lang::organisation::none_on(lang, short_day(view.on)),
            };
            (pieces::empty(&why, None))
        } @else {
            (table(&view, &agencies, &chart, &page.items))
            (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
        }
    };
    let frame = Frame::new(&asked, Section::Elsewhere, title).ground(view.ground(made_up));
    Ok(layout(&frame, body))
}

fn find<'a>(view: &View, agencies: &'a Agencies, id: &str) -> Result<&'a AgencyVersion> {
    let nothing = || Error::not_found(lang::organisation::no_agency);
    let id: AgencyId = id.parse().map_err(|_| nothing())?;
    agencies.get(&id).and_then(|it| it.at(view.on)).ok_or_else(nothing)
}

/// The agencies directly below one, or those with none above them, by kind and name.
fn parts<'a>(
    agencies: &'a Agencies,
    under: Option<AgencyId>,
    view: &View,
) -> Vec<&'a AgencyVersion> {
    let is_there = |id: AgencyId| agencies.get(&id).is_some_and(|it| it.at(view.on).is_some());
    let there = agencies.values().filter_map(|it| it.at(view.on));
    let mut found: Vec<&AgencyVersion> =
        there.filter(|it| it.facts.parent.filter(|id| is_there(*id)) == under).collect();
    found.sort_by_cached_key(|it| {
        let kind = super::super::AgencyKind::ALL.iter().position(|kind| *kind == it.facts.kind);
        (kind, sort_key(&it.facts.name), it.id)
    });
    found
}

fn href(view: &View, id: AgencyId) -> String {
    format!("/agencies/{id}?on={}", view.on)
}

fn path(view: &View, agencies: &Agencies, version: &AgencyVersion) -> Markup {
    let lang = view.lang;
    let mut above = Vec::new();
    let mut next = version.facts.parent;
    // A circle cannot be entered; the bound is for what was not entered.
    while let Some(it) = next.and_then(|id| agencies.get(&id)?.at(view.on)) {
        above.push((it.facts.name.clone(), format!("/agencies?on={}&under={}", view.on, it.id)));
        next = it.facts.parent.filter(|_| above.len() < 20);
    }
    let all = format!("/agencies?on={}", view.on);
    let mut crumbs = vec![Crumb { label: lang::organisation::agencies(lang), href: &all }];
    crumbs.extend(above.iter().rev().map(|(label, href)| Crumb { label, href }));
    pieces::breadcrumbs(lang, &crumbs)
}

/// Who leads an agency on the day: "Chủ tịch: Nguyễn Văn Mẫu".
fn heads(view: &View, chart: &Chart, agency: AgencyId) -> Markup {
    let lang = view.lang;
    let posts = chart.posts_of(agency, view.on);
    html! {
        @if posts.is_empty() { span.quiet { (lang::organisation::no_leading_post(lang)) } }
        @for (at, post) in posts.iter().enumerate() {
            @if at > 0 { br; }
            (post.signs_as) ": "
            @let held = chart.who_held(post.id, view.on);
            @if held.is_empty() { (pieces::badge(lang, Badge::Warning(lang::organisation::vacant(lang)))) }
            @for (at, holding) in held.iter().enumerate() {
                @if at > 0 { ", " }
                (say_holder(lang, chart, holding))
            }
        }
    }
}

fn table(view: &View, agencies: &Agencies, chart: &Chart, rows: &[&AgencyVersion]) -> Markup {
    let lang = view.lang;
    let columns = [
        Column::head(lang::organisation::name(lang)),
        Column::text(lang::organisation::symbol(lang)),
        Column::text(lang::organisation::head(lang)),
        Column::number(lang::organisation::parts(lang)),
    ];
    let rows: Vec<Vec<Markup>> = rows
        .iter()
        .map(|it| {
            let count = parts(agencies, Some(it.id), view).len();
            let under = format!("/agencies?on={}&under={}", view.on, it.id);
            vec![
                html! {
                    a href=(href(view, it.id)) { (it.facts.name) }
                    @if it.made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
                },
                html! { (it.facts.symbol) },
                heads(view, chart, it.id),
                html! { @if count > 0 { a href=(under) { (number(lang, count)) } } @else { "0" } },
            ]
        })
        .collect();
    pieces::table(&lang::organisation::agencies_on(lang, short_day(view.on)), &columns, &rows)
}
