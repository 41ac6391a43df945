//! What is missing for a level to check or approve, and how that is said.

use base::Day;
use lang::{Lang, Text};
use territory::{Territory, UnitId};

/// So many units are named in one sentence; of more their number is said.
const NAMED: usize = 8;

/// Units that are not as far as they should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Obstacles {
    /// They have not handed in.
    pub(crate) missing: Vec<UnitId>,
    /// Their counts were changed since they handed in.
    pub(crate) changed: Vec<UnitId>,
    /// The level between has not checked them, or has not checked.
    pub(crate) unchecked: Vec<UnitId>,
    /// Something in their numbers stands out, and nobody has settled it.
    pub(crate) unsettled: Vec<UnitId>,
}

impl Obstacles {
    pub(crate) const fn is_empty(&self) -> bool {
        self.missing.is_empty()
            && self.changed.is_empty()
            && self.unchecked.is_empty()
            && self.unsettled.is_empty()
    }

    /// Each kind with its heading and its units.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (fn(Lang) -> &'static str, &[UnitId])> {
        type Heading = fn(Lang) -> &'static str;
        let all: [(Heading, &[UnitId]); 4] = [
            (lang::approvals::missing, &self.missing),
            (lang::approvals::changed_since, &self.changed),
            (lang::approvals::unchecked, &self.unchecked),
            (lang::approvals::unsettled, &self.unsettled),
        ];
        all.into_iter().filter(|(_, units)| !units.is_empty())
    }

    /// "Chưa gửi: Ấp 1, Ấp 2 và 3 đơn vị khác. … Muốn tiếp tục, hãy ghi lý do."
    pub(crate) fn say(&self, territory: &Territory, day: Day) -> Text {
        type Group = (fn(Lang) -> &'static str, Vec<String>, usize);
        let groups: Vec<Group> = self
            .groups()
            .map(|(heading, units)| {
                let named = units.iter().take(NAMED).map(|unit| territory.full_name(*unit, day));
                (heading, named.collect(), units.len().saturating_sub(NAMED))
            })
            .collect();
        Text::new(move |lang| {
            let group = |(heading, names, more): &Group| {
                let names = names.join(", ");
                let heading = heading(lang);
                match *more {
                    0 => format!("{heading}: {names}."),
                    more => {
                        let arguments = lang::approvals::AndMore { heading, more, names: &names };
                        lang::approvals::and_more(lang, arguments)
                    }
                }
            };
            let said: Vec<String> = groups.iter().map(group).collect();
            format!("{} {}", said.join(" "), lang::approvals::go_on_with_reason(lang))
        })
    }
}
