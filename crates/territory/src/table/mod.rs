//! Addresses in one column of a spreadsheet, all converted at once.

mod convert;
mod read;
#[cfg(test)]
mod tests;
mod write;
mod zip;

pub(crate) use convert::{Asked, convert};
pub(crate) use read::read;
pub(crate) use write::write;

/// More rows are refused.
pub(crate) const MOST_ROWS: usize = 20_000;
/// More columns are refused.
pub(crate) const MOST_COLUMNS: usize = 200;
/// More cells in all are refused.
const MOST_CELLS: usize = 1_000_000;
/// A longer text in a cell is refused. Units: bytes.
const LONGEST_CELL: usize = 4_000;
/// The largest file. Units: bytes.
pub(crate) const LARGEST_BYTES: usize = 5 << 20;

/// A table as it came in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    /// What it came in as, and goes out as.
    pub(crate) format: Format,
    /// The rows, of different lengths.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text with this mark between the cells.
    Csv {
        /// Comma, semicolon or tab.
        delimiter: u8,
    },
    /// A workbook; its first sheet is read.
    Xlsx,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Words, or nothing.
    Text(String),
    /// A number of a workbook.
    Number(f64),
}

impl Cell {
    /// As text: whole numbers without a decimal point, since codes come as numbers.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}
