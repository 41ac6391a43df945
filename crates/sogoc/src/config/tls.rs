//! `[tls]`: the certificate and key by which the program itself speaks TLS.

use std::net::SocketAddr;
use std::path::PathBuf;

use base::{Error, Result};
use figures::watches::Site;
use serde::{Deserialize, Serialize};

/// It is looked as seldom as that whether the files changed, and no more often. Units: seconds.
const RELOAD_SECONDS: std::ops::RangeInclusive<u64> = 1..=3600;

/// With what the program speaks TLS.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    /// The certificate and those above it, PEM.
    pub(crate) certificate: PathBuf,
    /// Its secret key, PEM.
    pub(crate) key: PathBuf,
    /// Where plain HTTP is answered by leading to HTTPS; nowhere without it.
    pub(crate) redirect: Option<SocketAddr>,
    /// So often it is looked whether the files changed. Units: seconds.
    pub(crate) reload_seconds: u64,
}

/// The section of the file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Section {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    redirect: Option<String>,
    reload_seconds: Option<u64>,
}

impl Tls {
    /// Errors: `Invalid` at the option; at `site` when links would lead to plain HTTP.
    pub(super) fn read(section: Section, site: Option<&Site>) -> Result<Self> {
        let Section { certificate, key, redirect, reload_seconds } = section;
        let missing = |name: &str| Error::invalid(name, lang::tls::incomplete);
        let redirect = redirect.map(|address| {
            let parsed = address.parse::<SocketAddr>();
            parsed.map_err(|_| {
                Error::invalid("tls.redirect", move |lang| lang::cli::bad_listen(lang, &address))
            })
        });
        let reload_seconds = reload_seconds.unwrap_or(60);
        if !RELOAD_SECONDS.contains(&reload_seconds) {
            return Err(Error::invalid("tls.reload_seconds", lang::tls::bad_reload_seconds));
        }
        if site.is_some_and(|site| !site.url("").starts_with("https://")) {
            return Err(Error::invalid("site", lang::tls::site_is_plain));
        }
        Ok(Self {
            certificate: certificate.ok_or_else(|| missing("tls.certificate"))?,
            key: key.ok_or_else(|| missing("tls.key"))?,
            redirect: redirect.transpose()?,
            reload_seconds,
        })
    }

    /// The section in force.
    pub(super) fn print(&self) -> Section {
        Section {
            certificate: Some(self.certificate.clone()),
            key: Some(self.key.clone()),
            redirect: self.redirect.map(|address| address.to_string()),
            reload_seconds: Some(self.reload_seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_or_refused_at_its_option() {
        let both = "certificate = 'c.pem'\nkey = 'k.pem'\n";
        for (text, site, expected) in [
            (both.to_owned(), None, Ok(60)),
            (format!("{both}reload_seconds = 5"), Some("https://a.vn"), Ok(5)),
            (format!("{both}redirect = '0.0.0.0:80'"), None, Ok(60)),
            (both.to_owned(), Some("http://a.vn"), Err("site")),
            ("key = 'k.pem'".to_owned(), None, Err("tls.certificate")),
            ("certificate = 'c.pem'".to_owned(), None, Err("tls.key")),
            (format!("{both}redirect = '80'"), None, Err("tls.redirect")),
            (format!("{both}reload_seconds = 0"), None, Err("tls.reload_seconds")),
        ] {
            let section: Section = toml::from_str(&text).unwrap();
            let site = site.map(|site| Site::parse(site).unwrap());
            let read = Tls::read(section, site.as_ref()).map(|tls| tls.reload_seconds);
            let read = read.map_err(|error| match error {
                Error::Invalid(errors) => errors[0].place.clone(),
                other => panic!("{other:?}"),
            });
            assert_eq!(read, expected.map_err(str::to_owned), "{text}");
        }
    }
}
