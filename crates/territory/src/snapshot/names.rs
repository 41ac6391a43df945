//! Names as they are looked up: by whole name for addresses, by beginnings of words for search.

use std::collections::{BTreeMap, HashMap};

use base::text::{clean, fold, tone_neutral};

use super::At;
use crate::{Level, Unit, Version};

/// Every name that a unit ever bore.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// By [`key`] of the name: versions of provinces, districts and communes.
    whole: HashMap<String, Vec<At>>,
    /// Folded words of full names and codes, sorted, each with the versions that have it.
    words: Vec<(String, Vec<At>)>,
    /// By place of unit and version.
    forms: Vec<Vec<Forms>>,
}

/// The forms of a version's names in which texts are compared with them.
#[derive(Clone, Debug)]
pub(crate) struct Forms {
    /// The full name, folded.
    pub(crate) folded: String,
    /// [`key`] of the name.
    pub(crate) key: String,
    /// The name, `tone_neutral`.
    pub(crate) neutral: String,
}

/// A version with the forms of its names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) version: &'a Version,
    pub(crate) forms: &'a Forms,
}

impl Names {
    pub(super) fn new(units: &[Unit]) -> Self {
        let mut whole: HashMap<String, Vec<At>> = HashMap::new();
        let mut words: BTreeMap<String, Vec<At>> = BTreeMap::new();
        let mut forms = Vec::with_capacity(units.len());
        for (unit, row) in (0..).zip(units) {
            let mut ours = Vec::with_capacity(row.versions.len());
            for (version, row) in (0..).zip(&row.versions) {
                let at = At { unit, version };
                let key = key(&row.name);
                if row.kind.level() != Level::Hamlet {
                    whole.entry(key.clone()).or_default().push(at);
                }
                let folded = fold(&row.full_name);
                let code = row.code.iter().map(|code| code.as_str().to_lowercase());
                for word in folded.split(' ').map(str::to_owned).chain(code) {
                    let versions = words.entry(word).or_default();
                    if versions.last() != Some(&at) {
                        versions.push(at);
                    }
                }
                ours.push(Forms { folded, key, neutral: tone_neutral(&row.name) });
            }
            forms.push(ours);
        }
        Self { whole, words: words.into_iter().collect(), forms }
    }

    pub(super) fn forms(&self, at: At) -> &Forms {
        &self.forms[at.unit as usize][at.version as usize]
    }

    /// The versions of provinces, districts and communes whose name has this key.
    pub(crate) fn of_key(&self, key: &str) -> &[At] {
        self.whole.get(key).map_or(&[], Vec::as_slice)
    }

    /// The versions that have a word beginning like this.
    pub(super) fn beginning_with(&self, prefix: &str) -> &[(String, Vec<At>)] {
        let begin = self.words.partition_point(|(word, _)| word.as_str() < prefix);
        let rest = &self.words[begin..];
        let length = rest.partition_point(|(word, _)| word.starts_with(prefix));
        &rest[..length]
    }
}

/// The form under which a name is looked up: folded, and a number, Arabic or Roman, as plain
/// digits, so that "Phường III", "phường 3" and "Phường 03" are one.
pub(crate) fn key(name: &str) -> String {
    let name = clean(name);
    let upper = name.bytes().all(|b| b.is_ascii_uppercase());
    let roman = || if upper { roman(&name) } else { None };
    number(&name).or_else(roman).unwrap_or_else(|| fold(&name))
}

/// Digits without leading zeros.
fn number(text: &str) -> Option<String> {
    let digits = !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(0_u32).to_string())
}

/// A Roman number up to 39, in either case, as digits.
pub(crate) fn roman(text: &str) -> Option<String> {
    let units = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let mut tens = 0;
    // "XIX" is ten and nine, "IX" nine alone.
    let mut rest = text;
    while let Some(after) = rest.strip_prefix(['X', 'x']).filter(|_| tens < 3) {
        (tens, rest) = (tens + 1, after);
    }
    let unit = units.iter().position(|unit| unit.eq_ignore_ascii_case(rest))?;
    let number = tens * 10 + unit;
    (number > 0).then(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roman_numbers_are_read_up_to_39_and_nothing_else() {
        let units = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
        for number in 1..40_usize {
            let text = "X".repeat(number / 10) + units[number % 10];
            assert_eq!(roman(&text), Some(number.to_string()), "{text}");
            assert_eq!(roman(&text.to_lowercase()), Some(number.to_string()), "{text}");
        }
        for text in ["", "XXXX", "IIII", "IXX", "XL", "VX", "A", "X I", "1"] {
            assert_eq!(roman(text), None, "{text}");
        }
    }
}
