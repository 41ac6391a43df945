//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use crate::{Catalogue, PackFiles, read};

/// The files of a pack in the order in which they are named here.
const NAMES: [&str; 8] = [
    "measures.toml",
    "indicators.toml",
    "targets.toml",
    "campaigns.toml",
    "reports.toml",
    "collections.toml",
    "dashboards.toml",
    "counts.toml",
];

/// A pack; each part of the bytes up to a zero byte is a file. It is read, or each mistake has a place.
pub fn packs(bytes: &[u8]) {
    let head = (
        "pack.toml".to_owned(),
        b"name = \"x\"\nversion = \"1\"\ntitle = { vi = \"x\" }\n".to_vec(),
    );
    let parts = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec);
    let parts = NAMES.iter().map(|name| (*name).to_owned()).zip(parts);
    let files = std::iter::once(head).chain(parts).collect();
    let files = PackFiles { folder: "x".to_owned(), files };
    if let Err(base::Error::Invalid(mistakes)) = read(&files, &Catalogue::default()) {
        assert!(!mistakes.is_empty());
        assert!(mistakes.iter().all(|mistake| !mistake.place.is_empty()));
    }
    // The head is read as any bytes too.
    let files = [("pack.toml".to_owned(), bytes.to_vec())].into_iter().collect();
    let _ = read(&PackFiles { folder: "x".to_owned(), files }, &Catalogue::default());
}
