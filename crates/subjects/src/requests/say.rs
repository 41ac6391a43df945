//! States, steps and outcomes in words.

use lang::Lang;

use super::model::{How, Identity, Outcome, State, StepKind};

impl State {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Received => lang::subjects::state_received(lang),
            Self::Answered => lang::subjects::state_answered(lang),
            Self::Decided => lang::subjects::state_decided(lang),
            Self::Closed => lang::subjects::state_closed(lang),
            Self::Erased => lang::subjects::state_erased(lang),
        }
    }
}

impl StepKind {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Receive => lang::subjects::step_receive(lang),
            Self::Identify => lang::subjects::step_identify(lang),
            Self::Answer => lang::subjects::step_answer(lang),
            Self::Forward => lang::subjects::step_forward(lang),
            Self::Extend => lang::subjects::step_extend(lang),
            Self::Decide => lang::subjects::step_decide(lang),
            Self::Close => lang::subjects::step_close(lang),
            Self::Withdraw => lang::subjects::step_withdraw(lang),
            Self::Erase => lang::subjects::step_erase(lang),
        }
    }
}

impl Identity {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Unchecked => lang::subjects::identity_unchecked(lang),
            Self::Confirmed => lang::subjects::identity_confirmed(lang),
            Self::Failed => lang::subjects::identity_failed(lang),
        }
    }
}

impl How {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Card => lang::subjects::how_card(lang),
            Self::Electronic => lang::subjects::how_electronic(lang),
            Self::Certified => lang::subjects::how_certified(lang),
            Self::Representative => lang::subjects::how_representative(lang),
        }
    }
}

impl Outcome {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Granted => lang::subjects::outcome_granted(lang),
            Self::Partly => lang::subjects::outcome_partly(lang),
            Self::Refused => lang::subjects::outcome_refused(lang),
            Self::Withdrawn => lang::subjects::outcome_withdrawn(lang),
        }
    }
}
