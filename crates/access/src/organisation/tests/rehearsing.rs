//! What the rehearsal of a merger of committees tells: what ends, and what nobody decided yet.

use base::rights::Actor;

use super::super::actions::NewDelegation;
use super::super::merger::rehearse;
use super::super::model::{AgencyKind, Bearer, Delegate, Form, Manner, Places};
use super::super::undecided::{Undecided, consequences};
use super::super::{
    NewAgency, NewAssignment, NewHolding, NewPost, Whose, add_post, appoint, assign, delegate,
    establish, store as sql,
};
use super::{DAY, DECISION, World, a_post, an_agency, appointed, day, days, facts};
use crate::grants::{ADMINISTRATOR, Book};

#[tokio::test]
async fn a_rehearsal_says_what_becomes_of_everything_and_what_is_to_be_decided() {
    for world in World::each().await {
        let access = crate::Access::over(Vec::new(), world.atlas.clone());
        access.add_account(Actor::operator("t"), "an").await.unwrap();
        let account = access.account("an").await.unwrap().id;
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let merged = territory.under(None, day(DAY), territory::Level::Commune);
        let pair = |it: &&&territory::Version| territory.predecessors(it.unit).len() == 2;
        let unit = merged.iter().find(pair).unwrap().unit;
        let old: Vec<_> = territory.predecessors(unit).iter().map(|it| it.unit).collect();
        let first = an_agency(&mut tx, cx, ("Ủy ban một", "2024-01-01"), Some(old[0]));
        let first = first.await.unwrap();
        let second = an_agency(&mut tx, cx, ("Ủy ban hai", "2024-01-01"), Some(old[1]));
        let second = second.await.unwrap();
        // Two heads for one post; deputies of whom there may be many; a post that nobody holds, and
        // that only one of them holds once.
        let mut heads = Vec::new();
        for (agency, name) in [(first, "Nguyễn Văn Mẫu"), (second, "Trần Thị Mẫu")] {
            let head = a_post(&mut tx, cx, (agency, "Chủ tịch", "2024-01-01"), true).await.unwrap();
            let held = appointed(&mut tx, cx, (head, name), days("2024-01-01", "")).await.unwrap();
            heads.push((head, held));
        }
        let deputy = (first, "Phó Chủ tịch", "2024-01-01");
        let deputy = a_post(&mut tx, cx, deputy, false).await.unwrap();
        let second_deputy = NewPost {
            agency: second,
            title: "Phó Chủ tịch".to_owned(),
            signs_as: String::new(),
            leads: false,
            rank: 2,
            places: Places::One,
            from: day("2024-01-01"),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        add_post(&mut tx, cx, second_deputy).await.unwrap();
        // Somebody signs for the first head; somebody would become deputy after the merger.
        let signs = NewDelegation {
            holding: heads[0].1,
            form: Form::Kt,
            to: Delegate::Post(deputy),
            subject: "Văn xã".to_owned(),
            valid: days("2024-06-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let signs = delegate(&mut tx, cx, signs).await.unwrap();
        let later = appointed(&mut tx, cx, (deputy, "Lê Văn Mẫu"), days("2025-08-01", ""));
        let later = later.await.unwrap();
        let below = NewAgency {
            facts: facts("Phòng Kinh tế", AgencyKind::Division, Some(first)),
            on: day("2024-01-01"),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let below = establish(&mut tx, cx, below).await.unwrap();
        // A role of both heads, until different days; one for another unit; one of an account.
        let roles = [
            (Bearer::Post(heads[0].0), None, days("2024-01-01", "2026-12-31")),
            (Bearer::Post(heads[1].0), None, days("2024-01-01", "")),
            (Bearer::Post(heads[1].0), Some(old[0]), days("2024-01-01", "")),
            (Bearer::Account(account.clone()), Some(old[1]), days("2024-01-01", "")),
            (Bearer::Account(account.clone()), Some(unit), days("2024-01-01", "")),
        ];
        for (bearer, unit, valid) in roles {
            let role = ADMINISTRATOR.to_owned();
            let decision = DECISION.to_owned();
            let new = NewAssignment { role, bearer, unit, valid, decision, made_up: true };
            assign(&mut tx, (cx, &Book::default()), new).await.unwrap();
        }
        let agencies = sql::agencies(&mut tx).await.unwrap();
        let chart = sql::chart(&mut tx, &[first, second]).await.unwrap();
        let given = sql::assignments(&mut tx).await.unwrap();
        let rehearsed = rehearse(&territory, &agencies, &chart, unit).unwrap();
        let found = consequences((&territory, &agencies), (&chart, &given), &rehearsed);
        let mut people: Vec<_> = heads.iter().map(|it| chart.holdings[&it.1].person).collect();
        people.sort_unstable();
        let (title, role) = ("Chủ tịch".to_owned(), ADMINISTRATOR.to_owned());
        let deputies = "Phó Chủ tịch".to_owned();
        let mut expected = vec![
            Undecided::Several { title: title.clone(), people },
            Undecided::Nobody { title: deputies.clone() },
            Undecided::Differs { title: deputies },
        ];
        let without =
            rehearsed.people.iter().map(|person| Undecided::NoAccount { person: *person });
        expected.extend(without);
        expected.extend([
            Undecided::RoleEnds { title, role: role.clone(), to: base::Day::MAX },
            Undecided::RoleElsewhere { post: heads[1].0, role: role.clone(), unit: old[0] },
            Undecided::AccountRole { account, role, unit: old[1] },
        ]);
        let sorted = |all: &[Undecided]| {
            let mut all: Vec<String> = all.iter().map(|it| format!("{it:?}")).collect();
            all.sort();
            all
        };
        assert_eq!(sorted(&found.undecided), sorted(&expected));
        let ids: Vec<_> = found.delegations.iter().map(|it| it.id).collect();
        assert_eq!(ids, [signs]);
        let ids: Vec<_> = found.never.iter().map(|it| it.id).collect();
        assert_eq!((ids, found.moving), (vec![later], vec![below]));
        // Whoever holds both posts is one person for one post.
        let person = chart.holdings[&heads[0].1].person;
        let both = NewHolding {
            post: deputy,
            person: Whose::Known(person),
            manner: Manner::Appointed,
            valid: days("2024-01-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        appoint(&mut tx, cx, both).await.unwrap();
        let chart = sql::chart(&mut tx, &[first, second]).await.unwrap();
        let rehearsed = rehearse(&territory, &agencies, &chart, unit).unwrap();
        let found = consequences((&territory, &agencies), (&chart, &given), &rehearsed);
        assert!(!found.undecided.iter().any(|it| matches!(it, Undecided::Nobody { .. })));
    }
}
