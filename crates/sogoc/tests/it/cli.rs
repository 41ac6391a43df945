//! The command line: exit codes, sentences, languages.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::program::{packs, run, sogoc};

/// Runs it in a folder of its own; gives the exit code and what it said on standard error.
fn refused(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = sogoc().args(words).current_dir(folder).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_wrong_word_gets_one_sentence_and_exit_code_two() {
    let folder = tempfile::tempdir().unwrap();
    for (words, part) in [
        (&["nonsense"][..], "no command \"nonsense\". See: sogoc --help"),
        (&["serve", "--nonsense"], "no option \"--nonsense\". See: sogoc serve --help"),
        (&["serve", "extra"], "\"extra\" is one word too many. See: sogoc serve --help"),
        (&["pack"], "choose one of: check, plan, apply. See: sogoc pack --help"),
        (&["pack", "check"], "<folder> is missing. See: sogoc pack check --help"),
        (&["serve", "--listen"], "The value after --listen <address> is missing"),
        (&["config", "--listen", "nowhere"], "\"nowhere\" is not understood"),
        (&["config", "--listen", "127.0.0.1:99999"], "127.0.0.1:99999"),
        (&["config", "--database", "mysql://x"], "mysql"),
        (&["verify", "--database", "postgres://u:p@:x/d"], "address cannot be read"),
    ] {
        let (code, said) = refused(folder.path(), words);
        assert_eq!(code, Some(2), "{words:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
        assert!(said.contains(part), "{words:?}: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_wrong_place_gets_one_sentence_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let junk =
        "text that is longer than the hundred bytes with which a database begins, ".repeat(3);
    std::fs::write(folder.path().join("junk.db"), junk).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let nobody = "postgres://u@localhost/d?host=/nonexistent";
    for (words, code, part) in [
        (&["pack", "check", "absent"][..], 2, "absent: It cannot be read: there is no such file"),
        (&["pack", "check", "junk.db"], 2, "junk.db: It cannot be read: this is not a folder"),
        (&["import", "territory", "absent"], 2, "absent: It cannot be read"),
        (&["config", "--config", "absent"], 2, "absent: It cannot be read"),
        (&["config", "--config", "folder"], 2, "folder: It cannot be read: this is a folder"),
        (&["verify", "--data-dir", "absent"], 2, "no database of Sổ Gốc here"),
        (&["backup", "--plain", "x.db", "--data-dir", "absent"], 2, "no database of Sổ Gốc here"),
        (&["pack", "plan", "folder", "--data-dir", "absent"], 2, "no database of Sổ Gốc here"),
        (&["serve", "--data-dir", "junk.db"], 2, "junk.db: Cannot be written"),
        (&["serve", "--database", "junk.db"], 2, "junk.db: This file is not a SQLite database"),
        (&["serve", "--database", "folder"], 2, "folder: The database cannot be opened"),
        (&["serve", "--listen", &taken], 2, "another program is using it"),
        (&["restore", "absent.db", "--data-dir", "new"], 2, "absent.db: It cannot be read"),
        (&["restore", "junk.db", "--data-dir", "new"], 2, "junk.db: This file is not a backup"),
        (&["verify", "--database", nobody], 1, "Nothing was written"),
    ] {
        let (got, said) = refused(folder.path(), words);
        assert_eq!(got, Some(code), "{words:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
        assert!(said.contains(part), "{words:?}: {said}");
    }
    assert!(!folder.path().join("absent").exists(), "looking makes nothing");
}

#[test]
fn a_mistake_in_the_configuration_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    for (text, part) in [
        ("# a\nnonsense = 1\n", "sogoc.toml:2: "),
        ("place = \"x\"\nlisten = 5\n", "sogoc.toml:2: "),
        ("place = \n", "sogoc.toml:1: "),
        ("listen = \"x\"\n", "listen: The address \"x\""),
        ("admin_password = \"short\"\n", "admin_password (SOGOC_ADMIN_PASSWORD): A password"),
    ] {
        let file = folder.path().join("sogoc.toml");
        std::fs::write(&file, text).unwrap();
        // What others may read is told as well, where it holds a password.
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mut command = sogoc();
        command.args(["serve", "--config", "sogoc.toml"]).current_dir(&folder);
        if !text.contains("listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let output = command.env_remove("SOGOC_ADMIN_PASSWORD").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.lines().count() == 1 && said.contains(part), "{text}: {said}");
    }
}

#[test]
fn a_variable_that_is_empty_is_none_and_no_secret_is_printed() {
    let print = |variable: &str, value: &str| {
        let output = sogoc().env(variable, value).arg("config").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(print("SOGOC_DATABASE", "").contains("\"sogoc-data/sogoc.db\""));
    assert!(print("SOGOC_LISTEN", "").contains("\"127.0.0.1:8080\""));
    for address in ["postgres://a:secret@h/d", "postgres://a@h/d?password=secret"] {
        let printed = print("SOGOC_DATABASE", address);
        assert!(printed.contains("***") && !printed.contains("secret"), "{printed}");
    }
    assert!(!print("SOGOC_ADMIN_PASSWORD", "a-long-secret").contains("secret"));
}

const TASKS: [&str; 13] = [
    "",
    "serve",
    "demo",
    "import",
    "import territory",
    "pack",
    "pack check",
    "pack plan",
    "pack apply",
    "backup",
    "restore",
    "verify",
    "config",
];

#[test]
fn help_speaks_the_language_of_the_locale_throughout() {
    for (locale, begin) in [
        ("vi_VN.UTF-8", "Cách dùng: sogoc"),
        ("en_GB.UTF-8", "Usage: sogoc"),
        ("km_KH.UTF-8", "របៀបប្រើ: sogoc"),
        // What names no language that the program speaks.
        ("C", "Cách dùng: sogoc"),
        ("de_DE", "Cách dùng: sogoc"),
    ] {
        for task in TASKS {
            let words = task.split_whitespace();
            let output =
                sogoc().env("LC_ALL", locale).args(words.clone()).arg("--help").output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success() && said.contains(begin), "{locale} {task}: {said}");
            assert!(said.contains("SOGOC_DATABASE"), "{said}");
            if !locale.starts_with("en") {
                for english in
                    ["Usage", "Options", "OPTIONS", "Print", "env:", "<folder>", "<file>"]
                {
                    assert!(!said.contains(english), "{locale} {task}: {english} in {said}");
                }
            }
            let helped = sogoc().env("LC_ALL", locale).arg("help").args(words).output().unwrap();
            assert_eq!(String::from_utf8(helped.stdout).unwrap(), said);
        }
    }
}

#[test]
fn a_long_command_says_nothing_of_its_progress_where_there_is_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let lists = packs().join("territory-hau-giang").display().to_string();
    let calendars = packs().join("reporting-calendars").display().to_string();
    for words in [
        &["import", "territory", &lists][..],
        &["pack", "apply", &calendars],
        &["backup", "--plain", "copy.db"],
        &["restore", "copy.db", "--data-dir", "other"],
        &["verify"],
    ] {
        let output = sogoc().args(words).current_dir(&folder).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.is_empty(), "{words:?}: {said}");
        assert!(!output.stdout.is_empty() && !output.stdout.contains(&b'\r'), "{words:?}");
    }
}

#[test]
fn the_packs_of_the_repository_hold() {
    for pack in [
        "units-of-count",
        "reporting-calendars",
        "campaign-124",
        "dashboard-hau-giang",
        "index-766",
        "index-dti",
        "claims-hau-giang",
    ] {
        let output = run(&["pack", "check", &packs().join(pack).display().to_string()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{pack}: {said}");
    }
}

#[test]
fn a_mistake_in_a_pack_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("pack.toml", "name = \"x\"\nversion = \"1\"\ntitle = { vi = \"x\" }\n");
    write(
        "measures.toml",
        "[[measures]]\ncode = \"A B\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\ncounted = \"household\"\nnature = \"stock\"\n",
    );
    let output = run(&["pack", "check", &folder.path().display().to_string()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("measures.toml:2 code"), "{said}");
}
