//! What a set of lists says, checked but not yet compared with what is known.

use std::sync::Arc;

use base::Day;

use crate::{Act, Kind, Part, UnitCode};

/// The day from which units are held to be known when a list says only that they were there on
/// its last day: 2004-01-01, since which Hậu Giang exists and the year of the code list.
///
/// Law: 22/2003/QH11, in force 2004-01-01; 124/2004/QĐ-TTg. A convention where units are younger.
pub const KNOWN_FROM: Day = Day(12_418);

/// One rearrangement of units: how they are from one day on, and who became whom.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What its files have in common in their names, `_2025`; may be empty.
    pub tag: String,
    /// The names of its files.
    pub files: Vec<String>,
    /// The day from which the earlier units are held to be known; [`KNOWN_FROM`] unless set.
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
    /// What is known of acts, added with the batch. The ids in it do not matter; an act that
    /// `parts` names and that is not here is added with its number alone.
    pub acts: Vec<Act>,
    /// The number of the act that ended the district level; none when not known.
    pub level_end: Option<String>,
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
