//! Checking indices: versions that follow each other, points that add up, components that are
//! measured or say why not.

use std::collections::{BTreeMap, BTreeSet};

use base::Day;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::Reader;
use crate::index::POINT_DECIMALS;
use crate::target::scaled;
use crate::{Catalogue, Index, IndexComponent, IndexGroup, IndexVersion, Indicator, Words};

const FILE: &str = "indexes.toml";
/// Years that targets can be given for.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2999;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexesFile {
    indexes: Vec<Spanned<Index>>,
}

/// Where the parts of each index stand in the file.
#[derive(Default, Deserialize)]
struct Places {
    #[serde(default)]
    indexes: Vec<VersionPlaces>,
}

#[derive(Deserialize)]
struct VersionPlaces {
    #[serde(default)]
    versions: Vec<Spanned<GroupPlaces>>,
}

#[derive(Deserialize)]
struct GroupPlaces {
    #[serde(default)]
    groups: Vec<Spanned<ComponentPlaces>>,
}

#[derive(Deserialize)]
struct ComponentPlaces {
    #[serde(default)]
    components: Vec<Spanned<IgnoredAny>>,
}

/// The indicators of the pack and of the others, by code.
type Indicators<'a> = BTreeMap<&'a str, &'a Indicator>;

impl Reader<'_> {
    /// The indices of the pack.
    pub(super) fn indexes(
        &mut self,
        indicators: &[Spanned<Indicator>],
        known: &Catalogue,
    ) -> Vec<Spanned<Index>> {
        let indexes = self.list(FILE, |file: IndexesFile| file.indexes);
        self.check_codes(FILE, "code", &indexes, |index| &index.code);
        let own = indicators.iter().map(Spanned::get_ref);
        let indicators: Indicators<'_> =
            known.indicators().into_iter().chain(own).map(|it| (it.code.as_str(), it)).collect();
        let places: Places = self.places(FILE);
        for (at, table) in indexes.iter().enumerate() {
            let it = table.get_ref();
            self.check_words(FILE, table, &[("title", &it.title)]);
            if it.versions.is_empty() {
                self.mistake(FILE, table, "versions", lang::packs::lacking);
            }
            let spans = places.indexes.get(at).map(|place| place.versions.as_slice());
            let spans = spans.unwrap_or_default();
            let mut seen: Vec<&IndexVersion> = Vec::new();
            for (version, place) in it.versions.iter().zip(spans) {
                let start = place.span().start;
                self.check_version(version, start, &seen);
                self.check_groups(version, place, &indicators);
                seen.push(version);
            }
        }
        indexes
    }

    /// A version has a name of its own and days that no other has.
    fn check_version(&mut self, version: &IndexVersion, start: usize, seen: &[&IndexVersion]) {
        self.check_code(start, "version", &version.version);
        self.check_said(
            start,
            &[
                ("document", Some(&version.document)),
                ("unmeasured", version.unmeasured.as_ref()),
                ("verify", version.verify.as_ref()),
            ],
        );
        if seen.iter().any(|other| other.version == version.version) {
            let code = version.version.clone();
            self.mistake_at(FILE, start, "version", move |lang| lang::packs::twice(lang, &code));
        }
        let from = version.from.parse::<Day>();
        let until = version.until.as_ref().map(|until| until.parse::<Day>());
        for (key, is_bad) in [("from", from.is_err()), ("until", matches!(until, Some(Err(_))))] {
            if is_bad {
                self.mistake_at(FILE, start, key, lang::error::bad_day);
            }
        }
        if let (Ok(from), Some(Ok(until))) = (from, until)
            && until < from
        {
            self.mistake_at(FILE, start, "until", lang::packs::ends_before);
        }
        let (from, until) = version.days();
        let overlaps = |other: &&&IndexVersion| {
            let days = other.days();
            days.0 <= until && from <= days.1
        };
        if let Some(other) = seen.iter().find(overlaps) {
            let other = other.version.clone();
            self.mistake_at(FILE, start, "from", move |lang| lang::indexes::overlaps(lang, &other));
        }
        match (version.groups.is_empty(), &version.unmeasured) {
            (true, None) => {
                self.mistake_at(FILE, start, "unmeasured", lang::indexes::nothing_listed);
            }
            (false, Some(_)) => {
                self.mistake_at(FILE, start, "unmeasured", lang::indexes::listed_and_not);
            }
            _ => {}
        }
    }

    fn check_groups(
        &mut self,
        version: &IndexVersion,
        places: &Spanned<GroupPlaces>,
        indicators: &Indicators<'_>,
    ) {
        let (mut groups, mut components) = (BTreeSet::new(), BTreeSet::new());
        for (group, place) in version.groups.iter().zip(&places.get_ref().groups) {
            let start = place.span().start;
            self.check_group(group, start);
            if !groups.insert(&group.code) {
                let code = group.code.clone();
                self.mistake_at(FILE, start, "code", move |lang| lang::packs::twice(lang, &code));
            }
            for (component, place) in group.components.iter().zip(&place.get_ref().components) {
                let start = place.span().start;
                self.check_component(component, start, indicators);
                if !components.insert(&component.code) {
                    let code = component.code.clone();
                    let twice = move |lang| lang::packs::twice(lang, &code);
                    self.mistake_at(FILE, start, "code", twice);
                }
            }
        }
    }

    fn check_group(&mut self, group: &IndexGroup, start: usize) {
        self.check_code(start, "code", &group.code);
        self.check_said(
            start,
            &[
                ("title", Some(&group.title)),
                ("pillar", group.pillar.as_ref()),
                ("unmeasured", group.unmeasured.as_ref()),
                ("verify", group.verify.as_ref()),
            ],
        );
        match (group.components.is_empty(), &group.unmeasured) {
            (true, None) => {
                self.mistake_at(FILE, start, "unmeasured", lang::indexes::nothing_listed);
            }
            (false, Some(_)) => {
                self.mistake_at(FILE, start, "unmeasured", lang::indexes::listed_and_not);
            }
            _ => {}
        }
        if group.count.is_some_and(|count| count < group.components.len()) {
            self.mistake_at(FILE, start, "count", lang::indexes::more_listed);
        }
        let Some(most) = scaled(&group.most, POINT_DECIMALS) else {
            self.mistake_at(FILE, start, "most", lang::indexes::bad_points);
            return;
        };
        let known: Vec<i64> = group.components.iter().filter_map(IndexComponent::most).collect();
        let sum: i64 = known.iter().sum();
        // All components, each with its points, make up the group; fewer cannot exceed it.
        let is_all = group.count.is_none_or(|count| count == group.components.len())
            && known.len() == group.components.len()
            && !known.is_empty();
        if sum > most || (is_all && sum != most) {
            self.mistake_at(FILE, start, "most", lang::indexes::points_differ);
        }
    }

    fn check_component(
        &mut self,
        component: &IndexComponent,
        start: usize,
        indicators: &Indicators<'_>,
    ) {
        self.check_code(start, "code", &component.code);
        self.check_said(
            start,
            &[
                ("title", Some(&component.title)),
                ("unmeasured", component.unmeasured.as_ref()),
                ("verify", component.verify.as_ref()),
            ],
        );
        if component.most.is_some() && component.most().is_none() {
            self.mistake_at(FILE, start, "most", lang::indexes::bad_points);
        }
        match (&component.indicator, &component.unmeasured) {
            (None, None) => {
                self.mistake_at(FILE, start, "unmeasured", lang::indexes::not_measured);
            }
            (Some(_), Some(_)) => {
                self.mistake_at(FILE, start, "unmeasured", lang::packs::measured_and_not);
            }
            _ => {}
        }
        let Some(code) = &component.indicator else { return };
        let indicator = indicators.get(code.as_str()).copied();
        if indicator.is_none() {
            let code = code.clone();
            let unknown = move |lang| lang::packs::unknown_indicator(lang, &code);
            self.mistake_at(FILE, start, "indicator", unknown);
        }
        // Without its points and what is to be reached nothing could be computed.
        if component.most.is_none() {
            self.mistake_at(FILE, start, "most", lang::indexes::measured_needs_points);
        }
        let decimals = match indicator {
            Some(indicator) if indicator.denominator.is_some() => indicator.decimals,
            Some(_) => 0,
            None => 4,
        };
        let mut years = BTreeSet::new();
        let is_good = component.wanted.iter().all(|wanted| {
            YEARS.contains(&wanted.year)
                && years.insert(wanted.year)
                && wanted.scaled(decimals).is_some_and(|value| value > 0)
        });
        if component.wanted.is_empty() || !is_good {
            self.mistake_at(FILE, start, "wanted", lang::indexes::bad_wanted);
        }
    }

    fn check_code(&mut self, start: usize, key: &str, code: &str) {
        if !super::is_code(code) {
            self.mistake_at(FILE, start, key, lang::packs::bad_code);
        }
    }

    /// Whatever people read is there in Vietnamese.
    fn check_said(&mut self, start: usize, words: &[(&str, Option<&Words>)]) {
        for (key, words) in words {
            if words.is_some_and(|words| words.vi.trim().is_empty()) {
                self.mistake_at(FILE, start, key, lang::packs::no_vietnamese);
            }
        }
    }
}
