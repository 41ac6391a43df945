//! What is locked stays, whatever comes: reports, corrections, withdrawals, and two at once.

use ::store::testing::TestDatabase;
use base::rights::Actor;

use super::*;
use crate::observations::{
    Change, Correction, Withdrawal, change, find_mistakes, report, reportable,
};
use crate::pages::tests::NOW;

const QUARTER: &str = "2025-Q2";

/// A locked quarter of one commune; gives the ids of what its hamlets reported, three each.
async fn locked(database: TestDatabase) -> (Program, Ladder, Vec<String>) {
    let program = with_small(Program::over(database).await).await;
    let ladder = ladder(&*program.territory().await);
    let reporting = ladder.hamlets.iter().skip(1);
    let counts = reporting.flat_map(|unit| whole(*unit, QUARTER, 40)).collect();
    let ids = report_at(&program.desk, counts).await.unwrap();
    approve_all(&program.desk, &ladder).await;
    (program, ladder, ids)
}

/// What the touch of a level means for periods, in a table.
#[test]
fn a_count_changes_the_periods_that_it_lies_in_or_holds_on_to() {
    let range = |from: i32, to: i32| base::DayRange { from: Day(from), to: Day(to) };
    let period = range(10, 20);
    for (days, until, expected) in [
        // A flow: any day in common.
        (range(0, 10), None, false),
        (range(0, 11), None, true),
        (range(12, 14), None, true),
        (range(19, 25), None, true),
        (range(20, 25), None, false),
        (range(0, 99), None, true),
        // A level: on its day, or held on to the last day of the period.
        (range(9, 10), Some(10), false),
        (range(9, 10), Some(19), false),
        (range(9, 10), Some(20), true),
        (range(9, 10), Some(i32::MAX), true),
        (range(10, 11), Some(11), true),
        (range(19, 20), Some(i32::MAX), true),
        (range(20, 21), Some(i32::MAX), false),
    ] {
        let until = until.map(Day);
        let touch = Touch { unit: UnitId(1), measure: 1, days, until };
        assert_eq!(touch.changes(period), expected, "{days:?} {until:?}");
    }
}

#[tokio::test]
async fn nothing_comes_into_a_locked_quarter() {
    for database in TestDatabase::each().await {
        let (program, ladder, _) = locked(database).await;
        let desk = &program.desk;
        let (silent, spoken) = (ladder.hamlets[0], ladder.hamlets[1]);
        let within = |from: &str, to: &str| {
            Reported::Within(base::DayRange { from: day(from), to: day(to).plus(1) })
        };
        let stock = |unit: UnitId, on: &str| NewObservation {
            reported: Reported::On(day(on)),
            ..count(unit, "households", QUARTER, 5)
        };
        let flow = |unit: UnitId, from: &str, to: &str| NewObservation {
            reported: within(from, to),
            ..count(unit, "dossiers", QUARTER, 5)
        };
        for (new, is_locked) in [
            (stock(silent, "2025-06-30"), true),
            (stock(silent, "2025-04-01"), true),
            (stock(spoken, "2025-05-01"), true),
            // The quarter says nothing of its own, so what was before would hold on into it.
            (stock(silent, "2025-03-31"), true),
            (stock(spoken, "2025-03-31"), false),
            (stock(silent, "2025-07-01"), false),
            (flow(silent, "2025-04-01", "2025-06-30"), true),
            (flow(silent, "2025-03-31", "2025-04-01"), true),
            (flow(silent, "2025-01-01", "2025-12-31"), true),
            (flow(silent, "2025-01-01", "2025-03-31"), false),
            (flow(silent, "2025-07-01", "2025-07-31"), false),
            // What is in no collection that was approved is free.
            (NewObservation { measure: "people".to_owned(), ..stock(silent, "2025-06-30") }, false),
        ] {
            let mut work = desk.begin().await.unwrap();
            let (tx, cx) = work.by(desk, Actor::operator("tester"));
            let place = |at: usize, field: &str| format!("{at} {field}");
            let label = format!("{new:?}");
            // In this order: a report leaves its traces in the transaction.
            let mistakes = find_mistakes(tx, cx, std::slice::from_ref(&new), place).await.unwrap();
            let future = new.reported.day() > desk.clock().today();
            let fits = reportable(tx, cx, vec![new.clone()]).await.unwrap().len();
            match report(tx, cx, vec![new]).await {
                Err(base::Error::Refused { code: "figures.locked", text }) => {
                    assert!(is_locked, "{label}");
                    let text = text.say(Lang::Vietnamese);
                    for part in ["dung", "Quý II/2025", "Tỉnh Hậu Giang", "Mở lại"] {
                        assert!(text.contains(part), "{part}: {text}");
                    }
                }
                Ok(_) => assert!(!is_locked, "{label}"),
                Err(base::Error::Invalid(_)) => assert!(future, "{label}"),
                Err(other) => panic!("{label}: {other}"),
            }
            let says_so = mistakes.iter().any(|it| it.place == "0 day" && !future);
            assert_eq!(
                (says_so, fits),
                (is_locked && !future, usize::from(!is_locked && !future)),
                "{label}"
            );
        }
        // Of several counts the one that is in the way is named, and none is written.
        let mut work = desk.begin().await.unwrap();
        let (tx, cx) = work.by(desk, Actor::operator("tester"));
        let both = vec![stock(silent, "2025-07-31"), stock(spoken, "2025-06-15")];
        let refused = report(tx, cx, both).await.unwrap_err();
        assert!(said(&refused).starts_with("Số liệu thứ 2"), "{refused}");
        drop(work);
        assert_eq!(faults(desk).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn nothing_changes_in_a_locked_quarter() {
    for database in TestDatabase::each().await {
        let (program, _, ids) = locked(database).await;
        let desk = &program.desk;
        for (at, new) in [(0, Some(999)), (1, None), (2, Some(1))] {
            let mut work = desk.begin().await.unwrap();
            let (tx, cx) = work.by(desk, Actor::operator("tester"));
            let (id, version, reason) = (ids[at].clone(), 1, "x".to_owned());
            let change_to = match new {
                Some(value) => Change::Correct(Correction { id, version, value, reason }),
                None => Change::Withdraw(Withdrawal { id, version, reason }),
            };
            assert_eq!(why(change(tx, cx, change_to).await), "figures.locked", "{at}");
        }
        assert_eq!(faults(desk).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn approving_and_correcting_at_once_leaves_one_order_of_the_two() {
    for database in TestDatabase::each().await {
        let program = with_small(Program::over(database).await).await;
        let ladder = ladder(&*program.territory().await);
        let counts = ladder.hamlets.iter().flat_map(|unit| whole(*unit, QUARTER, 40)).collect();
        let ids = report_at(&program.desk, counts).await.unwrap();
        for (who, action, unit) in [
            ("an", Action::Submit, ladder.commune),
            ("binh", Action::Check, ladder.commune),
            ("chi", Action::Check, ladder.district),
        ] {
            acts(&program.desk, (who, action), (QUARTER, unit), "Còn xã khác").await.unwrap();
        }
        let one = ladder.hamlets[0];
        let mut version = 1;
        for round in 0..6 {
            let correct = async {
                let desk = at(&program, NOW);
                let mut work = desk.begin().await?;
                let (tx, cx) = work.by(&desk, Actor::operator("tester"));
                let reason = "x".to_owned();
                let (id, value) = (ids[1].clone(), 50 + round);
                change(tx, cx, Change::Correct(Correction { id, version, value, reason })).await?;
                work.tx.commit().await
            };
            let approve = async {
                let desk = at(&program, NOW);
                acts(&desk, ("dung", Action::Approve), (QUARTER, ladder.province), "Chốt").await
            };
            // Who begins first takes turns.
            let (corrected, approved) = if round % 2 == 0 {
                tokio::join!(correct, approve)
            } else {
                let (approved, corrected) = tokio::join!(approve, correct);
                (corrected, approved)
            };
            approved.unwrap();
            let state = states(&program.desk, QUARTER, &[one]).await[0].0;
            match corrected {
                // It came first: what was checked had changed, so it is locked without all steps.
                Ok(()) => {
                    version += 1;
                    assert_eq!(state, State::Closed, "round {round}");
                }
                Err(error) => {
                    assert_eq!(why::<()>(Err(error)), "figures.locked");
                    assert_eq!(state, State::Approved, "round {round}");
                }
            }
            assert_eq!(faults(&program.desk).await, Vec::<String>::new());
            // Back to where both can try again.
            for (who, action, unit) in [
                ("dung", Action::Reopen, one),
                ("an", Action::Submit, one),
                ("binh", Action::Check, ladder.commune),
                ("chi", Action::Check, ladder.district),
            ] {
                acts(&program.desk, (who, action), (QUARTER, unit), "Thử lại").await.unwrap();
            }
        }
    }
}
