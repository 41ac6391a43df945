//! What applying a pack must not do: leave definitions that do not fit each other, or what was
//! posted by them.

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, Result};
use serde::de::DeserializeOwned;
use store::Tx;

use super::{Step, StepKind};
use crate::catalogue::as_of_now;
use crate::store::{self as sql, DefinitionRow};
use crate::{
    Calendar, Campaign, Claim, Collection, Dashboard, Index, Indicator, Measure, Pack, Report,
    ReportPart, Target, UnitOfCount,
};

pub(super) fn parsed<T: DeserializeOwned>(row: &DefinitionRow) -> Result<T> {
    serde_json::from_value(as_of_now(&row.kind, &row.body)?).map_err(Error::internal)
}

/// What was posted was counted by a definition. It stays a stock or a flow, of what it was.
pub(super) async fn refuse_posted(
    tx: &mut Tx,
    pack: &Pack,
    rows: &[DefinitionRow],
    steps: &[Step],
) -> Result<()> {
    for step in steps.iter().filter(|step| step.kind == "measure") {
        let Some(row) = rows.iter().find(|row| row.kind == "measure" && row.code == step.code)
        else {
            continue;
        };
        let before: Measure = parsed(row)?;
        let after = pack.measures.iter().find(|measure| measure.code == step.code);
        let is_same = after.is_some_and(|after| {
            (after.nature, &after.counted) == (before.nature, &before.counted)
        });
        if is_same || !journal::is_posted(tx, row.number).await? {
            continue;
        }
        let code = step.code.clone();
        return Err(match after {
            None => Error::refused("packs.measure_in_use", move |lang| {
                lang::packs::measure_in_use(lang, &code)
            }),
            Some(_) => Error::refused("packs.measure_posted", move |lang| {
                lang::packs::measure_posted(lang, &code)
            }),
        });
    }
    Ok(())
}

/// What all packs declare together must fit: each indicator has its measures, and each period's
/// code one calendar.
pub(super) fn refuse_unfitting<'a>(
    pack: &Pack,
    others: impl Iterator<Item = &'a DefinitionRow>,
) -> Result<()> {
    let (mut measures, mut indicators, mut calendars) =
        (pack.measures.clone(), pack.indicators.clone(), pack.calendars.clone());
    for row in others {
        match row.kind.as_str() {
            "measure" => measures.push(parsed::<Measure>(row)?),
            "indicator" => indicators.push(parsed::<Indicator>(row)?),
            "calendar" => calendars.push(parsed::<Calendar>(row)?),
            _ => {}
        }
    }
    let measures: BTreeMap<&str, &Measure> =
        measures.iter().map(|measure| (measure.code.as_str(), measure)).collect();
    for indicator in &indicators {
        let above = measures.get(indicator.numerator.as_str());
        let below = match &indicator.denominator {
            Some(code) => measures.get(code.as_str()),
            None => above,
        };
        let fits = above.zip(below).is_some_and(|(above, below)| {
            (above.nature, &above.counted) == (below.nature, &below.counted)
        });
        if !fits {
            let code = indicator.code.clone();
            return Err(Error::refused("packs.measure_referenced", move |lang| {
                lang::packs::measure_referenced(lang, &code)
            }));
        }
    }
    let mut prefixes = BTreeMap::new();
    for calendar in &calendars {
        if let Some(other) = prefixes.insert(&calendar.prefix, &calendar.code) {
            let (code, other) = (calendar.code.clone(), other.clone());
            return Err(Error::refused("packs.prefix_taken", move |lang| {
                lang::packs::prefix_taken(
                    lang,
                    lang::packs::PrefixTaken { code: &code, other: &other },
                )
            }));
        }
    }
    Ok(())
}

/// Every unit of count that the pack names is declared, by itself or by another; and none that
/// another pack names goes away.
pub(super) fn refuse_uncounted(pack: &Pack, rows: &[DefinitionRow], steps: &[Step]) -> Result<()> {
    let refuse = |code: &str| {
        let code = code.to_owned();
        Error::refused("packs.count_unknown", move |lang| lang::packs::unknown_count(lang, &code))
    };
    let others = || rows.iter().filter(|row| row.pack != pack.header.name);
    let foreign = others().filter(|row| row.kind == "count").map(|row| row.code.as_str());
    let own = pack.counts.iter().map(|UnitOfCount { code, .. }| code.as_str());
    let declared: BTreeSet<&str> = foreign.chain(own).collect();
    let measures = pack.measures.iter().map(|measure| measure.counted.as_str());
    let claims = pack.claims.iter().flat_map(Claim::units_of_count).map(|(_, code)| code);
    if let Some(code) = measures.chain(claims).find(|code| !declared.contains(code)) {
        return Err(refuse(code));
    }
    let goes = |code: &str| {
        let is_it = |step: &&Step| step.kind == "count" && step.code == code;
        steps.iter().find(is_it).is_some_and(|step| step.step == StepKind::Remove)
    };
    for row in others() {
        let named: Vec<String> = match row.kind.as_str() {
            "measure" => vec![parsed::<Measure>(row)?.counted],
            "claim" => {
                let claim = parsed::<Claim>(row)?;
                claim.units_of_count().into_iter().map(|(_, code)| code.to_owned()).collect()
            }
            _ => continue,
        };
        if let Some(code) = named.iter().find(|code| goes(code)) {
            return Err(refuse(code));
        }
    }
    Ok(())
}

/// Each target, of whatever pack, has its plan, and the indicator that measures it.
pub(super) fn refuse_untargeted(pack: &Pack, rows: &[DefinitionRow]) -> Result<()> {
    let others = || rows.iter().filter(|row| row.pack != pack.header.name);
    let codes = |kind: &'static str| {
        others().filter(move |row| row.kind == kind).map(|row| row.code.as_str())
    };
    let plans: BTreeSet<&str> =
        codes("plan").chain(pack.plans.iter().map(|plan| plan.code.as_str())).collect();
    let own = pack.indicators.iter().map(|indicator| indicator.code.as_str());
    let indicators: BTreeSet<&str> = codes("indicator").chain(own).collect();
    let foreign = others().filter(|row| row.kind == "target").map(parsed::<Target>);
    let foreign = foreign.collect::<Result<Vec<_>>>()?;
    for target in pack.targets.iter().chain(&foreign) {
        let is_measured =
            target.indicator.as_ref().is_none_or(|code| indicators.contains(code.as_str()));
        if !plans.contains(target.plan.as_str()) || !is_measured {
            let code = target.code.clone();
            return Err(Error::refused("packs.target_referenced", move |lang| {
                lang::packs::target_referenced(lang, &code)
            }));
        }
    }
    Ok(())
}

/// Each criterion of a campaign, of whatever pack, has its indicator, and its target where it names
/// one.
pub(super) fn refuse_unfounded(pack: &Pack, rows: &[DefinitionRow]) -> Result<()> {
    let others = || rows.iter().filter(|row| row.pack != pack.header.name);
    let codes = |kind: &'static str| {
        others().filter(move |row| row.kind == kind).map(|row| row.code.as_str())
    };
    let own = pack.indicators.iter().map(|indicator| indicator.code.as_str());
    let indicators: BTreeSet<&str> = codes("indicator").chain(own).collect();
    let own = pack.targets.iter().map(|target| target.code.as_str());
    let targets: BTreeSet<&str> = codes("target").chain(own).collect();
    let foreign = others().filter(|row| row.kind == "campaign").map(parsed::<Campaign>);
    let foreign = foreign.collect::<Result<Vec<_>>>()?;
    for campaign in pack.campaigns.iter().chain(&foreign) {
        let stands = campaign.criteria.iter().all(|criterion| {
            let target = criterion.target.as_ref();
            indicators.contains(criterion.indicator.as_str())
                && target.is_none_or(|code| targets.contains(code.as_str()))
        });
        if !stands {
            let code = campaign.code.clone();
            return Err(Error::refused("packs.campaign_referenced", move |lang| {
                lang::campaigns::referenced(lang, &code)
            }));
        }
    }
    Ok(())
}

/// Each chart of a dashboard and each measured component of an index, of whatever pack, has its
/// indicator.
pub(super) fn refuse_undrawn(pack: &Pack, rows: &[DefinitionRow]) -> Result<()> {
    let others = || rows.iter().filter(|row| row.pack != pack.header.name);
    let foreign = others().filter(|row| row.kind == "indicator").map(|row| row.code.as_str());
    let own = pack.indicators.iter().map(|indicator| indicator.code.as_str());
    let indicators: BTreeSet<&str> = foreign.chain(own).collect();
    let (mut dashboards, mut indexes) = (pack.dashboards.clone(), pack.indexes.clone());
    for row in others() {
        match row.kind.as_str() {
            "dashboard" => dashboards.push(parsed::<Dashboard>(row)?),
            "index" => indexes.push(parsed::<Index>(row)?),
            _ => {}
        }
    }
    let charts = dashboards.iter().flat_map(|dashboard| {
        dashboard.charts.iter().map(|chart| (&dashboard.code, chart.indicator.as_str()))
    });
    let components =
        indexes.iter().flat_map(|index| index.indicators().map(|code| (&index.code, code)));
    for (code, indicator) in charts.chain(components) {
        if !indicators.contains(indicator) {
            let (code, indicator) = (code.clone(), indicator.to_owned());
            return Err(Error::refused("packs.indicator_referenced", move |lang| {
                let (code, indicator) = (&code, &indicator);
                lang::dashboard::indicator_referenced(
                    lang,
                    lang::dashboard::IndicatorReferenced { code, indicator },
                )
            }));
        }
    }
    Ok(())
}

/// Each form of a report, of whatever pack, has its indicators and its calendar; a column of a count
/// asks for no denominator.
pub(super) fn refuse_unreported(pack: &Pack, rows: &[DefinitionRow]) -> Result<()> {
    let others = |kind: &'static str| {
        rows.iter().filter(move |row| row.pack != pack.header.name && row.kind == kind)
    };
    let mut indicators = pack.indicators.clone();
    for row in others("indicator") {
        indicators.push(parsed(row)?);
    }
    let own = pack.calendars.iter().map(|calendar| calendar.code.as_str());
    let calendars: BTreeSet<&str> =
        others("calendar").map(|row| row.code.as_str()).chain(own).collect();
    let foreign = others("report").map(parsed::<Report>).collect::<Result<Vec<_>>>()?;
    let find = |code: &str| indicators.iter().find(|indicator| indicator.code == code);
    for report in pack.reports.iter().chain(&foreign) {
        let has_parts = report.columns.iter().all(|column| {
            let found = column.indicator.as_deref().and_then(find);
            let is_count = found.is_some_and(|found| found.denominator.is_none());
            !is_count || column.part != ReportPart::Denominator
        });
        let has_indicators = report.indicators().all(|code| find(code).is_some());
        if !has_indicators || !has_parts || !calendars.contains(report.calendar.as_str()) {
            let code = report.code.clone();
            return Err(Error::refused("packs.report_referenced", move |lang| {
                lang::reports::referenced(lang, &code)
            }));
        }
    }
    Ok(())
}

/// A measure is reported by units of one level: beside those of another its numbers would be there
/// twice.
pub(super) async fn refuse_levels(tx: &mut Tx, pack: &Pack, rows: &[DefinitionRow]) -> Result<()> {
    let (mut before, mut others) = (BTreeMap::new(), BTreeMap::new());
    for row in rows.iter().filter(|row| row.kind == "indicator") {
        let indicator: Indicator = parsed(row)?;
        for code in indicator.measures() {
            before.insert(code.to_owned(), indicator.reported_by.clone());
            if row.pack != pack.header.name {
                let (level, other) = (indicator.reported_by.clone(), indicator.code.clone());
                others.insert(code.to_owned(), (level, other));
            }
        }
    }
    for indicator in &pack.indicators {
        for code in indicator.measures() {
            let other = others.get(code).filter(|(level, _)| *level != indicator.reported_by);
            if let Some((_, other)) = other {
                let (code, other) = (code.to_owned(), other.clone());
                return Err(Error::refused("packs.levels_differ", move |lang| {
                    let (code, other) = (&code, &other);
                    lang::packs::levels_differ(lang, lang::packs::LevelsDiffer { code, other })
                }));
            }
            let number = rows.iter().find(|row| row.kind == "measure" && row.code == code);
            let moves = before.get(code).is_some_and(|level| *level != indicator.reported_by);
            if let Some(row) = number.filter(|_| moves)
                && journal::is_posted(tx, row.number).await?
            {
                let code = code.to_owned();
                return Err(Error::refused("packs.level_posted", move |lang| {
                    lang::packs::level_posted(lang, &code)
                }));
            }
        }
    }
    Ok(())
}

/// Each collection, of whatever pack, has its measures and its calendar; and one for which figures
/// were handed in goes on collecting the same: what is locked would otherwise come open unseen.
pub(super) async fn refuse_collections(
    tx: &mut Tx,
    pack: &Pack,
    rows: &[DefinitionRow],
    steps: &[Step],
) -> Result<()> {
    let others = || rows.iter().filter(|row| row.pack != pack.header.name);
    let codes = |kind: &'static str| {
        others().filter(move |row| row.kind == kind).map(|row| row.code.as_str())
    };
    let own = pack.measures.iter().map(|measure| measure.code.as_str());
    let measures: BTreeSet<&str> = codes("measure").chain(own).collect();
    let own = pack.calendars.iter().map(|calendar| calendar.code.as_str());
    let calendars: BTreeSet<&str> = codes("calendar").chain(own).collect();
    let foreign = others().filter(|row| row.kind == "collection").map(parsed::<Collection>);
    let foreign = foreign.collect::<Result<Vec<_>>>()?;
    for collection in pack.collections.iter().chain(&foreign) {
        let is_whole = collection.measures.iter().all(|code| measures.contains(code.as_str()));
        if !is_whole || !calendars.contains(collection.calendar.as_str()) {
            let code = collection.code.clone();
            return Err(Error::refused("packs.collection_referenced", move |lang| {
                lang::collections::referenced(lang, &code)
            }));
        }
    }
    let changed = |row: &&DefinitionRow| {
        let is_it = |step: &Step| step.kind == "collection" && step.code == row.code;
        row.kind == "collection" && steps.iter().any(is_it)
    };
    for row in rows.iter().filter(changed) {
        let before: Collection = parsed(row)?;
        let after = pack.collections.iter().find(|collection| collection.code == row.code);
        let is_same = after.is_some_and(|after| after.fixed() == before.fixed());
        if !is_same && sql::is_collected(tx, &row.code).await? {
            let code = row.code.clone();
            return Err(Error::refused("packs.collection_in_use", move |lang| {
                lang::collections::in_use(lang, &code)
            }));
        }
    }
    Ok(())
}
