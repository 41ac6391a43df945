//! Who has reported, over a merger, against a calculation by hand.

use ::store::testing::TestDatabase;
use base::rights::Actor;

use super::*;

/// Three communes that became one on 01/07/2025.
struct Hand {
    commune: UnitId,
    hamlets: Vec<UnitId>,
}

#[tokio::test]
async fn rates_over_a_merger_are_what_a_hand_counts() {
    for database in TestDatabase::each().await {
        let program = with_small(Program::over(database).await).await;
        let territory = program.territory().await;
        let (eve, first) = (day("2025-06-30"), day("2025-07-01"));
        let new = territory.by_code("31441", first).unwrap().unit;
        let now = territory.under(Some(new), first, Level::Hamlet);
        let mut old: Vec<Hand> = Vec::new();
        for version in &now {
            let commune = territory.at(version.unit, eve).unwrap().parent.unwrap();
            match old.iter_mut().find(|it| it.commune == commune) {
                Some(it) => it.hamlets.push(version.unit),
                None => old.push(Hand { commune, hamlets: vec![version.unit] }),
            }
        }
        assert!(old.len() > 1 && old.iter().all(|it| it.hamlets.len() > 2), "a merger of several");
        // In the first old commune all report in time, but one of them only in part; in the second
        // two report late; the others say nothing.
        let in_time = at(&program, "2025-09-28T16:59:00Z");
        let late = at(&program, "2025-09-28T17:00:00Z");
        let (one, two) = (&old[0].hamlets, &old[1].hamlets);
        let counts = one[1..].iter().flat_map(|unit| whole(*unit, "2025-Q2", 40));
        report_at(&in_time, counts.collect()).await.unwrap();
        report_at(&in_time, whole(one[0], "2025-Q2", 40).split_off(1)).await.unwrap();
        report_at(&in_time, whole(two[0], "2025-Q2", 40).split_off(1)).await.unwrap();
        let counts = whole(two[0], "2025-Q2", 40).into_iter().take(1);
        let counts = counts.chain(whole(two[1], "2025-Q2", 40));
        report_at(&late, counts.collect()).await.unwrap();

        let mut tx = program.desk.database().read().await.unwrap();
        let catalogue = program.desk.catalogue(&mut tx).await.unwrap();
        let today = day("2025-10-15");
        let scope = find_scope(&catalogue, "small", "2025-Q2", today).unwrap();
        assert_eq!(scope.due(), day("2025-09-28"));
        let ground = (&*catalogue, &*territory);
        let found = completeness(&mut tx, ground, &scope, today).await.unwrap();
        assert!(found.is_due);
        let reporting = |unit: UnitId| {
            let row = found.rows.iter().find(|row| row.unit == unit).unwrap();
            row.reporting
        };
        assert_eq!(reporting(one[0]), Reporting::Partly);
        assert!(matches!(reporting(one[1]), Reporting::InTime(_)));
        assert!(matches!(reporting(two[0]), Reporting::Late(_)), "the last measure decides");
        assert!(matches!(reporting(two[1]), Reporting::Late(_)));
        assert_eq!(reporting(two[2]), Reporting::Nothing);

        let all = u32::try_from(now.len()).unwrap();
        let (ones, twos) = (one.len() as u32, two.len() as u32);
        for (map, unit, expected, whole, in_time) in [
            (eve, old[0].commune, ones, ones - 1, ones - 1),
            (eve, old[1].commune, twos, 2, 0),
            // The same hamlets, on the map on which the communes are one.
            (first, new, all, ones + 1, ones - 1),
        ] {
            let (_, basis) = program.desk.atlas.map(&mut tx, map).await.unwrap();
            let rate = found.rates(&basis)[&unit];
            let numbers = (rate.expected, rate.whole, rate.in_time, rate.missing());
            assert_eq!(numbers, (expected, whole, in_time, expected - whole), "{map}");
        }
        // Every hamlet of the province is to report, whatever the map.
        let (_, basis) = program.desk.atlas.map(&mut tx, first).await.unwrap();
        let (_, before) = program.desk.atlas.map(&mut tx, eve).await.unwrap();
        let top = |unit: UnitId, on: Day| {
            territory.ancestors(unit, on).last().map(|version| version.unit).unwrap()
        };
        let (after, earlier) = (found.rates(&basis), found.rates(&before));
        assert_eq!(after[&top(new, first)].expected, earlier[&top(one[0], eve)].expected);
        assert_eq!(after[&top(new, first)].whole, earlier[&top(one[0], eve)].whole);
        let share = Rate::share(ones - 1, ones).unwrap();
        assert_eq!(share, base::percent((ones - 1).into(), ones.into(), 1).unwrap());
    }
}

#[tokio::test]
async fn a_correction_is_not_late_and_a_flow_is_whole_when_it_covers_its_quarter() {
    let program = with_small(Program::over(TestDatabase::sqlite().await).await).await;
    let territory = program.territory().await;
    let (_, hamlets) = unit(&territory, "31441", "2025-Q2");
    let unit = hamlets[0];
    let in_time = at(&program, "2025-09-20T02:00:00Z");
    let months = [("2025-04-01", "2025-05-01"), ("2025-05-01", "2025-06-01")];
    let month = |(from, to): (&str, &str)| NewObservation {
        reported: Reported::Within(base::DayRange { from: day(from), to: day(to) }),
        ..count(unit, "dossiers", "2025-Q2", 7)
    };
    let mut counts = whole(unit, "2025-Q2", 40);
    counts.truncate(2);
    counts.extend(months.map(month));
    let ids = report_at(&in_time, counts).await.unwrap();
    let reporting = async || {
        let mut tx = program.desk.database().read().await.unwrap();
        let catalogue = program.desk.catalogue(&mut tx).await.unwrap();
        let today = day("2025-10-15");
        let scope = find_scope(&catalogue, "small", "2025-Q2", today).unwrap();
        let ground = (&*catalogue, &*territory);
        let found = completeness(&mut tx, ground, &scope, today).await.unwrap();
        found.rows.iter().find(|row| row.unit == unit).unwrap().reporting
    };
    assert_eq!(reporting().await, Reporting::Partly, "June is missing");
    report_at(&in_time, vec![month(("2025-06-01", "2025-07-01"))]).await.unwrap();
    assert!(matches!(reporting().await, Reporting::InTime(_)));
    let late = at(&program, "2025-10-05T02:00:00Z");
    let mut work = late.begin().await.unwrap();
    let (tx, cx) = work.by(&late, Actor::operator("tester"));
    let (id, reason) = (ids[0].clone(), "x".to_owned());
    let correction = crate::observations::Correction { id, version: 1, value: 150, reason };
    crate::observations::correct(tx, cx, correction).await.unwrap();
    work.tx.commit().await.unwrap();
    assert!(matches!(reporting().await, Reporting::InTime(_)), "a correction came later");
}

#[tokio::test]
async fn figures_say_how_far_they_have_come_on_any_map() {
    let program = with_small(Program::over(TestDatabase::sqlite().await).await).await;
    let desk = &program.desk;
    let territory = program.territory().await;
    let ladder = ladder(&territory);
    let counts = ladder.hamlets.iter().flat_map(|unit| whole(*unit, "2025-Q2", 40)).collect();
    report_at(desk, counts).await.unwrap();
    let new = territory.by_code("31441", day("2025-07-01")).unwrap().unit;
    let approval = async |map: &str, unit: UnitId, period: &str| {
        let mut tx = desk.database().read().await.unwrap();
        let catalogue = desk.catalogue(&mut tx).await.unwrap();
        let indicator = catalogue.indicator("households-with-app").unwrap();
        let periods = [Period::parse(period, &[]).unwrap()];
        let asked = (indicator, &periods[..]);
        let map = (&desk.atlas, day(map));
        let found = approvals_of(&mut tx, map, &catalogue, asked, None).await.unwrap();
        found.get(unit, 0)
    };
    let (old_map, new_map) = ("2025-06-30", "2025-07-01");
    assert_eq!(approval(old_map, ladder.commune, "2025-Q2").await, Some(Approval::Open));
    acts(desk, ("an", Action::Submit), ("2025-Q2", ladder.hamlets[0]), "").await.unwrap();
    assert_eq!(approval(old_map, ladder.commune, "2025-Q2").await, Some(Approval::Provisional));
    assert_eq!(approval(new_map, new, "2025-Q2").await, Some(Approval::Provisional));
    acts(desk, ("an", Action::Submit), ("2025-Q2", ladder.commune), "").await.unwrap();
    acts(desk, ("b", Action::Check), ("2025-Q2", ladder.commune), "").await.unwrap();
    acts(desk, ("b", Action::Check), ("2025-Q2", ladder.district), "x").await.unwrap();
    acts(desk, ("b", Action::Approve), ("2025-Q2", ladder.province), "x").await.unwrap();
    let approved = Some(Approval::Approved { closed: 0 });
    assert_eq!(approval(old_map, ladder.commune, "2025-Q2").await, approved);
    let at_new = approval(new_map, new, "2025-Q2").await;
    assert!(matches!(at_new, Some(Approval::Approved { closed }) if closed > 0), "{at_new:?}");
    // A year is as far as its quarters; a month is not collected.
    assert_eq!(approval(old_map, ladder.commune, "2025-H1").await, Some(Approval::Provisional));
    assert_eq!(approval(old_map, ladder.commune, "2025-06").await, None);
}
