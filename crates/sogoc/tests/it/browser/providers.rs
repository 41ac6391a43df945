//! Signing in by another provider, over its own pages.

use std::cell::RefCell;

use lang::Lang::Vietnamese;

use super::axe::{Rules, violations};
use super::client::{Browser, Scripts};
use super::province::Copy;
use super::{database, lend, sign_in};
use crate::person::enrolment;
use crate::program::{PASSWORD, address, sogoc};
use crate::provider::{Provider, folder};

const NAME: &str = "Đăng nhập một lần (minh họa)";
/// Made up: whom the provider knows.
const SUBJECT: &str = "can-bo-minh-hoa";

/// A copy of the province at which people sign in by a provider, and that provider.
fn served() -> Option<(Copy, String, Provider)> {
    let folder = folder()?;
    let started = RefCell::new(None);
    let (copy, site) = Copy::found_at(|site| {
        let provider = Provider::start(&folder, &format!("{site}/sign-in/by/sso/return"));
        let text = format!(
            "[[sign_in_by]]\nid = \"sso\"\nname = \"{NAME}\"\nissuer = \"{}\"\n\
             client_id = \"sogoc\"\nclient_secret_env = \"SOGOC_TEST_SECRET\"\n",
            provider.issuer
        );
        started.replace(Some(provider));
        text
    });
    Some((copy, site, started.into_inner().unwrap()))
}

/// Walks a journey, with scripts and without. It is told whether there are any.
fn at_both(journey: impl Fn(&Browser, &Copy, &mut Provider, Scripts)) {
    for scripts in [Scripts::On, Scripts::Off] {
        lend(scripts, |browser| {
            let Some((copy, site, mut provider)) = served() else { return };
            browser.turn_to(&site);
            journey(browser, &copy, &mut provider, scripts);
        });
    }
}

fn fits(browser: &Browser, scripts: Scripts) {
    if scripts == Scripts::On {
        assert_eq!(violations(browser, Rules::All), Vec::<String>::new(), "{}", browser.path());
    }
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{}", browser.path());
}

/// Signs in on the provider's own pages: a name, and that we may know it.
fn confirm(browser: &Browser, name: &str) {
    browser.type_into("input[name=login]", name);
    browser.type_into("input[name=password]", "x");
    browser.follow("button[type=submit]");
    browser.follow("button[type=submit]");
    // What it complains of on its own pages is its own.
    browser.complaints();
}

#[test]
fn stranger_is_told_what_to_do_and_signs_in_once_linked() {
    at_both(|browser, copy, _, scripts| {
        browser.goto("/sign-in?lang=vi&next=/units");
        browser.sees("main", lang::providers::sign_in_title(Vietnamese));
        fits(browser, scripts);
        let by = "main a[href^='/sign-in/by/sso']";
        browser.follow(by);
        confirm(browser, SUBJECT);
        browser.sees("main", &lang::providers::stranger(Vietnamese, NAME));
        browser.sees_no("header", "admin");
        fits(browser, scripts);

        sign_in(browser, "/account");
        browser.follow("main dl a[href='/account/sign-in-by']");
        browser.sees("main", lang::providers::none(Vietnamese));
        fits(browser, scripts);
        browser.fill("password", PASSWORD);
        browser.fill("code", &enrolment(&database(copy)));
        browser.follow("form[action='/account/sign-in-by/link'] button");
        browser.sees("h1", lang::providers::link_title(Vietnamese));
        fits(browser, scripts);
        // The provider knows the browser still, and asks for nothing.
        browser.follow("main a[href^='http']");
        assert_eq!(browser.path(), "/account/sign-in-by?done=linked", "{}", browser.text("main"));
        browser.sees("main table", NAME);
        fits(browser, scripts);
        browser.follow("header .account button");
        browser.goto("/sign-in?next=/units");
        browser.follow(by);
        assert_eq!(browser.path(), "/units", "{}", browser.text("main"));
        browser.sees("header .account", "admin");
        browser.goto("/account");
        browser.sees("main", lang::providers::log_signed_in(Vietnamese));
    });
}

#[test]
fn operator_links_an_account_whose_owner_then_signs_in_and_unlinks() {
    at_both(|browser, copy, _, _| {
        let database = copy.folder.path().join("copy.db");
        let config = copy.folder.path().join("sogoc.toml");
        let account = |words: &[&str]| {
            let mut command = sogoc();
            command.env("SOGOC_TEST_SECRET", "made-up").arg("account").args(words);
            let location = store::Location::File(database.clone());
            command.args(["--database", &address(&location), "--config"]).arg(&config);
            let done = command.output().unwrap();
            let said = [done.stdout, done.stderr].concat();
            (done.status.success(), String::from_utf8(said).unwrap())
        };
        let (linked, said) = account(&["link", "admin", "sso", SUBJECT]);
        assert!(linked && said.contains("linked"), "{said}");
        let (again, said) = account(&["link", "admin", "sso", "somebody-else"]);
        assert!(!again && said.contains("Remove that link first"), "{said}");
        browser.goto("/sign-in?lang=vi&next=/account/sign-in-by");
        browser.follow("main a[href^='/sign-in/by/sso']");
        confirm(browser, SUBJECT);
        assert_eq!(browser.path(), "/account/sign-in-by", "{}", browser.text("main"));
        browser.fill("password-unlink", PASSWORD);
        browser.choose("identity", NAME);
        browser.follow("form[action='/account/sign-in-by/unlink'] button");
        browser.sees("main", lang::providers::done_unlinked(Vietnamese));
        let (unlinked, said) = account(&["unlink", "admin", "sso"]);
        assert!(unlinked && said.contains("not linked"), "{said}");
    });
}

#[test]
fn provider_that_is_away_is_said_to_be_and_the_password_signs_in() {
    at_both(|browser, _, provider, scripts| {
        provider.kill();
        browser.goto("/sign-in?lang=vi&next=/units");
        browser.follow("main a[href^='/sign-in/by/sso']");
        browser.sees("main", &lang::providers::away(Vietnamese, NAME));
        fits(browser, scripts);
        browser.fill("name", "admin");
        browser.fill("password", PASSWORD);
        browser.follow("main form button.main");
        browser.sees("header .account", "admin");
    });
}
