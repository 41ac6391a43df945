//! Figures: from the overview down to the entries, on both maps; claims.

use lang::Lang;

use super::client::Browser;
use super::{in_province, number};

const INDICATOR: &str = "/indicators/households-with-app";
const FIGURES: &str = "/figures/households-with-app";

#[test]
fn indicator_followed_from_the_overview_is_the_same_on_both_maps() {
    in_province(|browser| {
        browser.goto("/?lang=vi");
        browser.follow(&format!("main a[href^='{INDICATOR}']"));
        browser.sees("main", "Thành phố Cần Thơ");
        let new = headline(browser, "92");
        browser.follow("nav.tabs a[href*='map=2025-06-30']");
        browser.sees("main", "Tỉnh Hậu Giang");
        browser.sees(".standing", "30/06/2025");
        assert_eq!(headline(browser, "93"), new, "{}", browser.path());
    });
}

/// The value of the whole province, whose figure bears the province's code.
fn headline(browser: &Browser, code: &str) -> String {
    let whole = format!(".figures a[href^='{FIGURES}/{code}/']");
    browser.sees(&whole, "");
    browser.text(".figures .value")
}

#[test]
fn figure_of_an_old_commune_opened_adds_up_over_all_pages() {
    in_province(|browser| {
        browser.goto(&format!("{INDICATOR}?lang=vi&map=2025-06-30"));
        browser.follow(&format!(".ranking a[href^='{FIGURES}/31447/']"));
        browser.sees("h1", "Xã Vị Thủy");
        let shown = number(&browser.text(".figures > :nth-child(2) .value"));
        // First the places with their numbers, of which the last row is the sum.
        let rows = browser.texts("main tbody tr td:nth-child(2)");
        assert_eq!(rows.last().map(|sum| number(sum)), Some(shown), "{}", browser.path());
        browser.follow("main a[href*='list=entries']");
        let (pages, sum) = sum_of_entries(browser);
        assert!(pages > 1, "{}: the list should have several pages", browser.path());
        assert_eq!(sum, shown, "{}: the entries' sum", browser.path());
        browser.follow("main tbody td a[href^='/entries/']");
        browser.sees("main", "SHA-256");
        browser.follow("main a[href^='/observations/']");
        browser.sees("main", lang::observations::versions(Lang::Vietnamese));
    });
}

/// Walks the pager to its end; gives the pages and the sum of what entries add and take away.
fn sum_of_entries(browser: &Browser) -> (usize, i64) {
    let heads = browser.texts("main thead th");
    let delta = lang::drill::delta(Lang::Vietnamese);
    let column = heads.iter().position(|head| head == delta);
    let column = column.unwrap_or_else(|| panic!("{}: {heads:?}", browser.path())) + 1;
    let cells = format!("main tbody tr > :nth-child({column})");
    let (mut pages, mut sum) = (0, 0);
    loop {
        sum += browser.texts(&cells).iter().map(|cell| number(cell)).sum::<i64>();
        pages += 1;
        if browser.texts(".pager a[rel=next]").is_empty() || pages > 20 {
            return (pages, sum);
        }
        browser.follow(".pager a[rel=next]");
    }
}

#[test]
fn claims_opened_mark_those_that_contradict_themselves() {
    in_province(|browser| {
        browser.goto("/claims?lang=vi");
        let all = claims(browser);
        assert_eq!(all.len(), 23, "{}: {all:?}", browser.path());
        assert_eq!(contradictions(browser), 4, "{}", browser.path());
        browser.follow("nav.tabs a[href*='only=contradictions']");
        let marked = claims(browser);
        assert_eq!(marked, ["F2", "F14", "F15", "F22"], "{}", browser.path());
        assert_eq!(contradictions(browser), 4, "{}", browser.path());
    });
}

/// How many claims are marked as contradicting themselves.
fn contradictions(browser: &Browser) -> usize {
    let mark = lang::claims::contradicts(Lang::Vietnamese);
    browser.texts("main .badge").iter().filter(|badge| *badge == mark).count()
}

/// The names of the claims on the page.
fn claims(browser: &Browser) -> Vec<String> {
    let heads = browser.texts("main h2[id^=F]");
    heads.iter().filter_map(|head| Some(head.split_once('.')?.0.to_owned())).collect()
}
