//! What sums tell of their parts: whether a number can be computed from others that are shown.

use std::collections::{BTreeMap, BTreeSet};

/// Arithmetic is done modulo this prime (2⁶¹ − 1): exact for what is asked here but by a chance
/// of less than one in 10¹⁵, and never too large for a machine word.
const PRIME: u64 = (1 << 61) - 1;

/// Whether one of the wanted sums can be computed from the shown ones. A sum is the set of the
/// numbers that it adds.
pub(crate) fn can_be_computed<T: Ord + Copy>(
    shown: &[BTreeSet<T>],
    wanted: &[BTreeSet<T>],
) -> bool {
    let numbers: BTreeSet<T> = shown.iter().flatten().copied().collect();
    let places: BTreeMap<T, usize> =
        numbers.into_iter().enumerate().map(|(at, number)| (number, at)).collect();
    let vector = |sum: &BTreeSet<T>| -> Option<Vec<u64>> {
        let mut vector = vec![0; places.len()];
        for number in sum {
            vector[*places.get(number)?] = 1;
        }
        Some(vector)
    };
    let mut basis = Basis::default();
    for sum in shown {
        basis.extend(vector(sum));
    }
    wanted.iter().filter_map(vector).any(|wanted| basis.holds(wanted))
}

/// Vectors, each with a one in a place of its own where those after it have nothing.
#[derive(Default)]
struct Basis(Vec<(usize, Vec<u64>)>);

impl Basis {
    fn extend(&mut self, vectors: impl IntoIterator<Item = Vec<u64>>) {
        for vector in vectors {
            let mut rest = self.rest_of(vector);
            let Some(at) = rest.iter().position(|it| *it != 0) else { continue };
            let inverse = power(rest[at], PRIME - 2);
            rest.iter_mut().for_each(|it| *it = product(*it, inverse));
            self.0.push((at, rest));
        }
    }

    fn holds(&self, vector: Vec<u64>) -> bool {
        self.rest_of(vector).iter().all(|it| *it == 0)
    }

    /// What is left of a vector when all that the basis can give is taken away.
    fn rest_of(&self, mut vector: Vec<u64>) -> Vec<u64> {
        for (at, own) in &self.0 {
            let times = vector[*at];
            if times != 0 {
                for (it, own) in vector.iter_mut().zip(own) {
                    *it = (*it + PRIME - product(times, *own)) % PRIME;
                }
            }
        }
        vector
    }
}

fn product(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other) % u128::from(PRIME);
    u64::try_from(product).unwrap_or_default()
}

fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut result, mut base) = (1, base);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = product(result, base);
        }
        base = product(base, base);
        exponent /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "12 23": the sum of the numbers 1 and 2, and that of 2 and 3.
    fn sets(text: &str) -> Vec<BTreeSet<char>> {
        text.split_whitespace().map(|sum| sum.chars().collect()).collect()
    }

    #[test]
    fn sums_tell_what_can_be_added_and_taken_away() {
        for (shown, wanted, is_told) in [
            ("", "1", false),
            ("12", "1", false),
            ("1", "1", true),
            ("12 2", "1", true),
            ("12 123", "3", true),
            ("12 1234", "3", false),
            ("12 1234", "34", true),
            // Three sums of two each tell all three, though none holds another.
            ("12 23 13", "3", true),
            ("12 23 34 41", "1", false),
            ("12 23 34", "14", true),
            ("12 34", "13 24", false),
            ("12", "9", false),
        ] {
            let is_found = can_be_computed(&sets(shown), &sets(wanted));
            assert_eq!(is_found, is_told, "{shown}: {wanted}");
        }
    }
}
