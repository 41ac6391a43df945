//! From cells to rows: the heading names the columns, in any order.

use base::text::{clean, fold};
use base::{Error, Result};
use web::spreadsheet::{Cell, Table};

use super::super::model::Manner;
use super::row_place;

/// The columns with the words by which a heading may name them, folded. The last may be missing.
pub(super) const COLUMNS: [(&str, &[&str]); 8] = [
    ("agency", &["agency", "co quan", "don vi", "ten co quan"]),
    ("post", &["post", "chuc vu", "chuc danh", "vi tri"]),
    ("name", &["name", "ho ten", "ho va ten"]),
    ("email", &["email", "e mail", "thu dien tu", "thu dien tu cong vu"]),
    ("phone", &["phone", "dien thoai", "so dien thoai"]),
    ("from", &["from", "tu ngay", "ngay"]),
    ("decision", &["decision", "quyet dinh", "van ban"]),
    ("manner", &["manner", "hinh thuc"]),
];

/// The columns that a table may leave out.
const OPTIONAL: [&str; 3] = ["email", "phone", "manner"];

/// A row as it was written in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Row {
    /// Its number in the file; the heading is row 1.
    pub(in super::super) number: usize,
    pub(in super::super) agency: String,
    pub(in super::super) post: String,
    pub(in super::super) name: String,
    pub(in super::super) email: String,
    pub(in super::super) phone: String,
    pub(in super::super) from: String,
    pub(in super::super) decision: String,
    pub(in super::super) manner: String,
}

/// Reads a CSV (comma, semicolon or tab, UTF-8) or XLSX file.
///
/// Errors: `Invalid` at `file`, `row N` or `row N COLUMN` when it cannot be read or is too long, at
/// `row 1 NAME` when a column is missing or there twice.
pub(in super::super) fn read(content: &[u8]) -> Result<Vec<Row>> {
    rows(web::spreadsheet::read(content)?)
}

fn rows(table: Table) -> Result<Vec<Row>> {
    let mut rows = table.rows.into_iter();
    let empty = || Error::invalid("file", lang::import::empty);
    let heading = rows.next().ok_or_else(empty)?;
    let folded: Vec<String> = heading.cells.iter().map(|name| fold(&name.text())).collect();
    let mut places = [None; COLUMNS.len()];
    for (place, (name, words)) in places.iter_mut().zip(COLUMNS) {
        let mut found = (0..).zip(&folded).filter(|(_, it)| words.contains(&it.as_str()));
        *place = found.next().map(|(at, _)| at);
        if found.next().is_some() {
            return Err(Error::invalid(row_place(heading.number, name), move |lang| {
                lang::observations::column_twice(lang, name)
            }));
        }
        if place.is_none() && !OPTIONAL.contains(&name) {
            return Err(Error::invalid(row_place(heading.number, name), move |lang| {
                lang::observations::no_column(lang, name)
            }));
        }
    }
    let rows = rows.map(|row| {
        let cells = places.map(|place: Option<usize>| {
            let cell: Option<&Cell> = place.and_then(|at| row.cells.get(at));
            cell.map(|cell| clean(&cell.text())).unwrap_or_default()
        });
        let [agency, post, name, email, phone, from, decision, manner] = cells;
        Row { number: row.number, agency, post, name, email, phone, from, decision, manner }
    });
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() { Err(empty()) } else { Ok(rows) }
}

/// How a post is held; an empty cell says that it is held in the usual way.
pub(super) fn read_manner(text: &str) -> Option<Manner> {
    match fold(text).as_str() {
        "" | "chinh thuc" | "appointed" => Some(Manner::Appointed),
        "quyen" | "q" | "acting" => Some(Manner::Acting),
        "phu trach" | "in charge" => Some(Manner::InCharge),
        _ => None,
    }
}
