//! CSV lists into checked batches; every mistake is named with file, line and field.

use std::collections::{HashMap, HashSet};

use base::text::tone_neutral;
use base::{Day, Result, short_day};

use super::acts;
use super::batch::{Batch, KNOWN_FROM_UNLESS_TOLD, ListedHamlet, ListedPart, ListedUnit, Place};
use super::lists::{File, Folder, ListSet};
use super::read::{Empty, Header, Line, Mistakes};
use crate::{Kind, Level, Part, UnitCode};

const UNITS: [&str; 5] = ["code", "name", "full_name", "type", "parent_code"];
/// The last two are for people.
const CHANGES: [&str; 7] =
    ["old_code", "new_code", "whole_or_part", "resolution", "effective_date", "nso_note", "remark"];
const PROVINCES: [&str; 7] = [
    "old_code",
    "old_full_name",
    "new_code",
    "new_full_name",
    "kept_code",
    "resolution",
    "effective_date",
];

/// Reads and checks the lists of a folder; gives the rearrangements in the order of their days.
///
/// Errors: `Invalid` with up to 50 mistakes, each at `file:line field`: bytes that are not UTF-8,
/// another header, a code, kind or day that cannot be, a code twice, a parent or unit that is not
/// in its list, a unit that comes from nowhere or leads nowhere, lines of different days.
pub fn parse(folder: &Folder<'_>) -> Result<Vec<Batch>> {
    let mut parsing = Parsing { mistakes: Mistakes::default() };
    let mut batches: Vec<Batch> = Vec::with_capacity(folder.sets.len());
    for set in &folder.sets {
        batches.extend(parsing.set(set));
    }
    parsing.mistakes.done()?;
    for file in &folder.hamlets {
        parsing.hamlets(*file, &mut batches);
    }
    parsing.mistakes.done()?;
    batches.sort_by_key(|batch| batch.on);
    if let Some(file) = folder.acts {
        acts::read(file, &mut batches)?;
    }
    for batch in &batches {
        parsing.known_before(batch);
    }
    parsing.mistakes.done()?;
    Ok(batches)
}

type ByCode<'a> = HashMap<&'a str, &'a ListedUnit>;

fn by_code(units: &[ListedUnit]) -> ByCode<'_> {
    units.iter().map(|unit| (unit.code.as_str(), unit)).collect()
}

/// The units that a line of changes can name.
struct Lists<'a> {
    /// None when they are those that are known.
    old: Option<ByCode<'a>>,
    new: ByCode<'a>,
}

/// What a list of units holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Every province, district and commune of a day.
    All,
    /// Those that an act forms or alters; hamlets too.
    Changed,
}

struct Parsing {
    mistakes: Mistakes,
}

impl Parsing {
    fn set(&mut self, set: &ListSet<'_>) -> Option<Batch> {
        let before = self.mistakes.count();
        let old = set.before.map(|file| self.units(file, Holds::All));
        let holds = if old.is_some() { Holds::All } else { Holds::Changed };
        let after = self.units(set.after, holds);
        if self.mistakes.count() > before {
            return None;
        }
        let lists = Lists { old: old.as_deref().map(by_code), new: by_code(&after) };
        let mut days = Vec::new();
        let mut parts = Vec::new();
        if let Some(file) = set.provinces {
            parts.extend(self.provinces(file, &lists, &mut days));
        }
        parts.extend(self.changes(set, &lists, &mut days));
        self.parts(&parts);
        self.nobody_lost(old.as_deref().unwrap_or_default(), &after, &parts);
        let on = self.one_day(&days);
        Some(Batch {
            tag: set.tag.to_owned(),
            files: set.names().map(str::to_owned).collect(),
            known_from: KNOWN_FROM_UNLESS_TOLD,
            on,
            before: old,
            after,
            parts,
            hamlets: Vec::new(),
            acts: Vec::new(),
            level_end: None,
        })
    }

    fn units(&mut self, file: File<'_>, holds: Holds) -> Vec<ListedUnit> {
        // An act that only dissolves forms nothing.
        let empty = if holds == Holds::All { Empty::Refused } else { Empty::Allowed };
        let lines = self.mistakes.lines(file, Header::exactly(&UNITS), empty);
        let lowest = if holds == Holds::All { Level::Commune } else { Level::Hamlet };
        let mut units: Vec<ListedUnit> = Vec::with_capacity(lines.len());
        let mut lines_of: HashMap<UnitCode, u64> = HashMap::new();
        for line in &lines {
            let Some((code, kind)) = self.code_and_kind(line, |level| level <= lowest) else {
                continue;
            };
            if let Some(first) = lines_of.insert(code.clone(), line.place.line) {
                self.mistakes.add(line.place.field("code"), move |l| lang::import::twice(l, first));
                continue;
            }
            let Some((name, full_name)) = self.names(line) else { continue };
            let parent = match line.get("parent_code") {
                "" => None,
                text => match any_code(text) {
                    Some(parent) => Some(parent),
                    None => {
                        let place = line.place.field("parent_code");
                        self.mistakes.add(place, lang::import::bad_code);
                        continue;
                    }
                },
            };
            let place = line.place.clone();
            units.push(ListedUnit { place, code, name, full_name, kind, parent });
        }
        let kinds: HashMap<&UnitCode, Kind> = units.iter().map(|u| (&u.code, u.kind)).collect();
        for unit in &units {
            let fits = match &unit.parent {
                None => unit.kind.level() == Level::Province,
                // Of a list of changes, one that is known may be meant.
                Some(parent) => kinds
                    .get(parent)
                    .map_or(holds == Holds::Changed, |kind| kind.level() < unit.kind.level()),
            };
            if !fits {
                self.mistakes.add(unit.place.field("parent_code"), lang::import::unknown_parent);
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
            let place = line.place.field("type");
            self.mistakes.add(place, move |l| lang::import::bad_kind(l, &known));
            return None;
        };
        match UnitCode::new(kind.level(), line.get("code")) {
            Ok(code) => Some((code, kind)),
            Err(_) => {
                self.mistakes.add(line.place.field("code"), lang::import::bad_code);
                None
            }
        }
    }

    fn names(&mut self, line: &Line<'_>) -> Option<(String, String)> {
        for field in ["name", "full_name"] {
            if line.get(field).is_empty() {
                self.mistakes.add(line.place.field(field), lang::import::no_name);
                return None;
            }
        }
        Some((line.get("name").to_owned(), line.get("full_name").to_owned()))
    }

    fn provinces(
        &mut self,
        file: File<'_>,
        lists: &Lists<'_>,
        days: &mut Vec<(Day, Place)>,
    ) -> Vec<ListedPart> {
        let lines = self.mistakes.lines(file, Header::exactly(&PROVINCES), Empty::Refused);
        let none = ByCode::new();
        let old = lists.old.as_ref().unwrap_or(&none);
        let mut parts = Vec::new();
        for line in &lines {
            let sides =
                [("old_code", "old_full_name", old), ("new_code", "new_full_name", &lists.new)];
            for (code, name, units) in sides {
                let unit = units.get(line.get(code));
                let same = |unit: &&&ListedUnit| {
                    tone_neutral(&unit.full_name) == tone_neutral(line.get(name))
                };
                if unit.is_some() && unit.filter(same).is_none() {
                    self.mistakes.add(line.place.field(name), lang::import::other_name);
                }
            }
            parts.extend(self.part(line, lists, |level| level == Level::Province, days));
        }
        parts
    }

    fn changes(
        &mut self,
        set: &ListSet<'_>,
        lists: &Lists<'_>,
        days: &mut Vec<(Day, Place)>,
    ) -> Vec<ListedPart> {
        // Where provinces have a list of their own, that may be all that changes.
        let empty = if set.provinces.is_some() { Empty::Allowed } else { Empty::Refused };
        let header = Header { columns: &CHANGES, needed: 5 };
        let lines = self.mistakes.lines(set.changes, header, empty);
        let below = |level| set.provinces.is_none() || level > Level::Province;
        lines.iter().filter_map(|line| self.part(line, lists, below, days)).collect()
    }

    /// A line of provinces or of changes.
    fn part(
        &mut self,
        line: &Line<'_>,
        lists: &Lists<'_>,
        allowed: impl Fn(Level) -> bool,
        days: &mut Vec<(Day, Place)>,
    ) -> Option<ListedPart> {
        // A province goes over whole; its list has no such column.
        let part = match line.get("whole_or_part") {
            "" if line.has("whole_or_part") => None,
            "" => Some(Part::Whole),
            word => Part::find(word),
        };
        if part.is_none() {
            self.mistakes.add(line.place.field("whole_or_part"), lang::import::bad_part);
        }
        if line.get("resolution").is_empty() {
            self.mistakes.add(line.place.field("resolution"), lang::import::no_act);
        }
        match line.get("effective_date").parse::<Day>() {
            Ok(day) if days.iter().any(|(known, _)| *known == day) => {}
            Ok(day) => days.push((day, line.place.clone())),
            Err(_) => self.mistakes.add(line.place.field("effective_date"), lang::error::bad_day),
        }
        let listed = |units: &ByCode<'_>, code: &str| {
            let unit = units.get(code).filter(|unit| allowed(unit.kind.level()));
            unit.map(|unit| unit.code.clone())
        };
        let from = self.side(line, "old_code", |code| match &lists.old {
            Some(old) => listed(old, code),
            None => any_code(code),
        });
        let to = self.side(line, "new_code", |code| listed(&lists.new, code));
        let (from, to) = (from?, to?);
        if from.is_none() && to.is_none() {
            self.mistakes.add(line.place.field("old_code"), lang::import::unknown_unit);
        }
        let one_sided = from.is_none() || to.is_none();
        if one_sided && part.is_some_and(|part| part != Part::Whole) {
            self.mistakes.add(line.place.field("whole_or_part"), lang::import::part_mismatch);
        }
        let (act, note) = (line.get("resolution").to_owned(), line.get("nso_note").to_owned());
        Some(ListedPart { place: line.place.clone(), from, to, part: part?, act, note })
    }

    /// A code of a line; none after a mistake, nothing where the field is empty.
    fn side(
        &mut self,
        line: &Line<'_>,
        field: &str,
        find: impl Fn(&str) -> Option<UnitCode>,
    ) -> Option<Option<UnitCode>> {
        match line.get(field) {
            "" => Some(None),
            code => {
                let found = find(code);
                if found.is_none() {
                    self.mistakes.add(line.place.field(field), lang::import::unknown_unit);
                }
                found.map(Some)
            }
        }
    }

    /// No line twice, and nobody both whole and in parts.
    fn parts(&mut self, parts: &[ListedPart]) {
        let mut pairs = HashSet::new();
        let mut lines: HashMap<&UnitCode, Vec<Part>> = HashMap::new();
        for part in parts {
            if !pairs.insert((&part.from, &part.to)) {
                self.mistakes.add(part.place.field("new_code"), lang::import::part_twice);
            }
            if let Some(from) = &part.from {
                lines.entry(from).or_default().push(part.part);
            }
        }
        for part in parts {
            let Some(from) = &part.from else { continue };
            let ours = &lines[from];
            // A district's own land without commune is a part with no other part.
            let is_district = UnitCode::new(Level::District, from.as_str()).is_ok();
            let own_land = is_district && ours.iter().all(|part| *part == Part::Unknown);
            if !own_land && !Part::make_up_a_whole(ours) {
                self.mistakes.add(part.place.field("whole_or_part"), lang::import::part_mismatch);
            }
        }
    }

    fn nobody_lost(&mut self, before: &[ListedUnit], after: &[ListedUnit], parts: &[ListedPart]) {
        let from: HashSet<&UnitCode> = parts.iter().filter_map(|part| part.from.as_ref()).collect();
        let to: HashSet<&UnitCode> = parts.iter().filter_map(|part| part.to.as_ref()).collect();
        for unit in before {
            if unit.kind.level() != Level::District && !from.contains(&unit.code) {
                self.mistakes.add(unit.place.field("code"), lang::import::leads_nowhere);
            }
        }
        for unit in after.iter().filter(|unit| !to.contains(&unit.code)) {
            self.mistakes.add(unit.place.field("code"), lang::import::from_nowhere);
        }
    }

    fn one_day(&mut self, days: &[(Day, Place)]) -> Day {
        for (_, other) in days.iter().skip(1) {
            self.mistakes.add(other.field("effective_date"), lang::import::several_days);
        }
        days.first().map_or(Day::MAX, |(day, _)| *day)
    }

    /// Units are held to be known for a while before they change.
    fn known_before(&mut self, batch: &Batch) {
        let line = batch.parts.first().filter(|_| batch.before.is_some());
        if let Some(line) = line.filter(|_| batch.known_from >= batch.on) {
            let known_from = short_day(batch.known_from);
            self.mistakes.add(line.place.field("effective_date"), move |lang| {
                lang::import::known_from_late(lang, &known_from)
            });
        }
    }

    /// Reads hamlets into the batch of all units whose day the header names.
    fn hamlets(&mut self, file: File<'_>, batches: &mut [Batch]) {
        let first = file.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let first = String::from_utf8_lossy(first);
        let named = |batch: &Batch| first.contains(&commune_columns(batch.on)[1]);
        let mut whole: Vec<&mut Batch> =
            batches.iter_mut().filter(|batch| batch.before.is_some()).collect();
        let at = whole.iter().position(|batch| named(batch)).unwrap_or_default();
        match whole.get_mut(at) {
            Some(batch) => {
                let hamlets = self.hamlets_of(file, batch);
                batch.files.push(file.name.to_owned());
                batch.hamlets.extend(hamlets);
            }
            None => self.mistakes.add(file.name.to_owned(), lang::import::hamlets_alone),
        }
    }

    fn hamlets_of(&mut self, file: File<'_>, batch: &Batch) -> Vec<ListedHamlet> {
        let [before, after] = commune_columns(batch.on);
        let columns = ["code", "name", "full_name", "type", &before, &after];
        let lines = self.mistakes.lines(file, Header::exactly(&columns), Empty::Refused);
        let old = by_code(batch.before.as_deref().unwrap_or_default());
        let new = by_code(&batch.after);
        let pairs: HashSet<(&UnitCode, &UnitCode)> =
            batch.parts.iter().filter_map(|p| p.from.as_ref().zip(p.to.as_ref())).collect();
        let mut lines_of: HashMap<UnitCode, u64> = HashMap::new();
        let mut hamlets = Vec::with_capacity(lines.len());
        for line in &lines {
            let Some((code, kind)) = self.code_and_kind(line, |level| level == Level::Hamlet)
            else {
                continue;
            };
            if let Some(first) = lines_of.insert(code.clone(), line.place.line) {
                self.mistakes.add(line.place.field("code"), move |l| lang::import::twice(l, first));
                continue;
            }
            let Some((name, full_name)) = self.names(line) else { continue };
            let commune = |units: &ByCode<'_>, field| {
                let unit = units.get(line.get(field));
                unit.filter(|u| u.kind.level() == Level::Commune).map(|u| u.code.clone())
            };
            let (Some(old), Some(new)) = (commune(&old, &before), commune(&new, &after)) else {
                self.mistakes.add(line.place.field(&before), lang::import::unknown_commune);
                continue;
            };
            if !pairs.contains(&(&old, &new)) {
                self.mistakes.add(line.place.field(&after), lang::import::not_successor);
            }
            let place = line.place.clone();
            let (before, after) = (old, new);
            hamlets.push(ListedHamlet { place, code, name, full_name, kind, before, after });
        }
        hamlets
    }
}

/// `commune_code_before_2025_07_01` and `commune_code_from_2025_07_01`.
fn commune_columns(on: Day) -> [String; 2] {
    let day = on.to_string().replace('-', "_");
    ["before", "from"].map(|side| format!("commune_code_{side}_{day}"))
}

/// A code of whatever level.
fn any_code(text: &str) -> Option<UnitCode> {
    let level = match text.len() {
        2 => Level::Province,
        3 => Level::District,
        5 => Level::Commune,
        _ => Level::Hamlet,
    };
    UnitCode::new(level, text).or_else(|_| UnitCode::new(Level::Hamlet, text)).ok()
}
