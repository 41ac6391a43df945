//! The rules of the house, each a function from the project's files to what breaks it.

mod arrows;
mod documents;
mod files;
mod layers;
mod migrations;
mod tests_named;

use std::fmt;

use crate::tree::Tree;

/// Something that breaks a rule, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    file: String,
    line: usize,
    rule: &'static str,
    what: String,
    mend: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, what, mend } = self;
        write!(formatter, "{file}:{line}: [{rule}] {what}\n    {mend}")
    }
}

/// Everything that breaks a rule, by file and line.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let rules = [
        arrows::check,
        layers::check,
        files::check,
        documents::check,
        tests_named::check,
        migrations::check,
    ];
    let mut problems: Vec<Problem> = rules.iter().flat_map(|rule| rule(tree)).collect();
    problems.sort_by(|left, right| (&left.file, left.line).cmp(&(&right.file, right.line)));
    problems
}

/// For the tests of each rule: "file:line [rule]" of all that a check finds in a few files.
#[cfg(test)]
fn found(check: fn(&Tree) -> Vec<Problem>, files: &[(&str, &str)]) -> Vec<String> {
    let problems = check(&Tree::of(files));
    problems
        .iter()
        .map(|problem| format!("{}:{} {}", problem.file, problem.line, problem.rule))
        .collect()
}
