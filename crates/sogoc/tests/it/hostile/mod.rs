//! What attackers and broken programs send: refused with place and reason, and the server lives on.

mod bodies;
mod exports;
mod folders;
mod tables;
mod texts;

use std::io::Write as _;

use store::Location;
use store::testing::TestDatabase;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::program::{Server, address, run};

/// No input of these tests may take more, in a program that was not even optimised, with each
/// password that is checked taking 19 MB.
const MOST_MEMORY_BYTES: u64 = 200 << 20;

/// The server still answers, has not swollen, and what it keeps holds.
fn lives(server: &Server, location: &Location) {
    assert_eq!(server.page("/healthz").0, 200);
    let peak = server.peak_memory_bytes();
    assert!(peak < MOST_MEMORY_BYTES, "it took {} MB", peak >> 20);
    assert!(run(&["verify", "--database", &address(location)]).status.success());
}

/// A ZIP file of these parts.
fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet with these rows and shared texts.
fn workbook(rows: &str, texts: &str) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
    };
    let book =
        relation("a", "worksheet", "sheet.xml") + &relation("b", "sharedStrings", "texts.xml");
    zipped(&[
        ("_rels/.rels", &relation("a", "officeDocument", "book.xml")),
        ("_rels/book.xml.rels", &book),
        ("book.xml", "<sheets><sheet r:id=\"a\"/></sheets>"),
        ("sheet.xml", &format!("<sheetData>{rows}</sheetData>")),
        ("texts.xml", texts),
    ])
}

/// A server over each database, with the packs.
async fn each(check: impl Fn(&Server, &Location)) {
    for database in TestDatabase::each().await {
        let server = Server::with_packs(&database.location);
        check(&server, &database.location);
        lives(&server, &database.location);
    }
}
