//! `sogoc backup` and `sogoc restore`.

use std::path::Path;

use base::{Clock, Error, Result};
use lang::Lang;
use store::{Database, Location};

use super::say;
use crate::app::App;
use crate::config::Config;

/// Copies the database, as one consistent state, into a new file.
pub(crate) async fn backup(lang: Lang, app: &App, file: &Path) -> Result<()> {
    if file.exists() {
        return Err(Error::invalid(file.display().to_string(), lang::cli::file_exists));
    }
    app.database().copy_to(file).await?;
    say(lang::cli::backed_up(lang, file.display()));
    Ok(())
}

/// Puts a backup in the place of the database, which must not be there yet. The copy is opened
/// and verified first; a damaged one is refused.
pub(crate) async fn restore(lang: Lang, config: &Config, file: &Path) -> Result<()> {
    let Location::File(target) = &config.location else {
        return Err(Error::invalid("database", lang::cli::restore_postgres));
    };
    if target.exists() {
        return Err(Error::invalid(target.display().to_string(), lang::cli::file_exists));
    }
    let unreadable = |cause: std::io::Error| {
        let cause = cause.to_string();
        Error::invalid(file.display().to_string(), move |lang| {
            lang::packs::unreadable(lang, &cause)
        })
    };
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(unreadable)?;
    }
    let arriving = target.with_extension("arriving");
    std::fs::copy(file, &arriving).map_err(unreadable)?;
    let checked = check(&arriving).await;
    for end in ["-wal", "-shm"] {
        let mut beside = arriving.clone().into_os_string();
        beside.push(end);
        let _ = std::fs::remove_file(beside);
    }
    if let Err(error) = checked {
        let _ = std::fs::remove_file(&arriving);
        return Err(error);
    }
    std::fs::rename(&arriving, target).map_err(unreadable)?;
    say(lang::cli::restored(lang, target.display()));
    Ok(())
}

async fn check(file: &Path) -> Result<()> {
    let place = file.display().to_string();
    let damaged = |cause: Error| {
        let cause = cause.to_string();
        Error::invalid(place.clone(), move |lang| lang::cli::damaged_backup(lang, &cause))
    };
    let app =
        App::open(&Location::File(file.to_owned()), Clock::system()).await.map_err(damaged)?;
    let report = journal::verify(app.database()).await.map_err(damaged)?;
    Database::close(app.database()).await;
    if report.holds() {
        return Ok(());
    }
    Err(damaged(Error::internal(report.faults[0].to_string())))
}
