//! `GET /`: the province at a glance.

use axum::extract::State;
use base::{PAGE_LIMIT, grouped};
use lang::Lang;
use maud::{Markup, html};
use packs::{Catalogue, Indicator};
use serde::Deserialize;
use territory::pages::areas;
use territory::{Level, UnitId, Version};
use web::ask::{link_with, link_without};
use web::pieces::{self, Badge, Tab};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::say::{self, Ground};
use super::view::View;
use super::{charts, records};
use crate::claims::{Verdict, judge};
use crate::{Answer, Desk, Period};

/// Where there are many units, so many from both ends of the order are shown.
const ENDS: usize = 5;
/// So many of the last entries are shown.
const LATEST: usize = 5;

#[derive(Deserialize)]
pub(crate) struct Wish {
    map: Option<String>,
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
) -> PageResult {
    let mut view = View::open(&desk, asked.lang, wish.map.as_deref(), None).await?;
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
    let frame = Frame::new(&asked, Section::Overview, lang::nav::overview(lang))
        .standing(view.standing(periods.last()));
    let body = html! {
        (pieces::heading(title, Some(lang::overview::lead(lang))))
        (maps(&view, &asked.path_and_query))
        @match (top, periods.last()) {
            (Some(top), Some(period)) => {
                @if let Some(card) = cards.first() { (say::coverage(&view, &card.answer, top)) }
                h2 { (lang::overview::figures(lang, period.title(lang))) }
                div.figures {
                    @for card in &cards { (figure(&view, card, top, &periods)) }
                }
                @if let Some(card) = cards.iter().find(|card| card.indicator.denominator.is_some()).or(cards.first()) {
                    h2 { (lang::overview::by_unit(lang)) }
                    (communes(&view, card, top.unit, period, periods.len() - 1))
                }
            }
            _ => (pieces::empty(lang::overview::nothing(lang), None)),
        }
        h2 { (lang::overview::claims(lang)) }
        (contradictions(lang, &catalogue))
        h2 { (lang::overview::latest(lang)) }
        (latest)
    };
    Ok(layout(&frame, body))
}

/// The maps before and after the last merger as tabs.
pub(crate) fn maps(view: &View, path: &str) -> Markup {
    let lang = view.lang;
    let Some((eve, now)) = view.maps() else { return html! {} };
    // What was chosen on one map need not be on the other.
    let kept = ["under", "level", "map"]
        .iter()
        .fold(path.to_owned(), |path, key| link_without(&path, key));
    let (before, after) =
        (link_with(&kept, "map", &eve.to_string()), link_with(&kept, "map", &now.to_string()));
    let after = if now == view.today { kept } else { after };
    let current = usize::from(view.day <= eve);
    let tabs = [
        Tab { label: &lang::overview::new_map(lang, base::short_day(eve.plus(1))), href: &after },
        Tab { label: &lang::overview::old_map(lang, base::short_day(eve)), href: &before },
    ];
    pieces::tabs(lang::overview::maps(lang), &tabs, current)
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
    let ground = Ground { map: view.day, known: None };
    html! {
        article.figure {
            h3 { a href=(say::indicator_href(indicator)) { (indicator.name.say(lang)) } }
            p.value {
                @match value {
                    Some(value) => a href=(say::figure_href(indicator, top, period, ground)) {
                        (say::value(lang, indicator, value))
                    },
                    None => (pieces::badge(lang, Badge::NoData)),
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
fn communes(view: &View, card: &Card<'_>, top: UnitId, period: &Period, at: usize) -> Markup {
    let lang = view.lang;
    let indicator = card.indicator;
    let ground = Ground { map: view.day, known: None };
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
        lang::indicator::ByUnit { name: indicator.name.say(lang), period: period.short(lang) },
    );
    let mut ranked = charts::order(indicator, rows.clone());
    let mut heading = title.clone();
    if ranked.len() > 2 * ENDS {
        ranked.drain(ENDS..ranked.len() - ENDS);
        heading = lang::overview::both_ends(lang, ENDS);
    }
    let ends = charts::rank(view, indicator, heading, period, &ranked);
    let map = charts::map(view, indicator, title, areas, of);
    html! {
        (pieces::beside(&[map, ends]))
        p { a href=(link_with(&say::indicator_href(indicator), "map", &view.day.to_string())) {
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
