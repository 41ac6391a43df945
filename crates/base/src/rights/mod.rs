//! Who may do what where: what was granted to somebody, and the one question that is put to it.
//!
//! Rights are worked out once for whoever asks (in the area `access`) and then only asked. The
//! same [`Scope`] decides about one record and, as a condition of SQL, about the rows of a list.

mod acts;

use std::collections::{BTreeMap, BTreeSet};

pub use acts::{Act, DataClass, Ground, Kind};

use crate::{Error, Result};

/// Where something may be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// In the whole province, also with records that belong to no unit.
    pub everywhere: bool,
    /// With the records of these units.
    pub units: BTreeSet<i64>,
    /// With the records that the account itself made.
    pub own: bool,
}

/// What a record belongs to, as far as a right asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its unit; none of what belongs to the province.
    pub unit: Option<i64>,
    /// The account that made it; none where nobody has yet.
    pub maker: Option<&'a str>,
}

impl Place<'_> {
    /// What belongs to the province as a whole.
    pub const PROVINCE: Self = Self { unit: None, maker: None };

    /// What belongs to a unit and is new.
    #[must_use]
    pub const fn of(unit: i64) -> Self {
        Self { unit: Some(unit), maker: None }
    }
}

impl Scope {
    /// In the whole province.
    #[must_use]
    pub fn everywhere() -> Self {
        Self { everywhere: true, ..Self::default() }
    }

    /// Whether a record lies in it, for the account `who`.
    #[must_use]
    pub fn holds(&self, place: Place<'_>, who: &str) -> bool {
        self.everywhere
            || place.unit.is_some_and(|unit| self.units.contains(&unit))
            || self.own && place.maker == Some(who)
    }

    /// Whether nothing lies in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.everywhere && !self.own && self.units.is_empty()
    }

    /// What either of two scopes holds.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.everywhere |= other.everywhere;
        self.own |= other.own;
        self.units.extend(other.units);
        self
    }
}

/// What one person may do today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    granted: BTreeMap<Act, Scope>,
    purposes: BTreeMap<Act, BTreeSet<String>>,
    waiting: BTreeSet<Act>,
    is_operator: bool,
}

/// Those of whoever runs the machine and acts through the command line: nothing that stands in the
/// database could keep that person from it.
pub static OPERATOR: Rights = Rights::of_nobody(true);

/// Those of whoever is not signed in.
pub static NOBODY: Rights = Rights::NONE;

static NOTHING: Scope = Scope { everywhere: false, units: BTreeSet::new(), own: false };
static EVERYTHING: Scope = Scope { everywhere: true, units: BTreeSet::new(), own: false };

impl Rights {
    /// Those of nobody.
    pub const NONE: Self = Self::of_nobody(false);

    const fn of_nobody(is_operator: bool) -> Self {
        Self {
            granted: BTreeMap::new(),
            purposes: BTreeMap::new(),
            waiting: BTreeSet::new(),
            is_operator,
        }
    }

    /// Adds a grant to what there is.
    pub fn grant(&mut self, act: Act, scope: Scope) {
        let before = self.granted.remove(&act).unwrap_or_default();
        self.granted.insert(act, before.or(scope));
    }

    /// Adds purposes for which the data may be looked at that an act opens.
    pub fn allow_for(&mut self, act: Act, purposes: impl IntoIterator<Item = String>) {
        self.purposes.entry(act).or_default().extend(purposes);
    }

    /// The purposes for which the data may be looked at that an act opens; none where no purpose is
    /// asked for.
    pub fn purposes(&self, act: Act) -> impl Iterator<Item = &str> {
        self.purposes.get(&act).into_iter().flatten().map(String::as_str)
    }

    /// Whether they are those of whoever runs the machine.
    #[must_use]
    pub const fn is_operator(&self) -> bool {
        self.is_operator
    }

    /// Notes that an act was granted and waits for a second factor.
    pub fn hold_back(&mut self, act: Act) {
        self.waiting.insert(act);
    }

    /// Where an act may be done.
    #[must_use]
    pub fn scope(&self, act: Act) -> &Scope {
        if self.is_operator {
            return &EVERYTHING;
        }
        self.granted.get(&act).unwrap_or(&NOTHING)
    }

    /// Whether an act may be done anywhere at all.
    #[must_use]
    pub fn allow(&self, act: Act) -> bool {
        !self.scope(act).is_empty()
    }

    /// Whether an act was granted and waits for a second factor.
    #[must_use]
    pub fn waits(&self, act: Act) -> bool {
        !self.allow(act) && self.waiting.contains(&act)
    }

    /// The acts that may be done somewhere, in the order of the catalogue.
    pub fn acts(&self) -> impl Iterator<Item = Act> {
        Act::ALL.iter().copied().filter(|act| self.allow(*act))
    }
}

/// On whose behalf something is done, and what that one may do.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The account, as it stands in the journal.
    pub name: &'a str,
    /// What it may do.
    pub rights: &'a Rights,
}

impl<'a> Actor<'a> {
    /// Whoever runs the machine, or the program itself.
    #[must_use]
    pub fn operator(name: &'a str) -> Self {
        Self { name, rights: &OPERATOR }
    }

    /// Whether this one may do something with a record.
    #[must_use]
    pub fn may(self, act: Act, place: Place<'_>) -> bool {
        self.rights.scope(act).holds(place, self.name)
    }

    /// The one decision point: lets an act pass or says why not.
    ///
    /// Errors: `Refused` `access.no_right`; `access.other_unit` where the act is granted elsewhere;
    /// `access.factor_needed` where it waits for a second factor.
    pub fn check(self, act: Act, place: Place<'_>) -> Result<()> {
        match self.may(act, place) {
            true => Ok(()),
            false => Err(self.refusal(act)),
        }
    }

    /// Lets an act pass that is granted for some record; which one is checked when it is known.
    ///
    /// Errors: those of [`Self::check`].
    pub fn check_somewhere(self, act: Act) -> Result<()> {
        match self.rights.allow(act) {
            true => Ok(()),
            false => Err(self.refusal(act)),
        }
    }

    /// Why an act is refused.
    #[must_use]
    pub fn refusal(self, act: Act) -> Error {
        if self.rights.waits(act) {
            return Error::refused("access.factor_needed", move |lang| {
                lang::rights::factor_needed(lang, act.say(lang))
            });
        }
        match self.rights.allow(act) {
            true => Error::refused("access.other_unit", move |lang| {
                lang::rights::other_unit(lang, act.say(lang))
            }),
            false => Error::refused("access.no_right", move |lang| {
                lang::rights::no_right(lang, act.say(lang))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: &Error) -> &str {
        match error {
            Error::Refused { code, .. } => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_scope_holds_what_it_names_and_nothing_else() {
        let units = Scope { units: BTreeSet::from([3, 4]), ..Scope::default() };
        let own = Scope { own: true, ..Scope::default() };
        let by = |unit, maker| Place { unit, maker };
        for (scope, place, holds) in [
            (&NOTHING, by(Some(3), Some("an")), false),
            (&EVERYTHING, by(None, None), true),
            (&EVERYTHING, by(Some(9), None), true),
            (&units, by(Some(3), None), true),
            (&units, by(Some(5), Some("an")), false),
            (&units, by(None, None), false),
            (&own, by(Some(5), Some("an")), true),
            (&own, by(Some(5), Some("binh")), false),
            (&own, by(Some(5), None), false),
        ] {
            assert_eq!(scope.holds(place, "an"), holds, "{scope:?} {place:?}");
        }
    }

    #[test]
    fn whoever_was_granted_nothing_may_do_nothing() {
        let nobody = Actor { name: "an", rights: &NOBODY };
        for act in Act::ALL {
            assert!(!nobody.may(*act, Place::PROVINCE) && !nobody.may(*act, Place::of(1)));
            assert_eq!(code(&nobody.check_somewhere(*act).unwrap_err()), "access.no_right");
        }
        assert_eq!(nobody.rights.acts().count(), 0);
    }

    #[test]
    fn a_refusal_says_what_is_missing() {
        let mut rights = Rights::NONE;
        let units = Scope { units: BTreeSet::from([3]), ..Scope::default() };
        rights.grant(Act::ReportObservations, units);
        rights.hold_back(Act::ReadTrace);
        let an = Actor { name: "an", rights: &rights };
        an.check(Act::ReportObservations, Place::of(3)).unwrap();
        let codes = [
            (Act::ReportObservations, Place::of(4), "access.other_unit"),
            (Act::ReadTrace, Place::PROVINCE, "access.factor_needed"),
            (Act::Publish, Place::PROVINCE, "access.no_right"),
        ];
        for (act, place, expected) in codes {
            assert_eq!(code(&an.check(act, place).unwrap_err()), expected);
        }
    }

    #[test]
    fn grants_add_up() {
        let mut rights = Rights::NONE;
        for unit in [3, 4] {
            let units = Scope { units: BTreeSet::from([unit]), ..Scope::default() };
            rights.grant(Act::ReadObservations, units);
        }
        rights.grant(Act::ReadObservations, Scope { own: true, ..Scope::default() });
        let scope = rights.scope(Act::ReadObservations);
        assert!(scope.own && scope.units == BTreeSet::from([3, 4]) && !scope.everywhere);
    }

    #[test]
    fn words_of_acts_are_told_apart_and_begin_with_their_kind() {
        let words: BTreeSet<&str> = Act::ALL.iter().map(|act| act.as_str()).collect();
        assert_eq!(words.len(), Act::ALL.len());
        for act in Act::ALL {
            assert_eq!(Act::find(act.as_str()), Some(*act));
            let kind = format!("{:?}", act.kind()).to_lowercase();
            assert_eq!(act.as_str().split('.').next(), Some(kind.as_str()), "{act}");
        }
        assert_eq!(Act::find("observation.everything"), None);
    }
}
