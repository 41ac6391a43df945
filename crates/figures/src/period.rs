//! Reporting periods of the civil calendar and of the state's own.

use base::{Day, DayRange, Error, Moment, Result, short_day};
use lang::Lang;
use packs::{Calendar, PeriodKind, Which};

/// The years that can be asked for. No record is older, and sums begin at a day long before.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2999;

/// A period of a calendar, such as quarter II of 2025.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// As it is written in addresses: `2025-Q2`, `R2025-Q2`, `2025-06-30`. Each period has one
    /// code, however it was asked for.
    pub code: String,
    /// Its days.
    pub days: DayRange,
    name: Name,
    is_civil: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Name {
    Year(i16),
    HalfYear(i16, i8),
    NineMonths(i16),
    Quarter(i16, i8),
    Month(i16, i8),
    Day(Day),
}

impl Period {
    /// Reads a period's code with the calendars in force: `2025`, `2025-H1`, `2025-9M`, `2025-Q2`,
    /// `2025-06`, each after its calendar's prefix, or a day. Years from 1900 to 2999.
    ///
    /// Errors: `Invalid` at `period`.
    pub fn parse(code: &str, calendars: &[&Calendar]) -> Result<Self> {
        let bad = || Error::invalid("period", lang::figures::bad_period);
        if let Ok(day) = code.parse::<Day>() {
            let days = DayRange { from: day, to: day.plus(1) };
            let period = Self { code: day.to_string(), days, name: Name::Day(day), is_civil: true };
            return Some(period).filter(|_| can_be_asked(day)).ok_or_else(bad);
        }
        let digits = code.find(|c: char| c.is_ascii_digit()).ok_or_else(bad)?;
        let (prefix, rest) = code.split_at(digits);
        let calendar = calendars.iter().find(|calendar| calendar.prefix == prefix);
        let (opens_on, is_civil) = match calendar {
            Some(calendar) => (calendar.opens_on, calendar.opens_on == 1),
            None if prefix.is_empty() => (1, true),
            None => return Err(bad()),
        };
        let (year, part) =
            rest.split_once('-').map_or((rest, None), |(year, part)| (year, Some(part)));
        let year = number(year, 4).filter(|year| YEARS.contains(year)).ok_or_else(bad)?;
        let name = Name::parse(year, part).ok_or_else(bad)?;
        let (first, last) = name.months();
        let opening = |month: i8| opening(year, month, opens_on);
        let days = DayRange { from: opening(first)?, to: opening(last + 1)? };
        Ok(Self { code: name.code(prefix), days, name, is_civil })
    }

    /// Days that no calendar names.
    pub(crate) fn of_days(days: DayRange) -> Self {
        let last = days.last();
        Self { code: last.to_string(), days, name: Name::Day(last), is_civil: true }
    }

    /// How long it is; none for a single day.
    #[must_use]
    pub const fn kind(&self) -> Option<PeriodKind> {
        Some(match self.name {
            Name::Year(_) => PeriodKind::Year,
            Name::HalfYear(..) => PeriodKind::HalfYear,
            Name::NineMonths(_) => PeriodKind::NineMonths,
            Name::Quarter(..) => PeriodKind::Quarter,
            Name::Month(..) => PeriodKind::Month,
            Name::Day(_) => return None,
        })
    }

    /// What stands before the year in its code: the prefix of its calendar.
    #[must_use]
    pub fn prefix(&self) -> &str {
        let digits = self.code.find(|c: char| c.is_ascii_digit()).unwrap_or_default();
        &self.code[..digits]
    }

    /// Another period of the same length in the same calendar, as seen from this one.
    ///
    /// Errors: `Invalid` at `period` where it lies before all that can be asked for.
    pub fn seen_from(&self, which: Which, calendars: &[&Calendar]) -> Result<Self> {
        let name = match which {
            Which::Current => return Ok(self.clone()),
            Which::Before => self.name.before(),
            Which::YearBefore => self.name.year_before(),
        };
        Self::parse(&name.code(self.prefix()), calendars)
    }

    /// The last `count` quarters of a calendar that were over before `today`, oldest first.
    #[must_use]
    pub fn last_quarters(calendar: Option<&Calendar>, today: Day, count: usize) -> Vec<Self> {
        Self::last_over(PeriodKind::Quarter, calendar, today, count)
    }

    /// The last `count` periods of a kind and a calendar, the civil one by default, that were over
    /// before `today`, oldest first.
    #[must_use]
    pub fn last_over(
        kind: PeriodKind,
        calendar: Option<&Calendar>,
        today: Day,
        count: usize,
    ) -> Vec<Self> {
        let prefix = calendar.map_or("", |calendar| calendar.prefix.as_str());
        let calendars: Vec<&Calendar> = calendar.into_iter().collect();
        let year = today.civil().year() + 1;
        let mut name = match kind {
            PeriodKind::Month => Name::Month(year, 12),
            PeriodKind::Quarter => Name::Quarter(year, 4),
            PeriodKind::HalfYear => Name::HalfYear(year, 2),
            PeriodKind::NineMonths => Name::NineMonths(year),
            PeriodKind::Year => Name::Year(year),
        };
        let mut periods = Vec::with_capacity(count);
        while periods.len() < count {
            let Ok(period) = Self::parse(&name.code(prefix), &calendars) else { break };
            periods.extend(Some(period).filter(|period| period.days.to <= today));
            name = name.before();
        }
        periods.reverse();
        periods
    }

    /// The last `count` quarters that are over, as [`Self::last_quarters`] gives them, if `chosen`
    /// lies among them; else those that end with it.
    #[must_use]
    pub fn quarters_around(
        calendar: Option<&Calendar>,
        today: Day,
        count: usize,
        chosen: &Self,
    ) -> Vec<Self> {
        let newest = Self::last_quarters(calendar, today, count);
        let begins_before =
            |it: &Self| chosen.days.from < it.days.from && chosen.days.last() < it.days.from;
        if !newest.first().is_some_and(begins_before) {
            return newest;
        }
        // The quarter in which the chosen period ends belongs to them.
        const LONGEST_QUARTER_DAYS: i32 = 93;
        let until = today.min(chosen.days.to.plus(LONGEST_QUARTER_DAYS));
        let mut quarters = Self::last_quarters(calendar, until, count + 2);
        quarters.retain(|quarter| quarter.days.from < chosen.days.to);
        let first = quarters.len().saturating_sub(count);
        quarters.split_off(first)
    }

    /// The name as a heading says it: "Quý II/2025"; periods that do not follow the civil
    /// calendar say their days as well.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        let short = self.short(lang);
        if self.is_civil {
            return short;
        }
        lang::figures::from_to(
            lang,
            lang::figures::FromTo {
                from: short_day(self.days.from),
                last: short_day(self.days.last()),
                name: short,
            },
        )
    }

    /// The name for a list of choices, where the days of a calendar of its own stand short:
    /// "Quý II/2025 (15/03–14/06)".
    #[must_use]
    pub fn choice(&self, lang: Lang) -> String {
        let short = self.short(lang);
        if self.is_civil {
            return short;
        }
        let day = |day: Day| short_day(day).chars().take("15/03".len()).collect::<String>();
        format!("{short} ({}–{})", day(self.days.from), day(self.days.last()))
    }

    /// The name without its days, for the head of a column.
    #[must_use]
    pub fn short(&self, lang: Lang) -> String {
        match self.name {
            Name::Year(year) => lang::figures::year(lang, year),
            Name::HalfYear(year, half) => match half {
                1 => lang::figures::first_half(lang, year),
                _ => lang::figures::second_half(lang, year),
            },
            Name::NineMonths(year) => lang::figures::nine_months(lang, year),
            Name::Quarter(year, quarter) => {
                let roman = ["I", "II", "III", "IV"];
                let place = usize::try_from(quarter - 1).unwrap_or_default();
                lang::figures::quarter(
                    lang,
                    lang::figures::Quarter { quarter: roman.get(place).unwrap_or(&""), year },
                )
            }
            Name::Month(year, month) => {
                lang::figures::month(lang, lang::figures::Month { month, year })
            }
            Name::Day(day) => short_day(day),
        }
    }
}

impl Name {
    fn parse(year: i16, part: Option<&str>) -> Option<Self> {
        let within = |text: &str, digits: usize, most: i8| {
            number(text, digits).filter(|number| (1..=most).contains(number))
        };
        Some(match part {
            None => Self::Year(year),
            Some("9M") => Self::NineMonths(year),
            Some(part) => match (part.strip_prefix('H'), part.strip_prefix('Q')) {
                (Some(half), _) => Self::HalfYear(year, within(half, 1, 2)?),
                (_, Some(quarter)) => Self::Quarter(year, within(quarter, 1, 4)?),
                _ => Self::Month(year, within(part, 2, 12)?),
            },
        })
    }

    /// The one way to write it after the prefix of its calendar.
    fn code(self, prefix: &str) -> String {
        match self {
            Self::Year(year) => format!("{prefix}{year}"),
            Self::HalfYear(year, half) => format!("{prefix}{year}-H{half}"),
            Self::NineMonths(year) => format!("{prefix}{year}-9M"),
            Self::Quarter(year, quarter) => format!("{prefix}{year}-Q{quarter}"),
            Self::Month(year, month) => format!("{prefix}{year}-{month:02}"),
            Self::Day(day) => day.to_string(),
        }
    }

    /// The one before of the same length.
    fn before(self) -> Self {
        let step = |year: i16, part: i8, last: i8| match part {
            1 => (year - 1, last),
            part => (year, part - 1),
        };
        match self {
            Self::Year(year) => Self::Year(year - 1),
            Self::NineMonths(year) => Self::NineMonths(year - 1),
            Self::HalfYear(year, half) => {
                let (year, half) = step(year, half, 2);
                Self::HalfYear(year, half)
            }
            Self::Quarter(year, quarter) => {
                let (year, quarter) = step(year, quarter, 4);
                Self::Quarter(year, quarter)
            }
            Self::Month(year, month) => {
                let (year, month) = step(year, month, 12);
                Self::Month(year, month)
            }
            Self::Day(day) => Self::Day(day.plus(-1)),
        }
    }

    /// The same one of the year before; of a day the one 365 days before.
    fn year_before(self) -> Self {
        const DAYS_A_YEAR: i32 = 365;
        match self {
            Self::Year(year) => Self::Year(year - 1),
            Self::NineMonths(year) => Self::NineMonths(year - 1),
            Self::HalfYear(year, half) => Self::HalfYear(year - 1, half),
            Self::Quarter(year, quarter) => Self::Quarter(year - 1, quarter),
            Self::Month(year, month) => Self::Month(year - 1, month),
            Self::Day(day) => Self::Day(day.plus(-DAYS_A_YEAR)),
        }
    }

    /// Its first and last month.
    const fn months(self) -> (i8, i8) {
        match self {
            Self::Year(_) | Self::Day(_) => (1, 12),
            Self::HalfYear(_, half) => (half * 6 - 5, half * 6),
            Self::NineMonths(_) => (1, 9),
            Self::Quarter(_, quarter) => (quarter * 3 - 2, quarter * 3),
            Self::Month(_, month) => (month, month),
        }
    }
}

/// Whether a day lies in the years that can be asked for.
pub(crate) fn can_be_asked(day: Day) -> bool {
    YEARS.contains(&day.civil().year())
}

/// The last instant of a day in Vietnam.
pub(crate) fn end_of(day: Day) -> Moment {
    const SECONDS: i64 = 86_400;
    const AHEAD: i64 = 7 * 3600;
    Moment(((i64::from(day.0) + 1) * SECONDS - AHEAD) * 1_000_000 - 1)
}

/// A number of just so many digits, without a sign.
fn number<T: std::str::FromStr>(text: &str, digits: usize) -> Option<T> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// The day on which a month opens, in a calendar whose months open on `opens_on`: the 1st, or a
/// later day of the month before. Month 13 is January of the year after.
///
/// Law: Nghị định 09/2019/NĐ-CP, Điều 12, for the calendar that opens on the 15th.
fn opening(year: i16, month: i8, opens_on: i8) -> Result<Day> {
    let months = i32::from(year) * 12 + i32::from(month) - 1 - i32::from(opens_on > 1);
    let year = i16::try_from(months.div_euclid(12)).map_err(Error::internal)?;
    let month = i8::try_from(months.rem_euclid(12) + 1).map_err(Error::internal)?;
    Day::new(year, month, opens_on)
}

#[cfg(test)]
mod tests {
    use packs::Words;

    use super::*;

    fn state() -> Calendar {
        Calendar {
            code: "state".to_owned(),
            name: Words::default(),
            prefix: "R".to_owned(),
            opens_on: 15,
            document: Words::default(),
        }
    }

    #[test]
    fn a_day_ends_at_midnight_in_vietnam() {
        let end = end_of("2025-06-30".parse().unwrap());
        assert_eq!(end.to_string(), "2025-06-30T16:59:59.999999Z");
        assert_eq!(end.day(), "2025-06-30".parse().unwrap());
        assert_eq!(Moment(end.0 + 1).day(), "2025-07-01".parse().unwrap());
    }

    #[test]
    fn periods_have_the_days_that_the_rules_give_them() {
        let state = state();
        for (code, from, last) in [
            ("2025", "2025-01-01", "2025-12-31"),
            ("2025-H2", "2025-07-01", "2025-12-31"),
            ("2025-Q2", "2025-04-01", "2025-06-30"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2025-12", "2025-12-01", "2025-12-31"),
            ("2025-06-30", "2025-06-30", "2025-06-30"),
            ("R2025-01", "2024-12-15", "2025-01-14"),
            ("R2025-Q2", "2025-03-15", "2025-06-14"),
            ("R2025-H1", "2024-12-15", "2025-06-14"),
            ("R2025-9M", "2024-12-15", "2025-09-14"),
            ("R2025", "2024-12-15", "2025-12-14"),
        ] {
            let period = Period::parse(code, &[&state]).unwrap();
            let days = (period.days.from.to_string(), period.days.last().to_string());
            assert_eq!(days, (from.to_owned(), last.to_owned()), "{code}");
        }
    }

    #[test]
    fn what_is_no_period_is_refused_at_its_place() {
        let state = state();
        for code in [
            "",
            "25",
            "2025-Q5",
            "2025-H0",
            "X2025",
            "2025-13",
            "2025-6",
            "2025-02-30",
            "Q",
            "2025-",
            "2025-H+1",
            "2025-Q02",
            "2025-Q+2",
            "+025",
            "2025-+6",
            "2025-9m",
            "2025-Hé",
            "0500",
            "0000",
            "1899",
            "1899-12-31",
            "3000",
            "9999",
            "9999-12",
            "R9999",
            "0500-06-30",
            "R0970-Q1",
            "9999-12-31",
            "2025-Q2-1",
            "2025 ",
            "20２5",
        ] {
            match Period::parse(code, &[&state]) {
                Err(Error::Invalid(errors)) => assert_eq!(errors[0].place, "period", "{code}"),
                other => panic!("{code}: {other:?}"),
            }
        }
        for code in ["1900", "2999", "R1900", "R2999-Q4", "1900-01-01", "2999-12-31"] {
            assert!(Period::parse(code, &[&state]).is_ok(), "{code}");
        }
    }

    #[test]
    fn a_period_has_one_code_however_it_is_written() {
        let state = state();
        for (written, code) in [
            ("30/06/2025", "2025-06-30"),
            ("1/7/2025", "2025-07-01"),
            ("1/7/2025\r\n", "2025-07-01"),
            ("2025-06-30", "2025-06-30"),
            ("2025-06", "2025-06"),
            ("R2025-9M", "R2025-9M"),
            ("R2025", "R2025"),
            ("2025-H2", "2025-H2"),
            ("R2025-Q2", "R2025-Q2"),
        ] {
            let period = Period::parse(written, &[&state]).unwrap();
            assert_eq!(period.code, code, "{written}");
            assert_eq!(Period::parse(code, &[&state]).unwrap(), period, "{written}");
        }
    }

    proptest::proptest! {
        /// Whatever is typed: it is refused, or its code is fit for an address, a header and a
        /// file's name, and means the same again.
        #[test]
        fn the_code_of_a_period_is_plain(
            text in "[RX+]?[0-9]{3,4}[-/ ]?[HQM0-9+]{0,3}[-/]?[0-9]{0,4}[ \r\n]?"
        ) {
            let state = state();
            if let Ok(period) = Period::parse(&text, &[&state]) {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
                proptest::prop_assert!(period.code.chars().all(plain), "{}", period.code);
                proptest::prop_assert_eq!(&Period::parse(&period.code, &[&state]).unwrap(), &period);
                proptest::prop_assert!(Day::MIN < period.days.from && period.days.from < period.days.to);
            }
        }
    }

    #[test]
    fn titles_name_the_period_as_officials_do() {
        let period = Period::parse("R2025-Q2", &[&state()]).unwrap();
        assert_eq!(period.title(Lang::Vietnamese), "Quý II/2025, từ 15/03/2025 đến 14/06/2025");
        assert_eq!(period.choice(Lang::Vietnamese), "Quý II/2025 (15/03–14/06)");
        let period = Period::parse("2025-Q2", &[]).unwrap();
        assert_eq!(period.title(Lang::Vietnamese), "Quý II/2025");
    }

    #[test]
    fn quarters_around_a_chosen_period_end_with_it_or_are_the_newest() {
        let today = "2025-07-01".parse().unwrap();
        for (chosen, first, last) in [
            ("2025-Q2", "2024-Q4", "2025-Q2"),
            ("2024-Q4", "2024-Q4", "2025-Q2"),
            ("2024", "2024-Q4", "2025-Q2"),
            ("2024-Q3", "2024-Q1", "2024-Q3"),
            ("2023", "2023-Q2", "2023-Q4"),
            ("2023-05", "2022-Q4", "2023-Q2"),
            ("2023-06-30", "2022-Q4", "2023-Q2"),
            ("2030", "2024-Q4", "2025-Q2"),
        ] {
            let chosen = Period::parse(chosen, &[]).unwrap();
            let quarters = Period::quarters_around(None, today, 3, &chosen);
            let codes: Vec<&str> = quarters.iter().map(|it| it.code.as_str()).collect();
            assert_eq!((codes[0], codes[2]), (first, last), "{}", chosen.code);
            assert_eq!(codes.len(), 3);
        }
    }

    #[test]
    fn other_periods_are_seen_from_one_of_the_same_length_and_calendar() {
        let state = state();
        for (code, before, year_before) in [
            ("2025", "2024", "2024"),
            ("2025-9M", "2024-9M", "2024-9M"),
            ("R2025-H1", "R2024-H2", "R2024-H1"),
            ("R2025-Q1", "R2024-Q4", "R2024-Q1"),
            ("2025-Q3", "2025-Q2", "2024-Q3"),
            ("2025-01", "2024-12", "2024-01"),
            ("2025-07", "2025-06", "2024-07"),
        ] {
            let period = Period::parse(code, &[&state]).unwrap();
            let seen = |which| period.seen_from(which, &[&state]).unwrap().code;
            assert_eq!(
                (seen(Which::Current), seen(Which::Before), seen(Which::YearBefore)),
                (code.to_owned(), before.to_owned(), year_before.to_owned())
            );
        }
        assert!(Period::parse("1900", &[]).unwrap().seen_from(Which::Before, &[]).is_err());
    }

    #[test]
    fn the_last_periods_of_a_length_are_those_that_are_over() {
        let codes = |every, today: &str| -> Vec<String> {
            let periods = Period::last_over(every, Some(&state()), today.parse().unwrap(), 2);
            assert!(periods.iter().all(|period| period.kind() == Some(every)));
            periods.into_iter().map(|period| period.code).collect()
        };
        assert_eq!(codes(PeriodKind::Month, "2025-07-15"), ["R2025-06", "R2025-07"]);
        assert_eq!(codes(PeriodKind::Quarter, "2025-06-14"), ["R2024-Q4", "R2025-Q1"]);
        assert_eq!(codes(PeriodKind::Quarter, "2025-06-15"), ["R2025-Q1", "R2025-Q2"]);
        assert_eq!(codes(PeriodKind::HalfYear, "2025-12-31"), ["R2025-H1", "R2025-H2"]);
        assert_eq!(codes(PeriodKind::NineMonths, "2025-09-14"), ["R2023-9M", "R2024-9M"]);
        assert_eq!(codes(PeriodKind::Year, "2025-12-15"), ["R2024", "R2025"]);
    }

    #[test]
    fn the_last_quarters_are_those_that_are_over() {
        let codes = |calendar, today: &str| -> Vec<String> {
            let periods = Period::last_quarters(calendar, today.parse().unwrap(), 3);
            periods.into_iter().map(|period| period.code).collect()
        };
        assert_eq!(codes(None, "2025-07-01"), ["2024-Q4", "2025-Q1", "2025-Q2"]);
        assert_eq!(codes(None, "2025-06-30"), ["2024-Q3", "2024-Q4", "2025-Q1"]);
        assert_eq!(codes(Some(&state()), "2025-12-20"), ["R2025-Q2", "R2025-Q3", "R2025-Q4"]);
    }
}
