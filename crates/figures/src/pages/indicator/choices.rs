//! What can be chosen on the page of an indicator: calendar, period, unit, level, and what was known.

use lang::Lang;
use maud::{Markup, html};
use territory::Level;
use web::ask::{link_with, link_without};
use web::pieces::{self, Choice, Field, Tab};

use super::super::say;
use super::super::view::Known;
use super::{Sheet, Wish, levels_below};
use crate::Period;

/// Calendar, period, unit, level and the day of knowledge.
pub(super) fn choices(sheet: &Sheet, path: &str, wish: &Wish) -> Markup {
    let view = &sheet.view;
    let lang = view.lang;
    let calendars = view.catalogue.calendars();
    let without = link_without(path, "period");
    let hrefs: Vec<String> =
        calendars.iter().map(|calendar| link_with(&without, "periods", &calendar.code)).collect();
    let tabs: Vec<Tab<'_>> = calendars
        .iter()
        .zip(&hrefs)
        .map(|(calendar, href)| Tab { label: calendar.name.say(lang), href })
        .collect();
    let current = sheet
        .calendar
        .as_ref()
        .and_then(|chosen| calendars.iter().position(|calendar| calendar.code == chosen.code));
    let is_wrong = |name: &str| view.wrong.iter().any(|error| error.place == name);
    let kept = [("map", &wish.map), ("periods", &wish.periods)];
    let kept = kept.into_iter().filter(|(name, _)| !is_wrong(name));
    let again = |name: &'static str, label: &'static str, typed: &Option<String>| {
        let typed = typed.as_deref().unwrap_or_default();
        Field::new(lang, name, label).errors(&view.wrong).text(typed)
    };
    let known = match is_wrong("known") {
        true => wish.known.clone().unwrap_or_default(),
        false => view.known.map(Known::typed).unwrap_or_default(),
    };
    html! {
        @if tabs.len() > 1 {
            (pieces::tabs(lang::indicator::calendars(lang), &tabs, current.unwrap_or_default()))
        }
        (pieces::filter(path.split('?').next().unwrap_or_default(), html! {
            @for (name, value) in kept {
                @if let Some(value) = value { input type="hidden" name=(name) value=(value); }
            }
            @if is_wrong("map") { (again("map", lang::figures::map(lang), &wish.map)) }
            @if is_wrong("period") {
                (again("period", lang::chart::period(lang), &wish.period))
            } @else {
                (period_field(sheet))
            }
            (under_field(sheet, wish))
            (level_field(sheet))
            (Field::new(lang, "known", lang::indicator::known(lang)).optional()
                .errors(&view.wrong).day(&known))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        }))
    }
}

fn period_field(sheet: &Sheet) -> Markup {
    let lang = sheet.view.lang;
    // The newest quarters, so that there is a way back to them, and those around the chosen period.
    let mut quarters = sheet.view.quarters(sheet.calendar.as_ref());
    quarters.extend_from_slice(sheet.quarters().0);
    quarters.sort_by_key(|period| std::cmp::Reverse(period.days.from));
    let mut codes: Vec<String> = quarters.iter().map(|period| period.code.clone()).collect();
    // The years of these quarters that are over; a quarter's code is its year's with "-Q2" behind.
    let mut years: Vec<&str> =
        quarters.iter().filter_map(|period| Some(period.code.split_once('-')?.0)).collect();
    years.dedup();
    codes.extend(years.into_iter().map(str::to_owned));
    codes.push(sheet.period().code.clone());
    let mut seen = std::collections::HashSet::new();
    codes.retain(|code| seen.insert(code.clone()));
    let chosen = sheet.period();
    let periods: Vec<Period> = codes
        .iter()
        .filter_map(|code| sheet.view.period(code).ok())
        .filter(|period| period == chosen || period.days.to <= sheet.view.today)
        .collect();
    let labels: Vec<String> = periods.iter().map(|period| period.choice(lang)).collect();
    let list: Vec<Choice<'_>> = periods
        .iter()
        .zip(&labels)
        .map(|(period, label)| Choice { value: &period.code, label })
        .collect();
    choose(lang, ("period", lang::chart::period(lang)), &list, &chosen.code)
}

fn under_field(sheet: &Sheet, wish: &Wish) -> Markup {
    let view = &sheet.view;
    let lang = view.lang;
    let top = view.top(&sheet.answer).map(|top| top.unit);
    let mut units = view.reported(&sheet.answer, top, Level::District, sheet.last());
    units.extend(view.reported(&sheet.answer, top, Level::Commune, sheet.last()));
    let named: Vec<(String, &str)> = units
        .iter()
        .map(|(version, _)| (say::reference(version), version.full_name.as_str()))
        .collect();
    let whole = view.top(&sheet.answer).map_or("", |top| top.full_name.as_str());
    let mut list = vec![Choice { value: "", label: whole }];
    list.extend(named.iter().map(|(value, label)| Choice { value, label }));
    let chosen = wish.under.as_deref().unwrap_or_default().trim();
    choose(lang, ("under", lang::indicator::within(lang)), &list, chosen)
}

/// A select in which one choice always holds.
fn choose(
    lang: Lang,
    (name, label): (&'static str, &str),
    list: &[Choice<'_>],
    chosen: &str,
) -> Markup {
    Field::new(lang, name, label).around(html! {
        select id={ "field-" (name) } name=(name) {
            @for choice in list {
                option value=(choice.value) selected[choice.value == chosen] { (choice.label) }
            }
        }
    })
}

fn level_field(sheet: &Sheet) -> Markup {
    let lang = sheet.view.lang;
    let levels = levels_below(&sheet.view, sheet.whole);
    let list: Vec<Choice<'_>> = levels
        .iter()
        .map(|level| Choice { value: level.as_str(), label: level.say(lang) })
        .collect();
    html! {
        @if list.len() > 1 {
            (choose(lang, ("level", lang::indicator::level(lang)), &list, sheet.level.as_str()))
        }
    }
}
