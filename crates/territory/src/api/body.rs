//! What the API answers; these shapes are a promise to other programs.

use base::Day;
use lang::Lang;
use serde::Serialize;
use utoipa::ToSchema;

use crate::address::{Candidate, Conversion, Outcome};
use crate::snapshot::Link;
use crate::{Event, Level, Part, Territory, UnitCode, UnitId, Version};

/// A unit in one period of its life.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitBody {
    /// The program's own id; never passes to another unit.
    pub id: i64,
    /// The state code in that period.
    pub code: Option<String>,
    /// The name without the kind.
    pub name: String,
    /// The name with the kind.
    pub full_name: String,
    /// The kind: `xa`, `phuong`, `thi_tran`, …
    pub kind: &'static str,
    /// `province`, `district`, `commune` or `hamlet`.
    pub level: &'static str,
    /// The unit above it.
    pub parent: Option<UnitRef>,
    /// The names from it up to the province.
    pub path: String,
    /// The first day of the period; for units known only from a list, the day of convention.
    #[schema(value_type = String, format = Date)]
    pub valid_from: Day,
    /// The last day of the period; none while it lasts.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Day>,
    /// Of a hamlet, the commune in which it was first known.
    pub origin: Option<UnitRef>,
    /// Whether it was made up for the demonstration.
    pub made_up: bool,
}

/// A unit in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitRef {
    /// The program's own id.
    pub id: i64,
    /// The state code.
    pub code: Option<String>,
    /// The name with the kind.
    pub full_name: String,
}

/// A page of units.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(crate) struct UnitList {
    items: Vec<UnitBody>,
    next: Option<String>,
}

impl UnitBody {
    /// A version as the API shows it.
    #[must_use]
    pub fn new(territory: &Territory, version: &Version) -> Self {
        let day = version.valid.from;
        let unit = territory.unit(version.unit);
        let origin = unit.and_then(|unit| unit.origin);
        let origin = origin.and_then(|origin| territory.unit(origin)?.last());
        Self {
            id: version.unit.0,
            code: version.code.as_ref().map(UnitCode::to_string),
            name: version.name.clone(),
            full_name: version.full_name.clone(),
            kind: version.kind.as_str(),
            level: version.kind.level().as_str(),
            parent: version.parent.and_then(|id| territory.at(id, day)).map(UnitRef::new),
            path: territory.path(version.unit, day).unwrap_or_default(),
            valid_from: day,
            valid_to: last_day(version.valid.to),
            origin: origin.map(UnitRef::new),
            made_up: unit.is_some_and(|unit| unit.made_up),
        }
    }
}

fn last_day(to: Day) -> Option<Day> {
    (to != Day::MAX).then(|| to.plus(-1))
}

impl UnitRef {
    /// A version in short.
    #[must_use]
    pub fn new(version: &Version) -> Self {
        Self {
            id: version.unit.0,
            code: version.code.as_ref().map(UnitCode::to_string),
            full_name: version.full_name.clone(),
        }
    }

    fn on(territory: &Territory, unit: UnitId, day: Day) -> Option<Self> {
        let version = territory.at(unit, day).or_else(|| territory.unit(unit)?.last());
        version.map(Self::new)
    }
}

/// A unit before or after another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    #[serde(flatten)]
    unit: UnitRef,
    /// `whole`, `share` or `unknown` (a part whose size no act states).
    part: &'static str,
    /// Upper number of a share.
    share_numerator: Option<i64>,
    /// Lower number of a share.
    share_denominator: Option<i64>,
    /// The number of the act.
    act: Option<String>,
    /// The day from which it holds.
    #[schema(value_type = String, format = Date)]
    on: Day,
}

/// All units before or after.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(crate) struct LinkList {
    items: Vec<LinkBody>,
    next: Option<String>,
}

impl LinkBody {
    pub(crate) fn new(territory: &Territory, link: &Link, seen_on: Day) -> Option<Self> {
        let (part, share) = match link.part {
            Part::Whole => ("whole", None),
            Part::Share { numerator, denominator } => ("share", Some((numerator, denominator))),
            Part::Unknown => ("unknown", None),
        };
        Some(Self {
            unit: UnitRef::on(territory, link.unit, seen_on)?,
            part,
            share_numerator: share.map(|share| share.0),
            share_denominator: share.map(|share| share.1),
            act: link.act.and_then(|act| territory.act(act)).map(|act| act.number.clone()),
            on: link.on,
        })
    }
}

/// Something that happened to a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventBody {
    /// The day from which it held.
    #[schema(value_type = String, format = Date)]
    on: Day,
    /// In words.
    what: String,
    /// The act, if it is known.
    act: Option<ActBody>,
}

/// A legal act.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActBody {
    number: String,
    issuer: String,
    title: String,
    #[schema(value_type = Option<String>, format = Date)]
    adopted_on: Option<Day>,
    #[schema(value_type = Option<String>, format = Date)]
    effective_on: Option<Day>,
    source: String,
}

/// The history of a unit.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(crate) struct EventList {
    items: Vec<EventBody>,
    next: Option<String>,
}

impl EventBody {
    pub(crate) fn new(lang: Lang, territory: &Territory, event: &Event) -> Self {
        let act = event.act.and_then(|act| territory.act(act)).map(|act| ActBody {
            number: act.number.clone(),
            issuer: act.issuer.clone(),
            title: act.title.clone(),
            adopted_on: act.adopted_on,
            effective_on: act.effective_on,
            source: act.source.clone(),
        });
        Self { on: event.on, what: event.say(lang, territory), act }
    }
}

/// An address on two maps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversionBody {
    /// `found`, `ambiguous` or `unknown`.
    outcome: &'static str,
    /// The commune (or larger unit) of the day of writing; only when found without doubt.
    old: Option<UnitRef>,
    /// The unit of the target day; only when found without doubt.
    new: Option<UnitRef>,
    /// The hamlet that was recognised.
    hamlet: Option<UnitRef>,
    /// What stood in front, house number and street, as written.
    front: String,
    /// The address on the target map, in full; only when found without doubt.
    address: Option<String>,
    /// What could be meant, when there is a doubt.
    candidates: Vec<CandidateBody>,
    /// Why, in words.
    why: String,
    /// The day of writing.
    #[schema(value_type = String, format = Date)]
    on: Day,
    /// The day of the target map.
    #[schema(value_type = String, format = Date)]
    to: Day,
}

/// One of several that could be meant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateBody {
    old: Option<UnitRef>,
    new: Option<UnitRef>,
    hamlet: Option<UnitRef>,
    address: Option<String>,
    why: String,
}

impl CandidateBody {
    fn new(lang: Lang, territory: &Territory, it: &Candidate, on: Day, to: Day) -> Self {
        let is_hamlet = |unit| territory.unit(unit).is_some_and(|unit| unit.level == Level::Hamlet);
        // A hamlet is no administrative unit: what is converted is the commune around it.
        let around = |unit: UnitId, day| {
            if is_hamlet(unit) {
                territory.at(unit, day).and_then(|version| version.parent)
            } else {
                Some(unit)
            }
        };
        let short = |unit: Option<UnitId>, day| unit.and_then(|it| UnitRef::on(territory, it, day));
        let why: Vec<String> = it.why.iter().map(|step| step.say(lang, territory)).collect();
        Self {
            old: short(around(it.old, on), on),
            new: short(around(it.new, to), to),
            hamlet: short(Some(it.new).filter(|unit| is_hamlet(*unit)), to),
            address: territory.path(it.new, to),
            why: why.join(" "),
        }
    }
}

impl ConversionBody {
    pub(crate) fn new(
        lang: Lang,
        territory: &Territory,
        conversion: &Conversion,
        on: Day,
        to: Day,
    ) -> Self {
        let mut body = Self {
            outcome: "unknown",
            old: None,
            new: None,
            hamlet: None,
            front: conversion.front.clone(),
            address: None,
            candidates: Vec::new(),
            why: String::new(),
            on,
            to,
        };
        match &conversion.outcome {
            Outcome::Found(found) => {
                let found = CandidateBody::new(lang, territory, found, on, to);
                body.outcome = "found";
                let front = [body.front.as_str(), found.address.as_deref().unwrap_or_default()];
                let parts: Vec<&str> = front.into_iter().filter(|part| !part.is_empty()).collect();
                body.address = Some(parts.join(", "));
                (body.old, body.new, body.hamlet) = (found.old, found.new, found.hamlet);
                body.why = found.why;
            }
            Outcome::Ambiguous { candidates } => {
                body.outcome = "ambiguous";
                let candidates = candidates.iter();
                body.candidates = candidates
                    .map(|candidate| CandidateBody::new(lang, territory, candidate, on, to))
                    .collect();
                body.why = lang::address::several(lang, body.candidates.len());
            }
            Outcome::Unknown { reason, .. } => body.why = reason.say(lang, territory),
        }
        body
    }
}
