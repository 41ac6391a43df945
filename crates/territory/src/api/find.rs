//! The unit that is meant on a day, by its code or by the program's own id; where it was not there
//! on that day, where to look instead.

use base::{Cursor, Day, Error, Result, See, short_day};
use lang::Text;

use crate::pages::{say_period, unit_href};
use crate::{Territory, UnitCode, UnitId, Version};

/// So many units that bore a code on other days are named.
const BEARERS: usize = 10;
/// So many units are named in which the land of one lies on the day that was asked.
const SUCCESSORS: usize = 10;

/// The unit that bears a code on a day.
///
/// Errors: `Elsewhen`, with the units that bore the code on other days and where their land lies on
/// that day; `NotFound` when nobody ever bore it.
pub fn get_by_code<'a>(territory: &'a Territory, code: &str, on: Day) -> Result<&'a Version> {
    territory.by_code(code, on).ok_or_else(|| {
        let code = code.chars().take(20).collect::<String>();
        let bearers = bearers(territory, &code, on);
        let mut names: Vec<&str> = bearers.iter().map(|it| it.full_name.as_str()).collect();
        names.dedup();
        let (others, see) = (names.join(", "), see(territory, &bearers, on));
        let on = short_day(on);
        if bearers.is_empty() {
            return Error::not_found(move |lang| {
                let (code, on) = (&code, &on);
                lang::territory::code_unknown(lang, lang::territory::CodeUnknown { code, on })
            });
        }
        let text = Text::new(move |lang| {
            let (code, on, others) = (&code, &on, &others);
            let words = lang::territory::CodeElsewhen { code, on, others };
            lang::territory::code_elsewhen(lang, words)
        });
        Error::Elsewhen { text, see }
    })
}

/// The unit of an id, as it is on a day.
///
/// Errors: `Elsewhen`, with the day nearest to that on which it was there; `NotFound`.
pub(crate) fn get_by_id(territory: &Territory, id: UnitId, on: Day) -> Result<&Version> {
    let unknown = || Error::not_found(lang::unit::bad_reference);
    let unit = territory.unit(id).ok_or_else(unknown)?;
    unit.at(on).ok_or_else(|| {
        let Some(nearest) = nearest(&unit.versions.iter().collect::<Vec<_>>(), on) else {
            return unknown();
        };
        let (name, see) = (nearest.full_name.clone(), see(territory, &[nearest], on));
        let on = short_day(on);
        let text = Text::new(move |lang| {
            let (name, on) = (&name, &on);
            lang::territory::unit_elsewhen(lang, lang::territory::UnitElsewhen { name, on })
        });
        Error::Elsewhen { text, see }
    })
}

/// The place behind a unit in a list, where the next page of it begins: a list names each unit
/// once, and what was added before it or behind it since neither moves nor repeats a row.
///
/// Errors: `Invalid` at `cursor` when the list does not hold the unit.
pub fn place_after(list: &[&Version], unit: UnitId) -> Result<usize> {
    let at = list.iter().position(|version| version.unit == unit);
    at.map(|at| at + 1).ok_or_else(|| Error::invalid("cursor", lang::error::bad_cursor))
}

/// The unit behind which a page begins, as a cursor names it; none on the first page.
///
/// Errors: `Invalid` at `cursor`.
pub(crate) fn read_cursor(cursor: &str) -> Result<Option<UnitId>> {
    if cursor.is_empty() { Ok(None) } else { Ok(Some(UnitId(Cursor::decode(cursor)?))) }
}

/// Each unit that ever bore a code, in the period nearest to a day, oldest first.
fn bearers<'a>(territory: &'a Territory, code: &str, on: Day) -> Vec<&'a Version> {
    let holders = territory.code_holders(code);
    let mut units: Vec<UnitId> = Vec::new();
    for holder in &holders {
        if !units.contains(&holder.unit) {
            units.push(holder.unit);
        }
    }
    let of = |unit: UnitId| -> Vec<&'a Version> {
        holders.iter().filter(|holder| holder.unit == unit).copied().collect()
    };
    units.into_iter().filter_map(|unit| nearest(&of(unit), on)).take(BEARERS).collect()
}

/// The version that held nearest to a day; of two alike the later.
fn nearest<'a>(versions: &[&'a Version], on: Day) -> Option<&'a Version> {
    let distance = |version: &&&Version| version.nearest(on).0.abs_diff(on.0);
    versions.iter().rev().min_by_key(distance).copied()
}

/// The pages of these units on the days nearest to one, and of those in which their land lies then.
fn see(territory: &Territory, bearers: &[&Version], on: Day) -> Vec<See> {
    let bore = bearers.iter().map(|bearer| {
        let day = bearer.nearest(on);
        let path = territory.path(bearer.unit, day).unwrap_or_default();
        let valid = bearer.valid;
        let text = Text::new(move |lang| format!("{path} ({})", say_period(lang, valid)));
        pointer("bearer", bearer, day, text)
    });
    let mut see: Vec<See> = bore.collect();
    let mut named: Vec<UnitId> = Vec::new();
    for landing in bearers.iter().flat_map(|bearer| territory.landings(bearer.unit, on)) {
        let Some(version) = territory.at(landing.unit, on) else { continue };
        if named.contains(&version.unit) || named.len() == SUCCESSORS {
            continue;
        }
        named.push(version.unit);
        let code = version.code.as_ref().map_or("–", UnitCode::as_str).to_owned();
        let (name, on_words) =
            (territory.path(version.unit, on).unwrap_or_default(), short_day(on));
        let text = Text::new(move |lang| {
            let (code, name, on) = (&code, &name, &on_words);
            lang::territory::land_lies_in(lang, lang::territory::LandLiesIn { code, name, on })
        });
        see.push(pointer("successor", version, on, text));
    }
    see
}

fn pointer(rel: &'static str, version: &Version, day: Day, text: Text) -> See {
    let page = unit_href(version, day);
    let data = version.code.is_some().then(|| format!("/api/v1{page}"));
    See { rel, text, page, data }
}
