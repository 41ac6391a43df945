//! The configuration: one TOML file, the environment, the command line; the later wins.

pub(crate) mod mail;
pub(crate) mod sign_in_by;
pub(crate) mod tls;
pub(crate) mod token;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use base::{Error, Result};
use figures::watches::Site;
use journal::seals::PublicKey;
use journal::seals::witness::Endpoint;
use serde::{Deserialize, Serialize};
use store::Location;
use store::encrypted::Recipient;
use zeroize::Zeroizing;

use self::mail::Mail;
use self::sign_in_by::SignInBy;
use self::tls::Tls;
use self::token::Token;
use crate::cli::Parsed;

/// What the program works with.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where files are kept; default `./sogoc-data`.
    pub(crate) data_dir: PathBuf,
    /// The database; default a SQLite file in `data_dir`.
    pub(crate) location: Location,
    /// Where to listen; default 127.0.0.1:8080.
    pub(crate) listen: SocketAddr,
    /// The name of the province, on every page; empty when it is not said.
    pub(crate) place: String,
    /// The password to set for the administrator.
    pub(crate) admin_password: Option<String>,
    /// Reverse proxies that are believed when they say who is asking.
    pub(crate) proxies: Vec<IpAddr>,
    /// Log lines as JSON instead of text.
    pub(crate) log_json: bool,
    /// How the journal is sealed.
    pub(crate) seals: Seals,
    /// The file of the vault's keys; default `vault.key` beside a SQLite file, else in the data folder.
    pub(crate) vault_key: PathBuf,
    /// The keys themselves, in the place of that file.
    pub(crate) vault_keys: Option<Zeroizing<String>>,
    /// The hardware that keeps them shut.
    pub(crate) token: Option<Token>,
    /// Where people open the program; links in letters and web feeds lead there.
    pub(crate) site: Option<Site>,
    /// So often it is looked whether something that is watched has changed. Units: seconds.
    pub(crate) watch_seconds: u64,
    /// Through which server letters are sent; none are without it.
    pub(crate) mail: Option<Mail>,
    /// Other providers by which people sign in.
    pub(crate) sign_in_by: Vec<SignInBy>,
    /// How `sogoc witness` signs for others.
    pub(crate) witness: WitnessRole,
    /// Whose secret keys open the backups.
    pub(crate) backup_recipients: Vec<Recipient>,
    /// With what the program itself speaks TLS; it does not without it.
    pub(crate) tls: Option<Tls>,
    /// Files of others that hold secrets: this configuration where it does, the password of the mail.
    pub(crate) secrets: Vec<PathBuf>,
    /// So often each network may ask without signing in; 0 for no limit.
    pub(crate) requests_per_minute: u32,
}

/// Somebody who signs our checkpoints.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    pub(crate) key: PublicKey,
    /// Where checkpoints are sent; none where the witness fetches them.
    pub(crate) at: Option<Endpoint>,
}

/// How this program witnesses the journals of others.
#[derive(Clone, Debug)]
pub(crate) struct WitnessRole {
    /// The file of the secret key; default `witness.key` in the data folder.
    pub(crate) key: PathBuf,
    /// The name for a key that is made.
    pub(crate) name: Option<String>,
    /// Where the last checkpoints are kept; default `witness` in the data folder.
    pub(crate) folder: PathBuf,
    /// The public keys of the journals.
    pub(crate) logs: Vec<PublicKey>,
}

/// How the journal is sealed.
#[derive(Clone, Debug)]
pub(crate) struct Seals {
    /// The file of the secret key; default `seal.key` beside a SQLite file, else in the data folder.
    pub(crate) key: PathBuf,
    /// The name of the journal for a key that is made.
    pub(crate) origin: Option<String>,
    /// So often new entries are sealed. Units: seconds.
    pub(crate) seconds: u64,
    /// The witnesses.
    pub(crate) witnesses: Vec<Witness>,
    /// So often new checkpoints are sent to them. Units: seconds.
    pub(crate) witness_seconds: u64,
}

impl Seals {
    /// Errors: `Invalid` at the option.
    fn check(&self) -> Result<()> {
        let seconds = [("seal_seconds", self.seconds), ("witness_seconds", self.witness_seconds)];
        match seconds.into_iter().find(|(_, seconds)| !SEAL_SECONDS.contains(seconds)) {
            Some((name, _)) => Err(Error::invalid(name, lang::cli::bad_seal_seconds)),
            None => Ok(()),
        }
    }

    /// The public keys of the witnesses.
    pub(crate) fn witness_keys(&self) -> Vec<PublicKey> {
        self.witnesses.iter().map(|witness| witness.key.clone()).collect()
    }
}

/// The file. Every field may be left out.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    data_dir: Option<PathBuf>,
    database: Option<String>,
    listen: Option<String>,
    place: Option<String>,
    admin_password: Option<String>,
    proxies: Vec<IpAddr>,
    log_json: Option<bool>,
    seal_key: Option<PathBuf>,
    seal_origin: Option<String>,
    seal_seconds: Option<u64>,
    witnesses: Vec<String>,
    witness_seconds: Option<u64>,
    vault_key: Option<PathBuf>,
    site: Option<String>,
    watch_seconds: Option<u64>,
    mail: Option<mail::Section>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sign_in_by: Vec<SignInBy>,
    witness: Option<WitnessSection>,
    backup_recipients: Vec<String>,
    requests_per_minute: Option<u32>,
    tls: Option<tls::Section>,
    token: Option<token::Section>,
}

/// The section `[witness]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct WitnessSection {
    key: Option<PathBuf>,
    name: Option<String>,
    folder: Option<PathBuf>,
    logs: Vec<String>,
}

/// A checkpoint a second at most, and at least one an hour.
const SEAL_SECONDS: std::ops::RangeInclusive<u64> = 1..=3600;
/// It is looked as seldom as that, and no more often.
const WATCH_SECONDS: std::ops::RangeInclusive<u64> = 1..=3600;

/// Reads it.
///
/// Errors: `Invalid` naming the file with its line, or the option.
pub(crate) fn load(parsed: &Parsed) -> Result<Config> {
    let file = match &parsed.config {
        Some(path) => read(path)?,
        None => File::default(),
    };
    let secrets = secrets(parsed, &file);
    let data_dir = parsed.data_dir.clone().or(file.data_dir);
    let data_dir = data_dir.unwrap_or_else(|| PathBuf::from("sogoc-data"));
    let location = match parsed.database.clone().or(file.database) {
        Some(database) => database.parse()?,
        None => Location::File(data_dir.join("sogoc.db")),
    };
    let listen = parsed.listen.clone().or(file.listen);
    let listen = listen.unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listen = listen.parse().map_err(|_| {
        let listen = listen.clone();
        Error::invalid("listen", move |lang| lang::cli::bad_listen(lang, &listen))
    })?;
    let seals = Seals {
        key: file.seal_key.unwrap_or_else(|| key_place(&location, &data_dir, "seal.key")),
        origin: file.seal_origin,
        seconds: file.seal_seconds.unwrap_or(5),
        witnesses: file.witnesses.iter().map(|words| witness(words)).collect::<Result<_>>()?,
        witness_seconds: file.witness_seconds.unwrap_or(30),
    };
    seals.check()?;
    let watch_seconds = file.watch_seconds.unwrap_or(60);
    if !WATCH_SECONDS.contains(&watch_seconds) {
        return Err(Error::invalid("watch_seconds", lang::watch::bad_watch_seconds));
    }
    let site = file.site.as_deref().map(Site::parse).transpose()?;
    let mail = file.mail.map(Mail::read).transpose()?;
    if mail.is_some() && site.is_none() {
        return Err(Error::invalid("site", lang::watch::no_site));
    }
    sign_in_by::check(&file.sign_in_by)?;
    if !file.sign_in_by.is_empty() && site.is_none() {
        return Err(Error::invalid("site", lang::providers::no_site));
    }
    let tls = file.tls.map(|section| Tls::read(section, site.as_ref())).transpose()?;
    let token = file.token.map(Token::read).transpose()?;
    let vault_key = file.vault_key;
    let vault_key = vault_key.unwrap_or_else(|| key_place(&location, &data_dir, "vault.key"));
    let witness = witness_role(file.witness.unwrap_or_default(), &data_dir)?;
    let backup_recipients = file.backup_recipients.iter().map(|key| recipient(key));
    let backup_recipients = backup_recipients.collect::<Result<_>>()?;
    Ok(Config {
        data_dir,
        location,
        listen,
        place: file.place.unwrap_or_default(),
        admin_password: parsed.admin_password.clone().or(file.admin_password),
        proxies: file.proxies,
        log_json: file.log_json.unwrap_or_default(),
        seals,
        vault_key,
        vault_keys: parsed.vault_keys.clone(),
        token,
        site,
        watch_seconds,
        mail,
        sign_in_by: file.sign_in_by,
        witness,
        backup_recipients,
        tls,
        secrets,
        requests_per_minute: file.requests_per_minute.unwrap_or(1_200),
    })
}

/// The files that hold secrets and are not made by the program.
fn secrets(parsed: &Parsed, file: &File) -> Vec<PathBuf> {
    let holds = file.admin_password.is_some()
        || file.database.as_deref().is_some_and(|address| hide_password(address) != address);
    let config = parsed.config.clone().filter(|_| holds);
    let password = file.mail.as_ref().and_then(mail::Section::password_file);
    let pin = file.token.as_ref().and_then(token::Section::pin_file);
    config.into_iter().chain(password).chain(pin).collect()
}

/// Errors: `Invalid` at `backup_recipients`.
fn recipient(key: &str) -> Result<Recipient> {
    key.parse().map_err(|_| Error::invalid("backup_recipients", lang::backups::bad_recipient))
}

fn witness_role(section: WitnessSection, data_dir: &Path) -> Result<WitnessRole> {
    let log = |key: &String| {
        PublicKey::parse(key)
            .map_err(|_| Error::invalid("witness.logs", lang::seals::bad_public_key))
    };
    Ok(WitnessRole {
        key: section.key.unwrap_or_else(|| data_dir.join("witness.key")),
        name: section.name,
        folder: section.folder.unwrap_or_else(|| data_dir.join("witness")),
        logs: section.logs.iter().map(log).collect::<Result<_>>()?,
    })
}

/// Not in the database, and not among its backups.
fn key_place(location: &Location, data_dir: &Path, name: &str) -> PathBuf {
    match location {
        Location::File(file) => file.with_file_name(name),
        Location::Server(_) => data_dir.join(name),
    }
}

/// A key, and behind a space where checkpoints are sent, if they are.
fn witness(words: &str) -> Result<Witness> {
    let (key, at) = words.trim().split_once(' ').map_or((words, None), |(key, at)| (key, Some(at)));
    let key = PublicKey::parse(key)
        .map_err(|_| Error::invalid("witnesses", lang::seals::bad_public_key))?;
    let at = at.map(|at| Endpoint::parse(at.trim())).transpose()?;
    Ok(Witness { key, at })
}

fn read(path: &Path) -> Result<File> {
    let place = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|cause| {
        let cause = base::system_reason(&cause);
        Error::invalid(place.clone(), move |lang| lang::packs::unreadable(lang, cause.say(lang)))
    })?;
    toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let reason = error.message().to_owned();
        Error::invalid(format!("{place}:{line}"), move |lang| lang::packs::bad_toml(lang, &reason))
    })
}

impl Config {
    /// The providers by which people sign in, with their secrets.
    ///
    /// Errors: `Invalid` at the option, or at the file of a secret.
    pub(crate) fn providers(&self) -> Result<Vec<access::Provider>> {
        self.sign_in_by.iter().map(SignInBy::provider).collect()
    }

    /// The configuration in force as a file, without secrets.
    pub(crate) fn print(&self) -> String {
        let database = shown(&self.location);
        let file = File {
            data_dir: Some(self.data_dir.clone()),
            database: Some(database),
            listen: Some(self.listen.to_string()),
            place: Some(self.place.clone()),
            admin_password: self.admin_password.as_ref().map(|_| "***".to_owned()),
            proxies: self.proxies.clone(),
            log_json: Some(self.log_json),
            seal_key: Some(self.seals.key.clone()),
            seal_origin: self.seals.origin.clone(),
            seal_seconds: Some(self.seals.seconds),
            witnesses: self.seals.witnesses.iter().map(Witness::print).collect(),
            witness_seconds: Some(self.seals.witness_seconds),
            vault_key: Some(self.vault_key.clone()),
            site: self.site.as_ref().map(|site| site.url("")),
            watch_seconds: Some(self.watch_seconds),
            mail: self.mail.as_ref().map(Mail::print),
            sign_in_by: self.sign_in_by.clone(),
            backup_recipients: self.backup_recipients.iter().map(Recipient::to_string).collect(),
            requests_per_minute: Some(self.requests_per_minute),
            tls: self.tls.as_ref().map(Tls::print),
            token: self.token.as_ref().map(Token::print),
            witness: Some(WitnessSection {
                key: Some(self.witness.key.clone()),
                name: self.witness.name.clone(),
                folder: Some(self.witness.folder.clone()),
                logs: self.witness.logs.iter().map(PublicKey::to_text).collect(),
            }),
        };
        toml::to_string(&file).unwrap_or_default()
    }
}

impl Witness {
    fn print(&self) -> String {
        let key = self.key.to_text();
        self.at.as_ref().map_or_else(|| key.clone(), |at| format!("{key} {}", at.to_text()))
    }
}

/// Where the database is, without the password.
pub(crate) fn shown(location: &Location) -> String {
    match location {
        Location::File(path) => path.display().to_string(),
        Location::Server(address) => hide_password(address),
    }
}

/// An address without the password in it, which may stand before the host or among the parameters.
fn hide_password(address: &str) -> String {
    let (place, parameters) = address.split_once('?').unwrap_or((address, ""));
    let hidden = place.split_once("://").and_then(|(scheme, rest)| {
        let (login, host) = rest.rsplit_once('@')?;
        let (name, _) = login.split_once(':')?;
        Some(format!("{scheme}://{name}:***@{host}"))
    });
    let mut address = hidden.unwrap_or_else(|| place.to_owned());
    for (at, pair) in parameters.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        let secret = pair.split_once('=').filter(|(name, _)| name.contains("password"));
        match secret {
            Some((name, _)) => address.push_str(&format!("{name}=***")),
            None => address.push_str(pair),
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_configuration_hides_the_password() {
        for (address, printed) in [
            ("postgres://a:b@h/d", "postgres://a:***@h/d"),
            ("postgres://a:b@c@h/d", "postgres://a:***@h/d"),
            ("postgres://a@h/d", "postgres://a@h/d"),
            (
                "postgres://a@h/d?sslmode=require&password=b",
                "postgres://a@h/d?sslmode=require&password=***",
            ),
            ("postgres:///d?host=/run", "postgres:///d?host=/run"),
        ] {
            assert_eq!(hide_password(address), printed);
        }
    }
}
