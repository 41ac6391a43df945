//! The files of a publication: what stands where, read back.

use calamine::{Data, Reader as _, Xlsx};

use super::*;
use crate::pages::paper::paper;

/// The small form of a commune, as it is frozen.
async fn small() -> (Program, Publication) {
    let program = program(TestDatabase::sqlite().await).await;
    let it = publish_it(&program, new("small", "01/BC-T")).await.unwrap();
    (program, it)
}

/// The numbers of a row: households, those with the app, their share.
fn numbers(it: &Publication, row: usize) -> (i64, i64, i64) {
    let cell = &it.body.sheet.rows[row].cells[2];
    (cell.denominator.unwrap(), cell.numerator.unwrap(), cell.value.unwrap())
}

#[tokio::test]
async fn the_row_of_all_together_is_computed_from_its_parts() {
    let (_, it) = small().await;
    let rows = &it.body.sheet.rows;
    assert!(rows.len() > 10 && rows[0].total && rows[1..].iter().all(|row| !row.total));
    let all = numbers(&it, 0);
    let each: Vec<_> = (1..rows.len()).map(|row| numbers(&it, row)).collect();
    let sum = each.iter().fold((0, 0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1, sum.2 + it.2));
    assert_eq!((all.0, all.1), (sum.0, sum.1));
    assert_eq!(Some(all.2), base::percent(all.1, all.0, 2));
    assert_ne!(all.2, sum.2 / each.len() as i64, "a mean would not be told from it");
}

#[tokio::test]
async fn the_csv_says_what_its_numbers_stand_on() {
    let (program, it) = small().await;
    let csv = String::from_utf8(bytes(&program, &it.id).await.remove(1)).unwrap();
    let share = |row: usize| {
        let (households, with_app, share) = numbers(&it, row);
        format!("{households},{with_app},{}.{:02}", share / 100, share % 100)
    };
    let at = it.body.sheet.cut_off.local();
    let count = base::grouped(lang::Lang::Vietnamese, it.body.sheet.entries);
    let rows = it.body.sheet.rows.iter().enumerate();
    let line = |(at, row): (usize, &crate::reports::Row)| {
        format!("{},{},{},{},\n", row.stub[0], row.stub[1], row.stub[2], share(at))
    };
    let rows: String = rows.map(line).collect();
    assert!(rows.starts_with(",Tổng số,31441,"), "{rows}");
    let expected = format!(
        "\u{feff}Đơn vị báo cáo: =Sở A\n\
         Đơn vị nhận báo cáo: Ủy ban nhân dân\n\
         Biểu số: 01/T\n\
         Số: 01/BC-T\n\
         Biểu thử\n\
         \"Kỳ báo cáo: Quý II/2025, từ 01/04/2025 đến 30/06/2025\"\n\
         \"Đơn vị tính: hộ, %\"\n\
         Bản đồ hành chính ngày 01/07/2025. Số liệu đã ghi nhận đến {at} ({count} mục sổ).\n\
         \"Biểu do chương trình soạn, không phải biểu của thông tư.\"\n\
         \"Dữ liệu minh họa, không phải số liệu thật\"\n\
         \"\"\n\
         STT,Đơn vị,Mã đơn vị,Số hộ (hộ),Hộ cài ứng dụng: Số lượng (hộ),Hộ cài ứng dụng: Tỷ lệ (%),Ghi chú\n\
         A,B,C,1,2,3,D\n\
         {rows}\"\"\n\
         Ghi chú thử\n\
         \"{}\"\n\
         \"Vị Thanh, ngày 05 tháng 7 năm 2025\"\n\
         GIÁM ĐỐC,Người ký\n",
        it.body.sheet.notes[1],
    );
    assert_eq!(csv, expected);
}

#[tokio::test]
async fn the_workbook_read_back_has_numbers_as_numbers_and_words_at_their_places() {
    let (program, it) = small().await;
    let xlsx = bytes(&program, &it.id).await.remove(0);
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(xlsx)).unwrap();
    let name = book.sheet_names()[0].clone();
    assert_eq!(name, "01-BC-T");
    let range = book.worksheet_range(&name).unwrap();
    let at = |row: u32, column: u32| range.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    let text = |row, column| at(row, column).to_string();
    assert_eq!(text(0, 0), "Đơn vị báo cáo: =Sở A");
    assert_eq!(text(0, 4), "Biểu số: 01/T");
    assert_eq!(text(1, 4), "Số: 01/BC-T");
    let find = |wanted: &str| {
        let cells =
            range.used_cells().find(|(_, _, data)| **data == Data::String(wanted.to_owned()));
        let (row, column, _) = cells.unwrap_or_else(|| panic!("{wanted}"));
        (u32::try_from(row).unwrap(), u32::try_from(column).unwrap())
    };
    let (title, _) = find("Biểu thử");
    assert_eq!(text(title + 1, 0), "Kỳ báo cáo: Quý II/2025, từ 01/04/2025 đến 30/06/2025");
    let (head, column) = find("Hộ cài ứng dụng");
    assert_eq!(column, 4);
    assert_eq!(text(head + 1, 4), "Số lượng (hộ)");
    assert_eq!(text(head + 1, 5), "Tỷ lệ (%)");
    let numbers_row: Vec<String> = (0..7).map(|column| text(head + 2, column)).collect();
    assert_eq!(numbers_row, ["A", "B", "C", "1", "2", "3", "D"]);
    let merged = book.merge_cells_by_sheet_name(&name).unwrap();
    let is_merged = |from: (u32, u32), to: (u32, u32)| {
        merged.iter().any(|region| region.start == from && region.end == to)
    };
    assert!(is_merged((head, 4), (head, 5)), "{merged:?}");
    assert!(is_merged((head, 0), (head + 1, 0)) && is_merged((head, 6), (head + 1, 6)));
    assert!(is_merged((title, 0), (title, 6)));
    for row in 0..3 {
        let (households, with_app, share) = numbers(&it, row as usize);
        let number = |column| match at(head + 3 + row, column) {
            Data::Float(number) => number,
            other => panic!("no number: {other:?}"),
        };
        assert_eq!(number(3), households as f64);
        assert_eq!(number(4), with_app as f64);
        assert!((number(5) - share as f64 / 100.0).abs() < 1e-9);
    }
    let (place, _) = find("Vị Thanh, ngày 05 tháng 7 năm 2025");
    let (signer, column) = find("Người ký");
    assert!(signer > place && column >= 3, "{place} {signer} {column}");
    assert_eq!(find("(Ký, đóng dấu)").0 + 1, find("GIÁM ĐỐC").0);
}

#[tokio::test]
async fn the_page_of_a_small_form_is_the_paper() {
    let (_, it) = small().await;
    let text = paper(&it.body.sheet, Some(&it.body), &[]).into_string();
    let head = "<thead><tr><th scope=\"col\" rowspan=\"2\">STT</th>\
                <th scope=\"col\" rowspan=\"2\">Đơn vị</th><th scope=\"col\" rowspan=\"2\">Mã đơn vị</th>\
                <th scope=\"col\" rowspan=\"2\">Số hộ (hộ)</th>\
                <th scope=\"colgroup\" colspan=\"2\">Hộ cài ứng dụng</th>\
                <th scope=\"col\" rowspan=\"2\">Ghi chú</th></tr>\
                <tr><th scope=\"col\">Số lượng (hộ)</th><th scope=\"col\">Tỷ lệ (%)</th></tr>\
                <tr class=\"numbers\"><td>A</td><td>B</td><td>C</td><td>1</td><td>2</td><td>3</td>\
                <td>D</td></tr></thead>";
    assert!(text.contains(head), "{text}");
    let (households, with_app, share) = numbers(&it, 0);
    let vi = lang::Lang::Vietnamese;
    let total = format!(
        "<tr class=\"here\"><td></td><th class=\"text\" scope=\"row\">Tổng số</th><td>31441</td>\
         <td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
         <td></td></tr>",
        base::grouped(vi, households),
        base::grouped(vi, with_app),
        base::decimal(vi, share, 2),
    );
    assert!(text.contains(&total), "{total}\n{text}");
    for part in ["Biểu số: 01/T", "Số: 01/BC-T", "GIÁM ĐỐC", "Người ký", "ngày 05 tháng 7 năm 2025"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_form_of_indicators_has_their_units_of_count_and_other_periods() {
    let program = program(TestDatabase::sqlite().await).await;
    let it = publish_it(&program, new("lines", "02/BC-T")).await.unwrap();
    let sheet = &it.body.sheet;
    assert_eq!(sheet.prescribed, "Ban hành theo: Thông tư thử");
    let stubs: Vec<&[String]> = sheet.rows.iter().map(|row| &row.stub[..]).collect();
    assert_eq!(stubs, [["1", "Số hộ", "hộ"], ["2", "Trực tuyến", "%"]]);
    assert_eq!(sheet.columns[1].period.code, "2025-Q1");
    assert!(sheet.groups().is_none());
    assert!(sheet.rows.iter().all(|row| row.unit.code.as_deref() == Some("31441")));
    let households = &sheet.rows[0].cells;
    assert!(households[0].value.unwrap() > households[1].value.unwrap(), "{households:?}");
    // The head has one row, and still its numbers.
    let mut book: Xlsx<_> = {
        let xlsx = bytes(&program, &it.id).await.remove(0);
        calamine::open_workbook_from_rs(std::io::Cursor::new(xlsx)).unwrap()
    };
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).unwrap();
    let texts: Vec<String> = range.used_cells().map(|(_, _, data)| data.to_string()).collect();
    for part in ["Kỳ này", "Kỳ trước", "Trực tuyến", "A", "2", "Ban hành theo: Thông tư thử"]
    {
        assert!(texts.iter().any(|text| text == part), "{part}: {texts:?}");
    }
}

#[tokio::test]
async fn what_was_typed_is_never_a_formula() {
    let program = program(TestDatabase::sqlite().await).await;
    let number = format!("=HYPERLINK(\"http://x\"){}", "9".repeat(38));
    let mut wish = new("small", &number);
    wish.signer = Signer { name: "@SUM(A1)".to_owned(), post: "+84".to_owned() };
    wish.place = "-1+1".to_owned();
    let it = publish_it(&program, wish).await.unwrap();
    let files = bytes(&program, &it.id).await;
    let csv = String::from_utf8(files[1].clone()).unwrap();
    let mut reader =
        ::csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(csv.as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '@']) && !cell.starts_with("-1"), "{cell}");
        }
    }
    assert!(csv.contains("'+84,'@SUM(A1)"), "{csv}");
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(files[0].clone())).unwrap();
    let name = book.sheet_names()[0].clone();
    assert!(name.chars().count() <= 31);
    let formulas = book.worksheet_formula(&name).unwrap();
    assert_eq!(formulas.used_cells().count(), 0);
    let page = program.page(&format!("/publications/{}", it.slug)).await;
    assert!(page.contains("HYPERLINK(&quot;http://x&quot;)"), "{page}");
}
