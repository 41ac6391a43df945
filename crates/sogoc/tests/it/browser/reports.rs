//! Reports: the published one of the demonstration with what was corrected since, and publishing
//! another.

use lang::Lang;

use super::client::Browser;
use super::{in_copy, in_province, number, sign_in};

const VI: Lang = Lang::Vietnamese;
const FORM: &str = "/reports/digital-communes";

#[test]
fn published_report_stands_as_it_was_with_the_correction_beside_it() {
    in_province(|browser| {
        browser.goto("/?lang=vi");
        browser.follow("nav.sections a[href='/reports']");
        browser.sees("main", "01/BC-MH");
        browser.follow("main a[href^='/publications/01-bc-mh']");
        browser.sees(".paper", "Biểu số: 01/CĐS-X");
        browser.sees(".paper", "Kỳ báo cáo: Quý");
        browser.sees(".paper", lang::reports::made_up(VI));
        // One count was corrected afterwards: in its commune and in all together.
        let changed = browser.texts("main table td:nth-child(4) a");
        assert!(changed.len() >= 4, "{}: {changed:?}", browser.path());
        browser.follow("main table a[href^='/observations/']");
        // Why it was corrected may tell of people, and is for the inside.
        browser.sees("main", lang::drill::for_the_inside(VI));
        let reason = lang::publications::demo_reason(VI, 7);
        assert!(!browser.text("main").contains(&reason), "{reason}");
    });
}

#[test]
fn report_published_by_hand_has_its_files_and_can_be_withdrawn() {
    in_copy(|browser, _| {
        sign_in(browser, &format!("{FORM}/publish"));
        fill(browser, "");
        browser.follow("main form button.main");
        browser.click(".mistakes li:first-child a");
        assert_eq!(browser.focused("id"), "field-number", "{}", browser.path());
        fill(browser, "15/BC-THU");
        browser.follow("main form button.main");
        browser.sees("main", lang::publications::done_published(VI));
        browser.sees(".paper", "Số: 15/BC-THU");
        // That a form with mistakes was refused stands in the console.
        browser.complaints();
        let sums = browser.texts("main table code");
        assert_eq!(sums.iter().filter(|sum| sum.len() == 64).count(), 3, "{sums:?}");
        browser.follow("main a[href$='/withdraw']");
        browser.fill("reason", "Phát hành thử");
        browser.follow("main form button.danger");
        browser.sees("main", "Phát hành thử");
        browser.sees("main", lang::publications::withdrawn(VI));
    });
}

fn fill(browser: &Browser, number: &str) {
    browser.fill("number", number);
    browser.fill("place", "Vị Thanh");
    browser.fill("post", "GIÁM ĐỐC (thử nghiệm)");
    browser.fill("signer", "Người ký (thử nghiệm)");
}

#[test]
fn figure_explained_puts_its_numbers_into_the_formula_and_can_be_cited() {
    in_province(|browser| {
        browser.goto("/figures/households-with-app/31441/2026-Q1?lang=vi&map=2026-03-31");
        let shown = browser.text(".figures .value");
        browser.follow("main a[href*='/explain?']");
        browser.sees("h1", lang::explain::title(VI));
        browser.sees(".terms", &shown.replace(' ', ""));
        browser.sees("main", "sogoc verify --backup");
        let cited = browser.property("#field-citation", "value");
        assert!(cited.contains("known=") && cited.contains(&shown), "{cited}");
        let counts = browser.texts("main tbody td:nth-child(3)");
        assert!(counts.iter().all(|count| number(count) != i64::MIN), "{counts:?}");
        browser.follow("main p:last-child a");
        assert_eq!(browser.text(".figures .value"), shown, "{}", browser.path());
    });
}
