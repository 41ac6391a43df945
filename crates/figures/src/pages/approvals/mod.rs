//! Approval: what waits, one sheet with its figures and acts, and marking what stands out.

mod figures;
mod list;
mod mark;
mod sheet;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use base::{Day, Result};
use lang::Lang;
use maud::{Markup, html};
use packs::{Catalogue, Collection};
use territory::Version;
use web::pieces::{self, Badge, Crumb, Field};

use super::say;
use crate::approvals::{Scope, State, find_scope, periods_of};
use crate::{Desk, Period};

/// So many periods can be chosen.
pub(crate) const PERIODS: usize = 12;

/// The routes of these pages.
pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    const SHEET: &str = "/tasks/approvals/{collection}/{period}/{unit}";
    Router::new()
        .route("/tasks/approvals", get(list::show))
        .route(SHEET, get(sheet::show).post(sheet::act))
        .route(&format!("{SHEET}/findings/{{rule}}"), get(mark::show).post(mark::save))
}

/// A collection, its periods that are over, and the one that is looked at.
pub(crate) struct Chosen<'a> {
    /// None where no period is over yet.
    pub(crate) scope: Option<Scope<'a>>,
    pub(crate) collection: &'a Collection,
    /// The newest first.
    pub(crate) periods: Vec<Period>,
}

/// What was asked for; the first collection and its newest period by default. None where no
/// collection is declared.
///
/// Errors: `NotFound` for an unknown collection; `Invalid` at `period`.
pub(crate) fn choose<'a>(
    catalogue: &'a Catalogue,
    (collection, period): (&str, &str),
    today: Day,
) -> Result<Option<Chosen<'a>>> {
    let collections = catalogue.collections();
    let first = collections.first().map(|first| first.code.as_str());
    let code = if collection.is_empty() { first } else { Some(collection) };
    let Some(code) = code else { return Ok(None) };
    // An unknown code is told with a period that every collection could have.
    let Some(found) = catalogue.collection(code) else {
        return find_scope(catalogue, code, period, today).map(|_| None);
    };
    let mut periods = periods_of(catalogue, found, today, PERIODS);
    periods.reverse();
    let newest = periods.first().map(|newest| newest.code.clone());
    let wished = Some(period.to_owned()).filter(|period| !period.is_empty()).or(newest);
    let scope = wished.map(|period| find_scope(catalogue, code, &period, today)).transpose()?;
    Ok(Some(Chosen { scope, collection: found, periods }))
}

/// The fields by which a collection and a period are chosen.
pub(crate) fn choices(lang: Lang, catalogue: &Catalogue, chosen: &Chosen<'_>) -> Markup {
    let collections = catalogue.collections();
    let titles: Vec<(&str, String)> =
        collections.iter().map(|it| (it.code.as_str(), it.title.say(lang).to_owned())).collect();
    let own = chosen.scope.as_ref().map(|scope| &scope.period);
    let mut periods: Vec<(&str, String)> =
        chosen.periods.iter().map(|it| (it.code.as_str(), it.choice(lang))).collect();
    let is_older = |period: &&Period| !chosen.periods.contains(period);
    periods.extend(own.filter(is_older).map(|it| (it.code.as_str(), it.choice(lang))));
    let code = own.map_or("", |period| &period.code);
    html! {
        @if titles.len() > 1 {
            (select(lang, ("collection", lang::approvals::collection(lang)), &titles, &chosen.collection.code))
        } @else {
            input type="hidden" name="collection" value=(chosen.collection.code);
        }
        (select(lang, ("period", lang::approvals::period(lang)), &periods, code))
    }
}

/// A select in which one choice always holds.
pub(crate) fn select(
    lang: Lang,
    (name, label): (&'static str, &str),
    list: &[(&str, String)],
    chosen: &str,
) -> Markup {
    Field::new(lang, name, label).around(html! {
        select id={ "field-" (name) } name=(name) {
            @for (value, label) in list {
                option value=(value) selected[*value == chosen] { (label) }
            }
        }
    })
}

/// The page of a unit's sheet.
pub(crate) fn sheet_href(scope: &Scope<'_>, version: &Version) -> String {
    let (collection, period) = (&scope.collection.code, &scope.period.code);
    format!("/tasks/approvals/{collection}/{period}/{}", say::reference(version))
}

/// The list of a period.
fn list_href(scope: &Scope<'_>) -> String {
    let (collection, period) = (&scope.collection.code, &scope.period.code);
    format!("/tasks/approvals?collection={collection}&period={period}")
}

/// The pages above a sheet.
fn crumbs(lang: Lang, scope: &Scope<'_>, above: &[(String, String)]) -> Markup {
    let list = list_href(scope);
    let mut crumbs = vec![
        Crumb { label: lang::nav::work(lang), href: "/tasks" },
        Crumb { label: lang::approvals::title(lang), href: &list },
    ];
    crumbs.extend(above.iter().map(|(label, href)| Crumb { label, href }));
    pieces::breadcrumbs(lang, &crumbs)
}

/// A state as a badge, and that something below was opened again.
pub(crate) fn state_badge(lang: Lang, state: State, reopened_below: bool) -> Markup {
    let badge = match state {
        State::Closed => Badge::Warning(state.say(lang)),
        _ => Badge::Neutral(state.say(lang)),
    };
    html! {
        (pieces::badge(lang, badge))
        @if reopened_below {
            " " (pieces::badge(lang, Badge::Warning(lang::approvals::reopened_below(lang))))
        }
    }
}
