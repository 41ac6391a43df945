//! The two engines' migrations go in step: each has its namesake in the other folder.

use super::Problem;
use crate::tree::Tree;

const FOLDERS: [&str; 2] = ["migrations/postgres/", "migrations/sqlite/"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let [postgres, sqlite] = FOLDERS;
    let mut problems = Vec::new();
    for (here, there) in [(postgres, sqlite), (sqlite, postgres)] {
        for (path, _) in tree.files() {
            let Some(name) = path.strip_prefix(here) else { continue };
            if !tree.has(&format!("{there}{name}")) {
                problems.push(Problem {
                    file: path.to_owned(),
                    line: 1,
                    rule: "migrations",
                    what: format!("has no namesake in {there}"),
                    mend: format!("Write {there}{name} with the same change for that engine."),
                });
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn every_migration_has_a_namesake() {
        let (left, right) = ("migrations/postgres/0001_a.sql", "migrations/sqlite/0001_a.sql");
        assert_eq!(found(check, &[(left, ""), (right, "")]), [""; 0]);
        assert_eq!(found(check, &[(left, "")]), [format!("{left}:1 migrations")]);
        assert_eq!(found(check, &[(right, "")]), [format!("{right}:1 migrations")]);
    }
}
