//! Pieces of pages that show units: facts, lineage, time line, map, the choice of a day.

mod coverage;
mod day;
mod facts;
mod lineage;
mod map;

pub use coverage::coverage_note;
pub use day::{day_form, important_days};
pub use facts::unit_facts;
pub use lineage::{unit_lineage, unit_timeline};
pub(crate) use map::places;
pub use map::{MapArea, areas, map_notes, unit_map};

use base::{Day, Error, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::ask::encoded;

use crate::api::get_by_code;
use crate::{Act, Territory, UnitId, Version};

/// The address of the page of a unit on a day: `/units/31321?on=2025-07-01`. A unit without a code
/// is named by its own id, `/units/~4711?on=…`; [`find_unit`] reads both.
#[must_use]
pub fn unit_href(version: &Version, day: Day) -> String {
    match &version.code {
        Some(code) => format!("/units/{}?on={day}", encoded(code.as_str())),
        None => format!("/units/~{}?on={day}", version.unit),
    }
}

/// The unit that the path of a page names: a code, or `~` and the program's own id.
///
/// Errors: `NotFound`, naming the units that bore the code on other days.
pub fn find_unit<'a>(territory: &'a Territory, reference: &str, on: Day) -> Result<&'a Version> {
    let Some(id) = reference.strip_prefix('~') else {
        return get_by_code(territory, reference, on);
    };
    let version = id.parse().ok().and_then(|id| territory.at(UnitId(id), on));
    version.ok_or_else(|| Error::not_found(lang::unit::bad_reference))
}

/// The unit as it was on that day, or as it last was before or first was after it.
pub(crate) fn near(territory: &Territory, unit: UnitId, day: Day) -> Option<&Version> {
    let unit = territory.unit(unit)?;
    let held = unit.at(day);
    held.or_else(|| unit.first().filter(|first| day < first.valid.from)).or_else(|| unit.last())
}

/// A link to a unit as it was on a day, or as it was nearest to that day.
pub(crate) fn unit_link(territory: &Territory, unit: UnitId, day: Day) -> Markup {
    match near(territory, unit, day) {
        Some(version) => version_link(version, day),
        None => html! {},
    }
}

/// A link to a unit in one period of its life, on this day of it or the one nearest.
pub(crate) fn version_link(version: &Version, day: Day) -> Markup {
    let day = day.clamp(version.valid.from, version.valid.last());
    html! { a href=(unit_href(version, day)) { (version.full_name) } }
}

/// A day on which a version held: its last, or the first of one that is still in force.
pub(crate) fn day_of(version: &Version) -> Day {
    if version.valid.to == Day::MAX { version.valid.from } else { version.valid.last() }
}

/// A link to an act in the list of sources, with its number.
pub(crate) fn act_link(act: &Act) -> Markup {
    html! { a href={ "/sources#act-" (act.id) } { (act.number) } }
}

/// A period in words: "từ 01/07/2025 đến nay".
pub(crate) fn period(lang: Lang, version: &Version) -> String {
    let (from, to) = (short_day(version.valid.from), version.valid.to);
    if to == Day::MAX {
        lang::unit::since(lang, from)
    } else {
        lang::unit::between(lang, lang::unit::Between { from, to: short_day(to.plus(-1)) })
    }
}
