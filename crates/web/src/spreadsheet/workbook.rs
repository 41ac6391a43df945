//! The values of the first sheet of an XLSX file.
//!
//! Own code, because the memory that it takes must not depend on what a stranger's file says of
//! itself: no list is made as long as the file claims, and of a cell's format one flag is kept.
//!
//! Format: ECMA-376-1, 18.2 to 18.4 and 18.8.

use std::borrow::Cow;
use std::collections::HashMap;

use base::{Day, Result, short_day};

use super::formats::{day, is_day_by_code, is_day_by_number};
use super::gather::Gather;
use super::package::{Node, Package, Relation, Xml, attribute, damaged, name_of};
use super::{Cell, Row};

/// A sheet has no row with a higher number.
const LAST_ROW: usize = 1_048_576;
/// A book with more sheets is refused.
const MOST_SHEETS: usize = 1000;

/// Errors: `Invalid` at `file` for what is no workbook, or at the cell that is one too many.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>> {
    let mut package = Package::open(bytes)?;
    let relations = package.relations("")?;
    let book = of_kind(&relations, "officeDocument").ok_or_else(damaged)?;
    let relations = package.relations(&book.path)?;
    let (sheets, from_1904) = sheets(package.part(&book.path)?)?;
    // Sheets of charts have no cells.
    let sheet = sheets
        .iter()
        .filter_map(|id| relations.iter().find(|relation| relation.id == *id))
        .find(|relation| relation.kind == "worksheet")
        .ok_or_else(damaged)?;
    let texts = match of_kind(&relations, "sharedStrings") {
        Some(relation) => Texts::read(package.part(&relation.path)?)?,
        None => Texts::default(),
    };
    let days = match of_kind(&relations, "styles") {
        Some(relation) => days(package.part(&relation.path)?)?,
        None => Vec::new(),
    };
    Sheet { texts, days, from_1904 }.read(package.part(&sheet.path)?)
}

fn of_kind<'a>(relations: &'a [Relation], kind: &str) -> Option<&'a Relation> {
    relations.iter().find(|relation| relation.kind == kind)
}

/// The ids of the sheets in their order, and whether days count from 1904.
fn sheets(mut xml: Xml<'_>) -> Result<(Vec<String>, bool)> {
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    loop {
        match xml.next()? {
            Node::Open(start) if name_of(&start) == "sheet" => {
                sheets.push(attribute(&start, "id").unwrap_or_default());
                if sheets.len() > MOST_SHEETS {
                    return Err(damaged());
                }
            }
            Node::Open(start) if name_of(&start) == "workbookPr" => {
                if let Some(flag) = attribute(&start, "date1904") {
                    from_1904 = matches!(&*flag, "1" | "true");
                }
            }
            Node::End => return Ok((sheets, from_1904)),
            _ => {}
        }
    }
}

/// Of each format of cells, whether it shows a day.
fn days(mut xml: Xml<'_>) -> Result<Vec<bool>> {
    let (mut days, mut written_out, mut is_inside) = (Vec::new(), HashMap::new(), false);
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok());
    loop {
        match xml.next()? {
            Node::Open(start) => match name_of(&start) {
                "numFmt" => {
                    let code = attribute(&start, "formatCode").unwrap_or_default();
                    if let Some(id) = number(attribute(&start, "numFmtId")) {
                        written_out.insert(id, is_day_by_code(&code));
                    }
                }
                "cellXfs" => is_inside = true,
                "xf" if is_inside => {
                    let id = number(attribute(&start, "numFmtId")).unwrap_or_default();
                    let is_day = written_out.get(&id).copied();
                    days.push(is_day.unwrap_or_else(|| is_day_by_number(id)));
                }
                _ => {}
            },
            Node::Close(end) if end.local_name().as_ref() == "cellXfs" => is_inside = false,
            Node::End => return Ok(days),
            _ => {}
        }
    }
}

/// The texts that cells share: one behind the other, with the end of each.
#[derive(Debug, Default)]
struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    fn read(mut xml: Xml<'_>) -> Result<Self> {
        let mut texts = Self::default();
        loop {
            match xml.next()? {
                Node::Open(start) if name_of(&start) == "si" => {
                    rich_text(&mut xml, "si", &mut texts.all)?;
                    texts.ends.push(u32::try_from(texts.all.len()).map_err(|_| damaged())?);
                }
                Node::End => return Ok(texts),
                _ => {}
            }
        }
    }

    fn get(&self, at: usize) -> Option<&str> {
        let from = at.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        self.all.get(*from as usize..*self.ends.get(at)? as usize)
    }
}

/// Adds the text up to the end of an element, whose pieces may be formatted differently; without
/// how it is pronounced.
fn rich_text(xml: &mut Xml<'_>, element: &str, into: &mut String) -> Result<()> {
    let (mut is_spoken, mut is_kept, mut piece) = (false, false, None);
    loop {
        match xml.next()? {
            Node::Open(start) => match name_of(&start) {
                "rPh" => is_spoken = true,
                "t" if !is_spoken => {
                    is_kept = attribute(&start, "space").as_deref() == Some("preserve");
                    piece = Some(String::new());
                }
                _ => {}
            },
            Node::Text(text) => {
                if let Some(piece) = &mut piece {
                    piece.push_str(&text);
                }
            }
            Node::Close(end) => match end.local_name().as_ref() {
                "rPh" => is_spoken = false,
                "t" => {
                    let text = piece.take().unwrap_or_default();
                    let blanks = [' ', '\t', '\r', '\n'];
                    let text = if is_kept { &*text } else { text.trim_matches(blanks) };
                    into.push_str(&unescaped(text));
                }
                name if name == element => return Ok(()),
                _ => {}
            },
            Node::Other => {}
            Node::End => return Err(damaged()),
        }
    }
}

/// `_x000D_` stands for a letter that XML cannot hold (ECMA-376-1, 22.9.2.19). Those that no text
/// has are left out.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("_x") {
        plain.push_str(before);
        let code = behind.get(..4).filter(|_| behind.get(4..5) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        rest = match code.and_then(|code| u32::from_str_radix(code, 16).ok()) {
            Some(code) => {
                let letter = char::from_u32(code);
                plain.extend(letter.filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')));
                behind.get(5..).unwrap_or_default()
            }
            None => {
                plain.push_str("_x");
                behind
            }
        };
    }
    plain.push_str(rest);
    plain.into()
}

/// What must be known to read a sheet.
struct Sheet {
    texts: Texts,
    days: Vec<bool>,
    from_1904: bool,
}

impl Sheet {
    fn read(&self, mut xml: Xml<'_>) -> Result<Vec<Row>> {
        let mut gather = Gather::default();
        // Rows and cells may leave out where they stand; then they follow the one before.
        let (mut row, mut column) = (0, 0);
        loop {
            match xml.next()? {
                Node::Open(start) if name_of(&start) == "row" => {
                    row = match attribute(&start, "r") {
                        Some(number) => number.trim().parse().map_err(|_| damaged())?,
                        None => row + 1,
                    };
                    column = 0;
                }
                Node::Open(start) if name_of(&start) == "c" => {
                    if let Some(place) = attribute(&start, "r") {
                        (row, column) = place_of(&place).ok_or_else(damaged)?;
                    }
                    if !(1..=LAST_ROW).contains(&row) {
                        return Err(damaged());
                    }
                    let kind = attribute(&start, "t").unwrap_or_default();
                    let format = attribute(&start, "s").and_then(|s| s.parse::<usize>().ok());
                    let cell = self.cell(&kind, format, value(&mut xml)?)?;
                    gather.put(row, column, cell)?;
                    column += 1;
                }
                Node::Close(end) if end.local_name().as_ref() == "sheetData" => {
                    return Ok(gather.rows());
                }
                Node::End => return Err(damaged()),
                _ => {}
            }
        }
    }

    fn cell(&self, kind: &str, format: Option<usize>, value: String) -> Result<Cell> {
        let text = match kind {
            "s" if value.is_empty() => value,
            "s" => {
                let at = value.trim().parse().map_err(|_| damaged())?;
                self.texts.get(at).ok_or_else(damaged)?.to_owned()
            }
            "b" => if value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
            "str" => unescaped(&value).into_owned(),
            "d" => {
                let day = value.split('T').next().and_then(|day| day.parse::<Day>().ok());
                day.map_or(value, short_day)
            }
            "" | "n" => {
                let number = value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                let Some(number) = number else { return Ok(Cell::Text(value)) };
                let format = format.unwrap_or_default();
                let is_day = self.days.get(format).copied().unwrap_or_default();
                match is_day.then(|| day(number, self.from_1904)).flatten() {
                    Some(day) => day,
                    None => return Ok(Cell::Number(number)),
                }
            }
            _ => value,
        };
        Ok(Cell::Text(text))
    }
}

/// The value of a cell up to its end, without its formula.
fn value(xml: &mut Xml<'_>) -> Result<String> {
    let (mut value, mut is_inside) = (String::new(), false);
    loop {
        match xml.next()? {
            Node::Open(start) => match name_of(&start) {
                "v" => is_inside = true,
                "is" => rich_text(xml, "is", &mut value)?,
                _ => {}
            },
            Node::Text(text) if is_inside => value.push_str(&text),
            Node::Close(end) => match end.local_name().as_ref() {
                "v" => is_inside = false,
                "c" => return Ok(value),
                _ => {}
            },
            Node::End => return Err(damaged()),
            _ => {}
        }
    }
}

/// Row from 1 and column from 0 of "B7".
fn place_of(place: &str) -> Option<(usize, usize)> {
    let digits = place.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = place.split_at(digits);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut column = 0;
    for letter in letters.bytes() {
        let letter = letter.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() {
            return None;
        }
        column = column * 26 + usize::from(letter - b'A') + 1;
    }
    Some((row.parse().ok()?, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_a_spreadsheet_names_them() {
        for (place, expected) in [
            ("A1", Some((1, 0))),
            ("B7", Some((7, 1))),
            ("xfd1048576", Some((1_048_576, 16_383))),
            ("7", None),
            ("AAAA1", None),
            ("Ä1", None),
            ("A", None),
            ("A-1", None),
            ("A99999999999999999999", None),
        ] {
            assert_eq!(place_of(place), expected, "{place}");
        }
    }

    #[test]
    fn letters_that_xml_cannot_hold_are_put_back() {
        for (text, plain) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("a_x0000_b", "ab"),
            ("_xD800_", ""),
            ("_x12_", "_x12_"),
            ("_xế000_", "_xế000_"),
            ("_x", "_x"),
            ("no_x here", "no_x here"),
        ] {
            assert_eq!(unescaped(text), plain, "{text}");
        }
    }
}
