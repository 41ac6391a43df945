//! Recovery codes: for whoever has lost the telephone. Each works once.

use base::random_bytes;
use sha2::{Digest as _, Sha256};

/// So many are drawn at a time.
pub(crate) const COUNT: usize = 10;
/// 120 random bits: from 112 on a plain hash keeps them (OWASP ASVS 5.0, 6.5.2).
const BYTES: usize = 15;
/// The last are of codes that were drawn when they had 80 bits.
const LETTERS: [usize; 2] = [24, 16];
/// Base32 (RFC 4648) without padding, as authenticators write secrets too.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What somebody typed where a code is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Six digits.
    Code(u32),
    /// The letters of a recovery code.
    Recovery(String),
    /// Neither.
    Neither,
}

impl Typed {
    /// Reads it; blanks, hyphens and case make no difference.
    pub(super) fn read(text: &str) -> Self {
        // Nobody types so many: a longer text is not looked at.
        if text.len() > 100 {
            return Self::Neither;
        }
        let plain: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        let is_code = plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit());
        if let (true, Ok(code)) = (is_code, plain.parse()) {
            return Self::Code(code);
        }
        let is_recovery =
            LETTERS.contains(&plain.len()) && plain.bytes().all(|byte| ALPHABET.contains(&byte));
        if is_recovery { Self::Recovery(plain) } else { Self::Neither }
    }
}

/// New codes, as they are shown: `ABCD-EFGH-IJKL-MNOP-QRST-UVWX`.
pub(super) fn draw() -> Vec<String> {
    (0..COUNT).map(|_| in_fours(&base32(&random_bytes::<BYTES>()), "-")).collect()
}

/// Only this is stored. It is bound to the account.
pub(super) fn hash(account: &str, letters: &str) -> [u8; 32] {
    let letters = letters.replace('-', "");
    Sha256::digest(format!("sogoc recovery code\n{account}\n{letters}").as_bytes()).into()
}

/// A text in groups of four, which are easier to copy.
pub(crate) fn in_fours(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(between)
}

/// Whole groups of five bits; both lengths that are written here have no rest.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            let letter = ALPHABET.get((bits >> count & 31) as usize).copied().unwrap_or(b'A');
            text.push(char::from(letter));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        let letter = ALPHABET.get((bits << (5 - count) & 31) as usize).copied().unwrap_or(b'A');
        text.push(char::from(letter));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, 10, without the padding.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text, "{bytes}");
        }
    }

    #[test]
    fn what_is_typed_is_a_code_a_recovery_code_or_neither() {
        let recovery = |letters: &str| Typed::Recovery(letters.to_owned());
        for (text, typed) in [
            ("123456", Typed::Code(123_456)),
            (" 012 345\u{a0}", Typed::Code(12_345)),
            ("012-345", Typed::Code(12_345)),
            ("abcd-efgh-ijkl-mn27", recovery("ABCDEFGHIJKLMN27")),
            ("ABCD EFGH IJKL MN27", recovery("ABCDEFGHIJKLMN27")),
            ("abcd-efgh-ijkl-mnop-qrst-uv27", recovery("ABCDEFGHIJKLMNOPQRSTUV27")),
            ("", Typed::Neither),
            ("12345", Typed::Neither),
            ("1234567", Typed::Neither),
            ("12345x", Typed::Neither),
            ("+12345", Typed::Neither),
            ("-12345", Typed::Neither),
            ("１２３４５６", Typed::Neither),
            ("١٢٣٤٥٦", Typed::Neither),
            ("ABCDEFGHIJKLMN01", Typed::Neither),
            ("ABCDEFGHIJKLMNOPQ", Typed::Neither),
            ("' or 1=1 --", Typed::Neither),
            ("123456\0", Typed::Neither),
        ] {
            assert_eq!(Typed::read(text), typed, "{text:?}");
        }
        assert_eq!(Typed::read(&"1".repeat(1 << 20)), Typed::Neither);
        assert_eq!(Typed::read(&format!("123456{}", " ".repeat(1 << 20))), Typed::Neither);
    }

    #[test]
    fn codes_are_drawn_apart_and_belong_to_one_account() {
        let codes = draw();
        assert_eq!(codes.len(), COUNT);
        for (at, code) in codes.iter().enumerate() {
            assert!(!codes[..at].contains(code), "{code}");
            assert_eq!(Typed::read(code), Typed::Recovery(code.replace('-', "")));
            assert_ne!(hash("an", code), hash("binh", code));
            assert_eq!(hash("an", code), hash("an", &code.replace('-', "")));
        }
    }
}
