//! What an operator watches: requests, the database and the journal, in the form of Prometheus.
//!
//! A series is kept for each combination of labels for ever, so a label never holds what a visitor
//! can make up: no address, no name, and of the methods only those that there are.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Clock, Result};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use store::Engine;
use store::outbox::Extent;

use crate::app::App;

const REQUESTS: &str = "http_requests_total";
const DURATION: &str = "http_request_duration_seconds";
const RUNNING: &str = "http_requests_running";
const BUILD: &str = "sogoc_build_info";
const STARTED: &str = "sogoc_start_time_seconds";
const UP: &str = "sogoc_database_up";
const SIZE: &str = "sogoc_database_size_bytes";
const CONNECTIONS: &str = "sogoc_database_connections";
const MOST_CONNECTIONS: &str = "sogoc_database_connections_max";
const ENTRIES: &str = "sogoc_journal_entries";
const SEALED: &str = "sogoc_sealed_entries";
const WITNESSED: &str = "sogoc_witnessed_entries";
const WAITING: &str = "sogoc_outbox_waiting";
const OLDEST: &str = "sogoc_outbox_oldest_seconds";
const GIVEN_UP: &str = "sogoc_outbox_given_up";
const LETTERS: &str = "sogoc_letters_total";
const CHANGES: &str = "sogoc_watch_changes_total";

/// Upper ends of the histogram's buckets. A request ends after a minute in any case.
const BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Times wait in a list until somebody asks for them, or until this has passed.
const UPKEEP: Duration = Duration::from_secs(10);

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

fn recorder() -> Option<&'static PrometheusHandle> {
    let install = || {
        let times = Matcher::Full(DURATION.to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(times, &BUCKETS).ok()?;
        let handle = builder.install_recorder().ok()?;
        describe();
        Some(handle)
    };
    RECORDER.get_or_init(install).as_ref()
}

fn describe() {
    describe_counter!(REQUESTS, "Requests by method, route and status.");
    describe_histogram!(DURATION, Unit::Seconds, "Time to the answer, by method and route.");
    describe_gauge!(RUNNING, "Requests that are being answered.");
    describe_gauge!(BUILD, "Always 1; says which version runs on which database.");
    describe_gauge!(STARTED, Unit::Seconds, "When the program began to serve, since 1970.");
    describe_gauge!(UP, "Whether the database answers: 1 or 0.");
    describe_gauge!(SIZE, Unit::Bytes, "What the database takes on the disk.");
    describe_gauge!(CONNECTIONS, "Connections to the database, busy or idle.");
    describe_gauge!(MOST_CONNECTIONS, "How many connections there may be.");
    describe_gauge!(ENTRIES, "Entries in the journal.");
    describe_gauge!(SEALED, "Entries that the newest checkpoint seals.");
    describe_gauge!(WITNESSED, "Entries of the newest checkpoint that a witness signed.");
    describe_gauge!(WAITING, "Messages that wait to be sent.");
    describe_gauge!(OLDEST, Unit::Seconds, "How long the oldest of them has waited.");
    describe_gauge!(GIVEN_UP, "Messages that could not be sent and wait for somebody.");
    describe_counter!(LETTERS, "Letters that were tried, by outcome.");
    describe_counter!(CHANGES, "Changes that were told to whoever watches.");
    describe_counter!(access::FAILURES, "Sign-ins that failed, by reason.");
}

/// Begins to record. Without somebody who asks, what was recorded must not fill the memory.
pub(crate) fn start(app: &App) {
    let Some(recorder) = recorder() else { return };
    let engine = match app.database().engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgresql",
    };
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION"), "database" => engine).set(1.0);
    gauge!(STARTED).set(seconds(app.clock()));
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            recorder.run_upkeep();
        }
    });
}

/// `GET /metrics`: the text format of Prometheus. A database that is away leaves its own out.
pub(crate) async fn show(State(app): State<App>) -> Response {
    let Some(recorder) = recorder() else { return "".into_response() };
    for pool in app.database().pools() {
        gauge!(MOST_CONNECTIONS, "pool" => pool.name).set(f64::from(pool.most));
        gauge!(CONNECTIONS, "pool" => pool.name, "state" => "idle").set(f64::from(pool.idle));
        let busy = pool.open.saturating_sub(pool.idle);
        gauge!(CONNECTIONS, "pool" => pool.name, "state" => "busy").set(f64::from(busy));
    }
    let answers = match look_into(&app).await {
        Ok(Inside { entries, sealed, bytes, outbox }) => {
            gauge!(WAITING).set(outbox.waiting as f64);
            gauge!(GIVEN_UP).set(outbox.given_up as f64);
            let now = app.clock().now().0;
            gauge!(OLDEST).set(outbox.oldest.map_or(0.0, |at| (now - at.0) as f64 / 1e6));
            gauge!(ENTRIES).set(entries as f64);
            gauge!(SEALED).set(sealed as f64);
            gauge!(SIZE).set(bytes as f64);
            1.0
        }
        Err(_) => 0.0,
    };
    gauge!(UP).set(answers);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], recorder.render()).into_response()
}

/// What is in the database.
struct Inside {
    entries: i64,
    sealed: u64,
    bytes: i64,
    outbox: Extent,
}

async fn look_into(app: &App) -> Result<Inside> {
    let mut tx = app.database().read().await?;
    let sealed = journal::seals::find_last(&mut tx).await?.map_or(0, |last| last.checkpoint.size);
    let entries = journal::last_seq(&mut tx).await?;
    let outbox = store::outbox::extent(&mut tx).await?;
    Ok(Inside { entries, sealed, bytes: store::size_bytes(&mut tx).await?, outbox })
}

/// A witness signed the checkpoint of so many entries.
pub(crate) fn witnessed(name: &str, entries: u64) {
    gauge!(WITNESSED, "witness" => name.to_owned()).set(entries as f64);
}

/// What became of a letter: `sent`, `failed`, `given_up`, `dropped`.
pub(crate) fn count_letter(outcome: &'static str) {
    counter!(LETTERS, "outcome" => outcome).increment(1);
}

/// So many changes were told.
pub(crate) fn count_changes(count: usize) {
    counter!(CHANGES).increment(count as u64);
}

fn seconds(clock: &Clock) -> f64 {
    clock.now().0 as f64 / 1e6
}

/// Middleware: counts each request and its time by route, as against its address.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    recorder();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let method = known(request.method());
    let running = Running::new();
    let start = Instant::now();
    let response = next.run(request).await;
    drop(running);
    let status = response.status().as_u16().to_string();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!(DURATION, "method" => method, "route" => route)
        .record(start.elapsed().as_secs_f64());
    response
}

/// Counts a request out whether it is answered or its visitor went away.
struct Running;

impl Running {
    fn new() -> Self {
        gauge!(RUNNING).increment(1.0);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        gauge!(RUNNING).decrement(1.0);
    }
}

fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
