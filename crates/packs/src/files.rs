//! The files of a pack, from a folder or from the program itself.

use std::collections::BTreeMap;
use std::path::Path;

use base::{Error, Result};

/// A file of a pack is at most this long.
const LONGEST_FILE_BYTES: u64 = 64 << 20;
/// A pack has at most so many files.
const MOST_FILES: usize = 200;

/// The files of one pack, by name.
#[derive(Clone, Debug, Default)]
pub struct PackFiles {
    /// The folder's name, for messages.
    pub folder: String,
    /// Name and content.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl PackFiles {
    /// Reads a folder; not the folders inside it, nor hidden files.
    ///
    /// Errors: `Invalid` naming the folder or file that cannot be read or is too long, or what is
    /// no file of its own: a link can lead out of the folder, and a pipe has no end.
    pub fn from_folder(folder: &Path) -> Result<Self> {
        let name = folder.display().to_string();
        let failed = |place: &Path, cause: &std::io::Error| {
            let cause = base::system_reason(cause);
            Error::invalid(place.display().to_string(), move |lang| {
                lang::packs::unreadable(lang, cause.say(lang))
            })
        };
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(|cause| failed(folder, &cause))? {
            let path = entry.map_err(|cause| failed(folder, &cause))?.path();
            let about = std::fs::symlink_metadata(&path).map_err(|cause| failed(&path, &cause))?;
            let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if about.is_dir() || file.starts_with('.') {
                continue;
            }
            if !about.is_file() {
                return Err(Error::invalid(path.display().to_string(), lang::packs::no_file));
            }
            if about.len() > LONGEST_FILE_BYTES || files.len() >= MOST_FILES {
                return Err(Error::invalid(path.display().to_string(), |lang| {
                    lang::packs::too_large(
                        lang,
                        lang::packs::TooLarge {
                            files: MOST_FILES,
                            megabytes: LONGEST_FILE_BYTES >> 20,
                        },
                    )
                }));
            }
            let content = std::fs::read(&path).map_err(|cause| failed(&path, &cause))?;
            files.insert(file.to_owned(), content);
        }
        Ok(Self { folder: name, files })
    }

    /// One file.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}
