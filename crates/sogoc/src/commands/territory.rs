//! `sogoc import territory`: lists of units from a folder.

use base::Result;
use lang::Lang;
use packs::PackFiles;

use super::shown::Shown;
use super::{OPERATOR, say};
use crate::app::App;

/// Imports a folder in one transaction.
pub(crate) async fn import(lang: Lang, app: &App, files: &PackFiles) -> Result<()> {
    let shown = Shown::new(lang, lang::cli::importing(lang));
    let mut tx = app.database().write().await?;
    tx.watch(shown.clone());
    let imported = territory::import_lists(
        &mut tx,
        app.clock(),
        base::rights::Actor::operator(OPERATOR),
        &files.files,
    )
    .await?;
    tx.commit().await?;
    shown.end();
    if imported.is_empty() {
        say(lang::cli::nothing_new(lang));
    } else {
        say(lang::cli::imported(
            lang,
            lang::cli::Imported {
                acts: imported.acts,
                changes: imported.changes,
                outlines: imported.outlines,
                units: imported.units,
                versions: imported.versions,
            },
        ));
    }
    Ok(())
}
