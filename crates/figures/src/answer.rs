//! Answering "this indicator, these units, these periods, on the map of that day, as known then".

use std::collections::HashMap;

use base::{Day, Error, Moment, Result, percent};
use journal::{EntriesBehind, MeasureId, Sums};
use packs::{Catalogue, Indicator, Nature};
use store::Tx;
use territory::{Atlas, BasisMap, Landing, Level, Territory, UnitId, apportion};

use crate::Period;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The indicator's code.
    pub indicator: String,
    /// The periods, at most [`MOST_PERIODS`].
    pub periods: Vec<Period>,
    /// The day whose map the figures stand on.
    pub map: Day,
    /// Only what was recorded by this instant.
    pub known: Option<Moment>,
}

/// So many periods can be asked at once.
pub const MOST_PERIODS: usize = 60;

/// One figure: a unit in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// The part above the line; none when nobody reported it: no data is not zero.
    pub numerator: Option<i64>,
    /// The part below the line; none for counts.
    pub denominator: Option<i64>,
    /// Whether a part of it comes from a unit that was split, by shares.
    pub estimated: bool,
    /// How many of the units that report it have reported.
    pub reported: u32,
    /// How many units report it.
    pub expected: u32,
}

impl Figure {
    /// The value: for a count the count, for a share the percentage as a whole number of its last
    /// decimal. None without data, and for a share of nothing.
    #[must_use]
    pub fn value(&self, indicator: &Indicator) -> Option<i64> {
        match indicator.denominator {
            None => self.numerator,
            Some(_) => percent(self.numerator?, self.denominator?, indicator.decimals),
        }
    }

    /// Whether some of the units that should report have not.
    #[must_use]
    pub const fn incomplete(&self) -> bool {
        self.numerator.is_some() && self.reported < self.expected
    }
}

/// The figures of one indicator for every unit of a map.
#[derive(Clone, Debug)]
pub struct Answer {
    periods: usize,
    figures: Vec<Figure>,
}

impl Answer {
    /// The figure of a unit in the period of that place.
    #[must_use]
    pub fn get(&self, unit: UnitId, period: usize) -> Figure {
        let at = usize::try_from(unit.0).unwrap_or(usize::MAX).saturating_mul(self.periods);
        self.figures.get(at.saturating_add(period)).copied().unwrap_or_default()
    }
}

/// Answers for every unit of the map.
///
/// A share counts only the units that reported both of its parts, so that numerator and
/// denominator stand on the same reporters.
///
/// Errors: `NotFound` for an unknown indicator; `Invalid` at `periods` when there are too many.
pub async fn ask(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    question: &Question,
) -> Result<Answer> {
    let indicator = find_indicator(catalogue, &question.indicator)?;
    if question.periods.len() > MOST_PERIODS {
        return Err(Error::invalid("periods", |lang| {
            lang::figures::too_many_periods(lang, MOST_PERIODS)
        }));
    }
    let (territory, map) = atlas.map(tx, question.map).await?;
    let sums = load(tx, catalogue, indicator, question).await?;
    Ok(roll_up(&sums, &territory, &map, indicator, question.periods.len()))
}

/// An indicator by its code.
///
/// Errors: `NotFound`.
pub fn find_indicator<'a>(catalogue: &'a Catalogue, code: &str) -> Result<&'a Indicator> {
    catalogue.indicator(code).ok_or_else(|| {
        let code = code.to_owned();
        Error::not_found(move |lang| lang::figures::no_indicator(lang, &code))
    })
}

/// The numbers of an indicator's measures in the journal, and whether it sums up to a day.
pub(crate) fn measures(catalogue: &Catalogue, indicator: &Indicator) -> ([MeasureId; 2], Nature) {
    let find = |code: &str| catalogue.measure(code);
    let above = find(&indicator.numerator);
    let number = above.map(|measure| measure.number).unwrap_or_default();
    let below = indicator.denominator.as_deref().and_then(find).map(|measure| measure.number);
    let nature = above.map_or(Nature::Flow, |measure| measure.definition.nature);
    ([number, below.unwrap_or(number)], nature)
}

/// The days over which a period sums: all up to its end for a stock, its own for a flow.
pub(crate) fn summed_days(nature: Nature, period: &Period) -> base::DayRange {
    match nature {
        Nature::Stock => base::DayRange { from: Day::MIN, to: period.days.to },
        Nature::Flow => period.days,
    }
}

async fn load(
    tx: &mut Tx,
    catalogue: &Catalogue,
    indicator: &Indicator,
    question: &Question,
) -> Result<Sums> {
    let (measures, nature) = measures(catalogue, indicator);
    let ranges: Vec<_> =
        question.periods.iter().map(|period| summed_days(nature, period)).collect();
    let known = known(tx, question).await?;
    journal::sums(tx, measures, &ranges, known).await
}

async fn known(tx: &mut Tx, question: &Question) -> Result<Option<i64>> {
    match question.known {
        Some(moment) => Ok(Some(journal::seq_known_at(tx, moment).await?)),
        None => Ok(None),
    }
}

/// The two parts of a reporter in a period, if it reported all that the indicator needs.
fn parts(sums: &Sums, indicator: &Indicator, unit: i64, period: usize) -> Option<(i64, i64)> {
    let above = sums.get(0, unit, period)?;
    let below = if indicator.denominator.is_some() { sums.get(1, unit, period)? } else { 0 };
    Some((above, below))
}

fn roll_up(
    sums: &Sums,
    territory: &Territory,
    map: &BasisMap,
    indicator: &Indicator,
    periods: usize,
) -> Answer {
    let last = territory.units().last().map_or(0, |unit| unit.id.0);
    let size = usize::try_from(last + 1).unwrap_or_default() * periods;
    let mut sheet = Sheet { periods, figures: vec![Figure::default(); size] };
    let is_share = indicator.denominator.is_some();
    let reporters = Level::find(&indicator.reported_by);
    for unit in territory.units() {
        if Some(unit.level) == reporters && unit.at(map.day()).is_some() {
            for above in std::iter::once(&unit.id).chain(map.ancestors(unit.id)) {
                sheet.each(*above, |figure| figure.expected += 1);
            }
        }
    }
    for unit in 0..sums.units() {
        let landings = map.landings(UnitId(unit));
        for period in 0..periods {
            let Some(parts) = parts(sums, indicator, unit, period) else { continue };
            match landings {
                [] => {}
                [one] => {
                    let counts = territory.unit(one.unit).map(|unit| unit.level) == reporters;
                    for above in std::iter::once(&one.unit).chain(map.ancestors(one.unit)) {
                        let figure = sheet.at(*above, period);
                        figure.add(parts, is_share);
                        figure.estimated |= !one.exact;
                        figure.reported += u32::from(counts);
                    }
                }
                several => sheet.divide(map, several, period, parts, is_share),
            }
        }
    }
    Answer { periods, figures: sheet.figures }
}

struct Sheet {
    periods: usize,
    figures: Vec<Figure>,
}

impl Sheet {
    fn at(&mut self, unit: UnitId, period: usize) -> &mut Figure {
        let at = usize::try_from(unit.0).unwrap_or_default() * self.periods + period;
        &mut self.figures[at]
    }

    fn each(&mut self, unit: UnitId, change: impl Fn(&mut Figure)) {
        for period in 0..self.periods {
            change(self.at(unit, period));
        }
    }

    /// Divides the parts of a unit that was split. What holds all its pieces again is exact.
    fn divide(
        &mut self,
        map: &BasisMap,
        landings: &[Landing],
        period: usize,
        (above, below): (i64, i64),
        is_share: bool,
    ) {
        let aboves = apportion(above, landings);
        let belows = apportion(below, landings);
        let mut pieces = HashMap::<UnitId, usize>::new();
        for ((unit, above), (_, below)) in aboves.into_iter().zip(belows) {
            for unit in std::iter::once(&unit).chain(map.ancestors(unit)) {
                self.at(*unit, period).add((above, below), is_share);
                *pieces.entry(*unit).or_default() += 1;
            }
        }
        for (unit, count) in pieces {
            self.at(unit, period).estimated |= count < landings.len();
        }
    }
}

impl Figure {
    fn add(&mut self, (above, below): (i64, i64), is_share: bool) {
        self.numerator = Some(self.numerator.unwrap_or_default() + above);
        if is_share {
            self.denominator = Some(self.denominator.unwrap_or_default() + below);
        }
    }
}

/// One of the two numbers of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The one above the line, or the count itself.
    Numerator,
    /// The one below the line.
    Denominator,
}

/// Which entries make up a part of a figure: those of every reporter that lands in the unit, or
/// below it, in the first period of the question.
///
/// Errors: those of [`ask`].
pub async fn entries_of(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    question: &Question,
    unit: UnitId,
    part: Part,
) -> Result<EntriesBehind> {
    let indicator = find_indicator(catalogue, &question.indicator)?;
    let (_, map) = atlas.map(tx, question.map).await?;
    let sums = load(tx, catalogue, indicator, question).await?;
    let lands_there =
        |landing: &Landing| landing.unit == unit || map.ancestors(landing.unit).contains(&unit);
    let units = (0..sums.units())
        .filter(|reporter| parts(&sums, indicator, *reporter, 0).is_some())
        .filter(|reporter| map.landings(UnitId(*reporter)).iter().any(lands_there))
        .collect();
    let (measures, nature) = measures(catalogue, indicator);
    let period = question.periods.first();
    let period = period.ok_or_else(|| Error::invalid("period", lang::figures::bad_period))?;
    Ok(EntriesBehind {
        measure: measures[usize::from(part == Part::Denominator)],
        units,
        days: summed_days(nature, period),
        known: known(tx, question).await?,
    })
}
