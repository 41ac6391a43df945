//! Appointing, ending and delegating on both databases.

use base::{Day, DayRange, Error};
use proptest::prelude::*;

use super::super::actions::{NewDelegation, NewHolding, NewPerson, Whose};
use super::super::model::{Delegate, Form, HoldingId, Manner};
use super::super::{
    NoSignature, appoint, delegate, end_agency, end_delegation, end_holding, link_account,
    signature_block, store as sql,
};
use super::{DECISION, World, a_post, an_agency, appointed, day, days};

fn place(error: Error) -> String {
    match error {
        Error::Invalid(errors) => {
            errors.into_iter().map(|error| error.place).collect::<Vec<_>>().join(" ")
        }
        Error::Refused { code, .. } => code.to_owned(),
        Error::NotFound(_) => "not found".to_owned(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_post_passes_from_one_to_the_next_and_signs_accordingly() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let agency = an_agency(&mut tx, cx, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let head = a_post(&mut tx, cx, (agency, "Giám đốc", "2024-01-01"), true).await.unwrap();
        let deputy =
            a_post(&mut tx, cx, (agency, "Phó Giám đốc", "2024-01-01"), false).await.unwrap();
        let first =
            appointed(&mut tx, cx, (head, "Nguyễn Văn Mẫu"), days("2024-01-01", "")).await.unwrap();
        appointed(&mut tx, cx, (deputy, "Trần Thị Mẫu"), days("2024-01-01", "")).await.unwrap();
        let again = appointed(&mut tx, cx, (head, "Lê Văn Mẫu"), days("2025-01-01", "")).await;
        let Err(Error::Invalid(errors)) = again else { panic!("{again:?}") };
        assert_eq!(errors[0].place, "from");
        assert!(errors[0].text.say(lang::Lang::Vietnamese).contains("Nguyễn Văn Mẫu"));
        let new = NewDelegation {
            holding: first,
            form: Form::Kt,
            to: Delegate::Post(deputy),
            subject: "Lĩnh vực mẫu".to_owned(),
            valid: days("2024-02-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        delegate(&mut tx, cx, new.clone()).await.unwrap();
        let later = NewDelegation { valid: days("2025-01-01", "2025-03-31"), ..new };
        delegate(&mut tx, cx, later).await.unwrap();
        // The head leaves: the first delegation ends with him, the second never takes effect.
        let ended = end_holding(&mut tx, cx, first, (day("2024-12-01"), DECISION)).await.unwrap();
        assert_eq!(ended, 2);
        let acting = NewHolding {
            post: head,
            person: Whose::New(NewPerson {
                name: "Trần Thị Mẫu".to_owned(),
                email: "tran.thi.mau@example.vn".to_owned(),
                ..NewPerson::default()
            }),
            manner: Manner::Acting,
            valid: days("2024-12-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        appoint(&mut tx, cx, acting).await.unwrap();
        let chart = sql::chart(&mut tx, &[agency]).await.unwrap();
        // The same name and address is the same person.
        assert_eq!(chart.people.len(), 2);
        let lines = |post, on: &str| {
            signature_block(&chart, post, day(on)).map(|mut all| all.remove(0).lines.join(" / "))
        };
        assert_eq!(lines(head, "2024-11-30").unwrap(), "GIÁM ĐỐC");
        assert_eq!(lines(deputy, "2024-11-30").unwrap(), "KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC");
        assert_eq!(lines(head, "2024-12-01").unwrap(), "Q. GIÁM ĐỐC");
        assert_eq!(lines(deputy, "2024-12-01"), Err(NoSignature::NotDelegated));
        tx.commit().await.unwrap();
        world.holds().await;
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let agency = an_agency(&mut tx, cx, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let head = a_post(&mut tx, cx, (agency, "Giám đốc", "2024-01-01"), true).await.unwrap();
        let same = a_post(&mut tx, cx, (agency, "giám  đốc", "2024-01-01"), true).await;
        assert_eq!(place(same.unwrap_err()), "title");
        let early = a_post(&mut tx, cx, (agency, "Văn thư", "2023-12-31"), false).await;
        assert_eq!(place(early.unwrap_err()), "from");
        let again = an_agency(&mut tx, cx, ("SỞ MẪU", "2024-06-01"), None).await;
        assert_eq!(place(again.unwrap_err()), "organisation.same_name");
        for (name, email, phone, account, valid, decision, places) in [
            ("", "", "", "", days("2024-01-01", ""), DECISION, "name"),
            ("079200000001", "", "", "", days("2024-01-01", ""), DECISION, "name"),
            ("Nguyễn Văn Mẫu", "mau@", "", "", days("2024-01-01", ""), DECISION, "email"),
            (
                "Nguyễn Văn Mẫu",
                "a b@example.vn",
                "x",
                "",
                days("2024-01-01", ""),
                DECISION,
                "email phone",
            ),
            ("Nguyễn Văn Mẫu", "", "079200000001", "", days("2024-01-01", ""), DECISION, "phone"),
            ("Nguyễn Văn Mẫu", "", "", "nobody", days("2024-01-01", ""), DECISION, "account"),
            ("Nguyễn Văn Mẫu", "", "", "", days("2024-01-01", ""), " ", "decision"),
            ("Nguyễn Văn Mẫu", "", "", "", days("2023-12-31", ""), DECISION, "from"),
            ("Nguyễn Văn Mẫu", "", "", "", days("2024-02-01", "2024-01-31"), DECISION, "to"),
            (&"x".repeat(201), "", "", "", days("2024-01-01", ""), DECISION, "name"),
        ] {
            let person = NewPerson {
                name: name.to_owned(),
                email: email.to_owned(),
                phone: phone.to_owned(),
                account: account.to_owned(),
            };
            let new = NewHolding {
                post: head,
                person: Whose::New(person),
                manner: Manner::Appointed,
                valid,
                decision: decision.to_owned(),
                made_up: true,
            };
            let refused = appoint(&mut tx, cx, new).await.unwrap_err();
            assert_eq!(place(refused), places, "{name} {email} {phone}");
        }
        let holding =
            appointed(&mut tx, cx, (head, "Nguyễn Văn Mẫu"), days("2024-01-01", "")).await.unwrap();
        for (on, places) in [("2023-12-31", "on"), ("2024-01-01", "")] {
            let ended = end_holding(&mut tx, cx, holding, (day(on), DECISION)).await;
            assert_eq!(ended.err().map(place).unwrap_or_default(), places, "{on}");
        }
        // It never took effect, so the post is free from the first day.
        appointed(&mut tx, cx, (head, "Lê Văn Mẫu"), days("2024-01-01", "")).await.unwrap();
        let gone = HoldingId(base::Id::new(cx.clock));
        let ended = end_holding(&mut tx, cx, gone, (day("2024-01-01"), DECISION)).await;
        assert_eq!(place(ended.unwrap_err()), "not found");
        tx.commit().await.unwrap();
        world.holds().await;
    }
}

#[tokio::test]
async fn what_ends_takes_along_what_rests_on_it_and_accounts_are_linked() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        crate::Access::new(world.database.database.clone(), world.atlas.clock().clone())
            .ensure_administrator(Some("a good long one"))
            .await
            .unwrap();
        let mut tx = world.database.write().await.unwrap();
        let agency = an_agency(&mut tx, cx, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let other = an_agency(&mut tx, cx, ("Sở Khác", "2024-01-01"), None).await.unwrap();
        let head = a_post(&mut tx, cx, (agency, "Giám đốc", "2024-01-01"), true).await.unwrap();
        let away = a_post(&mut tx, cx, (other, "Giám đốc", "2024-01-01"), true).await.unwrap();
        let first =
            appointed(&mut tx, cx, (head, "Nguyễn Văn Mẫu"), days("2024-01-01", "")).await.unwrap();
        appointed(&mut tx, cx, (away, "Trần Thị Mẫu"), days("2024-01-01", "")).await.unwrap();
        let new = NewDelegation {
            holding: first,
            form: Form::Tuq,
            to: Delegate::Post(away),
            subject: "Lĩnh vực mẫu".to_owned(),
            valid: days("2024-02-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let one = delegate(&mut tx, cx, new.clone()).await.unwrap();
        end_delegation(&mut tx, cx, one, (day("2024-03-01"), DECISION)).await.unwrap();
        delegate(&mut tx, cx, NewDelegation { valid: days("2024-03-01", ""), ..new })
            .await
            .unwrap();
        let person = sql::chart(&mut tx, &[agency]).await.unwrap().holdings[&first].person;
        link_account(&mut tx, cx, person, "Admin").await.unwrap();
        let missing = link_account(&mut tx, cx, person, "nobody").await.unwrap_err();
        assert_eq!(place(missing), "account");
        let (heads, accounts) = sql::supplied(&mut tx, day("2024-05-01")).await.unwrap();
        assert!(heads.contains(&agency) && heads.contains(&other));
        assert!(accounts.contains(&agency) && !accounts.contains(&other));
        let ended =
            end_agency(&mut tx, cx, other, (day("2024-06-01"), None, DECISION)).await.unwrap();
        assert_eq!((ended.posts, ended.holdings, ended.delegations), (1, 1, 1));
        let (heads, _) = sql::supplied(&mut tx, day("2024-06-01")).await.unwrap();
        assert!(heads.contains(&agency) && !heads.contains(&other));
        let again = end_agency(&mut tx, cx, other, (day("2024-07-01"), None, DECISION)).await;
        assert_eq!(place(again.unwrap_err()), "organisation.over");
        tx.commit().await.unwrap();
        world.holds().await;
        // Names stay in the table of people: the journal has their hash alone.
        let mut tx = world.database.read().await.unwrap();
        let last = journal::last_seq(&mut tx).await.unwrap();
        for seq in 1..=last {
            let entry = journal::find_entry(&mut tx, seq).await.unwrap().unwrap();
            assert!(!format!("{entry:?}").contains("Mẫu"), "{entry:?}");
        }
        // A row that was changed behind the program's back is found.
        let mut tx = world.database.write().await.unwrap();
        let sql = "update person_versions set name = 'Ai đó' where version = 1";
        tx.run(sql, Vec::new()).await.unwrap();
        let (_, faults) = super::super::verify(&mut tx).await.unwrap();
        assert!(faults.iter().any(|fault| fault.ends_with("changed")), "{faults:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever is tried in whatever order: no day has two holders of the post, and no delegation
    /// reaches beyond its holding.
    #[test]
    fn sequences_of_appointments_and_ends_keep_the_rules(
        tries in proptest::collection::vec((0..3_u8, 0..3_usize, 0..50_i32, 1..40_i32), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let database = store::testing::TestDatabase::sqlite().await;
            let clock = base::Clock::fixed("2025-09-15T02:00:00Z".parse().unwrap());
            let territory = territory::Territory::empty();
            let cx = super::Context { clock: &clock, actor: base::rights::Actor::operator("canbo"), territory: &territory };
            let mut tx = database.write().await.unwrap();
            let agency = an_agency(&mut tx, cx, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
            let head = a_post(&mut tx, cx, (agency, "Giám đốc", "2024-01-01"), true).await.unwrap();
            let deputy =
                a_post(&mut tx, cx, (agency, "Phó Giám đốc", "2024-01-01"), false).await.unwrap();
            let start = day("2025-01-01");
            let names = ["Nguyễn Văn Mẫu", "Trần Thị Mẫu", "Lê Văn Mẫu"];
            let mut holdings: Vec<HoldingId> = Vec::new();
            for (kind, who, first, length) in tries {
                let from = start.plus(first);
                let to = if length > 35 { Day::MAX } else { from.plus(length) };
                let valid = DayRange { from, to };
                match (kind, holdings.get(who % holdings.len().max(1)).copied()) {
                    (1, Some(holding)) => {
                        let _ = end_holding(&mut tx, cx, holding, (from, DECISION)).await;
                    }
                    (2, Some(holding)) => {
                        let new = NewDelegation {
                            holding,
                            form: Form::Kt,
                            to: Delegate::Post(deputy),
                            subject: "Mẫu".to_owned(),
                            valid,
                            decision: DECISION.to_owned(),
                            made_up: true,
                        };
                        let _ = delegate(&mut tx, cx, new).await;
                    }
                    _ => holdings.extend(appointed(&mut tx, cx, (head, names[who]), valid).await),
                }
            }
            let chart = sql::chart(&mut tx, &[agency]).await.unwrap();
            for offset in 0..120 {
                assert!(chart.who_held(head, start.plus(offset)).len() <= 1);
            }
            for delegation in &chart.delegations {
                let holding = &chart.holdings[&delegation.holding];
                let is_empty = delegation.valid.from == delegation.valid.to;
                let is_inside = holding.valid.from <= delegation.valid.from
                    && delegation.valid.to <= holding.valid.to;
                assert!(is_empty || is_inside, "{delegation:?} {holding:?}");
            }
            let (_, faults) = super::super::verify(&mut tx).await.unwrap();
            assert_eq!(faults, [""; 0]);
        });
    }
}
