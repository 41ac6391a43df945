//! Where the keys of the vault stand: in a file of their own, or in the environment; wrapped by a
//! token or not.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use access::vault::{Keys, Token};
use base::{Error, Result, random_bytes};
use store::private;
use zeroize::Zeroizing;

use super::hardware::Hardware;
use crate::commands::arriving::{folder, unwritable};
use crate::commands::make_folder;
use crate::config::Config;

/// The place of the keys, with the token that opens them.
pub(super) struct Keyring<'a> {
    config: &'a Config,
    hardware: Option<Hardware>,
}

impl<'a> Keyring<'a> {
    /// Opens the token, where one is configured.
    ///
    /// Errors: `Invalid` at the option that does not lead there.
    pub(super) fn open(config: &'a Config) -> Result<Self> {
        let hardware = config.token.as_ref().map(Hardware::open).transpose()?;
        Ok(Self { config, hardware })
    }

    pub(super) fn hardware(&self) -> Option<&Hardware> {
        self.hardware.as_ref()
    }

    fn token(&self) -> Option<&dyn Token> {
        self.hardware.as_ref().map(|it| it as &dyn Token)
    }

    /// Whether the keys stand in the environment, which the program reads and never writes.
    pub(super) fn is_environment(&self) -> bool {
        self.config.vault_keys.is_some()
    }

    /// Whether the keys can be changed here; asked before anything else of a change is written.
    ///
    /// Errors: `Refused` when they stand in the environment.
    pub(super) fn check_ours(&self) -> Result<()> {
        match self.is_environment() {
            true => Err(Error::refused("vault.environment", lang::vault::environment)),
            false => Ok(()),
        }
    }

    fn file(&self) -> &Path {
        &self.config.vault_key
    }

    /// What to name in an error.
    pub(super) fn place(&self) -> String {
        match self.is_environment() {
            true => "SOGOC_VAULT_KEYS".to_owned(),
            false => self.file().display().to_string(),
        }
    }

    /// The keys, if there are any.
    ///
    /// Errors: `Invalid` at the file, or at the token that does not open them.
    pub(super) fn read(&self) -> Result<Option<Keys>> {
        if let Some(text) = &self.config.vault_keys {
            return self.parse(text).map(Some);
        }
        private::keep_to_oneself(self.file());
        match std::fs::read_to_string(self.file()).map(Zeroizing::new) {
            Ok(text) => self.parse(&text).map(Some),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => {
                let cause = base::system_reason(&cause);
                let say = move |lang| lang::packs::unreadable(lang, cause.say(lang));
                Err(Error::invalid(self.place(), say))
            }
        }
    }

    fn parse(&self, text: &str) -> Result<Keys> {
        Keys::parse(text, self.token()).map_err(|error| match error {
            Error::Invalid(mut errors) => {
                for error in errors.iter_mut().filter(|error| error.place == "vault_key") {
                    error.place = self.place();
                }
                Error::Invalid(errors)
            }
            other => other,
        })
    }

    /// Writes the first keys of a file that is not there. Of several programs that start at once, all
    /// take the keys of the first. Gives them, and whether they are these.
    ///
    /// Errors: `Invalid` at the file when it cannot be written.
    pub(super) fn make(&self, keys: Keys) -> Result<(Keys, bool)> {
        let named = self.write(&keys, |arriving, file| std::fs::hard_link(arriving, file));
        match named {
            Ok(()) => Ok((keys, true)),
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
                let others = self.read()?.ok_or_else(|| unwritable(self.file(), &cause))?;
                Ok((others, false))
            }
            Err(cause) => Err(unwritable(self.file(), &cause)),
        }
    }

    /// Writes other keys in the place of those that stand there.
    ///
    /// Errors: `Invalid` at the file when it cannot be written; `Refused` when the keys stand in the
    /// environment.
    pub(super) fn replace(&self, keys: &Keys) -> Result<()> {
        self.check_ours()?;
        let replaced = self.write(keys, |arriving, file| std::fs::rename(arriving, file));
        replaced.map_err(|cause| unwritable(self.file(), &cause))
    }

    /// Writes a file that nobody else may read, and gives it its name only when all of it is on the
    /// disk.
    fn write(
        &self,
        keys: &Keys,
        name: impl FnOnce(&Path, &Path) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let file = self.file();
        let text = keys.to_text(self.token()).map_err(std::io::Error::other)?;
        make_folder(folder(file)).map_err(std::io::Error::other)?;
        let arriving = file.with_extension(format!("{:016x}", u64::from_be_bytes(random_bytes())));
        let write = || {
            let mut new = private::options().create_new(true).open(&arriving)?;
            new.write_all(text.as_bytes())?;
            new.sync_all()
        };
        let named = write().and_then(|()| name(&arriving, file));
        let _ = std::fs::remove_file(&arriving);
        named?;
        File::open(folder(file))?.sync_all()
    }
}
