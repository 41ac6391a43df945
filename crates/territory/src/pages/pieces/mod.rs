//! Pieces of pages that show units: facts, lineage, time line, map, the choice of a day.

mod coverage;
mod day;
mod facts;
mod ground;
mod lineage;
mod map;

pub use coverage::coverage_note;
pub use day::{day_form, important_days};
pub use facts::unit_facts;
pub(crate) use ground::{MadeUp, first_known_in, ground_of_today, made_up_badge, map_ground};
pub use lineage::{unit_lineage, unit_timeline};
pub(crate) use map::places;
pub use map::{MapArea, areas, map_notes, unit_map};

use base::{Day, DayRange, Error, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::ask::encoded;

pub(crate) use crate::address::near;
use crate::api::{get_by_code, get_by_id};
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
/// Errors: `Elsewhen`, with where to look instead, when it was not there on that day; `NotFound`.
pub fn find_unit<'a>(territory: &'a Territory, reference: &str, on: Day) -> Result<&'a Version> {
    let Some(id) = reference.strip_prefix('~') else {
        return get_by_code(territory, reference, on);
    };
    let id = id.parse().map_err(|_| Error::not_found(lang::unit::bad_reference))?;
    get_by_id(territory, UnitId(id), on)
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
    html! { a href=(unit_href(version, version.nearest(day))) { (version.full_name) } }
}

/// A link to an act in the list of sources, with its number.
pub(crate) fn act_link(act: &Act) -> Markup {
    html! { a href={ "/sources#act-" (act.id) } { (act.number) } }
}

/// A version's period in words: "từ 01/07/2025 đến nay".
pub(crate) fn period(lang: Lang, version: &Version) -> String {
    say_period(lang, version.valid)
}

/// A period in words: "từ 01/07/2025 đến nay".
pub(crate) fn say_period(lang: Lang, valid: DayRange) -> String {
    let (from, to) = (short_day(valid.from), valid.to);
    if to == Day::MAX {
        lang::unit::since(lang, from)
    } else {
        lang::unit::between(lang, lang::unit::Between { from, to: short_day(to.plus(-1)) })
    }
}
