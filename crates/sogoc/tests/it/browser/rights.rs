//! Giving a role, having it, and being told why not.

use lang::Lang;

use super::client::{Browser, Scripts};
use super::pages::audit;
use super::province::Copy;
use super::{database, enrol, in_copy, lend, sign_in, sign_in_as_officer};
use crate::program::{PASSWORD, run};

const NAME: &str = "thu-nghiem";
const VI: Lang = Lang::Vietnamese;

/// Signs in as the new account.
fn enter(browser: &Browser, password: &str, next: &str) {
    browser.goto(&format!("/sign-in?lang=vi&next={next}"));
    browser.fill("name", NAME);
    browser.fill("password", password);
    browser.follow("main form button");
}

/// Adds the account as the operator of the machine does. Gives its password.
fn added(copy: &Copy) -> String {
    let done = run(&["account", "add", NAME, "--database", &database(copy)]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let words = said.split_whitespace().map(|word| word.trim_matches(['.', ',', ';', ':']));
    words.rev().find(|word| word.len() == 20).unwrap_or_else(|| panic!("{said}")).to_owned()
}

fn sign_out(browser: &Browser) {
    browser.follow("header .account button");
}

/// Fills in that an account is given the role of whoever keeps the units.
fn give(browser: &Browser, account: &str, decision: &str) {
    browser.goto("/tasks/rights/give");
    browser.choose("role", "Cán bộ địa giới hành chính");
    browser.fill("account", account);
    browser.fill("from", "01/01/2026");
    browser.fill("decision", decision);
    browser.follow("main form button.main");
}

#[test]
fn account_may_do_nothing_until_a_role_is_given_and_nothing_after_it_is_taken() {
    in_copy(|browser, copy| {
        let password = added(copy);
        enter(browser, &password, "/tasks/mergers");
        browser.sees("main", lang::rights::change_territory(VI));
        browser.follow("main a[href='/account/rights']");
        browser.sees("main", lang::rights::none_yet(VI));
        browser.goto("/account/rights?act=territory.change");
        browser.sees("main", lang::rights::no_line(VI));
        browser.goto("/tasks");
        browser.sees_no("main", lang::work::mergers(VI));
        sign_out(browser);

        // Giving power to others asks for more than a password, and the page leads there.
        sign_in(browser, "/tasks");
        browser.goto("/tasks/rights/give");
        browser.sees("main", lang::rights::assign_rights(VI));
        browser.follow("main a[href='/account/second-factor']");
        let codes = enrol(browser, copy);
        give(browser, NAME, "");
        browser.sees("#field-decision-error", lang::organisation::must_be_there(VI));
        give(browser, NAME, "12/QĐ-MẪU ngày 01/01/2026");
        assert_eq!(browser.path(), "/tasks/rights?done=yes");
        browser.sees("main table", NAME);
        // Nobody gives oneself anything, nor an account that was added by the same hand.
        give(browser, "admin", "13/QĐ-MẪU");
        browser.sees("main", lang::rights::own_right(VI));
        browser.goto("/tasks/accounts");
        browser.fill("name", "thu-hai");
        browser.follow("main form button.main");
        browser.sees(".notice", "thu-hai");
        give(browser, "thu-hai", "14/QĐ-MẪU");
        browser.sees("main", lang::access::opener(VI));
        sign_out(browser);

        enter(browser, &password, "/tasks/mergers");
        assert_eq!(browser.path(), "/tasks/mergers", "{}", browser.text("main"));
        browser.goto("/tasks/accounts");
        browser.sees("main", lang::rights::manage_accounts(VI));
        sign_out(browser);

        browser.goto("/sign-in?lang=vi&next=/tasks/accounts");
        browser.fill("name", "admin");
        browser.fill("password", PASSWORD);
        browser.follow("main form button");
        browser.fill("code", &codes[0]);
        browser.enter();
        // Whoever gave an account its role does not reset it.
        let form = format!("form[action='/tasks/accounts/{NAME}/reset-password']");
        browser.click(&format!("details:has({form}) summary"));
        browser.follow(&format!("{form} button"));
        browser.sees("main", lang::access::giver(VI));
        browser.goto("/tasks/accounts");
        let form = format!("form[action='/tasks/accounts/{NAME}/close']");
        browser.click(&format!("details:has({form}) summary"));
        browser.follow(&format!("{form} button"));
        browser.sees("main", lang::rights::was_closed(VI));
        sign_out(browser);
        enter(browser, &password, "/tasks");
        browser.sees("main", lang::access::wrong_password(VI));
    });
}

#[test]
fn pages_of_rights_and_of_the_trace_hold_to_the_rules_in_both_colours() {
    lend(Scripts::On, |browser| {
        let copy = Copy::new();
        browser.turn_to(&copy.server.url(""));
        sign_in_as_officer(browser, &copy, "/account/rights");
        let mut faults = Vec::new();
        for path in [
            "/roles",
            "/roles/data-officer",
            "/account/rights?act=request.reveal&unit=31453",
            "/account/reads",
            "/tasks",
            "/tasks/rights",
            "/tasks/rights/give",
            "/tasks/rights/why?account=thongke-xa&act=observation.report&unit=31453",
            "/tasks/accounts",
            "/tasks/trace",
            "/tasks/organisation",
        ] {
            browser.goto(path);
            faults.extend(audit(browser, path));
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        // Looking at the trace left an entry, which is for whoever may see the trace.
        browser.goto("/tasks/trace");
        let entry = browser.property("main tbody a", "href");
        let entry = format!("/entries{}", entry.split_once("/entries").unwrap().1);
        browser.goto(&entry);
        browser.sees("main", "admin");
        browser.follow("header .account button");
        browser.goto(&entry);
        // Who is not signed in is asked to, and told nothing.
        browser.sees("main", lang::nav::sign_in(VI));
        browser.sees_no("main", "admin");
    });
}
