//! Vietnamese text: one form to store, one to search, one to sort by.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The stored form: NFC, white space folded to single blanks, no control characters at all, and
/// no marks that turn the direction of writing.
///
/// Lists from elsewhere carry line breaks and double blanks inside names. Neither Vietnamese nor
/// Khmer is written from right to left: a mark that says so only makes a text look like another.
#[must_use]
pub fn clean(text: &str) -> String {
    let text: String = text.chars().filter(|c| !DIRECTIONS.contains(c)).collect();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}' || c == '\u{200b}')
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join(" ");
    // Plain letters have but one form.
    if joined.is_ascii() { joined } else { joined.nfc().collect() }
}

/// The stored form of a text of several lines: each line is [`clean`], empty ones at the ends go,
/// and between two others there is at most one.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut kept: Vec<String> = Vec::new();
    for line in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let line = clean(line);
        if !line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n").trim_end().to_owned()
}

/// The marks that turn the direction of writing (Unicode's bidirectional controls).
const DIRECTIONS: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

/// The searched form: without tones and diacritics (đ is d), lower case, words of letters and
/// digits with one blank between. "Hoà Mỹ", "Hòa Mỹ" and "HOA MY" all give "hoa my".
///
/// Khmer vowel signs are kept: only the Latin combining marks U+0300 to U+036F are dropped.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    if text.is_ascii() {
        for byte in text.bytes() {
            if !byte.is_ascii_alphanumeric() {
                gap = true;
                continue;
            }
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(char::from(byte.to_ascii_lowercase()));
        }
        return folded;
    }
    for c in text.nfd().flat_map(char::to_lowercase) {
        let c = match c {
            '\u{300}'..='\u{36f}' => continue,
            'đ' => 'd',
            c => c,
        };
        if c.is_alphanumeric() || is_combining_mark(c) {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(c);
        } else {
            gap = true;
        }
    }
    folded
}

/// The compared form: lower case, NFD with the tone mark moved behind the syllable, so that the
/// two ways of placing it ("hoà", "hòa") are one, while "Tân" and "Tấn" stay two.
#[must_use]
pub fn tone_neutral(text: &str) -> String {
    let cleaned = clean(text);
    if cleaned.is_ascii() {
        return cleaned.to_ascii_lowercase();
    }
    let mut neutral = String::with_capacity(cleaned.len() + 8);
    for (at, word) in cleaned.split(' ').enumerate() {
        if at > 0 {
            neutral.push(' ');
        }
        let mut tone = None;
        for c in word.nfd().flat_map(char::to_lowercase) {
            if TONES.contains(&c) { tone = Some(c) } else { neutral.push(c) }
        }
        neutral.extend(tone);
    }
    neutral
}

/// Sorts by the Vietnamese alphabet (a ă â b c d đ e ê …), then by tone (ngang, huyền, hỏi, ngã,
/// sắc, nặng), digits by their value ("Ấp 2" before "Ấp 10").
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_key, right_key) = (sort_key(left), sort_key(right));
    left_key.cmp(&right_key).then_with(|| left.cmp(right))
}

/// Tones in the order of the dictionary; the level tone has no mark.
const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// The sorted form: letters with numbers, then tones. [`compare`] compares it; keep it where many
/// names are sorted.
#[must_use]
pub fn sort_key(text: &str) -> (Vec<u64>, Vec<u8>) {
    let (mut letters, mut tones) = (Vec::new(), Vec::new());
    let mut characters = text.nfd().flat_map(char::to_lowercase).peekable();
    while let Some(c) = characters.next() {
        if let Some(digit) = c.to_digit(10) {
            let mut number = u64::from(digit);
            while let Some(digit) = characters.peek().and_then(|c| c.to_digit(10)) {
                number = number.saturating_mul(10).saturating_add(u64::from(digit));
                characters.next();
            }
            letters.push(DIGITS + number.min(1 << 40));
            continue;
        }
        if let Some(tone) = TONES.iter().position(|tone| *tone == c) {
            tones.push(u8::try_from(tone + 1).unwrap_or_default());
            continue;
        }
        // Breve, circumflex and horn make a letter of their own, after its plain one.
        match c {
            '\u{306}' => bump(&mut letters, 1),
            '\u{302}' => bump(&mut letters, 2),
            '\u{31b}' => bump(&mut letters, 3),
            'đ' => letters.push(LETTERS + u64::from(u32::from('d')) * 4 + 1),
            c if c.is_alphabetic() => {
                tones.push(0);
                letters.push(LETTERS + u64::from(u32::from(c)) * 4);
            }
            _ => letters.push(0),
        }
    }
    (letters, tones)
}

const DIGITS: u64 = 1;
const LETTERS: u64 = 1 << 50;

fn bump(letters: &mut [u64], by: u64) {
    if let Some(last) = letters.last_mut() {
        *last += by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_of_what_lists_carry() {
        assert_eq!(clean("Phường \nHoàn Kiếm"), "Phường Hoàn Kiếm");
        assert_eq!(clean("\u{feff}Xã  Vĩnh Tường "), "Xã Vĩnh Tường");
        assert_eq!(clean("Thu\u{309}y"), "Thủy");
        for (typed, kept) in [
            ("  một\r\nhai  ba \n", "một\nhai ba"),
            ("\n\n1)\u{202e} x\r\n\r\n \n2) y\u{2028}z\r", "1) x\n\n2) y\nz"),
            (" \r\n\t", ""),
            ("một dòng", "một dòng"),
        ] {
            assert_eq!(clean_lines(typed), kept, "{typed:?}");
            assert_eq!(clean_lines(kept), kept, "{typed:?}");
        }
        assert_eq!(clean("a\u{0}b"), "a b");
        assert_eq!(clean("Xã \u{202e}Vĩnh\u{202c} \u{200f} Tường"), "Xã Vĩnh Tường");
    }

    #[test]
    fn search_finds_a_name_however_it_is_typed() {
        for typed in ["Hòa Mỹ", "Hoà Mỹ", "HOA MY", "hoa  my", "Ho\u{300}a My\u{303}"] {
            assert_eq!(fold(typed), "hoa my", "{typed}");
        }
        assert_eq!(fold("Đông Phước A"), "dong phuoc a");
        assert_eq!(fold("P.III, TP.Vị Thanh"), "p iii tp vi thanh");
        assert_eq!(fold("គ្រួសារ"), "គ្រួសារ");
    }

    #[test]
    fn plain_letters_have_the_forms_they_have_beside_others() {
        let join = |left: &str, right: &str| format!("{left} {right}").trim().to_owned();
        for text in ["", " ", "Vi Thuy", "P.3, TP", "\tKV4\r\n--", "12/3", "Ea H'leo", "(A)  b_c"] {
            let beside = format!("{text} Ế");
            assert_eq!(clean(&beside), join(&clean(text), "Ế"), "{text:?}");
            assert_eq!(fold(&beside), join(&fold(text), "e"), "{text:?}");
            let neutral = join(&tone_neutral(text), &tone_neutral("Ế"));
            assert_eq!(tone_neutral(&beside), neutral, "{text:?}");
        }
    }

    #[test]
    fn both_tone_styles_are_one_name_but_other_tones_are_not() {
        assert_eq!(tone_neutral("Vị Thuỷ"), tone_neutral("Vị Thủy"));
        assert_eq!(tone_neutral("Hoả Lựu"), tone_neutral("HỎA LỰU"));
        assert_ne!(tone_neutral("Tân Hòa"), tone_neutral("Tấn Hòa"));
        assert_ne!(tone_neutral("Long Tri"), tone_neutral("Long Trị"));
    }

    #[test]
    fn names_sort_by_the_vietnamese_alphabet() {
        let sorted = [
            "Ấp 2",
            "Ấp 10",
            "Bình Thạnh",
            "Cái Tắc",
            "Dương",
            "Đại Thành",
            "Đông Phước",
            "Lái Hiếu",
            "Long Mỹ",
            "Lương Tâm",
            "Tan",
            "Tàn",
            "Tản",
            "Tãn",
            "Tán",
            "Tạn",
            "Tăn",
            "Tân",
            "Ư",
        ];
        let mut names = sorted;
        names.reverse();
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, sorted);
    }
}
