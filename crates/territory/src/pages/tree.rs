//! The units of a day from the top down: provinces, their districts, communes, hamlets.

use base::{Day, PAGE_LIMIT, Page, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::ask::{encoded, link_without};
use web::pieces::{self, Column, Crumb};

use super::pieces::{areas, coverage_note, first_known_in, made_up_badge, places, unit_href};
use crate::api::place_after;
use crate::{Level, Territory, UnitCode, UnitId, Version};

/// What is looked at, and how.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) lang: Lang,
    pub(super) territory: &'a Territory,
    pub(super) on: Day,
    /// The last unit of the page before.
    pub(super) after: Option<UnitId>,
    /// The address of the page.
    pub(super) path: &'a str,
}

/// The units below one, or the provinces; a single province is opened at once.
///
/// Errors: `Invalid` at `cursor` when it names no unit of the list.
pub(super) fn tree(view: &View<'_>, under: Option<&Version>) -> Result<Markup> {
    let provinces: Vec<&Version> = view.territory.children(None, view.on).collect();
    Ok(match (under, &provinces[..]) {
        (Some(version), _) => html! { (crumbs(view, version)) (branch(view, version)?) },
        (None, [province]) => branch(view, province)?,
        (None, []) => pieces::empty(
            &lang::units::none_on(view.lang, short_day(view.on)),
            Some(("/units", lang::units::all(view.lang))),
        ),
        (None, provinces) => {
            html! {
                h2 { (lang::units::provinces(view.lang)) }
                (paged(view, &lang::units::provinces_on(view.lang, short_day(view.on)), provinces)?)
            }
        }
    })
}

fn crumbs(view: &View<'_>, version: &Version) -> Markup {
    let on = view.on;
    let above = view.territory.ancestors(version.unit, on);
    let links: Vec<(String, String)> =
        above.iter().rev().map(|above| (above.full_name.clone(), branch_href(above, on))).collect();
    let all = format!("/units?on={on}");
    let mut crumbs = vec![Crumb { label: lang::units::provinces(view.lang), href: &all }];
    crumbs.extend(links.iter().map(|(label, href)| Crumb { label, href }));
    pieces::breadcrumbs(view.lang, &crumbs)
}

fn branch_href(version: &Version, on: Day) -> String {
    let code = version.code.as_ref().map_or("", UnitCode::as_str);
    format!("/units?on={on}&under={}", encoded(code))
}

/// One unit with what lies in it, in groups where there are two levels below.
fn branch(view: &View<'_>, version: &Version) -> Result<Markup> {
    let View { lang, territory, on, .. } = *view;
    let children: Vec<&Version> = territory.children(Some(version.unit), on).collect();
    let grouped = children.iter().any(|child| child.kind.level() == Level::District);
    let name = &version.full_name;
    let list = if children.is_empty() {
        rest(view, &children)?;
        pieces::empty(lang::units::nothing_below(lang), None)
    } else if grouped {
        groups(view, &children)?
    } else {
        let below = lang::units::Below { day: short_day(on), name };
        paged(view, &lang::units::below(lang, below), &children)?
    };
    Ok(html! {
        h2 { a href=(unit_href(version, on)) { (name) } (made_up_badge(lang, territory, version.unit)) }
        p.quiet { (counts(view, version.unit)) }
        (coverage_note(lang, territory, version, on))
        @match map(view, version) {
            Some(map) if grouped => { (map) (list) }
            Some(map) => (pieces::beside(&[list, map])),
            None => (list),
        }
    })
}

/// What stands behind the pages before.
///
/// Errors: `Invalid` at `cursor` when it names no unit of the list.
fn rest<'a>(view: &View<'_>, list: &[&'a Version]) -> Result<Vec<&'a Version>> {
    let first = view.after.map(|unit| place_after(list, unit)).transpose()?;
    Ok(list.iter().skip(first.unwrap_or(0)).copied().collect())
}

/// Units with what lies in them, two beside one another where there is room; each whole, and
/// together no more rows than a page has.
fn groups(view: &View<'_>, children: &[&Version]) -> Result<Markup> {
    let View { lang, territory, on, .. } = *view;
    let rest = rest(view, children)?;
    let mut rows = 0;
    let fits = rest.iter().take_while(|child| {
        rows += territory.children(Some(child.unit), on).count();
        rows <= PAGE_LIMIT
    });
    let fits = fits.count().clamp(1, PAGE_LIMIT);
    let page = Page::cut(rest, fits, |child| child.unit.0);
    let group = |child: &&Version| {
        let below: Vec<&Version> = territory.children(Some(child.unit), on).collect();
        html! {
            h3 {
                a href=(unit_href(child, on)) { (child.full_name) }
                @if let Some(code) = &child.code { " · " (code) }
                (made_up_badge(lang, territory, child.unit))
            }
            @if below.is_empty() {
                p.quiet { (lang::units::nothing_below(lang)) }
            } @else {
                (table(view, &counts(view, child.unit), &below))
            }
        }
    };
    let blocks: Vec<Markup> = page.items.iter().map(group).collect();
    Ok(html! {
        (pieces::beside(&blocks))
        (pieces::pager(lang, view.path, page.next.as_deref()))
    })
}

/// A page of units, and the way to the next.
fn paged(view: &View<'_>, caption: &str, versions: &[&Version]) -> Result<Markup> {
    let page = Page::cut(rest(view, versions)?, PAGE_LIMIT, |version| version.unit.0);
    Ok(html! {
        (table(view, caption, &page.items))
        (pieces::pager(view.lang, view.path, page.next.as_deref()))
    })
}

/// Units with their codes and how many lie in each, by level.
fn table(view: &View<'_>, caption: &str, versions: &[&Version]) -> Markup {
    let View { lang, territory, on, .. } = *view;
    let level = versions.first().map_or(Level::Hamlet, |version| version.kind.level());
    let below: Vec<Level> = Level::ALL
        .into_iter()
        .filter(|below| *below > level)
        .filter(|below| versions.iter().any(|v| has(territory, v.unit, on, *below)))
        .collect();
    let mut columns =
        vec![Column::head(lang::unit::name(lang)), Column::text(lang::unit::code(lang))];
    columns.extend(below.iter().map(|level| Column::number(say_level(lang, *level))));
    let rows: Vec<Vec<Markup>> = versions
        .iter()
        .map(|version| {
            let href = match level {
                Level::Province => branch_href(version, on),
                _ => unit_href(version, on),
            };
            let code = version.code.as_ref().map_or("–", UnitCode::as_str);
            let name = html! {
                a href=(href) { (version.full_name) }
                (made_up_badge(lang, territory, version.unit))
                (first_known_in(lang, territory, version))
            };
            let mut row = vec![name, html! { (code) }];
            row.extend(below.iter().map(|level| {
                let count = territory.under(Some(version.unit), on, *level).len();
                html! { (number(lang, count)) }
            }));
            row
        })
        .collect();
    pieces::table(caption, &columns, &rows)
}

fn has(territory: &Territory, unit: UnitId, on: Day, level: Level) -> bool {
    !territory.under(Some(unit), on, level).is_empty()
}

fn number(lang: Lang, count: usize) -> String {
    grouped(lang, i64::try_from(count).unwrap_or(i64::MAX))
}

/// "8 huyện, quận, thị xã, thành phố · 75 xã, phường, thị trấn · 525 ấp, khu vực".
fn counts(view: &View<'_>, unit: UnitId) -> String {
    let count = |level: Level| {
        let count = view.territory.under(Some(unit), view.on, level).len();
        let shown = number(view.lang, count);
        (count > 0).then(|| match level {
            Level::Province => lang::units::province_count(view.lang, shown),
            Level::District => lang::units::district_count(view.lang, shown),
            Level::Commune => lang::units::commune_count(view.lang, shown),
            Level::Hamlet => lang::units::hamlet_count(view.lang, shown),
        })
    };
    let counts: Vec<String> = Level::ALL.into_iter().filter_map(count).collect();
    counts.join(" · ")
}

/// The head of a column that counts units of a level.
fn say_level(lang: Lang, level: Level) -> &'static str {
    match level {
        Level::Province => lang::units::provinces(lang),
        Level::District => lang::units::districts(lang),
        Level::Commune => lang::units::communes(lang),
        Level::Hamlet => lang::units::hamlets(lang),
    }
}

/// The communes of a province on the ground, as far as their outlines are known.
fn map(view: &View<'_>, province: &Version) -> Option<Markup> {
    let View { lang, territory, on, .. } = *view;
    if province.kind.level() != Level::Province {
        return None;
    }
    let areas = areas(territory, on, Level::Commune, Some(province.unit));
    // A later page of the list need not show the map again.
    if areas.is_empty() || link_without(view.path, "cursor") != view.path {
        return None;
    }
    let name = &province.full_name;
    let title = lang::units::map(lang, lang::units::Map { day: short_day(on), name });
    Some(places(lang, territory, on, title, (areas, None)))
}
