//! Requests: which step may follow which, deadlines, what is kept shut, and that the journal holds.

use ::store::{Tx, values};
use base::rights::{Actor, Rights, Scope};
use base::{Day, Error, Moment, Term, WorkingCalendar};
use packs::Span;
use proptest::prelude::*;
use territory::UnitId;

use super::rules::{Step, Why, can_follow, late, step};
use super::*;
use crate::locker;
use crate::testing::{Desk, MONDAY, NAME, NUMBER};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Every day of every year up to 2100 is worked: rules do not depend on which.
fn calendar() -> WorkingCalendar {
    WorkingCalendar::new((2000..2100).map(|year| base::WorkingYear {
        year,
        rest: std::collections::BTreeSet::from([6, 7]),
        off: std::collections::BTreeSet::new(),
        worked: std::collections::BTreeSet::new(),
        closes: 17 * 60,
    }))
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Identify(Some(How::Card))),
        Just(Step::Identify(None)),
        Just(Step::Answer),
        Just(Step::Forward),
        Just(Step::Extend),
        Just(Step::Decide(Outcome::Granted)),
        Just(Step::Decide(Outcome::Partly)),
        Just(Step::Decide(Outcome::Refused)),
        Just(Step::Decide(Outcome::Withdrawn)),
        Just(Step::Close),
        Just(Step::Withdraw),
        Just(Step::Erase),
    ]
}

proptest! {
    #[test]
    fn whatever_is_tried_a_request_stays_sound(
        steps in proptest::collection::vec((any_step(), 0..4_i32), 0..30),
    ) {
        let calendar = calendar();
        let received = Moment::at(day("2026-11-23"), 600);
        let due = |term| calendar.last_day(received, term).ok();
        let mut standing = Standing::new(due(Term::Working(2)), due(Term::Days(15)));
        let mut now = received;
        for (next, days) in steps {
            now = Moment::at(now.day().plus(days), 600);
            let before = standing.clone();
            let rule = (&calendar, Some(Span::Days(15)));
            match step(&before, next, now, rule) {
                Err(_) => {}
                Ok(after) => {
                    prop_assert!(can_follow(Some(before.state), next.kind(), after.state));
                    standing = after;
                }
            }
            prop_assert!(standing.state >= before.state);
            prop_assert!(standing.extensions <= 1);
            prop_assert!(standing.complete_due >= before.complete_due);
            prop_assert_eq!(standing.answer_due, before.answer_due);
            prop_assert!(before.answered_at.is_none() || before.answered_at == standing.answered_at);
            let granted = matches!(standing.outcome, Some(Outcome::Granted | Outcome::Partly));
            prop_assert!(!granted || standing.identity == Identity::Confirmed);
            prop_assert_eq!(standing.state.is_open(), standing.closed_at.is_none());
            let is_decided = matches!(standing.state, State::Decided | State::Closed | State::Erased);
            prop_assert_eq!(is_decided, standing.outcome.is_some());
            prop_assert!(standing.state.is_open() || late(&standing, now.day()) == Late::No);
            if before.state == State::Closed && next != Step::Erase {
                prop_assert_eq!(&standing, &before);
            }
        }
    }
}

#[test]
fn what_is_late_is_told_from_the_day_after_the_last() {
    let standing = Standing::new(Some(day("2026-11-25")), Some(day("2026-12-08")));
    let mut answered = standing.clone();
    answered.state = State::Answered;
    answered.answered_at = Some(Moment(0));
    let unknown = Standing::new(Some(day("2026-11-25")), None);
    let nothing = Standing::new(None, None);
    for (standing, today, expected) in [
        (&standing, "2026-11-25", Late::No),
        (&standing, "2026-11-26", Late::Answer),
        (&standing, "2026-12-09", Late::Completion),
        (&answered, "2026-11-26", Late::No),
        (&answered, "2026-12-08", Late::No),
        (&answered, "2026-12-09", Late::Completion),
        (&unknown, "2026-11-25", Late::No),
        (&unknown, "2026-11-26", Late::Answer),
        (&nothing, "2026-11-25", Late::Unknown),
    ] {
        assert_eq!(late(standing, day(today)), expected, "{today} {standing:?}");
    }
}

#[test]
fn more_time_is_taken_once_in_time_and_only_where_the_document_knows_it() {
    let calendar = calendar();
    let standing = Standing::new(Some(day("2026-11-25")), Some(day("2026-12-08")));
    let try_on = |on: &str, more, standing: &Standing| {
        step(standing, Step::Extend, Moment::at(day(on), 600), (&calendar, more))
    };
    let more = Some(Span::Days(15));
    let extended = try_on("2026-12-08", more, &standing).unwrap();
    assert_eq!(extended.complete_due, Some(day("2026-12-23")));
    assert_eq!(try_on("2026-12-08", more, &extended), Err(Why::NoMoreTime));
    assert_eq!(try_on("2026-12-09", more, &standing), Err(Why::TooLate));
    assert_eq!(try_on("2026-12-01", None, &standing), Err(Why::NoMoreTime));
    let open = Standing::new(None, None);
    assert!(matches!(try_on("2026-12-01", more, &open), Err(Why::Unknown(_))));
}

#[tokio::test]
async fn a_request_goes_its_way_with_an_entry_for_each_step_and_nothing_of_it_stands_in_plain_text()
{
    for desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let received = desk.receive(&mut tx, "erase").await;
        let request = &received.request;
        assert_eq!(request.reference(), "1/2026");
        assert_eq!(request.standing.answer_due, Some(day("2026-11-25")));
        assert_eq!(request.standing.complete_due, Some(day("2026-12-14")));
        let id = request.id.clone();
        let undecided = requests_act(&desk, &mut tx, &id, StepKind::Decide, |_| {}).await;
        assert!(matches!(undecided, Err(Error::Refused { code: "subjects.unidentified", .. })));
        desk.act(&mut tx, &id, StepKind::Identify).await;
        desk.act(&mut tx, &id, StepKind::Answer).await;
        let lawless = requests_act(&desk, &mut tx, &id, StepKind::Decide, |act| {
            "refused".clone_into(&mut act.outcome);
        });
        let Err(Error::Invalid(errors)) = lawless.await else { panic!("refused without a law") };
        assert_eq!(errors[0].place, "law");
        let telling = requests_act(&desk, &mut tx, &id, StepKind::Decide, |act| {
            "của 093905001234".clone_into(&mut act.law);
        });
        assert!(matches!(telling.await, Err(Error::Invalid(_))));
        let stale = requests_act(&desk, &mut tx, &id, StepKind::Decide, |act| act.seen = 1).await;
        assert!(matches!(stale, Err(Error::Conflict(_))));
        desk.act(&mut tx, &id, StepKind::Decide).await;
        let closed = desk.act(&mut tx, &id, StepKind::Close).await;
        assert_eq!((closed.version, closed.standing.state), (5, State::Closed));
        let twice = requests_act(&desk, &mut tx, &id, StepKind::Withdraw, |_| {}).await;
        assert!(matches!(twice, Err(Error::Refused { code: "subjects.not_now", .. })));
        let fields = locker::open(&mut tx, &desk.vault, &id).await.unwrap();
        assert_eq!(fields["number"].as_str(), NUMBER);
        assert_eq!(fields["name"].as_str(), NAME);
        assert_eq!(fields["words:4"].as_str(), "Đã gọi điện cho chị Bé.");
        tx.commit().await.unwrap();

        let mut tx = desk.database().write().await.unwrap();
        assert_eq!(crate::verify(&mut tx, Some(&desk.vault)).await.unwrap(), (5, Vec::new()));
        assert_eq!(crate::verify(&mut tx, None).await.unwrap(), (5, Vec::new()));
        let sql = "select count(*) from entries where record_kind = 'subject_request'";
        assert_eq!(tx.one::<(i64,)>(sql, values![]).await.unwrap(), (5,));
    }
}

async fn requests_act(
    desk: &Desk,
    tx: &mut Tx,
    id: &str,
    step: StepKind,
    change: impl FnOnce(&mut Act),
) -> base::Result<Version> {
    let mut doing = desk.doing(tx, id, step).await;
    change(&mut doing);
    act(tx, desk.cx(), id, &doing).await
}

#[tokio::test]
async fn what_was_changed_behind_the_journal_is_found() {
    for desk in Desk::each().await {
        for (sql, fault) in [
            ("update request_versions set law = 'x' where version = 5", "changed"),
            ("update request_versions set complete_due = 1 where version = 1", "changed"),
            ("update request_versions set unit = 7 where version = 5", "changed"),
            ("delete from request_versions where version = 3", "does not follow"),
            ("delete from request_versions where version = 5", "missing"),
            ("delete from subject_fields where field = 'phone'", "not those received"),
            ("delete from subject_fields", "not as its erasure says"),
            ("update request_versions set version = 7 where version = 5", "does not follow"),
        ] {
            let mut tx = desk.database().write().await.unwrap();
            desk.closed(&mut tx).await;
            tx.run(sql, values![]).await.unwrap();
            let (_, faults) = crate::verify(&mut tx, Some(&desk.vault)).await.unwrap();
            assert!(faults.iter().any(|it| it.contains(fault)), "{sql}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_request_and_every_mistake_is_told_at_once() {
    for desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let new = desk.new_request("erase");
        let id = new.id;
        receive(&mut tx, desk.cx(), new).await.unwrap();
        let again = NewRequest { id, ..desk.new_request("erase") };
        let again = receive(&mut tx, desk.cx(), again).await;
        assert!(matches!(again, Err(Error::Refused { code: "subjects.twice", .. })));
        let wrong = NewRequest {
            kind: "nothing".to_owned(),
            received_on: "2027-01-01".to_owned(),
            person: crate::NewPerson::default(),
            text: "  ".to_owned(),
            ..desk.new_request("erase")
        };
        let Err(Error::Invalid(errors)) = receive(&mut tx, desk.cx(), wrong).await else {
            panic!("taken");
        };
        let places: Vec<&str> = errors.iter().map(|error| error.place.as_str()).collect();
        assert_eq!(places, ["received", "kind", "name", "number", "phone", "text"]);
    }
}

#[tokio::test]
async fn a_year_without_a_calendar_leaves_the_deadline_open_until_it_is_known() {
    for mut desk in Desk::each().await {
        desk.at("2026-12-30T02:00:00Z");
        let mut tx = desk.database().write().await.unwrap();
        let request = desk.receive(&mut tx, "erase").await.request;
        assert_eq!(request.standing.answer_due, None);
        assert_eq!(late(&request.standing, day("2026-12-30")), Late::Unknown);
        let listed = list(&mut tx, Filter::Open, &Scope::everywhere(), None, 10).await.unwrap();
        assert_eq!(listed.items[0].id, request.id);
        let mut known = (*desk.definitions).clone();
        known.calendar = calendar();
        desk.definitions = std::sync::Arc::new(known);
        let stepped = desk.act(&mut tx, &request.id, StepKind::Identify).await;
        assert_eq!(stepped.standing.answer_due, Some(day("2027-01-01")));
    }
}

#[tokio::test]
async fn what_is_overdue_comes_first_and_pages_follow_each_other() {
    for mut desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let mut expected = Vec::new();
        // Received on these days, in another order.
        for on in ["2026-11-20", "2026-11-16", "2026-11-18", "2026-11-16", "2026-11-17"] {
            let new = NewRequest { received_on: on.to_owned(), ..desk.new_request("copy") };
            let received = receive(&mut tx, desk.cx(), new).await.unwrap();
            expected.push((received.request.standing.next_due().unwrap(), received.request.id));
        }
        expected.sort();
        let everywhere = Scope::everywhere();
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page =
                list(&mut tx, Filter::Open, &everywhere, cursor.as_deref(), 2).await.unwrap();
            let items = page.items.into_iter();
            found.extend(items.map(|it| (it.standing.next_due().unwrap(), it.id)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, expected);
        let today = MONDAY.parse::<Moment>().unwrap().day();
        assert_eq!(store::counts(&mut tx, &everywhere, today).await.unwrap(), (5, 4));
        desk.closed(&mut tx).await;
        assert_eq!(
            list(&mut tx, Filter::Closed, &everywhere, None, 10).await.unwrap().items.len(),
            1
        );
        desk.at(MONDAY);
    }
}

/// What is listed, counted and opened one by one is the same, whatever somebody's rights reach.
#[test]
fn a_list_shows_exactly_the_requests_that_one_by_one_are_allowed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for desk in runtime.block_on(Desk::each()) {
        let units = [None, Some(1), Some(2), Some(3), Some(5), Some(8)];
        let of = |unit: Option<i64>| (unit.map(UnitId), String::new());
        let mut made: Vec<(Option<UnitId>, String)> = units.map(of).to_vec();
        runtime.block_on(async {
            let mut tx = desk.database().write().await.unwrap();
            for (unit, id) in &mut made {
                let mut new = desk.new_request("copy");
                new.desk = *unit;
                *id = receive(&mut tx, desk.cx(), new).await.unwrap().request.id;
            }
            // One came to another desk: where it was says nothing any more.
            let mut doing = desk.doing(&mut tx, &made[1].1, StepKind::Forward).await;
            doing.desk = Some(UnitId(2));
            act(&mut tx, desk.cx(), &made[1].1, &doing).await.unwrap();
            made[1].0 = doing.desk;
            tx.commit().await.unwrap();
        });
        let scopes = (
            proptest::bool::weighted(0.1),
            proptest::collection::btree_set(0_i64..10, 0..6),
            any::<bool>(),
        );
        let scopes = scopes.prop_map(|(everywhere, units, own)| Scope { everywhere, units, own });
        let config = ProptestConfig { cases: 48, ..ProptestConfig::default() };
        proptest!(config, |(scope in scopes)| {
            let (listed, open) = runtime.block_on(async {
                let mut tx = desk.database().read().await.unwrap();
                let listed = list(&mut tx, Filter::Open, &scope, None, 50).await.unwrap().items;
                let today = MONDAY.parse::<Moment>().unwrap().day();
                (listed, store::counts(&mut tx, &scope, today).await.unwrap().0)
            });
            let mut rights = Rights::NONE;
            rights.grant(base::rights::Act::ReceiveRequests, scope.clone());
            let actor = Actor { name: "an", rights: &rights };
            let mut allowed: Vec<&str> = made
                .iter()
                .filter(|(desk, _)| {
                    let place = crate::rights::place(*desk);
                    actor.check(base::rights::Act::ReceiveRequests, place).is_ok()
                })
                .map(|(_, id)| id.as_str())
                .collect();
            let mut listed: Vec<&str> = listed.iter().map(|it| it.id.as_str()).collect();
            allowed.sort_unstable();
            listed.sort_unstable();
            prop_assert_eq!(&listed, &allowed);
            prop_assert_eq!(open, i64::try_from(allowed.len()).unwrap());
        });
    }
}
