//! The outbox on both engines: what is claimed by whom, and what becomes of it.

use base::{Clock, Id, Moment};

use super::*;
use crate::testing::TestDatabase;

const NOW: i64 = 1_795_361_279_000_000;

fn message(clock: &Clock, recipient: &str) -> Message {
    let (recipient, payload) = (recipient.to_owned(), "{}".to_owned());
    Message { id: Id::new(clock), kind: "mail", recipient, payload }
}

async fn put_some(database: &crate::Database, clock: &Clock, count: usize) {
    let mut tx = database.write().await.unwrap();
    let messages = (0..count).map(|at| message(clock, &format!("r{at}"))).collect();
    put(&mut tx, clock, messages).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim_as(database: &crate::Database, clock: &Clock, lease: &str) -> Vec<Claimed> {
    let mut tx = database.write().await.unwrap();
    let claimed = claim(&mut tx, clock, "mail", lease).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

fn after(minutes: i64) -> Clock {
    Clock::fixed(Moment(NOW + minutes * MINUTE_US))
}

#[test]
fn pauses_grow_and_a_partner_may_be_away_for_a_day() {
    let pauses: Vec<i64> = (1..MOST_TRIES).map(pause_minutes).collect();
    assert!(pauses.is_sorted() && pauses.starts_with(&[1, 2, 4, 8]), "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= LONGEST_PAUSE_MINUTES), "{pauses:?}");
    assert!(pauses.iter().sum::<i64>() > 2 * 24 * 60, "{pauses:?}");
}

#[tokio::test]
async fn each_message_has_one_deliverer_until_the_lease_has_passed() {
    for database in TestDatabase::each().await {
        let clock = after(0);
        put_some(&database, &clock, 10).await;
        let first = claim_as(&database, &clock, "a").await;
        let second = claim_as(&database, &clock, "b").await;
        assert_eq!((first.len(), second.len()), (8, 2));
        assert!(first.iter().all(|message| !second.contains(message)));
        assert!(claim_as(&database, &clock, "c").await.is_empty());
        let mut tx = database.write().await.unwrap();
        assert!(!is_due(&mut tx, &clock, "mail").await.unwrap());
        // What was not tried is given back at once.
        assert_eq!(release(&mut tx, "b").await.unwrap(), 2);
        assert!(is_due(&mut tx, &clock, "mail").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claim_as(&database, &clock, "b").await, second);
        // Of another kind nothing waits.
        let mut tx = database.write().await.unwrap();
        assert!(claim(&mut tx, &clock, "fax", "d").await.unwrap().is_empty());
        assert!(!delivered(&mut tx, &first[0].id, "b").await.unwrap(), "another's");
        assert!(delivered(&mut tx, &first[0].id, "a").await.unwrap());
        tx.commit().await.unwrap();
        // The first one was killed: after the lease another has the rest, and it comes too late.
        let later = after(LEASE_MINUTES + 1);
        let third = claim_as(&database, &later, "c").await;
        assert_eq!(third.len(), 8, "of nine the oldest");
        let mut tx = database.write().await.unwrap();
        assert!(!delivered(&mut tx, &third[0].id, "a").await.unwrap());
        let next = failed(&mut tx, &later, (&third[0], "a"), ("late", false)).await.unwrap();
        assert_eq!(next, Next::Gone);
    }
}

#[tokio::test]
async fn several_deliverers_at_once_never_have_the_same_message() {
    for database in TestDatabase::each().await {
        let clock = after(0);
        put_some(&database, &clock, 60).await;
        let deliver = |name: usize| {
            let (database, clock) = (database.database.clone(), clock.clone());
            tokio::spawn(async move {
                let (lease, mut mine) = (format!("worker-{name}"), Vec::new());
                loop {
                    let claimed = claim_as(&database, &clock, &lease).await;
                    let mut tx = database.write().await.unwrap();
                    // Whoever was beaten to all that was due looks again, until none waits.
                    if claimed.is_empty() && extent(&mut tx).await.unwrap().waiting == 0 {
                        return mine;
                    }
                    for message in claimed {
                        assert!(delivered(&mut tx, &message.id, &lease).await.unwrap());
                        mine.push(message.id);
                    }
                    tx.commit().await.unwrap();
                }
            })
        };
        let workers: Vec<_> = (0..4).map(deliver).collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.await.unwrap());
        }
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!((count, all.len()), (60, 60));
    }
}

#[tokio::test]
async fn what_fails_is_tried_later_and_given_up_in_the_end() {
    for database in TestDatabase::each().await {
        let clock = after(0);
        put_some(&database, &clock, 2).await;
        let mut now = 1;
        for tries in 1..=MOST_TRIES {
            let clock = after(now);
            let claimed = claim_as(&database, &clock, "a").await;
            assert_eq!(claimed[0].tries, tries - 1);
            let mut tx = database.write().await.unwrap();
            if tries == 1 {
                // The other one can never succeed.
                let other = (&claimed[1], "a");
                let next = failed(&mut tx, &clock, other, ("550", true)).await.unwrap();
                assert_eq!(next, Next::GivenUp);
            }
            let long = "x".repeat(1000);
            let next = failed(&mut tx, &clock, (&claimed[0], "a"), (&long, false)).await.unwrap();
            tx.commit().await.unwrap();
            if tries == MOST_TRIES {
                assert_eq!(next, Next::GivenUp);
                break;
            }
            let Next::Again(due) = next else { panic!("{next:?}") };
            assert!(claim_as(&database, &clock, "b").await.is_empty(), "not before its time");
            now = (due.0 - NOW) / MINUTE_US + 1;
        }
        assert!(now > 2 * 24 * 60, "{now} minutes");
        let mut tx = database.write().await.unwrap();
        let seen = extent(&mut tx).await.unwrap();
        assert_eq!(seen, Extent { waiting: 0, oldest: None, given_up: 2 });
        let list = given_up(&mut tx, 10).await.unwrap();
        let mut failures: Vec<usize> = list.iter().map(|it| it.failure.len()).collect();
        failures.sort_unstable();
        assert_eq!(failures, [3, LONGEST_FAILURE]);
        assert_eq!(sweep(&mut tx, &after(now)).await.unwrap(), 0);
        // Somebody sees it and tries again; or nobody does, and it goes after a month.
        assert_eq!(try_again(&mut tx, &after(now)).await.unwrap(), 2);
        assert_eq!(extent(&mut tx).await.unwrap().waiting, 2);
        assert_eq!(
            extent(&mut tx).await.unwrap().oldest.map(|at| at.0 / MINUTE_US),
            Some(NOW / MINUTE_US)
        );
        drop(tx);
        let mut tx = database.write().await.unwrap();
        assert_eq!(sweep(&mut tx, &after(KEPT_MINUTES + 1)).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn what_was_for_somebody_who_left_goes_with_them() {
    for database in TestDatabase::each().await {
        let clock = after(0);
        put_some(&database, &clock, 2).await;
        let mut tx = database.write().await.unwrap();
        assert_eq!(forget(&mut tx, "r0").await.unwrap(), 1);
        assert_eq!(extent(&mut tx).await.unwrap().waiting, 1);
        assert_eq!(drop_given_up(&mut tx).await.unwrap(), 0);
        // Nothing of a transaction that is not committed is on its way.
        drop(tx);
        assert_eq!(claim_as(&database, &clock, "a").await.len(), 2);
    }
}
