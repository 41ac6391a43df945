//! Handing in, checking, approving, giving back and opening again over the real territory.

use std::collections::HashSet;

use ::store::testing::TestDatabase;
use ::store::values;
use base::rights::Actor;

use super::*;
use crate::observations::{Change, Correction, change};

const QUARTER: &str = "2025-Q2";

async fn program(database: TestDatabase) -> Program {
    with_small(Program::over(database).await).await
}

async fn correct(desk: &Desk, id: &str, version: i64, value: i64) -> Result<()> {
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, Actor::operator("tester"));
    let reason = "Đếm lại".to_owned();
    let correction = Correction { id: id.to_owned(), version, value, reason };
    change(tx, cx, Change::Correct(correction)).await?;
    work.tx.commit().await
}

#[tokio::test]
async fn a_quarter_goes_up_all_levels_and_locks_those_who_are_missing_too() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let desk = &program.desk;
        let territory = program.territory().await;
        let ladder = ladder(&territory);
        let (first, rest) = ladder.hamlets.split_first().unwrap();
        let missing = *rest.last().unwrap();
        let reporting = &ladder.hamlets[..ladder.hamlets.len() - 1];
        let counts = reporting.iter().flat_map(|unit| whole(*unit, QUARTER, 40)).collect();
        report_at(desk, counts).await.unwrap();
        // Nobody hands in what is not there, and nobody checks what was not handed in.
        let submit = ("an", Action::Submit);
        assert_eq!(why(acts(desk, submit, (QUARTER, missing), "").await), "approvals.not_ready");
        let check = ("binh", Action::Check);
        assert_eq!(why(acts(desk, check, (QUARTER, ladder.commune), "").await), "reason");
        assert_eq!(why(acts(desk, check, (QUARTER, *first), "x").await), "approvals.not_here");
        assert_eq!(acts(desk, submit, (QUARTER, *first), "").await.unwrap().moved, 1);
        assert_eq!(why(acts(desk, submit, (QUARTER, *first), "").await), "approvals.nothing");
        let done = acts(desk, submit, (QUARTER, ladder.commune), "").await.unwrap();
        assert_eq!(done.moved, reporting.len() - 1);
        // Who is missing is named, and with a reason it goes on.
        let refused = acts(desk, check, (QUARTER, ladder.commune), "").await.unwrap_err();
        let name = territory.full_name(missing, day("2025-06-30"));
        assert!(said(&refused).contains(&name), "{refused}");
        let done = acts(desk, check, (QUARTER, ladder.commune), "Ấp dời sổ").await.unwrap();
        assert_eq!(done, Done { moved: reporting.len() + 1, closed: 0 });
        let of = [*first, missing, ladder.commune, ladder.district, ladder.province];
        let (open, checked) = ((State::Open, false), (State::Checked, false));
        assert_eq!(states(desk, QUARTER, &of).await, [checked, open, checked, open, open]);
        acts(desk, ("chi", Action::Check), (QUARTER, ladder.district), "Còn xã").await.unwrap();
        let approve = ("dung", Action::Approve);
        let refused = acts(desk, approve, (QUARTER, ladder.province), "").await;
        assert_eq!(why(refused), "reason");
        let done = acts(desk, approve, (QUARTER, ladder.province), "Chốt số").await.unwrap();
        assert!(done.closed > 0 && done.moved > done.closed, "{done:?}");
        let (approved, closed) = ((State::Approved, false), (State::Closed, false));
        let expected = [approved, closed, approved, approved, approved];
        assert_eq!(states(desk, QUARTER, &of).await, expected);
        assert_eq!(faults(desk).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_is_opened_again_is_one_unit_and_comes_back_by_the_same_steps() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let desk = &program.desk;
        let ladder = ladder(&*program.territory().await);
        let (one, other) = (ladder.hamlets[0], ladder.hamlets[1]);
        let counts = ladder.hamlets.iter().flat_map(|unit| whole(*unit, QUARTER, 40)).collect();
        let ids = report_at(desk, counts).await.unwrap();
        approve_all(desk, &ladder).await;
        assert_eq!(why(correct(desk, &ids[1], 1, 41).await), "figures.locked");
        let reopen = ("dung", Action::Reopen);
        assert_eq!(why(acts(desk, reopen, (QUARTER, one), " ").await), "reason");
        assert_eq!(
            why(acts(desk, reopen, (QUARTER, ladder.commune), "x").await),
            "approvals.not_here"
        );
        acts(desk, reopen, (QUARTER, one), "Đếm sót 1 hộ").await.unwrap();
        let of = [one, other, ladder.commune, ladder.district, ladder.province];
        let marked = (State::Approved, true);
        let expected = [(State::Open, false), (State::Approved, false), marked, marked, marked];
        assert_eq!(states(desk, QUARTER, &of).await, expected);
        correct(desk, &ids[1], 1, 41).await.unwrap();
        assert_eq!(why(correct(desk, &ids[4], 1, 41).await), "figures.locked");
        acts(desk, ("an", Action::Submit), (QUARTER, one), "").await.unwrap();
        // Four eyes: whoever handed it in does not check it.
        let own = acts(desk, ("an", Action::Check), (QUARTER, ladder.commune), "").await;
        assert_eq!(why(own), "approvals.four_eyes");
        acts(desk, ("binh", Action::Check), (QUARTER, ladder.commune), "").await.unwrap();
        acts(desk, ("chi", Action::Check), (QUARTER, ladder.district), "x").await.unwrap();
        let own = acts(desk, ("an", Action::Approve), (QUARTER, ladder.province), "x").await;
        assert_eq!(why(own), "approvals.four_eyes");
        acts(desk, ("dung", Action::Approve), (QUARTER, ladder.province), "x").await.unwrap();
        assert_eq!(states(desk, QUARTER, &of).await, [(State::Approved, false); 5]);
        let mut tx = desk.database().read().await.unwrap();
        let path: Vec<Action> = history(&mut tx, ("small", QUARTER), one)
            .await
            .unwrap()
            .into_iter()
            .map(|version| version.action)
            .collect();
        let way = [Action::Submit, Action::Check, Action::Approve];
        assert_eq!(path, [&way[..], &[Action::Reopen], &way].concat());
        drop(tx);
        assert_eq!(faults(desk).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_changes_after_it_was_handed_in_has_to_be_handed_in_again() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let desk = &program.desk;
        let ladder = ladder(&*program.territory().await);
        let one = ladder.hamlets[0];
        let counts = ladder.hamlets.iter().flat_map(|unit| whole(*unit, QUARTER, 40)).collect();
        let ids = report_at(desk, counts).await.unwrap();
        acts(desk, ("an", Action::Submit), (QUARTER, ladder.commune), "").await.unwrap();
        correct(desk, &ids[1], 1, 41).await.unwrap();
        let check = ("binh", Action::Check);
        assert_eq!(why(acts(desk, check, (QUARTER, ladder.commune), "").await), "reason");
        acts(desk, ("an", Action::Submit), (QUARTER, one), "").await.unwrap();
        acts(desk, check, (QUARTER, ladder.commune), "").await.unwrap();
        // What goes back takes the check above it with it.
        let back = ("binh", Action::Return);
        assert_eq!(why(acts(desk, back, (QUARTER, one), "").await), "reason");
        acts(desk, back, (QUARTER, one), "Sai đơn vị tính").await.unwrap();
        let of = [one, ladder.hamlets[1], ladder.commune];
        let (open, checked) = ((State::Open, false), (State::Checked, false));
        assert_eq!(states(desk, QUARTER, &of).await, [open, checked, open]);
        assert_eq!(faults(desk).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_finding_is_marked_and_the_mark_falls_away_with_the_numbers() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let desk = &program.desk;
        let ladder = ladder(&*program.territory().await);
        let one = ladder.hamlets[0];
        report_at(desk, whole(one, "2025-Q1", 60)).await.unwrap();
        let ids = report_at(desk, whole(one, QUARTER, 40)).await.unwrap();
        let submit = ("an", Action::Submit);
        assert_eq!(why(acts(desk, submit, (QUARTER, one), "").await), "approvals.not_ready");
        let say = async |rule: &str, verdict: Verdict, reason: &str| {
            let mut work = desk.begin().await.unwrap();
            let (tx, cx) = work.by(desk, Actor::operator("an"));
            let new = NewMark {
                collection: "small".to_owned(),
                period: QUARTER.to_owned(),
                unit: one,
                rule: rule.to_owned(),
                verdict,
                reason: reason.to_owned(),
                made_up: false,
            };
            let marked = mark(tx, cx, Sight::Full, new).await;
            work.tx.commit().await.unwrap();
            marked
        };
        assert_eq!(why(say("app-not-lost", Verdict::Right, "").await), "reason");
        assert_eq!(why(say("nothing", Verdict::Right, "x").await), "approvals.no_finding");
        // A mark that asks leaves it open; one that says it is right settles it.
        say("app-not-lost", Verdict::AskedBack, "Hỏi trưởng ấp").await.unwrap();
        assert_eq!(why(acts(desk, submit, (QUARTER, one), "").await), "approvals.not_ready");
        say("app-not-lost", Verdict::Right, "Nhiều hộ đổi máy").await.unwrap();
        acts(desk, submit, (QUARTER, one), "").await.unwrap();
        correct(desk, &ids[1], 1, 39).await.unwrap();
        assert_eq!(why(acts(desk, submit, (QUARTER, one), "").await), "approvals.not_ready");
        // A part above its whole cannot be marked away.
        correct(desk, &ids[1], 2, 900).await.unwrap();
        let within = "households_with_app-within-households";
        assert_eq!(why(say(within, Verdict::Right, "x").await), "approvals.error_stays");
        say(within, Verdict::ToCorrect, "x").await.unwrap();
        assert_eq!(why(acts(desk, submit, (QUARTER, one), "").await), "approvals.not_ready");
        assert_eq!(faults(desk).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_is_not_of_the_collection_or_its_time_is_refused() {
    let program = program(TestDatabase::sqlite().await).await;
    let desk = &program.desk;
    let ladder = ladder(&*program.territory().await);
    let submit = ("an", Action::Submit);
    for (quarter, expected) in [
        ("2025-04", "period"),
        ("R2025-Q2", "period"),
        ("2025", "period"),
        ("2023-Q4", "period"),
        ("2025-Q4", "period"),
        ("' or 1=1 --", "period"),
        ("2025-Q3", "approvals.period_runs"),
    ] {
        let refused = acts(desk, submit, (quarter, ladder.hamlets[0]), "").await;
        assert_eq!(why(refused), expected, "{quarter}");
    }
    // A commune of the new map has no part in a quarter of the old one.
    let territory = program.territory().await;
    let new = territory.by_code("31441", day("2025-07-01")).unwrap().unit;
    assert_eq!(why(acts(desk, submit, (QUARTER, new), "").await), "unit");
    let long = "ộ".repeat(1001);
    let refused = acts(desk, ("an", Action::Return), (QUARTER, ladder.hamlets[0]), &long).await;
    assert_eq!(why(refused), "reason");
}

#[tokio::test]
async fn verification_finds_what_was_changed_behind_its_back() {
    for database in TestDatabase::each().await {
        let program = program(database).await;
        let desk = &program.desk;
        let ladder = ladder(&*program.territory().await);
        let counts = ladder.hamlets.iter().flat_map(|unit| whole(*unit, QUARTER, 40)).collect();
        report_at(desk, counts).await.unwrap();
        approve_all(desk, &ladder).await;
        assert_eq!(faults(desk).await, Vec::<String>::new());
        let unit = ladder.hamlets[0].0;
        for (sql, expected) in [
            (
                "update approval_versions set state = 'closed' where unit = $1 and version = 3",
                "changed",
            ),
            (
                "update approval_versions set reason = 'x' where unit = $1 and version = 1",
                "changed",
            ),
            ("delete from approval_versions where unit = $1 and version = 3", "missing"),
            ("delete from approval_versions where unit = $1 and version = 2", "does not follow"),
        ] {
            let mut tx = desk.database().write().await.unwrap();
            assert_eq!(tx.run(sql, values![unit]).await.unwrap(), 1);
            let found = verify(&mut tx).await.unwrap().1;
            assert!(found.iter().any(|fault| fault.contains(expected)), "{sql}: {found:?}");
        }
        // A state that no act leads to is found although its hash would be right.
        let mut tx = desk.database().read().await.unwrap();
        let all = history(&mut tx, ("small", QUARTER), ladder.hamlets[0]).await.unwrap();
        let accounts: HashSet<i64> = all.iter().map(|version| version.entry).collect();
        assert_eq!(accounts.len(), 3, "each step has its entry");
    }
}
