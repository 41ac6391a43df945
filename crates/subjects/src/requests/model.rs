//! A request as it stands after each of its steps.

use base::{Day, Moment};
use territory::UnitId;

use crate::Channel;

named! {
    /// How far a request has come.
    State {
        /// It is there, and nobody has answered yet.
        Received = "received",
        /// Whoever asks was told what happens with it.
        Answered = "answered",
        /// It is decided, and what was decided is to be carried out.
        Decided = "decided",
        /// Nothing more is to be done.
        Closed = "closed",
        /// The time of its personal data is over: they are gone.
        Erased = "erased",
    }
}

named! {
    /// What was done by a version.
    StepKind {
        /// It came.
        Receive = "receive",
        /// Somebody checked who asks.
        Identify = "identify",
        /// The first answer.
        Answer = "answer",
        /// Another desk has it now.
        Forward = "forward",
        /// More time, with a reason.
        Extend = "extend",
        /// The decision, with its reason.
        Decide = "decide",
        /// It was carried out.
        Close = "close",
        /// Whoever asked does not want it any more.
        Withdraw = "withdraw",
        /// Its personal data were erased.
        Erase = "erase",
    }
}

named! {
    /// Whether the one who asks is who they say.
    Identity {
        /// Nobody has checked.
        Unchecked = "unchecked",
        /// Yes.
        Confirmed = "confirmed",
        /// It could not be confirmed.
        Failed = "failed",
    }
}

named! {
    /// How it was checked.
    How {
        /// By an identity card or a passport.
        Card = "card",
        /// By an electronic identity.
        Electronic = "electronic",
        /// By a certified copy.
        Certified = "certified",
        /// By an authorisation or as the parent of a child.
        Representative = "representative",
    }
}

named! {
    /// What was decided.
    Outcome {
        /// All of it.
        Granted = "granted",
        /// A part of it.
        Partly = "partly",
        /// None of it.
        Refused = "refused",
        /// Nothing: whoever asked took it back.
        Withdrawn = "withdrawn",
    }
}

impl State {
    /// Whether somebody must still do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Answered | Self::Decided)
    }
}

/// How a request stands: what steps change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub state: State,
    /// Whether the one who asks is who they say.
    pub identity: Identity,
    /// How that was checked.
    pub how: Option<How>,
    /// The last day for the first answer; none while the calendar of its year is not known.
    pub answer_due: Option<Day>,
    /// The last day for carrying it out; none as above.
    pub complete_due: Option<Day>,
    /// When it was answered first.
    pub answered_at: Option<Moment>,
    /// How often more time was taken.
    pub extensions: i64,
    /// What was decided.
    pub outcome: Option<Outcome>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
}

impl Standing {
    /// As a request stands when it comes.
    #[must_use]
    pub const fn new(answer_due: Option<Day>, complete_due: Option<Day>) -> Self {
        Self {
            state: State::Received,
            identity: Identity::Unchecked,
            how: None,
            answer_due,
            complete_due,
            answered_at: None,
            extensions: 0,
            outcome: None,
            closed_at: None,
        }
    }

    /// The next last day of what is open.
    #[must_use]
    pub fn next_due(&self) -> Option<Day> {
        match (self.state.is_open(), self.answered_at) {
            (false, _) => None,
            (true, Some(_)) => self.complete_due,
            (true, None) => {
                let (answer, complete) = (self.answer_due?, self.complete_due);
                Some(complete.map_or(answer, |complete| complete.min(answer)))
            }
        }
    }
}

/// A version of a request. Nothing in it tells of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The id.
    pub id: String,
    /// 1, 2, 3, …
    pub version: i64,
    /// The year in which it came.
    pub year: i64,
    /// Its number in the year.
    pub number: i64,
    /// The code of its kind.
    pub kind: String,
    /// By which way it came.
    pub channel: Channel,
    /// What made this version.
    pub step: StepKind,
    /// When that was.
    pub at: Moment,
    /// Who did it.
    pub actor: String,
    /// When the request came.
    pub received_at: Moment,
    /// How it stands.
    pub standing: Standing,
    /// The law that a decision names; empty until then.
    pub law: String,
    /// What the personal fields come to.
    pub facts: Vec<u8>,
    /// What the words of this step come to; empty without any.
    pub words: Vec<u8>,
    /// The commune whose desk has it; none for the province's.
    pub unit: Option<UnitId>,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

impl Version {
    /// As people speak of it: "12/2026".
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/{}", self.number, self.year)
    }

    /// What the journal covers.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let day = |day: Option<Day>| day.map_or(String::new(), |day| day.to_string());
        let moment = |at: Option<Moment>| at.map_or(String::new(), |at| at.0.to_string());
        let it = &self.standing;
        let numbers = [
            self.version,
            self.year,
            self.number,
            self.at.0,
            self.received_at.0,
            it.extensions,
            i64::from(self.made_up),
        ];
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        let texts = [
            day(it.answer_due),
            day(it.complete_due),
            moment(it.answered_at),
            moment(it.closed_at),
        ];
        let unit = self.unit.map(|unit| unit.0.to_be_bytes());
        // Requests of before there were desks belong to the province, by the hash that they have.
        let mut fields: Vec<&[u8]> = match &unit {
            None => vec![b"sogoc request 1"],
            Some(unit) => vec![b"sogoc request 2", unit],
        };
        fields.extend([self.id.as_bytes(), &numbers]);
        fields.extend(texts.iter().map(|text| text.as_bytes()));
        let names = [
            self.channel.as_str(),
            self.step.as_str(),
            it.state.as_str(),
            it.identity.as_str(),
            it.how.map_or("", How::as_str),
            it.outcome.map_or("", Outcome::as_str),
        ];
        fields.extend(names.iter().map(|name| name.as_bytes()));
        fields.extend([self.kind.as_bytes(), self.actor.as_bytes(), self.law.as_bytes()]);
        fields.extend([&self.facts[..], &self.words[..]]);
        journal::content_hash(&fields)
    }
}
