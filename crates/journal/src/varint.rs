//! Whole numbers in as few bytes as they need (LEB128, signed ones zigzag).

/// Appends a number.
pub(crate) fn put(bytes: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Takes the next number off the front; none when the bytes end too early or go on too long.
pub(crate) fn take(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_put_is_taken(values: Vec<i64>) {
            let mut bytes = Vec::new();
            for value in &values {
                super::put(&mut bytes, *value);
            }
            let mut rest = bytes.as_slice();
            for value in &values {
                prop_assert_eq!(super::take(&mut rest), Some(*value));
            }
            prop_assert_eq!(super::take(&mut rest), None);
        }
    }
}
