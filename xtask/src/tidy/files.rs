//! What every file owes its reader: a first line that says what it is, an end in sight, and
//! nothing left undone.

use super::Problem;
use crate::rust::{Source, lines_with};
use crate::tree::Tree;

/// A file with more lines than this is two files.
const MOST_LINES: usize = 600;

/// Marks of unfinished work, in comments and texts.
const MARKS: [&str; 2] = ["TODO", "FIXME"];

/// Code that is not there yet, and tests that nobody runs.
const HOLES: [&str; 3] = ["todo!", "unimplemented!", "#[ignore"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    tree.files()
        .flat_map(
            |(path, text)| {
                if path.ends_with(".rs") { check_rust(path, text) } else { marks(path, text) }
            },
        )
        .collect()
}

fn check_rust(path: &str, text: &str) -> Vec<Problem> {
    let source = Source::read(text);
    let mut problems = marks(path, &source.comments);
    problems.extend(marks(path, &source.code));
    if !text.starts_with("//! ") {
        let what = "does not say what it is";
        let mend = "Begin the file with one line of //! that says what it holds.";
        problems.push(problem(path, 1, what.to_owned(), mend));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        let what = format!("has {lines} lines, more than {MOST_LINES}");
        problems.push(problem(path, MOST_LINES, what, "Cut it where a second idea begins."));
    }
    for hole in HOLES {
        let mend = "Write the code, or leave out what needs it; mend the test or delete it.";
        let lines = lines_with(&source.code, hole);
        problems.extend(lines.map(|line| problem(path, line, format!("{hole} is left"), mend)));
    }
    problems
}

fn marks(path: &str, text: &str) -> Vec<Problem> {
    let found = MARKS.iter().flat_map(|mark| lines_with(text, mark).map(move |line| (line, mark)));
    let mend = "Do it now, or open an issue and take the mark away.";
    found.map(|(line, mark)| problem(path, line, format!("{mark} is left"), mend)).collect()
}

fn problem(path: &str, line: usize, what: String, mend: &str) -> Problem {
    Problem { file: path.to_owned(), line, rule: "files", what, mend: mend.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn a_file_says_what_it_is() {
        assert_eq!(found(check, &[("a.rs", "//! A.\nfn f() {}\n")]), [""; 0]);
        for text in ["", "fn f() {}\n", "\n//! A.\n", "// A.\n", "//!\n//! A.\n"] {
            assert_eq!(found(check, &[("a.rs", text)]), ["a.rs:1 files"], "{text:?}");
        }
        assert_eq!(found(check, &[("a.toml", "a = 1\n"), ("a.csv", "")]), [""; 0]);
    }

    #[test]
    fn a_file_has_an_end_in_sight() {
        let lines = |count: usize| format!("//! A.\n{}", "// x\n".repeat(count - 1));
        assert_eq!(found(check, &[("a.rs", &lines(600))]), [""; 0]);
        assert_eq!(found(check, &[("a.rs", &lines(601))]), ["a.rs:600 files"]);
    }

    #[test]
    fn nothing_is_left_undone() {
        for (path, text, line) in [
            ("a.rs", "//! A.\n// TODO: think\n", 2),
            ("a.rs", "//! FIXME.\n", 1),
            ("a.rs", "//! A.\n\nfn f() { todo!() }\n", 3),
            ("a.rs", "//! A.\nfn f() { unimplemented!(\"x\") }\n", 2),
            ("a.rs", "//! A.\n#[test]\n#[ignore = \"slow\"]\nfn f() {}\n", 3),
            ("docs/a.md", "# A\n\nTODO\n", 3),
            ("packs/a/pack.toml", "# FIXME\n", 1),
        ] {
            assert_eq!(found(check, &[(path, text)]), [format!("{path}:{line} files")], "{text}");
        }
        let words = "//! A.\nconst MARKS: &str = \"TODO\"; fn f() { is_ignored() } // ignore\n";
        assert_eq!(found(check, &[("a.rs", words)]), [""; 0]);
    }
}
