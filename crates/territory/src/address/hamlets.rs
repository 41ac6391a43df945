//! The hamlet that an address names inside a commune already decided.

use base::Day;

use super::Spelling;
use super::choose::Chosen;
use super::readings::spelling;
use super::words::Text;
use crate::snapshot::{key, roman};
use crate::{Level, Territory, UnitId, Version};

/// What the text says of a hamlet.
pub(super) enum Hamlet {
    /// Nothing.
    Unnamed,
    /// These of the commune bear the name; the word where it begins.
    Named(Vec<(UnitId, Spelling)>, usize),
    /// A name that no hamlet of the commune bears; the word where it begins.
    Unknown(String, usize),
}

/// Looks for "ấp 3", "KV 4", or a piece in front of the commune that is a hamlet's name.
pub(super) fn find(
    territory: &Territory,
    text: &Text,
    chosen: &Chosen<'_>,
    commune: UnitId,
    on: Day,
) -> Hamlet {
    let children: Vec<&Version> = territory
        .children(Some(commune), on)
        .filter(|version| version.kind.level() == Level::Hamlet)
        .collect();
    let mut unknown = Hamlet::Unnamed;
    let free = |word: usize| !chosen.covers(word);
    for marker in &text.markers {
        let hamlet = marker.kinds[0].level() == Level::Hamlet;
        if !hamlet || !free(marker.begin) {
            continue;
        }
        let end = text.segment(marker.begin).1;
        let end =
            (marker.end..end).take_while(|word| free(*word)).last().map_or(0, |last| last + 1);
        let ours = children.iter().copied().filter(|v| marker.kinds.contains(&v.kind));
        let ours: Vec<&Version> = ours.collect();
        for end in (marker.end + 1..=end).rev() {
            let named = named(text, (marker.end, end), &ours);
            if !named.is_empty() {
                return Hamlet::Named(named, marker.begin);
            }
        }
        let sure = marker.strength == super::words::Strength::Strong;
        if sure && end > marker.end && matches!(unknown, Hamlet::Unnamed) {
            let written = text.span(marker.begin, end.min(marker.end + 4));
            unknown = Hamlet::Unknown(written.to_owned(), marker.begin);
        }
    }
    if let Hamlet::Unnamed = unknown {
        for begin in 0..text.words.len() {
            let (first, end) = text.segment(begin);
            let number = text.words[begin].text.bytes().any(|b| b.is_ascii_digit());
            if first == begin && !number && (begin..end).all(free) {
                let named = named(text, (begin, end), &children);
                if !named.is_empty() {
                    return Hamlet::Named(named, begin);
                }
            }
        }
    }
    unknown
}

fn named(
    text: &Text,
    (name, end): (usize, usize),
    hamlets: &[&Version],
) -> Vec<(UnitId, Spelling)> {
    let written = text.span(name, end);
    let keys = [Some(key(written)), roman(written)];
    let fits = |version: &&&Version| keys.iter().flatten().any(|k| *k == key(&version.name));
    let fits = hamlets.iter().filter(fits);
    let spelled = fits.filter_map(|v| Some((v.unit, spelling(text, (name, end), v)?)));
    super::best_spelled(spelled.collect())
}
