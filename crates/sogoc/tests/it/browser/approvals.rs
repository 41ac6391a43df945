//! Approval of figures: a quarter is checked, approved and locked, and one unit is opened again.

use lang::Lang;

use super::client::Browser;
use super::{in_copy, sign_in};

/// A hamlet in a quarter that was handed in and not checked yet.
const SHEET: &str = "/tasks/approvals/campaign-124/2026-Q2/3144701";

#[test]
fn quarter_is_checked_approved_locked_and_one_unit_opened_again() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/approvals");
        browser.sees("main", lang::approvals::four_eyes_off(Lang::Vietnamese));
        browser.goto(SHEET);
        browser.sees("main", lang::approvals::submitted(Lang::Vietnamese));
        // The commune checks, the province approves.
        browser.follow("nav.crumbs li:last-child a");
        browser.follow("main form button.main");
        browser.sees("main", lang::approvals::checked(Lang::Vietnamese));
        browser.goto(SHEET);
        browser.follow("nav.crumbs li:nth-child(3) a");
        browser.follow("main form button.main");
        browser.sees(".mistakes", lang::approvals::go_on_with_reason(Lang::Vietnamese));
        browser.fill("reason", "Chốt số quý II");
        browser.follow("main form button.main");
        browser.sees("main", lang::approvals::approved(Lang::Vietnamese));
        browser.sees("main", "Chốt số quý II");

        // What is locked is not corrected, until the unit is opened again.
        browser.goto(SHEET);
        browser.follow("main a[href^='/observations/']");
        let observation = browser.path();
        correct(browser, &observation);
        browser.sees("main", "Mở lại");
        browser.goto(SHEET);
        browser.fill("reason", "Đếm sót một hộ");
        browser.follow("main form button.danger");
        browser.sees("main", "Đếm sót một hộ");
        correct(browser, &observation);
        browser.sees("main", lang::observations::done_corrected(Lang::Vietnamese));
    });
}

fn correct(browser: &Browser, observation: &str) {
    browser.goto(&format!("{observation}/correct"));
    browser.fill("value", "1234");
    browser.fill("reason", "Đếm lại");
    browser.follow("main form button.main");
}
