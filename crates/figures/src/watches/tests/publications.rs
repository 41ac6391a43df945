//! Publications that are watched: corrected, right again, withdrawn, replaced.

use axum::http::StatusCode;
use base::rights::Actor;

use super::*;
use crate::publications::tests::{correct_one, forms, new, publish_it};
use crate::publications::{NewPublication, Publication, Replacing, Withdrawal, withdraw};

/// A province with a publication that somebody watches, and the id of its unit.
async fn published(database: TestDatabase) -> (Program, Publication, UnitId) {
    let program = province(database).await;
    program.apply(&forms()).await;
    let it = publish_it(&program, new("small", "01/BC-TK")).await.unwrap();
    let unit = UnitId(it.body.sheet.rows[0].unit.id);
    assert_eq!(look_again(&program.desk).await.unwrap().changes, 0, "it is as it was published");
    watch(&program, "publication", &it.slug, unit).await;
    (program, it, unit)
}

async fn look(program: &Program) -> Vec<Letter> {
    look_again(&program.desk).await.unwrap();
    let found = letters(program).await.into_iter().map(|(_, letter)| letter).collect();
    run(program, "delete from outbox").await;
    found
}

#[tokio::test]
async fn who_cited_a_publication_is_told_what_was_corrected_in_it() {
    for database in TestDatabase::each().await {
        let (program, it, _) = published(database).await;
        let path = format!("/publications/{}", it.slug);
        let feed = format!("/watch/publications/{}.atom", it.slug);
        assert!(program.page(&path).await.contains(&feed));
        assert!(!program.page(&feed).await.contains("<entry>"));
        correct_one(&program).await;
        let told = look(&program).await;
        assert_eq!(told.len(), 1, "{told:?}");
        let [letter] = &told[..] else { panic!() };
        assert!(letter.subject.contains("có số liệu được sửa – Biểu thử"), "{letter:?}");
        for part in ["Số: 01/BC-TK. Kỳ báo cáo: Quý II/2025", "Tổng số, Số lượng (hộ): đã công bố "]
        {
            assert!(letter.text.contains(part), "{part}: {letter:?}");
        }
        // What it was and what it is stand on the page to which the letter leads.
        let page = program.page(&format!("/publications/{}", link(letter, "/publications/"))).await;
        let line = letter.text.lines().find(|line| line.contains("Số lượng")).unwrap();
        for number in line.split("đã công bố ").nth(1).unwrap().split(", nay là ") {
            assert!(page.contains(&format!(">{number}<")), "{number}: {line}");
        }
        let entries = program.page(&feed).await;
        assert_eq!(entries.matches("<entry>").count(), 1, "{entries}");
        assert!(entries.contains("Số lượng (hộ): đã công bố "));
        assert_eq!(look(&program).await, [], "told once");
    }
}

#[tokio::test]
async fn what_was_corrected_before_anybody_looked_is_not_told_as_new() {
    for database in TestDatabase::each().await {
        let program = Program::filled_over(database).await.telling(post());
        program.apply(&forms()).await;
        let it = publish_it(&program, new("small", "01/BC-TK")).await.unwrap();
        let unit = UnitId(it.body.sheet.rows[0].unit.id);
        watch(&program, "publication", &it.slug, unit).await;
        correct_one(&program).await;
        assert_eq!(look_again(&program.desk).await.unwrap(), Looked::default(), "as it is");
        // Of one that is made and corrected between two looks it is known how it was.
        let next = publish_it(&program, new("small", "02/BC-TK")).await.unwrap();
        watch(&program, "publication", &next.slug, unit).await;
        set(&program, "households_with_app", 170).await;
        let told = look(&program).await;
        let of = |number: &str| told.iter().filter(|letter| letter.text.contains(number)).count();
        assert_eq!((of("Số: 01/BC-TK"), of("Số: 02/BC-TK")), (1, 1), "{told:?}");
        assert_eq!(look(&program).await, [], "told once");
    }
}

#[tokio::test]
async fn what_rests_on_other_numbers_has_not_changed() {
    let (program, ..) = published(TestDatabase::sqlite().await).await;
    set(&program, "dossiers_online", 9).await;
    assert_eq!(look(&program).await, []);
}

#[tokio::test]
async fn that_it_was_withdrawn_or_replaced_is_told_with_the_reason() {
    for database in TestDatabase::each().await {
        let (program, it, _) = published(database).await;
        let reason = "sai kỳ".to_owned();
        let replaces = Some(Replacing { reference: it.slug.clone(), reason });
        let next = NewPublication { replaces, ..new("small", "02/BC-TK") };
        let next = publish_it(&program, next).await.unwrap();
        let told = look(&program).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].subject.contains("được thay thế – Biểu thử"), "{told:?}");
        assert!(told[0].text.contains("bằng biểu số 02/BC-TK. Lý do: sai kỳ"), "{told:?}");
        let unit = UnitId(next.body.sheet.rows[0].unit.id);
        watch(&program, "publication", &next.slug, unit).await;
        let mut work = program.desk.begin().await.unwrap();
        let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
        let withdrawal = Withdrawal { reference: next.slug, reason: "tính sai".to_owned() };
        withdraw(tx, cx, withdrawal).await.unwrap();
        work.tx.commit().await.unwrap();
        let told = look(&program).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].subject.contains("bị thu hồi"), "{told:?}");
        assert!(told[0].text.contains("Đã thu hồi. Lý do: tính sai"), "{told:?}");
        assert_eq!(look(&program).await, [], "told once");
    }
}

#[tokio::test]
async fn nobody_watches_a_publication_that_is_not_there_or_of_another_unit() {
    let (program, it, unit) = published(TestDatabase::sqlite().await).await;
    for (code, unit) in [("none", unit), (it.id.as_str(), unit), (&it.slug, UnitId(unit.0 + 1))] {
        let (status, _) = program.post("/watch", &form("publication", code, unit, ADDRESS)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{code} {unit}");
    }
    let path = format!("/watch/publications/{}.atom", it.id);
    assert_eq!(program.get(&path).await.0, StatusCode::NOT_FOUND, "by its name alone");
}
