//! Many counts at once: what a report reads, what it posts, and what verification finds.

use std::collections::BTreeSet;

use ::store::testing::TestDatabase;
use ::store::values;
use base::rights::Actor;
use base::{Day, DayRange, Error};
use territory::{Level, UnitId};

use super::actions::hash;
use super::series::load_around;
use super::*;
use crate::pages::tests::Program;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn count(unit: UnitId, measure: &str, reported: Reported, value: i64) -> NewObservation {
    NewObservation {
        unit,
        measure: measure.to_owned(),
        reported,
        value,
        source: "minh họa".to_owned(),
        made_up: true,
        evidence: None,
    }
}

/// The first hamlets of the province.
async fn hamlets(program: &Program, how_many: usize) -> Vec<UnitId> {
    let territory = program.territory().await;
    let hamlets = territory.units().iter().filter(|unit| unit.level == Level::Hamlet);
    hamlets.map(|unit| unit.id).take(how_many).collect()
}

async fn faults(program: &Program) -> Vec<String> {
    verify(&mut program.desk.database().read().await.unwrap()).await.unwrap().1
}

#[tokio::test]
async fn of_many_units_only_the_counts_around_the_days_are_read() {
    const HISTORY: i32 = 12;
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let hamlets = hamlets(&program, 50).await;
        let first = day("2024-01-31");
        let places = || hamlets.iter().flat_map(|unit| [(*unit, "households"), (*unit, "people")]);
        let history = (0..HISTORY).flat_map(|step| {
            places().map(move |(unit, measure)| {
                count(unit, measure, Reported::On(first.plus(step * 10)), i64::from(step))
            })
        });
        program.report(history.collect()).await;
        let mut work = program.desk.begin().await.unwrap();
        for (on, expected) in [
            (first.plus(-1), vec![first]),
            (first.plus(30), vec![first.plus(20), first.plus(30)]),
            (first.plus(31), vec![first.plus(30), first.plus(40)]),
            (first.plus(HISTORY * 10), vec![first.plus(HISTORY * 10 - 10)]),
        ] {
            let number = |code: &str| work.catalogue.measure(code).unwrap().number;
            let wanted: BTreeSet<_> =
                places().map(|(unit, code)| (number(code), unit, on)).collect();
            let known = load_around(&mut work.tx, wanted).await.unwrap();
            assert_eq!(known.len(), 100);
            for series in known.values() {
                assert!(series.levels.keys().eq(&expected), "{on}: {:?}", series.levels);
            }
        }
    }
}

#[tokio::test]
async fn levels_of_many_units_mean_the_same_in_whatever_order_they_come() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let hamlets = hamlets(&program, 70).await;
        let value = |unit: &UnitId, step: i32| unit.0 * 10 + i64::from(step * step % 7);
        let on = |step: i32| Reported::On(day("2025-01-01").plus(step));
        // Between and around days that are there, one after the other and several at once.
        for steps in [vec![30], vec![10, 50], vec![40, 0, 45, 20, 5], vec![60, 31, 29]] {
            let counts = hamlets.iter().flat_map(|unit| {
                steps.iter().map(|step| count(*unit, "people", on(*step), value(unit, *step)))
            });
            program.report(counts.collect()).await;
            assert_eq!(faults(&program).await, Vec::<String>::new());
        }
        let mut tx = program.desk.database().read().await.unwrap();
        let sql = "select id from observations where unit = $1 and day in ($2, $3) order by day";
        let days = [on(29).day(), on(40).day()];
        let ids = tx.all::<(String,)>(sql, values![hamlets[3].0, days[0], days[1]]).await.unwrap();
        drop(tx);
        let reason = || "đếm lại".to_owned();
        let changes = [
            Change::Correct(Correction {
                id: ids[0].0.clone(),
                version: 1,
                value: 5,
                reason: reason(),
            }),
            Change::Withdraw(Withdrawal { id: ids[1].0.clone(), version: 1, reason: reason() }),
        ];
        for it in changes {
            let mut work = program.desk.begin().await.unwrap();
            let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
            change(tx, cx, it).await.unwrap();
            work.tx.commit().await.unwrap();
            assert_eq!(faults(&program).await, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn of_many_counts_those_whose_days_are_taken_are_found() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let hamlets = hamlets(&program, 70).await;
        let days = |from: &str, to: &str| {
            Reported::Within(DayRange { from: day(from), to: day(to).plus(1) })
        };
        let all = |reported: Reported| -> Vec<NewObservation> {
            hamlets.iter().map(|unit| count(*unit, "dossiers", reported, 3)).collect()
        };
        program.report(all(days("2025-01-01", "2025-03-31"))).await;
        program.report(all(days("2025-05-01", "2025-05-31"))).await;
        for (from, to, fits) in [
            ("2025-04-01", "2025-04-30", true),
            ("2024-12-01", "2024-12-31", true),
            ("2025-06-01", "2025-06-30", true),
            ("2025-03-31", "2025-04-30", false),
            ("2025-04-01", "2025-05-01", false),
            ("2025-02-01", "2025-02-28", false),
            ("2024-01-01", "2025-06-30", false),
            ("2025-05-31", "2025-05-31", false),
        ] {
            let mut work = program.desk.begin().await.unwrap();
            let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
            let place = |at: usize, field: &str| format!("{at} {field}");
            let counts = all(days(from, to));
            let mistakes = find_mistakes(tx, cx, &counts, place).await.unwrap();
            assert_eq!(mistakes.len(), if fits { 0 } else { 70 }, "{from} {to}");
            let left = reportable(tx, cx, counts.clone()).await.unwrap().len();
            assert_eq!(left, if fits { 70 } else { 0 }, "{from} {to}");
            match report(tx, cx, counts).await {
                Ok(ids) => assert_eq!((ids.len(), fits), (70, true), "{from} {to}"),
                // Of many counts the first that cannot stand is named.
                Err(Error::Refused { code: "observations.already_reported", text }) => {
                    let said = text.say(lang::Lang::English);
                    assert!(!fits && said.starts_with("Count 1: Th"), "{from}: {said}");
                }
                Err(other) => panic!("{from} {to}: {other}"),
            }
        }
    }
}

#[tokio::test]
async fn postings_that_no_count_stands_for_are_found_wherever_they_are() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let hamlets = hamlets(&program, 3).await;
        for on in ["2025-03-31", "2025-06-30"] {
            let on = Reported::On(day(on));
            program.report(hamlets.iter().map(|it| count(*it, "people", on, 9)).collect()).await;
        }
        assert_eq!(faults(&program).await, Vec::<String>::new());
        let last = hamlets[2].0;
        for (unit, on, expected) in [
            (last, "2025-06-30", format!("unit {last} day 2025-06-30")),
            (last, "2025-06-20", format!("unit {last} day 2025-06-20")),
            (last, "2025-05-20", format!("unit {last} between 2025-04-01 and 2025-06-15")),
            (last, "2023-05-20", format!("unit {last} between")),
            (last + 1, "2025-08-20", format!("unit {} between 2025-07-01", last + 1)),
        ] {
            let mut work = program.desk.begin().await.unwrap();
            let measure = work.catalogue.measure("people").unwrap().number;
            let clock = program.desk.clock();
            let posting = journal::Posting { measure, unit, day: day(on), delta: 1, records: 0 };
            let entry = journal::NewEntry {
                id: base::Id::new(clock),
                actor: "tester".to_owned(),
                cause: "tests.post",
                record_kind: "test",
                record_id: "1".to_owned(),
                record_version: 1,
                content_hash: [0; 32],
                postings: vec![posting],
            };
            journal::append(&mut work.tx, clock, vec![entry]).await.unwrap();
            let (_, faults) = verify(&mut work.tx).await.unwrap();
            assert_eq!(faults.len(), 1, "{on}: {faults:?}");
            assert!(faults[0].contains(&expected), "{on}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn the_name_and_the_kind_of_a_file_are_sealed() {
    const PDF: &[u8] = b"%PDF-1.7 so ho";
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let hamlets = hamlets(&program, 2).await;
        let with_file = |at: usize, name: &str| {
            let on = Reported::On(day("2025-06-30"));
            let name = name.to_owned();
            let media_type = String::new();
            let evidence = Some(Evidence { name, media_type, content: PDF.to_vec() });
            NewObservation { evidence, ..count(hamlets[at], "people", on, 9) }
        };
        let id = program.report(vec![with_file(0, "sổ hộ.pdf")]).await.remove(0);
        // The same file under another name is kept once, under its first name.
        program.report(vec![with_file(1, "bản sao.pdf")]).await;
        assert_eq!(faults(&program).await, Vec::<String>::new());
        for change in ["update files set name = $1", "update files set media_type = $1"] {
            let mut tx = program.desk.database().write().await.unwrap();
            assert_eq!(tx.run(change, values!["text/html"]).await.unwrap(), 1);
            assert!(!verify(&mut tx).await.unwrap().1.is_empty(), "{change}");
        }
        // An entry that was made before the names were sealed holds, and so does one that
        // corrects it and seals them.
        let mut work = program.desk.begin().await.unwrap();
        let older = hash(&get(&mut work.tx, &id).await.unwrap().0, None).to_vec();
        let sql = "update entries set content_hash = $1 where record_id = $2";
        assert_eq!(work.tx.run(sql, values![older, &id]).await.unwrap(), 1);
        assert_eq!(verify(&mut work.tx).await.unwrap().1, Vec::<String>::new());
        let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
        let reason = "đếm lại".to_owned();
        correct(tx, cx, Correction { id: id.clone(), version: 1, value: 8, reason }).await.unwrap();
        assert_eq!(verify(tx).await.unwrap().1, Vec::<String>::new());
        tx.run("update files set name = 'khác.pdf'", values![]).await.unwrap();
        let (_, faults) = verify(tx).await.unwrap();
        assert!(faults.iter().any(|it| it.contains(&format!("{id} version 2"))), "{faults:?}");
    }
}
