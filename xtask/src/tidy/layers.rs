//! Where SQL may stand and where HTTP may: each in its own files, so that rules stay pure.

use super::Problem;
use crate::rust::{Source, lines_with};
use crate::tree::Tree;

/// How a statement begins.
const STATEMENTS: [&str; 9] = [
    "select ",
    "insert ",
    "update ",
    "delete ",
    "create ",
    "alter table ",
    "drop table ",
    "truncate ",
    "with recursive ",
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| is_program(path)) {
        let source = Source::read(text);
        problems.extend(check_sql(path, &source));
        problems.extend(check_http(path, &source));
    }
    problems
}

/// Tests and benchmarks may look behind the scenes.
fn is_program(path: &str) -> bool {
    let aside = ["/tests.rs", "_tests.rs", "/tests/", "/benches/", "/fuzzing.rs"];
    let aside = aside.iter().any(|part| path.contains(part));
    path.starts_with("crates/") && !aside
}

fn check_sql(path: &str, source: &Source) -> Vec<Problem> {
    let statements: Vec<&(usize, String)> = source
        .literals
        .iter()
        .filter(|(line, text)| *line < source.tests_from && is_statement(text))
        .collect();
    if is_store(path) {
        return Vec::new();
    }
    let what = "SQL outside store.rs";
    let mend = "Move the statement to the store.rs beside this file. If it is a sentence for \
                people, its place is crates/lang/vi.toml, en.toml and km.toml.";
    statements.into_iter().map(|(line, _)| problem(path, *line, what, mend)).collect()
}

fn is_statement(literal: &str) -> bool {
    let begin = literal.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\\');
    let text = begin.to_lowercase();
    STATEMENTS.iter().any(|start| text.starts_with(start))
}

/// `store.rs`, a folder `store/`, or the crate that wraps the database itself.
fn is_store(path: &str) -> bool {
    path.split('/').any(|part| part == "store" || part == "store.rs")
}

fn check_http(path: &str, source: &Source) -> Vec<Problem> {
    if may_use_http(path) {
        return Vec::new();
    }
    let what = "axum outside pages and api";
    let mend = "Keep HTTP in pages*.rs, api*.rs or such a folder, and routes in mod.rs or lib.rs; \
                an action takes and gives plain types.";
    let lines = lines_with(&source.code, "axum::").filter(|line| *line < source.tests_from);
    lines.map(|line| problem(path, line, what, mend)).collect()
}

fn may_use_http(path: &str) -> bool {
    let inside = |folder| path.starts_with(folder);
    let edge = |part: &str| part.starts_with("pages") || part.starts_with("api");
    inside("crates/web/")
        || inside("crates/sogoc/")
        || path == "crates/access/src/guard.rs"
        || inside("crates/access/src/guard/")
        || path.ends_with("/lib.rs")
        || path.ends_with("/mod.rs")
        || path.split('/').any(edge)
}

fn problem(path: &str, line: usize, what: &str, mend: &str) -> Problem {
    Problem {
        file: path.to_owned(),
        line,
        rule: "layers",
        what: what.to_owned(),
        mend: mend.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn sql_stands_in_stores_alone() {
        let select = "//! A.\nfn f() { run(\"select id from units\") }\n";
        for (path, count) in [
            ("crates/figures/src/actions.rs", 1),
            ("crates/sogoc/src/main.rs", 1),
            ("crates/figures/src/store.rs", 0),
            ("crates/figures/src/observations/store.rs", 0),
            ("crates/figures/src/store/units.rs", 0),
            ("crates/store/src/migrate.rs", 0),
            ("crates/packs/src/plan.rs", 1),
            ("crates/journal/src/tests.rs", 0),
            ("crates/journal/src/undo_tests.rs", 0),
            ("crates/sogoc/tests/it/main.rs", 0),
            ("crates/figures/benches/ground/ask.rs", 0),
        ] {
            assert_eq!(found(check, &[(path, select)]).len(), count, "{path}");
        }
    }

    #[test]
    fn statements_are_known_by_their_beginning() {
        for (text, count) in [
            ("f(\"\\\n  INSERT into t\")", 1),
            ("f(\"\n  INSERT into t\")", 1),
            ("f(r#\"update t\"#, \"delete from t\", \"create table t\")", 3),
            ("f(\"with recursive t\", \"drop table t\")", 2),
            ("f(\"selected\", \"the select word\", \"with\") // \"select x\"", 0),
            ("#[cfg(test)]\nmod tests {\n  f(\"select x\")\n}", 0),
        ] {
            assert_eq!(found(check, &[("crates/a/src/a.rs", text)]).len(), count, "{text}");
        }
    }

    #[test]
    fn http_stands_at_the_edge_alone() {
        let uses = "//! A.\nuse axum::Router;\n";
        for (path, count) in [
            ("crates/figures/src/actions.rs", 1),
            ("crates/access/src/sessions.rs", 1),
            ("xtask/src/main.rs", 0),
            ("crates/access/src/guard.rs", 0),
            ("crates/access/src/pages.rs", 0),
            ("crates/figures/src/indicators/pages_map.rs", 0),
            ("crates/figures/src/pages/table.rs", 0),
            ("crates/territory/src/api.rs", 0),
            ("crates/figures/src/claims/mod.rs", 0),
            ("crates/web/src/layers.rs", 0),
            ("crates/sogoc/src/routes.rs", 0),
        ] {
            assert_eq!(found(check, &[(path, uses)]).len(), count, "{path}");
        }
        let other = "//! axum::Router\nuse utoipa_axum::routes;\n";
        assert_eq!(found(check, &[("crates/figures/src/actions.rs", other)]), [""; 0]);
    }
}
