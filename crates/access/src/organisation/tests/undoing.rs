//! Operations are taken back exactly, or it is said what stands in the way.

use std::collections::BTreeSet;

use base::rights::{Act, Actor, Rights, Scope};
use base::{Day, DayRange, Error};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use store::Tx;
use territory::merger::{MergerOrder, NewUnit};
use territory::{Kind, Level, Part, Territory, UnitCode, UnitId};

use super::super::actions::{Context, NewDelegation, plan_undo};
use super::super::merger::{self, former_committees};
use super::super::model::{
    AgencyId, AgencyKind, Bearer, Delegate, Form, HoldingId, OperationId, OperationKind, PostId,
};
use super::super::{
    Into, NewAgency, NewAssignment, assign, change_agency, delegate, end_agency, end_assignment,
    end_holding, establish, form_committees, link_account, merge, operations, store as sql, undo,
};
use super::{DAY, DECISION, World, a_post, an_agency, appointed, day, days, facts};
use crate::grants::{ADMINISTRATOR, Book, rights_on};

const BACK: &str = "02/QĐ-MẪU ngày 02/01/2026";

/// Everything that stands, by content: neither the number of a version nor its entry, and nothing
/// that never took effect.
async fn state(tx: &mut Tx) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let agencies = sql::agencies(tx).await.unwrap();
    let ids: Vec<AgencyId> = agencies.keys().copied().collect();
    for version in agencies.values().flat_map(|it| &it.versions) {
        let mut version = version.clone();
        (version.version, version.entry) = (0, 0);
        lines.insert(format!("{version:?}"));
    }
    let chart = sql::chart(tx, &ids).await.unwrap();
    macro_rules! all {
        ($all:expr) => {
            for it in $all.filter(|it| it.valid.from < it.valid.to) {
                let mut it = it.clone();
                (it.version, it.entry) = (0, 0);
                lines.insert(format!("{it:?}"));
            }
        };
    }
    all!(chart.posts.values());
    all!(chart.holdings.values());
    all!(chart.delegations.iter());
    all!(sql::assignments(tx).await.unwrap().iter());
    lines
}

async fn newest(tx: &mut Tx) -> OperationId {
    operations(tx, None).await.unwrap().items[0].operation.id
}

fn code(error: &Error) -> String {
    match error {
        Error::Refused { code, .. } => (*code).to_owned(),
        Error::Invalid(errors) => errors[0].place.clone(),
        other => format!("{other:?}"),
    }
}

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn days(&mut self, around: Day) -> DayRange {
        let offset = |number: u64| i32::try_from(number).unwrap();
        let from = around.plus(offset(self.below(600)) - 450);
        let to = match self.below(3) {
            0 => Day::MAX,
            _ => from.plus(offset(self.below(500)) + 1),
        };
        DayRange { from, to }
    }
}

const TITLES: [(&str, bool); 4] = [
    ("Chủ tịch UBND xã", true),
    ("Phó Chủ tịch UBND xã", false),
    ("Công chức Văn phòng", false),
    ("Kế toán", false),
];
const NAMES: [&str; 6] =
    ["Nguyễn Văn Mẫu", "Trần Thị Mẫu", "Lê Văn Mẫu", "Phạm Thị Mẫu", "Võ Văn Mẫu", "Đỗ Thị Mẫu"];

/// Some organisation of the committees of these communes; what the rules refuse is left out.
async fn some_organisation(
    tx: &mut Tx,
    cx: Context<'_>,
    (former, on): (&[AgencyId], Day),
    dice: &mut Dice,
) {
    let from = on.plus(-700).to_string();
    let mut held: Vec<HoldingId> = Vec::new();
    let mut all: Vec<PostId> = Vec::new();
    for (at, agency) in former.iter().enumerate() {
        for (title, leads) in TITLES {
            if dice.below(4) > 0 {
                let post = (*agency, title, &*from);
                all.push(a_post(tx, cx, post, leads).await.unwrap());
            }
        }
        if dice.below(2) == 0 {
            let name = format!("Trung tâm Mẫu {at}");
            let facts = facts(&name, AgencyKind::Centre, Some(*agency));
            let on = day(&from);
            let decision = DECISION.to_owned();
            let part = NewAgency { facts, on, decision, made_up: true };
            let part = establish(tx, cx, part).await.unwrap();
            all.push(a_post(tx, cx, (part, "Giám đốc", &from), true).await.unwrap());
        }
    }
    for _ in 0..dice.below(12) + 4 {
        let post = all[dice.below(all.len() as u64) as usize];
        let name = NAMES[dice.below(6) as usize];
        held.extend(appointed(tx, cx, (post, name), dice.days(on)).await);
    }
    for _ in 0..dice.below(8) {
        let (Some(holding), to) = (
            held.get(dice.below(held.len().max(1) as u64) as usize),
            all[dice.below(all.len() as u64) as usize],
        ) else {
            continue;
        };
        let form = [Form::Kt, Form::Tl, Form::Tuq][dice.below(3) as usize];
        let new = NewDelegation {
            holding: *holding,
            form,
            to: Delegate::Post(to),
            subject: "Lĩnh vực mẫu".to_owned(),
            valid: dice.days(on),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let _ = delegate(tx, cx, new).await;
    }
    for _ in 0..dice.below(8) {
        let post = all[dice.below(all.len() as u64) as usize];
        let new = to_post(post, dice.days(on));
        let _ = assign(tx, (cx, &Book::default()), new).await;
    }
    for _ in 0..dice.below(3) {
        if let Some(holding) = held.get(dice.below(held.len().max(1) as u64) as usize) {
            let _ = end_holding(tx, cx, *holding, (dice.days(on).from, DECISION)).await;
        }
    }
}

fn to_post(post: PostId, valid: DayRange) -> NewAssignment {
    NewAssignment {
        role: ADMINISTRATOR.to_owned(),
        bearer: Bearer::Post(post),
        unit: None,
        valid,
        decision: DECISION.to_owned(),
        made_up: true,
    }
}

/// Units of today that a made-up order joins two by two on a later day.
async fn made_up_mergers(world: &World, pairs: usize) -> Vec<UnitId> {
    let territory = world.territory().await;
    let today = territory.under(None, day("2025-09-15"), Level::Commune);
    let communes: Vec<_> = today.iter().filter(|it| it.kind == Kind::Commune).collect();
    let on = day("2030-01-01");
    let mut into = Vec::new();
    for pair in communes.chunks(2).take(pairs) {
        let [first, second] = pair else { continue };
        into.push(NewUnit {
            code: first.code.clone().unwrap(),
            name: format!("{} Mới", first.name),
            full_name: format!("Xã {} Mới", first.name),
            kind: Kind::Commune,
            parent: Some(first.parent.unwrap().into()),
            from: vec![(first.unit, Part::Whole), (second.unit, Part::Whole)],
        });
    }
    let codes: Vec<UnitCode> = into.iter().map(|it| it.code.clone()).collect();
    let act = territory::Act {
        id: 0,
        number: "1/NQ-UBTVQH16".to_owned(),
        issuer: String::new(),
        title: String::new(),
        adopted_on: None,
        effective_on: Some(on),
        source: String::new(),
    };
    let order = MergerOrder { act, on, into, children: Vec::new() };
    let mut tx = world.database.write().await.unwrap();
    territory::apply_merger(&mut tx, world.atlas.clock(), Actor::operator("tester"), &order)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let territory = world.territory().await;
    codes.iter().map(|code| territory.by_code(code.as_str(), on).unwrap().unit).collect()
}

async fn rights(tx: &mut Tx, world: &World, account: &str, on: Day) -> Vec<Rights> {
    let mut all = Vec::new();
    for shift in [-1, 0, 100] {
        let with = (&world.atlas, &Book::default());
        all.push(rights_on(tx, with, (account, true), on.plus(shift)).await.unwrap());
    }
    all
}

#[tokio::test]
async fn whatever_stood_before_a_merger_of_committees_stands_again_when_it_is_taken_back() {
    let mut runner = TestRunner::default();
    for world in World::each().await {
        let access = crate::Access::over(Vec::new(), world.atlas.clone());
        access.add_account(Actor::operator("t"), "an").await.unwrap();
        let account = access.account("an").await.unwrap().id;
        let mut cases = made_up_mergers(&world, 3).await;
        let territory = world.territory().await;
        let merged = territory.under(None, day(DAY), Level::Commune);
        let real = merged.iter().filter(|it| territory.predecessors(it.unit).len() >= 2);
        cases.extend(real.map(|it| it.unit).take(5));
        for unit in cases {
            let seed = any::<u64>().new_tree(&mut runner).unwrap().current();
            let mut tx = world.database.write().await.unwrap();
            one_case(&mut tx, (&world, &territory), (unit, &account), seed).await;
        }
    }
}

async fn one_case(
    tx: &mut Tx,
    (world, territory): (&World, &Territory),
    (unit, account): (UnitId, &str),
    seed: u64,
) {
    let cx = world.cx(territory);
    let on = territory.unit(unit).unwrap().valid().from;
    // The committees of the day before, as far as there are units then.
    let formed = (on.plus(-800), DECISION, true);
    for level in [Level::Province, Level::District, Level::Commune] {
        form_committees(tx, cx, level, formed).await.unwrap();
    }
    let agencies = sql::agencies(tx).await.unwrap();
    let former = former_committees(territory, &agencies, unit);
    assert!(former.len() >= 2, "seed {seed}");
    let mut dice = Dice(seed);
    some_organisation(tx, cx, (&former, on), &mut dice).await;
    let chart = sql::chart(tx, &former).await.unwrap();
    let held = chart.holdings.values().max_by_key(|it| it.valid.to);
    if let Some(holding) = held {
        link_account(tx, cx, holding.person, "an").await.unwrap();
    }
    let before = state(tx).await;
    let could = rights(tx, world, account, on).await;
    for _ in 0..2 {
        let new = merger::apply(tx, cx, unit, DECISION).await.unwrap();
        let during = state(tx).await;
        assert_ne!(during, before, "seed {seed}");
        let id = newest(tx).await;
        undo(tx, cx, id, BACK).await.unwrap();
        assert_eq!(state(tx).await, before, "seed {seed}");
        assert_eq!(rights(tx, world, account, on).await, could, "seed {seed}");
        assert!(!sql::agencies(tx).await.unwrap().contains_key(&new));
        assert!(sql::find_agency(tx, new).await.unwrap().is_none());
        let again = undo(tx, cx, id, BACK).await.unwrap_err();
        assert_eq!(code(&again), "organisation.undone_already");
    }
    let (_, faults) = super::super::verify(tx).await.unwrap();
    assert_eq!(faults, [""; 0]);
}

/// Two committees of communes that became one, with heads; the new unit and its committee.
async fn two_merged(tx: &mut Tx, world: &World, territory: &Territory) -> (UnitId, AgencyId) {
    let cx = world.cx(territory);
    let merged = territory.under(None, day(DAY), Level::Commune);
    let unit = merged.iter().find(|it| territory.predecessors(it.unit).len() == 2).unwrap().unit;
    for (link, name) in territory.predecessors(unit).iter().zip(["Ủy ban một", "Ủy ban hai"])
    {
        let agency = an_agency(tx, cx, (name, "2024-01-01"), Some(link.unit)).await.unwrap();
        let head = a_post(tx, cx, (agency, "Chủ tịch", "2024-01-01"), true).await.unwrap();
        let who =
            if name == "Ủy ban một" { "Nguyễn Văn Mẫu" } else { "Trần Thị Mẫu" };
        appointed(tx, cx, (head, who), days("2024-01-01", "")).await.unwrap();
    }
    let new = merger::apply(tx, cx, unit, DECISION).await.unwrap();
    (unit, new)
}

#[tokio::test]
async fn what_was_entered_later_is_named_and_can_be_dealt_with() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let (_, new) = two_merged(&mut tx, &world, &territory).await;
        let id = newest(&mut tx).await;
        let listed = super::super::operation(&mut tx, id).await.unwrap().operation;
        let head = sql::posts_of(&mut tx, &[new]).await.unwrap()[0].id;
        // A post that nobody ever held goes along.
        let bare = a_post(&mut tx, cx, (new, "Văn thư", DAY), false).await.unwrap();
        let undoing = plan_undo(&mut tx, &listed, BACK).await.unwrap();
        assert_eq!((undoing.obstacles.len(), undoing.along.len()), (0, 1));
        // Somebody holds a post, has a role, stands below, and the agency bears another name.
        let holding = appointed(&mut tx, cx, (head, "Lê Văn Mẫu"), days(DAY, "")).await.unwrap();
        let clerk = appointed(&mut tx, cx, (bare, "Phạm Thị Mẫu"), days(DAY, "")).await.unwrap();
        let role = assign(&mut tx, (cx, &Book::default()), to_post(head, days(DAY, ""))).await;
        let role = role.unwrap();
        let below = facts("Phòng Kinh tế", AgencyKind::Division, Some(new));
        let since_august = |facts| NewAgency {
            facts,
            on: day("2025-08-01"),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let below = establish(&mut tx, cx, since_august(below)).await.unwrap();
        let agency = sql::find_agency(&mut tx, new).await.unwrap().unwrap();
        let mut renamed = agency.last().unwrap().facts.clone();
        renamed.name = "Ủy ban đổi tên".to_owned();
        change_agency(&mut tx, cx, new, since_august(renamed)).await.unwrap();
        let change = newest(&mut tx).await;
        let kinds = async |tx: &mut Tx| {
            let undoing = plan_undo(tx, &listed, BACK).await.unwrap();
            let kind = |it: &super::super::actions::Obstacle| {
                let by = it.operation.as_ref().map_or("", |it| it.operation.kind.as_str());
                format!("{}{by}", it.record.kind())
            };
            undoing.obstacles.iter().map(kind).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            kinds(&mut tx).await,
            "post holding holding assignment agencyestablish agencychange"
        );
        let refused = undo(&mut tx, cx, id, BACK).await.unwrap_err();
        assert_eq!(code(&refused), "organisation.rests_on");
        // Each is dealt with by what the page says.
        undo(&mut tx, cx, change, BACK).await.unwrap();
        end_agency(&mut tx, cx, below, (day("2025-09-01"), None, DECISION)).await.unwrap();
        let ended = newest(&mut tx).await;
        assert_eq!(
            kinds(&mut tx).await,
            "post holding holding assignment agencyestablish agencyend"
        );
        undo(&mut tx, cx, ended, BACK).await.unwrap();
        end_assignment(&mut tx, cx, role, (day(DAY), DECISION)).await.unwrap();
        end_holding(&mut tx, cx, holding, (day(DAY), DECISION)).await.unwrap();
        end_holding(&mut tx, cx, clerk, (day(DAY), DECISION)).await.unwrap();
        assert_eq!(kinds(&mut tx).await, "agencyestablish");
        // What stands below went elsewhere by now, and stood below for a time all the same.
        let top = an_agency(&mut tx, cx, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let on = (day("2025-08-02"), DECISION);
        merge(&mut tx, cx, &[below], Into::Existing(top), on).await.unwrap();
        let elsewhere = newest(&mut tx).await;
        assert_eq!(kinds(&mut tx).await, "agencyestablish agencymerge");
        undo(&mut tx, cx, elsewhere, BACK).await.unwrap();
        let undoing = plan_undo(&mut tx, &listed, BACK).await.unwrap();
        let begun = undoing.obstacles[0].operation.as_ref().unwrap().operation.id;
        undo(&mut tx, cx, begun, BACK).await.unwrap();
        undo(&mut tx, cx, id, BACK).await.unwrap();
        assert!(!sql::agencies(&mut tx).await.unwrap().contains_key(&new));
        tx.commit().await.unwrap();
        world.holds().await;
    }
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_and_what_ended_above_stand_in_the_way() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let top = an_agency(&mut tx, cx, ("Sở Trên", "2024-01-01"), None).await.unwrap();
        let make = |name: &str, on: &str| NewAgency {
            facts: facts(name, AgencyKind::Division, Some(top)),
            on: day(on),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let part = establish(&mut tx, cx, make("Phòng Mẫu", "2024-01-01")).await.unwrap();
        end_agency(&mut tx, cx, part, (day("2025-01-01"), None, DECISION)).await.unwrap();
        let id = newest(&mut tx).await;
        let other = establish(&mut tx, cx, make("PHÒNG MẪU", "2025-02-01")).await.unwrap();
        let refused = undo(&mut tx, cx, id, BACK).await.unwrap_err();
        assert_eq!(code(&refused), "organisation.rests_on");
        let change = make("Phòng Khác", "2025-03-01");
        change_agency(&mut tx, cx, other, change).await.unwrap();
        // It bore the name for a month.
        assert_eq!(code(&undo(&mut tx, cx, id, BACK).await.unwrap_err()), "organisation.rests_on");
        let second = establish(&mut tx, cx, make("Phòng Hai", "2024-01-01")).await.unwrap();
        end_agency(&mut tx, cx, second, (day("2025-04-01"), None, DECISION)).await.unwrap();
        let id = newest(&mut tx).await;
        end_agency(&mut tx, cx, other, (day("2025-05-01"), None, DECISION)).await.unwrap();
        end_agency(&mut tx, cx, top, (day("2025-06-01"), None, DECISION)).await.unwrap();
        let above = newest(&mut tx).await;
        let listed = super::super::operation(&mut tx, id).await.unwrap().operation;
        let undoing = plan_undo(&mut tx, &listed, BACK).await.unwrap();
        let by: Vec<_> = undoing
            .obstacles
            .iter()
            .filter_map(|it| Some(it.operation.as_ref()?.operation.id))
            .collect();
        assert_eq!(by, [above]);
        undo(&mut tx, cx, above, BACK).await.unwrap();
        undo(&mut tx, cx, id, BACK).await.unwrap();
        let agencies = sql::agencies(&mut tx).await.unwrap();
        assert!(agencies[&second].at(day("2025-09-01")).is_some());
        tx.commit().await.unwrap();
        world.holds().await;
    }
}

#[tokio::test]
async fn units_are_taken_back_after_the_committees_that_serve_them() {
    for world in World::each().await {
        let unit = made_up_mergers(&world, 1).await[0];
        let mut tx = world.database.write().await.unwrap();
        let merged = territory::operations(&mut tx).await.unwrap()[0].id.clone();
        let territory = world.atlas.territory(&mut tx).await.unwrap();
        let cx = world.cx(&territory);
        for (link, name) in territory.predecessors(unit).iter().zip(["Ủy ban một", "Ủy ban hai"])
        {
            an_agency(&mut tx, cx, (name, "2026-01-01"), Some(link.unit)).await.unwrap();
        }
        let before = state(&mut tx).await;
        merger::apply(&mut tx, cx, unit, DECISION).await.unwrap();
        let id = newest(&mut tx).await;
        tx.commit().await.unwrap();
        let clock = world.atlas.clock();
        let mut tx = world.database.write().await.unwrap();
        let refused =
            territory::undo(&mut tx, clock, Actor::operator("tester"), &merged).await.unwrap_err();
        assert_eq!(code(&refused), "territory.served");
        drop(tx);
        let mut tx = world.database.write().await.unwrap();
        undo(&mut tx, cx, id, BACK).await.unwrap();
        assert_eq!(state(&mut tx).await, before);
        territory::undo(&mut tx, clock, Actor::operator("tester"), &merged).await.unwrap();
        tx.commit().await.unwrap();
        // The unit is gone, and what is told of the operation is not.
        let mut tx = world.database.read().await.unwrap();
        let now = world.atlas.territory(&mut tx).await.unwrap();
        assert!(now.unit(unit).is_none());
        let listed = super::super::operation(&mut tx, id).await.unwrap();
        assert_eq!(listed.operation.kind, OperationKind::Committees);
        let (_, by, decision) = listed.undone.unwrap();
        assert_eq!((&*by, &*decision), ("canbo", BACK));
        drop(tx);
        world.holds().await;
    }
}

#[tokio::test]
async fn whoever_takes_back_may_change_all_of_it_and_gets_no_post_by_it() {
    for world in World::each().await {
        let access = crate::Access::over(Vec::new(), world.atlas.clone());
        access.add_account(Actor::operator("t"), "an").await.unwrap();
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let (unit, _) = two_merged(&mut tx, &world, &territory).await;
        let id = newest(&mut tx).await;
        let units = |units: &[UnitId]| {
            let mut rights = Rights::NONE;
            let units = units.iter().map(|unit| unit.0).collect();
            rights.grant(Act::ChangeAgencies, Scope { units, ..Scope::default() });
            rights
        };
        let old: Vec<UnitId> = territory.predecessors(unit).iter().map(|it| it.unit).collect();
        let everywhere = {
            let mut rights = Rights::NONE;
            rights.grant(Act::ChangeAgencies, Scope::everywhere());
            rights
        };
        for (rights, expected) in [
            (Rights::NONE, "access.no_right"),
            (units(&[unit]), "access.other_unit"),
            (units(&[unit, old[0]]), "access.other_unit"),
        ] {
            let actor = Actor { name: "an", rights: &rights };
            let refused = undo(&mut tx, Context { actor, ..cx }, id, BACK).await.unwrap_err();
            assert_eq!(code(&refused), expected);
        }
        let missing = undo(&mut tx, cx, id, " ").await.unwrap_err();
        assert_eq!(code(&missing), "decision");
        let unknown = undo(&mut tx, cx, OperationId(base::Id::new(cx.clock)), BACK).await;
        assert!(matches!(unknown, Err(Error::NotFound(_))));
        // Whoever held one of the posts lets somebody else do it.
        let email = "tran.thi.mau@example.vn".to_owned();
        let person = sql::people_by_email(&mut tx, &[email]).await.unwrap()[0].id;
        link_account(&mut tx, cx, person, "an").await.unwrap();
        let actor = Actor { name: "an", rights: &everywhere };
        let refused = undo(&mut tx, Context { actor, ..cx }, id, BACK).await.unwrap_err();
        assert_eq!(code(&refused), "access.own_right");
        link_account(&mut tx, cx, person, "").await.unwrap();
        let rights = units(&[unit, old[0], old[1]]);
        let actor = Actor { name: "an", rights: &rights };
        undo(&mut tx, Context { actor, ..cx }, id, BACK).await.unwrap();
        tx.commit().await.unwrap();
        world.holds().await;
    }
}
