//! The cells of a CSV file.

use base::{Error, Result};

use super::gather::Gather;
use super::{Cell, Format, Table, refuse};

/// Reads text whose cells stand between commas, semicolons or tabs.
pub(super) fn read(bytes: &[u8]) -> Result<Table> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_at(bytes, error.valid_up_to());
        refuse(format!("row {line}"), lang::file::not_utf8)
    })?;
    if let Some(at) = text.find('\0') {
        return Err(refuse(format!("row {}", line_at(bytes, at)), lang::file::not_text));
    }
    let delimiter = delimiter(text);
    if let Some(at) = open_quote(bytes, delimiter) {
        return Err(refuse(format!("row {}", line_at(bytes, at)), lang::file::open_quote));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes);
    let mut gather = Gather::default();
    let (mut line, mut counted) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(Error::internal)?;
        let begin = record.position().map_or(0, csv::Position::byte);
        let begin = usize::try_from(begin).unwrap_or(usize::MAX);
        // The reader puts the end of the line before, and empty lines, in front of a record.
        let rest = bytes.get(begin..).unwrap_or_default();
        let begin = begin + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += line_at(bytes.get(counted..begin).unwrap_or_default(), usize::MAX) - 1;
        counted = begin;
        for (column, cell) in record.iter().enumerate() {
            gather.put(line, column, Cell::Text(cell.to_owned()))?;
        }
    }
    Ok(Table { format: Format::Csv { delimiter }, rows: gather.rows() })
}

/// The number of the line, from 1, on which the byte at a place stands.
fn line_at(bytes: &[u8], at: usize) -> usize {
    bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// The mark that stands most often in the first line that is not empty; comma where none does.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: u8| first.bytes().filter(|byte| *byte == mark).count();
    let most = [b'\t', b';', b','].into_iter().max_by_key(|mark| count(*mark));
    most.unwrap_or(b',')
}

/// Where a quotation mark begins a cell that ends only with the file: the reader would take all
/// rows behind it for one cell (RFC 4180, 2.5).
fn open_quote(bytes: &[u8], delimiter: u8) -> Option<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum In {
        Begin,
        Plain,
        Quoted(usize),
        /// Behind a mark inside quotes: it ends them, or is doubled.
        Mark(usize),
    }
    let mut inside = In::Begin;
    for (at, byte) in bytes.iter().copied().enumerate() {
        let ends = byte == delimiter || matches!(byte, b'\r' | b'\n');
        inside = match (inside, byte) {
            (In::Begin, b'"') => In::Quoted(at),
            (In::Quoted(from), b'"') => In::Mark(from),
            (In::Mark(from), b'"') => In::Quoted(from),
            (In::Quoted(from), _) => In::Quoted(from),
            _ if ends => In::Begin,
            _ => In::Plain,
        };
    }
    match inside {
        In::Quoted(from) => Some(from),
        _ => None,
    }
}
