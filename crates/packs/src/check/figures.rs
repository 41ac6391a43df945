//! Checking indicators and calendars.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::Reader;
use crate::{Calendar, Catalogue, Indicator, Measure};

/// The prefix of a calendar has at most so many letters.
const LONGEST_PREFIX: usize = 8;
/// A number below 2 hides nothing.
const THRESHOLDS: std::ops::RangeInclusive<i64> = 2..=1000;
/// Levels of units that report or are to reach something.
pub(super) const LEVELS: [&str; 4] = ["hamlet", "commune", "district", "province"];

impl Reader<'_> {
    /// A prefix tells the periods of one calendar from those of all others; it stands before the
    /// digits of the year. Without one are the periods that begin with the month, which everybody
    /// takes for granted.
    pub(super) fn check_calendars(&mut self, calendars: &[Spanned<Calendar>]) {
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

    /// A threshold hides something and not everything; a sum is one of measures that count the
    /// same, and that units of the same level report.
    pub(super) fn check_protection(
        &mut self,
        measures: &[Spanned<Measure>],
        indicators: &[Spanned<Indicator>],
        known: &Catalogue,
    ) {
        let level = |code: &str| {
            let own = indicators.iter().map(Spanned::get_ref);
            let own = own.filter(|it| it.measures().any(|measure| measure == code));
            let own = own.map(|it| it.reported_by.as_str()).next();
            own.or_else(|| known.reported_by(code))
        };
        const FILE: &str = "measures.toml";
        for table in measures {
            let it = table.get_ref();
            if it.threshold().is_some_and(|threshold| !THRESHOLDS.contains(&threshold)) {
                self.mistake(FILE, table, "protected", lang::packs::bad_threshold);
            }
            for code in &it.sum_of {
                let own = measures.iter().map(Spanned::get_ref).find(|own| own.code == *code);
                let part = own.or_else(|| known.measure(code).map(|known| &known.definition));
                let fits = part.is_some_and(|part| {
                    part.code != it.code && (&part.counted, part.nature) == (&it.counted, it.nature)
                });
                if !fits {
                    let code = code.clone();
                    let text = move |lang| lang::packs::bad_sum(lang, &code);
                    self.mistake(FILE, table, "sum_of", text);
                }
                // What is left of a sum is looked at unit by unit.
                let levels = level(&it.code).zip(level(code));
                if fits && levels.is_some_and(|(whole, part)| whole != part) {
                    let code = code.clone();
                    let text = move |lang| lang::packs::bad_sum_level(lang, &code);
                    self.mistake(FILE, table, "sum_of", text);
                }
            }
        }
    }

    pub(super) fn check_indicators(
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
            if !LEVELS.contains(&indicator.reported_by.as_str()) {
                self.mistake(FILE, table, "reported_by", lang::packs::bad_level);
            }
        }
    }

    /// A measure is reported by units of one level, whatever indicator uses it.
    pub(super) fn check_levels(&mut self, indicators: &[Spanned<Indicator>]) {
        let mut levels = BTreeMap::<&str, &Indicator>::new();
        for table in indicators {
            let indicator = table.get_ref();
            for code in indicator.measures() {
                let first = *levels.entry(code).or_insert(indicator);
                if first.reported_by != indicator.reported_by {
                    let (code, other) = (code.to_owned(), first.code.clone());
                    self.mistake("indicators.toml", table, "reported_by", move |lang| {
                        let (code, other) = (&code, &other);
                        lang::packs::levels_differ(lang, lang::packs::LevelsDiffer { code, other })
                    });
                }
            }
        }
    }
}
