//! The unit that a clerk names: by code, or by name with the units above it behind commas.

use std::collections::HashSet;

use base::{Day, short_day};
use lang::Text;
use territory::pages::find_unit;
use territory::{Level, Match, Territory, UnitCode, UnitId, Version, address};

use super::super::say;
use super::super::view::View;

/// So many units are offered at once; of more, first the communes in which they lie.
const OFFERED: usize = 20;
/// More communes are not offered: their names must be typed.
const MOST_COMMUNES: usize = 300;

/// A unit that what was typed may mean: how it is sent back, and its name with those above it.
pub(crate) type Offered = (String, String);

/// Why a name does not lead to one unit, and what to choose from.
pub(crate) struct Unclear {
    pub(crate) text: Text,
    pub(crate) offered: Vec<Offered>,
}

/// What was typed and chosen, and what is wanted.
pub(crate) struct Wanted<'a> {
    pub(crate) typed: &'a str,
    /// What was chosen of the units that were offered before.
    pub(crate) chosen: &'a str,
    /// The level of the units that report the measure.
    pub(crate) level: Option<Level>,
    pub(crate) day: Day,
}

/// The one unit that is meant on the day, or what is unclear. A choice goes before what was typed.
pub(crate) fn find(view: &View, wanted: &Wanted<'_>) -> Result<UnitId, Unclear> {
    let finder = Finder { view, wanted };
    let (typed, chosen) = (wanted.typed.trim(), wanted.chosen.trim());
    for reference in [chosen, typed] {
        if let Ok(version) = find_unit(&view.territory, reference, wanted.day) {
            return finder.settle(version);
        }
    }
    if typed.is_empty() {
        return finder.none_typed();
    }
    let mut found = finder.named(true);
    if found.is_empty() {
        found = finder.named(false);
    }
    if found.is_empty() {
        found = finder.addressed();
    }
    match &found[..] {
        [] => Err(finder.nothing()),
        [one] => finder.settle(one),
        several => Err(finder.several(several)),
    }
}

struct Finder<'a> {
    view: &'a View,
    wanted: &'a Wanted<'a>,
}

impl<'a> Finder<'a> {
    fn territory(&self) -> &'a Territory {
        &self.view.territory
    }

    /// A unit that was found: itself, or, where units below it report, those of them that fit.
    fn settle(&self, version: &Version) -> Result<UnitId, Unclear> {
        let own = version.kind.level();
        let Some(level) = self.wanted.level.filter(|level| own < *level) else {
            return Ok(version.unit);
        };
        let all = self.territory().under(Some(version.unit), self.wanted.day, level);
        let inside: HashSet<UnitId> = all.iter().map(|version| version.unit).collect();
        let mut fitting = self.named(true);
        fitting.retain(|version| inside.contains(&version.unit));
        match &fitting[..] {
            [one] => Ok(one.unit),
            [] if all.is_empty() => Ok(version.unit),
            [] => Err(self.several(&all)),
            several => Err(self.several(several)),
        }
    }

    /// Units by name, each of the names behind commas that of a unit above it; those spelled
    /// exactly so before those that only begin so.
    fn named(&self, of_level: bool) -> Vec<&'a Version> {
        let Wanted { typed, level, day, .. } = *self.wanted;
        let territory = self.territory();
        let mut names = typed.split(',').map(str::trim).filter(|name| !name.is_empty());
        let Some(name) = names.next() else { return Vec::new() };
        let above: Vec<HashSet<UnitId>> = names
            .map(|name| {
                let found = territory.search(name, Some(day), usize::MAX);
                found.iter().map(|hit| hit.version.unit).collect()
            })
            .collect();
        let fits = |version: &Version| {
            let is_wanted = !of_level || level.is_none_or(|level| version.kind.level() == level);
            let ancestors = || territory.ancestors(version.unit, day);
            let lies = |units: &HashSet<UnitId>| {
                ancestors().iter().any(|above| units.contains(&above.unit))
            };
            is_wanted && above.iter().all(lies)
        };
        let mut hits = territory.search(name, Some(day), usize::MAX);
        hits.retain(|hit| fits(hit.version));
        let best = hits.first().map(|hit| hit.matched);
        if let Some(best) = best.filter(|best| *best != Match::Prefix) {
            hits.retain(|hit| hit.matched == best);
        }
        hits.into_iter().map(|hit| hit.version).collect()
    }

    /// Units as an address names them, with its abbreviations: "KV 4, P. Vị Tân".
    fn addressed(&self) -> Vec<&'a Version> {
        let Wanted { typed, day, .. } = *self.wanted;
        let territory = self.territory();
        let candidates = match address::convert(territory, typed, day, day).outcome {
            address::Outcome::Found(one) => vec![one],
            address::Outcome::Ambiguous { candidates, .. } => candidates,
            address::Outcome::Unknown { .. } => Vec::new(),
        };
        candidates.iter().filter_map(|one| territory.at(one.old, day)).collect()
    }

    /// Nothing was typed: the communes to begin with.
    fn none_typed(&self) -> Result<UnitId, Unclear> {
        let day = self.wanted.day;
        let level = self.wanted.level.unwrap_or(Level::Hamlet);
        let communes = self.territory().under(None, day, Level::Commune);
        let holds = |commune: &&Version| {
            level == Level::Commune
                || !self.territory().under(Some(commune.unit), day, level).is_empty()
        };
        let mut communes: Vec<&Version> = communes.into_iter().filter(holds).collect();
        // Of a whole nation nobody picks a commune from a list.
        communes.truncate(if communes.len() > MOST_COMMUNES { 0 } else { MOST_COMMUNES });
        let offered = communes.into_iter().map(|version| self.offer(version)).collect();
        Err(Unclear { text: Text::new(lang::observations::no_unit_typed), offered })
    }

    fn nothing(&self) -> Unclear {
        let (typed, day) = (self.wanted.typed.trim().to_owned(), self.wanted.day);
        let typed: String = typed.chars().take(80).collect();
        let example = example(self.view, self.wanted.level, day);
        let text = Text::new(move |lang| {
            lang::observations::unit_not_found(
                lang,
                lang::observations::UnitNotFound {
                    day: short_day(day),
                    example: example.clone(),
                    typed: typed.clone(),
                },
            )
        });
        Unclear { text, offered: Vec::new() }
    }

    /// The units themselves, or the communes in which they lie where they are too many.
    fn several(&self, units: &[&Version]) -> Unclear {
        let day = self.wanted.day;
        let count = units.len();
        let within_one = units.iter().all(|version| version.parent == units[0].parent);
        if count <= OFFERED || within_one {
            let offered = units.iter().map(|version| self.offer(version)).collect();
            return Unclear { text: Text::new(lang::observations::several_units), offered };
        }
        let mut communes: Vec<UnitId> = units
            .iter()
            .filter_map(|version| {
                let chain = self.territory().ancestors(version.unit, day);
                let above = chain.iter().find(|above| above.kind.level() == Level::Commune);
                above.or_else(|| chain.first()).map(|above| above.unit)
            })
            .collect();
        communes.sort_unstable();
        communes.dedup();
        let example = example(self.view, self.wanted.level, day);
        let text = Text::new(move |lang| {
            let example = example.clone();
            lang::observations::many_units(lang, lang::observations::ManyUnits { count, example })
        });
        let communes = communes.into_iter().filter_map(|unit| self.territory().at(unit, day));
        let mut communes: Vec<&Version> = communes.collect();
        communes.sort_by_cached_key(|version| base::text::sort_key(&version.name));
        let is_too_many = communes.len() > MOST_COMMUNES;
        let communes = communes.into_iter().filter(|_| !is_too_many);
        Unclear { text, offered: communes.map(|version| self.offer(version)).collect() }
    }

    /// "Ấp 8, Xã Xà Phiên (3145003)".
    fn offer(&self, version: &Version) -> Offered {
        let code = version.code.as_ref().map(UnitCode::to_string);
        let reference = code.clone().unwrap_or_else(|| format!("~{}", version.unit));
        let above =
            version.parent.map(|parent| self.territory().full_name(parent, self.wanted.day));
        let name = say::label(self.view, version);
        let name = match above {
            Some(above) => format!("{name}, {above}"),
            None => name,
        };
        (reference, code.map_or_else(|| name.clone(), |code| format!("{name} ({code})")))
    }
}

/// A unit of the territory in use as it can be typed: "Ấp 1, Xã Vị Thủy".
pub(crate) fn example(view: &View, level: Option<Level>, day: Day) -> String {
    let territory = &view.territory;
    let level = level.unwrap_or(Level::Hamlet);
    let units = territory.under(None, day, level);
    let Some(first) = units.first() else { return "–".to_owned() };
    let above = first.parent.map(|parent| territory.full_name(parent, day));
    match above {
        Some(above) => format!("{}, {above}", first.full_name),
        None => first.full_name.clone(),
    }
}
