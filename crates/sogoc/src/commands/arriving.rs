//! A database file that bears another name until it is whole.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use store::private::{self, with_end};

/// What SQLite puts beside a database. One that is left from another database would be taken for
/// a part of the new one.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file on its way to its name. Dropped before [`Arriving::keep`] it leaves nothing behind; one
/// that was left by a power cut is overwritten the next time.
#[derive(Debug)]
pub(crate) struct Arriving {
    path: PathBuf,
    target: PathBuf,
    /// Held so that a second program does not write the same file.
    file: File,
}

impl Arriving {
    /// Makes it, empty, readable for nobody else, and in the folder where it will stay.
    ///
    /// Errors: `Invalid` when the target is there already, another program is writing it, or the
    /// folder cannot be written to.
    pub(crate) fn at(target: &Path) -> Result<Self> {
        let beside = BESIDE.iter().map(|end| with_end(target, end));
        for taken in std::iter::once(target.to_owned()).chain(beside) {
            if taken.symlink_metadata().is_ok() {
                return Err(Error::invalid(taken.display().to_string(), lang::cli::file_exists));
            }
        }
        let path = with_end(target, ".arriving");
        let file = private::options().read(true).create(true).truncate(false).open(&path);
        let file = file.map_err(|cause| unwritable(target, &cause))?;
        if file.try_lock().is_err() {
            return Err(Error::invalid(target.display().to_string(), lang::cli::being_written));
        }
        private::keep_to_oneself(&path);
        let arriving = Self { path, target: target.to_owned(), file };
        arriving.file.set_len(0).map_err(|cause| unwritable(target, &cause))?;
        arriving.clear_beside();
        Ok(arriving)
    }

    /// Where it is for now.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, so that a power cut does not take it away again.
    ///
    /// Errors: `Unavailable` when the disk does not take it, or when a part of it still stands in a
    /// file beside it because somebody has not let go of it.
    pub(crate) fn keep(self) -> Result<()> {
        for end in BESIDE {
            let beside = with_end(&self.path, end);
            if end != "-shm" && beside.metadata().is_ok_and(|about| about.len() > 0) {
                let what = format!("{} is not taken over yet", beside.display());
                return Err(Error::Unavailable(what.into()));
            }
        }
        self.clear_beside();
        let kept = self.file.sync_all().and_then(|()| {
            std::fs::rename(&self.path, &self.target)?;
            File::open(folder(&self.target))?.sync_all()
        });
        kept.map_err(|cause| Error::Unavailable(cause.into()))
    }

    fn clear_beside(&self) {
        for end in BESIDE {
            let _ = std::fs::remove_file(with_end(&self.path, end));
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // Under its own name it is not found here any more.
        let _ = std::fs::remove_file(&self.path);
        self.clear_beside();
    }
}

/// By what a file is known again: when it was written, how long it is, which one it is.
pub(crate) type Mark = Option<(i64, i64, u64, u64)>;

/// The mark of a file; none while it is not there.
pub(crate) fn mark(file: &Path) -> Mark {
    let about = std::fs::metadata(file).ok()?;
    Some((about.mtime(), about.mtime_nsec(), about.len(), about.ino()))
}

/// That a file or folder cannot be written, with the system's reason.
pub(crate) fn unwritable(path: &Path, cause: &std::io::Error) -> Error {
    let cause = base::system_reason(cause);
    Error::invalid(path.display().to_string(), move |lang| {
        lang::cli::unwritable(lang, cause.say(lang))
    })
}

/// The folder that a file stands in.
pub(crate) fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.db");
        let arriving = Arriving::at(&target).unwrap();
        std::fs::write(arriving.path(), "half").unwrap();
        assert!(!target.exists());
        drop(arriving);
        assert_eq!(names(folder.path()), [""; 0]);
        let arriving = Arriving::at(&target).unwrap();
        std::fs::write(arriving.path(), "whole").unwrap();
        arriving.keep().unwrap();
        assert_eq!(names(folder.path()), ["x.db"]);
    }

    #[test]
    fn a_file_that_is_not_whole_without_the_one_beside_it_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let arriving = Arriving::at(&folder.path().join("x.db")).unwrap();
        std::fs::write(folder.path().join("x.db.arriving-wal"), "the rest").unwrap();
        arriving.keep().unwrap_err();
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn what_is_there_is_never_overwritten() {
        for taken in ["x.db", "x.db-wal", "x.db-journal"] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(taken), "kept").unwrap();
            let error = Arriving::at(&folder.path().join("x.db")).unwrap_err().to_string();
            assert!(error.contains(taken), "{error}");
            assert_eq!(names(folder.path()), [taken]);
        }
    }

    #[test]
    fn what_a_power_cut_left_is_overwritten_but_not_what_another_program_writes() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.db");
        std::fs::write(folder.path().join("x.db.arriving"), "left").unwrap();
        std::fs::write(folder.path().join("x.db.arriving-wal"), "left").unwrap();
        let arriving = Arriving::at(&target).unwrap();
        assert_eq!(std::fs::read(arriving.path()).unwrap(), b"");
        assert_eq!(names(folder.path()), ["x.db.arriving"]);
        Arriving::at(&target).unwrap_err();
        arriving.keep().unwrap();
    }
}
