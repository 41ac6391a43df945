//! From cells to rows: the heading names the columns, in any order.

use base::text::{clean, fold};
use base::{Error, Result};

use super::{MOST_ROWS, Row};

/// Rows of cells with their numbers in the file; rows without any text are left out.
pub(crate) type Cells = Vec<(usize, Vec<String>)>;

/// Columns beyond this are not read.
pub(crate) const MOST_COLUMNS: usize = 32;
/// A cell is at most this long.
const LONGEST_CELL_BYTES: usize = 2000;

/// Adds a row unless it is empty.
///
/// Errors: `Invalid` at `file` when there are too many, at `row N` for a cell that is too long.
pub(crate) fn push(cells: &mut Cells, number: usize, mut fields: Vec<String>) -> Result<()> {
    fields.truncate(MOST_COLUMNS);
    if fields.iter().all(|field| field.trim().is_empty()) {
        return Ok(());
    }
    if fields.iter().any(|field| field.len() > LONGEST_CELL_BYTES) {
        let place = format!("row {number}");
        return Err(Error::invalid(place, |lang| {
            lang::observations::long_cell(lang, LONGEST_CELL_BYTES)
        }));
    }
    // The heading is a row too.
    if cells.len() > MOST_ROWS {
        return Err(too_many());
    }
    cells.push((number, fields));
    Ok(())
}

pub(crate) fn too_many() -> Error {
    Error::invalid("file", |lang| lang::import::too_long(lang, MOST_ROWS))
}

/// The columns with the words by which a heading may name them, folded.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("unit_code", &["unit code", "unit", "code", "ma don vi", "ma"]),
    ("measure", &["measure", "dai luong", "chi so"]),
    ("day", &["day", "day or period", "ngay", "ngay hoac ky"]),
    ("period", &["period", "ky", "ky bao cao"]),
    ("value", &["value", "gia tri", "so luong"]),
    ("source", &["source", "nguon", "nguon so lieu"]),
];

/// Errors: `Invalid` at `row 1 NAME` for a missing column, at `file` without any row.
pub(crate) fn rows(cells: Cells) -> Result<Vec<Row>> {
    let mut cells = cells.into_iter();
    let empty = || Error::invalid("file", lang::import::empty);
    let (first, heading) = cells.next().ok_or_else(empty)?;
    let folded: Vec<String> = heading.iter().map(|name| fold(name)).collect();
    let find =
        |column: usize| folded.iter().position(|name| COLUMNS[column].1.contains(&name.as_str()));
    let places: [Option<usize>; 6] = std::array::from_fn(find);
    for column in [0, 1, 2, 4, 5] {
        // One of day and period is enough.
        let there = places[column].is_some() || (column == 2 && places[3].is_some());
        if !there {
            let name = COLUMNS[column].0;
            let place = format!("row {first} {name}");
            return Err(Error::invalid(place, move |lang| {
                lang::observations::no_column(lang, name)
            }));
        }
    }
    let rows = cells.map(|(number, fields)| {
        let cell = |column: usize| {
            let text = places[column].and_then(|place| fields.get(place));
            text.map(|text| clean(text)).unwrap_or_default()
        };
        // A row that gives both is neither a day nor a period.
        let when = [cell(2), cell(3)].join(" ").trim().to_owned();
        Row { number, unit: cell(0), measure: cell(1), when, value: cell(4), source: cell(5) }
    });
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() { Err(empty()) } else { Ok(rows) }
}

/// The rows as a CSV file that [`super::read`] reads again.
///
/// Errors: `Internal`.
pub(crate) fn write(rows: &[Row]) -> Result<String> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let heading = ["unit_code", "measure", "day", "value", "source"];
    writer.write_record(heading).map_err(Error::internal)?;
    for row in rows {
        let fields = [&row.unit, &row.measure, &row.when, &row.value, &row.source];
        writer.write_record(fields).map_err(Error::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}
