//! A publication as CSV: for programs, with all that its numbers stand on above them.

use base::{Error, Result};
use web::export::csv_safe;

use super::model::Body;
use crate::reports::Column;

/// UTF-8 with the mark by which spreadsheets know it; numbers with a point and without groups.
pub(super) fn write(body: &Body) -> Result<Vec<u8>> {
    let (sheet, issue) = (&body.sheet, &body.issue);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::from("\u{feff}"));
    let mut write = |fields: &[String]| writer.write_record(fields).map_err(Error::internal);
    let safe = |text: &str| csv_safe(text).into_owned();
    for line in [
        &sheet.reporting,
        &sheet.receiving,
        &sheet.form,
        &issue.number_line,
        &sheet.title,
        &sheet.period_line,
        &sheet.counted_line,
        &sheet.ground_line,
        &sheet.prescribed,
    ] {
        write(&[safe(line)])?;
    }
    if let Some(replaced) = &body.replaces {
        write(&[safe(&replaced.line)])?;
    }
    if let Some(made_up) = &sheet.made_up {
        write(&[safe(made_up)])?;
    }
    write(&[String::new()])?;
    let head = |column: &Column| match &column.group {
        Some(group) => format!("{group}: {}", column.header),
        None => column.header.clone(),
    };
    let heads = sheet.stub.iter().cloned().chain(sheet.columns.iter().map(head));
    let heads: Vec<String> = heads.chain([sheet.remarks.clone()]).map(|text| safe(&text)).collect();
    write(&heads)?;
    write(&sheet.numbers())?;
    for row in &sheet.rows {
        let numbers = row.cells.iter().zip(&sheet.columns);
        let numbers = numbers.map(|(cell, column)| match cell.number(column.part) {
            Some((number, decimals)) => plain(number, decimals),
            None => String::new(),
        });
        let stub = row.stub.iter().map(|text| safe(text));
        write(&stub.chain(numbers).chain([safe(&row.remark)]).collect::<Vec<_>>())?;
    }
    write(&[String::new()])?;
    for note in &sheet.notes {
        write(&[safe(note)])?;
    }
    write(&[safe(&issue.place_line)])?;
    write(&[safe(&issue.signer.post), safe(&issue.signer.name)])?;
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// "47.58".
fn plain(number: i64, decimals: u32) -> String {
    let digits = number.unsigned_abs().to_string();
    let places = usize::try_from(decimals).unwrap_or_default();
    let sign = if number < 0 { "-" } else { "" };
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, rest) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_programs() {
        for (number, decimals, expected) in [
            (4758, 2, "47.58"),
            (5, 2, "0.05"),
            (-5, 1, "-0.5"),
            (10_000, 2, "100.00"),
            (1_234_567, 0, "1234567"),
            (-12, 0, "-12"),
            (0, 4, "0.0000"),
        ] {
            assert_eq!(plain(number, decimals), expected);
        }
    }
}
