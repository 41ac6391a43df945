//! Documents that say what a test shows: the test is there. A word between backticks such as
//! `crates/web/src/tests.rs::a_name` names one.

use super::Problem;
use crate::rust::Source;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (document, text) in tree.ending(".md").filter(|(path, _)| *path != "CHANGELOG.md") {
        for (line, text) in (1..).zip(text.lines()) {
            let lacking = named(text).filter(|(path, name)| !has_test(tree, path, name));
            problems.extend(lacking.map(|(path, name)| Problem {
                file: document.to_owned(),
                line,
                rule: "tests named",
                what: format!("says that {path} has the test {name}, which is not there"),
                mend: "Name the test that shows it now, or write that none does.".to_owned(),
            }));
        }
    }
    problems
}

/// The tests that a line names, as file and name.
fn named(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter_map(|word| word.split_once(".rs::"))
}

fn has_test(tree: &Tree, path: &str, name: &str) -> bool {
    let path = format!("{path}.rs");
    let Some((_, text)) = tree.files().find(|(file, _)| *file == path) else { return false };
    let code = Source::read(text).code;
    let begin = format!("fn {name}(");
    code.contains(&begin) && code.contains("#[")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    const CODE: (&str, &str) =
        ("crates/web/src/tests.rs", "//! A.\n#[test]\nfn it_holds() {}\n// fn it_was_so() {}\n");

    #[test]
    fn documents_name_tests_that_are_there() {
        for (text, count) in [
            ("Shown by `crates/web/src/tests.rs::it_holds`.", 0),
            ("| a | `crates/web/src/tests.rs::it_holds` | `crates/web/src/tests.rs::gone` |", 1),
            ("`crates/web/src/none.rs::it_holds`", 1),
            ("`crates/web/src/tests.rs::it_was_so`", 1),
            ("`crates/web/src/tests.rs::it_hold`", 1),
            ("`web::Frame` and crates/web/src/tests.rs::gone without marks", 0),
        ] {
            assert_eq!(found(check, &[("docs/security.md", text), CODE]).len(), count, "{text}");
        }
    }
}
