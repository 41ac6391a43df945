//! Who a unit was made of, what became of it, and its life in order.

use base::{Day, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::chart::{Event, timeline};
use web::pieces::{Column, table};

use super::{act_link, near, version_link};
use crate::{Link, Territory, UnitCode, UnitId};

/// The units that a unit was made of and those it went into, with part, act and day.
///
/// `day` decides nothing: lineage belongs to the unit's whole life; links lead to the days on
/// which it happened.
#[must_use]
pub fn unit_lineage(lang: Lang, territory: &Territory, unit: UnitId, _day: Day) -> Markup {
    let (before, after) = (territory.predecessors(unit), territory.successors(unit));
    html! {
        @if before.is_empty() && after.is_empty() { p { (lang::unit::no_lineage(lang)) } }
        @if !before.is_empty() {
            (links(lang, territory, lang::unit::formed_from(lang), &before, -1))
        }
        @if !after.is_empty() {
            (links(lang, territory, lang::unit::went_into(lang), &after, 0))
        }
    }
}

/// `shift`: how many days from the change the other unit is looked at.
fn links(lang: Lang, territory: &Territory, caption: &str, links: &[Link], shift: i32) -> Markup {
    let columns = [
        Column::head(lang::unit::name(lang)),
        Column::text(lang::unit::code(lang)),
        Column::text(lang::unit::part(lang)),
        Column::text(lang::unit::act(lang)),
    ];
    let row = |link: &Link| {
        let seen = link.on.plus(shift);
        let version = near(territory, link.unit, seen)?;
        let code = version.code.as_ref().map_or("–", UnitCode::as_str);
        Some(vec![
            html! {
                (version_link(version, seen))
            },
            html! { (code) },
            html! { (link.part.say(lang)) },
            act(lang, territory, link.act, link.on),
        ])
    };
    let rows: Vec<Vec<Markup>> = links.iter().filter_map(row).collect();
    table(caption, &columns, &rows)
}

fn act(lang: Lang, territory: &Territory, act: Option<i64>, on: Day) -> Markup {
    html! {
        @match act.and_then(|act| territory.act(act)) {
            Some(act) => (act_link(act)),
            None => (lang::unit::act_unknown(lang)),
        }
        ", " (short_day(on))
    }
}

/// The life of a unit as a time line; what happens after `day` is drawn hollow.
#[must_use]
pub fn unit_timeline(lang: Lang, territory: &Territory, unit: UnitId, day: Day) -> Markup {
    let events: Vec<Event> = territory
        .history(unit)
        .iter()
        .map(|event| {
            let act = event.act.and_then(|act| territory.act(act));
            Event {
                day: event.on,
                title: event.say(lang, territory),
                body: html! {
                    @if let Some(act) = act {
                        p {
                            (act_link(act))
                            @if !act.issuer.is_empty() { " · " (act.issuer) }
                        }
                    }
                },
            }
        })
        .collect();
    timeline(lang::unit::timeline(lang), day, &events)
}
