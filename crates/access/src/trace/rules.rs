//! What is unusual in how people look at data: pure rules over counts. They accuse nobody; they say
//! where the data officer asks first.

use base::rights::Act;

/// What shows masked data alone: the work of a desk, of which much is not unusual.
pub(super) const ORDINARY: [Act; 2] = [Act::ReceiveRequests, Act::RecordConsents];
/// Pages with figures, which people leaf through; what is taken along counts.
pub(super) const ORDINARY_KIND: &str = super::seen::PAGE;

/// How somebody looked, lately and as a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    /// The account, or the person who was looked at.
    pub who: String,
    /// Looks in the last day.
    pub last_day: i64,
    /// Different people looked at in the last day; of a person, different accounts that looked.
    pub different: i64,
    /// Looks in the thirty days before.
    pub month_before: i64,
    /// Looks of the last day between 20:00 and 06:00.
    pub at_night: i64,
}

/// Why something is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Many different people in one day.
    ManyPeople,
    /// Many times more than on a usual day.
    MoreThanUsual,
    /// At night.
    AtNight,
    /// One person, looked at by many.
    ManyLookers,
}

/// Something unusual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusual {
    /// The account, or the person.
    pub who: String,
    /// Why.
    pub why: Why,
    /// How many.
    pub count: i64,
}

/// Different people a day from which on somebody is asked.
const MANY_PEOPLE: i64 = 50;
/// Looks a day from which on they are compared with the days before.
const ENOUGH: i64 = 20;
/// So many times the mean of the thirty days before.
const TIMES: i64 = 5;
/// Looks at night.
const NIGHT: i64 = 5;
/// Accounts that looked at one person in a day.
const MANY_LOOKERS: i64 = 5;

/// What is unusual in how accounts looked, and in how people were looked at.
///
/// Law: none (house rule, decision 0021).
#[must_use]
pub fn find_unusual(accounts: &[Habit], people: &[Habit]) -> Vec<Unusual> {
    let mut found = Vec::new();
    for habit in accounts {
        let mut add = |why, count| found.push(Unusual { who: habit.who.clone(), why, count });
        if habit.different >= MANY_PEOPLE {
            add(Why::ManyPeople, habit.different);
        }
        // Compared as wholes: the mean of a day is a thirtieth of the month.
        if habit.last_day >= ENOUGH && habit.last_day * 30 > TIMES * habit.month_before {
            add(Why::MoreThanUsual, habit.last_day);
        }
        if habit.at_night >= NIGHT {
            add(Why::AtNight, habit.at_night);
        }
    }
    for habit in people.iter().filter(|habit| habit.different >= MANY_LOOKERS) {
        found.push(Unusual {
            who: habit.who.clone(),
            why: Why::ManyLookers,
            count: habit.different,
        });
    }
    found
}
