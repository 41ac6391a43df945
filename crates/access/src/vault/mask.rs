//! Citizen numbers as they may be shown.

/// A citizen number with only its province and its last four digits: `093*****1234`. Of any other
/// text nothing is shown, not even its length.
#[must_use]
pub fn mask_citizen_number(number: &str) -> String {
    let digits = number.trim();
    let is_number = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number, digits.get(..3), digits.get(8..)) {
        (true, Some(province), Some(last)) => format!("{province}*****{last}"),
        _ => "*".repeat(12),
    }
}
