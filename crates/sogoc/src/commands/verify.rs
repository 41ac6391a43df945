//! `sogoc verify`: recompute everything from its source and compare.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Error, Progress, Result, grouped};
use journal::Trust;
use journal::seals::{Checkpoint, Inclusion, PublicKey, check as check_note};
use lang::Lang;

use super::arriving::Arriving;
use super::shown::Shown;
use super::{backup, make_folder, on_known, say, seal, vault};
use crate::app::App;
use crate::cli::Verify;
use crate::config::Config;

/// A checkpoint or a proof is far shorter.
const LONGEST_TEXT_BYTES: u64 = 8 << 20;

/// What a verification found in all areas.
pub(crate) struct Found {
    journal: journal::Report,
    versions: u64,
    /// Looks whose record, people and words were erased in their time.
    erased: u64,
    faults: Vec<String>,
}

impl Found {
    /// The first thing that does not hold.
    pub(crate) fn first_fault(&self) -> Option<String> {
        let journal = self.journal.faults.first().map(ToString::to_string);
        journal.or_else(|| self.faults.first().cloned())
    }

    fn fault_count(&self) -> u64 {
        self.journal.fault_count + self.faults.len() as u64
    }
}

/// Recomputes and compares.
pub(crate) async fn check(app: &App, trust: &Trust) -> Result<Found> {
    let journal = journal::verify(app.database(), trust).await?;
    let mut tx = app.database().read().await?;
    // What others rest on comes first: a damaged definition is named by its pack.
    let mut faults = packs::verify(&mut tx).await?.1;
    faults.extend(territory::verify(&mut tx).await?.1);
    faults.extend(access::organisation::verify(&mut tx).await?.1);
    let trace = access::trace::verify(&mut tx, app.office.vault().ok()).await?;
    faults.extend(trace.faults);
    faults.extend(subjects::verify(&mut tx, app.office.vault().ok()).await?.1);
    faults.extend(figures::campaigns::verify(&mut tx).await?.1);
    faults.extend(figures::publications::verify(&mut tx).await?.1);
    let mut versions = 0;
    for verified in
        [figures::observations::verify(&mut tx).await, figures::approvals::verify(&mut tx).await]
    {
        match verified {
            Ok((more, found)) => {
                faults.extend(found);
                versions += more;
            }
            Err(error) if faults.is_empty() => return Err(error),
            // What was found says why.
            Err(_) => {}
        }
    }
    Ok(Found { journal, versions, erased: trace.erased, faults })
}

/// True when all holds; each difference is printed.
pub(crate) async fn verify(lang: Lang, config: &Config, what: &Verify) -> Result<bool> {
    if let Some(file) = &what.proof {
        return verify_proof(lang, file, what.key.as_deref().unwrap_or_default());
    }
    let held = what.checkpoint.as_deref().map(|file| held(file, what.key.as_deref()));
    let held = held.transpose()?;
    let key = what.key.as_deref().map(public_key).transpose()?;
    let mut trust =
        Trust { key, witnesses: config.seals.witness_keys(), held: Vec::from_iter(held) };
    match &what.backup {
        Some(file) => {
            let shown = Shown::new(lang, lang::cli::reading(lang));
            let progress: Arc<dyn Progress> = shown.clone();
            make_folder(&config.data_dir)?;
            let copy = Arriving::at(&config.data_dir.join("verified.db"))?;
            let identities = what.identity.as_deref().map(backup::identities).transpose()?;
            let from = backup::From { file, identities: identities.as_ref() };
            let app = backup::open_copy(&from, &copy, &*progress).await?;
            shown.end();
            let holds = verify_all(lang, &app, &trust).await;
            app.database().close().await;
            holds
        }
        None => {
            on_known(config, async |app| {
                // What lies in the vault is compared too, where its keys are at hand.
                let app = &app.clone().keeping(vault::known(config, app).await?);
                if trust.key.is_none() && config.seals.key.exists() {
                    trust.key = Some(seal::key(lang, &config.seals, app).await?.public());
                }
                verify_all(lang, app, &trust).await
            })
            .await
        }
    }
}

async fn verify_all(lang: Lang, app: &App, trust: &Trust) -> Result<bool> {
    let number = |count: u64| grouped(lang, i64::try_from(count).unwrap_or(i64::MAX));
    let mut tx = app.database().read().await?;
    let entries = journal::last_seq(&mut tx).await?;
    drop(tx);
    let shown = Shown::new(lang, lang::cli::verifying(lang, grouped(lang, entries)));
    let found = check(app, trust).await?;
    shown.end();
    for fault in &found.journal.faults {
        say(fault);
    }
    for fault in &found.faults {
        say(fault);
    }
    say(lang::cli::verified(
        lang,
        lang::cli::Verified {
            cells: number(found.journal.cells),
            entries: number(found.journal.entries),
            postings: number(found.journal.postings),
            seals: number(found.journal.seals),
            versions: number(found.versions),
        },
    ));
    if found.erased > 0 {
        say(lang::cli::looks_erased(lang, number(found.erased)));
    }
    if trust.key.is_none() && found.journal.seals > 0 {
        say(lang::cli::signatures_unchecked(lang));
    }
    let holds = found.fault_count() == 0;
    for checkpoint in trust.held.iter().filter(|_| holds) {
        say(lang::cli::checkpoint_holds(lang, number(checkpoint.size)));
    }
    if holds {
        say(lang::cli::all_holds(lang));
    } else {
        say(lang::cli::faults(lang, number(found.fault_count())));
    }
    Ok(holds)
}

/// A checkpoint that was kept elsewhere; its signature is checked where the key is known.
///
/// Errors: `Invalid` at the file.
fn held(file: &Path, key: Option<&str>) -> Result<Checkpoint> {
    let note = read(file)?;
    let held = match key {
        Some(key) => check_note(&note, &public_key(key)?, &[]).map(|(held, _)| held),
        None => Checkpoint::parse(&note),
    };
    held.map_err(|error| at(file, error))
}

/// A proof by itself: that the entry is in the checkpoint, that the journal signed it, and what it
/// says. False when one of the two does not hold; nothing is said of the entry then.
///
/// Errors: `Invalid` at the file when it is no proof.
fn verify_proof(lang: Lang, file: &Path, key: &str) -> Result<bool> {
    let text = read(file)?;
    let key = public_key(key)?;
    let proof = Inclusion::parse(&text).map_err(|error| at(file, error))?;
    let checked = proof.check().and_then(|checkpoint| {
        check_note(&proof.note, &key, &[])?;
        Ok(checkpoint)
    });
    let checkpoint = match checked {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            say(at(file, error).say(lang));
            return Ok(false);
        }
    };
    let entry = &proof.entry;
    say(lang::cli::proved(
        lang,
        lang::cli::Proved {
            at: base::Moment(entry.recorded_at).local(),
            by: &entry.actor,
            kind: &entry.record_kind,
            record: &entry.record_id,
            seq: grouped(lang, entry.seq),
            size: grouped(lang, i64::try_from(checkpoint.size).unwrap_or(i64::MAX)),
            version: entry.record_version,
            what: &entry.cause,
        },
    ));
    say(lang::explain::proved_hash(lang, entry.content_hash_text()));
    say(lang::cli::all_holds(lang));
    Ok(true)
}

/// The same error at the file instead of the field.
fn at(file: &Path, error: Error) -> Error {
    let Error::Invalid(mut errors) = error else { return error };
    for error in &mut errors {
        error.place = file.display().to_string();
    }
    Error::Invalid(errors)
}

/// A key as it was written on the command line, or in a file of that name.
fn public_key(text: &str) -> Result<PublicKey> {
    let file = PathBuf::from(text);
    match file.is_file() {
        true => PublicKey::parse(&read(&file)?).map_err(|error| at(&file, error)),
        false => PublicKey::parse(text),
    }
}

fn read(file: &Path) -> Result<String> {
    let place = file.display().to_string();
    let is_short = file.metadata().map(|about| about.len() <= LONGEST_TEXT_BYTES);
    let text = is_short.and_then(|is_short| match is_short {
        true => std::fs::read_to_string(file),
        false => Err(std::io::ErrorKind::FileTooLarge.into()),
    });
    text.map_err(|cause| {
        let cause = base::system_reason(&cause);
        Error::invalid(place, move |lang| lang::packs::unreadable(lang, cause.say(lang)))
    })
}
