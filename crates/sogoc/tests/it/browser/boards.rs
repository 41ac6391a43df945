//! The dashboard from the overview, and an index from the targets, as anybody may read them.

use super::client::{Browser, Scripts};
use super::pages::audit;
use super::province::shared;
use super::{in_province, lend};

#[test]
fn dashboard_opened_from_the_overview_shows_its_charts_and_their_tables() {
    in_province(|browser| {
        browser.goto("/?lang=vi");
        browser.follow("main a[href='/dashboard']");
        browser.sees("h1", "Bảng điều hành");
        assert_eq!(browser.texts("main figure.chart").len(), 20, "{}", browser.path());
        browser.follow("nav.tabs a[href*='map=2025-06-30']");
        browser.sees(".standing", "30/06/2025");
        // From a chart to the indicator behind it, still on that map.
        browser.follow("main .board a[href^='/indicators/online-dossiers']");
        browser.sees(".standing", "30/06/2025");
    });
}

#[test]
fn index_opened_from_the_targets_says_what_is_not_measured() {
    in_province(|browser| {
        browser.goto("/targets?lang=vi");
        browser.follow("main a[href='/indexes']");
        browser.follow("main a[href^='/indexes/766']");
        browser.sees("main", "94 điểm chưa đo được");
        browser.follow("main tbody a[href^='/figures/online-dossiers/']");
        browser.sees("h1", "");
    });
}

#[test]
fn dashboard_and_index_hold_to_the_rules_in_both_colours() {
    lend(Scripts::On, |browser: &mut Browser| {
        browser.turn_to(&shared().url(""));
        let mut faults = Vec::new();
        for path in ["/dashboard?lang=vi", "/indexes/766?lang=vi", "/indexes/dti/2022?lang=en"] {
            browser.goto(path);
            browser.run("document.querySelectorAll('details').forEach(it => it.open = true)");
            faults.extend(audit(browser, path));
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}
