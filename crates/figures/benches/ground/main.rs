//! What the ground costs, as ratios from one run against the plain way of doing the same.
//!
//! `cargo bench -p figures --bench ground -- append [POSTINGS]`, `… -- ask [POSTINGS]`,
//! `… -- merger [RECORDS]`, `… -- convert [FOLDER]`, `… -- import FOLDER`, `… -- protect`,
//! `… -- dashboard [ROUNDS]`; without a word all but the import. A folder is given
//! by its whole path. `SOGOC_BENCH_DATABASE=postgres` runs on a private PostgreSQL cluster instead
//! of SQLite.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and stops")]

mod append;
mod ask;
mod convert;
mod dashboard;
mod data;
mod import;
mod merger;
mod protect;

use std::time::{Duration, Instant};

use store::testing::TestDatabase;

/// Postings unless said otherwise: 525 hamlets × 2 years × 40 measures, about a third filled.
const POSTINGS: usize = 5_000_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |default| words.get(1).and_then(|word| word.parse().ok()).unwrap_or(default);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        match words.first().map(String::as_str) {
            Some("append") => append::run(number(POSTINGS)).await,
            Some("ask") => ask::run(number(POSTINGS)).await,
            Some("merger") => merger::run(number(1_000_000)).await,
            Some("convert") => convert::run(words.get(1).map(String::as_str)),
            Some("protect") => protect::run().await,
            Some("dashboard") => dashboard::run(number(500)).await,
            Some("import") => import::run(words.get(1).map(String::as_str)).await,
            _ => {
                append::run(POSTINGS / 10).await;
                ask::run(POSTINGS / 10).await;
                merger::run(100_000).await;
                convert::run(None);
                protect::run().await;
                dashboard::run(100).await;
            }
        }
    });
}

/// A fresh database of the engine that was asked for.
async fn database() -> TestDatabase {
    match std::env::var("SOGOC_BENCH_DATABASE").as_deref() {
        Ok("postgres") => TestDatabase::postgres().await.unwrap(),
        _ => TestDatabase::sqlite().await,
    }
}

/// Runs something once and gives its time.
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let result = work.await;
    (result, start.elapsed())
}

fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn row(what: &str, text: &str) {
    println!("{what:<52} {text}");
}
