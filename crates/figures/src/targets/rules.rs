//! How far a target has come: pure arithmetic over a series of values and the target's own days.
//!
//! Values are whole numbers of an indicator's last decimal, as [`crate::Figure::value`] gives them.

use base::Day;
use packs::Direction;
use serde::{Deserialize, Serialize};

/// The fewest points through which a line is drawn.
const FEWEST_POINTS: usize = 3;
/// A forecast looks back so many periods.
const MOST_POINTS: usize = 8;
/// Days in a mean month of the Gregorian calendar, in hundredths.
const HUNDREDTHS_OF_DAYS_A_MONTH: i128 = 3_044;

/// What was decided: a value that is to be reached by a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The first day on which it is followed.
    pub from: Day,
    /// The last day, by which it is to be reached.
    pub by: Day,
    /// The value to reach.
    pub value: i64,
    /// Whether more is better; a target without a direction is one of more.
    pub direction: Direction,
}

/// A value at the end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The last day of the period.
    pub day: Day,
    /// What was reported for it; none without data.
    pub value: Option<i64>,
}

/// What a leader wants to know first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The day has passed, and what was reported is not enough (*không đạt*).
    Missed,
    /// Not reached, and on the present way it will not be (*chậm*).
    Behind,
    /// Nobody has reported (*chưa có số liệu*); also when the day has passed, since it is not known
    /// whether it was reached.
    NoData,
    /// Not reached, and one value tells no pace (*chưa đủ số liệu để dự báo*).
    TooFew,
    /// Not reached, and on the present way it will be in time (*đúng tiến độ*).
    OnTrack,
    /// It is reached (*đạt*).
    Reached,
}

/// Where a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In one word.
    pub status: Status,
    /// Whether the day of the goal has passed.
    pub is_over: bool,
    /// The newest value, with the end of its period.
    pub latest: Option<(Day, i64)>,
    /// Where a straight way from the first value to the goal would be at the end of that period.
    pub expected: Option<i64>,
    /// What is still missing; 0 when it is reached.
    pub missing: Option<i64>,
    /// What a month must bring from the newest value on; none when reached or overdue.
    pub pace_needed: Option<i64>,
    /// What a month brought on the present way.
    pub pace: Option<i64>,
    /// The value on the day of the goal, if all goes on as before; none when that day is over.
    pub forecast: Option<i64>,
    /// Through how many periods the line of the forecast was drawn.
    pub forecast_points: usize,
    /// The end of the first period of the unbroken run in which it was behind or missed.
    pub behind_since: Option<Day>,
}

/// Where a target stands on a day, by the periods that were over by then, oldest first.
#[must_use]
pub fn standing(goal: Goal, series: &[Point], today: Day) -> Standing {
    let over = series.iter().filter(|point| point.day < today && point.day >= goal.from);
    let over: Vec<Point> = over.copied().collect();
    let mut standing = at(goal, &over, today);
    if matches!(standing.status, Status::Behind | Status::Missed) {
        standing.behind_since = behind_since(goal, &over);
    }
    standing
}

fn at(goal: Goal, over: &[Point], today: Day) -> Standing {
    // What comes after the last day of the goal says nothing of whether it was reached in time.
    let within: Vec<(Day, i64)> = over
        .iter()
        .filter(|point| point.day <= goal.by)
        .filter_map(|point| Some((point.day, point.value?)))
        .collect();
    let latest = within.last().copied();
    let line = Line::through(&within);
    let is_over = today > goal.by;
    let forecast = line.as_ref().filter(|_| !is_over).map(|line| line.at(goal.by));
    let is_reached = latest.is_some_and(|(_, value)| goal.is_met_by(value));
    let expected = within.first().zip(latest).map(|(first, (day, _))| goal.expected(*first, day));
    let status = match latest {
        None => Status::NoData,
        Some(_) if is_reached => Status::Reached,
        Some(_) if is_over => Status::Missed,
        Some(_) if within.len() < 2 => Status::TooFew,
        Some((_, value)) => {
            // Without a line the straight way is all there is to go by.
            let will_be = forecast.map(|forecast| goal.is_met_by(forecast));
            let is_ahead = expected.is_none_or(|expected| goal.is_as_good(value, expected));
            match will_be.unwrap_or(is_ahead) {
                true => Status::OnTrack,
                false => Status::Behind,
            }
        }
    };
    let missing = latest.map(|(_, value)| if is_reached { 0 } else { goal.value - value });
    let pace_needed = latest.filter(|_| !is_reached && !is_over).and_then(|(day, value)| {
        let days = i128::from(goal.by.0) - i128::from(day.0);
        (days > 0).then(|| a_month(i128::from(goal.value - value), days))
    });
    Standing {
        status,
        is_over,
        latest,
        expected,
        missing,
        pace_needed,
        pace: line.as_ref().map(Line::a_month),
        forecast,
        forecast_points: line.map_or(0, |line| line.points),
        behind_since: None,
    }
}

/// The end of the first period of the last unbroken run of being behind.
fn behind_since(goal: Goal, over: &[Point]) -> Option<Day> {
    let mut since = None;
    for end in (1..=over.len()).rev() {
        let last = over[end - 1].day;
        match at(goal, &over[..end], last.plus(1)).status {
            Status::Behind | Status::Missed => since = Some(last),
            _ => break,
        }
    }
    since
}

impl Goal {
    /// Whether a value reaches it.
    #[must_use]
    pub fn is_met_by(self, value: i64) -> bool {
        self.is_as_good(value, self.value)
    }

    fn is_as_good(self, value: i64, other: i64) -> bool {
        match self.direction {
            Direction::Up | Direction::None => value >= other,
            Direction::Down => value <= other,
        }
    }

    /// A straight way from the first value to the goal, on a day.
    fn expected(self, (first_day, first): (Day, i64), day: Day) -> i64 {
        let whole = i128::from(self.by.0) - i128::from(first_day.0);
        let gone = i128::from(day.0) - i128::from(first_day.0);
        if whole <= 0 {
            return self.value;
        }
        narrow(i128::from(first) + rounded(i128::from(self.value - first) * gone, whole))
    }
}

/// What happened from a day on, added up at the end of each period. A
/// period without data has no sum: the one before it, repeated, would say that nothing happened.
pub(super) fn sums(series: &[Point], from: Day) -> Vec<Point> {
    let mut sum = 0_i64;
    let add = |point: &Point| {
        let value = point.value.filter(|_| point.day >= from);
        let value = value.map(|value| {
            sum = sum.saturating_add(value);
            sum
        });
        Point { day: point.day, value }
    };
    series.iter().map(add).collect()
}

/// The straight line with the least squares through the newest values.
struct Line {
    points: usize,
    /// The sums that make it: of days, of values, and the slope as a fraction.
    days: i128,
    values: i128,
    rise: i128,
    run: i128,
}

impl Line {
    /// None through fewer than three values.
    fn through(values: &[(Day, i64)]) -> Option<Self> {
        let newest = &values[values.len().saturating_sub(MOST_POINTS)..];
        if newest.len() < FEWEST_POINTS {
            return None;
        }
        let count = newest.len() as i128;
        let (mut x, mut y, mut xx, mut xy) = (0, 0, 0, 0);
        for (day, value) in newest {
            let (day, value) = (i128::from(day.0), i128::from(*value));
            (x, y, xx, xy) = (x + day, y + value, xx + day * day, xy + day * value);
        }
        let (rise, run) = (count * xy - x * y, count * xx - x * x);
        (run > 0).then_some(Self { points: newest.len(), days: x, values: y, rise, run })
    }

    /// Its value on a day.
    fn at(&self, day: Day) -> i64 {
        let count = self.points as i128;
        let from_mean = count * i128::from(day.0) - self.days;
        narrow(rounded(self.values * self.run + self.rise * from_mean, count * self.run))
    }

    fn a_month(&self) -> i64 {
        a_month(self.rise, self.run)
    }
}

/// So much in a month, of so much in so many days.
fn a_month(amount: i128, days: i128) -> i64 {
    narrow(rounded(amount * HUNDREDTHS_OF_DAYS_A_MONTH, days * 100))
}

/// A quotient, half away from zero; the divisor is positive.
const fn rounded(above: i128, below: i128) -> i128 {
    let half = if above < 0 { -below } else { below };
    (above * 2 + half) / (below * 2)
}

fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}
