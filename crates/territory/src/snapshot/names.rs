//! Names as they are looked up: by whole name for addresses, by beginnings of words for search.

use std::collections::{BTreeMap, HashMap};

use base::text::{clean, fold};

use super::At;
use crate::{Level, Unit};

/// Every name that a unit ever bore.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// By [`key`] of the name: versions of provinces, districts and communes.
    whole: HashMap<String, Vec<At>>,
    /// Folded words of full names and codes, sorted, each with the versions that have it.
    words: Vec<(String, Vec<At>)>,
    /// By place of unit and version: the folded full name.
    pub(super) folded: Vec<Vec<String>>,
}

impl Names {
    pub(super) fn new(units: &[Unit]) -> Self {
        let mut whole: HashMap<String, Vec<At>> = HashMap::new();
        let mut words: BTreeMap<String, Vec<At>> = BTreeMap::new();
        let mut folded = Vec::with_capacity(units.len());
        for (unit, row) in (0..).zip(units) {
            let mut names = Vec::with_capacity(row.versions.len());
            for (version, row) in (0..).zip(&row.versions) {
                let at = At { unit, version };
                if row.kind.level() != Level::Hamlet {
                    whole.entry(key(&row.name)).or_default().push(at);
                }
                let name = fold(&row.full_name);
                let code = row.code.iter().map(|code| code.as_str().to_lowercase());
                for word in name.split(' ').map(str::to_owned).chain(code) {
                    let versions = words.entry(word).or_default();
                    if versions.last() != Some(&at) {
                        versions.push(at);
                    }
                }
                names.push(name);
            }
            folded.push(names);
        }
        Self { whole, words: words.into_iter().collect(), folded }
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
    let text = text.to_ascii_uppercase();
    let units = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let numbers = (1..40).map(|n: usize| (n, format!("{}{}", "X".repeat(n / 10), units[n % 10])));
    numbers.into_iter().find(|(_, roman)| *roman == text).map(|(n, _)| n.to_string())
}
