//! What holds for every page holds for those behind the sign-in, too.

use super::client::{Browser, Scripts};
use super::pages::audit;
use super::province::Copy;
use super::{database, lend, sign_in};
use crate::person::{code, enrolment};
use crate::program::PASSWORD;

const PAGES: [&str; 13] = [
    "/account",
    "/account/second-factor",
    "/tasks",
    "/tasks/observations",
    "/tasks/observations/new",
    "/tasks/observations/import",
    "/tasks/approvals",
    "/tasks/approvals/campaign-124/2026-Q3/3144701",
    "/tasks/approvals/campaign-124/2026-Q2/31441",
    "/tasks/territory",
    "/tasks/mergers",
    "/tasks/mergers/new",
    "/sign-in",
];

#[test]
fn work_pages_hold_to_the_rules() {
    lend(Scripts::On, |browser| {
        let copy = Copy::new();
        browser.turn_to(&copy.server.url(""));
        sign_in(browser, "/tasks");
        let mut faults = Vec::new();
        for path in PAGES {
            browser.goto(path);
            faults.extend(look(browser, path));
        }
        faults.extend(answers(browser, &copy));
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}

/// Pages that only come as the answer to a form.
fn answers(browser: &Browser, copy: &Copy) -> Vec<String> {
    let mut faults = Vec::new();
    browser.goto("/tasks/observations/new");
    browser.follow("main form button.main");
    faults.extend(look(browser, "a report with mistakes"));

    for (page, rows) in [
        ("a preview of counts", "3144701,households,2026-05-15,,321,thử\n"),
        ("a file of counts with mistakes", "99,nonsense,x,,x,\n"),
    ] {
        browser.goto("/tasks/observations/import");
        let content = format!("unit_code,measure,day,period,value,source\n{rows}");
        browser.choose_files("file", &[&copy.file("counts.csv", &content)]);
        browser.follow("main form button.main");
        faults.extend(look(browser, page));
    }

    browser.goto("/tasks/territory");
    super::territory::upload_lists(browser, copy, "3131899,Thử,Khu vực Thử,khu_vuc,31318,31321\n");
    faults.extend(look(browser, "a preview of lists"));

    browser.goto("/tasks/mergers/new");
    browser.follow("main form button.main");
    faults.extend(look(browser, "a merger with mistakes"));
    super::mergers::rehearse(browser);
    faults.extend(look(browser, "a rehearsal"));

    browser.goto("/tasks/mergers");
    browser.follow("main a[href$='/undo']");
    faults.extend(look(browser, "undoing a merger"));

    browser.goto("/tasks/observations");
    browser.follow("main a[href^='/observations/']");
    faults.extend(look(browser, "an observation"));
    browser.follow("main a[href$='/correct']");
    faults.extend(look(browser, "a correction"));
    faults.extend(second_factor(browser, copy));
    faults
}

fn second_factor(browser: &Browser, copy: &Copy) -> Vec<String> {
    let mut faults = Vec::new();
    browser.goto("/account/second-factor?lang=vi");
    browser.fill("password", PASSWORD);
    browser.fill("code", &enrolment(&database(copy)));
    browser.follow("main form button.main");
    faults.extend(look(browser, "a second factor to confirm"));
    browser.fill("code", &code(&browser.text("code.secret"), 0));
    browser.follow("main form button.main");
    faults.extend(look(browser, "recovery codes"));
    browser.goto("/account/second-factor");
    browser.follow("main form button.danger");
    faults.extend(look(browser, "a second factor that stays on"));
    browser.follow("header .account button");
    browser.goto("/sign-in?next=/tasks");
    browser.fill("name", "admin");
    browser.fill("password", PASSWORD);
    browser.follow("main form button");
    browser.fill("code", "nonsense");
    browser.enter();
    faults.extend(look(browser, "a code that is wrong"));
    faults
}

fn look(browser: &Browser, page: &str) -> Vec<String> {
    audit(browser, page)
}
