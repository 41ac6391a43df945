//! One indicator for all hamlets and everything above them × 8 quarters, on both maps: a flow that is
//! posted by records, and a stock and a flow that were reported; and what a report costs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use base::Day;
use base::rights::Actor;
use figures::observations::{Context, NewObservation, Reported, report};
use figures::{Desk, Period, Question, ask};
use packs::{Catalogue, PackFiles};
use store::Database;
use territory::{Atlas, Level, UnitId};

use crate::{data, database, row, timed};

const ROUNDS: usize = 101;
/// Indicators, with what stands behind each.
const INDICATORS: [(&str, &str); 3] = [
    ("flow", "a flow of records"),
    ("reported-stock", "a stock that was reported"),
    ("reported-flow", "a flow that was reported"),
];

/// Territory and definitions; gives the ids of the hamlets.
pub(crate) async fn province(database: &Database) -> (Desk, Vec<i64>) {
    let clock = data::clock();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let files = PackFiles::from_folder(&packs.join("territory-hau-giang")).unwrap();
    let mut tx = database.write().await.unwrap();
    territory::import_lists(&mut tx, &clock, Actor::operator("bench"), &files.files).await.unwrap();
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
    let measure = |code: &str, nature: &str| {
        format!(
            "[[measures]]\ncode = \"{code}\"\nname = {words}\ndefinition = {words}\n\
             counted = \"household\"\nnature = \"{nature}\"\n"
        )
    };
    // Those of records come first: their numbers in the journal are 1 to 40.
    let mut measures: String =
        (1..=data::MEASURES).map(|at| measure(&format!("m{at}"), "flow")).collect();
    for (code, nature) in REPORTED {
        measures.push_str(&measure(code, nature));
    }
    let indicator = |(code, above, below): (&str, &str, &str)| {
        format!(
            "[[indicators]]\ncode = \"{code}\"\nname = {words}\ndefinition = {words}\n\
             numerator = \"{above}\"\ndenominator = \"{below}\"\ndecimals = 2\n\
             direction = \"up\"\ndocument = {words}\nreported_by = \"hamlet\"\n"
        )
    };
    let parts = [("m1", "m2"), ("s1", "s2"), ("f1", "f2")];
    let indicators: String = INDICATORS
        .into_iter()
        .zip(parts)
        .map(|((code, _), (above, below))| indicator((code, above, below)))
        .collect();
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

/// The measures that are reported.
const REPORTED: [(&str, &str); 4] =
    [("s1", "stock"), ("s2", "stock"), ("f1", "flow"), ("f2", "flow")];

/// Every hamlet reports each quarter of the eight: two stocks on its last day, two flows by months.
async fn report_quarters(desk: &Desk, hamlets: &[i64], quarters: &[Period]) {
    for (at, quarter) in quarters.iter().enumerate() {
        let count = |unit: &i64, measure: &str, reported: Reported| NewObservation {
            unit: UnitId(*unit),
            measure: measure.to_owned(),
            reported,
            value: if measure.ends_with('1') { 40 } else { 100 },
            source: "bench".to_owned(),
            made_up: true,
            evidence: None,
        };
        let last = quarter.days.last();
        let date = last.civil();
        let months = (date.month() - 2..=date.month())
            .map(|month| Period::parse(&format!("{}-{month:02}", date.year()), &[]).unwrap().days);
        let whens = months.map(Reported::Within).chain([Reported::On(last)]);
        let mut counts = Vec::new();
        for when in whens {
            let measures = match when {
                Reported::On(_) => &REPORTED[..2],
                Reported::Within(_) => &REPORTED[2..],
            };
            let of = |unit| measures.iter().map(move |(code, _)| count(unit, code, when));
            counts.extend(hamlets.iter().flat_map(of));
        }
        let how_many = counts.len();
        let ((), time) = timed(async {
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
            report(&mut tx, cx, counts).await.unwrap();
            tx.commit().await.unwrap();
        })
        .await;
        if at == 0 || at + 1 == quarters.len() {
            let text = format!("{:.0} ms, {how_many} counts", time.as_secs_f64() * 1000.0);
            row(&format!("report, quarter {} of {}", at + 1, quarters.len()), &text);
        }
    }
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
    report_quarters(&desk, &hamlets, &periods).await;
    for (indicator, what) in INDICATORS {
        for (name, map) in [("old map", Day::new(2025, 6, 30)), ("new map", Day::new(2025, 7, 1))] {
            let question = Question {
                indicator: indicator.to_owned(),
                periods: periods.clone(),
                map: map.unwrap(),
                known: None,
                sight: figures::Sight::Full,
            };
            measure(&desk, &question, &format!("figures::ask, {what}, {name}")).await;
        }
    }
}

async fn measure(desk: &Desk, question: &Question, what: &str) {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut tx = desk.database().read().await.unwrap();
        let catalogue = desk.catalogue(&mut tx).await.unwrap();
        ask(&mut tx, &desk.atlas, &catalogue, question).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let shown = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    let (median, p99) = (shown(times[ROUNDS / 2]), shown(times[ROUNDS - 2]));
    row(what, &format!("median {median}, p99 {p99} (aim <= 2 ms)"));
}
