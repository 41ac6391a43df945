//! Personal data: somebody asks without an account, an officer goes all the way with it, and a consent
//! is given and withdrawn.

use lang::Lang;

use super::client::{Browser, Scripts};
use super::pages::audit;
use super::province::{Copy, shared};
use super::{in_copy, lend, sign_in_as_officer};

const VI: Lang = Lang::Vietnamese;
/// Born in the twenty-fourth century, so nobody's.
const NUMBER: &str = "093905001234";
const DESK: &str = "/tasks/personal-data";

fn fill_person(browser: &Browser) {
    browser.fill("name", "Trần Thị Bé Mẫu");
    browser.fill("number", NUMBER);
    browser.fill("phone", "0912 000 123");
}

#[test]
fn request_goes_from_the_citizen_to_the_officer_and_back() {
    in_copy(|browser, copy| {
        browser.goto("/my-data/new?lang=vi");
        browser.click("#field-kind option[value='copy']");
        fill_person(browser);
        // A mistake is told, and nothing that was typed is lost.
        browser.follow("main form button.main");
        browser.sees(".mistakes", lang::subjects::must_be_there(VI));
        browser.fill("text", "Xin bản sao dữ liệu của tôi");
        browser.follow("main form button.main");
        browser.sees("h1", lang::subjects::taken(VI));
        let code = browser.text("main dl strong");

        sign_in_as_officer(browser, copy, DESK);
        browser.sees("main", lang::subjects::late_answer(VI));
        let mine = browser.run(
            "const row = [...document.querySelectorAll('main tbody tr')].find(row => row.innerText \
             .includes('Trực tuyến')); return new URL(row.querySelector('a').href).pathname",
        );
        let path = mine.as_str().unwrap().to_owned();
        browser.goto(&path);
        browser.sees("main", "093*****1234");
        browser.sees_no("main", NUMBER);
        browser.goto(&format!("{path}/do/decide"));
        browser.click("input[name=outcome][value=granted]");
        browser.fill("words", "Đủ điều kiện");
        browser.follow("main form button.main");
        browser.sees("main", lang::subjects::unidentified(VI));
        browser.goto(&format!("{path}/do/identify"));
        browser.click("input[name=how][value=card]");
        browser.follow("main form button.main");
        for step in ["answer", "decide", "close"] {
            browser.goto(&format!("{path}/do/{step}"));
            if step == "decide" {
                browser.click("input[name=outcome][value=granted]");
            }
            browser.fill("words", "Đã gọi điện");
            browser.follow("main form button.main");
            assert!(browser.path().starts_with(&path), "{}", browser.text("main"));
        }
        browser.sees("main", lang::subjects::state_closed(VI));
        browser.click("main details summary");
        browser.click("#field-purpose option[value='contact']");
        browser.fill("words", "Trả kết quả");
        browser.follow("main details form button.main");
        browser.sees("main", NUMBER);
        browser.goto("/tasks/trace?act=request.reveal");
        browser.sees("main", "admin");
        browser.sees("main", lang::trace::kind_request(VI));

        browser.goto(&format!("/my-data/{code}"));
        browser.fill("digits", "1234");
        browser.follow("main form button.main");
        browser.sees("main", lang::subjects::outcome_granted(VI));
        browser.sees("main", lang::my_data::looks_title(VI));
        browser.sees_no("main", "admin");
        browser.sees_no("main", "Bé");
    });
}

#[test]
fn consent_is_given_and_withdrawn_by_its_owner() {
    in_copy(|browser, _| {
        browser.goto("/my-data/consents/notices?lang=vi");
        assert_ne!(browser.property("#field-agreed", "checked"), "true");
        fill_person(browser);
        browser.follow("main form button.main");
        browser.sees(".mistakes", lang::consents::not_agreed(VI));
        browser.click("#field-agreed");
        browser.follow("main form button.main");
        let code = browser.text("main dl strong");
        browser.goto("/my-data");
        browser.fill("code", &code);
        browser.fill("digits", "1234");
        browser.follow("main form button.main");
        browser.sees("main", lang::consents::state_given(VI));
        browser.follow("main form button.danger");
        browser.sees("main", lang::consents::state_withdrawn(VI));
    });
}

#[test]
fn pages_of_personal_data_hold_to_the_rules() {
    lend(Scripts::On, |browser| {
        shared();
        let copy = Copy::new();
        browser.turn_to(&copy.server.url(""));
        sign_in_as_officer(browser, &copy, DESK);
        let first = browser.property("main tbody a", "href");
        let first = first.split_once("/tasks").unwrap().1;
        let request = format!("/tasks{first}");
        browser.goto(&format!("{DESK}/consents"));
        let consent = browser.property("main tbody a", "href");
        let consent = format!("/tasks{}", consent.split_once("/tasks").unwrap().1);
        let mut faults = Vec::new();
        let pages = [
            DESK.to_owned(),
            format!("{DESK}?state=closed"),
            format!("{DESK}/requests/new"),
            request.clone(),
            format!("{request}/do/identify"),
            format!("{request}/do/decide"),
            format!("{DESK}/consents"),
            format!("{DESK}/consents/new/notices"),
            consent,
            format!("{DESK}/copy"),
            format!("{DESK}/retention"),
            format!("{request}/do/forward"),
            "/my-data/7K3M-9QXT-0000-ABCD-EFGH".to_owned(),
        ];
        for page in &pages {
            browser.goto(page);
            faults.extend(audit(browser, page));
        }
        browser.goto(&format!("{DESK}/retention"));
        browser.follow("main form button.main");
        faults.extend(audit(browser, "a report"));
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}
