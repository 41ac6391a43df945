//! The cells of one measure in one half month, packed.
//!
//! A block is one row with two columns: the total of each unit, which is all that most questions
//! need, and the sums of each day. Both are sorted, so equal cells are equal bytes.

use std::ops::RangeInclusive;

use base::{Day, Error, Result};

use crate::{Cell, Half, varint};

/// Ids of units; sums are kept by id in plain lists. A nation has some 100,000 hamlets.
pub(crate) const UNITS: RangeInclusive<i64> = 0..=1 << 20;
/// Days in the longest half of a month: 15 to 31.
const LONGEST_HALF: i32 = 17;

/// Cells of one measure and half: (unit, day, cell), sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    cells: Vec<(i64, Day, Cell)>,
}

impl Block {
    /// Adds to cells, given as (unit, day, more) in any order.
    ///
    /// Errors: `Internal` when a sum leaves the range of 64 bits.
    pub(crate) fn add(&mut self, deltas: impl IntoIterator<Item = (i64, Day, Cell)>) -> Result<()> {
        self.cells.extend(deltas);
        self.cells.sort_unstable_by_key(|(unit, day, _)| (*unit, *day));
        let mut kept = 0;
        for at in 0..self.cells.len() {
            let (unit, day, more) = self.cells[at];
            match self.cells[..kept].last_mut() {
                Some(last) if (last.0, last.1) == (unit, day) => {
                    let cell = last.2.checked_add(more);
                    last.2 = cell.ok_or_else(|| Error::internal("a cell overflows"))?;
                }
                _ => {
                    self.cells[kept] = (unit, day, more);
                    kept += 1;
                }
            }
        }
        self.cells.truncate(kept);
        Ok(())
    }

    /// The cells as (unit, day, cell), sorted.
    pub(crate) fn cells(&self) -> &[(i64, Day, Cell)] {
        &self.cells
    }

    /// The two columns: totals by unit, and cells by unit and day.
    pub(crate) fn encode(&self, half: Half) -> (Vec<u8>, Vec<u8>) {
        let (mut totals, mut days) = (Vec::new(), Vec::new());
        let first = half.first().0;
        let (mut last_total, mut last_cell) = (0, 0);
        for unit in self.cells.chunk_by(|left, right| left.0 == right.0) {
            let mut total = Cell::default();
            for (unit, day, cell) in unit {
                varint::put(&mut days, unit - last_cell);
                varint::put(&mut days, i64::from(day.0 - first));
                put(&mut days, *cell);
                last_cell = *unit;
                total.sum = total.sum.wrapping_add(cell.sum);
                total.records = total.records.wrapping_add(cell.records);
            }
            varint::put(&mut totals, last_cell - last_total);
            put(&mut totals, total);
            last_total = last_cell;
        }
        (totals, days)
    }

    /// Reads the second column back.
    ///
    /// Errors: `Internal` when the bytes are damaged.
    pub(crate) fn decode(half: Half, days: &[u8]) -> Result<Self> {
        let mut block = Self::default();
        each_day(half, days, |unit, day, cell| {
            block.cells.push((unit, day, cell));
        })?;
        Ok(block)
    }
}

fn put(bytes: &mut Vec<u8>, cell: Cell) {
    varint::put(bytes, cell.sum);
    varint::put(bytes, cell.records);
}

fn take(bytes: &mut &[u8]) -> Result<Cell> {
    let mut next = || varint::take(bytes).ok_or_else(damaged);
    Ok(Cell { sum: next()?, records: next()? })
}

/// Goes through the first column of a block: each unit with its total.
pub(crate) fn each_total(mut totals: &[u8], mut each: impl FnMut(i64, Cell)) -> Result<()> {
    let mut unit = 0;
    while !totals.is_empty() {
        unit = take_unit(unit, &mut totals)?;
        each(unit, take(&mut totals)?);
    }
    Ok(())
}

/// Goes through the second column of a block: each unit and day with its cell.
pub(crate) fn each_day(
    half: Half,
    mut days: &[u8],
    mut each: impl FnMut(i64, Day, Cell),
) -> Result<()> {
    let first = half.first();
    let mut unit = 0;
    while !days.is_empty() {
        unit = take_unit(unit, &mut days)?;
        let day = varint::take(&mut days).and_then(|day| i32::try_from(day).ok());
        let day = day.filter(|day| (0..LONGEST_HALF).contains(day)).ok_or_else(damaged)?;
        each(unit, first.plus(day), take(&mut days)?);
    }
    Ok(())
}

fn take_unit(before: i64, bytes: &mut &[u8]) -> Result<i64> {
    let unit = varint::take(bytes).and_then(|more| before.checked_add(more));
    unit.filter(|unit| UNITS.contains(unit)).ok_or_else(damaged)
}

fn damaged() -> Error {
    Error::internal("a block of cells is damaged: run `sogoc verify`")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_block_is_read_back_as_it_was_written(
            cells in prop::collection::vec(
                (1_i64..2000, 0_i32..14, -9_000_000_i64..9_000_000, -2_i64..3), 0..300)
        ) {
            let half = Half::of("2025-07-01".parse().unwrap());
            let mut block = Block::default();
            let mut by_unit = BTreeMap::<i64, Cell>::new();
            for (unit, day, sum, records) in cells {
                let more = Cell { sum, records };
                block.add([(unit, half.first().plus(day), more)]).unwrap();
                let total = by_unit.entry(unit).or_default();
                *total = total.checked_add(more).unwrap();
            }
            let (totals, days) = block.encode(half);
            prop_assert_eq!(&Block::decode(half, &days).unwrap(), &block);
            let mut read = BTreeMap::new();
            each_total(&totals, |unit, total| { read.insert(unit, total); }).unwrap();
            prop_assert_eq!(read, by_unit);
        }

        #[test]
        fn numbers_that_no_block_has_are_damage(
            unit in prop_oneof![Just(i64::MIN), Just(-1), Just(1_i64 << 40), Just(i64::MAX)],
            day in prop_oneof![Just(-1_i64), Just(17), Just(i64::from(i32::MAX)), Just(i64::MAX)],
        ) {
            let half = Half::of("2025-07-01".parse().unwrap());
            let next = if unit == -1 { -6 } else { unit };
            for numbers in [vec![unit, 0, 1, 1], vec![5, day, 1, 1], vec![5, 0, 1, 1, next, 0, 1, 1]] {
                let mut bytes = Vec::new();
                numbers.iter().for_each(|number| varint::put(&mut bytes, *number));
                prop_assert!(Block::decode(half, &bytes).is_err());
            }
            let mut bytes = Vec::new();
            [unit, 1, 1].iter().for_each(|number| varint::put(&mut bytes, *number));
            let read = each_total(&bytes, |_, _| {});
            prop_assert!(read.is_err());
        }

        #[test]
        fn damaged_bytes_are_refused_or_read_but_never_panic(bytes: Vec<u8>) {
            let _ = Block::decode(Half(48_600), &bytes);
            let _ = each_total(&bytes, |_, _| {});
        }
    }
}
