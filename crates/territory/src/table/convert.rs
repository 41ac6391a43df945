//! Each address of a column with what became of it.

use base::{Day, Error, Result};
use lang::Lang;
use web::spreadsheet::{Cell, MOST_ROWS, Table};

use super::column;
use crate::address::{Candidate, Outcome, convert as convert_address};
use crate::{Territory, UnitCode, UnitId};

/// More candidates of one address are only counted.
const CANDIDATES: usize = 5;

/// How a table is to be converted.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The language of headers and reasons.
    pub(crate) lang: Lang,
    /// The column: its number from 1, its header, or nothing.
    pub(crate) column: String,
    /// Whether the first row holds headers.
    pub(crate) headed: bool,
    /// The day on which the addresses were written.
    pub(crate) on: Day,
    /// The day of the map to convert to.
    pub(crate) to: Day,
}

/// Adds old code, old unit, new code, new unit, outcome and reasons behind each row.
///
/// Errors: `Invalid` at `column` when it is not there, at `file` when there are too many rows.
pub(crate) fn convert(territory: &Territory, table: Table, asked: &Asked) -> Result<Table> {
    let lang = asked.lang;
    let column = column::find(&table, &asked.column, asked.headed)?;
    let Table { format, mut rows } = table;
    // The reader leaves room for a heading.
    if rows.len() > MOST_ROWS + usize::from(asked.headed) {
        return Err(Error::invalid("file", |lang| lang::import::too_long(lang, MOST_ROWS)));
    }
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    for (at, row) in rows.iter_mut().enumerate() {
        let row = &mut row.cells;
        let address = row.get(column).map(Cell::text).unwrap_or_default();
        let added = if at == 0 && asked.headed {
            headers(lang)
        } else if address.trim().is_empty() {
            Default::default()
        } else {
            one(territory, &address, asked)
        };
        row.resize(width, Cell::Text(String::new()));
        row.extend(added.map(Cell::Text));
    }
    Ok(Table { format, rows })
}

type Added = [String; 6];

fn headers(lang: Lang) -> Added {
    [
        lang::converter::old_code(lang),
        lang::converter::old_unit(lang),
        lang::converter::new_code(lang),
        lang::converter::new_unit(lang),
        lang::converter::outcome(lang),
        lang::converter::why(lang),
    ]
    .map(str::to_owned)
}

fn one(territory: &Territory, address: &str, asked: &Asked) -> Added {
    let lang = asked.lang;
    let unit = |unit: UnitId, day: Day| {
        let code = territory.at(unit, day).and_then(|version| version.code.as_ref());
        let path = territory.path(unit, day).unwrap_or_else(|| territory.full_name(unit, day));
        (code.map(UnitCode::to_string).unwrap_or_default(), path)
    };
    let reasons = |candidate: &Candidate| {
        let steps = candidate.why.iter().map(|step| step.say(lang, territory));
        steps.collect::<Vec<_>>().join(" ")
    };
    match convert_address(territory, address, asked.on, asked.to).outcome {
        Outcome::Found(found) => {
            let ((old_code, old), (new_code, new)) =
                (unit(found.old, asked.on), unit(found.new, asked.to));
            let outcome = lang::converter::outcome_found(lang).to_owned();
            [old_code, old, new_code, new, outcome, reasons(&found)]
        }
        Outcome::Ambiguous { candidates } => {
            let count = candidates.len();
            let mut why = vec![lang::address::several(lang, count)];
            why.extend(candidates.iter().take(CANDIDATES).map(|candidate| {
                let (code, path) = unit(candidate.new, asked.to);
                format!("{code} {path};").trim_start().to_owned()
            }));
            if count > CANDIDATES {
                why.push(lang::unit::and_more(lang, count - CANDIDATES));
            }
            let outcome = lang::converter::outcome_several(lang).to_owned();
            let none = String::new;
            [none(), none(), none(), none(), outcome, why.join(" ")]
        }
        Outcome::Unknown { reason, .. } => {
            let outcome = lang::converter::outcome_unknown(lang).to_owned();
            let none = String::new;
            [none(), none(), none(), none(), outcome, reason.say(lang, territory)]
        }
    }
}
