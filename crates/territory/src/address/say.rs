//! Steps and reasons in words.

use base::{Day, short_day};
use lang::Lang;

use super::{Ambiguity, Reason, Spelling, Step, near, path_near};
use crate::{Territory, UnitId};

impl Step {
    /// The step as a sentence.
    #[must_use]
    pub fn say(&self, lang: Lang, territory: &Territory) -> String {
        let name = |unit: &UnitId, on: &Day| name_on(territory, *unit, *on);
        let before = |unit: &UnitId, on: &Day| name_on(territory, *unit, on.plus(-1));
        let by = |on: &Day, act: &Option<i64>| by(lang, territory, *on, *act);
        let list = |units: &[UnitId], on: Day| {
            let names = units.iter().map(|unit| name_on(territory, *unit, on));
            names.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Matched { unit, spelling: Spelling::WithTones, on } => {
                lang::address::matched(lang, name(unit, on))
            }
            Self::Matched { unit, spelling: Spelling::WithoutTones, on } => {
                lang::address::matched_without_tones(lang, name(unit, on))
            }
            Self::Within { unit, on } => lang::address::within(lang, name(unit, on)),
            Self::Homonyms { count } => lang::address::homonyms(lang, count),
            Self::HamletUnknown { written } => lang::address::hamlet_unknown(lang, written),
            Self::Unchanged { unit, on } => lang::address::unchanged(lang, name(unit, on)),
            Self::Renamed { from, to, on, act, .. } => {
                lang::address::renamed(lang, lang::address::Renamed { by: by(on, act), from, to })
            }
            Self::KindChanged { unit, from, to, on, act } => lang::address::kind_changed(
                lang,
                lang::address::KindChanged {
                    by: by(on, act),
                    from: from.say(lang),
                    name: name(unit, on),
                    to: to.say(lang),
                },
            ),
            Self::Moved { unit, from, to, on, act } => {
                let from = from.map_or_else(String::new, |from| before(&from, on));
                let to = to.map_or_else(String::new, |to| name(&to, on));
                lang::address::moved(
                    lang,
                    lang::address::Moved { by: by(on, act), from, name: name(unit, on), to },
                )
            }
            Self::Merged { from, into, on, act } => lang::address::merged(
                lang,
                lang::address::Merged {
                    by: by(on, act),
                    from: before(from, on),
                    into: name(into, on),
                },
            ),
            Self::Divided { unit, into, on, act } => lang::address::divided(
                lang,
                lang::address::Divided {
                    by: by(on, act),
                    into: list(into, *on),
                    name: before(unit, on),
                },
            ),
            Self::FormedFrom { unit, from, on, act } => {
                let from = list(from, on.plus(-1));
                lang::address::formed_from(
                    lang,
                    lang::address::FormedFrom { by: by(on, act), from, name: name(unit, on) },
                )
            }
            Self::Raised { from, to, on } => lang::address::raised(
                lang,
                lang::address::Raised { from: name(from, on), to: name(to, on) },
            ),
        }
    }
}

impl Ambiguity {
    /// How many candidates there are, and what would tell them apart; `more` says that there are
    /// more than that.
    #[must_use]
    pub fn say(self, lang: Lang, count: usize, more: bool) -> String {
        let count = at_least(lang, count, more);
        match self {
            Self::Homonyms => lang::address::several(lang, count),
            Self::Hamlets => lang::address::several_hamlets(lang, count),
            Self::Divided => lang::address::several_parts(lang, count),
            Self::Formed => lang::address::several_origins(lang, count),
            Self::Uncertain => lang::address::uncertain(lang).to_owned(),
        }
    }
}

/// "20", or "ít nhất 20" where there are more.
pub(crate) fn at_least(lang: Lang, count: usize, more: bool) -> String {
    if more { lang::address::at_least(lang, count) } else { count.to_string() }
}

impl Reason {
    /// The reason as a sentence that says what to do; units that may have been meant are named as
    /// on the target day, or as near to it as they were there.
    #[must_use]
    pub fn say(&self, lang: Lang, territory: &Territory, to: Day) -> String {
        let list = |units: &[UnitId]| {
            let paths = units.iter().map(|unit| path_near(territory, *unit, to));
            paths.collect::<Vec<_>>().join("; ")
        };
        match self {
            Self::Empty => lang::address::empty(lang).to_owned(),
            Self::TooLong => lang::address::too_long(lang).to_owned(),
            Self::TooMany => lang::address::too_many(lang).to_owned(),
            Self::NoCommune => lang::address::no_commune(lang).to_owned(),
            Self::NotFound { written } => lang::address::not_found(lang, written),
            Self::OtherKind { written, units } => lang::address::other_kind(
                lang,
                lang::address::OtherKind { units: list(units), written },
            ),
            Self::OtherDay { written, units } => lang::address::other_day(
                lang,
                lang::address::OtherDay { units: list(units), written },
            ),
            Self::OtherTones { written, units } => lang::address::other_tones(
                lang,
                lang::address::OtherTones { units: list(units), written },
            ),
            Self::Contradiction => lang::address::contradiction(lang).to_owned(),
        }
    }
}

fn by(lang: Lang, territory: &Territory, on: Day, act: Option<i64>) -> String {
    match act.and_then(|act| territory.act(act)) {
        Some(act) => lang::address::by_act(
            lang,
            lang::address::ByAct { act: &act.number, day: short_day(on) },
        ),
        None => lang::address::by_day(lang, short_day(on)),
    }
}

/// The full name of a unit on a day, or as near to it as it was there.
fn name_on(territory: &Territory, unit: UnitId, day: Day) -> String {
    near(territory, unit, day).map_or_else(String::new, |version| version.full_name.clone())
}
