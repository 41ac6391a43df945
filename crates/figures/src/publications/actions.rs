//! Publishing, withdrawing, and reading what was published.

use base::rights::{Act, Place};
use base::{Cursor, Error, FieldError, Id, Page, Result, long_day};
use journal::{NewEntry, seals};
use lang::{Lang, Text};
use store::Tx;
use territory::Atlas;

use super::model::{
    Body, Checkpoint, Ended, FORM, FileKind, Issue, NewPublication, Publication, RENDERER,
    Rendering, Replaced, Withdrawal,
};
use super::{rules, store as sql};
use crate::observations::{self, Context};
use crate::reports::{Sheet, Wish, fill, find_report};

/// The papers of officials are in Vietnamese, whoever reads them.
const LANG: Lang = Lang::Vietnamese;

/// Freezes a filled form (*công bố biểu*): its body and its files, each sealed by an entry of its
/// own. One that takes the place of another ends that one in the same breath.
///
/// Errors: `NotFound` for an unknown form, or an unknown publication to replace; `Invalid` at
/// `number` (missing, too long, used in that year), `place`, `signer`, `post`, `on`, `period` (not
/// of the form, or not over), `known` (to come), `map`, `reason`; `Refused` `publications.empty`
/// when there is no number in it, `publications.ended` when the one to replace has ended.
pub async fn publish(
    tx: &mut Tx,
    cx: Context<'_>,
    atlas: &Atlas,
    new: NewPublication,
) -> Result<Publication> {
    cx.actor.check(Act::Publish, Place::PROVINCE)?;
    let new = rules::cleaned(new);
    let mut errors = rules::mistakes(&new, cx.clock.today());
    journal::lock(tx).await?;
    let slug = rules::slug(&new.number, new.on);
    if sql::find(tx, &slug).await?.is_some() {
        let text = Text::new(lang::publications::number_taken);
        errors.push(FieldError { place: "number".to_owned(), text });
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let replaced = match &new.replaces {
        Some(replacing) => Some((standing(tx, &replacing.reference).await?, &replacing.reason)),
        None => None,
    };
    let sheet = freeze(tx, cx, atlas, &new).await?;
    let body = body(tx, cx, &new, sheet, replaced.as_ref()).await?;
    let mut publication = save(tx, cx, slug, body).await?;
    if let Some((old, reason)) = replaced {
        let replaced_by = Some(publication.id.clone());
        let ended = Ended { reason: reason.clone(), replaced_by, entry: 0 };
        end(tx, cx, &old.id, ended, "publications.replace").await?;
    }
    publication.files = files(tx, &publication).await?;
    Ok(publication)
}

/// The form filled as it is to be frozen.
async fn freeze(
    tx: &mut Tx,
    cx: Context<'_>,
    atlas: &Atlas,
    new: &NewPublication,
) -> Result<Sheet> {
    let position = journal::position(tx).await?;
    // A clock that was set back is behind the journal.
    let now = cx.clock.now().max(position.at);
    if new.cut_off.is_some_and(|cut_off| cut_off > now) {
        return Err(Error::invalid("known", lang::figures::known_to_come));
    }
    let entries = match new.cut_off {
        Some(cut_off) => journal::seq_known_at(tx, cut_off).await? - 1,
        None => position.entries,
    };
    let wish = Wish {
        report: find_report(cx.catalogue, &new.report)?,
        period: new.period.clone(),
        map: new.map,
        known: new.cut_off,
        cut_off: new.cut_off.unwrap_or(now),
        entries,
        made_up: observations::has_made_up(tx).await?,
        lang: LANG,
    };
    let sheet = fill(tx, atlas, cx.catalogue, &wish).await?;
    match sheet.has_numbers() {
        true => Ok(sheet),
        false => Err(Error::refused("publications.empty", lang::publications::empty)),
    }
}

async fn body(
    tx: &mut Tx,
    cx: Context<'_>,
    new: &NewPublication,
    sheet: Sheet,
    replaced: Option<&(Publication, &String)>,
) -> Result<Body> {
    let seal = seals::find_covering(tx, sheet.entries).await?;
    let place_line = lang::publications::place_line(
        LANG,
        lang::publications::PlaceLine { day: long_day(LANG, new.on), place: &new.place },
    );
    let issue = Issue {
        number: new.number.clone(),
        number_line: lang::publications::number_line(LANG, &new.number),
        place: new.place.clone(),
        on: new.on,
        place_line,
        signer: new.signer.clone(),
        published_at: cx.clock.now(),
    };
    let replaces = replaced.map(|(old, reason)| {
        let (number, reason) = (old.body.issue.number.clone(), (*reason).clone());
        let say = lang::publications::Replaces { number: &number, reason: &reason };
        let line = lang::publications::replaces(LANG, say);
        Replaced { id: old.id.clone(), number, reason, line }
    });
    let checkpoint = seal
        .map(|seal| Checkpoint { size: seal.checkpoint.size, root: seal.checkpoint.root_text() });
    Ok(Body { form: FORM.to_owned(), issue, sheet, checkpoint, replaces })
}

/// Writes the body and its files, each with its entry.
async fn save(tx: &mut Tx, cx: Context<'_>, slug: String, body: Body) -> Result<Publication> {
    let id = Id::new(cx.clock).to_string();
    let bytes = rules::bytes_of(&body)?;
    let mut files = Vec::new();
    for kind in [FileKind::Csv, FileKind::Xlsx] {
        files.push((kind, rules::render(&body, kind)?));
    }
    let entry = |kind: &'static str, record: String, bytes: &[u8]| NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.name.to_owned(),
        cause: "publications.publish",
        record_kind: kind,
        record_id: record,
        record_version: 1,
        content_hash: rules::file_hash(bytes),
        postings: Vec::new(),
    };
    let mut entries = vec![entry("publication", id.clone(), &bytes)];
    for (kind, content) in &files {
        let record = format!("{id}.{}", kind.ending());
        entries.push(entry("publication_file", record, content));
    }
    let first = journal::append(tx, cx.clock, entries).await?;
    let publication = Publication { id, slug, body, entry: first, files: Vec::new(), ended: None };
    sql::insert(tx, &publication, &bytes).await?;
    for ((kind, content), entry) in files.into_iter().zip(first + 1..) {
        let file = Rendering { kind, hash: rules::file_hash(&content).to_vec(), entry };
        sql::insert_file(tx, &publication.id, &file, (RENDERER, content)).await?;
    }
    Ok(publication)
}

/// Withdraws a publication (*thu hồi*): it stays readable, and says so.
///
/// Errors: `NotFound`; `Invalid` at `reason`; `Refused` `publications.ended`.
pub async fn withdraw(tx: &mut Tx, cx: Context<'_>, wish: Withdrawal) -> Result<Publication> {
    cx.actor.check(Act::WithdrawPublication, Place::PROVINCE)?;
    let reason = base::text::clean(&wish.reason);
    if let Some(text) = rules::wrong_reason(&reason) {
        return Err(Error::Invalid(vec![FieldError { place: "reason".to_owned(), text }]));
    }
    journal::lock(tx).await?;
    let old = standing(tx, &wish.reference).await?;
    let ended = Ended { reason, replaced_by: None, entry: 0 };
    end(tx, cx, &old.id, ended, "publications.withdraw").await?;
    find(tx, &old.id).await
}

/// A publication that has not ended.
async fn standing(tx: &mut Tx, reference: &str) -> Result<Publication> {
    let old = find(tx, reference).await?;
    match old.ended {
        None => Ok(old),
        Some(_) => Err(Error::refused("publications.ended", lang::publications::has_ended)),
    }
}

async fn end(
    tx: &mut Tx,
    cx: Context<'_>,
    id: &str,
    mut ended: Ended,
    cause: &'static str,
) -> Result<()> {
    let entry = NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.name.to_owned(),
        cause,
        record_kind: "publication",
        record_id: id.to_owned(),
        record_version: 2,
        content_hash: rules::end_hash(id, &ended),
        postings: Vec::new(),
    };
    ended.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::insert_end(tx, id, &ended).await
}

/// A publication by its id or its name in addresses, with its files.
///
/// Errors: `NotFound`.
pub async fn find(tx: &mut Tx, reference: &str) -> Result<Publication> {
    let found = sql::find(tx, reference).await?;
    let mut found = found.ok_or_else(|| Error::not_found(lang::publications::unknown))?;
    found.files = files(tx, &found).await?;
    Ok(found)
}

/// One without its files; none when there is no such publication.
///
/// Errors: `Unavailable`.
pub(crate) async fn find_frozen(tx: &mut Tx, reference: &str) -> Result<Option<Publication>> {
    sql::find(tx, reference).await
}

/// Those that stand, the newest first, without their files; then those that ended after an entry.
///
/// Errors: `Unavailable`.
pub(crate) async fn standing_or_ended_since(
    tx: &mut Tx,
    entry: i64,
    limit: i64,
) -> Result<Vec<Publication>> {
    let mut found = sql::list_standing(tx, limit).await?;
    found.extend(sql::list_ended_since(tx, entry, limit).await?);
    Ok(found)
}

/// The body and the other files.
async fn files(tx: &mut Tx, publication: &Publication) -> Result<Vec<Rendering>> {
    let mut files = sql::files(tx, &publication.id).await?;
    let body = sql::find_body(tx, &publication.id).await?.unwrap_or_default();
    let hash = rules::file_hash(&body).to_vec();
    files.push(Rendering { kind: FileKind::Json, hash, entry: publication.entry });
    Ok(files)
}

/// Publications, the newest first, without their files.
///
/// Errors: `Invalid` for a cursor of another list.
pub async fn list(tx: &mut Tx, cursor: Option<&str>, limit: usize) -> Result<Page<Publication>> {
    let before = cursor.map_or(Ok(i64::MAX), Cursor::decode::<i64>)?;
    let most = i64::try_from(limit + 1).map_err(Error::internal)?;
    Ok(Page::cut(sql::list_before(tx, before, most).await?, limit, |it| it.entry))
}

/// Whether anything was ever published.
pub async fn exists_any(tx: &mut Tx) -> Result<bool> {
    sql::exists_any(tx).await
}

/// The bytes of a file as they were when the publication was made.
///
/// Errors: `NotFound`.
pub async fn file(tx: &mut Tx, id: &str, kind: FileKind) -> Result<Vec<u8>> {
    let found = match kind {
        FileKind::Json => sql::find_body(tx, id).await?,
        kind => sql::find_file(tx, id, kind).await?,
    };
    found.ok_or_else(|| Error::not_found(lang::publications::unknown))
}
