//! The trace on both databases: noted, sealed, found again, and what is unusual in it.

use base::rights::{Act, Actor, Rights, Scope};
use base::{Clock, Error, Moment};
use store::testing::TestDatabase;
use store::values;

use super::rules::{Habit, Unusual, Why, find_unusual};
use super::{Filter, Look, list, note, unusual, verify};

fn clock(text: &str) -> Clock {
    Clock::fixed(text.parse::<Moment>().unwrap())
}

fn rights(purposes: &[&str]) -> Rights {
    let mut rights = Rights::NONE;
    rights.grant(Act::ReadPeople, Scope::everywhere());
    rights.allow_for(Act::ReadPeople, purposes.iter().map(|it| (*it).to_owned()));
    rights
}

fn look<'a>(subjects: &'a [String], purpose: &'a str, words: &'a str) -> Look<'a> {
    Look {
        act: Act::ReadPeople,
        record_kind: "agency",
        record: "a",
        subjects,
        unit: None,
        purpose,
        words,
        shown: subjects.len(),
    }
}

#[tokio::test]
async fn a_look_is_sealed_and_found_by_whoever_looked_and_whoever_was_looked_at() {
    for database in TestDatabase::each().await {
        let clock = clock("2026-03-02T03:00:00Z");
        let begun = clock.now();
        let rights = rights(&["contact"]);
        let people: Vec<String> = ["x", "y"].map(str::to_owned).to_vec();
        let mut tx = database.write().await.unwrap();
        for (who, people) in [("an", &people[..]), ("binh", &people[..1]), ("an", &[])] {
            let actor = Actor { name: who, rights: &rights };
            note(&mut tx, &clock, actor, look(people, "", "")).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = database.read().await.unwrap();
        let of = |actor: &str, subjects: Option<&str>| Filter {
            actor: actor.to_owned(),
            subjects: subjects.map(|it| vec![it.to_owned()]),
            ..Filter::default()
        };
        for (filter, expected) in [
            (of("", None), vec!["an", "binh", "an"]),
            (of("an", None), vec!["an", "an"]),
            (of("", Some("x")), vec!["binh", "an"]),
            (of("", Some("y")), vec!["an"]),
            (of("binh", Some("y")), vec![]),
            (Filter { subjects: Some(Vec::new()), ..Filter::default() }, vec![]),
            (Filter { act: "trace.read".to_owned(), ..Filter::default() }, vec![]),
            (Filter { before: Some(begun), ..Filter::default() }, vec![]),
        ] {
            let page = list(&mut tx, &filter, None, 10).await.unwrap();
            let who: Vec<&str> = page.items.iter().map(|read| read.actor.as_str()).collect();
            assert_eq!(who, expected, "{filter:?}");
            assert!(page.items.iter().all(|read| read.purpose == "contact"), "the only purpose");
        }
        // Page by page, nothing twice and nothing left out.
        let first = list(&mut tx, &Filter::default(), None, 2).await.unwrap();
        let rest = list(&mut tx, &Filter::default(), first.next.as_deref(), 2).await.unwrap();
        assert_eq!((first.items.len(), rest.items.len(), rest.next), (2, 1, None));
        assert_eq!(verify(&mut tx).await.unwrap(), (3, Vec::new()));
    }
}

#[tokio::test]
async fn a_trace_that_was_changed_is_found_out() {
    for database in TestDatabase::each().await {
        let rights = rights(&["contact"]);
        let actor = Actor { name: "an", rights: &rights };
        let people = ["x".to_owned()];
        for (statement, fault) in [
            ("update reads set actor = 'binh'", "changed"),
            ("update reads set purpose = ''", "changed"),
            ("delete from read_subjects", "changed"),
            ("update read_subjects set subject = 'z'", "changed"),
            ("delete from reads", "missing"),
        ] {
            let mut tx = database.write().await.unwrap();
            note(&mut tx, &clock("2026-03-02T03:00:00Z"), actor, look(&people, "", ""))
                .await
                .unwrap();
            if fault == "missing" {
                tx.run("delete from read_subjects", values![]).await.unwrap();
            }
            tx.run(statement, values![]).await.unwrap();
            let (_, faults) = verify(&mut tx).await.unwrap();
            assert!(faults[0].ends_with(fault), "{statement}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn a_purpose_is_one_that_the_right_was_given_for() {
    let database = TestDatabase::sqlite().await;
    let clock = clock("2026-03-02T03:00:00Z");
    let two = rights(&["contact", "personnel"]);
    let none = rights(&[]);
    let mut tx = database.write().await.unwrap();
    for (rights, purpose, words, place) in [
        (&two, "", "", Some("purpose")),
        (&two, "personnel", "", None),
        (&two, "curiosity", "", Some("purpose")),
        (&none, "", "", None),
        (&none, "contact", "", Some("purpose")),
        (&two, "contact", "số 093 185 001 234", Some("words")),
        (&two, "contact", &"x".repeat(301), Some("words")),
    ] {
        let actor = Actor { name: "an", rights };
        let noted = note(&mut tx, &clock, actor, look(&[], purpose, words)).await;
        let wrong = noted.err().map(|error| match error {
            Error::Invalid(errors) => errors[0].place.clone(),
            other => panic!("{other}"),
        });
        assert_eq!(wrong.as_deref(), place, "{purpose} {words}");
    }
    let operator = Actor::operator("op");
    note(&mut tx, &clock, operator, look(&[], "contact", "")).await.unwrap();
}

#[test]
fn what_is_unusual_is_told_from_what_is_much_work() {
    let habit = |last_day, different, month_before, at_night| Habit {
        who: "an".to_owned(),
        last_day,
        different,
        month_before,
        at_night,
    };
    for (account, expected) in [
        (habit(49, 49, 600, 0), vec![]),
        (habit(50, 50, 600, 0), vec![Why::ManyPeople]),
        // Twenty in a day, where a hundred and twenty in the month are four a day: just five times.
        (habit(20, 3, 120, 0), vec![]),
        (habit(20, 3, 119, 0), vec![Why::MoreThanUsual]),
        (habit(19, 3, 0, 0), vec![]),
        (habit(6, 2, 60, 5), vec![Why::AtNight]),
        (habit(80, 60, 0, 40), vec![Why::ManyPeople, Why::MoreThanUsual, Why::AtNight]),
    ] {
        let found: Vec<Why> =
            find_unusual(std::slice::from_ref(&account), &[]).iter().map(|it| it.why).collect();
        assert_eq!(found, expected, "{account:?}");
    }
    let looked_at = |different| find_unusual(&[], &[habit(9, different, 0, 0)]);
    assert_eq!(looked_at(4), []);
    let five = Unusual { who: "an".to_owned(), why: Why::ManyLookers, count: 5 };
    assert_eq!(looked_at(5), [five]);
}

#[tokio::test]
async fn habits_are_counted_by_looks_and_not_by_people() {
    for database in TestDatabase::each().await {
        let rights = rights(&["contact"]);
        let actor = Actor { name: "an", rights: &rights };
        let people: Vec<String> = (0..60).map(|at| format!("p{at}")).collect();
        let mut tx = database.write().await.unwrap();
        // One look at sixty people is many people, but one look; at three in the morning here.
        note(&mut tx, &clock("2026-03-01T20:00:00Z"), actor, look(&people, "", "")).await.unwrap();
        let now = clock("2026-03-02T03:00:00Z").now();
        let found = unusual(&mut tx, now).await.unwrap();
        assert_eq!(found, [Unusual { who: "an".to_owned(), why: Why::ManyPeople, count: 60 }]);
        for _ in 0..4 {
            let night = clock("2026-03-01T22:59:00Z");
            note(&mut tx, &night, actor, look(&people[..1], "", "")).await.unwrap();
        }
        let found = unusual(&mut tx, now).await.unwrap();
        assert!(found.contains(&Unusual { who: "an".to_owned(), why: Why::AtNight, count: 5 }));
        // A day later it is a habit of the month before.
        let later = clock("2026-03-03T03:00:00Z").now();
        assert_eq!(unusual(&mut tx, later).await.unwrap(), []);
    }
}
