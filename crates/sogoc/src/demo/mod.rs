//! The demonstration province: the real territory and its merger, with made-up observations.

mod approvals;
mod campaign;
mod numbers;
mod organisation;
mod publication;
mod subjects;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use base::rights::Actor;
use base::{Clock, Day, Error, Progress as _, Result};
use figures::Period;
use figures::observations::{
    Context, NewObservation, Reported, has_made_up_on, report, reportable,
};
use lang::Lang;
use packs::{Catalogue, Nature};
use territory::{Level, Territory};

use crate::app::App;
use crate::commands::say;
use crate::commands::shown::Shown;
use crate::packs_inside;

/// The name on every page, unless another is configured.
pub(crate) const PLACE: &str = "Hậu Giang – Cần Thơ";
/// The actor in the journal.
const ACTOR: &str = "demo";

/// Makes the province unless it is there already. Each step is a transaction of its own and is
/// taken up again where an earlier start was broken off.
pub(crate) async fn make(lang: Lang, app: &App) -> Result<()> {
    let shown = Shown::new(lang, lang::cli::demo_territory(lang));
    lay_ground(app, shown.clone()).await?;
    let today = app.clock().today();
    let years = numbers::FIRST_YEAR..=today.civil().year();
    let quarters = years.clone().flat_map(numbers::quarters);
    let quarters = quarters.filter(|quarter| quarter.days.to <= today).count();
    shown.begin(lang::cli::demo_observations, quarters as u64);
    let mut made = 0;
    for year in years {
        made += observe_year(lang, app, year, &shown).await?;
    }
    shown.end();
    campaign::compete(lang, app).await?;
    publication::publish(lang, app).await?;
    approvals::make(lang, app).await?;
    organisation::make(lang, app).await?;
    subjects::make(lang, app).await?;
    if made > 0 {
        say(lang::cli::demo_ready(lang, base::grouped(lang, made)));
    }
    Ok(())
}

/// The territory and the definitions.
async fn lay_ground(app: &App, shown: Arc<Shown>) -> Result<()> {
    let mut tx = app.database().write().await?;
    tx.watch(shown);
    let territory = packs_inside::files(packs_inside::TERRITORY);
    territory::import_lists(&mut tx, app.clock(), Actor::operator(ACTOR), &territory.files).await?;
    for name in packs_inside::DEFINITIONS {
        let known = Catalogue::load(&mut tx).await?;
        let pack = packs::read(&packs_inside::files(name), &known)?;
        packs::apply(&mut tx, app.clock(), ACTOR, &pack).await?;
    }
    tx.commit().await
}

/// Reports the quarters of a year that are over, unless that was done. Whoever tries the program may
/// have reported some of the counts, or changed what may be reported: what is there stays.
async fn observe_year(lang: Lang, app: &App, year: i16, shown: &Shown) -> Result<i64> {
    let today = app.clock().today();
    let mut tx = app.database().write().await?;
    let catalogue = app.desk.catalogue(&mut tx).await?;
    let territory = app.desk.atlas.territory(&mut tx).await?;
    let clock: &Clock = app.clock();
    let cx = Context {
        clock,
        actor: Actor::operator(ACTOR),
        catalogue: &catalogue,
        territory: &territory,
    };
    let mut made = 0;
    for quarter in numbers::quarters(year).filter(|quarter| quarter.days.to <= today) {
        if !has_made_up_on(&mut tx, quarter.days.last()).await? {
            let newest = Period::last_quarters(None, today, 1);
            let gaps = newest.contains(&quarter).then_some(numbers::GAPS);
            let counts = observations(lang, (&catalogue, &territory), &quarter, gaps);
            let ids = match report(&mut tx, cx, counts.clone()).await {
                // Nothing was written, and it is seldom so: those that fit are looked for only now.
                Err(Error::Refused { .. } | Error::Invalid(_)) => {
                    let fitting = reportable(&mut tx, cx, counts).await?;
                    report(&mut tx, cx, fitting).await?
                }
                done => done?,
            };
            made += i64::try_from(ids.len()).unwrap_or_default();
        }
        shown.advance(1);
    }
    tx.commit().await?;
    Ok(made)
}

fn observations(
    lang: Lang,
    (catalogue, territory): (&Catalogue, &Territory),
    quarter: &Period,
    gaps: Option<numbers::Gaps>,
) -> Vec<NewObservation> {
    let last: Day = quarter.days.last();
    let hamlets: Vec<_> = territory
        .units()
        .iter()
        .filter(|unit| unit.level == Level::Hamlet && unit.made_up && unit.at(last).is_some())
        .collect();
    let sizes = numbers::households(&hamlets);
    let source = lang::cli::demo_source(lang);
    let mut observations = Vec::new();
    for (at, (hamlet, households)) in hamlets.iter().zip(sizes).enumerate() {
        for (code, value) in numbers::counts(hamlet.id.0, households, last) {
            let Some(value) = gaps.map_or(Some(value), |gaps| gaps.of(at, code, value)) else {
                continue;
            };
            let Some(measure) = catalogue.measure(code) else { continue };
            let mut add = |reported, value| {
                observations.push(NewObservation {
                    unit: hamlet.id,
                    measure: code.to_owned(),
                    reported,
                    value,
                    source: source.to_owned(),
                    made_up: true,
                    evidence: None,
                });
            };
            match measure.definition.nature {
                Nature::Stock => add(Reported::On(last), value),
                // By half months, so that both calendars can be asked.
                Nature::Flow => {
                    for (days, value) in numbers::halves(quarter.days, value) {
                        add(Reported::Within(days), value);
                    }
                }
            }
        }
    }
    observations
}
