//! `[mail]`: through which server letters are sent.

use std::path::{Path, PathBuf};

use base::{Error, Result};
use lettre::Address;
use serde::{Deserialize, Serialize};

/// Through which server letters are sent.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    /// The name of the machine.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    /// The name and the file of the password, where the server wants them.
    pub(crate) login: Option<(String, PathBuf)>,
    /// A certificate authority (PEM) that is trusted besides those of the browsers.
    pub(crate) authority: Option<PathBuf>,
    /// From whom the letters come.
    pub(crate) from: Address,
}

/// How the way to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tls {
    /// Begins plain and is switched over; usual on port 587.
    Starttls,
    /// From the beginning; usual on port 465.
    #[serde(rename = "tls")]
    Always,
    /// Not at all: only to the same machine.
    None,
}

/// The section of the file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Section {
    host: String,
    port: Option<u16>,
    tls: Option<String>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    authority: Option<PathBuf>,
    from: String,
}

impl Section {
    pub(super) fn password_file(&self) -> Option<PathBuf> {
        self.password_file.clone()
    }
}

impl Mail {
    /// Errors: `Invalid` at the option.
    pub(super) fn read(section: Section) -> Result<Self> {
        let Section { host, port, tls, user, password_file, authority, from } = section;
        let is_local = ["localhost", "127.0.0.1"].contains(&&*host);
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_sign) || port == Some(0) {
            return Err(Error::invalid("mail.host", lang::watch::bad_mail_host));
        }
        let tls = match tls.as_deref() {
            None | Some("starttls") => Tls::Starttls,
            Some("tls") => Tls::Always,
            Some("none") if is_local => Tls::None,
            Some(_) => return Err(Error::invalid("mail.tls", lang::watch::bad_mail_tls)),
        };
        let usual = match tls {
            Tls::Starttls => 587,
            Tls::Always => 465,
            Tls::None => 25,
        };
        let login = match (user, password_file) {
            (None, None) => None,
            (Some(user), Some(file)) => Some((user, file)),
            _ => return Err(Error::invalid("mail.user", lang::watch::bad_mail_user)),
        };
        let from = from.parse::<Address>();
        let from = from.map_err(|_| Error::invalid("mail.from", lang::watch::bad_mail_from))?;
        Ok(Self { host, port: port.unwrap_or(usual), tls, login, authority, from })
    }

    /// The section in force, without secrets.
    pub(super) fn print(&self) -> Section {
        let tls = match self.tls {
            Tls::Starttls => "starttls",
            Tls::Always => "tls",
            Tls::None => "none",
        };
        Section {
            host: self.host.clone(),
            port: Some(self.port),
            tls: Some(tls.to_owned()),
            user: self.login.as_ref().map(|(user, _)| user.clone()),
            password_file: self.login.as_ref().map(|(_, file)| file.clone()),
            authority: self.authority.clone(),
            from: self.from.to_string(),
        }
    }
}

/// Reads a file of the configuration.
///
/// Errors: `Invalid` at the file.
pub(crate) fn read_file(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|cause| {
        let (place, cause) = (path.display().to_string(), base::system_reason(&cause));
        Error::invalid(place, move |lang| lang::packs::unreadable(lang, cause.say(lang)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_or_refused_at_its_option() {
        let base = "host = 'mail.example.vn'\nfrom = 'sogoc@example.vn'\n";
        for (more, expected) in [
            ("", Ok((587, Tls::Starttls))),
            ("tls = 'tls'", Ok((465, Tls::Always))),
            ("port = 2525", Ok((2525, Tls::Starttls))),
            ("tls = 'none'", Err("mail.tls")),
            ("tls = 'ssl3'", Err("mail.tls")),
            ("user = 'x'", Err("mail.user")),
            ("port = 0", Err("mail.host")),
        ] {
            let section: Section = toml::from_str(&format!("{base}{more}")).unwrap();
            let read = Mail::read(section).map(|mail| (mail.port, mail.tls));
            let read = read.map_err(|error| match error {
                Error::Invalid(errors) => errors[0].place.clone(),
                other => panic!("{other:?}"),
            });
            assert_eq!(read, expected.map_err(str::to_owned), "{more}");
        }
        for text in [
            "host = 'a b'\nfrom = 'a@b.vn'",
            "host = ''\nfrom = 'a@b.vn'",
            "host = 'a'\nfrom = 'a@b.vn\\r\\nBcc: c@d.vn'",
            "host = 'a'\nfrom = 'nobody'",
        ] {
            assert!(Mail::read(toml::from_str(text).unwrap_or_default()).is_err(), "{text}");
        }
        let local = "host = 'localhost'\ntls = 'none'\nfrom = 'a@b.vn'";
        assert_eq!(Mail::read(toml::from_str(local).unwrap()).unwrap().port, 25);
    }
}
