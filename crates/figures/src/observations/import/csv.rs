//! The cells of a CSV file.

use base::{Error, Result};

use super::rows::{Cells, push, too_many};

/// The cells of a file in UTF-8 whose separator is the one that its first line has most of.
///
/// Errors: `Invalid` at `file`, or at `row N` for a line that cannot be read.
pub(crate) fn cells(content: &[u8]) -> Result<Cells> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let text =
        std::str::from_utf8(content).map_err(|_| Error::invalid("file", lang::import::not_utf8))?;
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: u8| first.bytes().filter(|byte| *byte == mark).count();
    let separator = [b';', b',', b'\t'].into_iter().max_by_key(|mark| count(*mark));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator.unwrap_or(b';'))
        .from_reader(text.as_bytes());
    let mut cells = Cells::new();
    let (mut line, mut counted) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|_| Error::invalid("file", lang::import::bad_bytes))?;
        let begin = record.position().map_or(0, csv::Position::byte);
        let begin = usize::try_from(begin).map_err(|_| too_many())?;
        // The reader puts the end of the line before, and empty lines, in front of a record.
        let rest = &text.as_bytes()[begin..];
        let begin = begin + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = &text.as_bytes()[counted..begin];
        line += passed.iter().filter(|byte| **byte == b'\n').count();
        counted = begin;
        push(&mut cells, line, record.iter().map(str::to_owned).collect())?;
    }
    Ok(cells)
}
