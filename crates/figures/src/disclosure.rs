//! What of a count or an entry is for everybody: the one place that decides, for pages and API.
//!
//! The numbers are public, and by which post of which agency they were recorded. The name of the
//! account, the source as somebody wrote it, the reason of a correction and the name of a file are for
//! whoever may see counts as they were reported, where they lie.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::organisation::{ActsAs, acts_as};
use base::rights::{Act, Actor, Place};
use base::{Moment, Result};
use journal::{Entry, PostingRow};
use lang::Lang;
use store::Tx;

use crate::observations::Observation;

/// When each version was recorded, and by whom, by its entry.
pub(crate) type Recordings = HashMap<i64, (Moment, String)>;

/// Whether everything of a record is for the one who looks.
fn is_inside(reader: Actor<'_>, unit: Option<i64>, maker: &str) -> bool {
    reader.may(Act::ReadObservations, Place { unit, maker: Some(maker) })
}

/// Puts the post in the place of the account.
async fn veil(tx: &mut Tx, lang: Lang, (name, at): (&mut String, Moment)) -> Result<()> {
    match acts_as(tx, name, at.day()).await? {
        ActsAs::Post(post) => *name = post,
        ActsAs::Account => lang::drill::some_account(lang).clone_into(name),
        // A part of the program, or whoever runs the machine.
        ActsAs::Program => {}
    }
    Ok(())
}

/// Leaves of an entry what is for the one who looks.
///
/// Errors: `Unavailable`.
pub(crate) async fn entry(
    tx: &mut Tx,
    (lang, reader): (Lang, Actor<'_>),
    entry: &mut Entry,
) -> Result<()> {
    let unit = entry.postings.first().map(|posting| posting.unit);
    if !is_inside(reader, unit, &entry.actor) {
        veil(tx, lang, (&mut entry.actor, entry.recorded_at)).await?;
    }
    Ok(())
}

/// Leaves of postings with their entries what is for the one who looks. Gives the ids of the records
/// of which all is.
///
/// Errors: `Unavailable`.
pub(crate) async fn rows(
    tx: &mut Tx,
    (lang, reader): (Lang, Actor<'_>),
    rows: &mut [PostingRow],
) -> Result<BTreeSet<String>> {
    let mut inside = BTreeSet::new();
    let mut known: BTreeMap<(String, base::Day), String> = BTreeMap::new();
    for row in rows {
        if is_inside(reader, Some(row.posting.unit), &row.actor) {
            inside.insert(row.record_id.clone());
            continue;
        }
        let key = (row.actor.clone(), row.recorded_at.day());
        if let Some(post) = known.get(&key) {
            row.actor.clone_from(post);
            continue;
        }
        veil(tx, lang, (&mut row.actor, row.recorded_at)).await?;
        known.insert(key, row.actor.clone());
    }
    Ok(inside)
}

/// Leaves of the versions of a count what is for the one who looks. Says whether that is all.
///
/// Errors: `Unavailable`.
pub(crate) async fn versions(
    tx: &mut Tx,
    (lang, reader): (Lang, Actor<'_>),
    versions: &mut [Observation],
    recordings: &mut Recordings,
) -> Result<bool> {
    let Some(unit) = versions.first().map(|it| it.unit.0) else { return Ok(true) };
    let first = versions.iter().min_by_key(|it| it.version).map(|it| it.entry);
    let maker = first.and_then(|entry| recordings.get(&entry)).map(|(_, maker)| maker.clone());
    if is_inside(reader, Some(unit), maker.as_deref().unwrap_or_default()) {
        return Ok(true);
    }
    for version in versions {
        version.source = String::new();
        version.reason = version.reason.as_ref().map(|_| String::new());
        version.evidence = None;
    }
    for (at, name) in recordings.values_mut() {
        veil(tx, lang, (name, *at)).await?;
    }
    Ok(false)
}
