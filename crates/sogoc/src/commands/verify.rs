//! `sogoc verify`: recompute everything from its source and compare.

use base::{Result, grouped};
use lang::Lang;

use super::say;
use crate::app::App;

/// True when all holds; each difference is printed.
pub(crate) async fn verify(lang: Lang, app: &App) -> Result<bool> {
    let report = journal::verify(app.database()).await?;
    let mut tx = app.database().read().await?;
    let (versions, faults) = figures::observations::verify(&mut tx).await?;
    for fault in &report.faults {
        say(fault);
    }
    for fault in &faults {
        say(fault);
    }
    let number = |count: u64| grouped(lang, i64::try_from(count).unwrap_or(i64::MAX));
    say(lang::cli::verified(
        lang,
        number(report.cells),
        number(report.entries),
        number(report.postings),
        number(versions),
    ));
    let holds = report.holds() && faults.is_empty();
    let count = number(report.fault_count + faults.len() as u64);
    if holds {
        say(lang::cli::all_holds(lang));
    } else {
        say(lang::cli::faults(lang, count));
    }
    Ok(holds)
}
