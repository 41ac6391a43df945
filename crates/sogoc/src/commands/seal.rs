//! `sogoc seal`, the key that it seals with, and sealing while the program serves.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use base::{Error, Result, grouped, random_bytes};
use journal::seals::{SealKey, Sealer, find_last};
use lang::Lang;
use store::private;

use super::arriving::{Arriving, folder, unwritable};
use super::{make_folder, say};
use crate::app::App;
use crate::config::{Config, Seals};

/// Seals what is not sealed yet, and writes the checkpoint into a file, if one is given.
pub(crate) async fn seal(
    lang: Lang,
    config: &Config,
    app: &App,
    file: Option<&Path>,
) -> Result<()> {
    let arriving = file.map(Arriving::at).transpose()?;
    let key = key(lang, &config.seals, app).await?;
    let public = key.public().to_text();
    let sealer = app.sealer.clone().with(Some(key), Vec::new());
    let Some((newest, added)) = sealer.seal().await? else {
        say(lang::seals::nothing_sealed(lang));
        return Ok(());
    };
    let number = |count: u64| grouped(lang, i64::try_from(count).unwrap_or(i64::MAX));
    let sealed = lang::cli::Sealed { added: number(added), size: number(newest.checkpoint.size) };
    say(lang::cli::sealed(lang, sealed));
    say(lang::cli::public_key(lang, public));
    if let Some(arriving) = arriving {
        std::fs::write(arriving.path(), newest.note)
            .map_err(|cause| unwritable(arriving.path(), &cause))?;
        arriving.keep()?;
    }
    Ok(())
}

/// The key of the configuration. Where nothing was ever sealed, one is made.
///
/// Errors: `Invalid` at the file when it cannot be read or written, or when it is not there though
/// the journal was sealed before: another key would break the row of its checkpoints.
pub(crate) async fn key(lang: Lang, seals: &Seals, app: &App) -> Result<SealKey> {
    if let Some(key) = read_key(&seals.key)? {
        return Ok(key);
    }
    let place = seals.key.display().to_string();
    let mut tx = app.database().read().await?;
    if find_last(&mut tx).await?.is_some() {
        return Err(Error::invalid(place, lang::seals::lost_key));
    }
    let key = SealKey::generate(&origin(seals))?;
    write_key(&seals.key, &key)?;
    say(lang::cli::new_seal_key(lang, place));
    Ok(key)
}

/// The key in a file; none where there is no file.
///
/// Errors: `Invalid` at the file.
pub(super) fn read_key(path: &Path) -> Result<Option<SealKey>> {
    let place = path.display().to_string();
    private::keep_to_oneself(path);
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let key = SealKey::parse(&text);
            key.map(Some).map_err(|_| Error::invalid(place, lang::seals::bad_secret_key))
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => {
            let cause = base::system_reason(&cause);
            Err(Error::invalid(place, move |lang| lang::packs::unreadable(lang, cause.say(lang))))
        }
    }
}

/// A name that no other journal has.
fn origin(seals: &Seals) -> String {
    let made = || format!("sogoc/{:016x}", u64::from_be_bytes(random_bytes()));
    seals.origin.clone().unwrap_or_else(made)
}

/// Writes a key into a file that nobody else may read, and that was not there.
///
/// Errors: `Invalid` at the file.
pub(super) fn write_key(path: &Path, key: &SealKey) -> Result<()> {
    make_folder(folder(path))?;
    let write = || {
        let mut file = private::options().create_new(true).open(path)?;
        writeln!(file, "{}", key.to_text())?;
        file.sync_all()?;
        File::open(folder(path))?.sync_all()
    };
    write().map_err(|cause| unwritable(path, &cause))
}

/// Seals new entries every so many seconds until the task is aborted. What fails is logged once,
/// until it goes well again; the work of others goes on meanwhile.
pub(crate) async fn seal_regularly(sealer: Sealer, seconds: u64) {
    let mut interval = tokio::time::interval(Duration::from_secs(seconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        interval.tick().await;
        match sealer.seal().await {
            Ok(_) => failing = false,
            Err(error) if !failing => {
                failing = true;
                tracing::error!(cause = error.cause(), "the journal is not sealed");
            }
            Err(_) => {}
        }
    }
}
