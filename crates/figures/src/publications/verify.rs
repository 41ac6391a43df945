//! Proving that publications are what was published, and their files what their bodies give.

use base::Result;
use store::Tx;

use super::model::{Body, Ended, FORM, FileKind, RENDERER};
use super::store::{self as sql, SealedFileRow, SealedRow};
use super::{rules, slug};

/// Publications read at a time.
const BATCH: i64 = 50;
/// So many places are named.
const NAMED: usize = 100;

/// Compares every publication, every file and every end with what its entry sealed; and, of files
/// that this program would make, makes them anew from the body and compares the bytes. Gives the
/// number of publications and the places that do not hold.
///
/// Errors: `Unavailable`.
pub async fn verify(tx: &mut Tx) -> Result<(u64, Vec<String>)> {
    let mut faults = Vec::new();
    let mut count = 0;
    let mut after = String::new();
    loop {
        let batch = sql::sealed_after(tx, &after, BATCH).await?;
        let Some(last) = batch.last().map(|row| row.id.clone()) else { break };
        for row in batch {
            count += 1;
            let files = sql::sealed_files(tx, &row.id).await?;
            faults.extend(wrong(&row, &files));
        }
        after = last;
    }
    for (id, reason, replaced_by, entry, sealed) in sql::sealed_ends(tx).await? {
        let ended = Ended { reason, replaced_by, entry };
        if sealed.as_deref() != Some(&rules::end_hash(&id, &ended)[..]) {
            faults.push(format!("publication {id}: its end was changed"));
        }
    }
    for (kind, id, version) in sql::missing(tx).await? {
        faults.push(format!("{kind} {id} version {version}: missing"));
    }
    faults.truncate(NAMED);
    Ok((count, faults))
}

fn wrong(row: &SealedRow, files: &[SealedFileRow]) -> Vec<String> {
    let id = &row.id;
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("publication {id}: {what}"));
    let sealed = row.sealed.as_deref();
    if sealed != Some(&rules::file_hash(row.body.as_bytes())[..]) {
        fault("changed".to_owned());
    }
    let body = serde_json::from_str::<Body>(&row.body).ok().filter(|body| body.form == FORM);
    let Some(body) = body else {
        fault("its body cannot be read".to_owned());
        return faults;
    };
    let named = slug(&body.issue.number, body.issue.on);
    let columns = (&row.slug, &row.number, &row.report);
    if columns != (&named, &body.issue.number, &body.sheet.report) {
        fault("its number is not that of its body".to_owned());
    }
    for kind in [FileKind::Csv, FileKind::Xlsx] {
        let Some(file) = files.iter().find(|file| file.kind == kind.ending()) else {
            fault(format!("its {} file is missing", kind.ending()));
            continue;
        };
        let hash = rules::file_hash(&file.content);
        if file.hash != hash || file.sealed.as_deref() != Some(&hash[..]) {
            fault(format!("its {} file was changed", kind.ending()));
        }
        // An earlier program made its files in its own way; their bytes are sealed all the same.
        let is_ours = file.renderer == RENDERER;
        let made = is_ours.then(|| rules::render(&body, kind).ok());
        if made.is_some_and(|made| made.as_ref() != Some(&file.content)) {
            fault(format!("its {} file is not what its body gives", kind.ending()));
        }
    }
    faults
}
