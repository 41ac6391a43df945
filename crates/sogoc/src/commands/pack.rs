//! `sogoc pack check|plan|apply`.

use std::path::Path;

use base::Result;
use lang::Lang;
use packs::{Catalogue, PackFiles, Step, StepKind};

use super::shown::Shown;
use super::{OPERATOR, say};
use crate::app::App;

/// Checks a pack by itself, without a database. Its indicators may use measures of the packs that
/// come with the program; what else was applied is not known here.
pub(crate) fn check(lang: Lang, folder: &Path) -> Result<()> {
    let mut known = Catalogue::default();
    for name in crate::packs_inside::DEFINITIONS {
        let pack = packs::read(&crate::packs_inside::files(name), &known)?;
        known = known.with(&pack);
    }
    let pack = packs::read(&PackFiles::from_folder(folder)?, &known)?;
    say(lang::cli::pack_holds(
        lang,
        lang::cli::PackHolds { name: &pack.header.name, version: &pack.header.version },
    ));
    Ok(())
}

/// Says what applying it would change.
pub(crate) async fn plan(lang: Lang, app: &App, files: &PackFiles) -> Result<()> {
    let mut tx = app.database().read().await?;
    let known = Catalogue::load(&mut tx).await?;
    let pack = packs::read(files, &known)?;
    print(lang, &packs::plan(&mut tx, &pack).await?);
    Ok(())
}

/// Applies it in one transaction.
pub(crate) async fn apply(lang: Lang, app: &App, files: &PackFiles) -> Result<()> {
    let shown = Shown::new(lang, lang::cli::applying(lang));
    let mut tx = app.database().write().await?;
    tx.watch(shown.clone());
    let known = Catalogue::load(&mut tx).await?;
    let pack = packs::read(files, &known)?;
    let steps = packs::apply(&mut tx, app.clock(), OPERATOR, &pack).await?;
    // What may be shown of few people depends on the definitions too.
    let catalogue = Catalogue::load(&mut tx).await?;
    let territory = app.desk.atlas.territory(&mut tx).await?;
    figures::protection::renew_stale(&mut tx, &catalogue, &territory).await?;
    tx.commit().await?;
    shown.end();
    print(lang, &steps);
    Ok(())
}

fn print(lang: Lang, steps: &[Step]) {
    if steps.is_empty() {
        say(lang::cli::nothing_new(lang));
    }
    for step in steps {
        let sign = match step.step {
            StepKind::Add => '+',
            StepKind::Change => '~',
            StepKind::Remove => '-',
        };
        say(format!("{sign} {} {}", step.kind, step.code));
    }
}
