//! What is known of a unit on a day.

use base::Day;
use base::text::tone_neutral;
use lang::Lang;
use maud::{Markup, html};
use web::pieces::definition_list;

use super::{act_link, made_up_badge, period, unit_link, version_link};
use crate::{Level, Territory, Version};

/// More namesakes are only counted.
const NAMESAKES: usize = 10;

/// Kind, code, level, units above, validity and act of a unit, where a hamlet was first known,
/// other units that bore its code, and its namesakes.
#[must_use]
pub fn unit_facts(lang: Lang, territory: &Territory, version: &Version, day: Day) -> Markup {
    let unit = territory.unit(version.unit);
    let kind = html! {
        (version.kind.say(lang)) (made_up_badge(lang, territory, version.unit))
    };
    let code = html! {
        @match &version.code { Some(code) => (code), None => (lang::unit::no_code(lang)) }
    };
    let above = territory.ancestors(version.unit, day);
    let mut facts = vec![
        (lang::unit::kind(lang), kind),
        (lang::unit::code(lang), code),
        (lang::unit::level(lang), html! { (version.kind.level().say(lang)) }),
    ];
    if !above.is_empty() {
        facts.push((lang::unit::within(lang), listed(&above, |above| version_link(above, day))));
    }
    facts.push((lang::unit::valid(lang), html! { (period(lang, version)) }));
    if let Some(act) = version.act.and_then(|act| territory.act(act)) {
        let title = html! { (act_link(act)) @if !act.title.is_empty() { " · " (act.title) } };
        facts.push((lang::unit::act(lang), title));
    }
    if let Some(origin) = unit.and_then(|unit| unit.origin) {
        let first = unit.and_then(|unit| unit.first()).map_or(day, |first| first.valid.from);
        facts.push((lang::unit::origin(lang), unit_link(territory, origin, first)));
    }
    facts.extend(bearers(lang, territory, version, day));
    if let Some(namesakes) = namesakes(lang, territory, version, day) {
        facts.push((lang::unit::namesakes(lang), namesakes));
    }
    definition_list(&facts)
}

/// Other units that bore the code before this one or bear it after, each on the day nearest to the
/// one of the page.
fn bearers(
    lang: Lang,
    territory: &Territory,
    version: &Version,
    day: Day,
) -> Vec<(&'static str, Markup)> {
    let Some(code) = &version.code else { return Vec::new() };
    let others = territory.code_holders(code.as_str());
    let others = others.into_iter().filter(|other| other.unit != version.unit);
    let (before, after): (Vec<_>, Vec<_>) =
        others.partition(|other| other.valid.from < version.valid.from);
    let with_period = |other: &&Version| {
        html! { (version_link(other, day)) " (" (period(lang, other)) ")" }
    };
    [(lang::unit::code_before(lang), before), (lang::unit::code_after(lang), after)]
        .into_iter()
        .filter(|(_, others)| !others.is_empty())
        .map(|(term, others)| (term, lines(others.iter().map(with_period).collect())))
        .collect()
}

/// Units of the same level and name, at any time, with what tells them apart on the day nearest to
/// the one of the page. Hamlets are left out: every commune has its "Ấp 1".
fn namesakes(lang: Lang, territory: &Territory, version: &Version, day: Day) -> Option<Markup> {
    if version.kind.level() == Level::Hamlet {
        return None;
    }
    let name = tone_neutral(&version.name);
    let mut others: Vec<&Version> = territory
        .named(&crate::snapshot::key(&version.name))
        .filter(|other| other.unit != version.unit && tone_neutral(&other.name) == name)
        .filter(|other| other.kind.level() == version.kind.level())
        .collect();
    others.sort_by_key(|other| (std::cmp::Reverse(other.valid.to), other.unit));
    others.dedup_by_key(|other| other.unit);
    let more = others.len().saturating_sub(NAMESAKES);
    let mut list: Vec<Markup> = others
        .iter()
        .take(NAMESAKES)
        .map(|other| {
            let day = other.nearest(day);
            let above = territory.ancestors(other.unit, day);
            let names: Vec<&str> = above.iter().map(|above| above.full_name.as_str()).collect();
            html! {
                (version_link(other, day))
                @if !names.is_empty() { ", " (names.join(", ")) }
                " (" (period(lang, other)) ")"
            }
        })
        .collect();
    if more > 0 {
        list.push(html! { (lang::unit::and_more(lang, more)) });
    }
    (!list.is_empty()).then(|| lines(list))
}

fn lines(list: Vec<Markup>) -> Markup {
    html! { @for line in list { p { (line) } } }
}

fn listed<T>(list: &[T], show: impl Fn(&T) -> Markup) -> Markup {
    html! {
        @for (at, one) in list.iter().enumerate() {
            @if at > 0 { ", " }
            (show(one))
        }
    }
}
