//! Killed, full, gone: nothing acknowledged is lost, nothing is half done.

use std::process::Command;

use lang::Lang;
use serde_json::{Value, json};
use store::testing::{Cluster, TestDatabase};
use store::{Database, Location};

use crate::program::{Server, address, packs, post, prepare, run, sogoc};

/// A count of its own for each number.
fn count(at: usize) -> Value {
    let (hamlet, day) = (format!("31318{:02}", at % 7 + 1), at / 7);
    let day = format!("20{:02}-{:02}-{:02}", day / 336 + 5, day / 28 % 12 + 1, day % 28 + 1);
    json!({"unit": hamlet, "measure": "households", "day": day, "value": at, "source": "test"})
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_among_requests() {
    for database in TestDatabase::each().await {
        prepare(&database.location);
        let mut acknowledged = Vec::<String>::new();
        for round in 0..3 {
            let mut server = Server::start(&database.location);
            let url = server.url("/api/v1/observations");
            let (told, telling) = std::sync::mpsc::channel();
            let reporting = std::thread::spawn(move || {
                // Until no answer comes any more.
                for at in round * 1000.. {
                    let body = json!({"items": [count(at)]});
                    let Some((201, body)) = post(&url, &body) else { break };
                    told.send(body["ids"][0].as_str().unwrap().to_owned()).unwrap();
                }
            });
            let some = 12 + round;
            let before = acknowledged.len();
            acknowledged.extend(telling.iter().take(some));
            assert_eq!(acknowledged.len(), before + some, "a report was refused");
            server.kill();
            acknowledged.extend(telling.iter());
            reporting.join().unwrap();
        }
        let server = Server::start(&database.location);
        for id in &acknowledged {
            assert_eq!(server.get(&format!("/api/v1/observations/{id}")).0, 200, "{id}");
        }
        // Of each round at most the one that was under way is there besides.
        let mut tx = database.read().await.unwrap();
        let sql = "select count(*) from observations";
        let (there,): (i64,) = tx.one(sql, vec![]).await.unwrap();
        let told = acknowledged.len() as i64;
        assert!((told..=told + 3).contains(&there), "{told} {there}");
        assert!(run(&["verify", "--database", &address(&database.location)]).status.success());
    }
}

/// Reports counts until the disk is full, and gives how many were acknowledged.
fn report_until_full(server: &Server, from: usize) -> usize {
    for at in (from..).step_by(200) {
        let items: Vec<Value> = (at..at + 200).map(count).collect();
        let (status, body) =
            server.post("/api/v1/observations", &json!({ "items": items })).unwrap();
        if status != 201 {
            assert_eq!((status, &body["code"]), (503, &json!("unavailable")), "{body}");
            assert_eq!(body["detail"], lang::error::unavailable(Lang::Vietnamese), "{body}");
            return at - from;
        }
        assert!(at < from + 40_000, "the disk does not get full");
    }
    0
}

/// The number of counts that are there, and whether all holds.
async fn counts(database: &Database) -> i64 {
    let mut tx = database.read().await.unwrap();
    let (counts,): (i64,) = tx.one("select count(*) from observations", vec![]).await.unwrap();
    counts
}

#[tokio::test]
async fn a_server_whose_disk_is_full_says_so_and_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("sogoc.db"));
    prepare(&location);
    // A limit on the size of files stands in for the full disk; the signal that goes with it is
    // ignored, so that the write itself fails. It can be lifted while the program runs.
    let script = "trap '' XFSZ; ulimit -S -f 3000; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_sogoc"), "serve"]);
    command.args(["--listen", "127.0.0.1:0", "--database", &address(&location)]);
    command.envs(sogoc().get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::of(&mut command);
    let first = report_until_full(&server, 0);
    assert!(first > 0);
    // Reading goes on, and so does saying no.
    assert_eq!(server.get("/api/v1/figures?indicator=households&periods=2005-Q1").0, 200);
    assert_eq!(server.page("/units").0, 200);
    assert_eq!(report_until_full(&server, first), 0);

    let process = server.id().to_string();
    let lifted = Command::new("prlimit").args(["--fsize=unlimited:", "--pid", &process]).status();
    assert!(lifted.unwrap().success());
    let items: Vec<Value> = (first..first + 200).map(count).collect();
    let (status, body) = server.post("/api/v1/observations", &json!({ "items": items })).unwrap();
    assert_eq!(status, 201, "{body}");
    let database = Database::open(&location).await.unwrap();
    assert_eq!(counts(&database).await, first as i64 + 200);
    assert!(run(&["verify", "--database", &address(&location)]).status.success());
}

#[tokio::test]
async fn a_postgres_whose_disk_is_full_is_said_and_goes_on_when_there_is_room() {
    let Some(cluster) = Cluster::start_on_disk_of(160) else { return };
    let location = Location::Server(cluster.new_database());
    let server = Server::with_packs(&location);
    let early: Vec<Value> = (0..200).map(count).collect();
    let (status, body) = server.post("/api/v1/observations", &json!({ "items": early })).unwrap();
    assert_eq!(status, 201, "{body}");
    cluster.fill_disk();
    let acknowledged = 200 + report_until_full(&server, 200);
    assert_eq!(server.get("/api/v1/figures?indicator=households&periods=2005-Q1").0, 200);
    // Commands say it in one sentence.
    let folder = tempfile::tempdir().unwrap();
    let large = (0..200_000).fold(String::new(), |text, at: u64| {
        text + &at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string()
    });
    let measure = format!(
        "[[measures]]\ncode = \"large\"\nname = {{ vi = \"x\" }}\ncounted = \"household\"\n\
         nature = \"stock\"\ndefinition = {{ vi = \"{large}\" }}\n"
    );
    let header = "name = \"large\"\nversion = \"1\"\ntitle = { vi = \"x\" }\n";
    std::fs::write(folder.path().join("pack.toml"), header).unwrap();
    std::fs::write(folder.path().join("measures.toml"), measure).unwrap();
    let words = ["pack", "apply", &*folder.path().display().to_string()].map(str::to_owned);
    let pack = [&words[..], &["--database".to_owned(), address(&location)]].concat();
    let pack: Vec<&str> = pack.iter().map(String::as_str).collect();
    let full = run(&pack);
    let said = String::from_utf8_lossy(&full.stderr);
    assert_eq!(full.status.code(), Some(1), "{said}");
    assert!(said.contains("Nothing was written"), "{said}");

    cluster.make_room();
    assert!(run(&pack).status.success());
    let rest: Vec<Value> = (acknowledged..acknowledged + 200).map(count).collect();
    let (status, body) = server.post("/api/v1/observations", &json!({ "items": rest })).unwrap();
    assert_eq!(status, 201, "{body}");
    let database = Database::open(&location).await.unwrap();
    assert_eq!(counts(&database).await, acknowledged as i64 + 200);
    assert!(run(&["verify", "--database", &address(&location)]).status.success());
}

#[tokio::test]
async fn a_full_disk_is_said_and_leaves_the_database_as_it_was() {
    let database = TestDatabase::sqlite().await;
    let word = address(&database.location);
    database.close().await;
    let folder = packs().join("territory-hau-giang").display().to_string();
    // A limit on the size of files stands in for the full disk; the signal that goes with it is
    // ignored, so that the write itself fails.
    let script =
        "trap '' XFSZ; ulimit -f 300; exec \"$0\" import territory \"$1\" --database \"$2\"";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_sogoc"), &folder, &word])
        .env("LC_ALL", "en")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Nothing was written"), "{said}");
    assert!(run(&["import", "territory", &folder, "--database", &word]).status.success());
    assert!(run(&["verify", "--database", &word]).status.success());
}

#[tokio::test]
async fn a_backup_is_restored_and_a_tampered_one_refused() {
    let database = TestDatabase::sqlite().await;
    prepare(&database.location);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let word = address(&database.location);
    assert!(run(&["backup", "--plain", &path("copy.db"), "--database", &word]).status.success());
    assert_eq!(
        run(&["backup", "--plain", &path("copy.db"), "--database", &word]).status.code(),
        Some(2)
    );
    let restored = run(&["restore", &path("copy.db"), "--database", &path("new.db")]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert!(run(&["verify", "--database", &path("new.db")]).status.success());

    let mut tx = database.write().await.unwrap();
    tx.run("update entries set actor = 'somebody else' where seq = 1", vec![]).await.unwrap();
    tx.commit().await.unwrap();
    let verified = run(&["verify", "--database", &word]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("entry 1: changed"));
    assert!(run(&["backup", "--plain", &path("bad.db"), "--database", &word]).status.success());
    let refused = run(&["restore", &path("bad.db"), "--database", &path("other.db")]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!folder.path().join("other.db").exists());
    std::fs::write(folder.path().join("junk.db"), b"not a database at all, not even nearly")
        .unwrap();
    let refused = run(&["restore", &path("junk.db"), "--database", &path("other.db")]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_database_that_went_away_comes_back_without_loss() {
    let Some(cluster) = Cluster::start() else { return };
    let location = Location::Server(cluster.new_database());
    let server = Server::with_packs(&location);
    let report = |day: &str| {
        let count = json!({"unit": "3131801", "measure": "households", "day": day, "value": 5, "source": "test"});
        server.post("/api/v1/observations", &json!({"items": [count]})).unwrap()
    };
    assert_eq!(report("2025-01-01").0, 201);
    cluster.stop();
    let (status, body) = report("2025-01-02");
    assert_eq!((status, &body["code"]), (503, &json!("unavailable")), "{body}");
    assert_eq!(server.get("/healthz").0, 503);
    cluster.go_on();
    assert_eq!(report("2025-01-03").0, 201);
    assert_eq!(report("2025-01-01").0, 409);
    assert_eq!(server.get("/healthz").0, 200);
    assert!(run(&["verify", "--database", &address(&location)]).status.success());
}
