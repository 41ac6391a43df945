//! Encrypted backups: who opens them, what is refused, and what nobody ever finds in the clear.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use store::testing::TestDatabase;
use store::{Location, values};

use crate::migrations::filled;
use crate::program::{address, run, sogoc};

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

#[track_caller]
fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

/// Makes a key; gives its file and the public key.
fn key(folder: &Path, name: &str) -> (String, String) {
    let file = folder.join(name);
    let output = run(&["backup", "keygen", &text(&file)]);
    succeeded(&output);
    let said = said(&output);
    let public = said.split_whitespace().find(|word| word.starts_with("age1")).unwrap();
    (text(&file), public.to_owned())
}

/// Exit code 2 and one sentence with this in it.
#[track_caller]
fn refused(output: &Output, part: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.lines().count() == 1 && said.contains(part), "{part}: {said}");
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).filter(|window| *window == part).count()
}

#[tokio::test]
async fn an_encrypted_backup_of_either_engine_is_opened_by_each_of_its_keys_alone() {
    for source in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let keys = ["a.key", "b.key", "c.key"].map(|name| key(folder.path(), name));
        let file = folder.path().join("copy.age");
        let config = folder.path().join("sogoc.toml");
        std::fs::write(&config, format!("backup_recipients = ['{}']\n", keys[0].1)).unwrap();
        let output = sogoc()
            .args(["backup", &text(&file), "--recipient", &keys[1].1])
            .args(["--config", &text(&config), "--database", &address(&source.location)])
            .arg("--data-dir")
            .arg(folder.path())
            .output()
            .unwrap();
        succeeded(&output);
        assert!(said(&output).contains(&keys[0].1) && said(&output).contains(&keys[1].1));
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
        assert_eq!(count(&bytes, b"SQLite format 3"), 0);
        assert_eq!(count(&bytes, b"admin"), 0);
        for (at, (identity, _)) in keys.iter().enumerate() {
            let target = folder.path().join(format!("{at}.db"));
            let words = ["restore", &text(&file), "--database", &text(&target)];
            let output = sogoc().args(words).args(["--identity", identity]).output().unwrap();
            let words = ["verify", "--backup", &text(&file), "--identity", identity];
            let verified =
                sogoc().args(words).arg("--data-dir").arg(folder.path()).output().unwrap();
            if at < 2 {
                succeeded(&output);
                succeeded(&run(&["verify", "--database", &text(&target)]));
                succeeded(&verified);
            } else {
                refused(&output, "encrypted for another key");
                refused(&verified, "encrypted for another key");
                assert!(!target.exists());
            }
        }
        let mut names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let kept = ["0.db", "1.db", "a.key", "b.key", "c.key", "copy.age", "sogoc.toml"];
        assert_eq!(names, kept, "nothing else is left, in the clear least of all");
    }
}

#[tokio::test]
async fn a_backup_in_the_clear_is_made_only_when_that_is_said() {
    let source = &filled().await[0];
    let folder = tempfile::tempdir().unwrap();
    let file = text(&folder.path().join("copy"));
    let (identity, public) = key(folder.path(), "a.key");
    let database = address(&source.location);
    let words = |more: &[&str]| {
        let first = ["backup", &file, "--database", &database];
        run(&[&first[..], more].concat())
    };
    refused(&words(&[]), "sogoc backup keygen");
    let secret = std::fs::read_to_string(&identity).unwrap();
    let secret = secret.lines().last().unwrap();
    let output = words(&["--recipient", secret]);
    refused(&output, "not a public key");
    assert!(!said(&output).contains(secret), "a secret key is not repeated");
    refused(&words(&["--recipient", "age1qqqq"]), "not a public key");
    refused(&words(&["--plain", "--recipient", &public]), "only once");
    assert!(!Path::new(&file).exists());
    let output = words(&["--plain"]);
    succeeded(&output);
    assert!(said(&output).contains("NOT encrypted"), "{}", said(&output));
    assert!(std::fs::read(&file).unwrap().starts_with(b"SQLite format 3"));
}

#[tokio::test]
async fn an_encrypted_backup_that_was_damaged_or_has_no_key_restores_nothing() {
    let source = &filled().await[0];
    let folder = tempfile::tempdir().unwrap();
    let (identity, public) = key(folder.path(), "a.key");
    let file = folder.path().join("copy.age");
    let database = address(&source.location);
    succeeded(&run(&["backup", &text(&file), "--recipient", &public, "--database", &database]));
    let whole = std::fs::read(&file).unwrap();
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        bytes
    };
    let half = whole.len() / 2;
    let part = whole.len() - whole.len() % (64 << 10);
    for target in TestDatabase::each().await {
        let location = match &target.location {
            Location::File(_) => Location::File(folder.path().join("new.db")),
            server => server.clone(),
        };
        let restore = |identity: Option<&str>| {
            let words = ["restore", &text(&file), "--database", &address(&location)];
            let identity = identity.map(|it| ["--identity", it]);
            sogoc()
                .args(words)
                .args(identity.into_iter().flatten())
                .arg("--data-dir")
                .arg(folder.path())
                .output()
                .unwrap()
        };
        for bytes in [
            &whole[..half],
            &whole[..part],
            &whole[..whole.len() - 1],
            &whole[..100],
            &changed(30),
            &changed(half),
            &changed(whole.len() - 1),
            &[&whole[..], b"x"].concat(),
        ] {
            std::fs::write(&file, bytes).unwrap();
            refused(&restore(Some(&identity)), "cut short or changed");
        }
        std::fs::write(&file, &whole).unwrap();
        refused(&restore(None), "--identity");
        refused(&restore(Some(&text(&file))), "cannot be read");
        refused(&restore(Some("absent")), "cannot be read");
        let words = folder.path().join("words");
        std::fs::write(&words, "no key\n").unwrap();
        std::fs::set_permissions(&words, std::fs::Permissions::from_mode(0o600)).unwrap();
        refused(&restore(Some(&text(&words))), "no secret key");
        match &location {
            Location::File(new) => assert!(!new.exists()),
            Location::Server(_) => {
                let mut tx = target.database.read().await.unwrap();
                let sql = "select count(*) from accounts";
                let (count,): (i64,) = tx.one(sql, values![]).await.unwrap();
                assert_eq!(count, 0);
            }
        }
        let left = std::fs::read_dir(folder.path()).unwrap().flatten();
        assert!(left.into_iter().all(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            !name.contains("arriving") && !name.contains("new.db")
        }));
    }
}

#[test]
fn a_key_is_made_once_for_its_owner_alone_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.key");
    let script = "umask 000; exec \"$0\" backup keygen \"$1\"";
    let make = || {
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_sogoc")]).arg(&file);
        command.env_clear().env("LC_ALL", "en").output().unwrap()
    };
    let output = make();
    succeeded(&output);
    assert!(!said(&output).contains("AGE-SECRET"), "the secret stands in the file alone");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&file).unwrap();
    refused(&make(), "already");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn an_encrypted_backup_onto_a_full_disk_leaves_nothing_behind() {
    let source = &filled().await[0];
    let folder = tempfile::tempdir().unwrap();
    let (_, public) = key(folder.path(), "a.key");
    let script = "trap '' XFSZ; ulimit -f 300; exec \"$0\" backup \"$1\" --database \"$2\" \
                  --recipient \"$3\"";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_sogoc")])
        .arg(folder.path().join("copy.age"))
        .args([address(&source.location), public])
        .env("LC_ALL", "en")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let beside = Path::new(&address(&source.location)).with_file_name("copied.db.arriving");
    assert!(!beside.exists());
}
