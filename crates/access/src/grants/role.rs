//! Roles and purposes, as packs declare them: readable, dated, with the document that gives the power.

use std::collections::BTreeSet;

use base::rights::{Act, DataClass, Ground};
use base::{Day, DayRange, Words};
use lang::{Lang, Text};
use serde::{Deserialize, Serialize};

/// The role of whoever sets the program up: everything but personal data. It is part of the program,
/// so that somebody can give the first of the others.
pub const ADMINISTRATOR: &str = "administrator";

/// How far a grant reaches (*phạm vi*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The records that one made oneself.
    Own,
    /// Those of the agency's unit.
    Unit,
    /// Those of the unit and of all below it.
    Subtree,
    /// All records of the province.
    Province,
}

impl Reach {
    /// As packs write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Unit => "unit",
            Self::Subtree => "subtree",
            Self::Province => "province",
        }
    }

    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Own => lang::rights::reach_own(lang),
            Self::Unit => lang::rights::reach_unit(lang),
            Self::Subtree => lang::rights::reach_subtree(lang),
            Self::Province => lang::rights::reach_province(lang),
        }
    }
}

/// For what personal data is looked at (*mục đích*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The code.
    pub code: String,
    /// The name.
    pub name: Words,
    /// The law or decision that it rests on.
    pub document: Words,
    /// The words of the acts for which it may be named, `person.read`. Packs name them; what was
    /// declared before they did may be named for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<String>,
}

impl Purpose {
    /// Whether it may be named for what an act opens.
    #[must_use]
    pub fn fits(&self, act: Act) -> bool {
        self.acts.is_empty() || self.acts.iter().any(|word| word == act.as_str())
    }

    /// What is wrong with it, with the key of the pack's file where it stands.
    #[must_use]
    pub fn mistakes(&self) -> Vec<(&'static str, Text)> {
        let unknown = self.acts.iter().filter(|word| Act::find(word).is_none()).cloned();
        let unknown =
            unknown.map(|word| Text::new(move |lang| lang::rights::unknown_act(lang, &word)));
        let none = self.acts.is_empty().then(|| Text::new(lang::rights::no_acts));
        none.into_iter().chain(unknown).map(|text| ("acts", text)).collect()
    }
}

/// One line of a role: acts that it may do, how far, and by which document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The words of the acts, `observation.report`.
    pub acts: Vec<String>,
    /// How far.
    pub reach: Reach,
    /// The highest class of data that is opened by it: `internal`, `personal`, `sensitive`.
    pub data: String,
    /// The codes of the purposes for which personal data may be looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
    /// The first day.
    pub from: String,
    /// The last day; none while it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The document that gives the power.
    pub document: Words,
}

impl Grant {
    /// The acts that this program knows.
    pub fn acts(&self) -> impl Iterator<Item = Act> {
        self.acts.iter().filter_map(|word| Act::find(word))
    }

    /// When it is in force; never where its days cannot be read.
    #[must_use]
    pub fn valid(&self) -> DayRange {
        let from = self.from.parse().unwrap_or(Day::MAX);
        let to = match &self.until {
            None => Day::MAX,
            Some(until) => until.parse::<Day>().map_or(from, |last| last.plus(1)),
        };
        DayRange { from, to }
    }
}

/// What a role may do (*vai trò*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The code.
    pub code: String,
    /// The name.
    pub name: Words,
    /// Whom it is for.
    pub about: Words,
    /// Its grants.
    pub grants: Vec<Grant>,
}

impl Role {
    /// The role of [`ADMINISTRATOR`].
    #[must_use]
    pub fn administrator() -> Self {
        let words = |say: fn(Lang) -> &'static str| Words {
            vi: say(Lang::Vietnamese).to_owned(),
            en: say(Lang::English).to_owned(),
            km: say(Lang::Khmer).to_owned(),
        };
        let acts = Act::ALL.iter().filter(|act| act.class() == DataClass::Internal);
        let grant = Grant {
            acts: acts.map(|act| act.as_str().to_owned()).collect(),
            reach: Reach::Province,
            data: DataClass::Internal.as_str().to_owned(),
            purposes: Vec::new(),
            from: "1945-09-02".to_owned(),
            until: None,
            document: words(lang::rights::administrator_document),
        };
        Self {
            code: ADMINISTRATOR.to_owned(),
            name: words(lang::rights::administrator),
            about: words(lang::rights::administrator_about),
            grants: vec![grant],
        }
    }

    /// Whether it opens personal data or gives power, so that whoever has it proves more than a
    /// password.
    #[must_use]
    pub fn wants_second_factor(&self) -> bool {
        let mut acts = self.grants.iter().flat_map(Grant::acts);
        acts.any(Act::wants_second_factor)
    }

    /// What is wrong with the grants, each with the key of the pack's file where it stands.
    #[must_use]
    pub fn mistakes<'a>(
        &self,
        purpose: impl Fn(&str) -> Option<&'a Purpose>,
    ) -> Vec<(&'static str, Text)> {
        let mut mistakes = Vec::new();
        if self.code == ADMINISTRATOR {
            mistakes.push(("code", Text::new(lang::rights::code_taken)));
        }
        if self.grants.is_empty() {
            mistakes.push(("grants", Text::new(lang::rights::no_grants)));
        }
        for grant in &self.grants {
            grant.find_mistakes(&purpose, &mut mistakes);
        }
        mistakes
    }
}

impl Grant {
    fn find_mistakes<'a>(
        &self,
        purpose: &impl Fn(&str) -> Option<&'a Purpose>,
        mistakes: &mut Vec<(&'static str, Text)>,
    ) {
        let mut add = |key, text: Text| mistakes.push((key, text));
        if self.acts.is_empty() {
            add("acts", Text::new(lang::rights::no_acts));
        }
        for word in self.acts.iter().filter(|word| Act::find(word).is_none()) {
            let word = word.clone();
            add("acts", Text::new(move |lang| lang::rights::unknown_act(lang, &word)));
        }
        let data = DataClass::find(&self.data);
        if data.is_none() {
            add("data", Text::new(lang::rights::unknown_class));
        }
        for act in self.acts() {
            if data.is_some_and(|data| data < act.class()) {
                add("data", Text::new(move |lang| lang::rights::class_too_low(lang, act.as_str())));
            }
            if act.ground() == Ground::Whole && self.reach != Reach::Province {
                let text = move |lang| lang::rights::only_province(lang, act.as_str());
                add("reach", Text::new(text));
            }
        }
        if data.is_some_and(|data| data > DataClass::Internal) == self.purposes.is_empty() {
            add("purposes", Text::new(lang::rights::purposes_wanted));
        }
        let named: BTreeSet<&String> = self.purposes.iter().collect();
        for code in named {
            let word = code.clone();
            match purpose(code) {
                None => {
                    let text = move |lang| lang::rights::unknown_purpose(lang, &word);
                    add("purposes", Text::new(text));
                }
                Some(purpose) if self.acts().any(|act| purpose.fits(act)) => {}
                Some(_) => {
                    let text = move |lang| lang::rights::purpose_elsewhere(lang, &word);
                    add("purposes", Text::new(text));
                }
            }
        }
        let from = self.from.parse::<Day>();
        if from.is_err() {
            add("from", Text::new(lang::error::bad_day));
        }
        match self.until.as_ref().map(|until| until.parse::<Day>()) {
            Some(Err(_)) => add("until", Text::new(lang::error::bad_day)),
            Some(Ok(until)) if from.is_ok_and(|from| until < from) => {
                add("until", Text::new(lang::rights::ends_before));
            }
            _ => {}
        }
        if self.document.vi.trim().is_empty() {
            add("document", Text::new(lang::rights::no_document));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_opens_no_personal_data() {
        let role = Role::administrator();
        // It gives power to others, so that a password alone does not do it.
        assert!(role.wants_second_factor());
        for act in Act::ALL {
            let has = role.grants[0].acts().any(|it| it == *act);
            assert_eq!(has, !act.class().wants_second_factor(), "{act}");
        }
    }
}
