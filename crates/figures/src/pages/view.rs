//! What every page of figures stands on: the map of a day, the definitions, and what was known.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use base::rights::{Actor, NOBODY};
use base::{Clock, Day, Error, FieldError, Moment, Result, short_day};
use journal::{Entry, PostingRow};
use lang::Lang;
use packs::{Calendar, Catalogue, Indicator};
use store::Tx;
use territory::{Level, Territory, UnitId, Version};
use web::{Asked, Ground, Notice, Standing, Visitor};

use crate::approvals::{Approvals, approvals_of};
use crate::period::end_of;
use crate::{Answer, Desk, Figure, Period, Question, Sight, disclosure, period};

/// Quarters that a series shows.
pub(crate) const QUARTERS: usize = 8;

/// The transaction of one request with all that its page asks.
pub(crate) struct View {
    pub(crate) lang: Lang,
    /// Who looks.
    pub(crate) visitor: Option<Visitor>,
    pub(crate) sight: Sight,
    pub(crate) tx: Tx,
    pub(crate) desk: Desk,
    pub(crate) territory: Arc<Territory>,
    pub(crate) catalogue: Arc<Catalogue>,
    /// The day whose map the figures stand on.
    pub(crate) day: Day,
    pub(crate) today: Day,
    /// Only what was recorded by then.
    pub(crate) known: Option<Known>,
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
        asked: &Asked,
        map: Option<&str>,
        known: Option<&str>,
    ) -> Result<Self> {
        let view = Self::open_anyway(desk, asked, map, known).await?;
        if view.wrong.is_empty() { Ok(view) } else { Err(Error::Invalid(view.wrong)) }
    }

    /// Like [`Self::open`], for a page that shows its form again with what is wrong.
    pub(crate) async fn open_anyway(
        desk: &Desk,
        asked: &Asked,
        map: Option<&str>,
        known: Option<&str>,
    ) -> Result<Self> {
        let today = desk.clock().today();
        let mut wrong = Vec::new();
        let day = taken(read_day("map", map), &mut wrong)?.flatten().unwrap_or(today);
        let known = taken(Known::read(known, desk.clock()), &mut wrong)?.flatten();
        let mut tx = desk.database().read().await?;
        let territory = desk.atlas.territory(&mut tx).await?;
        let catalogue = desk.catalogue(&mut tx).await?;
        let made_up = desk.shows_made_up(&mut tx).await?;
        let desk = desk.clone();
        let (lang, sight, visitor) = (asked.lang, Sight::of(asked), asked.visitor.clone());
        Ok(Self {
            lang,
            visitor,
            sight,
            tx,
            desk,
            territory,
            catalogue,
            day,
            today,
            known,
            made_up,
            wrong,
        })
    }

    /// Leaves of postings what is for the one who looks; see [`disclosure::rows`].
    pub(crate) async fn disclose(&mut self, rows: &mut [PostingRow]) -> Result<BTreeSet<String>> {
        let reader =
            self.visitor.as_ref().map_or(Actor { name: "", rights: &NOBODY }, Visitor::actor);
        disclosure::rows(&mut self.tx, (self.lang, reader), rows).await
    }

    /// Leaves of an entry what is for the one who looks; see [`disclosure::entry`].
    pub(crate) async fn disclose_entry(&mut self, entry: &mut Entry) -> Result<()> {
        let reader =
            self.visitor.as_ref().map_or(Actor { name: "", rights: &NOBODY }, Visitor::actor);
        disclosure::entry(&mut self.tx, (self.lang, reader), entry).await
    }

    /// The question for an indicator in these periods.
    pub(crate) fn question(&self, indicator: &Indicator, periods: &[Period]) -> Question {
        Question {
            indicator: indicator.code.clone(),
            periods: periods.to_vec(),
            map: self.day,
            known: self.known.map(Known::moment),
            sight: self.sight,
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
            Some(known) => Some(journal::seq_known_at(&mut self.tx, known.moment()).await?),
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
        if let Known::At(_) = known {
            let text = lang::explain::known_at_notice(self.lang, known.say());
            return Some(Notice::Note(text));
        }
        Some(Notice::Note(match known.is_over(self.today) {
            true => lang::indicator::as_known(self.lang, known.say()),
            false => lang::indicator::as_known_so_far(self.lang, known.say()),
        }))
    }

    /// Where a page with figures up to the end of a period stands.
    pub(crate) fn standing(&self, period: Option<&Period>) -> Ground {
        let day = period.map_or(self.today, |period| period.days.last().min(self.today));
        let standing = Standing { map: self.day, day, made_up: self.made_up };
        let mut ground = standing.words(self.lang);
        ground.lines.extend(self.known.map(|known| match known.is_over(self.today) {
            true if matches!(known, Known::At(_)) => {
                lang::explain::known_at(self.lang, known.say())
            }
            true => lang::figures::ground_known(self.lang, known.say()),
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

/// Until when what was recorded counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// To the end of a day, or so far when it is today.
    Day(Day),
    /// To an instant.
    At(Moment),
}

impl Known {
    /// Reads a day, or an instant as citations and publications name it (RFC 3339).
    ///
    /// Errors: `Invalid` at `known`; nobody knows what will be known on a day to come.
    pub(crate) fn read(text: Option<&str>, clock: &Clock) -> Result<Option<Self>> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let Some(text) = text else { return Ok(None) };
        let known = match text.contains('T').then(|| text.parse::<Moment>()) {
            Some(Ok(moment)) => Self::At(moment),
            _ => match read_day("known", Some(text))? {
                Some(day) => Self::Day(day),
                None => return Ok(None),
            },
        };
        let is_to_come = match known {
            Self::Day(day) => day > clock.today(),
            Self::At(moment) => moment > clock.now(),
        };
        if is_to_come {
            return Err(Error::invalid("known", lang::figures::known_to_come));
        }
        Ok(Some(known))
    }

    /// The last instant that counts.
    pub(crate) fn moment(self) -> Moment {
        match self {
            Self::Day(day) => end_of(day),
            Self::At(moment) => moment,
        }
    }

    /// Whether nothing more can come to be known by then.
    fn is_over(self, today: Day) -> bool {
        match self {
            Self::Day(day) => day < today,
            Self::At(_) => true,
        }
    }

    /// As a person types it into a form.
    pub(crate) fn typed(self) -> String {
        match self {
            Self::Day(day) => short_day(day),
            Self::At(moment) => moment.to_string(),
        }
    }

    /// For a sentence.
    pub(crate) fn say(self) -> String {
        match self {
            Self::Day(day) => short_day(day),
            Self::At(moment) => moment.local(),
        }
    }
}

/// As it stands in addresses.
impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(formatter),
            Self::At(moment) => moment.fmt(formatter),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_is_asked_by_a_day_or_an_instant_that_has_come() {
        let clock = Clock::fixed("2025-07-01T02:00:00Z".parse().unwrap());
        for (text, moment, shown) in [
            ("30/06/2025", "2025-06-30T16:59:59.999999Z", "2025-06-30"),
            (" 2025-07-01 ", "2025-07-01T16:59:59.999999Z", "2025-07-01"),
            ("2025-07-01T01:59:59.5Z", "2025-07-01T01:59:59.5Z", "2025-07-01T01:59:59.5Z"),
            ("2025-07-01T08:59:59+07:00", "2025-07-01T01:59:59Z", "2025-07-01T01:59:59Z"),
        ] {
            let known = Known::read(Some(text), &clock).unwrap().unwrap();
            assert_eq!(
                (known.moment().to_string().as_str(), known.to_string().as_str()),
                (moment, shown)
            );
            assert_eq!(Known::read(Some(shown), &clock).unwrap(), Some(known));
        }
        for text in
            ["2025-07-02", "2025-07-01T02:01:00Z", "T", "2025-07-01T", "1", "9999-12-31T00:00:00Z"]
        {
            assert!(Known::read(Some(text), &clock).is_err(), "{text}");
        }
        assert_eq!(Known::read(Some(" "), &clock).unwrap(), None);
    }

    #[test]
    fn a_day_ends_at_midnight_in_vietnam() {
        let end = end_of("2025-06-30".parse().unwrap());
        assert_eq!(end.to_string(), "2025-06-30T16:59:59.999999Z");
        assert_eq!(end.day(), "2025-06-30".parse().unwrap());
        assert_eq!(Moment(end.0 + 1).day(), "2025-07-01".parse().unwrap());
    }
}
