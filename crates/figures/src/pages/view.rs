//! What every page of figures stands on: the map of a day, the definitions, and what was known.

use std::sync::Arc;

use base::{Day, Error, FieldError, Result, short_day};
use lang::{Lang, Text};
use packs::{Calendar, Catalogue, Indicator};
use store::Tx;
use territory::{Level, Territory, UnitId, Version};
use web::{Ground, Notice, Standing};

use crate::approvals::{Approvals, approvals_of};
use crate::period::end_of;
use crate::{Answer, Desk, Figure, Period, Question, period};

/// Quarters that a series shows.
pub(crate) const QUARTERS: usize = 8;

/// The transaction of one request with all that its page asks.
pub(crate) struct View {
    pub(crate) lang: Lang,
    pub(crate) tx: Tx,
    pub(crate) desk: Desk,
    pub(crate) territory: Arc<Territory>,
    pub(crate) catalogue: Arc<Catalogue>,
    /// The day whose map the figures stand on.
    pub(crate) day: Day,
    pub(crate) today: Day,
    /// Only what was recorded by the end of this day, or so far when it is today.
    pub(crate) known: Option<Day>,
    /// Whether figures may hold data that was made up to show the program.
    pub(crate) made_up: bool,
    /// What was asked and cannot be read; today's map and what is known now stand in its place.
    pub(crate) wrong: Vec<FieldError>,
}

impl View {
    /// Opens the map of a day (today's by default) as it was known at the end of another; today,
    /// as it is known so far.
    ///
    /// Errors: `Invalid` at `map` or `known`; nobody knows what will be known on a day to come.
    pub(crate) async fn open(
        desk: &Desk,
        lang: Lang,
        map: Option<&str>,
        known: Option<&str>,
    ) -> Result<Self> {
        let view = Self::open_anyway(desk, lang, map, known).await?;
        if view.wrong.is_empty() { Ok(view) } else { Err(Error::Invalid(view.wrong)) }
    }

    /// Like [`Self::open`], for a page that shows its form again with what is wrong.
    pub(crate) async fn open_anyway(
        desk: &Desk,
        lang: Lang,
        map: Option<&str>,
        known: Option<&str>,
    ) -> Result<Self> {
        let today = desk.clock().today();
        let mut wrong = Vec::new();
        let day = taken(read_day("map", map), &mut wrong)?.flatten().unwrap_or(today);
        let mut known = taken(read_day("known", known), &mut wrong)?.flatten();
        if known.is_some_and(|known| known > today) {
            let text = Text::new(lang::figures::known_to_come);
            wrong.push(FieldError { place: "known".to_owned(), text });
            known = None;
        }
        let mut tx = desk.database().read().await?;
        let territory = desk.atlas.territory(&mut tx).await?;
        let catalogue = desk.catalogue(&mut tx).await?;
        let made_up = desk.shows_made_up(&mut tx).await?;
        let desk = desk.clone();
        Ok(Self { lang, tx, desk, territory, catalogue, day, today, known, made_up, wrong })
    }

    /// The question for an indicator in these periods.
    pub(crate) fn question(&self, indicator: &Indicator, periods: &[Period]) -> Question {
        Question {
            indicator: indicator.code.clone(),
            periods: periods.to_vec(),
            map: self.day,
            known: self.known.map(end_of),
        }
    }

    /// The figures of an indicator for every unit of the map.
    pub(crate) async fn ask(
        &mut self,
        indicator: &Indicator,
        periods: &[Period],
    ) -> Result<Answer> {
        let question = self.question(indicator, periods);
        crate::ask(&mut self.tx, &self.desk.atlas, &self.catalogue, &question).await
    }

    /// How far the figures of an indicator have come in these periods, by unit of the map.
    pub(crate) async fn approvals(
        &mut self,
        indicator: &Indicator,
        periods: &[Period],
    ) -> Result<Approvals> {
        let known = match self.known {
            Some(known) => Some(journal::seq_known_at(&mut self.tx, end_of(known)).await?),
            None => None,
        };
        let (catalogue, atlas) = (self.catalogue.clone(), self.desk.atlas.clone());
        let asked = (indicator, periods);
        approvals_of(&mut self.tx, (&atlas, self.day), &catalogue, asked, known).await
    }

    /// The calendar of a code; none for the civil one.
    ///
    /// Errors: `Invalid` at `periods`.
    pub(crate) fn calendar(&self, code: Option<&str>) -> Result<Option<&Calendar>> {
        let calendars = self.catalogue.calendars();
        match code.filter(|code| !code.is_empty()) {
            None => Ok(calendars.into_iter().find(|calendar| calendar.opens_on == 1)),
            Some(code) => {
                let found = calendars.into_iter().find(|calendar| calendar.code == code);
                let found =
                    found.ok_or_else(|| Error::invalid("periods", lang::indicator::no_calendar))?;
                Ok(Some(found))
            }
        }
    }

    /// A period by its code.
    ///
    /// Errors: `Invalid` at `period`, also when it has not begun: a level from before would stand
    /// there as if somebody knew.
    pub(crate) fn period(&self, code: &str) -> Result<Period> {
        begun(Period::parse(code, &self.catalogue.calendars())?, self.today)
    }

    /// The last quarters that are over, oldest first.
    pub(crate) fn quarters(&self, calendar: Option<&Calendar>) -> Vec<Period> {
        Period::last_quarters(calendar, self.today, QUARTERS)
    }

    /// See [`Answer::top`].
    pub(crate) fn top(&self, answer: &Answer) -> Option<&Version> {
        answer.top(&self.territory)
    }

    /// The units of a level under one, with their figures, that somebody reports for.
    pub(crate) fn reported<'a>(
        &'a self,
        answer: &Answer,
        under: Option<UnitId>,
        level: Level,
        at: usize,
    ) -> Vec<(&'a Version, Figure)> {
        let units = self.territory.under(under, answer.map, level).into_iter();
        units
            .map(|version| (version, answer.get(version.unit, at)))
            .filter(|(_, figure)| figure.expected > 0 || figure.numerator.is_some())
            .collect()
    }

    /// Says that a period is not over.
    pub(crate) fn running_notice(&self, period: &Period) -> Option<Notice> {
        let runs = period.days.to > self.today;
        runs.then(|| Notice::Note(lang::figures::period_runs(self.lang).to_owned()))
    }

    /// Says that only what was known by a day counts, if it was asked so.
    pub(crate) fn known_notice(&self) -> Option<Notice> {
        let known = self.known?;
        Some(Notice::Note(match known < self.today {
            true => lang::indicator::as_known(self.lang, short_day(known)),
            false => lang::indicator::as_known_so_far(self.lang, short_day(known)),
        }))
    }

    /// Where a page with figures up to the end of a period stands.
    pub(crate) fn standing(&self, period: Option<&Period>) -> Ground {
        let day = period.map_or(self.today, |period| period.days.last().min(self.today));
        let standing = Standing { map: self.day, day, made_up: self.made_up };
        let mut ground = standing.words(self.lang);
        ground.lines.extend(self.known.map(|known| match known < self.today {
            true => lang::figures::ground_known(self.lang, short_day(known)),
            false => lang::figures::ground_known_so_far(self.lang).to_owned(),
        }));
        ground
    }

    /// The last day before the last merger and the day to show the map after it by; none when
    /// nothing was merged.
    pub(crate) fn maps(&self) -> Option<(Day, Day)> {
        let (eve, first) = territory::pages::important_days(&self.territory)?;
        Some((eve, first.max(self.today)))
    }
}

/// The period, if it has begun.
///
/// Errors: `Invalid` at `period`.
pub(crate) fn begun(period: Period, today: Day) -> Result<Period> {
    match period.days.from <= today {
        true => Ok(period),
        false => Err(Error::invalid("period", lang::figures::period_to_come)),
    }
}

/// The value, or its mistakes put to the others; what is no mistake of the reader's passes.
pub(crate) fn taken<T>(read: Result<T>, wrong: &mut Vec<FieldError>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Error::Invalid(errors)) => {
            wrong.extend(errors);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// Reads a day of the query.
///
/// Errors: `Invalid` at the parameter's name.
pub(crate) fn read_day(name: &'static str, text: Option<&str>) -> Result<Option<Day>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let day = text.map(|text| {
        let day = text.parse().ok().filter(|day| period::can_be_asked(*day));
        day.ok_or_else(|| Error::invalid(name, lang::error::bad_day))
    });
    day.transpose()
}
