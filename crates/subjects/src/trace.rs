//! That somebody had personal data shown, and for what.

use access::grants::Purpose;
use access::trace::Look;
use base::Result;
use base::rights::{Act, Actor};
use store::Tx;
use territory::UnitId;
use web::looks::{self, Shown};
use zeroize::Zeroizing;

use crate::locker;
use crate::office::Context;
use crate::person::Mistakes;
use crate::store as sql;

/// What somebody wants to see, and for what.
pub struct Reading<'a> {
    /// The records: ids of requests, consents, or what other areas hold.
    pub records: &'a [String],
    /// The desk that has the record; none for the province's and for several.
    pub desk: Option<UnitId>,
    /// The number by which they were looked for, where they were.
    pub number: Option<&'a str>,
    /// The code of a purpose of the packs.
    pub purpose: &'a str,
    /// In their own words.
    pub words: &'a str,
}

/// What stands in the trace for whoever has a citizen number: its blind index.
pub(crate) fn subject_of(person: &[u8]) -> String {
    person.iter().fold("person:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// Records a reading in the trace of all looks, in the transaction that opens what is read: what is
/// shown was recorded, or it is not shown. The words may tell of the person and go into the vault; of
/// a number that was looked for its blind index is kept, also where nothing was found.
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
    let mut subjects = reading.records.to_vec();
    subjects.extend(reading.number.map(|number| subject_of(&locker::person(cx.vault, number))));
    let (record_kind, record) = match (reading.number, reading.records) {
        (None, [record]) => (sql::kind_of(tx, record).await?, record.as_str()),
        _ => ("subject_search", ""),
    };
    let look = Look {
        act: Act::RevealCitizens,
        record_kind,
        record,
        subjects: &subjects,
        unit: reading.desk,
        purpose: reading.purpose,
        words: "",
        sealed: Some((cx.vault, &words)),
        shown: reading.records.len(),
    };
    access::trace::note(tx, cx.clock, reader, look).await?;
    Ok(())
}

/// Tells that masked data is shown: of one request or consent, or of the list of a desk.
pub(crate) fn tell_masked(
    act: Act,
    kind: &'static str,
    record: &str,
    (unit, count): (Option<UnitId>, usize),
) {
    let subjects = Vec::from_iter(Some(record.to_owned()).filter(|record| !record.is_empty()));
    let (record, words) = (record.to_owned(), String::new());
    let unit = unit.map(|unit| unit.0);
    looks::tell(Shown { act, kind, record, subjects, unit, words, count });
}
