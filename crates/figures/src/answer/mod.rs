//! Answering "this indicator, these units, these periods, on the map of that day, as known then".

mod contributions;
mod places;
mod spans;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use base::{Day, Error, Moment, Result, percent};
use journal::{EntriesBehind, MeasureId, Sums};
use packs::{Catalogue, Indicator, Nature};
use store::Tx;
use territory::{Atlas, BasisMap, Landing, Territory, UnitId, Version, apportion};

pub(crate) use self::contributions::Contribution;
use self::spans::Span;
use crate::Period;
use crate::protection::{self, Guard, Sight, is_protected, shows_few_people};

pub(crate) use self::contributions::Sheet;
pub(crate) use self::places::{How, Place, Places, places_of};

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
    /// Who looks: small numbers of protected measures are hidden from most.
    pub sight: Sight,
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
    /// How many of the units that report it have reported all that the period needs; a level
    /// reported earlier still counts, but its unit has not reported.
    pub reported: u32,
    /// How many units report it.
    pub expected: u32,
    /// Whether there is a number that may not be shown, because something about few people could
    /// be computed from it.
    pub hidden: bool,
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

    /// Whether a part is larger than the whole that it is a part of: one of the two was counted or
    /// reported wrongly.
    #[must_use]
    pub fn above_whole(&self) -> bool {
        self.numerator.zip(self.denominator).is_some_and(|(above, below)| above > below)
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
    /// The day of the map.
    pub(crate) map: Day,
    periods: usize,
    figures: Vec<Figure>,
}

impl Answer {
    /// The figure of a unit in the period of that place; an empty one for a place that was not asked.
    #[must_use]
    pub fn get(&self, unit: UnitId, period: usize) -> Figure {
        let at = usize::try_from(unit.0).unwrap_or(usize::MAX).saturating_mul(self.periods);
        let figure = self.figures.get(at.saturating_add(period));
        figure.filter(|_| period < self.periods).copied().unwrap_or_default()
    }

    /// How many figures have a number.
    fn count(&self) -> usize {
        self.figures.iter().filter(|figure| figure.numerator.is_some()).count()
    }

    /// The figures of a unit in all periods.
    pub(crate) fn all(&self, unit: UnitId) -> impl Iterator<Item = Figure> {
        (0..self.periods).map(move |period| self.get(unit, period))
    }

    /// The province of the map that most of the reporting units lie in; of several the first in
    /// Vietnamese order.
    #[must_use]
    pub fn top<'a>(&self, territory: &'a Territory) -> Option<&'a Version> {
        // Units that began lately report nothing of the first periods.
        let weight = |version: &&Version| {
            self.all(version.unit).map(|figure| (figure.expected, figure.reported)).max()
        };
        territory
            .children(None, self.map)
            .reduce(|best, next| if weight(&next) > weight(&best) { next } else { best })
    }
}

/// Answers for every unit of the map.
///
/// A share counts only the units that reported both of its parts, so that numerator and
/// denominator stand on the same reporters. A flow counts only what was reported for days of the
/// period. A level that a unit reported before it was merged stands for its successor until that
/// reports one of its own.
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
    let loaded = Loaded::new(tx, catalogue, indicator, question).await?;
    let guard = match question.sight {
        Sight::Full => None,
        Sight::Public => Guard::load(tx, catalogue, &territory, indicator).await?,
    };
    // What was known before could be compared with what is known now.
    let of_another_day = guard.is_some() && !knows_all(tx, question).await?;
    let mut answer = roll_up(&loaded, &territory, &map, question, guard.as_ref());
    if of_another_day {
        answer.figures.iter_mut().for_each(Figure::hide);
    }
    if question.sight == Sight::Full && shows_few_people(catalogue, &indicator.code) {
        match answer.count() {
            0 => {}
            count => protection::tell(question.in_words(), count),
        }
    }
    Ok(answer)
}

impl Question {
    /// What was asked, for the trace: "poor-khmer 2026-Q1, 2026-Q2 @ 2026-07-01".
    fn in_words(&self) -> String {
        let periods: Vec<String> = self.periods.iter().map(|period| period.code.clone()).collect();
        format!("{} {} @ {}", self.indicator, periods.join(", "), self.map)
    }
}

/// Whether all that stands in the journal counts.
async fn knows_all(tx: &mut Tx, question: &Question) -> Result<bool> {
    match known(tx, question).await? {
        Some(seq) => Ok(seq > journal::last_seq(tx).await?),
        None => Ok(true),
    }
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
///
/// Errors: `Internal` when a measure is missing; packs are refused before that can be.
pub(crate) fn measures(
    catalogue: &Catalogue,
    indicator: &Indicator,
) -> Result<([MeasureId; 2], Nature)> {
    let find = |code: &str| {
        let found = catalogue.measure(code);
        found.ok_or_else(|| Error::internal(format!("measure {code} is not defined")))
    };
    let above = find(&indicator.numerator)?;
    let below = indicator.denominator.as_deref().map(find).transpose()?.unwrap_or(above);
    Ok(([above.number, below.number], nature(catalogue, indicator)))
}

/// Whether an indicator sums up to a day or over days.
pub(crate) fn nature(catalogue: &Catalogue, indicator: &Indicator) -> Nature {
    let measure = catalogue.measure(&indicator.numerator);
    measure.map_or(Nature::Flow, |measure| measure.definition.nature)
}

/// The days over which a period sums: all up to its end for a stock, its own for a flow.
pub(crate) fn summed_days(nature: Nature, period: &Period) -> base::DayRange {
    match nature {
        Nature::Stock => base::DayRange { from: Day::MIN, to: period.days.to },
        Nature::Flow => period.days,
    }
}

/// What the database says to a question.
pub(crate) struct Loaded<'a> {
    indicator: &'a Indicator,
    sums: Sums,
    /// By period, for both measures of a flow.
    spans: Option<[Vec<Span>; 2]>,
    periods: usize,
}

impl<'a> Loaded<'a> {
    pub(crate) async fn new(
        tx: &mut Tx,
        catalogue: &Catalogue,
        indicator: &'a Indicator,
        question: &Question,
    ) -> Result<Self> {
        let (measures, nature) = measures(catalogue, indicator)?;
        let own = question.periods.iter().map(|period| period.days);
        let mut ranges: Vec<_> =
            question.periods.iter().map(|period| summed_days(nature, period)).collect();
        if nature == Nature::Stock {
            // A level holds on; whether it was reported in the period itself is asked beside.
            ranges.extend(own);
        }
        let known = known(tx, question).await?;
        let sums = journal::sums(tx, measures, &ranges, known).await?;
        let spans = match nature {
            Nature::Stock => None,
            Nature::Flow => {
                let above = spans::spans(tx, measures[0], &ranges, known).await?;
                let below = match measures[0] == measures[1] {
                    true => Vec::new(),
                    false => spans::spans(tx, measures[1], &ranges, known).await?,
                };
                Some([above, below])
            }
        };
        Ok(Self { indicator, sums, spans, periods: question.periods.len() })
    }

    pub(crate) fn sheet<'b>(
        &'b self,
        at: usize,
        period: &Period,
        territory: &'b Territory,
    ) -> Sheet<'b> {
        let spans = self.spans.as_ref().and_then(|[above, below]| {
            let above = above.get(at)?;
            Some([above, below.get(at).unwrap_or(above)])
        });
        Sheet {
            sums: &self.sums,
            period: at,
            own_days: match self.spans {
                None => self.periods + at,
                Some(_) => at,
            },
            indicator: self.indicator,
            first: period.days.from,
            last: period.days.last(),
            territory,
            spans,
        }
    }
}

async fn known(tx: &mut Tx, question: &Question) -> Result<Option<i64>> {
    match question.known {
        Some(moment) => Ok(Some(journal::seq_known_at(tx, moment).await?)),
        None => Ok(None),
    }
}

fn roll_up(
    loaded: &Loaded<'_>,
    territory: &Territory,
    map: &BasisMap,
    question: &Question,
    guard: Option<&Guard>,
) -> Answer {
    let periods = question.periods.len();
    let last = territory.units().last().map_or(0, |unit| unit.id.0);
    let size = usize::try_from(last + 1).unwrap_or_default() * periods;
    let mut answer = Answer { map: question.map, periods, figures: vec![Figure::default(); size] };
    let is_share = loaded.indicator.denominator.is_some();
    for (at, period) in question.periods.iter().enumerate() {
        let sheet = loaded.sheet(at, period, territory);
        count_reporters(&mut answer, &sheet, map);
        let all = sheet.contributions(map.day());
        for given in all.iter().copied() {
            match map.landings(given.lies_on) {
                [] => {}
                [one] => {
                    for above in std::iter::once(&one.unit).chain(map.ancestors(one.unit)) {
                        let figure = answer.at(*above, at);
                        figure.add(given.parts, is_share);
                        figure.estimated |= !one.exact || given.divided;
                    }
                }
                several => answer.divide(map, several, at, given, is_share),
            }
        }
        if let Some(guard) = guard {
            guard.hide(&mut answer, &sheet, map, &all);
        }
    }
    answer
}

/// Counts who should report a period, and who has, each at every unit of the map on which its
/// numbers lie.
fn count_reporters(answer: &mut Answer, sheet: &Sheet<'_>, map: &BasisMap) {
    let mut touched = Vec::new();
    for reporter in sheet.reporters() {
        let has_reported = u32::from(sheet.has_reported(reporter.id.0));
        touched.clear();
        for landing in map.landings(reporter.id) {
            touched.push(landing.unit);
            touched.extend(map.ancestors(landing.unit));
        }
        touched.sort_unstable();
        touched.dedup();
        for unit in &touched {
            let figure = answer.at(*unit, sheet.period);
            figure.expected += 1;
            figure.reported += has_reported;
        }
    }
}

impl Answer {
    fn at(&mut self, unit: UnitId, period: usize) -> &mut Figure {
        let at = usize::try_from(unit.0).unwrap_or_default() * self.periods + period;
        &mut self.figures[at]
    }

    pub(crate) fn hide(&mut self, unit: UnitId, period: usize) {
        self.at(unit, period).hide();
    }

    pub(crate) fn hide_all(&mut self, period: usize) {
        let of_period = self.figures.iter_mut().skip(period).step_by(self.periods.max(1));
        of_period.for_each(Figure::hide);
    }

    /// Divides the parts of a unit that was split. What holds all its pieces again is exact.
    fn divide(
        &mut self,
        map: &BasisMap,
        landings: &[Landing],
        period: usize,
        given: Contribution,
        is_share: bool,
    ) {
        let (above, below) = given.parts;
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
            self.at(unit, period).estimated |= count < landings.len() || given.divided;
        }
    }
}

impl Figure {
    fn hide(&mut self) {
        self.hidden |= self.numerator.is_some();
        (self.numerator, self.denominator) = (None, None);
    }

    /// Counts are bounded where they are reported, so sums of all units stay far from the end.
    fn add(&mut self, (above, below): (i64, i64), is_share: bool) {
        self.numerator = Some(self.numerator.unwrap_or_default().saturating_add(above));
        if is_share {
            self.denominator = Some(self.denominator.unwrap_or_default().saturating_add(below));
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

/// Whether somebody may see the single reports behind an indicator.
///
/// Errors: `figures.protected` is `Refused`.
pub(crate) fn check_reports(
    catalogue: &Catalogue,
    indicator: &Indicator,
    sight: Sight,
) -> Result<()> {
    let is_one = indicator.measures().any(|code| is_protected(catalogue, code));
    protection::check(sight, is_one)
}

/// Which entries make up a part of a figure: those of every reporter that lands in the unit, or
/// below it, in the first period of the question.
///
/// Errors: those of [`ask`]; `figures.protected` is `Refused`: each report stands for few people.
pub async fn entries_of(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    question: &Question,
    unit: UnitId,
    part: Part,
) -> Result<EntriesBehind> {
    let indicator = find_indicator(catalogue, &question.indicator)?;
    check_reports(catalogue, indicator, question.sight)?;
    let (territory, map) = atlas.map(tx, question.map).await?;
    let loaded = Loaded::new(tx, catalogue, indicator, question).await?;
    let period = question.periods.first();
    let period = period.ok_or_else(|| Error::invalid("period", lang::figures::bad_period))?;
    let lands_there =
        |landing: &Landing| landing.unit == unit || map.ancestors(landing.unit).contains(&unit);
    let given = loaded.sheet(0, period, &territory).contributions(map.day()).into_iter();
    let mut units: Vec<i64> = given
        .filter(|given| map.landings(given.lies_on).iter().any(lands_there))
        .map(|given| given.reporter.0)
        .collect();
    units.dedup();
    let (measures, nature) = measures(catalogue, indicator)?;
    Ok(EntriesBehind {
        measure: measures[usize::from(part == Part::Denominator)],
        units,
        days: summed_days(nature, period),
        known: known(tx, question).await?,
    })
}
