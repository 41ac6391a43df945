//! Where a page of units stands, and what on it was made up.

use base::{Day, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::Ground;
use web::pieces::{Badge, badge};

use crate::{Atlas, Territory, UnitId};

/// The map of a day, and whether something made up lies in what a page shows of it: all of it, or
/// one unit with what lies below.
pub(crate) fn map_ground(
    lang: Lang,
    territory: &Territory,
    day: Day,
    under: Option<UnitId>,
) -> Ground {
    Ground {
        lines: vec![lang::web::standing_map(lang, short_day(day))],
        made_up: shows_made_up(territory, day, under),
    }
}

/// Today's map, for pages that change it and show nothing of it themselves.
pub(crate) fn ground_of_today(lang: Lang, atlas: &Atlas) -> Ground {
    let today = short_day(atlas.clock().today());
    Ground { lines: vec![lang::web::standing_map(lang, today)], made_up: false }
}

/// Whether a unit of the map, or an outline drawn on it, was made up.
pub(crate) fn shows_made_up(territory: &Territory, day: Day, under: Option<UnitId>) -> bool {
    let is_shown = |unit: UnitId| {
        let within = under.is_none_or(|under| territory.is_within(unit, under, day));
        within && territory.at(unit, day).is_some()
    };
    let mut units = territory.units().iter().filter(|unit| unit.made_up);
    let mut outlines = territory.outlines().iter().filter(|outline| outline.schematic);
    units.any(|unit| is_shown(unit.id))
        || outlines.any(|outline| territory.is_drawn(outline, day) && is_shown(outline.unit))
}

/// A flag beside the name of a unit that was made up; nothing beside others.
pub(crate) fn made_up_badge(lang: Lang, territory: &Territory, unit: UnitId) -> Markup {
    let made_up = territory.unit(unit).is_some_and(|unit| unit.made_up);
    html! { @if made_up { " " (badge(lang, Badge::MadeUp)) } }
}
