//! What was ever said of the measures of a family: all numbers from which figures are summed.

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Day, DayRange, Result};
use packs::{Catalogue, Indicator, Measure, Nature};
use store::Tx;
use territory::{Territory, UnitId};

use super::Sight;
use super::family::Family;
use crate::answer::{Loaded, nature};
use crate::{Period, Question, observations};

/// What all units said of one or two measures, at every time at which somebody did.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The code of the indicator that shows it; that of a measure by itself where none does.
    pub(crate) code: String,
    /// The codes of both measures.
    pub(crate) measures: (String, Option<String>),
    pub(crate) nature: Nature,
    /// The threshold of each part; none where everybody may see it.
    pub(crate) thresholds: (Option<i64>, Option<i64>),
    pub(crate) is_share: bool,
    pub(crate) times: Vec<Time>,
}

/// What counts at one time.
#[derive(Debug)]
pub(crate) struct Time {
    /// The last day.
    pub(crate) last: Day,
    /// Both parts, by unit.
    pub(crate) said: HashMap<UnitId, (i64, i64)>,
    /// The units that said a part anew, and not at an earlier time.
    pub(crate) anew: [HashSet<UnitId>; 2],
}

/// Everything that was said of a family, and of sums that its measures are parts of.
#[derive(Debug)]
pub(crate) struct Readings {
    pub(crate) shown: Vec<Reading>,
    /// Wholes, each with its parts, as places in [`Self::shown`].
    pub(crate) sums: Vec<(usize, Vec<usize>)>,
    /// The days on which a level was said, in order.
    pub(crate) days: Vec<Day>,
}

impl Readings {
    /// Reads them, as far as they are known now.
    ///
    /// Cost: one question for each indicator of the family, over all times.
    pub(crate) async fn load(
        tx: &mut Tx,
        catalogue: &Catalogue,
        territory: &Territory,
        family: &Family,
    ) -> Result<Self> {
        let (levels, spans) = times(tx, catalogue, family).await?;
        let asking = Asking { catalogue, territory, levels: &levels, spans: &spans };
        let mut shown = Vec::new();
        for indicator in &family.indicators {
            shown.push(asking.read(tx, indicator).await?);
        }
        let mut sums = Vec::new();
        for (whole, parts) in &family.sums {
            let mut places = Vec::new();
            for measure in std::iter::once(whole).chain(parts) {
                places.push(shown.len());
                shown.push(asking.read(tx, &count_of(catalogue, measure)).await?);
            }
            if let Some((whole, parts)) = places.split_first() {
                sums.push((*whole, parts.to_vec()));
            }
        }
        let days = levels.iter().map(|days| days.last()).collect();
        Ok(Self { shown, sums, days })
    }

    /// Everybody who said something.
    pub(crate) fn units(&self) -> BTreeSet<UnitId> {
        let times = self.shown.iter().flat_map(|reading| &reading.times);
        times.flat_map(|time| time.said.keys().copied()).collect()
    }
}

/// A measure by itself, as its indicators are reported.
fn count_of(catalogue: &Catalogue, measure: &Measure) -> Indicator {
    let users = catalogue.indicators();
    let user = users.into_iter().find(|it| it.measures().any(|code| code == measure.code));
    Indicator {
        code: measure.code.clone(),
        name: measure.name.clone(),
        definition: measure.definition.clone(),
        numerator: measure.code.clone(),
        denominator: None,
        decimals: 0,
        direction: packs::Direction::None,
        document: packs::Words::default(),
        reported_by: user.map(|it| it.reported_by.clone()).unwrap_or_default(),
    }
}

/// The times at which somebody said something: for levels from one day of reports to the next,
/// for what happened the periods of the reports.
async fn times(
    tx: &mut Tx,
    catalogue: &Catalogue,
    family: &Family,
) -> Result<(Vec<DayRange>, Vec<DayRange>)> {
    let (mut days, mut spans) = (BTreeSet::new(), BTreeSet::new());
    let in_indicators = family.indicators.iter().flat_map(Indicator::measures);
    let in_sums = family.sums.iter().flat_map(|(whole, parts)| std::iter::once(whole).chain(parts));
    let codes: BTreeSet<&str> =
        in_indicators.chain(in_sums.map(|measure| measure.code.as_str())).collect();
    for measure in codes.into_iter().filter_map(|code| catalogue.measure(code)) {
        let ever = DayRange { from: Day::MIN, to: Day::MAX };
        let periods = observations::periods(tx, measure.number, ever, None).await?;
        match measure.definition.nature {
            Nature::Stock => days.extend(periods.iter().map(|period| period.last())),
            Nature::Flow => spans.extend(periods.iter().map(|period| (period.from, period.to))),
        }
    }
    let mut levels = Vec::with_capacity(days.len());
    let mut from = Day::MIN;
    for day in days {
        levels.push(DayRange { from, to: day.plus(1) });
        from = day.plus(1);
    }
    Ok((levels, spans.into_iter().map(|(from, to)| DayRange { from, to }).collect()))
}

struct Asking<'a> {
    catalogue: &'a Catalogue,
    territory: &'a Territory,
    levels: &'a [DayRange],
    spans: &'a [DayRange],
}

impl Asking<'_> {
    async fn read(&self, tx: &mut Tx, indicator: &Indicator) -> Result<Reading> {
        let nature = nature(self.catalogue, indicator);
        let days = if nature == Nature::Stock { self.levels } else { self.spans };
        let question = Question {
            indicator: indicator.code.clone(),
            periods: days.iter().map(|days| Period::of_days(*days)).collect(),
            map: Day::MAX,
            known: None,
            sight: Sight::Full,
        };
        let loaded = Loaded::new(tx, self.catalogue, indicator, &question).await?;
        let mut times = Vec::with_capacity(days.len());
        for (at, period) in question.periods.iter().enumerate() {
            let sheet = loaded.sheet(at, period, self.territory);
            let last = period.days.last();
            let mut time =
                Time { last, said: HashMap::new(), anew: [HashSet::new(), HashSet::new()] };
            for given in sheet.contributions(Day::MAX) {
                let parts = time.said.entry(given.reporter).or_default();
                parts.0 += given.parts.0;
                parts.1 += given.parts.1;
                for part in [0, 1] {
                    if sheet.is_anew(part, given.reporter.0) {
                        time.anew[part].insert(given.reporter);
                    }
                }
            }
            times.push(time);
        }
        let threshold = |code: &str| self.catalogue.measure(code)?.definition.threshold();
        let below = indicator.denominator.as_deref();
        Ok(Reading {
            code: indicator.code.clone(),
            measures: (indicator.numerator.clone(), indicator.denominator.clone()),
            nature,
            thresholds: (threshold(&indicator.numerator), below.and_then(threshold)),
            is_share: below.is_some(),
            times,
        })
    }
}
