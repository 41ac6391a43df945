//! Handing in, checking, approving, giving back, opening again; and marking what stands out.

use std::collections::{HashMap, HashSet};

use base::rights::{Act as Right, Place};
use base::{Error, FieldError, Id, Result};
use journal::NewEntry;
use lang::Text;
use packs::{Catalogue, Severity};
use store::Tx;
use territory::{Territory, UnitId};

use super::marks::Mark;
use super::model::{Act, Action, NewMark, State, Verdict, Version};
use super::obstacles::Obstacles;
use super::rules::{self, Move, Node, Rank, Tree, Why};
use super::sheets::{Sheets, load_sheets};
use super::store as sql;
use super::tree::{Scope, find_scope};
use crate::Sight;
use crate::observations::Context;
use crate::observations::clean;
use crate::protection::check_measures;

/// What an act brought about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// So many sheets moved, the one acted on among them.
    pub moved: usize,
    /// So many of them were locked without having come all the way.
    pub closed: usize,
}

/// Does an act on a sheet, and what it means for those below and above, in the caller's transaction.
///
/// Errors: `NotFound` for an unknown collection; those of rights; `Invalid` at `period`, `unit` or `reason`, there
/// also with who is missing; `Refused` `approvals.not_here` when units of this level do not do it,
/// `approvals.period_runs` before the period is over, `approvals.locked`, `approvals.not_locked`,
/// `approvals.nothing` when nothing would change, `approvals.not_ready` with what is missing,
/// `approvals.four_eyes` for whoever handed the figures in, `figures.protected` for whoever may not
/// see them; `Conflict` when somebody else was first.
/// Law: none (house rule, decision 0015).
pub async fn act(tx: &mut Tx, cx: Context<'_>, sight: Sight, act: Act) -> Result<Done> {
    let reason = reason(&act.reason)?;
    journal::lock(tx).await?;
    let scope = find_scope(cx.catalogue, &act.collection, &act.period, cx.clock.today())?;
    // Also that something is missing or stands out tells of the numbers.
    check_measures(cx.catalogue, &scope.collection.measures, sight)?;
    let own = cx.territory.at(act.unit, scope.last());
    let own = own.ok_or_else(|| {
        let day = base::short_day(scope.last());
        Error::invalid("unit", move |lang| lang::observations::no_unit(lang, &day))
    })?;
    check_right(cx, act.action, act.unit)?;
    let goes_forward = !matches!(act.action, Action::Return | Action::Reopen);
    if goes_forward && scope.period.days.to > cx.clock.today() {
        return Err(Error::refused("approvals.period_runs", lang::approvals::period_runs));
    }
    if scope.rank(own.kind.level()).is_none() {
        return Err(Error::refused("approvals.not_here", lang::approvals::not_here));
    }
    let ground = (cx.catalogue, cx.territory);
    let (tree, standing, sheets) = load_tree(tx, ground, &scope, (act.unit, Reads::All)).await?;
    let moves = rules::decide(&tree, act.action, reason.is_some());
    let moves = moves.map_err(|why| refusal(cx, &scope, (&tree, &sheets), why))?;
    if matches!(act.action, Action::Check | Action::Approve) && scope.collection.four_eyes {
        refuse_own(tx, cx, &scope, &tree, &moves).await?;
    }
    let mut versions = Vec::with_capacity(moves.len());
    for Move { at, state, reopened_below } in moves {
        let node = &tree.nodes[at];
        let before = standing.get(&node.unit);
        let figures = match (act.action, node.rank) {
            (Action::Submit, Rank::Reporter) => {
                sheets.get(&node.unit).map(|sheet| sheet.digest.to_vec())
            }
            _ => before.and_then(|before| before.figures.clone()),
        };
        // The reason belongs to what it explains: not to those that came all the way.
        let is_told = at == tree.at || state == State::Closed || !goes_forward;
        versions.push(Version {
            collection: scope.collection.code.clone(),
            period: scope.period.code.clone(),
            unit: node.unit,
            version: before.map_or(0, |before| before.version) + 1,
            days: scope.period.days,
            state,
            action: act.action,
            acted_on: act.unit,
            reopened_below,
            figures,
            reason: reason.clone().filter(|_| is_told),
            made_up: act.made_up,
            entry: 0,
        });
    }
    record(tx, cx, act.action, &mut versions).await?;
    let closed = versions.iter().filter(|version| version.state == State::Closed).count();
    Ok(Done { moved: versions.len(), closed })
}

/// Whoever checks or approves may also give back.
///
/// Errors: those of rights.
fn check_right(cx: Context<'_>, action: Action, unit: UnitId) -> Result<()> {
    let place = Place::of(unit.0);
    match action {
        Action::Submit => cx.actor.check(Right::SubmitFigures, place),
        Action::Check => cx.actor.check(Right::CheckFigures, place),
        Action::Approve => cx.actor.check(Right::ApproveFigures, place),
        Action::Reopen => cx.actor.check(Right::ReopenFigures, place),
        Action::Return if cx.actor.may(Right::ApproveFigures, place) => Ok(()),
        Action::Return => cx.actor.check(Right::CheckFigures, place),
    }
}

async fn record(
    tx: &mut Tx,
    cx: Context<'_>,
    action: Action,
    versions: &mut [Version],
) -> Result<()> {
    let entry = |version: &Version| NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.name.to_owned(),
        cause: action.cause(),
        record_kind: "approval",
        record_id: version.record(),
        record_version: version.version,
        content_hash: version.hash(),
        postings: Vec::new(),
    };
    let entries = versions.iter().map(entry).collect();
    let first = journal::append(tx, cx.clock, entries).await?;
    for (version, seq) in versions.iter_mut().zip(first..) {
        version.entry = seq;
    }
    sql::insert_versions(tx, versions).await
}

/// A reason as it is stored; none where nothing was written.
fn reason(text: &str) -> Result<Option<String>> {
    if base::text::clean(text).is_empty() {
        return Ok(None);
    }
    let (reason, errors) = clean::reason(text);
    if errors.is_empty() { Ok(Some(reason)) } else { Err(Error::Invalid(errors)) }
}

/// What stands of each sheet.
type StandingSheets = HashMap<UnitId, Version>;

/// What of the sheets is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// States, counts and findings.
    All,
    /// States alone: what a page of a whole province can afford.
    States,
}

/// The sheets that an act on a unit can reach: itself, all above and all below.
pub(crate) async fn load_tree(
    tx: &mut Tx,
    (catalogue, territory): (&Catalogue, &Territory),
    scope: &Scope<'_>,
    (unit, reads): (UnitId, Reads),
) -> Result<(Tree, StandingSheets, Sheets)> {
    let mut units = scope.above(territory, unit);
    units.reverse();
    let at = units.len();
    units.push(unit);
    units.extend(scope.below(territory, unit));
    let key = (scope.collection.code.as_str(), scope.period.code.as_str());
    let standing: StandingSheets = sql::find_standing(tx, key, &units)
        .await?
        .into_iter()
        .map(|version| (version.unit, version))
        .collect();
    let is_locked =
        |unit: &UnitId| standing.get(unit).is_some_and(|version| version.state.is_locked());
    let level = |unit: UnitId| territory.unit(unit).map(|unit| unit.level);
    let rank = |unit: UnitId| level(unit).and_then(|level| scope.rank(level));
    let reporters: Vec<UnitId> = units
        .iter()
        .skip(at)
        .copied()
        .filter(|unit| rank(*unit) == Some(Rank::Reporter) && !is_locked(unit))
        .filter(|_| reads == Reads::All)
        .collect();
    let sheets = load_sheets(tx, (catalogue, territory), scope, &reporters).await?;
    let places: HashMap<UnitId, usize> =
        units.iter().enumerate().map(|(at, unit)| (*unit, at)).collect();
    let node = |unit: &UnitId| {
        let version = standing.get(unit);
        let sheet = sheets.get(unit);
        let above = scope.above(territory, *unit).first().and_then(|it| places.get(it).copied());
        Some(Node {
            unit: *unit,
            rank: rank(*unit)?,
            above,
            state: version.map_or(State::Open, |version| version.state),
            reopened_below: version.is_some_and(|version| version.reopened_below),
            is_ready: sheet.is_some_and(|sheet| sheet.is_ready()),
            has_changed: sheet.zip(version).is_some_and(|(sheet, version)| {
                version.figures.as_deref().is_some_and(|handed_in| handed_in != sheet.digest)
            }),
            is_unsettled: sheet.is_some_and(|sheet| sheet.is_unsettled()),
        })
    };
    let nodes: Option<Vec<Node>> = units.iter().map(node).collect();
    let nodes = nodes.ok_or_else(|| Error::internal("a unit without a part in the flow"))?;
    Ok((Tree { nodes, at }, standing, sheets))
}

/// Four eyes: whoever handed figures in does not check or approve them.
///
/// Errors: `Refused` `approvals.four_eyes`.
async fn refuse_own(
    tx: &mut Tx,
    cx: Context<'_>,
    scope: &Scope<'_>,
    tree: &Tree,
    moves: &[Move],
) -> Result<()> {
    let handed_in = moves.iter().map(|it| &tree.nodes[it.at]);
    let handed_in = handed_in.filter(|node| node.rank == Rank::Reporter);
    let units: Vec<UnitId> = handed_in.map(|node| node.unit).collect();
    let key = (scope.collection.code.as_str(), scope.period.code.as_str());
    let submitters = sql::submitters(tx, key, &units).await?;
    let own: HashSet<i64> = submitters
        .into_iter()
        .filter(|(_, who)| who == cx.actor.name)
        .map(|(unit, _)| unit)
        .collect();
    let Some(unit) = units.into_iter().find(|unit| own.contains(&unit.0)) else { return Ok(()) };
    let name = cx.territory.full_name(unit, scope.last());
    Err(Error::refused("approvals.four_eyes", move |lang| lang::approvals::four_eyes(lang, &name)))
}

fn refusal(
    cx: Context<'_>,
    scope: &Scope<'_>,
    (tree, sheets): (&Tree, &Sheets),
    why: Why,
) -> Error {
    let at_reason =
        |text: Text| Error::Invalid(vec![FieldError { place: "reason".to_owned(), text }]);
    match why {
        Why::NotHere => Error::refused("approvals.not_here", lang::approvals::not_here),
        Why::Locked => Error::refused("approvals.locked", lang::approvals::is_locked),
        Why::NotLocked => Error::refused("approvals.not_locked", lang::approvals::not_locked),
        Why::Nothing => Error::refused("approvals.nothing", lang::approvals::nothing_to_do),
        Why::ReasonNeeded => at_reason(Text::new(lang::observations::no_reason)),
        Why::Obstacles(obstacles) => at_reason(obstacles.say(cx.territory, scope.last())),
        Why::NotReady => {
            let sheet = tree.nodes.get(tree.at).and_then(|node| sheets.get(&node.unit));
            let missing = sheet.map(|sheet| sheet.missing.clone()).unwrap_or_default();
            let names: Vec<_> = missing
                .iter()
                .filter_map(|code| Some(cx.catalogue.measure(code)?.definition.name.clone()))
                .collect();
            Error::refused("approvals.not_ready", move |lang| match names.is_empty() {
                true => lang::approvals::findings_first(lang).to_owned(),
                false => {
                    let names: Vec<&str> = names.iter().map(|name| name.say(lang)).collect();
                    lang::approvals::measures_missing(lang, names.join(", "))
                }
            })
        }
    }
}

/// What stands in the way of checking or approving on a unit now.
pub(crate) fn obstacles_of(tree: &Tree) -> Obstacles {
    rules::obstacles(tree)
}

/// Marks a finding in a unit's figures, in the caller's transaction.
///
/// Errors: `NotFound` for an unknown collection; `Invalid` at `period` or `reason`; `Refused`
/// `approvals.no_finding` when the unit breaks no such rule, or no more, `approvals.error_stays` for
/// an error that is called right, `figures.protected` for whoever may not see the numbers.
pub async fn mark(tx: &mut Tx, cx: Context<'_>, sight: Sight, new: NewMark) -> Result<String> {
    let (reason, errors) = clean::reason(&new.reason);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    cx.actor.check(Right::MarkFindings, Place::of(new.unit.0))?;
    journal::lock(tx).await?;
    let scope = find_scope(cx.catalogue, &new.collection, &new.period, cx.clock.today())?;
    check_measures(cx.catalogue, &scope.collection.measures, sight)?;
    let reports = cx
        .territory
        .at(new.unit, scope.last())
        .is_some_and(|version| scope.rank(version.kind.level()) == Some(Rank::Reporter));
    let mut sheets = Sheets::new();
    if reports {
        let ground = (cx.catalogue, cx.territory);
        sheets = load_sheets(tx, ground, &scope, &[new.unit]).await?;
    }
    let found = sheets.get(&new.unit).and_then(|sheet| {
        sheet.findings.iter().map(|(finding, _)| finding).find(|it| it.rule == new.rule)
    });
    let gone = || Error::refused("approvals.no_finding", lang::approvals::no_finding);
    let finding = found.ok_or_else(gone)?;
    if finding.severity == Severity::Error && new.verdict == Verdict::Right {
        return Err(Error::refused("approvals.error_stays", lang::approvals::error_stays));
    }
    let mut mark = Mark {
        id: Id::new(cx.clock).to_string(),
        collection: scope.collection.code.clone(),
        period: scope.period.code.clone(),
        unit: new.unit,
        rule: new.rule,
        numbers: finding.numbers.to_vec(),
        verdict: new.verdict,
        reason,
        made_up: new.made_up,
        entry: 0,
    };
    let entry = NewEntry {
        id: Id::new(cx.clock),
        actor: cx.actor.name.to_owned(),
        cause: "approvals.mark",
        record_kind: "finding_mark",
        record_id: mark.id.clone(),
        record_version: 1,
        content_hash: mark.hash(),
        postings: Vec::new(),
    };
    mark.entry = journal::append(tx, cx.clock, vec![entry]).await?;
    sql::insert_mark(tx, &mark).await?;
    Ok(mark.id)
}

/// Whether anybody has acted on a sheet of a period.
///
/// Errors: `Unavailable`.
pub async fn is_begun(tx: &mut Tx, collection: &str, period: &str) -> Result<bool> {
    sql::is_begun(tx, (collection, period)).await
}

/// The warnings in a period that wait for somebody: unit and rule.
///
/// Errors: those of [`act`].
pub async fn warnings(
    tx: &mut Tx,
    cx: Context<'_>,
    (collection, period): (&str, &str),
    units: &[UnitId],
) -> Result<Vec<(UnitId, String)>> {
    let scope = find_scope(cx.catalogue, collection, period, cx.clock.today())?;
    let sheets = load_sheets(tx, (cx.catalogue, cx.territory), &scope, units).await?;
    let mut waiting = Vec::new();
    for (unit, sheet) in &sheets {
        let open = sheet
            .findings
            .iter()
            .filter(|(finding, mark)| mark.is_none() && finding.severity == Severity::Warning);
        waiting.extend(open.map(|(finding, _)| (*unit, finding.rule.clone())));
    }
    waiting.sort();
    Ok(waiting)
}
