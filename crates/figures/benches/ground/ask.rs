//! One indicator for all hamlets and everything above them × 8 quarters, on both maps.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use base::Day;
use figures::{Desk, Period, Question, ask};
use packs::{Catalogue, PackFiles};
use store::Database;
use territory::{Atlas, Level};

use crate::{data, database, row};

const ROUNDS: usize = 101;

/// Territory and 40 measures with 20 indicators; gives the ids of the hamlets.
pub(crate) async fn province(database: &Database) -> (Desk, Vec<i64>) {
    let clock = data::clock();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let files = PackFiles::from_folder(&packs.join("territory-hau-giang")).unwrap();
    let mut tx = database.write().await.unwrap();
    territory::import_lists(&mut tx, &clock, "bench", &files.files).await.unwrap();
    let pack = packs::read(&definitions(), &Catalogue::default()).unwrap();
    packs::apply(&mut tx, &clock, "bench", &pack).await.unwrap();
    tx.commit().await.unwrap();
    let desk = Desk::new(Atlas::new(database.clone(), clock));
    let mut tx = database.read().await.unwrap();
    let territory = desk.atlas.territory(&mut tx).await.unwrap();
    let hamlets = territory.units().iter().filter(|unit| unit.level == Level::Hamlet);
    let hamlets = hamlets.map(|unit| unit.id.0).collect();
    (desk, hamlets)
}

fn definitions() -> PackFiles {
    let words = "{ vi = \"x\" }";
    let mut measures = String::new();
    for at in 1..=data::MEASURES {
        measures.push_str(&format!(
            "[[measures]]\ncode = \"m{at}\"\nname = {words}\ndefinition = {words}\n\
             counted = \"household\"\nnature = \"flow\"\n"
        ));
    }
    let indicators = format!(
        "[[indicators]]\ncode = \"i1\"\nname = {words}\ndefinition = {words}\nnumerator = \"m1\"\n\
         denominator = \"m2\"\ndecimals = 2\ndirection = \"up\"\ndocument = {words}\n\
         reported_by = \"hamlet\"\n"
    );
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

pub(crate) async fn run(postings: usize) {
    println!("ask: one indicator, 525 hamlets and all above, 8 quarters, {postings} postings");
    let database = database().await;
    let (desk, hamlets) = province(&database).await;
    let clock = data::clock();
    for group in data::entries(&clock, &hamlets, postings).chunks(5_000) {
        let mut tx = database.write().await.unwrap();
        journal::append(&mut tx, &clock, group.to_vec()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let periods = Period::last_quarters(None, Day::new(2026, 1, 1).unwrap(), 8);
    for (name, map) in [("old map", Day::new(2025, 6, 30)), ("new map", Day::new(2025, 7, 1))] {
        let question = Question {
            indicator: "i1".to_owned(),
            periods: periods.clone(),
            map: map.unwrap(),
            known: None,
        };
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let mut tx = database.read().await.unwrap();
            let catalogue = desk.catalogue(&mut tx).await.unwrap();
            ask(&mut tx, &desk.atlas, &catalogue, &question).await.unwrap();
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let shown = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
        let text = format!(
            "median {}, p99 {} (aim <= 2 ms)",
            shown(times[ROUNDS / 2]),
            shown(times[ROUNDS - 2])
        );
        row(&format!("figures::ask, {name}"), &text);
    }
}
