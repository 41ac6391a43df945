//! What stands after corrections, mergers and a year; withdrawing and replacing; tampering.

use ::store::values;
use base::rights::Actor;
use base::{Clock, Moment};
use territory::merger::{MergerOrder, NewUnit};
use territory::{Act, Atlas, Kind, Part};

use super::*;
use crate::Desk;

/// Two communes of the map become one, from a day to come on.
async fn merge(program: &Program) {
    let territory = program.territory().await;
    let on = day("2025-09-20");
    let member = |code: &str| territory.by_code(code, on).unwrap().clone();
    let members = [member("31441"), member("31453")];
    let formed = NewUnit {
        code: members[0].code.clone().unwrap(),
        name: "Mới".to_owned(),
        full_name: "Xã Mới".to_owned(),
        kind: Kind::Commune,
        parent: members[0].parent.map(Into::into),
        from: members.iter().map(|member| (member.unit, Part::Whole)).collect(),
    };
    let act = Act {
        id: 0,
        number: "9/NQ-MINHHOA".to_owned(),
        issuer: String::new(),
        title: String::new(),
        adopted_on: None,
        effective_on: Some(on),
        source: String::new(),
    };
    let order = MergerOrder { act, on, into: vec![formed], children: Vec::new() };
    let mut tx = program.desk.database().write().await.unwrap();
    territory::apply_merger(
        &mut tx,
        program.desk.clock(),
        base::rights::Actor::operator("tester"),
        &order,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_was_published_stays_byte_for_byte_and_what_changed_is_told() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let it = publish_it(&program, new("small", "01/BC-T")).await.unwrap();
        let before = bytes(&program, &it.id).await;
        assert_eq!(before[2], rules::bytes_of(&it.body).unwrap());
        assert!(changes(&program, &it.slug).await.is_empty());

        let observation = correct_one(&program).await;
        merge(&program).await;
        // A year later, by another process: its clock, its atlas, its definitions.
        let later = Clock::fixed("2026-09-15T02:00:00Z".parse::<Moment>().unwrap());
        let database = program.desk.database().clone();
        let desk = Desk::new(Atlas::new(database, later));
        let mut tx = desk.database().read().await.unwrap();
        let again = find(&mut tx, "01-bc-t-2025").await.unwrap();
        assert_eq!(again, it);
        for (kind, before) in FileKind::ALL.into_iter().zip(&before) {
            assert_eq!(&file(&mut tx, &it.id, kind).await.unwrap(), before, "{kind:?}");
            // What is made anew of the body alone is the same as well.
            assert_eq!(&rules::render(&again.body, kind).unwrap(), before, "{kind:?}");
        }
        drop(tx);
        assert_eq!(faults(&program).await, Vec::<String>::new());

        // The hamlet, and all together: the count and the share, old and new.
        let changes = changes(&program, &it.id).await;
        let places: Vec<(usize, usize)> =
            changes.iter().map(|change| (change.row, change.column)).collect();
        let hamlet = hamlets(&*program.territory().await)[0];
        let row = it.body.sheet.rows.iter().position(|row| row.unit.id == hamlet.0).unwrap();
        assert_eq!(places, [(0, 1), (0, 2), (row, 1), (row, 2)]);
        for change in &changes {
            let (old, new) = (&change.frozen, change.now.as_ref().unwrap());
            assert_eq!(new.numerator, old.numerator.map(|old| old - 7));
            assert_eq!(new.denominator, old.denominator);
            let records: Vec<&str> =
                change.entries.iter().map(|entry| entry.record_id.as_str()).collect();
            assert!(
                !records.is_empty() && records.iter().all(|id| *id == observation),
                "{records:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_cut_off_freezes_what_was_known_by_then() {
    let program = program(TestDatabase::sqlite().await).await;
    let first = publish_it(&program, new("small", "01/BC-T")).await.unwrap();
    let cut_off = first.body.sheet.cut_off;
    correct_one(&program).await;
    let by_then = NewPublication { cut_off: Some(cut_off), ..new("small", "02/BC-T") };
    let by_then = publish_it(&program, by_then).await.unwrap();
    assert_eq!(by_then.body.sheet.rows, first.body.sheet.rows);
    assert_eq!(by_then.body.sheet.entries, first.body.sheet.entries);
    let now = publish_it(&program, new("small", "03/BC-T")).await.unwrap();
    assert_ne!(now.body.sheet.rows, first.body.sheet.rows);
    assert!(changes(&program, &now.slug).await.is_empty());
    assert_eq!(changes(&program, &by_then.slug).await.len(), 4);
    let to_come = cut_off.0 + 1_000_000_000_000;
    let to_come = NewPublication { cut_off: Some(Moment(to_come)), ..new("small", "04/BC-T") };
    assert_eq!(places(publish_it(&program, to_come).await), ["known"]);
}

#[tokio::test]
async fn a_withdrawn_and_a_replaced_publication_stay_readable_and_name_each_other() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let first = publish_it(&program, new("small", "01/BC-T")).await.unwrap();
        let replacing = |reference: &str, reason: &str| {
            Some(Replacing { reference: reference.to_owned(), reason: reason.to_owned() })
        };
        let second = NewPublication {
            replaces: replacing(&first.slug, "sót một xã"),
            ..new("small", "02/BC-T")
        };
        let second = publish_it(&program, second).await.unwrap();
        let replaced = second.body.replaces.as_ref().unwrap();
        assert_eq!(
            (replaced.id.as_str(), replaced.number.as_str()),
            (first.id.as_str(), "01/BC-T")
        );
        assert!(replaced.line.contains("01/BC-T") && replaced.line.contains("sót một xã"));
        let mut tx = program.desk.database().read().await.unwrap();
        let old = find(&mut tx, &first.id).await.unwrap();
        assert_eq!(old.body, first.body);
        assert_eq!(old.ended.unwrap().replaced_by.as_deref(), Some(second.id.as_str()));
        drop(tx);

        let take_back = async |reference: &str, reason: &str| {
            let mut work = program.desk.begin().await.unwrap();
            let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
            let reason = reason.to_owned();
            let wish = Withdrawal { reference: reference.to_owned(), reason };
            let it = withdraw(tx, cx, wish).await?;
            work.tx.commit().await?;
            Ok(it)
        };
        let ended = take_back(&first.slug, "lần nữa").await;
        assert!(
            matches!(ended, Err(Error::Refused { code: "publications.ended", .. })),
            "{ended:?}"
        );
        assert_eq!(places(take_back(&second.slug, " ").await), ["reason"]);
        let ended = take_back(&second.slug, "nhầm kỳ").await.unwrap().ended.unwrap();
        assert_eq!((ended.reason.as_str(), ended.replaced_by), ("nhầm kỳ", None));
        let third =
            NewPublication { replaces: replacing(&second.slug, "x"), ..new("small", "03/BC-T") };
        let refused = publish_it(&program, third).await;
        assert!(matches!(refused, Err(Error::Refused { code: "publications.ended", .. })));
        let mut tx = program.desk.database().read().await.unwrap();
        assert_eq!(list(&mut tx, None, 1).await.unwrap().items[0].id, second.id);
        let next = list(&mut tx, None, 1).await.unwrap().next;
        let rest = list(&mut tx, next.as_deref(), 9).await;
        assert_eq!(rest.unwrap().items.len(), 1);
        drop(tx);
        assert_eq!(faults(&program).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn whatever_is_changed_behind_the_program_is_found() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let first = publish_it(&program, new("small", "01/BC-T")).await.unwrap();
        let replaces = Some(Replacing { reference: first.id.clone(), reason: "x".to_owned() });
        publish_it(&program, NewPublication { replaces, ..new("small", "02/BC-T") }).await.unwrap();
        for (sql, expected) in [
            ("update publications set body = replace(body, 'Biểu thử', 'Biểu giả')", "changed"),
            ("update publications set body = 'x'", "cannot be read"),
            ("update publications set number = '9/BC-T'", "not that of its body"),
            ("update publications set slug = slug || '-x'", "not that of its body"),
            ("update publications set entry = entry + 100", "changed"),
            ("update publication_files set content = hash", "csv file was changed"),
            ("update publication_files set hash = content", "xlsx file was changed"),
            (
                "update publication_files set content = hash where kind = 'xlsx'",
                "not what its body",
            ),
            ("delete from publication_files where kind = 'csv'", "csv file is missing"),
            ("delete from publication_files", "publication_file"),
            ("update publication_ends set reason = 'y'", "its end was changed"),
            ("update publication_ends set replaced_by = null", "its end was changed"),
            ("delete from publication_ends", "version 2: missing"),
        ] {
            let mut tx = program.desk.database().write().await.unwrap();
            tx.run(sql, values![]).await.unwrap();
            let faults = verify(&mut tx).await.unwrap().1;
            assert!(faults.iter().any(|fault| fault.contains(expected)), "{sql}: {faults:?}");
        }
        // Without its row, an entry says what is missing.
        let mut tx = program.desk.database().write().await.unwrap();
        for table in ["publication_files", "publication_ends", "publications"] {
            tx.run_built(format!("delete from {table}"), values![]).await.unwrap();
        }
        let faults = verify(&mut tx).await.unwrap().1;
        assert_eq!(faults.len(), 7, "{faults:?}");
        drop(tx);
        assert_eq!(self::faults(&program).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_cannot_be_published_is_told_field_by_field() {
    let program = program(TestDatabase::sqlite().await).await;
    publish_it(&program, new("small", "01/BC-T")).await.unwrap();
    let long = "ộ".repeat(121);
    let with = |change: &dyn Fn(&mut NewPublication)| {
        let mut it = new("small", "07/BC-T");
        change(&mut it);
        it
    };
    for (wish, expected) in [
        (with(&|it| it.number = " ".to_owned()), vec!["number"]),
        (with(&|it| it.number = "—/–".to_owned()), vec!["number"]),
        (with(&|it| it.number = "1".repeat(61)), vec!["number"]),
        (with(&|it| it.number = "01-bc-t".to_owned()), vec!["number"]),
        (with(&|it| it.place = String::new()), vec!["place"]),
        (with(&|it| it.signer.name = long.clone()), vec!["signer"]),
        (with(&|it| it.signer.post = "\u{202e}".to_owned()), vec!["post"]),
        (with(&|it| it.on = day("2025-06-30")), vec!["on"]),
        (with(&|it| it.on = day("2025-09-16")), vec!["on"]),
        (with(&|it| it.period = Period::parse("2025-Q3", &[]).unwrap()), vec!["period"]),
        (with(&|it| it.period = Period::parse("2025-06", &[]).unwrap()), vec!["period"]),
        (
            with(&|it| {
                it.replaces = Some(Replacing { reference: "x".to_owned(), reason: String::new() });
            }),
            vec!["reason"],
        ),
    ] {
        let said = format!("{wish:?}");
        assert_eq!(places(publish_it(&program, wish).await), expected, "{said}");
    }
    // In another year the number is free again; a form that nobody reports for stays unpublished.
    for (wish, code) in [
        (with(&|it| it.report = "none".to_owned()), "not found"),
        (with(&|it| it.period = Period::parse("2024-Q2", &[]).unwrap()), "publications.empty"),
    ] {
        let refused = publish_it(&program, wish).await.unwrap_err();
        let is_it = match &refused {
            Error::NotFound(_) => code == "not found",
            Error::Refused { code: it, .. } => *it == code,
            _ => false,
        };
        assert!(is_it, "{refused:?}");
    }
    assert_eq!(slug("01/BC-UBND", day("2025-07-05")), "01-bc-ubnd-2025");
    assert_eq!(slug("số 1/Đ.A", day("2026-01-01")), "so-1-d-a-2026");
}
