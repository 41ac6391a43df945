//! How the readings of an address fit together.

use base::Day;

use super::readings::{Doubt, Marked, Reading};
use super::words::{Marker, Strength, Text};
use super::{Reason, Spelling};
use crate::{Level, Territory, UnitId};

/// One way to read a whole address: a commune, and the district and province named with it.
#[derive(Clone, Debug)]
pub(super) struct Chosen<'a> {
    /// Commune, district, province: each where the text names one.
    pub(super) parts: [Option<&'a Reading>; 3],
    /// The units that the smallest part can be.
    pub(super) units: Vec<(UnitId, Spelling)>,
}

impl Chosen<'_> {
    fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.parts.iter().flatten().copied()
    }

    /// How many words it explains.
    fn explained(&self) -> usize {
        self.readings().map(|reading| reading.end - reading.begin).sum()
    }

    /// Whether a word belongs to one of its parts.
    pub(super) fn covers(&self, word: usize) -> bool {
        self.readings().any(|reading| (reading.begin..reading.end).contains(&word))
    }
}

/// The ways to read the text that explain most of its words; empty when nothing fits together.
pub(super) fn choose<'a>(
    territory: &Territory,
    text: &Text,
    readings: &'a [Reading],
    on: Day,
) -> Vec<Chosen<'a>> {
    let of = |level: Level| -> Vec<Option<Fit<'a>>> {
        let fits = readings.iter().filter(|r| r.level == level && !r.hits.is_empty());
        fits.map(|reading| Some(Fit::new(text, reading))).chain([None]).collect()
    };
    let (communes, districts, provinces) =
        (of(Level::Commune), of(Level::District), of(Level::Province));
    let longest = |fits: &[Option<Fit<'_>>]| fits.iter().flatten().map(Fit::words).max();
    let longest_province = longest(&provinces).unwrap_or(0);
    let said = said_for_sure(text, readings);
    let mut best: Vec<Chosen<'a>> = Vec::new();
    for commune in &communes {
        for district in &districts {
            // What cannot be right whatever province is named with it is not tried with each.
            let two = [*commune, *district, None];
            let most = best.first().map_or(1, Chosen::explained);
            if !in_order(two) || words(two) + longest_province < most {
                continue;
            }
            for province in &provinces {
                let parts = [*commune, *district, *province];
                let (explained, most) = (words(parts), best.first().map_or(1, Chosen::explained));
                if explained < most || !in_order(parts) || !honours(&said, parts) {
                    continue;
                }
                let parts = parts.map(|part| part.map(|fit| fit.reading));
                let mut chosen = Chosen { parts, units: Vec::new() };
                chosen.units = consistent(territory, &chosen, on);
                if chosen.units.is_empty() {
                    continue;
                }
                if explained > most {
                    best.clear();
                }
                best.push(chosen);
            }
        }
    }
    best
}

/// A reading with what the text around it says, worked out once for all ways it is tried in.
#[derive(Clone, Copy)]
struct Fit<'a> {
    reading: &'a Reading,
    /// Whether a name may begin here with nothing chosen before it.
    begins: bool,
    /// Whether a name may end here with nothing chosen behind it.
    ends: bool,
}

impl<'a> Fit<'a> {
    /// A name must end where something else begins ("Vị Thanh 1" is not Vị Thanh). Without a word
    /// of kind it must also begin so: a whole piece between commas, or joined to other names; in
    /// front of a commune may stand "ấp 3".
    fn new(text: &Text, reading: &'a Reading) -> Self {
        let numbered = || {
            let hamlet = text.markers.iter().find(|marker| marker.end + 1 == reading.begin);
            let hamlet = hamlet.is_some_and(|marker| marker.kinds[0].level() == Level::Hamlet);
            let is_number = |word: usize| text.words[word].text.bytes().all(|b| b.is_ascii_digit());
            reading.level == Level::Commune && hamlet && is_number(reading.begin - 1)
        };
        let whole = reading.begin == text.segment(reading.begin).0;
        let begins = reading.marked == Marked::Yes || whole || numbered();
        Self { reading, begins, ends: ends(text, reading) }
    }

    fn words(&self) -> usize {
        self.reading.end - self.reading.begin
    }

    fn covers(&self, word: usize) -> bool {
        (self.reading.begin..self.reading.end).contains(&word)
    }
}

/// Commune, district, province: each where one is tried.
type Parts<'a> = [Option<Fit<'a>>; 3];

fn words(parts: Parts<'_>) -> usize {
    parts.iter().flatten().map(Fit::words).sum()
}

/// From small to large, as addresses are written, or from large to small; no overlap.
fn in_order(parts: Parts<'_>) -> bool {
    let ordered = |before: fn(&Reading, &Reading) -> bool| {
        let pairs = [(parts[0], parts[1]), (parts[1], parts[2]), (parts[0], parts[2])];
        pairs.into_iter().all(|pair| match pair {
            (Some(small), Some(large)) => before(small.reading, large.reading),
            _ => true,
        })
    };
    ordered(|small, large| small.end <= large.begin)
        || ordered(|small, large| large.end <= small.begin)
}

/// What a choice must not leave out.
struct Said {
    /// Where a word of kind stands that must lead to a unit.
    marked: Vec<usize>,
    /// Where a piece is a unit's name as a whole: behind the commune it is meant as one.
    whole: Vec<usize>,
}

fn said_for_sure(text: &Text, readings: &[Reading]) -> Said {
    let whole = readings.iter().filter(|reading| {
        let whole = text.segment(reading.begin) == (reading.begin, reading.end);
        let other = reading.level != Level::Commune || !reading.hits.is_empty();
        let certain = reading.doubts.iter().any(|(_, doubt)| *doubt == Doubt::Day);
        whole && other && (certain || !reading.hits.is_empty())
    });
    Said {
        whole: whole.map(|reading| reading.begin).collect(),
        marked: unread_markers(text).map(|marker| marker.begin).collect(),
    }
}

/// Whether the choice leaves nothing out that the text says for sure, and each name stands alone.
fn honours(said: &Said, parts: Parts<'_>) -> bool {
    let fits = || parts.iter().flatten();
    let placed = fits().all(|fit| {
        let ends = fit.ends || fits().any(|next| next.reading.begin == fit.reading.end);
        ends && (fit.begins || fits().any(|before| before.reading.end == fit.reading.begin))
    });
    let covered = |word: &usize| fits().any(|fit| fit.covers(*word));
    let first = fits().map(|fit| fit.reading.begin).min().unwrap_or(0);
    let mut behind = said.whole.iter().filter(|word| **word > first);
    placed && said.marked.iter().all(covered) && behind.all(covered)
}

/// Words of kind of provinces, districts and communes, which must lead to a unit.
fn unread_markers(text: &Text) -> impl Iterator<Item = &Marker> {
    text.markers.iter().filter(|marker| {
        let hamlet = marker.kinds.iter().all(|kind| kind.level() == Level::Hamlet);
        marker.strength == Strength::Strong && !hamlet
    })
}

/// Whether a piece, a word of kind or a road begins behind the name.
fn ends(text: &Text, reading: &Reading) -> bool {
    let next = text.markers.iter().find(|marker| marker.begin == reading.end);
    let sure = next.is_some_and(|marker| marker.strength == Strength::Strong);
    sure || reading.end == text.segment(reading.begin).1 || text.is_road(reading.end)
}

/// The units of the smallest part that lie in the units of the larger ones.
fn consistent(territory: &Territory, chosen: &Chosen<'_>, on: Day) -> Vec<(UnitId, Spelling)> {
    let mut parts = chosen.readings();
    let Some(smallest) = parts.next() else { return Vec::new() };
    let larger: Vec<&Reading> = parts.collect();
    let inside = |(unit, _): &&(UnitId, Spelling)| {
        let above = territory.ancestors(*unit, on);
        larger.iter().all(|reading| {
            reading.hits.iter().any(|(hit, _)| above.iter().any(|version| version.unit == *hit))
        })
    };
    smallest.hits.iter().filter(inside).copied().collect()
}

/// Why nothing fits together, or what is missing.
pub(super) fn explain(text: &Text, readings: &[Reading]) -> Reason {
    for marker in unread_markers(text) {
        let ours: Vec<&Reading> = readings
            .iter()
            .filter(|reading| (reading.begin..reading.end).contains(&marker.begin))
            .collect();
        let joined = |end| readings.iter().any(|r| r.begin == end && !r.hits.is_empty());
        let bounded = ours.into_iter().filter(|r| ends(text, r) || joined(r.end));
        let ours: Vec<&Reading> = bounded.collect();
        if ours.iter().all(|reading| reading.hits.is_empty()) {
            return doubtful(&ours, written(text, marker));
        }
    }
    let whole = |r: &&Reading| text.segment(r.begin) == (r.begin, r.end);
    let pieces: Vec<&Reading> = readings.iter().filter(whole).collect();
    let lost = pieces.iter().find(|reading| {
        let same = |other: &&&Reading| other.begin == reading.begin && !other.hits.is_empty();
        !pieces.iter().any(|other| same(&other)) && reading.level != Level::Commune
    });
    if let Some(lost) = lost {
        return doubtful(&[lost], text.span(lost.begin, lost.end).to_owned());
    }
    let communes = readings.iter().filter(|reading| reading.level == Level::Commune);
    let communes: Vec<&Reading> =
        communes.filter(|r| r.marked == Marked::Yes || whole(r)).collect();
    match communes.first() {
        None => Reason::NoCommune,
        Some(_) if communes.iter().any(|reading| !reading.hits.is_empty()) => Reason::Contradiction,
        Some(first) => doubtful(&communes, text.span(first.begin, first.end).to_owned()),
    }
}

/// The reason why units of that name do not fit: the mildest doubt is the likeliest help.
fn doubtful(readings: &[&Reading], written: String) -> Reason {
    let doubts = readings.iter().flat_map(|reading| &reading.doubts);
    let Some(mildest) = doubts.clone().map(|(_, doubt)| *doubt).min() else {
        return Reason::NotFound { written };
    };
    let mut units: Vec<UnitId> =
        doubts.filter(|(_, doubt)| *doubt == mildest).map(|(unit, _)| *unit).collect();
    units.sort_unstable();
    units.dedup();
    units.truncate(super::MOST);
    match mildest {
        Doubt::Kind => Reason::OtherKind { written, units },
        Doubt::Day => Reason::OtherDay { written, units },
        Doubt::Tones => Reason::OtherTones { written, units },
    }
}

/// A word of kind with what follows up to the next one, for a message.
fn written(text: &Text, marker: &Marker) -> String {
    let (_, end) = text.segment(marker.begin);
    let next = text.markers.iter().map(|next| next.begin).find(|next| *next >= marker.end);
    let end = end.min(next.unwrap_or(end)).min(marker.end + 5);
    text.span(marker.begin, end).to_owned()
}
