//! The cells of the first sheet of an XLSX file, within limits.

use std::io::Cursor;

use base::{Day, Error, Result};
use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};

use super::rows::{Cells, MOST_COLUMNS, push};

/// Unpacked, the parts of a file are at most this long together.
const LARGEST_UNPACKED_BYTES: u64 = 64 << 20;
/// A file has at most so many parts.
const MOST_PARTS: usize = 1000;

/// Errors: `Invalid` at `file` for what is not a workbook or would unpack to too much.
pub(crate) fn cells(content: &[u8]) -> Result<Cells> {
    let broken = || Error::invalid("file", lang::observations::bad_workbook);
    let unpacked = unpacked_bytes(content).ok_or_else(broken)?;
    if unpacked > LARGEST_UNPACKED_BYTES {
        return Err(Error::invalid("file", |lang| {
            lang::observations::unpacks_too_large(lang, LARGEST_UNPACKED_BYTES >> 20)
        }));
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(content)).map_err(|_| broken())?;
    let name = book.sheet_names().first().cloned().ok_or_else(broken)?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(|_| broken())?;
    let mut cells = Cells::new();
    let (mut row, mut fields) = (0, Vec::new());
    while let Some(cell) = reader.next_cell().map_err(|_| broken())? {
        let (at, column) = cell.get_position();
        if at != row {
            push(&mut cells, row as usize + 1, std::mem::take(&mut fields))?;
            row = at;
        }
        let column = column as usize;
        if column < MOST_COLUMNS {
            fields.resize(fields.len().max(column + 1), String::new());
            fields[column] = text(cell.get_value());
        }
    }
    push(&mut cells, row as usize + 1, fields)?;
    Ok(cells)
}

/// A cell as a person would have typed it; whole numbers without a decimal point.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.split_once('T').map_or(text.as_str(), |(day, _)| day_part(text, day)).to_owned()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTime(moment) => day(moment),
        DataRef::Bool(_) | DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// The day of "2025-06-30T00:00:00"; any other text as a whole.
fn day_part<'a>(text: &'a str, day: &'a str) -> &'a str {
    if day.parse::<Day>().is_ok() { day } else { text }
}

fn day(moment: &ExcelDateTime) -> String {
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

/// The sum of the sizes that the directory of a zip file states; none when it has no directory.
///
/// Layout: APPNOTE.TXT 6.3, sections 4.3.12 and 4.3.16.
fn unpacked_bytes(content: &[u8]) -> Option<u64> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let number = |at: usize, length: usize| {
        let bytes = content.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let end = content.windows(END.len()).rposition(|window| window == END)?;
    let count = usize::try_from(number(end + 10, 2)?).ok()?;
    let mut at = usize::try_from(number(end + 16, 4)?).ok()?;
    if count > MOST_PARTS {
        return None;
    }
    let mut sum = 0;
    for _ in 0..count {
        if content.get(at..at.checked_add(4)?)? != ENTRY {
            return None;
        }
        sum += number(at + 24, 4)?;
        let rest = number(at + 28, 2)? + number(at + 30, 2)? + number(at + 32, 2)?;
        at += 46 + usize::try_from(rest).ok()?;
    }
    Some(sum)
}
