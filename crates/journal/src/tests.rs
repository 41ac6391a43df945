//! The journal on both databases.

use std::collections::BTreeMap;

use base::{Clock, Day, DayRange, Id, Moment};
use proptest::prelude::*;
use store::testing::TestDatabase;
use store::{Database, values};

use crate::{
    Cell, EntriesBehind, Fault, NewEntry, Posting, Trust, append, entries_behind, seq_known_at,
    sums, verify,
};

fn clock() -> Clock {
    Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap())
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn entry(clock: &Clock, postings: &[(i64, i64, &str, i64)]) -> NewEntry {
    NewEntry {
        id: Id::new(clock),
        actor: "tester".to_owned(),
        cause: "test.report",
        record_kind: "test",
        record_id: "1".to_owned(),
        record_version: 1,
        content_hash: [7; 32],
        postings: postings
            .iter()
            .map(|(measure, unit, on, delta)| Posting {
                measure: *measure,
                unit: *unit,
                day: day(on),
                delta: *delta,
                // A line that takes away changes the number alone.
                records: i64::from(*delta >= 0),
            })
            .collect(),
    }
}

async fn filled(database: &Database) -> Clock {
    let clock = clock();
    let mut tx = database.write().await.unwrap();
    let entries = vec![
        entry(&clock, &[(1, 10, "2025-06-30", 5), (2, 10, "2025-06-30", 8)]),
        entry(&clock, &[(1, 11, "2025-07-20", 0), (1, 10, "2025-07-14", 2)]),
    ];
    assert_eq!(append(&mut tx, &clock, entries).await.unwrap(), 1);
    let more = vec![entry(&clock, &[(1, 10, "2025-06-30", -1)])];
    assert_eq!(append(&mut tx, &clock, more).await.unwrap(), 3);
    tx.commit().await.unwrap();
    clock
}

#[tokio::test]
async fn sums_follow_days_and_tell_no_data_from_zero() {
    for database in TestDatabase::each().await {
        filled(&database).await;
        let mut tx = database.read().await.unwrap();
        let ranges = [
            DayRange { from: Day::MIN, to: day("2025-07-01") },
            DayRange { from: Day::MIN, to: day("2025-07-15") },
            DayRange { from: day("2025-07-15"), to: day("2025-08-01") },
            DayRange { from: day("2025-07-13"), to: day("2025-07-20") },
        ];
        let sums = sums(&mut tx, [1, 2], &ranges, None).await.unwrap();
        for (part, unit, range, expected) in [
            (0, 10, 0, Some(4)),
            (0, 10, 1, Some(6)),
            (0, 10, 2, None),
            (0, 10, 3, Some(2)),
            (0, 11, 2, Some(0)),
            (0, 11, 3, None),
            (1, 10, 1, Some(8)),
            (1, 10, 3, None),
            (0, 99, 0, None),
        ] {
            assert_eq!(sums.get(part, unit, range), expected, "{part} {unit} {range}");
        }
    }
}

#[tokio::test]
async fn without_a_record_there_is_no_data_again() {
    for database in TestDatabase::each().await {
        let clock = filled(&database).await;
        let mut back = entry(&clock, &[]);
        let (measure, unit, day) = (1, 11, day("2025-07-20"));
        back.postings = vec![Posting { measure, unit, day, delta: 0, records: -1 }];
        let mut tx = database.write().await.unwrap();
        append(&mut tx, &clock, vec![back]).await.unwrap();
        let all = [DayRange { from: Day::MIN, to: Day::MAX }];
        for known in [None, Some(5)] {
            assert_eq!(sums(&mut tx, [1, 1], &all, known).await.unwrap().get(0, 11, 0), None);
        }
        let before = sums(&mut tx, [1, 1], &all, Some(4)).await.unwrap();
        assert_eq!(before.get(0, 11, 0), Some(0));
    }
}

#[tokio::test]
async fn a_rolled_back_append_leaves_no_trace() {
    for database in TestDatabase::each().await {
        let clock = filled(&database).await;
        let mut tx = database.write().await.unwrap();
        append(&mut tx, &clock, vec![entry(&clock, &[(1, 10, "2025-06-30", 100)])]).await.unwrap();
        drop(tx);
        let mut tx = database.write().await.unwrap();
        let more = vec![entry(&clock, &[(1, 10, "2025-06-30", 1)])];
        assert_eq!(append(&mut tx, &clock, more).await.unwrap(), 4);
        tx.commit().await.unwrap();
        let report = verify(&database, &Trust::default()).await.unwrap();
        assert!(report.holds(), "{:?}", report.faults);
        assert_eq!((report.entries, report.postings, report.cells), (4, 6, 4));
    }
}

#[tokio::test]
async fn what_was_known_on_a_day_is_answered_from_the_entries_before() {
    for database in TestDatabase::each().await {
        filled(&database).await;
        let mut tx = database.read().await.unwrap();
        let second = crate::find_entry(&mut tx, 2).await.unwrap().unwrap().recorded_at;
        let known = seq_known_at(&mut tx, second).await.unwrap();
        assert_eq!(known, 3);
        assert_eq!(seq_known_at(&mut tx, Moment(0)).await.unwrap(), 1);
        let ranges = [DayRange { from: Day::MIN, to: day("2025-07-01") }];
        let then = sums(&mut tx, [1, 1], &ranges, Some(known)).await.unwrap();
        assert_eq!(then.get(0, 10, 0), Some(5));
        let now = sums(&mut tx, [1, 1], &ranges, None).await.unwrap();
        assert_eq!(now.get(0, 10, 0), Some(4));
    }
}

#[tokio::test]
async fn the_entries_behind_a_number_add_up_to_it_over_all_pages() {
    for database in TestDatabase::each().await {
        filled(&database).await;
        let mut tx = database.read().await.unwrap();
        for units in [vec![10], (1..2000).collect()] {
            let wanted = EntriesBehind {
                measure: 1,
                units,
                days: DayRange { from: Day::MIN, to: day("2025-08-01") },
                known: None,
            };
            let (mut sum, mut pages, mut cursor) = (0, 0, None::<String>);
            loop {
                let page = entries_behind(&mut tx, &wanted, cursor.as_deref(), 1).await.unwrap();
                sum += page.items.iter().map(|row| row.posting.delta).sum::<i64>();
                pages += 1;
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!((sum, pages), if wanted.units.len() == 1 { (6, 3) } else { (6, 4) });
        }
        let wanted = EntriesBehind {
            measure: 1,
            units: vec![10],
            days: DayRange { from: Day::MIN, to: Day::MAX },
            known: None,
        };
        assert!(entries_behind(&mut tx, &wanted, Some("nonsense"), 1).await.is_err());
    }
}

#[tokio::test]
async fn verification_names_every_kind_of_tampering() {
    let changed = |seq| Fault::EntryChanged { seq };
    let one = |sum: i64| Cell { sum, records: 1 };
    let cell = |unit, on: &str, stored: Option<i64>, computed: Option<i64>| Fault::CellWrong {
        measure: 1,
        unit,
        day: day(on),
        stored: stored.map(one),
        computed: computed.map(one),
    };
    let cases: Vec<(&'static str, Vec<Fault>)> = vec![
        ("update entries set actor = 'other' where seq = 2", vec![changed(2)]),
        ("update entries set record_id = '2' where seq = 1", vec![changed(1)]),
        (
            "delete from entries where seq = 3",
            vec![Fault::EntriesMissing { seq: 3 }, Fault::PostingInvented { entry: 3, line: 0 }],
        ),
        (
            "update postings set delta = 6 where entry = 1 and measure = 1",
            vec![
                cell(10, "2025-06-30", Some(4), Some(5)),
                Fault::PostingLost { entry: 1, line: 0 },
            ],
        ),
        (
            "update postings set records = 2 where entry = 2 and unit = 11",
            vec![
                Fault::CellWrong {
                    measure: 1,
                    unit: 11,
                    day: day("2025-07-20"),
                    stored: Some(one(0)),
                    computed: Some(Cell { sum: 0, records: 2 }),
                },
                Fault::PostingLost { entry: 2, line: 0 },
            ],
        ),
        (
            "delete from postings where entry = 2 and unit = 11",
            vec![cell(11, "2025-07-20", Some(0), None), Fault::PostingLost { entry: 2, line: 0 }],
        ),
        (
            "insert into postings (measure, day, unit, entry, line, delta, records) \
             values (1, 20269, 10, 3, 9, 0, 0)",
            vec![Fault::PostingInvented { entry: 3, line: 9 }],
        ),
        ("update journal_head set next_seq = 9", vec![Fault::EntriesMissing { seq: 4 }]),
        ("update journal_head set last_at = last_at + 1", vec![Fault::HeadChanged]),
    ];
    for (sql, expected) in cases {
        for database in TestDatabase::each().await {
            filled(&database).await;
            assert!(verify(&database, &Trust::default()).await.unwrap().holds());
            let mut tx = database.write().await.unwrap();
            assert!(tx.run(sql, values![]).await.unwrap() > 0, "{sql}");
            tx.commit().await.unwrap();
            let mut faults = verify(&database, &Trust::default()).await.unwrap().faults;
            faults.sort_by_key(ToString::to_string);
            let mut expected = expected.clone();
            expected.sort_by_key(ToString::to_string);
            assert_eq!(faults, expected, "{sql}");
        }
    }
}

#[tokio::test]
async fn numbers_that_cannot_be_are_named_too() {
    for (sql, expected) in [
        (
            "insert into postings (measure, day, unit, entry, line, delta, records) \
             select measure, day, unit, entry, line + 1000, 9223372036854775807, 0 from postings \
             where delta > 0",
            "damaged",
        ),
        ("update entries set seq = 1000 where seq = 3", "entry 3: missing"),
    ] {
        for database in TestDatabase::each().await {
            filled(&database).await;
            let mut tx = database.write().await.unwrap();
            assert!(tx.run(sql, values![]).await.unwrap() > 0, "{sql}");
            tx.commit().await.unwrap();
            let faults = verify(&database, &Trust::default()).await.unwrap().faults;
            let named = faults.iter().any(|fault| fault.to_string().contains(expected));
            assert!(named, "{sql}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn a_changed_cell_is_found() {
    for database in TestDatabase::each().await {
        filled(&database).await;
        let mut tx = database.write().await.unwrap();
        let sql = "update cells set totals = $1 where measure = 2";
        tx.run(sql, values![vec![20_u8, 18, 2]]).await.unwrap();
        tx.run("delete from cells where measure = 1", values![]).await.unwrap();
        tx.commit().await.unwrap();
        let report = verify(&database, &Trust::default()).await.unwrap();
        assert_eq!(report.fault_count, 4, "{:?}", report.faults);
    }
}

#[tokio::test]
async fn cells_that_are_written_otherwise_and_postings_out_of_time_are_found() {
    let first = day("2025-06-15");
    let block = Fault::BlockWrong { measure: 2, from: first };
    for database in TestDatabase::each().await {
        filled(&database).await;
        let mut tx = database.write().await.unwrap();
        let (days,): (Vec<u8>,) =
            tx.one("select days from cells where measure = 2", values![]).await.unwrap();
        tx.commit().await.unwrap();
        // The cell stands twice: a wrong sum, then the right one for the same unit and day.
        let twice = [&[days[0], days[1], 40, 2][..], &[0], &days[1..]].concat();
        let cases = [
            ("update cells set days = $1 where measure = 2", twice, block.clone()),
            ("update cells set days = $1 where measure = 2", vec![0x80], block.clone()),
            (
                "insert into postings (measure, day, unit, entry, line, delta, records) \
                 select 2, 3000000, 88, 3, 9, 5, length($1)",
                vec![1],
                Fault::PostingsAstray { measure: 2, count: 1 },
            ),
        ];
        for (sql, bytes, fault) in cases {
            let mut tx = database.write().await.unwrap();
            tx.run(sql, values![bytes]).await.unwrap();
            tx.commit().await.unwrap();
            let found = verify(&database, &Trust::default()).await.unwrap().faults;
            assert!(found.contains(&fault), "{sql}: {found:?}");
            let mut tx = database.write().await.unwrap();
            let mend = "update cells set days = $1 where measure = 2";
            tx.run(mend, values![days.clone()]).await.unwrap();
            tx.run("delete from postings where day = 3000000", values![]).await.unwrap();
            tx.commit().await.unwrap();
            assert!(verify(&database, &Trust::default()).await.unwrap().holds());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn cells_equal_recomputation_after_any_entries(
        batches in prop::collection::vec(
            prop::collection::vec(
                (1_i64..4, 1_i64..40, 20_200_i32..20_300, -50_i64..50, -1_i64..2), 1..30), 1..6)
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = TestDatabase::sqlite().await;
            let clock = clock();
            let mut model = BTreeMap::<(i64, i64), Cell>::new();
            for batch in &batches {
                let mut tx = database.write().await.unwrap();
                let entries = batch.chunks(4).map(|lines| {
                    let mut made = entry(&clock, &[]);
                    made.postings = lines.iter().map(|(measure, unit, day, delta, records)| Posting {
                        measure: *measure,
                        unit: *unit,
                        day: Day(*day),
                        delta: *delta,
                        records: *records,
                    }).collect();
                    made
                }).collect();
                append(&mut tx, &clock, entries).await.unwrap();
                tx.commit().await.unwrap();
                for (measure, unit, _, delta, records) in batch {
                    let cell = model.entry((*measure, *unit)).or_default();
                    *cell = cell.checked_add(Cell { sum: *delta, records: *records }).unwrap();
                }
            }
            assert!(verify(&database, &Trust::default()).await.unwrap().holds());
            let mut tx = database.read().await.unwrap();
            let all = [DayRange { from: Day::MIN, to: Day(20_300) }];
            for measure in 1..4 {
                let sums = sums(&mut tx, [measure, measure], &all, None).await.unwrap();
                for unit in 1..40 {
                    assert_eq!(sums.get(0, unit, 0), model.get(&(measure, unit)).and_then(|cell| cell.known()));
                }
            }
        });
    }
}
