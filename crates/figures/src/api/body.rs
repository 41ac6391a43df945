//! What the API answers; these shapes are a promise to other programs.

use base::{Day, decimal, grouped};
use journal::PostingRow;
use lang::Lang;
use packs::{Calendar, Catalogue, Claim, Direction, Indicator, Nature, Share, Words};
use serde::Serialize;
use territory::{Territory, UnitId, UnitRef, Version};
use utoipa::ToSchema;
use web::ask::encoded;

use crate::answer::Question;
use crate::approvals::Approval;
use crate::claims::{Finding, Verdict};
use crate::{Figure, Period};

/// An indicator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndicatorBody {
    code: String,
    name: String,
    /// What it says and how it is computed.
    definition: String,
    /// The document that defines it.
    document: String,
    numerator: MeasureBody,
    /// None for plain counts.
    denominator: Option<MeasureBody>,
    /// Decimals of the percentage.
    decimals: u32,
    /// `up`, `down` or `none`: which way is better.
    direction: &'static str,
    /// The level of the units that report it.
    reported_by: String,
}

/// A measure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeasureBody {
    code: String,
    name: String,
    definition: String,
    /// The code of the unit of count …
    counted: String,
    /// … and its name.
    counted_name: String,
    /// `stock` (on a day) or `flow` (in a period).
    nature: &'static str,
    /// Numbers from 1 to below this are hidden, and what they could be computed from; none where
    /// everybody may see all.
    protected_below: Option<i64>,
}

/// All indicators.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(crate) struct IndicatorList {
    items: Vec<IndicatorBody>,
    next: Option<String>,
}

impl IndicatorBody {
    pub(crate) fn new(lang: Lang, catalogue: &Catalogue, it: &Indicator) -> Self {
        let measure = |code: &str| {
            let found = catalogue.measure(code).map(|measure| &measure.definition);
            MeasureBody {
                code: code.to_owned(),
                name: found.map_or("", |measure| measure.name.say(lang)).to_owned(),
                definition: found.map_or("", |measure| measure.definition.say(lang)).to_owned(),
                counted: found.map_or("", |measure| &measure.counted).to_owned(),
                counted_name: found
                    .map_or("", |measure| catalogue.counted(lang, &measure.counted))
                    .to_owned(),
                nature: match found.map(|measure| measure.nature) {
                    Some(Nature::Stock) => "stock",
                    _ => "flow",
                },
                protected_below: found.and_then(packs::Measure::threshold),
            }
        };
        Self {
            code: it.code.clone(),
            name: it.name.say(lang).to_owned(),
            definition: it.definition.say(lang).to_owned(),
            document: it.document.say(lang).to_owned(),
            numerator: measure(&it.numerator),
            denominator: it.denominator.as_deref().map(measure),
            decimals: it.decimals,
            direction: match it.direction {
                Direction::Up => "up",
                Direction::Down => "down",
                Direction::None => "none",
            },
            reported_by: it.reported_by.clone(),
        }
    }
}

/// Figures of one indicator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FiguresBody {
    pub(crate) indicator: IndicatorBody,
    /// The day whose map they stand on.
    #[schema(value_type = String, format = Date)]
    pub(crate) map: Day,
    /// Only what was recorded by then, if it was asked so.
    pub(crate) known: Option<String>,
    pub(crate) items: Vec<FigureBody>,
    pub(crate) next: Option<String>,
}

/// One figure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FigureBody {
    unit: UnitRef,
    period: PeriodBody,
    /// The count, or the percentage with the indicator's decimals; none without data.
    value: Option<f64>,
    /// The value as people read it.
    shown: Option<String>,
    numerator: Option<i64>,
    denominator: Option<i64>,
    /// `no_data`, `hidden` (something about few people could be computed from it; the role
    /// `protected-figures` sees it), `above_whole` (the numerator is larger than the denominator, so one of them is
    /// wrong), `estimated` (a unit was split and shares decide), `incomplete` (not all units that
    /// report have reported).
    flags: Vec<&'static str>,
    /// How far the figure has come: `open`, `provisional`, `approved` (locked); none where no
    /// collection has its measures and period.
    approval: Option<&'static str>,
    /// How many units have reported …
    reported: u32,
    /// … of how many.
    expected: u32,
    /// Where the entries behind the numerator are listed.
    numerator_entries: String,
    /// Where the entries behind the denominator are listed.
    denominator_entries: Option<String>,
}

/// A period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeriodBody {
    code: String,
    name: String,
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    to: Day,
}

impl FigureBody {
    pub(crate) fn new(
        lang: Lang,
        indicator: &Indicator,
        question: &Question,
        version: &Version,
        period: &Period,
        figure: Figure,
    ) -> Self {
        let value = figure.value(indicator);
        let is_share = indicator.denominator.is_some();
        let decimals = if is_share { indicator.decimals } else { 0 };
        let mut flags = Vec::new();
        if figure.hidden {
            flags.push("hidden");
        } else if value.is_none() {
            flags.push("no_data");
        }
        if figure.above_whole() {
            flags.push("above_whole");
        }
        if figure.estimated {
            flags.push("estimated");
        }
        if figure.incomplete() {
            flags.push("incomplete");
        }
        let unit = UnitRef::new(version);
        let entries = |part: &str| {
            let known = question.known.map(|it| format!("&known={}", encoded(&it.to_string())));
            format!(
                "/api/v1/figures/entries?indicator={}&unit={}&period={}&part={part}&map={}{}",
                encoded(&indicator.code),
                encoded(unit.code.as_deref().unwrap_or_default()),
                encoded(&period.code),
                question.map,
                known.unwrap_or_default()
            )
        };
        Self {
            value: value.map(|scaled| scaled as f64 / 10_f64.powi(decimals.cast_signed())),
            shown: value.map(|scaled| match is_share {
                true => format!("{} %", decimal(lang, scaled, decimals)),
                false => grouped(lang, scaled),
            }),
            numerator: figure.numerator,
            denominator: figure.denominator,
            flags,
            approval: None,
            reported: figure.reported,
            expected: figure.expected,
            numerator_entries: entries("numerator"),
            denominator_entries: is_share.then(|| entries("denominator")),
            period: PeriodBody {
                code: period.code.clone(),
                name: period.title(lang),
                from: period.days.from,
                to: period.days.last(),
            },
            unit,
        }
    }
}

impl FigureBody {
    /// The same with how far it has come.
    pub(crate) fn approved(self, approval: Option<Approval>) -> Self {
        Self { approval: approval.map(Approval::as_str), ..self }
    }
}

/// A unit as it is on a day; as it was last where it is not there then.
pub(crate) fn unit_ref(territory: &Territory, unit: UnitId, day: Day) -> UnitRef {
    let version = territory.at(unit, day).or_else(|| territory.unit(unit)?.last());
    let unknown = || UnitRef { id: unit.0, code: None, full_name: unit.to_string() };
    version.map_or_else(unknown, UnitRef::new)
}

/// A calendar of reporting periods.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarBody {
    code: String,
    name: String,
    /// What stands before the year in the code of a period, as `R` in `R2025-Q2`; empty for the
    /// civil calendar.
    prefix: String,
    /// The day of the month on which a period begins; from 2 on, in the month before the one that
    /// the period is named for.
    opens_on: i8,
    /// The document that sets it.
    document: String,
}

/// All calendars.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(crate) struct CalendarList {
    items: Vec<CalendarBody>,
    next: Option<String>,
}

impl CalendarBody {
    pub(crate) fn new(lang: Lang, it: &Calendar) -> Self {
        Self {
            code: it.code.clone(),
            name: it.name.say(lang).to_owned(),
            prefix: it.prefix.clone(),
            opens_on: it.opens_on,
            document: it.document.say(lang).to_owned(),
        }
    }
}

/// An entry behind a figure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryBody {
    /// Its place in the journal.
    entry: i64,
    /// The posting's place in the entry.
    line: i64,
    unit: UnitRef,
    /// The day on which it counts.
    #[schema(value_type = String, format = Date)]
    day: Day,
    /// What it adds.
    delta: i64,
    /// When it was recorded (RFC 3339).
    recorded_at: String,
    /// Who recorded it: the account for whoever may see counts as they were reported, the post and its
    /// agency for everybody else.
    actor: String,
    /// The command: `observations.report`, `observations.correct`.
    cause: String,
    /// The kind of record …
    record_kind: String,
    /// … and its id.
    record_id: String,
    record_version: i64,
}

/// A page of entries.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(crate) struct EntryList {
    items: Vec<EntryBody>,
    next: Option<String>,
}

impl EntryBody {
    pub(crate) fn new(territory: &Territory, row: &PostingRow) -> Self {
        Self {
            entry: row.entry,
            line: row.line,
            unit: unit_ref(territory, UnitId(row.posting.unit), row.posting.day),
            day: row.posting.day,
            delta: row.posting.delta,
            recorded_at: row.recorded_at.to_string(),
            actor: row.actor.clone(),
            cause: row.cause.clone(),
            record_kind: row.record_kind.clone(),
            record_id: row.record_id.clone(),
            record_version: row.record_version,
        }
    }
}

/// A published figure with what came of checking it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClaimBody {
    /// "F2".
    id: String,
    title: String,
    /// As it was published.
    said: String,
    source: String,
    said_on: String,
    /// The code of the unit it speaks of …
    unit: String,
    /// … on this day.
    unit_on: String,
    /// False exactly where the claim contradicts its own parts.
    adds_up: bool,
    /// `adds_up`, `contradicts` or `cannot_be_checked`.
    verdict: &'static str,
    /// The percentage that its parts give.
    computed_percent: Option<f64>,
    /// Shares that ought to make up a whole.
    shares: Vec<ShareBody>,
    /// Why the shares must stand on the bases that are given as `basis_by_rule`.
    basis_rule: Option<String>,
    /// The reason, in words.
    why: String,
    /// What one who knows the field adds.
    note: String,
}

/// One of several shares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareBody {
    name: String,
    /// As published.
    percent: String,
    /// What the hundred is, as the source states it; null where it does not.
    basis: Option<String>,
    /// What the hundred must be by the rule of the field.
    basis_by_rule: Option<String>,
}

/// All claims.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
pub(crate) struct ClaimList {
    items: Vec<ClaimBody>,
    next: Option<String>,
}

impl ClaimBody {
    pub(crate) fn new(lang: Lang, catalogue: &Catalogue, claim: &Claim, finding: &Finding) -> Self {
        let say = |words: &Words| words.say(lang).to_owned();
        let share = |share: &Share| ShareBody {
            name: say(&share.name),
            percent: share.percent.clone(),
            basis: share.basis.as_ref().map(say),
            basis_by_rule: share.basis_by_rule.as_ref().map(say),
        };
        Self {
            shares: claim.shares.iter().map(share).collect(),
            basis_rule: claim.basis_rule.as_ref().map(say),
            id: claim.id.clone(),
            title: claim.title.say(lang).to_owned(),
            said: claim.said.say(lang).to_owned(),
            source: claim.source.say(lang).to_owned(),
            said_on: claim.said_on.clone(),
            unit: claim.unit.clone(),
            unit_on: claim.unit_on.clone(),
            adds_up: finding.verdict != Verdict::Contradicts,
            verdict: match finding.verdict {
                Verdict::AddsUp => "adds_up",
                Verdict::Contradicts => "contradicts",
                Verdict::CannotBeChecked => "cannot_be_checked",
            },
            computed_percent: finding.computed.map(|scaled| scaled as f64 / 10_000.0),
            why: finding.why(lang, catalogue),
            note: claim.note.say(lang).to_owned(),
        }
    }
}
