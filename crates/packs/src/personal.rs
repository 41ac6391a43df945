//! What the law of personal data sets: which requests there are and how long they may take, the texts
//! of consents, how long what is kept, and for which purposes somebody may look at it.

use base::{Day, Term};
use serde::{Deserialize, Serialize};

use crate::{Words, WorkingYear};

/// What a pack says of working days and personal data.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    /// Working days.
    pub working_years: Vec<WorkingYear>,
    /// Kinds of requests of data subjects.
    pub request_kinds: Vec<RequestKind>,
    /// What is consented to.
    pub consent_purposes: Vec<ConsentPurpose>,
    /// How long what is kept.
    pub retention_rules: Vec<RetentionRule>,
}

/// A kind of request of a data subject (*yêu cầu của chủ thể dữ liệu*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestKind {
    /// The code, for programs.
    pub code: String,
    /// The name.
    pub name: Words,
    /// What one may ask for by it.
    pub explains: Words,
    /// What must still be compared with the documents.
    #[serde(default)]
    pub verify: Option<Words>,
    /// The terms, in the order of time.
    pub terms: Vec<RequestTerms>,
}

/// How long a request may take that is received from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestTerms {
    /// The first day, `YYYY-MM-DD`; until the next entry.
    pub from: String,
    /// Until the first answer.
    pub answer: Span,
    /// Until it is carried out.
    pub complete: Span,
    /// So much longer, once, where there is a reason.
    #[serde(default)]
    pub extend: Option<Span>,
    /// The document.
    pub document: Words,
}

/// A length of time, `{ working_days = 2 }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Working days.
    WorkingDays(u16),
    /// Days of the calendar.
    Days(u16),
    /// Months, for how long something is kept.
    Months(u16),
    /// Years, for how long something is kept.
    Years(u16),
}

impl Span {
    /// As a term of a request; none where it is none.
    #[must_use]
    pub const fn term(self) -> Option<Term> {
        match self {
            Self::WorkingDays(count) => Some(Term::Working(count)),
            Self::Days(count) => Some(Term::Days(count)),
            Self::Months(_) | Self::Years(_) => None,
        }
    }

    /// How much of it there is.
    #[must_use]
    pub const fn count(self) -> u16 {
        match self {
            Self::WorkingDays(count)
            | Self::Days(count)
            | Self::Months(count)
            | Self::Years(count) => count,
        }
    }

    /// The same day so long before; a day that its month has not becomes the last that it has.
    /// None where it is counted in working days.
    #[must_use]
    pub fn before(self, day: Day) -> Option<Day> {
        let span = match self {
            Self::WorkingDays(_) => return None,
            Self::Days(count) => jiff_span(0, 0, count),
            Self::Months(count) => jiff_span(0, count, 0),
            Self::Years(count) => jiff_span(count, 0, 0),
        };
        day.civil().checked_sub(span).ok().map(Day::from_civil)
    }
}

fn jiff_span(years: u16, months: u16, days: u16) -> jiff::Span {
    jiff::Span::new().years(i32::from(years)).months(i32::from(months)).days(i32::from(days))
}

impl RequestKind {
    /// The terms of what is received on a day; none before the first.
    #[must_use]
    pub fn terms_on(&self, day: Day) -> Option<&RequestTerms> {
        let begun = |terms: &&RequestTerms| terms.from.parse::<Day>().is_ok_and(|from| from <= day);
        self.terms.iter().rfind(begun)
    }
}

/// What somebody may consent to (*mục đích xin sự đồng ý*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentPurpose {
    /// The code, for programs and addresses.
    pub code: String,
    /// The name.
    pub name: Words,
    /// The texts, in the order of time. One that somebody consented to never changes.
    pub texts: Vec<ConsentText>,
}

/// The words of a consent from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// Its number: 1, 2, 3, …
    pub version: u32,
    /// The first day, `YYYY-MM-DD`; until the next entry.
    pub from: String,
    /// The words.
    pub text: Words,
    /// On which ground consent is asked for.
    pub document: Words,
}

impl ConsentPurpose {
    /// The text of a day; none before the first.
    #[must_use]
    pub fn text_on(&self, day: Day) -> Option<&ConsentText> {
        let begun = |text: &&ConsentText| text.from.parse::<Day>().is_ok_and(|from| from <= day);
        self.texts.iter().rfind(begun)
    }

    /// The text of a number.
    #[must_use]
    pub fn text(&self, version: i64) -> Option<&ConsentText> {
        self.texts.iter().find(|text| i64::from(text.version) == version)
    }
}

/// How long something is kept (*thời hạn lưu giữ*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// The code, for programs.
    pub code: String,
    /// What is kept.
    pub what: Kept,
    /// The name.
    pub name: Words,
    /// From when on it counts.
    pub after: Words,
    /// How long.
    pub keep: Span,
    /// The first day of the rule, `YYYY-MM-DD`.
    pub from: String,
    /// The document.
    pub document: Words,
    /// What must still be compared with it.
    #[serde(default)]
    pub verify: Option<Words>,
}

/// What there can be a rule for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// The personal fields of requests that were closed.
    ClosedRequests,
    /// The personal fields of consents that were withdrawn.
    WithdrawnConsents,
    /// Who tried to sign in, and from where.
    SignIns,
    /// Files between their preview and its confirmation.
    Uploads,
    /// Addresses of those who asked to be told and did not confirm, or whose watches ended.
    EndedWatches,
    /// Record, people and words of the looks in the trace.
    Looks,
}

impl Kept {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ClosedRequests,
        Self::WithdrawnConsents,
        Self::SignIns,
        Self::Uploads,
        Self::EndedWatches,
        Self::Looks,
    ];

    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClosedRequests => "closed_requests",
            Self::WithdrawnConsents => "withdrawn_consents",
            Self::SignIns => "sign_ins",
            Self::Uploads => "uploads",
            Self::EndedWatches => "ended_watches",
            Self::Looks => "looks",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kept| kept.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_goes_back_to_the_same_day() {
        for (span, day, before) in [
            (Span::Days(180), "2026-11-30", "2026-06-03"),
            (Span::Months(1), "2026-03-31", "2026-02-28"),
            (Span::Years(5), "2028-02-29", "2023-02-28"),
        ] {
            assert_eq!(span.before(day.parse().unwrap()), before.parse().ok(), "{span:?} {day}");
        }
        assert_eq!(Span::WorkingDays(2).before(Day(0)), None);
    }
}
