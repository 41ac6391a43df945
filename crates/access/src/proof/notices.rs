//! Letters that tell the owner of an account what was done with its ways in.

use base::Result;
use lang::Lang;
use store::Tx;

use crate::log::Outcome;
use crate::organisation::store as organisation;
use crate::store as accounts;

/// The kind of messages in the outbox that are such letters.
pub const NOTICES: &str = "account";

/// A letter to the owner of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The address.
    pub to: String,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// The letter of a message, to where the owner is reached now; none where nobody knows. The
/// recipient of such a message is an account, and its payload the word for what was done.
///
/// Errors: `Unavailable`.
pub async fn notice_of(tx: &mut Tx, account: &str, payload: &str) -> Result<Option<Notice>> {
    let people = organisation::people_of(tx, account).await?;
    let to = people.into_iter().map(|person| person.email).find(|email| !email.is_empty());
    let name = accounts::name_of(tx, account).await?;
    let (Some(to), Some(name), Some(outcome)) = (to, name, Outcome::find(payload)) else {
        return Ok(None);
    };
    // Nobody asks the reader for a language: Vietnamese first, and the one of foreign partners.
    let parts = [Lang::Vietnamese, Lang::English].map(|lang| {
        let words = lang::proof::LetterText { name: &name, what: outcome.label(lang) };
        lang::proof::letter_text(lang, words)
    });
    let subject = lang::proof::letter_subject(Lang::Vietnamese).to_owned();
    Ok(Some(Notice { to, subject, text: parts.join("\n\n") }))
}
