//! What holds for every page holds for those behind the sign-in, too.

use super::client::{Browser, Scripts};
use super::driver::driver;
use super::pages::audit;
use super::province::Copy;
use super::sign_in;

const PAGES: [&str; 8] = [
    "/work",
    "/work/observations",
    "/work/observations/new",
    "/work/observations/import",
    "/work/territory",
    "/work/mergers",
    "/work/mergers/new",
    "/sign-in",
];

#[test]
fn work_pages_hold_to_the_rules() {
    let Some(driver) = driver() else { return };
    let copy = Copy::new();
    let browser = Browser::open(driver, &copy.server.url(""), Scripts::On);
    sign_in(&browser, "/work");
    let mut faults = Vec::new();
    for path in PAGES {
        browser.goto(path);
        faults.extend(look(&browser, path));
    }
    faults.extend(answers(&browser, &copy));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Pages that only come as the answer to a form.
fn answers(browser: &Browser, copy: &Copy) -> Vec<String> {
    let mut faults = Vec::new();
    browser.goto("/work/observations/new");
    browser.follow("main form button.main");
    faults.extend(look(browser, "a report with mistakes"));

    for (page, rows) in [
        ("a preview of counts", "3144701,households,2026-05-15,,321,thử\n"),
        ("a file of counts with mistakes", "99,nonsense,x,,x,\n"),
    ] {
        browser.goto("/work/observations/import");
        let content = format!("unit_code,measure,day,period,value,source\n{rows}");
        browser.choose_files("file", &[&copy.file("counts.csv", &content)]);
        browser.follow("main form button.main");
        faults.extend(look(browser, page));
    }

    browser.goto("/work/mergers/new");
    browser.follow("main form button.main");
    faults.extend(look(browser, "a merger with mistakes"));
    super::mergers::rehearse(browser);
    faults.extend(look(browser, "a rehearsal"));

    browser.goto("/work/mergers");
    browser.follow("main a[href$='/undo']");
    faults.extend(look(browser, "undoing a merger"));

    browser.goto("/work/observations");
    browser.follow("main a[href^='/observations/']");
    faults.extend(look(browser, "an observation"));
    browser.follow("main a[href$='/correct']");
    faults.extend(look(browser, "a correction"));
    faults
}

fn look(browser: &Browser, page: &str) -> Vec<String> {
    audit(browser, page, &["light", "dark"])
}
