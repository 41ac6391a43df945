//! The vault of the program: its keys, taking new ones while it serves, and forgetting what access
//! keeps for a while.

mod hardware;
mod keyring;
mod manage;

use std::time::Duration;

use access::Access;
use access::vault::{self, Column, Keys, Vault};
use base::{Error, Result};
use lang::Lang;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

use self::keyring::Keyring;
use super::arriving::mark;
use super::say;
use crate::app::App;
use crate::config::Config;

pub(super) use self::manage::manage;

const SWEEP_SECONDS: u64 = 3600;
/// So often it is looked whether the file of the keys changed.
const LOOK_SECONDS: u64 = 10;

/// All columns whose fields the vault seals.
fn columns() -> Vec<Column> {
    [access::SEALED, subjects::SEALED].concat()
}

/// The vault of the configuration. Where nothing was ever sealed, its first key is made. That a key
/// was lost, or its token is gone, must not keep anybody from working: then there is no vault, and
/// the log says so.
///
/// Errors: `Invalid` at the file when it cannot be read or written.
pub(crate) async fn vault(lang: Lang, config: &Config, app: &App) -> Result<Option<Vault>> {
    let mut tx = app.database().read().await?;
    let opened = Keyring::open(config).and_then(|ring| Ok((ring.read()?, ring)));
    let (keys, ring) = match opened {
        Ok(opened) => opened,
        Err(error) if config.token.is_some() => {
            shut(&error, lang);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let keys = match keys {
        Some(keys) => keys,
        None if vault::is_used(&mut tx).await? => {
            shut(&lost(&ring), lang);
            return Ok(None);
        }
        None => make(lang, &ring, next(&mut tx, None).await?)?,
    };
    let vault = Vault::new(keys);
    if !vault.fits(&mut tx).await? {
        shut(&lost(&ring), lang);
        return Ok(None);
    }
    Ok(Some(vault))
}

/// The vault of the configuration, if its keys are there and are those of the database.
///
/// Errors: `Invalid` at the file when it cannot be read.
pub(super) async fn known(config: &Config, app: &App) -> Result<Option<Vault>> {
    let Some(keys) = Keyring::open(config)?.read()? else { return Ok(None) };
    let vault = Vault::new(keys);
    let mut tx = app.database().read().await?;
    Ok(if vault.fits(&mut tx).await? { Some(vault) } else { None })
}

fn lost(ring: &Keyring<'_>) -> Error {
    Error::invalid(ring.place(), lang::access::lost_vault_key)
}

fn shut(error: &Error, lang: Lang) {
    tracing::error!(cause = error.say(lang), "the vault is shut");
}

/// The number of the next key: none has it in the file, and none ever had it in the database.
async fn next(tx: &mut store::Tx, keys: Option<&Keys>) -> Result<u32> {
    let noted = vault::noted(tx).await?.into_iter().map(|(id, _)| id);
    let known = keys.into_iter().flat_map(Keys::numbers).map(|(id, _)| id);
    let last = noted.chain(known).max().unwrap_or(0);
    last.checked_add(1).ok_or_else(|| Error::internal("no number is left for a key"))
}

/// Makes the first key.
fn make(lang: Lang, ring: &Keyring<'_>, id: u32) -> Result<Keys> {
    if let Some(hardware) = ring.hardware() {
        hardware.make_key()?;
    }
    let (keys, are_new) = ring.make(Keys::starting_at(id))?;
    if are_new {
        say(lang::cli::new_vault_key(lang, ring.place()));
    }
    Ok(keys)
}

/// Takes the keys anew whenever their file changed, and at SIGHUP, until the task is aborted. What
/// cannot be taken is logged, and tried again when it changed.
pub(super) async fn follow_keys(config: Config, app: App, vault: Vault) {
    let Ok(mut told) = signal(SignalKind::hangup()) else { return };
    let mut interval = tokio::time::interval(Duration::from_secs(LOOK_SECONDS));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = mark(&config.vault_key);
    loop {
        let is_told = tokio::select! {
            _ = told.recv() => true,
            _ = interval.tick() => false,
        };
        let now = mark(&config.vault_key);
        if !is_told && now == seen {
            continue;
        }
        seen = now;
        match take(&config, &app, &vault).await {
            Ok(true) => tracing::info!("the keys of the vault were taken anew"),
            Ok(false) => tracing::error!("the new keys are not those of the database"),
            Err(error) => {
                let cause = error.say(Lang::English);
                tracing::error!(cause, "the new keys are not taken, the former stay");
            }
        }
    }
}

async fn take(config: &Config, app: &App, vault: &Vault) -> Result<bool> {
    let config = config.clone();
    // The hardware may take its time.
    let read = tokio::task::spawn_blocking(move || Keyring::open(&config)?.read());
    let Some(keys) = read.await.map_err(Error::internal)?? else { return Ok(false) };
    let mut tx = app.database().read().await?;
    vault.take(&mut tx, keys).await
}

/// Forgets every hour what is kept for a while only, until the task is aborted.
pub(super) async fn sweep_regularly(access: Access) {
    let mut interval = tokio::time::interval(Duration::from_secs(SWEEP_SECONDS));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        if let Err(error) = access.sweep().await {
            tracing::error!(cause = error.cause(), "old sign-ins are not forgotten");
        }
    }
}
