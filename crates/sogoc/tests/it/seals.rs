//! The journal is sealed while the program serves, and anybody can check it without the program.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use store::testing::TestDatabase;
use web::ask::encoded;

use crate::program::{Server, address, prepare, sogoc};

fn run(folder: &Path, words: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } =
        sogoc().args(words).current_dir(folder).output().unwrap();
    let text = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn report(server: &Server, day: &str) -> String {
    let count =
        json!({"unit": "3131801", "measure": "households", "day": day, "value": 9, "source": "x"});
    let (status, body) = server.post("/api/v1/observations", &json!({ "items": [count] })).unwrap();
    assert_eq!(status, 201, "{body}");
    body["ids"][0].as_str().unwrap().to_owned()
}

/// Stops, so that everything is sealed, and starts again.
fn again(mut server: Server, database: &TestDatabase) -> Server {
    assert!(server.stop());
    Server::start(&database.location)
}

#[tokio::test]
async fn a_checkpoint_kept_elsewhere_is_enough_to_check_a_backup_and_an_entry() {
    for database in TestDatabase::each().await {
        let folder = tempfile::tempdir().unwrap();
        let at = |words: &[&str]| run(folder.path(), words);
        prepare(&database.location);
        let server = Server::start(&database.location);
        report(&server, "2025-06-30");
        let server = again(server, &database);
        let (status, seals) = server.get("/api/v1/seals");
        let newest = &seals["items"][0];
        assert_eq!(status, 200, "{seals}");
        let size = newest["size"].as_i64().unwrap();
        let note = newest["note"].as_str().unwrap();
        std::fs::write(folder.path().join("held.checkpoint"), note).unwrap();
        assert_eq!(server.page("/tlog/checkpoint").1, note);
        assert_eq!(server.page(&format!("/seals/{size}")).1, note);
        let page = server.page("/seals?lang=en").1;
        let key =
            page.split("<code>").find(|part| part.starts_with("sogoc/") && part.contains('+'));
        let key = key.unwrap().split('<').next().unwrap();
        std::fs::write(folder.path().join("public.key"), key).unwrap();

        report(&server, "2025-09-30");
        let server = again(server, &database);
        let held = encoded(note);
        assert!(server.page(&format!("/seals?lang=en&held={held}")).1.contains("It agrees"));
        let other = encoded(&note.replacen(&format!("\n{size}\n"), "\n3\n", 1));
        let page = server.page(&format!("/seals?lang=en&held={other}")).1;
        assert!(page.contains("does not hold") && page.contains("aria-invalid"), "{page}");
        let later = server.get("/api/v1/seals").1["items"][0]["size"].as_i64().unwrap();
        assert_eq!(later, size + 1);
        let (status, growth) = server.get(&format!("/api/v1/seals/{later}/growth?from={size}"));
        assert!(status == 200 && growth["proof"].as_str().unwrap().starts_with("old "), "{growth}");
        assert_eq!(server.get(&format!("/api/v1/seals/{later}/growth?from={}", later + 1)).0, 404);

        let proof = server.page(&format!("/entries/{size}/proof")).1;
        std::fs::write(folder.path().join("entry.tlog-proof"), &proof).unwrap();
        let proved = at(&["verify", "--proof", "entry.tlog-proof", "--key", "public.key"]);
        assert_eq!(proved.0, 0, "{}", proved.1);
        assert!(proved.1.contains("observations.report"), "{}", proved.1);
        let wrong = proof.replacen("extra ", "extra A", 1);
        std::fs::write(folder.path().join("wrong.tlog-proof"), wrong).unwrap();
        let refused = at(&["verify", "--proof", "wrong.tlog-proof", "--key", "public.key"]);
        assert_eq!(refused.0, 2, "no proof: {}", refused.1);
        let other = note.lines().next().unwrap();
        let other = proof.replacen(other, "sogoc/another", 1);
        std::fs::write(folder.path().join("other.tlog-proof"), other).unwrap();
        let refused = at(&["verify", "--proof", "other.tlog-proof", "--key", "public.key"]);
        assert_eq!(refused.0, 1, "a proof that does not hold: {}", refused.1);
        assert!(!refused.1.contains("observations.report"), "{}", refused.1);
        assert_eq!(at(&["verify", "--proof", "entry.tlog-proof"]).0, 2, "without a key");
        drop(server);

        let there = address(&database.location);
        assert_eq!(at(&["backup", "--plain", "copy.db", "--database", &there]).0, 0);
        let words =
            ["verify", "--backup", "copy.db", "--checkpoint", "held.checkpoint", "--key", key];
        let (status, said) = at(&words);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains(&format!("The checkpoint of {size} entries holds")), "{said}");
        // Another journal's checkpoint, or one of more entries, does not hold for this one.
        let root = newest["root"].as_str().unwrap();
        let other = note.replacen(root, &root.chars().rev().collect::<String>(), 1);
        std::fs::write(folder.path().join("other.checkpoint"), other).unwrap();
        let words = ["verify", "--backup", "copy.db", "--checkpoint", "other.checkpoint"];
        assert_ne!(at(&words).0, 0);
        assert!(!folder.path().join("sogoc-data/verified.db.arriving").exists());
    }
}

#[tokio::test]
async fn without_its_key_the_program_serves_and_says_that_nothing_is_sealed() {
    let database = TestDatabase::sqlite().await;
    prepare(&database.location);
    let folder = tempfile::tempdir().unwrap();
    let there = address(&database.location);
    let at = |words: &[&str]| run(folder.path(), &[words, &["--database", &there]].concat());
    let (status, said) = at(&["seal", "first.checkpoint"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("Public key: sogoc/"), "{said}");
    let key = Path::new(&there).with_file_name("seal.key");
    std::fs::rename(&key, key.with_extension("away")).unwrap();
    let (status, said) = at(&["seal"]);
    assert!(status == 2 && said.contains("The sealing key is not there"), "{said}");
    let server = Server::start(&database.location);
    assert!(server.page("/seals?lang=en").1.contains("the server has no sealing key"));
    report(&server, "2025-06-30");
    drop(server);
    assert!(!key.exists());
    std::fs::write(&key, "nonsense").unwrap();
    let (status, said) = at(&["serve"]);
    assert!(status == 2 && said.contains("seal.key: "), "{said}");
    std::fs::rename(key.with_extension("away"), &key).unwrap();
    let (status, said) = at(&["seal", "second.checkpoint"]);
    // The report, and before it the role of the administrator, who was made with the first start.
    assert!(status == 0 && said.contains("2 of them new"), "{said}");
    assert_eq!(at(&["seal", "second.checkpoint"]).0, 2, "a file is never overwritten");
    let words = ["verify", "--checkpoint", "first.checkpoint"];
    let (status, said) = at(&words);
    assert!(status == 0 && said.contains("Everything agrees"), "{said}");
}
