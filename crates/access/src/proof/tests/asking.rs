//! What is asked for before the ways in change.

use store::testing::TestDatabase;
use store::values;

use super::*;
use crate::proof::{Change, Given};
use crate::tests::{owner_of, session_of};

/// The administrator, who may give power to others, and `other`, who may do nothing. Gives their ids.
async fn people(access: &Access) -> (String, String) {
    access.ensure_administrator(Some(PASSWORD)).await.unwrap();
    access.add_account(OPERATOR, "other").await.unwrap();
    let id = async |name| access.account(name).await.unwrap().id;
    (id("admin").await, id("other").await)
}

fn given<'a>(token: &'a str, password: &'a str, code: &'a str) -> Given<'a> {
    Given { name: "admin", token, address: "192.0.2.7", password, code, suffix: "-x" }
}

#[tokio::test]
async fn a_first_factor_of_whoever_may_give_power_asks_for_a_code_that_another_handed_over() {
    for database in TestDatabase::each().await {
        let time = Time::new(&database.database);
        let access = time.at(0);
        let (admin, _) = people(&access).await;
        let (one, two) = (session_of(&access, &admin).await, session_of(&access, &admin).await);
        let drawn = access.draw_enrolment(OPERATOR, "admin").await.unwrap();
        let before = access.draw_enrolment(OPERATOR, "admin").await.unwrap();
        let drawn_last = access.draw_enrolment(OPERATOR, "admin").await.unwrap();
        assert!(drawn != before && before != drawn_last);
        let drawn = drawn_last.to_lowercase().replace('-', " ");
        let day = 24 * 3600;
        for (at, token, password, typed, expected) in [
            (0, &one, "wrong", &*drawn, Err("password-x")),
            (0, &one, PASSWORD, "", Err("code-x")),
            (0, &one, PASSWORD, "000000", Err("code-x")),
            (0, &one, PASSWORD, &*before, Err("code-x")),
            (0, &one, PASSWORD, &*drawn, Ok(())),
            // It is taken: by whoever sits elsewhere no more, and here until it was used.
            (1, &two, PASSWORD, &*drawn, Err("code-x")),
            (60, &one, PASSWORD, &*drawn, Ok(())),
            (7 * day + 1, &one, PASSWORD, &*drawn, Err("code-x")),
        ] {
            let proved = time.at(at).prove(Change::Adding, given(token, password, typed)).await;
            let expected = expected.map_err(str::to_owned);
            assert_eq!(code(proved.map(|_| ())), expected, "{at} {password} {typed}");
        }
        // Removing, where there is nothing that could be proved, asks for the password.
        time.at(0).prove(Change::Removing, given(&one, PASSWORD, "")).await.unwrap();
        // Once there is a factor, the code is over, and no other is drawn.
        let owner = Owner::of(admin.clone(), &one, "");
        turn_on(&time.at(120), &owner, &one).await.unwrap();
        refused(time.at(120).draw_enrolment(OPERATOR, "admin").await, "access.has_ways");
        let (left,): (i64,) = database
            .read()
            .await
            .unwrap()
            .one("select count(*) from enrolment_codes", values![])
            .await
            .unwrap();
        assert_eq!(left, 0);
    }
}

#[tokio::test]
async fn whoever_may_do_nothing_guarded_sets_a_factor_up_with_the_password() {
    for database in TestDatabase::each().await {
        let access = Time::new(&database.database).at(0);
        let (_, other) = people(&access).await;
        let password = access.reset_password(OPERATOR, "other").await.unwrap();
        let token = session_of(&access, &other).await;
        let given = Given { name: "other", ..given(&token, &password, "") };
        access.prove(Change::Adding, given).await.unwrap();
    }
}

#[tokio::test]
async fn a_factor_that_is_there_is_asked_for_unless_it_was_shown_minutes_ago() {
    for database in TestDatabase::each().await {
        let time = Time::new(&database.database);
        let access = time.at(0);
        let (admin, _) = people(&access).await;
        let token = session_of(&access, &admin).await;
        let owner = Owner::of(admin.clone(), &token, "");
        let codes = turn_on(&access, &owner, &token).await.unwrap();
        for change in [Change::Adding, Change::Removing] {
            let asked = |second: i64, typed| {
                let access = time.at(second);
                let given = given(&token, PASSWORD, typed);
                async move { code(access.prove(change, given).await.map(|_| ())) }
            };
            let (first, last) = match change {
                Change::Adding => (0, 599),
                Change::Removing => (1300, 1899),
            };
            assert_eq!(asked(last, "").await, Ok(()), "shown minutes ago: {change:?}");
            assert_eq!(asked(last + 2, "").await, Err("code-x".to_owned()));
            assert_eq!(asked(last + 2, "123456").await, Err("code-x".to_owned()));
            let used = &codes[usize::from(first > 0)];
            assert_eq!(asked(last + 701, used).await, Ok(()));
            assert_eq!(asked(last + 1401, used).await, Err("code-x".to_owned()), "used");
        }
        // Whoever has a passkey alone shows it by signing in anew.
        access.end_factor(&owner).await.unwrap();
        let mut tx = database.write().await.unwrap();
        let sql = "insert into passkeys (id, account, credential_id, credential, name, created_at) \
                   values ('x', $1, $2, '{}', 'x', 1)";
        tx.run(sql, values![&admin, vec![1_u8]]).await.unwrap();
        tx.commit().await.unwrap();
        let asked = access.prove(Change::Adding, given(&token, PASSWORD, &codes[5])).await;
        refused(asked, "access.passkey_wanted");
    }
}

#[tokio::test]
async fn the_secret_is_shown_and_confirmed_in_the_session_that_began_alone() {
    for database in TestDatabase::each().await {
        let access = Time::new(&database.database).at(0);
        let (admin, _) = people(&access).await;
        let token = session_of(&access, &admin).await;
        let thief = session_of(&access, &admin).await;
        access.begin_factor(&Owner::of(admin.clone(), &token, "")).await.unwrap();
        let shown = async |token: &str| access.standing(&admin, token).await.unwrap();
        assert!(matches!(shown(&token).await, Standing::Begun(_)));
        assert!(matches!(shown(&thief).await, Standing::Without));
        let confirmed =
            access.confirm_factor(&Owner::of(admin.clone(), &thief, ""), "000000").await;
        refused(confirmed, "access.not_begun");
    }
}

#[tokio::test]
async fn the_owner_is_told_in_the_log_and_by_a_letter() {
    use crate::organisation::tests::{World, a_post, an_agency, appointed, days};
    use crate::organisation::{link_account, store as organisation};
    for world in World::each().await {
        let access = Access::over(Vec::new(), world.atlas.clone());
        let access = access.keeping(Some(Vault::new(Keys::generate()))).telling(true);
        access.add_account(OPERATOR, "an").await.unwrap();
        let account = access.account("an").await.unwrap().id;
        let letters = async || {
            let mut tx = world.database.read().await.unwrap();
            let sql = "select payload from outbox where kind = 'account' order by payload";
            let rows: Vec<(String,)> = tx.all(sql, values![]).await.unwrap();
            rows.into_iter().map(|(payload,)| payload).collect::<Vec<_>>()
        };
        // Nobody knows yet how the owner is reached.
        access.reset_password(OPERATOR, "an").await.unwrap();
        assert_eq!(letters().await, [""; 0]);
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let agency = an_agency(&mut tx, cx, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let post = a_post(&mut tx, cx, (agency, "Chuyên viên", "2024-01-01"), false).await.unwrap();
        let open = days("2024-01-01", "");
        let held = appointed(&mut tx, cx, (post, "Nguyễn Văn Mẫu"), open).await.unwrap();
        let held = organisation::holdings_by(&mut tx, "id", &[held]).await.unwrap().remove(0);
        link_account(&mut tx, cx, held.person, "an").await.unwrap();
        tx.commit().await.unwrap();

        let token = session_of(&access, &account).await;
        let owner = Owner::of(account.clone(), &token, "192.0.2.7");
        turn_on(&access, &owner, &token).await.unwrap();
        access.end_factor(&owner).await.unwrap();
        assert_eq!(letters().await, ["factor-off", "factor-on"]);
        let mut tx = world.database.read().await.unwrap();
        let letter = crate::notice_of(&mut tx, &account, "factor-on").await.unwrap().unwrap();
        assert_eq!(letter.to, "nguyen.van.mau@example.vn");
        for lang in [lang::Lang::Vietnamese, lang::Lang::English] {
            assert!(letter.text.contains(lang::proof::log_factor_on(lang)), "{}", letter.text);
        }
        assert_eq!(crate::notice_of(&mut tx, "nobody", "factor-on").await.unwrap(), None);
        let sql = "select outcome from sign_ins where account = $1 order by at, id";
        let log: Vec<(String,)> = tx.all(sql, values![&account]).await.unwrap();
        let log: Vec<&str> = log.iter().map(|(outcome,)| outcome.as_str()).collect();
        assert_eq!(log, ["password-reset", "factor-on", "factor-off"]);
        drop(owner_of(&access, &account).await);
    }
}
