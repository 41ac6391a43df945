//! Cells gathered into rows, none of them beyond the limits.

use std::collections::BTreeMap;

use base::Result;

use super::{
    Cell, LARGEST_UNPACKED_BYTES, LONGEST_CELL_BYTES, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Row,
    refuse, too_large, unpacks_too_large,
};

/// The rows so far, by their number.
#[derive(Debug, Default)]
pub(super) struct Gather {
    rows: BTreeMap<usize, Vec<Cell>>,
    cells: usize,
    text_bytes: usize,
}

impl Gather {
    /// Puts a cell into the row with this number, at a column from 0. Empty ones take no room.
    ///
    /// Errors: `Invalid` at the cell when it is too long or is no text, or when with it there are
    /// too many.
    pub(super) fn put(&mut self, number: usize, column: usize, cell: Cell) -> Result<()> {
        if cell.is_empty() {
            return Ok(());
        }
        let place = || format!("row {number} {}", name_of(column));
        if column >= MOST_COLUMNS {
            return Err(too_large(place()));
        }
        if let Cell::Text(text) = &cell {
            if text.len() > LONGEST_CELL_BYTES {
                return Err(refuse(place(), |lang| {
                    lang::file::cell_too_long(lang, LONGEST_CELL_BYTES)
                }));
            }
            if text.contains('\0') {
                return Err(refuse(place(), lang::file::not_text));
            }
            // Cells of a workbook share their texts, so there may be more of it than unpacked.
            self.text_bytes += text.len();
            if self.text_bytes > LARGEST_UNPACKED_BYTES {
                return Err(unpacks_too_large());
            }
        }
        // One more row than there may be, for a heading.
        if !self.rows.contains_key(&number) && self.rows.len() > MOST_ROWS {
            return Err(too_large(place()));
        }
        let row = self.rows.entry(number).or_default();
        let added = (column + 1).saturating_sub(row.len());
        self.cells += added;
        if self.cells > MOST_CELLS {
            return Err(too_large(place()));
        }
        row.extend(std::iter::repeat_n(Cell::Text(String::new()), added));
        if let Some(there) = row.get_mut(column) {
            *there = cell;
        }
        Ok(())
    }

    /// The rows in the order of their numbers.
    pub(super) fn rows(self) -> Vec<Row> {
        self.rows.into_iter().map(|(number, cells)| Row { number, cells }).collect()
    }
}

/// How a spreadsheet names a column: A for 0, Z for 25, AA for 26.
fn name_of(column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    let mut name = vec![letter(column)];
    let mut rest = column / 26;
    while rest > 0 {
        name.push(letter(rest - 1));
        rest = (rest - 1) / 26;
    }
    name.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_of_a_spreadsheet() {
        for (column, name) in
            [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
        {
            assert_eq!(name_of(column), name);
        }
    }
}
