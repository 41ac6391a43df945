//! What the API answers; these shapes are a promise to other programs.

use base::Day;
use lang::Lang;
use serde::Serialize;
use utoipa::ToSchema;

use crate::address::{Ambiguity, Candidate, Conversion, Outcome, near, origin};
use crate::snapshot::Link;
use crate::{Act, Event, Part, Territory, UnitCode, Version};

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
    /// A version as the API shows it, with the units above it as they are on a day: what lies
    /// above can get another name or kind while the unit itself stays as it was. A day outside the
    /// period stands for the nearest one inside.
    #[must_use]
    pub fn new(territory: &Territory, version: &Version, on: Day) -> Self {
        let day = version.nearest(on);
        let unit = territory.unit(version.unit);
        Self {
            id: version.unit.0,
            code: version.code.as_ref().map(UnitCode::to_string),
            name: version.name.clone(),
            full_name: version.full_name.clone(),
            kind: version.kind.as_str(),
            level: version.kind.level().as_str(),
            parent: version.parent.and_then(|id| territory.at(id, day)).map(UnitRef::new),
            path: territory.path(version.unit, day).unwrap_or_default(),
            valid_from: version.valid.from,
            valid_to: last_day(version.valid.to),
            origin: origin(territory, version.unit).map(UnitRef::new),
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
            unit: UnitRef::new(near(territory, link.unit, seen_on)?),
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
    /// The program's own id.
    id: i64,
    /// "1668/NQ-UBTVQH15".
    number: String,
    /// Who issued it; empty when not known.
    issuer: String,
    /// What it is about; empty when not known.
    title: String,
    /// The day it was adopted.
    #[schema(value_type = Option<String>, format = Date)]
    adopted_on: Option<Day>,
    /// The day units live by it; none when not verified.
    #[schema(value_type = Option<String>, format = Date)]
    effective_on: Option<Day>,
    /// Where its text was found; empty when not known.
    source: String,
}

impl ActBody {
    pub(crate) fn new(act: &Act) -> Self {
        Self {
            id: act.id,
            number: act.number.clone(),
            issuer: act.issuer.clone(),
            title: act.title.clone(),
            adopted_on: act.adopted_on,
            effective_on: act.effective_on,
            source: act.source.clone(),
        }
    }
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
        let act = event.act.and_then(|act| territory.act(act)).map(ActBody::new);
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
    /// The hamlet that was recognised; only when found without doubt.
    hamlet: Option<HamletBody>,
    /// What stood in front, house number and street, as written.
    front: String,
    /// The address on the target map, in full; only when found without doubt.
    address: Option<String>,
    /// What could be meant, when there is a doubt; at most 20.
    candidates: Vec<CandidateBody>,
    /// Whether more could be meant than `candidates` names.
    more: bool,
    /// Of what kind the doubt is: `homonyms` (a fuller address would decide), `hamlets` (of one
    /// name in one commune), `divided`, `formed` (only the place itself decides) or `uncertain`.
    doubt: Option<&'static str>,
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
    hamlet: Option<HamletBody>,
    address: Option<String>,
    why: String,
}

/// A hamlet in short. It is no administrative unit: its code is not one of the state's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HamletBody {
    #[serde(flatten)]
    unit: UnitRef,
    /// The commune in which it was first known: tells hamlets of one name apart.
    origin: Option<UnitRef>,
    /// Whether it was made up for the demonstration.
    made_up: bool,
}

impl HamletBody {
    fn new(territory: &Territory, version: &Version) -> Self {
        let made_up = territory.unit(version.unit).is_some_and(|unit| unit.made_up);
        let origin = origin(territory, version.unit).map(UnitRef::new);
        Self { unit: UnitRef::new(version), origin, made_up }
    }
}

const fn doubt_word(doubt: Ambiguity) -> &'static str {
    match doubt {
        Ambiguity::Homonyms => "homonyms",
        Ambiguity::Hamlets => "hamlets",
        Ambiguity::Divided => "divided",
        Ambiguity::Formed => "formed",
        Ambiguity::Uncertain => "uncertain",
    }
}

impl CandidateBody {
    fn new(lang: Lang, territory: &Territory, it: &Candidate, on: Day, to: Day) -> Self {
        let placed = it.placed(territory, on, to);
        let why: Vec<String> = it.why.iter().map(|step| step.say(lang, territory)).collect();
        Self {
            old: placed.old.map(UnitRef::new),
            new: placed.new.map(UnitRef::new),
            hamlet: placed.hamlet.map(|hamlet| HamletBody::new(territory, hamlet)),
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
            more: false,
            doubt: None,
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
            Outcome::Ambiguous { candidates, more, doubt } => {
                (body.outcome, body.more, body.doubt) =
                    ("ambiguous", *more, Some(doubt_word(*doubt)));
                body.why = doubt.say(lang, candidates.len(), *more);
                let candidates = candidates.iter();
                body.candidates = candidates
                    .map(|candidate| CandidateBody::new(lang, territory, candidate, on, to))
                    .collect();
            }
            Outcome::Unknown { reason, .. } => body.why = reason.say(lang, territory, to),
        }
        body
    }
}
