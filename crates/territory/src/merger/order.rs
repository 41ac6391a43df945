//! An order as people write it: two small tables of text, read and checked line by line.

use base::text::{clean, tone_neutral};
use base::{Day, Error, FieldError, Result};
use lang::{Lang, Text};

use super::{MergerOrder, NewUnit, Parent};
use crate::{Act, Kind, Level, Part, Territory, UnitCode, UnitId, Version};

/// The columns of the table of new units.
pub const UNIT_COLUMNS: [&str; 5] =
    ["new_code", "new_full_name", "type", "parent_code", "from_codes"];
/// The columns of the table of children; a third one is for people and not read.
pub const CHILD_COLUMNS: [&str; 2] = ["hamlet_code", "new_code"];

/// Mistakes beyond these are not listed.
const LISTED: usize = 50;
/// Longer tables are refused: the nation has 13,000 units and 100,000 hamlets at most.
const MOST_LINES: usize = 20_000;

/// Reads an order.
///
/// `units` has the columns `new_code,new_full_name,type,parent_code,from_codes`; in `from_codes`
/// units of the day before stand with `;` between them, a part as `31447:1/3` or, where the act
/// states no size, `31447:unknown`. `children` has `hamlet_code,new_code` and may be empty. Columns
/// are parted by commas, tabs or, with `from_codes` in quotes, semicolons. A unit without a code
/// is written `~` and the program's own id.
///
/// Errors: `Invalid` with up to 50 mistakes, each at `units:LINE column` or `children:LINE column`.
///
/// Example: `31460,Xã Vị Thủy,xa,92,31441;31453:1/2`
pub fn read_order(
    territory: &Territory,
    act: Act,
    on: Day,
    units: &str,
    children: &str,
) -> Result<MergerOrder> {
    let mut reading = Reading { territory, on, mistakes: Vec::new() };
    let into = reading.units(units);
    let children = reading.children(children, &into);
    if reading.mistakes.is_empty() {
        Ok(MergerOrder { act, on, into, children })
    } else {
        Err(Error::Invalid(reading.mistakes))
    }
}

struct Reading<'a> {
    territory: &'a Territory,
    on: Day,
    mistakes: Vec<FieldError>,
}

/// One line of a table, with its fields cleaned.
struct Line {
    table: &'static str,
    number: u64,
    fields: Vec<String>,
}

impl Line {
    fn place(&self, column: &str) -> String {
        format!("{}:{} {column}", self.table, self.number)
    }
}

impl<'a> Reading<'a> {
    fn add<S: Into<String>>(
        &mut self,
        place: String,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        if self.mistakes.len() < LISTED {
            self.mistakes.push(FieldError { place, text: Text::new(say) });
        }
    }

    /// The lines below the header; none after a mistake in the header.
    fn lines(&mut self, table: &'static str, text: &str, columns: &[&str]) -> Vec<Line> {
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let delimiter = ['\t', ',', ';'].into_iter().find(|mark| header.contains(*mark));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.map_or(b',', |mark| mark as u8))
            .from_reader(text.as_bytes());
        let mut lines = Vec::new();
        let mut headed = false;
        for record in reader.records() {
            let Ok(record) = record else {
                self.add(format!("{table}:1"), lang::import::bad_bytes);
                return Vec::new();
            };
            let number = record.position().map_or(0, csv::Position::line);
            let line = Line { table, number, fields: record.iter().map(clean).collect() };
            if line.fields.iter().all(String::is_empty) {
                continue;
            }
            if !headed {
                if !line.fields.iter().zip(columns).all(|(field, column)| field == column)
                    || line.fields.len() < columns.len()
                {
                    let wanted = columns.join(",");
                    self.add(line.place(""), move |l| lang::import::bad_header(l, &wanted));
                    return Vec::new();
                }
                headed = true;
            } else if line.fields.len() < columns.len() {
                let count = columns.len();
                self.add(line.place(""), move |l| lang::mergers::few_columns(l, count));
            } else if lines.len() >= MOST_LINES {
                self.add(line.place(""), |l| lang::import::too_long(l, MOST_LINES));
                break;
            } else {
                lines.push(line);
            }
        }
        lines
    }

    fn units(&mut self, text: &str) -> Vec<NewUnit> {
        let lines = self.lines("units", text, &UNIT_COLUMNS);
        if lines.is_empty() && self.mistakes.is_empty() {
            self.add("units".to_owned(), lang::merger::nothing);
        }
        // Where a code of the order means two units, one above the other is never meant.
        let formed: Vec<(String, Level)> = lines
            .iter()
            .map(|line| {
                let field = |at: usize| line.fields.get(at).cloned().unwrap_or_default();
                let level = Kind::find(&field(2)).map_or(Level::Hamlet, Kind::level);
                (field(0), level)
            })
            .collect();
        lines.iter().filter_map(|line| self.unit(line, &formed)).collect()
    }

    /// `formed`: code and level of each line of the order.
    fn unit(&mut self, line: &Line, formed: &[(String, Level)]) -> Option<NewUnit> {
        let [code, full_name, kind, parent, from] = &line.fields[..5] else { return None };
        let Some(known) = Kind::find(kind) else {
            self.add(line.place("type"), |l| lang::import::bad_kind(l, kinds()));
            return None;
        };
        let Ok(code) = UnitCode::new(known.level(), code) else {
            self.add(line.place("new_code"), lang::import::bad_code);
            return None;
        };
        let Some(name) = name_without_kind(full_name, known) else {
            let title = known.title();
            self.add(line.place("new_full_name"), move |l| lang::mergers::bad_name(l, &title));
            return None;
        };
        let parent = match parent.as_str() {
            "" => None,
            code => {
                let above =
                    |(formed, level): &(String, Level)| formed == code && *level < known.level();
                match formed.iter().position(above) {
                    Some(at) => Some(Parent::Formed(at)),
                    None => Some(self.find(line, "parent_code", code, self.on)?.unit.into()),
                }
            }
        };
        let parts = from.split(';').map(str::trim).filter(|part| !part.is_empty());
        let parts: Vec<Option<(UnitId, Part)>> =
            parts.map(|part| self.part(line, known.level(), part)).collect();
        let from = parts.into_iter().collect::<Option<Vec<_>>>()?;
        Some(NewUnit { code, name, full_name: full_name.clone(), kind: known, parent, from })
    }

    fn part(&mut self, line: &Line, level: Level, text: &str) -> Option<(UnitId, Part)> {
        let (code, size) = text.split_once(':').map_or((text, None), |(c, s)| (c, Some(s)));
        let part = size.map_or(Some(Part::Whole), |size| Part::find(size.trim()));
        let Some(part) = part else {
            self.add(line.place("from_codes"), lang::mergers::bad_part);
            return None;
        };
        let unit = self.find(line, "from_codes", code.trim(), self.on.plus(-1))?;
        if unit.kind.level() != level {
            self.add(line.place("from_codes"), lang::merger::other_level);
            return None;
        }
        Some((unit.unit, part))
    }

    fn find(&mut self, line: &Line, column: &str, code: &str, day: Day) -> Option<&'a Version> {
        let territory = self.territory;
        let found = match code.strip_prefix('~') {
            Some(id) => id.parse().ok().and_then(|id| territory.at(UnitId(id), day)),
            None => territory.by_code(code, day),
        };
        if found.is_none() {
            let (code, day) = (code.chars().take(20).collect::<String>(), base::short_day(day));
            let say = move |l| {
                lang::territory::code_unknown(
                    l,
                    lang::territory::CodeUnknown { code: &code, on: &day },
                )
            };
            self.add(line.place(column), say);
        }
        found
    }

    fn children(&mut self, text: &str, into: &[NewUnit]) -> Vec<(UnitId, usize)> {
        if text.trim().is_empty() {
            return Vec::new();
        }
        let lines = self.lines("children", text, &CHILD_COLUMNS);
        let mut children: Vec<(UnitId, usize)> = Vec::with_capacity(lines.len());
        let mut known = std::collections::HashSet::new();
        for line in &lines {
            let [child, to] = &line.fields[..2] else { continue };
            let Some(child) = self.find(line, "hamlet_code", child, self.on).map(|v| v.unit) else {
                continue;
            };
            match into.iter().position(|unit| unit.code.as_str() == to) {
                // An empty field is a hamlet still to be decided; the rehearsal says so.
                None if to.is_empty() => {}
                None => self.add(line.place("new_code"), lang::mergers::not_in_order),
                Some(_) if !known.insert(child) => {
                    self.add(line.place("hamlet_code"), lang::mergers::twice);
                }
                Some(at) => children.push((child, at)),
            }
        }
        children
    }
}

fn kinds() -> String {
    Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// "Vị Thủy" of "Xã Vị Thủy"; none when the kind does not stand in front.
fn name_without_kind(full_name: &str, kind: Kind) -> Option<String> {
    let words = kind.title().split(' ').count();
    let mut parts = full_name.split(' ');
    let title = parts.by_ref().take(words).collect::<Vec<_>>().join(" ");
    let name = parts.collect::<Vec<_>>().join(" ");
    (tone_neutral(&title) == tone_neutral(&kind.title()) && !name.is_empty()).then_some(name)
}
