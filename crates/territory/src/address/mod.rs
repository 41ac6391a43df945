//! Addresses in free text, from the units of one day to those of another (*địa chỉ cũ, mới*).
//!
//! Never a guess: where the text leaves a doubt, the candidates are given, or the reason.

mod choose;
mod hamlets;
mod place;
mod readings;
mod say;
#[cfg(test)]
mod tests;
mod trail;
mod words;

use base::Day;

use crate::{Kind, Territory, UnitId};
use hamlets::Hamlet;
pub use place::Placed;
pub(crate) use place::{near, origin, path_near};
pub(crate) use say::at_least;

/// Longer texts are not read. Units: bytes.
const LONGEST: usize = 600;
/// More candidates are not given.
const MOST: usize = 20;

/// What became of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// What stands in front of the first unit, as written: house number and street.
    pub front: String,
    /// What was found.
    pub outcome: Outcome,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// One unit then, one unit on the target day, without doubt.
    Found(Candidate),
    /// Several, or one that is not certain: a person must choose.
    Ambiguous {
        /// At most 20.
        candidates: Vec<Candidate>,
        /// Whether there are more than these.
        more: bool,
        /// Why there is a doubt.
        doubt: Ambiguity,
    },
    /// Nothing that could be offered.
    Unknown {
        /// The units that were understood, from the smallest up.
        understood: Vec<UnitId>,
        /// Why it was not enough.
        reason: Reason,
    },
}

/// Why an address cannot be converted without a choice; [`Ambiguity::say`] puts it into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// Several units bear what is written; a fuller address would tell them apart.
    Homonyms,
    /// Several hamlets of one commune bear the name; what lies above them is the same.
    Hamlets,
    /// It is one unit, and its land lies in several of a later day: only the place itself decides.
    Divided,
    /// It is one unit, and it was formed from several of an earlier day.
    Formed,
    /// It is one unit, of which it is not certain that all of it lies in the one of that day.
    Uncertain,
}

/// A unit of the day of writing and the one of the target day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The deepest unit that was recognised, as of the day of writing.
    pub old: UnitId,
    /// The unit of the target day in which it lies; a hamlet stays the same unit.
    pub new: UnitId,
    /// Why, in the order of thought.
    pub why: Vec<Step>,
}

/// How a name was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// With its tones, in either way of placing them.
    WithTones,
    /// Without tones, so that other names may be meant.
    WithoutTones,
}

/// A reason for a candidate; [`Step::say`] puts it into words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the parts of the sentence")]
pub enum Step {
    /// The text names this unit, as it is called on the day of writing.
    Matched { unit: UnitId, spelling: Spelling, on: Day },
    /// The text also names this unit, in which the other lies.
    Within { unit: UnitId, on: Day },
    /// Several units fit what is written.
    Homonyms { count: usize },
    /// The commune is known, the hamlet of that name is not.
    HamletUnknown { written: String },
    /// Nothing changed between the two days.
    Unchanged { unit: UnitId, on: Day },
    /// It got another name.
    Renamed { unit: UnitId, from: String, to: String, on: Day, act: Option<i64> },
    /// It became another kind of unit.
    KindChanged { unit: UnitId, from: Kind, to: Kind, on: Day, act: Option<i64> },
    /// It passed to another parent.
    Moved { unit: UnitId, from: Option<UnitId>, to: Option<UnitId>, on: Day, act: Option<i64> },
    /// It ended as a whole in another unit.
    Merged { from: UnitId, into: UnitId, on: Day, act: Option<i64> },
    /// Its parts went to several units: the text does not say to which.
    Divided { unit: UnitId, into: Vec<UnitId>, on: Day, act: Option<i64> },
    /// Going back in time: it was formed from these.
    FormedFrom { unit: UnitId, from: Vec<UnitId>, on: Day, act: Option<i64> },
    /// It has no successor on its level; this unit of the target day lies above.
    Raised { from: UnitId, to: UnitId, on: Day },
}

/// Why an address could not be converted; [`Reason::say`] puts it into words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the parts of the sentence")]
pub enum Reason {
    /// The text is empty.
    Empty,
    /// The text is too long for an address.
    TooLong,
    /// The text names more places than an address does.
    TooMany,
    /// No commune is named.
    NoCommune,
    /// No unit bears this name.
    NotFound { written: String },
    /// Units of this name are of another kind.
    OtherKind { written: String, units: Vec<UnitId> },
    /// Units of this name were not there on the day of writing.
    OtherDay { written: String, units: Vec<UnitId> },
    /// Units of this name are written with other tones.
    OtherTones { written: String, units: Vec<UnitId> },
    /// What is named does not lie in one another.
    Contradiction,
}

/// Converts an address that was written by the units of day `on` to the units of day `to`.
///
/// Example: "P.III, TP Vị Thanh, HG" of 2024 is Phường Vị Thanh, Thành phố Cần Thơ of 2026.
#[must_use]
pub fn convert(territory: &Territory, text: &str, on: Day, to: Day) -> Conversion {
    let unknown = |reason| Conversion {
        front: String::new(),
        outcome: Outcome::Unknown { understood: Vec::new(), reason },
    };
    if text.len() > LONGEST {
        return unknown(Reason::TooLong);
    }
    let text = words::Text::read(text);
    if text.words.is_empty() {
        return unknown(Reason::Empty);
    }
    let Some(readings) = readings::readings(territory, &text, on) else {
        return unknown(Reason::TooMany);
    };
    let ways = choose::choose(territory, &text, &readings, on);
    let converting = Converting { territory, text: &text, on, to };
    if !ways.iter().any(|way| way.parts[0].is_some()) {
        return converting.without_commune(&ways, &readings);
    }
    converting.finish(&ways)
}

struct Converting<'a> {
    territory: &'a Territory,
    text: &'a words::Text,
    on: Day,
    to: Day,
}

/// A unit that the text can mean, with the reasons so far.
struct Meant {
    unit: UnitId,
    why: Vec<Step>,
}

impl Converting<'_> {
    fn without_commune(
        &self,
        ways: &[choose::Chosen<'_>],
        readings: &[readings::Reading],
    ) -> Conversion {
        let mut understood = Vec::new();
        if let [way] = ways
            && let [(unit, _)] = way.units[..]
        {
            understood.push(unit);
            let above = self.territory.ancestors(unit, self.on);
            understood.extend(above.iter().map(|version| version.unit));
        }
        let reason =
            if ways.is_empty() { choose::explain(self.text, readings) } else { Reason::NoCommune };
        Conversion { front: String::new(), outcome: Outcome::Unknown { understood, reason } }
    }

    fn finish(&self, ways: &[choose::Chosen<'_>]) -> Conversion {
        let mut spelled: Vec<(UnitId, Spelling)> = Vec::new();
        let mut way_of = Vec::new();
        for (at, way) in ways.iter().enumerate() {
            for hit in &way.units {
                if !spelled.iter().any(|(unit, _)| *unit == hit.0) {
                    spelled.push(*hit);
                    way_of.push((hit.0, at));
                }
            }
        }
        let units = best_spelled(spelled);
        let way = |unit: UnitId| {
            let at = way_of.iter().find(|(known, _)| *known == unit).map_or(0, |(_, at)| *at);
            &ways[at]
        };
        let mut first = ways.iter().flat_map(|way| way.parts.iter().flatten()).map(|r| r.begin);
        let mut begin = first.next().map_or(0, |one| first.fold(one, usize::min));
        let mut meant = Vec::new();
        let mut certain = units.len() == 1;
        for (unit, spelling) in &units {
            let mut why = vec![Step::Matched { unit: *unit, spelling: *spelling, on: self.on }];
            why.extend(self.within(*unit, way(*unit)));
            if units.len() > 1 {
                why.push(Step::Homonyms { count: units.len() });
            }
            meant.push(Meant { unit: *unit, why });
        }
        let mut doubt = Ambiguity::Homonyms;
        if let [commune] = &mut meant[..] {
            let (hamlets, at) = self.hamlet(commune, way(commune.unit));
            begin = begin.min(at.unwrap_or(begin));
            if !hamlets.is_empty() {
                (certain, meant, doubt) = (hamlets.len() == 1, hamlets, Ambiguity::Hamlets);
            }
        }
        let is_one = meant.len() == 1;
        let (mut candidates, exact, more) = self.candidates(meant);
        let front = self.text.words.get(begin).map_or("", |word| &self.text.cleaned[..word.begin]);
        let front = front.trim_end_matches([' ', ',', ';', '-', '(']).to_owned();
        if certain && exact && candidates.len() == 1 {
            return Conversion { front, outcome: Outcome::Found(candidates.remove(0)) };
        }
        if is_one {
            doubt = match candidates.len() {
                0 | 1 => Ambiguity::Uncertain,
                _ if self.on <= self.to => Ambiguity::Divided,
                _ => Ambiguity::Formed,
            };
        }
        Conversion { front, outcome: Outcome::Ambiguous { candidates, more, doubt } }
    }

    /// The larger units that the text names and that hold this one.
    fn within(&self, unit: UnitId, way: &choose::Chosen<'_>) -> Vec<Step> {
        let above = self.territory.ancestors(unit, self.on);
        let named = above.iter().filter(|version| {
            let hits = way.parts.iter().flatten().flat_map(|reading| &reading.hits);
            hits.into_iter().any(|(hit, _)| *hit == version.unit)
        });
        named.map(|version| Step::Within { unit: version.unit, on: self.on }).collect()
    }

    /// The hamlets that the text can mean in the commune, and the word where their name begins;
    /// says so in the commune's reasons when it names one that is not known.
    fn hamlet(&self, commune: &mut Meant, way: &choose::Chosen<'_>) -> (Vec<Meant>, Option<usize>) {
        match hamlets::find(self.territory, self.text, way, commune.unit, self.on) {
            Hamlet::Unnamed => (Vec::new(), None),
            // What is not known stays in front as it was written: whoever lives there knows it.
            Hamlet::Unknown(written) => {
                commune.why.push(Step::HamletUnknown { written });
                (Vec::new(), None)
            }
            Hamlet::Named(hamlets, at) => {
                let count = hamlets.len();
                let meant = hamlets.into_iter().map(|(unit, spelling)| {
                    let mut why = vec![Step::Matched { unit, spelling, on: self.on }];
                    why.push(Step::Within { unit: commune.unit, on: self.on });
                    why.extend(commune.why.iter().skip(1).cloned());
                    if count > 1 {
                        why.push(Step::Homonyms { count });
                    }
                    Meant { unit, why }
                });
                (meant.collect(), Some(at))
            }
        }
    }

    /// The meant units on the target day; whether all of them lie there as a whole, and whether
    /// there are more than are given.
    fn candidates(&self, meant: Vec<Meant>) -> (Vec<Candidate>, bool, bool) {
        let mut candidates = Vec::new();
        let mut exact = true;
        for Meant { unit, why } in meant {
            for landing in self.territory.landings(unit, self.to) {
                if candidates.len() == MOST {
                    return (candidates, false, true);
                }
                exact &= landing.exact && !landing.raised;
                let way = trail::trail(self.territory, (unit, self.on), (landing.unit, self.to));
                let why = why.iter().cloned().chain(way).collect();
                candidates.push(Candidate { old: unit, new: landing.unit, why });
            }
        }
        (candidates, exact, false)
    }
}

/// A name written with its tones means the unit with those tones; only where there is none can
/// others be meant.
fn best_spelled(units: Vec<(UnitId, Spelling)>) -> Vec<(UnitId, Spelling)> {
    let best = units.iter().map(|(_, spelling)| *spelling).min();
    units.into_iter().filter(|(_, spelling)| Some(*spelling) == best).collect()
}
