//! What people send as files, and what is told to them about it.

use base::Error;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use web::spreadsheet::MOST_ROWS;

use super::*;

const HEAD: &str = "unit_code,measure,day,value,source\n";

fn row(number: usize, cells: [&str; 5]) -> Row {
    let [unit, measure, when, value, source] = cells.map(str::to_owned);
    Row { number, unit, measure, when, value: read_count(&value), source }
}

#[test]
fn a_decimal_of_a_workbook_is_no_thousand() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, name) in (0..).zip(HEAD.trim().split(',')) {
        sheet.write(0, at, name).unwrap();
    }
    for (at, value) in (1..).zip([12.345, 12.0, 12345.0]) {
        sheet.write(at, 3, value).unwrap();
        sheet.write(at, 0, "1").unwrap();
    }
    let rows = read(&workbook.save_to_buffer().unwrap()).unwrap();
    let values: Vec<_> = rows.iter().map(|row| row.value).collect();
    assert_eq!(values, [None, Some(12), Some(12_345)]);
}

fn places(result: Result<Vec<Row>>) -> Vec<String> {
    match result {
        Ok(rows) => panic!("{} rows were read", rows.len()),
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.place).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn columns_stand_in_any_order_and_bear_english_or_vietnamese_names() {
    let expected = vec![row(2, ["31441", "households", "30/06/2025", "7.037", "Sổ hộ"])];
    for text in [
        "unit_code,measure,day,value,source\n31441,households,30/06/2025,7.037,Sổ hộ\n",
        "unit_code;measure;period;value;source\n31441;households;30/06/2025;7.037;Sổ hộ\n",
        "\u{feff}Nguồn\tGiá trị\tNgày\tĐại lượng\tMã đơn vị\r\nSổ  hộ\t7.037\t30/06/2025\thouseholds\t31441\r\n",
        "Mã đơn vị;Đại lượng;Ngày hoặc kỳ;Số lượng;Nguồn;Ghi chú\n31441;households;30/06/2025;7.037;Sổ hộ;x\n\n;;;;\n",
        "unit_code,measure,day,period,value,source\n\"31441\",households,,30/06/2025,7.037,\"Sổ hộ\"\n",
    ] {
        assert_eq!(read(text.as_bytes()).unwrap(), expected, "{text}");
    }
}

#[test]
fn numbers_of_rows_are_those_of_the_file() {
    let text = format!("{HEAD}\n1,a,b,c,d\n,,,,\n2,a,b,c,d\n");
    let numbers: Vec<usize> = read(text.as_bytes()).unwrap().iter().map(|row| row.number).collect();
    assert_eq!(numbers, [3, 5]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let many = format!("{HEAD}{}", "1,a,b,2,c\n".repeat(MOST_ROWS + 1));
    for (content, expected) in [
        (Vec::new(), "file"),
        (HEAD.into(), "file"),
        (vec![0xff, 0xfe, 0x41], "row 1"),
        (format!("{HEAD}1,a,b,2,\"c\n").into(), "row 2"),
        (many.into(), "row 20002 A"),
        (b"unit_code,measure,day,source\n1,a,b,c\n".to_vec(), "row 1 value"),
        (b"unit_code,measure,value,source\n1,a,2,c\n".to_vec(), "row 1 day"),
        (b"\nunit_code,measure,day,value,value,source\n1,a,b,2,3,c\n".to_vec(), "row 2 value"),
        ("unit_code,measure,ngày,Ngày,value,source\n".into(), "row 1 day"),
        (b"PK\x03\x04 no workbook".to_vec(), "file"),
    ] {
        let shown = String::from_utf8_lossy(&content[..content.len().min(40)]).into_owned();
        assert_eq!(places(read(&content)), [expected], "{shown}");
    }
}

#[test]
fn letters_that_nobody_sees_are_not_kept() {
    let text = format!("{HEAD}\u{200b}31441,house\u{feff}holds,30/06/2025,7\u{a0}037,Sổ\u{7} hộ\n");
    let expected = row(2, ["31441", "house holds", "30/06/2025", "7 037", "Sổ hộ"]);
    assert_eq!(read(text.as_bytes()).unwrap(), [expected]);
    // Tones as separate marks are put together.
    let text = format!("{HEAD}1,a,b,2,So\u{302}\u{309} ho\u{302}\u{323}\n");
    assert_eq!(read(text.as_bytes()).unwrap()[0].source, "Sổ hộ");
}

#[test]
fn another_unit_day_or_number_is_other_content() {
    let count = |unit: i64, day: &str, value: i64, source: &str| NewObservation {
        unit: UnitId(unit),
        measure: "households".to_owned(),
        reported: Reported::On(day.parse().unwrap()),
        value,
        source: source.to_owned(),
        made_up: false,
        evidence: None,
    };
    let first = count(1, "2025-06-30", 5, "x");
    let same = content(std::slice::from_ref(&first));
    assert_eq!(content(&[count(1, "2025-06-30", 5, "x")]), same);
    for other in [
        vec![],
        vec![count(2, "2025-06-30", 5, "x")],
        vec![count(1, "2025-07-01", 5, "x")],
        vec![count(1, "2025-06-30", 6, "x")],
        vec![count(1, "2025-06-30", 5, "")],
        vec![first.clone(), first],
    ] {
        assert_ne!(content(&other), same, "{other:?}");
    }
}

#[test]
fn a_row_that_is_shorter_than_the_heading_has_empty_cells() {
    let text = format!("{HEAD}31441,households\n");
    assert_eq!(read(text.as_bytes()).unwrap(), [row(2, ["31441", "households", "", "", ""])]);
}

#[test]
fn a_workbook_gives_what_its_cells_show() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0_u16..).zip(["unit_code", "measure", "day", "value", "source"]) {
        sheet.write(0, column, name).unwrap();
    }
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let date = ExcelDateTime::from_ymd(2025, 6, 30).unwrap();
    sheet.write(1, 0, "01234").unwrap();
    sheet.write(1, 1, "households").unwrap();
    sheet.write_with_format(1, 2, &date, &day).unwrap();
    sheet.write(1, 3, 7037).unwrap();
    sheet.write(1, 4, "=1+1").unwrap();
    sheet.write(3, 0, 31441).unwrap();
    sheet.write(3, 2, "2025-Q2").unwrap();
    sheet.write(3, 3, 12.5).unwrap();
    let content = book.save_to_buffer().unwrap();
    let rows = read(&content).unwrap();
    assert_eq!(
        rows,
        [
            row(2, ["01234", "households", "30/06/2025", "7037", "=1+1"]),
            row(4, ["31441", "", "2025-Q2", "12.5", ""]),
        ]
    );
}

#[test]
fn counts_are_whole_numbers() {
    for (text, expected) in [
        ("0", Some(0)),
        (" 1234 ", Some(1234)),
        ("1.234", Some(1234)),
        ("1,234,567", Some(1_234_567)),
        ("1 234", Some(1234)),
        ("-5", Some(-5)),
        ("12,5", None),
        ("12.50", None),
        ("0.125", None),
        ("-0,500", None),
        ("1.23.456", None),
        ("1.234,5", None),
        ("1234.567", None),
        (".123", None),
        ("", None),
        ("50%", None),
        ("9999999999999999999", None),
    ] {
        assert_eq!(read_count(text), expected, "{text:?}");
    }
}

#[test]
fn a_text_is_a_day_or_a_period() {
    let day = |text: &str| text.parse::<Day>().unwrap();
    let within = |from, last| {
        Some(Reported::Within(base::DayRange { from: day(from), to: day(last).plus(1) }))
    };
    for (text, expected) in [
        ("30/06/2025", Some(Reported::On(day("2025-06-30")))),
        ("2025-06-30", Some(Reported::On(day("2025-06-30")))),
        ("2025-Q2", within("2025-04-01", "2025-06-30")),
        ("2025-06", within("2025-06-01", "2025-06-30")),
        ("2025", within("2025-01-01", "2025-12-31")),
        ("R2025-Q2", None),
        ("31/06/2025", None),
        ("30/06/2025 2025-Q2", None),
        ("", None),
    ] {
        assert_eq!(read_when(text, &[]), expected, "{text:?}");
    }
}
