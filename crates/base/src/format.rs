//! Numbers and dates as a reader of each language expects them.

use lang::Lang;

use crate::Day;

/// `1.234.567` (Vietnamese, Khmer) or `1,234,567` (English).
#[must_use]
pub fn grouped(lang: Lang, value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 6);
    if value < 0 {
        text.push('\u{2212}');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separators(lang).0);
        }
        text.push(digit);
    }
    text
}

/// A decimal given as a whole number of its last place: `decimal(lang, 4758, 2)` is `47,58`. At
/// most 18 decimals, as many as 64 bits hold.
#[must_use]
pub fn decimal(lang: Lang, scaled: i64, decimals: u32) -> String {
    let decimals = decimals.min(18);
    let unit = 10_i64.pow(decimals);
    let whole = grouped(lang, scaled / unit);
    let sign = if scaled < 0 && scaled / unit == 0 { "\u{2212}" } else { "" };
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    let rest = (scaled % unit).unsigned_abs();
    format!("{sign}{whole}{}{rest:0width$}", separators(lang).1, width = decimals as usize)
}

/// A share as a percentage, rounded half away from zero: `percent(118, 380, 2)` is 3105.
/// None where the denominator is zero, or the percentage does not fit into 64 bits.
#[must_use]
pub fn percent(numerator: i64, denominator: i64, decimals: u32) -> Option<i64> {
    if denominator == 0 {
        return None;
    }
    let scaled = 10_i128.checked_pow(decimals)?.checked_mul(100 * i128::from(numerator))?;
    let denominator = i128::from(denominator);
    let (quotient, rest) = (scaled / denominator, scaled % denominator);
    let away = if rest.abs() * 2 >= denominator.abs() {
        (scaled.signum() * denominator.signum()).signum()
    } else {
        0
    };
    i64::try_from(quotient + away).ok()
}

/// `01/07/2025`.
#[must_use]
pub fn short_day(day: Day) -> String {
    day.civil().strftime("%d/%m/%Y").to_string()
}

/// "ngày 05 tháng 3 năm 2025": days below 10 and the months 1 and 2 are written with a zero.
///
/// Law: Nghị định 30/2020/NĐ-CP, Phụ lục I.
#[must_use]
pub fn long_day(lang: Lang, day: Day) -> String {
    let date = day.civil();
    let month =
        if date.month() <= 2 { format!("0{}", date.month()) } else { date.month().to_string() };
    lang::format::long_day(
        lang,
        lang::format::LongDay { day: format!("{:02}", date.day()), month, year: date.year() },
    )
}

const fn separators(lang: Lang) -> (char, char) {
    match lang {
        Lang::English => (',', '.'),
        Lang::Vietnamese | Lang::Khmer => ('.', ','),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_reader_expects() {
        for (value, vietnamese, english) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (-1000, "−1.000", "−1,000"),
            (1_234_567, "1.234.567", "1,234,567"),
        ] {
            assert_eq!(grouped(Lang::Vietnamese, value), vietnamese);
            assert_eq!(grouped(Lang::English, value), english);
        }
        assert_eq!(decimal(Lang::Vietnamese, 4758, 2), "47,58");
        assert_eq!(decimal(Lang::Vietnamese, -5, 2), "−0,05");
        assert_eq!(decimal(Lang::English, 123_456, 2), "1,234.56");
        assert_eq!(decimal(Lang::English, 1, 40), "0.000000000000000001");
    }

    #[test]
    fn a_percentage_is_rounded_half_away_from_zero() {
        for (numerator, denominator, decimals, expected) in [
            (118, 380, 2, Some(3105)),
            (118, 248, 2, Some(4758)),
            (1482, 7585, 2, Some(1954)),
            (1, 8, 0, Some(13)),
            (-1, 8, 0, Some(-13)),
            (1, 0, 2, None),
            (i64::MAX, 1, 2, None),
            (1, 3, 40, None),
            (i64::MIN, -1, 0, None),
        ] {
            assert_eq!(percent(numerator, denominator, decimals), expected);
        }
    }
}
