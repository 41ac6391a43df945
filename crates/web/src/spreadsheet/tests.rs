//! Tables as spreadsheets write them and as attackers do.

use std::io::Write as _;

use base::Error;
use rust_xlsxwriter::{ExcelDateTime, Format as Shown, Workbook};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;

fn place(outcome: Result<Table>) -> String {
    match outcome {
        Err(Error::Invalid(mistakes)) => mistakes[0].place.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

fn words(row: &Row) -> (usize, Vec<String>) {
    (row.number, row.cells.iter().map(Cell::text).collect())
}

fn rows(bytes: &[u8]) -> Vec<(usize, Vec<String>)> {
    read(bytes).unwrap().rows.iter().map(words).collect()
}

fn line(number: usize, cells: &[&str]) -> (usize, Vec<String>) {
    (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
}

#[test]
fn csv_is_read_however_a_spreadsheet_wrote_it() {
    for (bytes, delimiter, second) in [
        (&b"a,b\r\n1,\"x, y\"\r\n"[..], b',', ["1", "x, y"]),
        (
            "\u{feff}họ tên;địa chỉ\n1;xã Vị Thủy, Hậu Giang".as_bytes(),
            b';',
            ["1", "xã Vị Thủy, Hậu Giang"],
        ),
        (b"a\tb\n1\t2,3", b'\t', ["1", "2,3"]),
        (b"a,b\n\"say \"\"x\"\"\",\"\"", b',', ["say \"x\"", ""]),
        (b"a,b\n1,5\" pipe", b',', ["1", "5\" pipe"]),
    ] {
        let table = read(bytes).unwrap();
        assert_eq!(table.format, Format::Csv { delimiter });
        let mut cells = words(&table.rows[1]).1;
        cells.resize(2, String::new());
        assert_eq!(cells, second);
    }
}

#[test]
fn rows_bear_the_number_of_their_line() {
    let text = "\na,b\r\n\r\n,,\n\"x\ny\",1\n\n\nz\n";
    let expected = [line(2, &["a", "b"]), line(5, &["x\ny", "1"]), line(9, &["z"])];
    assert_eq!(rows(text.as_bytes()), expected);
}

#[test]
fn csv_that_cannot_be_read_is_refused_with_its_place() {
    let many = "x\n".repeat(MOST_ROWS + 2);
    let wide = "x,".repeat(MOST_COLUMNS + 1);
    let long = format!("a\nb,{}", "x".repeat(LONGEST_CELL_BYTES + 1));
    let flat = format!("{}\n", "x,".repeat(51)).repeat(MOST_ROWS);
    let tail = format!("{}x\n{}", ",".repeat(MOST_COLUMNS - 1), "x\n".repeat(MOST_ROWS / 2));
    let huge = vec![b'x'; LARGEST_FILE_BYTES + 1];
    for (bytes, expected) in [
        (&b""[..], "file"),
        (b"\n\n ,\t\n", "file"),
        (b"\xef\xbb\xbf", "file"),
        (b"a\nb\n\xff\xfe", "row 3"),
        (b"\xff\xfea\0b\0", "row 1"),
        (b"\xfe\xff\0a\0b", "row 1"),
        (b"a\nb\0c", "row 2"),
        (b"a,b\n1,\"open\n2,3\n", "row 2"),
        (b"a;b\n1;\"\"\"\n", "row 2"),
        (many.as_bytes(), "row 20002 A"),
        (wide.as_bytes(), "row 1 GS"),
        (long.as_bytes(), "row 2 B"),
        (flat.as_bytes(), "row 19608 AR"),
        (tail.as_bytes(), "file"),
        (&huge, "file"),
    ] {
        assert_eq!(place(read(bytes)), expected, "{:.40}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_workbook_gives_what_its_cells_show() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Shown::new().set_num_format("dd/mm/yyyy");
    let moment = Shown::new().set_num_format("hh:mm");
    let date = ExcelDateTime::from_ymd(2025, 6, 30).unwrap();
    sheet.write(1, 0, "01234").unwrap();
    sheet.write(1, 1, " hai  dòng\nmột ô ").unwrap();
    sheet.write_with_format(1, 2, &date, &day).unwrap();
    sheet.write(1, 3, 7037).unwrap();
    sheet.write(1, 4, 12.5).unwrap();
    sheet.write_with_format(1, 5, 0.5, &moment).unwrap();
    sheet.write(3, 1, true).unwrap();
    sheet.write_formula(3, 2, rust_xlsxwriter::Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write(3, 3, "a_x000D_b & <c>").unwrap();
    sheet.write(1_000_000, 0, "far").unwrap();
    let second = book.add_worksheet();
    second.write(0, 0, "not read").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(read(&bytes).unwrap().format, Format::Xlsx);
    assert_eq!(
        rows(&bytes),
        [
            line(2, &["01234", " hai  dòng\nmột ô ", "30/06/2025", "7037", "12.5", "0.5"]),
            line(4, &["", "TRUE", "2", "a_x000D_b & <c>"]),
            line(1_000_001, &["far"]),
        ]
    );
}

/// A workbook put together by hand: the sheet's cells, its shared texts, its styles.
fn book(cells: &str, texts: &str, styles: &str) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
    };
    let relations = [
        relation("a", "chartsheet", "chartsheets/sheet1.xml"),
        relation("b", "worksheet", "worksheets/sheet1.xml"),
        relation("c", "sharedStrings", "sharedStrings.xml"),
        relation("d", "styles", "/xl/styles.xml"),
    ];
    zipped(&[
        ("_rels/.rels", relation("r", "officeDocument", "xl/workbook.xml")),
        ("xl/_rels/workbook.xml.rels", relations.concat()),
        ("xl/Workbook.xml", "<sheets><sheet r:id=\"a\"/><sheet r:id=\"b\"/></sheets>".to_owned()),
        ("xl/worksheets/sheet1.xml", format!("<sheetData>{cells}</sheetData>")),
        ("xl/sharedStrings.xml", texts.to_owned()),
        ("xl/styles.xml", styles.to_owned()),
    ])
}

fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_of_another_program_is_read() {
    let texts = "<sst count=\"9\" uniqueCount=\"9\"><si><t> a </t></si>\
                 <si><r><t xml:space=\"preserve\">b </t></r><r><t>&lt;c&#62;</t></r>\
                 <rPh sb=\"0\"><t>spoken</t></rPh></si><si/></sst>";
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"d.m.yy\"/></numFmts>\
                  <cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>\
                  <cellXfs><xf/><xf numFmtId=\"170\"><alignment/></xf></cellXfs></styleSheet>";
    let cells = "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c>\
                 <c t=\"n\" s=\"1\"><v>45838</v></c></row>\
                 <x:row r=\"7\"><x:c r=\"B7\" t=\"inlineStr\"><x:is><x:t>in</x:t></x:is></x:c>\
                 <c t=\"str\"><f>A1&amp;\"x\"</f><v>for_x0041_</v></c><c t=\"e\"><v>#N/A</v></c>\
                 <c t=\"d\"><v>2025-06-30T00:00:00</v></c><c t=\"n\"><v>nan</v></c></x:row>\
                 <row r=\"3\"><c><v>-1e3</v></c></row>";
    assert_eq!(
        rows(&book(cells, texts, styles)),
        [
            line(1, &["a", "b <c>", "", "30/06/2025"]),
            line(3, &["-1000"]),
            line(7, &["", "in", "forA", "#N/A", "30/06/2025", "nan"]),
        ]
    );
}

#[test]
fn a_workbook_that_is_damaged_or_lies_is_refused() {
    let say = |error: Result<Table>| match error {
        Err(Error::Invalid(mistakes)) => mistakes[0].text.say(Lang::English),
        other => panic!("not refused: {other:?}"),
    };
    let cell = |attributes: &str, value: &str| format!("<row><c {attributes}><v>{value}</v></c>");
    let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
    let entity = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><si><t>&b;";
    let damaged = lang::file::damaged(Lang::English);
    for (bytes, name) in [
        (b"PK\x03\x04 no workbook".to_vec(), "no directory"),
        (zipped(&[("a.txt", "b".to_owned())]), "no workbook"),
        (book("<row><c r=\"A0\"/></row>", "", ""), "row 0"),
        (book("<row r=\"9999999999\"><c/></row>", "", ""), "row beyond the last"),
        (book("<c/>", "", ""), "a cell without a row"),
        (book("<row><c r=\"AAAA1\"/></row>", "", ""), "column beyond the last"),
        (book(&cell("t=\"s\"", "5"), "<sst/>", ""), "text that is not there"),
        (book(&cell("t=\"s\"", "-1"), "<sst/>", ""), "text before the first"),
        (book(&deep, "", ""), "too deep"),
        (book("<row><c><v>1</row>", "", ""), "not closed"),
        (book("", entity, ""), "entities"),
        (book("&unknown;", "", ""), "unknown entity"),
    ] {
        assert_eq!(say(read(&bytes)), damaged, "{name}");
    }
    // The list of texts claims to be longer than any memory. It is read for what it holds.
    let claim = "<sst count=\"1\" uniqueCount=\"999999999999\"><si><t>x</t></si></sst>";
    let bytes = book("<row><c t=\"s\"><v>0</v></c></row>", claim, "");
    assert_eq!(rows(&bytes), [line(1, &["x"])]);
    let cut = &bytes[..bytes.len() / 2];
    assert_eq!(say(read(cut)), damaged);
}

#[test]
fn a_workbook_of_too_much_is_refused_at_its_place() {
    let wide = format!("<row>{}<c><v>1</v></c></row>", "<c/>".repeat(MOST_COLUMNS));
    let long = "x".repeat(LONGEST_CELL_BYTES + 1);
    let long_cell = format!("<row r=\"7\"><c r=\"B7\" t=\"str\"><v>{long}</v></c></row>");
    let many = "<row><c><v>1</v></c></row>".repeat(MOST_ROWS + 2);
    for (cells, expected) in [
        (wide, "row 1 GS"),
        (long_cell, "row 7 B"),
        (many, "row 20002 A"),
        ("<row><c r=\"B5\" t=\"str\"><v>a\0b</v></c></row>".to_owned(), "row 5 B"),
    ] {
        assert_eq!(place(read(&book(&cells, "", ""))), expected);
    }
}

/// Writes another size into every entry of a ZIP file's directory, and before each part.
fn claim_size(bytes: &mut [u8], size: u32) {
    for (mark, place) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
        let mut at = 0;
        while let Some(next) = bytes[at..].windows(4).position(|four| four == mark) {
            at += next;
            if let Some(field) = bytes.get_mut(at + place..at + place + 4) {
                field.copy_from_slice(&size.to_le_bytes());
            }
            at += 4;
        }
    }
}

#[test]
fn a_bomb_is_counted_as_it_unpacks_whatever_it_says_of_its_size() {
    let blanks = " ".repeat(LARGEST_UNPACKED_BYTES);
    let one_text = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(LONGEST_CELL_BYTES));
    let cell = "<c t=\"s\"><v>0</v></c>";
    let repeated = format!("<row>{}</row>", cell.repeat(100)).repeat(200);
    let bombs = [
        book(&format!("<row><c><v>1</v></c></row>{blanks}"), "", ""),
        book("<row/>", &format!("<sst>{blanks}</sst>"), ""),
        // Small for a bomb, but each cell shows the same long text.
        book(&repeated, &one_text, ""),
    ];
    for mut bytes in bombs {
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        let expected = unpacks_too_large().to_string();
        assert_eq!(read(&bytes).unwrap_err().to_string(), expected);
        for size in [16, u32::MAX - 1] {
            claim_size(&mut bytes, size);
            assert_eq!(place(read(&bytes)), "file", "{size}");
        }
    }
    // One that is honest but claims to be huge is read for what it is, or refused; never believed.
    let mut small = book("<row><c><v>1</v></c></row>", "", "");
    claim_size(&mut small, u32::MAX - 1);
    if let Ok(table) = read(&small) {
        assert_eq!(words(&table.rows[0]).1, ["1"]);
    }
}

#[tokio::test]
async fn work_that_breaks_down_is_a_damaged_file() {
    let broken = in_turn::<()>(|| panic!("an unexpected byte")).await;
    assert!(matches!(broken, Err(Error::Invalid(_))), "{broken:?}");
    assert_eq!(in_turn(|| Ok(7)).await.unwrap(), 7);
}

/// Work that ends only because it is told to, or after so long that it should have been.
fn endless(stop: &Stop) -> Result<()> {
    for _ in 0..20_000_000 {
        stop.check()?;
        std::thread::yield_now();
    }
    panic!("nobody told it to stop");
}

#[tokio::test]
async fn work_that_takes_too_long_is_stopped_and_frees_its_turn() {
    static TURNS: Semaphore = Semaphore::const_new(1);
    let stopped = in_turn_within(Duration::ZERO, &TURNS, endless).await;
    let expected = refuse("file", lang::file::took_too_long).to_string();
    assert_eq!(stopped.unwrap_err().to_string(), expected);
    assert_eq!(in_turn_within(LONGEST_WORK, &TURNS, |_| Ok(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn work_that_nobody_waits_for_any_more_is_stopped() {
    static TURNS: Semaphore = Semaphore::const_new(1);
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (told, was_told) = tokio::sync::oneshot::channel();
    let work = move |stop: &Stop| {
        begun.send(()).unwrap();
        let ended = endless(stop);
        told.send(()).unwrap();
        ended
    };
    tokio::select! {
        _ = in_turn_within(LONGEST_WORK, &TURNS, work) => panic!("it has no end"),
        begun = has_begun => begun.unwrap(),
    }
    was_told.await.unwrap();
    assert_eq!(in_turn_within(LONGEST_WORK, &TURNS, |_| Ok(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn files_of_strangers_never_keep_the_signed_in_waiting() {
    let waiting = [Whose::Visitors; 3].map(|whose| tokio::spawn(in_turn_of(whose, endless)));
    while Whose::Visitors.turns().available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(in_turn(|| Ok(7)).await.unwrap(), 7);
    assert!(waiting.iter().all(|task| !task.is_finished()), "it had to wait");
    for task in waiting {
        task.abort();
    }
    assert_eq!(in_turn_of(Whose::Visitors, |_| Ok(7)).await.unwrap(), 7);
}
