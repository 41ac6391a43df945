//! From values to places in a drawing.

use std::fmt;

use base::decimal;
use lang::Lang;

/// A place in a drawing, written with one decimal at most: a chart weighs little.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At(pub(crate) f64);

impl fmt::Display for At {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0;
        // Minus zero would be written with its sign.
        write!(formatter, "{}", if rounded == 0.0 { 0.0 } else { rounded })
    }
}

/// The span of an axis, widened to round numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
}

impl Scale {
    /// A scale that holds all values in about four steps; values that are not numbers are left
    /// out, and none where nothing is left. Zero belongs to it unless all values are far from it.
    pub(crate) fn over(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .map(|value| (value, value))
            .reduce(|span, value| (span.0.min(value.0), span.1.max(value.1)))?;
        let (low, high) = if high - low > f64::EPSILON * high.abs().max(1.0) {
            (if low >= 0.0 && low < 0.7 * high { 0.0 } else { low }, high)
        } else if high == 0.0 {
            (0.0, 4.0)
        } else {
            (low.min(0.0), high.max(0.0))
        };
        let step = nice((high - low) / 4.0);
        // A hair's breadth, so that 0,3 in steps of 0,1 is three steps.
        let low = (low / step + 1e-9).floor() * step;
        let high = (high / step - 1e-9).ceil() * step;
        Some(Self { low, high, step })
    }

    /// The place of a value, 0 at the low end and 1 at the high end.
    pub(crate) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The round values of the axis with their words, from low to high.
    pub(crate) fn ticks(&self, lang: Lang) -> Vec<(f64, String)> {
        let decimals = (-self.step.log10().floor()).clamp(0.0, 6.0) as u32;
        // 2,5 needs one place more than its power of ten says.
        let unit = 10_f64.powi(decimals as i32);
        let decimals = decimals + u32::from((self.step * unit).fract().abs() > 1e-6);
        let count = ((self.high - self.low) / self.step).round().clamp(1.0, 12.0) as u32;
        (0..=count)
            .map(|at| {
                let value = self.low + f64::from(at) * self.step;
                let scaled = (value * 10_f64.powi(decimals as i32)).round() as i64;
                (value, decimal(lang, scaled, decimals))
            })
            .collect()
    }
}

/// The next of 1, 2, 2,5 or 5 times a power of ten.
fn nice(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    let digit = raw / power;
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|nice| digit <= nice * 1.000_001);
    nice.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ends_and_holds_every_value() {
        for (values, low, high, ticks) in [
            (vec![12.0, 47.5], 0.0, 60.0, vec!["0", "20", "40", "60"]),
            (vec![91.0, 97.0], 90.0, 98.0, vec!["90", "92", "94", "96", "98"]),
            (vec![5.0], 0.0, 6.0, vec!["0", "2", "4", "6"]),
            (vec![0.0, 0.0], 0.0, 4.0, vec!["0", "1", "2", "3", "4"]),
            (vec![-8.0, -8.0], -8.0, 0.0, vec!["−8", "−6", "−4", "−2", "0"]),
            (vec![0.2, 1.0], 0.0, 1.0, vec!["0,00", "0,25", "0,50", "0,75", "1,00"]),
            (
                vec![0.0, 194_412.0],
                0.0,
                200_000.0,
                vec!["0", "50.000", "100.000", "150.000", "200.000"],
            ),
        ] {
            let scale = Scale::over(values.iter().copied()).unwrap();
            assert_eq!((scale.low, scale.high), (low, high), "{values:?}");
            let words: Vec<String> =
                scale.ticks(Lang::Vietnamese).into_iter().map(|(_, word)| word).collect();
            assert_eq!(words, ticks, "{values:?}");
        }
        assert_eq!(Scale::over([f64::NAN, f64::INFINITY].into_iter()), None);
    }

    #[test]
    fn a_place_is_written_shortly() {
        for (value, expected) in [(1.26, "1.3"), (2.0, "2"), (-0.01, "0"), (-3.5, "-3.5")] {
            assert_eq!(At(value).to_string(), expected);
        }
    }
}
