//! Lists of units uploaded: the preview, and mistakes in files.

use lang::Lang;

use super::client::Browser;
use super::province::Copy;
use super::{in_copy, sign_in};
use crate::program::packs;

const LISTS: [&str; 5] = [
    "units_2025_before_merger.csv",
    "units_2025.csv",
    "changes_2025.csv",
    "provinces_2025.csv",
    HAMLETS,
];
const HAMLETS: &str = "hamlets_synthetic.csv";

#[test]
fn lists_that_are_known_change_nothing() {
    in_copy(|browser, copy| {
        sign_in(browser, "/tasks/territory");
        upload_lists(browser, copy, "");
        browser.sees("main", lang::upload::nothing_new(Lang::Vietnamese));
    });
}

#[test]
fn list_with_a_new_hamlet_is_previewed_and_written_when_confirmed() {
    in_copy(|browser, copy| {
        sign_in(browser, "/tasks/territory");
        upload_lists(browser, copy, "3131899,Thử,Khu vực Thử,khu_vuc,31318,31321\n");
        let hours = store::uploads::KEPT_HOURS;
        browser.sees("main", &lang::upload::confirm(Lang::Vietnamese, hours));
        browser.sees("main table", "Khu vực Thử");
        browser.goto("/units?q=khu+vuc+thu");
        browser.sees_no("main", "3131899");

        browser.goto("/tasks/territory");
        upload_lists(browser, copy, "3131899,Thử,Khu vực Thử,khu_vuc,31318,31321\n");
        browser.follow("form[action='/tasks/territory/apply'] button");
        browser.sees("main", lang::upload::done(Lang::Vietnamese));
        browser.goto("/units/3131899");
        browser.sees("h1", "Khu vực Thử");
    });
}

/// Uploads the lists that the province was made of, with more lines in that of the hamlets.
pub(crate) fn upload_lists(browser: &Browser, copy: &Copy, more_hamlets: &str) {
    let files = LISTS.map(|name| {
        let list = std::fs::read_to_string(packs().join("territory-hau-giang").join(name));
        let more = if name == HAMLETS { more_hamlets } else { "" };
        copy.file(name, &(list.unwrap() + more))
    });
    browser.choose_files("files", &files.each_ref().map(|file| file.as_path()));
    browser.follow("main form[action='/tasks/territory'] button");
}

#[test]
fn list_with_a_mistake_is_refused_with_its_place() {
    in_copy(|browser, copy| {
        sign_in(browser, "/tasks/territory");
        browser.choose_files("files", &[&copy.file("changes_2025.csv", "nonsense\n1\n")]);
        browser.follow("main form[action='/tasks/territory'] button");
        browser.sees("main", lang::upload::mistakes(Lang::Vietnamese));
        let mistakes = browser.texts("main tbody tr").join("\n");
        assert!(mistakes.contains("units_2025.csv"), "{}: {mistakes}", browser.path());
    });
}
