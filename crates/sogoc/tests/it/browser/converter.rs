//! The converter of addresses: one address, and a whole column.

use lang::Lang;

use super::client::Browser;
use super::province::shared;
use super::{in_copy, in_province};

#[test]
fn address_of_the_examples_is_found_on_both_maps() {
    in_province(|browser| {
        browser.goto("/converter?lang=vi");
        browser.follow("main li a[href^='/converter?address=']");
        browser.sees("main", "31318");
        browser.sees("main", "Phường Vị Thanh, Thành phố Cần Thơ");
        browser.sees("main", "1668/NQ-UBTVQH15");
    });
}

#[test]
fn address_that_fits_two_units_gets_both_to_choose_from() {
    in_province(|browser| {
        convert(browser, "ap 1, vi thuy");
        let candidates = browser.texts("main tbody tr");
        assert_eq!(candidates.len(), 2, "{}: {candidates:?}", browser.path());
        browser.follow("main tbody a");
        browser.sees("main", "31453");
    });
}

#[test]
fn address_of_nonsense_gets_a_reason() {
    in_province(|browser| {
        convert(browser, "xyz abc");
        let reason = lang::address::no_commune(Lang::Vietnamese);
        browser.sees("main", reason);
        assert_eq!(browser.property("#field-address", "value"), "xyz abc", "{}", browser.path());
    });
}

fn convert(browser: &Browser, address: &str) {
    browser.goto("/converter?lang=vi");
    browser.fill("address", address);
    browser.follow("form[action='/converter'] button");
}

#[test]
fn table_uploaded_comes_back_with_new_codes() {
    // A copy only for its folder: the file to upload must lie somewhere.
    in_copy(|browser, copy| {
        let table = "stt;địa chỉ\n1;xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang\n2;xyz abc\n";
        browser.goto("/converter?lang=vi");
        browser.choose_files("file", &[&copy.file("addresses.csv", table)]);
        browser.click("form[action='/converter/table'] button");
        let text = browser.downloaded("chuyen-doi-dia-chi.csv");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{}: {text}", shared().url("/converter"));
        assert!(lines[1].contains(";31447;") && lines[1].contains(";31453;"), "{}", lines[1]);
        assert!(lines[2].starts_with("2;xyz abc;") && !lines[2].contains(";3"), "{}", lines[2]);
    });
}
