//! Killed, full, gone: nothing acknowledged is lost, nothing is half done.

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use store::Location;
use store::testing::{Cluster, TestDatabase};

use crate::program::{Server, address, packs, prepare, run, sogoc};

/// A number of kills that finds a torn write without taking long.
const KILLS: u64 = 6;

#[tokio::test]
async fn a_killed_import_is_whole_or_not_there() {
    for database in TestDatabase::each().await {
        let database_word = address(&database.location);
        let folder = packs().join("territory-hau-giang").display().to_string();
        let words = ["import", "territory", &folder, "--database", &database_word];
        for kill in 0..KILLS {
            let mut child = sogoc().args(words).spawn().unwrap();
            std::thread::scope(|_| {
                child_dies_after(&mut child, Duration::from_millis(20 + kill * 60));
            });
            let mut tx = database.read().await.unwrap();
            let (units,): (i64,) = tx.one("select count(*) from units", vec![]).await.unwrap();
            let (entries,): (i64,) = tx.one("select count(*) from entries", vec![]).await.unwrap();
            assert!(
                [(0, 0), (640, 1)].contains(&(units, entries)),
                "{units} units, {entries} entries"
            );
        }
        assert!(run(&words).status.success());
        assert!(run(&["verify", "--database", &database_word]).status.success());
    }
}

fn child_dies_after(child: &mut std::process::Child, time: Duration) {
    let start = std::time::Instant::now();
    while start.elapsed() < time && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    for database in TestDatabase::each().await {
        prepare(&database.location);
        let mut acknowledged = Vec::new();
        for round in 0..3 {
            let mut server = Server::start(&database.location);
            let reporter = &server;
            let hamlets: Vec<String> =
                (1..=40).map(|at| format!("31318{:02}", at % 7 + 1)).collect();
            let mut last = 0;
            for (at, hamlet) in hamlets.iter().enumerate() {
                let day = format!("20{}-0{}-{:02}", 22 + round, at % 9 + 1, at % 27 + 1);
                let count = json!({"unit": hamlet, "measure": "households", "day": day, "value": at, "source": "test"});
                let (status, body) =
                    reporter.post("/api/v1/observations", &json!({"items": [count]})).unwrap();
                if status == 201 {
                    acknowledged.push(body["ids"][0].as_str().unwrap().to_owned());
                    last = at;
                }
            }
            assert!(last > 0);
            server.kill();
        }
        let server = Server::start(&database.location);
        for id in &acknowledged {
            assert_eq!(server.get(&format!("/api/v1/observations/{id}")).0, 200, "{id}");
        }
        assert!(run(&["verify", "--database", &address(&database.location)]).status.success());
    }
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
    assert!(run(&["backup", &path("copy.db"), "--database", &word]).status.success());
    assert_eq!(run(&["backup", &path("copy.db"), "--database", &word]).status.code(), Some(2));
    let restored = run(&["restore", &path("copy.db"), "--database", &path("new.db")]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert!(run(&["verify", "--database", &path("new.db")]).status.success());

    let mut tx = database.write().await.unwrap();
    tx.run("update entries set actor = 'somebody else' where seq = 1", vec![]).await.unwrap();
    tx.commit().await.unwrap();
    let verified = run(&["verify", "--database", &word]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("entry 1: changed"));
    assert!(run(&["backup", &path("bad.db"), "--database", &word]).status.success());
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
