//! The dashboard as it is asked for: many times, two at once, against a plain page of the same
//! program.

use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use base::DayRange;
use base::rights::Actor;
use figures::observations::{Context, NewObservation, Reported, report};
use figures::{Desk, Period};
use packs::{Catalogue, Nature, PackFiles};
use store::Database;
use territory::{Atlas, Level, UnitId};
use tower::ServiceExt as _;
use web::layers;

use crate::{data, database, row};

/// So many ask at once, as many as the cores that the aim speaks of.
const ASKERS: usize = 2;
/// Quarters that are reported.
const QUARTERS: usize = 12;
const PACKS: [&str; 5] = [
    "units-of-count",
    "reporting-calendars",
    "campaign-124",
    "plan-illustrative",
    "dashboard-hau-giang",
];

pub(crate) async fn run(rounds: usize) {
    println!("dashboard: 20 charts, 28 communes, 525 hamlets, {ASKERS} at once, {rounds} rounds");
    let database = database().await;
    let desk = province(&database).await;
    let options = layers::Options {
        place: "bench".to_owned(),
        clock: desk.clock().clone(),
        timeout: Duration::from_secs(60),
    };
    let routes = figures::page_routes::<Desk>();
    let routes = layers::around(routes, &options).with_state(desk);
    let plain = ask_often(&routes, "/indicators", rounds).await;
    let board = ask_often(&routes, "/dashboard", rounds).await;
    for (name, (times, bytes, sent)) in [("plain page", &plain), ("dashboard", &board)] {
        let shown = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
        let (median, p99) = (shown(times[times.len() / 2]), shown(times[times.len() * 99 / 100]));
        let text = format!("p50 {median}, p99 {p99}, {bytes} bytes, {sent} compressed");
        row(name, &text);
    }
    let ratio = board.0[board.0.len() / 2].as_secs_f64() / plain.0[plain.0.len() / 2].as_secs_f64();
    row("dashboard against the plain page, p50", &format!("{ratio:.1} times"));
    let p99 = board.0[board.0.len() * 99 / 100];
    let (time, weight) = (p99 < Duration::from_millis(50), board.1 < 150_000);
    row("aims: p99 < 50 ms, < 150,000 bytes", &format!("{time}, {weight}"));
}

/// The times of all answers in order, the bytes of the page, and its bytes when compressed.
async fn ask_often(routes: &Router, path: &str, rounds: usize) -> (Vec<Duration>, usize, usize) {
    let bytes = ask(routes, path, "identity").await;
    let sent = ask(routes, path, "br").await;
    let asker = |_| {
        let (routes, path) = (routes.clone(), path.to_owned());
        tokio::spawn(async move {
            let mut times = Vec::with_capacity(rounds);
            for _ in 0..rounds {
                let start = Instant::now();
                ask(&routes, &path, "identity").await;
                times.push(start.elapsed());
            }
            times
        })
    };
    let askers: Vec<_> = (0..ASKERS).map(asker).collect();
    let mut times = Vec::new();
    for asker in askers {
        times.extend(asker.await.unwrap());
    }
    times.sort_unstable();
    (times, bytes, sent)
}

/// Asks for a page and gives the bytes of its body.
async fn ask(routes: &Router, path: &str, encoding: &str) -> usize {
    let request = Request::get(path).header("accept-encoding", encoding).body(Body::empty());
    let response = routes.clone().oneshot(request.unwrap()).await.unwrap();
    assert!(response.status().is_success(), "{path}: {}", response.status());
    to_bytes(response.into_body(), usize::MAX).await.unwrap().len()
}

/// The territory, the packs, and what every hamlet reported in each of the last quarters.
async fn province(database: &Database) -> Desk {
    let clock = data::clock();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let folder = |name: &str| PackFiles::from_folder(&packs.join(name)).unwrap();
    let mut tx = database.write().await.unwrap();
    let files = folder("territory-hau-giang");
    territory::import_lists(&mut tx, &clock, Actor::operator("bench"), &files.files).await.unwrap();
    for name in PACKS {
        let known = Catalogue::load(&mut tx).await.unwrap();
        let pack = packs::read(&folder(name), &known).unwrap();
        packs::apply(&mut tx, &clock, "bench", &pack).await.unwrap();
    }
    tx.commit().await.unwrap();
    let desk = Desk::new(Atlas::new(database.clone(), clock));
    for quarter in Period::last_quarters(None, desk.clock().today(), QUARTERS) {
        report_quarter(&desk, quarter.days).await;
    }
    desk
}

async fn report_quarter(desk: &Desk, days: DayRange) {
    let mut tx = desk.database().write().await.unwrap();
    let catalogue = desk.catalogue(&mut tx).await.unwrap();
    let territory = desk.atlas.territory(&mut tx).await.unwrap();
    let hamlets = territory.units().iter().filter(|unit| unit.level == Level::Hamlet);
    let mut random = data::Random(u64::from(days.from.0.unsigned_abs()));
    let mut counts = Vec::new();
    for hamlet in hamlets.filter(|unit| unit.at(days.last()).is_some()) {
        for measure in catalogue.measures() {
            let is_whole = ["households", "people", "dossiers", "farm_households"]
                .contains(&measure.definition.code.as_str());
            let part = i64::try_from(random.below(300)).unwrap();
            counts.push(NewObservation {
                unit: UnitId(hamlet.id.0),
                measure: measure.definition.code.clone(),
                reported: match measure.definition.nature {
                    Nature::Stock => Reported::On(days.last()),
                    Nature::Flow => Reported::Within(days),
                },
                value: if is_whole { 300 } else { part },
                source: "bench".to_owned(),
                made_up: true,
                evidence: None,
            });
        }
    }
    let (clock, actor) = (desk.clock(), "bench");
    let cx = Context {
        clock,
        actor: Actor::operator(actor),
        catalogue: &catalogue,
        territory: &territory,
    };
    report(&mut tx, cx, counts).await.unwrap();
    tx.commit().await.unwrap();
}
