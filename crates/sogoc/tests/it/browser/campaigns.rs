//! Campaigns: from a place to its figures, and a round that is adjusted, frozen, appealed against,
//! decided and awarded.

use lang::Lang;

use super::client::{Browser, Scripts};
use super::pages::audit;
use super::province::{Copy, shared};
use super::{in_copy, in_province, lend, sign_in};

const VI: Lang = Lang::Vietnamese;
const RANKING: &str = "/campaigns/illustrative-2025/2025-Q4/communes";

#[test]
fn ranking_leads_to_a_unit_and_every_point_to_its_figures() {
    in_province(|browser| {
        browser.goto("/campaigns?lang=vi");
        browser.follow("main a[href='/campaigns/campaign-124/2022-Q4/districts']");
        browser.sees("main", "Minh họa, cần đối chiếu");
        let places = browser.texts("main tbody td:first-child");
        assert_eq!(places.len(), 8, "{}: {places:?}", browser.path());
        assert_eq!(places[0].trim_end_matches('='), "1", "{places:?}");
        browser.follow("main tbody th a");
        browser.sees("main", lang::campaigns::points_by_criterion(VI));
        let value = browser.text("main tbody a[href^='/figures/']");
        browser.follow("main tbody a[href^='/figures/']");
        browser.sees(".figures .value", &value);
        browser.sees(".standing", "31/12/2022");
    });
}

/// Opens the first unit of the ranking; gives its address.
fn open_unit(browser: &Browser) -> String {
    browser.goto(RANKING);
    browser.follow("main tbody th a");
    browser.path()
}

#[test]
fn round_is_adjusted_frozen_appealed_against_decided_and_awarded() {
    in_copy(|browser, _| {
        sign_in(browser, "/campaigns");
        let unit = open_unit(browser);
        browser.follow("main a[href$='/adjust']");
        browser.follow("main form button.main");
        let links = browser.texts(".mistakes a");
        assert_eq!(links.len(), 2, "{}: {links:?}", browser.path());
        browser.click("#field-kind option[value=innovation]");
        browser.fill("points", "1,5");
        browser.fill("reason", "Mô hình mới (thử nghiệm)");
        browser.follow("main form button.main");
        browser.sees("main", "Mô hình mới (thử nghiệm)");
        browser.sees("main", "+1,50");

        browser.goto("/campaigns/illustrative-2025");
        browser.follow("main a[href$='/2025-Q4/freeze']");
        browser.follow("main form button.main");
        browser.sees("main", lang::campaigns::frozen_says(VI));

        browser.goto(&unit);
        browser.follow("main a[href$='/appeal']");
        browser.fill("text", "Sót một mô hình (thử nghiệm)");
        browser.fill("by", "Chủ tịch xã");
        browser.follow("main form button.main");
        browser.sees("main", lang::campaigns::not_decided(VI));
        browser.follow("main a[href$='/decide']");
        browser.click("main fieldset input[value=partly]");
        browser.fill("reason", "Có quyết định công nhận");
        browser.click("#field-kind option[value=appeal]");
        browser.fill("points", "-0,5");
        browser.follow("main form button.main");
        browser.sees("main", lang::campaigns::partly(VI));
        browser.sees("main", lang::campaigns::next_freeze(VI));
        browser.goto(RANKING);
        browser.sees("main", lang::campaigns::today(VI));

        browser.goto("/campaigns/illustrative-2025/2025-Q4/awards");
        browser.sees("main", &lang::campaigns::not_counted(VI, 1));
        browser.goto("/campaigns/illustrative-2025/2025-Q4/reopen");
        browser.fill("reason", "Kiến nghị được chấp nhận");
        browser.follow("main form button.danger");
        browser.goto("/campaigns/illustrative-2025/2025-Q4/freeze");
        browser.follow("main form button.main");

        browser.goto("/campaigns/illustrative-2025/2025-Q4/awards");
        browser.fill("decision", "02/QĐ-THU");
        let today = browser.text(".standing");
        assert!(today.contains("31/12/2025"), "{today}");
        browser.fill("decided_on", "không biết");
        browser.follow("main form button.main");
        assert_eq!(browser.texts(".mistakes a").len(), 1, "{}", browser.path());
        assert_eq!(browser.property("#field-decision", "value"), "02/QĐ-THU");
    });
}

#[test]
fn campaign_pages_hold_to_the_rules() {
    lend(Scripts::On, |browser| {
        browser.turn_to(&shared().url(""));
        let mut faults = Vec::new();
        for path in [
            "/campaigns?lang=vi",
            "/campaigns/campaign-124?lang=vi",
            "/campaigns/campaign-124/2022-Q4/hamlets?lang=vi&under=935",
            "/campaigns/illustrative-2025/2025-Q2/communes?lang=vi",
            "/campaigns/illustrative-2025/2025-Q1/awards?lang=vi",
        ] {
            browser.goto(path);
            faults.extend(audit(browser, path));
        }
        browser.goto("/campaigns/illustrative-2025/2025-Q2/communes");
        browser.follow("main tbody th a");
        faults.extend(audit(browser, "a unit"));
        let copy = Copy::new();
        browser.turn_to(&copy.server.url(""));
        sign_in(browser, "/campaigns");
        let unit = open_unit(browser);
        for path in [
            format!("{unit}/adjust"),
            "/campaigns/illustrative-2025/2025-Q4/freeze".to_owned(),
            "/campaigns/illustrative-2025/2025-Q2/reopen".to_owned(),
            "/campaigns/illustrative-2025/2025-Q2/awards".to_owned(),
        ] {
            browser.goto(&path);
            faults.extend(audit(browser, &path));
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}
