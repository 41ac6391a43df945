//! Files between preview and confirmation, on both databases.

use base::{Clock, Id, Moment};
use store::testing::TestDatabase;
use store::uploads::{Upload, find, keep, remove};

const DAY_US: i64 = 24 * 3600 * 1_000_000;

fn upload(owner: &str, byte: u8) -> Upload {
    let files = [("a.csv".to_owned(), vec![byte; 3]), ("b.csv".to_owned(), vec![0, byte, 0xff])];
    Upload {
        owner: owner.to_owned(),
        purpose: "observations".to_owned(),
        seal: "of what was shown".to_owned(),
        files: files.into(),
    }
}

#[tokio::test]
async fn files_are_found_by_their_owner_for_their_purpose_and_for_a_day() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed(Moment(DAY_US));
        let id = Id::new(&clock);
        let mut tx = database.write().await.unwrap();
        keep(&mut tx, &clock, id, &upload("an", 1)).await.unwrap();
        tx.commit().await.unwrap();

        let id = id.to_string();
        let mut tx = database.write().await.unwrap();
        let ours = ("an", "observations");
        assert_eq!(find(&mut tx, &clock, ours, &id).await.unwrap(), Some(upload("an", 1)));
        let (before, after) =
            (Clock::fixed(Moment(2 * DAY_US - 100)), Clock::fixed(Moment(2 * DAY_US + 100)));
        assert!(find(&mut tx, &before, ours, &id).await.unwrap().is_some());
        assert!(find(&mut tx, &after, ours, &id).await.unwrap().is_none());
        for (whose, id) in
            [(("binh", "observations"), &*id), (("an", "territory"), &id), (ours, "another")]
        {
            assert!(find(&mut tx, &clock, whose, id).await.unwrap().is_none(), "{whose:?} {id}");
        }
        // What is too old goes when something is kept, whoever sent it.
        keep(&mut tx, &after, Id::new(&after), &upload("binh", 2)).await.unwrap();
        let (count,): (i64,) = tx.one("select count(*) from upload_files", vec![]).await.unwrap();
        assert_eq!(count, 2);
        assert!(!remove(&mut tx, &id).await.unwrap());
    }
}

#[tokio::test]
async fn an_account_keeps_few_and_takes_none_of_another() {
    for database in TestDatabase::each().await {
        let mut tx = database.write().await.unwrap();
        let clock = |at| Clock::fixed(Moment(at));
        let mut ids = Vec::new();
        for (at, owner) in (1..).zip(["binh", "an", "an", "an", "an", "an"]) {
            let (clock, byte) = (clock(at), at as u8);
            let id = Id::new(&clock);
            keep(&mut tx, &clock, id, &upload(owner, byte)).await.unwrap();
            ids.push((owner, id.to_string()));
        }
        let mut there = Vec::new();
        for (owner, id) in &ids {
            let whose = (*owner, "observations");
            there.push(find(&mut tx, &clock(9), whose, id).await.unwrap().is_some());
        }
        assert_eq!(there, [true, false, true, true, true, true]);
        assert!(remove(&mut tx, &ids[5].1).await.unwrap());
        assert!(!remove(&mut tx, &ids[5].1).await.unwrap());
    }
}

#[tokio::test]
async fn one_who_confirms_twice_at_once_removes_once() {
    for database in TestDatabase::each().await {
        let clock = Clock::fixed(Moment(0));
        let id = Id::new(&clock);
        let mut tx = database.write().await.unwrap();
        keep(&mut tx, &clock, id, &upload("an", 1)).await.unwrap();
        tx.commit().await.unwrap();
        let confirm = async || {
            let mut tx = database.write().await.unwrap();
            let removed = remove(&mut tx, &id.to_string()).await.unwrap();
            tx.commit().await.unwrap();
            removed
        };
        let (first, second) = tokio::join!(confirm(), confirm());
        assert!(first != second, "{first} {second}");
    }
}
