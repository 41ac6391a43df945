//! What is recorded of a sheet (*phiếu số liệu*): the figures of one unit for one period of a collection.

use base::{Day, DayRange};
use lang::Lang;
use territory::UnitId;

/// How far a sheet has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing was handed in, or it was given back or opened again (*chưa gửi*).
    Open,
    /// The unit stands by its figures (*đã gửi*).
    Submitted,
    /// A level above has looked at them (*đã kiểm tra*).
    Checked,
    /// Approved, and locked (*đã duyệt, khóa*).
    Approved,
    /// Locked by an approval above although it had not come all the way (*khóa, chưa đủ bước*).
    Closed,
}

impl State {
    /// All states, in their order.
    pub const ALL: [Self; 5] =
        [Self::Open, Self::Submitted, Self::Checked, Self::Approved, Self::Closed];

    /// Whether counts behind it stay what they are.
    #[must_use]
    pub const fn is_locked(self) -> bool {
        matches!(self, Self::Approved | Self::Closed)
    }

    /// As it is stored and given to programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Checked => "checked",
            Self::Approved => "approved",
            Self::Closed => "closed",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Open => lang::approvals::open(lang),
            Self::Submitted => lang::approvals::submitted(lang),
            Self::Checked => lang::approvals::checked(lang),
            Self::Approved => lang::approvals::approved(lang),
            Self::Closed => lang::approvals::closed(lang),
        }
    }
}

/// What somebody does with a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The unit stands by its figures (*gửi*); above it, all below that are ready are handed in.
    Submit,
    /// A level that checks has looked at what lies below it (*kiểm tra*).
    Check,
    /// The last level approves and locks (*duyệt, khóa*).
    Approve,
    /// What was handed in goes back (*trả lại*).
    Return,
    /// A locked sheet is opened again (*mở lại*).
    Reopen,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 5] =
        [Self::Submit, Self::Check, Self::Approve, Self::Return, Self::Reopen];

    /// As it is stored and given to programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Check => "check",
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Reopen => "reopen",
        }
    }

    /// The action of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }

    /// In words, as on a button.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Submit => lang::approvals::submit(lang),
            Self::Check => lang::approvals::check(lang),
            Self::Approve => lang::approvals::approve(lang),
            Self::Return => lang::approvals::give_back(lang),
            Self::Reopen => lang::approvals::reopen(lang),
        }
    }

    /// The command in the journal.
    pub(crate) const fn cause(self) -> &'static str {
        match self {
            Self::Submit => "approvals.submit",
            Self::Check => "approvals.check",
            Self::Approve => "approvals.approve",
            Self::Return => "approvals.return",
            Self::Reopen => "approvals.reopen",
        }
    }
}

/// An act that is about to be done.
#[derive(Clone, Debug)]
pub struct Act {
    /// The collection's code.
    pub collection: String,
    /// The period's code.
    pub period: String,
    /// The unit whose sheet it is done on.
    pub unit: UnitId,
    /// What is done.
    pub action: Action,
    /// Why; needed to give back, to open again, and to go on although something is missing.
    pub reason: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
}

/// A version of a sheet, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) collection: String,
    pub(crate) period: String,
    pub(crate) unit: UnitId,
    /// 1, 2, 3, …
    pub(crate) version: i64,
    pub(crate) days: DayRange,
    pub(crate) state: State,
    pub(crate) action: Action,
    /// The unit on whose sheet the act was done.
    pub(crate) acted_on: UnitId,
    /// Whether a sheet below was opened again since this one was checked or approved.
    pub(crate) reopened_below: bool,
    /// SHA-256 of the counts as they were handed in; of units that report.
    pub(crate) figures: Option<Vec<u8>>,
    pub(crate) reason: Option<String>,
    pub(crate) made_up: bool,
    /// The entry of the journal that made it.
    pub(crate) entry: i64,
}

impl Version {
    /// The id of its record in the journal.
    pub(crate) fn record(&self) -> String {
        format!("{}/{}/{}", self.collection, self.period, self.unit.0)
    }

    /// The last day of the period.
    pub(crate) const fn last(&self) -> Day {
        self.days.last()
    }

    /// What its entry seals.
    pub(crate) fn hash(&self) -> [u8; 32] {
        let numbers = [self.unit.0, self.version, self.acted_on.0].map(i64::to_be_bytes);
        let days = [self.days.from, self.days.to].map(|day| day.0.to_be_bytes());
        let flags = [u8::from(self.reopened_below), u8::from(self.made_up)];
        let [unit, version, acted_on] = &numbers;
        let [from, to] = &days;
        journal::content_hash(&[
            b"sogoc approval 1",
            self.collection.as_bytes(),
            self.period.as_bytes(),
            unit,
            version,
            from,
            to,
            self.state.as_str().as_bytes(),
            self.action.as_str().as_bytes(),
            acted_on,
            &flags,
            self.figures.as_deref().unwrap_or_default(),
            self.reason.as_deref().unwrap_or_default().as_bytes(),
        ])
    }
}

/// What somebody says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Looked at: the numbers are right (*đã kiểm tra, đúng*).
    Right,
    /// The numbers are wrong and will be corrected (*sẽ đính chính*).
    ToCorrect,
    /// The unit was asked (*đã hỏi lại*).
    AskedBack,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Self; 3] = [Self::Right, Self::ToCorrect, Self::AskedBack];

    /// As it is stored and given to programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::ToCorrect => "to_correct",
            Self::AskedBack => "asked_back",
        }
    }

    /// The verdict of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Right => lang::approvals::right(lang),
            Self::ToCorrect => lang::approvals::to_correct(lang),
            Self::AskedBack => lang::approvals::asked_back(lang),
        }
    }
}

/// A mark that is about to be made.
#[derive(Clone, Debug)]
pub struct NewMark {
    /// The collection's code.
    pub collection: String,
    /// The period's code.
    pub period: String,
    /// The unit that reported.
    pub unit: UnitId,
    /// The rule that was broken.
    pub rule: String,
    /// What is said of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
}
