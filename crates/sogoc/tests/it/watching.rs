//! What an operator sees of the program from outside: figures for Prometheus, and the log.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use store::testing::TestDatabase;

use crate::program::{PASSWORD, Server, prepare, sogoc};

/// Sends a request as it stands; gives the whole answer.
fn send(server: &Server, request: &str) -> String {
    let url = server.url("");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let request = request.replace('\n', "\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn ask(server: &Server, method: &str, path: &str) -> String {
    send(server, &format!("{method} {path} HTTP/1.1\nhost: x\nconnection: close\n\n"))
}

fn sign_in(server: &Server, password: &str) -> String {
    let body = format!("name=admin&password={password}");
    let head = "host: x\nconnection: close\ncontent-type: application/x-www-form-urlencoded";
    let length = body.len();
    send(server, &format!("POST /sign-in HTTP/1.1\n{head}\ncontent-length: {length}\n\n{body}"))
}

/// The value of a series, if it is there.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

#[tokio::test]
async fn requests_database_and_journal_are_counted_on_both_engines() {
    for database in TestDatabase::each().await {
        prepare(&database.location);
        let server = Server::start(&database.location);
        assert_eq!(server.get("/healthz").0, 200);
        assert_eq!(server.page("/units/31321").0, 200);
        assert_eq!(server.page("/units/31333").0, 200);
        assert!(sign_in(&server, "a-wrong-password").starts_with("HTTP/1.1 422"));
        let (status, text) = server.page("/metrics");
        assert_eq!(status, 200);
        let mut tx = database.read().await.unwrap();
        let count = "select count(*) from entries";
        let (entries,): (i64,) = tx.one(count, vec![]).await.unwrap();
        let engine = if database.file().is_some() { "sqlite" } else { "postgresql" };
        let version = env!("CARGO_PKG_VERSION");
        let build = format!("sogoc_build_info{{version=\"{version}\",database=\"{engine}\"}}");
        let units = "method=\"GET\",route=\"/units/{unit}\"";
        for (series, expected) in [
            (format!("http_requests_total{{{units},status=\"200\"}}"), 2.0),
            (format!("http_request_duration_seconds_count{{{units}}}"), 2.0),
            (format!("http_request_duration_seconds_bucket{{{units},le=\"60\"}}"), 2.0),
            ("http_requests_running".to_owned(), 1.0),
            ("sogoc_sign_in_failures_total{reason=\"wrong_password\"}".to_owned(), 1.0),
            (build, 1.0),
            ("sogoc_database_up".to_owned(), 1.0),
            ("sogoc_journal_entries".to_owned(), entries as f64),
        ] {
            assert_eq!(value(&text, &series), Some(expected), "{series} in {text}");
        }
        assert!(value(&text, "sogoc_database_size_bytes").unwrap() > 100_000.0, "{text}");
        assert!(value(&text, "sogoc_start_time_seconds").unwrap() > 1.7e9, "{text}");
        let pool = if engine == "sqlite" { "readers" } else { "server" };
        let most = value(&text, &format!("sogoc_database_connections_max{{pool=\"{pool}\"}}"));
        assert!(most.unwrap() >= 1.0, "{text}");
        for state in ["busy", "idle"] {
            let series = format!("sogoc_database_connections{{pool=\"{pool}\",state=\"{state}\"}}");
            assert!(value(&text, &series).is_some_and(|count| count <= most.unwrap()), "{text}");
        }
        for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
            let name = name.split(' ').next().unwrap();
            assert!(text.contains(&format!("# HELP {name} ")), "{name} is not explained");
        }
    }
}

#[tokio::test]
async fn no_visitor_can_make_further_series() {
    let database = TestDatabase::sqlite().await;
    let server = Server::start(&database.location);
    let series = |server: &Server| -> BTreeSet<String> {
        let (_, text) = server.page("/metrics");
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
    };
    let once = |at: usize| {
        ask(&server, "GET", &format!("/units/nobody-{at}"));
        ask(&server, "GET", &format!("/nowhere/nobody-{at}?q=nobody-{at}"));
        ask(&server, &format!("BREW{at}"), "/");
        sign_in(&server, &format!("nobody-{at}"));
    };
    (0..6).for_each(once);
    series(&server);
    let before = series(&server);
    (6..30).for_each(once);
    let after = series(&server);
    assert_eq!(after, before);
    for part in ["nobody", "nowhere", "BREW"] {
        assert!(!after.iter().any(|series| series.contains(part)), "{after:?}");
    }
}

#[test]
fn the_log_has_the_number_of_the_request_and_no_secret_at_any_level() {
    let folder = tempfile::tempdir().unwrap();
    let log = |level: &str| {
        let path = folder.path().join("log");
        let mut command = sogoc();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path());
        command.env("RUST_LOG", level).stderr(File::create(&path).unwrap());
        let mut server = Server::of(&mut command);
        let signed_in = sign_in(&server, PASSWORD);
        let token = signed_in.split_once("sogoc_session=").unwrap().1.split(';').next().unwrap();
        let with = format!("host: x\ncookie: sogoc_session={token}\nconnection: close\n\n");
        let page = send(&server, &format!("GET /tasks?q=nguyen-van-a HTTP/1.1\n{with}"));
        let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
        ask(&server, "GET", "/convert?address=nguyen-van-a");
        let refused = sign_in(&server, "wrong-password-typed");
        let id = refused.split_once("x-request-id: ").unwrap().1.split('\r').next().unwrap();
        assert!(server.stop());
        let log = std::fs::read_to_string(&path).unwrap();
        let wrong = "wrong-password-typed";
        for secret in [PASSWORD, wrong, token, csrf, "nguyen-van-a", "127.0.0.1", "admin\""] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{level}: {secret}");
        }
        (log, id.to_owned())
    };
    for level in ["warn", "trace"] {
        let (log, id) = log(level);
        let failed = log.lines().find(|line| line.contains("sign-in failed"));
        assert!(failed.is_some_and(|line| line.contains(&id)), "{level}: {id} in {log}");
    }
    let (log, id) = log("info");
    let answered = log.lines().find(|line| line.contains("status=422"));
    assert!(answered.is_some_and(|line| line.contains(&id)), "{id} in {log}");
}
