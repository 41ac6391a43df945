//! What leaves the program as a table holds nothing that a spreadsheet would run.

use store::Location;

use super::{lives, workbook};
use crate::person::Person;
use crate::program::{Server, address, packs, prepare, run};

/// What makes a spreadsheet compute a cell, at its beginning.
const TRIGGERS: [&str; 11] =
    ["=", "+", "-", "@", "\t", "\r", "\n", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"];

/// Every cell of a CSV file that a spreadsheet would compute.
fn run_by_spreadsheets(csv: &[u8], delimiter: u8) -> Vec<String> {
    let text = std::str::from_utf8(csv).unwrap().trim_start_matches('\u{feff}');
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            _ if !quoted && (letter == char::from(delimiter) || letter == '\n') => {
                cells.push(String::new());
            }
            _ => cells.last_mut().unwrap().push(letter),
        }
    }
    let starts = |cell: &&String| {
        let number = cell.trim().parse::<f64>().is_ok();
        !number && TRIGGERS.iter().any(|trigger| cell.starts_with(trigger))
    };
    cells.iter().filter(starts).cloned().collect()
}

/// The sheet of a workbook, unpacked.
fn sheet(bytes: &[u8]) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = zip.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::read_to_string(sheet).unwrap()
}

#[test]
fn no_cell_of_a_converted_table_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("sogoc.db"));
    prepare(&location);
    let server = Server::start(&location);
    let stranger = Person::stranger(&server);
    let headed = [("headed", "yes"), ("column", "1")];
    for (delimiter, mark) in [(b',', ","), (b';', ";"), (b'\t', "\t")] {
        let rows: String = TRIGGERS
            .iter()
            .map(|trigger| format!("\"{trigger}cmd|' /C calc'!A0\"{mark}\"{trigger}x\"\n"))
            .collect();
        let text = format!("address{mark}=note\n{rows}");
        let file = [("file", "x.csv", text.as_bytes())];
        let page = stranger.files("/converter/table", &headed, &file).send().unwrap();
        assert_eq!(page.status, 200, "{}", page.text());
        let found = run_by_spreadsheets(&page.bytes, delimiter);
        assert!(found.is_empty(), "{mark:?}: {found:?}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
    }
    let cells: String = TRIGGERS
        .iter()
        .map(|trigger| {
            let text = format!("{trigger}1+1").replace('\t', "_x0009_").replace('\r', "_x000D_");
            format!("<row><c t=\"str\"><f>1+1</f><v>{text}</v></c></row>")
        })
        .collect();
    let book = workbook(&format!("<row><c t=\"str\"><v>address</v></c></row>{cells}"), "<sst/>");
    let file = [("file", "x.xlsx", &book[..])];
    let page = stranger.files("/converter/table", &headed, &file).send().unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    let sheet = sheet(&page.bytes);
    assert!(!sheet.contains("<f>") && sheet.contains("t=\"s\""), "{sheet}");
    lives(&server, &location);
}

#[test]
fn no_cell_of_a_table_of_figures_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("sogoc.db"));
    prepare(&location);
    // An indicator whose names a hostile pack chose.
    let pack = folder.path().join("pack");
    std::fs::create_dir(&pack).unwrap();
    let own = packs().join("campaign-124");
    let read = |name: &str| std::fs::read_to_string(own.join(name)).unwrap();
    let words = |text: &str| format!("{{ vi = \"{text}\", en = \"{text}\", km = \"{text}\" }}");
    let indicator = |at: usize, trigger: &str| {
        let text = format!("{trigger}cmd|'/C calc'!A0");
        format!(
            "[[indicators]]\ncode = \"hostile-{at}\"\nname = {0}\ndefinition = {0}\n\
             document = {0}\nnumerator = \"households\"\ndirection = \"up\"\n\
             reported_by = \"hamlet\"\n",
            words(&text)
        )
    };
    let triggers = ["=", "+", "-", "@", "\u{ff1d}"];
    let hostile: String =
        triggers.iter().enumerate().map(|(at, trigger)| indicator(at, trigger)).collect();
    std::fs::write(pack.join("pack.toml"), read("pack.toml")).unwrap();
    for name in ["counts.toml", "measures.toml"] {
        std::fs::write(pack.join(name), read(name)).unwrap();
    }
    let indicators = read("indicators.toml") + "\n" + &hostile;
    std::fs::write(pack.join("indicators.toml"), indicators).unwrap();
    let folder = pack.display().to_string();
    let done = run(&["pack", "apply", &folder, "--database", &address(&location)]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let server = Server::start(&location);
    let stranger = Person::stranger(&server);
    for at in 0..triggers.len() {
        let page = stranger.get(&format!("/indicators/hostile-{at}/table.csv"));
        assert_eq!(page.status, 200, "{}", page.text());
        let found = run_by_spreadsheets(&page.bytes, b',');
        assert!(found.is_empty(), "{found:?}");
        let page = stranger.get(&format!("/indicators/hostile-{at}/table.xlsx"));
        let sheet = sheet(&page.bytes);
        assert!(!sheet.contains("<f>"), "{sheet}");
    }
    lives(&server, &location);
}
