//! The file of the vault's keys, and forgetting what access keeps for a while.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::Duration;

use access::Access;
use access::vault::{self, Keys, Vault};
use base::{Error, Result, random_bytes};
use lang::Lang;
use store::private;
use zeroize::Zeroizing;

use super::arriving::{folder, unwritable};
use super::{make_folder, say};
use crate::app::App;
use crate::config::Config;

const SWEEP_SECONDS: u64 = 3600;

/// The vault of the configuration. Where nothing was ever sealed, its first key is made. That a key
/// was lost must not keep anybody from working: then there is no vault, and the log says so.
///
/// Errors: `Invalid` at the file when it cannot be read or written.
pub(crate) async fn vault(lang: Lang, config: &Config, app: &App) -> Result<Option<Vault>> {
    let path = &config.vault_key;
    let mut tx = app.database().read().await?;
    let keys = match read(path)? {
        Some(keys) => keys,
        None if vault::is_used(&mut tx).await? => {
            lost(lang, path);
            return Ok(None);
        }
        None => make(lang, path)?,
    };
    let vault = Vault::new(keys);
    if !vault.fits(&mut tx).await? {
        lost(lang, path);
        return Ok(None);
    }
    Ok(Some(vault))
}

/// The vault of the configuration, if its keys are there and are those of the database.
///
/// Errors: `Invalid` at the file when it cannot be read.
pub(super) async fn known(config: &Config, app: &App) -> Result<Option<Vault>> {
    let Some(keys) = read(&config.vault_key)? else { return Ok(None) };
    let vault = Vault::new(keys);
    let mut tx = app.database().read().await?;
    Ok(if vault.fits(&mut tx).await? { Some(vault) } else { None })
}

fn lost(lang: Lang, path: &Path) {
    let place = path.display().to_string();
    let error = Error::invalid(place, lang::access::lost_vault_key);
    tracing::error!(cause = error.say(lang), "the vault is shut");
}

fn read(path: &Path) -> Result<Option<Keys>> {
    let place = path.display().to_string();
    private::keep_to_oneself(path);
    match std::fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) => {
            let keys = Keys::parse(&text);
            keys.map(Some).map_err(|_| Error::invalid(place, lang::access::bad_vault_key))
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => {
            let cause = base::system_reason(&cause);
            Err(Error::invalid(place, move |lang| lang::packs::unreadable(lang, cause.say(lang))))
        }
    }
}

/// Makes a key in a file that nobody else may read. The file has its name only when all of it is on
/// the disk; of several programs that start at once, all take the key of the first.
fn make(lang: Lang, path: &Path) -> Result<Keys> {
    let keys = Keys::generate();
    make_folder(folder(path))?;
    let arriving = path.with_extension(format!("{:016x}", u64::from_be_bytes(random_bytes())));
    let write = || {
        let mut file = private::options().create_new(true).open(&arriving)?;
        file.write_all(keys.to_text().as_bytes())?;
        file.sync_all()?;
        let named = std::fs::hard_link(&arriving, path);
        std::fs::remove_file(&arriving)?;
        File::open(folder(path))?.sync_all()?;
        named
    };
    match write() {
        Ok(()) => {
            say(lang::cli::new_vault_key(lang, path.display()));
            Ok(keys)
        }
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| unwritable(path, &cause))
        }
        Err(cause) => Err(unwritable(path, &cause)),
    }
}

/// Forgets every hour what is kept for a while only, until the task is aborted.
pub(super) async fn sweep_regularly(access: Access) {
    let mut interval = tokio::time::interval(Duration::from_secs(SWEEP_SECONDS));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        if let Err(error) = access.sweep().await {
            tracing::error!(cause = error.cause(), "old sign-ins are not forgotten");
        }
    }
}
