//! Passwords that are tried first: known from breaches, in the way of keyboards, or made of what
//! everybody here knows, such as the account's name, a place, the program's name and a year.

use std::collections::HashSet;
use std::sync::LazyLock;

/// One a line, folded. Those that are too short to be taken anyway are there for their variants.
static LIST: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("guessable.txt").lines().filter(|it| !it.is_empty()).collect());

/// Different letters that a password must have at least.
const LETTERS: usize = 5;

/// Letters and figures that must be left of a password when all that is known of its owner and of
/// keyboards is taken out of it.
const LEFT: usize = 5;
/// Shorter words stand in many a good password.
const WORD: usize = 5;
/// Neighbours on a keyboard, or in a row, that make a walk.
const WALK: usize = 4;
/// The program, as people write it.
const PROGRAM: [&str; 2] = ["sogoc", "sogocdulieu"];
/// Rows of a keyboard, and its columns from the left.
const KEYS: [&str; 7] = [
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
];

/// Whether a password is among those that are tried first. Case, tones and blanks make no
/// difference; nor do figures and signs around a word of the list. `places` are the names of units.
pub(super) fn is_guessable<'a>(
    password: &str,
    name: &str,
    places: impl IntoIterator<Item = &'a str>,
) -> bool {
    is_known(password, name) || left_of(&plain(password), name, places).chars().count() < LEFT
}

/// What is left of a password without the words that everybody tries here, the longest first.
fn left_of<'a>(folded: &str, name: &str, places: impl IntoIterator<Item = &'a str>) -> String {
    let parts = base::text::fold(name);
    let parts = parts.split(' ').filter(|part| part.len() >= 3).map(str::to_owned);
    let places = places.into_iter().map(plain).filter(|word| word.len() >= WORD);
    let known = PROGRAM.iter().chain(LIST.iter()).filter(|word| word.len() >= WORD);
    let all = known.map(|word| (*word).to_owned()).chain(places).chain(parts).chain([plain(name)]);
    // A blank stands where a word was, so that its neighbours do not make another.
    let mut words: Vec<String> =
        all.filter(|word| !word.is_empty() && folded.contains(word)).collect();
    words.sort_by_key(|word| (std::cmp::Reverse(word.len()), word.clone()));
    let mut left = folded.to_owned();
    for word in words {
        left = left.replace(&word, " ");
    }
    let left: Vec<String> =
        left.split(' ').map(|part| without_years(&without_walks(part))).collect();
    left.concat()
}

/// Without runs of neighbours on a keyboard, in either direction, or of one letter.
fn without_walks(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut left = String::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let walk = (at + 1..=letters.len())
            .rev()
            .find(|end| letters.get(at..*end).is_some_and(is_walk))
            .filter(|end| end - at >= WALK);
        match walk {
            Some(end) => at = end,
            None => {
                left.push(*letter);
                at += 1;
            }
        }
    }
    left
}

fn is_walk(letters: &[char]) -> bool {
    let text: String = letters.iter().collect();
    let back: String = letters.iter().rev().collect();
    let is_one = letters.iter().all(|letter| Some(letter) == letters.first());
    is_one || KEYS.iter().any(|row| row.contains(&text) || row.contains(&back))
}

/// Without years of a life, 1940 to 2049.
fn without_years(text: &str) -> String {
    let mut left = text.to_owned();
    for year in 1940..2050 {
        left = left.replace(&year.to_string(), "");
    }
    left
}

/// Whether it is known from breaches, or is the name of the account.
fn is_known(password: &str, name: &str) -> bool {
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

    const PLACES: [&str; 3] = ["Vị Thủy", "Hậu Giang", "Cần Thơ"];

    /// Whatever a password is made of, words of four syllables that nobody here would try stay good.
    #[test]
    fn words_that_have_nothing_to_do_with_the_owner_stay() {
        let words = ["trau", "vang", "gam", "co", "mua", "chieu", "lua", "dong", "buom", "den"];
        for left in words {
            for right in words.iter().filter(|right| **right != left) {
                let password = format!("{left} {right} ghe xuoi");
                assert!(!is_guessable(&password, "tran.van.an", PLACES), "{password}");
            }
        }
    }

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
            ("tranvanan-o-vi-thuy", true),
            ("HauGiang@ViThuy2026", true),
            ("Sổ Gốc 2026", true),
            ("sogoc.tran.an", true),
            ("vithuy-qwer-1234", true),
            ("1qaz@WSX3edc", true),
            ("an1985an2004", true),
            ("poiuytrewq99", true),
            ("con trâu Vị Thủy gặm cỏ", false),
            ("vị thủy mưa chiều nay", false),
            ("tập hợp 2026 cây lúa", false),
            ("con trâu vàng gặm cỏ", false),
            ("mat-khau-thu-nghiem", false),
            ("pheEM9lLhd40oixf", false),
            ("ស្វាយព្រៃទន្លេបាសាក់", false),
        ] {
            assert_eq!(is_guessable(password, "tran.van.an", PLACES), guessable, "{password}");
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
