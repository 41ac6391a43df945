//! Units: choosing a day, finding a unit, what became of it; languages.

use super::client::Browser;
use super::in_province;

#[test]
fn unit_searched_without_tones_shows_what_became_of_it() {
    in_province(|browser| {
        browser.goto("/units?lang=vi");
        browser.fill("on", "30/06/2025");
        browser.follow("form:has(#field-on) button");
        browser.fill("q", "vi thuy");
        browser.enter();
        browser.follow("main a[href='/units/31447?on=2025-06-30']");
        browser.sees("h1", "Xã Vị Thủy");
        browser.sees("main", "Xã Vĩnh Thuận Đông");
        browser.follow("main a[href^='/units/31453?on=2025-07-01']");
        browser.sees("h1", "Xã Vĩnh Thuận Đông");
    });
}

#[test]
fn links_of_a_unit_of_today_lead_to_days_that_can_be_read() {
    in_province(|browser| {
        for page in ["/units?lang=vi&on=2025-07-02&q=vi+thuy", "/units/31447?on=2025-06-30"] {
            browser.goto(page);
            browser.follow("main a[href^='/units/31441?on=']");
            let path = browser.path();
            assert!(path.contains("on=202"), "{page}: a link leads to {path}");
            browser.sees("h1", "Xã Vị Thủy");
        }
    });
}

#[test]
fn code_issued_again_names_another_unit_on_each_day() {
    in_province(|browser| {
        for (day, name) in
            [("30/06/2025", "Xã Vĩnh Thuận Tây"), ("01/07/2025", "Xã Vĩnh Thuận Đông")]
        {
            browser.goto("/units/31453?lang=vi");
            browser.fill("on", day);
            browser.enter();
            browser.sees("h1", name);
            browser.sees("main", day);
        }
    });
}

#[test]
fn language_switched_stays_on_the_page() {
    in_province(|browser| {
        browser.goto("/units/31447?lang=vi&on=2025-06-30");
        assert_eq!(browser.property("html", "lang"), "vi", "{}", browser.path());
        for lang in ["en", "km"] {
            switch(browser, lang);
            assert!(browser.path().starts_with("/units/31447?"), "{}", browser.path());
            assert!(browser.path().contains("on=2025-06-30"), "{}", browser.path());
            browser.sees("h1", "Xã Vị Thủy");
        }
        // The choice holds on the pages that follow.
        browser.goto("/indicators");
        assert_eq!(browser.property("html", "lang"), "km", "{}", browser.path());
    });
}

fn switch(browser: &Browser, lang: &str) {
    browser.follow(&format!("nav.languages a[lang={lang}]"));
    assert_eq!(browser.property("html", "lang"), lang, "{}", browser.path());
}
