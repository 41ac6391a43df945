//! The cells of one measure in one half month, packed.
//!
//! A block is one row with two columns: the total of each unit, which is all that most questions
//! need, and the sums of each day. Both are sorted, so equal cells are equal bytes.

use std::collections::BTreeMap;

use base::{Day, Error, Result};

use crate::{Half, varint};

/// Cells of one measure and half: (unit, day) to sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    sums: BTreeMap<(i64, i32), i64>,
}

impl Block {
    /// Adds to a cell.
    ///
    /// Errors: `Internal` when the sum leaves the range of 64 bits.
    pub(crate) fn add(&mut self, unit: i64, day: Day, delta: i64) -> Result<()> {
        let sum = self.sums.entry((unit, day.0)).or_default();
        *sum = sum.checked_add(delta).ok_or_else(|| Error::internal("a cell overflows"))?;
        Ok(())
    }

    /// The cells as (unit, day, sum), sorted.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (i64, Day, i64)> {
        self.sums.iter().map(|((unit, day), sum)| (*unit, Day(*day), *sum))
    }

    /// The two columns: totals by unit, and sums by unit and day.
    pub(crate) fn encode(&self, half: Half) -> (Vec<u8>, Vec<u8>) {
        let (mut totals, mut days) = (Vec::new(), Vec::new());
        let first = half.first().0;
        let mut cells = self.sums.iter().peekable();
        let (mut last_total, mut last_cell) = (0, 0);
        let mut total = 0_i64;
        while let Some(((unit, day), sum)) = cells.next() {
            varint::put(&mut days, unit - last_cell);
            varint::put(&mut days, i64::from(day - first));
            varint::put(&mut days, *sum);
            last_cell = *unit;
            total = total.wrapping_add(*sum);
            if cells.peek().is_none_or(|((next, _), _)| next != unit) {
                varint::put(&mut totals, unit - last_total);
                varint::put(&mut totals, total);
                (last_total, total) = (*unit, 0);
            }
        }
        (totals, days)
    }

    /// Reads the second column back.
    ///
    /// Errors: `Internal` when the bytes are damaged.
    pub(crate) fn decode(half: Half, days: &[u8]) -> Result<Self> {
        let mut block = Self::default();
        each_day(half, days, |unit, day, sum| {
            block.sums.insert((unit, day.0), sum);
        })?;
        Ok(block)
    }
}

/// Goes through the first column of a block: each unit with its total.
pub(crate) fn each_total(mut totals: &[u8], mut each: impl FnMut(i64, i64)) -> Result<()> {
    let mut unit = 0;
    while !totals.is_empty() {
        unit += varint::take(&mut totals).ok_or_else(damaged)?;
        each(unit, varint::take(&mut totals).ok_or_else(damaged)?);
    }
    Ok(())
}

/// Goes through the second column of a block: each unit and day with its sum.
pub(crate) fn each_day(
    half: Half,
    mut days: &[u8],
    mut each: impl FnMut(i64, Day, i64),
) -> Result<()> {
    let first = half.first();
    let mut unit = 0;
    while !days.is_empty() {
        unit += varint::take(&mut days).ok_or_else(damaged)?;
        let day =
            varint::take(&mut days).and_then(|day| i32::try_from(day).ok()).ok_or_else(damaged)?;
        each(unit, first.plus(day), varint::take(&mut days).ok_or_else(damaged)?);
    }
    Ok(())
}

fn damaged() -> Error {
    Error::internal("a block of cells is damaged: run `sogoc verify`")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_block_is_read_back_as_it_was_written(
            cells in prop::collection::vec((1_i64..2000, 0_i32..14, -9_000_000_i64..9_000_000), 0..300)
        ) {
            let half = Half::of("2025-07-01".parse().unwrap());
            let mut block = Block::default();
            let mut by_unit = BTreeMap::<i64, i64>::new();
            for (unit, day, delta) in cells {
                block.add(unit, half.first().plus(day), delta).unwrap();
                *by_unit.entry(unit).or_default() += delta;
            }
            let (totals, days) = block.encode(half);
            prop_assert_eq!(&Block::decode(half, &days).unwrap(), &block);
            let mut read = BTreeMap::new();
            each_total(&totals, |unit, sum| { read.insert(unit, sum); }).unwrap();
            prop_assert_eq!(read, by_unit);
        }

        #[test]
        fn damaged_bytes_are_refused_or_read_but_never_panic(bytes: Vec<u8>) {
            let _ = Block::decode(Half(48_600), &bytes);
            let _ = each_total(&bytes, |_, _| {});
        }
    }
}
