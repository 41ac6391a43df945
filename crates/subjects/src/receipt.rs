//! The code by which somebody without an account finds their own request or consent again.

use base::random_bytes;
use sha2::{Digest as _, Sha256};

/// Crockford's letters: none is taken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Of 5 bits each: a hundred bits that nobody guesses.
const LENGTH: usize = 20;

/// A receipt code: `7K3M-9QXT-…`. Of it only the hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    /// A new one.
    #[must_use]
    pub fn draw() -> Self {
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte & 31)]);
        Self(random_bytes::<LENGTH>().iter().map(letter).collect())
    }

    /// One as somebody typed it; none when it cannot be one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_between = |letter: &char| letter.is_whitespace() || *letter == '-';
        let letters: Option<String> = text
            .chars()
            .filter(|letter| !is_between(letter))
            .map(|letter| match letter.to_ascii_uppercase() {
                'O' => Some('0'),
                'I' | 'L' => Some('1'),
                other => u8::try_from(other).ok().filter(|it| LETTERS.contains(it)).map(char::from),
            })
            .collect();
        letters.filter(|letters| letters.len() == LENGTH).map(Self)
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(format!("sogoc receipt {}", self.0)).into()
    }
}

impl std::fmt::Display for Receipt {
    /// In groups of four.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, letter) in self.0.chars().enumerate() {
            let between = if at > 0 && at % 4 == 0 { "-" } else { "" };
            write!(formatter, "{between}{letter}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_copy_it() {
        let code = Receipt::draw();
        let shown = code.to_string();
        assert_eq!(shown.len(), 24);
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), code.0.clone()]
        {
            assert_eq!(Receipt::read(&typed).as_ref(), Some(&code), "{typed}");
        }
        assert_eq!(
            Receipt::read("0000-0000-0000-0000-1111"),
            Receipt::read("oOoO0000 00000000iIlL")
        );
        assert_ne!(Receipt::draw(), code);
        assert_ne!(Receipt::draw().hash(), code.hash());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,40}") {
            if let Some(code) = Receipt::read(&text) {
                prop_assert_eq!(Receipt::read(&code.to_string()), Some(code));
            }
        }
    }
}
