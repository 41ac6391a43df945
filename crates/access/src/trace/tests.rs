//! The trace on both databases: noted, sealed, found again, and what is unusual in it.

use axum::Router;
use axum::http::{Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use base::rights::{Act, Actor, Rights, Scope};
use base::{Clock, Error, Moment};
use store::testing::TestDatabase;
use store::values;
use web::looks::{self, Shown};

use super::rules::{Habit, Unusual, Why, find_unusual};
use super::store as sql;
use super::{
    Filter, Form, Look, Read, Verified, count_before, erase_before, list, note, note_seen, unusual,
    verify,
};
use crate::Access;
use crate::vault::{Keys, Vault};

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
        sealed: None,
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
        let holds = Verified { looks: 3, ..Verified::default() };
        assert_eq!(verify(&mut tx, None).await.unwrap(), holds);
    }
}

#[tokio::test]
async fn a_trace_that_was_changed_is_found_out() {
    for database in TestDatabase::each().await {
        let rights = rights(&["contact"]);
        let actor = Actor { name: "an", rights: &rights };
        let people = ["x".to_owned()];
        let vault = Vault::new(Keys::generate());
        for (statement, fault) in [
            ("update reads set actor = 'binh'", "changed"),
            ("update reads set purpose = ''", "changed"),
            ("update reads set record = 'b'", "changed"),
            ("update reads set words = 'b'", "changed"),
            ("update reads set shown = 0", "changed"),
            ("update reads set form = 1", "changed"),
            ("update reads set facts = salt", "changed"),
            ("update read_words set facts = sealed", "changed"),
            ("delete from read_words", "changed"),
            ("update read_words set sealed = null", "its words are not those written"),
            ("update read_words set sealed = facts", "its words are not those written"),
            ("update reads set record = '', words = '', erasure = 'x'", "erased before its time"),
            ("delete from read_subjects", "changed"),
            ("update read_subjects set subject = 'z'", "changed"),
            ("delete from reads", "missing"),
        ] {
            let mut tx = database.write().await.unwrap();
            // An erasure that took nothing, so that something can say that it was erased by it.
            let sql = "insert into read_erasures (id, at, actor, before, last_entry, amount, entry) \
                       values ('x', 0, '', 0, 0, 0, 0)";
            tx.run(sql, values![]).await.unwrap();
            let look = Look { sealed: Some((&vault, "gọi lại")), ..look(&people, "", "") };
            note(&mut tx, &clock("2026-03-02T03:00:00Z"), actor, look).await.unwrap();
            if fault == "missing" {
                tx.run("delete from read_subjects", values![]).await.unwrap();
                tx.run("delete from read_words", values![]).await.unwrap();
            }
            tx.run(statement, values![]).await.unwrap();
            let faults = verify(&mut tx, Some(&vault)).await.unwrap().faults;
            assert!(faults.iter().any(|it| it.ends_with(fault)), "{statement}: {faults:?}");
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

#[tokio::test]
async fn words_that_may_tell_of_a_person_lie_in_the_vault_also_after_a_new_key() {
    for database in TestDatabase::each().await {
        let rights = rights(&["contact"]);
        let actor = Actor { name: "an", rights: &rights };
        let keys = Keys::generate();
        let (old, new) = (Vault::new(keys.clone()), Vault::new(keys.and_one_more(2)));
        let mut tx = database.write().await.unwrap();
        for (vault, words) in [(&old, "chị Bé gọi"), (&new, "chị Bé gọi lại")] {
            let look = Look { sealed: Some((vault, words)), ..look(&[], "", "") };
            note(&mut tx, &clock("2026-03-02T03:00:00Z"), actor, look).await.unwrap();
        }
        let looks = list(&mut tx, &Filter::default(), None, 10).await.unwrap().items;
        let mut opened = Vec::new();
        for read in &looks {
            assert_eq!(read.words, "");
            let words = sql::sealed_words(&mut tx, &read.id.to_string()).await.unwrap().unwrap();
            opened.push(words.open(&new).unwrap().to_string());
        }
        assert_eq!(opened, ["chị Bé gọi lại", "chị Bé gọi"]);
        for (vault, faults) in [(Some(&new), 0), (None, 0), (Some(&old), 1)] {
            assert_eq!(verify(&mut tx, vault).await.unwrap().faults.len(), faults);
        }
        let table: Vec<(Vec<u8>,)> =
            tx.all("select sealed from read_words", values![]).await.unwrap();
        let has = |bytes: &[u8]| bytes.windows(4).any(|it| it == "gọi".as_bytes());
        assert!(table.iter().all(|(bytes,)| !has(bytes)));
    }
}

#[tokio::test]
async fn what_is_over_its_time_is_erased_and_the_trace_still_holds() {
    for database in TestDatabase::each().await {
        let rights = rights(&["contact"]);
        let actor = Actor { name: "an", rights: &rights };
        let vault = Vault::new(Keys::generate());
        let people: Vec<String> = ["x", "y"].map(str::to_owned).to_vec();
        let mut tx = database.write().await.unwrap();
        for at in ["2020-03-02T03:00:00Z", "2020-03-03T03:00:00Z", "2026-03-02T03:00:00Z"] {
            let look =
                Look { sealed: Some((&vault, "gọi lại")), ..look(&people, "", "số nhà 12") };
            note(&mut tx, &clock(at), actor, look).await.unwrap();
        }
        // As looks were covered before: all by one hash.
        let mut old = list(&mut tx, &Filter::default(), None, 10).await.unwrap().items.remove(1);
        (old.form, old.facts, old.subjects) = (Form::Whole, Vec::new(), people.clone());
        let sql = "update entries set content_hash = $1 where seq = $2";
        tx.run(sql, values![old.hash(), old.entry]).await.unwrap();
        let sql = "update reads set form = 1, facts = $2 where entry = $1";
        tx.run(sql, values![old.entry, &b""[..]]).await.unwrap();
        assert_eq!(verify(&mut tx, Some(&vault)).await.unwrap().faults, Vec::<String>::new());

        let before = clock("2021-01-01T00:00:00Z").now();
        let now = clock("2026-04-01T03:00:00Z");
        assert_eq!(count_before(&mut tx, before).await.unwrap(), 2);
        assert_eq!(erase_before(&mut tx, &now, "binh", before).await.unwrap(), 2);
        assert_eq!(erase_before(&mut tx, &now, "binh", before).await.unwrap(), 0);
        let holds = Verified { looks: 3, erased: 2, faults: Vec::new() };
        for vault in [Some(&vault), None] {
            assert_eq!(verify(&mut tx, vault).await.unwrap(), holds);
        }
        // Who looked, when and for what is still told; of whom and with which words is not.
        let reads = list(&mut tx, &Filter::default(), None, 10).await.unwrap().items;
        let told: Vec<_> = reads.iter().map(|it| (&*it.actor, &*it.purpose, &*it.record)).collect();
        let gone = ("an", "contact", "");
        assert_eq!(told, [("an", "contact", "a"), gone, gone]);
        let of_x = Filter { subjects: Some(vec!["x".to_owned()]), ..Filter::default() };
        assert_eq!(list(&mut tx, &of_x, None, 10).await.unwrap().items.len(), 1);
        tx.commit().await.unwrap();

        // Nobody erases a look before its time, nor more than was said, nor less.
        for (statement, fault) in [
            (
                "update reads set record = '', words = '', erasure = (select id from read_erasures) \
              where erasure is null",
                "erased before its time",
            ),
            ("update reads set actor = 'binh' where erasure is not null and form = 2", "changed"),
            ("update reads set erasure = null where form = 2", "changed"),
            ("update read_erasures set before = before + 1", "changed"),
            ("update reads set record = 'a' where erasure is not null", "not all of it is erased"),
            ("delete from reads where erasure is not null and form = 1", "more or fewer are gone"),
        ] {
            let mut tx = database.write().await.unwrap();
            tx.run("delete from read_words", values![]).await.unwrap();
            tx.run("delete from read_subjects", values![]).await.unwrap();
            tx.run(statement, values![]).await.unwrap();
            let faults = verify(&mut tx, None).await.unwrap().faults;
            assert!(faults.iter().any(|it| it.ends_with(fault)), "{statement}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn a_page_is_noted_once_an_hour_for_each_account_and_what_is_taken_along_each_time() {
    for database in TestDatabase::each().await {
        let mut rights = Rights::NONE;
        rights.grant(Act::ReadProtected, Scope::everywhere());
        rights.grant(Act::ReceiveRequests, Scope::everywhere());
        rights.allow_for(Act::ReceiveRequests, ["contact", "complaint"].map(str::to_owned));
        let looks = async |who: &str, at: &str, path: &str, is_taken: bool| {
            let atlas = territory::Atlas::new(database.database.clone(), clock(at));
            let access = Access::over(Vec::new(), atlas);
            let shown = |act, kind, words: &str| Shown {
                act,
                kind,
                record: String::new(),
                subjects: Vec::new(),
                unit: None,
                words: words.to_owned(),
                count: 3,
            };
            let shown = vec![
                shown(Act::ReadProtected, "", "poor 2026-Q1 @ 2026-07-01"),
                shown(Act::ReceiveRequests, "subject_requests", ""),
            ];
            let actor = Actor { name: who, rights: &rights };
            note_seen(&access, actor, (path, is_taken), shown).await.unwrap();
            let mut tx = database.read().await.unwrap();
            tx.one::<(i64,)>("select count(*) from reads", values![]).await.unwrap().0
        };
        let page = "/indicators/poor";
        for (who, at, path, is_taken, count) in [
            ("an", "2026-03-02T03:00:00Z", page, false, 2),
            ("an", "2026-03-02T03:59:59Z", page, false, 2),
            ("binh", "2026-03-02T03:59:59Z", page, false, 4),
            ("an", "2026-03-02T03:30:00Z", "/indicators/other", false, 5),
            ("an", "2026-03-02T04:00:01Z", page, false, 7),
            ("an", "2026-03-02T04:00:02Z", page, true, 9),
            ("an", "2026-03-02T04:00:03Z", page, true, 11),
        ] {
            assert_eq!(looks(who, at, path, is_taken).await, count, "{who} {at} {path}");
        }
        let mut tx = database.read().await.unwrap();
        let reads = list(&mut tx, &Filter::default(), None, 2).await.unwrap().items;
        let said =
            |read: &Read| (read.record_kind.clone(), read.purpose.clone(), read.words.clone());
        let text = |it: [&str; 3]| (it[0].to_owned(), it[1].to_owned(), it[2].to_owned());
        assert_eq!(said(&reads[1]), text(["export", "", "poor 2026-Q1 @ 2026-07-01"]));
        assert_eq!(said(&reads[0]), text(["subject_requests", "complaint, contact", ""]));
        // Masked lists and pages are ordinary work, also at night; what is taken along is not.
        let now = clock("2026-03-02T04:00:04Z").now();
        let (accounts, _) = sql::habits(&mut tx, now).await.unwrap();
        let counted: Vec<_> = accounts.iter().map(|it| (&*it.who, it.last_day)).collect();
        assert_eq!(counted, [("an", 2)]);
        assert_eq!(verify(&mut tx, None).await.unwrap().faults, Vec::<String>::new());
    }
}

/// A page that shows a number about few people.
async fn few() -> &'static str {
    let (record, subjects, words) = (String::new(), Vec::new(), "poor".to_owned());
    let (act, kind) = (Act::ReadProtected, "");
    looks::tell(Shown { act, kind, record, subjects, unit: None, words, count: 1 });
    "three people"
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_shown() {
    for database in TestDatabase::each().await {
        let access = Access::new(database.database.clone(), clock("2026-03-02T03:00:00Z"));
        let password = access.ensure_administrator(None).await.unwrap().new_password.unwrap();
        let token = crate::tests::token(&access, &password).await.unwrap();
        let program = Router::new()
            .route("/few", get(few))
            .route("/api/v1/few", get(few))
            .layer(from_fn_with_state(access.clone(), crate::identify))
            .with_state(access.clone());
        let asked = |path: &str| {
            let cookie = format!("{}={token}", crate::guard::COOKIE);
            Request::get(path).header(header::COOKIE, cookie)
        };
        for path in ["/few", "/api/v1/few"] {
            let (status, text) = crate::tests::read(&program, asked(path), "").await;
            assert_eq!((status, text.as_str()), (StatusCode::OK, "three people"));
        }
        let mut tx = database.write().await.unwrap();
        let kinds: Vec<(String, String, String)> = tx
            .all("select actor, record_kind, record from reads order by entry", values![])
            .await
            .unwrap();
        let text = |it: [&str; 3]| (it[0].to_owned(), it[1].to_owned(), it[2].to_owned());
        let expected = [["admin", "page", "/few"], ["admin", "export", "/api/v1/few"]].map(text);
        assert_eq!(kinds, expected);
        tx.run("drop table read_subjects", values![]).await.unwrap();
        tx.run("drop table read_words", values![]).await.unwrap();
        tx.run("drop table reads", values![]).await.unwrap();
        tx.commit().await.unwrap();
        for path in ["/few", "/api/v1/few"] {
            let (status, text) = crate::tests::read(&program, asked(path), "").await;
            assert!(status.is_server_error() && !text.contains("three people"), "{text}");
        }
    }
}
