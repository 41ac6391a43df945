//! The command line: exit codes, sentences, languages.

use crate::program::{packs, run, sogoc};

#[test]
fn a_wrong_word_gets_one_sentence_and_exit_code_two() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("sogoc-no-such-folder").display().to_string();
    for (words, part) in [
        (&["nonsense"][..], "nonsense"),
        (&["serve", "--nonsense"], "--nonsense"),
        (&["pack", "check"], "missing"),
        (&["pack", "check", &missing], "sogoc-no-such-folder"),
        (&["import", "territory", &missing], "sogoc-no-such-folder"),
        (&["config", "--listen", "nowhere"], "nowhere"),
        (&["config", "--database", "mysql://x"], "mysql"),
        (&["config", "--config", &missing], "sogoc-no-such-folder"),
    ] {
        let output = sogoc().args(words).current_dir(&folder).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
        assert!(said.contains(part), "{words:?}: {said}");
    }
}

#[test]
fn help_speaks_the_language_of_the_locale() {
    for (locale, word) in
        [("vi_VN.UTF-8", "Cách dùng"), ("en_GB.UTF-8", "Usage"), ("de_DE", "Cách dùng")]
    {
        let output = sogoc().env("LC_ALL", locale).args(["pack", "--help"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && said.contains(word), "{locale}: {said}");
    }
}

#[test]
fn the_packs_of_the_repository_hold() {
    for pack in ["reporting-calendars", "campaign-124", "claims-hau-giang"] {
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
