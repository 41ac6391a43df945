//! Who may read the files that the program makes, whatever the umask says.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::program::{Server, run, sogoc};

/// The program under a umask that takes nothing away.
fn open_handed(words: &[&str]) -> Command {
    let plain = sogoc();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(words);
    command.env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// Every file below a folder has mode 600, and every folder 700. Gives the names.
#[track_caller]
fn are_private(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    assert_eq!(mode(folder), 0o700, "{}", folder.display());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(are_private(&path));
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    names
}

#[test]
fn whatever_the_program_makes_is_for_its_own_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a/data");
    let word = data.display().to_string();
    let mut server =
        Server::of(&mut open_handed(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &word]));
    assert_eq!(server.page("/healthz").0, 200);
    let beside = ["sogoc.db", "sogoc.db-shm", "sogoc.db-wal", "seal.key", "vault.key"];
    let made = are_private(&data);
    assert!(beside.iter().all(|name| made.iter().any(|made| made == name)), "{made:?}");
    assert!(server.stop());

    let copy = data.join("copy.db").display().to_string();
    for words in [
        &["backup", &copy, "--plain", "--data-dir", &word][..],
        &["restore", &copy, "--database", &data.join("b/again.db").display().to_string()],
    ] {
        assert!(open_handed(words).output().unwrap().status.success(), "{words:?}");
    }
    let made = are_private(&data);
    assert!(["copy.db", "again.db"].iter().all(|name| made.contains(&(*name).to_owned())));
}

#[test]
fn a_configuration_with_a_secret_that_everybody_can_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("sogoc.toml");
    for (text, mode, named) in [
        ("admin_password = 'short'", 0o644, true),
        ("admin_password = 'short'", 0o640, false),
        ("admin_password = 'short'", 0o600, false),
        ("place = 'x'\nlisten = '192.0.2.1:1'", 0o644, false),
    ] {
        std::fs::write(&config, text).unwrap();
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(mode)).unwrap();
        // It does not come to serving: the password is too short, the address another's.
        let mut command = sogoc();
        command.env_remove("SOGOC_ADMIN_PASSWORD").args(["serve", "--config"]).arg(&config);
        let output = command.arg("--data-dir").arg(folder.path().join("data")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.contains("sogoc.toml") && said.contains("644"), named, "{mode:o}: {said}");
    }
}

#[test]
fn a_file_that_others_could_read_is_narrowed_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let word = folder.path().display().to_string();
    let mut server =
        Server::of(&mut open_handed(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &word]));
    assert!(server.stop());
    for name in ["sogoc.db", "seal.key"] {
        let wide = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(folder.path().join(name), wide).unwrap();
    }
    let verified = run(&["verify", "--data-dir", &word]);
    assert!(verified.status.success());
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    for name in ["sogoc.db", "seal.key"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600);
        assert!(said.lines().any(|line| line.contains(name) && line.contains("644")), "{said}");
    }
    assert!(run(&["verify", "--data-dir", &word]).stderr.is_empty());
}
