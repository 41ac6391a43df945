//! What is said of a province of which only a part is in the lists.

use base::{Day, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::Notice;
use web::pieces::notice;

use crate::{Level, Territory, UnitId, Version};

/// That only the communes which came out of some of a province's predecessors are in the lists,
/// so that its figures count those alone; nothing where the lists hold all.
#[must_use]
pub fn coverage_note(lang: Lang, territory: &Territory, version: &Version, day: Day) -> Markup {
    let Some(held) = territory.partly_held(version.unit) else { return html! {} };
    let count = territory.under(Some(version.unit), day, Level::Commune).len();
    let names = |units: &[UnitId]| {
        let last = |unit: &UnitId| territory.unit(*unit).and_then(|unit| unit.last());
        let names: Vec<&str> =
            units.iter().filter_map(last).map(|last| last.full_name.as_str()).collect();
        names.join(", ")
    };
    let words = lang::unit::PartlyHeld {
        count: grouped(lang, i64::try_from(count).unwrap_or(i64::MAX)),
        held: names(&held.held),
        missing: names(&held.missing),
        day: short_day(held.until),
        name: &version.full_name,
    };
    notice(lang, &Notice::Note(lang::unit::partly_held(lang, words)))
}
