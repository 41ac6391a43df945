//! `[[sign_in_by]]`: other providers by which people sign in.

use std::path::PathBuf;

use access::{Names, Provider, Second, Setup};
use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::mail::read_file;

/// A provider as it stands in the file. Its secret stands elsewhere.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignInBy {
    id: String,
    name: Name,
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    client_secret_env: Option<String>,
    scopes: Vec<String>,
    second_factor: Option<bool>,
    second_factor_acr: Vec<String>,
}

/// One name for all, or one for each language.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Name {
    One(String),
    Each { vi: String, en: String, km: String },
}

impl Default for Name {
    fn default() -> Self {
        Self::One(String::new())
    }
}

/// Checks all of them, without their secrets.
///
/// Errors: `Invalid` at the option.
pub(super) fn check(all: &[SignInBy]) -> Result<()> {
    for (at, one) in all.iter().enumerate() {
        if all.iter().skip(at + 1).any(|other| other.id == one.id) {
            return Err(Error::invalid("sign_in_by.id", lang::providers::bad_id));
        }
        one.set_up(None)?;
    }
    Ok(())
}

impl SignInBy {
    /// The provider, with its secret.
    ///
    /// Errors: `Invalid` at the option, or at the file of the secret.
    pub(crate) fn provider(&self) -> Result<Provider> {
        let secret = match (&self.client_secret_file, &self.client_secret_env) {
            // Which of two it is to be, nobody can know.
            (Some(_), Some(_)) => return Err(no_secret()),
            (Some(file), None) => Some(read_file(file)?),
            (None, Some(variable)) => Some(std::env::var(variable).unwrap_or_default()),
            (None, None) => None,
        };
        let secret = secret.map(|text| text.trim().to_owned());
        if secret.as_ref().is_some_and(String::is_empty) {
            return Err(no_secret());
        }
        self.set_up(secret)
    }

    fn set_up(&self, client_secret: Option<String>) -> Result<Provider> {
        if self.client_secret_file.is_some() && self.client_secret_env.is_some() {
            return Err(no_secret());
        }
        // Letters that may stand in a scope (RFC 6749, 3.3).
        let is_sign = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        let is_word = |word: &String| !word.is_empty() && word.bytes().all(is_sign);
        if !self.scopes.iter().chain(&self.second_factor_acr).all(is_word) {
            return Err(Error::invalid("sign_in_by.scopes", lang::providers::bad_scope));
        }
        let second = match (self.second_factor, &*self.second_factor_acr) {
            (None | Some(false), []) => Second::Never,
            (Some(true), []) => Second::Always,
            (None, classes) => Second::When(classes.to_vec()),
            (Some(_), _) => {
                let text = lang::providers::bad_second;
                return Err(Error::invalid("sign_in_by.second_factor", text));
            }
        };
        let names = match &self.name {
            Name::One(name) => Names { vi: name.clone(), en: name.clone(), km: name.clone() },
            Name::Each { vi, en, km } => Names { vi: vi.clone(), en: en.clone(), km: km.clone() },
        };
        Provider::new(Setup {
            id: self.id.clone(),
            names,
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret,
            scopes: self.scopes.clone(),
            second,
        })
    }
}

fn no_secret() -> Error {
    Error::invalid("sign_in_by.client_secret_file", lang::providers::bad_secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(error: Error) -> String {
        match error {
            Error::Invalid(errors) => errors[0].place.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_section_is_read_or_refused_at_its_option() {
        let good = "id = 'sso'\nname = 'SSO'\nissuer = 'https://sso.example.vn'\nclient_id = 'x'\n";
        let read = |text: &str| -> Result<()> {
            let section: SignInBy = toml::from_str(text).unwrap();
            section.provider().map(|_| ())
        };
        read(good).unwrap();
        for more in
            ["second_factor = true", "second_factor_acr = ['urn:two']", "scopes = ['profile']"]
        {
            read(&format!("{good}{more}")).unwrap();
        }
        for (more, expected) in [
            ("second_factor = true\nsecond_factor_acr = ['urn:two']", "sign_in_by.second_factor"),
            ("scopes = ['a b']", "sign_in_by.scopes"),
            ("second_factor_acr = ['']", "sign_in_by.scopes"),
            ("client_secret_env = 'SOGOC_TEST_NO_SUCH'", "sign_in_by.client_secret_file"),
            ("client_secret_env = 'A'\nclient_secret_file = 'b'", "sign_in_by.client_secret_file"),
            ("client_secret_file = '/no/such/file'", "/no/such/file"),
        ] {
            assert_eq!(place(read(&format!("{good}{more}")).unwrap_err()), expected, "{more}");
        }
        for (from, to, expected) in [
            ("'sso'", "'S S O'", "sign_in_by.id"),
            ("'sso'", "''", "sign_in_by.id"),
            ("'SSO'", "' '", "sign_in_by.name"),
            ("'SSO'", "{ vi = 'a', en = 'b', km = '' }", "sign_in_by.name"),
            ("'x'", "''", "sign_in_by.client_id"),
            ("https://sso.example.vn", "http://sso.example.vn", "sign_in_by.issuer"),
            ("https://sso.example.vn", "https://sso.example.vn?a=b", "sign_in_by.issuer"),
            ("https://sso.example.vn", "https://sso.example.vn#a", "sign_in_by.issuer"),
            ("https://sso.example.vn", "https://a@sso.example.vn", "sign_in_by.issuer"),
            ("https://sso.example.vn", "sso", "sign_in_by.issuer"),
        ] {
            let error = read(&good.replace(from, to)).unwrap_err();
            assert_eq!(place(error), expected, "{to}");
        }
        let twice: Vec<SignInBy> = vec![toml::from_str(good).unwrap(); 2];
        assert_eq!(place(check(&twice).unwrap_err()), "sign_in_by.id");
    }
}
