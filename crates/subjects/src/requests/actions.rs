//! Receiving a request and going on with it, each step in the caller's transaction with its entry.

use base::{Day, Error, Id, Moment, Result};
use journal::NewEntry;
use packs::{RequestKind, Span};
use store::Tx;
use territory::UnitId;
use zeroize::Zeroizing;

use super::model::{How, Outcome, Standing, StepKind, Version};
use super::rules::{self, Step, Why};
use super::store as sql;
use crate::locker::{self, NewRecord};
use crate::office::Context;
use crate::person::{Mistakes, NewPerson, Person, TEXT};
use crate::{Channel, Receipt};

/// What the words of a step are called in the vault, before the number of its version.
pub(crate) const WORDS: &str = "words";
/// A letter that is older was forgotten somewhere. Units: days.
const OLDEST_DAYS: i32 = 90;
const NOON: i32 = 12 * 60;

/// A request as it was typed in.
pub struct NewRequest {
    /// Drawn when the form was shown, so that a form that is sent twice is one request.
    pub id: Id,
    /// The code of its kind.
    pub kind: String,
    /// By which way it came.
    pub channel: Channel,
    /// The day on which it came, as typed; empty for now.
    pub received_on: String,
    /// Who asks.
    pub person: NewPerson,
    /// For what, in their words.
    pub text: String,
    /// The commune whose desk receives it; none for the province's.
    pub desk: Option<UnitId>,
    /// Whether it is made up to show the program.
    pub made_up: bool,
}

/// A request that was received.
#[derive(Debug)]
pub struct Received {
    /// It as it stands.
    pub request: Version,
    /// The code for whoever asks; it is shown once.
    pub receipt: Receipt,
}

/// Receives a request, in the caller's transaction. Its deadlines follow from the terms that are in
/// force on the day it came; where the calendar of their year is not known they stay open.
///
/// Errors: `Invalid` with every mistake at its field; `Refused` `subjects.twice`.
/// Law: Luật 91/2025/QH15 and Nghị định 356/2025/NĐ-CP; the terms stand in the packs.
pub async fn receive(tx: &mut Tx, cx: Context<'_>, new: NewRequest) -> Result<Received> {
    let mut wrong = Mistakes::default();
    let now = cx.clock.now();
    let received_at = read_received(&new.received_on, now, &mut wrong);
    let kind = cx.definitions.request_kind(&new.kind);
    let terms = kind.and_then(|kind| kind.terms_on(received_at.day()));
    if terms.is_none() {
        wrong.add("kind", lang::subjects::choose_kind);
    }
    let person = Person::read(&new.person, &mut wrong);
    let text = Zeroizing::new(wrong.text(TEXT, &new.text));
    wrong.done()?;
    // What is numbered is numbered when nobody else can.
    journal::lock(tx).await?;
    let mut fields = person.fields().to_vec();
    fields.push((TEXT, text.as_str()));
    let receipt = Receipt::draw();
    let record = NewRecord { id: new.id, kind: "request", receipt: &receipt, fields: &fields };
    let facts = locker::put(tx, cx.vault, &record, now).await?;
    let year = i64::from(received_at.day().civil().year());
    let standing = with_deadlines(Standing::new(None, None), cx, &new.kind, received_at);
    let request = Version {
        id: new.id.to_string(),
        version: 1,
        year,
        number: sql::next_number(tx, year).await?,
        kind: new.kind,
        channel: new.channel,
        step: StepKind::Receive,
        at: now,
        actor: cx.actor.to_owned(),
        received_at,
        standing,
        law: String::new(),
        facts: facts.to_vec(),
        words: Vec::new(),
        unit: new.desk,
        made_up: new.made_up,
        entry: 0,
    };
    let request = save(tx, cx, request).await?;
    Ok(Received { request, receipt })
}

/// When a request came, as somebody typed the day: a day before today at its noon.
fn read_received(text: &str, now: Moment, wrong: &mut Mistakes) -> Moment {
    let today = now.day();
    if text.trim().is_empty() {
        return now;
    }
    match text.parse::<Day>() {
        Ok(day) if day == today => now,
        Ok(day) if day < today && day.0 >= today.0 - OLDEST_DAYS => Moment::at(day, NOON),
        Ok(_) => {
            wrong.add("received", |lang| lang::subjects::bad_received(lang, OLDEST_DAYS));
            now
        }
        Err(_) => {
            wrong.add("received", lang::error::bad_day);
            now
        }
    }
}

/// The deadlines that are still open, as far as the calendar is known by now.
pub(crate) fn with_deadlines(
    mut standing: Standing,
    cx: Context<'_>,
    kind: &str,
    received_at: Moment,
) -> Standing {
    let kind = cx.definitions.request_kind(kind);
    let terms = kind.and_then(|kind| kind.terms_on(received_at.day()));
    let last_day = |span: Option<Span>| {
        cx.definitions.calendar.last_day(received_at, span.and_then(Span::term)?).ok()
    };
    let due = |known: Option<Day>, span| known.or_else(|| last_day(span));
    standing.answer_due = due(standing.answer_due, terms.map(|terms| terms.answer));
    standing.complete_due = due(standing.complete_due, terms.map(|terms| terms.complete));
    standing
}

/// A step as it was typed in.
#[derive(Clone, Debug)]
pub struct Act {
    /// What is done.
    pub step: StepKind,
    /// The version that whoever acts has seen.
    pub seen: i64,
    /// How the identity was checked; empty where it could not be confirmed.
    pub how: String,
    /// What was decided.
    pub outcome: String,
    /// The law that the decision names.
    pub law: String,
    /// The answer, the reason.
    pub words: String,
    /// The desk to which it is handed on; none for the province's.
    pub desk: Option<UnitId>,
}

/// Goes on with a request, in the caller's transaction.
///
/// Errors: `NotFound`; `Conflict` when somebody else went on meanwhile; `Invalid` at `how`,
/// `outcome`, `law`, `desk` or `words`; `Refused` `subjects.not_now`, `subjects.unidentified`,
/// `subjects.no_more_time`, `subjects.too_late`, `subjects.no_calendar`.
pub async fn act(tx: &mut Tx, cx: Context<'_>, id: &str, act: &Act) -> Result<Version> {
    journal::lock(tx).await?;
    let before = sql::find(tx, id).await?;
    let before = before.ok_or_else(|| Error::not_found(lang::subjects::no_request))?;
    if before.version != act.seen {
        return Err(Error::Conflict(lang::Text::new(lang::subjects::changed_meanwhile)));
    }
    let mut wrong = Mistakes::default();
    let step = read_step(act, &mut wrong)?;
    let needs_words =
        matches!(step, Step::Answer | Step::Forward | Step::Extend | Step::Decide(_) | Step::Close);
    let desk = if step == Step::Forward { act.desk } else { before.unit };
    if step == Step::Forward && desk == before.unit {
        wrong.add("desk", lang::subjects::same_desk);
    }
    let words = match (needs_words, base::text::clean(&act.words).is_empty()) {
        (false, true) => String::new(),
        _ => wrong.text(WORDS, &act.words),
    };
    let words = Zeroizing::new(words);
    let mut law = wrong.law("law", &act.law);
    if matches!(step, Step::Decide(_)) {
        // What was refused names the law that says so.
        if step == Step::Decide(Outcome::Refused) && law.is_empty() {
            wrong.add("law", lang::subjects::law_missing);
        }
    } else {
        law.clone_from(&before.law);
    }
    wrong.done()?;
    let standing = with_deadlines(before.standing.clone(), cx, &before.kind, before.received_at);
    let terms = terms(cx, &before);
    let more = terms.and_then(|terms| terms.extend);
    let now = cx.clock.now();
    let after = rules::step(&standing, step, now, (&cx.definitions.calendar, more));
    let standing = after.map_err(refusal)?;
    next(tx, cx, Version { unit: desk, ..before }, (step, standing), (&words, law)).await
}

fn terms<'a>(cx: Context<'a>, of: &Version) -> Option<&'a packs::RequestTerms> {
    let kind: Option<&RequestKind> = cx.definitions.request_kind(&of.kind);
    kind.and_then(|kind| kind.terms_on(of.received_at.day()))
}

fn read_step(act: &Act, wrong: &mut Mistakes) -> Result<Step> {
    Ok(match act.step {
        StepKind::Identify => match act.how.as_str() {
            "failed" => Step::Identify(None),
            how => {
                let how = How::find(how);
                if how.is_none() {
                    wrong.add("how", lang::subjects::choose_again);
                }
                Step::Identify(how)
            }
        },
        StepKind::Answer => Step::Answer,
        StepKind::Forward => Step::Forward,
        StepKind::Extend => Step::Extend,
        StepKind::Decide => match Outcome::find(&act.outcome) {
            Some(outcome) if outcome != Outcome::Withdrawn => Step::Decide(outcome),
            _ => {
                wrong.add("outcome", lang::subjects::choose_again);
                Step::Decide(Outcome::Refused)
            }
        },
        StepKind::Close => Step::Close,
        StepKind::Withdraw => Step::Withdraw,
        // Nobody receives twice, and only the end of its time erases.
        StepKind::Receive | StepKind::Erase => return Err(refusal(Why::NotNow)),
    })
}

async fn next(
    tx: &mut Tx,
    cx: Context<'_>,
    before: Version,
    (step, standing): (Step, Standing),
    (words, law): (&str, String),
) -> Result<Version> {
    let version = before.version + 1;
    let now = cx.clock.now();
    let words = match words.is_empty() {
        true => Vec::new(),
        false => {
            let field = format!("{WORDS}:{version}");
            locker::add(tx, cx.vault, (&before.id, &field), words, now).await?.to_vec()
        }
    };
    let after = Version {
        version,
        step: step.kind(),
        at: now,
        actor: cx.actor.to_owned(),
        standing,
        law,
        words,
        entry: 0,
        ..before
    };
    save(tx, cx, after).await
}

/// Erases the personal data of a closed request: its time is over.
///
/// Errors: `Refused` `subjects.not_now` for one that is not closed.
pub(crate) async fn erase(tx: &mut Tx, cx: Context<'_>, before: Version) -> Result<()> {
    let rule = (&cx.definitions.calendar, None);
    let after = rules::step(&before.standing, Step::Erase, cx.clock.now(), rule);
    let standing = after.map_err(refusal)?;
    crate::store::erase(tx, &before.id, cx.clock.now()).await?;
    let law = before.law.clone();
    next(tx, cx, before, (Step::Erase, standing), ("", law)).await?;
    Ok(())
}

async fn save(tx: &mut Tx, cx: Context<'_>, mut version: Version) -> Result<Version> {
    let entry = NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.to_owned(),
        cause: cause(version.step),
        record_kind: "subject_request",
        record_id: version.id.clone(),
        record_version: version.version,
        content_hash: version.hash(),
        postings: Vec::new(),
    };
    version.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::insert(tx, &version).await?;
    Ok(version)
}

const fn cause(step: StepKind) -> &'static str {
    match step {
        StepKind::Receive => "subjects.receive",
        StepKind::Identify => "subjects.identify",
        StepKind::Answer => "subjects.answer",
        StepKind::Forward => "subjects.forward",
        StepKind::Extend => "subjects.extend",
        StepKind::Decide => "subjects.decide",
        StepKind::Close => "subjects.close",
        StepKind::Withdraw => "subjects.withdraw",
        StepKind::Erase => "subjects.erase",
    }
}

fn refusal(why: Why) -> Error {
    match why {
        Why::NotNow => Error::refused("subjects.not_now", lang::subjects::not_now),
        Why::Unidentified => Error::refused("subjects.unidentified", lang::subjects::unidentified),
        Why::NoMoreTime => Error::refused("subjects.no_more_time", lang::subjects::no_more_time),
        Why::TooLate => Error::refused("subjects.too_late", lang::subjects::too_late),
        Why::Unknown(year) => Error::refused("subjects.no_calendar", move |lang| {
            lang::subjects::no_calendar(lang, year.0)
        }),
    }
}
