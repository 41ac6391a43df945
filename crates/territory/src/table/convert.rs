//! Each address of a column with what became of it.

use base::{Day, Error, Result};
use lang::Lang;
use web::spreadsheet::{Cell, MOST_ROWS, Stop, Table};

use super::column;
use crate::address::{
    Ambiguity, Candidate, Outcome, at_least, convert as convert_address, origin, path_near,
};
use crate::{Territory, UnitCode, Version};

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

/// Adds old code, old unit, new code, new unit, hamlet, outcome and reasons behind each row. Codes
/// are those of administrative units, also where the address names a hamlet.
///
/// Errors: `Invalid` at `column` when it is not there, at `file` when there are too many rows or the
/// work was told to stop.
pub(crate) fn convert(
    territory: &Territory,
    table: Table,
    asked: &Asked,
    stop: &Stop,
) -> Result<Table> {
    let lang = asked.lang;
    let column = column::find(&table, &asked.column, asked.headed)?;
    let Table { format, mut rows } = table;
    // The reader leaves room for a heading.
    if rows.len() > MOST_ROWS + usize::from(asked.headed) {
        return Err(Error::invalid("file", |lang| lang::import::too_long(lang, MOST_ROWS)));
    }
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    for (at, row) in rows.iter_mut().enumerate() {
        stop.check()?;
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

type Added = [String; 7];

fn headers(lang: Lang) -> Added {
    [
        lang::converter::old_code(lang),
        lang::converter::old_unit(lang),
        lang::converter::new_code(lang),
        lang::converter::new_unit(lang),
        lang::converter::hamlet(lang),
        lang::converter::outcome(lang),
        lang::converter::why(lang),
    ]
    .map(str::to_owned)
}

fn one(territory: &Territory, address: &str, asked: &Asked) -> Added {
    let words = Words { lang: asked.lang, territory };
    let undecided = |outcome: &str, why: String| {
        let none = String::new;
        [none(), none(), none(), none(), none(), outcome.to_owned(), why]
    };
    match convert_address(territory, address, asked.on, asked.to).outcome {
        Outcome::Found(found) => {
            let placed = found.placed(territory, asked.on, asked.to);
            let why = found.why.iter().map(|step| step.say(asked.lang, territory));
            [
                code(placed.old),
                words.unit(placed.old, asked.on),
                code(placed.new),
                words.unit(placed.new, asked.to),
                placed.hamlet.map(|it| words.marked(&it.full_name, it, None)).unwrap_or_default(),
                lang::converter::outcome_found(asked.lang).to_owned(),
                why.collect::<Vec<_>>().join(" "),
            ]
        }
        Outcome::Ambiguous { candidates, more, doubt } => {
            let mut why = vec![doubt.say(asked.lang, candidates.len(), more)];
            let shown = candidates.iter().take(CANDIDATES);
            why.extend(shown.map(|candidate| words.candidate(candidate, doubt, asked)));
            if let Some(rest) = candidates.len().checked_sub(CANDIDATES).filter(|rest| *rest > 0) {
                let rest = at_least(asked.lang, rest, more);
                why.push(lang::unit::and_more(asked.lang, rest));
            }
            undecided(lang::converter::outcome_several(asked.lang), why.join(" "))
        }
        Outcome::Unknown { reason, .. } => {
            let why = reason.say(asked.lang, territory, asked.to);
            undecided(lang::converter::outcome_unknown(asked.lang), why)
        }
    }
}

fn code(version: Option<&Version>) -> String {
    let code = version.and_then(|version| version.code.as_ref());
    code.map(UnitCode::to_string).unwrap_or_default()
}

/// Units in words, for a cell.
struct Words<'a> {
    lang: Lang,
    territory: &'a Territory,
}

impl Words<'_> {
    /// A unit with those above it on a day.
    fn unit(&self, version: Option<&Version>, day: Day) -> String {
        let named = version.map(|version| {
            let path = path_near(self.territory, version.unit, day);
            self.marked(&path, version, None)
        });
        named.unwrap_or_default()
    }

    /// A name with what must be known of its unit, "Ấp 3 (ban đầu thuộc Xã Vị Thắng; dữ liệu minh
    /// họa)".
    fn marked(&self, name: &str, version: &Version, first_in: Option<&Version>) -> String {
        let made_up = self.territory.unit(version.unit).is_some_and(|unit| unit.made_up);
        let first_in = first_in.map(|it| lang::converter::first_in(self.lang, &it.full_name));
        let made_up = made_up.then(|| lang::web::made_up(self.lang).to_owned());
        let marks: Vec<String> = first_in.into_iter().chain(made_up).collect();
        if marks.is_empty() { name.to_owned() } else { format!("{name} ({})", marks.join("; ")) }
    }

    /// The unit of the target day with the code of the administrative unit there.
    fn candidate(&self, candidate: &Candidate, doubt: Ambiguity, asked: &Asked) -> String {
        let placed = candidate.placed(self.territory, asked.on, asked.to);
        let told = match placed.hamlet {
            Some(hamlet) => {
                let first_in = origin(self.territory, hamlet.unit);
                let first_in = first_in.filter(|_| doubt == Ambiguity::Hamlets);
                let name = self.marked(&hamlet.full_name, hamlet, first_in);
                format!("{name}, {}", self.unit(placed.new, asked.to))
            }
            None => self.unit(placed.new, asked.to),
        };
        format!("{} {told};", code(placed.new)).trim_start().to_owned()
    }
}
