//! Tables that people send in, CSV and XLSX: read within limits, every refusal with its place.

mod delimited;
mod formats;
mod gather;
mod package;
#[cfg(test)]
mod tests;
mod workbook;

use base::{Error, Result};
use lang::Lang;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// A longer file is refused. Units: bytes.
pub const LARGEST_FILE_BYTES: usize = 5 << 20;
/// More rows are refused; a heading is not counted.
pub const MOST_ROWS: usize = 20_000;
/// More columns are refused.
pub const MOST_COLUMNS: usize = 200;
/// More cells in all, rows times columns, are refused.
pub const MOST_CELLS: usize = 1_000_000;
/// A longer text in a cell is refused. Units: bytes.
pub const LONGEST_CELL_BYTES: usize = 4_000;
/// What a workbook unpacks to, and the text of all cells, is at most this long. Units: bytes.
const LARGEST_UNPACKED_BYTES: usize = 40 << 20;

/// A table as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it came in as.
    pub format: Format,
    /// The rows that hold something, in the order of the file.
    pub rows: Vec<Row>,
}

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with this mark between the cells.
    Csv {
        /// Comma, semicolon or tab.
        delimiter: u8,
    },
    /// A workbook, of which the first sheet is read.
    Xlsx,
}

/// A row with the place it has in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line of a CSV file or the row of a sheet, from 1.
    pub number: usize,
    /// The cells up to the last that holds something.
    pub cells: Vec<Cell>,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, or nothing. A day of a workbook is written `30/06/2025`.
    Text(String),
    /// A number of a workbook.
    Number(f64),
}

impl Cell {
    /// As text: whole numbers without a decimal point, since codes come as numbers.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// Reads a file; its bytes tell of which kind it is, and its name is not believed.
///
/// CSV is UTF-8, with or without a byte order mark; the mark between cells is the one of comma,
/// semicolon and tab that the first line has most of. Of XLSX the values of the first sheet are
/// read, of formulas those that were computed last.
///
/// Errors: `Invalid` at `file`, `row N` or `row N COLUMN` (`row 7 B`): too long, neither CSV in
/// UTF-8 nor XLSX, empty, damaged, a quotation mark that nobody closes, more rows, columns, cells
/// or text than there may be, or a workbook that unpacks to too much. What it unpacks to is counted
/// as it comes out, whatever the file says of itself.
pub fn read(bytes: &[u8]) -> Result<Table> {
    if bytes.len() > LARGEST_FILE_BYTES {
        return Err(refuse("file", |lang| lang::file::too_long(lang, LARGEST_FILE_BYTES >> 20)));
    }
    let table = if bytes.starts_with(b"PK\x03\x04") {
        Table { format: Format::Xlsx, rows: workbook::read(bytes)? }
    } else {
        delimited::read(bytes)?
    };
    let width = table.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    if width == 0 {
        return Err(refuse("file", lang::file::empty));
    }
    // Whoever makes the rows equally long must not be surprised by one that is long.
    if table.rows.len().saturating_mul(width) > MOST_CELLS {
        return Err(too_large("file"));
    }
    Ok(table)
}

/// So many files are worked on at once; others wait, so that they cannot fill the memory together.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Does work on a file when its turn comes, aside from the threads that answer requests.
///
/// Errors: those of the work; `Invalid` at `file` when it breaks down.
pub async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let turn = TURNS.acquire().await.map_err(Error::internal)?;
    let work = move || {
        // Held until the work is over, also when nobody waits for it any more.
        let _turn = turn;
        work()
    };
    spawn_blocking(work).await.unwrap_or_else(|_| Err(refuse("file", lang::file::damaged)))
}

fn refuse<S: Into<String>>(
    place: impl Into<String>,
    say: impl Fn(Lang) -> S + Send + Sync + 'static,
) -> Error {
    Error::invalid(place, say)
}

fn too_large(place: impl Into<String>) -> Error {
    refuse(place, |lang| {
        lang::file::too_large(
            lang,
            lang::file::TooLarge { cells: MOST_CELLS, columns: MOST_COLUMNS, rows: MOST_ROWS },
        )
    })
}

fn unpacks_too_large() -> Error {
    refuse("file", |lang| lang::file::unpacks_too_large(lang, LARGEST_UNPACKED_BYTES >> 20))
}
