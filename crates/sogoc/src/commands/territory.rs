//! `sogoc import territory`: lists of units from a folder.

use base::Result;
use lang::Lang;
use packs::PackFiles;

use super::{OPERATOR, say};
use crate::app::App;

/// Imports a folder in one transaction.
pub(crate) async fn import(lang: Lang, app: &App, files: &PackFiles) -> Result<()> {
    let spinner = indicatif::ProgressBar::new_spinner().with_message(lang::cli::importing(lang));
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    let mut tx = app.database().write().await?;
    let imported = territory::import_lists(&mut tx, app.clock(), OPERATOR, &files.files).await?;
    tx.commit().await?;
    spinner.finish_and_clear();
    if imported.is_empty() {
        say(lang::cli::nothing_new(lang));
    } else {
        say(lang::cli::imported(
            lang,
            imported.changes,
            imported.outlines,
            imported.units,
            imported.versions,
        ));
    }
    Ok(())
}
