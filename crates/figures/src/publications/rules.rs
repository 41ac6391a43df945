//! What may be published, and in which bytes: no clock, no database.

use base::text::{clean, fold};
use base::{Day, Error, FieldError, Result};
use lang::Text;
use sha2::{Digest, Sha256};

use super::model::{Body, Ended, FileKind, NewPublication};
use super::{csv, xlsx};

/// A number is at most this long. Units: characters.
const LONGEST_NUMBER: usize = 60;
/// A name, a post and a place are at most this long. Units: characters.
const LONGEST_NAME: usize = 120;
/// A reason is at most this long. Units: characters.
const LONGEST_REASON: usize = 1000;

/// The name of a publication in addresses: its number in plain letters, and the year of its day,
/// because numbers begin again with every year.
///
/// Law: Nghị định 30/2020/NĐ-CP, Phụ lục I, II.
///
/// Example: "01/BC-UBND" of 05/07/2025 is `01-bc-ubnd-2025`.
#[must_use]
pub fn slug(number: &str, on: Day) -> String {
    let letters: String =
        fold(number).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let year = on.civil().year();
    format!("{letters}-{year}")
}

/// What was typed in the form in which it is stored.
pub(super) fn cleaned(mut new: NewPublication) -> NewPublication {
    let texts =
        [&mut new.number, &mut new.place, &mut new.signer.name, &mut new.signer.post].into_iter();
    let reason = new.replaces.iter_mut().map(|it| &mut it.reason);
    texts.chain(reason).for_each(|text| *text = clean(text));
    new
}

/// What is wrong with a publication, field by field.
pub(super) fn mistakes(new: &NewPublication, today: Day) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut mistake = |place: &str, text: Option<Text>| {
        errors.extend(text.map(|text| FieldError { place: place.to_owned(), text }));
    };
    let has_letters = fold(&new.number).chars().any(|c| c.is_ascii_alphanumeric());
    let no_number = (!has_letters).then(|| Text::new(lang::publications::no_number));
    mistake("number", no_number.or_else(|| wrong_text(&new.number, LONGEST_NUMBER)));
    mistake("place", wrong_text(&new.place, LONGEST_NAME));
    mistake("signer", wrong_text(&new.signer.name, LONGEST_NAME));
    mistake("post", wrong_text(&new.signer.post, LONGEST_NAME));
    let is_over = new.period.days.to <= today;
    mistake("period", (!is_over).then(|| Text::new(lang::publications::period_runs)));
    let is_early = new.on < new.period.days.to || new.on > today;
    mistake("on", (is_over && is_early).then(|| Text::new(lang::publications::bad_day)));
    let reason = new.replaces.as_ref().map(|it| it.reason.as_str());
    mistake("reason", reason.and_then(wrong_reason));
    errors
}

/// What is wrong with a reason.
pub(super) fn wrong_reason(reason: &str) -> Option<Text> {
    match reason.is_empty() {
        true => Some(Text::new(lang::observations::no_reason)),
        false => wrong_text(reason, LONGEST_REASON),
    }
}

fn wrong_text(text: &str, most: usize) -> Option<Text> {
    if text.is_empty() {
        return Some(Text::new(lang::publications::missing));
    }
    let is_longer = text.chars().nth(most).is_some();
    is_longer.then(|| Text::new(move |lang| lang::observations::too_long(lang, most)))
}

/// The canonical form of a body: its fields in their order, whole numbers and texts alone.
///
/// Errors: `Internal`.
pub(super) fn bytes_of(body: &Body) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(Error::internal)
}

/// A file of a body, made of nothing else: the same body gives the same bytes.
///
/// Errors: `Internal`.
pub(super) fn render(body: &Body, kind: FileKind) -> Result<Vec<u8>> {
    match kind {
        FileKind::Json => bytes_of(body),
        FileKind::Csv => csv::write(body),
        FileKind::Xlsx => xlsx::write(body).map_err(Error::internal),
    }
}

/// What the journal keeps of a file, the body among them: the SHA-256 of its bytes, so that whoever
/// has the file can compute it with any tool.
pub(super) fn file_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What the journal keeps of an end.
pub(super) fn end_hash(id: &str, ended: &Ended) -> [u8; 32] {
    journal::content_hash(&[
        b"sogoc publication end 1",
        id.as_bytes(),
        ended.reason.as_bytes(),
        ended.replaced_by.as_deref().unwrap_or_default().as_bytes(),
    ])
}
