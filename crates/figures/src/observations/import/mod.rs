//! Counts from a file: read, resolved against units and definitions, with the row of each mistake.

mod rows;
mod template;
#[cfg(test)]
mod tests;

use base::text::clean;
use base::{Day, Error, FieldError, Result};
use lang::Text;
use packs::{Calendar, Catalogue};
use territory::{Territory, UnitId};

pub(crate) use template::{Example, table as template};

use super::model::{NewObservation, Reported};
use crate::Period;

/// So many mistakes are named; the rest would only repeat them.
pub(crate) const NAMED_MISTAKES: usize = 100;

/// A row as it was written in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its number in the file; the heading is row 1.
    pub(crate) number: usize,
    /// The unit's code.
    pub(crate) unit: String,
    /// The measure's code.
    pub(crate) measure: String,
    /// A day, or a period's code.
    pub(crate) when: String,
    /// How many; none where it is no whole number.
    pub(crate) value: Option<i64>,
    /// Where it comes from.
    pub(crate) source: String,
}

/// Reads a CSV (comma, semicolon or tab, UTF-8) or XLSX file.
///
/// Errors: `Invalid` at `file`, `row N` or `row N COLUMN` when it cannot be read or is too long, at
/// `row 1 NAME` when a column is missing or there twice.
pub(crate) fn read(content: &[u8]) -> Result<Vec<Row>> {
    rows::rows(web::spreadsheet::read(content)?)
}

/// The counts that the rows stand for.
///
/// Errors: `Invalid` at `row N field`, at most [`NAMED_MISTAKES`].
pub(crate) fn resolve(
    rows: &[Row],
    territory: &Territory,
    catalogue: &Catalogue,
) -> Result<Vec<NewObservation>> {
    let calendars = catalogue.calendars();
    let mut errors = Vec::new();
    let mut counts = Vec::with_capacity(rows.len());
    for row in rows {
        let place = |field: &str| row_place(row.number, field);
        match resolve_one(row, territory, catalogue, &calendars) {
            Ok(count) => counts.push(count),
            Err(found) => errors.extend(
                found.into_iter().map(|(field, text)| FieldError { place: place(field), text }),
            ),
        }
        if errors.len() >= NAMED_MISTAKES {
            break;
        }
    }
    errors.truncate(NAMED_MISTAKES);
    if errors.is_empty() { Ok(counts) } else { Err(Error::Invalid(errors)) }
}

/// Everything that the counts say, so that two sets of them can be told apart.
pub(crate) fn content(counts: &[NewObservation]) -> Vec<u8> {
    let mut content = Vec::new();
    for count in counts {
        let (from, day) = (count.reported.from(), count.reported.day());
        for number in [count.unit.0, from.0.into(), day.0.into(), count.value] {
            content.extend(number.to_be_bytes());
        }
        for text in [&count.measure, &count.source] {
            content.extend((text.len() as u64).to_be_bytes());
            content.extend(text.as_bytes());
        }
    }
    content
}

/// How a mistake names its place: `row 5 value`.
pub(crate) fn row_place(number: usize, field: &str) -> String {
    format!("row {number} {field}")
}

/// Mistakes of a row by column.
type Mistakes = Vec<(&'static str, Text)>;

fn resolve_one(
    row: &Row,
    territory: &Territory,
    catalogue: &Catalogue,
    calendars: &[&Calendar],
) -> Result<NewObservation, Mistakes> {
    let mut mistakes = Mistakes::new();
    if catalogue.measure(&row.measure).is_none() {
        mistakes.push(("measure", Text::new(lang::observations::no_measure)));
    }
    let value = row.value;
    if value.is_none() {
        mistakes.push(("value", Text::new(lang::observations::bad_value)));
    }
    let reported = read_when(&row.when, calendars);
    let unit = reported.map(|reported| {
        let day = reported.day();
        (day, territory.by_code(&row.unit, day).map(|version| version.unit))
    });
    match unit {
        None => mistakes.push(("day", Text::new(lang::observations::bad_when))),
        Some((day, None)) => {
            let text = move |lang| lang::observations::no_unit(lang, base::short_day(day));
            mistakes.push(("unit_code", Text::new(text)));
        }
        Some(_) => {}
    }
    if template::is_example(&row.source) {
        mistakes.push(("source", Text::new(lang::observations::example_left)));
    }
    match (value, reported, unit) {
        (Some(value), Some(reported), Some((_, Some(unit)))) if mistakes.is_empty() => {
            Ok(count(row, unit, reported, value))
        }
        _ => Err(mistakes),
    }
}

fn count(row: &Row, unit: UnitId, reported: Reported, value: i64) -> NewObservation {
    NewObservation {
        unit,
        measure: row.measure.clone(),
        reported,
        value,
        source: clean(&row.source),
        made_up: false,
        evidence: None,
    }
}

/// A day (`30/06/2025`) or a period (`2025-Q2`, `R2025-Q2`).
pub(crate) fn read_when(text: &str, calendars: &[&Calendar]) -> Option<Reported> {
    let text = text.trim();
    if let Ok(day) = text.parse::<Day>() {
        return Some(Reported::On(day));
    }
    let period = Period::parse(text, calendars).ok()?;
    Some(Reported::Within(period.days))
}

/// A whole number, with points, commas or blanks between groups of three digits as people write
/// them. A decimal is none: "12,5" households are a mistake, and "1.234" is 1234.
pub(crate) fn read_count(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mark = digits.chars().find(|c| !c.is_ascii_digit());
    let plain = match mark {
        None => digits.to_owned(),
        Some(mark @ ('.' | ',' | ' ' | '\u{a0}' | '\u{202f}')) => {
            let groups: Vec<&str> = digits.split(mark).collect();
            // "0.125" is an eighth.
            let fits = !groups[0].starts_with('0')
                && groups.iter().enumerate().all(|(at, group)| {
                    let length = if at == 0 { 1..=3 } else { 3..=3 };
                    length.contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit())
                });
            if !fits {
                return None;
            }
            groups.concat()
        }
        Some(_) => return None,
    };
    let number: i64 = plain.parse().ok()?;
    Some(sign * number)
}
