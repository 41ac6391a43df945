//! Reading a pack and naming each mistake with its file and line.

use std::collections::{BTreeMap, BTreeSet};

use base::{Day, Error, FieldError, Result};
use lang::{Lang, Text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::{
    Calendar, Catalogue, Check, Claim, Header, Indicator, Measure, PackFiles, UnitOfCount, Words,
};

/// A pack whose definitions were checked.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Name, version, title.
    pub header: Header,
    /// Units of count.
    pub counts: Vec<UnitOfCount>,
    /// Measures.
    pub measures: Vec<Measure>,
    /// Indicators.
    pub indicators: Vec<Indicator>,
    /// Published figures.
    pub claims: Vec<Claim>,
    /// Calendars of reporting periods.
    pub calendars: Vec<Calendar>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountsFile {
    counts: Vec<Spanned<UnitOfCount>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasuresFile {
    measures: Vec<Spanned<Measure>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndicatorsFile {
    indicators: Vec<Spanned<Indicator>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimsFile {
    claims: Vec<Spanned<Claim>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarsFile {
    calendars: Vec<Spanned<Calendar>>,
}

/// The prefix of a calendar has at most so many letters.
const LONGEST_PREFIX: usize = 8;

/// Reads and checks a pack. `known` holds what other packs declare.
///
/// Errors: `Invalid` with every mistake found, each at `file:line key`.
pub fn read(files: &PackFiles, known: &Catalogue) -> Result<Pack> {
    let mut reader = Reader { files, errors: Vec::new() };
    let Some(header) = reader.header() else { return Err(Error::Invalid(reader.errors)) };
    let counts = reader.list("counts.toml", |file: CountsFile| file.counts);
    let measures = reader.list("measures.toml", |file: MeasuresFile| file.measures);
    let indicators = reader.list("indicators.toml", |file: IndicatorsFile| file.indicators);
    let claims = reader.list("claims.toml", |file: ClaimsFile| file.claims);
    let calendars = reader.list("calendars.toml", |file: CalendarsFile| file.calendars);
    reader.check_codes("counts.toml", "code", &counts, |count| &count.code);
    reader.check_codes("measures.toml", "code", &measures, |measure| &measure.code);
    reader.check_codes("indicators.toml", "code", &indicators, |indicator| &indicator.code);
    reader.check_codes("claims.toml", "id", &claims, |claim| &claim.id);
    reader.check_codes("calendars.toml", "code", &calendars, |calendar| &calendar.code);
    for table in &counts {
        reader.check_words("counts.toml", table, &[("name", &table.get_ref().name)]);
    }
    for table in &measures {
        let it = table.get_ref();
        let words = [("name", &it.name), ("definition", &it.definition)];
        reader.check_words("measures.toml", table, &words);
    }
    for table in &indicators {
        let it = table.get_ref();
        let words =
            [("name", &it.name), ("definition", &it.definition), ("document", &it.document)];
        reader.check_words("indicators.toml", table, &words);
        reader.check_wanted(table);
    }
    reader.check_indicators(&indicators, &measures, known);
    for claim in &claims {
        reader.check_claim(claim);
    }
    let own: BTreeSet<&str> = counts.iter().map(|count| count.get_ref().code.as_str()).collect();
    let is_declared = |code: &str| own.contains(code) || known.count(code).is_some();
    reader.check_counted("measures.toml", &measures, is_declared, |it| {
        vec![("counted", it.counted.as_str())]
    });
    reader.check_counted("claims.toml", &claims, is_declared, Claim::units_of_count);
    reader.check_calendars(&calendars);
    if reader.errors.is_empty() {
        Ok(Pack {
            header,
            counts: plain(counts),
            measures: plain(measures),
            indicators: plain(indicators),
            claims: plain(claims),
            calendars: plain(calendars),
        })
    } else {
        Err(Error::Invalid(reader.errors))
    }
}

fn plain<T>(list: Vec<Spanned<T>>) -> Vec<T> {
    list.into_iter().map(Spanned::into_inner).collect()
}

struct Reader<'a> {
    files: &'a PackFiles,
    errors: Vec<FieldError>,
}

impl Reader<'_> {
    fn header(&mut self) -> Option<Header> {
        if self.files.get("pack.toml").is_none() {
            let folder = self.files.folder.clone();
            self.errors.push(FieldError {
                place: format!("{folder}/pack.toml"),
                text: Text::new(lang::packs::no_header),
            });
            return None;
        }
        let header: Spanned<Header> = self.file("pack.toml")?;
        let name = &header.get_ref().name;
        if !is_code(name) {
            self.mistake("pack.toml", &header, "name", lang::packs::bad_code);
        }
        self.check_words("pack.toml", &header, &[("title", &header.get_ref().title)]);
        Some(header.into_inner())
    }

    /// A file's list; empty when the pack has no such file or it could not be read.
    fn list<F: DeserializeOwned, T>(&mut self, name: &str, list: impl Fn(F) -> Vec<T>) -> Vec<T> {
        self.file(name).map(list).unwrap_or_default()
    }

    fn file<F: DeserializeOwned>(&mut self, name: &str) -> Option<F> {
        let bytes = self.files.get(name)?;
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let line = line_of(bytes, error.valid_up_to());
                self.errors.push(FieldError {
                    place: format!("{name}:{line}"),
                    text: Text::new(lang::packs::not_utf8),
                });
                return None;
            }
        };
        match toml::from_str(text) {
            Ok(file) => Some(file),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(bytes, span.start));
                let reason = error.message().to_owned();
                self.errors.push(FieldError {
                    place: format!("{name}:{line}"),
                    text: Text::new(move |lang| lang::packs::bad_toml(lang, &reason)),
                });
                None
            }
        }
    }

    /// Notes a mistake at the line of `key` inside the table.
    fn mistake<T, S: Into<String>>(
        &mut self,
        file: &str,
        table: &Spanned<T>,
        key: &str,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        let bytes = self.files.get(file).unwrap_or_default();
        let start = table.span().start;
        let mut line = line_of(bytes, start);
        // The span of `[[table]]` is that of its head; its keys follow up to the next head.
        let rest = bytes.get(start..).unwrap_or_default().split(|byte| *byte == b'\n');
        for (offset, text) in rest.enumerate() {
            let text = String::from_utf8_lossy(text);
            let text = text.trim_start();
            if offset > 0 && text.starts_with('[') {
                break;
            }
            if text.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
                line += offset;
                break;
            }
        }
        self.errors
            .push(FieldError { place: format!("{file}:{line} {key}"), text: Text::new(say) });
    }

    fn check_codes<T>(
        &mut self,
        file: &str,
        key: &str,
        list: &[Spanned<T>],
        code: impl Fn(&T) -> &String,
    ) {
        let mut seen = BTreeMap::new();
        for table in list {
            let code = code(table.get_ref()).clone();
            if !is_code(&code.to_ascii_lowercase()) {
                self.mistake(file, table, key, lang::packs::bad_code);
            }
            if seen.insert(code.clone(), ()).is_some() {
                self.mistake(file, table, key, move |lang| lang::packs::twice(lang, &code));
            }
        }
    }

    /// What is counted in has a name that somebody declared.
    fn check_counted<T>(
        &mut self,
        file: &str,
        list: &[Spanned<T>],
        is_declared: impl Fn(&str) -> bool,
        named: impl Fn(&T) -> Vec<(&'static str, &str)>,
    ) {
        for table in list {
            let unknown = named(table.get_ref()).into_iter().filter(|(_, code)| !is_declared(code));
            for (key, code) in unknown.collect::<BTreeSet<_>>() {
                let code = code.to_owned();
                self.mistake(file, table, key, move |lang| lang::packs::unknown_count(lang, &code));
            }
        }
    }

    /// Whatever people read is there in Vietnamese.
    fn check_words<T>(&mut self, file: &str, table: &Spanned<T>, words: &[(&str, &Words)]) {
        for (key, words) in words {
            if words.vi.trim().is_empty() {
                self.mistake(file, table, key, lang::packs::no_vietnamese);
            }
        }
    }

    /// What a document demands is a number, for days that can be.
    fn check_wanted(&mut self, table: &Spanned<Indicator>) {
        const FILE: &str = "indicators.toml";
        let it = table.get_ref();
        let number = it.wanted.as_deref().map(scaled_percent);
        let is_whole = it.wanted.as_ref().is_none_or(|wanted| !wanted.contains('.'));
        if number == Some(None) || (it.denominator.is_none() && !is_whole) {
            self.mistake(FILE, table, "wanted", lang::packs::bad_wanted);
        }
        let from = it.wanted_from.as_ref().map(|day| day.parse::<Day>());
        let until = it.wanted_until.as_ref().map(|day| day.parse::<Day>());
        for (key, day) in [("wanted_from", &from), ("wanted_until", &until)] {
            match day {
                Some(_) if it.wanted.is_none() => {
                    self.mistake(FILE, table, key, lang::packs::nothing_wanted);
                }
                Some(Err(_)) => self.mistake(FILE, table, key, lang::error::bad_day),
                _ => {}
            }
        }
        if let (Some(Ok(from)), Some(Ok(until))) = (from, until)
            && until < from
        {
            self.mistake(FILE, table, "wanted_until", lang::packs::ends_before);
        }
    }

    /// A prefix tells the periods of one calendar from those of all others; it stands before the
    /// digits of the year. Without one are the periods that begin with the month, which everybody
    /// takes for granted.
    fn check_calendars(&mut self, calendars: &[Spanned<Calendar>]) {
        const FILE: &str = "calendars.toml";
        let mut seen = BTreeSet::new();
        for table in calendars {
            let it = table.get_ref();
            self.check_words(FILE, table, &[("name", &it.name), ("document", &it.document)]);
            if !(1..=28).contains(&it.opens_on) {
                self.mistake(FILE, table, "opens_on", lang::packs::bad_opening);
            }
            let letters = it.prefix.bytes().all(|byte| byte.is_ascii_uppercase());
            let is_short = it.prefix.len() <= LONGEST_PREFIX;
            if !letters || !is_short || (it.prefix.is_empty() && it.opens_on != 1) {
                self.mistake(FILE, table, "prefix", lang::packs::bad_prefix);
            }
            if !seen.insert(&it.prefix) {
                let prefix = it.prefix.clone();
                self.mistake(FILE, table, "prefix", move |lang| lang::packs::twice(lang, &prefix));
            }
        }
    }

    fn check_indicators(
        &mut self,
        indicators: &[Spanned<Indicator>],
        measures: &[Spanned<Measure>],
        known: &Catalogue,
    ) {
        const FILE: &str = "indicators.toml";
        let find = |code: &str| {
            let own = measures.iter().map(Spanned::get_ref).find(|measure| measure.code == code);
            own.or_else(|| known.measure(code).map(|measure| &measure.definition))
        };
        for table in indicators {
            let indicator = table.get_ref();
            let parts = [
                ("numerator", Some(&indicator.numerator)),
                ("denominator", indicator.denominator.as_ref()),
            ];
            let mut found = Vec::new();
            for (key, code) in parts {
                let Some(code) = code.cloned() else { continue };
                match find(&code) {
                    Some(measure) => found.push(measure),
                    None => self.mistake(FILE, table, key, move |lang| {
                        lang::packs::unknown_measure(lang, &code)
                    }),
                }
            }
            if let [above, below] = found[..] {
                if above.code == below.code {
                    self.mistake(FILE, table, "denominator", lang::packs::same_measure);
                } else if above.counted != below.counted {
                    let (above, below) = (above.counted.clone(), below.counted.clone());
                    self.mistake(FILE, table, "denominator", move |lang| {
                        lang::packs::mixed_counts(
                            lang,
                            lang::packs::MixedCounts { above: &above, below: &below },
                        )
                    });
                } else if above.nature != below.nature {
                    self.mistake(FILE, table, "denominator", lang::packs::mixed_natures);
                }
            }
            if indicator.decimals > 4 {
                self.mistake(FILE, table, "decimals", lang::packs::bad_decimals);
            }
            if !["hamlet", "commune", "district", "province"]
                .contains(&indicator.reported_by.as_str())
            {
                self.mistake(FILE, table, "reported_by", lang::packs::bad_level);
            }
        }
    }

    fn check_claim(&mut self, table: &Spanned<Claim>) {
        const FILE: &str = "claims.toml";
        let claim = table.get_ref();
        for (key, day) in [("said_on", &claim.said_on), ("unit_on", &claim.unit_on)] {
            if day.parse::<Day>().is_err() {
                self.mistake(FILE, table, key, lang::error::bad_day);
            }
        }
        let lacks = match claim.check {
            Check::Ratio if claim.claimed_percent.is_none() => Some("claimed_percent"),
            Check::Ratio if claim.numerator.is_none() => Some("numerator"),
            Check::Ratio if claim.denominator.is_none() => Some("denominator"),
            Check::Shares if claim.shares.is_empty() => Some("shares"),
            Check::UnitOfCount if claim.claimed_counted.is_none() => Some("claimed_counted"),
            Check::Equality if claim.terms.is_empty() => Some("terms"),
            Check::Equality if claim.total.is_none() => Some("total"),
            _ => None,
        };
        if let Some(key) = lacks {
            self.mistake(FILE, table, key, lang::packs::lacking);
        }
        let words = [
            ("title", &claim.title),
            ("said", &claim.said),
            ("source", &claim.source),
            ("note", &claim.note),
        ];
        self.check_words(FILE, table, &words);
        let parts = [
            ("numerator", &claim.numerator),
            ("denominator", &claim.denominator),
            ("total", &claim.total),
        ];
        let parts = parts.into_iter().filter_map(|(key, part)| Some((key, part.as_ref()?)));
        for (key, part) in parts.chain(claim.terms.iter().map(|term| ("terms", term))) {
            self.check_words(FILE, table, &[(key, &part.name)]);
        }
        self.check_bases(table);
        if let Some(percent) = &claim.claimed_percent {
            let digits = percent.split_once('.').map_or(0, |(_, digits)| digits.len());
            if claim.decimals > 4 {
                self.mistake(FILE, table, "decimals", lang::packs::bad_decimals);
            } else if usize::try_from(claim.decimals) != Ok(digits) && digits <= 4 {
                self.mistake(FILE, table, "decimals", lang::packs::other_decimals);
            }
        }
        let percents = claim.shares.iter().map(|share| ("shares", &share.percent));
        for (key, percent) in
            percents.chain(claim.claimed_percent.iter().map(|p| ("claimed_percent", p)))
        {
            if scaled_percent(percent).is_none() {
                self.mistake(FILE, table, key, lang::packs::bad_percent);
            }
        }
    }
}

impl Reader<'_> {
    /// What the bases of shares must be is said of all of them, and why.
    fn check_bases(&mut self, table: &Spanned<Claim>) {
        const FILE: &str = "claims.toml";
        let claim = table.get_ref();
        for share in &claim.shares {
            let bases = [&share.basis, &share.basis_by_rule].into_iter().flatten();
            let words: Vec<_> = std::iter::once(&share.name).chain(bases).collect();
            let words: Vec<_> = words.into_iter().map(|words| ("shares", words)).collect();
            self.check_words(FILE, table, &words);
        }
        let by_rule = claim.shares.iter().filter(|share| share.basis_by_rule.is_some()).count();
        match &claim.basis_rule {
            Some(rule) => self.check_words(FILE, table, &[("basis_rule", rule)]),
            None if by_rule > 0 => self.mistake(FILE, table, "shares", lang::packs::no_basis_rule),
            None => {}
        }
        let is_said = by_rule > 0 || claim.basis_rule.is_some();
        if is_said && by_rule < claim.shares.len().max(1) {
            self.mistake(FILE, table, "shares", lang::packs::some_bases_by_rule);
        }
    }
}

/// "47.58" as hundredths of a hundredth: 475800. None when it is not a plain decimal number.
pub(crate) fn scaled_percent(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) || decimals.len() > 4 {
        return None;
    }
    format!("{whole}{decimals:0<4}").parse().ok()
}

fn is_code(text: &str) -> bool {
    let good = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
    };
    (1..=60).contains(&text.len()) && text.bytes().all(good)
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

impl Claim {
    /// A published percentage as a whole number of 1/10,000 of a percent.
    #[must_use]
    pub fn scaled(percent: &str) -> Option<i64> {
        scaled_percent(percent)
    }
}
