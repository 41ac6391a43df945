//! Passwords that are tried first: known from breaches, in the way of keyboards, or made of the
//! account's own name.

use std::collections::HashSet;
use std::sync::LazyLock;

/// One a line, folded. Those that are too short to be taken anyway are there for their variants.
static LIST: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("guessable.txt").lines().filter(|it| !it.is_empty()).collect());

/// Different letters that a password must have at least.
const LETTERS: usize = 5;

/// Whether a password is among those that are tried first. Case, tones and blanks make no
/// difference; nor do figures and signs around a word of the list.
pub(super) fn is_guessable(password: &str, name: &str) -> bool {
    let folded = plain(password);
    let distinct: HashSet<char> = folded.chars().collect();
    if distinct.len() < LETTERS || is_row(&folded) || LIST.contains(folded.as_str()) {
        return true;
    }
    let core = folded.trim_matches(|letter: char| letter.is_ascii_digit());
    let name = plain(name);
    let own = name.trim_matches(|letter: char| letter.is_ascii_digit());
    // What is left of a short word says little: "an" stands in many a good password.
    let is_word = core.len() >= 5 && LIST.contains(core);
    is_word || folded == name || core == own || folded == name.repeat(2)
}

fn plain(text: &str) -> String {
    base::text::fold(text).replace(' ', "")
}

/// Whether each letter or figure follows the one before: 1234567890, zyxwvutsrq.
fn is_row(text: &str) -> bool {
    let steps: Vec<i64> = text
        .chars()
        .zip(text.chars().skip(1))
        .map(|(left, right)| i64::from(u32::from(right)) - i64::from(u32::from(left)))
        .collect();
    // After 9 comes 0.
    let follows = |by: i64| steps.iter().all(|step| *step == by || *step == -9 * by);
    follows(1) || follows(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_known_and_what_is_not_is_left() {
        for (password, guessable) in [
            ("matkhau123", true),
            ("MatKhau123", true),
            ("Mật khẩu 123", true),
            ("matkhau2026!", true),
            ("vietnam123", true),
            ("VietNam@2025", true),
            ("1234567890", true),
            ("0987654321", true),
            ("abcdefghij", true),
            ("aaaaaaaaaa", true),
            ("ababababab", true),
            ("qwertyuiop", true),
            ("Password123", true),
            ("anhyeuem123", true),
            ("haugiang123", true),
            ("tran.van.an", true),
            ("Tran.Van.An99", true),
            ("tranvanan", true),
            ("con trâu vàng gặm cỏ", false),
            ("mat-khau-thu-nghiem", false),
            ("tranvanan-o-vi-thuy", false),
            ("pheEM9lLhd40oixf", false),
            ("ស្វាយព្រៃទន្លេបាសាក់", false),
        ] {
            assert_eq!(is_guessable(password, "tran.van.an"), guessable, "{password}");
        }
    }

    #[test]
    fn the_list_is_folded_in_order_and_says_nothing_twice() {
        let lines: Vec<&str> = include_str!("guessable.txt").lines().collect();
        assert!(lines.len() > 300, "{}", lines.len());
        for pair in lines.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
        for line in lines {
            assert_eq!(plain(line), line);
        }
    }
}
