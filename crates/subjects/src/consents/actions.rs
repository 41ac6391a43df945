//! Giving a consent and withdrawing it, each in the caller's transaction with its entry.

use base::{Error, Id, Result};
use journal::NewEntry;
use lang::Lang;
use store::Tx;
use territory::UnitId;

use super::model::{State, Version};
use super::store as sql;
use crate::locker::{self, NewRecord};
use crate::office::Context;
use crate::person::{Mistakes, NewPerson, Person};
use crate::{Channel, Receipt};

/// A consent as it was typed in.
pub struct NewConsent {
    /// Drawn when the form was shown, so that a form that is sent twice is one consent.
    pub id: Id,
    /// The code of what it is for.
    pub purpose: String,
    /// The number of the text that stood on the form.
    pub text_version: i64,
    /// The language in which it stood there.
    pub lang: Lang,
    /// By which way it came.
    pub channel: Channel,
    /// Who agrees.
    pub person: NewPerson,
    /// The commune whose desk takes it; none for the province's.
    pub desk: Option<UnitId>,
    /// Whether they said so: the box that nobody ticks for them.
    pub agreed: bool,
    /// Whether it is made up to show the program.
    pub made_up: bool,
}

/// A consent that was given.
#[derive(Debug)]
pub struct Given {
    /// It as it stands.
    pub consent: Version,
    /// The code for whoever gave it; it is shown once.
    pub receipt: Receipt,
}

/// Records a consent.
///
/// Errors: `Invalid` with every mistake at its field, at `agreed` where nobody agreed, at `purpose`
/// where another text is in force by now; `Refused` `subjects.twice`.
/// Law: Luật 91/2025/QH15: a consent is given by a clear act, silence is none.
pub async fn give(tx: &mut Tx, cx: Context<'_>, new: NewConsent) -> Result<Given> {
    let mut wrong = Mistakes::default();
    let now = cx.clock.now();
    let purpose = cx.definitions.consent_purpose(&new.purpose);
    let text = purpose.and_then(|purpose| purpose.text_on(now.day()));
    match text {
        None => wrong.add("purpose", lang::subjects::choose_again),
        Some(text) if i64::from(text.version) != new.text_version => {
            wrong.add("purpose", lang::consents::text_changed);
        }
        Some(_) => {}
    }
    if !new.agreed {
        wrong.add("agreed", lang::consents::not_agreed);
    }
    let person = Person::read(&new.person, &mut wrong);
    wrong.done()?;
    let words = text.map(|text| text.text.say(new.lang)).unwrap_or_default();
    journal::lock(tx).await?;
    let receipt = Receipt::draw();
    let fields = person.fields();
    let record = NewRecord { id: new.id, kind: "consent", receipt: &receipt, fields: &fields };
    let facts = locker::put(tx, cx.vault, &record, now).await?;
    let consent = Version {
        id: new.id.to_string(),
        version: 1,
        purpose: new.purpose,
        text_version: new.text_version,
        lang: new.lang.tag().to_owned(),
        text_hash: journal::content_hash(&[b"sogoc consent text 1", words.as_bytes()]).to_vec(),
        channel: new.channel,
        state: State::Given,
        at: now,
        actor: cx.actor.to_owned(),
        given_at: now,
        withdrawn_at: None,
        withdrawn_by: None,
        facts: facts.to_vec(),
        unit: new.desk,
        made_up: new.made_up,
        entry: 0,
    };
    let consent = save(tx, cx, consent).await?;
    Ok(Given { consent, receipt })
}

/// Withdraws a consent. No reason is asked for: it is as easy as giving it.
///
/// Errors: `NotFound`; `Refused` `consents.over` when it was withdrawn before.
pub async fn withdraw(tx: &mut Tx, cx: Context<'_>, id: &str, by: Channel) -> Result<Version> {
    journal::lock(tx).await?;
    let before = sql::find(tx, id).await?;
    let before = before.ok_or_else(|| Error::not_found(lang::consents::no_consent))?;
    if before.state != State::Given {
        return Err(Error::refused("consents.over", lang::consents::over));
    }
    let now = cx.clock.now();
    let after = Version {
        version: before.version + 1,
        state: State::Withdrawn,
        at: now,
        actor: cx.actor.to_owned(),
        withdrawn_at: Some(now),
        withdrawn_by: Some(by),
        entry: 0,
        ..before
    };
    save(tx, cx, after).await
}

/// Erases the personal data of a withdrawn consent: its time is over.
pub(crate) async fn erase(tx: &mut Tx, cx: Context<'_>, before: Version) -> Result<()> {
    if before.state != State::Withdrawn {
        return Err(Error::refused("consents.stands", lang::consents::stands));
    }
    let now = cx.clock.now();
    crate::store::erase(tx, &before.id, now).await?;
    let after = Version {
        version: before.version + 1,
        state: State::Erased,
        at: now,
        actor: cx.actor.to_owned(),
        entry: 0,
        ..before
    };
    save(tx, cx, after).await?;
    Ok(())
}

async fn save(tx: &mut Tx, cx: Context<'_>, mut version: Version) -> Result<Version> {
    let entry = NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.to_owned(),
        cause: version.state.cause(),
        record_kind: "subject_consent",
        record_id: version.id.clone(),
        record_version: version.version,
        content_hash: version.hash(),
        postings: Vec::new(),
    };
    version.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::insert(tx, &version).await?;
    Ok(version)
}
