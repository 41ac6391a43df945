//! `GET /units`: the units of a day from the top down, and the search over all names.

use axum::extract::State;
use base::{Day, Page, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::link_without;
use web::pieces::{self, Badge, Column, Field};
use web::{Asked, Frame, Ground, PageResult, Query, Section, layout};

use super::pieces::{
    MadeUp, day_form, first_known_in, made_up_badge, map_ground, period, version_link,
};
use super::tree;
use crate::api::{Sheet, day, get_by_code, place_after, read_cursor, search_words, sheet};
use crate::{Atlas, Hit, Match, Territory, UnitCode, UnitId, Version};

/// So many units a search shows on a page.
const HITS: usize = 50;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Asking {
    on: String,
    q: String,
    under: String,
    cursor: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let lang = asked.lang;
    let sheet = sheet(&atlas).await?;
    let territory = &sheet.territory;
    let on = day("on", Some(&asking.on), sheet.today)?;
    let after = read_cursor(&asking.cursor)?;
    let under = match asking.under.as_str() {
        "" => None,
        code => Some(get_by_code(territory, code, on)?),
    };
    let ground = map_ground(lang, territory, on, under.map(|version| version.unit));
    let (ground, list) = if territory.units().is_empty() {
        let import = ("/tasks/territory", lang::work::import(lang));
        (ground, pieces::empty(lang::units::nothing(lang), Some(import)))
    } else if let Some(query) = search_words(&asking.q)? {
        let day = (!asking.on.trim().is_empty()).then_some(on);
        let search = Search { lang, sheet: &sheet, query, day };
        search.page(after, &asked.path_and_query)?
    } else {
        let path = &asked.path_and_query;
        let tree = tree::tree(&tree::View { lang, territory, on, after, path }, under)?;
        (ground, html! { (day_form(lang, territory, path, on)) (tree) })
    };
    let title = lang::units::title(lang);
    let body = html! {
        (pieces::heading(title, Some(lang::units::lead(lang))))
        (search_form(lang, &asking))
        (list)
    };
    Ok(layout(&Frame::new(&asked, Section::Units, title).ground(ground), body))
}

fn search_form(lang: Lang, asking: &Asking) -> Markup {
    pieces::filter(
        "/units",
        html! {
            @if !asking.on.is_empty() { input type="hidden" name="on" value=(asking.on); }
            (Field::new(lang, "q", lang::units::search(lang)).search(&asking.q))
            (pieces::submit_quiet(lang::units::find(lang)))
        },
    )
}

/// What is looked for, among the units of a day or of all days.
struct Search<'a> {
    lang: Lang,
    sheet: &'a Sheet,
    query: &'a str,
    day: Option<Day>,
}

impl Search<'_> {
    /// What fits the words, behind the unit of the cursor, and where the page stands.
    ///
    /// Errors: `Invalid` at `cursor` when it names no unit that fits.
    fn page(&self, after: Option<UnitId>, path: &str) -> Result<(Ground, Markup)> {
        let territory = &self.sheet.territory;
        // A later page begins wherever its unit stands among all that fit.
        let limit = if after.is_some() { usize::MAX } else { HITS + 1 };
        let found = territory.search(self.query, self.day, limit);
        let first = match after {
            Some(unit) => {
                let versions: Vec<&Version> = found.iter().map(|hit| hit.version).collect();
                place_after(&versions, unit)?
            }
            None => 0,
        };
        let rows = found.into_iter().skip(first).take(HITS + 1).collect();
        let page = Page::cut(rows, HITS, |hit| hit.version.unit.0);
        let lines = vec![match self.day.map(short_day) {
            Some(day) => lang::web::standing_map(self.lang, day),
            None => lang::units::ground_all(self.lang).to_owned(),
        }];
        let shown = page.items.iter().map(|hit| hit.version.unit);
        let ground = MadeUp::of(territory, shown).ground(self.lang, lines);
        let all_days = link_without(&link_without(path, "cursor"), "on");
        let list = html! {
            @if page.items.is_empty() {
                (self.nothing(&all_days))
            } @else {
                @if self.day.is_some() {
                    p { a href=(all_days) { (lang::units::search_all_days(self.lang)) } }
                }
                (self.hits(&page.items))
                (pieces::pager(self.lang, path, page.next.as_deref()))
            }
        };
        Ok((ground, list))
    }

    fn nothing(&self, all_days: &str) -> Markup {
        let lang = self.lang;
        let query = self.query;
        match self.day.map(short_day) {
            None => pieces::empty(
                &lang::units::not_found(lang, query),
                Some(("/units", lang::units::all(lang))),
            ),
            Some(day) => pieces::empty(
                &lang::units::not_found_on(lang, lang::units::NotFoundOn { query, day }),
                Some((all_days, lang::units::search_all_days(lang))),
            ),
        }
    }

    fn hits(&self, hits: &[Hit<'_>]) -> Markup {
        let lang = self.lang;
        let caption = match self.day.map(short_day) {
            None => lang::units::hits(lang, self.query),
            Some(day) => lang::units::hits_on(lang, lang::units::HitsOn { query: self.query, day }),
        };
        let columns = [
            Column::head(lang::unit::name(lang)),
            Column::text(lang::unit::code(lang)),
            Column::text(lang::unit::valid(lang)),
        ];
        let rows: Vec<Vec<Markup>> = hits.iter().map(|hit| self.row(hit)).collect();
        pieces::table(&caption, &columns, &rows)
    }

    /// A unit as it is on the day, or on the day of its period that is nearest to today.
    fn row(&self, hit: &Hit<'_>) -> Vec<Markup> {
        let (lang, territory, version) = (self.lang, &self.sheet.territory, hit.version);
        let day = version.nearest(self.day.unwrap_or(self.sheet.today));
        let exact = Badge::Neutral(lang::units::exact(lang));
        let above = names_above(territory, version.unit, day);
        vec![
            html! {
                (version_link(version, day))
                @if hit.matched == Match::Exact { " " (pieces::badge(lang, exact)) }
                (made_up_badge(lang, territory, version.unit))
                // Below the name, so that a phone has room for the periods.
                @if !above.is_empty() { br; span.quiet { (above) } }
                (first_known_in(lang, territory, version))
            },
            html! { (version.code.as_ref().map_or("–", UnitCode::as_str)) },
            html! { (period(lang, version)) },
        ]
    }
}

/// "Huyện Vị Thủy, Tỉnh Hậu Giang": tells units of one name apart.
fn names_above(territory: &Territory, unit: UnitId, day: Day) -> String {
    let above = territory.ancestors(unit, day);
    let names: Vec<&str> = above.iter().map(|version| version.full_name.as_str()).collect();
    names.join(", ")
}
