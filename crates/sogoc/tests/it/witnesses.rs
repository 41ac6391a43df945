//! Two provinces, each with the program, that witness each other.

use std::path::Path;
use std::time::{Duration, Instant};

use journal::seals::{PublicKey, SealKey};
use serde_json::json;
use store::testing::TestDatabase;

use crate::program::{Server, address, prepare, sogoc};

const PATIENCE: Duration = Duration::from_secs(60);

/// A province: its journal's key, and the key by which it witnesses others.
struct Province {
    database: TestDatabase,
    folder: tempfile::TempDir,
    seal: SealKey,
    witness: SealKey,
}

impl Province {
    fn over(name: &str, database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = |name: &str, file: &str| {
            let key = SealKey::generate(name).unwrap();
            std::fs::write(folder.path().join(file), key.to_text()).unwrap();
            key
        };
        let seal = key(&format!("{name}/journal"), "seal.key");
        let witness = key(&format!("{name}/witness"), "witness.key");
        prepare(&database.location);
        Self { database, folder, seal, witness }
    }

    fn at(&self, file: &str) -> std::path::PathBuf {
        self.folder.path().join(file)
    }

    /// Witnesses the journal of another.
    fn witness_of(&self, log: &PublicKey) -> Server {
        let text = format!("[witness]\nlogs = [\"{}\"]\n", log.to_text());
        std::fs::write(self.at("witness.toml"), text).unwrap();
        let mut command = sogoc();
        command
            .args(["witness", "--listen", "127.0.0.1:0", "--config"])
            .arg(self.at("witness.toml"));
        Server::of(command.arg("--data-dir").arg(self.folder.path()))
    }

    /// Serves, and has its checkpoints witnessed there.
    fn serve(&self, witness: &PublicKey, place: &str) -> Server {
        let text = format!(
            "seal_key = \"{}\"\nseal_seconds = 1\nwitness_seconds = 1\nwitnesses = [\"{} {place}\"]\n",
            self.at("seal.key").display(),
            witness.to_text()
        );
        std::fs::write(self.at("sogoc.toml"), text).unwrap();
        let mut command = sogoc();
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(self.at("sogoc.toml"));
        command.args(["--database", &address(&self.database.location), "--data-dir"]);
        Server::of(command.arg(self.folder.path()))
    }
}

fn report(server: &Server, day: &str) {
    let count =
        json!({"unit": "3131801", "measure": "households", "day": day, "value": 9, "source": "x"});
    let (status, body) = server.post("/api/v1/observations", &json!({ "items": [count] })).unwrap();
    assert_eq!(status, 201, "{body}");
}

fn entries(server: &Server) -> u64 {
    let (_, text) = server.page("/metrics");
    let line = text.lines().find_map(|line| line.strip_prefix("sogoc_journal_entries "));
    line.unwrap().parse::<f64>().unwrap() as u64
}

/// The checkpoint for everybody, when it is over so many entries and a witness signed it.
fn published(server: &Server, size: u64, witness: &str) -> String {
    let begin = Instant::now();
    loop {
        let (_, note) = server.page("/tlog/checkpoint");
        let is_there = note.lines().nth(1) == Some(&size.to_string());
        if is_there && note.contains(&format!("— {witness} ")) {
            return note;
        }
        assert!(begin.elapsed() < PATIENCE, "{size} entries are not published: {note}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

fn verify(province: &Province, checkpoint: &str, folder: &Path) {
    let file = folder.join("held.checkpoint");
    std::fs::write(&file, checkpoint).unwrap();
    let mut command = sogoc();
    command.args(["verify", "--database", &address(&province.database.location), "--checkpoint"]);
    let key = province.seal.public().to_text();
    let done =
        command.arg(&file).args(["--key", &key]).arg("--config").arg(province.at("sogoc.toml"));
    let done = done.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test]
async fn two_provinces_witness_each_other_and_one_that_is_away_holds_nobody_up() {
    let mut databases = TestDatabase::each().await.into_iter();
    let first = databases.next().unwrap();
    let second = match databases.next() {
        Some(server) => server,
        None => TestDatabase::sqlite().await,
    };
    let (a, b) = (Province::over("a.example", first), Province::over("b.example", second));
    let (of_a, of_b) = (b.witness_of(&a.seal.public()), a.witness_of(&b.seal.public()));
    let place = |server: &Server| server.url("");
    let serving_a = a.serve(&b.witness.public_witness(), &place(&of_a));
    let serving_b = b.serve(&a.witness.public_witness(), &place(&of_b));
    let note = published(&serving_a, entries(&serving_a), "b.example/witness");
    verify(&a, &note, a.folder.path());
    let note = published(&serving_b, entries(&serving_b), "a.example/witness");
    verify(&b, &note, b.folder.path());
    report(&serving_a, "2025-06-30");
    let size = entries(&serving_a);
    published(&serving_a, size, "b.example/witness");
    let (_, text) = serving_a.page("/metrics");
    let series = format!("sogoc_witnessed_entries{{witness=\"b.example/witness\"}} {size}");
    assert!(text.contains(&series), "{text}");
    // The witness shows what it signed, under the hash of the journal's name.
    let port = of_a.url("").rsplit(':').next().unwrap().to_owned();
    drop(of_a);
    // It is away: sealing goes on, and what was signed stays published.
    report(&serving_a, "2025-09-30");
    let begin = Instant::now();
    loop {
        let newest = serving_a.get("/api/v1/seals").1["items"][0]["size"].as_u64();
        if newest == Some(size + 1) {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "sealing waits for a witness");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    published(&serving_a, size, "b.example/witness");
    // Back again, it goes on from where it was.
    let mut command = sogoc();
    command.args(["witness", "--listen", &format!("127.0.0.1:{port}"), "--config"]);
    command.arg(b.at("witness.toml")).arg("--data-dir").arg(b.folder.path());
    let _back = Server::of(&mut command);
    published(&serving_a, size + 1, "b.example/witness");
}

#[test]
fn a_witness_without_journals_or_a_name_does_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("witness.toml");
    let log = SealKey::generate("a.example/journal").unwrap().public().to_text();
    for (text, place) in [
        (String::new(), "witness.logs"),
        ("[witness]\nlogs = [\"x\"]\n".to_owned(), "witness.logs"),
        (format!("[witness]\nlogs = [\"{log}\"]\n"), "witness.name"),
    ] {
        std::fs::write(&config, &text).unwrap();
        let mut command = sogoc();
        command.args(["witness", "--listen", "127.0.0.1:0", "--config"]).arg(&config);
        let done = command.arg("--data-dir").arg(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{text}: {said}");
        assert!(said.contains(place), "{place}: {said}");
    }
}
