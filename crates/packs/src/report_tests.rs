//! Forms of reports: mistakes are named with their line, and none is left without what it shows.

use base::{Clock, Error, Moment};
use store::testing::TestDatabase;

use crate::tests::{INDICATORS, MEASURES, files, places};
use crate::{Catalogue, ReportPart, StepKind, Which, apply, plan, read};

const CALENDARS: &str = r#"
[[calendars]]
code = "civil"
name = { vi = "Kỳ dương lịch" }
opens_on = 1
document = { vi = "Không" }
"#;
const REPORTS: &str = r#"
[[reports]]
code = "form"
form = "01/T"
title = { vi = "Biểu thử" }
reporting = { vi = "Ủy ban nhân dân" }
receiving = { vi = "Sở A" }
every = "quarter"
calendar = "civil"
units = { level = "commune", total = { vi = "Tổng số" } }
columns = [
    { indicator = "households", header = { vi = "Số hộ" }, group = { vi = "Hộ" } },
    { indicator = "households", period = "year_before", header = { vi = "Năm trước" } },
]
notes = [{ vi = "Ghi chú" }]
signatures = [{ title = { vi = "Thủ trưởng" }, role = { vi = "(Ký)" }, signer = true }]
"#;

fn with(from: &str, to: &str) -> String {
    assert!(REPORTS.contains(from), "{from}");
    REPORTS.replacen(from, to, 1)
}

#[test]
fn mistakes_in_forms_are_named_with_their_line() {
    let column = "{ indicator = \"households\", header = { vi = \"x\" } },";
    let lines = "lines = [{ indicator = \"households\" }]";
    let units = "units = { level = \"commune\", total = { vi = \"Tổng số\" } }";
    let of_lines = with(units, lines).replace("indicator = \"households\", header", "header");
    let of_lines = of_lines.replace("indicator = \"households\", period", "period");
    for (reports, expected) in [
        (REPORTS.to_owned(), vec![]),
        (of_lines.clone(), vec![]),
        (with("\"form\"", "\"Biểu\""), vec!["reports.toml:3 code"]),
        (with("\"01/T\"", "\" \""), vec!["reports.toml:4 form"]),
        (with("\"01/T\"", &format!("{:?}", "1".repeat(41))), vec!["reports.toml:4 form"]),
        (with("Biểu thử", ""), vec!["reports.toml:5 title"]),
        (with("Biểu thử", &"ộ".repeat(501)), vec!["reports.toml:5 title"]),
        (with("\"quarter\"", "\"week\""), vec!["reports.toml:8"]),
        (with("\"civil\"", "\"moon\""), vec!["reports.toml:9 calendar"]),
        (with("\"commune\"", "\"province\""), vec!["reports.toml:10 units"]),
        (with("\"commune\"", "\"xã\""), vec!["reports.toml:10 units"]),
        (with("Tổng số", ""), vec!["reports.toml:10 units"]),
        (with(units, &format!("{units}\n{lines}")), vec!["reports.toml:10 units"; 1]),
        (with(units, ""), vec!["reports.toml:2 units", "reports.toml:11 columns"]),
        (of_lines.replace("\"households\" }]", "\"none\" }]"), vec!["reports.toml:10 lines"]),
        (with("\"households\"", "\"none\""), vec!["reports.toml:11 columns"]),
        (with("indicator = \"households\", ", ""), vec!["reports.toml:11 columns"]),
        (with("header =", "part = \"denominator\", header ="), vec!["reports.toml:11 columns"]),
        (with("header =", "part = \"mean\", header ="), vec!["reports.toml:12"]),
        (with("\"Số hộ\"", "\"\""), vec!["reports.toml:11 columns"]),
        (
            with("columns = [", &format!("columns = [{}", column.repeat(39))),
            vec!["reports.toml:11 columns"],
        ),
        (with("\"Ghi chú\"", "\" \""), vec!["reports.toml:15 notes"]),
        (with(", signer = true", ""), vec!["reports.toml:16 signatures"]),
        (with("\"(Ký)\"", "\"\""), vec!["reports.toml:16 signatures"]),
        (
            with("notes", "under = { code = \"93\", on = \"2025\" }\nnotes"),
            vec!["reports.toml:15 under"],
        ),
        (with("notes", "surprise = 1\nnotes"), vec!["reports.toml:15"]),
        (format!("{REPORTS}{REPORTS}"), vec!["reports.toml:19 code"]),
    ] {
        let files = files(&[
            ("measures.toml", MEASURES),
            ("indicators.toml", INDICATORS),
            ("calendars.toml", CALENDARS),
            ("reports.toml", &reports),
        ]);
        let mut found = places(&files);
        // A form of units that names none of them says so of each of its columns.
        found.dedup();
        assert_eq!(found, expected, "{reports}");
    }
}

#[test]
fn what_a_form_leaves_out_is_the_usual() {
    let files = files(&[
        ("measures.toml", MEASURES),
        ("indicators.toml", INDICATORS),
        ("calendars.toml", CALENDARS),
        ("reports.toml", REPORTS),
    ]);
    let pack = read(&files, &Catalogue::default()).unwrap();
    let columns = &pack.reports[0].columns;
    assert_eq!((columns[0].part, columns[0].period), (ReportPart::Value, Which::Current));
    assert_eq!(columns[1].period, Which::YearBefore);
    assert!(pack.reports[0].document.is_none() && pack.reports[0].under.is_none());
}

#[tokio::test]
async fn no_form_is_left_without_its_indicator_or_its_calendar() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
        let mut tx = database.write().await.unwrap();
        let all = [
            ("measures.toml", MEASURES),
            ("indicators.toml", INDICATORS),
            ("calendars.toml", CALENDARS),
            ("reports.toml", REPORTS),
        ];
        let pack = read(&files(&all), &Catalogue::default()).unwrap();
        let steps = apply(&mut tx, &clock, "tester", &pack).await.unwrap();
        assert!(steps.iter().any(|step| step.kind == "report" && step.step == StepKind::Add));
        let known = Catalogue::load(&mut tx).await.unwrap();
        assert_eq!(known.report("form"), Some(&pack.reports[0]));
        assert_eq!(known.reports(), [&pack.reports[0]]);
        let (count, faults) = crate::verify(&mut tx).await.unwrap();
        assert_eq!((count, faults), (1, Vec::<String>::new()));
        // The form becomes that of another pack; its own goes on without what it shows.
        let sql = "update definitions set pack = 'other' where kind = 'report'";
        tx.run(sql, store::values![]).await.unwrap();
        for without in ["indicators.toml", "calendars.toml"] {
            let rest: Vec<_> = all.into_iter().filter(|(name, _)| *name != without).collect();
            let rest: Vec<_> =
                rest.into_iter().filter(|(name, _)| *name != "reports.toml").collect();
            let less = read(&files(&rest), &Catalogue::default()).unwrap();
            let refused = plan(&mut tx, &less).await;
            let is_it =
                matches!(refused, Err(Error::Refused { code: "packs.report_referenced", .. }));
            assert!(is_it, "{without}: {refused:?}");
        }
    }
}
