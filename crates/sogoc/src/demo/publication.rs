//! One made-up report of the newest quarter, published, and one of its counts corrected afterwards,
//! so that a stranger sees both.

use base::rights::Actor;
use base::{Clock, DayRange, Error, Result};
use figures::Period;
use figures::observations::{self, Context, Correction};
use figures::publications::{self, NewPublication, Signer};
use journal::EntriesBehind;
use lang::Lang;
use packs::Catalogue;
use store::Tx;
use territory::{Level, Territory};

use super::ACTOR;
use crate::app::App;

/// The form that is published.
const REPORT: &str = "digital-communes";
/// A number that no agency gives: MH stands for *minh họa*, made up.
const NUMBER: &str = "01/BC-MH";
/// The measure one of whose counts is corrected, and by how many.
const MEASURE: &str = "households_with_app";
const TOO_MANY: i64 = 7;

/// Publishes it, unless anything was published before.
pub(super) async fn publish(lang: Lang, app: &App) -> Result<()> {
    let mut tx = app.database().write().await?;
    journal::lock(&mut tx).await?;
    if publications::exists_any(&mut tx).await? {
        return Ok(());
    }
    let catalogue = app.desk.catalogue(&mut tx).await?;
    let territory = app.desk.atlas.territory(&mut tx).await?;
    let clock: &Clock = app.clock();
    let today = clock.today();
    let Some(period) = newest(&catalogue, app) else { return Ok(()) };
    let (on, days) = (today, period.days);
    let new = NewPublication {
        report: REPORT.to_owned(),
        period,
        map: days.last(),
        cut_off: None,
        number: NUMBER.to_owned(),
        place: lang::publications::demo_place(lang).to_owned(),
        on,
        signer: Signer {
            name: lang::publications::demo_signer(lang).to_owned(),
            post: lang::publications::demo_post(lang).to_owned(),
        },
        replaces: None,
    };
    let cx = Context {
        clock,
        actor: Actor::operator(ACTOR),
        catalogue: &catalogue,
        territory: &territory,
    };
    match publications::publish(&mut tx, cx, &app.desk.atlas, new).await {
        Ok(_) => {}
        // Whoever tries the program may have changed what there is to publish.
        Err(Error::Refused { .. } | Error::Invalid(_) | Error::NotFound(_)) => return Ok(()),
        Err(other) => return Err(other),
    }
    correct_one(lang, &mut tx, cx, days).await?;
    tx.commit().await
}

/// The newest quarter of the form that is over.
fn newest(catalogue: &Catalogue, app: &App) -> Option<Period> {
    let report = catalogue.report(REPORT)?;
    let calendars = catalogue.calendars();
    let calendar = calendars.into_iter().find(|calendar| calendar.code == report.calendar)?;
    Period::last_over(report.every, Some(calendar), app.clock().today(), 1).pop()
}

/// Takes some away from the first made-up count of the last day that is large enough.
async fn correct_one(lang: Lang, tx: &mut Tx, cx: Context<'_>, days: DayRange) -> Result<()> {
    let Some(measure) = cx.catalogue.measure(MEASURE) else { return Ok(()) };
    let last = days.last();
    let wanted = EntriesBehind {
        measure: measure.number,
        units: hamlets(cx.territory, last),
        days: DayRange { from: last, to: days.to },
        known: None,
    };
    let page = journal::entries_behind(tx, &wanted, None, base::PAGE_LIMIT).await?;
    for row in page.items.iter().filter(|row| row.record_kind == "observation") {
        let (now, _) = observations::get(tx, &row.record_id).await?;
        let Some(value) = now.value.filter(|value| now.made_up && *value > TOO_MANY) else {
            continue;
        };
        let reason = lang::publications::demo_reason(lang, TOO_MANY);
        let correction =
            Correction { id: now.id, version: now.version, value: value - TOO_MANY, reason };
        observations::correct(tx, cx, correction).await?;
        return Ok(());
    }
    Ok(())
}

fn hamlets(territory: &Territory, on: base::Day) -> Vec<i64> {
    let units = territory.units().iter();
    let hamlets =
        units.filter(|unit| unit.level == Level::Hamlet && unit.made_up && unit.at(on).is_some());
    hamlets.map(|unit| unit.id.0).take(20).collect()
}
