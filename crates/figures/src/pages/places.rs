//! The places behind a part of a figure, by commune, with subtotals that add up to it.

use std::collections::HashMap;

use base::text::sort_key;
use base::{Day, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::Indicator;
use territory::pages::unit_href;
use territory::{Level, UnitId, Version};
use web::ask::link_with;
use web::pieces::{self, Badge, Column};

use super::say::{self, Ground};
use super::view::View;
use crate::answer::{How, Place, Places, places_of};
use crate::observations::{self, Report};
use crate::{Part, Period};

/// Where there are more places, each commune has its own page for them: every report is a link
/// that no compression makes shorter, and a page has to come over a weak line.
const MOST_PLACES: usize = 100;
/// So many reports of one place are named; more stand on its own page.
const MOST_REPORTS: usize = 12;

/// What the section is about.
pub(crate) struct About<'a> {
    pub(crate) indicator: &'a Indicator,
    pub(crate) version: &'a Version,
    pub(crate) period: &'a Period,
    pub(crate) part: Part,
}

/// The places of one commune.
struct Group<'a> {
    commune: UnitId,
    name: String,
    rows: Vec<(String, &'a Place)>,
}

impl Group<'_> {
    fn sum(&self) -> i64 {
        self.rows.iter().filter_map(|(_, place)| place.counted).sum()
    }

    fn counted(&self) -> usize {
        self.rows.iter().filter(|(_, place)| place.counted.is_some()).count()
    }
}

/// Who counts with how much, and who does not.
pub(crate) async fn section(view: &mut View, about: &About<'_>) -> Result<Markup> {
    let question = view.question(about.indicator, std::slice::from_ref(about.period));
    let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
    let (unit, part) = (about.version.unit, about.part);
    let places = places_of(&mut view.tx, &atlas, &catalogue, &question, unit, part).await?;
    let lang = view.lang;
    if places.list.is_empty() {
        return Ok(pieces::empty(lang::drill::no_places(lang), None));
    }
    let groups = groups(view, about, &places);
    let are_shown = places.list.len() <= MOST_PLACES;
    let reports = match are_shown {
        true => observations::reports_behind(&mut view.tx, &places.entries, places.nature).await?,
        false => HashMap::new(),
    };
    let list = List { view, about, reports };
    // Where each commune reports for itself, a sum of one would only repeat it.
    if groups.len() == 1 || groups.iter().all(|group| group.rows.len() == 1) {
        let rows: Vec<_> = groups.iter().flat_map(|group| &group.rows).collect();
        return Ok(list.table(lang::drill::places(lang), &rows));
    }
    Ok(html! {
        (list.communes(&groups))
        @if are_shown {
            @for group in &groups {
                @let rows: Vec<_> = group.rows.iter().collect();
                (pieces::details(&list.summary(group), list.table(&group.name, &rows)))
            }
        }
    })
}

/// The places by commune, both in Vietnamese order.
fn groups<'a>(view: &View, about: &About<'_>, places: &'a Places) -> Vec<Group<'a>> {
    let territory = &view.territory;
    let communes = territory.under(Some(about.version.unit), view.day, Level::Commune);
    let order: HashMap<UnitId, usize> =
        communes.iter().enumerate().map(|(at, commune)| (commune.unit, at)).collect();
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known = HashMap::new();
    for place in &places.list {
        let at = *known.entry(place.commune).or_insert_with(|| {
            let name = territory.full_name(place.commune, view.day);
            groups.push(Group { commune: place.commune, name, rows: Vec::new() });
            groups.len() - 1
        });
        groups[at].rows.push((name(view, place.reporter, about.period.days.last()), place));
    }
    for group in &mut groups {
        group.rows.sort_by_cached_key(|(name, place)| (sort_key(name), place.reporter));
    }
    let last = usize::MAX;
    groups.sort_by_key(|group| (*order.get(&group.commune).unwrap_or(&last), group.commune));
    groups
}

/// The name of a place: on the map, or, when it is not on it, as it was at the end of the period.
fn name(view: &View, unit: UnitId, last: Day) -> String {
    match view.territory.at(unit, view.day) {
        Some(version) => say::label(view, version),
        None => view.territory.full_name(unit, last),
    }
}

struct List<'a> {
    view: &'a View,
    about: &'a About<'a>,
    reports: HashMap<i64, Vec<Report>>,
}

impl List<'_> {
    fn lang(&self) -> Lang {
        self.view.lang
    }

    /// The page with the places of one unit of the map.
    fn own_page(&self, unit: UnitId) -> Option<String> {
        let version = self.view.territory.at(unit, self.view.day)?;
        let ground = Ground { map: self.view.day, known: self.view.known };
        let About { indicator, period, part, .. } = self.about;
        let href = say::figure_href(indicator, version, period, ground);
        let is_below = *part == Part::Denominator;
        Some(if is_below { link_with(&href, "part", "denominator") } else { href })
    }

    /// The communes with their subtotals, and the sum of these.
    fn communes(&self, groups: &[Group<'_>]) -> Markup {
        let lang = self.lang();
        let columns = [
            Column::head(lang::drill::commune(lang)),
            Column::number(lang::drill::places_counted(lang)),
            Column::number(lang::drill::places_left_out(lang)),
            Column::number(lang::drill::subtotal(lang)),
        ];
        let row = |name: Markup, counted: usize, all: usize, sum: i64| {
            let left_out = all - counted;
            vec![
                name,
                html! { (count(lang, counted)) },
                html! { @if left_out > 0 { (count(lang, left_out)) } @else { "–" } },
                html! { (grouped(lang, sum)) },
            ]
        };
        let mut rows: Vec<Vec<Markup>> = groups
            .iter()
            .map(|group| {
                let name = html! {
                    @match self.own_page(group.commune) {
                        Some(href) => a href=(href) { (group.name) },
                        None => (group.name),
                    }
                };
                row(name, group.counted(), group.rows.len(), group.sum())
            })
            .collect();
        rows.push(row(
            html! { strong { (lang::drill::total(lang)) } },
            groups.iter().map(Group::counted).sum(),
            groups.iter().map(|group| group.rows.len()).sum(),
            groups.iter().map(Group::sum).sum(),
        ));
        pieces::table(lang::drill::by_commune(lang), &columns, &rows)
    }

    fn summary(&self, group: &Group<'_>) -> String {
        let lang = self.lang();
        lang::drill::commune_sum(
            lang,
            lang::drill::CommuneSum {
                name: &group.name,
                places: count(lang, group.rows.len()),
                sum: grouped(lang, group.sum()),
            },
        )
    }

    /// The places with their numbers, and the sum of these.
    fn table(&self, caption: &str, places: &[&(String, &Place)]) -> Markup {
        let lang = self.lang();
        let columns = [
            Column::head(lang::drill::unit(lang)),
            Column::number(lang::drill::counted(lang)),
            Column::text(lang::drill::day(lang)),
        ];
        let mut rows: Vec<Vec<Markup>> =
            places.iter().map(|(name, place)| self.row(name, place)).collect();
        let sum = places.iter().filter_map(|(_, place)| place.counted).sum();
        rows.push(vec![
            html! { strong { (lang::drill::total(lang)) } },
            html! { (grouped(lang, sum)) },
            html! {},
        ]);
        pieces::table(caption, &columns, &rows)
    }

    fn row(&self, name: &str, place: &Place) -> Vec<Markup> {
        let lang = self.lang();
        let none = Vec::new();
        let reports = self.reports.get(&place.reporter.0).unwrap_or(&none);
        let counted = place.counted.map(|counted| grouped(lang, counted));
        let version = self.view.territory.at(place.reporter, self.view.day);
        vec![
            html! {
                @match version {
                    Some(version) => a href=(unit_href(version, self.view.day)) { (name) },
                    None => (name),
                }
                @if let Some(note) = note(lang, place.how) { br; span.quiet { (note) } }
            },
            html! {
                @match (&counted, reports.as_slice()) {
                    (Some(counted), [one]) => a href=(record(one)) { (counted) },
                    (Some(counted), _) => (counted),
                    (None, _) => (pieces::badge(lang, Badge::NoData)),
                }
            },
            html! {
                @if place.counted.is_some() {
                    @for (at, report) in reports.iter().take(MOST_REPORTS).enumerate() {
                        @if at > 0 { br; }
                        a href=(record(report)) { (days(lang, report)) }
                    }
                    @if reports.len() > MOST_REPORTS {
                        @if let Some(href) = self.own_page(place.reporter) {
                            br;
                            a href=(link_with(&href, "list", "entries")) {
                                (lang::drill::more_reports(lang, reports.len() - MOST_REPORTS))
                            }
                        }
                    }
                }
            },
        ]
    }
}

/// What must be known of a number, or why there is none.
fn note(lang: Lang, how: How) -> Option<String> {
    Some(match how {
        How::Whole => return None,
        How::Earlier => lang::drill::how_earlier(lang).to_owned(),
        How::Partly => lang::drill::how_partly(lang).to_owned(),
        How::Share { of } => lang::drill::how_share(lang, grouped(lang, of)),
        How::OnePart => lang::drill::how_one_part(lang).to_owned(),
        How::Across => lang::drill::how_across(lang).to_owned(),
        How::Missing => lang::drill::how_missing(lang).to_owned(),
    })
}

fn record(report: &Report) -> String {
    format!("/observations/{}", report.id)
}

fn days(lang: Lang, report: &Report) -> String {
    let (from, to) = report.days();
    let (from, to) = (short_day(from), short_day(to));
    if from == to {
        to
    } else {
        lang::observations::from_to(lang, lang::observations::FromTo { from, to })
    }
}

fn count(lang: Lang, count: usize) -> String {
    grouped(lang, i64::try_from(count).unwrap_or_default())
}
