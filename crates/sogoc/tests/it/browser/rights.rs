//! Giving a role, having it, and being told why not.

use lang::Lang;

use super::client::{Browser, Scripts};
use super::pages::audit;
use super::province::Copy;
use super::{in_copy, lend, sign_in, sign_in_as_officer};

const NAME: &str = "thu-nghiem";
const VI: Lang = Lang::Vietnamese;

/// Signs in as the new account.
fn enter(browser: &Browser, password: &str, next: &str) {
    browser.goto(&format!("/sign-in?lang=vi&next={next}"));
    browser.fill("name", NAME);
    browser.fill("password", password);
    browser.follow("main form button");
}

/// The password in the notice that says so once.
fn told(browser: &Browser) -> String {
    let notice = browser.text(".notice");
    let words = notice.split_whitespace().map(|word| word.trim_matches(['.', ',', ';', ':']));
    words.rev().find(|word| word.len() == 20).unwrap_or_else(|| panic!("{notice}")).to_owned()
}

#[test]
fn account_may_do_nothing_until_a_role_is_given_and_nothing_after_it_is_taken() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/accounts");
        browser.fill("name", NAME);
        browser.follow("main form button.main");
        let password = told(browser);
        browser.follow("header .account button");

        enter(browser, &password, "/tasks/mergers");
        browser.sees("main", lang::rights::change_territory(VI));
        browser.follow("main a[href='/account/rights']");
        browser.sees("main", lang::rights::none_yet(VI));
        browser.goto("/account/rights?act=territory.change");
        browser.sees("main", lang::rights::no_line(VI));
        browser.goto("/tasks");
        browser.sees_no("main", lang::work::mergers(VI));
        browser.follow("header .account button");

        sign_in(browser, "/tasks/rights/give");
        browser.choose("role", "Cán bộ địa giới hành chính");
        browser.fill("account", NAME);
        browser.fill("from", "01/01/2026");
        browser.follow("main form button.main");
        browser.sees("#field-decision-error", lang::organisation::must_be_there(VI));
        browser.fill("decision", "12/QĐ-MẪU ngày 01/01/2026");
        browser.follow("main form button.main");
        assert_eq!(browser.path(), "/tasks/rights?done=yes");
        browser.sees("main table", NAME);
        // Nobody gives oneself anything.
        browser.goto("/tasks/rights/give");
        browser.choose("role", "Cán bộ địa giới hành chính");
        browser.fill("account", "admin");
        browser.fill("decision", "13/QĐ-MẪU");
        browser.follow("main form button.main");
        browser.sees("main", lang::rights::own_right(VI));
        browser.follow("header .account button");

        enter(browser, &password, "/tasks/mergers");
        assert_eq!(browser.path(), "/tasks/mergers", "{}", browser.text("main"));
        browser.goto("/tasks/accounts");
        browser.sees("main", lang::rights::manage_accounts(VI));
        browser.follow("header .account button");

        sign_in(browser, "/tasks/accounts");
        let close = format!("form[action='/tasks/accounts/{NAME}/close'] button");
        browser.follow(&close);
        browser.sees("main", lang::rights::was_closed(VI));
        browser.follow("header .account button");
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
        browser.sees("main", lang::rights::read_trace(VI));
        browser.sees_no("main", "admin");
    });
}
