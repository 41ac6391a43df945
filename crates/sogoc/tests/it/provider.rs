//! A real provider of OpenID Connect, run by Node.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A provider that goes away with the value.
pub(crate) struct Provider {
    child: Child,
    /// It ends when nobody takes what it says.
    _said: BufReader<ChildStdout>,
    /// `http://localhost:PORT`.
    pub(crate) issuer: String,
}

/// The folder of oidc-provider; none where `SOGOC_TEST_OIDC` does not name it, unless
/// `SOGOC_TEST_REQUIRE` names `oidc`.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("SOGOC_TEST_OIDC").map(PathBuf::from);
    if folder.is_none() {
        store::testing::skip("oidc", "oidc-provider (SOGOC_TEST_OIDC) was not found");
    }
    folder
}

impl Provider {
    /// Starts one that sends people back to an address.
    pub(crate) fn start(folder: &Path, back: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/provider.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(folder).arg(back).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut issuer = String::new();
        said.read_line(&mut issuer).unwrap();
        Self { child, _said: said, issuer: issuer.trim().to_owned() }
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.kill();
    }
}
