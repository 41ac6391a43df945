//! Passkeys, with a device that the browser is told to have.

use lang::Lang::Vietnamese;

use super::axe::{Rules, violations};
use super::client::{Browser, Scripts};
use super::province::Copy;
use super::{database, lend, sign_in};
use crate::person::{code, enrolment};
use crate::program::PASSWORD;

/// Walks a journey through a copy of the province that is found at `localhost`.
fn at_home(scripts: Scripts, journey: impl Fn(&Browser, &Copy)) {
    lend(scripts, |browser| {
        let (copy, site) = Copy::found_at(|_| String::new());
        browser.turn_to(&site);
        journey(browser, &copy);
    });
}

fn fits(browser: &Browser) {
    assert_eq!(violations(browser, Rules::All), Vec::<String>::new(), "{}", browser.path());
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{}", browser.path());
}

/// Adds the first factor of the account of whoever is signed in: a passkey of this name.
fn add_first(browser: &Browser, copy: &Copy, name: &str) {
    browser.goto("/account/passkeys?lang=vi");
    browser.fill("name", name);
    browser.fill("password", PASSWORD);
    browser.fill("code", &enrolment(&database(copy)));
    make(browser, name);
}

/// Adds a passkey of this name to the account of whoever is signed in.
fn add(browser: &Browser, name: &str) {
    browser.goto("/account/passkeys?lang=vi");
    browser.fill("name", name);
    browser.fill("password", PASSWORD);
    make(browser, name);
}

fn make(browser: &Browser, name: &str) {
    browser.follow("form[action='/account/passkeys/begin'] button");
    browser.sees("h1", lang::passkeys::add_title(Vietnamese));
    fits(browser);
    browser.follow("form[data-passkey] button");
    assert_eq!(browser.path(), "/account/passkeys?done=added", "{}", browser.text("main"));
    browser.sees("main table", name);
}

fn sign_out(browser: &Browser) {
    browser.follow("header .account button");
}

/// Waits until the page says why no passkey came.
fn is_told(browser: &Browser, text: &str) {
    browser.run_later(
        "const done = arguments[arguments.length - 1];
         const place = document.querySelector('[role=alert]');
         const look = () => place.hidden ? setTimeout(look, 10) : done(true);
         look();",
    );
    browser.sees("form[data-passkey] [role=alert]", text);
}

#[test]
fn passkey_added_signs_in_alone_and_no_more_once_it_is_removed() {
    at_home(Scripts::On, |browser, copy| {
        let device = browser.plug_in();
        sign_in(browser, "/tasks");
        browser.goto("/account");
        browser.sees("main dl", &lang::passkeys::how_many(Vietnamese, "0"));
        browser.follow("main dl a[href='/account/passkeys']");
        browser.sees("main", lang::passkeys::none(Vietnamese));
        fits(browser);
        // A name and the password are asked for, and both are told.
        browser.fill("password", "not-the-password");
        browser.follow("form[action='/account/passkeys/begin'] button");
        browser.sees(".mistakes", lang::account::wrong_old(Vietnamese));
        add_first(browser, copy, "Máy tính cơ quan");
        fits(browser);
        sign_out(browser);

        browser.goto("/sign-in?lang=vi&next=/units");
        fits(browser);
        browser.follow("form[data-passkey] button");
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        browser.sees("header .account", "admin");
        browser.goto("/account");
        browser.sees("main", lang::passkeys::log_signed_in(Vietnamese));
        browser.sees("main", lang::passkeys::log_added(Vietnamese));
        browser.goto("/account/passkeys");
        browser.sees_no("main table", lang::passkeys::never(Vietnamese));

        // Removing wants the password, and one of the passkeys.
        let remove = "form[action='/account/passkeys/remove'] button";
        browser.fill("password-remove", PASSWORD);
        browser.follow(remove);
        browser.sees(".mistakes", lang::passkeys::choose_one(Vietnamese));
        fits(browser);
        browser.choose("passkey", "Máy tính cơ quan");
        browser.fill("password-remove", PASSWORD);
        browser.follow(remove);
        browser.sees("main", lang::passkeys::done_removed(Vietnamese));
        sign_out(browser);
        browser.goto("/sign-in?lang=vi&next=/units");
        browser.follow("form[data-passkey] button");
        browser.sees("main", lang::passkeys::wrong(Vietnamese));
        browser.sees_no("header", "admin");
        drop(device);
    });
}

#[test]
fn device_that_is_not_unlocked_or_has_no_passkey_does_not_sign_in() {
    at_home(Scripts::On, |browser, copy| {
        let device = browser.plug_in();
        sign_in(browser, "/tasks");
        add_first(browser, copy, "Điện thoại");
        // The same device is asked for a second one.
        browser.goto("/account/passkeys");
        browser.fill("name", "Một khóa nữa");
        browser.fill("password", PASSWORD);
        browser.follow("form[action='/account/passkeys/begin'] button");
        browser.click("form[data-passkey] button");
        is_told(browser, lang::passkeys::known(Vietnamese));
        sign_out(browser);
        browser.goto("/sign-in?next=/units");
        device.unlocks(false);
        browser.click("form[data-passkey] button");
        is_told(browser, lang::passkeys::not_shown(Vietnamese));
        fits(browser);
        device.unlocks(true);
        browser.follow("form[data-passkey] button");
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        sign_out(browser);
        // What was copied to another device at its first count is an older count there.
        let passkey = device.passkeys().remove(0);
        drop(device);
        let mut copied = passkey;
        copied["signCount"] = serde_json::json!(0);
        let copy = browser.plug_in();
        copy.keep(&copied);
        browser.goto("/sign-in?next=/units");
        browser.follow("form[data-passkey] button");
        browser.sees("main", lang::passkeys::wrong(Vietnamese));
        drop(copy);
        sign_in(browser, "/account");
        browser.sees("main", lang::passkeys::log_wrong(Vietnamese));
    });
}

#[test]
fn passkey_stands_for_the_code_where_one_is_asked_for() {
    at_home(Scripts::On, |browser, copy| {
        let device = browser.plug_in();
        sign_in(browser, "/tasks");
        browser.goto("/account/second-factor?lang=vi");
        browser.fill("password", PASSWORD);
        browser.fill("code", &enrolment(&database(copy)));
        browser.follow("main form button.main");
        let secret = browser.text("code.secret");
        browser.fill("code", &code(&secret, 0));
        browser.follow("main form button.main");
        sign_out(browser);
        let give_password = || {
            browser.goto("/sign-in?next=/units");
            browser.fill("name", "admin");
            browser.fill("password", PASSWORD);
            browser.follow("main form button.main");
            assert!(browser.path().starts_with("/sign-in/code?"), "{}", browser.path());
        };
        give_password();
        assert_eq!(browser.texts("form[data-passkey]").len(), 0, "no passkey, no button");
        browser.fill("code", &code(&secret, 1));
        browser.enter();
        add(browser, "Khóa USB");
        sign_out(browser);
        give_password();
        fits(browser);
        browser.follow("form[data-passkey] button");
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        sign_out(browser);
        // Alone it counts as both.
        browser.goto("/sign-in?next=/units");
        browser.follow("form[data-passkey] button");
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        drop(device);
    });
}

#[test]
fn without_scripts_there_is_no_button_and_the_password_signs_in() {
    at_home(Scripts::Off, |browser, _| {
        browser.goto("/sign-in?lang=vi&next=/account/passkeys");
        assert_eq!(browser.texts("[data-passkeys]"), [""]);
        sign_in(browser, "/account/passkeys");
        browser.sees("main", lang::passkeys::needs_script(Vietnamese));
        browser.sees_no("main", lang::passkeys::add(Vietnamese));
    });
}

#[test]
fn at_another_address_the_page_leads_to_the_one_at_which_passkeys_work() {
    lend(Scripts::On, |browser| {
        let (copy, site) = Copy::found_at(|_| String::new());
        browser.turn_to(&site);
        browser.goto("/sign-in?lang=vi");
        browser.sees("form[data-passkey]", lang::passkeys::sign_in(Vietnamese));
        browser.turn_to(&copy.server.url(""));
        browser.goto("/sign-in?lang=vi");
        browser.sees("[data-elsewhere] a", "http://localhost:");
        assert_eq!(browser.texts("[data-passkeys]"), [""]);
    });
}
