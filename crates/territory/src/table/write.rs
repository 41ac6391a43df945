//! A table as the bytes of a file.

use base::{Error, Result};
use rust_xlsxwriter::Workbook;
use web::export::csv_safe;
use web::spreadsheet::{Cell, Format, Row, Table};

/// The file, of the kind that came in. CSV begins with a byte order mark, without which
/// spreadsheets take UTF-8 for something else; no cell of it is computed by them.
pub(crate) fn write(table: &Table) -> Result<Vec<u8>> {
    match table.format {
        Format::Csv { delimiter } => text(&table.rows, delimiter),
        Format::Xlsx => workbook(&table.rows),
    }
}

fn text(rows: &[Row], delimiter: u8) -> Result<Vec<u8>> {
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    let mut writer =
        csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(&mut bytes);
    for row in rows {
        let cells = row.cells.iter().map(|cell| {
            let text = cell.text();
            // A negative number is what it is and stays as it came.
            let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
            if is_number { text } else { csv_safe(&text).into_owned() }
        });
        writer.write_record(cells).map_err(Error::internal)?;
    }
    writer.flush().map_err(Error::internal)?;
    drop(writer);
    Ok(bytes)
}

fn workbook(rows: &[Row]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in rows {
        // Each row stays where it was, with the empty ones before it.
        let at = u32::try_from(row.number.saturating_sub(1)).map_err(Error::internal)?;
        for (column, cell) in (0..).zip(&row.cells) {
            match cell {
                Cell::Text(text) if text.is_empty() => continue,
                // Written as text, which a spreadsheet never computes.
                Cell::Text(text) => sheet.write_string(at, column, text),
                Cell::Number(number) => sheet.write_number(at, column, *number),
            }
            .map_err(Error::internal)?;
        }
    }
    book.save_to_buffer().map_err(Error::internal)
}
