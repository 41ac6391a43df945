//! Reading a pack and naming each mistake with its file and line.

mod campaigns;
mod claims;
mod collections;
mod dashboards;
mod figures;
mod indexes;
mod personal;
mod reports;
mod rights;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use access::grants::{Purpose, Role};
use base::{Error, FieldError, Result};
use lang::{Lang, Text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use self::collections::{Ground, Table as CollectionTable};
use crate::target::scaled;
use crate::{
    Calendar, Campaign, Catalogue, Claim, Collection, Dashboard, Header, Index, Indicator, Measure,
    PackFiles, Personal, Plan, Report, Target, UnitOfCount, Words,
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
    /// Plans.
    pub plans: Vec<Plan>,
    /// Their targets.
    pub targets: Vec<Target>,
    /// Campaigns.
    pub campaigns: Vec<Campaign>,
    /// Dashboards.
    pub dashboards: Vec<Dashboard>,
    /// Indices.
    pub indexes: Vec<Index>,
    /// Forms of reports.
    pub reports: Vec<Report>,
    /// Collections.
    pub collections: Vec<Collection>,
    /// Purposes for which personal data is looked at.
    pub purposes: Vec<Purpose>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Working days, and what the law of personal data sets.
    pub personal: Personal,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlansFile {
    plans: Vec<Spanned<Plan>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetsFile {
    targets: Vec<Spanned<Target>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CampaignsFile {
    campaigns: Vec<Spanned<Campaign>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportsFile {
    reports: Vec<Spanned<Report>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectionsFile {
    collections: Vec<CollectionTable>,
}

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
    let plans = reader.list("plans.toml", |file: PlansFile| file.plans);
    let targets = reader.list("targets.toml", |file: TargetsFile| file.targets);
    let campaigns = reader.list("campaigns.toml", |file: CampaignsFile| file.campaigns);
    let reports = reader.list("reports.toml", |file: ReportsFile| file.reports);
    let collections = reader.list("collections.toml", |file: CollectionsFile| file.collections);
    reader.check_codes("counts.toml", "code", &counts, |count| &count.code);
    reader.check_codes("measures.toml", "code", &measures, |measure| &measure.code);
    reader.check_codes("indicators.toml", "code", &indicators, |indicator| &indicator.code);
    reader.check_codes("claims.toml", "id", &claims, |claim| &claim.id);
    reader.check_codes("calendars.toml", "code", &calendars, |calendar| &calendar.code);
    reader.check_codes("plans.toml", "code", &plans, |plan| &plan.code);
    reader.check_codes("targets.toml", "code", &targets, |target| &target.code);
    reader.check_codes("campaigns.toml", "code", &campaigns, |campaign| &campaign.code);
    reader.check_codes("reports.toml", "code", &reports, |report| &report.code);
    reader.check_codes("collections.toml", "code", &collections, |it| &it.code);
    reader.check_names(&counts, &measures, &indicators);
    reader.check_protection(&measures, &indicators, known);
    reader.check_indicators(&indicators, &measures, known);
    reader.check_levels(&indicators);
    for claim in &claims {
        reader.check_claim(claim);
    }
    reader.check_units_of_count(&counts, (&measures, &claims), known);
    reader.check_calendars(&calendars);
    reader.check_plans(&plans);
    reader.check_targets(&targets, (&plans, &indicators), known);
    let own = campaigns::Own::of((&measures, &indicators), (&targets, &calendars));
    campaigns.iter().for_each(|table| reader.check_campaign(table, &own, known));
    let (purposes, roles) = reader.rights(known);
    let dashboards = reader.dashboards(&indicators, known);
    let indexes = reader.indexes(&indicators, known);
    reader.check_reports(&reports, (&indicators, &calendars), known);
    let ground =
        Ground { measures: &measures, indicators: &indicators, calendars: &calendars, known };
    reader.check_collections(&collections, &ground);
    let personal = reader.personal();
    if reader.errors.is_empty() {
        Ok(Pack {
            header,
            counts: plain(counts),
            measures: plain(measures),
            indicators: plain(indicators),
            claims: plain(claims),
            calendars: plain(calendars),
            plans: plain(plans),
            targets: plain(targets),
            campaigns: plain(campaigns),
            dashboards: plain(dashboards),
            indexes: plain(indexes),
            reports: plain(reports),
            collections: plain(collections)
                .into_iter()
                .map(|it| it.with_rules(Spanned::into_inner))
                .collect(),
            purposes,
            roles,
            personal,
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
        self.mistake_at(file, table.span().start, key, say);
    }

    /// Where the parts of a file's lists stand; nothing of a file that is not there or cannot be
    /// read, of which the reading of its list has said so.
    fn places<T: DeserializeOwned + Default>(&self, file: &str) -> T {
        let text = self.files.get(file).and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.and_then(|text| toml::from_str(text).ok()).unwrap_or_default()
    }

    /// Notes a mistake at the line of `key` inside the table that begins there, or at its first
    /// line where the key stands on it or is missing.
    fn mistake_at<S: Into<String>>(
        &mut self,
        file: &str,
        start: usize,
        key: &str,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        let bytes = self.files.get(file).unwrap_or_default();
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

    /// Measures and claims count in what this pack declares, or another.
    fn check_units_of_count(
        &mut self,
        counts: &[Spanned<UnitOfCount>],
        (measures, claims): (&[Spanned<Measure>], &[Spanned<Claim>]),
        known: &Catalogue,
    ) {
        let own: BTreeSet<&str> =
            counts.iter().map(|count| count.get_ref().code.as_str()).collect();
        let is_declared = |code: &str| own.contains(code) || known.count(code).is_some();
        self.check_counted("measures.toml", measures, is_declared, |it| {
            vec![("counted", it.counted.as_str())]
        });
        self.check_counted("claims.toml", claims, is_declared, Claim::units_of_count);
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

    fn check_names(
        &mut self,
        counts: &[Spanned<UnitOfCount>],
        measures: &[Spanned<Measure>],
        indicators: &[Spanned<Indicator>],
    ) {
        for table in counts {
            self.check_words("counts.toml", table, &[("name", &table.get_ref().name)]);
        }
        for table in measures {
            let it = table.get_ref();
            let words = [("name", &it.name), ("definition", &it.definition)];
            self.check_words("measures.toml", table, &words);
        }
        for table in indicators {
            let it = table.get_ref();
            let words =
                [("name", &it.name), ("definition", &it.definition), ("document", &it.document)];
            self.check_words("indicators.toml", table, &words);
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
}

/// "47.58" as hundredths of a hundredth: 475800. None when it is not a plain decimal number.
pub(crate) fn scaled_percent(text: &str) -> Option<i64> {
    scaled(text, 4)
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
