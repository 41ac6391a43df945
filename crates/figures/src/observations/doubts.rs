//! Counts that may be reported and yet are hardly right: with what stands beside them they break a
//! comparison that the packs declare, such as a part larger than its whole.

use std::collections::{BTreeMap, BTreeSet};

use base::{Day, Result};
use lang::Text;
use packs::{Catalogue, Rule};
use store::Tx;
use territory::UnitId;

use super::actions::Context;
use super::model::{NewObservation, Reported};
use super::series::load_around;
use crate::Sight;
use crate::protection::{is_protected, sees};
use crate::validation::{Numbers, compared, implied, judge};

/// Which of these counts, with the others and with what was reported before, break a comparison;
/// each with the reason. Of protected measures whoever may not see them all is told only what is
/// among these counts for the same days: a doubt, or that there is none, would tell what was
/// reported before.
pub(crate) async fn find_doubts(
    tx: &mut Tx,
    cx: Context<'_>,
    sight: Sight,
    counts: &[NewObservation],
) -> Result<Vec<(usize, Text)>> {
    let number = |code: &str| cx.catalogue.measure(code).map(|measure| measure.number);
    let rules = comparisons(cx.catalogue);
    let days = |reported: Reported| (reported.from(), reported.day());
    let given: BTreeSet<(UnitId, &str, (Day, Day))> = counts
        .iter()
        .map(|count| (count.unit, count.measure.as_str(), days(count.reported)))
        .collect();
    let may_be_told = |unit: UnitId, code: &str, on: (Day, Day)| {
        given.contains(&(unit, code, on)) || sees(sight, is_protected(cx.catalogue, code))
    };
    let ours = |count: &NewObservation| {
        let (unit, measure, on) = (count.unit, count.measure.clone(), days(count.reported));
        let holds = move |rule: &&Rule| {
            rule.measures().any(|code| code == measure)
                && rule.measures().all(|code| may_be_told(unit, code, on))
        };
        rules.iter().filter(holds)
    };
    let wanted: BTreeSet<(i64, UnitId, Day)> = counts
        .iter()
        .flat_map(|count| {
            let codes = ours(count).flat_map(Rule::measures).filter_map(number);
            codes.map(|measure| (measure, count.unit, count.reported.from()))
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
        for rule in ours(count) {
            let said = |code: &str| {
                let series = known.get(&(count.unit, number(code)?))?;
                Some((code.to_owned(), series.holds_for(count.reported)?))
            };
            let own: BTreeMap<String, i64> = rule.measures().filter_map(said).collect();
            if compared(rule, &own) == Some(false) {
                let numbers = Numbers { own, ..Numbers::default() };
                let found = judge(cx.catalogue, std::slice::from_ref(rule), &numbers);
                doubts.extend(found.into_iter().map(|finding| (at, finding.text)));
            }
        }
    }
    Ok(doubts)
}

/// The comparisons that shares imply and collections declare; of two that compare the same one.
fn comparisons(catalogue: &Catalogue) -> Vec<Rule> {
    let mut rules = implied(catalogue);
    for collection in catalogue.collections() {
        for rule in collection.rules.iter().filter(|rule| rule.operator.compares()) {
            let same = |other: &Rule| {
                (other.operator, &other.left, &other.right)
                    == (rule.operator, &rule.left, &rule.right)
            };
            if !rules.iter().any(same) {
                rules.push(rule.clone());
            }
        }
    }
    rules
}
