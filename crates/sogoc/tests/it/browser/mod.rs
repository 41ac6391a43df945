//! The pages in a real browser: journeys with and without scripts, and what holds for every page.

mod approvals;
mod axe;
mod boards;
mod campaigns;
mod client;
mod converter;
mod driver;
mod figures;
mod mergers;
mod observations;
mod organisation;
mod pages;
mod passkeys;
mod providers;
mod province;
mod reports;
mod rights;
mod sign_in;
mod subjects;
mod territory;
mod units;
mod work;

use std::sync::Mutex;

use client::{Browser, Scripts};
use driver::driver;
use province::{Copy, shared};

use crate::person::{code, enrolment, make_officer};
use crate::program::PASSWORD;

/// Walks a journey through the shared province, with scripts and without.
fn in_province(journey: impl Fn(&Browser)) {
    for scripts in [Scripts::On, Scripts::Off] {
        lend(scripts, |browser| {
            browser.turn_to(&shared().url(""));
            journey(browser);
        });
    }
}

/// Walks a journey that writes, each time through a copy of its own.
fn in_copy(journey: impl Fn(&Browser, &Copy)) {
    for scripts in [Scripts::On, Scripts::Off] {
        lend(scripts, |browser| {
            let copy = Copy::new();
            browser.turn_to(&copy.server.url(""));
            journey(browser, &copy);
        });
    }
}

/// Lends a browser, where one is installed: opening one takes longer than most journeys. One whose
/// journey failed is closed, so that it disturbs no other.
fn lend(scripts: Scripts, journey: impl FnOnce(&mut Browser)) {
    static IDLE: [Mutex<Vec<Browser>>; 2] = [const { Mutex::new(Vec::new()) }; 2];
    let Some(driver) = driver() else { return };
    let idle = &IDLE[usize::from(scripts == Scripts::On)];
    let waiting = idle.lock().unwrap().pop();
    let mut browser = waiting.unwrap_or_else(|| Browser::open(driver, scripts));
    journey(&mut browser);
    idle.lock().unwrap().push(browser);
}

/// Signs in as the administrator and stands where `next` leads.
fn sign_in(browser: &Browser, next: &str) {
    browser.goto(&format!("/sign-in?lang=vi&next={next}"));
    browser.fill("name", "admin");
    browser.fill("password", PASSWORD);
    browser.follow("main form button");
    assert_eq!(browser.path(), next, "after signing in: {}", browser.text("main"));
}

/// The same who handles personal data besides, and so shows a second factor.
fn sign_in_as_officer(browser: &Browser, copy: &Copy, next: &str) {
    make_officer(&database(copy));
    sign_in(browser, "/account/second-factor");
    enrol(browser, copy);
    browser.goto(next);
    assert_eq!(browser.path(), next, "as an officer: {}", browser.text("main"));
}

/// Where a copy of the province lies.
fn database(copy: &Copy) -> String {
    copy.folder.path().join("copy.db").display().to_string()
}

/// Sets a second factor up on its page. Gives the recovery codes.
fn enrol(browser: &Browser, copy: &Copy) -> Vec<String> {
    browser.fill("password", PASSWORD);
    browser.fill("code", &enrolment(&database(copy)));
    browser.follow("main form button.main");
    let secret = browser.text("code.secret");
    browser.fill("code", &code(&secret, 0));
    browser.follow("main form button.main");
    browser.texts(".codes code")
}

/// A whole number as pages write it in Vietnamese: `1.234`, `+5`, `−6`.
fn number(text: &str) -> i64 {
    let plain = text.trim().replace('.', "").replace('\u{2212}', "-");
    plain.parse().unwrap_or_else(|_| panic!("not a number: {text:?}"))
}
