//! What protecting small groups costs: 525 hamlets × 40 protected measures, four times reported.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use base::Day;
use base::rights::Actor;
use figures::observations::{Context, Correction, NewObservation, Reported, correct, report};
use figures::{Desk, Period, Question, Sight, ask};
use packs::{Catalogue, PackFiles};
use territory::{Atlas, Level, UnitId};

use crate::{data, database, row, timed};

const MEASURES: usize = 40;
const ROUNDS: usize = 51;

/// Parts of a whole by twos: 20 indicators, one family.
fn definitions() -> PackFiles {
    let words = "{ vi = \"x\" }";
    let mut measures = format!(
        "[[measures]]\ncode = \"m0\"\nname = {words}\ndefinition = {words}\n\
         counted = \"household\"\nnature = \"stock\"\nprotected = true\n"
    );
    let mut indicators = String::new();
    for at in 1..MEASURES {
        measures += &format!(
            "[[measures]]\ncode = \"m{at}\"\nname = {words}\ndefinition = {words}\n\
             counted = \"household\"\nnature = \"stock\"\nprotected = true\n"
        );
        indicators += &format!(
            "[[indicators]]\ncode = \"i{at}\"\nname = {words}\ndefinition = {words}\n\
             numerator = \"m{at}\"\ndenominator = \"m0\"\ndecimals = 2\n\
             direction = \"up\"\ndocument = {words}\nreported_by = \"hamlet\"\n"
        );
    }
    let header = format!("name = \"bench\"\nversion = \"1\"\ntitle = {words}\n");
    let counts = format!("[[counts]]\ncode = \"household\"\nname = {words}\n");
    let files = [
        ("pack.toml", header),
        ("counts.toml", counts),
        ("measures.toml", measures),
        ("indicators.toml", indicators),
    ];
    let files: BTreeMap<String, Vec<u8>> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    PackFiles { folder: "bench".to_owned(), files }
}

pub(crate) async fn run() {
    println!("protect: 525 hamlets, {MEASURES} protected measures, 4 quarters");
    let database = database().await;
    let clock = data::clock();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let files = PackFiles::from_folder(&packs.join("territory-hau-giang")).unwrap();
    let mut tx = database.write().await.unwrap();
    territory::import_lists(&mut tx, &clock, Actor::operator("bench"), &files.files).await.unwrap();
    let pack = packs::read(&definitions(), &Catalogue::default()).unwrap();
    packs::apply(&mut tx, &clock, "bench", &pack).await.unwrap();
    tx.commit().await.unwrap();
    let desk = Desk::new(Atlas::new(database.database.clone(), clock));
    let periods = Period::last_quarters(None, Day::new(2026, 1, 1).unwrap(), 4);
    let mut one = String::new();
    for period in &periods {
        let (ids, time) = timed(report_all(&desk, period)).await;
        row(&format!("report all counts of {}", period.code), &format!("{} ms", time.as_millis()));
        one.clone_from(&ids[1]);
    }
    let ((), time) = timed(correct_one(&desk, one)).await;
    row("correct one count, groups worked out anew", &format!("{} ms", time.as_millis()));
    let mut medians = Vec::new();
    for (what, sight) in [("with the role", Sight::Full), ("without", Sight::Public)] {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let mut tx = desk.database().read().await.unwrap();
            let catalogue = desk.catalogue(&mut tx).await.unwrap();
            let (indicator, periods) = ("i7".to_owned(), periods.clone());
            let map = Day::new(2025, 7, 1).unwrap();
            let question = Question { indicator, periods, map, known: None, sight };
            ask(&mut tx, &desk.atlas, &catalogue, &question).await.unwrap();
            times.push(start.elapsed());
        }
        times.sort_unstable();
        medians.push(times[ROUNDS / 2].as_secs_f64() * 1000.0);
        row(
            &format!("figures::ask, 4 quarters, {what}"),
            &format!("median {:.2} ms", medians[medians.len() - 1]),
        );
    }
    row("… ratio of the two", &format!("{:.1}", medians[1] / medians[0]));
}

async fn report_all(desk: &Desk, period: &Period) -> Vec<String> {
    let mut tx = desk.database().write().await.unwrap();
    let catalogue = desk.catalogue(&mut tx).await.unwrap();
    let territory = desk.atlas.territory(&mut tx).await.unwrap();
    let hamlets = territory.units().iter().filter(|unit| unit.level == Level::Hamlet);
    let last = period.days.last();
    let counts = hamlets.flat_map(|hamlet| {
        let seed = hamlet.id.0;
        // Most hamlets have few; one in eight has many.
        let whole = if seed % 8 == 0 { 60 + seed % 50 } else { seed % 9 };
        (0..MEASURES as i64).map(move |at| NewObservation {
            unit: UnitId(seed),
            measure: format!("m{at}"),
            reported: Reported::On(last),
            value: if at == 0 { whole } else { whole * ((seed * 7 + at * 13) % 90) / 100 },
            source: "bench".to_owned(),
            made_up: true,
            evidence: None,
        })
    });
    let counts: Vec<NewObservation> = counts.collect();
    let (clock, actor) = (desk.clock(), "bench");
    let cx = Context {
        clock,
        actor: Actor::operator(actor),
        catalogue: &catalogue,
        territory: &territory,
    };
    let ids = report(&mut tx, cx, counts).await.unwrap();
    tx.commit().await.unwrap();
    ids
}

async fn correct_one(desk: &Desk, id: String) {
    let mut tx = desk.database().write().await.unwrap();
    let catalogue = desk.catalogue(&mut tx).await.unwrap();
    let territory = desk.atlas.territory(&mut tx).await.unwrap();
    let (clock, actor) = (desk.clock(), "bench");
    let cx = Context {
        clock,
        actor: Actor::operator(actor),
        catalogue: &catalogue,
        territory: &territory,
    };
    let correction = Correction { id, version: 1, value: 1_000, reason: "bench".to_owned() };
    correct(&mut tx, cx, correction).await.unwrap();
    tx.commit().await.unwrap();
}
