//! Mergers over the communes of today, and their undoing.

use base::{Day, Error};
use proptest::prelude::*;

use super::{MergerOrder, NewUnit, Warning, rehearse};
use crate::plan::bare_act;
use crate::sample::{DAY, hau_giang, unit};
use crate::{ChangeKind, Kind, Level, Part, Territory, UnitCode, UnitId};

/// The day of the made-up mergers of these tests: 2027-01-01.
const LATER: Day = Day(20_819);

fn new_unit(code: &str, name: &str, from: Vec<(UnitId, Part)>) -> NewUnit {
    NewUnit {
        code: UnitCode::new(Level::Commune, code).unwrap(),
        name: name.into(),
        full_name: format!("Xã  {name}"),
        kind: Kind::Commune,
        parent: Some(unit(hau_giang(), "92", DAY)),
        from,
    }
}

fn order(into: Vec<NewUnit>) -> MergerOrder {
    let act = bare_act("1/NQ-UBTVQH16", LATER);
    MergerOrder { act, on: LATER, into, children: Vec::new() }
}

fn now(code: &str) -> UnitId {
    unit(hau_giang(), code, DAY)
}

fn same(left: &Territory, right: &Territory) -> bool {
    left.units() == right.units()
        && left.acts() == right.acts()
        && left.changes() == right.changes()
        && left.outlines() == right.outlines()
}

#[test]
fn a_merger_ends_members_moves_hamlets_and_names_what_will_confuse() {
    let (thuy, dong) = (now("31441"), now("31453"));
    let into = vec![new_unit("31453", "Vị Thắng", vec![(thuy, Part::Whole), (dong, Part::Whole)])];
    let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
    let new = rehearsal.formed[0];
    assert_eq!(rehearsal.ended, [thuy, dong]);
    assert_eq!(rehearsal.established, [new]);
    let hamlets = |unit| hau_giang().children(Some(unit), DAY).count();
    assert_eq!(rehearsal.moved.len(), hamlets(thuy) + hamlets(dong));
    assert_eq!(rehearsal.reissued.len(), 1);
    assert!(rehearsal.warnings.is_empty() && rehearsal.homonyms.is_empty());
    let after = hau_giang().apply(&rehearsal.plan).unwrap();
    assert_eq!(after.at(new, LATER).unwrap().full_name, "Xã Vị Thắng");
    // The old Xã Vị Thủy of before 2025 passed through two mergers.
    let old = unit(hau_giang(), "31447", DAY.plus(-1));
    let landings = after.landings(old, LATER);
    assert!(landings.len() == 1 && landings[0].unit == new && landings[0].exact);
    assert!(same(&after.revert(&rehearsal.plan).unwrap(), hau_giang()));
}

#[test]
fn a_new_unit_with_the_name_of_one_that_stays_outside_is_told() {
    let into = vec![new_unit(
        "31441",
        "Xà Phiên",
        vec![(now("31441"), Part::Whole), (now("31492"), Part::Whole)],
    )];
    let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
    assert_eq!(rehearsal.homonyms[0].others, [now("31495")]);
}

#[test]
fn a_renaming_keeps_the_unit() {
    let id = now("31465");
    let into = vec![new_unit("31465", "Vị Bình", vec![(id, Part::Whole)])];
    let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
    assert_eq!((rehearsal.kept.as_slice(), rehearsal.ended.len()), (&[id][..], 0));
    let kinds: Vec<_> = rehearsal.plan.new_changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Rename]);
    let after = hau_giang().apply(&rehearsal.plan).unwrap();
    assert_eq!(after.unit(id).unwrap().versions.len(), 2);
}

#[test]
fn a_split_asks_where_each_hamlet_goes() {
    let id = now("31492");
    let into = || {
        vec![
            new_unit(
                "31492",
                "Lương Tâm",
                vec![(id, Part::Share { numerator: 2, denominator: 3 })],
            ),
            new_unit("31493", "Lương Nghĩa", vec![(id, Part::Unknown)]),
        ]
    };
    let rehearsal = rehearse(hau_giang(), &order(into())).unwrap();
    let waiting = rehearsal.warnings.iter();
    let hamlets: Vec<UnitId> = waiting
        .filter_map(|warning| match warning {
            Warning::Undecided { child } => Some(*child),
            _ => None,
        })
        .collect();
    assert!(!hamlets.is_empty());
    assert!(matches!(rehearsal.into_plan(), Err(Error::Refused { .. })));
    let mut order = order(into());
    order.children = hamlets.iter().enumerate().map(|(at, child)| (*child, at % 2)).collect();
    let rehearsal = rehearse(hau_giang(), &order).unwrap();
    let (first, second) = (rehearsal.formed[0], rehearsal.formed[1]);
    let plan = rehearsal.into_plan().unwrap();
    let after = hau_giang().apply(&plan).unwrap();
    assert_eq!(after.at(hamlets[1], LATER).unwrap().parent, Some(second));
    let landings = after.landings(id, LATER);
    let shares: Vec<_> = landings.iter().map(|l| (l.unit, l.share.numerator)).collect();
    assert_eq!(shares, [(first, 2), (second, 1)]);
}

#[test]
fn an_order_that_cannot_be_is_refused_at_its_field() {
    let (one, two) = (now("31441"), now("31453"));
    let third = Part::Share { numerator: 1, denominator: 3 };
    let old = unit(hau_giang(), "31447", DAY.plus(-1));
    for (into, place) in [
        (vec![], "into"),
        (
            vec![new_unit("31495", "A", vec![(one, Part::Whole), (two, Part::Whole)])],
            "into[0].code",
        ),
        (vec![new_unit("31441", "", vec![(one, Part::Whole)])], "into[0].name"),
        (vec![new_unit("31441", "A", vec![(one, Part::Unknown)])], "into[0].from"),
        (vec![new_unit("31441", "A", vec![(old, Part::Whole)])], "into[0].code"),
        (vec![new_unit("31447", "A", vec![(old, Part::Whole)])], "into[0].from"),
        (
            vec![
                new_unit("31441", "A", vec![(one, third)]),
                new_unit("31442", "B", vec![(one, third)]),
            ],
            "into[0].from",
        ),
        (
            vec![
                new_unit("31441", "A", vec![(one, Part::Whole)]),
                new_unit("31441", "B", vec![(two, Part::Whole)]),
            ],
            "into[1].code",
        ),
    ] {
        let Err(Error::Invalid(mistakes)) = rehearse(hau_giang(), &order(into)) else {
            panic!("{place}")
        };
        assert_eq!(mistakes[0].place, place);
    }
    let mut orphan = new_unit("31441", "A", vec![(one, Part::Whole)]);
    orphan.parent = None;
    let Err(Error::Invalid(mistakes)) = rehearse(hau_giang(), &order(vec![orphan])) else {
        panic!()
    };
    assert_eq!(mistakes[0].place, "into[0].parent");
}

#[test]
fn a_plan_made_before_another_was_written_is_refused() {
    let id = now("31465");
    let plan = |name: &str| {
        let into = vec![new_unit("31465", name, vec![(id, Part::Whole)])];
        rehearse(hau_giang(), &order(into)).unwrap().plan
    };
    let after = hau_giang().apply(&plan("Vị Bình")).unwrap();
    assert!(matches!(after.apply(&plan("Vị Đông")), Err(Error::Conflict(_))));
    assert!(matches!(hau_giang().revert(&plan("Vị Bình")), Err(Error::Conflict(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_merger_can_be_undone_exactly(groups in prop::collection::vec(0..5_usize, 28)) {
        let communes = hau_giang().under(None, DAY, Level::Commune);
        let mut into = Vec::new();
        for group in 0..5 {
            let members: Vec<_> = communes.iter().zip(&groups).filter(|(_, g)| **g == group).collect();
            let Some((first, _)) = members.first() else { continue };
            let from = members.iter().map(|(commune, _)| (commune.unit, Part::Whole)).collect();
            into.push(new_unit(first.code.as_ref().unwrap().as_str(), &format!("Mới {group}"), from));
        }
        let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
        let after = hau_giang().apply(&rehearsal.plan).unwrap();
        prop_assert_eq!(after.under(None, LATER, Level::Commune).len(), rehearsal.formed.len());
        prop_assert_eq!(after.under(None, LATER, Level::Hamlet).len(), 525);
        prop_assert!(same(&after.revert(&rehearsal.plan).unwrap(), hau_giang()));
    }
}
