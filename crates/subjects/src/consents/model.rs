//! A consent as it stands.

use base::Moment;
use lang::Lang;
use territory::UnitId;

use crate::Channel;

named! {
    /// How a consent stands.
    State {
        /// It is given.
        Given = "given",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
        /// Withdrawn, and its personal data erased.
        Erased = "erased",
    }
}

impl State {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Given => lang::consents::state_given(lang),
            Self::Withdrawn => lang::consents::state_withdrawn(lang),
            Self::Erased => lang::consents::state_erased(lang),
        }
    }

    /// Why it came to be, for the journal.
    pub(crate) const fn cause(self) -> &'static str {
        match self {
            Self::Given => "consents.give",
            Self::Withdrawn => "consents.withdraw",
            Self::Erased => "consents.erase",
        }
    }
}

/// Whether a state can come of another; for proving what is stored.
#[must_use]
pub fn can_follow(before: Option<State>, after: State) -> bool {
    matches!(
        (before, after),
        (None, State::Given)
            | (Some(State::Given), State::Withdrawn)
            | (Some(State::Withdrawn), State::Erased)
    )
}

/// A version of a consent. Nothing in it tells of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The id.
    pub id: String,
    /// 1, 2, 3.
    pub version: i64,
    /// The code of what it is for.
    pub purpose: String,
    /// The number of the text that was read.
    pub text_version: i64,
    /// In which language.
    pub lang: String,
    /// The hash of the words themselves.
    pub text_hash: Vec<u8>,
    /// By which way it was given.
    pub channel: Channel,
    /// How it stands.
    pub state: State,
    /// When this version was made.
    pub at: Moment,
    /// By whom.
    pub actor: String,
    /// When it was given.
    pub given_at: Moment,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Moment>,
    /// By which way.
    pub withdrawn_by: Option<Channel>,
    /// What the personal fields come to.
    pub facts: Vec<u8>,
    /// The commune whose desk took it; none for the province's.
    pub unit: Option<UnitId>,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

impl Version {
    /// What the journal covers.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let numbers =
            [self.version, self.text_version, self.at.0, self.given_at.0, i64::from(self.made_up)];
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        let withdrawn = self.withdrawn_at.map_or(String::new(), |at| at.0.to_string());
        let unit = self.unit.map(|unit| unit.0.to_be_bytes());
        let mut fields: Vec<&[u8]> = match &unit {
            None => vec![b"sogoc consent 1"],
            Some(unit) => vec![b"sogoc consent 2", unit],
        };
        fields.extend([
            self.id.as_bytes(),
            &numbers,
            self.purpose.as_bytes(),
            self.lang.as_bytes(),
            &self.text_hash,
            self.channel.as_str().as_bytes(),
            self.state.as_str().as_bytes(),
            self.actor.as_bytes(),
            withdrawn.as_bytes(),
            self.withdrawn_by.map_or("", Channel::as_str).as_bytes(),
            &self.facts,
        ]);
        journal::content_hash(&fields)
    }
}
