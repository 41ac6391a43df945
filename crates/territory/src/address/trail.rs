//! The steps by which an old unit became, or is part of, a unit of another day.

use base::Day;

use super::Step;
use crate::{Happening, Territory, UnitId};

/// The steps from `old` on day `on` to `new` on day `to`, in the order of the way.
pub(super) fn trail(
    territory: &Territory,
    (old, on): (UnitId, Day),
    (new, to): (UnitId, Day),
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut unit = old;
    // Each turn goes on to a unit of a later (earlier) time, so there is an end.
    loop {
        alterations(territory, unit, on.min(to), on.max(to), &mut steps);
        if unit == new {
            break;
        }
        let links =
            if on <= to { territory.successors(unit) } else { territory.predecessors(unit) };
        let leads = |id: UnitId| territory.landings(id, to).iter().any(|l| l.unit == new);
        let Some(link) = links.iter().find(|link| leads(link.unit)) else {
            steps.push(Step::Raised { from: unit, to: new, on: to });
            break;
        };
        let (on_day, act) = (link.on, link.act);
        let units: Vec<UnitId> = links.iter().map(|link| link.unit).collect();
        steps.push(match (on <= to, links.len()) {
            (true, 1) => Step::Merged { from: unit, into: link.unit, on: on_day, act },
            (true, _) => Step::Divided { unit, into: units, on: on_day, act },
            (false, _) => Step::FormedFrom { unit, from: units, on: on_day, act },
        });
        unit = link.unit;
    }
    if steps.is_empty() {
        steps.push(Step::Unchanged { unit: old, on });
    }
    steps
}

fn alterations(territory: &Territory, unit: UnitId, from: Day, to: Day, steps: &mut Vec<Step>) {
    let events = territory.history(unit).into_iter();
    for event in events.filter(|event| from < event.on && event.on <= to) {
        let (on, act) = (event.on, event.act);
        match event.what {
            Happening::Renamed { from, to } => {
                steps.push(Step::Renamed { unit, from, to, on, act });
            }
            Happening::KindChanged { from, to } => {
                steps.push(Step::KindChanged { unit, from, to, on, act });
            }
            Happening::Moved { from, to } => steps.push(Step::Moved { unit, from, to, on, act }),
            _ => {}
        }
    }
}
