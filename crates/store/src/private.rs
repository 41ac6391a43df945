//! Files and folders that nobody but the program's own user may read.
//!
//! The mode is given when a file is made, not afterwards: between the two anybody could open it, and
//! whoever has it open goes on reading. The umask of whoever starts the program decides nothing.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Read and written by the owner alone.
const FILE_MODE: u32 = 0o600;
/// Entered by the owner alone.
const FOLDER_MODE: u32 = 0o700;
/// What the group and all others may do.
const OTHERS: u32 = 0o077;
/// What SQLite puts beside a database; made with the mode that the database has.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// How a file that may hold secrets is made or opened for writing.
#[must_use]
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(FILE_MODE);
    options
}

/// Makes a folder, and those above it that are missing. One that is there already stays as it is:
/// it may be anybody's.
///
/// Errors: those of the system.
pub fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Takes away what others may do with a file. Gives the mode that it had, where it was wider. What is
/// no plain file is left as it is.
///
/// Errors: those of the system; of a file of somebody else `PermissionDenied`.
pub fn narrow(path: &Path) -> io::Result<Option<u32>> {
    let about = std::fs::metadata(path)?;
    let mode = about.permissions().mode();
    if mode & OTHERS == 0 || !about.is_file() {
        return Ok(None);
    }
    std::fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS & 0o7777))?;
    Ok(Some(mode & 0o777))
}

/// Narrows a file, and says in the log that it was wider, or that it stays so. One that is not there
/// is none.
pub fn keep_to_oneself(path: &Path) {
    let file = path.display();
    match narrow(path) {
        Ok(None) => {}
        Ok(Some(mode)) => {
            tracing::warn!(%file, mode = format!("{mode:03o}"), "others could read it: narrowed");
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => {}
        Err(cause) => tracing::error!(%file, %cause, "others can read it, and it stays so"),
    }
}

/// Says in the log that everybody on the machine can read a file that somebody else made. It may be
/// meant for a group, so that it is not narrowed.
pub fn name_if_open(path: &Path) {
    let mode = std::fs::metadata(path).map_or(0, |about| about.permissions().mode());
    if mode & 0o007 != 0 {
        let file = path.display();
        tracing::warn!(%file, mode = format!("{:03o}", mode & 0o777), "everybody can read it");
    }
}

/// Makes the file of a database before SQLite does, which would let all others read it. What cannot
/// be made, or is there, is left to SQLite.
pub(crate) fn make_database(path: &Path) {
    let _ = options().create_new(true).open(path);
}

/// Narrows a file that turned out to be a database, with what lies beside it.
pub(crate) fn keep_database(path: &Path) {
    keep_to_oneself(path);
    for end in BESIDE {
        keep_to_oneself(&with_end(path, end));
    }
}

/// A path with letters behind it.
#[must_use]
pub fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    name.into()
}

/// Makes a file, or opens one and empties it, that nobody else may read.
///
/// Errors: those of the system.
pub fn create(path: &Path) -> io::Result<File> {
    let file = options().create(true).truncate(true).open(path)?;
    // One that was there keeps its mode when it is opened.
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Database, Location, values};

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    fn widen(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// Opens it and writes, so that all files beside it are there. They go when it is closed.
    async fn opened(file: &Path) -> Database {
        let database = Database::open(&Location::File(file.to_owned())).await.unwrap();
        let mut tx = database.write().await.unwrap();
        tx.run("create table if not exists t (id integer)", values![]).await.unwrap();
        tx.run("insert into t (id) values (1)", values![]).await.unwrap();
        tx.commit().await.unwrap();
        database
    }

    #[tokio::test]
    async fn nobody_else_reads_a_database_nor_what_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        widen(folder.path(), 0o755);
        let file = folder.path().join("new.db");
        let database = opened(&file).await;
        for end in ["", "-wal", "-shm"] {
            assert_eq!(mode(&with_end(&file, end)), 0o600, "{end}");
        }
        database.close().await;
    }

    #[tokio::test]
    async fn a_database_that_others_could_read_is_narrowed_with_what_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old.db");
        let first = opened(&file).await;
        for end in ["", "-wal", "-shm"] {
            widen(&with_end(&file, end), 0o664);
        }
        let second = opened(&file).await;
        for end in ["", "-wal", "-shm"] {
            assert_eq!(mode(&with_end(&file, end)), 0o600, "{end}");
        }
        first.close().await;
        second.close().await;
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn files_and_folders_are_made_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        make_folder(&inner).unwrap();
        assert_eq!((mode(&folder.path().join("a")), mode(&inner)), (0o700, 0o700));
        let file = inner.join("x");
        create(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        widen(&file, 0o644);
        create(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        // A folder that is there may be anybody's.
        widen(&inner, 0o755);
        make_folder(&inner).unwrap();
        assert_eq!(mode(&inner), 0o755);
    }

    #[test]
    fn what_others_may_do_is_taken_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        create(&file).unwrap();
        for (before, said, after) in [
            (0o600, None, 0o600),
            (0o400, None, 0o400),
            (0o644, Some(0o644), 0o600),
            (0o440, Some(0o440), 0o400),
            (0o777, Some(0o777), 0o700),
            (0o601, Some(0o601), 0o600),
        ] {
            widen(&file, before);
            assert_eq!((narrow(&file).unwrap(), mode(&file)), (said, after), "{before:o}");
        }
        widen(folder.path(), 0o755);
        assert_eq!((narrow(folder.path()).unwrap(), mode(folder.path())), (None, 0o755));
        assert_eq!(narrow(&folder.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
