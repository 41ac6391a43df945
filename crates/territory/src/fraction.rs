//! Exact fractions, as the shares of a unit are.

/// Numerator and denominator; the denominator is above nothing.
pub(crate) type Fraction = (i128, i128);

pub(crate) const fn greatest_common(left: i128, right: i128) -> i128 {
    if right == 0 { left } else { greatest_common(right, left % right) }
}

/// None beyond `limit`.
pub(crate) fn least_common(left: i128, right: i128, limit: i128) -> Option<i128> {
    let common = (left / greatest_common(left, right).max(1)).checked_mul(right)?;
    (common <= limit).then_some(common)
}

/// The sum in its lowest terms; none where the common denominator passes `limit`.
pub(crate) fn sum(fractions: impl IntoIterator<Item = Fraction>, limit: i128) -> Option<Fraction> {
    let mut total: Fraction = (0, 1);
    for (numerator, denominator) in fractions {
        let divisor = greatest_common(numerator, denominator).max(1);
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        let common = least_common(total.1, denominator, limit)?;
        let left = total.0.checked_mul(common / total.1)?;
        let right = numerator.checked_mul(common / denominator)?;
        total = (left.checked_add(right)?, common);
    }
    let divisor = greatest_common(total.0, total.1).max(1);
    Some((total.0 / divisor, total.1 / divisor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_exact_up_to_its_limit() {
        let of = |fractions: &[Fraction], limit| sum(fractions.iter().copied(), limit);
        assert_eq!(of(&[], 1), Some((0, 1)));
        assert_eq!(of(&[(1, 3), (2, 3)], 10), Some((1, 1)));
        assert_eq!(of(&[(1, 6), (1, 10)], 30), Some((4, 15)));
        assert_eq!(of(&[(1, 6), (1, 10)], 29), None);
        assert_eq!(of(&[(50, 100), (1, 2)], 2), Some((1, 1)), "reduced before they are summed");
        let primes = [999_999_937, 999_999_929, 999_999_893, 999_999_883, 999_999_797];
        let many: Vec<Fraction> = primes.iter().map(|prime| (1, *prime)).collect();
        assert_eq!(of(&many, i128::MAX), None, "no overflow");
    }
}
