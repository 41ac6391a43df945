//! `GET /completeness`: who has reported a period, in time or late, and who has not; by unit and
//! over the last periods.

mod files;
mod parts;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::{Cursor, Day, Error, Moment, PAGE_LIMIT, Page, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::Catalogue;
use serde::Deserialize;
use territory::pages::find_unit;
use territory::{BasisMap, Level, UnitId, Version, place_after};
use web::pieces::{self, Crumb};
use web::{Asked, Frame, Notice, PageResult, Query, Section, layout};

use super::again::again;
use super::approvals::{Chosen, choices, choose, select};
use super::say;
use super::view::{View, read_day, taken};
use crate::approvals::{Completeness, Rate, Row, Scope, completeness};
use crate::{Desk, Period};

/// So many periods stand beside each other.
const MATRIX: usize = 6;

/// The routes of these pages.
pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    Router::new()
        .route("/completeness", get(show))
        .route("/completeness/table.csv", get(files::csv))
        .route("/completeness/reminders", get(files::reminders))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    collection: String,
    period: String,
    /// Only what lies in this unit.
    under: String,
    /// The day of the map; the last day of the period by default.
    map: String,
    cursor: String,
}

/// What was asked for, with who has reported.
struct Board<'a> {
    view: View,
    scope: &'a Scope<'a>,
    found: Completeness,
    map: Arc<BasisMap>,
    rates: BTreeMap<UnitId, Rate>,
    /// The unit that is looked at; none where several provinces report.
    whole: Option<UnitId>,
}

impl<'a> Board<'a> {
    async fn open(mut view: View, scope: &'a Scope<'a>, under: &str) -> Result<Self> {
        let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
        let (territory, map) = atlas.map(&mut view.tx, view.day).await?;
        let ground = (&*catalogue, &*territory);
        let found = completeness(&mut view.tx, ground, scope, view.today).await?;
        let rates = found.rates(&map);
        let whole = match under.trim() {
            "" => {
                let is_top = |unit: &&UnitId| map.ancestors(**unit).is_empty();
                let mut tops = rates.keys().filter(is_top);
                tops.next().copied().filter(|_| tops.next().is_none())
            }
            reference => Some(find_unit(&territory, reference, view.day)?.unit),
        };
        Ok(Self { view, scope, found, map, rates, whole })
    }

    fn rate(&self) -> Rate {
        match self.whole {
            Some(whole) => self.rates.get(&whole).copied().unwrap_or_default(),
            None => self
                .rates
                .iter()
                .filter(|(unit, _)| self.map.ancestors(**unit).is_empty())
                .fold(Rate::default(), |sum, (_, rate)| sum.plus(*rate)),
        }
    }

    /// Whether a row lies in the unit that is looked at.
    fn is_within(&self, row: &Row) -> bool {
        self.whole.is_none_or(|whole| {
            self.map.landings(row.unit).iter().any(|landing| {
                landing.unit == whole || self.map.ancestors(landing.unit).contains(&whole)
            })
        })
    }

    /// The units of the next level that have something to report.
    fn units(&self) -> Vec<&Version> {
        let territory = &self.view.territory;
        let own = self.whole.and_then(|whole| territory.unit(whole)).map(|unit| unit.level);
        let lower = [Level::Province, Level::District, Level::Commune, Level::Hamlet];
        let lower = lower.into_iter().filter(|level| own.is_none_or(|own| own < *level));
        let mut levels = lower.map(|level| {
            let units = territory.under(self.whole, self.view.day, level).into_iter();
            units.filter(|version| self.rates.contains_key(&version.unit)).collect::<Vec<_>>()
        });
        levels.find(|units| !units.is_empty()).unwrap_or_default()
    }

    /// Those that have not reported all, each under the nearest unit above it.
    fn missing(&self) -> Vec<(&Version, Vec<&Version>)> {
        let territory = &self.view.territory;
        let last = self.scope.last();
        let mut groups = BTreeMap::<Option<UnitId>, Vec<&Version>>::new();
        let rows = self.found.rows.iter().filter(|row| !row.reporting.is_whole());
        for row in rows.filter(|row| self.is_within(row)) {
            let Some(version) = territory.at(row.unit, last) else { continue };
            groups.entry(version.parent).or_default().push(version);
        }
        let named = groups
            .into_iter()
            .filter_map(|(parent, units)| Some((territory.at(parent?, last)?, units)));
        let mut named: Vec<_> = named.collect();
        named.sort_by_cached_key(|(parent, _)| base::text::sort_key(&parent.full_name));
        named
    }

    /// The query that leads back to the same question.
    fn query(&self) -> String {
        let (collection, period) = (&self.scope.collection.code, &self.scope.period.code);
        let mut query = format!("collection={collection}&period={period}");
        if self.view.day != self.scope.last() {
            query.push_str(&format!("&map={}", self.view.day));
        }
        query
    }

    /// The page of a unit.
    fn href(&self, version: &Version) -> String {
        format!("/completeness?{}&under={}", self.query(), say::reference(version))
    }

    /// When the entries of these rows were recorded.
    async fn moments(&mut self, rows: &[Row]) -> Result<HashMap<i64, Moment>> {
        let entries: Vec<i64> = rows.iter().filter_map(|row| row.reporting.entry()).collect();
        let found = journal::recordings(&mut self.view.tx, &entries).await?;
        Ok(found.into_iter().map(|(entry, (at, _))| (entry, at)).collect())
    }
}

/// The map that was asked for; the period's own by default.
fn read_map(scope: &Scope<'_>, wish: &Wish) -> Result<Day> {
    Ok(read_day("map", Some(&wish.map))?.unwrap_or(scope.last()))
}

async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let lang = view.lang;
    let title = lang::completeness::title(lang);
    let catalogue = view.catalogue.clone();
    let mut wrong = Vec::new();
    let asked_for = (wish.collection.as_str(), wish.period.as_str());
    let chosen = taken(choose(&catalogue, asked_for, view.today), &mut wrong)?.flatten();
    let scope = chosen.as_ref().and_then(|chosen| chosen.scope.as_ref());
    let day = scope.map(|scope| taken(read_map(scope, &wish), &mut wrong)).transpose()?.flatten();
    if !wrong.is_empty() {
        return Ok(again(&view, &asked, (Section::Overview, title), &wrong));
    }
    let Some((chosen, scope)) = chosen.as_ref().zip(scope) else {
        let why = match chosen {
            None => lang::approvals::no_collections(lang),
            Some(_) => lang::approvals::no_periods(lang),
        };
        let frame = Frame::new(&asked, Section::Overview, title).ground(view.standing(None));
        let body = html! { (pieces::heading(title, None)) (pieces::empty(why, None)) };
        return Ok(layout(&frame, body).into_response());
    };
    view.day = day.unwrap_or(scope.last());
    let mut board = Board::open(view, scope, &wish.under).await?;
    let page = cut(&board, &wish.cursor)?;
    let rows: Vec<Row> = board.found.rows.clone();
    let shown: Vec<UnitId> = page.items.iter().map(|version| version.unit).collect();
    let next = page.next.clone();
    let listed: Vec<Row> = rows.into_iter().filter(|row| shown.contains(&row.unit)).collect();
    let moments = board.moments(&listed).await?;
    let matrix = parts::matrix(&mut board, &catalogue, &shown).await?;
    let view = &board.view;
    let mut frame =
        Frame::new(&asked, Section::Overview, title).ground(view.standing(Some(&scope.period)));
    if view.made_up {
        frame.notice = Some(Notice::Note(lang::completeness::made_up(lang).to_owned()));
    }
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::overview(lang), href: "/" }]))
        (pieces::heading(title, Some(lang::completeness::lead(lang))))
        (form(&board, &catalogue, chosen))
        h2 { (heading(lang, &board)) }
        (parts::summary(&board))
        h2 { (lang::completeness::by_unit(lang)) }
        (parts::by_unit(&board, &shown, &listed, &moments))
        (pieces::pager(lang, &asked.path_and_query, next.as_deref()))
        (matrix)
        h2 { (lang::completeness::who_missing(lang)) }
        (parts::missing(&board, PAGE_LIMIT))
        p {
            a href={ "/completeness/reminders?" (board.query()) (under(&board)) } { (lang::completeness::print(lang)) }
            " · "
            a href={ "/completeness/table.csv?" (board.query()) (under(&board)) } { (lang::completeness::csv(lang)) }
        }
    };
    Ok(layout(&frame, body).into_response())
}

/// A page of the units of the next level.
///
/// Errors: `Invalid` for a cursor of another list.
fn cut<'a>(board: &'a Board<'_>, cursor: &str) -> Result<Page<&'a Version>> {
    let units = board.units();
    let first = match cursor {
        "" => 0,
        cursor => place_after(&units, UnitId(Cursor::decode(cursor)?))?,
    };
    let rest: Vec<&Version> = units.into_iter().skip(first).take(PAGE_LIMIT + 1).collect();
    Ok(Page::cut(rest, PAGE_LIMIT, |version| version.unit.0))
}

/// What keeps the unit in a link.
fn under(board: &Board<'_>) -> String {
    let whole = board.whole.and_then(|whole| board.view.territory.at(whole, board.view.day));
    whole.map(|version| format!("&under={}", say::reference(version))).unwrap_or_default()
}

fn form(board: &Board<'_>, catalogue: &Catalogue, chosen: &Chosen<'_>) -> Markup {
    let view = &board.view;
    let lang = view.lang;
    let is_unit = |level: Level| {
        let units = view.territory.under(None, view.day, level).into_iter();
        units.filter(|version| board.rates.contains_key(&version.unit))
    };
    let mut units = vec![("".to_owned(), lang::completeness::all_units(lang).to_owned())];
    for level in [Level::Province, Level::District, Level::Commune] {
        units.extend(is_unit(level).map(|it| (say::reference(it), it.full_name.clone())));
    }
    let units: Vec<(&str, String)> =
        units.iter().map(|(value, label)| (value.as_str(), label.clone())).collect();
    let whole = board.whole.and_then(|whole| view.territory.at(whole, view.day));
    let own = whole.map(say::reference).unwrap_or_default();
    pieces::filter(
        "/completeness",
        html! {
            @if view.day != board.scope.last() {
                input type="hidden" name="map" value=(view.day);
            }
            (choices(lang, catalogue, chosen))
            (select(lang, ("under", lang::completeness::within(lang)), &units, &own))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        },
    )
}

/// "Tỉnh Hậu Giang: Quý II/2025".
fn heading(lang: Lang, board: &Board<'_>) -> String {
    let whole = board.whole.and_then(|whole| board.view.territory.at(whole, board.view.day));
    let name = whole.map_or(lang::completeness::all_units(lang), |whole| whole.full_name.as_str());
    let period = &board.scope.period.title(lang);
    lang::completeness::of_period(lang, lang::completeness::OfPeriod { name, period })
}

/// A board over what was asked, for a file or a list.
///
/// Errors: `NotFound` where no collection or period is there; `Invalid` at `period` or `map`.
async fn open<'a>(
    mut view: View,
    chosen: Option<&'a Chosen<'a>>,
    wish: &Wish,
) -> Result<Board<'a>> {
    let scope = chosen.and_then(|chosen| chosen.scope.as_ref());
    let scope = scope.ok_or_else(|| Error::not_found(lang::approvals::no_periods))?;
    view.day = read_map(scope, wish)?;
    Board::open(view, scope, &wish.under).await
}

/// How many days lie between the last day and another; none before it.
fn days_late(scope: &Scope<'_>, day: Day) -> Option<i32> {
    Some(day.0 - scope.due().0).filter(|days| *days > 0)
}

/// The periods that end with the one that is looked at, oldest first.
fn periods(scope: &Scope<'_>, catalogue: &Catalogue) -> Vec<Period> {
    let mut periods = scope.before(catalogue, MATRIX - 1);
    periods.retain(|period| scope.collection.asks_for(period.days.last()));
    periods.push(scope.period.clone());
    periods
}

/// "12/11/2026".
fn on(at: Moment) -> String {
    short_day(at.day())
}
