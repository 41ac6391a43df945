//! `GET /`: the province at a glance.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::{Day, PAGE_LIMIT, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Catalogue, Indicator};
use serde::Deserialize;
use territory::pages::areas;
use territory::{Level, UnitId, Version};
use web::ask::{link_with, link_without};
use web::pieces::{self, Tab};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::again::again;
use super::say::{self, Ground};
use super::view::View;
use super::{charts, dashboard, records};
use crate::claims::{Verdict, judge};
use crate::{Answer, Desk, Period};

/// Where there are many units, so many from both ends of the order are shown.
const ENDS: usize = 5;
/// So many of the last entries are shown.
const LATEST: usize = 5;

#[derive(Deserialize)]
pub(crate) struct Wish {
    map: Option<String>,
    known: Option<String>,
}

/// An indicator with its figures.
struct Card<'a> {
    indicator: &'a Indicator,
    answer: Answer,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let (map, known) = (wish.map.as_deref(), wish.known.as_deref());
    let mut view = View::open_anyway(&desk, &asked, map, known).await?;
    if !view.wrong.is_empty() {
        let title = lang::nav::overview(view.lang);
        return Ok(again(&view, &asked, (Section::Overview, title), &view.wrong));
    }
    let catalogue = view.catalogue.clone();
    let periods = view.quarters(view.calendar(None)?);
    let mut cards = Vec::new();
    for indicator in catalogue.indicators().into_iter().take(PAGE_LIMIT) {
        cards.push(Card { indicator, answer: view.ask(indicator, &periods).await? });
    }
    let latest = records::latest(&mut view, LATEST).await?;
    let lang = view.lang;
    let top = cards.first().and_then(|card| view.top(&card.answer));
    let title = top.map_or(lang::nav::overview(lang), |top| top.full_name.as_str());
    let mut frame = Frame::new(&asked, Section::Overview, lang::nav::overview(lang))
        .ground(view.standing(periods.last()));
    frame.notice = view.known_notice();
    let body = html! {
        (pieces::heading(title, Some(lang::overview::lead(lang))))
        (maps(&view, &asked.path_and_query, None))
        @if !catalogue.dashboards().is_empty() {
            p { a href=(dashboard::href(&view)) { (lang::dashboard::to_dashboard(lang)) } }
        }
        @match (top, periods.last()) {
            (Some(top), Some(period)) => {
                @if let Some(card) = cards.first() { (say::coverage(&view, &card.answer, top)) }
                @if !catalogue.collections().is_empty() {
                    p { a href="/completeness" { (lang::completeness::link(lang)) } }
                }
                h2 { (lang::overview::figures(lang, period.title(lang))) }
                div.figures {
                    @for card in &cards { (figure(&view, card, top, &periods)) }
                }
                @if let Some(card) = cards.iter().find(|card| card.indicator.denominator.is_some()).or(cards.first()) {
                    h2 { (lang::overview::by_unit(lang)) }
                    (communes(&view, card, top.unit, &periods))
                }
            }
            _ => (pieces::empty(lang::overview::nothing(lang), None)),
        }
        h2 { (lang::overview::claims(lang)) }
        (contradictions(lang, &catalogue))
        h2 { (lang::overview::latest(lang)) }
        (latest)
    };
    Ok(layout(&frame, body).into_response())
}

/// The maps before and after the last merger as tabs; all else that was chosen is kept. The unit
/// that is looked at may have another code on the other map, or may not be there.
pub(crate) fn maps(view: &View, path: &str, under: Option<UnitId>) -> Markup {
    let lang = view.lang;
    let Some((eve, now)) = view.maps() else { return html! {} };
    let kept = link_without(path, "map");
    let on = |day: Day| {
        let there = match under {
            Some(unit) if day != view.day => {
                let kept = link_without(&kept, "under");
                let there = on_map(view, unit, day);
                there.map_or(kept.clone(), |it| link_with(&kept, "under", &say::reference(it)))
            }
            _ => kept.clone(),
        };
        if day == view.today { there } else { link_with(&there, "map", &day.to_string()) }
    };
    let current = usize::from(view.day <= eve);
    let tabs = [
        Tab { label: &lang::overview::new_map(lang, short_day(eve.plus(1))), href: &on(now) },
        Tab { label: &lang::overview::old_map(lang, short_day(eve)), href: &on(eve) },
    ];
    pieces::tabs(lang::overview::maps(lang), &tabs, current)
}

/// The unit of another map in which all of a unit lies: itself, the one that it became, or the
/// nearest above all its parts; none where that is not known.
pub(crate) fn on_map(view: &View, unit: UnitId, day: Day) -> Option<&Version> {
    let territory = &view.territory;
    if let Some(version) = territory.at(unit, day) {
        return Some(version);
    }
    let parts = territory.landings(unit, day);
    let (first, rest) = parts.split_first()?;
    let mut chain: Vec<&Version> = territory.at(first.unit, day).into_iter().collect();
    chain.extend(territory.ancestors(first.unit, day));
    let holds_all = |version: &&Version| {
        rest.iter().all(|part| territory.is_within(part.unit, version.unit, day))
    };
    chain.into_iter().find(holds_all)
}

/// The figure of the whole with its parts, its change since the quarter before and a small line.
fn figure(view: &View, card: &Card<'_>, top: &Version, periods: &[Period]) -> Markup {
    let lang = view.lang;
    let indicator = card.indicator;
    let figures: Vec<_> = (0..periods.len()).map(|at| card.answer.get(top.unit, at)).collect();
    let Some((period, now)) = periods.last().zip(figures.last().copied()) else {
        return html! {};
    };
    let before = figures.len().checked_sub(2).and_then(|at| figures[at].value(indicator));
    let value = now.value(indicator);
    let change =
        before.zip(value).map(|(before, value)| say::change(lang, indicator, before, value));
    let ground = Ground { map: view.day, known: view.known };
    html! {
        article.figure {
            h3 { a href=(ground.keep(&say::indicator_href(indicator))) { (indicator.name.say(lang)) } }
            p.value {
                @match value {
                    Some(value) => a href=(say::figure_href(indicator, top, period, ground)) {
                        (say::value(lang, indicator, value))
                    },
                    None => (say::nothing_badge(lang, now)),
                }
            }
            p.parts { (parts(view, indicator, now)) }
            div.parts {
                (charts::spark(indicator, &figures))
                @if let Some(change) = change { (lang::overview::since_last(lang, change)) " " }
                (say::flags(lang, now))
            }
        }
    }
}

/// "118 hồ sơ trên 248 hồ sơ", or the unit of count alone.
fn parts(view: &View, indicator: &Indicator, figure: crate::Figure) -> Markup {
    let lang = view.lang;
    let catalogue = &view.catalogue;
    html! {
        @match &indicator.denominator {
            Some(below) => {
                @if figure.numerator.is_some() {
                    (say::part(lang, catalogue, &indicator.numerator, figure.numerator))
                    " " (lang::web::of(lang)) " "
                    (say::part(lang, catalogue, below, figure.denominator))
                }
            }
            None => (say::counted(lang, catalogue, &indicator.numerator)),
        }
    }
}

/// One indicator over the communes of the whole.
fn communes(view: &View, card: &Card<'_>, top: UnitId, periods: &[Period]) -> Markup {
    let lang = view.lang;
    let at = periods.len().saturating_sub(1);
    let Some(period) = periods.get(at) else { return html! {} };
    let indicator = card.indicator;
    let ground = Ground { map: view.day, known: view.known };
    let rows = view.reported(&card.answer, Some(top), Level::Commune, at);
    let mut areas = areas(&view.territory, view.day, Level::Commune, Some(top));
    areas.retain(|area| rows.iter().any(|(version, _)| version.unit == area.unit));
    let of = |unit: UnitId| {
        let found = rows.iter().find(|(version, _)| version.unit == unit);
        found.map_or_else(Default::default, |(version, figure)| {
            (*figure, say::figure_href(indicator, version, period, ground))
        })
    };
    let title = lang::indicator::by_unit(
        lang,
        lang::indicator::ByUnit { name: indicator.name.say(lang), period: period.title(lang) },
    );
    let mut ranked = charts::order(indicator, rows.clone());
    let before = at.checked_sub(1).map(|at| {
        let rows = view.reported(&card.answer, Some(top), Level::Commune, at);
        charts::Before::of(lang, indicator, &periods[at], rows)
    });
    let mut heading = title.clone();
    if ranked.len() > 2 * ENDS {
        ranked.drain(ENDS..ranked.len() - ENDS);
        heading = lang::overview::both_ends(lang, ENDS);
    }
    let ends = charts::rank(view, indicator, heading, period, (&ranked, before.as_ref()));
    let map = charts::map(view, indicator, title, areas, of);
    html! {
        (pieces::beside(&[map, ends]))
        p { a href=(ground.keep(&link_with(&say::indicator_href(indicator), "map", &view.day.to_string()))) {
            (lang::overview::whole_indicator(lang))
        } }
    }
}

fn contradictions(lang: Lang, catalogue: &Catalogue) -> Markup {
    let claims = catalogue.claims();
    let wrong = claims.iter().filter(|claim| judge(claim).verdict == Verdict::Contradicts);
    let wrong: Vec<_> = wrong.collect();
    let count = |count: usize| grouped(lang, i64::try_from(count).unwrap_or_default());
    html! {
        @if claims.is_empty() {
            (pieces::empty(lang::claims::nothing(lang), None))
        } @else {
            p { (lang::overview::contradictions(lang, lang::overview::Contradictions { all: count(claims.len()), wrong: count(wrong.len()) })) }
            ul {
                @for claim in &wrong {
                    li { a href={ "/claims#" (claim.id) } { (claim.title.say(lang)) } ": " (claim.said.say(lang)) }
                }
            }
            p { a href="/claims" { (lang::overview::all_claims(lang)) } }
        }
    }
}
