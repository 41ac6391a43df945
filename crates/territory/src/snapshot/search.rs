//! Finding units by what people type.

use std::collections::HashMap;

use base::Day;
use base::text::{fold, tone_neutral};

use super::{At, Territory};
use crate::{Level, UnitId, Version};

/// How well a name fits what was typed; better sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// The same name with the same tones, or the same code.
    Exact,
    /// The same name once tones and diacritics are left out.
    Folded,
    /// Every typed word begins a word of the name or code.
    Prefix,
}

/// A unit found by name or code.
#[derive(Clone, Debug)]
pub struct Hit<'a> {
    /// The version whose name fits; with a day, the one of that day.
    pub version: &'a Version,
    /// How well it fits.
    pub matched: Match,
    /// The units above it, "Huyện Vị Thủy, Tỉnh Hậu Giang": tells units of one name apart.
    pub above: String,
}

impl Territory {
    /// Units of which every typed word begins a word of the full name or the code, without regard
    /// to tones and case. Old names count too unless a day is given. One hit for each unit; exact
    /// ones first, then from the top level down, then by name.
    #[must_use]
    pub fn search(&self, query: &str, day: Option<Day>, limit: usize) -> Vec<Hit<'_>> {
        let mut found = self.ranked(query, day, |_| true);
        found.truncate(limit);
        found
            .into_iter()
            .map(|(matched, at)| {
                let version = self.version(at);
                let day = day.unwrap_or(version.valid.last());
                let above = self.ancestors(version.unit, day);
                let names: Vec<&str> = above.iter().map(|v| v.full_name.as_str()).collect();
                Hit { version, matched, above: names.join(", ") }
            })
            .collect()
    }

    /// All units that [`Territory::search`] finds among the versions to keep, in its order: what is
    /// sorted out afterwards would leave holes in the pages of a list.
    #[must_use]
    pub fn search_all(
        &self,
        query: &str,
        day: Option<Day>,
        keep: impl Fn(&Version) -> bool,
    ) -> Vec<&Version> {
        let found = self.ranked(query, day, keep).into_iter();
        found.map(|(_, at)| self.version(at)).collect()
    }

    /// The best version of each unit that fits, best first.
    fn ranked(
        &self,
        query: &str,
        day: Option<Day>,
        keep: impl Fn(&Version) -> bool,
    ) -> Vec<(Match, At)> {
        let (folded, toned) = (fold(query), tone_neutral(query));
        let mut best: HashMap<UnitId, (Match, At)> = HashMap::new();
        for at in self.having_words(&folded) {
            let version = self.version(at);
            if day.is_some_and(|day| !version.valid.contains(day)) || !keep(version) {
                continue;
            }
            let matched = self.rank(at, &folded, &toned);
            let entry = best.entry(version.unit).or_insert((matched, at));
            // Of equally fitting versions of a unit the youngest is shown.
            if (matched, std::cmp::Reverse(at)) < (entry.0, std::cmp::Reverse(entry.1)) {
                *entry = (matched, at);
            }
        }
        let mut found: Vec<(Match, Level, &str, At)> = best
            .into_values()
            .map(|(matched, at)| (matched, self.version(at).kind.level(), self.folded(at), at))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(matched, _, _, at)| (matched, at)).collect()
    }

    fn folded(&self, at: At) -> &str {
        &self.names.forms(at).folded
    }

    /// The versions with all these words: those with the rarest one, sieved by the others.
    fn having_words(&self, folded: &str) -> Vec<At> {
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let lists = words.iter().map(|word| self.names.beginning_with(word));
        let size = |list: &&[(String, Vec<At>)]| list.iter().map(|(_, at)| at.len()).sum::<usize>();
        let Some(rarest) = lists.min_by_key(size) else { return Vec::new() };
        let mut places: Vec<At> = rarest.iter().flat_map(|(_, at)| at.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        places.retain(|at| {
            let code = code_of(self.version(*at));
            let of_code = |word: &str| {
                code.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
            };
            words.iter().all(|word| {
                self.folded(*at).split(' ').any(|ours| ours.starts_with(word)) || of_code(word)
            })
        });
        places
    }

    fn rank(&self, at: At, folded: &str, toned: &str) -> Match {
        let version = self.version(at);
        if code_of(version).eq_ignore_ascii_case(folded) {
            return Match::Exact;
        }
        // A name is the end of the full name; most versions are told apart by that alone.
        if !self.folded(at).ends_with(folded) {
            return Match::Prefix;
        }
        let names = [&version.name, &version.full_name];
        let same = || names.into_iter().filter(|name| fold(name) == folded);
        match same().any(|name| tone_neutral(name) == toned) {
            true => Match::Exact,
            false if same().next().is_some() => Match::Folded,
            false => Match::Prefix,
        }
    }
}

fn code_of(version: &Version) -> &str {
    version.code.as_ref().map_or("", |code| code.as_str())
}
