//! Which number formats of a workbook show a day, and the day that a number then is.

use base::{Day, short_day};

/// The number of 01/01/1970 in a workbook that counts from 1900.
const UNIX_EPOCH: f64 = 25_569.0;
/// How much later workbooks begin that count from 1904.
const LATER: f64 = 1462.0;
/// The number of 01/01/10000, the first day that no workbook shows.
const END: f64 = 2_958_466.0;

/// Whether a format that is not written out shows a day (ECMA-376-1, 18.8.30: 14 to 17 and 22
/// everywhere, the others in languages of East Asia).
pub(super) const fn is_day_by_number(number: u32) -> bool {
    matches!(number, 14..=17 | 22 | 27..=31 | 34..=36 | 50..=58)
}

/// Whether a format that is written out (`dd/mm/yyyy`, `[$-42A]d mmmm`) shows a day. One of hours
/// alone does not.
pub(super) fn is_day_by_code(code: &str) -> bool {
    let (mut day, mut month, mut hour) = (false, false, false);
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            // Words, colours and languages say nothing, and what follows a mark is shown as it is.
            '"' => while letters.next().is_some_and(|c| c != '"') {},
            '[' => {
                // Hours that have passed: [h]:mm.
                let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                hour |= inside.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's'));
            }
            '\\' | '_' | '*' => {
                letters.next();
            }
            // What stands behind is for other numbers: negative ones, zero, text.
            ';' => break,
            'd' | 'y' => day = true,
            'm' => month = true,
            'h' | 's' => hour = true,
            _ => {}
        }
    }
    day || (month && !hour)
}

/// `30/06/2025` for the number of a day; none for a number that is no day.
pub(super) fn day(number: f64, from_1904: bool) -> Option<String> {
    let number = if from_1904 { number + LATER } else { number }.floor();
    if !(1.0..END).contains(&number) {
        return None;
    }
    // Workbooks hold 1900 to be a leap year: up to 28/02/1900 they are one day ahead.
    let number = if number < 60.0 { number + 1.0 } else { number };
    let day = (number - UNIX_EPOCH) as i32;
    Some(short_day(Day(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_days_are_told_from_those_of_numbers_and_hours() {
        for (code, expected) in [
            ("dd/mm/yyyy", true),
            ("[$-42A]d\\ mmmm", true),
            ("yyyy\"năm\"", true),
            ("mmm", true),
            ("dd/mm/yyyy hh:mm", true),
            ("hh:mm:ss", false),
            ("[h]:mm", false),
            ("General", false),
            ("#,##0.00", false),
            ("0.00E+00", false),
            ("[Red]0", false),
            ("[Magenta]mmm", true),
            ("0\"d\"", false),
            ("0;dd", false),
            ("_d0", false),
        ] {
            assert_eq!(is_day_by_code(code), expected, "{code}");
        }
    }

    #[test]
    fn numbers_are_days_since_1900_or_1904() {
        for (number, from_1904, expected) in [
            (45_838.0, false, Some("30/06/2025")),
            (45_838.75, false, Some("30/06/2025")),
            (44_376.0, true, Some("30/06/2025")),
            (1.0, false, Some("01/01/1900")),
            (59.0, false, Some("28/02/1900")),
            (61.0, false, Some("01/03/1900")),
            (0.5, false, None),
            (-1.0, false, None),
            (1e300, false, None),
            (f64::NAN, false, None),
        ] {
            assert_eq!(day(number, from_1904).as_deref(), expected, "{number}");
        }
    }
}
