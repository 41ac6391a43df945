//! That somebody had personal data shown, and for what.

use access::grants::Purpose;
use access::trace::Look;
use access::vault::Place;
use base::rights::{Act, Actor};
use base::{Id, Result, random_bytes};
use journal::NewEntry;
use store::Tx;
use zeroize::Zeroizing;

use crate::office::Context;
use crate::person::Mistakes;
use crate::store::{self as sql, ReadingRow};

/// What somebody wants to see, and for what.
pub struct Reading<'a> {
    /// The record: the id of a request or consent, or what else was looked for.
    pub record: &'a str,
    /// The code of a purpose of the packs.
    pub purpose: &'a str,
    /// In their own words.
    pub words: &'a str,
}

/// Records a reading, in the transaction that opens what is read: what is shown was recorded, or it
/// is not shown.
///
/// Errors: `Invalid` at `purpose` or `words`.
pub async fn trace(
    tx: &mut Tx,
    (cx, reader): (Context<'_>, Actor<'_>),
    reading: &Reading<'_>,
) -> Result<()> {
    let mut wrong = Mistakes::default();
    let purposes = &cx.definitions.reading_purposes;
    let fits = |it: &Purpose| it.code == reading.purpose && it.fits(Act::RevealCitizens);
    if !purposes.iter().any(fits) {
        wrong.add("purpose", lang::subjects::choose_purpose);
    }
    let words = Zeroizing::new(wrong.text("words", reading.words));
    wrong.done()?;
    // In the trace of all looks; what somebody said in own words may tell of a person and stays here.
    let subjects = [reading.record.to_owned()];
    let look = Look {
        act: Act::RevealCitizens,
        record_kind: "subject",
        record: reading.record,
        subjects: if reading.record.is_empty() { &[] } else { &subjects },
        unit: None,
        purpose: reading.purpose,
        words: "",
        shown: usize::from(!reading.record.is_empty()),
    };
    access::trace::note(tx, cx.clock, reader, look).await?;
    let id = Id::new(cx.clock);
    let now = cx.clock.now();
    let row = id.to_string();
    let salt = random_bytes::<32>();
    let place = Place { table: "subject_readings", column: "words", row: &row };
    let field = [&salt[..], words.as_bytes()].concat();
    let sealed = cx.vault.seal(tx, place, &Zeroizing::new(field), now).await?;
    let facts = journal::content_hash(&[b"sogoc reading words 1", &salt, words.as_bytes()]);
    let mut row = ReadingRow {
        id: row,
        record: reading.record.to_owned(),
        at: now.0,
        actor: cx.actor.to_owned(),
        purpose: reading.purpose.to_owned(),
        words: sealed,
        facts: facts.to_vec(),
        entry: 0,
    };
    let entry = NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.to_owned(),
        cause: "subjects.read",
        record_kind: "subject_reading",
        record_id: row.id.clone(),
        record_version: 1,
        content_hash: row.hash(),
        postings: Vec::new(),
    };
    row.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::insert_reading(tx, &row).await
}

impl ReadingRow {
    /// What the journal covers.
    pub(crate) fn hash(&self) -> [u8; 32] {
        journal::content_hash(&[
            b"sogoc reading 1",
            self.id.as_bytes(),
            self.record.as_bytes(),
            &self.at.to_be_bytes(),
            self.actor.as_bytes(),
            self.purpose.as_bytes(),
            &self.facts,
        ])
    }
}
