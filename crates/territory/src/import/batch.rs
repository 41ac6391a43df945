//! What a set of lists says, checked but not yet compared with what is known.

use std::sync::Arc;

use base::Day;

use crate::{Act, Kind, Level, Part, UnitCode};

/// The day from which units are held to be known when a list says only that they were there on
/// its last day, and no act beside the list says `known_from`: 2004-01-01, the first day of the
/// year whose list gave units the codes by which these lists name them.
///
/// Law: 124/2004/QĐ-TTg. A convention where units are younger.
pub const KNOWN_FROM_UNLESS_TOLD: Day = Day(12_418);

/// One rearrangement of units: how they are from one day on, and who became whom.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What its files have in common in their names, `_2025`; may be empty.
    pub tag: String,
    /// The names of its files.
    pub files: Vec<String>,
    /// The day from which the earlier units are held to be known: that of the act which
    /// `acts.toml` marks, else [`KNOWN_FROM_UNLESS_TOLD`].
    pub known_from: Day,
    /// The first day of the later units.
    pub on: Day,
    /// All units of the day before `on`. None when the lists hold only what an act changes: the
    /// units of the day before are those that are known.
    pub before: Option<Vec<ListedUnit>>,
    /// The units of `on`: all of them, or those that the act forms or alters.
    pub after: Vec<ListedUnit>,
    /// Which earlier unit went, as a whole or in part, into which later one.
    pub parts: Vec<ListedPart>,
    /// Hamlets with their commune before and after.
    pub hamlets: Vec<ListedHamlet>,
    /// What is known of acts, added with the batch. An act that `parts` names and that is not here
    /// is added with its number alone.
    pub acts: Vec<ListedAct>,
    /// The number of the act that ended the district level; none when not known.
    pub level_end: Option<String>,
}

impl Batch {
    /// No rearrangement at all, but what is known of acts.
    #[must_use]
    pub fn of_acts(on: Day, acts: Vec<ListedAct>) -> Self {
        Self {
            tag: String::new(),
            files: Vec::new(),
            known_from: KNOWN_FROM_UNLESS_TOLD,
            on,
            before: None,
            after: Vec::new(),
            parts: Vec::new(),
            hamlets: Vec::new(),
            acts,
            level_end: None,
        }
    }
}

/// What a list says of an act.
#[derive(Clone, Debug)]
pub struct ListedAct {
    /// What it says; the id does not matter.
    pub act: Act,
    /// The level that the act ended.
    pub ends_level: Option<Level>,
    /// Where each field stands.
    pub places: Vec<(&'static str, Place)>,
}

impl ListedAct {
    /// Where a field stands, for messages.
    #[must_use]
    pub fn place(&self, field: &str) -> String {
        let place = self.places.iter().find(|(name, _)| *name == field);
        place.or(self.places.first()).map_or_else(String::new, |(_, place)| place.field(field))
    }
}

/// Where a line stands, for messages: file and line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The name of the file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u64,
}

impl Place {
    /// "units_2025.csv:17 parent_code".
    #[must_use]
    pub fn field(&self, field: &str) -> String {
        format!("{}:{} {field}", self.file, self.line)
    }

    /// Whether the file says of itself that what stands in it was made up.
    #[must_use]
    pub fn is_made_up(&self) -> bool {
        self.file.contains("synthetic")
    }
}

/// A unit of a list.
#[derive(Clone, Debug)]
pub struct ListedUnit {
    /// Where it stands.
    pub place: Place,
    /// Its code.
    pub code: UnitCode,
    /// Its name without the kind.
    pub name: String,
    /// Its name with the kind.
    pub full_name: String,
    /// Its kind.
    pub kind: Kind,
    /// The code of the unit above it; none for provinces.
    pub parent: Option<UnitCode>,
}

/// A line of who became whom.
#[derive(Clone, Debug)]
pub struct ListedPart {
    /// Where it stands.
    pub place: Place,
    /// The code of the earlier unit; none when the later one begins out of nothing.
    pub from: Option<UnitCode>,
    /// The code of the later unit; none when the earlier one ends without a successor.
    pub to: Option<UnitCode>,
    /// How much went over.
    pub part: Part,
    /// The number of the act.
    pub act: String,
    /// The wording of the source, or empty.
    pub note: String,
}

impl ListedPart {
    /// Where it says how much went over. A list of provinces does not: they go over whole.
    pub(super) fn place_of_part(&self) -> String {
        let has_column = !self.place.file.starts_with("provinces");
        self.place.field(if has_column { "whole_or_part" } else { "new_code" })
    }
}

/// A hamlet with its commune before and after.
#[derive(Clone, Debug)]
pub struct ListedHamlet {
    /// Where it stands.
    pub place: Place,
    /// Its code.
    pub code: UnitCode,
    /// Its name without the kind.
    pub name: String,
    /// Its name with the kind.
    pub full_name: String,
    /// Its kind.
    pub kind: Kind,
    /// The code of its commune on the day before.
    pub before: UnitCode,
    /// The code of its commune from the day on.
    pub after: UnitCode,
}
