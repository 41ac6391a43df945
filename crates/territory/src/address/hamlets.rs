//! The hamlet that an address names inside a commune already decided.

use base::Day;

use super::Spelling;
use super::choose::Chosen;
use super::readings::Written;
use super::words::Text;
use crate::snapshot::{Named, key, roman};
use crate::{Level, Territory, UnitId};

/// So many words behind a word of kind are repeated as a name that is not known.
const WRITTEN: usize = 4;

/// What the text says of a hamlet.
pub(super) enum Hamlet {
    /// Nothing.
    Unnamed,
    /// These of the commune bear the name; the word where it begins.
    Named(Vec<(UnitId, Spelling)>, usize),
    /// A name that no hamlet of the commune bears.
    Unknown(String),
}

/// Looks for "ấp 3", "KV 4", or a piece in front of the commune that is a hamlet's name.
pub(super) fn find(
    territory: &Territory,
    text: &Text,
    chosen: &Chosen<'_>,
    commune: UnitId,
    on: Day,
) -> Hamlet {
    let children: Vec<Named<'_>> = territory
        .children_with_forms(Some(commune), on)
        .filter(|named| named.version.kind.level() == Level::Hamlet)
        .collect();
    let words = |named: &Named<'_>| named.forms.neutral.split(' ').count();
    let longest = children.iter().map(words).max().unwrap_or(0).max(WRITTEN);
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
        // No longer run of words can be a name, however long the text goes on.
        let end = end.min(marker.end + longest);
        let kinds = |named: &Named<'_>| marker.kinds.contains(&named.version.kind);
        let ours: Vec<Named<'_>> = children.iter().copied().filter(kinds).collect();
        for end in (marker.end + 1..=end).rev() {
            let named = named(text, (marker.end, end), &ours);
            if !named.is_empty() {
                return Hamlet::Named(named, marker.begin);
            }
        }
        let sure = marker.strength == super::words::Strength::Strong;
        if sure && end > marker.end && matches!(unknown, Hamlet::Unnamed) {
            let written = text.span(marker.begin, end.min(marker.end + WRITTEN));
            unknown = Hamlet::Unknown(written.to_owned());
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
    hamlets: &[Named<'_>],
) -> Vec<(UnitId, Spelling)> {
    let span = text.span(name, end);
    let keys = [Some(key(span)), roman(span)];
    let fits = |named: &&Named<'_>| keys.iter().flatten().any(|key| *key == named.forms.key);
    let written = Written::new(text, (name, end));
    let spelled = hamlets.iter().filter(fits);
    let spelled = spelled.filter_map(|it| Some((it.version.unit, written.spelling(it.forms)?)));
    super::best_spelled(spelled.collect())
}
