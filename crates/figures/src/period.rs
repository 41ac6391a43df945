//! Reporting periods of the civil calendar and of the state's own.

use base::{Day, DayRange, Error, Result, short_day};
use lang::Lang;
use packs::Calendar;

/// A period of a calendar, such as quarter II of 2025.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// As it is written in addresses: `2025-Q2`, `R2025-Q2`, `2025-06-30`.
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
    /// `2025-06`, each after its calendar's prefix, or a day.
    ///
    /// Errors: `Invalid` at `period`.
    pub fn parse(code: &str, calendars: &[&Calendar]) -> Result<Self> {
        let bad = || Error::invalid("period", lang::figures::bad_period);
        if let (10, Ok(day)) = (code.len(), code.parse::<Day>()) {
            let days = DayRange { from: day, to: day.plus(1) };
            return Ok(Self { code: code.to_owned(), days, name: Name::Day(day), is_civil: true });
        }
        let digits = code.find(|c: char| c.is_ascii_digit()).ok_or_else(bad)?;
        let (prefix, rest) = code.split_at(digits);
        let calendar = calendars.iter().find(|calendar| calendar.prefix == prefix);
        let (opens_on, is_civil) = match calendar {
            Some(calendar) => (calendar.opens_on, calendar.opens_on == 1),
            None if prefix.is_empty() => (1, true),
            None => return Err(bad()),
        };
        let (year, part) = rest.split_once('-').unwrap_or((rest, ""));
        let year: i16 = year.parse().ok().filter(|_| year.len() == 4).ok_or_else(bad)?;
        let name = Name::parse(year, part).ok_or_else(bad)?;
        let (first, last) = name.months();
        let opening = |month: i8| opening(year, month, opens_on);
        let days = DayRange { from: opening(first)?, to: opening(last + 1)? };
        Ok(Self { code: code.to_owned(), days, name, is_civil })
    }

    /// The last `count` quarters of a calendar that were over before `today`, oldest first.
    #[must_use]
    pub fn last_quarters(calendar: Option<&Calendar>, today: Day, count: usize) -> Vec<Self> {
        let prefix = calendar.map_or("", |calendar| calendar.prefix.as_str());
        let calendars: Vec<&Calendar> = calendar.into_iter().collect();
        let mut year = today.civil().year() + 1;
        let mut quarter = 4;
        let mut periods = Vec::with_capacity(count);
        while periods.len() < count && year > 1900 {
            let period = Self::parse(&format!("{prefix}{year}-Q{quarter}"), &calendars);
            periods.extend(period.ok().filter(|period| period.days.to <= today));
            (year, quarter) = if quarter == 1 { (year - 1, 4) } else { (year, quarter - 1) };
        }
        periods.reverse();
        periods
    }

    /// The name as a heading says it: "Quý II/2025"; periods that do not follow the civil
    /// calendar say their days as well.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        let short = self.short(lang);
        if self.is_civil {
            return short;
        }
        lang::figures::from_to(lang, short_day(self.days.from), short_day(self.days.last()), short)
    }

    /// The name without its days, for the head of a column.
    #[must_use]
    pub fn short(&self, lang: Lang) -> String {
        match self.name {
            Name::Year(year) => lang::figures::year(lang, year),
            Name::HalfYear(year, half) => lang::figures::half_year(lang, half, year),
            Name::NineMonths(year) => lang::figures::nine_months(lang, year),
            Name::Quarter(year, quarter) => {
                let roman = ["I", "II", "III", "IV"];
                let place = usize::try_from(quarter - 1).unwrap_or_default();
                lang::figures::quarter(lang, roman.get(place).unwrap_or(&""), year)
            }
            Name::Month(year, month) => lang::figures::month(lang, month, year),
            Name::Day(day) => short_day(day),
        }
    }
}

impl Name {
    fn parse(year: i16, part: &str) -> Option<Self> {
        let within = |text: &str, most: i8| {
            text.parse::<i8>().ok().filter(|number| (1..=most).contains(number))
        };
        Some(match part {
            "" => Self::Year(year),
            "9M" => Self::NineMonths(year),
            _ if part.starts_with('H') => Self::HalfYear(year, within(&part[1..], 2)?),
            _ if part.starts_with('Q') => Self::Quarter(year, within(&part[1..], 4)?),
            _ if part.len() == 2 => Self::Month(year, within(part, 12)?),
            _ => return None,
        })
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
        for code in
            ["", "25", "2025-Q5", "2025-H0", "X2025", "2025-13", "2025-6", "2025-02-30", "Q"]
        {
            assert!(Period::parse(code, &[&state]).is_err(), "{code}");
        }
    }

    #[test]
    fn titles_name_the_period_as_officials_do() {
        let period = Period::parse("R2025-Q2", &[&state()]).unwrap();
        assert_eq!(period.title(Lang::Vietnamese), "Quý II/2025, từ 15/03/2025 đến 14/06/2025");
        let period = Period::parse("2025-Q2", &[]).unwrap();
        assert_eq!(period.title(Lang::Vietnamese), "Quý II/2025");
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
