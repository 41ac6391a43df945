//! Approval: the flow of states, locks, races, completeness by hand, and what verification finds.

mod completeness;
mod flow;
mod locks;
mod rules;

use base::rights::Actor;
use base::{Clock, Day, Moment, Result};
use lang::Lang;
use packs::{Catalogue, PackFiles};
use territory::{Level, Territory, UnitId};

use super::*;
use crate::observations::{NewObservation, Reported};
use crate::pages::tests::Program;
use crate::{Desk, Period, Sight};

/// Three measures of the campaign; with four eyes.
const COLLECTION: &str = r#"
[[collections]]
code = "small"
title = { vi = "Ba số" }
document = { vi = "Minh họa" }
measures = ["households", "households_with_app", "dossiers"]
reported_by = "hamlet"
period = "quarter"
calendar = "civil"
due_days = 90
from = "2024-01-01"
four_eyes = true
levels = [
    { until = "2025-06-30", checks = ["commune", "district"], approves = "province" },
    { from = "2025-07-01", checks = ["commune"], approves = "province" },
]

[[collections.rules]]
code = "app-not-lost"
words = { vi = "Giảm so với kỳ trước." }
severity = "warning"
operator = "not_below_previous"
left = ["households_with_app"]
percent = "20"
"#;

/// The programme with a collection of three measures.
async fn with_small(program: Program) -> Program {
    let header = "name = \"small\"\nversion = \"1\"\ntitle = { vi = \"Ba số\" }\n";
    let files = [("pack.toml", header), ("collections.toml", COLLECTION)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let files = PackFiles { folder: "small".to_owned(), files: files.into() };
    let mut tx = program.desk.database().write().await.unwrap();
    let known = Catalogue::load(&mut tx).await.unwrap();
    let pack = packs::read(&files, &known).unwrap();
    packs::apply(&mut tx, program.desk.clock(), "tester", &pack).await.unwrap();
    tx.commit().await.unwrap();
    program
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The unit of a code on the last day of a quarter, and the hamlets in it.
fn unit(territory: &Territory, code: &str, quarter: &str) -> (UnitId, Vec<UnitId>) {
    let on = Period::parse(quarter, &[]).unwrap().days.last();
    let unit = territory.by_code(code, on).unwrap().unit;
    let hamlets = territory.under(Some(unit), on, Level::Hamlet);
    (unit, hamlets.into_iter().map(|version| version.unit).collect())
}

fn count(unit: UnitId, measure: &str, quarter: &str, value: i64) -> NewObservation {
    let days = Period::parse(quarter, &[]).unwrap().days;
    let is_flow = measure == "dossiers";
    NewObservation {
        unit,
        measure: measure.to_owned(),
        reported: if is_flow { Reported::Within(days) } else { Reported::On(days.last()) },
        value,
        source: "minh họa".to_owned(),
        made_up: true,
        evidence: None,
    }
}

/// All three measures of a unit for a quarter.
fn whole(unit: UnitId, quarter: &str, value: i64) -> Vec<NewObservation> {
    vec![
        count(unit, "households", quarter, value + 100),
        count(unit, "households_with_app", quarter, value),
        count(unit, "dossiers", quarter, value / 2),
    ]
}

/// The desk at another time.
fn at(program: &Program, now: &str) -> Desk {
    let clock = Clock::fixed(now.parse::<Moment>().unwrap());
    let database = program.desk.database().clone();
    Desk::new(territory::Atlas::new(database, clock))
}

/// Reports at a time of one's own.
async fn report_at(desk: &Desk, counts: Vec<NewObservation>) -> Result<Vec<String>> {
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, Actor::operator("tester"));
    let ids = crate::observations::report(tx, cx, counts).await?;
    work.tx.commit().await?;
    Ok(ids)
}

/// Somebody acts on a unit's sheet of a quarter.
async fn acts(
    desk: &Desk,
    (who, action): (&str, Action),
    (quarter, unit): (&str, UnitId),
    reason: &str,
) -> Result<Done> {
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, Actor::operator(who));
    let act = Act {
        collection: "small".to_owned(),
        period: quarter.to_owned(),
        unit,
        action,
        reason: reason.to_owned(),
        made_up: false,
    };
    let done = super::act(tx, cx, Sight::Full, act).await?;
    work.tx.commit().await?;
    Ok(done)
}

/// How the sheets of units stand.
async fn states(desk: &Desk, quarter: &str, units: &[UnitId]) -> Vec<(State, bool)> {
    let mut tx = desk.database().read().await.unwrap();
    let standing = list_standing(&mut tx, ("small", quarter), None).await.unwrap();
    let of = |unit: &UnitId| {
        let found = standing.iter().find(|version| version.unit == *unit);
        found.map_or((State::Open, false), |it| (it.state, it.reopened_below))
    };
    units.iter().map(of).collect()
}

/// The code of a refusal, or the place of a mistake.
fn why<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(base::Error::Refused { code, .. }) => code.to_owned(),
        Err(base::Error::Invalid(errors)) => errors[0].place.clone(),
        other => panic!("{other:?}"),
    }
}

async fn faults(desk: &Desk) -> Vec<String> {
    let mut tx = desk.database().read().await.unwrap();
    let mut faults = verify(&mut tx).await.unwrap().1;
    faults.extend(crate::observations::verify(&mut tx).await.unwrap().1);
    faults
}

/// A context for what is asked without a desk.
fn said(error: &base::Error) -> String {
    error.say(Lang::Vietnamese)
}

/// Everybody in a province, for one quarter: the province, its districts and communes, where one
/// commune reports.
struct Ladder {
    province: UnitId,
    district: UnitId,
    commune: UnitId,
    hamlets: Vec<UnitId>,
}

/// The ladder above Thị trấn Nàng Mau before the merger.
fn ladder(territory: &Territory) -> Ladder {
    let (commune, hamlets) = unit(territory, "31441", "2025-Q2");
    let above = territory.ancestors(commune, day("2025-06-30"));
    Ladder { province: above[1].unit, district: above[0].unit, commune, hamlets }
}

/// Hands in, checks at both levels and approves, in spite of those who are missing.
async fn approve_all(desk: &Desk, ladder: &Ladder) {
    let quarter = "2025-Q2";
    for (who, action, unit) in [
        ("an", Action::Submit, ladder.commune),
        ("binh", Action::Check, ladder.commune),
        ("chi", Action::Check, ladder.district),
        ("dung", Action::Approve, ladder.province),
    ] {
        let done = acts(desk, (who, action), (quarter, unit), "Còn đơn vị thiếu").await;
        done.unwrap_or_else(|error| panic!("{action:?}: {error}"));
    }
}
