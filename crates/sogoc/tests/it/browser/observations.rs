//! Data entry: reporting, correcting, importing.

use lang::Lang;

use super::client::Browser;
use super::province::Copy;
use super::{in_copy, number, sign_in};

/// A hamlet and a day without a report: the made-up reports stand at the end of quarters.
const HAMLET: &str = "3144701";
const DAY: &str = "15/05/2026";
const FIGURE: &str = "/figures/households/3144701/2026-05?lang=vi";

#[test]
fn count_reported_and_corrected_is_in_the_figure_with_both_versions() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/observations/new");
        fill_report(browser, HAMLET, "654");
        browser.follow("main form button.main");
        browser.sees("main", lang::observations::done_reported(Lang::Vietnamese));
        browser.sees("main", "Ấp Hòa An");
        let observation = browser.path().split('?').next().unwrap_or_default().to_owned();
        browser.goto(FIGURE);
        assert_eq!(number(&browser.text(".figures .value")), 654, "{FIGURE}");

        browser.goto(&format!("{observation}/correct"));
        browser.fill("value", "653");
        browser.fill("reason", "Đếm hai lần một hộ");
        browser.follow("main form button.main");
        browser.sees("main", lang::observations::done_corrected(Lang::Vietnamese));
        let versions = browser.texts("main tbody tr");
        assert_eq!(versions.len(), 2, "{observation}: {versions:?}");
        browser.sees("main tbody", "Đếm hai lần một hộ");
        browser.sees("main tbody", "654");
        browser.follow("main tbody a[href^='/entries/']");
        browser.sees("main", "\u{2212}1");
        browser.sees("main", "admin");
        browser.goto(FIGURE);
        assert_eq!(number(&browser.text(".figures .value")), 653, "{FIGURE}");
    });
}

fn fill_report(browser: &Browser, unit: &str, value: &str) {
    browser.click("#field-measure option[value=households]");
    browser.fill("when", DAY);
    browser.fill("unit", unit);
    browser.fill("value", value);
    browser.fill("source", "Sổ theo dõi của ấp (thử nghiệm)");
}

#[test]
fn count_below_a_part_of_it_is_asked_about_and_written_when_confirmed() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/observations/new");
        fill_report(browser, HAMLET, "3");
        browser.follow("main form button.main");
        browser.sees("main", "lớn hơn Số hộ (3)");
        browser.goto(FIGURE);
        assert_ne!(number(&browser.text(".figures .value")), 3, "{FIGURE}");
        browser.goto("/tasks/observations/new");
        fill_report(browser, HAMLET, "3");
        browser.follow("main form button.main");
        browser.click("#field-confirmed");
        browser.follow("main form button.main");
        browser.sees("main", lang::observations::done_reported(Lang::Vietnamese));
        browser.goto(FIGURE);
        assert_eq!(number(&browser.text(".figures .value")), 3, "{FIGURE}");
    });
}

#[test]
fn count_with_mistakes_keeps_what_was_typed_and_leads_to_the_fields() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/observations/new");
        fill_report(browser, HAMLET, "ba trăm");
        browser.fill("source", "");
        browser.follow("main form button.main");
        let links = browser.texts(".mistakes a");
        assert_eq!(links.len(), 2, "{}: {links:?}", browser.path());
        for (name, typed) in [("value", "ba trăm"), ("unit", HAMLET), ("when", DAY)] {
            let kept = browser.property(&format!("#field-{name}"), "value");
            assert_eq!(kept, typed, "{}: {name}", browser.path());
        }
        assert_eq!(browser.property("#field-measure", "value"), "households");
        browser.sees(".field.wrong", lang::observations::bad_value(Lang::Vietnamese));
        browser.click(".mistakes li:first-child a");
        assert_eq!(browser.focused("id"), "field-value", "{}", browser.path());
    });
}

#[test]
fn unit_named_ambiguously_is_offered_to_choose_from() {
    in_copy(|browser, _| {
        sign_in(browser, "/tasks/observations/new");
        fill_report(browser, "ấp 1", "654");
        browser.follow("main form button.main");
        // Many bear the name: first the commune, then which of its own.
        browser.sees("main", lang::observations::which_unit(Lang::Vietnamese));
        browser.click("#field-chosen option[value='31441']");
        browser.follow("main form button.main");
        browser.sees("main fieldset", lang::observations::which_unit(Lang::Vietnamese));
        browser.click("main fieldset input[type=radio]");
        browser.follow("main form button.main");
        browser.sees("main", lang::observations::done_reported(Lang::Vietnamese));
    });
}

const HEADING: &str = "unit_code,measure,day,period,value,source\n";

#[test]
fn file_previewed_is_written_only_when_confirmed() {
    in_copy(|browser, copy| {
        sign_in(browser, "/tasks/observations/import");
        let rows = "3144701,households,2026-05-15,,654,thử\n3144702,dossiers,,2021-05,12,thử\n";
        choose(browser, copy, &format!("{HEADING}{rows}"));
        let preview = browser.texts("main tbody tr");
        assert_eq!(preview.len(), 2, "{}: {preview:?}", browser.path());
        browser.sees("main tbody", "Ấp Hòa An");
        browser.goto(FIGURE);
        browser.sees_no(".figures", "654");
        browser.goto("/tasks/observations/import");
        choose(browser, copy, &format!("{HEADING}{rows}"));
        browser.follow("main form button.main");
        let done = lang::observations::imported(Lang::Vietnamese, 2);
        browser.sees("main", &done);
        browser.goto(FIGURE);
        browser.sees(".figures", "654");
    });
}

#[test]
fn file_with_mistakes_names_rows_and_columns() {
    in_copy(|browser, copy| {
        sign_in(browser, "/tasks/observations/import");
        let rows = "3144701,households,2026-05-15,,654,thử\n\
                    99,households,2026-05-15,,1,thử\n\
                    3144702,nonsense,2026-05-15,,x,thử\n";
        choose(browser, copy, &format!("{HEADING}{rows}"));
        let mistakes = browser.texts("main tbody tr").join("\n");
        for (row, column) in [(3, "unit_code"), (4, "measure"), (4, "value")] {
            let place = lang::observations::at_cell(
                Lang::Vietnamese,
                lang::observations::AtCell { column, row },
            );
            assert!(mistakes.contains(&place), "{}: no {place:?}: {mistakes}", browser.path());
        }
        browser.goto(FIGURE);
        browser.sees_no(".figures", "654");
    });
}

fn choose(browser: &Browser, copy: &Copy, content: &str) {
    browser.choose_files("file", &[&copy.file("counts.csv", content)]);
    browser.follow("main form button.main");
}
