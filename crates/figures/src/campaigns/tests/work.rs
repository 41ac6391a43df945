//! The ranking against one by hand, freezing, appealing, awarding, on both engines.

use ::store::values;
use base::rights::Actor;

use super::world::{Q2, Q3, World, line, refusal, tell};
use crate::campaigns::*;
use crate::observations::{Correction, correct};

#[tokio::test]
async fn the_ranking_is_that_by_hand_on_the_campaigns_own_map() {
    for world in World::each().await {
        let silent = |points: [i64; 3]| {
            let points = points.into_iter().map(Some).chain([None]).collect();
            ("Xã Bốn".to_owned(), points, 0, None)
        };
        // 60 of 200 households of 50 %; 1 model of 1; 4 complaints where 2 are allowed.
        // Hai and Ba have as many points: Hai has more for the app. Bốn has reported nothing.
        assert_eq!(
            world.told(Q2).await,
            [
                line("Xã Một", [3600, 3000, 500], 7100, 1),
                line("Xã Hai", [6000, 0, 1000], 7000, 2),
                line("Xã Ba", [3000, 3000, 1000], 7000, 3),
                silent([0, 0, 0]),
            ]
        );
        // Một and Hai are one commune since 01/07; here each stands with its own hamlets, and models
        // count since the year began.
        assert_eq!(
            world.told(Q3).await,
            [
                line("Xã Ba", [6000, 3000, 500], 9500, 1),
                line("Xã Một", [6000, 1500, 1000], 8500, 2),
                line("Xã Hai", [3000, 1500, 1000], 5500, 3),
                silent([0, 0, 0]),
            ]
        );
        let standing = world.standing(Q3).await;
        let ranking = standing.shown().group("communes").unwrap();
        let classes: Vec<_> = ranking.lines.iter().map(|line| line.class.as_deref()).collect();
        assert_eq!(classes, [Some("excellent"), Some("good"), None, None]);
        let mot = ranking.line(world.unit("98001").await).unwrap();
        let app = mot.scores[0];
        assert_eq!(
            (app.numerator, app.denominator, app.achieved),
            (Some(160), Some(200), Some(8000))
        );
        assert_eq!((app.reported, app.expected, app.estimated), (2, 2, false));
        assert_eq!(ranking.asked[1].period, "2025-9M");
        // The round before stands beside it, and the other group has no complaints.
        assert_eq!(tell(standing.before.as_ref().unwrap())[0].0, "Xã Một");
        let hamlets = standing.shown().group("hamlets").unwrap();
        let codes: Vec<_> = hamlets.asked.iter().map(|it| it.criterion.as_str()).collect();
        assert_eq!((codes, hamlets.lines.len()), (vec!["C1", "C2", "C4"], 5));
        assert_eq!(hamlets.lines[0].code.as_deref(), Some("h31"));
    }
}

#[tokio::test]
async fn what_was_frozen_stays_and_what_has_changed_since_is_shown_beside() {
    for mut world in World::each().await {
        assert_eq!(refusal(world.freeze("2025-Q4").await), Some("campaigns.not_over".to_owned()));
        assert_eq!(
            refusal(world.reopen(Q3, 1, "x").await),
            Some("campaigns.not_frozen".to_owned())
        );
        world.adjust("98002", "bonus", 200).await.unwrap();
        assert_eq!(world.freeze(Q3).await.unwrap(), 1);
        assert_eq!(refusal(world.freeze(Q3).await), Some("campaigns.frozen".to_owned()));
        let before = world.told(Q3).await;
        assert_eq!((before[2].0.as_str(), before[2].2), ("Xã Hai", 5700));

        // 40 of 80 households in place of 64.
        world.turn_to("2025-10-07");
        let id: (String,) = {
            let mut tx = world.database.read().await.unwrap();
            tx.one("select id from observations where value = 64", values![]).await.unwrap()
        };
        let mut work = world.desk.begin().await.unwrap();
        let (tx, cx) = work.by(&world.desk, Actor::operator("t"));
        let (id, reason) = (id.0, "đếm lại".to_owned());
        correct(tx, cx, Correction { id, version: 1, value: 40, reason }).await.unwrap();
        work.tx.commit().await.unwrap();
        let late = world.adjust("98001", "late", -500).await.unwrap();
        assert_eq!(world.told(Q3).await, before);
        let standing = world.standing(Q3).await;
        assert_eq!(standing.state().unwrap().on, "2025-10-05".parse().unwrap());
        let live = tell(&standing.live);
        assert_eq!(live[0], line("Xã Một", [6000, 1500, 1000], 8000, 1));
        assert_eq!(live[1], line("Xã Ba", [3750, 3000, 500], 7250, 2));

        assert_eq!(refusal(world.reopen(Q3, 1, " ").await), Some("reason".to_owned()));
        assert_eq!(refusal(world.reopen(Q3, 7, "x").await), Some("conflict".to_owned()));
        world.reopen(Q3, 1, "Đính chính số liệu Xã Ba").await.unwrap();
        assert_eq!(world.told(Q3).await, live);
        let mut work = world.desk.begin().await.unwrap();
        let (tx, cx) = work.by(&world.desk, Actor::operator("t"));
        withdraw(tx, cx, (&late, 1), "nhầm xã").await.unwrap();
        let again = withdraw(tx, cx, (&late, 2), "nhầm xã").await;
        assert_eq!(refusal(again), Some("campaigns.withdrawn".to_owned()));
        work.tx.commit().await.unwrap();
        assert_eq!(world.freeze(Q3).await.unwrap(), 3);
        assert_eq!(world.told(Q3).await[0].2, 8500);
        // What was frozen first stays readable; the version between was open.
        let first = world.standing_in(Q3, Some(1)).await.unwrap();
        assert_eq!(tell(first.shown()), before);
        for version in [2, 4] {
            let found = refusal(world.standing_in(Q3, Some(version)).await);
            assert_eq!(found.as_deref(), Some("not found"), "{version}");
        }
        let mut tx = world.desk.database().read().await.unwrap();
        let past = history(&mut tx, "c", Q3).await.unwrap();
        let reasons: Vec<_> =
            past.iter().map(|(version, _, reason)| (*version, reason.as_deref())).collect();
        assert_eq!(reasons, [(1, None), (2, Some("Đính chính số liệu Xã Ba")), (3, None)]);
        drop(tx);
        assert_eq!(world.faults().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_was_frozen_can_be_computed_again_as_it_was_known() {
    for world in World::each().await {
        world.freeze(Q2).await.unwrap();
        let standing = world.standing(Q2).await;
        let state = standing.state().unwrap();
        let mut tx = world.desk.database().read().await.unwrap();
        assert_eq!(journal::last_seq(&mut tx).await.unwrap(), state.known + 1);
        assert_eq!(standing.frozen(), Some(&standing.live));
        let (version, entry) = standing.version().unwrap();
        let entry = journal::find_entry(&mut tx, entry).await.unwrap().unwrap();
        assert_eq!(
            (entry.record_kind.as_str(), entry.record_id.as_str()),
            ("campaign_round", "c/2025-Q2")
        );
        assert_eq!((entry.record_version, entry.cause.as_str()), (version, "campaigns.freeze"));
    }
}

#[tokio::test]
async fn points_are_added_within_the_bounds_of_their_kind() {
    for world in World::each().await {
        for (unit, kind, points, expected) in [
            ("98001", "bonus", 500, None),
            ("98001", "bonus", 501, Some("points")),
            ("98001", "bonus", 0, Some("points")),
            ("98001", "bonus", -1, Some("points")),
            ("98001", "late", -50, None),
            ("98001", "late", -49, Some("points")),
            ("98001", "gift", 100, Some("kind")),
            ("h11", "bonus", 100, Some("not found")),
        ] {
            let found = refusal(world.adjust(unit, kind, points).await);
            assert_eq!(found.as_deref(), expected, "{unit} {kind} {points}");
        }
        // Whoever has no data has no points either.
        world.adjust("98004", "bonus", 500).await.unwrap();
        let told = world.told(Q3).await;
        assert_eq!((told[1].0.as_str(), told[1].2), ("Xã Một", 8950));
        assert_eq!((told[3].0.as_str(), told[3].2, told[3].3), ("Xã Bốn", 0, None));
    }
}

#[tokio::test]
async fn a_unit_explains_and_appeals_until_the_days_are_over() {
    for mut world in World::each().await {
        let early = world.file("98002", FilingKind::Appeal).await;
        assert_eq!(refusal(early), Some("campaigns.not_frozen".to_owned()));
        world.freeze(Q3).await.unwrap();
        for (day, kind, expected) in [
            ("2025-10-05", FilingKind::Explanation, None),
            ("2025-10-10", FilingKind::Explanation, None),
            ("2025-10-11", FilingKind::Explanation, Some("campaigns.too_late")),
            ("2025-10-15", FilingKind::Appeal, None),
            ("2025-10-16", FilingKind::Appeal, Some("campaigns.too_late")),
        ] {
            world.turn_to(day);
            let found = refusal(world.file("98002", kind).await);
            assert_eq!(found.as_deref(), expected, "{day} {kind:?}");
        }
        // A round that is frozen anew has new days.
        world.reopen(Q3, 1, "bổ sung").await.unwrap();
        world.freeze(Q3).await.unwrap();
        world.turn_to("2025-10-26");
        assert_eq!(refusal(world.file("98002", FilingKind::Appeal).await), None);
        let mut tx = world.desk.database().read().await.unwrap();
        let unit = world.unit("98002").await;
        let (_, filed) = records_of(&mut tx, ("c", Q3, "communes"), unit).await.unwrap();
        let due: Vec<_> = filed.iter().map(|it| it.body.due_on.to_string()).collect();
        assert_eq!(due, ["2025-10-10", "2025-10-10", "2025-10-15", "2025-10-26"]);
    }
}

#[tokio::test]
async fn an_appeal_that_is_upheld_counts_in_the_next_freeze() {
    for world in World::each().await {
        world.freeze(Q3).await.unwrap();
        let id = world.file("98002", FilingKind::Appeal).await.unwrap();
        for (outcome, adjustment, expected) in [
            (Outcome::Rejected, Some(("bonus", 100)), Some("points")),
            (Outcome::Upheld, Some(("bonus", 900)), Some("points")),
            (Outcome::Partly, Some(("gift", 100)), Some("kind")),
        ] {
            let found = refusal(world.decide(&id, outcome, adjustment).await);
            assert_eq!(found.as_deref(), expected, "{outcome:?} {adjustment:?}");
        }
        let follows = world.decide(&id, Outcome::Upheld, Some(("bonus", 150))).await.unwrap();
        let again = world.decide(&id, Outcome::Rejected, None).await;
        assert_eq!(refusal(again), Some("campaigns.decided".to_owned()));
        assert_eq!(world.told(Q3).await[2].2, 5500, "frozen");
        assert_eq!(tell(&world.standing(Q3).await.live)[2].2, 5650);
        {
            let mut tx = world.desk.database().read().await.unwrap();
            let added = get_adjustment(&mut tx, &follows.clone().unwrap()).await.unwrap();
            assert_eq!(added.body.filing, Some(id.clone()));
            let filed = get_filing(&mut tx, &id).await.unwrap();
            assert_eq!(filed.body.decision.unwrap().adjustment, follows);
        }
        world.reopen(Q3, 1, "kiến nghị được chấp nhận").await.unwrap();
        world.freeze(Q3).await.unwrap();
        assert_eq!(world.told(Q3).await[2].2, 5650);
        assert_eq!(world.faults().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn awards_follow_from_the_frozen_ranking_and_hold_it() {
    for world in World::each().await {
        assert_eq!(
            refusal(world.award("1/QĐ", "2025-10-05").await),
            Some("campaigns.not_frozen".to_owned())
        );
        world.freeze(Q3).await.unwrap();
        let proposed = propose(world.standing(Q3).await.frozen().unwrap());
        let list: Vec<_> =
            proposed.iter().map(|it| (it.name.as_str(), it.form.as_str(), it.place)).collect();
        // The best hamlets share nothing with the communes: each group has its first place.
        assert_eq!(list, [("Xã Ba", "first", 1), ("Xã Một", "second", 2), ("Ấp 1", "first", 1)]);
        let id = world.file("98002", FilingKind::Explanation).await.unwrap();
        assert_eq!(
            refusal(world.award("1/QĐ", "2025-10-05").await),
            Some("campaigns.undecided".to_owned())
        );
        world.decide(&id, Outcome::Rejected, None).await.unwrap();
        for (number, on, expected) in [
            ("", "2025-10-05", Some("decision")),
            ("1/QĐ", "2025-10-04", Some("decided_on")),
            ("1/QĐ", "2025-10-06", Some("decided_on")),
            ("1/QĐ", "x", Some("decided_on")),
            ("1/QĐ", "2025-10-05", None),
            ("1/QĐ", "2025-10-05", Some("campaigns.awarded")),
        ] {
            let found = refusal(world.award(number, on).await);
            assert_eq!(found.as_deref(), expected, "{number} {on}");
        }
        let awarded = || Some("campaigns.awarded".to_owned());
        assert_eq!(refusal(world.reopen(Q3, 1, "x").await), awarded());
        assert_eq!(refusal(world.adjust("98001", "bonus", 100).await), awarded());
        let mut work = world.desk.begin().await.unwrap();
        let (tx, cx) = work.by(&world.desk, Actor::operator("t"));
        withdraw_awards(tx, cx, ("c", Q3), 1, "sai số quyết định").await.unwrap();
        work.tx.commit().await.unwrap();
        world.award("2/QĐ", "2025-10-05").await.unwrap();
        let mut tx = world.desk.database().read().await.unwrap();
        let awards = find_awards(&mut tx, "c", Q3).await.unwrap().unwrap();
        assert_eq!((awards.record.version, awards.body.decision.as_str()), (3, "2/QĐ"));
        assert_eq!(awards.body.list, proposed);
        drop(tx);
        assert_eq!(world.faults().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn who_ticked_the_awards_of_another_freeze_is_told_so() {
    for world in World::each().await {
        world.freeze(Q3).await.unwrap();
        world.reopen(Q3, 1, "bổ sung").await.unwrap();
        world.freeze(Q3).await.unwrap();
        for version in [0, 1, 2, 4] {
            let found = refusal(world.award_in(version, "1/QĐ", "2025-10-05").await);
            assert_eq!(found.as_deref(), Some("conflict"), "{version}");
        }
        world.award_in(3, "1/QĐ", "2025-10-05").await.unwrap();
    }
}

#[tokio::test]
async fn awards_wait_for_a_freeze_that_counts_what_was_added_or_withdrawn() {
    let withdrawn = async |world: &World, id: &str| {
        let mut work = world.desk.begin().await.unwrap();
        let (tx, cx) = work.by(&world.desk, Actor::operator("t"));
        withdraw(tx, cx, (id, 1), "nhầm xã").await.unwrap();
        work.tx.commit().await.unwrap();
    };
    let waits = || Some("campaigns.not_counted".to_owned());
    for world in World::each().await {
        let early = world.adjust("98001", "bonus", 100).await.unwrap();
        world.freeze(Q3).await.unwrap();
        // What was made and withdrawn after the freeze changes nothing.
        let late = world.adjust("98003", "bonus", 100).await.unwrap();
        assert_eq!(refusal(world.award("1/QĐ", "2025-10-05").await), waits());
        withdrawn(&world, &late).await;
        let bad_day = refusal(world.award("1/QĐ", "x").await);
        assert_eq!(bad_day, Some("decided_on".to_owned()), "the list itself may be confirmed");
        // An appeal that is upheld, and points that counted and were withdrawn.
        let id = world.file("98002", FilingKind::Appeal).await.unwrap();
        world.decide(&id, Outcome::Upheld, Some(("bonus", 150))).await.unwrap();
        assert_eq!(refusal(world.award("1/QĐ", "2025-10-05").await), waits());
        world.reopen(Q3, 1, "kiến nghị được chấp nhận").await.unwrap();
        world.freeze(Q3).await.unwrap();
        withdrawn(&world, &early).await;
        assert_eq!(refusal(world.award("1/QĐ", "2025-10-05").await), waits());
        world.reopen(Q3, 3, "rút điểm").await.unwrap();
        world.freeze(Q3).await.unwrap();
        world.award("1/QĐ", "2025-10-05").await.unwrap();
    }
}

#[tokio::test]
async fn a_record_that_was_changed_or_is_gone_is_found() {
    for world in World::each().await {
        world.freeze(Q3).await.unwrap();
        let id = world.file("98002", FilingKind::Appeal).await.unwrap();
        assert_eq!(world.faults().await, Vec::<String>::new());
        let mut tx = world.database.write().await.unwrap();
        let sql =
            "update campaign_records set body = replace(body, '5500', '9999') where kind = 'round'";
        assert_eq!(tx.run(sql, values![]).await.unwrap(), 1);
        tx.run("delete from campaign_records where kind = 'filing'", values![]).await.unwrap();
        tx.commit().await.unwrap();
        let expected = [
            "campaign round c/2025-Q3 version 1: changed".to_owned(),
            format!("campaign filing {id} version 1: missing"),
        ];
        assert_eq!(world.faults().await, expected);
    }
}
