//! CSV lists into a checked batch; every mistake is named with file, line and field.

use std::collections::{HashMap, HashSet};

use base::text::{clean, tone_neutral};
use base::{Day, Error, FieldError, Result};
use lang::{Lang, Text};

use super::batch::{Batch, KNOWN_FROM, ListedHamlet, ListedPart, ListedUnit, Place};
use crate::{Kind, Level, Part, UnitCode};

/// The bytes of the lists of one rearrangement.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// `units_2025_before_merger.csv`.
    pub before: &'a [u8],
    /// `units_2025.csv`.
    pub after: &'a [u8],
    /// `changes_2025.csv`.
    pub changes: &'a [u8],
    /// `provinces_2025.csv`.
    pub provinces: &'a [u8],
    /// `hamlets_synthetic.csv`, made up.
    pub hamlets: Option<&'a [u8]>,
}

const BEFORE: &str = "units_2025_before_merger.csv";
const AFTER: &str = "units_2025.csv";
const CHANGES: &str = "changes_2025.csv";
const PROVINCES: &str = "provinces_2025.csv";
const HAMLETS: &str = "hamlets_synthetic.csv";

/// Mistakes beyond these are not listed.
const LISTED: usize = 50;
/// Longer lists are refused: the nation has 13,000 units and 100,000 hamlets at most.
const MOST_LINES: usize = 200_000;
/// Longer fields are refused.
const LONGEST: usize = 300;

/// Reads and checks the lists.
///
/// Errors: `Invalid` with up to 50 mistakes, each at `file:line field`: bytes that are not UTF-8,
/// another header, a code, kind or day that cannot be, a code twice, a parent or unit that is not
/// in its list, a unit that comes from nowhere or leads nowhere, lines of different days.
pub fn parse(files: &Files<'_>) -> Result<Batch> {
    let mut reading = Reading::default();
    let before = reading.units(BEFORE, files.before);
    let after = reading.units(AFTER, files.after);
    reading.done()?;
    let (old, new) = (by_code(&before), by_code(&after));
    let mut days = Vec::new();
    let mut parts = reading.provinces(files.provinces, &old, &new, &mut days);
    parts.extend(reading.changes(files.changes, &old, &new, &mut days));
    reading.parts(&parts);
    reading.nobody_lost(&before, &after, &parts);
    let hamlets = files.hamlets.map(|bytes| reading.hamlets(bytes, &old, &new, &parts));
    let on = reading.one_day(&days);
    reading.done()?;
    Ok(Batch {
        known_from: KNOWN_FROM,
        on,
        before,
        after,
        parts,
        hamlets: hamlets.unwrap_or_default(),
        acts: Vec::new(),
        level_end: None,
    })
}

fn by_code(units: &[ListedUnit]) -> HashMap<&str, &ListedUnit> {
    units.iter().map(|unit| (unit.code.as_str(), unit)).collect()
}

type ByCode<'a> = HashMap<&'a str, &'a ListedUnit>;

#[derive(Default)]
struct Reading(Vec<FieldError>);

/// One line of a list, with its fields cleaned.
struct Line<'a> {
    place: Place,
    header: &'a [&'a str],
    fields: Vec<String>,
}

impl Line<'_> {
    fn get(&self, field: &str) -> &str {
        let at = self.header.iter().position(|name| *name == field);
        at.and_then(|at| self.fields.get(at)).map_or("", String::as_str)
    }
}

impl Reading {
    fn add<S: Into<String>>(
        &mut self,
        place: String,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        if self.0.len() < LISTED {
            self.0.push(FieldError { place, text: Text::new(say) });
        }
    }

    fn done(&mut self) -> Result<()> {
        let mistakes = std::mem::take(&mut self.0);
        if mistakes.is_empty() { Ok(()) } else { Err(Error::Invalid(mistakes)) }
    }

    fn lines<'a>(
        &mut self,
        file: &'static str,
        bytes: &[u8],
        header: &'a [&'a str],
    ) -> Vec<Line<'a>> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut lines = Vec::new();
        for (at, record) in reader.records().enumerate() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.add(Place { file, line }.field(""), lang::import::bad_bytes);
                    break;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let place = Place { file, line };
            if at == 0 {
                if record.iter().ne(header.iter().copied()) {
                    let wanted = header.join(",");
                    self.add(place.field(""), move |l| lang::import::bad_header(l, &wanted));
                    break;
                }
                continue;
            }
            let long = record.iter().any(|field| field.len() > LONGEST);
            if record.len() != header.len() || long {
                let count = header.len();
                self.add(place.field(""), move |l| lang::import::bad_line(l, count, LONGEST));
                continue;
            }
            if at > MOST_LINES {
                self.add(place.field(""), move |l| lang::import::too_long(l, MOST_LINES));
                break;
            }
            lines.push(Line { place, header, fields: record.iter().map(clean).collect() });
        }
        if lines.is_empty() && self.0.is_empty() && file != CHANGES {
            self.add(file.to_owned(), lang::import::empty);
        }
        lines
    }

    fn units(&mut self, file: &'static str, bytes: &[u8]) -> Vec<ListedUnit> {
        let header = ["code", "name", "full_name", "type", "parent_code"];
        let lines = self.lines(file, bytes, &header);
        let mut units: Vec<ListedUnit> = Vec::with_capacity(lines.len());
        let mut lines_of: HashMap<UnitCode, u64> = HashMap::new();
        for line in &lines {
            let Some((code, kind)) = self.code_and_kind(line, |level| level < Level::Hamlet) else {
                continue;
            };
            if let Some(first) = lines_of.insert(code.clone(), line.place.line) {
                self.add(line.place.field("code"), move |l| lang::import::twice(l, first));
                continue;
            }
            let Some((name, full_name)) = self.names(line) else { continue };
            let parent = match line.get("parent_code") {
                "" => None,
                text => match UnitCode::new(level_of(text), text) {
                    Ok(parent) => Some(parent),
                    Err(_) => {
                        self.add(line.place.field("parent_code"), lang::import::bad_code);
                        continue;
                    }
                },
            };
            units.push(ListedUnit { place: line.place, code, name, full_name, kind, parent });
        }
        let kinds: HashMap<&UnitCode, Kind> = units.iter().map(|u| (&u.code, u.kind)).collect();
        for unit in &units {
            let fits = match &unit.parent {
                None => unit.kind.level() == Level::Province,
                Some(parent) => kinds.get(parent).is_some_and(|k| k.level() < unit.kind.level()),
            };
            if !fits {
                self.add(unit.place.field("parent_code"), lang::import::unknown_parent);
            }
        }
        units
    }

    fn code_and_kind(
        &mut self,
        line: &Line<'_>,
        allowed: impl Fn(Level) -> bool,
    ) -> Option<(UnitCode, Kind)> {
        let Some(kind) = Kind::find(line.get("type")).filter(|kind| allowed(kind.level())) else {
            let known: Vec<_> = Kind::ALL.iter().filter(|kind| allowed(kind.level())).collect();
            let known = known.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
            self.add(line.place.field("type"), move |l| lang::import::bad_kind(l, &known));
            return None;
        };
        match UnitCode::new(kind.level(), line.get("code")) {
            Ok(code) => Some((code, kind)),
            Err(_) => {
                self.add(line.place.field("code"), lang::import::bad_code);
                None
            }
        }
    }

    fn names(&mut self, line: &Line<'_>) -> Option<(String, String)> {
        for field in ["name", "full_name"] {
            if line.get(field).is_empty() {
                self.add(line.place.field(field), lang::import::no_name);
                return None;
            }
        }
        Some((line.get("name").to_owned(), line.get("full_name").to_owned()))
    }

    fn provinces(
        &mut self,
        bytes: &[u8],
        old: &ByCode<'_>,
        new: &ByCode<'_>,
        days: &mut Vec<(Day, Place)>,
    ) -> Vec<ListedPart> {
        let header = [
            "old_code",
            "old_full_name",
            "new_code",
            "new_full_name",
            "kept_code",
            "resolution",
            "effective_date",
        ];
        let lines = self.lines(PROVINCES, bytes, &header);
        let mut parts = Vec::new();
        for line in &lines {
            let sides = [("old_code", "old_full_name", old), ("new_code", "new_full_name", new)];
            for (code, name, units) in sides {
                let unit = units.get(line.get(code));
                let same = |unit: &&&ListedUnit| {
                    tone_neutral(&unit.full_name) == tone_neutral(line.get(name))
                };
                if unit.is_some() && unit.filter(same).is_none() {
                    self.add(line.place.field(name), lang::import::other_name);
                }
            }
            let level = |level| level == Level::Province;
            parts.extend(self.part(line, [old, new], level, days).map(|(from, to)| ListedPart {
                place: line.place,
                from,
                to,
                part: Part::Whole,
                act: line.get("resolution").to_owned(),
                note: String::new(),
            }));
        }
        parts
    }

    fn changes(
        &mut self,
        bytes: &[u8],
        old: &ByCode<'_>,
        new: &ByCode<'_>,
        days: &mut Vec<(Day, Place)>,
    ) -> Vec<ListedPart> {
        let header = [
            "old_code",
            "new_code",
            "whole_or_part",
            "resolution",
            "effective_date",
            "nso_note",
            "remark",
        ];
        let lines = self.lines(CHANGES, bytes, &header);
        let mut parts = Vec::with_capacity(lines.len());
        for line in &lines {
            let part = match line.get("whole_or_part") {
                "whole" => Part::Whole,
                "part" => Part::Unknown,
                _ => {
                    self.add(line.place.field("whole_or_part"), lang::import::bad_part);
                    continue;
                }
            };
            let below = |level| level > Level::Province;
            parts.extend(self.part(line, [old, new], below, days).map(|(from, to)| ListedPart {
                place: line.place,
                from,
                to,
                part,
                act: line.get("resolution").to_owned(),
                note: line.get("nso_note").to_owned(),
            }));
        }
        parts
    }

    /// What a line of provinces and one of changes have in common.
    fn part(
        &mut self,
        line: &Line<'_>,
        [old, new]: [&ByCode<'_>; 2],
        allowed: impl Fn(Level) -> bool,
        days: &mut Vec<(Day, Place)>,
    ) -> Option<(UnitCode, UnitCode)> {
        if line.get("resolution").is_empty() {
            self.add(line.place.field("resolution"), lang::import::no_act);
        }
        match line.get("effective_date").parse::<Day>() {
            Ok(day) if days.iter().any(|(known, _)| *known == day) => {}
            Ok(day) => days.push((day, line.place)),
            Err(_) => self.add(line.place.field("effective_date"), lang::error::bad_day),
        }
        let mut code = |field, units: &ByCode<'_>| {
            let unit = units.get(line.get(field)).filter(|unit| allowed(unit.kind.level()));
            if unit.is_none() {
                self.add(line.place.field(field), lang::import::unknown_unit);
            }
            unit.map(|unit| unit.code.clone())
        };
        let (from, to) = (code("old_code", old), code("new_code", new));
        Some((from?, to?))
    }

    /// No line twice, and nobody both whole and in parts.
    fn parts(&mut self, parts: &[ListedPart]) {
        let mut pairs = HashSet::new();
        let mut lines: HashMap<&UnitCode, Vec<&ListedPart>> = HashMap::new();
        for part in parts {
            if !pairs.insert((&part.from, &part.to)) {
                self.add(part.place.field("new_code"), lang::import::part_twice);
            }
            lines.entry(&part.from).or_default().push(part);
        }
        for part in parts {
            let ours = &lines[&part.from];
            let alone = ours.len() == 1;
            // A district's own land without commune is a part with no other part.
            let own_land = level_of(part.from.as_str()) == Level::District;
            let fits = if part.part == Part::Whole { alone } else { !alone || own_land };
            if !fits {
                self.add(part.place.field("whole_or_part"), lang::import::part_mismatch);
            }
        }
    }

    fn nobody_lost(&mut self, before: &[ListedUnit], after: &[ListedUnit], parts: &[ListedPart]) {
        let from: HashSet<&UnitCode> = parts.iter().map(|part| &part.from).collect();
        let to: HashSet<&UnitCode> = parts.iter().map(|part| &part.to).collect();
        for unit in before {
            if unit.kind.level() != Level::District && !from.contains(&unit.code) {
                self.add(unit.place.field("code"), lang::import::leads_nowhere);
            }
        }
        for unit in after.iter().filter(|unit| !to.contains(&unit.code)) {
            self.add(unit.place.field("code"), lang::import::from_nowhere);
        }
    }

    fn hamlets(
        &mut self,
        bytes: &[u8],
        old: &ByCode<'_>,
        new: &ByCode<'_>,
        parts: &[ListedPart],
    ) -> Vec<ListedHamlet> {
        let (before, after) = ("commune_code_before_2025_07_01", "commune_code_from_2025_07_01");
        let header = ["code", "name", "full_name", "type", before, after];
        let lines = self.lines(HAMLETS, bytes, &header);
        let pairs: HashSet<(&UnitCode, &UnitCode)> =
            parts.iter().map(|part| (&part.from, &part.to)).collect();
        let mut lines_of: HashMap<UnitCode, u64> = HashMap::new();
        let mut hamlets = Vec::with_capacity(lines.len());
        for line in &lines {
            let Some((code, kind)) = self.code_and_kind(line, |level| level == Level::Hamlet)
            else {
                continue;
            };
            if let Some(first) = lines_of.insert(code.clone(), line.place.line) {
                self.add(line.place.field("code"), move |l| lang::import::twice(l, first));
                continue;
            }
            let Some((name, full_name)) = self.names(line) else { continue };
            let commune = |units: &ByCode<'_>, field| {
                let unit = units.get(line.get(field));
                unit.filter(|u| u.kind.level() == Level::Commune).map(|u| u.code.clone())
            };
            let (Some(old), Some(new)) = (commune(old, before), commune(new, after)) else {
                self.add(line.place.field(before), lang::import::unknown_commune);
                continue;
            };
            if !pairs.contains(&(&old, &new)) {
                self.add(line.place.field(after), lang::import::not_successor);
            }
            hamlets.push(ListedHamlet {
                place: line.place,
                code,
                name,
                full_name,
                kind,
                before: old,
                after: new,
            });
        }
        hamlets
    }

    fn one_day(&mut self, days: &[(Day, Place)]) -> Day {
        for (_, other) in days.iter().skip(1) {
            self.add(other.field("effective_date"), lang::import::several_days);
        }
        days.first().map_or(Day::MAX, |(day, _)| *day)
    }
}

fn level_of(code: &str) -> Level {
    match code.len() {
        2 => Level::Province,
        3 => Level::District,
        _ => Level::Commune,
    }
}
