//! Tables of addresses, as spreadsheets write them and as attackers do.

use base::Error;
use lang::Lang;
use rust_xlsxwriter::Workbook;

use super::zip::inflated_bytes;
use super::{Asked, Cell, Format, MOST_ROWS, Table, convert, read, write};
use crate::sample::{DAY, EVE, hau_giang};

fn asked(column: &str, headed: bool) -> Asked {
    Asked { lang: Lang::Vietnamese, column: column.to_owned(), headed, on: EVE, to: DAY }
}

fn place(outcome: Result<Table, Error>) -> String {
    match outcome {
        Err(Error::Invalid(mistakes)) => mistakes[0].place.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

fn words(row: &[Cell]) -> Vec<String> {
    row.iter().map(Cell::text).collect()
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
    ] {
        let table = read(bytes).unwrap();
        assert_eq!(table.format, Format::Csv { delimiter });
        assert_eq!(words(&table.rows[1]), second);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let many = "x\n".repeat(MOST_ROWS + 2);
    let wide = ",".repeat(300);
    let long = format!("a\n{}", "x".repeat(5000));
    for (bytes, expected) in [
        (&b""[..], "file"),
        (b"a\nb\n\xff\xfe", "file:3"),
        (b"a\0b", "file"),
        (b"PK\x03\x04 no workbook", "file"),
        (many.as_bytes(), "file:20002"),
        (wide.as_bytes(), "file:1"),
        (long.as_bytes(), "file:2"),
    ] {
        assert_eq!(place(read(bytes)), expected);
    }
}

#[test]
fn a_bomb_is_not_opened() {
    let mut entry = vec![0; 46];
    entry[..4].copy_from_slice(b"PK\x01\x02");
    entry[24..28].copy_from_slice(&(30_u32 << 20).to_le_bytes());
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend_from_slice(&entry);
    bytes.extend_from_slice(&entry);
    assert_eq!(inflated_bytes(&bytes), 60 << 20);
    assert_eq!(place(read(&bytes)), "file");
}

#[test]
fn a_directory_that_lies_about_its_sizes_opens_nothing() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..2000 {
        sheet.write_string(row, 0, "xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang").unwrap();
    }
    let mut bytes = book.save_to_buffer().unwrap();
    let honest = inflated_bytes(&bytes);
    let mut at = 0;
    while let Some(next) = bytes[at..].windows(4).position(|four| four == b"PK\x01\x02") {
        at += next;
        bytes[at + 24..at + 28].copy_from_slice(&16_u32.to_le_bytes());
        at += 4;
    }
    assert!(inflated_bytes(&bytes) < honest);
    assert_eq!(place(read(&bytes)), "file");
}

#[test]
fn a_column_is_found_by_number_by_header_or_by_itself() {
    let table = read("STT,Địa chỉ cũ,2\n1,a,b".as_bytes()).unwrap();
    for (name, headed, expected) in [
        ("2", false, Some(1)),
        ("2", true, Some(2)),
        ("dia chi cu", true, Some(1)),
        ("", true, Some(1)),
        ("", false, None),
        ("4", true, None),
        ("0", false, None),
        ("xã", true, None),
    ] {
        assert_eq!(table.column(name, headed).ok(), expected, "{name} {headed}");
    }
    assert_eq!(read(b"one\ntwo").unwrap().column("", false).unwrap(), 0);
}

#[test]
fn each_row_gets_its_units_outcome_and_reasons() {
    let text = "STT;Địa chỉ\n1;xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang\n=1+1;xã Không Có, Hậu Giang\n-3;\n";
    let table = convert(hau_giang(), read(text.as_bytes()).unwrap(), &asked("", true)).unwrap();
    assert_eq!(words(&table.rows[0])[2..4], ["Mã cũ", "Đơn vị cũ"]);
    let first = words(&table.rows[1]);
    assert_eq!(
        first[2..6],
        [
            "31447",
            "Xã Vị Thủy, Huyện Vị Thủy, Tỉnh Hậu Giang",
            "31453",
            "Xã Vĩnh Thuận Đông, Thành phố Cần Thơ"
        ]
    );
    assert_eq!(first[6], "đã chuyển đổi");
    let second = words(&table.rows[2]);
    assert!(second[4].is_empty() && second[6] == "không xác định" && !second[7].is_empty());
    assert!(words(&table.rows[3])[2..].iter().all(String::is_empty));
    let written = String::from_utf8(write(&table).unwrap()).unwrap();
    assert!(written.starts_with("\u{feff}STT;Địa chỉ;Mã cũ"), "{written}");
    assert!(written.contains("\n'=1+1;") && written.contains("\n-3;"), "{written}");
}

#[test]
fn a_workbook_comes_back_as_a_workbook() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "Mã").unwrap();
    sheet.write_string(0, 2, "Địa chỉ").unwrap();
    sheet.write_number(1, 0, 31447).unwrap();
    sheet.write_string(1, 2, "xã Vị Thủy, huyện Vị Thủy, Hậu Giang").unwrap();
    sheet.write_string(3, 2, "=SUM(A1)").unwrap();
    let table = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(table.rows[1][0], Cell::Number(31447.0));
    let table = convert(hau_giang(), table, &asked("địa chỉ", true)).unwrap();
    let back = read(&write(&table).unwrap()).unwrap();
    assert_eq!(back.rows[1][0], Cell::Number(31447.0));
    assert_eq!(words(&back.rows[1])[5], "31453");
    assert_eq!(words(&back.rows[3])[2], "=SUM(A1)");
    let mut far = Workbook::new();
    far.add_worksheet().write_string(1_000_000, 0, "x").unwrap();
    assert_eq!(place(read(&far.save_to_buffer().unwrap())), "file:A1000001");
}
