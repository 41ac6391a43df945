//! Checking collections and their rules.

use std::collections::BTreeSet;

use base::Day;
use lang::Lang;
use toml::Spanned;

use super::figures::LEVELS;
use super::{Reader, is_code};
use crate::{Calendar, Catalogue, Collection, Indicator, Measure, Rule};

const FILE: &str = "collections.toml";
/// More days would reach into the period after the next.
const MOST_DUE_DAYS: u32 = 366;

/// A collection as its file has it.
pub(super) type Table = Spanned<Collection<Spanned<Rule>>>;

/// What collections rest on: of the pack itself, and of those that were applied.
pub(super) struct Ground<'a> {
    pub(super) measures: &'a [Spanned<Measure>],
    pub(super) indicators: &'a [Spanned<Indicator>],
    pub(super) calendars: &'a [Spanned<Calendar>],
    pub(super) known: &'a Catalogue,
}

impl<'a> Ground<'a> {
    fn measure(&self, code: &str) -> Option<&'a Measure> {
        let own = self.measures.iter().map(Spanned::get_ref).find(|measure| measure.code == code);
        own.or_else(|| self.known.measure(code).map(|measure| &measure.definition))
    }

    fn has_calendar(&self, code: &str) -> bool {
        let own = self.calendars.iter().any(|calendar| calendar.get_ref().code == code);
        own || self.known.calendars().iter().any(|calendar| calendar.code == code)
    }

    /// The level whose units report a measure, as its indicators say.
    fn reported_by(&self, measure: &str) -> Option<&'a str> {
        let uses = |indicator: &&Indicator| indicator.measures().any(|code| code == measure);
        let own = self.indicators.iter().map(Spanned::get_ref).find(uses);
        own.map(|indicator| &*indicator.reported_by).or_else(|| self.known.reported_by(measure))
    }
}

impl Reader<'_> {
    pub(super) fn check_collections(&mut self, tables: &[Table], ground: &Ground<'_>) {
        for table in tables {
            let it = table.get_ref();
            let note = it.note.iter().map(|note| ("note", note));
            let words = [("title", &it.title), ("document", &it.document)];
            self.check_words(FILE, table, &words.into_iter().chain(note).collect::<Vec<_>>());
            self.check_measures_of(table, ground);
            let level = place(&it.reported_by);
            if level.is_none() {
                self.mistake(FILE, table, "reported_by", lang::packs::bad_level);
            }
            if !ground.has_calendar(&it.calendar) {
                let code = it.calendar.clone();
                let unknown = move |lang| lang::collections::unknown_calendar(lang, &code);
                self.mistake(FILE, table, "calendar", unknown);
            }
            if it.due_days > MOST_DUE_DAYS {
                let bad = |lang| lang::collections::bad_due_days(lang, MOST_DUE_DAYS);
                self.mistake(FILE, table, "due_days", bad);
            }
            let [from, until] = [("from", &it.from), ("until", &it.until)]
                .map(|(key, text)| self.check_day(table, key, text.as_deref()));
            if from.zip(until).is_some_and(|(from, until)| until < from) {
                self.mistake(FILE, table, "until", lang::packs::ends_before);
            }
            if let Some(level) = level {
                self.check_approval_levels(table, level);
            }
            self.check_rules(table, ground);
        }
    }

    fn check_day(&mut self, table: &Table, key: &str, text: Option<&str>) -> Option<Day> {
        let day = text?.parse().ok();
        if day.is_none() {
            self.mistake(FILE, table, key, lang::error::bad_day);
        }
        day
    }

    fn check_measures_of(&mut self, table: &Table, ground: &Ground<'_>) {
        let it = table.get_ref();
        if it.measures.is_empty() {
            self.mistake(FILE, table, "measures", lang::packs::lacking);
        }
        let mut seen = BTreeSet::new();
        for code in &it.measures {
            let code = code.clone();
            if !seen.insert(code.clone()) {
                self.mistake(FILE, table, "measures", move |lang| lang::packs::twice(lang, &code));
            } else if ground.measure(&code).is_none() {
                let unknown = move |lang| lang::packs::unknown_measure(lang, &code);
                self.mistake(FILE, table, "measures", unknown);
            } else if ground.reported_by(&code).is_some_and(|level| level != it.reported_by) {
                let other = move |lang| lang::collections::collected_elsewhere(lang, &code);
                self.mistake(FILE, table, "reported_by", other);
            }
        }
    }

    /// Each entry leads upwards from the reporting level, and the entries follow each other
    /// without a gap.
    fn check_approval_levels(&mut self, table: &Table, reporting: usize) {
        let levels = &table.get_ref().levels;
        if levels.is_empty() {
            self.mistake(FILE, table, "levels", lang::packs::lacking);
        }
        for entry in levels {
            let chain = entry.checks.iter().chain([&entry.approves]).map(|level| place(level));
            let mut last = reporting;
            let mut leads_up = true;
            for level in chain {
                leads_up &= level.is_some_and(|level| level > last);
                last = level.unwrap_or(last);
            }
            if !leads_up {
                self.mistake(FILE, table, "levels", lang::collections::levels_turned);
            }
            for text in [&entry.from, &entry.until].into_iter().flatten() {
                if text.parse::<Day>().is_err() {
                    self.mistake(FILE, table, "levels", lang::error::bad_day);
                }
            }
        }
        let follows = levels.windows(2).all(|pair| {
            matches!(pair, [before, after] if before.until.is_some() && after.from.is_some()
                && before.days().1.plus(1) == after.days().0)
        });
        let ends = levels.first().is_none_or(|first| first.from.is_none())
            && levels.last().is_none_or(|last| last.until.is_none());
        let in_order = levels.iter().all(|entry| entry.days().0 <= entry.days().1);
        if !(follows && ends && in_order) {
            self.mistake(FILE, table, "levels", lang::collections::levels_gap);
        }
    }

    fn check_rules(&mut self, table: &Table, ground: &Ground<'_>) {
        let mut seen = BTreeSet::new();
        for rule in &table.get_ref().rules {
            let it = rule.get_ref();
            self.check_words(FILE, rule, &[("words", &it.words)]);
            if !is_code(&it.code) {
                self.mistake(FILE, rule, "code", lang::packs::bad_code);
            }
            if !seen.insert(&it.code) {
                let code = it.code.clone();
                self.mistake(FILE, rule, "code", move |lang| lang::packs::twice(lang, &code));
            }
            for (key, side) in [("left", &it.left), ("right", &it.right)] {
                let foreign = side.iter().find(|code| !table.get_ref().measures.contains(code));
                if let Some(code) = foreign.cloned() {
                    self.mistake(FILE, rule, key, move |lang| {
                        lang::collections::not_collected(lang, &code)
                    });
                }
            }
            for (key, say) in wrong_sides(it, ground) {
                self.mistake(FILE, rule, key, say);
            }
        }
    }
}

/// A key, and what is wrong with it.
type Wrong = (&'static str, fn(Lang) -> &'static str);

/// What a rule has too many or too few of for its operator.
fn wrong_sides(it: &Rule, ground: &Ground<'_>) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let operator = it.operator;
    let least =
        if operator.compares() || operator.wants_percent() { 1..=usize::MAX } else { 1..=1 };
    let left = if matches!(operator, crate::Operator::Together) { 2..=usize::MAX } else { least };
    if !left.contains(&it.left.len()) {
        wrong.push(("left", lang::collections::bad_side));
    }
    let right = match operator {
        crate::Operator::LikeSiblings => it.right.len() == 1,
        _ if operator.has_right() => !it.right.is_empty(),
        _ => it.right.is_empty(),
    };
    if !right {
        wrong.push(("right", lang::collections::bad_side));
    }
    if it.percent.is_some() != operator.wants_percent()
        || (it.percent.is_some() && it.percent_scaled().is_none())
    {
        wrong.push(("percent", lang::collections::bad_rule_percent));
    }
    if it.limit.is_some() != operator.wants_limit()
        || (it.limit.is_some() && it.limit_scaled().is_none_or(|limit| limit == 0))
    {
        wrong.push(("limit", lang::collections::bad_limit));
    }
    if operator.compares() {
        let mut kinds = it.measures().filter_map(|code| ground.measure(code));
        let first = kinds.next();
        let same = |other: &Measure| {
            first.is_none_or(|it| (it.nature, &it.counted) == (other.nature, &other.counted))
        };
        if !kinds.all(same) {
            wrong.push(("left", lang::collections::mixed_sides));
        }
    }
    wrong
}

/// How high a level stands, the hamlet lowest.
fn place(level: &str) -> Option<usize> {
    LEVELS.iter().position(|known| *known == level)
}
