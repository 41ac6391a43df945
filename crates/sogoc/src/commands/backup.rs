//! `sogoc backup` and `sogoc restore`, from and into either engine.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use base::{Clock, Error, Progress, Result, grouped};
use journal::Trust;
use lang::Lang;
use store::{Database, Location};

use super::arriving::{Arriving, folder, unwritable};
use super::shown::Shown;
use super::{make_folder, say, verify};
use crate::app::{App, POSTGRES, SQLITE};
use crate::config::Config;

/// Copies the database, as one state of it, into a new file.
pub(crate) async fn backup(lang: Lang, app: &App, file: &Path) -> Result<()> {
    let arriving = Arriving::at(file)?;
    let shown = Shown::new(lang, lang::cli::copying(lang));
    let progress: Arc<dyn Progress> = shown.clone();
    let rows = store::back_up(app.database(), arriving.path(), &SQLITE, &progress).await?;
    arriving.keep()?;
    shown.end();
    let rows = grouped(lang, i64::try_from(rows).unwrap_or(i64::MAX));
    say(lang::cli::backed_up(lang, lang::cli::BackedUp { file: file.display(), rows }));
    Ok(())
}

/// Makes the database from a backup. It must not be there yet, or hold nothing. A copy of the
/// backup is brought to the present version and verified first; a damaged one is refused.
pub(crate) async fn restore(lang: Lang, config: &Config, file: &Path) -> Result<()> {
    let shown = Shown::new(lang, lang::cli::reading(lang));
    let progress: Arc<dyn Progress> = shown.clone();
    match &config.location {
        Location::File(target) => {
            make_folder(folder(target))?;
            let arriving = Arriving::at(target)?;
            bring(file, &arriving, &*shown).await?;
            arriving.keep()?;
        }
        Location::Server(_) => {
            let database = Database::open(&config.location).await?;
            make_folder(&config.data_dir)?;
            let arriving = Arriving::at(&config.data_dir.join("restored.db"))?;
            bring(file, &arriving, &*shown).await?;
            let from = Database::open(&Location::File(arriving.path().to_owned())).await?;
            store::fill_server(&database, &from, &SQLITE, &POSTGRES, &progress).await?;
            from.close().await;
        }
    }
    shown.end();
    say(lang::cli::restored(lang, crate::config::shown(&config.location)));
    Ok(())
}

/// Copies a backup to where it arrives, migrates the copy and verifies it.
async fn bring(file: &Path, arriving: &Arriving, progress: &dyn Progress) -> Result<()> {
    let app = open_copy(file, arriving, progress).await?;
    progress.begin(lang::cli::recomputing, 0);
    let found = verify::check(&app, &Trust::default()).await?;
    app.database().close().await;
    found.first_fault().map_or(Ok(()), |fault| Err(damaged(file, fault)))
}

/// Opens a copy of a backup as a database of the present version, and leaves the backup alone.
///
/// Errors: `Invalid` at the backup when it is none, is damaged, or was made by a newer program.
pub(crate) async fn open_copy(
    file: &Path,
    arriving: &Arriving,
    progress: &dyn Progress,
) -> Result<App> {
    copy_bytes(file, arriving.path(), progress)?;
    store::unpack(arriving.path(), &file.display().to_string(), &SQLITE, progress).await?;
    let location = Location::File(arriving.path().to_owned());
    let app = App::open(&location, Clock::system()).await?;
    store::has_schema(app.database(), &SQLITE)
        .await
        .map_err(|cause| damaged(file, cause.cause()))?;
    Ok(app)
}

fn damaged(file: &Path, cause: String) -> Error {
    Error::invalid(file.display().to_string(), move |lang| {
        lang::error::damaged_backup(lang, &cause)
    })
}

fn copy_bytes(from: &Path, to: &Path, progress: &dyn Progress) -> Result<()> {
    let unreadable = |cause: std::io::Error| {
        let cause = base::system_reason(&cause);
        Error::invalid(from.display().to_string(), move |lang| {
            lang::packs::unreadable(lang, cause.say(lang))
        })
    };
    let mut reader = File::open(from).map_err(unreadable)?;
    progress.begin(lang::cli::reading, reader.metadata().map_err(unreadable)?.len());
    let mut writer =
        File::options().write(true).open(to).map_err(|cause| unwritable(to, &cause))?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = reader.read(&mut buffer).map_err(unreadable)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { return Ok(()) };
        writer.write_all(part).map_err(|cause| Error::Unavailable(cause.into()))?;
        progress.advance(count as u64);
    }
}
