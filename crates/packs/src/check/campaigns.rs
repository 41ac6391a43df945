//! Checking campaigns: that each code leads somewhere, and that whoever is ranked by the rules can
//! know them.

use std::collections::BTreeSet;

use base::{Day, FieldError};
use lang::{Lang, Text};
use toml::Spanned;

use super::figures::LEVELS;
use super::{Reader, is_code, line_of};
use crate::{
    AwardForm, Calendar, Campaign, Catalogue, Criterion, Direction, Indicator, Measure, Round,
    Target, Words,
};

const FILE: &str = "campaigns.toml";
/// A criterion, class or adjustment has at most so many points. Units: hundredths.
const MOST_POINTS: i64 = 100_000;
/// Longer than this nobody waits for explanations. Units: days.
const LONGEST_DAYS: u16 = 365;
/// What the pages of a round are called beside its groups.
const RESERVED: [&str; 3] = ["freeze", "reopen", "awards"];

/// What the same pack declares.
pub(super) struct Own<'a> {
    measures: &'a [Spanned<Measure>],
    indicators: &'a [Spanned<Indicator>],
    targets: &'a [Spanned<Target>],
    calendars: &'a [Spanned<Calendar>],
}

impl<'a> Own<'a> {
    pub(super) const fn of(
        (measures, indicators): (&'a [Spanned<Measure>], &'a [Spanned<Indicator>]),
        (targets, calendars): (&'a [Spanned<Target>], &'a [Spanned<Calendar>]),
    ) -> Self {
        Self { measures, indicators, targets, calendars }
    }
}

impl Own<'_> {
    fn indicator<'a>(&'a self, known: &'a Catalogue, code: &str) -> Option<&'a Indicator> {
        let own = self.indicators.iter().map(Spanned::get_ref).find(|it| it.code == code);
        own.or_else(|| known.indicator(code))
    }

    /// Whether small numbers of an indicator are hidden.
    fn is_protected(&self, known: &Catalogue, indicator: &Indicator) -> bool {
        let threshold = |code: &str| {
            let own = self.measures.iter().map(Spanned::get_ref).find(|it| it.code == code);
            let measure = own.or_else(|| known.measure(code).map(|it| &it.definition));
            measure.and_then(Measure::threshold)
        };
        indicator.measures().any(|code| threshold(code).is_some())
    }

    fn target<'a>(&'a self, known: &'a Catalogue, code: &str) -> Option<&'a Target> {
        let own = self.targets.iter().map(Spanned::get_ref).find(|it| it.code == code);
        own.or_else(|| known.target(code))
    }

    fn has_prefix(&self, known: &Catalogue, prefix: &str) -> bool {
        let own = self.calendars.iter().map(Spanned::get_ref);
        let mut all = own.chain(known.calendars());
        prefix.is_empty() || all.any(|calendar| calendar.prefix == prefix)
    }
}

/// A list inside a campaign, and the place of a table in it.
type At = (&'static str, usize);

impl Reader<'_> {
    pub(super) fn check_campaign(
        &mut self,
        table: &Spanned<Campaign>,
        own: &Own<'_>,
        known: &Catalogue,
    ) {
        self.check_campaign_itself(table);
        self.check_codes_inside(table);
        let it = table.get_ref();
        for (at, group) in it.groups.iter().enumerate() {
            let at = ("groups", at);
            self.check_inner_words(table, at, &[("title", Some(&group.title))]);
            if !LEVELS.contains(&group.level.as_str()) {
                self.inside(table, at, "level", lang::packs::bad_level);
            }
            if RESERVED.contains(&group.code.as_str()) {
                self.inside(table, at, "code", lang::campaigns::reserved_code);
            }
        }
        for (at, round) in it.rounds.iter().enumerate() {
            self.check_round(table, ("rounds", at), round, |prefix| own.has_prefix(known, prefix));
        }
        for (at, criterion) in it.criteria.iter().enumerate() {
            self.check_criterion(table, ("criteria", at), criterion, (own, known));
        }
        for (at, kind) in it.adjustments.iter().enumerate() {
            let at = ("adjustments", at);
            self.check_inner_words(table, at, &[("title", Some(&kind.title))]);
            let within = |points: i64| (-MOST_POINTS..=MOST_POINTS).contains(&points);
            match kind.bounds() {
                Some((least, most)) if least <= most && within(least) && within(most) => {}
                _ => self.inside(table, at, "least", lang::campaigns::bad_bounds),
            }
        }
        for (at, class) in it.classes.iter().enumerate() {
            let at = ("classes", at);
            self.check_inner_words(table, at, &[("title", Some(&class.title))]);
            if class.begins().is_none_or(|from| from > MOST_POINTS) {
                self.inside(table, at, "from", lang::campaigns::bad_points);
            }
        }
        for (at, award) in it.awards.iter().enumerate() {
            self.check_award(table, ("awards", at), award);
        }
    }

    fn check_campaign_itself(&mut self, table: &Spanned<Campaign>) {
        let it = table.get_ref();
        let more = [("note", &it.note), ("unsure", &it.unsure)];
        let more = more.into_iter().filter_map(|(key, words)| Some((key, words.as_ref()?)));
        let own = [("title", &it.title), ("document", &it.document), ("agency", &it.agency)];
        let words: Vec<_> = own.into_iter().chain(more).collect();
        self.check_words(FILE, table, &words);
        let days = [("from", &it.from), ("until", &it.until), ("map", &it.map)];
        let [from, until, _] = days.map(|(key, text)| {
            let day = text.parse::<Day>().ok();
            if day.is_none() {
                self.mistake(FILE, table, key, lang::error::bad_day);
            }
            day
        });
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            self.mistake(FILE, table, "until", lang::packs::ends_before);
        }
        for (key, days) in
            [("days_to_explain", it.days_to_explain), ("days_to_appeal", it.days_to_appeal)]
        {
            if days > LONGEST_DAYS {
                self.mistake(FILE, table, key, |lang| {
                    lang::campaigns::too_many_days(lang, LONGEST_DAYS)
                });
            }
        }
        for (key, is_empty) in [
            ("groups", it.groups.is_empty()),
            ("rounds", it.rounds.is_empty()),
            ("criteria", it.criteria.is_empty()),
        ] {
            if is_empty {
                self.mistake(FILE, table, key, move |lang| lang::campaigns::none_of(lang, key));
            }
        }
        for tie in &it.ties {
            if !it.criteria.iter().any(|own| own.code == *tie && own.points.is_some()) {
                let code = tie.clone();
                let unknown = move |lang| lang::campaigns::unknown_code(lang, &code);
                self.mistake(FILE, table, "ties", unknown);
            }
        }
    }

    /// Codes stand in addresses, and each names one thing of its list.
    fn check_codes_inside(&mut self, table: &Spanned<Campaign>) {
        let it = table.get_ref();
        let lists: [(&str, &str, Vec<&String>); 6] = [
            ("groups", "code", it.groups.iter().map(|it| &it.code).collect()),
            ("rounds", "period", it.rounds.iter().map(|it| &it.period).collect()),
            ("criteria", "code", it.criteria.iter().map(|it| &it.code).collect()),
            ("adjustments", "code", it.adjustments.iter().map(|it| &it.code).collect()),
            ("classes", "code", it.classes.iter().map(|it| &it.code).collect()),
            ("awards", "code", it.awards.iter().map(|it| &it.code).collect()),
        ];
        for (list, key, codes) in lists {
            let mut seen = BTreeSet::new();
            for (at, code) in codes.into_iter().enumerate() {
                if key == "code" && !is_code(&code.to_ascii_lowercase()) {
                    self.inside(table, (list, at), key, lang::packs::bad_code);
                }
                if !seen.insert(code) {
                    let code = code.clone();
                    let twice = move |lang| lang::packs::twice(lang, &code);
                    self.inside(table, (list, at), key, twice);
                }
            }
        }
    }

    fn check_round(
        &mut self,
        table: &Spanned<Campaign>,
        at: At,
        round: &Round,
        has_prefix: impl Fn(&str) -> bool,
    ) {
        let read = |code: &str| Months::read(code).filter(|_| has_prefix(prefix(code)));
        let Some(own) = read(&round.period) else {
            self.inside(table, at, "period", lang::campaigns::bad_period);
            return;
        };
        let Some(code) = &round.so_far else { return };
        match read(code) {
            None => self.inside(table, at, "so_far", lang::campaigns::bad_period),
            Some(all) => {
                let same_calendar = prefix(code) == prefix(&round.period);
                if !same_calendar || all.last != own.last || all.first > own.first {
                    self.inside(table, at, "so_far", lang::campaigns::bad_so_far);
                }
            }
        }
    }

    /// It has an indicator, and where it gives points something to reach and a direction.
    fn check_criterion(
        &mut self,
        table: &Spanned<Campaign>,
        at: At,
        it: &Criterion,
        (own, known): (&Own<'_>, &Catalogue),
    ) {
        let words = [
            ("title", Some(&it.title)),
            ("said", it.said.as_ref()),
            ("ambiguous", it.ambiguous.as_ref()),
            ("fairness", it.fairness.as_ref()),
        ];
        self.check_inner_words(table, at, &words);
        self.check_named_groups(table, at, &it.groups);
        let indicator = own.indicator(known, &it.indicator).cloned();
        if indicator.is_none() {
            let code = it.indicator.clone();
            let unknown = move |lang| lang::packs::unknown_indicator(lang, &code);
            self.inside(table, at, "indicator", unknown);
        }
        if it.points.is_some() {
            if it.most().is_none_or(|most| !(1..=MOST_POINTS).contains(&most)) {
                self.inside(table, at, "points", lang::campaigns::bad_points);
            }
            // What is hidden would give no points, and what gives points would not be hidden.
            if indicator.as_ref().is_some_and(|it| own.is_protected(known, it)) {
                self.inside(table, at, "indicator", lang::campaigns::few_people);
            }
            if indicator.as_ref().is_some_and(|own| own.direction == Direction::None) {
                self.inside(table, at, "points", lang::campaigns::no_direction);
            }
        }
        match &it.target {
            Some(code) => match own.target(known, code) {
                None => {
                    let code = code.clone();
                    let unknown = move |lang| lang::campaigns::unknown_target(lang, &code);
                    self.inside(table, at, "target", unknown);
                }
                Some(target) if target.indicator.as_ref() != Some(&it.indicator) => {
                    self.inside(table, at, "target", lang::campaigns::other_indicator);
                }
                Some(_) => {}
            },
            None if it.points.is_some() => {
                let rounds = &table.get_ref().rounds;
                if rounds.iter().any(|round| it.wanted_in(&round.period).is_none()) {
                    self.inside(table, at, "wanted", lang::campaigns::no_wanted);
                }
            }
            None => {}
        }
        if it.target.is_some() && !it.wanted.is_empty() {
            self.inside(table, at, "wanted", lang::campaigns::wanted_twice);
        }
        let decimals = match &indicator {
            Some(own) if own.denominator.is_some() => own.decimals,
            Some(_) => 0,
            None => 4,
        };
        for wanted in &it.wanted {
            if wanted.scaled(decimals).is_none() {
                self.inside(table, at, "wanted", lang::packs::bad_wanted);
            }
            if table.get_ref().round(&wanted.round).is_none() {
                let code = wanted.round.clone();
                let unknown = move |lang| lang::campaigns::unknown_code(lang, &code);
                self.inside(table, at, "wanted", unknown);
            }
        }
    }

    fn check_award(&mut self, table: &Spanned<Campaign>, at: At, award: &AwardForm) {
        self.check_inner_words(table, at, &[("title", Some(&award.title))]);
        self.check_named_groups(table, at, &award.groups);
        let by_places = award.places.is_some_and(|places| places > 0);
        if by_places != award.classes.is_empty() || (award.places.is_some() && !by_places) {
            self.inside(table, at, "places", lang::campaigns::award_rule);
        }
        for class in award.classes.iter().filter(|code| table.get_ref().class(code).is_none()) {
            let code = class.clone();
            let unknown = move |lang| lang::campaigns::unknown_code(lang, &code);
            self.inside(table, at, "classes", unknown);
        }
    }

    fn check_named_groups(&mut self, table: &Spanned<Campaign>, at: At, groups: &[String]) {
        for code in groups.iter().filter(|code| table.get_ref().group(code).is_none()) {
            let code = code.clone();
            let unknown = move |lang| lang::campaigns::unknown_code(lang, &code);
            self.inside(table, at, "groups", unknown);
        }
    }

    fn check_inner_words(
        &mut self,
        table: &Spanned<Campaign>,
        at: At,
        words: &[(&str, Option<&Words>)],
    ) {
        for (key, words) in words {
            if words.is_some_and(|words| words.vi.trim().is_empty()) {
                self.inside(table, at, key, lang::packs::no_vietnamese);
            }
        }
    }

    /// Notes a mistake at a key of a table inside a campaign.
    fn inside<S: Into<String>>(
        &mut self,
        table: &Spanned<Campaign>,
        (list, at): At,
        key: &str,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        let bytes = self.files.get(FILE).unwrap_or_default();
        let start = table.span().start;
        let rest = bytes.get(start..).unwrap_or_default();
        let rest: Vec<String> = rest
            .split(|byte| *byte == b'\n')
            .map(|line| String::from_utf8_lossy(line).trim().to_owned())
            .collect();
        let head = format!("[[campaigns.{list}]]");
        let end = rest.iter().skip(1).position(|line| line == "[[campaigns]]");
        let own = rest.iter().take(end.map_or(rest.len(), |end| end + 1));
        let mut heads = own.clone().enumerate().filter(|(_, line)| **line == head);
        // A list that is written in one line has its mistakes there.
        let Some((first, _)) = heads.nth(at) else { return self.mistake(FILE, table, list, say) };
        let is_key = |line: &&String| {
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let mut keys = own.skip(first + 1).take_while(|line| !line.starts_with("[["));
        let offset = keys.position(|line| is_key(&line)).map_or(0, |at| at + 1);
        let line = line_of(bytes, start) + first + offset;
        self.errors
            .push(FieldError { place: format!("{FILE}:{line} {key}"), text: Text::new(say) });
    }
}

/// The months of a period, counted through the years, as far as its code tells them.
struct Months {
    first: i32,
    last: i32,
}

impl Months {
    /// Reads `2022`, `2022-H1`, `2022-9M`, `2022-Q2`, `2022-06`, each after the prefix of a calendar.
    fn read(code: &str) -> Option<Self> {
        let digits = code.find(|c: char| c.is_ascii_digit())?;
        let rest = &code[digits..];
        let (year, part) =
            rest.split_once('-').map_or((rest, None), |(year, part)| (year, Some(part)));
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let year: i32 = year.parse().ok().filter(|_| is_year)?;
        let (first, last) = match part {
            None => (1, 12),
            Some("H1") => (1, 6),
            Some("H2") => (7, 12),
            Some("9M") => (1, 9),
            Some("Q1") => (1, 3),
            Some("Q2") => (4, 6),
            Some("Q3") => (7, 9),
            Some("Q4") => (10, 12),
            Some(month) if month.len() == 2 => {
                let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
                (month, month)
            }
            Some(_) => return None,
        };
        Some(Self { first: year * 12 + first, last: year * 12 + last })
    }
}

/// What stands before the digits of the year.
fn prefix(code: &str) -> &str {
    code.find(|c: char| c.is_ascii_digit()).map_or(code, |digits| &code[..digits])
}
