//! What happened to a unit, in words.

use lang::Lang;

use super::{Event, Happening, Territory};
use crate::{Part, UnitCode, UnitId};

impl Event {
    /// The event as a sentence.
    #[must_use]
    pub fn say(&self, lang: Lang, territory: &Territory) -> String {
        let before = |unit: UnitId| territory.full_name(unit, self.on.plus(-1));
        let after = |unit: UnitId| territory.full_name(unit, self.on);
        let code = |code: &Option<UnitCode>| {
            code.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string)
        };
        let list = |parts: &[(UnitId, Part)], name: &dyn Fn(UnitId) -> String| {
            let one = |(unit, part): &(UnitId, Part)| match part {
                Part::Whole => name(*unit),
                _ => lang::history::part_of(lang, name(*unit)),
            };
            parts.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        match &self.what {
            Happening::FirstKnown => lang::history::first_known(lang).to_owned(),
            Happening::Established => lang::history::established(lang).to_owned(),
            Happening::FormedFrom(parts) => lang::history::formed_from(lang, list(parts, &before)),
            Happening::Renamed { from, to } => {
                lang::history::renamed(lang, lang::history::Renamed { from, to })
            }
            Happening::KindChanged { from, to } => lang::history::kind_changed(
                lang,
                lang::history::KindChanged { from: from.say(lang), to: to.say(lang) },
            ),
            Happening::Moved { from, to } => {
                let none = || lang::history::no_parent(lang).to_owned();
                let from = from.map_or_else(none, before);
                lang::history::moved(
                    lang,
                    lang::history::Moved { from, to: to.map_or_else(none, after) },
                )
            }
            Happening::Recoded { from, to } => lang::history::recoded(
                lang,
                lang::history::Recoded { from: code(from), to: code(to) },
            ),
            Happening::Unchanged => lang::history::unchanged(lang).to_owned(),
            Happening::MergedInto(unit) => lang::history::merged_into(lang, after(*unit)),
            Happening::DividedInto(parts) => {
                let names = |unit| after(unit);
                let units: Vec<String> = parts.iter().map(|(unit, _)| names(*unit)).collect();
                lang::history::divided_into(lang, units.join(", "))
            }
            Happening::LevelEnded => lang::history::level_ended(lang).to_owned(),
            Happening::Dissolved => lang::history::dissolved(lang).to_owned(),
            Happening::CodePassedTo(unit) => lang::history::code_passed(lang, after(*unit)),
            Happening::CodeTakenFrom(unit) => lang::history::code_taken(lang, before(*unit)),
        }
    }
}

impl Territory {
    /// The full name of a unit on a day, or the last one it had.
    #[must_use]
    pub fn full_name(&self, unit: UnitId, day: base::Day) -> String {
        let version = self.at(unit, day).or_else(|| self.unit(unit)?.last());
        version.map_or_else(|| unit.to_string(), |version| version.full_name.clone())
    }
}
