//! Packs: mistakes are named with their line, and applying is planned first.

use base::{Clock, Error, Moment};
use lang::Lang;
use store::testing::TestDatabase;

use crate::{Catalogue, PackFiles, StepKind, apply, plan, read};

const HEADER: &str = "name = \"test\"\nversion = \"1\"\ntitle = { vi = \"Thử\" }\n";
pub(crate) const MEASURES: &str = r#"
[[measures]]
code = "households"
name = { vi = "Hộ" }
definition = { vi = "Hộ gia đình" }
counted = "household"
nature = "stock"

[[measures]]
code = "people"
name = { vi = "Người" }
definition = { vi = "Nhân khẩu" }
counted = "person"
nature = "stock"
"#;
const COUNTS: &str = r#"
[[counts]]
code = "household"
name = { vi = "hộ", en = "households" }

[[counts]]
code = "person"
name = { vi = "người" }
"#;
pub(crate) const INDICATORS: &str = r#"
[[indicators]]
code = "households"
name = { vi = "Số hộ" }
definition = { vi = "Số hộ" }
numerator = "households"
direction = "none"
document = { vi = "Không" }
reported_by = "hamlet"
"#;

/// The files of a pack with a header and units of count, if they are not among them.
pub(crate) fn files(list: &[(&str, &str)]) -> PackFiles {
    let mut files = PackFiles { folder: "test".to_owned(), ..PackFiles::default() };
    files.files.insert("pack.toml".to_owned(), HEADER.into());
    files.files.insert("counts.toml".to_owned(), COUNTS.into());
    for (name, content) in list {
        files.files.insert((*name).to_owned(), (*content).into());
    }
    files
}

pub(crate) fn places(files: &PackFiles) -> Vec<String> {
    match read(files, &Catalogue::default()) {
        Ok(_) => Vec::new(),
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.place).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn each_mistake_is_named_with_file_and_line() {
    let with = |from: &str, to: &str| INDICATORS.replace(from, to);
    for (indicators, expected) in [
        (INDICATORS.to_owned(), vec![]),
        (
            with("numerator = \"households\"", "numerator = \"unknown\""),
            vec!["indicators.toml:6 numerator"],
        ),
        (with("direction = \"none\"", "direction = \"sideways\""), vec!["indicators.toml:7"]),
        (
            with("direction = \"none\"", "direction = \"none\"\ndenominator = \"people\""),
            vec!["indicators.toml:8 denominator"],
        ),
        (
            with("reported_by = \"hamlet\"", "reported_by = \"street\"\ndecimals = 9"),
            vec!["indicators.toml:10 decimals", "indicators.toml:9 reported_by"],
        ),
        (with("code = \"households\"", "code = \"Số hộ\""), vec!["indicators.toml:3 code"]),
        (
            with("{ vi = \"Số hộ\" }\ndefinition", "{ vi = \"\" }\ndefinition"),
            vec!["indicators.toml:4 name"],
        ),
        (with("document", "surprise = 1\ndocument"), vec!["indicators.toml:8"]),
        (format!("{INDICATORS}{INDICATORS}"), vec!["indicators.toml:12 code"]),
        ("[[indicators]\n".to_owned(), vec!["indicators.toml:1"]),
        (with("code = \"households\"", "code = \"\u{212a}\""), vec!["indicators.toml:3 code"]),
        (
            with("direction", "denominator = \"households\"\ndirection"),
            vec!["indicators.toml:7 denominator"],
        ),
    ] {
        let files = files(&[("measures.toml", MEASURES), ("indicators.toml", &indicators)]);
        assert_eq!(places(&files), expected, "{indicators}");
    }
}

#[test]
fn calendars_are_told_apart_by_their_prefixes() {
    let calendar = |code: &str, prefix: &str, opens_on: i8| {
        format!(
            "[[calendars]]\ncode = \"{code}\"\nname = {{ vi = \"Kỳ\" }}\nprefix = \"{prefix}\"\n\
             opens_on = {opens_on}\ndocument = {{ vi = \"Không\" }}\n"
        )
    };
    let civil = calendar("civil", "", 1);
    for (more, expected) in [
        (calendar("state", "R", 15), vec![]),
        (calendar("state", "", 15), vec!["calendars.toml:10 prefix", "calendars.toml:10 prefix"]),
        (calendar("state", "", 1), vec!["calendars.toml:10 prefix"]),
        (calendar("state", "R2", 15), vec!["calendars.toml:10 prefix"]),
        (calendar("state", "r", 15), vec!["calendars.toml:10 prefix"]),
        (calendar("state", "KỲ", 15), vec!["calendars.toml:10 prefix"]),
        (calendar("state", "A/B", 15), vec!["calendars.toml:10 prefix"]),
        (calendar("state", "ABCDEFGHI", 15), vec!["calendars.toml:10 prefix"]),
        (calendar("state", "R", 29), vec!["calendars.toml:11 opens_on"]),
        (calendar("state", "R", 15).replace("Kỳ", " "), vec!["calendars.toml:9 name"]),
        (calendar("state", "R", 15).replace("Không", ""), vec!["calendars.toml:12 document"]),
    ] {
        let list = format!("{civil}{more}");
        assert_eq!(places(&files(&[("calendars.toml", &list)])), expected, "{list}");
    }
}

#[test]
fn a_claim_says_in_vietnamese_what_it_is_and_gives_its_digits() {
    const CLAIM: &str = r#"
[[claims]]
id = "X1"
title = { vi = "Thử" }
said = { vi = "3,3%" }
source = { vi = "Tự đặt" }
said_on = "2025-01-01"
unit = "93"
unit_on = "2025-01-01"
counted = "household"
check = "ratio"
claimed_percent = "3.3"
decimals = 1
numerator = { value = 1, name = { vi = "Tử" }, counted = "household" }
denominator = { value = 30, name = { vi = "Mẫu" }, counted = "household" }
note = { vi = "Tự đặt" }
"#;
    for (from, to, expected) in [
        ("", "", vec![]),
        ("decimals = 1", "decimals = 0", vec!["claims.toml:13 decimals"]),
        ("decimals = 1", "decimals = 2", vec!["claims.toml:13 decimals"]),
        ("decimals = 1", "decimals = 40", vec!["claims.toml:13 decimals"]),
        (
            "\"3.3\"\ndecimals = 1",
            "\"3.33333\"\ndecimals = 5",
            vec!["claims.toml:13 decimals", "claims.toml:12 claimed_percent"],
        ),
        (
            "title = { vi = \"Thử\" }",
            "title = { vi = \" \", en = \"Try\" }",
            vec!["claims.toml:4 title"],
        ),
        ("said = { vi = \"3,3%\" }", "said = { vi = \"\" }", vec!["claims.toml:5 said"]),
        ("source = { vi = \"Tự đặt\" }", "source = { vi = \"\" }", vec!["claims.toml:6 source"]),
        ("note = { vi = \"Tự đặt\" }", "note = { vi = \"\" }", vec!["claims.toml:16 note"]),
        ("{ vi = \"Mẫu\" }", "{ vi = \"\" }", vec!["claims.toml:15 denominator"]),
    ] {
        let claim = CLAIM.replacen(from, to, 1);
        assert_eq!(places(&files(&[("claims.toml", &claim)])), expected, "{claim}");
    }
    let mut untitled = files(&[]);
    untitled.files.insert("pack.toml".to_owned(), HEADER.replace("Thử", "").into());
    assert_eq!(places(&untitled), ["pack.toml:3 title"]);
}

const SHARES: &str = r#"
[[claims]]
id = "X1"
title = { vi = "Thử" }
said = { vi = "60%, 40%" }
source = { vi = "Tự đặt" }
said_on = "2025-01-01"
unit = "93"
unit_on = "2025-01-01"
counted = "household"
check = "shares"
shares = [
  { name = { vi = "Phần" }, percent = "60" },
  { name = { vi = "Rest" }, percent = "40" },
]
note = { vi = "Tự đặt" }
"#;

#[test]
fn bases_by_a_rule_are_given_for_all_shares_and_with_the_rule() {
    let by_rule = |basis: &str| format!("percent = \"60\", basis_by_rule = {{ vi = \"{basis}\" }}");
    let first = |basis: &str| SHARES.replace("percent = \"60\"", &by_rule(basis));
    let both = |basis: &str| first(basis).replace("percent = \"40\"", &by_rule(basis));
    let with = |claim: String, rule: &str| {
        claim.replace("note =", &format!("basis_rule = {{ vi = \"{rule}\" }}\nnote ="))
    };
    for (claim, expected) in [
        (SHARES.to_owned(), vec![]),
        (SHARES.replace("percent = \"60\"", "percent = \"60\", basis = { vi = \"hộ\" }"), vec![]),
        (with(both("số hộ"), "Luật"), vec![]),
        (both("số hộ"), vec!["claims.toml:12 shares"]),
        (with(first("số hộ"), "Luật"), vec!["claims.toml:12 shares"]),
        (with(SHARES.to_owned(), "Luật"), vec!["claims.toml:12 shares"]),
        (with(both("số hộ"), ""), vec!["claims.toml:16 basis_rule"]),
        (with(both(" "), "Luật"), vec!["claims.toml:12 shares", "claims.toml:12 shares"]),
    ] {
        assert_eq!(places(&files(&[("claims.toml", &claim)])), expected, "{claim}");
    }
}

#[test]
fn what_is_counted_in_is_declared_or_named_with_its_line() {
    let measures = |counted: &str| MEASURES.replacen("\"household\"", counted, 1);
    let claims = |from: &str, to: &str| {
        let claim =
            SHARES.replace("check = \"shares\"", "check = \"none\"\nclaimed_counted = \"person\"");
        claim.replace(from, to).replace(
            "note =",
            "numerator = { value = 1, name = { vi = \"Tử\" }, counted = \"person\" }\nnote =",
        )
    };
    for (name, content, expected) in [
        ("measures.toml", measures("\"household\""), vec![]),
        ("measures.toml", measures("\"model\""), vec!["measures.toml:6 counted"]),
        ("measures.toml", measures("\"Household\""), vec!["measures.toml:6 counted"]),
        ("claims.toml", claims("", ""), vec![]),
        ("claims.toml", claims("\"household\"", "\"model\""), vec!["claims.toml:10 counted"]),
        (
            "claims.toml",
            claims("claimed_counted = \"person\"", "claimed_counted = \"model\""),
            vec!["claims.toml:12 claimed_counted"],
        ),
        (
            "claims.toml",
            claims("", "").replace("counted = \"person\" }", "counted = \"model\" }"),
            vec!["claims.toml:17 numerator"],
        ),
        ("counts.toml", COUNTS.replace("\"hộ\"", "\"\""), vec!["counts.toml:4 name"]),
        ("counts.toml", COUNTS.replace("\"person\"", "\"household\""), vec!["counts.toml:7 code"]),
        ("counts.toml", COUNTS.replace("person", "Người"), vec!["counts.toml:7 code"]),
    ] {
        assert_eq!(places(&files(&[(name, &content)])), expected, "{content}");
    }
}

#[tokio::test]
async fn units_of_one_level_report_a_measure() {
    let second = INDICATORS.replacen("code = \"households\"", "code = \"second\"", 1);
    let by_commune = second.replace("\"hamlet\"", "\"commune\"");
    let both = format!("{INDICATORS}{by_commune}");
    let mixed = files(&[("measures.toml", MEASURES), ("indicators.toml", &both)]);
    assert_eq!(places(&mixed), ["indicators.toml:18 reported_by"]);
    for database in TestDatabase::each().await {
        let mut tx = database.write().await.unwrap();
        let by_hamlet = files(&[("measures.toml", MEASURES), ("indicators.toml", INDICATORS)]);
        let pack = read(&by_hamlet, &Catalogue::default()).unwrap();
        apply(&mut tx, &clock(), "tester", &pack).await.unwrap();
        let known = Catalogue::load(&mut tx).await.unwrap();
        // Another pack may use the measure for units of the same level.
        for (indicators, expected) in [(&second, None), (&by_commune, Some("packs.levels_differ"))]
        {
            let mut other = files(&[("indicators.toml", indicators)]);
            other.files.insert("pack.toml".to_owned(), HEADER.replace("test", "other").into());
            other.files.remove("counts.toml");
            let other = read(&other, &known).unwrap();
            assert_eq!(refusal(plan(&mut tx, &other).await), expected, "{indicators}");
        }
        // The level may change until somebody has reported.
        let changed = INDICATORS.replace("\"hamlet\"", "\"commune\"");
        let changed = files(&[("measures.toml", MEASURES), ("indicators.toml", &changed)]);
        let changed = read(&changed, &known).unwrap();
        assert_eq!(refusal(plan(&mut tx, &changed).await), None);
        post(&mut tx, known.measure("households").unwrap().number).await;
        assert_eq!(refusal(plan(&mut tx, &changed).await), Some("packs.level_posted"));
        assert_eq!(refusal(plan(&mut tx, &pack).await), None);
    }
}

#[tokio::test]
async fn a_unit_of_count_that_is_named_is_always_declared() {
    const OTHER: &str = "name = \"other\"\nversion = \"1\"\ntitle = { vi = \"Khác\" }\n";
    for database in TestDatabase::each().await {
        let mut tx = database.write().await.unwrap();
        let units = read(&files(&[]), &Catalogue::default()).unwrap();
        apply(&mut tx, &clock(), "tester", &units).await.unwrap();
        let known = Catalogue::load(&mut tx).await.unwrap();
        assert_eq!(known.counted(Lang::English, "household"), "households");
        assert_eq!(known.counted(Lang::English, "person"), "người");
        let of_other = |counts: Option<&str>| {
            let mut other = files(&[("measures.toml", MEASURES)]);
            other.files.insert("pack.toml".to_owned(), OTHER.into());
            other.files.remove("counts.toml");
            other.files.extend(counts.map(|text| ("counts.toml".to_owned(), text.into())));
            other
        };
        let other = read(&of_other(None), &known).unwrap();
        apply(&mut tx, &clock(), "tester", &other).await.unwrap();
        // Its name may change; it may not go while another pack counts in it, nor move there.
        let renamed = COUNTS.replace("\"hộ\"", "\"hộ gia đình\"");
        let fewer = COUNTS.rsplit_once("\n\n").unwrap().0;
        for (counts, expected) in [(renamed.as_str(), None), (fewer, Some("packs.count_unknown"))] {
            let pack = read(&files(&[("counts.toml", counts)]), &known).unwrap();
            assert_eq!(refusal(plan(&mut tx, &pack).await), expected, "{counts}");
        }
        let moved = read(&of_other(Some(COUNTS)), &known).unwrap();
        assert_eq!(refusal(plan(&mut tx, &moved).await), Some("packs.foreign"));
        // Nor may a pack drop what it counts in itself, although it is known until then.
        let own =
            MEASURES.replace("\"households\"", "\"own\"").replace("\"people\"", "\"own_people\"");
        let pack = read(&files(&[("measures.toml", &own)]), &known).unwrap();
        apply(&mut tx, &clock(), "tester", &pack).await.unwrap();
        let known = Catalogue::load(&mut tx).await.unwrap();
        let pack =
            read(&files(&[("measures.toml", &own), ("counts.toml", fewer)]), &known).unwrap();
        assert_eq!(
            refusal(apply(&mut tx, &clock(), "tester", &pack).await),
            Some("packs.count_unknown")
        );
    }
}

#[test]
fn hostile_files_are_refused_with_their_place() {
    let mut broken = files(&[]);
    broken.files.insert("measures.toml".to_owned(), b"a = 1\nb = \"\xff\"".to_vec());
    assert_eq!(places(&broken), ["measures.toml:2"]);
    let deep = format!("measures = {}", "[".repeat(100_000));
    assert_eq!(places(&files(&[("measures.toml", &deep)])).len(), 1);
    let mut headless = files(&[]);
    headless.files.clear();
    assert_eq!(places(&headless), ["test/pack.toml"]);
}

#[tokio::test]
async fn a_pack_is_planned_applied_changed_and_applied_again() {
    let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
    for database in TestDatabase::each().await {
        let first = files(&[("measures.toml", MEASURES), ("indicators.toml", INDICATORS)]);
        let pack = read(&first, &Catalogue::default()).unwrap();
        let mut tx = database.write().await.unwrap();
        assert_eq!(plan(&mut tx, &pack).await.unwrap().len(), 5);
        assert_eq!(apply(&mut tx, &clock, "tester", &pack).await.unwrap().len(), 5);
        assert_eq!(apply(&mut tx, &clock, "tester", &pack).await.unwrap(), []);
        let catalogue = Catalogue::load(&mut tx).await.unwrap();
        let numbers: Vec<i64> = catalogue.measures().map(|measure| measure.number).collect();
        assert_eq!((numbers, catalogue.revision), (vec![1, 2], 1));

        let fewer = MEASURES.split("\n\n").next().unwrap().replace("Hộ gia đình", "Hộ thường trú");
        let second = files(&[("measures.toml", &fewer), ("indicators.toml", INDICATORS)]);
        let pack = read(&second, &Catalogue::default()).unwrap();
        let steps = apply(&mut tx, &clock, "tester", &pack).await.unwrap();
        let kinds: Vec<_> = steps.iter().map(|step| (step.code.as_str(), step.step)).collect();
        assert_eq!(kinds, [("households", StepKind::Change), ("people", StepKind::Remove)]);
        let catalogue = Catalogue::load(&mut tx).await.unwrap();
        let households = &catalogue.measure("households").unwrap().definition;
        assert_eq!(households.definition.say(Lang::English), "Hộ thường trú");
        tx.commit().await.unwrap();
        assert!(journal::verify(&database, &journal::Trust::default()).await.unwrap().holds());
    }
}

fn clock() -> Clock {
    Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap())
}

/// A count of 3 in some unit for the measure of this number.
async fn post(tx: &mut store::Tx, measure: i64) {
    let clock = clock();
    let posting = journal::Posting { measure, unit: 1, day: clock.today(), delta: 3, records: 1 };
    let entry = journal::NewEntry {
        id: base::Id::new(&clock),
        actor: "tester".to_owned(),
        cause: "test",
        record_kind: "test",
        record_id: "1".to_owned(),
        record_version: 1,
        content_hash: [0; 32],
        postings: vec![posting],
    };
    journal::append(tx, &clock, vec![entry]).await.unwrap();
}

/// The code of the refusal, or nothing.
fn refusal<T>(result: base::Result<T>) -> Option<&'static str> {
    match result {
        Ok(_) => None,
        Err(Error::Refused { code, .. }) => Some(code),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_measure_that_is_posted_or_used_stays_what_it_is() {
    const OTHER: &str = "name = \"other\"\nversion = \"1\"\ntitle = { vi = \"Khác\" }\n";
    let people = INDICATORS.replace("households", "people");
    let without_people = MEASURES.split("\n\n").next().unwrap().to_owned();
    let people_used = "packs.measure_referenced";
    for database in TestDatabase::each().await {
        let mut tx = database.write().await.unwrap();
        let first = files(&[("measures.toml", MEASURES), ("indicators.toml", INDICATORS)]);
        let pack = read(&first, &Catalogue::default()).unwrap();
        apply(&mut tx, &clock(), "tester", &pack).await.unwrap();
        let known = Catalogue::load(&mut tx).await.unwrap();
        let mut other = files(&[("indicators.toml", &people)]);
        other.files.insert("pack.toml".to_owned(), OTHER.into());
        other.files.remove("counts.toml");
        let other = read(&other, &known).unwrap();
        apply(&mut tx, &clock(), "tester", &other).await.unwrap();
        post(&mut tx, known.measure("households").unwrap().number).await;

        let both = |from: &str, to: &str| MEASURES.replacen(from, to, 1);
        for (measures, expected) in [
            // A name or definition may change, and what nobody has counted yet may change in all.
            (both("Hộ gia đình", "Hộ thường trú"), None),
            (both("\"person\"", "\"household\""), None),
            (both("\"household\"", "\"person\""), Some("packs.measure_posted")),
            (both("\"stock\"", "\"flow\""), Some("packs.measure_posted")),
            (without_people.clone(), Some(people_used)),
        ] {
            let changed = files(&[("measures.toml", &measures), ("indicators.toml", INDICATORS)]);
            let pack = read(&changed, &known).unwrap();
            assert_eq!(refusal(plan(&mut tx, &pack).await), expected, "{measures}");
            let result = if expected.is_some() {
                apply(&mut tx, &clock(), "tester", &pack).await
            } else {
                continue;
            };
            assert_eq!(refusal(result), expected, "{measures}");
        }
        // A pack cannot drop a measure and keep its own indicator of it either.
        let pack = read(&files(&[("indicators.toml", INDICATORS)]), &known).unwrap();
        assert_eq!(refusal(plan(&mut tx, &pack).await), Some("packs.measure_in_use"));
        let kept = files(&[("measures.toml", MEASURES), ("indicators.toml", &people)]);
        let kept = read(&kept, &known).unwrap();
        assert_eq!(refusal(plan(&mut tx, &kept).await), Some("packs.foreign"));
    }
}

#[tokio::test]
async fn two_packs_cannot_have_calendars_of_one_prefix() {
    const LIST: &str = "[[calendars]]\ncode = \"state\"\nname = { vi = \"Kỳ\" }\nprefix = \"R\"\n\
                        opens_on = 15\ndocument = { vi = \"Không\" }\n";
    let database = TestDatabase::sqlite().await;
    let mut tx = database.write().await.unwrap();
    let pack = read(&files(&[("calendars.toml", LIST)]), &Catalogue::default()).unwrap();
    apply(&mut tx, &clock(), "tester", &pack).await.unwrap();
    // The same pack may give its calendar another code; another pack may not take the prefix.
    let renamed = LIST.replace("\"state\"", "\"official\"");
    let pack = read(&files(&[("calendars.toml", &renamed)]), &Catalogue::default()).unwrap();
    assert_eq!(refusal(plan(&mut tx, &pack).await), None);
    let mut other = files(&[("calendars.toml", &renamed)]);
    other.files.insert("pack.toml".to_owned(), HEADER.replace("\"test\"", "\"other\"").into());
    other.files.remove("counts.toml");
    let other = read(&other, &Catalogue::default()).unwrap();
    assert_eq!(refusal(plan(&mut tx, &other).await), Some("packs.prefix_taken"));
}

#[tokio::test]
async fn a_new_version_of_a_pack_is_a_step_of_its_own() {
    for database in TestDatabase::each().await {
        let mut tx = database.write().await.unwrap();
        let mut files = files(&[("measures.toml", MEASURES)]);
        let pack = read(&files, &Catalogue::default()).unwrap();
        apply(&mut tx, &clock(), "tester", &pack).await.unwrap();
        let newer = HEADER.replace("version = \"1\"", "version = \"2\"");
        files.files.insert("pack.toml".to_owned(), newer.into());
        let pack = read(&files, &Catalogue::default()).unwrap();
        let steps = apply(&mut tx, &clock(), "tester", &pack).await.unwrap();
        let kinds: Vec<_> = steps.iter().map(|it| (it.kind, it.code.as_str(), it.step)).collect();
        assert_eq!(kinds, [("pack", "test", StepKind::Change)]);
        assert_eq!(plan(&mut tx, &pack).await.unwrap(), []);
    }
}
