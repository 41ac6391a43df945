//! `sogoc verify`: recompute everything from its source and compare.

use base::{Result, grouped};
use lang::Lang;

use super::say;
use super::shown::Shown;
use crate::app::App;

/// What a verification found in all areas.
pub(crate) struct Found {
    journal: journal::Report,
    versions: u64,
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
pub(crate) async fn check(app: &App) -> Result<Found> {
    let journal = journal::verify(app.database(), &journal::Trust::default()).await?;
    let mut tx = app.database().read().await?;
    // What others rest on comes first: a damaged definition is named by its pack.
    let mut faults = packs::verify(&mut tx).await?.1;
    faults.extend(territory::verify(&mut tx).await?.1);
    let versions = match figures::observations::verify(&mut tx).await {
        Ok((versions, more)) => {
            faults.extend(more);
            versions
        }
        Err(error) if faults.is_empty() => return Err(error),
        // What was found says why.
        Err(_) => 0,
    };
    Ok(Found { journal, versions, faults })
}

/// True when all holds; each difference is printed.
pub(crate) async fn verify(lang: Lang, app: &App) -> Result<bool> {
    let number = |count: u64| grouped(lang, i64::try_from(count).unwrap_or(i64::MAX));
    let mut tx = app.database().read().await?;
    let entries = journal::last_seq(&mut tx).await?;
    drop(tx);
    let shown = Shown::new(lang, lang::cli::verifying(lang, grouped(lang, entries)));
    let found = check(app).await?;
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
            versions: number(found.versions),
        },
    ));
    let holds = found.fault_count() == 0;
    if holds {
        say(lang::cli::all_holds(lang));
    } else {
        say(lang::cli::faults(lang, number(found.fault_count())));
    }
    Ok(holds)
}
