//! An agency ends, which is taken back in one step; the pages of it hold to the rules.

use lang::Lang;

use super::client::Scripts;
use super::pages::audit;
use super::province::Copy;
use super::{in_copy, lend, sign_in};

const VI: Lang = Lang::Vietnamese;

/// Makes an agency; gives its address.
fn an_agency(browser: &super::client::Browser) -> String {
    browser.goto("/tasks/organisation/do/new");
    browser.fill("name", "Trung tâm Thử nghiệm");
    browser.choose("kind", lang::organisation::kind_centre(VI));
    browser.fill("on", "01/01/2024");
    browser.fill("decision", "12/QĐ-MẪU ngày 01/01/2024");
    browser.follow("main form button.main");
    browser.path().split('?').next().unwrap().to_owned()
}

fn end(browser: &super::client::Browser, agency: &str) {
    let id = agency.trim_start_matches("/agencies/");
    browser.goto(&format!("/tasks/organisation/do/end/{id}"));
    browser.fill("on", "01/01/2025");
    browser.fill("decision", "13/QĐ-MẪU ngày 01/01/2025");
    browser.follow("main form button");
}

#[test]
fn what_was_done_with_an_agency_is_listed_and_taken_back_in_one_step() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/organisation");
        let agency = an_agency(browser);
        // Nobody wrote a symbol: it follows from the name.
        browser.sees("main", "TTTN");
        end(browser, &agency);
        browser.goto("/tasks/organisation/operations");
        browser.sees("main table", "Trung tâm Thử nghiệm");
        browser.sees("main table", "13/QĐ-MẪU ngày 01/01/2025");
        browser.follow("main tbody a");
        browser.follow("main form button");
        browser.sees("#field-decision-error", lang::organisation::must_be_there(VI));
        browser.fill("decision", "14/QĐ-MẪU ngày 02/01/2025");
        browser.follow("main form button");
        browser.sees(".notice", lang::organisation::operation_undone(VI));
        browser.goto(&format!("{agency}?on=2025-06-01"));
        // It goes on: it can be ended again.
        browser.sees("main", lang::organisation::task_end(VI));
    });
}

#[test]
fn pages_of_operations_hold_to_the_rules_in_both_colours() {
    lend(Scripts::On, |browser| {
        let copy = Copy::new();
        browser.turn_to(&copy.server.url(""));
        sign_in(browser, "/tasks/organisation/operations");
        let mut faults = audit(browser, "no operations");
        let agency = an_agency(browser);
        end(browser, &agency);
        for path in ["/tasks/organisation/operations", "/tasks/organisation/merger"] {
            browser.goto(path);
            faults.extend(audit(browser, path));
        }
        browser.goto("/tasks/organisation/operations");
        browser.follow("main tbody a");
        faults.extend(audit(browser, "an operation"));
        browser.fill("decision", "14/QĐ-MẪU ngày 02/01/2025");
        browser.follow("main form button");
        faults.extend(audit(browser, "an operation that was taken back"));
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}
