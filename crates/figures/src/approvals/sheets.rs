//! The counts of reporting units for a period, what is missing among them, and what stands out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{DayRange, Result};
use packs::{Catalogue, Nature, Operator, Rule, Severity};
use store::Tx;
use territory::{Territory, UnitId};

use super::marks::Mark;
use super::model::Verdict;
use super::store::{self as sql, CountRow};
use super::tree::Scope;
use crate::Period;
use crate::validation::{Finding, Numbers, implied, judge};

/// A unit's own past is looked at over so many periods.
const PAST: usize = 8;

/// The figures of one reporting unit for one period.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    /// By the code of the measure: what was reported for the whole period.
    pub(crate) values: BTreeMap<String, i64>,
    /// What was reported for the period before.
    pub(crate) before: BTreeMap<String, i64>,
    /// The codes of measures that were not reported, or not for all days of the period.
    pub(crate) missing: Vec<String>,
    /// The observation that shows a measure, where one alone does.
    pub(crate) observations: BTreeMap<String, String>,
    /// SHA-256 of the counts, each with its version; the same as long as nothing changes.
    pub(crate) digest: [u8; 32],
    /// What stands out, each with the mark that holds for it.
    pub(crate) findings: Vec<(Finding, Option<Mark>)>,
}

impl Sheet {
    /// Whether it can be handed in.
    pub(crate) fn is_ready(&self) -> bool {
        self.missing.is_empty() && !self.is_unsettled()
    }

    /// Whether a finding waits for somebody: an error to be corrected, or a warning that nobody
    /// has looked at and found right.
    pub(crate) fn is_unsettled(&self) -> bool {
        let settled = |(finding, mark): &(Finding, Option<Mark>)| {
            let is_right = mark.as_ref().is_some_and(|mark| mark.verdict == Verdict::Right);
            finding.severity == Severity::Warning && is_right
        };
        !self.findings.iter().all(settled)
    }
}

/// Sheets by their unit.
pub(crate) type Sheets = HashMap<UnitId, Sheet>;

/// Reads the sheets of units that report.
///
/// Cost: the counts of the period of these units and of those beside them, and those of earlier
/// periods for the measures whose past a rule looks at.
pub(crate) async fn load_sheets(
    tx: &mut Tx,
    (catalogue, territory): (&Catalogue, &Territory),
    scope: &Scope<'_>,
    units: &[UnitId],
) -> Result<Sheets> {
    let rules = rules_of(catalogue, scope);
    let compares = rules.iter().any(|rule| rule.operator == Operator::LikeSiblings);
    let groups = groups(territory, scope, units, compares);
    let all: Vec<UnitId> =
        groups.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let codes = &scope.collection.measures;
    let measures = Measures::new(catalogue, codes);
    let own = sql::counts(tx, &all, &measures.numbers(), scope.period.days).await?;
    let now = measures.values(&own, scope.period.days);
    let earlier = scope.before(catalogue, PAST);
    let past = load_past(tx, (catalogue, scope), &rules, &earlier, units).await?;
    let marks = sql::marks(tx, (&scope.collection.code, &scope.period.code), units).await?;
    let mut by_unit: HashMap<i64, Vec<&CountRow>> = HashMap::new();
    for row in &own {
        by_unit.entry(row.unit).or_default().push(row);
    }
    let wanted: HashSet<UnitId> = units.iter().copied().collect();
    let mut sheets = Sheets::new();
    for group in groups.values() {
        for unit in group.iter().filter(|unit| wanted.contains(*unit)) {
            let rows = by_unit.get(&unit.0).map(Vec::as_slice).unwrap_or_default();
            let beside = group.iter().filter(|other| *other != unit);
            let numbers = Numbers {
                own: now.get(&unit.0).cloned().unwrap_or_default(),
                past: past.iter().map(|it| it.get(&unit.0).cloned().unwrap_or_default()).collect(),
                siblings: beside.filter_map(|other| now.get(&other.0).cloned()).collect(),
            };
            let own_marks = marks.iter().filter(|mark| mark.unit == *unit);
            let findings = judge(catalogue, &rules, &numbers).into_iter().map(|finding| {
                let mark = own_marks.clone().rfind(|mark| mark.holds_for(&finding));
                (finding, mark.cloned())
            });
            let missing = codes.iter().filter(|code| !numbers.own.contains_key(*code));
            let sheet = Sheet {
                missing: missing.cloned().collect(),
                observations: measures.observations(rows),
                digest: digest(rows),
                findings: findings.collect(),
                before: numbers.past.last().cloned().unwrap_or_default(),
                values: numbers.own,
            };
            sheets.insert(*unit, sheet);
        }
    }
    Ok(sheets)
}

/// The rules of a collection, and the parts and wholes that shares over its measures imply.
fn rules_of(catalogue: &Catalogue, scope: &Scope<'_>) -> Vec<Rule> {
    let mut rules = scope.collection.rules.clone();
    let collects = |rule: &Rule| {
        rule.measures().all(|code| scope.collection.measures.iter().any(|own| own == code))
    };
    for rule in implied(catalogue).into_iter().filter(collects) {
        let same = |own: &Rule| {
            (own.operator, &own.left, &own.right) == (rule.operator, &rule.left, &rule.right)
        };
        if !rules.iter().any(same) {
            rules.push(rule);
        }
    }
    rules
}

/// The units that are read, in groups of those that are compared: all that report beside a wanted
/// one, or itself alone where no rule compares.
fn groups(
    territory: &Territory,
    scope: &Scope<'_>,
    units: &[UnitId],
    compares: bool,
) -> BTreeMap<UnitId, Vec<UnitId>> {
    let mut groups = BTreeMap::new();
    for unit in units {
        let parent = territory.at(*unit, scope.last()).and_then(|version| version.parent);
        match parent.filter(|_| compares) {
            None => {
                groups.insert(*unit, vec![*unit]);
            }
            Some(parent) => {
                groups.entry(parent).or_insert_with(|| scope.reporters(territory, parent));
            }
        }
    }
    groups
}

/// By period, oldest first: what units reported of the measures whose past a rule looks at; of the
/// period just before all measures.
async fn load_past(
    tx: &mut Tx,
    (catalogue, scope): (&Catalogue, &Scope<'_>),
    rules: &[Rule],
    periods: &[Period],
    units: &[UnitId],
) -> Result<Vec<HashMap<i64, BTreeMap<String, i64>>>> {
    let Some(((last, earlier), first)) = periods.split_last().zip(periods.first()) else {
        return Ok(Vec::new());
    };
    let looks_back = rules.iter().filter(|rule| rule.operator == Operator::LikeOwnPast);
    let codes: BTreeSet<String> = looks_back.flat_map(|rule| rule.left.clone()).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    let measures = Measures::new(catalogue, &codes);
    let days = DayRange { from: first.days.from, to: last.days.from };
    let rows = sql::counts(tx, units, &measures.numbers(), days).await?;
    let mut past: Vec<_> =
        earlier.iter().map(|period| measures.values(&rows, period.days)).collect();
    let measures = Measures::new(catalogue, &scope.collection.measures);
    let rows = sql::counts(tx, units, &measures.numbers(), last.days).await?;
    past.push(measures.values(&rows, last.days));
    Ok(past)
}

/// Measures by their numbers, each with its code and nature.
struct Measures<'a>(BTreeMap<i64, (&'a str, Nature)>);

impl<'a> Measures<'a> {
    fn new(catalogue: &Catalogue, codes: &'a [String]) -> Self {
        let known = codes.iter().filter_map(|code| {
            let measure = catalogue.measure(code)?;
            Some((measure.number, (code.as_str(), measure.definition.nature)))
        });
        Self(known.collect())
    }

    fn numbers(&self) -> Vec<i64> {
        self.0.keys().copied().collect()
    }

    /// What each unit reported for a period as a whole: the last level within it, and the sum of
    /// what happened where the counts cover all its days. The rows come in the order of days.
    fn values(&self, rows: &[CountRow], days: DayRange) -> HashMap<i64, BTreeMap<String, i64>> {
        let mut sums = BTreeMap::<(i64, i64), (i64, i32)>::new();
        for row in rows {
            let own = row.days();
            if own.from < days.from || days.to < own.to {
                continue;
            }
            let (sum, covered) = sums.entry((row.unit, row.measure)).or_default();
            let is_level = self.0.get(&row.measure).is_some_and(|(_, it)| *it == Nature::Stock);
            *sum = if is_level { row.value } else { sum.saturating_add(row.value) };
            *covered += own.to.0 - own.from.0;
        }
        let mut values = HashMap::<i64, BTreeMap<String, i64>>::new();
        for ((unit, measure), (sum, covered)) in sums {
            let Some((code, nature)) = self.0.get(&measure) else { continue };
            if *nature == Nature::Stock || covered == days.to.0 - days.from.0 {
                values.entry(unit).or_default().insert((*code).to_owned(), sum);
            }
        }
        values
    }

    /// The last observation of each measure of one unit.
    fn observations(&self, rows: &[&CountRow]) -> BTreeMap<String, String> {
        let named = rows.iter().filter_map(|row| {
            let (code, _) = self.0.get(&row.measure)?;
            Some(((*code).to_owned(), row.id.clone()))
        });
        named.collect()
    }
}

/// What was reported, byte for byte.
fn digest(rows: &[&CountRow]) -> [u8; 32] {
    let mut fields: Vec<Vec<u8>> = vec![b"sogoc figures 1".to_vec()];
    for row in rows {
        fields.push(row.id.as_bytes().to_vec());
        fields.push([row.version, row.value].map(i64::to_be_bytes).concat());
    }
    let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
    journal::content_hash(&fields)
}
