//! Which runs of words can be the name of a province, district or commune.

use base::Day;
use base::text::{fold, tone_neutral};

use super::Spelling;
use super::words::{Marker, Text};
use crate::snapshot::{key, roman};
use crate::{Level, Territory, UnitId, Version};

/// A run of words that names units of one level.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// The words: from the word of kind, and up to but without.
    pub(super) begin: usize,
    pub(super) end: usize,
    pub(super) level: Level,
    /// Whether a word of kind stands in front.
    pub(super) marked: Marked,
    /// The units that fit on the day.
    pub(super) hits: Vec<(UnitId, Spelling)>,
    /// Units that would fit but for something.
    pub(super) doubts: Vec<(UnitId, Doubt)>,
}

/// Whether a word of kind stands in front of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marked {
    Yes,
    No,
}

/// Why a unit of this name does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// It is another kind of unit than the text says.
    Kind,
    /// It was not there on the day.
    Day,
    /// Its name is written with other tones.
    Tones,
}

/// Longer names do not occur.
const LONGEST: usize = 7;

/// Every reading of every run of words.
pub(super) fn readings(territory: &Territory, text: &Text, on: Day) -> Vec<Reading> {
    let mut readings = Vec::new();
    for begin in 0..text.words.len() {
        let marker = text.markers.iter().find(|marker| marker.begin == begin);
        for marker in marker.into_iter().map(Some).chain([None]) {
            let name = marker.map_or(begin, |marker| marker.end);
            let limit = text.words.get(name).map_or(name, |_| text.segment(name).1);
            if marker.is_some() && limit > name && text.segment(name) != text.segment(begin) {
                continue;
            }
            for end in name + 1..=limit.min(name + LONGEST) {
                read(territory, text, on, (begin, name, end), marker, &mut readings);
            }
        }
    }
    readings
}

fn read(
    territory: &Territory,
    text: &Text,
    on: Day,
    (begin, name, end): (usize, usize, usize),
    marker: Option<&Marker>,
    readings: &mut Vec<Reading>,
) {
    let written = text.span(name, end);
    let mut found: Vec<&Version> = territory.named(&key(written)).collect();
    if end == name + 1 {
        let word = &text.words[name];
        let number =
            roman(written).or_else(|| word.text.parse::<u32>().ok().map(|n| n.to_string()));
        if marker.is_none() && number.is_some() {
            return;
        }
        found.extend(number.iter().flat_map(|number| territory.named(number)));
        found.extend(initials(territory, written, on));
    }
    let mut seen = Vec::new();
    for level in [Level::Province, Level::District, Level::Commune] {
        let fits_marker = |marker: &Marker| marker.kinds.iter().any(|kind| kind.level() == level);
        if marker.is_some_and(|marker| !fits_marker(marker)) {
            continue;
        }
        let marked = if marker.is_some() { Marked::Yes } else { Marked::No };
        let (hits, doubts) = (Vec::new(), Vec::new());
        let mut reading = Reading { begin, end, level, marked, hits, doubts };
        for version in found.iter().filter(|version| version.kind.level() == level) {
            if seen.contains(&(version.unit, version.valid)) {
                continue;
            }
            seen.push((version.unit, version.valid));
            let spelling = spelling(text, (name, end), version);
            let kind = marker.is_none_or(|marker| marker.kinds.contains(&version.kind));
            match spelling {
                Some(spelling) if kind && version.valid.contains(on) => {
                    reading.hits.push((version.unit, spelling));
                }
                Some(_) if !version.valid.contains(on) => {
                    reading.doubts.push((version.unit, Doubt::Day));
                }
                Some(_) => reading.doubts.push((version.unit, Doubt::Kind)),
                None if version.valid.contains(on) => {
                    reading.doubts.push((version.unit, Doubt::Tones));
                }
                None => {}
            }
        }
        if !reading.hits.is_empty() || !reading.doubts.is_empty() {
            readings.push(reading);
        }
    }
}

/// Provinces by the first letters of their words, "HG"; several may share them.
fn initials<'a>(territory: &'a Territory, written: &str, on: Day) -> Vec<&'a Version> {
    let capital =
        (2..=4).contains(&written.len()) && written.bytes().all(|b| b.is_ascii_uppercase());
    if !capital {
        return Vec::new();
    }
    let short = |version: &&Version| {
        let letters = fold(&version.name);
        let letters = letters.split(' ').filter_map(|word| word.chars().next());
        letters.collect::<String>() == written.to_lowercase()
    };
    territory.children(None, on).filter(short).collect()
}

/// How the written words spell a name; none when their tones say another one.
pub(super) fn spelling(
    text: &Text,
    (name, end): (usize, usize),
    version: &Version,
) -> Option<Spelling> {
    let written = text.span(name, end);
    if text.is_plain() {
        return Some(Spelling::WithoutTones);
    }
    let numbered = end == name + 1 && key(&version.name).bytes().all(|b| b.is_ascii_digit());
    if numbered || tone_neutral(written) == tone_neutral(&version.name) {
        return Some(Spelling::WithTones);
    }
    let words = &text.words[name..end];
    let ours: Vec<&str> = version.name.split(' ').collect();
    let fits = |(word, ours): (&super::words::Word, &&str)| {
        word.is_plain() || tone_neutral(&word.text) == tone_neutral(ours)
    };
    let plain = words.iter().all(super::words::Word::is_plain);
    let each = words.len() == ours.len() && words.iter().zip(&ours).all(fits);
    (plain || each).then_some(Spelling::WithoutTones)
}
