//! Packs: mistakes are named with their line, and applying is planned first.

use base::{Clock, Error, Moment};
use lang::Lang;
use store::testing::TestDatabase;

use crate::{Catalogue, PackFiles, StepKind, apply, plan, read};

const HEADER: &str = "name = \"test\"\nversion = \"1\"\ntitle = { vi = \"Thử\" }\n";
const MEASURES: &str = r#"
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
const INDICATORS: &str = r#"
[[indicators]]
code = "households"
name = { vi = "Số hộ" }
definition = { vi = "Số hộ" }
numerator = "households"
direction = "none"
document = { vi = "Không" }
reported_by = "hamlet"
"#;

fn files(list: &[(&str, &str)]) -> PackFiles {
    let mut files = PackFiles { folder: "test".to_owned(), ..PackFiles::default() };
    files.files.insert("pack.toml".to_owned(), HEADER.into());
    for (name, content) in list {
        files.files.insert((*name).to_owned(), (*content).into());
    }
    files
}

fn places(files: &PackFiles) -> Vec<String> {
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
    ] {
        let files = files(&[("measures.toml", MEASURES), ("indicators.toml", &indicators)]);
        assert_eq!(places(&files), expected, "{indicators}");
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
        assert_eq!(plan(&mut tx, &pack).await.unwrap().len(), 3);
        assert_eq!(apply(&mut tx, &clock, "tester", &pack).await.unwrap().len(), 3);
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
        assert!(journal::verify(&database).await.unwrap().holds());
    }
}
