//! Counts that may be reported and yet are hardly right: a part larger than its whole.

use std::collections::BTreeSet;

use base::{Day, Result, grouped};
use lang::Text;
use packs::Words;
use store::Tx;
use territory::UnitId;

use super::actions::Context;
use super::model::NewObservation;
use super::series::load_around;

/// A numerator with its denominator, by number and name.
struct Pair<'a> {
    above: (i64, &'a Words),
    below: (i64, &'a Words),
}

/// Which of these counts, with the others and with what was reported before, make a part of an
/// indicator larger than its whole; each with the reason.
pub(crate) async fn find_doubts(
    tx: &mut Tx,
    cx: Context<'_>,
    counts: &[NewObservation],
) -> Result<Vec<(usize, Text)>> {
    let number = |code: &str| cx.catalogue.measure(code).map(|measure| measure.number);
    let pairs = pairs(cx);
    let ours = |count: &NewObservation| {
        let number = number(&count.measure);
        let holds =
            move |pair: &&Pair<'_>| number == Some(pair.above.0) || number == Some(pair.below.0);
        pairs.iter().filter(holds)
    };
    let wanted: BTreeSet<(i64, UnitId, Day)> = counts
        .iter()
        .flat_map(|count| {
            let place = |measure: i64| (measure, count.unit, count.reported.from());
            ours(count).flat_map(move |pair| [place(pair.above.0), place(pair.below.0)])
        })
        .collect();
    let mut known = load_around(tx, wanted).await?;
    for count in counts {
        if let Some(number) = number(&count.measure) {
            known.entry((count.unit, number)).or_default().add(count.reported, count.value);
        }
    }
    let mut doubts = Vec::new();
    for (at, count) in counts.iter().enumerate() {
        let said = |measure: i64| known.get(&(count.unit, measure))?.holds_for(count.reported);
        for pair in ours(count) {
            let both = said(pair.above.0).zip(said(pair.below.0));
            if let Some((above, below)) = both.filter(|(above, below)| above > below) {
                doubts.push((at, reason(pair, above, below)));
            }
        }
    }
    Ok(doubts)
}

fn pairs(cx: Context<'_>) -> Vec<Pair<'_>> {
    let find = |code: &str| {
        let measure = cx.catalogue.measure(code)?;
        Some((measure.number, &measure.definition.name))
    };
    let pair = |above: &str, below: &str| Some(Pair { above: find(above)?, below: find(below)? });
    let mut pairs: Vec<Pair<'_>> = cx
        .catalogue
        .indicators()
        .into_iter()
        .filter_map(|it| pair(&it.numerator, it.denominator.as_deref()?))
        .collect();
    pairs.sort_by_key(|pair| (pair.above.0, pair.below.0));
    pairs.dedup_by_key(|pair| (pair.above.0, pair.below.0));
    pairs
}

fn reason(pair: &Pair<'_>, above: i64, below: i64) -> Text {
    let (part, whole) = (pair.above.1.clone(), pair.below.1.clone());
    Text::new(move |lang| {
        lang::observations::part_above_whole(
            lang,
            lang::observations::PartAboveWhole {
                above: grouped(lang, above),
                below: grouped(lang, below),
                part: part.say(lang),
                whole: whole.say(lang),
            },
        )
    })
}
