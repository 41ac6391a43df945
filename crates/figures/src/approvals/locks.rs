//! What is locked: no count changes that would change a figure which was approved.

use std::collections::HashMap;

use base::{Day, DayRange, Error, Result, short_day};
use lang::Text;
use store::Tx;
use territory::UnitId;

use super::model::Version;
use super::store as sql;
use crate::Period;
use crate::observations::Context;

/// A count that is about to come, to change or to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Touch {
    pub(crate) unit: UnitId,
    /// The number of the measure.
    pub(crate) measure: i64,
    /// The days that it is for.
    pub(crate) days: DayRange,
    /// Of a level: the day of the next one, until which it holds on; the largest day without one.
    pub(crate) until: Option<Day>,
}

impl Touch {
    /// Whether it would change what a period says: it lies in its days, or it is the level that
    /// holds on to the period's last day.
    pub(crate) fn changes(&self, period: DayRange) -> bool {
        let lies_within = self.days.from < period.to && period.from < self.days.to;
        let holds_on =
            self.until.is_some_and(|next| self.days.last() < period.from && period.last() < next);
        lies_within || holds_on
    }
}

/// Which of these counts lie in something locked, by their places, each with a sentence that says
/// who locked it when, and what to do.
///
/// Cost: nothing where no collection has one of the measures; else one look-up by an index for each
/// unit, in one statement for up to 400 of them.
pub(crate) async fn find_locks(
    tx: &mut Tx,
    cx: Context<'_>,
    touches: &[Touch],
) -> Result<Vec<(usize, Text)>> {
    let collected = collected(cx);
    let held: Vec<(usize, &Touch)> = touches
        .iter()
        .enumerate()
        .filter(|(_, touch)| collected.contains_key(&touch.measure))
        .collect();
    let mut units: Vec<i64> = held.iter().map(|(_, touch)| touch.unit.0).collect();
    units.sort_unstable();
    units.dedup();
    let from = held.iter().map(|(_, touch)| touch.days.from).min();
    let to = held.iter().map(|(_, touch)| touch.until.unwrap_or(touch.days.to)).max();
    let Some((from, to)) = from.zip(to) else { return Ok(Vec::new()) };
    // A level that holds on to the day before the next one is in the way of the period before.
    let locks = sql::locks(tx, &units, DayRange { from, to: to.plus(1) }).await?;
    if locks.is_empty() {
        return Ok(Vec::new());
    }
    let mut by_unit = HashMap::<UnitId, Vec<&Version>>::new();
    for lock in &locks {
        by_unit.entry(lock.unit).or_default().push(lock);
    }
    let mut found: Vec<(usize, &Version)> = Vec::new();
    for (at, touch) in held {
        let own = by_unit.get(&touch.unit).into_iter().flatten().copied();
        let codes = collected.get(&touch.measure).map(Vec::as_slice).unwrap_or_default();
        let mut own = own.filter(|lock| codes.contains(&lock.collection.as_str()));
        found.extend(own.find(|lock| touch.changes(lock.days)).map(|lock| (at, lock)));
    }
    let entries: Vec<i64> = found.iter().map(|(_, lock)| lock.entry).collect();
    let recordings = journal::recordings(tx, &entries).await?;
    let say = |lock: &Version| {
        let (at, by) = recordings.get(&lock.entry).map(|(at, by)| (at.local(), by.clone())).unzip();
        sentence(cx, lock, (at.unwrap_or_default(), by.unwrap_or_default()))
    };
    Ok(found.into_iter().map(|(at, lock)| (at, say(lock))).collect())
}

/// By the number of a measure: the collections that it is in.
fn collected(cx: Context<'_>) -> HashMap<i64, Vec<&str>> {
    let mut collected = HashMap::<i64, Vec<&str>>::new();
    for collection in cx.catalogue.collections() {
        for measure in collection.measures.iter().filter_map(|code| cx.catalogue.measure(code)) {
            collected.entry(measure.number).or_default().push(&collection.code);
        }
    }
    collected
}

/// Refuses what would change something locked.
///
/// Errors: `Refused` `figures.locked`.
pub(crate) async fn refuse_locked(tx: &mut Tx, cx: Context<'_>, touch: Touch) -> Result<()> {
    let found = find_locks(tx, cx, &[touch]).await?;
    match found.into_iter().next() {
        None => Ok(()),
        Some((_, text)) => Err(Error::Refused { code: "figures.locked", text }),
    }
}

/// "Số liệu Quý II/2025 của Ấp 1 … đã khóa …: muốn sửa, hãy …".
fn sentence(cx: Context<'_>, lock: &Version, (at, by): (String, String)) -> Text {
    let collection = cx.catalogue.collection(&lock.collection).map(|it| it.title.clone());
    let period = Period::parse(&lock.period, &cx.catalogue.calendars()).ok();
    let unit = cx.territory.full_name(lock.unit, lock.last());
    let above = cx.territory.full_name(lock.acted_on, lock.last());
    let days = format!("{}–{}", short_day(lock.days.from), short_day(lock.last()));
    Text::new(move |lang| {
        let collection = collection.as_ref().map_or("", |title| title.say(lang));
        let period = period.as_ref().map_or_else(|| days.clone(), |period| period.title(lang));
        let arguments = lang::approvals::Locked {
            above: &above,
            at: &at,
            by: &by,
            collection,
            period: &period,
            unit: &unit,
        };
        lang::approvals::locked(lang, arguments)
    })
}
