//! `sogoc vault`: the keys of the vault, and changing them while people work.

use access::vault::{self, Keys, Over};
use base::{Error, Result, grouped};
use lang::Lang;

use super::keyring::Keyring;
use super::{Vault, columns, lost, make, next};
use crate::app::App;
use crate::cli::VaultTask;
use crate::commands::say;
use crate::config::Config;

/// Does what was asked with the keys.
pub(in crate::commands) async fn manage(
    lang: Lang,
    config: &Config,
    app: &App,
    what: &VaultTask,
) -> Result<()> {
    let ring = Keyring::open(config)?;
    match what {
        VaultTask::List => list(lang, &ring, app).await,
        VaultTask::AddKey => add_key(lang, &ring, app).await,
        VaultTask::Reseal => reseal(lang, &ring, app).await,
        VaultTask::Retire(number) => retire(lang, &ring, app, number).await,
        VaultTask::Wrap => wrap(lang, &ring, app).await,
        VaultTask::GiveUp => give_up(lang, &ring, app).await,
    }
}

/// The keys, which must be those of the database.
async fn keys(ring: &Keyring<'_>, app: &App) -> Result<Keys> {
    let keys = ring.read()?.ok_or_else(|| lost(ring))?;
    let vault = Vault::new(keys.clone());
    let mut tx = app.database().read().await?;
    if vault.fits(&mut tx).await? { Ok(keys) } else { Err(lost(ring)) }
}

async fn list(lang: Lang, ring: &Keyring<'_>, app: &App) -> Result<()> {
    let keys = ring.read()?;
    let mut tx = app.database().read().await?;
    let used = vault::usage(&mut tx, &columns()).await?;
    let noted = vault::noted(&mut tx).await?;
    say(lang::vault::place(lang, ring.place()));
    let known: Vec<_> = keys.iter().flat_map(Keys::numbers).collect();
    for (at, (id, wrapped_by)) in known.iter().enumerate() {
        let fields = grouped(lang, used.get(id).copied().unwrap_or(0));
        let mut line = lang::vault::key_line(lang, lang::vault::KeyLine { fields, id });
        if at == 0 {
            line.push_str(lang::vault::makes_index(lang));
        }
        if at + 1 == known.len() {
            line.push_str(lang::vault::seals(lang));
        }
        match wrapped_by {
            Some(name) => line.push_str(&lang::vault::wrapped_by(lang, name)),
            None => line.push_str(lang::vault::not_wrapped(lang)),
        }
        say(line);
    }
    for (id, over) in noted.into_iter().filter(|(id, _)| known.iter().all(|(it, _)| it != id)) {
        let fields = grouped(lang, used.get(&id).copied().unwrap_or(0));
        say(match over {
            Some(Over::Retired) => lang::vault::retired_line(lang, id),
            Some(Over::Lost) => lang::vault::lost_line(lang, lang::vault::LostLine { fields, id }),
            None => lang::vault::missing_line(lang, lang::vault::MissingLine { fields, id }),
        });
    }
    Ok(())
}

async fn add_key(lang: Lang, ring: &Keyring<'_>, app: &App) -> Result<()> {
    let keys = keys(ring, app).await?;
    let id = next(&mut app.database().read().await?, Some(&keys)).await?;
    ring.replace(&keys.and_one_more(id))?;
    say(lang::vault::added(lang, lang::vault::Added { id, place: ring.place() }));
    Ok(())
}

async fn reseal(lang: Lang, ring: &Keyring<'_>, app: &App) -> Result<()> {
    let vault = Vault::new(keys(ring, app).await?);
    let columns = columns();
    let mut done = 0;
    let resealed = vault.reseal(app.database(), &columns, app.clock(), |some| {
        done += some;
        tracing::info!(done, "fields sealed anew");
    });
    let count = resealed.await?;
    say(lang::vault::resealed(lang, grouped(lang, count)));
    Ok(())
}

async fn retire(lang: Lang, ring: &Keyring<'_>, app: &App, number: &str) -> Result<()> {
    ring.check_ours()?;
    let keys = keys(ring, app).await?;
    let numbers: Vec<u32> = keys.numbers().map(|(id, _)| id).collect();
    let id = number.parse().ok().filter(|id| numbers.contains(id));
    let id = id.ok_or_else(|| {
        let number = number.to_owned();
        Error::invalid("number", move |lang| lang::vault::no_such_number(lang, &number))
    })?;
    if numbers.first() == Some(&id) {
        return Err(Error::refused("vault.index", lang::vault::first_stays));
    }
    if numbers.last() == Some(&id) {
        return Err(Error::refused("vault.newest", lang::vault::last_stays));
    }
    let mut tx = app.database().write().await?;
    if let Some(count) = vault::usage(&mut tx, &columns()).await?.get(&id).copied() {
        return Err(Error::refused("vault.in_use", move |lang| {
            lang::vault::in_use(lang, grouped(lang, count))
        }));
    }
    vault::end(&mut tx, id, Over::Retired, app.clock().now()).await?;
    tx.commit().await?;
    ring.replace(&keys.without(id))?;
    say(lang::vault::retired(lang, id));
    Ok(())
}

async fn wrap(lang: Lang, ring: &Keyring<'_>, app: &App) -> Result<()> {
    let none = || Error::invalid("token", lang::vault::no_token_configured);
    let hardware = ring.hardware().ok_or_else(none)?;
    let keys = keys(ring, app).await?;
    if hardware.make_key()? {
        say(lang::vault::token_key_made(lang));
    }
    ring.replace(&keys)?;
    // What was written must open before anybody throws the old file away.
    if !ring.read()?.is_some_and(|read| read.are(&keys)) {
        return Err(Error::internal("the wrapped keys do not come back as they were"));
    }
    say(lang::vault::wrapped(lang, ring.place()));
    Ok(())
}

/// Goes on without keys that are gone.
async fn give_up(lang: Lang, ring: &Keyring<'_>, app: &App) -> Result<()> {
    let keys = ring.read()?;
    let mut tx = app.database().write().await?;
    let known: Vec<u32> = keys.iter().flat_map(Keys::numbers).map(|(id, _)| id).collect();
    let noted = vault::noted(&mut tx).await?;
    let gone = noted.into_iter().filter(|(id, over)| over.is_none() && !known.contains(id));
    let gone: Vec<u32> = gone.map(|(id, _)| id).collect();
    let used = vault::usage(&mut tx, &columns()).await?;
    for id in &gone {
        vault::end(&mut tx, *id, Over::Lost, app.clock().now()).await?;
        let fields = grouped(lang, used.get(id).copied().unwrap_or(0));
        say(lang::vault::given_up(lang, lang::vault::GivenUp { fields, id }));
    }
    match keys {
        // Another key has the number of one that is gone: of two, one must go.
        Some(keys) if !Vault::new(keys.clone()).fits(&mut tx).await? => {
            return Err(Error::refused("vault.other", lang::vault::other_key_there));
        }
        Some(_) => {}
        None => {
            let id = next(&mut tx, None).await?;
            make(lang, ring, id)?;
        }
    }
    if gone.is_empty() {
        say(lang::vault::nothing_lost(lang));
    }
    tx.commit().await
}
