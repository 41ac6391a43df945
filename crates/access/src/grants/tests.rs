//! Rights: worked out by rules, following posts through a merger on both databases, and the same for
//! one record and for a list of them.

use std::collections::BTreeSet;

use base::rights::{Act, Actor, Place, Scope};
use base::{Day, DayRange, Words};
use proptest::prelude::*;
use store::{Belongs, Tx, values, within};
use territory::UnitId;

use super::role::{Grant, Purpose, Reach, Role};
use super::rules::{Facts, Given, Standing, rights, work_out};
use super::{ADMINISTRATOR, Book, rights_on};
use crate::log::Outcome;
use crate::organisation::tests::{
    DAY, DECISION, EVE, World, a_post, an_agency, appointed, day, days,
};
use crate::organisation::{
    AgencyId, Assignment, AssignmentId, Bearer, Context, Holding, Manner, NewAssignment,
    NewHolding, Places, Post, PostId, Whose, apply_merger, appoint, assign, end_assignment,
    end_holding, link_account, store as sql,
};
use crate::sessions::{Entry, Proof, Whence};
use crate::{Access, organisation};

const ROLE: &str = "reporter";

fn words(text: &str) -> Words {
    Words { vi: text.to_owned(), ..Words::default() }
}

fn grant(acts: &[Act], reach: Reach, from: &str, until: Option<&str>) -> Grant {
    Grant {
        acts: acts.iter().map(|act| act.as_str().to_owned()).collect(),
        reach,
        data: "sensitive".to_owned(),
        purposes: vec!["x".to_owned()],
        from: from.to_owned(),
        until: until.map(str::to_owned),
        document: words("01/QĐ-MẪU"),
    }
}

fn purpose(code: &str, acts: &[Act]) -> Purpose {
    let acts = acts.iter().map(|act| act.as_str().to_owned()).collect();
    Purpose { code: code.to_owned(), name: words("x"), document: words("x"), acts }
}

fn role(grants: Vec<Grant>) -> Role {
    Role { code: ROLE.to_owned(), name: words("Vai trò mẫu"), about: words("Mẫu"), grants }
}

fn id<T: std::str::FromStr<Err = base::Error>>(last: u8) -> T {
    format!("01985a00-0000-7000-8000-0000000000{last:02}").parse().unwrap()
}

/// Somebody who holds a post of an agency without a unit from 10 to 20, with a role from 0 to 30.
fn facts(grants: Vec<Grant>) -> Facts {
    let post: PostId = id(1);
    let valid = |from, to| DayRange { from: Day(from), to: Day(to) };
    Facts {
        day: Day(15),
        roles: vec![role(grants)],
        purposes: Vec::new(),
        holdings: vec![Holding {
            id: id(2),
            version: 1,
            person: id(3),
            post,
            manner: Manner::Appointed,
            valid: valid(10, 20),
            decision: String::new(),
            end_decision: String::new(),
            made_up: true,
            entry: 1,
        }],
        posts: vec![Post {
            id: post,
            version: 1,
            agency: id::<AgencyId>(4),
            title: "Công chức".to_owned(),
            signs_as: String::new(),
            leads: false,
            rank: 9,
            places: Places::Many,
            valid: valid(0, 100),
            decision: String::new(),
            made_up: true,
            entry: 1,
        }],
        agencies: Vec::new(),
        assignments: vec![Assignment {
            id: id::<AssignmentId>(5),
            version: 1,
            role: ROLE.to_owned(),
            bearer: Bearer::Post(post),
            unit: Some(UnitId(7)),
            valid: valid(0, 30),
            decision: String::new(),
            made_up: true,
            entry: 1,
        }],
        has_second_factor: false,
    }
}

#[test]
fn each_line_says_why_it_counts_or_does_not() {
    let always = "1900-01-01";
    let plain = |reach| grant(&[Act::ReportObservations], reach, always, None);
    let standing = |facts: &Facts| {
        let given = work_out(facts);
        assert_eq!(given.len(), 1, "{given:?}");
        given[0].standing
    };
    let base = facts(vec![plain(Reach::Subtree)]);
    assert_eq!(standing(&base), Standing::InForce);
    for (on, expected) in [
        (9, Standing::NotHeld),
        (10, Standing::InForce),
        (19, Standing::InForce),
        (20, Standing::NotHeld),
    ] {
        assert_eq!(standing(&Facts { day: Day(on), ..base.clone() }), expected, "{on}");
    }
    let mut taken = base.clone();
    taken.assignments[0].valid.to = Day(15);
    assert_eq!(standing(&taken), Standing::NotAssigned);
    let over = grant(&[Act::ReportObservations], Reach::Subtree, always, Some("1970-01-10"));
    assert_eq!(standing(&facts(vec![over])), Standing::NotGranted);
    let mut nowhere = base.clone();
    nowhere.assignments[0].unit = None;
    assert_eq!(standing(&nowhere), Standing::NoUnit);
    // What reaches over the whole province, or over one's own records, needs no unit.
    for reach in [Reach::Province, Reach::Own] {
        let mut anywhere = facts(vec![plain(reach)]);
        anywhere.assignments[0].unit = None;
        assert_eq!(standing(&anywhere), Standing::InForce);
    }
    let personal = grant(&[Act::ReadPeople], Reach::Province, always, None);
    let without = facts(vec![personal]);
    assert_eq!(standing(&without), Standing::AwaitsFactor);
    let with = Facts { has_second_factor: true, ..without };
    assert_eq!(standing(&with), Standing::InForce);
    // A purpose counts where it may be named; an act that has none left does not.
    let here = Facts { purposes: vec![purpose("x", &[Act::ReadPeople])], ..with.clone() };
    assert_eq!(work_out(&here)[0].purposes, ["x"]);
    let elsewhere = Facts { purposes: vec![purpose("x", &[Act::ReadTrace])], ..with };
    assert_eq!(standing(&elsewhere), Standing::NotGranted);
}

#[test]
fn a_role_that_no_pack_declares_gives_nothing() {
    let mut facts = facts(vec![grant(&[Act::Publish], Reach::Province, "1900-01-01", None)]);
    facts.assignments[0].role = "gone".to_owned();
    assert_eq!(work_out(&facts), []);
}

#[test]
fn an_account_of_its_own_has_its_role_without_a_post() {
    let mut facts = facts(vec![grant(&[Act::Publish], Reach::Province, "1900-01-01", None)]);
    facts.holdings.clear();
    assert_eq!(work_out(&facts), [], "the role of a post that is not held");
    facts.assignments[0].bearer = Bearer::Account("an".to_owned());
    assert_eq!(work_out(&facts)[0].standing, Standing::InForce);
}

#[test]
fn mistakes_of_a_role_are_named_at_their_keys() {
    let fine = grant(&[Act::ReportObservations], Reach::Subtree, "2025-07-01", None);
    let fine = Grant { data: "internal".to_owned(), purposes: Vec::new(), ..fine };
    let keys = |grant: Grant| -> Vec<&str> {
        let role = role(vec![grant]);
        let known = purpose("known", &[Act::ReadPeople, Act::ReportObservations]);
        let found = role.mistakes(|code| (code == "known").then_some(&known));
        found.into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys(fine.clone()), [""; 0]);
    let with = |change: fn(&mut Grant)| {
        let mut grant = fine.clone();
        change(&mut grant);
        keys(grant)
    };
    assert_eq!(with(|it| it.acts.clear()), ["acts"]);
    assert_eq!(with(|it| it.acts.push("observation.burn".to_owned())), ["acts"]);
    assert_eq!(with(|it| it.acts.push("person.read".to_owned())), ["data"]);
    assert_eq!(with(|it| it.acts.push("publication.publish".to_owned())), ["reach"]);
    assert_eq!(with(|it| it.data = "secret".to_owned()), ["data"]);
    assert_eq!(with(|it| it.data = "personal".to_owned()), ["purposes"]);
    assert_eq!(with(|it| it.purposes = vec!["known".to_owned()]), ["purposes"]);
    let of = |code: &str| {
        let purposes = vec![code.to_owned()];
        keys(Grant { data: "personal".to_owned(), purposes, ..fine.clone() })
    };
    assert_eq!(of("known"), [""; 0]);
    assert_eq!(of("unknown"), ["purposes"]);
    assert_eq!(with(|it| it.from = "soon".to_owned()), ["from"]);
    assert_eq!(with(|it| it.until = Some("2025-06-30".to_owned())), ["until"]);
    assert_eq!(with(|it| it.document = Words::default()), ["document"]);
    let taken = Role { code: ADMINISTRATOR.to_owned(), ..role(vec![fine.clone()]) };
    assert_eq!(taken.mistakes(|_| None)[0].0, "code");
    assert_eq!(role(Vec::new()).mistakes(|_| None)[0].0, "grants");
}

/// A role of a pack, as it is stored.
async fn declare(tx: &mut Tx, grants: Vec<Grant>) {
    let body = serde_json::to_string(&role(grants)).unwrap();
    let sql = "insert into definitions (kind, code, number, pack, body) \
               values ('role', $1, 1, 'test', $2)";
    tx.run(sql, values![ROLE, body]).await.unwrap();
    tx.run("update revisions set number = number + 1 where name = 'definitions'", values![])
        .await
        .unwrap();
}

fn to_post(post: PostId, valid: DayRange) -> NewAssignment {
    NewAssignment {
        role: ROLE.to_owned(),
        bearer: Bearer::Post(post),
        unit: None,
        valid,
        decision: DECISION.to_owned(),
        made_up: true,
    }
}

async fn account(access: &Access, name: &str) -> String {
    access.add_account(Actor::operator("t"), name).await.unwrap();
    access.account(name).await.unwrap().id
}

/// The scope of reporting on a day.
async fn scope(world: &World, account: &str, on: &str) -> Scope {
    let mut tx = world.database.read().await.unwrap();
    let with = (&world.atlas, &Book::default());
    let rights = rights_on(&mut tx, with, (account, false), day(on)).await.unwrap();
    rights.scope(Act::ReportObservations).clone()
}

/// Each of the communes has a committee with a head, and whoever heads the first may report.
async fn a_committee_each(world: &World, communes: &[UnitId]) {
    let territory = world.territory().await;
    let cx = world.cx(&territory);
    let mut tx = world.database.write().await.unwrap();
    let grants = vec![grant(&[Act::ReportObservations], Reach::Subtree, "2020-01-01", None)];
    declare(&mut tx, grants).await;
    let mut heads = Vec::new();
    for (unit, name) in communes.iter().zip(["Ủy ban một", "Ủy ban hai", "Ủy ban ba"]) {
        let agency = an_agency(&mut tx, cx, (name, "2024-01-01"), Some(*unit)).await.unwrap();
        let title = (agency, "Chủ tịch", "2024-01-01");
        heads.push(a_post(&mut tx, cx, title, true).await.unwrap());
    }
    let open = days("2024-01-01", "");
    let until = days("2024-01-01", "2025-12-31");
    assign(&mut tx, (cx, &Book::default()), to_post(heads[0], until)).await.unwrap();
    let holding = appointed(&mut tx, cx, (heads[0], "Nguyễn Văn Mẫu"), open).await.unwrap();
    let held = sql::holdings_by(&mut tx, "id", &[holding]).await.unwrap().remove(0);
    link_account(&mut tx, cx, held.person, "an").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_right_goes_with_the_post_through_the_merger_of_its_unit() {
    for world in World::each().await {
        let access = Access::over(Vec::new(), world.atlas.clone());
        let (first, second) = (account(&access, "an").await, account(&access, "binh").await);
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let unit = |code: &str, on: &str| territory.by_code(code, day(on)).unwrap().unit;
        let hamlets = |commune: UnitId, on: &str| -> Vec<i64> {
            let hamlets = territory.under(Some(commune), day(on), territory::Level::Hamlet);
            hamlets.iter().map(|version| version.unit.0).collect()
        };
        // Communes that became one, with their hamlets.
        let came_of = |unit: UnitId| -> Vec<UnitId> {
            territory.predecessors(unit).iter().map(|link| link.unit).collect()
        };
        let merged = |unit: &&territory::Unit| {
            let old = came_of(unit.id);
            let whole =
                |it: &UnitId| territory.successors(*it).len() == 1 && !hamlets(*it, EVE).is_empty();
            unit.valid().from == day(DAY) && old.len() > 1 && old.iter().all(whole)
        };
        let new = territory.units().iter().find(merged).unwrap().id;
        let old = came_of(new);
        let hamlet_of = |commune: UnitId, on: &str| hamlets(commune, on)[0];
        a_committee_each(&world, &old).await;

        let before = scope(&world, &first, EVE).await;
        assert!(before.units.contains(&old[0].0) && before.units.contains(&hamlet_of(old[0], EVE)));
        assert!(
            !before.units.contains(&old[1].0) && !before.units.contains(&hamlet_of(old[1], EVE))
        );
        assert!(scope(&world, &second, EVE).await.is_empty());

        // The unit is merged: the new committee's posts have the roles, and nobody holds them yet.
        let mut tx = world.database.write().await.unwrap();
        let merged = apply_merger(&mut tx, cx, new, DECISION).await.unwrap();
        tx.commit().await.unwrap();
        assert!(scope(&world, &first, DAY).await.is_empty(), "the old post is over");
        assert!(!scope(&world, &first, EVE).await.is_empty(), "and was held until then");
        let mut tx = world.database.write().await.unwrap();
        let posts = sql::posts_of(&mut tx, &[merged]).await.unwrap();
        let head = posts.iter().find(|post| post.leads).unwrap().id;
        let next = appointed(&mut tx, cx, (head, "Trần Thị Mẫu"), days(DAY, "")).await.unwrap();
        let held = sql::holdings_by(&mut tx, "id", &[next]).await.unwrap().remove(0);
        link_account(&mut tx, cx, held.person, "binh").await.unwrap();
        tx.commit().await.unwrap();
        let after = scope(&world, &second, DAY).await;
        // The new unit, and the records that the former ones left, down to their hamlets.
        for commune in &old {
            assert!(
                after.units.contains(&commune.0) && after.units.contains(&hamlet_of(*commune, EVE))
            );
        }
        assert!(after.units.contains(&new.0) && !after.everywhere);
        let elsewhere = unit("31453", DAY);
        assert_ne!(elsewhere, new);
        assert!(!after.units.contains(&elsewhere.0));
        // A role that was given until a day ends with it, also in the new post.
        assert!(!scope(&world, &second, "2025-12-31").await.is_empty());
        assert!(scope(&world, &second, "2026-01-01").await.is_empty());
        // Who leaves the post has nothing from that day on.
        let mut tx = world.database.write().await.unwrap();
        end_holding(&mut tx, cx, next, (day("2025-09-01"), DECISION)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(scope(&world, &second, "2025-09-01").await.is_empty());
        assert_eq!(scope(&world, &second, "2025-08-31").await, after);
        world.holds().await;
    }
}

#[tokio::test]
async fn personal_data_waits_for_more_than_a_password_and_a_closed_account_for_nothing() {
    for world in World::each().await {
        let access = Access::over(Vec::new(), world.atlas.clone());
        let by = Actor::operator("t");
        let password = access.add_account(by, "an").await.unwrap();
        let id = access.account("an").await.unwrap().id;
        let mut tx = world.database.write().await.unwrap();
        let acts = [Act::ReadPeople, Act::Publish];
        declare(&mut tx, vec![grant(&acts, Reach::Province, "2020-01-01", None)]).await;
        tx.commit().await.unwrap();
        access.give_role(by, "an", ROLE).await.unwrap();
        let from = Whence { address: "192.0.2.1", browser: "" };
        let weak = match access.sign_in("an", &password, &from).await.unwrap() {
            Entry::Session(token) => token,
            Entry::Half(_) => panic!("no code is asked for"),
        };
        let mut tx = world.database.write().await.unwrap();
        let how = (Outcome::SignedInByPasskey, Proof::Two);
        let strong = access.open_session(&mut tx, &id, &from, access.now(), how).await.unwrap();
        tx.commit().await.unwrap();
        let rights = async |token: &str| {
            access.find_session(token).await.unwrap().map(|visitor| visitor.rights)
        };
        let (first, second) = (rights(&weak).await.unwrap(), rights(&strong).await.unwrap());
        assert!(first.allow(Act::Publish) && first.waits(Act::ReadPeople));
        assert!(second.allow(Act::Publish) && second.allow(Act::ReadPeople));
        let programs = access.basic("an", &password, "192.0.2.1").await.unwrap();
        assert!(!programs.rights.allow(Act::ReadPeople), "a program shows a password alone");
        access.close_account(by, "an", true).await.unwrap();
        assert!(rights(&weak).await.is_none() && rights(&strong).await.is_none());
        let mut tx = world.database.write().await.unwrap();
        access.open_session(&mut tx, &id, &from, access.now(), how).await.unwrap_err();
        drop(tx);
        assert!(access.sign_in("an", &password, &from).await.is_err());
        assert!(access.basic("an", &password, "192.0.2.1").await.is_err());
        access.close_account(by, "an", false).await.unwrap();
        access.sign_in("an", &password, &from).await.unwrap();
        access.close_account(Actor::operator("an"), "an", true).await.unwrap_err();
        world.holds().await;
    }
}

#[tokio::test]
async fn giving_a_role_is_itself_a_right_and_never_ones_own() {
    for world in World::each().await {
        let access = Access::over(Vec::new(), world.atlas.clone());
        account(&access, "an").await;
        let territory = world.territory().await;
        let book = Book::default();
        let mut tx = world.database.write().await.unwrap();
        declare(&mut tx, vec![grant(&[Act::Publish], Reach::Province, "2020-01-01", None)]).await;
        let an = sql::find_account(&mut tx, "an").await.unwrap().unwrap();
        let mut full = base::rights::Rights::NONE;
        full.grant(Act::AssignRights, Scope::everywhere());
        let operator = world.cx(&territory);
        let nobody = Actor { name: "an", rights: &base::rights::NOBODY };
        let nobody = Context { actor: nobody, ..operator };
        let officer = Context { actor: Actor { name: "an", rights: &full }, ..operator };
        let new = |role: &str, bearer: Bearer, from: &str| NewAssignment {
            role: role.to_owned(),
            bearer,
            unit: None,
            valid: days(from, ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let own = new(ROLE, Bearer::Account(an.clone()), "2025-01-01");
        let code = |error: base::Error| match error {
            base::Error::Refused { code, .. } => code.to_owned(),
            base::Error::Invalid(errors) => errors[0].place.clone(),
            other => panic!("{other}"),
        };
        let without = assign(&mut tx, (nobody, &book), own.clone()).await.unwrap_err();
        assert_eq!(code(without), "access.no_right");
        let refused = assign(&mut tx, (officer, &book), own.clone()).await.unwrap_err();
        assert_eq!(code(refused), "access.own_right");
        for (wish, place) in [
            (new("no-such-role", Bearer::Account(an.clone()), "2025-01-01"), "role"),
            (NewAssignment { decision: String::new(), ..own.clone() }, "decision"),
            (NewAssignment { unit: Some(UnitId(999_999)), ..own.clone() }, "unit"),
            (NewAssignment { valid: days("2025-01-01", "2024-12-31"), ..own.clone() }, "to"),
        ] {
            assert_eq!(code(assign(&mut tx, (operator, &book), wish).await.unwrap_err()), place);
        }
        let id = assign(&mut tx, (operator, &book), own.clone()).await.unwrap();
        let twice = NewAssignment { valid: days("2025-06-01", ""), ..own.clone() };
        let twice = assign(&mut tx, (operator, &book), twice).await.unwrap_err();
        assert_eq!(code(twice), "from");
        end_assignment(&mut tx, operator, id, (day("2025-06-01"), DECISION)).await.unwrap();
        assign(&mut tx, (operator, &book), NewAssignment { valid: days("2025-06-01", ""), ..own })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.holds().await;
    }
}

#[tokio::test]
async fn an_officer_of_one_commune_works_on_its_agencies_alone() {
    for world in World::each().await {
        let territory = world.territory().await;
        let operator = world.cx(&territory);
        let communes = territory.under(None, day(DAY), territory::Level::Commune);
        let (here, there) = (communes[0].unit, communes[1].unit);
        let mut rights = base::rights::Rights::NONE;
        let units = BTreeSet::from([here.0]);
        rights.grant(Act::Appoint, Scope { units, ..Scope::default() });
        let cx = Context { actor: Actor { name: "an", rights: &rights }, ..operator };
        let mut tx = world.database.write().await.unwrap();
        let mut posts = Vec::new();
        for (unit, name) in [(here, "Ủy ban một"), (there, "Ủy ban hai")] {
            let agency =
                an_agency(&mut tx, operator, (name, "2025-07-01"), Some(unit)).await.unwrap();
            let title = (agency, "Chủ tịch", "2025-07-01");
            posts.push(a_post(&mut tx, operator, title, true).await.unwrap());
        }
        let refused = |error: base::Error| matches!(error, base::Error::Refused { code, .. } if code.starts_with("access."));
        appointed(&mut tx, cx, (posts[0], "Nguyễn Văn Mẫu"), days(DAY, "")).await.unwrap();
        let other = appointed(&mut tx, cx, (posts[1], "Trần Thị Mẫu"), days(DAY, "")).await;
        assert!(refused(other.unwrap_err()));
        // Somebody who holds a post elsewhere too is not linked to another account from here.
        let both = appointed(&mut tx, operator, (posts[1], "Nguyễn Văn Mẫu"), days(DAY, ""))
            .await
            .unwrap();
        let both = sql::holdings_by(&mut tx, "id", &[both]).await.unwrap().remove(0);
        assert!(refused(link_account(&mut tx, cx, both.person, "").await.unwrap_err()));
        let agency = an_agency(&mut tx, cx, ("Ủy ban ba", DAY), Some(here)).await;
        assert!(refused(agency.unwrap_err()), "appointing is not establishing");
        drop(tx);
        assert_eq!(
            organisation::verify(&mut world.database.read().await.unwrap()).await.unwrap().1,
            [""; 0]
        );
    }
}

#[tokio::test]
async fn nobody_gets_more_by_appointing_oneself_or_by_resetting_a_stronger_account() {
    for world in World::each().await {
        let access = Access::over(Vec::new(), world.atlas.clone());
        account(&access, "an").await;
        account(&access, "binh").await;
        let territory = world.territory().await;
        let operator = world.cx(&territory);
        let mut rights = base::rights::Rights::NONE;
        for act in [Act::Appoint, Act::ChangeAgencies, Act::ManageAccounts] {
            rights.grant(act, Scope::everywhere());
        }
        let an = Actor { name: "an", rights: &rights };
        let cx = Context { actor: an, ..operator };
        let mut tx = world.database.write().await.unwrap();
        declare(&mut tx, vec![grant(&[Act::ReadTrace], Reach::Province, "2020-01-01", None)]).await;
        let agency = an_agency(&mut tx, operator, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let title = (agency, "Chuyên viên", "2024-01-01");
        let post = a_post(&mut tx, operator, title, false).await.unwrap();
        let holds = async |tx: &mut Tx, name| {
            let open = days("2024-01-01", "");
            let id = appointed(tx, operator, (post, name), open).await.unwrap();
            sql::holdings_by(tx, "id", &[id]).await.unwrap().remove(0).person
        };
        let other = holds(&mut tx, "Trần Thị Mẫu").await;
        link_account(&mut tx, operator, other, "binh").await.unwrap();
        let own = holds(&mut tx, "Nguyễn Văn Mẫu").await;
        let code = |error: base::Error| match error {
            base::Error::Refused { code, .. } => code,
            other => panic!("{other}"),
        };
        let linked = link_account(&mut tx, cx, own, "an").await.unwrap_err();
        assert_eq!(code(linked), "access.own_right");
        link_account(&mut tx, operator, own, "an").await.unwrap();
        let higher = a_post(&mut tx, operator, (agency, "Giám đốc", "2024-01-01"), true).await;
        let appointed = NewHolding {
            post: higher.unwrap(),
            person: Whose::Known(own),
            manner: Manner::Appointed,
            valid: days("2024-01-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let refused = appoint(&mut tx, cx, appointed).await.unwrap_err();
        assert_eq!(code(refused), "access.own_right");
        tx.commit().await.unwrap();
        // As long as the other account is no stronger, it is reset; then by the operator alone.
        access.reset_password(an, "binh").await.unwrap();
        access.give_role(Actor::operator("t"), "binh", ROLE).await.unwrap();
        for name in ["an", "binh"] {
            let refused = access.reset_password(an, name).await.unwrap_err();
            assert_eq!(code(refused), "access.stronger_account");
            let refused = access.reset_factor(an, name).await.unwrap_err();
            assert_eq!(code(refused), "access.stronger_account");
        }
        access.reset_password(Actor::operator("t"), "binh").await.unwrap();
        world.holds().await;
    }
}

fn reaches() -> impl Strategy<Value = Vec<(Reach, usize)>> {
    let reach = proptest::sample::select(vec![
        Reach::Own,
        Reach::Unit,
        Reach::Unit,
        Reach::Subtree,
        Reach::Subtree,
        Reach::Province,
    ]);
    proptest::collection::vec((reach, any::<proptest::sample::Index>()), 0..4)
        .prop_map(|list| list.into_iter().map(|(reach, at)| (reach, at.index(100_000))).collect())
}

/// Whatever was given for whichever units, of whatever time: a list in SQL holds exactly the units
/// that are allowed one by one.
#[test]
fn lists_and_single_decisions_agree_on_the_real_territory() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let worlds = runtime.block_on(World::each());
    for world in &worlds {
        let territory = runtime.block_on(world.territory());
        let map = |on: &str| territory::BasisMap::new(&territory, day(on));
        let maps = [map(EVE), map(DAY)];
        let config = ProptestConfig { cases: 48, ..ProptestConfig::default() };
        proptest!(config, |(reaches in reaches(), at in 0_usize..2)| {
            let line = |(reach, at): (Reach, usize)| {
                let unit = territory.units()[at % territory.units().len()].id;
                Given {
                    act: Act::ReadObservations,
                    reach,
                    root: Some(unit),
                    role: ROLE.to_owned(),
                    post: None,
                    purposes: Vec::new(),
                    valid: days("2025-01-01", ""),
                    document: words("x"),
                    decision: String::new(),
                    standing: Standing::InForce,
                }
            };
            let given: Vec<Given> = reaches.iter().copied().map(line).collect();
            let rights = rights(&given, &territory, &maps[at]);
            let actor = Actor { name: "an", rights: &rights };
            let listed = runtime.block_on(async {
                let mut tx = world.database.read().await.unwrap();
                let mut values = values![];
                let belongs = Belongs { unit: "u.id", maker: "case when u.id % 7 = 0 then 'an' else 'x' end" };
                let scope = rights.scope(Act::ReadObservations);
                let allowed = within(scope, belongs, "an", &mut values);
                let sql = format!("select id from units u where {allowed}");
                let rows: Vec<(i64,)> = tx.all_built(sql, values).await.unwrap();
                rows.into_iter().map(|(id,)| id).collect::<BTreeSet<i64>>()
            });
            for unit in territory.units() {
                let maker = Some(if unit.id.0 % 7 == 0 { "an" } else { "x" });
                let alone = actor.may(Act::ReadObservations, Place { unit: Some(unit.id.0), maker });
                prop_assert_eq!(listed.contains(&unit.id.0), alone, "{:?} {:?}", unit.id, given);
            }
        });
    }
}
