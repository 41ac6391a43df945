//! The packs that come with the program.

use include_dir::{Dir, include_dir};
use packs::PackFiles;

static PACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../packs");

/// The territory of the demonstration province.
pub(crate) const TERRITORY: &str = "territory-hau-giang";
/// The definitions of the demonstration province, in the order in which they are applied.
pub(crate) const DEFINITIONS: [&str; 14] = [
    "rights",
    "units-of-count",
    "reporting-calendars",
    "campaign-124",
    "ethnic-affairs",
    "plans-digital",
    "plan-illustrative",
    "dashboard-hau-giang",
    "index-766",
    "index-dti",
    "claims-hau-giang",
    "reports-hau-giang",
    "working-calendar",
    "personal-data",
];

/// The files of one of them; empty when there is no such pack.
pub(crate) fn files(name: &str) -> PackFiles {
    let folder = PACKS.get_dir(name);
    let files = folder.into_iter().flat_map(Dir::files).filter_map(|file| {
        let name = file.path().file_name()?.to_str()?;
        Some((name.to_owned(), file.contents().to_vec()))
    });
    PackFiles { folder: name.to_owned(), files: files.collect() }
}
