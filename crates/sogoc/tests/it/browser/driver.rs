//! The one `chromedriver` of a run of the tests.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::program::lasting;

/// The program that opens browsers, listening on a port of its own.
pub(crate) struct Driver {
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    /// The browser that it opens.
    pub(crate) browser: PathBuf,
    /// For profiles; it goes away with the run.
    pub(crate) folder: PathBuf,
}

/// The driver of this run; none where no browser is installed, unless `SOGOC_TEST_REQUIRE` names
/// `browser`.
pub(crate) fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    DRIVER.get_or_init(start).as_ref()
}

fn start() -> Option<Driver> {
    let Some((program, browser)) = installed("chromedriver").zip(installed("chromium")) else {
        missing("Chromium");
        return None;
    };
    let folder = tempfile::Builder::new().prefix("sogoc-browser-").tempdir().unwrap().keep();
    let mut command = Command::new(program);
    command.arg("--port=0");
    let mut child = lasting(&command, &folder).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut ports = lines.filter_map(|line| {
        Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned())
    });
    let address = format!("http://127.0.0.1:{}", ports.next().unwrap());
    // Its standard input must stay open as long as this process lives.
    std::mem::forget(child);
    Some(Driver { address, browser, folder })
}

/// Says that something for these tests is not installed; a failure where it must be.
pub(crate) fn missing(what: &str) {
    store::testing::skip("browser", &format!("{what} was not found"));
}

fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([Path::new("/usr/bin").to_owned()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}
