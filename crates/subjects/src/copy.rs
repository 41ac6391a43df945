//! All that the program holds of one citizen number, for its owner.

use base::{Result, short_day};
use lang::Lang;
use store::Tx;

use crate::locker::{self, Fields};
use crate::office::Context;
use crate::person::{ADDRESS, NAME, NUMBER, PHONE, TEXT, normal_number};
use crate::retention::Doing;
use crate::store as sql;
use crate::{consents, requests};

/// So many records are gathered.
const MOST: i64 = 1_000;

/// Something that is held of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The area and kind, for programs: `subjects.request`.
    pub kind: &'static str,
    /// The id of the record.
    pub record: String,
    /// What it is, in the reader's language.
    pub title: String,
    /// What is held.
    pub shown: Vec<Shown>,
}

/// One thing that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name for programs.
    pub field: String,
    /// Its name in the reader's language.
    pub label: String,
    /// The value.
    pub value: String,
}

/// An area that holds something of people, and says what, in the caller's transaction.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    /// Gives what is held of a citizen number.
    pub gather: for<'a> fn(&'a mut Tx, &'a str, Lang) -> Doing<'a, Vec<Copied>>,
}

/// Gathers what is held of a citizen number: requests and consents, and what other areas hold.
///
/// Errors: `Unavailable`; `Internal` when a field does not open.
pub async fn gather(
    tx: &mut Tx,
    cx: Context<'_>,
    holders: &[Holder],
    (number, lang): (&str, Lang),
) -> Result<Vec<Copied>> {
    let number = normal_number(number);
    let mut copied = Vec::new();
    for (kind, id) in sql::records_of(tx, locker::person(cx.vault, &number), MOST).await? {
        let fields = locker::open(tx, cx.vault, &id).await?;
        match kind.as_str() {
            "request" => {
                let steps = requests::history(tx, &id).await?;
                copied.extend(request(cx, lang, &steps, &fields));
            }
            _ => {
                let consent = consents::find(tx, &id).await?;
                copied.extend(consent.map(|consent| self::consent(cx, lang, &consent, &fields)));
            }
        }
    }
    for holder in holders {
        copied.extend((holder.gather)(tx, &number, lang).await?);
    }
    Ok(copied)
}

fn shown(field: &str, label: &str, value: impl Into<String>) -> Shown {
    Shown { field: field.to_owned(), label: label.to_owned(), value: value.into() }
}

/// The label of a field of a person.
pub(crate) fn label(lang: Lang, field: &str) -> &'static str {
    match field {
        NAME => lang::subjects::field_name(lang),
        NUMBER => lang::subjects::field_number(lang),
        PHONE => lang::subjects::field_phone(lang),
        ADDRESS => lang::subjects::field_address(lang),
        TEXT => lang::subjects::field_text(lang),
        _ => lang::subjects::field_words(lang),
    }
}

fn person(lang: Lang, fields: &Fields) -> Vec<Shown> {
    [NAME, NUMBER, PHONE, ADDRESS, TEXT]
        .into_iter()
        .filter_map(|field| {
            let value = fields.get(field).filter(|value| !value.is_empty())?;
            Some(shown(field, label(lang, field), value.as_str()))
        })
        .collect()
}

fn request(
    cx: Context<'_>,
    lang: Lang,
    steps: &[requests::Version],
    fields: &Fields,
) -> Option<Copied> {
    let last = steps.last()?;
    let kind = cx.definitions.request_kind(&last.kind);
    let name = kind.map_or(last.kind.as_str(), |kind| kind.name.say(lang));
    let mut list = person(lang, fields);
    let received = last.received_at.local();
    list.push(shown("received_at", lang::subjects::received(lang), received));
    list.push(shown("channel", lang::subjects::channel(lang), last.channel.say(lang)));
    list.push(shown("state", lang::subjects::state(lang), last.standing.state.say(lang)));
    if let Some(outcome) = last.standing.outcome {
        list.push(shown("outcome", lang::subjects::outcome(lang), outcome.say(lang)));
    }
    if !last.law.is_empty() {
        list.push(shown("law", lang::subjects::law(lang), last.law.as_str()));
    }
    for step in steps.iter().skip(1) {
        let words = fields.get(&format!("{}:{}", requests::WORDS, step.version));
        let words = words.map_or("", |words| words);
        let value = format!("{} {words}", step.at.local());
        list.push(shown(step.step.as_str(), step.step.say(lang), value.trim()));
    }
    Some(Copied {
        kind: "subjects.request",
        record: last.id.clone(),
        title: lang::subjects::request_titled(
            lang,
            lang::subjects::RequestTitled { reference: last.reference(), kind: name },
        ),
        shown: list,
    })
}

fn consent(cx: Context<'_>, lang: Lang, consent: &consents::Version, fields: &Fields) -> Copied {
    let purpose = cx.definitions.consent_purpose(&consent.purpose);
    let name = purpose.map_or(consent.purpose.as_str(), |purpose| purpose.name.say(lang));
    let text = purpose.and_then(|purpose| purpose.text(consent.text_version));
    let mut list = person(lang, fields);
    if let Some(text) = text {
        list.push(shown("text", lang::consents::text(lang), text.text.say(lang)));
    }
    list.push(shown("given_at", lang::consents::given_at(lang), consent.given_at.local()));
    list.push(shown("channel", lang::subjects::channel(lang), consent.channel.say(lang)));
    if let Some(at) = consent.withdrawn_at {
        list.push(shown("withdrawn_at", lang::consents::withdrawn_at(lang), short_day(at.day())));
    }
    Copied {
        kind: "subjects.consent",
        record: consent.id.clone(),
        title: lang::consents::titled(lang, name),
        shown: list,
    }
}
