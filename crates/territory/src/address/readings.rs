//! Which runs of words can be the name of a province, district or commune.

use base::Day;
use base::text::tone_neutral;

use super::Spelling;
use super::words::{Marker, Text, Word};
use crate::snapshot::{Forms, Named, key, roman};
use crate::{Level, Territory, UnitId};

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

/// A text with more readings is no address. Of all addresses of the nation, written in full, without
/// commas or without tones, the fullest has 25; each is tried with each, so what a stranger sends
/// must not decide how many there are.
const MOST: usize = 72;

/// Every reading of every run of words; none when the text names more places than an address does.
pub(super) fn readings(territory: &Territory, text: &Text, on: Day) -> Option<Vec<Reading>> {
    let mut readings = Vec::new();
    for begin in 0..text.words.len() {
        let marker = text.markers.iter().find(|marker| marker.begin == begin);
        for marker in marker.into_iter().map(Some).chain([None]) {
            let name = marker.map_or(begin, |marker| marker.end);
            let limit = text.words.get(name).map_or(name, |_| text.segment(name).1);
            if marker.is_some() && limit > name && text.segment(name) != text.segment(begin) {
                continue;
            }
            // The folded words so far, with a blank between: the key of a name of several words.
            let mut joined = String::new();
            for end in name + 1..=limit.min(name + LONGEST) {
                if end > name + 1 {
                    joined.push(' ');
                }
                joined.push_str(&text.words[end - 1].folded);
                read(territory, text, on, (begin, name, end), (&joined, marker), &mut readings);
            }
            if readings.len() > MOST {
                return None;
            }
        }
    }
    Some(readings)
}

fn read(
    territory: &Territory,
    text: &Text,
    on: Day,
    (begin, name, end): (usize, usize, usize),
    (joined, marker): (&str, Option<&Marker>),
    readings: &mut Vec<Reading>,
) {
    let mut found: Vec<Named<'_>> = Vec::new();
    if end == name + 1 {
        let written = text.span(name, end);
        let word = &text.words[name];
        let number =
            roman(written).or_else(|| word.text.parse::<u32>().ok().map(|n| n.to_string()));
        if marker.is_none() && number.is_some() {
            return;
        }
        found.extend(territory.with_forms(&key(written)));
        found.extend(number.iter().flat_map(|number| territory.with_forms(number)));
        found.extend(initials(territory, written, on));
    } else {
        found.extend(territory.with_forms(joined));
    }
    if found.is_empty() {
        return;
    }
    let written = Written::new(text, (name, end));
    let mut seen = Vec::new();
    for level in [Level::Province, Level::District, Level::Commune] {
        let fits_marker = |marker: &Marker| marker.kinds.iter().any(|kind| kind.level() == level);
        if marker.is_some_and(|marker| !fits_marker(marker)) {
            continue;
        }
        let marked = if marker.is_some() { Marked::Yes } else { Marked::No };
        let (hits, doubts) = (Vec::new(), Vec::new());
        let mut reading = Reading { begin, end, level, marked, hits, doubts };
        for named in found.iter().filter(|named| named.version.kind.level() == level) {
            let version = named.version;
            if seen.contains(&(version.unit, version.valid)) {
                continue;
            }
            seen.push((version.unit, version.valid));
            let spelling = written.spelling(named.forms);
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
fn initials<'a>(territory: &'a Territory, written: &str, on: Day) -> Vec<Named<'a>> {
    let capital =
        (2..=4).contains(&written.len()) && written.bytes().all(|b| b.is_ascii_uppercase());
    if !capital {
        return Vec::new();
    }
    let short = |named: &Named<'_>| {
        let letters = named.forms.key.split(' ').filter_map(|word| word.bytes().next());
        letters.eq(written.bytes().map(|b| b.to_ascii_lowercase()))
    };
    territory.children_with_forms(None, on).filter(short).collect()
}

/// A run of words, to be compared with names.
pub(super) struct Written<'a> {
    words: &'a [Word],
    neutral: String,
    /// Whether the whole text has no tones.
    is_plain: bool,
}

impl<'a> Written<'a> {
    pub(super) fn new(text: &'a Text, (name, end): (usize, usize)) -> Self {
        let words = &text.words[name..end];
        let neutral = match words {
            [word] => word.neutral.clone(),
            _ => tone_neutral(text.span(name, end)),
        };
        Self { words, neutral, is_plain: text.is_plain }
    }

    /// How the words spell a name; none when their tones say another one.
    pub(super) fn spelling(&self, name: &Forms) -> Option<Spelling> {
        if self.is_plain {
            return Some(Spelling::WithoutTones);
        }
        let numbered = self.words.len() == 1 && name.key.bytes().all(|b| b.is_ascii_digit());
        if numbered || self.neutral == name.neutral {
            return Some(Spelling::WithTones);
        }
        let fits = |(word, ours): (&Word, &str)| word.is_plain || word.neutral == ours;
        let plain = self.words.iter().all(|word| word.is_plain);
        let each = self.words.len() == name.neutral.split(' ').count()
            && self.words.iter().zip(name.neutral.split(' ')).all(fits);
        (plain || each).then_some(Spelling::WithoutTones)
    }
}
