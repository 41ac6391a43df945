//! Half months: the grain in which cells are stored.

use base::{Day, DayRange};

/// A month's days 1 to 14, or its days from 15 on.
///
/// Calendar periods begin on the 1st and the state's reporting periods on the 15th, so both are
/// whole numbers of halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Half(pub i64);

impl Half {
    /// The half that a day lies in.
    #[must_use]
    pub fn of(day: Day) -> Self {
        let date = day.civil();
        let month = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
        Self(month * 2 + i64::from(date.day() >= 15))
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> Day {
        let month = self.0.div_euclid(2);
        let day = if self.0.rem_euclid(2) == 0 { 1 } else { 15 };
        let year = i16::try_from(month.div_euclid(12)).unwrap_or(i16::MAX);
        let month = i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
        Day::new(year, month, day).unwrap_or(Day::MAX)
    }

    /// Its days.
    #[must_use]
    pub fn days(self) -> DayRange {
        DayRange { from: self.first(), to: Self(self.0 + 1).first() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_lies_in_the_half_that_says_so() {
        for number in -800..40_000 {
            let day = Day(number);
            let half = Half::of(day);
            assert!(half.days().contains(day), "{day}");
            assert!(half.days().to.0 - half.days().from.0 <= 17);
        }
    }
}
