//! Checking working calendars, kinds of requests, consents and how long things are kept.

use std::collections::BTreeSet;

use base::Day;
use serde::Deserialize;
use toml::Spanned;

use super::{Reader, plain};
use crate::{
    ConsentPurpose, Personal, RequestKind, RetentionRule, Span, Weekday, Words, WorkingYear,
};

const YEARS: &str = "working-years.toml";
const KINDS: &str = "request-kinds.toml";
const CONSENTS: &str = "consent-purposes.toml";
const RULES: &str = "retention-rules.toml";
/// A term that is longer is a mistake of typing.
const LONGEST: u16 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearsFile {
    working_years: Vec<Spanned<WorkingYear>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindsFile {
    request_kinds: Vec<Spanned<RequestKind>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentsFile {
    consent_purposes: Vec<Spanned<ConsentPurpose>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    retention_rules: Vec<Spanned<RetentionRule>>,
}

impl Reader<'_> {
    pub(super) fn personal(&mut self) -> Personal {
        let years = self.list(YEARS, |file: YearsFile| file.working_years);
        let kinds = self.list(KINDS, |file: KindsFile| file.request_kinds);
        let consents = self.list(CONSENTS, |file: ConsentsFile| file.consent_purposes);
        let rules = self.list(RULES, |file: RulesFile| file.retention_rules);
        self.check_codes(YEARS, "code", &years, |it| &it.code);
        self.check_codes(KINDS, "code", &kinds, |it| &it.code);
        self.check_codes(CONSENTS, "code", &consents, |it| &it.code);
        self.check_codes(RULES, "code", &rules, |it| &it.code);
        years.iter().for_each(|table| self.check_year(table));
        kinds.iter().for_each(|table| self.check_kind(table));
        consents.iter().for_each(|table| self.check_consent(table));
        rules.iter().for_each(|table| self.check_rule_of_keeping(table));
        Personal {
            working_years: plain(years),
            request_kinds: plain(kinds),
            consent_purposes: plain(consents),
            retention_rules: plain(rules),
        }
    }

    fn check_year(&mut self, table: &Spanned<WorkingYear>) {
        let it = table.get_ref();
        let mut words = vec![("document", &it.document)];
        words.extend(it.off.iter().map(|off| ("off", &off.name)));
        words.extend(it.verify.iter().map(|verify| ("verify", verify)));
        self.check_words(YEARS, table, &words);
        let year = it.year();
        if year.is_none() {
            self.mistake(YEARS, table, "code", lang::working_days::bad_year);
        }
        if it.closes().is_none() {
            self.mistake(YEARS, table, "closes", lang::working_days::bad_time);
        }
        let rest: BTreeSet<Weekday> = it.rest.iter().copied().collect();
        // Somebody who counts working days must come to an end.
        if rest.len() != it.rest.len() || rest.len() > 6 {
            self.mistake(YEARS, table, "rest", lang::working_days::bad_rest);
        }
        let within = |day: &Day| Some(day.civil().year()) == year;
        let mut off = BTreeSet::new();
        for days in &it.off {
            let days = days.days();
            let fits = !days.is_empty() && days.iter().all(within);
            if !fits || days.iter().any(|day| !off.insert(*day)) {
                self.mistake(YEARS, table, "off", lang::working_days::bad_off);
            }
        }
        let is_rest = |day: Day| {
            let offset = day.civil().weekday().to_monday_zero_offset();
            rest.iter().any(|weekday| *weekday as i8 == offset)
        };
        for worked in &it.worked {
            let days = [&worked.day, &worked.instead_of].map(|text| text.parse::<Day>().ok());
            let fits = match days {
                [Some(day), Some(instead)] => {
                    within(&day) && is_rest(day) && off.contains(&instead) && !off.contains(&day)
                }
                _ => false,
            };
            if !fits {
                self.mistake(YEARS, table, "worked", lang::working_days::bad_worked);
            }
        }
    }

    fn check_kind(&mut self, table: &Spanned<RequestKind>) {
        let it = table.get_ref();
        let mut words = vec![("name", &it.name), ("explains", &it.explains)];
        words.extend(it.terms.iter().map(|terms| ("document", &terms.document)));
        words.extend(it.verify.iter().map(|verify| ("verify", verify)));
        self.check_words(KINDS, table, &words);
        self.check_times(KINDS, table, "terms", it.terms.iter().map(|terms| &terms.from));
        let fits = |span: &Span| span.term().is_some() && (1..=LONGEST).contains(&span.count());
        let mut spans =
            it.terms.iter().flat_map(|it| [Some(it.answer), Some(it.complete), it.extend]);
        if !spans.all(|span| span.as_ref().is_none_or(fits)) {
            self.mistake(KINDS, table, "terms", lang::subjects::bad_term);
        }
    }

    fn check_consent(&mut self, table: &Spanned<ConsentPurpose>) {
        let it = table.get_ref();
        let texts =
            it.texts.iter().flat_map(|text| [("text", &text.text), ("document", &text.document)]);
        let words: Vec<(&str, &Words)> = std::iter::once(("name", &it.name)).chain(texts).collect();
        self.check_words(CONSENTS, table, &words);
        self.check_times(CONSENTS, table, "texts", it.texts.iter().map(|text| &text.from));
        if !it.texts.iter().map(|text| text.version).eq((1..).take(it.texts.len())) {
            self.mistake(CONSENTS, table, "texts", lang::consents::bad_versions);
        }
    }

    fn check_rule_of_keeping(&mut self, table: &Spanned<RetentionRule>) {
        let it = table.get_ref();
        let mut words = vec![("name", &it.name), ("after", &it.after), ("document", &it.document)];
        words.extend(it.verify.iter().map(|verify| ("verify", verify)));
        self.check_words(RULES, table, &words);
        self.check_times(RULES, table, "from", std::iter::once(&it.from));
        let fits =
            !matches!(it.keep, Span::WorkingDays(_)) && (1..=LONGEST).contains(&it.keep.count());
        if !fits {
            self.mistake(RULES, table, "keep", lang::retention::bad_keep);
        }
    }

    /// There is at least one entry, and each begins after the one before.
    fn check_times<'a, T>(
        &mut self,
        file: &str,
        table: &Spanned<T>,
        key: &str,
        from: impl Iterator<Item = &'a String>,
    ) {
        let days: Option<Vec<Day>> = from.map(|text| text.parse().ok()).collect();
        let follow = |days: &Vec<Day>| {
            !days.is_empty() && days.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
        };
        if !days.as_ref().is_some_and(follow) {
            self.mistake(file, table, key, lang::subjects::bad_times);
        }
    }
}
