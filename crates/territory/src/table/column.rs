//! The column of addresses among those of a table.

use base::text::{clean, fold};
use base::{Error, Result};
use web::spreadsheet::{Cell, Table};

/// So many headers are named where the one that was asked for is not there.
const NAMED: usize = 20;

/// The place of the column that a person names: its header, or its number from 1. Where nothing
/// is said, the only column, or the one whose header speaks of an address.
///
/// Errors: `Invalid` at `column` when there is no such column, with the headers there are; or when
/// there are several of that name.
pub(super) fn find(table: &Table, name: &str, headed: bool) -> Result<usize> {
    let width = table.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let headers: Vec<String> = match table.rows.first() {
        Some(first) if headed => first.cells.iter().map(Cell::text).collect(),
        _ => Vec::new(),
    };
    let name = clean(name);
    let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let folded = headers.iter().map(|header| fold(header)).enumerate();
        folded.filter(|(_, header)| wanted(header)).map(|(at, _)| at).collect()
    };
    let found = if name.is_empty() {
        match width {
            1 => vec![0],
            _ => named(&|header| header.contains("dia chi") || header.contains("address")),
        }
    } else {
        named(&|header| header == fold(&name))
    };
    let number = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match (&found[..], number.filter(|at| *at < width)) {
        ([one], _) => Ok(*one),
        ([], Some(at)) => Ok(at),
        ([], None) => {
            let known: Vec<String> = headers.iter().take(NAMED).map(|name| clean(name)).collect();
            let known = known.join(" | ");
            Err(Error::invalid("column", move |lang| {
                lang::converter::no_column(lang, lang::converter::NoColumn { known: &known, width })
            }))
        }
        ([_, _, ..], _) => {
            let numbers: Vec<String> = found.iter().map(|at| (at + 1).to_string()).collect();
            let numbers = numbers.join(", ");
            Err(Error::invalid("column", move |lang| {
                lang::converter::several_columns(lang, &numbers)
            }))
        }
    }
}
