//! Which of the units that became a province are in the lists with what lay below them.

use base::Day;

use super::Territory;
use crate::{Level, UnitId};

/// A province of which only a part is in the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartlyHeld {
    /// Its predecessors that are in the lists with their communes.
    pub held: Vec<UnitId>,
    /// Those that are there by name alone.
    pub missing: Vec<UnitId>,
    /// The last day of the predecessors that ended last.
    pub until: Day,
}

impl Territory {
    /// Of which predecessors of a province the communes are known and of which not. None when it
    /// is known of all, when nothing is known below it at all, and for units that are no
    /// provinces.
    #[must_use]
    pub fn partly_held(&self, id: UnitId) -> Option<PartlyHeld> {
        let mut found = PartlyHeld { held: Vec::new(), missing: Vec::new(), until: Day::MIN };
        if self.unit(id)?.level == Level::Province {
            self.collect_held(id, &mut found);
        }
        (!found.held.is_empty() && !found.missing.is_empty()).then_some(found)
    }

    // Ends: each predecessor ended before its successor began.
    fn collect_held(&self, id: UnitId, found: &mut PartlyHeld) {
        for link in self.predecessors(id) {
            let last = link.on.plus(-1);
            let earlier = self.partly_held(link.unit);
            let known = !self.under(Some(link.unit), last, Level::Commune).is_empty();
            found.until = found.until.max(last);
            match earlier {
                Some(earlier) => {
                    found.held.extend(earlier.held);
                    found.missing.extend(earlier.missing);
                }
                None if known => found.held.push(link.unit),
                None => found.missing.push(link.unit),
            }
        }
    }
}
