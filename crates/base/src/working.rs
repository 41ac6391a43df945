//! Working days: what the calendar of a year says, and terms counted by it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Day, Moment};

/// The calendar of one year, as somebody decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingYear {
    /// The year.
    pub year: i16,
    /// The days of the week that are off: 1 is Monday, 7 is Sunday.
    pub rest: BTreeSet<i8>,
    /// Days off beside them: holidays, and days for which another is worked.
    pub off: BTreeSet<Day>,
    /// Days of rest that are worked in the place of others.
    pub worked: BTreeSet<Day>,
    /// When an office closes. Units: minutes after midnight in Vietnam.
    pub closes: i32,
}

/// The calendars of all years of which one is known.
#[derive(Clone, Debug, Default)]
pub struct WorkingCalendar(BTreeMap<i16, WorkingYear>);

/// Nobody has decided the calendar of this year yet, or it was not applied: what falls into it is
/// not guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownYear(pub i16);

/// How long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Working days.
    Working(u16),
    /// Days of the calendar.
    Days(u16),
}

impl WorkingCalendar {
    /// The calendars of these years.
    #[must_use]
    pub fn new(years: impl IntoIterator<Item = WorkingYear>) -> Self {
        Self(years.into_iter().map(|year| (year.year, year)).collect())
    }

    fn of(&self, day: Day) -> Result<&WorkingYear, UnknownYear> {
        let year = day.civil().year();
        self.0.get(&year).ok_or(UnknownYear(year))
    }

    /// Whether offices work on a day.
    ///
    /// Errors: when the calendar of its year is not known.
    pub fn is_working(&self, day: Day) -> Result<bool, UnknownYear> {
        let year = self.of(day)?;
        let is_rest = year.rest.contains(&day.civil().weekday().to_monday_one_offset());
        Ok(year.worked.contains(&day) || !is_rest && !year.off.contains(&day))
    }

    /// The day itself when offices work on it, otherwise the next on which they do.
    ///
    /// Errors: when the calendar of a year that must be looked at is not known.
    pub fn from(&self, mut day: Day) -> Result<Day, UnknownYear> {
        while !self.is_working(day)? {
            day = day.plus(1);
        }
        Ok(day)
    }

    /// The day on which something that came at this moment counts as received: the same day up to
    /// closing time, otherwise, and on a day off, the next working day.
    ///
    /// Errors: as of [`Self::from`].
    pub fn received_on(&self, at: Moment) -> Result<Day, UnknownYear> {
        let day = at.day();
        let is_late = self.is_working(day)? && at.minute() > self.of(day)?.closes;
        self.from(if is_late { day.plus(1) } else { day })
    }

    /// The last day of a term for something that came at this moment. The day of receipt is not
    /// counted; a term in days of the calendar that would end on a day off ends on the next working
    /// day. The whole last day is in time.
    ///
    /// Errors: as of [`Self::from`].
    /// Law: Bộ luật Dân sự 91/2015/QH13, articles 147 and 148.
    pub fn last_day(&self, at: Moment, term: Term) -> Result<Day, UnknownYear> {
        self.later(self.received_on(at)?, term)
    }

    /// The last day of a term that runs from the end of a day.
    ///
    /// Errors: as of [`Self::from`].
    pub fn later(&self, day: Day, term: Term) -> Result<Day, UnknownYear> {
        match term {
            Term::Days(count) => self.from(day.plus(i32::from(count))),
            Term::Working(count) => {
                let mut day = day;
                for _ in 0..count {
                    day = self.from(day.plus(1))?;
                }
                self.from(day)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn days(texts: &[&str]) -> BTreeSet<Day> {
        texts.iter().map(|text| day(text)).collect()
    }

    /// The year 2026 of the pack, and nothing else.
    fn calendar() -> WorkingCalendar {
        let tet = (16..=20).map(|it| Day::new(2026, 2, it).unwrap());
        let mut off = days(&[
            "2026-01-01",
            "2026-01-02",
            "2026-04-27",
            "2026-04-30",
            "2026-05-01",
            "2026-08-31",
            "2026-09-01",
            "2026-09-02",
        ]);
        off.extend(tet);
        WorkingCalendar::new([WorkingYear {
            year: 2026,
            rest: BTreeSet::from([6, 7]),
            off,
            worked: days(&["2026-01-10", "2026-08-22"]),
            closes: 17 * 60,
        }])
    }

    #[test]
    fn terms_pass_over_tet_weekends_and_swapped_days() {
        let calendar = calendar();
        for (came, minute, term, last) in [
            // A Monday morning, an evening, before opening, at the stroke of closing.
            ("2026-11-23", 9 * 60, Term::Working(2), "2026-11-25"),
            ("2026-11-23", 17 * 60 + 1, Term::Working(2), "2026-11-26"),
            ("2026-11-23", 5 * 60, Term::Working(2), "2026-11-25"),
            ("2026-11-23", 17 * 60, Term::Working(2), "2026-11-25"),
            // A Thursday; a Sunday counts from Monday.
            ("2026-11-26", 9 * 60, Term::Working(2), "2026-11-30"),
            ("2026-11-29", 9 * 60, Term::Working(2), "2026-12-02"),
            // The last day before Tết, after closing, and in the middle of it.
            ("2026-02-13", 9 * 60, Term::Working(2), "2026-02-24"),
            ("2026-02-13", 18 * 60, Term::Working(2), "2026-02-25"),
            ("2026-02-18", 9 * 60, Term::Working(2), "2026-02-25"),
            // Saturday 10/01 is worked in the place of Friday 02/01, 22/08 in that of 31/08.
            ("2026-01-08", 9 * 60, Term::Working(2), "2026-01-10"),
            ("2026-01-10", 9 * 60, Term::Working(1), "2026-01-12"),
            ("2026-08-20", 9 * 60, Term::Working(2), "2026-08-22"),
            ("2026-08-28", 9 * 60, Term::Working(1), "2026-09-03"),
            // Giỗ Tổ fell on a Sunday: Monday is off.
            ("2026-04-24", 9 * 60, Term::Working(1), "2026-04-28"),
            // Days of the calendar end on a working day.
            ("2026-02-06", 9 * 60, Term::Days(10), "2026-02-23"),
            ("2026-11-23", 9 * 60, Term::Days(15), "2026-12-08"),
            ("2026-11-23", 9 * 60, Term::Working(0), "2026-11-23"),
        ] {
            let at = Moment::at(day(came), minute);
            assert_eq!(calendar.last_day(at, term), Ok(day(last)), "{came} {minute} {term:?}");
        }
    }

    #[test]
    fn what_falls_into_a_year_that_nobody_decided_is_not_guessed() {
        let calendar = calendar();
        for (came, term, year) in [
            ("2026-12-30", Term::Working(2), 2027),
            ("2026-12-20", Term::Days(15), 2027),
            ("2027-01-04", Term::Working(2), 2027),
            ("2025-12-31", Term::Days(1), 2025),
        ] {
            let at = Moment::at(day(came), 9 * 60);
            assert_eq!(calendar.last_day(at, term), Err(UnknownYear(year)), "{came} {term:?}");
        }
        assert_eq!(
            calendar.last_day(Moment::at(day("2026-12-30"), 600), Term::Working(1)),
            Ok(day("2026-12-31"))
        );
    }

    /// Every hour of the year, with many terms: cheap enough to try them all.
    #[test]
    fn a_term_ends_on_a_working_day_after_as_many_of_them_and_never_sooner_for_what_came_later() {
        let calendar = calendar();
        for count in [0, 1, 2, 5, 10] {
            let mut before = Day::MIN;
            for hour in 0..320 * 24 {
                let first = day("2026-01-01");
                let at = Moment::at(first.plus(hour / 24), hour % 24 * 60);
                let received = calendar.received_on(at).unwrap();
                let last = calendar.last_day(at, Term::Working(count)).unwrap();
                assert!(
                    calendar.is_working(last).unwrap() && last >= before && received >= at.day()
                );
                let between = (received.0 + 1..=last.0).map(Day);
                let worked = between.filter(|day| calendar.is_working(*day).unwrap()).count();
                assert_eq!(worked, usize::from(count));
                let by_days = calendar.last_day(at, Term::Days(count)).unwrap();
                assert!(calendar.is_working(by_days).unwrap() && by_days <= last);
                before = last;
            }
        }
    }
}
