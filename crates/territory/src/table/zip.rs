//! How large a compressed file grows, told without opening it.

/// The sum of the sizes that the directory of a ZIP file declares. What inflates beyond its
/// declared size is refused by the reader, so nothing grows larger than this.
///
/// Every directory entry in the bytes counts, also one that a second directory hides. Sizes of
/// 4 GiB and more count as 4 GiB. Units: bytes.
///
/// Format: APPNOTE.TXT 6.3.10, section 4.3.12.
pub(super) fn inflated_bytes(zip: &[u8]) -> u64 {
    const SIGNATURE: &[u8] = b"PK\x01\x02";
    /// Where the size stands behind the beginning of an entry.
    const SIZE: std::ops::Range<usize> = 24..28;
    let mut sum = 0_u64;
    let mut rest = zip;
    while let Some(at) = rest.windows(SIGNATURE.len()).position(|four| four == SIGNATURE) {
        rest = &rest[at..];
        if let Some(&[a, b, c, d]) = rest.get(SIZE) {
            sum = sum.saturating_add(u64::from(u32::from_le_bytes([a, b, c, d])));
        }
        rest = &rest[SIGNATURE.len()..];
    }
    sum
}
