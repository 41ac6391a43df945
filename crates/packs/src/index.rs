//! Indices: published catalogues of weighted components, in versions.

use base::Day;
use serde::{Deserialize, Serialize};

use crate::Words;
use crate::target::scaled;

/// Points are given with so many decimals at most.
pub(crate) const POINT_DECIMALS: u32 = 2;

/// A set of weighted indicators that somebody else scores (*bộ chỉ số*), through all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The code, for programs and addresses.
    pub code: String,
    /// What it scores.
    pub title: Words,
    /// The versions, each in force for its own time.
    pub versions: Vec<IndexVersion>,
}

/// An index as one document sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexVersion {
    /// Its name among the versions: "2022".
    pub version: String,
    /// The document.
    pub document: Words,
    /// The first day on which it is in force, `YYYY-MM-DD`.
    pub from: String,
    /// The last day; none while no other document is known to have taken its place.
    #[serde(default)]
    pub until: Option<String>,
    /// Why nothing of it is known here; there where no groups are.
    #[serde(default)]
    pub unmeasured: Option<Words>,
    /// What about the version must be compared with its document.
    #[serde(default)]
    pub verify: Option<Words>,
    /// Its groups, in the order of the document.
    #[serde(default)]
    pub groups: Vec<IndexGroup>,
}

/// A part of an index with points of its own (*nhóm chỉ số*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexGroup {
    /// Its code among the groups of the version.
    pub code: String,
    /// The title.
    pub title: Words,
    /// The pillar under which the document puts it.
    #[serde(default)]
    pub pillar: Option<Words>,
    /// The most that it gives: "18". A group without points is looked at and not scored.
    pub most: String,
    /// How many components the document has in it, where not all are listed here.
    #[serde(default)]
    pub count: Option<usize>,
    /// Why no component of it is listed; there where there are none.
    #[serde(default)]
    pub unmeasured: Option<Words>,
    /// What about the group must be compared with the document.
    #[serde(default)]
    pub verify: Option<Words>,
    /// The components that are known.
    #[serde(default)]
    pub components: Vec<IndexComponent>,
}

/// One weighted component (*chỉ số thành phần*).
///
/// It gives `most × min(1, achieved ÷ wanted)` points, where an indicator measures it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexComponent {
    /// Its code among the components of the version.
    pub code: String,
    /// The title.
    pub title: Words,
    /// The most that it gives; none where that is not known.
    #[serde(default)]
    pub most: Option<String>,
    /// The code of the indicator that measures it.
    #[serde(default)]
    pub indicator: Option<String>,
    /// Why nothing measures it yet; there where no indicator is.
    #[serde(default)]
    pub unmeasured: Option<Words>,
    /// What about it must be compared with the document.
    #[serde(default)]
    pub verify: Option<Words>,
    /// What is to be reached, by year.
    #[serde(default)]
    pub wanted: Vec<WantedInYear>,
}

/// What is to be reached from a year on, until a later one says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedInYear {
    /// The first year.
    pub year: i16,
    /// "80" is 80 % of a share, and 80 of a count.
    pub value: String,
}

impl Index {
    /// The version that is in force on a day.
    #[must_use]
    pub fn version_on(&self, on: Day) -> Option<&IndexVersion> {
        self.versions.iter().find(|version| {
            let (from, until) = version.days();
            from <= on && on <= until
        })
    }

    /// A version by its name.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&IndexVersion> {
        self.versions.iter().find(|version| version.version == name)
    }

    /// The codes of the indicators that measure components of any version.
    pub(crate) fn indicators(&self) -> impl Iterator<Item = &str> {
        let groups = self.versions.iter().flat_map(|version| &version.groups);
        let components = groups.flat_map(|group| &group.components);
        components.filter_map(|component| component.indicator.as_deref())
    }
}

impl IndexVersion {
    /// Its first and its last day.
    #[must_use]
    pub fn days(&self) -> (Day, Day) {
        let day = |text: &String| text.parse::<Day>().ok();
        let until = self.until.as_ref().and_then(day);
        (day(&self.from).unwrap_or(Day::MAX), until.unwrap_or(Day::MAX))
    }

    /// The most that all groups give. Units: hundredths of a point.
    #[must_use]
    pub fn most(&self) -> i64 {
        self.groups.iter().map(IndexGroup::most).sum()
    }
}

impl IndexGroup {
    /// The most that it gives. Units: hundredths of a point.
    #[must_use]
    pub fn most(&self) -> i64 {
        scaled(&self.most, POINT_DECIMALS).unwrap_or_default()
    }
}

impl IndexComponent {
    /// The most that it gives. Units: hundredths of a point.
    #[must_use]
    pub fn most(&self) -> Option<i64> {
        scaled(self.most.as_ref()?, POINT_DECIMALS)
    }

    /// What is to be reached in a year: the value of the last year that is not later.
    #[must_use]
    pub fn wanted_in(&self, year: i16) -> Option<&WantedInYear> {
        self.wanted.iter().filter(|wanted| wanted.year <= year).max_by_key(|wanted| wanted.year)
    }
}

impl WantedInYear {
    /// The value as a whole number of the last of so many decimals; none where it has more.
    #[must_use]
    pub fn scaled(&self, decimals: u32) -> Option<i64> {
        scaled(&self.value, decimals)
    }
}
