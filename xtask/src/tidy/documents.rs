//! Documents that speak of files: each path they name is there.

use super::Problem;
use crate::tree::Tree;

/// A word between backticks that begins so is a path.
const ROOTS: [&str; 6] = [".ci/", "crates/", "docs/", "migrations/", "packs/", "xtask/"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let documents = tree.ending(".md").filter(|(path, _)| speaks_of_now(path));
    documents.flat_map(|(path, text)| check_document(tree, path, text)).collect()
}

/// The change log and the decisions tell what was, with names that may be gone.
fn speaks_of_now(path: &str) -> bool {
    path != "CHANGELOG.md" && !path.starts_with("docs/decisions/")
}

fn check_document(tree: &Tree, path: &str, text: &str) -> Vec<Problem> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut problems = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let links = links(text).map(|link| resolve(folder, link));
        for named in paths(text).chain(links) {
            if !tree.has(&named) {
                problems.push(Problem {
                    file: path.to_owned(),
                    line,
                    rule: "documents",
                    what: format!("names {named}, which is not there"),
                    mend: "Write the sentence anew for what is there now.".to_owned(),
                });
            }
        }
    }
    problems
}

/// The paths between backticks; `a/{b,c}.rs` names two, and `<name>` or `*` none.
fn paths(line: &str) -> impl Iterator<Item = String> {
    let quoted = line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
    quoted
        .filter(|word| ROOTS.iter().any(|root| word.starts_with(root)))
        .filter(|word| !word.contains(['<', '*', '…']))
        .flat_map(unfold)
        // Behind two colons stands the name of a test.
        .map(|path| path.split("::").next().unwrap_or_default().trim_end_matches('/').to_owned())
}

fn unfold(word: &str) -> Vec<String> {
    let parts = word.split_once('{').and_then(|(before, rest)| {
        let (inside, behind) = rest.split_once('}')?;
        Some(inside.split(',').map(|part| format!("{before}{part}{behind}")).collect())
    });
    parts.unwrap_or_else(|| vec![word.to_owned()])
}

/// The targets of links to files of the project.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split_once('#').map_or(target, |(file, _)| file))
        .filter(|file| !file.is_empty() && !file.contains(':') && !file.starts_with('/'))
}

fn resolve(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    const CODE: (&str, &str) = ("crates/web/src/lib.rs", "//! A.\n");

    #[test]
    fn documents_name_what_is_there() {
        for (text, count) in [
            ("See `crates/web/src/lib.rs`, `crates/web/` and `crates/web`.", 0),
            ("See `crates/web/src/{lib,page}.rs`.", 1),
            ("See `crates/we` and\n`docs/none.md`.", 2),
            ("Run `bash .ci/run`.", 1),
            ("A pack is `packs/<name>/pack.toml`; `web::Frame`; crates/none.", 0),
            ("See [it](crates/web/src/lib.rs#L1), [there](https://a.test/b), [below](#c).", 0),
            ("See [it](crates/none.rs).", 1),
        ] {
            assert_eq!(found(check, &[("ARCHITECTURE.md", text), CODE]).len(), count, "{text}");
        }
    }

    #[test]
    fn the_line_is_given_and_links_start_from_the_document() {
        let text = "# A\n[lib](../crates/web/src/lib.rs)\n[gone](lib.rs)\n";
        assert_eq!(found(check, &[("docs/a.md", text), CODE]), ["docs/a.md:3 documents"]);
    }

    #[test]
    fn history_may_name_what_is_gone() {
        let text = "`crates/none`";
        for path in ["CHANGELOG.md", "docs/decisions/0001-a.md"] {
            assert_eq!(found(check, &[(path, text)]), [""; 0], "{path}");
        }
    }
}
