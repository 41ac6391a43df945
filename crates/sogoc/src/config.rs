//! The configuration: one TOML file, the environment, the command line; the later wins.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use store::Location;

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
}

/// Reads it.
///
/// Errors: `Invalid` naming the file with its line, or the option.
pub(crate) fn load(parsed: &Parsed) -> Result<Config> {
    let file = match &parsed.config {
        Some(path) => read(path)?,
        None => File::default(),
    };
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
    Ok(Config {
        data_dir,
        location,
        listen,
        place: file.place.unwrap_or_default(),
        admin_password: parsed.admin_password.clone().or(file.admin_password),
        proxies: file.proxies,
        log_json: file.log_json.unwrap_or_default(),
    })
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
        };
        toml::to_string(&file).unwrap_or_default()
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
