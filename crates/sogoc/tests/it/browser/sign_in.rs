//! Signing in and out, by keyboard too.

use lang::Lang;

use super::client::{Browser, ENTER, TAB};
use super::{database, in_copy, sign_in};
use crate::person::{code, enrolment};
use crate::program::PASSWORD;

#[test]
fn protected_page_asked_for_leads_to_sign_in_and_back() {
    in_copy(|browser, _| {
        browser.goto("/tasks/mergers/new?lang=vi");
        assert!(browser.path().starts_with("/sign-in?"), "{}", browser.path());
        browser.fill("name", "admin");
        browser.fill("password", PASSWORD);
        browser.follow("main form button");
        assert!(browser.path().starts_with("/tasks/mergers/new"), "{}", browser.path());
        browser.sees("header .account", "admin");
        browser.follow("header .account button");
        browser.sees_no("header", "admin");
        browser.goto("/tasks");
        assert!(browser.path().starts_with("/sign-in?"), "{}", browser.path());
    });
}

#[test]
fn password_that_is_wrong_is_refused_and_the_name_kept() {
    in_copy(|browser, _| {
        browser.goto("/sign-in?lang=vi&next=/tasks");
        browser.fill("name", "admin");
        browser.fill("password", "not-the-password");
        browser.enter();
        browser.sees("main", lang::access::wrong_password(Lang::Vietnamese));
        assert_eq!(browser.property("#field-name", "value"), "admin", "{}", browser.path());
        assert_eq!(browser.property("#field-password", "value"), "", "{}", browser.path());
        browser.fill("password", PASSWORD);
        browser.enter();
        assert_eq!(browser.path(), "/tasks", "{}", browser.text("main"));
    });
}

#[test]
fn keyboard_alone_signs_in_and_out() {
    in_copy(|browser, _| {
        browser.goto("/sign-in?lang=vi&next=/tasks");
        tab_to(browser, "id", "field-name");
        browser.press("admin");
        tab_to(browser, "id", "field-password");
        browser.press(PASSWORD);
        browser.enter();
        browser.sees("header .account", "admin");
        tab_to(browser, "textContent", lang::nav::sign_out(Lang::Vietnamese));
        browser.enter();
        browser.sees_no("header", "admin");
    });
}

#[test]
fn skip_link_pressed_jumps_over_the_navigation() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks");
        browser.press(TAB);
        assert!(browser.focused("href").ends_with("#main"), "{}", browser.focused("outerHTML"));
        browser.press(&format!("{ENTER}{TAB}"));
        let reached = browser.focused("href");
        assert!(reached.contains("/tasks/"), "{}: the focus is at {reached}", browser.path());
    });
}

#[test]
fn second_factor_set_up_is_asked_for_and_a_recovery_code_works_once() {
    in_copy(|browser, copy| {
        sign_in(browser, "/tasks");
        browser.follow("header .account a.name");
        assert_eq!(browser.path(), "/account");
        browser.sees("main", lang::account::factor_off(Lang::Vietnamese));
        browser.follow("main dl a[href='/account/second-factor']");
        // The password alone sets nothing up for whoever may give power to others.
        browser.fill("password", PASSWORD);
        browser.follow("main form button.main");
        browser.sees(".mistakes", lang::proof::enrolment_wanted(Lang::Vietnamese));
        browser.fill("password", PASSWORD);
        browser.fill("code", &enrolment(&database(copy)));
        browser.follow("main form button.main");
        let secret = browser.text("code.secret");
        assert!(browser.property("main dl a", "href").starts_with("otpauth://totp/"));
        browser.fill("code", &code(&secret, 0));
        browser.follow("main form button.main");
        let codes = browser.texts(".codes code");
        assert_eq!(codes.len(), 10, "{}", browser.text("main"));

        let sign_out_and_give = |code: &str| {
            browser.follow("header .account button");
            browser.goto("/sign-in?next=/units");
            browser.fill("name", "admin");
            browser.fill("password", PASSWORD);
            browser.follow("main form button");
            assert!(browser.path().starts_with("/sign-in/code?"), "{}", browser.path());
            browser.sees_no("header", "admin");
            browser.fill("code", code);
            browser.enter();
        };
        // The code of this step was taken; the next one is good already.
        sign_out_and_give(&code(&secret, 1));
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        sign_out_and_give(&codes[0]);
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        sign_out_and_give(&codes[0]);
        browser.sees("main", lang::access::wrong_code(Lang::Vietnamese));
        browser.fill("code", &codes[1].to_lowercase());
        browser.enter();
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        browser.goto("/account");
        browser.sees("main", lang::account::wrong_code(Lang::Vietnamese));
    });
}

/// Presses Tab until the focused element has a property of this value; each stop must be visible.
fn tab_to(browser: &Browser, property: &str, value: &str) {
    for _ in 0..40 {
        browser.press(TAB);
        let outline = browser.focused_style("outline-style");
        let stop = browser.focused("outerHTML");
        assert!(outline != "none", "{}: no outline around {stop}", browser.path());
        if browser.focused(property) == value {
            return;
        }
    }
    panic!("{}: Tab never reaches {value:?}", browser.path());
}
