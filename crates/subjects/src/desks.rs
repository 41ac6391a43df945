//! The desks that take requests and consents: the one-stop desk of each commune, and the province's for
//! all that no commune has.

use base::rights::{Place, Scope};
use base::{Day, Error, FieldError, Result};
use lang::{Lang, Text};
use territory::{Level, Territory, UnitId};

/// A desk as somebody chose it: none for the province's.
///
/// Errors: `Invalid` at `desk` for what is no commune of the day.
pub(crate) fn read(territory: &Territory, today: Day, text: &str) -> Result<Option<UnitId>> {
    let text = text.trim();
    if text.is_empty() || text == PROVINCE {
        return Ok(None);
    }
    let unit = text.parse::<i64>().ok().map(UnitId);
    let commune = unit.and_then(|unit| territory.at(unit, today));
    let commune = commune.filter(|version| version.kind.level() == Level::Commune);
    commune.map(|version| Some(version.unit)).ok_or_else(|| {
        let text = Text::new(lang::subjects::choose_desk);
        Error::Invalid(vec![FieldError { place: "desk".to_owned(), text }])
    })
}

/// What stands for the province's desk in a form.
pub(crate) const PROVINCE: &str = "province";

/// The desks of a day that lie within a scope, with their names; the province's first.
pub(crate) fn choices(
    territory: &Territory,
    (lang, today): (Lang, Day),
    scope: &Scope,
) -> Vec<(String, String)> {
    let province = (PROVINCE.to_owned(), lang::subjects::desk_province(lang).to_owned());
    let mut desks: Vec<(String, String)> = Vec::from_iter(scope.everywhere.then_some(province));
    let communes = territory.under(None, today, Level::Commune);
    let within = communes.into_iter().filter(|it| scope.holds(Place::of(it.unit.0), ""));
    desks.extend(within.map(|it| (it.unit.to_string(), it.full_name.clone())));
    desks
}

/// What a desk is called today; that of a commune that is gone by whoever has its requests now.
pub(crate) fn name(
    territory: &Territory,
    (lang, today): (Lang, Day),
    desk: Option<UnitId>,
) -> String {
    let Some(unit) = desk else { return lang::subjects::desk_province(lang).to_owned() };
    let landings = territory.landings(unit, today);
    let now = landings.first().and_then(|landing| territory.at(landing.unit, today));
    let last = || territory.unit(unit).and_then(|unit| unit.last());
    let version = territory.at(unit, today).or(now).or_else(last);
    // A merger that was taken back took the commune away; the province has what its desk had.
    let province = || lang::subjects::desk_province(lang).to_owned();
    version.map_or_else(province, |version| version.full_name.clone())
}
