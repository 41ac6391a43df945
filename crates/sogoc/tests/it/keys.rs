//! Changing the keys of the vault while people work, and having a token keep them shut.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use store::testing::{TestDatabase, skip};

use crate::leaks::{ask, packs, use_pages};
use crate::program::{Server, address, sogoc};

/// The library of the token made of software that stands for one made of metal.
const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// A program over a database, with a configuration that stands in a folder of its own.
struct Kept<'a> {
    database: &'a TestDatabase,
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl<'a> Kept<'a> {
    fn over(database: &'a TestDatabase) -> Self {
        packs(&database.location);
        Self { database, folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, more: &str) {
        let at = address(&self.database.location);
        let (keys, data) = (self.file("vault.key"), self.folder.path().display());
        let text = format!(
            "database = '{at}'\ndata_dir = '{data}'\nvault_key = '{}'\n{more}",
            keys.display()
        );
        std::fs::write(self.file("sogoc.toml"), text).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = sogoc();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.arg("--config").arg(self.file("sogoc.toml"));
        command
    }

    fn serve(&self) -> Server {
        Server::of(self.command().args(["serve", "--listen", "127.0.0.1:0"]))
    }

    fn vault(&self, words: &[&str]) -> Output {
        self.command().arg("vault").args(words).output().unwrap()
    }

    /// What the command said, which must have done what it was told.
    fn done(&self, words: &[&str]) -> String {
        let output = self.vault(words);
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(output.status.success(), "{words:?}: {said}");
        said
    }

    fn refused(&self, words: &[&str]) -> String {
        let output = self.vault(words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Whether what is sealed can be read.
    fn is_open(&self) -> bool {
        self.command().args(["retention", "report"]).output().unwrap().status.success()
    }

    /// Whether all is as it was entered, and all that is sealed can be read.
    fn is_whole(&self) {
        let output = self.command().arg("verify").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(self.is_open());
    }

    fn keys(&self) -> String {
        std::fs::read_to_string(self.file("vault.key")).unwrap()
    }

    /// How many values of the whole database begin as what each key sealed: whichever column it is
    /// that somebody forgot to name.
    async fn sealed(&self) -> BTreeMap<u8, i64> {
        let mut all = BTreeMap::new();
        for key in 1..=4 {
            let count = self.database.beginning([1, 0, 0, 0, key]).await;
            if count > 0 {
                all.insert(key, count);
            }
        }
        all
    }
}

fn told(server: &Server) {
    let done = Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap();
    assert!(done.success());
}

/// Waits until the server seals by this key: people go on sending requests meanwhile.
async fn until_sealing_by(kept: &Kept<'_>, server: &Server, key: u8) {
    let began = Instant::now();
    let before = kept.sealed().await.get(&key).copied().unwrap_or(0);
    loop {
        told(server);
        tokio::time::sleep(Duration::from_millis(100)).await;
        ask(server);
        if kept.sealed().await.get(&key).copied().unwrap_or(0) > before {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "the new key is not taken");
    }
}

#[tokio::test]
async fn a_key_is_replaced_while_people_work() {
    for database in TestDatabase::each().await {
        let mut kept = Kept::over(&database);
        kept.configure("");
        let mut server = kept.serve();
        use_pages(&server, &address(&database.location));
        let first = kept.sealed().await;
        assert!(first.keys().eq([&1]) && first[&1] > 20, "{first:?}");

        assert!(kept.refused(&["retire", "1"]).contains("index"));
        assert!(kept.refused(&["retire", "7"]).contains('7'));
        kept.done(&["add-key"]);
        assert_eq!(kept.keys().lines().count(), 2);
        until_sealing_by(&kept, &server, 2).await;
        kept.done(&["add-key"]);
        until_sealing_by(&kept, &server, 3).await;
        assert!(kept.refused(&["retire", "2"]).contains("reseal"));
        assert!(kept.refused(&["retire", "3"]).contains("new one"));

        let count: i64 = kept.sealed().await.values().sum();
        kept.done(&["reseal"]);
        assert_eq!(kept.sealed().await, BTreeMap::from([(3, count)]));
        kept.done(&["retire", "2"]);
        assert_eq!(kept.keys().lines().count(), 2);
        told(&server);
        ask(&server);
        assert!(kept.sealed().await.keys().eq([&3]));
        let listed = kept.done(&["list"]);
        for part in ["Key 1: 0 fields; makes the index", "; seals", "Key 2: retired"] {
            assert!(listed.contains(part), "{part}: {listed}");
        }
        assert!(server.stop());
        // The file by itself is enough, and so is the environment in its place.
        kept.is_whole();
        let keys = kept.keys().trim().replace('\n', ";");
        std::fs::remove_file(kept.file("vault.key")).unwrap();
        assert!(!kept.is_open());
        kept.variables = vec![("SOGOC_VAULT_KEYS", keys)];
        kept.is_whole();
        for words in [&["add-key"][..], &["retire", "1"]] {
            assert!(kept.refused(words).contains("SOGOC_VAULT_KEYS"));
        }
        assert!(!kept.file("vault.key").exists());
    }
}

#[tokio::test]
async fn keys_that_are_gone_for_good_are_given_up() {
    for database in TestDatabase::each().await {
        let kept = Kept::over(&database);
        kept.configure("");
        let mut server = kept.serve();
        use_pages(&server, &address(&database.location));
        assert!(server.stop());
        assert!(kept.done(&["give-up"]).contains("No key is missing"));
        let file = kept.file("vault.key");
        let lost = kept.keys();
        std::fs::remove_file(&file).unwrap();
        assert!(kept.done(&["list"]).contains("missing"));
        assert!(!kept.is_open() && !file.exists());
        // Another file in its place is not the one, and is not written over.
        std::fs::write(&file, format!("1 {}=", "A".repeat(43))).unwrap();
        assert!(kept.refused(&["add-key"]).contains("Put back"));
        assert!(kept.refused(&["give-up"]).contains("Move the file away"));
        std::fs::remove_file(&file).unwrap();
        kept.done(&["give-up"]);
        assert!(kept.keys().starts_with("2 ") && kept.is_open());
        assert!(kept.done(&["list"]).contains("Key 1: lost"));
        let mut server = kept.serve();
        ask(&server);
        assert!(server.stop());
        // It turned up: both are known again.
        std::fs::write(&file, format!("{lost}{}", kept.keys())).unwrap();
        assert!(kept.is_open());
        kept.is_whole();
    }
}

/// A token of software in a folder; none where it is not installed, unless `SOGOC_TEST_REQUIRE`
/// names `token`.
fn token(kept: &mut Kept<'_>) -> bool {
    if !Path::new(SOFTHSM).exists() {
        skip("token", "SoftHSM is not installed");
        return false;
    }
    let tokens = kept.file("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let config = kept.file("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    std::fs::write(&config, text).unwrap();
    let config = config.display().to_string();
    let mut command = Command::new("softhsm2-util");
    command.args([
        "--init-token",
        "--free",
        "--label",
        "sogoc",
        "--pin",
        "4711",
        "--so-pin",
        "0815",
    ]);
    let done = command.env("SOFTHSM2_CONF", &config).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    kept.variables.push(("SOFTHSM2_CONF", config));
    kept.variables.push(("SOGOC_TOKEN_PIN", "4711".to_owned()));
    true
}

#[tokio::test]
async fn a_token_keeps_the_keys_shut() {
    for database in TestDatabase::each().await {
        let mut kept = Kept::over(&database);
        if !token(&mut kept) {
            return;
        }
        let section = |label: &str| format!("[token]\nmodule = '{SOFTHSM}'\nlabel = '{label}'\n");
        kept.configure("");
        let mut server = kept.serve();
        use_pages(&server, &address(&database.location));
        assert!(server.stop());
        assert!(kept.refused(&["wrap"]).contains("section token"));
        let plain = kept.keys();
        let root = plain.trim().split(' ').nth(1).unwrap();

        kept.configure(&section("sogoc"));
        assert!(kept.done(&["wrap"]).contains("Made a key in the device"));
        assert!(kept.keys().starts_with("1 sogoc-vault ") && !kept.keys().contains(root));
        let first = kept.keys();
        assert!(!kept.done(&["wrap"]).contains("Made a key"));
        assert_ne!(kept.keys(), first, "another nonce");
        let mut server = kept.serve();
        ask(&server);
        // A key that is added while it serves is wrapped too.
        kept.done(&["add-key"]);
        assert!(kept.keys().lines().all(|line| line.split(' ').nth(1) == Some("sogoc-vault")));
        until_sealing_by(&kept, &server, 2).await;
        assert!(server.stop());
        assert!(kept.done(&["list"]).contains("wrapped by the key sogoc-vault"));

        // Without the token, or without its PIN, the program serves and the vault is shut.
        for (configured, pin, said) in [
            (String::new(), "4711", "section token"),
            (section("another"), "4711", "label"),
            (section("sogoc"), "0000", "PIN"),
            (section("sogoc").replace("softhsm2.so", "none.so"), "4711", "device"),
        ] {
            kept.configure(&configured);
            kept.variables[1].1 = pin.to_owned();
            let refused = kept.refused(&["add-key"]);
            assert!(refused.to_lowercase().contains(&said.to_lowercase()), "{said}: {refused}");
            assert!(!refused.contains(pin), "{refused}");
            assert!(!kept.is_open(), "{configured} {pin}");
        }
        let mut server = kept.serve();
        assert_eq!(server.page("/healthz").0, 200);
        assert!(server.stop());
        kept.configure(&section("sogoc"));
        kept.variables[1].1 = "4711".to_owned();
        kept.is_whole();
    }
}
