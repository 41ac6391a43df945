//! CSV and XLSX into a table, within limits, every refusal with its place.

use std::io::Cursor;

use base::text::clean;
use base::{Error, Result};
use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use lang::Lang;

use super::zip::inflated_bytes;
use super::{Cell, Format, LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Table};

/// A workbook that would grow larger is not opened. Units: bytes.
const LARGEST_INFLATED_BYTES: u64 = 40 << 20;

/// Reads a file; its bytes tell of which kind it is.
///
/// CSV is UTF-8, with or without a byte order mark; the mark between cells is the one of comma,
/// semicolon and tab that the first line has most of.
///
/// Errors: `Invalid` at `file`, `file:LINE` or `file:CELL`: neither CSV in UTF-8 nor XLSX, empty,
/// more than 20,000 rows, 200 columns or 1,000,000 cells, a cell too long, a workbook that is
/// damaged or would grow beyond 40 MB.
pub(crate) fn read(bytes: &[u8]) -> Result<Table> {
    let table = if bytes.starts_with(b"PK\x03\x04") { workbook(bytes) } else { text(bytes) }?;
    let is_empty =
        table.rows.iter().flatten().all(|cell| matches!(cell, Cell::Text(t) if t.is_empty()));
    if is_empty { Err(refuse("file", lang::converter::file_empty)) } else { Ok(table) }
}

fn refuse<S: Into<String>>(
    place: impl Into<String>,
    say: impl Fn(Lang) -> S + Send + Sync + 'static,
) -> Error {
    Error::invalid(place, say)
}

fn too_large(place: String) -> Error {
    refuse(place, |lang| lang::converter::file_too_large(lang, MOST_CELLS, MOST_COLUMNS, MOST_ROWS))
}

fn text(bytes: &[u8]) -> Result<Table> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        refuse(format!("file:{line}"), lang::converter::file_not_utf8)
    })?;
    if text.contains('\0') {
        return Err(refuse("file", lang::converter::file_not_utf8));
    }
    let delimiter = delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes);
    let (mut rows, mut cells) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.map_err(Error::internal)?;
        let line = record.position().map_or(0, csv::Position::line);
        cells += record.len();
        // One more row than there may be, for a header.
        if rows.len() > MOST_ROWS || record.len() > MOST_COLUMNS || cells > MOST_CELLS {
            return Err(too_large(format!("file:{line}")));
        }
        if record.iter().any(|cell| cell.len() > LONGEST_CELL) {
            return Err(refuse(format!("file:{line}"), |lang| {
                lang::converter::cell_too_long(lang, LONGEST_CELL)
            }));
        }
        rows.push(record.iter().map(|cell| Cell::Text(cell.to_owned())).collect());
    }
    Ok(Table { format: Format::Csv { delimiter }, rows })
}

/// The mark that stands most often in the first line that is not empty; comma where none does.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: u8| first.bytes().filter(|byte| *byte == mark).count();
    let most = [b'\t', b';', b','].into_iter().max_by_key(|mark| count(*mark));
    most.unwrap_or(b',')
}

fn workbook(bytes: &[u8]) -> Result<Table> {
    if inflated_bytes(bytes) > LARGEST_INFLATED_BYTES {
        return Err(refuse("file", |lang| {
            lang::converter::file_inflates(lang, LARGEST_INFLATED_BYTES >> 20)
        }));
    }
    let damaged = |error: XlsxError| {
        tracing::debug!(cause = %error, "a workbook that cannot be read");
        refuse("file", lang::converter::file_damaged)
    };
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(damaged)?;
    let name = book.sheet_names().into_iter().next();
    let name = name.ok_or_else(|| refuse("file", lang::converter::file_damaged))?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(damaged)?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut cells = 0;
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let ((row, column), value) = (cell.get_position(), cell.get_value());
        if matches!(value, DataRef::Empty) {
            continue;
        }
        let (row, column) = (row as usize, column as usize);
        let place = || format!("file:{}", name_of(row, column));
        let known = rows.get(row).map_or(0, Vec::len);
        cells += (column + 1).saturating_sub(known);
        // Rows without a cell take room too.
        if row > MOST_ROWS || column >= MOST_COLUMNS || cells > MOST_CELLS {
            return Err(too_large(place()));
        }
        let value = value_of(value);
        if matches!(&value, Cell::Text(text) if text.len() > LONGEST_CELL) {
            return Err(refuse(place(), |l| lang::converter::cell_too_long(l, LONGEST_CELL)));
        }
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        let row = &mut rows[row];
        if row.len() <= column {
            row.resize(column + 1, Cell::Text(String::new()));
        }
        row[column] = value;
    }
    Ok(Table { format: Format::Xlsx, rows })
}

fn value_of(value: &DataRef<'_>) -> Cell {
    Cell::Text(match value {
        DataRef::Int(number) => return Cell::Number(*number as f64),
        DataRef::Float(number) => return Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{day:02}/{month:02}/{year:04}")
        }
        DataRef::Error(_) | DataRef::Empty => String::new(),
    })
}

/// "B7" for row 6 and column 1.
fn name_of(row: usize, column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    let first = (column / 26).checked_sub(1).map(letter);
    let name: String = first.into_iter().chain([letter(column)]).collect();
    format!("{name}{}", row + 1)
}

impl Table {
    /// The place of the column that a person names: its number from 1, or its header. Where
    /// nothing is said, the only column, or the one whose header speaks of an address.
    ///
    /// Errors: `Invalid` at `column` when there is no such column, with the headers there are.
    pub(crate) fn column(&self, name: &str, headed: bool) -> Result<usize> {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let headers: Vec<String> = match self.rows.first() {
            Some(first) if headed => first.iter().map(Cell::text).collect(),
            _ => Vec::new(),
        };
        let name = clean(name);
        let number = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let folded = |text: &str| base::text::fold(text);
        let wanted = |header: &String| folded(header) == folded(&name) && !name.is_empty();
        let speaks = |header: &String| {
            let header = folded(header);
            header.contains("dia chi") || header.contains("address")
        };
        let found = headers
            .iter()
            .position(wanted)
            .or_else(|| number.filter(|at| *at < width))
            .or_else(|| (name.is_empty() && width == 1).then_some(0))
            .or_else(|| headers.iter().position(speaks).filter(|_| name.is_empty()));
        found.ok_or_else(|| {
            let known: Vec<String> = headers.iter().take(20).map(|header| clean(header)).collect();
            let known = known.join(" | ");
            refuse("column", move |lang| lang::converter::no_column(lang, &known, width))
        })
    }
}
