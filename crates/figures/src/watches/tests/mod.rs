//! Watches: the rules, what is told and what is not, and the pages.

mod feeds;
mod pages;
mod publications;
mod rules;

use ::store::testing::TestDatabase;
use ::store::values;
use base::rights::Actor;
use territory::UnitId;

use super::*;
use crate::observations::{Change as ObservationChange, Correction, change};
use crate::pages::tests::Program;
use crate::pages::tests::targets::with_plan;

const ADDRESS: &str = "an@example.vn";
const SITE: &str = "https://sogoc.example.vn";

fn post() -> Post {
    Post::new(Some(Site::parse(SITE).unwrap()), true)
}

/// A province with counts and a plan, of which somebody has looked how it stands.
async fn province(database: TestDatabase) -> Program {
    let program = Program::filled_over(database).await.telling(post());
    with_plan(&program).await;
    assert_eq!(look_again(&program.desk).await.unwrap(), Looked::default(), "nothing has changed");
    program
}

/// The city, which a target of the plan and its figures speak of.
async fn city(program: &Program) -> UnitId {
    let territory = program.territory().await;
    territory.by_code("92", program.desk.clock().today()).unwrap().unit
}

/// Sets every count of a measure in quarter II.
async fn set(program: &Program, measure: &str, value: i64) {
    let mut work = program.desk.begin().await.unwrap();
    let number = work.catalogue.measure(measure).unwrap().number;
    let sql = "select id, version from observations where measure = $1 and day = $2 order by id";
    let day = "2025-06-30".parse::<base::Day>().unwrap();
    let found: Vec<(String, i64)> = work.tx.all(sql, values![number, day]).await.unwrap();
    assert!(!found.is_empty());
    for (id, version) in found {
        let reason = "đếm lại".to_owned();
        let correction = Correction { id, version, value, reason };
        let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
        change(tx, cx, ObservationChange::Correct(correction)).await.unwrap();
    }
    work.tx.commit().await.unwrap();
}

/// The letters that wait, the first written first, each with the watch it is for.
async fn letters(program: &Program) -> Vec<(String, Letter)> {
    let mut tx = program.desk.database().read().await.unwrap();
    let sql = "select recipient, payload from outbox order by made_at, id";
    let rows: Vec<(String, String)> = tx.all(sql, values![]).await.unwrap();
    let read = |(watch, text): (String, String)| (watch, serde_json::from_str(&text).unwrap());
    rows.into_iter().map(read).collect()
}

async fn count(program: &Program, table: &str) -> i64 {
    let mut tx = program.desk.database().read().await.unwrap();
    let sql = format!("select count(*) from {table}");
    tx.all_built::<(i64,)>(sql, values![]).await.unwrap()[0].0
}

async fn run(program: &Program, sql: &str) {
    let mut tx = program.desk.database().write().await.unwrap();
    tx.run_built(sql.to_owned(), values![]).await.unwrap();
    tx.commit().await.unwrap();
}

/// The letter that came last, delivered.
async fn take_letter(program: &Program) -> Letter {
    let letter = letters(program).await.pop().unwrap().1;
    run(program, "delete from outbox").await;
    letter
}

/// The part of a letter behind an address of ours.
fn link(letter: &Letter, path: &str) -> String {
    let start = format!("{SITE}{path}");
    let rest = letter.text.split(&start).nth(1).unwrap_or_else(|| panic!("{path}: {letter:?}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

fn form(kind: &str, code: &str, unit: UnitId, address: &str) -> String {
    let address = web::ask::encoded(address);
    format!("kind={kind}&code={code}&unit={unit}&address={address}&language=vi")
}

/// Asks and confirms as a person would; gives the token of their page.
async fn watch(program: &Program, kind: &str, code: &str, unit: UnitId) -> String {
    let asked = program.post("/watch", &form(kind, code, unit, ADDRESS)).await;
    assert_eq!(asked.1, "/watch/asked");
    let letter = take_letter(program).await;
    let token = link(&letter, "/watch/confirm/");
    let (_, place) = program.post(&format!("/watch/confirm/{token}"), "").await;
    let token = place.strip_prefix("/watch/").unwrap().split('?').next().unwrap();
    token.to_owned()
}

#[tokio::test]
async fn each_change_is_told_once_to_those_who_watch_it() {
    for database in TestDatabase::each().await {
        let program = province(database).await;
        let city = city(&program).await;
        let token = watch(&program, "target", "half", city).await;
        set(&program, "households_with_app", 320).await;
        // Two processes look at once.
        let (first, second) = tokio::join!(look_again(&program.desk), look_again(&program.desk));
        let counts = [first.unwrap_or_default(), second.unwrap_or_default()];
        let told = counts.iter().map(|looked| looked.letters).sum::<usize>();
        assert_eq!(told, 1, "{counts:?}");
        let waiting = letters(&program).await;
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        let letter = take_letter(&program).await;
        for part in ["Thành phố Cần Thơ", "đạt", "Một nửa số hộ", "50,00%", "Kế hoạch số 7"]
        {
            assert!(
                letter.text.contains(part) || letter.subject.contains(part),
                "{part}: {letter:?}"
            );
        }
        let made_up = lang::watch::made_up(lang::Lang::Vietnamese);
        assert!(letter.text.contains(made_up), "{letter:?}");
        assert!(letter.subject.starts_with("[Dữ liệu minh họa]"), "{letter:?}");
        assert_eq!(link(&letter, "/targets/"), "half?on=2025-09-15&known=2025-09-15");
        let end = letter.unsubscribe.unwrap();
        assert!(end.starts_with(&format!("{SITE}/watch/{token}/end/")), "{end}");
        let changes = count(&program, "watch_changes").await;
        assert!(changes > 1, "communes have changed too");
        assert_eq!(look_again(&program.desk).await.unwrap(), Looked::default());
        // And back.
        set(&program, "households_with_app", 40).await;
        let looked = look_again(&program.desk).await.unwrap();
        assert_eq!(looked.letters, 1);
        assert!(take_letter(&program).await.subject.contains("chậm"));
        assert_eq!(count(&program, "watch_changes").await, changes + looked.changes as i64);
    }
}

#[tokio::test]
async fn a_change_and_what_tells_of_it_are_written_together_or_not_at_all() {
    for database in TestDatabase::each().await {
        let program = province(database).await;
        let city = city(&program).await;
        watch(&program, "target", "half", city).await;
        set(&program, "households_with_app", 320).await;
        run(&program, "alter table outbox rename to outbox_away").await;
        look_again(&program.desk).await.unwrap_err();
        assert_eq!(count(&program, "watch_changes").await, 0);
        run(&program, "alter table outbox_away rename to outbox").await;
        assert_eq!(look_again(&program.desk).await.unwrap().letters, 1);
    }
}

#[tokio::test]
async fn a_figure_that_is_corrected_is_told_with_what_it_was() {
    for database in TestDatabase::each().await {
        let program = province(database).await;
        let city = city(&program).await;
        watch(&program, "indicator", "households-with-app", city).await;
        // What rests on other measures is another's.
        set(&program, "dossiers_online", 9).await;
        let other = look_again(&program.desk).await.unwrap();
        assert!(other.changes > 0 && other.letters == 0, "{other:?}");
        let before = count(&program, "watch_changes").await;
        set(&program, "households_with_app", 170).await;
        assert_eq!(look_again(&program.desk).await.unwrap().letters, 1);
        assert!(count(&program, "watch_changes").await > before);
        let letter = take_letter(&program).await;
        assert!(
            letter.text.contains("trước là 3") && letter.text.contains("nay là 5"),
            "{letter:?}"
        );
        let figure = link(&letter, "/figures/");
        assert_eq!(figure, "households-with-app/92/2025-Q2?map=2025-09-15&known=2025-09-15");
        let page = program.page(&format!("/figures/{figure}")).await;
        let now = letter.text.split("nay là ").nth(1).unwrap().split('\n').next().unwrap();
        assert!(page.contains(now), "{now}");
    }
}
