//! How everything that can be watched stands now.

use std::collections::{BTreeMap, BTreeSet};

use base::{Day, Result};
use journal::MeasureId;
use packs::Catalogue;
use store::Tx;
use territory::{Atlas, Level, Territory, UnitId, Version};

use super::model::{Corrected, Ending, Seen, Series, Since, Standing, State, Topic};
use super::store as sql;
use crate::protection::shows_few_people;
use crate::publications::{self, Publication, changed_since};
use crate::targets::follow;
use crate::{Answer, Period, Question, Sight, ask};

/// Quarters of an indicator that are looked at.
const QUARTERS: usize = 8;
/// Units of these levels can be watched. Hamlets are not: they are many, and few people live there.
pub(super) const LEVELS: [Level; 3] = [Level::Province, Level::District, Level::Commune];

/// So many publications are looked at, the newest first, and those that somebody watches.
const PUBLICATIONS: i64 = 100;

/// Whether an indicator rests on one of these measures; without them everything is looked at.
fn is_touched(
    catalogue: &Catalogue,
    touched: Option<&BTreeSet<MeasureId>>,
    indicator: &str,
) -> bool {
    let Some(touched) = touched else { return true };
    let measures = catalogue.indicator(indicator).into_iter().flat_map(|it| it.measures());
    let mut numbers = measures.filter_map(|code| catalogue.measure(code)).map(|it| it.number);
    numbers.any(|number| touched.contains(&number))
}

/// The targets and indicators that can be watched, as far as they rest on one of these measures;
/// all of them without measures.
pub(super) fn topics(catalogue: &Catalogue, touched: Option<&BTreeSet<MeasureId>>) -> Vec<Topic> {
    let is_touched = |code: &str| is_touched(catalogue, touched, code);
    let targets = catalogue.targets().into_iter().filter_map(|(_, target)| {
        let indicator = target.indicator.as_deref()?;
        is_touched(indicator).then(|| Topic::Target(target.code.clone()))
    });
    let indicators = catalogue.indicators().into_iter();
    let indicators = indicators.filter(|indicator| is_touched(&indicator.code));
    let indicators = indicators.map(|indicator| Topic::Indicator(indicator.code.clone()));
    targets.chain(indicators).collect()
}

/// How a topic stands on a day in every unit for which somebody reports; nothing where the packs no
/// longer know it.
pub(super) async fn states(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    topic: &Topic,
    today: Day,
) -> Result<Vec<(UnitId, State)>> {
    match topic {
        Topic::Target(code) => target(tx, atlas, catalogue, code, today).await,
        Topic::Indicator(code) => indicator(tx, atlas, catalogue, code, today).await,
        // They are looked at together, since they ask the same.
        Topic::Publication(_) => Ok(Vec::new()),
    }
}

/// What has become of publications that rest on one of these measures, or that ended after an entry
/// of the journal; and by their names, how those were at that entry of which the journal tells it:
/// what was made later was right when it was published, and what ended later had not ended. Before
/// anybody looked nothing is known.
pub(super) async fn published(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    (since, touched): (i64, Option<&BTreeSet<MeasureId>>),
) -> Result<(Vec<(Topic, Vec<(UnitId, State)>)>, BTreeMap<String, State>)> {
    let mut found = publications::standing_or_ended_since(tx, since, PUBLICATIONS).await?;
    for (slug,) in sql::watched(tx, Topic::Publication(String::new()).kind()).await? {
        if found.iter().all(|it| it.slug != slug) {
            found.extend(publications::find_frozen(tx, &slug).await?);
        }
    }
    let (mut states, mut asked) = (Vec::new(), publications::Asked::new());
    let mut earlier = BTreeMap::new();
    for it in found {
        let sheet = &it.body.sheet;
        let indicators = sheet
            .rows
            .iter()
            .flat_map(|row| sheet.columns.iter().filter_map(|column| sheet.indicator(row, column)));
        let rests = indicators.collect::<BTreeSet<String>>();
        let rests = rests.iter().any(|code| is_touched(catalogue, touched, code));
        if !rests && it.ended.is_none() {
            continue;
        }
        let Some(unit) = unit_of(&it) else { continue };
        let changes = changed_since(tx, atlas, catalogue, &it, &mut asked).await?;
        let corrected = changes.into_iter().filter_map(|change| {
            let (row, column) = (sheet.rows.get(change.row)?, sheet.columns.get(change.column)?);
            let corrected = Corrected {
                row: row.stub.get(1).cloned().unwrap_or_default(),
                column: column.header.clone(),
                part: column.part,
                frozen: change.frozen,
                now: change.now,
            };
            Some((format!("{:04}.{:02}", change.row, change.column), corrected))
        });
        let corrected: BTreeMap<String, Corrected> = corrected.collect();
        let ended = ending(tx, &it).await?;
        let before = match &it.ended {
            _ if since < 0 => None,
            _ if it.entry > since => Some(Since::default()),
            Some(end) if end.entry > since => {
                Some(Since { corrected: corrected.clone(), ended: None })
            }
            _ => None,
        };
        earlier.extend(before.map(|before| (it.slug.clone(), State::Publication(before))));
        let state = State::Publication(Since { corrected, ended });
        states.push((Topic::Publication(it.slug), vec![(unit, state)]));
    }
    Ok((states, earlier))
}

/// The unit that a publication is about: that of its first row.
pub(crate) fn unit_of(it: &Publication) -> Option<UnitId> {
    it.body.sheet.rows.first().map(|row| UnitId(row.unit.id))
}

async fn ending(tx: &mut Tx, it: &Publication) -> Result<Option<Ending>> {
    let Some(ended) = &it.ended else { return Ok(None) };
    let successor = match &ended.replaced_by {
        Some(id) => publications::find_frozen(tx, id).await?,
        None => None,
    };
    let replaced_by = successor.map(|it| it.body.issue.number);
    Ok(Some(Ending { reason: ended.reason.clone(), replaced_by }))
}

async fn target(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    code: &str,
    today: Day,
) -> Result<Vec<(UnitId, State)>> {
    let found = catalogue.targets().into_iter().find(|(_, target)| target.code == code);
    let Some(found) = found else { return Ok(Vec::new()) };
    let followed =
        follow(tx, atlas, catalogue, found, (today, None), (None, Sight::Public)).await?;
    let Some(followed) = followed else { return Ok(Vec::new()) };
    let territory = atlas.territory(tx).await?;
    let indicator = &followed.indicator;
    let decimals = indicator.denominator.as_ref().map(|_| indicator.decimals);
    let is_protected = shows_few_people(catalogue, &indicator.code);
    let units = reported(&territory, &followed.answer).filter_map(|version| {
        let course = followed.course(version.unit, version.kind.level())?;
        // Of few people only the state is told: values that stay readable would tell more.
        let latest = course.standing.latest.filter(|_| !is_protected);
        let standing = Standing {
            status: course.standing.status,
            value: latest.map(|(_, value)| value),
            on: latest.map(|(day, _)| day),
            wanted: course.wanted,
            by: course.value.by(),
            since: course.standing.behind_since,
            decimals,
        };
        Some((version.unit, State::Target(standing)))
    });
    Ok(units.collect())
}

async fn indicator(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    code: &str,
    today: Day,
) -> Result<Vec<(UnitId, State)>> {
    let Some(indicator) = catalogue.indicator(code) else { return Ok(Vec::new()) };
    let periods = Period::last_quarters(None, today, QUARTERS);
    let codes: Vec<String> = periods.iter().map(|period| period.code.clone()).collect();
    let question = Question {
        indicator: code.to_owned(),
        periods,
        map: today,
        known: None,
        // Letters and feeds go to everybody.
        sight: Sight::Public,
    };
    let answer = ask(tx, atlas, catalogue, &question).await?;
    let territory = atlas.territory(tx).await?;
    let decimals = indicator.denominator.as_ref().map(|_| indicator.decimals);
    let is_protected = shows_few_people(catalogue, code);
    let units = reported(&territory, &answer).map(|version| {
        let figures = codes.iter().enumerate().map(|(at, period)| {
            let figure = answer.get(version.unit, at);
            let (reported, expected) = (figure.reported, figure.expected);
            let (value, hidden) = (figure.value(indicator), figure.hidden);
            (period.clone(), Seen { value, reported, expected, hidden })
        });
        let figures = figures.collect();
        (version.unit, State::Indicator(Series { decimals, figures, is_protected }))
    });
    Ok(units.collect())
}

/// The units of the map for which somebody reports.
fn reported<'a>(territory: &'a Territory, answer: &'a Answer) -> impl Iterator<Item = &'a Version> {
    let of = |level: Level| territory.under(None, answer.map, level);
    let is_reported =
        |version: &&Version| answer.all(version.unit).any(|figure| figure.expected > 0);
    LEVELS.into_iter().flat_map(of).filter(is_reported)
}
