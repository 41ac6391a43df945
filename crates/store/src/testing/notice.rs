//! Saying that tests are skipped, so that nobody takes what was not tried for what holds.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

/// Names what must be there, with commas between: `postgres`, `browser`, `nation`.
const REQUIRE: &str = "SOGOC_TEST_REQUIRE";

/// Says, once in this test program for each reason, that tests are skipped; where
/// `SOGOC_TEST_REQUIRE` names `needed`, stops the test instead.
///
/// It goes to standard error by itself: what a test prints is shown only when it fails.
#[track_caller]
pub fn skip(needed: &str, why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    assert!(!is_required(needed), "{REQUIRE} names {needed}, but {why}");
    if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(why.to_owned()) {
        let notice = format!("skipped tests that need \"{needed}\": {why}\n");
        // Where standard error is closed there is nobody to tell.
        let _ = std::io::stderr().write_all(notice.as_bytes());
    }
}

fn is_required(needed: &str) -> bool {
    let required = std::env::var(REQUIRE).unwrap_or_default();
    required.split(',').any(|name| name.trim() == needed)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Output};

    use super::*;

    /// Set for the test program that is started by a test.
    const INNER: &str = "SOGOC_TEST_OF_SKIPPING";

    /// Skips twice in the program that another test starts; does nothing otherwise.
    #[test]
    fn skips_when_it_is_told_to() {
        if std::env::var_os(INNER).is_some() {
            skip("a moon", "there is none");
            skip("a moon", "there is none");
        }
    }

    fn run(required: &str) -> Output {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "testing::notice::tests::skips_when_it_is_told_to"]);
        command.env(INNER, "1").env(REQUIRE, required).output().unwrap()
    }

    #[test]
    fn a_skip_is_said_once_though_the_test_passes_and_fails_where_it_must_not_be() {
        let skipped = run("postgres");
        let said = String::from_utf8(skipped.stderr).unwrap();
        assert!(skipped.status.success(), "{said}");
        assert_eq!(said.matches("skipped tests that need \"a moon\": there is none").count(), 1);
        for required in ["a moon", "postgres, a moon"] {
            let failed = run(required);
            let said = String::from_utf8(failed.stdout).unwrap();
            assert!(!failed.status.success() && said.contains("there is none"), "{said}");
        }
    }
}
