//! Where a witness keeps the last checkpoint of each journal: a file each, by the hash of its name.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base::{Error, Result};
use sha2::{Digest as _, Sha256};
use store::private;

/// The folder, held by this process alone.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _held: File,
}

impl Folder {
    /// Opens the folder, and makes it where it is not there.
    ///
    /// Errors: `Invalid` at the folder when it cannot be written or another process has it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        let unusable = |cause: &std::io::Error| {
            let cause = base::system_reason(cause);
            Error::invalid(place.clone(), move |lang| cause.say(lang))
        };
        private::make_folder(path).map_err(|cause| unusable(&cause))?;
        let held = private::options().create(true).truncate(false).open(path.join("lock"));
        let held = held.map_err(|cause| unusable(&cause))?;
        held.try_lock().map_err(|_| Error::invalid(place.clone(), lang::seals::witness_in_use))?;
        Ok(Self { path: path.to_owned(), _held: held })
    }

    /// The file's name, which is also how others ask for it.
    pub(super) fn name(origin: &str) -> String {
        Sha256::digest(origin.as_bytes())
            .iter()
            .fold(String::new(), |name, byte| name + &format!("{byte:02x}"))
    }

    /// The note that was kept; none when the journal was never seen.
    ///
    /// Errors: `Unavailable` when it is there and cannot be read: then nothing must be signed.
    pub(super) fn find(&self, name: &str) -> Result<Option<String>> {
        match std::fs::read_to_string(self.path.join(name)) {
            Ok(note) => Ok(Some(note)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(Error::Unavailable(cause.into())),
        }
    }

    /// Keeps a note in the place of the one before. After this returned, a power cut does not
    /// bring the earlier one back.
    ///
    /// Errors: `Unavailable`.
    pub(super) fn keep(&self, name: &str, note: &str) -> Result<()> {
        let arriving = self.path.join(format!("{name}.arriving"));
        let write = || {
            let mut file = private::create(&arriving)?;
            file.write_all(note.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&arriving, self.path.join(name))?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|cause: std::io::Error| Error::Unavailable(cause.into()))
    }
}
