//! From cells to rows: the heading names the columns, in any order.

use base::text::{clean, fold};
use base::{Error, Result};
use web::spreadsheet::{Cell, Table};

use super::{Row, read_count, row_place};

/// The columns with the words by which a heading may name them, folded.
pub(super) const COLUMNS: [(&str, &[&str]); 6] = [
    ("unit_code", &["unit code", "unit", "code", "ma don vi", "ma"]),
    ("measure", &["measure", "dai luong", "chi so"]),
    ("day", &["day", "day or period", "ngay", "ngay hoac ky"]),
    ("period", &["period", "ky", "ky bao cao"]),
    ("value", &["value", "gia tri", "so luong"]),
    ("source", &["source", "nguon", "nguon so lieu"]),
];

/// Errors: `Invalid` at `row 1 NAME` for a column that is missing or there twice, at `file`
/// without any row.
pub(super) fn rows(table: Table) -> Result<Vec<Row>> {
    let mut rows = table.rows.into_iter();
    let empty = || Error::invalid("file", lang::import::empty);
    let heading = rows.next().ok_or_else(empty)?;
    let folded: Vec<String> = heading.cells.iter().map(|name| fold(&name.text())).collect();
    let mut places = [None; 6];
    for (place, (name, words)) in places.iter_mut().zip(COLUMNS) {
        let mut found = (0..).zip(&folded).filter(|(_, it)| words.contains(&it.as_str()));
        *place = found.next().map(|(at, _)| at);
        // Which of two would be read is not for the program to guess.
        if found.next().is_some() {
            return Err(Error::invalid(row_place(heading.number, name), move |lang| {
                lang::observations::column_twice(lang, name)
            }));
        }
    }
    for (place, (name, _)) in places.iter().zip(COLUMNS) {
        // One of day and period is enough.
        let there = place.is_some() || name == "period" || (name == "day" && places[3].is_some());
        if !there {
            return Err(Error::invalid(row_place(heading.number, name), move |lang| {
                lang::observations::no_column(lang, name)
            }));
        }
    }
    let rows = rows.map(|row| {
        let cell = |column: usize| {
            let cell: Option<&Cell> = places[column].and_then(|at: usize| row.cells.get(at));
            cell.map(|cell| clean(&cell.text())).unwrap_or_default()
        };
        // A row that gives both is neither a day nor a period.
        let when = [cell(2), cell(3)].join(" ").trim().to_owned();
        let (unit, measure, source) = (cell(0), cell(1), cell(5));
        let value = places[4].and_then(|at: usize| row.cells.get(at));
        // In a workbook 12.345 is a number between 12 and 13, as text it is twelve thousand.
        let value = match value {
            Some(Cell::Number(number)) if number.fract() != 0.0 => None,
            Some(value) => read_count(&value.text()),
            None => None,
        };
        Row { number: row.number, unit, measure, when, value, source }
    });
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() { Err(empty()) } else { Ok(rows) }
}
