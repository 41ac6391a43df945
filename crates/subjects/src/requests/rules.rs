//! Which step may follow in which state, what it changes, and what is late.

use base::{Day, Moment, UnknownYear, WorkingCalendar};
use packs::Span;

use super::model::{How, Identity, Outcome, Standing, State, StepKind};

/// A step with what decides about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody checked who asks; how, where it could be confirmed.
    Identify(Option<How>),
    /// The first answer.
    Answer,
    /// Another desk has it now.
    Forward,
    /// More time.
    Extend,
    /// The decision.
    Decide(Outcome),
    /// It was carried out.
    Close,
    /// Whoever asked takes it back.
    Withdraw,
    /// Its personal data are erased.
    Erase,
}

impl Step {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> StepKind {
        match self {
            Self::Identify(_) => StepKind::Identify,
            Self::Answer => StepKind::Answer,
            Self::Forward => StepKind::Forward,
            Self::Extend => StepKind::Extend,
            Self::Decide(_) => StepKind::Decide,
            Self::Close => StepKind::Close,
            Self::Withdraw => StepKind::Withdraw,
            Self::Erase => StepKind::Erase,
        }
    }
}

/// Why a step may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Not in this state.
    NotNow,
    /// Who asks must be confirmed before anything is granted.
    Unidentified,
    /// The document of its kind knows no more time, or it was taken already.
    NoMoreTime,
    /// The time is over: more of it must be taken before.
    TooLate,
    /// It lies in a year of which no calendar is known.
    Unknown(UnknownYear),
}

/// States from which a step may be taken.
const fn may(state: State, step: StepKind) -> bool {
    match step {
        StepKind::Receive => false,
        StepKind::Identify => matches!(state, State::Received | State::Answered),
        StepKind::Answer => matches!(state, State::Received),
        StepKind::Extend | StepKind::Decide | StepKind::Withdraw => {
            matches!(state, State::Received | State::Answered)
        }
        StepKind::Forward => state.is_open(),
        StepKind::Close => matches!(state, State::Decided),
        StepKind::Erase => matches!(state, State::Closed),
    }
}

/// Whether a state can come of another by a step; for proving what is stored.
#[must_use]
pub fn can_follow(before: Option<State>, step: StepKind, after: State) -> bool {
    let Some(before) = before else { return (step, after) == (StepKind::Receive, State::Received) };
    let comes = match step {
        StepKind::Receive => return false,
        StepKind::Identify | StepKind::Forward | StepKind::Extend => before,
        StepKind::Answer => State::Answered,
        StepKind::Decide => State::Decided,
        StepKind::Close | StepKind::Withdraw => State::Closed,
        StepKind::Erase => State::Erased,
    };
    may(before, step) && after == comes
}

/// A request after a step.
///
/// Errors: why it may not be taken.
pub fn step(
    before: &Standing,
    step: Step,
    now: Moment,
    (calendar, more): (&WorkingCalendar, Option<Span>),
) -> Result<Standing, Why> {
    if !may(before.state, step.kind()) {
        return Err(Why::NotNow);
    }
    let mut after = before.clone();
    match step {
        Step::Identify(how) => {
            after.identity = if how.is_some() { Identity::Confirmed } else { Identity::Failed };
            after.how = how;
        }
        Step::Answer => {
            after.answered_at = Some(now);
            after.state = State::Answered;
        }
        // Which desk has it is no matter of how it stands: terms go on.
        Step::Forward => {}
        Step::Extend => {
            let more = more.and_then(Span::term).filter(|_| before.extensions == 0);
            let more = more.ok_or(Why::NoMoreTime)?;
            let due = before.complete_due.ok_or(Why::Unknown(UnknownYear(year_of(now))))?;
            if now.day() > due {
                return Err(Why::TooLate);
            }
            after.complete_due = Some(calendar.later(due, more).map_err(Why::Unknown)?);
            after.extensions += 1;
        }
        Step::Decide(Outcome::Withdrawn) => return Err(Why::NotNow),
        Step::Decide(outcome) => {
            if outcome != Outcome::Refused && before.identity != Identity::Confirmed {
                return Err(Why::Unidentified);
            }
            after.outcome = Some(outcome);
            after.state = State::Decided;
            // A decision in time is an answer, too.
            after.answered_at = before.answered_at.or(Some(now));
        }
        Step::Close => {
            after.closed_at = Some(now);
            after.state = State::Closed;
        }
        Step::Withdraw => {
            after.outcome = Some(Outcome::Withdrawn);
            after.closed_at = Some(now);
            after.state = State::Closed;
        }
        Step::Erase => after.state = State::Erased,
    }
    Ok(after)
}

/// The year after the one of a moment: that of which the calendar is missing.
fn year_of(now: Moment) -> i16 {
    now.day().civil().year() + 1
}

/// What of a request is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Nothing.
    No,
    /// The first answer.
    Answer,
    /// Carrying it out.
    Completion,
    /// The calendar of its year is not known, so nobody knows.
    Unknown,
}

/// What of a request is late on a day. The whole last day is in time.
#[must_use]
pub fn late(standing: &Standing, today: Day) -> Late {
    let is_over = |due: Option<Day>| due.is_some_and(|due| due < today);
    match standing.next_due() {
        _ if !standing.state.is_open() => Late::No,
        _ if is_over(standing.complete_due) => Late::Completion,
        _ if standing.answered_at.is_none() && is_over(standing.answer_due) => Late::Answer,
        None => Late::Unknown,
        Some(_) => Late::No,
    }
}

/// What somebody can do with a request in a state; erasing comes with the end of its time alone.
pub(crate) fn possible(state: State) -> Vec<StepKind> {
    let steps = StepKind::ALL.iter().copied();
    steps.filter(|step| *step != StepKind::Erase && may(state, *step)).collect()
}
