//! Noting looks and finding them again.

use base::rights::{Act, Actor, Place};
use base::{Clock, Cursor, Error, Id, Moment, Page, Result, random_bytes};
use journal::NewEntry;
use store::Tx;
use zeroize::Zeroizing;

use super::model::{Form, Look, Read, SALT_BYTES, SealedWords};
use super::rules::{Unusual, find_unusual};
use super::store::{self as sql, Wanted};
use crate::vault::Vault;

/// Letters of the words of whoever looks.
const LONGEST_WORDS: usize = 300;

/// Notes a look in the caller's transaction, before anything is shown: what could not be noted is not
/// shown.
///
/// Errors: `Invalid` at `purpose` for one that the right was not given for, or for none where there
/// are several; at `words` when they are too long or carry a citizen number.
/// Law: 91/2025/QH15: processing is recorded with its purpose.
pub async fn note(tx: &mut Tx, clock: &Clock, actor: Actor<'_>, look: Look<'_>) -> Result<i64> {
    let purpose = purpose_of(actor, look)?;
    let words = base::text::clean(look.words);
    if words.chars().count() > LONGEST_WORDS {
        return Err(Error::invalid("words", |lang| {
            lang::organisation::too_long(lang, LONGEST_WORDS)
        }));
    }
    if has_citizen_number(&words) {
        return Err(Error::invalid("words", lang::trace::number_in_words));
    }
    write(tx, clock, actor.name, Look { words: &words, purpose: &purpose, ..look }).await
}

/// Writes a look as it is said, with its entry.
pub(super) async fn write(tx: &mut Tx, clock: &Clock, actor: &str, look: Look<'_>) -> Result<i64> {
    let mut subjects = look.subjects.to_vec();
    subjects.sort_unstable();
    subjects.dedup();
    let mut read = Read {
        id: Id::new(clock),
        at: clock.now(),
        actor: actor.to_owned(),
        act: look.act.as_str().to_owned(),
        record_kind: look.record_kind.to_owned(),
        record: look.record.to_owned(),
        subjects,
        unit: look.unit,
        purpose: look.purpose.to_owned(),
        words: look.words.to_owned(),
        shown: i64::try_from(look.shown).unwrap_or(i64::MAX),
        salt: random_bytes::<16>().to_vec(),
        form: Form::Apart,
        facts: Vec::new(),
        erasure: None,
        entry: 0,
    };
    let words = match look.sealed {
        Some((vault, words)) => Some(seal(tx, (vault, words), &read).await?),
        None => None,
    };
    read.facts = read.facts(words.as_ref().map_or(&[], |words| &words.facts)).to_vec();
    let entry = NewEntry {
        id: Id::new(clock),
        actor: read.actor.clone(),
        cause: "access.read",
        record_kind: "read",
        record_id: read.id.to_string(),
        record_version: 1,
        content_hash: read.hash(),
        postings: Vec::new(),
    };
    read.entry = journal::append(tx, clock, vec![entry]).await?;
    sql::insert(tx, &read).await?;
    if let Some(words) = &words {
        sql::insert_words(tx, words).await?;
    }
    Ok(read.entry)
}

/// Seals what was said beside a look.
async fn seal(tx: &mut Tx, (vault, words): (&Vault, &str), read: &Read) -> Result<SealedWords> {
    let salt = Zeroizing::new(random_bytes::<SALT_BYTES>());
    let facts = SealedWords::facts_of(&salt[..], words).to_vec();
    let field = Zeroizing::new([&salt[..], words.as_bytes()].concat());
    let mut sealed = SealedWords { read: read.id.to_string(), sealed: None, facts, reading: None };
    sealed.sealed = Some(vault.seal(tx, sealed.place(), &field, read.at).await?);
    Ok(sealed)
}

/// The purpose that is noted: the one that was said, or the only one there is.
fn purpose_of(actor: Actor<'_>, look: Look<'_>) -> Result<String> {
    let mut known = actor.rights.purposes(look.act);
    match look.purpose {
        "" => match (known.next(), known.next()) {
            (None, _) => Ok(String::new()),
            (Some(only), None) => Ok(only.to_owned()),
            (Some(_), Some(_)) => Err(Error::invalid("purpose", lang::trace::choose_purpose)),
        },
        said if known.any(|it| it == said) || actor.rights.is_operator() => Ok(said.to_owned()),
        _ => Err(Error::invalid("purpose", lang::trace::choose_purpose)),
    }
}

/// Whether twelve digits stand together, as a citizen number has them, also with gaps between.
fn has_citizen_number(words: &str) -> bool {
    let mut run = 0;
    for letter in words.chars() {
        match letter {
            _ if letter.is_ascii_digit() => run += 1,
            ' ' | '.' | '-' => {}
            _ => run = 0,
        }
        if run >= 12 {
            return true;
        }
    }
    false
}

/// What is looked for in the trace.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The account that looked; all where it is empty.
    pub actor: String,
    /// The word of the act; all where it is empty.
    pub act: String,
    /// Those whose data it is; everybody's without.
    pub subjects: Option<Vec<String>>,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub before: Option<Moment>,
}

/// A page of the trace, the last look first.
///
/// Errors: `Invalid` for a cursor of another list.
pub async fn list(
    tx: &mut Tx,
    filter: &Filter,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Read>> {
    let before_entry = cursor.map_or(Ok(i64::MAX), Cursor::decode::<i64>)?;
    let wanted = Wanted {
        actor: &filter.actor,
        act: &filter.act,
        subjects: filter.subjects.as_deref(),
        from: filter.from,
        before: filter.before,
        before_entry,
    };
    let most = i64::try_from(limit + 1).map_err(Error::internal)?;
    Ok(Page::cut(sql::list(tx, &wanted, most).await?, limit, |read| read.entry))
}

/// Looks through the whole trace: a page of it, and what was unusual in the last day. That is noted too.
///
/// Errors: those of rights; those of [`list`] and [`note`].
pub(crate) async fn look_through(
    tx: &mut Tx,
    (clock, actor): (&Clock, Actor<'_>),
    filter: &Filter,
    (cursor, limit): (Option<&str>, usize),
) -> Result<(Page<Read>, Vec<Unusual>)> {
    actor.check(Act::ReadTrace, Place::PROVINCE)?;
    let page = list(tx, filter, cursor, limit).await?;
    let strange = unusual(tx, clock.now()).await?;
    let look = Look {
        act: Act::ReadTrace,
        record_kind: "trace",
        record: "",
        subjects: &[],
        unit: None,
        purpose: "",
        words: &filter.actor,
        sealed: None,
        shown: page.items.len(),
    };
    note(tx, clock, actor, look).await?;
    Ok((page, strange))
}

/// What was unusual in the last day.
///
/// Errors: `Unavailable`.
pub async fn unusual(tx: &mut Tx, now: Moment) -> Result<Vec<Unusual>> {
    let (accounts, people) = sql::habits(tx, now).await?;
    Ok(find_unusual(&accounts, &people))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citizen_number_is_found_in_words_however_it_is_written() {
        for (words, has) in [
            ("hồ sơ số 12 ngày 01/02/2026", false),
            ("093 185 001 234", true),
            ("số 093185001234.", true),
            ("093.185-001234", true),
            ("0939 123 456", false),
            ("01/02/2026 và 03/04/2026", false),
        ] {
            assert_eq!(has_citizen_number(words), has, "{words}");
        }
    }
}
