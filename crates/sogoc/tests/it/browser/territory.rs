//! Lists of units uploaded: the preview, and mistakes in files.

use super::{in_copy, sign_in};
use crate::program::packs;

const LISTS: [&str; 4] =
    ["units_2025_before_merger.csv", "units_2025.csv", "changes_2025.csv", "provinces_2025.csv"];

#[test]
fn lists_that_are_known_change_nothing() {
    in_copy(|browser, _| {
        sign_in(browser, "/work/territory");
        let files = LISTS.map(|name| packs().join("territory-hau-giang").join(name));
        let files = files.map(|file| file.canonicalize().unwrap());
        browser.choose_files("files", &files.each_ref().map(|file| file.as_path()));
        browser.follow("main form button.main");
        browser.sees("main", lang::upload::nothing_new(lang::Lang::Vietnamese));
    });
}

#[test]
fn list_with_a_mistake_is_refused_with_its_place() {
    in_copy(|browser, copy| {
        sign_in(browser, "/work/territory");
        let file = copy.file("changes_2025.csv", "nonsense\n1\n");
        browser.choose_files("files", &[&file]);
        browser.follow("main form button.main");
        browser.sees("main", lang::upload::mistakes(lang::Lang::Vietnamese));
        let mistakes = browser.texts("main tbody tr").join("\n");
        assert!(mistakes.contains("units_2025_before_merger.csv"), "{mistakes}");
    });
}
