//! The demonstration province that all these tests look at, and copies of it to write into.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use store::Location;

use crate::program::{Server, lasting, run, sogoc};

/// The province as it was made; nobody writes into it.
pub(crate) fn shared() -> &'static Server {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    // One that does not start fails all who wait for it, and is not tried by each of them again.
    let shared = SHARED.get_or_init(|| {
        let mut demo = sogoc();
        demo.args(["demo", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder());
        let mut command: Command = lasting(&demo, folder());
        Server::started(command.env("LC_ALL", "vi"))
    });
    shared.as_ref().unwrap_or_else(|| panic!("the demonstration province did not start"))
}

/// A server over a copy of the province.
pub(crate) struct Copy {
    pub(crate) server: Server,
    /// Where the copy lies; other files of a test may lie there too.
    pub(crate) folder: tempfile::TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir_in(folder()).unwrap();
        let file = folder.path().join("copy.db");
        std::fs::copy(backup(), &file).unwrap();
        // What its vault holds opens with the key of the province alone.
        std::fs::copy(self::folder().join("vault.key"), folder.path().join("vault.key")).unwrap();
        Self { server: Server::start(&Location::File(file)), folder }
    }

    /// The same that is found at an address of its own, `http://localhost:PORT`. What more stands in
    /// the configuration is made of that address.
    pub(crate) fn found_at(configured: impl Fn(&str) -> String) -> (Self, String) {
        let folder = tempfile::tempdir_in(folder()).unwrap();
        let file = folder.path().join("copy.db");
        std::fs::copy(backup(), &file).unwrap();
        std::fs::copy(self::folder().join("vault.key"), folder.path().join("vault.key")).unwrap();
        let server = Server::found_at(&Location::File(file), folder.path(), configured);
        let site = server.url("").replace("127.0.0.1", "localhost");
        (Self { server, folder }, site)
    }

    /// Puts a file beside the copy.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        file
    }
}

/// A copy of the province's database, made once while it is served.
fn backup() -> &'static PathBuf {
    static BACKUP: OnceLock<PathBuf> = OnceLock::new();
    BACKUP.get_or_init(|| {
        shared();
        let file = folder().join("backup.db");
        let words = [file.display().to_string(), folder().display().to_string()];
        let done = run(&["backup", "--plain", &words[0], "--data-dir", &words[1]]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        file
    })
}

/// Everything of this run; it goes away with the shared server.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        tempfile::Builder::new().prefix("sogoc-province-").tempdir().unwrap().keep()
    })
}
