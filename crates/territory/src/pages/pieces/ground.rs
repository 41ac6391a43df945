//! Where a page of units stands, and what on it was made up.

use base::{Day, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::Ground;
use web::pieces::{Badge, badge};

use crate::address::origin;
use crate::{Atlas, Level, Territory, UnitId, Version};

/// The map of a day, and what was made up of what a page shows of it: all of it, or one unit with
/// what lies below.
pub(crate) fn map_ground(
    lang: Lang,
    territory: &Territory,
    day: Day,
    under: Option<UnitId>,
) -> Ground {
    let line = lang::web::standing_map(lang, short_day(day));
    MadeUp::on(territory, day, under).ground(lang, vec![line])
}

/// Today's map, for pages that change it and show nothing of it themselves.
pub(crate) fn ground_of_today(lang: Lang, atlas: &Atlas) -> Ground {
    let today = short_day(atlas.clock().today());
    Ground { lines: vec![lang::web::standing_map(lang, today)], made_up: false }
}

/// What was made up of that which a page shows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MadeUp {
    hamlets: bool,
    others: bool,
    outlines: bool,
}

impl MadeUp {
    /// What was made up on the map of a day: all of it, or one unit with what lies below.
    pub(crate) fn on(territory: &Territory, day: Day, under: Option<UnitId>) -> Self {
        let is_shown = |unit: UnitId| {
            let within = under.is_none_or(|under| territory.is_within(unit, under, day));
            within && territory.at(unit, day).is_some()
        };
        let mut made_up = Self::default();
        for unit in territory.units().iter().filter(|unit| unit.made_up) {
            let known = if unit.level == Level::Hamlet {
                &mut made_up.hamlets
            } else {
                &mut made_up.others
            };
            *known = *known || is_shown(unit.id);
        }
        let mut sketches = territory.outlines().iter().filter(|outline| outline.schematic);
        made_up.outlines =
            sketches.any(|outline| territory.is_drawn(outline, day) && is_shown(outline.unit));
        made_up
    }

    /// Which units of the map of a day were made up, wherever its outlines come from.
    pub(crate) fn units_on(territory: &Territory, day: Day) -> Self {
        Self { outlines: false, ..Self::on(territory, day, None) }
    }

    /// What was made up of these units.
    pub(crate) fn of(territory: &Territory, units: impl IntoIterator<Item = UnitId>) -> Self {
        let mut made_up = Self::default();
        let units = units.into_iter().filter_map(|unit| territory.unit(unit));
        for unit in units.filter(|unit| unit.made_up) {
            made_up.hamlets |= unit.level == Level::Hamlet;
            made_up.others |= unit.level != Level::Hamlet;
        }
        made_up
    }

    /// What was made up here or there.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self {
            hamlets: self.hamlets || other.hamlets,
            others: self.others || other.others,
            outlines: self.outlines || other.outlines,
        }
    }

    /// Where a page stands that shows this. What was made up is named last, before its flag.
    pub(crate) fn ground(self, lang: Lang, mut lines: Vec<String>) -> Ground {
        let named = [
            (self.hamlets, lang::units::made_up_hamlets(lang)),
            (self.others, lang::units::made_up_others(lang)),
            (self.outlines, lang::units::made_up_outlines(lang)),
        ];
        let named: Vec<&str> = named.into_iter().filter(|(is, _)| *is).map(|it| it.1).collect();
        if !named.is_empty() {
            lines.push(lang::units::ground_made_up(lang, named.join("; ")));
        }
        Ground { lines, made_up: !named.is_empty() }
    }
}

/// A flag beside the name of a unit that was made up; nothing beside others.
pub(crate) fn made_up_badge(lang: Lang, territory: &Territory, unit: UnitId) -> Markup {
    let made_up = territory.unit(unit).is_some_and(|unit| unit.made_up);
    html! { @if made_up { " " (badge(lang, Badge::MadeUp)) } }
}

/// Below the name of a hamlet, the commune in which it was first known, where that is another than
/// the one around it: tells "Ấp 1" from "Ấp 1".
pub(crate) fn first_known_in(lang: Lang, territory: &Territory, version: &Version) -> Markup {
    let first = origin(territory, version.unit);
    let first = first.filter(|first| Some(first.unit) != version.parent);
    html! {
        @if let Some(first) = first {
            br;
            span.quiet { (lang::converter::first_in(lang, &first.full_name)) }
        }
    }
}
