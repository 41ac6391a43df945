//! A merger: rehearsed, carried out, taken back.

use lang::Lang;

use super::client::Browser;
use super::{in_copy, sign_in};

const UNITS: &str =
    "new_code,new_full_name,type,parent_code,from_codes\n31453,Xã Vị Thắng,xa,92,31441;31453";
const BEFORE: &str = "/units/31441?lang=vi&on=2026-12-31";
const AFTER: &str = "/units/31453?lang=vi&on=2027-01-01";

#[test]
fn merger_rehearsed_applied_and_undone_leaves_the_map_as_it_was() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/mergers/new");
        rehearse(browser);
        browser.goto(AFTER);
        browser.sees("h1", "Xã Vĩnh Thuận Đông");

        browser.goto("/tasks/mergers/new");
        rehearse(browser);
        browser.follow("form:has(input[name=seal]) button");
        browser.sees("main", lang::mergers::applied(Lang::Vietnamese));
        browser.goto(AFTER);
        browser.sees("h1", "Xã Vị Thắng");
        browser.sees("main", "Xã Vị Thủy");
        browser.goto(BEFORE);
        browser.sees("h1", "Xã Vị Thủy");

        browser.goto("/tasks/mergers");
        browser.follow("main a[href$='/undo']");
        browser.sees("main", "1/NQ-UBTVQH16");
        browser.follow("main form button.main");
        browser.sees("main", lang::mergers::undone(Lang::Vietnamese));
        browser.goto(AFTER);
        browser.sees("h1", "Xã Vĩnh Thuận Đông");
    });
}

#[test]
fn merger_with_mistakes_keeps_the_order_and_names_the_line() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/mergers/new");
        browser.fill("effective_on", "01/01/2027");
        browser.fill("units", &UNITS.replace("31441", "99999"));
        browser.follow("main form button.main");
        let mistakes = browser.texts(".mistakes a");
        assert!(mistakes.len() >= 2, "{}: {mistakes:?}", browser.path());
        let kept = browser.property("#field-units", "value");
        assert!(kept.contains("99999"), "{}: {kept}", browser.path());
        browser.click(".mistakes a[href='#field-number']");
        assert_eq!(browser.focused("id"), "field-number", "{}", browser.path());
    });
}

pub(crate) fn rehearse(browser: &Browser) {
    browser.fill("number", "1/NQ-UBTVQH16");
    browser.fill("effective_on", "01/01/2027");
    browser.fill("units", UNITS);
    browser.follow("main form button.main");
    browser.sees("main", "Xã Vị Thắng");
    browser.sees("main", &lang::mergers::rehearsal(Lang::Vietnamese, "01/01/2027"));
}
