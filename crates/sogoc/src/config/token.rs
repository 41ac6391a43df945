//! `[token]`: the hardware (PKCS#11) that keeps the vault's keys shut.

use std::path::PathBuf;

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::mail::read_file;

/// The environment's variable with the PIN, where no file holds it.
const PIN: &str = "SOGOC_TOKEN_PIN";

/// Which key of which token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The maker's library.
    pub(crate) module: PathBuf,
    /// The label of the token.
    pub(crate) label: String,
    /// The label of its key.
    pub(crate) key: String,
    /// The file with the PIN.
    pub(crate) pin_file: Option<PathBuf>,
}

/// The section of the file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Section {
    module: Option<PathBuf>,
    label: Option<String>,
    key: Option<String>,
    pin_file: Option<PathBuf>,
}

impl Section {
    /// The file that holds the PIN.
    pub(super) fn pin_file(&self) -> Option<PathBuf> {
        self.pin_file.clone()
    }
}

impl Token {
    /// Errors: `Invalid` at the option.
    pub(super) fn read(section: Section) -> Result<Self> {
        let Section { module, label, key, pin_file } = section;
        let missing = |name: &str| Error::invalid(name, lang::vault::token_incomplete);
        let key = key.unwrap_or_else(|| "sogoc-vault".to_owned());
        // It stands between two blanks in the file of the keys.
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(Error::invalid("token.key", lang::vault::bad_token_key));
        }
        Ok(Self {
            module: module.ok_or_else(|| missing("token.module"))?,
            label: label.filter(|it| !it.is_empty()).ok_or_else(|| missing("token.label"))?,
            key,
            pin_file,
        })
    }

    /// The PIN.
    ///
    /// Errors: `Invalid` at the file, or at `token.pin_file` when there is none.
    pub(crate) fn pin(&self) -> Result<Zeroizing<String>> {
        let text = match &self.pin_file {
            Some(file) => Zeroizing::new(read_file(file)?),
            None => Zeroizing::new(std::env::var(PIN).unwrap_or_default()),
        };
        match text.trim() {
            "" => Err(Error::invalid("token.pin_file", lang::vault::no_pin)),
            pin => Ok(Zeroizing::new(pin.to_owned())),
        }
    }

    /// The section in force.
    pub(super) fn print(&self) -> Section {
        Section {
            module: Some(self.module.clone()),
            label: Some(self.label.clone()),
            key: Some(self.key.clone()),
            pin_file: self.pin_file.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_or_refused_at_its_option() {
        let whole = "module = '/lib/hsm.so'\nlabel = 'sogoc'\n";
        for (text, expected) in [
            (whole.to_owned(), Ok("sogoc-vault")),
            (format!("{whole}key = 'k2'"), Ok("k2")),
            (format!("{whole}key = ''"), Err("token.key")),
            (format!("{whole}key = 'a b'"), Err("token.key")),
            ("label = 'sogoc'".to_owned(), Err("token.module")),
            ("module = '/lib/hsm.so'".to_owned(), Err("token.label")),
            ("module = '/lib/hsm.so'\nlabel = ''".to_owned(), Err("token.label")),
        ] {
            let read = Token::read(toml::from_str(&text).unwrap());
            match (read, expected) {
                (Ok(token), Ok(key)) => assert_eq!(token.key, key, "{text}"),
                (Err(Error::Invalid(errors)), Err(place)) => assert_eq!(errors[0].place, place),
                (read, _) => panic!("{text}: {read:?}"),
            }
        }
        assert!(toml::from_str::<Section>("pin = '1234'").is_err());
    }
}
