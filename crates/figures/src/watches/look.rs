//! How everything that can be watched stands now.

use std::collections::BTreeSet;

use base::{Day, Result};
use journal::MeasureId;
use packs::Catalogue;
use store::Tx;
use territory::{Atlas, Level, Territory, UnitId, Version};

use super::model::{Seen, Series, Standing, State, Topic};
use crate::targets::follow;
use crate::{Answer, Period, Question, Sight, ask};

/// Quarters of an indicator that are looked at.
const QUARTERS: usize = 8;
/// Units of these levels can be watched. Hamlets are not: they are many, and few people live there.
const LEVELS: [Level; 3] = [Level::Province, Level::District, Level::Commune];

/// What can be watched, as far as it rests on one of these measures; all of it without them.
pub(super) fn topics(catalogue: &Catalogue, touched: Option<&BTreeSet<MeasureId>>) -> Vec<Topic> {
    let number = |code: &str| catalogue.measure(code).map(|measure| measure.number);
    let is_touched = |code: &str| {
        let indicator = catalogue.indicator(code);
        let parts =
            indicator.into_iter().flat_map(|it| [Some(&it.numerator), it.denominator.as_ref()]);
        let mut measures = parts.flatten().filter_map(|code| number(code));
        touched.is_none_or(|touched| measures.any(|measure| touched.contains(&measure)))
    };
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
    }
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
    let units = reported(&territory, &followed.answer).filter_map(|version| {
        let course = followed.course(version.unit, version.kind.level())?;
        let standing = Standing {
            status: course.standing.status,
            value: course.standing.latest.map(|(_, value)| value),
            on: course.standing.latest.map(|(day, _)| day),
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
    let units = reported(&territory, &answer).map(|version| {
        let figures = codes.iter().enumerate().map(|(at, period)| {
            let figure = answer.get(version.unit, at);
            let (reported, expected) = (figure.reported, figure.expected);
            let (value, hidden) = (figure.value(indicator), figure.hidden);
            (period.clone(), Seen { value, reported, expected, hidden })
        });
        (version.unit, State::Indicator(Series { decimals, figures: figures.collect() }))
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
