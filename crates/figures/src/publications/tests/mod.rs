//! Publications on both databases: what stays, what is shown beside it, and what is found.

mod files;
mod standing;

use std::collections::BTreeMap;

use ::store::testing::TestDatabase;
use base::rights::Actor;
use base::{Day, Error, Result};
use packs::PackFiles;
use territory::UnitId;

use super::*;
use crate::Period;
use crate::observations::{Correction, correct};
use crate::pages::tests::{Program, hamlets};

/// A small form of the hamlets of a commune, and one of indicators.
const REPORTS: &str = r#"
[[reports]]
code = "small"
form = "01/T"
title = { vi = "Biểu thử" }
reporting = { vi = "=Sở A" }
receiving = { vi = "Ủy ban nhân dân" }
every = "quarter"
calendar = "civil"
under = { code = "31441", on = "2025-07-01" }
units = { level = "hamlet", total = { vi = "Tổng số" } }
columns = [
    { indicator = "households-with-app", part = "denominator", header = { vi = "Số hộ" } },
    { indicator = "households-with-app", part = "numerator", group = { vi = "Hộ cài ứng dụng" }, header = { vi = "Số lượng" } },
    { indicator = "households-with-app", group = { vi = "Hộ cài ứng dụng" }, header = { vi = "Tỷ lệ" } },
]
notes = [{ vi = "Ghi chú thử" }]
signatures = [
    { title = { vi = "Người lập biểu" } },
    { title = { vi = "Thủ trưởng" }, role = { vi = "(Ký, đóng dấu)" }, signer = true },
]

[[reports]]
code = "lines"
form = "02/T"
title = { vi = "Biểu chỉ tiêu" }
document = { vi = "Thông tư thử" }
reporting = { vi = "Sở A" }
receiving = { vi = "Ủy ban nhân dân" }
every = "quarter"
calendar = "civil"
under = { code = "31441", on = "2025-07-01" }
lines = [{ indicator = "households" }, { indicator = "online-dossiers", name = { vi = "Trực tuyến" } }]
columns = [{ header = { vi = "Kỳ này" } }, { period = "before", header = { vi = "Kỳ trước" } }]
signatures = [{ title = { vi = "Thủ trưởng" }, signer = true }]
"#;

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The forms of these tests as a pack.
pub(crate) fn forms() -> PackFiles {
    let files = [
        ("pack.toml", "name = \"forms\"\nversion = \"1\"\ntitle = { vi = \"Biểu\" }\n"),
        ("reports.toml", REPORTS),
    ];
    let files: BTreeMap<String, Vec<u8>> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    PackFiles { folder: "forms".to_owned(), files }
}

/// A program with counts of two quarters, and the forms.
async fn program(database: TestDatabase) -> Program {
    let program = Program::filled_over(database).await;
    program.apply(&forms()).await;
    program
}

pub(crate) fn new(report: &str, number: &str) -> NewPublication {
    NewPublication {
        report: report.to_owned(),
        period: Period::parse("2025-Q2", &[]).unwrap(),
        map: day("2025-07-01"),
        cut_off: None,
        number: number.to_owned(),
        place: "Vị Thanh".to_owned(),
        on: day("2025-07-05"),
        signer: Signer { name: "Người ký".to_owned(), post: "GIÁM ĐỐC".to_owned() },
        replaces: None,
    }
}

pub(crate) async fn publish_it(program: &Program, new: NewPublication) -> Result<Publication> {
    let mut work = program.desk.begin().await?;
    let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
    let it = publish(tx, cx, &program.desk.atlas, new).await?;
    work.tx.commit().await?;
    Ok(it)
}

/// The bytes of its files, the body among them.
async fn bytes(program: &Program, id: &str) -> Vec<Vec<u8>> {
    let mut tx = program.desk.database().read().await.unwrap();
    let mut all = Vec::new();
    for kind in FileKind::ALL {
        all.push(file(&mut tx, id, kind).await.unwrap());
    }
    all
}

async fn faults(program: &Program) -> Vec<String> {
    verify(&mut program.desk.database().read().await.unwrap()).await.unwrap().1
}

async fn changes(program: &Program, reference: &str) -> Vec<Change> {
    let mut tx = program.desk.database().read().await.unwrap();
    let catalogue = program.desk.catalogue(&mut tx).await.unwrap();
    let it = find(&mut tx, reference).await.unwrap();
    changed_since(&mut tx, &program.desk.atlas, &catalogue, &it, &mut Asked::new()).await.unwrap()
}

/// Takes seven households with the app away from the first hamlet; gives the observation.
pub(crate) async fn correct_one(program: &Program) -> String {
    let hamlet: UnitId = hamlets(&*program.territory().await)[0];
    let mut work = program.desk.begin().await.unwrap();
    let number = work.catalogue.measure("households_with_app").unwrap().number;
    let sql = "select id from observations where unit = $1 and measure = $2 and day = $3";
    let values = ::store::values![hamlet.0, number, day("2025-06-30")];
    let id = work.tx.one::<(String,)>(sql, values).await.unwrap().0;
    let (now, _) = crate::observations::get(&mut work.tx, &id).await.unwrap();
    let value = now.value.unwrap() - 7;
    let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
    let reason = "đếm trùng".to_owned();
    correct(tx, cx, Correction { id: id.clone(), version: now.version, value, reason })
        .await
        .unwrap();
    work.tx.commit().await.unwrap();
    id
}

fn places(refused: Result<Publication>) -> Vec<String> {
    match refused {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.place).collect(),
        other => panic!("{other:?}"),
    }
}
