//! Checking forms of reports.

use base::Day;
use lang::{Lang, Text};
use toml::Spanned;

use super::Reader;
use super::figures::LEVELS;
use crate::{Calendar, Catalogue, Indicator, Report, ReportColumn, ReportPart, Words};

const FILE: &str = "reports.toml";
/// A form has at most so many columns with numbers: more fit on no paper.
const MOST_COLUMNS: usize = 40;
/// A form has at most so many rows of indicators, and notes.
const MOST_LINES: usize = 100;
/// So many can sign.
const MOST_SIGNATURES: usize = 4;
/// What stands in a cell or a line is at most this long. Units: characters.
const LONGEST_WORDS: usize = 500;
/// The number of a form is at most this long. Units: characters.
const LONGEST_FORM: usize = 40;

impl Reader<'_> {
    pub(super) fn check_reports(
        &mut self,
        reports: &[Spanned<Report>],
        (indicators, calendars): (&[Spanned<Indicator>], &[Spanned<Calendar>]),
        known: &Catalogue,
    ) {
        let find = |code: &str| {
            let own = indicators.iter().map(Spanned::get_ref).find(|own| own.code == code);
            own.or_else(|| known.indicator(code))
        };
        for table in reports {
            let it = table.get_ref();
            self.check_report_words(table);
            if it.form.trim().is_empty() || it.form.chars().count() > LONGEST_FORM {
                self.mistake(FILE, table, "form", |lang| {
                    lang::reports::bad_form(lang, LONGEST_FORM)
                });
            }
            let is_own = calendars.iter().any(|own| own.get_ref().code == it.calendar);
            let is_known = known.calendars().iter().any(|known| known.code == it.calendar);
            if !is_own && !is_known {
                let code = it.calendar.clone();
                self.mistake(FILE, table, "calendar", move |lang| {
                    lang::reports::unknown_calendar(lang, &code)
                });
            }
            if let Some(under) = &it.under
                && (under.code.trim().is_empty() || under.on.parse::<Day>().is_err())
            {
                self.mistake(FILE, table, "under", lang::reports::bad_under);
            }
            self.check_rows(table, find);
            self.check_columns(table, find);
            let signers = it.signatures.iter().filter(|signature| signature.signer).count();
            if signers != 1 || it.signatures.len() > MOST_SIGNATURES {
                self.mistake(FILE, table, "signatures", |lang| {
                    lang::reports::bad_signatures(lang, MOST_SIGNATURES)
                });
            }
        }
    }

    fn check_report_words(&mut self, table: &Spanned<Report>) {
        let it = table.get_ref();
        let mut words =
            vec![("title", &it.title), ("reporting", &it.reporting), ("receiving", &it.receiving)];
        words.extend(it.document.iter().map(|words| ("document", words)));
        words.extend(it.units.iter().map(|units| ("units", &units.total)));
        let names = it.lines.iter().filter_map(|line| line.name.as_ref());
        words.extend(names.map(|words| ("lines", words)));
        for column in &it.columns {
            words.push(("columns", &column.header));
            words.extend(column.group.iter().map(|words| ("columns", words)));
        }
        words.extend(it.notes.iter().map(|words| ("notes", words)));
        for signature in &it.signatures {
            words.push(("signatures", &signature.title));
            words.extend(signature.role.iter().map(|words| ("signatures", words)));
        }
        self.check_words(FILE, table, &words);
        let is_long = |words: &Words| {
            let all = [&words.vi, &words.en, &words.km];
            all.iter().any(|text| text.chars().nth(LONGEST_WORDS).is_some())
        };
        for (key, _) in words.iter().filter(|(_, words)| is_long(words)) {
            self.mistake(FILE, table, key, |lang| lang::reports::long_words(lang, LONGEST_WORDS));
        }
    }

    /// The rows are units or indicators, and never both.
    fn check_rows<'a>(
        &mut self,
        table: &Spanned<Report>,
        find: impl Fn(&str) -> Option<&'a Indicator>,
    ) {
        let it = table.get_ref();
        if it.units.is_some() != it.lines.is_empty() {
            self.mistake(FILE, table, "units", lang::reports::units_or_lines);
        }
        let levels = &LEVELS[..LEVELS.len() - 1];
        if it.units.as_ref().is_some_and(|units| !levels.contains(&units.level.as_str())) {
            self.mistake(FILE, table, "units", lang::packs::bad_level);
        }
        for (at, line) in it.lines.iter().enumerate() {
            if find(&line.indicator).is_none() {
                let code = line.indicator.clone();
                let text = move |lang| lang::packs::unknown_indicator(lang, &code);
                self.mistake(FILE, table, "lines", in_line(at, text));
            }
        }
        for (key, count) in [("lines", it.lines.len()), ("notes", it.notes.len())] {
            if count > MOST_LINES {
                self.mistake(FILE, table, key, |lang| lang::reports::too_many(lang, MOST_LINES));
            }
        }
    }

    fn check_columns<'a>(
        &mut self,
        table: &Spanned<Report>,
        find: impl Fn(&str) -> Option<&'a Indicator>,
    ) {
        let it = table.get_ref();
        if it.columns.is_empty() || it.columns.len() > MOST_COLUMNS {
            self.mistake(FILE, table, "columns", |lang| {
                lang::reports::bad_columns(lang, MOST_COLUMNS)
            });
        }
        for (at, column) in it.columns.iter().enumerate() {
            if let Some(text) = wrong_column(it, column, &find) {
                let text = move |lang| text.say(lang);
                self.mistake(FILE, table, "columns", in_column(at, text));
            }
        }
    }
}

/// What is wrong with a column: it names an indicator exactly where the rows do not.
fn wrong_column<'a>(
    report: &Report,
    column: &ReportColumn,
    find: &impl Fn(&str) -> Option<&'a Indicator>,
) -> Option<Text> {
    let of_units = report.units.is_some();
    match &column.indicator {
        None if of_units => Some(Text::new(lang::reports::no_indicator)),
        Some(_) if !of_units => Some(Text::new(lang::reports::indicator_twice)),
        Some(code) => match find(code) {
            None => {
                let code = code.clone();
                Some(Text::new(move |lang| lang::packs::unknown_indicator(lang, &code)))
            }
            Some(found) => (found.denominator.is_none() && column.part == ReportPart::Denominator)
                .then(|| Text::new(lang::reports::no_denominator)),
        },
        None => None,
    }
}

/// "Column 3: …", counted from 1.
fn in_column(
    at: usize,
    say: impl Fn(Lang) -> String + Send + Sync + 'static,
) -> impl Fn(Lang) -> String + Send + Sync + 'static {
    move |lang| {
        let (number, text) = (at + 1, say(lang));
        lang::reports::in_column(lang, lang::reports::InColumn { number, text })
    }
}

/// "Line 3: …", counted from 1.
fn in_line(
    at: usize,
    say: impl Fn(Lang) -> String + Send + Sync + 'static,
) -> impl Fn(Lang) -> String + Send + Sync + 'static {
    move |lang| {
        let (number, text) = (at + 1, say(lang));
        lang::reports::in_line(lang, lang::reports::InLine { number, text })
    }
}
