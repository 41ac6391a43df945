//! Tables of addresses, as spreadsheets write them and as attackers do.

use lang::Lang;
use rust_xlsxwriter::Workbook;
use web::spreadsheet::{Cell, Row, Stop, Table, read};

use super::column::find;
use super::{Asked, convert as convert_until, write};
use crate::Territory;
use crate::sample::{DAY, EVE, hau_giang};

fn asked(column: &str, headed: bool) -> Asked {
    Asked { lang: Lang::Vietnamese, column: column.to_owned(), headed, on: EVE, to: DAY }
}

fn convert(territory: &Territory, table: Table, asked: &Asked) -> base::Result<Table> {
    convert_until(territory, table, asked, &Stop::default())
}

fn words(row: &Row) -> Vec<String> {
    row.cells.iter().map(Cell::text).collect()
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
        assert_eq!(find(&table, name, headed).ok(), expected, "{name} {headed}");
    }
    assert_eq!(find(&read(b"one\ntwo").unwrap(), "", false).unwrap(), 0);
    // Which of two is meant must be said by its number.
    let table = read("Địa chỉ,ĐỊA  CHỈ,x\n1,a,b".as_bytes()).unwrap();
    for (name, expected) in [("", None), ("địa chỉ", None), ("2", Some(1)), ("x", Some(2))] {
        assert_eq!(find(&table, name, true).ok(), expected, "{name}");
    }
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
    assert_eq!(first[6..8], ["", "đã chuyển đổi"]);
    let second = words(&table.rows[2]);
    assert!(second[4].is_empty() && second[7] == "không xác định" && !second[8].is_empty());
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
    assert_eq!(table.rows[1].cells[0], Cell::Number(31447.0));
    let table = convert(hau_giang(), table, &asked("địa chỉ", true)).unwrap();
    let back = read(&write(&table).unwrap()).unwrap();
    assert_eq!(back.rows[1].cells[0], Cell::Number(31447.0));
    assert_eq!(words(&back.rows[1])[5], "31453");
    assert_eq!((back.rows[2].number, &*words(&back.rows[2])[2]), (4, "=SUM(A1)"));
}

#[test]
fn codes_are_those_of_communes_and_a_hamlet_stands_in_its_own_column() {
    let row = |address: &str, on| {
        let how = Asked { on, ..asked("", false) };
        let table = read(address.replace(',', " ").as_bytes()).unwrap();
        words(&convert(hau_giang(), table, &how).unwrap().rows[0])[1..].to_vec()
    };
    let found = row("ấp Tân Lợi xã Vị Thủy huyện Vị Thủy tỉnh Hậu Giang", EVE);
    assert_eq!(
        found[..6],
        [
            "31447",
            "Xã Vị Thủy, Huyện Vị Thủy, Tỉnh Hậu Giang",
            "31453",
            "Xã Vĩnh Thuận Đông, Thành phố Cần Thơ",
            "Ấp Tân Lợi (dữ liệu minh họa)",
            "đã chuyển đổi",
        ]
    );
    // Three hamlets of one name: their own codes were made up, the commune's is the state's.
    let several = row("ấp 3 xã Vị Thủy thành phố Cần Thơ", DAY);
    assert!(several[..5].iter().all(String::is_empty) && several[5] == "cần chọn", "{several:?}");
    let expected = "31441 Ấp 3 (ban đầu thuộc Xã Vị Thắng; dữ liệu minh họa), Xã Vị Thủy, Thành \
                    phố Cần Thơ;";
    assert!(several[6].contains(expected), "{several:?}");
    assert!(!several[6].contains("3145003"), "{several:?}");
}

#[test]
fn a_table_that_is_told_to_stop_ends_with_a_reason() {
    let stop = Stop::default();
    stop.set();
    let table = read("xã Vị Thủy\nxã Vị Thắng\n".as_bytes()).unwrap();
    let stopped = convert_until(hau_giang(), table, &asked("", false), &stop).unwrap_err();
    let expected = base::Error::invalid("file", lang::file::took_too_long).to_string();
    assert_eq!(stopped.to_string(), expected);
}
